"""Web pages and XML that programs call a workbook: the table in them, as text."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from helpers.contracts import DataError
from helpers.opening.layout import header_place
from helpers.opening.raw import RawTable
from helpers.opening.text_files import open_records
from helpers.sources import Reading
from helpers.words import say

ENDINGS = (".xls", ".html", ".htm", ".xml")
MOST_BYTES = 100_000_000
"""A page above this size takes more memory than a study may have."""
_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|\?xml|html|head|body|meta|style|table|!--|div)", re.IGNORECASE
)
_ROWS, _CELLS = ["tr", "row", "ss:row"], ["td", "th", "cell", "ss:cell"]
_WIDEST = 1000


def is_web_table(file: Path) -> bool:
    """Whether a file of such a name is a web page or XML of a spreadsheet, and holds a table."""
    if not file.name.lower().endswith(ENDINGS) or not file.is_file():
        return False
    with file.open("rb") as stream:
        start = stream.read(1 << 16).replace(b"\0", b"").lstrip(b"\xff\xfe")
    return bool(_START.match(start)) and re.search(rb"<(?:table|ss:table|(?:ss:)?worksheet)\b", start, re.I) is not None


def open_web_table(file: Path, shown: str, reading: Reading, needed: dict[str, str] | None) -> RawTable:
    """Read the largest table of a page as if it were separated text, with row numbers of that table."""
    rows = _rows(file, shown, reading.encoding)
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    lines.seek(0)
    return open_records(lines, ",", shown, reading.model_copy(update={"sep": None}), needed)


def title_rows(file: Path) -> int:
    """How many rows stand above the header of the table, as ``read.skip_rows`` counts them."""
    return header_place(_rows(file, file.name, None))


def _rows(file: Path, shown: str, encoding: str | None) -> list[list[str]]:
    """The cells of the largest table, one line each; a cell that spans columns or rows stands in the first of them."""
    if file.stat().st_size > MOST_BYTES:
        raise DataError(say("opening.refused.page_size", path=shown))
    try:
        content = file.read_bytes()
        if head := re.match(rb"\s*<\?xml[^>]*?(?:encoding=[\"']([\w-]+)[\"'][^>]*)?\?>", content):
            content, encoding = content[head.end() :], encoding or (head[1] or b"utf-8").decode()
        page = BeautifulSoup(content, "html.parser", from_encoding=encoding)
    except LookupError:
        raise DataError(say("opening.refused.page_encoding", path=shown, encoding=encoding)) from None
    tables = [[row for row in table.find_all(_ROWS) if row.find_parent(table.name) is table]
              for table in page.find_all(["table", "ss:table"])]  # fmt: skip
    largest = max(tables, key=len, default=[])
    if len(largest) < 2:
        raise DataError(say("opening.refused.page_empty", path=shown))
    rows: list[list[str]] = []
    held: dict[int, int] = {}
    for row in largest:
        cells: dict[int, str] = {}
        place = 0
        for cell in row.find_all(_CELLS, recursive=False):
            place = max(place, _span(cell, "ss:index", "") - 1)
            while held.get(place):
                held[place] -= 1
                place += 1
            wide, deep = (_span(cell, *names) for names in (("colspan", "ss:mergeacross"), ("rowspan", "ss:mergedown")))
            cells[place] = " ".join(cell.get_text(" ").split())
            held |= {at: deep - 1 for at in range(place, place + wide) if deep > 1}
            place += wide
        rows.append([cells.get(at, "") for at in range(max(cells, default=-1) + 1)])
    width = min(max(map(len, rows)), _WIDEST)
    return [[*row, *[""] * (width - len(row))] for row in rows if any(row)]


def _span(cell: Tag, name: str, beyond: str) -> int:
    """How many columns or rows a cell takes: ``colspan``, or one more than ``ss:MergeAcross``."""
    told, more = str(cell.get(name) or ""), str(cell.get(beyond) or "")
    return min(_WIDEST, max(1, int(told) if told.isdigit() else 1 + (int(more) if more.isdigit() else 0)))
