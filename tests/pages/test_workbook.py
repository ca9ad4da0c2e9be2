"""tables.xlsx as another library reads it: bases, letters, no formula, equal for equal tables."""

import io

import openpyxl
import pandas as pd

from helpers.pages.workbook import as_xlsx
from helpers.report.crosstabs import CELLS, Crosstabs
from helpers.words import Words

WORDS = Words("en", "EUR")


def cells(question="=1+1"):
    rows = [
        ("survey", question, "yes", "share", "Persona", "Everybody", "", 100, 60, 0.6, ""),
        ("survey", question, "yes", "share", "Persona", "The a", "A", 50, 40, 0.8, "B"),
        ("survey", question, "yes", "share", "Persona", "The b", "B", 50, 20, 0.4, ""),
        ("sales", "Spend", "", "money", "Persona", "Everybody", "", 100, None, 12.5, "-"),
        ("sales", "Spend", "", "money", "Persona", "The a", "A", None, None, None, "-"),
    ]
    return Crosstabs(pd.DataFrame(rows, columns=CELLS))


def test_the_workbook_says_what_the_table_says():
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(cells(), WORDS)))
    assert book.sheetnames == ["How to read", "Survey", "Behaviour"]
    sheet = book["Survey"]
    assert [cell.value for cell in sheet[2]][2:] == ["Everybody", "A  The a", "B  The b"]
    assert [cell.value for cell in sheet[3]][1:] == ["people asked", 100, 50, 50]
    assert [cell.value for cell in sheet[4]][1:] == ["yes", 0.6, 0.8, 0.4]
    assert sheet["D4"].number_format == '0 %" B"'
    assert sheet["A3"].data_type == "s", "a user's text is never a formula"
    assert book["Behaviour"]["A4"].value == "made the groups"
    assert book["Behaviour"]["D4"].value is None, "withheld"


def test_equal_tables_are_equal_files_and_none_is_no_file():
    assert as_xlsx(cells(), WORDS) == as_xlsx(cells(), WORDS)
    assert as_xlsx(Crosstabs(pd.DataFrame(columns=CELLS)), WORDS) is None
