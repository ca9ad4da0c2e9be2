"""A table as it was opened, and what is set aside before its cells are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from helpers.contracts import Issue
from helpers.words import Said, Text, say


@dataclass(frozen=True)
class Part:
    """A stretch of a table that came from one file or sheet, or from behind a second header: its first row."""

    name: str
    start: int


@dataclass(frozen=True)
class RawTable:
    """A file as it was opened: text columns under their own headers, before anything is believed.

    ``rows`` are the records' numbers in the file (a header is row 1), ``lost`` counts records that could not become
    rows, and ``issues`` tells of them; ``sep`` is None for all but separated text. ``asked`` maps a header to the
    question as it was asked and its option, where a survey tool's export tells them. ``dated`` marks, by header, the
    cells of a workbook that were true dates and not text. ``parts`` are in the order of the rows; one at least.
    """

    path: str
    headers: tuple[str, ...]
    frame: pd.DataFrame
    rows: np.ndarray
    lost: int = 0
    issues: tuple[Issue, ...] = ()
    sep: str | None = None
    asked: dict[str, tuple[str, str]] = field(default_factory=dict)
    dated: dict[str, np.ndarray] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()

    @property
    def rows_in(self) -> int:
        """Physical records."""
        return len(self.rows) + self.lost

    def first(self, marked: np.ndarray, text: Said) -> tuple[tuple[int, ...], Said]:
        """The first five of the marked rows, and a text about them: with where they stand if the table has several
        files or sheets, ``text (orders_2024.csv 3, 4; orders_2025.csv 2)``.
        """
        if len({part.name for part in self.parts}) < 2:
            return tuple(np.sort(self.rows[marked])[:5].tolist()), text
        places = np.flatnonzero(marked)[:5]
        by_name: dict[str, list[str]] = {}
        of = np.searchsorted([part.start for part in self.parts], places, side="right") - 1
        for place, part in zip(places, of, strict=True):
            by_name.setdefault(self.parts[part].name, []).append(str(self.rows[place]))
        parts = [say("opening.where.part", name=name, rows=rows) for name, rows in by_name.items()]
        return tuple(self.rows[places].tolist()), say("opening.where.parts", text=text, parts=parts)

    def without(self, dropped: np.ndarray, code: str, text: Said, column: str | None = None) -> RawTable:
        """The table without some rows, which are counted as set aside and told of."""
        if not dropped.any():
            return self
        first, text = self.first(dropped, text)
        issue = Issue(code, "quarantined", column, int(dropped.sum()), first, text)
        kept = ~dropped
        before = np.concatenate([[0], np.cumsum(kept)])
        return replace(
            self,
            frame=self.frame[kept].reset_index(drop=True),
            rows=self.rows[kept],
            lost=self.lost + int(dropped.sum()),
            issues=(*self.issues, issue),
            dated={name: marks[kept] for name, marks in self.dated.items()},
            parts=tuple(Part(part.name, int(before[part.start])) for part in self.parts),
        )

    def told(self, code: str, severity: str, text: Said, marked: np.ndarray | None = None) -> RawTable:
        """The table with one more finding, about some rows or as a whole."""
        rows = 0 if marked is None else int(marked.sum())
        first, text = ((), text) if marked is None else self.first(marked, text)
        return replace(self, issues=(*self.issues, Issue(code, severity, None, rows, first, text)))


def shortened(names: Sequence[str], most: int) -> list[Text]:
    """The first of several names, for a list in a sentence."""
    return [*names[:most], *([say("format.more")] if len(names) > most else [])]


def set_aside(code: str, rows: list[int], text: Said) -> list[Issue]:
    """The finding about records that were lost, where there are any."""
    return [Issue(code, "quarantined", None, len(rows), tuple(rows[:5]), text)] if rows else []


def wanted(headers: list[str], needed: dict[str, str] | None) -> dict[str, int]:
    """Where each column to be read stands; of columns with the same header the first."""
    return {name: headers.index(name) for name in dict.fromkeys(headers) if name and (needed is None or name in needed)}
