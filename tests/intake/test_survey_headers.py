"""Surveys whose header has several rows, whose codes stand for no answer, and whose key is a phone number."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from helpers.intake.guess import write_study
from helpers.intake.surveys import scales, tick_lists
from helpers.intake.surveys.survey_columns import kind_of_answer
from helpers.opening.exports import read_header
from helpers.opening.layout import header_place
from helpers.opening.raw import RawTable
from helpers.read.total_rows import tidied

GROUPED = [["No.", "What matters?", "", "Age"], ["", "Price", "Taste", ""], ["1", "x", "", "30"]]
CODED = [
    ["CASE", "A1_01", "A1_02", "A2", "A3"],
    ["Interview number", "Agreement: I compare", "Agreement: I wait", "How old", "Who lives there"],
    ["21", "4", "5", "30", "2"],
]


def test_a_question_over_its_parts_is_one_header() -> None:
    found = read_header(GROUPED)
    assert (found.rows, found.names) == (2, ("No.", "What matters?: Price", "What matters?: Taste", "Age"))
    assert found.asked["What matters?: Taste"] == ("What matters?", "Taste")
    assert header_place([["Our survey"], *GROUPED]) == 1


def test_a_row_of_answers_is_no_second_header() -> None:
    assert read_header([["No.", "Name", "", "Age"], ["1", "Ann", "x", "30"], ["2", "Bob", "", "31"]]).rows == 1
    assert read_header([CODED[0], CODED[2], CODED[2]]).rows == 1


def test_texts_below_codes_are_the_questions() -> None:
    found = read_header(CODED)
    assert (found.rows, found.names) == (2, tuple(CODED[0]))
    assert found.asked["A1_02"] == ("Agreement", "I wait")


def test_an_average_below_the_answers_is_no_respondent() -> None:
    frame = pd.DataFrame({"No.": ["1", "2", "3", "Average"], "Rate": ["2", "4", "3", "3.5"]}, dtype="str")
    raw = RawTable("survey.xlsx", tuple(frame), frame, np.arange(3, 7), asked={"Rate": ("Rate", "")})
    assert list(tidied(raw).frame["Rate"]) == ["2", "4", "3"]


@pytest.mark.parametrize(
    ("marks", "codes"),
    [
        ([1, 2, 3, 4, 5, 9], [9]),
        ([1, 2, 3, 4, 5, 8, 9], [8, 9]),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], []),
        ([1, 2, 9], []),
    ],
)
def test_a_code_behind_a_gap_is_no_answer(marks: list[int], codes: list[int]) -> None:
    assert scales.missing_codes(pd.Series(marks), 10) == codes


def test_two_codes_among_rows_of_marks_are_no_rating() -> None:
    assert scales.in_numbers(pd.Series(["1", "2"] * 20), "Choice: Taste", (1, 5), "") is None


def test_the_answer_in_the_middle_counts() -> None:
    given = ["ძალიან უკმაყოფილო", "უკმაყოფილო", "საშუალოდ", "კმაყოფილი", "ძალიან კმაყოფილი"]
    found = scales.in_words(pd.Series(given * 3))
    assert found is not None
    assert found.labels["საშუალოდ"] == 3
    steps = ["strongly disagree", "disagree", "no opinion", "agree", "strongly agree"]
    with_both, alone = (scales.in_words(pd.Series([*steps, *more] * 3)) for more in (["don't know"], []))
    assert with_both is not None
    assert (with_both.labels["no opinion"], with_both.missing) == (3, ["don't know"])
    assert alone is not None
    assert "no opinion" in alone.missing


def test_codes_between_blanks_are_ticks_and_sentences_are_not() -> None:
    found = tick_lists.joined_ticks(pd.Series(["price taste", "price", "taste", "price taste speed", "speed"] * 4))
    assert found == (" ", ["price", "taste", "speed"], False)
    assert tick_lists.joined_ticks(pd.Series(["I like it", "we like tea", "it was near us", "none of it"] * 3)) is None
    assert tick_lists.ranked_whole(pd.Series(["1: A\n2: B", "1: B\n2: A"]), "\n", ["1: A", "1: B", "2: A", "2: B"])


def test_how_much_one_agrees_is_rated() -> None:
    assert (kind_of_answer("How much do you agree?"), kind_of_answer("How much do you spend?")) == ("rated", "counted")


def test_answers_join_orders_by_a_phone_in_another_writing(tmp_path: Path) -> None:
    phones = [f"99555{n:07}" for n in range(1234567, 1234579)]
    orders = [["Order", "Date", "Phone", "Amount"]]
    orders += [[f"A{n}", f"2025-01-{n + 1:02}", f"+{phones[n % 12]}", "9.50"] for n in range(24)]
    answers = [
        ["Submission Date", "Phone Number", "How satisfied are you?", "Who lives with you?", "What keeps you away?"]
    ]
    answers += [
        ["2025-02-01", f"({p[:3]}) {p[3:6]}-{p[6:]}", str(n % 5 + 1), "Nobody", "rain"] for n, p in enumerate(phones)
    ]
    for name, rows in (("orders.csv", orders), ("survey.csv", answers)):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)
    target, _ = write_study([tmp_path / "orders.csv", tmp_path / "survey.csv"], tmp_path / "study")
    survey = yaml.safe_load(target.read_text(encoding="utf-8"))["tables"]["survey"]
    assert (survey["columns"]["customer_id"], survey["join"]) == ("Phone Number", {"customers": "customer_id"})
