"""Exports of three survey tools, laid out as their help pages say, read by ``init`` and ``check`` without an edit."""

import csv
import json
import random
from pathlib import Path

import openpyxl
import pytest

from helpers.data.exports import read_header
from helpers.data.guess import write_study
from helpers.data.load import load_tables
from helpers.data.survey import Survey, code_survey
from helpers.study import load_study

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
    ticks.index = ticks.index.str.split(": ").str[1]
    assert (ticks["question"] == REASONS).all()
    assert (ticks["n"] == 40).all()
    assert (ticks.loc["Price", "mean"], ticks.loc["Quality", "mean"]) == (1, 0.5)
    assert ticks["mean"].drop(["Price", "Quality"]).tolist() == [0.1]  # who told another reason


def test_nothing_that_the_tool_adds_is_a_question(coded):
    said = coded.answers.drop(columns=["respondent_id"]).astype("str").stack()
    for added in ("192.0.2.7", "Lee", "Promoter", "IP Address", "2025"):
        assert not said.str.contains(added).any(), added


def test_init_and_check_need_no_edit(export, cli, tmp_path):
    assert cli("init", export, "--out", tmp_path / "study").returncode == 0
    checked = cli("check", tmp_path / "study")
    assert checked.returncode == 0, checked.stderr
    assert "40 rows read" in checked.stdout


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


def test_a_question_of_several_columns_is_carried_on():
    top = ["Respondent ID", "Collector ID", "Where?", "", "How?"]
    header = read_header([top, ["", "", "Town", "Shore", "Response"], ["1", "2", "Town", "", "By boat"]])
    assert header.names == ("Respondent ID", "Collector ID", "Where?: Town", "Where?: Shore", "How?")
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
        "the 3 header rows of a survey tool's export were read as one"
    ]


def test_questions_come_in_the_order_in_which_they_were_asked(tmp_path):
    study = load_study(write_study([survey_monkey(tmp_path / "answers.csv")], tmp_path / "study")[0])
    (survey,) = load_tables(study).frames.values()
    asked = [name for name in survey if name != "respondent_id"]  # study.yml lists ticks first and ratings last
    assert [name.split(":")[0] for name in asked] == [RATE] * 2 + [REASONS] * 4 + [HOUSE, WHY, RECOMMEND]
