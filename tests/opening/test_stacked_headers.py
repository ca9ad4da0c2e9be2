"""Headers of several rows that no tool's own marks tell: titles of groups, questions, options."""

import pytest

from helpers.contracts import DataError
from helpers.opening.exports import read_header
from helpers.opening.layout import header_place, unnamed
from helpers.words import ENGLISH

GROUPS = ["Details", "", "Our shop", "", "", "About you"]
QUESTIONS = ["No", "Status", "Rate our", "", "Why?", "Home"]
OPTIONS = ["", "", "goods", "staff", "", ""]
ANSWERS = [[str(n), "Complete", "Agree", "Disagree", "cheap" if n % 2 else "near", "alone"] for n in range(1, 9)]
NAMES = ("No", "Status", "Rate our: goods", "Rate our: staff", "Why?", "Home")


def held(row: list[str]) -> list[str]:
    """A row as tools write it that repeat what spans several columns."""
    return [cell or next(cell for cell in row[place::-1] if cell) for place, cell in enumerate(row)]


@pytest.mark.parametrize(
    ("top", "names"),
    [
        ([GROUPS, QUESTIONS, OPTIONS], NAMES),
        ([held(GROUPS), held(QUESTIONS), OPTIONS], NAMES),
        ([QUESTIONS, OPTIONS], NAMES),
        ([held(QUESTIONS), OPTIONS], NAMES),
        ([["", *GROUPS[1:]], QUESTIONS, OPTIONS], NAMES),
        ([held(GROUPS), ["a", "b", "c", "d", "e", "f"]], ("a", "b", "c", "d", "e", "f")),
        ([["A", "", "", "B", "", ""], ["no", "good", "bad", "no", "good", "bad"]],
         ("A: no", "A: good", "A: bad", "B: no", "B: good", "B: bad")),
    ],
)  # fmt: skip
def test_rows_above_the_answers_are_one_header(top, names):
    found = read_header([*top, *ANSWERS])
    assert (found.names, found.rows) == (names, len(top))
    assert header_place([["Report"], *top, *ANSWERS]) == 1


def test_a_question_and_its_part_are_told():
    asked = read_header([GROUPS, QUESTIONS, OPTIONS, *ANSWERS]).asked
    assert asked["Rate our: staff"] == ("Rate our", "staff")
    assert asked["Why?"] == ("Why?", "")


@pytest.mark.parametrize(
    "rows",
    [
        [["", "Why?", "", "Home"], *[row[:4] for row in ANSWERS]],  # columns without a name over answers
        [["Why?", "Why?", "Home", "Home"], *[row[2:] for row in ANSWERS]],  # one name twice
        [["No", "Status", "Rate", "Staff", "Why?", "Home"], *ANSWERS],
        [["Period:", "May", "", ""], ["Only:", "Shop A", "", ""], ["Who", "Doc", "Day", "Sum"], ["A", "x", "b", "c"]],
    ],
)
def test_answers_are_never_a_header(rows):
    assert read_header(rows).rows == 1


def test_many_columns_without_a_header_are_refused_and_a_few_told():
    rows = [["1", "a", "b", "c"], ["2", "d", "e", "f"]]
    with pytest.raises(DataError, match=r"o.csv: 2 of 4 columns hold cells and have no header \(columns 3, 4\)"):
        unnamed(["No", "Who", "", ""], rows, "o.csv")
    (issue,) = unnamed(["No", "Who", "", "Sum"], rows, "o.csv")
    assert ENGLISH.tell(issue.text) == "1 of 4 columns holds cells and has no header (column 3); it is not read"
    assert unnamed(["", "Who", "Day", "Sum"], rows, "o.csv") == []
    assert unnamed(["No", "Who", ""], [["1", "a", ""]], "o.csv") == []
