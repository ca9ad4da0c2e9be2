"""The crosstabs as a workbook: a sheet of what the letters mean, and one for each table."""

from __future__ import annotations

import io
import re
import zipfile

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from helpers.harmless import neutralise
from helpers.report.crosstabs import Crosstabs
from helpers.words import Words

BOLD, GREY = Font(bold=True), PatternFill("solid", fgColor="F3F5F7")
FORMATS = {"share": "0 %", "money": "#,##0.00", "mean": "#,##0.00"}


def as_xlsx(crosstabs: Crosstabs, words: Words) -> bytes | None:
    """The workbook as bytes; None where there is nothing to show. Texts of users never become formulas."""
    cells = words.told(crosstabs.cells)
    if cells.empty:
        return None
    book = Workbook()
    _notes(book.active, words)
    for table, part in cells.groupby("table", sort=False):
        _sheet(book.create_sheet(words.say(f"crosstabs.sheet.{table}")), part, words)
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_time(buffer)


def _without_time(made: io.BytesIO) -> bytes:
    """The same workbook without the moment of its making, so that equal tables are equal files."""
    same = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(same, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2000-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return same.getvalue()


def _notes(sheet: Worksheet, words: Words) -> None:
    sheet.title = words.say("crosstabs.sheet.reading")
    for row, key in enumerate(("what", "base", "letters", "made", "withheld", "weights"), 1):
        sheet.cell(row, 1, words.say(f"crosstabs.reading.{key}")).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = 110


def _sheet(sheet: Worksheet, part: pd.DataFrame, words: Words) -> None:
    """Two rows of headings, then a block per question: its base, and a row per option."""
    columns = list(part[["banner", "letter", "group"]].drop_duplicates().itertuples(index=False, name=None))
    columns = [c for n, c in enumerate(columns) if c[1] or all(other[1] for other in columns[:n])]  # everybody once
    at = {(banner, letter): place for place, (banner, letter, _) in enumerate(columns, 3)}
    for place, (banner, letter, group) in enumerate(columns, 3):
        sheet.cell(1, place, neutralise(banner if letter else "")).font = BOLD
        sheet.cell(2, place, neutralise(f"{letter}  {group}".strip())).font = BOLD
        sheet.cell(2, place).alignment = Alignment(wrap_text=True, vertical="bottom")
        sheet.column_dimensions[get_column_letter(place)].width = 16
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 46, 30
    row = 3
    for question, block in part.groupby("question", sort=False):
        head = block.drop_duplicates(["banner", "letter"])
        sheet.cell(row, 1, neutralise(question)).font = BOLD
        sheet.cell(row, 2, words.say("crosstabs.base")).fill = GREY
        for cell in head.itertuples():
            if (cell.banner, cell.letter) in at:
                sheet.cell(row, at[cell.banner, cell.letter], _number(cell.base)).fill = GREY
        for option, line in block.groupby("option", sort=False):
            row += 1
            sheet.cell(row, 2, neutralise(option or words.say("crosstabs.mean")))
            for cell in line.itertuples():
                if (cell.banner, cell.letter) in at:
                    place = sheet.cell(row, at[cell.banner, cell.letter], _number(cell.value))
                    letters = cell.higher_than.replace("-", "")
                    place.number_format = FORMATS[cell.measure] + (f'" {letters}"' if letters else "")
                    place.font = BOLD if letters else Font()
            if (line["higher_than"] == "-").any():
                sheet.cell(row, 1, words.say("crosstabs.made")).font = Font(italic=True)
        row += 2
    sheet.freeze_panes = "C3"


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)
