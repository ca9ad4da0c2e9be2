"""Workbooks (xlsx, xlsm, xlsb, xls, ods): one sheet as text that reads back exactly, with a mark on true dates.

python-calamine reads all of them, in a twentieth of the time that openpyxl takes for xlsx alone.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum, load_workbook

from helpers.contracts import DataError, Issue
from helpers.opening.error_cells import error_cells, told
from helpers.opening.exports import LOOKED_AT, read_header
from helpers.opening.layout import TITLE_ROWS, header_place, refuse_title_rows, unnamed
from helpers.opening.raw import RawTable, set_aside, wanted
from helpers.sources import Reading
from helpers.words import say

ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
MOST_CELLS = 20_000_000
"""Of a sheet, empty ones among them: the reader makes room for all, and ends the process where there is none."""
EXACT = 1e15
"""Numbers below have 15 digits at most."""
_BATCH, _BLOCK = 50_000, 1 << 20
_PLACE = re.compile(rb'<c r="([A-Z]{2,3})\d|<row [^>]*?\br="(\d{4,7})"')
_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0"


def is_workbook(file: Path) -> bool:
    """Whether a file is a workbook by its name and its first bytes: many programs call a text file ``xls``."""
    if not file.name.lower().endswith(ENDINGS) or not file.is_file():
        return False
    with file.open("rb") as stream:
        return stream.read(4).startswith((_ZIP, _OLE))


def open_sheet(file: Path, shown: str, reading: Reading, needed: dict[str, str] | None) -> RawTable:
    """Read one sheet of a workbook; true dates and numbers become text that reads back exactly."""
    book = _book(file, shown)
    title = _the_sheet(book, shown, reading)
    rows = _filled(book, title, shown, reading.skip_rows)
    first = list(itertools.islice(rows, TITLE_ROWS))
    if not first:
        raise DataError(say("opening.refused.sheet_empty", path=shown, sheet=title))
    top = [[_cell_text(cell) for cell in cells] for _, cells in first]
    refuse_title_rows(top, [number for number, _ in first], reading, shown)
    top_rows = read_header(top[:LOOKED_AT])
    headers = list(top_rows.names)
    while headers and not headers[-1]:
        headers.pop()
    width, places = len(headers), wanted(headers, needed)
    schema = pa.schema([(name, pa.large_string()) for name in places])
    parts, numbers, wide = [schema.empty_table()], [np.array([], dtype="int64")], []
    rounded: list[Issue] = []
    dated: dict[str, list[np.ndarray]] = {name: [] for name in places}
    rows = itertools.chain(first[top_rows.rows :], rows)
    while batch := list(itertools.islice(rows, _BATCH)):
        whole = [row for row in batch if not any(cell != "" for cell in row[1][width:])]
        wide += [number for number, cells in batch if any(cell != "" for cell in cells[width:])]
        columns = list(zip(*(cells for _, cells in whole), strict=True)) if whole else [()] * width
        parts.append(
            pa.table(
                [pa.array(map(_cell_text, columns[place]), pa.large_string()) for place in places.values()], schema
            )
        )
        for name, place in places.items():
            if (needed or {}).get(name) == "id":
                rounded += _rounded(name, [(number, cells[place]) for number, cells in whole])
            dated[name].append(np.fromiter((isinstance(cell, dt.date) for cell in columns[place]), bool, len(whole)))
        numbers.append(np.array([number for number, _ in whole], dtype="int64"))
    issues = [*top_rows.told(), *rounded, *unnamed(headers, top[top_rows.rows :], shown)]
    issues += [*set_aside("ragged_row", wide, say("opening.beyond_header"))]
    marks = {name: np.concatenate(masks) for name, masks in dated.items() if any(mask.any() for mask in masks)}
    frame = pa.concat_tables(parts).to_pandas()
    numbers_of = np.concatenate(numbers)
    errors = error_cells(file, title)
    issues += told(errors, [name if name in places else "" for name in headers], numbers_of) if errors else []
    return RawTable(
        shown, tuple(headers), frame, numbers_of, len(wide), tuple(issues), asked=top_rows.asked, dated=marks
    )


def _rounded(name: str, cells: list[tuple[int, Any]]) -> list[Issue]:
    """That ids are stored as numbers of more than 15 digits, of which Excel has kept 15: different ones are alike."""
    long = [(number, int(cell)) for number, cell in cells if isinstance(cell, float) and EXACT <= abs(cell) < np.inf]
    cut = [number for number, cell in long if str(cell).endswith("0") or abs(cell) > 2**53]
    if not cut or len(cut) < len(long):
        return []
    return [Issue("id_rounded", "error", name, len(cut), tuple(cut[:5]), say("opening.id_rounded"))]


def sheet_names(file: Path) -> dict[str, int]:
    """The sheets of a workbook that hold something, with the number of their rows; empty for other files."""
    return _sizes(_book(file, file.name), file.name) if is_workbook(file) else {}


def sheets_of_one_layout(file: Path) -> list[str]:
    """The sheets of a workbook that hold one table, in their order; none where the fullest has no like.

    A sheet is like another where the columns below its title rows are the same.
    """
    book = _book(file, file.name)
    sizes, tops = _sizes(book, file.name), {}
    for title in sizes:
        first = list(itertools.islice(_filled(book, title, file.name, 0), TITLE_ROWS))
        rows = [[_cell_text(cell) for cell in cells] for _, cells in first]
        place = header_place(rows)
        numbered = first[place][0] if first else 0
        tops[title] = (numbered, [name for name in read_header(rows[place : place + LOOKED_AT]).names if name])
    fullest = max(sizes, key=sizes.__getitem__, default="")
    alike = [
        title
        for title, top in tops.items()
        if sizes[title] > 1 and top[0] == tops[fullest][0] and set(top[1]) == set(tops[fullest][1]) and len(top[1]) > 1
    ]
    return alike if len(alike) > 1 else []


def title_rows(file: Path, sheet: str | None) -> int:
    """How many rows stand above the header of a sheet, as ``read.skip_rows`` counts them."""
    book = _book(file, file.name)
    title = _the_sheet(book, file.name, Reading(sheet=sheet))
    first = list(itertools.islice(_filled(book, title, file.name, 0), TITLE_ROWS))
    place = header_place([[_cell_text(cell) for cell in cells] for _, cells in first])
    return first[place][0] - 1 if place else 0


def _book(file: Path, shown: str) -> CalamineWorkbook:
    try:
        _refuse_far_cells(file, shown)
        return load_workbook(file)
    except (CalamineError, OSError) as error:
        if _is_locked(file, error):
            raise DataError(say("opening.refused.password", path=shown)) from None
        raise DataError(say("opening.refused.workbook", path=shown, fault=str(error))) from None


def _refuse_far_cells(file: Path, shown: str) -> None:
    """Raise DataError for a sheet (of xlsx) that spans too many cells, which a single stray one far away can do."""
    if not zipfile.is_zipfile(file):
        return
    damaged = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
    with suppress(*damaged), zipfile.ZipFile(file) as book:  # what is damaged the reader itself refuses
        for name in book.namelist():
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                continue
            with book.open(name) as sheet:
                height, width = _spans(sheet)
            if height * width > MOST_CELLS:
                size = {"rows": height, "columns": width, "most": MOST_CELLS}
                raise DataError(say("opening.refused.far_cell", path=shown, **size))


def _spans(sheet: IO[bytes]) -> tuple[int, int]:
    """The rows and columns that the XML of a sheet names, at least 1,000 and 26."""
    columns, height, rest = {b"Z"}, 1000, b""
    while block := sheet.read(_BLOCK):
        for column, row in _PLACE.findall(rest + block):
            columns.add(column)
            height = max(height, int(row or 0))
        rest = block[-64:]
    return height, max(map(_column_number, columns))


def _column_number(letters: bytes) -> int:
    """``AB`` as 28."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


@contextmanager
def _whole(shown: str, title: str) -> Iterator[None]:
    """What a damaged sheet does while it is read becomes a DataError."""
    try:
        yield
    except CalamineError as error:
        key = "opening.refused.sheet_damaged_so" if str(error) else "opening.refused.sheet_damaged"
        raise DataError(say(key, path=shown, sheet=title, fault=str(error))) from None


def _is_locked(file: Path, error: Exception) -> bool:
    """Whether a workbook is encrypted: Excel packs such a one into a container that names the package."""
    content = file.read_bytes()
    return "password" in str(error).lower() or (
        content.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in content
    )


def _sizes(book: CalamineWorkbook, shown: str) -> dict[str, int]:
    """The sheets that are shown and hold something, with the number of their rows; hidden ones where no other does."""
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    heights = {}
    for sheet in sheets:
        with _whole(shown, sheet.name):
            heights[sheet.name] = book.get_sheet_by_name(sheet.name).height
    filled = [sheet for sheet in sheets if heights[sheet.name]]
    shown = [sheet for sheet in filled if sheet.visible == SheetVisibleEnum.Visible]
    return {sheet.name: heights[sheet.name] for sheet in shown or filled}


def _the_sheet(book: CalamineWorkbook, shown: str, reading: Reading) -> str:
    """The sheet that is meant. Raises DataError where that cannot be told."""
    stated = reading.sheets[0] if reading.sheets else None
    if stated is not None and stated in book.sheet_names:
        return stated
    filled = _sizes(book, shown)
    if stated is None and len(filled) <= 1:
        return next(iter(filled), next(iter(book.sheet_names), ""))
    known = [say("format.named", text=name) for name in book.sheet_names]
    if stated:
        raise DataError(say("opening.refused.sheet_unknown", path=shown, sheet=stated, known=known))
    raise DataError(say("opening.refused.sheets", path=shown, n=len(filled), known=known))


def _filled(book: CalamineWorkbook, title: str, shown: str, skip_rows: int) -> Iterator[tuple[int, list[Any]]]:
    """The rows of a sheet that hold something, each with its number."""
    with _whole(shown, title):
        rows = book.get_sheet_by_name(title).iter_rows() if title else iter(())
    for number, cells in enumerate(rows, start=1):
        if number > skip_rows and cells.count("") < len(cells):
            yield number, cells


def _cell_text(cell: object) -> str:
    """A workbook's cell as text: whole numbers without a point, dates as ISO."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        moment = (cell + dt.timedelta(milliseconds=500)).replace(microsecond=0)  # a day's fraction is never exact
        return moment.isoformat(" ").removesuffix(" 00:00:00")
    return str(cell)
