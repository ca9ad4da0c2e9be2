"""The account of a file while it is checked: what is set aside, what is repaired, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.contracts import DataError, FileAccount, Issue

NO_MERGED_IDS = pd.DataFrame(columns=["table", "column", "given", "read_as", "rows"], dtype="str").astype({"rows": int})


@dataclass(frozen=True)
class RawTable:
    """A file as it was opened: text columns under their own headers, before anything is believed.

    ``rows`` are the records' numbers in the file (a header is row 1), ``lost`` counts records that could not become
    rows, and ``issues`` tells of them; ``sep`` is None for workbooks and Parquet. ``asked`` maps a header to the
    question as it was asked and its option, where a survey tool's export tells them.
    """

    path: str
    headers: tuple[str, ...]
    frame: pd.DataFrame
    rows: np.ndarray
    lost: int = 0
    issues: tuple[Issue, ...] = ()
    sep: str | None = None
    asked: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def rows_in(self) -> int:
        """Physical records."""
        return len(self.rows) + self.lost


class Checked:
    """A table in the making: every row of the file, which are set aside, which repaired, and why."""

    def __init__(self, table: str, raw: RawTable) -> None:
        self.table, self.raw, self.issues = table, raw, list(raw.issues)
        self.frame = pd.DataFrame(index=raw.frame.index)
        self.aside, self.repaired = np.zeros(len(raw.rows), bool), np.zeros(len(raw.rows), bool)
        self.merged = NO_MERGED_IDS

    def note(self, code: str, severity: str, column: str | None, rows: pd.Series | np.ndarray, text: str) -> None:
        """Enter a finding about some rows; rows already set aside are not told of twice."""
        rows = np.asarray(rows, dtype=bool) & ~self.aside
        if rows.any():
            first = tuple(np.sort(self.raw.rows[rows])[:5].tolist())
            self.issues.append(Issue(code, severity, column, int(rows.sum()), first, text))
            if severity == "quarantined":
                self.aside |= rows
            if severity == "repaired":
                self.repaired |= rows

    def tell(self, code: str, severity: str, column: str | None, text: str, rows: int = 0) -> None:
        """Enter a finding about the file or a column as a whole."""
        self.issues.append(Issue(code, severity, column, rows, (), text))

    def used(self) -> pd.DataFrame:
        """The rows that may be used."""
        return self.frame[~self.aside].reset_index(drop=True)

    def account(self) -> FileAccount:
        """Where every record of the file went."""
        used, repaired = int((~self.aside).sum()), int((self.repaired & ~self.aside).sum())
        aside = self.raw.rows_in - used
        return FileAccount(self.table, self.raw.path, self.raw.rows_in, used, repaired, aside, tuple(self.issues))

    def lines(self, severity: str) -> list[str]:
        """Findings as messages: ``orders.csv, column 'Sum': text (3 rows; first: 2, 7, 9)``."""
        lines = []
        for issue in self.issues:
            where = self.raw.path if issue.column is None else f"{self.raw.path}, column {issue.column!r}"
            rows = f" ({issue.rows} rows; first: {', '.join(map(str, issue.first_rows))})" if issue.first_rows else ""
            lines += [f"{where}: {issue.text}{rows}"] if issue.severity == severity else []
        return lines

    def refuse(self) -> None:
        """Raise DataError where there are errors."""
        if faults := self.lines("error"):
            raise DataError("\n".join(faults), [self.account()])


def not_opened(table: str, path: str, text: str) -> FileAccount:
    """The account of a file of which no row could be read."""
    return FileAccount(table, path, 0, 0, 0, 0, (Issue("not_readable", "error", None, 0, (), text),))
