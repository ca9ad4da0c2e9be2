"""From plain exports in any language to a study that loads without an edit."""

import csv
import datetime as dt
import random
from pathlib import Path

import openpyxl
import pytest
import yaml

from helpers.contracts import DataError, StudyError
from helpers.intake.guess import write_study
from helpers.read.load import LoadedTables, load_tables
from helpers.study import Study, load_study
from helpers.survey.survey import code_survey

SCALE = [
    "Полностью не согласен",
    "Скорее не согласен",
    "Затрудняюсь ответить",
    "Скорее согласен",
    "Полностью согласен",
]
OPTIONS = ["Цена", "Качество", "Доставка на дом", "Экологичность"]
QUESTIONS = [
    "Отметка времени",
    "Адрес электронной почты",
    "Я внимательно читаю состав",
    "Я жду распродаж, чтобы купить",
    "Насколько вам нравится упаковка?",
    "Что для вас важно при выборе? (отметьте всё подходящее)",
    "Почему вы купили у нас впервые?",
    "Что мешает вам покупать у нас чаще?",
    "Расскажите о своём обычном дне",
    "Ваш пол",
    "Порекомендуете ли вы нас друзьям (0-10)?",
    "Ваше имя",
]
ORDERS = ["E-mail", "Номер заказа", "Дата", "Сумма, руб", "Кол-во", "Категория", "Промокод", "Канал продаж"]


def people(count: int = 60) -> list[str]:
    return [f"user{number}@example.org" for number in range(count)]


def order_rows(seed: int = 1, count: int = 200) -> list[list[object]]:
    chance = random.Random(seed)
    start = dt.datetime(2025, 1, 5)
    return [
        [
            chance.choice(people()), f"{number:05}", start + dt.timedelta(minutes=chance.randrange(400_000)),
            chance.randrange(100_000, 500_000) / 100, chance.randrange(1, 5), chance.choice(["Дом", "Сад"]),
            chance.choice(["", "СКИДКА10"]), chance.choice(["сайт", "приложение"]),
        ]
        for number in range(count)
    ]  # fmt: skip


def write_csv(file: Path, rows: list[list[object]], **options: str) -> Path:
    encoding = options.pop("encoding", "utf-8")
    with file.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, **options).writerows(rows)
    return file


def russian_orders(file: Path) -> Path:
    """A cp1251 export with semicolons, decimal commas, spaces in the thousands and dates with points."""
    money = str.maketrans(",.", "\u00a0,")
    rows = [
        [*row[:2], row[2].strftime("%d.%m.%Y %H:%M"), f"{row[3]:,.2f}".translate(money), *row[4:]]
        for row in order_rows()
    ]
    return write_csv(file, [ORDERS, *rows], encoding="cp1251", delimiter=";")


def google_form(file: Path) -> Path:
    chance = random.Random(2)
    rows = [
        [
            "2025/10/04 5:06:07 PM GMT+3", person.upper() if number % 5 == 0 else person, chance.choice(SCALE),
            chance.choice(SCALE), chance.randint(1, 5), ", ".join(chance.sample(OPTIONS, chance.randint(1, 3))),
            f"Посоветовала подруга номер {number}", f"Долго ждать доставку, дней: {number}",
            f"Встаю рано, дел {number}",
            chance.choice(["Женский", "Мужской"]), chance.randint(0, 10), "Анна",
        ]
        for number, person in enumerate(people()[:40])
    ]  # fmt: skip
    return write_csv(file, [QUESTIONS, *rows])


def guess(folder: Path, *files: Path) -> tuple[Study, LoadedTables, list[str]]:
    """Write a study for some exports and load it as it stands."""
    path, notes = write_study(list(files), folder / "out")
    study = load_study(path)
    return study, load_tables(study), notes


def test_the_first_user_gets_a_study_that_loads_without_an_edit(tmp_path):
    orders, form = russian_orders(tmp_path / "заказы.csv"), google_form(tmp_path / "Опрос (Ответы).csv")
    study, tables, notes = guess(tmp_path, orders, form)
    sales, survey = study.tables.sales, study.tables.survey
    assert sales.columns == {
        "customer_id": "E-mail", "order_id": "Номер заказа", "ordered_at": "Дата", "amount": "Сумма, руб",
        "quantity": "Кол-во", "category": "Категория", "coupon": "Промокод", "channel": "Канал продаж",
    }  # fmt: skip
    read = (sales.read.encoding, sales.read.sep, sales.read.decimal, sales.read.date_format)
    assert read == ("cp1251", ";", ",", "%d.%m.%Y %H:%M")
    assert sales.read.thousands in " \u00a0"
    assert study.currency == "RUB"
    assert survey.join == {"customers": "customer_id"}
    assert survey.columns == {"customer_id": "Адрес электронной почты"}
    assert survey.likert.items == QUESTIONS[2:5]
    assert survey.likert.labels == {label: step for step, label in enumerate(SCALE, start=1) if label != SCALE[2]}
    assert survey.likert.missing == [SCALE[2]]  # who cannot say is not in the middle
    assert [(tick.column, tick.sep) for tick in survey.multiple_choice.values()] == [(QUESTIONS[5], ",")]
    assert {(item.column, item.about) for item in survey.open_ended.values()} == {
        (QUESTIONS[6], "drivers"),
        (QUESTIONS[7], "barriers"),
        (QUESTIONS[8], "mindset"),
    }
    assert survey.categorical == ["Ваш пол"]
    assert survey.nps == QUESTIONS[10]
    assert tables.frames["sales"]["amount"].tolist() == [row[3] for row in order_rows()]
    assert tables.frames["sales"]["ordered_at"].tolist() == [row[2] for row in order_rows()]
    assert tables.frames["survey"]["customer_id"].isin(tables.frames["sales"]["customer_id"]).mean() > 0.9
    assert all(account.rows_quarantined == 0 for account in tables.accounts)
    assert "заказы.csv: the encoding is not UTF-8; the letters make sense as cp1251." in notes


def test_the_text_gives_its_reasons_in_comments_and_names_what_it_leaves_out(tmp_path):
    files = [russian_orders(tmp_path / "o.csv"), google_form(tmp_path / "опрос.csv")]
    text = write_study(files, tmp_path / "Зелёный дом 2025")[0].read_text(encoding="utf-8")
    assert yaml.safe_load(text)["study"] == "2025"  # a name, and not a number
    assert "# Note: o.csv: the encoding is not UTF-8" in text
    assert yaml.safe_load(text)["tables"]["survey"]["meta"] == ["Отметка времени", "Ваше имя"]
    assert yaml.safe_load(text)["tables"]["sales"]["path"] == "o.csv"
    assert not (tmp_path / "study.yml").exists()


def test_a_workbook_with_a_second_sheet(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Справка"])
    sheet = book.create_sheet("Заказы")
    for row in [ORDERS, *order_rows()]:
        sheet.append(row)
    book.save(tmp_path / "orders.xlsx")
    study, tables, notes = guess(tmp_path, tmp_path / "orders.xlsx")
    assert study.tables.sales.read.sheet == "Заказы"
    assert study.tables.sales.read.decimal is None
    assert tables.frames["sales"]["amount"].tolist() == [row[3] for row in order_rows()]
    assert any("the fullest was taken, 'Заказы'" in note for note in notes)


HEADERS = {
    "en": ["Client", "Order number", "Date", "Total", "Qty"],
    "ru": ["Покупатель", "№ заказа", "Дата заказа", "Итого", "Количество"],
    "ka": ["მომხმარებელი", "შეკვეთის ნომერი", "თარიღი", "თანხა", "რაოდენობა"],
    "kk": ["Тұтынушы", "Тапсырыс нөмірі", "Күні", "Сомасы", "Саны"],
    "uz": ["Mijoz", "Buyurtma raqami", "Sana", "Summa", "Soni"],
    "fa": ["مشتری", "شماره سفارش", "تاریخ", "مبلغ", "تعداد"],
    "de": ["Kundennummer", "Bestellnummer", "Datum", "Betrag", "Menge"],
}


@pytest.mark.parametrize("language", HEADERS)
def test_headers_in_seven_languages(tmp_path, language):
    rows = [[f"K{number % 9}", number, f"2025-01-{number % 28 + 1:02}", number + 0.5, 1] for number in range(40)]
    study, tables, _ = guess(tmp_path, write_csv(tmp_path / "export.csv", [HEADERS[language], *rows]))
    ours = ["customer_id", "order_id", "ordered_at", "amount", "quantity"]
    assert study.tables.sales.columns == dict(zip(ours, HEADERS[language], strict=True))
    assert tables.frames["sales"]["amount"].sum() == sum(range(40)) + 20


def test_orders_without_a_number_count_by_moment(tmp_path):
    rows = [[f"K{number % 9}", f"2025-01-{number % 28 + 1:02}", number + 1] for number in range(40)]
    _, tables, notes = guess(tmp_path, write_csv(tmp_path / "x.csv", [["Client", "Date", "Sum"], *rows]))
    assert tables.frames["sales"]["order_id"].tolist()[:2] == ["2025-01-01", "2025-01-02"]
    assert any("there is no order number: what a customer bought at one moment counts as one order" in n for n in notes)


def test_dates_that_both_orders_fit_are_asked_about_and_get_no_format(tmp_path):
    rows = [[f"K{number}", number, f"0{number % 9 + 1}/0{number % 7 + 1}/2025 10:30", 5] for number in range(40)]
    file = write_csv(tmp_path / "x.csv", [["Client", "Order", "Date", "Sum"], *rows])
    target, notes = write_study([file], tmp_path / "out")
    assert load_study(target).tables.sales.read.date_format is None
    assert any("day before month or month before day?" in note for note in notes)
    with pytest.raises(DataError, match="state read"):
        load_tables(load_study(target))


def test_thousands_marks_are_declared(tmp_path):
    rows = [[f"K{number}", number, "2025-01-06", f"1.{number:03},50"] for number in range(40)]
    lines = [["Client", "Order", "Date", "Sum"], *rows]
    study, tables, _ = guess(tmp_path, write_csv(tmp_path / "x.csv", lines, delimiter=";"))
    assert (study.tables.sales.read.decimal, study.tables.sales.read.thousands) == (",", ".")
    assert tables.frames["sales"]["amount"].tolist()[:2] == [1000.5, 1001.5]


def test_a_customers_file_that_knows_both_keys_joins_the_survey_by_email(tmp_path):
    orders = [[f"K{number % 60}", number, "2025-01-06", 5] for number in range(100)]
    clients = [[f"K{number}", person, "Tbilisi"] for number, person in enumerate(people())]
    study, tables, _ = guess(
        tmp_path,
        write_csv(tmp_path / "orders.csv", [["Client", "Order", "Date", "Sum"], *orders]),
        write_csv(tmp_path / "clients.csv", [["Client", "E-mail", "City"], *clients]),
        google_form(tmp_path / "answers.csv"),
    )
    assert study.tables.customers.columns == {"customer_id": "Client", "location": "City", "email": "E-mail"}
    assert study.tables.survey.join == {"customers": "email"}
    assert tables.frames["survey"]["customer_id"].tolist()[:2] == ["K0", "K1"]
    assert tables.frames["survey"]["customer_id"].notna().all()


def test_a_survey_alone_and_tick_lists_with_semicolons(tmp_path):
    rows = [[f"t{number}", number % 5 + 1, "a;b" if number % 2 else "b;c"] for number in range(30)]
    study, tables, _ = guess(tmp_path, write_csv(tmp_path / "s.csv", [["Timestamp", "I like it", "Which?"], *rows]))
    assert study.tables.sales is None
    assert study.tables.survey.join == {}
    assert study.tables.survey.likert.items == ["I like it"]
    assert study.tables.survey.multiple_choice["Which?"].sep == ";"
    assert len(tables.frames["survey"]) == 30


def test_our_own_tables_are_known_by_their_names(tmp_path):
    rows = [[f"2025-01-06 1{number % 9}:00", "mail", "yes", f"V{number}"] for number in range(20)]
    sessions = write_csv(tmp_path / "sessions.csv", [["started_at", "channel", "converted", "visitor_id"], *rows])
    study, tables, notes = guess(tmp_path, sessions, russian_orders(tmp_path / "o.csv"))
    assert study.tables.sessions.columns == {}
    assert len(tables.frames["sessions"]) == 20
    assert not any("sessions" in note for note in notes)


def test_files_are_copied_and_left_alone(tmp_path):
    orders = russian_orders(tmp_path / "o.csv")
    before = orders.read_bytes()
    path, _ = write_study([orders], tmp_path / "new" / "deep")
    assert path == tmp_path / "new" / "deep" / "study.yml"
    assert orders.read_bytes() == before == (tmp_path / "new" / "deep" / "o.csv").read_bytes()
    with pytest.raises(StudyError, match="there is a study already"):
        write_study([orders], tmp_path / "new" / "deep")


def test_what_cannot_be_guessed_is_said(tmp_path):
    odd = write_csv(tmp_path / "odd.csv", [["a", "b"], ["x", "y"], ["x", "y"]])
    with pytest.raises(StudyError, match=r"(?s)no file looks like orders .* odd.csv: when .*no header says so"):
        write_study([odd], tmp_path / "out")
    draft = (tmp_path / "out" / "study.yml.draft").read_text(encoding="utf-8")
    assert "#   'a': a (100% filled, 1 different)" in draft
    assert not (tmp_path / "out" / "study.yml").exists()
    with pytest.raises(StudyError, match="no such file"):
        write_study([tmp_path / "nowhere.csv"], tmp_path / "out")
    (tmp_path / "twin").mkdir()
    twin = write_csv(tmp_path / "twin" / "odd.csv", [["a"]])
    with pytest.raises(StudyError, match="two files have the same name"):
        write_study([odd, twin], tmp_path / "out")
    _, notes = write_study([odd, russian_orders(tmp_path / "o.csv")], tmp_path / "out")
    assert "odd.csv: neither orders nor customers nor answers were recognised; it is left out." in notes


AGREEMENT = {
    "en": ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"],
    "en, milder": ["Strongly disagree", "Somewhat disagree", "Neither agree nor disagree", "Somewhat agree",
                   "Strongly agree"],
    "ru": ["Полностью не согласен", "Скорее не согласен", "И да, и нет", "Скорее согласен",
           "Полностью согласен"],
    "ka": ["სრულიად არ ვეთანხმები", "არ ვეთანხმები", "ნეიტრალური", "ვეთანხმები", "სრულიად ვეთანხმები"],
    "ka, milder": ["სრულიად არ ვეთანხმები", "ნაწილობრივ არ ვეთანხმები", "ნეიტრალური", "ნაწილობრივ ვეთანხმები",
                   "სრულიად ვეთანხმები"],
    "kk": ["Мүлдем келіспеймін", "Келіспеймін", "Бейтарап", "Келісемін", "Толық келісемін"],
    "uz": ["Umuman qo‘shilmayman", "Qo‘shilmayman", "Betaraf", "Qo‘shilaman", "To‘liq qo‘shilaman"],
    "fa": ["كاملا مخالفم", "مخالفم", "نه موافق نه مخالف", "موافقم", "کاملاً موافقم"],
}  # fmt: skip


@pytest.mark.parametrize("labels", AGREEMENT.values(), ids=AGREEMENT)
def test_the_usual_words_of_agreement_are_ratings(tmp_path, labels):
    some = [label for step, label in enumerate(labels) if step != 1]  # nobody ticks the second of a question
    rows = [[f"t{n}", labels[n % 5], some[n % 4]] for n in range(40)]
    study, _, notes = guess(tmp_path, write_csv(tmp_path / "survey.csv", [["Timestamp", "a", "b"], *rows]))
    likert = study.tables.survey.likert
    assert (likert.items, likert.missing, notes) == (["a", "b"], [], [])
    assert likert.labels == {label: step for step, label in enumerate(labels, start=1)}


@pytest.mark.parametrize(
    "unsure", ["Затрудняюсь ответить", "მიჭირს პასუხი", "Bilmayman", "نظری ندارم", "N/A", "Refused"]
)
def test_who_does_not_know_is_not_in_the_middle(tmp_path, unsure):
    labels = [*AGREEMENT["ru"][:2], unsure, *AGREEMENT["ru"][2:]]
    rows = [[f"t{n}", labels[n % 6]] for n in range(60)]
    study, _, notes = guess(tmp_path, write_csv(tmp_path / "survey.csv", [["Timestamp", "a"], *rows]))
    likert = study.tables.survey.likert
    assert likert.missing == [unsure]
    assert likert.labels == {label: step for step, label in enumerate(AGREEMENT["ru"], start=1)}
    assert notes == [f"survey.csv: the answer {unsure!r} means that there is none; it is read as no answer."]


@pytest.mark.parametrize(
    "labels",
    [
        ["Wholly disagree", "Disagree", "Neutral", "Agree", "Wholly agree"],
        [*AGREEMENT["en"], "Only now and then agree"],
    ],
    ids=["other ends", "a finer step that is not known"],
)
def test_a_scale_that_is_known_in_part_is_taken_for_categories_and_told(tmp_path, labels):
    rows = [[f"t{n}", labels[n % len(labels)]] for n in range(70)]
    study, _, notes = guess(tmp_path, write_csv(tmp_path / "survey.csv", [["Timestamp", "a"], *rows]))
    assert (study.tables.survey.likert, study.tables.survey.categorical) == (None, ["a"])
    assert notes[0].startswith("survey.csv: the column 'a' is taken for categories: '")
    assert notes[0].endswith("if it is a rating, state likert.items, scale and labels.")


def test_a_number_for_no_answer_and_sentences_that_repeat_are_known(tmp_path):
    said = [f"because of reason number {n % 20}" for n in range(100)]  # each five times
    rows = [[f"t{n}", 99 if n in (3, 60) else n % 5 + 1, said[n]] for n in range(100)]
    file = write_csv(tmp_path / "survey.csv", [["Timestamp", "like_it", "thoughts"], *rows])
    study, tables, notes = guess(tmp_path, file)
    survey = study.tables.survey
    assert (survey.likert.items, survey.likert.missing) == (["like_it"], [99])
    assert survey.open_ended["thoughts"].about == "mindset"
    assert notes == ["survey.csv: the answer 99 is on no scale that is known here; it is read as no answer."]
    assert len(tables.frames["survey"]) == 100  # no row is set aside for it


def test_labels_that_two_questions_number_otherwise_stand_by_the_question(tmp_path):
    first = ["Not at all important", "Slightly important", "Moderately important", "Important", "Very important"]
    second = [*first[:3], "Very important", "Extremely important"]
    rows = [[f"t{n}", first[n % 5], second[n % 5]] for n in range(40)]
    study, _, notes = guess(tmp_path, write_csv(tmp_path / "survey.csv", [["Timestamp", "a", "b"], *rows]))
    likert = study.tables.survey.likert
    assert (likert.items, notes) == (["a", "b"], [])
    assert [likert.of(item).labels["Very important"] for item in "ab"] == [5, 4]


def test_coded_answers_under_short_headers_are_a_survey(tmp_path):
    """As statistics programs hold them: no header asks anything, and codes with gaps are written 2.0."""
    chance = random.Random(3)
    rows = [["id", "party", "age", "leader", "rival", "europe", "taxes"]]
    for n in range(60):
        marks = [chance.randint(1, 5) for _ in range(3)]
        rows.append([n + 1, f"{chance.randint(1, 3)}.0" if n else "", 20 + n, *marks, chance.randint(1, 11)])
    study, _ = write_study([write_csv(tmp_path / "panel.csv", rows)], tmp_path / "study")
    loaded = load_study(study)
    assert loaded.tables.survey.likert.items[:2] == ["leader", "rival"]
    text = study.read_text(encoding="utf-8")
    assert "no header asks anything; taken for answers, since 5 columns hold marks" in text
    answers = code_survey(load_tables(loaded), loaded).answers
    assert set(answers["party"].dropna()) == {"1", "2", "3"}


def test_a_table_of_few_small_numbers_is_no_survey(tmp_path):
    rows = [["sku", "shelf", "weight", "colour"], *([f"a{n}", n % 4, n * 1.5, "red"] for n in range(60))]
    with pytest.raises(StudyError, match="no file looks like orders"):
        write_study([write_csv(tmp_path / "stock.csv", rows)], tmp_path / "study")


def test_a_few_marks_among_many_columns_make_no_survey(tmp_path):
    rows = [["sku", *(f"shelf{n}" for n in range(4)), *(f"note{n}" for n in range(10))]]
    rows += [[f"a{n}", *(n % 5 + 1 for _ in range(4)), *(f"text {n * 7}-{m}" for m in range(10))] for n in range(60)]
    with pytest.raises(StudyError, match="no file looks like orders"):
        write_study([write_csv(tmp_path / "stock.csv", rows)], tmp_path / "study")
