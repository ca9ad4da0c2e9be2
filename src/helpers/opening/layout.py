"""Where a table begins: below ``sep=;``, title rows and blank lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpers.contracts import DataError, Issue
from helpers.opening.exports import LOOKED_AT, read_header
from helpers.opening.raw import shortened
from helpers.sources import Reading
from helpers.words import say

TITLE_ROWS = 60
"""A header is looked for in this many of the first rows."""
MOST_UNNAMED = 1 / 3
"""A table with more columns without a name than this share of them has its header elsewhere."""
_NO_NAME = re.compile(r"[\s\d.,:/+\-€$%()]*\d[\s\d.,:/+\-€$%()]*")


def header_place(rows: Sequence[Sequence[str]]) -> int:
    """Which of the first rows is the header: the first one that is nearly as full as the fullest, and has names.

    ``[["Sales"], [], ["Date", "Client", "Sum"], ["06.01.2025", "A", "3"]]`` gives 2.
    """
    for place in range(min(len(rows), TITLE_ROWS)):
        if any(rows[place]) and read_header(rows[place : place + LOOKED_AT]).rows > 1:
            return place
        if sum(bool(cell and cell.strip()) for cell in rows[place]) > 2:
            break
    filled = [[cell.strip() for cell in row if cell and cell.strip()] for row in rows[:TITLE_ROWS]]
    fullest = max((len(cells) for cells in filled), default=0)
    for place, cells in enumerate(filled):
        if len(cells) < 0.6 * fullest or not cells:
            continue
        if place == 0:
            return 0
        names = [cell for cell in cells if not _NO_NAME.fullmatch(cell)]
        return place if len(names) >= 0.8 * len(cells) and len(set(names)) >= 0.8 * len(names) else 0
    return 0


def refuse_title_rows(rows: Sequence[Sequence[str]], numbers: Sequence[int], reading: Reading, shown: str) -> None:
    """Raise DataError where the header stands below title rows and the study does not say so.

    numbers : of the rows, as a spreadsheet counts them.
    """
    if "skip_rows" in reading.model_fields_set or not (place := header_place(rows)):
        return
    names = shortened([cell.strip() for cell in rows[place] if cell.strip()], 6)
    told = {"path": shown, "row": str(numbers[place]), "names": names, "above": str(numbers[place] - 1)}
    raise DataError(say("opening.refused.title_rows", **told))


def unnamed(headers: Sequence[str], below: Sequence[Sequence[str]], shown: str) -> list[Issue]:
    """Tell of columns that hold cells and have no header, which nobody can name; DataError where they are many."""
    filled = {place for row in below for place, cell in enumerate(row[: len(headers)]) if cell and str(cell).strip()}
    nameless = [place + 1 for place in sorted(filled) if not headers[place]]
    if not nameless or nameless == [1]:  # the first one holds the numbers of the rows
        return []
    places = shortened([str(place) for place in nameless], 8)
    found = say("opening.unnamed", n=len(nameless), all=len(filled), places=places)
    if len(nameless) > MOST_UNNAMED * len(filled):
        raise DataError(say("opening.refused.unnamed", path=shown, unnamed=found))
    return [
        Issue("unnamed_column", "warning", None, 0, (), say("opening.unnamed_left", unnamed=found, n=len(nameless)))
    ]
