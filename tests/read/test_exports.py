"""Exports of three survey tools, laid out as their help pages say, read by ``init`` and ``check`` without an edit."""

import csv
import json
import random
import re
from pathlib import Path

import openpyxl
import pytest

from helpers.intake.guess import write_study
from helpers.opening.exports import read_header
from helpers.read.load import load_tables
from helpers.run.checking import check_study
from helpers.study import load_study
from helpers.survey.survey import Survey, code_survey
from helpers.words import ENGLISH, Said, say

AGREE = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]
WHY, HOUSE, RECOMMEND = (
    "Why did you first buy from us?",
    "Who lives in your household?",
    "How likely are you to recommend us?",
)
REASONS, RATE = "What matters when you choose? Select all that apply.", "How far do you agree?"
ROWS = ["I read the list of ingredients", "I wait for a sale"]
OPTIONS = ["Price", "Quality", "Smell"]


def answers(count: int = 40) -> list[dict]:
    """Respondent n rates 1 + n % 5 and 5 - n % 5, ticks Price, and Quality where n is even, and tells another reason
    every tenth time."""
    chance = random.Random(5)
    return [
        {
            "ratings": [AGREE[n % 5], AGREE[4 - n % 5]], "ticks": ["Price", "Quality"][: 1 + (n + 1) % 2],
            "other": f"my aunt said so, time {n}" if n % 10 == 0 else "", "house": ["alone", "a couple"][n % 2],
            "why": f"A friend told me about it, story {chance.random():.3f}", "nps": str(n % 11),
        }
        for n in range(count)
    ]  # fmt: skip


def write(file: Path, rows: list[list[str]]) -> Path:
    if file.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([cell or None for cell in row])
        book.save(file)
    else:
        with file.open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows(rows)
    return file


def survey_monkey(file: Path) -> Path:
    """All individual responses, expanded: two header rows, an option or row of a question per column."""
    meta = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name",
            "Last Name", "Custom Data 1"]  # fmt: skip
    top = [*meta, RATE, "", REASONS, "", "", "", HOUSE, WHY, RECOMMEND]
    below = [
        *[""] * len(meta),
        *ROWS,
        *OPTIONS,
        "Other (please specify)",
        "Response",
        "Open-Ended Response",
        "Response",
    ]
    rows = [
        [
            f"1187{n:07}", "4021", "10/04/2025 05:06:07 PM", "10/04/2025 05:09:00 PM", "192.0.2.7",
            f"user{n}@example.org", "Ann", "Lee", "",
            *given["ratings"], *(option if option in given["ticks"] else "" for option in OPTIONS), given["other"],
            given["house"], given["why"], given["nps"],
        ]
        for n, given in enumerate(answers())
    ]  # fmt: skip
    return write(file, [top, below, *rows])


def qualtrics(file: Path, split: bool = True) -> Path:
    """Choice texts, three header rows; tick lists in a column per option, or joined by commas."""
    meta = {
        "StartDate": "Start Date", "EndDate": "End Date", "Status": "Response Type", "IPAddress": "IP Address",
        "Progress": "Progress", "Duration (in seconds)": "Duration (in seconds)", "Finished": "Finished",
        "RecordedDate": "Recorded Date", "ResponseId": "Response ID", "RecipientLastName": "Recipient Last Name",
        "RecipientFirstName": "Recipient First Name", "RecipientEmail": "Recipient Email",
        "ExternalReference": "External Data Reference", "LocationLatitude": "Location Latitude",
        "LocationLongitude": "Location Longitude", "DistributionChannel": "Distribution Channel",
        "UserLanguage": "User Language",
    }  # fmt: skip
    asked = {f"Q1_{n}": f"{RATE} - {row}" for n, row in enumerate(ROWS, 1)}
    if split:
        options = enumerate([*OPTIONS, "Other (please specify)"], 1)
        asked |= {f"Q2_{n}": f"{REASONS} - Selected Choice - {option}" for n, option in options}
    else:
        asked["Q2"] = f"{REASONS} - Selected Choice"
    asked |= {
        "Q2_4_TEXT": f"{REASONS} - Other (please specify) - Text",
        "Q3": HOUSE,
        "Q4": f"{WHY}\nIn your own words.",
    }
    asked |= {"Q5_NPS_GROUP": f"{RECOMMEND} - Group", "Q5": RECOMMEND}
    ids = [json.dumps({"ImportId": name}) for name in ["startDate", *list(meta)[1:], *asked]]
    rows = []
    for n, given in enumerate(answers()):
        ticked = [option if option in given["ticks"] else "" for option in OPTIONS]
        ticked.append("Other (please specify)" if given["other"] else "")
        rows.append([
            "2025-10-04 17:06:07", "2025-10-04 17:09:00", "IP Address", "192.0.2.7", "100", "173", "True",
            "2025-10-04 17:09:01", f"R_{n:05}", "Lee", "Ann", f"user{n}@example.org", "", "41.7", "44.8", "email", "EN",
            *given["ratings"], *(ticked if split else [",".join(filter(None, ticked))]), given["other"], given["house"],
            given["why"], "Promoter" if int(given["nps"]) > 8 else "Passive", given["nps"],
        ])  # fmt: skip
    return write(file, [[*meta, *asked], [*meta.values(), *asked.values()], ids, *rows])


def google_form(file: Path) -> Path:
    """A time stamp, the questions as headers, a grid's rows in square brackets, ticks joined by a semicolon."""
    grid = [f"{RATE} [{row}]" for row in ROWS]
    top = ["Timestamp", "Email Address", *grid, REASONS, HOUSE, WHY, RECOMMEND]
    rows = [
        [
            "2025/10/04 5:06:07 PM GMT+3", f"user{n}@example.org", *given["ratings"],
            ";".join([*given["ticks"], *[given["other"]] * bool(given["other"])]), given["house"], given["why"],
            given["nps"],
        ]
        for n, given in enumerate(answers())
    ]  # fmt: skip
    return write(file, [top, *rows])


EXPORTS = {
    "survey_monkey.csv": survey_monkey,
    "survey_monkey.xlsx": survey_monkey,
    "qualtrics.csv": qualtrics,
    "qualtrics_joined.csv": lambda file: qualtrics(file, split=False),
    "google.csv": google_form,
}


@pytest.fixture(params=EXPORTS, scope="module")
def export(request, tmp_path_factory) -> Path:
    return EXPORTS[request.param](tmp_path_factory.mktemp("export") / request.param)


@pytest.fixture(scope="module")
def coded(export) -> Survey:
    study = load_study(write_study([export], export.parent / "study")[0])
    return code_survey(load_tables(study), study)


def test_every_respondent_is_one_and_no_header_row_is(coded):
    assert len(coded.answers) == 40
    assert coded.checks.set_index("check").loc["respondents", "n"] == 40


def test_every_question_is_of_its_kind_and_asked_in_its_words(coded):
    items = coded.items[coded.items["kind"] != "tick"]
    kinds = items["kind"].value_counts().to_dict()
    assert {name: kinds[name] for name in ("likert", "categorical", "nps")} == {"likert": 2, "categorical": 1, "nps": 1}
    asked = items.set_index("kind")["question"]
    assert [row in text for row, text in zip(ROWS, asked["likert"], strict=True)] == [True, True]
    assert asked["nps"] == RECOMMEND
    assert asked["categorical"] == HOUSE
    assert WHY in "".join(asked[["open"]])


def test_ratings_are_read_by_their_wording(coded):
    first, second = coded.items.loc[coded.items["kind"] == "likert", "item"]
    assert coded.answers[first].tolist() == [n % 5 for n in range(40)]
    assert coded.answers[second].tolist() == [4 - n % 5 for n in range(40)]
    assert coded.answers["nps"].tolist() == [n % 11 for n in range(40)]


def test_ticks_are_options_and_asked_in_their_words(coded):
    ticks = coded.items[coded.items["kind"] == "tick"].set_index("item")
    others = [name for name in ticks.index if not name.endswith((": Price", ": Quality"))]
    assert coded.answers[others].mean().tolist() == [0.1]  # who told another reason
    ticks.index = ticks.index.str.split(": ").str[1]
    assert (ticks["question"] == REASONS).all()
    assert (ticks["n"] == 40).all()
    assert (ticks.loc["Price", "mean"], ticks.loc["Quality", "mean"]) == (1, 0.5)


def test_nothing_that_the_tool_adds_is_a_question(coded):
    said = coded.answers.drop(columns=["respondent_id"]).astype("str").stack()
    for added in ("192.0.2.7", "Lee", "Promoter", "IP Address", "2025"):
        assert not said.str.contains(added).any(), added


def test_what_init_writes_passes_the_check_without_an_edit(export, tmp_path):
    seen = check_study(load_study(write_study([export], tmp_path / "study")[0]))
    assert seen.fault is None
    assert [account.rows_in for account in seen.accounts] == [40]


def test_answers_join_orders_by_the_address_that_the_tool_knows(tmp_path):
    orders = [["Client", "Order", "Date", "Sum"], *([f"user{n}@example.org", n, "2025-01-06", 5] for n in range(60))]
    for tool in (survey_monkey, qualtrics):
        folder = tmp_path / tool.__name__
        folder.mkdir()
        files = [tool(folder / "answers.csv"), write(folder / "orders.csv", orders)]
        study = load_study(write_study(files, folder / "study")[0])
        survey = code_survey(load_tables(study), study)
        assert (survey.matched, survey.unmatched) == (40, 0)


# --- headers -----------------------------------------------------------------------------------------------------


def test_a_plain_header_is_one_row():
    header = read_header([["a", " b "], ["1", ""], ["2", "x"]])
    assert (header.names, header.rows, header.asked) == (("a", "b"), 1, {})
    assert read_header([]).rows == 0


@pytest.mark.parametrize("ids", [["Respondent ID", "Collector ID"], ["respondent_id", "collector_id"]])
def test_a_question_of_several_columns_is_carried_on(ids):
    top = [*ids, "Where?", "", "How?"]
    header = read_header([top, ["", "", "Town", "Shore", "Response"], ["1", "2", "Town", "", "By boat"]])
    assert header.names == (*ids, "Where?: Town", "Where?: Shore", "How?")
    assert header.asked["Where?: Shore"] == ("Where?", "Shore")
    assert header.rows == 2


def test_respondent_ids_of_another_file_do_not_make_two_header_rows():
    rows = [["Respondent ID", "Collector ID", "Where?"], ["11", "2", "Town"], ["12", "2", "Shore"]]
    assert read_header(rows).rows == 1


def test_ids_below_the_names_are_header_too_where_the_texts_were_cut_out():
    header = read_header([["Q1", "Q2"], ['{"ImportId":"QID1"}', '{"ImportId":"QID2"}'], ["a", "b"]])
    assert (header.rows, header.asked) == (2, {"Q1": ("Q1", ""), "Q2": ("Q2", "")})


def test_rows_are_numbered_as_in_the_file(tmp_path):
    file = qualtrics(tmp_path / "answers.csv")
    text = file.read_text(encoding="utf-8-sig").splitlines()
    study = load_study(
        write_study([write(tmp_path / "ragged.csv", list(csv.reader([*text, "one,cell"])))], tmp_path)[0]
    )
    (account,) = load_tables(study).accounts
    ragged = next(issue for issue in account.issues if issue.code == "ragged_row")
    assert ragged.first_rows == (44,)  # three header rows and forty answers before it
    assert (account.rows_in, account.rows_used) == (41, 40)
    assert [issue.text for issue in account.issues if issue.code == "header_rows"] == [
        say("opening.header_rows", rows=3)
    ]


def test_questions_come_in_the_order_in_which_they_were_asked(tmp_path):
    study = load_study(write_study([survey_monkey(tmp_path / "answers.csv")], tmp_path / "study")[0])
    (survey,) = load_tables(study).frames.values()
    meta = {"respondent_id", *study.tables.survey.meta, *study.tables.survey.same_person}
    asked = [name for name in survey if name not in meta]  # study.yml lists ticks first and ratings last
    assert [name.split(":")[0] for name in asked] == [RATE] * 2 + [REASONS] * 4 + [HOUSE, WHY, RECOMMEND]


# --- what Qualtrics adds -----------------------------------------------------------------------------------------


def test_the_columns_of_a_qualtrics_question_share_its_text_and_what_follows_is_the_part():
    asked = {
        ("Q1_1", "QID7_1"): "Agree? - fully - I wait", ("Q1_b", "QID7_2"): "Agree? - fully - I read - all",
        ("Q2_1", "Q2_1"): "Which? - Selected Choice - Price",
        ("Q2_2", "Q2_2"): "Which? - Selected Choice - New - tested",
        ("Q2_9_TEXT", "Q2_9_TEXT"): "Which? - Other - Text", ("Q3_1", "Q3_1"): "Why - in a word",
    }  # fmt: skip
    ids = [json.dumps({"ImportId": import_id}) for _, import_id in asked]
    header = read_header([[name for name, _ in asked], [*asked.values()], ids])
    assert header.asked == {
        "Q1_1": ("Agree? - fully", "I wait"), "Q1_b": ("Agree? - fully", "I read - all"), "Q2_1": ("Which?", "Price"),
        "Q2_2": ("Which?", "New - tested"), "Q2_9_TEXT": ("Which?", "Other"), "Q3_1": ("Why - in a word", ""),
    }  # fmt: skip


def changed(folder: Path, pattern: str, by: str, count: int = 0) -> Path:
    """The Qualtrics export with some of its text exchanged."""
    file = qualtrics(folder / "answers.csv")
    file.write_text(re.sub(pattern, by, file.read_text(encoding="utf-8-sig"), count=count), encoding="utf-8")
    return file


@pytest.mark.parametrize("status", ["Survey Preview", "Survey Test", "1"])
def test_previews_by_the_author_are_set_aside_and_unfinished_answers_are_told(tmp_path, status):
    file = changed(tmp_path, r",IP Address,192(.*),100,173,True", rf",{status},192\1,100,173,True", count=3)
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(",173,True,(.*),R_0003", r",173,False,\1,R_0003", text), encoding="utf-8")
    study = load_study(write_study([file], tmp_path / "study")[0])
    loaded = load_tables(study)
    (account,) = loaded.accounts
    found = {issue.code: (issue.severity, issue.column, issue.rows, issue.first_rows) for issue in account.issues}
    assert found["preview"] == ("quarantined", "Status", 3, (4, 5, 6))
    assert found["unfinished"] == ("warning", "Finished", 10, (34, 35, 36, 37, 38))
    assert (account.rows_used, account.rows_quarantined) == (37, 3)
    assert len(code_survey(loaded, study).answers) == 37


def test_a_qualtrics_study_that_does_not_look_at_previews_is_told_how(tmp_path):
    qualtrics(tmp_path / "answers.csv")
    lines = "study: a\ntables:\n  survey: {path: answers.csv, categorical: [Q3]}\n"
    (tmp_path / "study.yml").write_text(lines, encoding="utf-8")
    (account,) = load_tables(load_study(tmp_path)).accounts
    told = {issue.code: issue.text for issue in account.issues}["previews_unknown"]
    assert (
        ENGLISH.tell(told) == "an export of Qualtrics; state meta: [Status, Finished], so that previews are set aside"
    )


def test_what_was_written_beside_other_is_an_open_question_even_where_it_repeats(tmp_path):
    file = changed(tmp_path, r"my aunt said so, time \d+", "an aunt, an uncle")
    survey = load_study(write_study([file], tmp_path / "study")[0]).tables.survey
    assert survey.open_ended["Q2_4_TEXT"].column == "Q2_4_TEXT"
    assert [*survey.multiple_choice] == ["Q2"]


# --- tick lists --------------------------------------------------------------------------------------------------


def told(folder: Path, cells: list[list[str]], question: str) -> dict[str, tuple[str | None, int, Said]]:
    """Column, rows and text of the warnings about a survey with one tick list."""
    write(folder / "s.csv", cells)
    lines = f"study: a\ntables:\n  survey: {{path: s.csv, multiple_choice: {{why: {question}}}}}\n"
    (folder / "study.yml").write_text(lines, encoding="utf-8")
    (account,) = load_tables(load_study(folder)).accounts
    return {
        issue.code: (issue.column, issue.rows, issue.text) for issue in account.issues if issue.severity == "warning"
    }


def test_a_separator_that_no_answer_has_is_told_with_the_one_that_they_have(tmp_path):
    rows = [["q5"], *[["Price;Quality"]] * 6, *[["Price"]] * 4]
    column, count, text = told(tmp_path, rows, '{column: q5, sep: ","}')["tick_separator"]
    assert (column, count) == ("q5", 6)
    assert text == say("reading.survey.separator", sep="','", likely="';'")
    assert told(tmp_path, rows, '{column: q5, sep: ";"}') == {}
    assert told(tmp_path, [["q5"], *[["Price"]] * 9, ["a;b"]], '{column: q5, sep: ","}') == {}  # one in ten


def test_tick_columns_that_are_filled_everywhere_without_a_no_are_told(tmp_path):
    rows = [["a", "b"], *[["chosen", "yes"], ["left", "no"]] * 5]
    found = told(tmp_path, rows, "{columns: {Price: a, Quality: b}}")
    assert [*found] == ["no_word_for_no"]
    assert found["no_word_for_no"][:2] == ("a", 10)
    assert found["no_word_for_no"][2] == say("reading.survey.no_word_for_no")


def test_columns_of_yes_and_no_are_guessed_as_ticks(tmp_path):
    top = [["Respondent ID", "Collector ID", "What matters?", ""], ["", "", "Price", "Quality"]]
    rows = [[f"9{n:02}", "1", ["Yes", "No"][n % 2], ["Yes", "No"][n % 3 == 0]] for n in range(30)]
    study = load_study(write_study([write(tmp_path / "s.csv", top + rows)], tmp_path / "study")[0])
    answers = code_survey(load_tables(study), study).answers
    assert answers["What matters?: Price"].tolist() == [1, 0] * 15
    assert answers["What matters?: Quality"].tolist() == [0, 1, 1] * 10


LISTED = '{column: q5, sep: ", ", options: ["Price, incl. delivery", Price]}'


def test_options_that_hold_the_separator_are_found_whole(tmp_path):
    rows = [["q5"], *[["Price, incl. delivery, Quality"]] * 10, *[["Quality, price"]] * 10, ["price, incl. delivery"]]
    assert told(tmp_path, rows, LISTED) == {}
    study = load_study(tmp_path)
    answers = code_survey(load_tables(study), study).answers
    ticks = answers.drop(columns=["respondent_id", "customer_id", "weight"]).to_dict("list")
    assert ticks == {
        "why: Quality": [1] * 20 + [0],
        "why: Price, incl. delivery": [1] * 10 + [0] * 10 + [1],
        "why: price": [0] * 10 + [1] * 10 + [0],
    }


def test_a_listed_option_that_no_answer_has_is_told(tmp_path):
    rows = [["q5"], *[["Price, incl. shipping, Quality"]] * 5, *[["Quality, Price"]] * 5]
    column, _, text = told(tmp_path, rows, LISTED)["option_unused"]
    assert column == "q5"
    assert ENGLISH.tell(text) == (
        "no answer has these options, which study.yml lists: 'Price, incl. delivery'; mend their spelling"
    )


def test_parts_that_only_come_together_are_guessed_as_one_option(tmp_path):
    ticks = ["Price, incl. delivery, Quality", "Quality, Fast, safe, same-day", "Price, incl. delivery, New", "New"]
    rows = [[f"t{n}", 1 + n % 5, ticks[n % 4]] for n in range(40)]
    head = ["Timestamp", "I like it", "What matters?"]
    path, notes = write_study([write(tmp_path / "survey.csv", [head, *rows])], tmp_path / "study")
    question = load_study(path).tables.survey.multiple_choice["What matters?"]
    assert question.options == ["Price, incl. delivery", "Fast, safe, same-day"]
    assert notes == [
        f"survey.csv: the column 'What matters?': the parts of {option!r} only ever come together; taken for one "
        "option: please check."
        for option in question.options
    ]


def test_sentences_that_repeat_are_no_tick_list_for_their_commas(tmp_path):
    said = ["Nothing really, thanks", "I like the smell, a lot", "Too dear"]
    rows = [[f"t{n}", 1 + n % 5, said[n % 3]] for n in range(30)]
    path, _ = write_study([write(tmp_path / "survey.csv", [["Timestamp", "Good", "Any wish?"], *rows])], tmp_path / "s")
    assert load_study(path).tables.survey.multiple_choice == {}
