"""The account of a file while it is checked: what is set aside, what is repaired, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.contracts import FileAccount, Issue

MERGED_COLUMNS = ["table", "column", "given", "read_as", "rows"]


@dataclass(frozen=True)
class RawTable:
    """A file as it was opened: text columns under their own headers, before anything is believed.

    ``rows`` are the records' numbers in the file (a header is row 1), ``lost`` counts records that could not become
    rows, and ``issues`` tells of them; ``sep`` is None for workbooks and Parquet.
    """

    path: str
    headers: tuple[str, ...]
    frame: pd.DataFrame
    rows: np.ndarray
    lost: int
    issues: tuple[Issue, ...]
    sep: str | None

    @property
    def rows_in(self) -> int:
        """Physical records."""
        return len(self.rows) + self.lost


@dataclass
class Checked:
    """A table in the making: every row of the file, which are set aside, which repaired, and why."""

    table: str
    raw: RawTable
    frame: pd.DataFrame
    aside: np.ndarray
    repaired: np.ndarray
    issues: list[Issue]
    merged: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=MERGED_COLUMNS))

    def note(self, code: str, severity: str, column: str | None, rows: pd.Series | np.ndarray, text: str) -> None:
        """Enter a finding about some rows; rows already set aside are not told of twice."""
        rows = np.asarray(rows, dtype=bool) & ~self.aside
        if rows.any():
            first = tuple(int(row) for row in np.sort(self.raw.rows[rows])[:5])
            self.issues.append(Issue(code, severity, column, int(rows.sum()), first, text))
            if severity == "quarantined":
                self.aside |= rows
            if severity == "repaired":
                self.repaired |= rows

    def fault(self, code: str, column: str | None, text: str) -> None:
        """Enter an error about the file as a whole."""
        self.issues.append(Issue(code, "error", column, 0, (), text))

    def used(self) -> pd.DataFrame:
        """The rows that may be used."""
        return self.frame[~self.aside].reset_index(drop=True)

    def account(self) -> FileAccount:
        """Where every record of the file went."""
        used = int((~self.aside).sum())
        repaired = int((self.repaired & ~self.aside).sum())
        return FileAccount(
            self.table, self.raw.path, self.raw.rows_in, used, repaired, self.raw.rows_in - used, tuple(self.issues)
        )

    def faults(self) -> list[str]:
        """The errors among the findings, as messages."""
        return [issue_line(self.raw.path, issue) for issue in self.issues if issue.severity == "error"]


def issue_line(path: str, issue: Issue) -> str:
    """``orders.csv, column 'Sum': text (3 rows; first: 2, 7, 9)``."""
    where = path if issue.column is None else f"{path}, column {issue.column!r}"
    rows = f" ({issue.rows} rows; first: {', '.join(map(str, issue.first_rows))})" if issue.first_rows else ""
    return f"{where}: {issue.text}{rows}"
