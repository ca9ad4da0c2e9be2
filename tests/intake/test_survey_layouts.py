"""What the columns of a survey are, in the layouts of the tools and the words of six languages."""

import itertools

import pandas as pd
import pytest

from helpers.intake.surveys.guess_survey import look_at_questions
from helpers.intake.surveys.people_keys import shared_key
from helpers.intake.surveys.survey_columns import survey_keys, tool_shows
from helpers.intake.surveys.tick_lists import joined_ticks


def guessed(keys: tuple[str, ...] = (), **columns: list[str]) -> dict:
    """What is guessed of columns, given by header and repeated to forty rows."""
    rows = {header: list(itertools.islice(itertools.cycle(cells), 40)) for header, cells in columns.items()}
    return look_at_questions(pd.DataFrame(rows, dtype="str"), list(keys))[0]


SCALES = {
    "ka satisfaction": ["ძალიან უკმაყოფილო", "უკმაყოფილო", "ნეიტრალური", "კმაყოფილი", "ძალიან კმაყოფილი"],
    "kk satisfaction": ["Мүлдем қанағаттанбаймын", "Қанағаттанбаймын", "Бейтарап", "Қанағаттанамын", "Өте ризамын"],
    "uz frequency": ["Hech qachon", "Kamdan-kam", "Ba’zan", "Tez-tez", "Har doim"],
    "uz frequency, Cyrillic": ["Ҳеч қачон", "Камдан-кам", "Баъзан", "Тез-тез", "Ҳар доим"],
    "uz agreement, Cyrillic": ["Умуман қўшилмайман", "Қўшилмайман", "Бетараф", "Қўшиламан", "Тўлиқ қўшиламан"],
    "fa satisfaction": ["خیلی ناراضی", "ناراضی", "متوسط", "راضی", "خیلی راضی"],
    "ru satisfaction": ["Совсем не доволен", "Скорее недоволен", "И да, и нет", "Скорее доволен", "Очень доволен"],
    "en likelihood": ["Very unlikely", "Unlikely", "Neutral", "Likely", "Very likely"],
    "tr agreement, capitals": ["HİÇ KATILMIYORUM", "KATILMIYORUM", "KARARSIZIM", "KATILIYORUM", "TAMAMEN KATILIYORUM"],
    "tr satisfaction": ["Hiç memnun değilim", "Memnun değilim", "Kararsızım", "Memnunum", "Çok memnunum"],
    "pl frequency": ["Nigdy", "Rzadko", "Czasami", "Często", "Zawsze"],
    "de agreement": [
        "Trifft gar nicht zu",
        "Trifft eher nicht zu",
        "Teils/teils",
        "Trifft eher zu",
        "Trifft völlig zu",
    ],
    "fr quality": ["Très mauvaise", "Mauvaise", "Moyenne", "Bonne", "Très bonne"],
    "counted stars": ["1 star", "2 stars", "3 ★", "4 out of 5 stars", "5 звёзд"],
    "number in brackets": ["(1) Not at all", "(2)", "(3) So so", "(4) Agree", "(5) Fully"],
    "a plus before the number": ["I hate it!+1", "Not for me+2", "It is ok+3", "I like it+4", "I love it!+5"],
    "stars": ["★", "★★", "★★★☆☆", "★★★★", "★★★★★"],
    "words at the ends": ["1 - not at all", "2", "3", "4", "5 – очень"],
    "words before the number": ["Not at all likely - 1", "2", "3", "4", "Extremely likely - 5"],
}


@pytest.mark.parametrize("labels", SCALES.values(), ids=SCALES)
def test_scales_are_ratings_worst_first(labels):
    likert = guessed(Q=labels)["likert"]
    assert (likert["items"], likert["scale"]) == (["Q"], [1, 5])
    if "labels" in likert:
        assert likert["labels"] == {label: step for step, label in enumerate(labels, start=1)}


def test_one_column_in_three_languages_is_one_scale():
    cells = ["Strongly agree", "Полностью согласен", "Толық келісемін", "Disagree", "Келіспеймін"]
    assert guessed(Q=cells)["likert"]["labels"] == dict(zip(cells, [5, 5, 5, 2, 2], strict=True))


def test_numbers_whose_words_say_that_one_is_the_best_are_turned():
    likert = guessed(Q=["1 = strongly agree", "2", "3", "4", "5 = strongly disagree"])["likert"]
    assert likert["reverse"] == ["Q"]


def test_scales_of_other_lengths_stay_their_own():
    seven = [
        "Strongly disagree",
        "Disagree",
        "Somewhat disagree",
        "Neutral",
        "Somewhat agree",
        "Agree",
        "Strongly agree",
    ]
    found = guessed(
        A=["1", "2", "3", "4", "5"],
        B=seven,
        **{"How satisfied are you? (1-7)": ["4", "6", "2"], "Rate us from 0 to 10": ["7", "3", "9"]},
    )["likert"]
    assert found["scale"] == [1, 5]
    assert found["scales_of"] == {"B": [1, 7], "How satisfied are you? (1-7)": [1, 7], "Rate us from 0 to 10": [0, 10]}
    assert found["labels_of"]["B"]["Somewhat agree"] == 5


@pytest.mark.parametrize(
    ("header", "key"),
    [("Who lives in your household?", "categorical"), ("Регион (код)", "categorical"), ("Age group", "categorical"),
     ("S2", "categorical"), ("How many children live with you?", "numbers"), ("Сколько вам лет?", "numbers")],
)  # fmt: skip
def test_numbers_that_are_no_marks(header, key):
    found = guessed(**{header: ["1", "2", "3", "4", "5"], "I read labels": ["1", "2", "3", "4", "5"]})
    assert found[key] == [header]
    assert found["likert"]["items"] == ["I read labels"]


def test_codes_for_no_answer_are_missing_everywhere():
    found = guessed(**{"I read labels": ["1", "2", "3", "4", "5", "-99"], "Which shop?": ["1", "2", "3", "98"]})
    assert found["likert"]["missing"] == [-99]
    assert found["no_answer"] == ["98"]
    assert guessed(City=["Select", "Almaty", "Osh"])["no_answer"] == ["Select"]


def test_marks_from_0_to_10_by_wording_and_scale():
    marks = ["0", "5", "8", "10 - Extremely likely"]
    both = {"How likely are you to recommend our shop?": marks, "Насколько вы готовы советовать приложение?": marks}
    assert guessed(**both)["nps"] == list(both)
    found = guessed(**{"I would recommend this shop": ["1", "2", "3", "4", "5"]})
    assert (found["likert"]["items"], "nps" in found) == (["I would recommend this shop"], False)
    friends = "To how many friends have you recommended us?"
    assert guessed(**{friends: ["0", "1", "2", "9"]})["numbers"] == [friends]


TICKS = ["Price", "", "Price", "Smell"]
SPREAD = {
    "Google, LimeSurvey": {"Why? [Price]": ["Yes", "No"], "Why? [Smell]": ["No", "Yes"]},
    "Kobo": {"why/price": ["1", "0"], "why/smell": ["0", "1"]},
    "Tally": {"Why? (Price)": ["TRUE", "FALSE"], "Why? (Smell)": ["FALSE", "TRUE"]},
    "Alchemer": {"Price:Why?": ["Price", ""], "Smell:Why?": ["", "Smell"]},
    "Typeform": {"Price": ["Price", ""], "Smell": ["", "Smell"], "Other": ["", "my own"]},
    "LimeSurvey codes": {"Q2[SQ001]": ["Y", ""], "Q2[SQ002]": ["", "Y"]},
    "SPSS": {"Q2_1": ["1", "-99"], "Q2_2": ["-99", "1"]},
}


@pytest.mark.parametrize("columns", SPREAD.values(), ids=SPREAD)
def test_option_columns_of_every_tool_are_one_tick_list(columns):
    (question,) = guessed(**columns)["multiple_choice"].values()
    assert list(question["columns"].values()) == list(columns)


def test_codes_of_sosci_are_ticks():
    ticks = {"Why?: cheap": ["1", "2"], "Why?: near": ["2", "1"], "Home": ["1", "2"]}
    assert "multiple_choice" not in guessed(**ticks)
    found = guessed(SERIAL=[""], QUESTNNR=["base"], **ticks)
    assert found["multiple_choice"]["Why?"]["chosen"] == ["2"]
    assert "Home" in found["categorical"]


def test_ticks_that_stand_joined_and_in_columns_count_once():
    joined = {"Why?": ["Price", "Smell", "Price Smell"]}
    columns = {"Why?/Price": ["1", "0", "1"], "Why?/Smell": ["0", "1", "1"]}
    found = guessed(**joined, **columns)
    assert [list(question["columns"]) for question in found["multiple_choice"].values()] == [["Price", "Smell"]]
    assert found["meta"] == ["Why?"]


def test_options_that_hold_the_comma_are_put_together_and_own_texts_stand_apart():
    base = ["Delivery, by courier", "Delivery, to a locker, Price", "Price, Delivery, by courier", "Price"]
    answers = pd.Series([f"{base[n % 4]}{f', own words {n}' if n % 10 == 0 else ''}" for n in range(80)], dtype="str")
    sep, options, own = joined_ticks(answers)
    assert (sep, set(options), own) == (",", {"Delivery, by courier", "Delivery, to a locker", "Price"}, True)


def test_a_separator_before_the_first_option_is_no_part_of_it():
    found = joined_ticks(pd.Series(["/ Price / Smell", "/ Price", "/ Smell", "/ Price / Smell"] * 5, dtype="str"))
    assert found == ("/", ["Price", "Smell"], False)


def test_ranks_and_best_and_worst_are_no_ratings():
    ranks = {f"Rank these: {name}": places for name, places in zip("ABC", (["1", "2", "3"], ["2", "3", "1"],
                                                                           ["3", "1", "2"]), strict=True)}  # fmt: skip
    assert guessed(**ranks)["ranks"] == {"Rank these": {name: f"Rank these: {name}" for name in "ABC"}}
    best = {"Q9_1": ["1", "", "2"], "Q9_2": ["2", "1", ""], "Q9_3": ["", "2", "1"]}
    found = guessed(**best)
    (task,) = found["maxdiff"]["best_worst"]["tasks"]  # which item a column is, its header tells
    assert list(task["columns"].values()) == list(best)
    assert "likert" not in found


@pytest.mark.parametrize(
    ("question", "about"),
    [("What do you dislike about us?", "barriers"), ("Что вам мешает покупать?", "barriers"),
     ("რა გიშლით ხელს?", "barriers"), ("Nima muhim?", "drivers"), ("چه چیزی مانع خرید است؟", "barriers"),
     ("Неліктен таңдадыңыз?", "drivers"), ("What do you own?", "profile")],
)  # fmt: skip
def test_what_a_tick_list_is_about(question, about):
    (found,) = guessed(**{question: ["A; B", "B", "A", "B; A"]})["multiple_choice"].values()
    assert found["about"] == about


def test_what_a_tool_wrote_is_kept_out_and_a_lone_country_is_a_question():
    tool = {"#": [f"{n:032x}" for n in range(40)], "Start Date (UTC)": ["2024-01-05 10:22:31"], "Network ID": ["ab"],
            "_uuid": [f"u{n}" for n in range(40)], "__version__": ["v1"], "Q1_Page Submit": ["9.1"]}  # fmt: skip
    found = guessed(**tool, Country=["Georgia", "Iran"])
    assert found["meta"] == [*tool, "Country"]
    assert guessed(Timestamp=["2024-01-05 10:22:31"], Country=["Georgia", "Iran"])["categorical"] == ["Country"]


def test_columns_that_more_tools_write_are_no_questions():
    tools = ["Network ID", "Duplicate", "Submission Status", "Started", "Submitted", "UTM Source", "TIME001", "Channel"]
    found = guessed(**{header: ["a", "b", "c"] for header in tools} | {"Time spent per week?": ["3 h", "2 h", "5 h"]})
    assert found["meta"] == tools


def test_notes_of_the_staff_are_nobodys_own_words():
    found = guessed(Notes=["called back, wants an offer soon", "no answer on the phone today"])
    assert found == {"meta": ["Notes"]}


def test_an_email_that_was_asked_is_taken_before_the_tools_own():
    frame = pd.DataFrame({"Email": ["anonymous"] * 4, "Your e-mail": [f"u{n}@example.org" for n in range(4)],
                          "Вес": ["0.5", "1.1", "2.0", "0.4"]})  # fmt: skip
    columns, notes = survey_keys(frame.astype("str"), {"email": "Email"})
    assert columns == {"email": "Your e-mail", "weight": "Вес"}
    assert notes == ["the column 'Вес' holds weights of respondents; every share and mean uses them."]


def test_rows_of_one_person_are_noticed_by_what_stays_the_same():
    people = [{"a": n % 7, "b": n % 5, "c": n % 3, "d": n % 11, "e": n % 13, "go": r % 2} for n in range(20)
              for r in range(10)]  # fmt: skip
    found, notes = look_at_questions(pd.DataFrame(people).astype("str"), [])
    assert found["same_person"] == ["a", "b", "c", "d", "e"]
    assert any(note.startswith("200 rows hold 20 people only") for note in notes)


def test_files_are_joined_by_a_phone_in_any_writing_and_by_name_and_birth_date():
    ids = pd.Series(["a", "b", "c"])
    people = pd.DataFrame({"Phone": ["+77011000000", "+77011000137", "+77011000274"]})
    answers = pd.DataFrame({"Your phone": ["8 (701) 100-00-00", "7011000137", "77011000274"]})
    assert shared_key(answers.astype("str"), people.astype("str"), ids) == {"phone": ("Your phone", "Phone")}
    people = pd.DataFrame(
        {"Name": ["Ann Lee", "Ann Lee", "Bo Li"], "Birthday": ["1990-02-01", "1980-02-01", "1990-02-01"]}
    )
    answers = pd.DataFrame({"Full name": ["Lee, Ann", "ann lee", "Bo Li"],
                            "Date of birth": ["1990-02-01", "1980-02-01", "1990-02-01"]})  # fmt: skip
    found = shared_key(answers.astype("str"), people.astype("str"), ids)
    assert found == {"name": ("Full name", "Name"), "birth_date": ("Date of birth", "Birthday")}


def test_a_tool_is_known_by_headers_that_only_it_writes_together():
    assert tool_shows(["start", "end", "_uuid", "_submission_time", "q1"])
    assert tool_shows(["ID", "Start time", "Completion time", "Email", "Name"])
    assert not tool_shows(["Order ID", "Created at", "Email", "Status", "Total"])


def test_a_customers_key_tells_people_apart():
    frame = pd.DataFrame({"household": ["flat", "house", "flat", "flat"], "client": ["1", "2", "3", "-"]})
    assert survey_keys(frame, {"customer_id": "household"})[0] == {}
    assert survey_keys(frame, {"customer_id": "client"})[0] == {"customer_id": "client"}
