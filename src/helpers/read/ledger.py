"""The account of a file while it is checked: what is set aside, what is repaired, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.contracts import DataError, FileAccount, Issue
from helpers.opening.raw import RawTable as RawTable
from helpers.words import Said, Text, say

NO_MERGED_IDS = pd.DataFrame(columns=["table", "column", "given", "read_as", "rows"], dtype="str").astype({"rows": int})
CHOSEN = (
    "not_kept", "not_goods", "no_person", "duplicate_line", "duplicate_row", "empty_row", "total_row",
    "repeated_header", "overlap", "group_heading", "preview",
)  # fmt: skip
"""Codes of rows that do not belong among the sales (or are nobody's), so that to set them aside loses nothing."""
MOSTLY = 0.5
"""Sales of which more than this share of the money is nobody's are refused, unless the study accepts more."""


def to_accept(share: float) -> str:
    """A share of money set aside as study.yml would have to accept it: in hundredths, rounded up."""
    return f"{math.ceil(share * 100) / 100:.2f}"


class Checked:
    """A table in the making: every row of the file, which are set aside, which repaired, and why."""

    def __init__(self, table: str, raw: RawTable) -> None:
        self.table, self.raw, self.issues = table, raw, list(raw.issues)
        self.frame = pd.DataFrame(index=raw.frame.index)
        self.aside, self.repaired = np.zeros(len(raw.rows), bool), np.zeros(len(raw.rows), bool)
        self.because = np.full(len(raw.rows), -1, dtype="int16")  # the place of the issue that set a row aside
        self.merged = NO_MERGED_IDS
        self.given_back = pd.DataFrame()  # money given back of an order, as lines of their own

    def note(self, code: str, severity: str, column: str | None, rows: pd.Series | np.ndarray, text: Said) -> None:
        """Enter a finding about some rows; rows already set aside are not told of twice."""
        rows = np.asarray(rows, dtype=bool) & ~self.aside
        if rows.any():
            first, text = self.raw.first(rows, text)
            self.issues.append(Issue(code, severity, column, int(rows.sum()), first, text))
            if severity == "quarantined":
                self.aside |= rows
                self.because[rows] = len(self.issues) - 1
            if severity == "repaired":
                self.repaired |= rows

    def tell(self, code: str, severity: str, column: str | None, text: Said, rows: int = 0) -> None:
        """Enter a finding about the file or a column as a whole."""
        self.issues.append(Issue(code, severity, column, rows, (), text))

    def used(self) -> pd.DataFrame:
        """The rows that may be used, and after them the refunds that stand in a column of their own."""
        used = (self.frame[~self.aside] if self.aside.any() else self.frame).reset_index(drop=True)
        if self.given_back.empty:
            return used
        back = self.given_back[self.given_back["customer_id"].notna()].astype(used.dtypes.to_dict())
        return pd.concat([used, back], ignore_index=True)

    def nobody(self) -> pd.DataFrame:
        """Rows that count as sales and are nobody's, and the refunds of such orders."""
        rows = self.frame[self.aside_for("no_person")]
        if self.given_back.empty:
            return rows.reset_index(drop=True)
        back = self.given_back[self.given_back["customer_id"].isna()].astype(rows.dtypes.to_dict())
        return pd.concat([rows, back], ignore_index=True)

    def aside_for(self, *codes: str) -> np.ndarray:
        """Which rows were set aside for one of some reasons."""
        return np.isin(self.because, [place for place, issue in enumerate(self.issues) if issue.code in codes])

    def money_told(self) -> tuple[Issue, ...]:
        """The issues, those that set sales aside with the money of their rows."""
        if "amount" not in self.frame:
            return tuple(self.issues)
        worth = self.frame["amount"].to_numpy()
        with_amount = (self.because >= 0) & ~np.isnan(worth)
        sums = np.bincount(self.because[with_amount], worth[with_amount], minlength=len(self.issues))
        places = set(self.because[with_amount].tolist())
        return tuple(
            replace(issue, money=round(float(sums[place]), 6)) if place in places else issue
            for place, issue in enumerate(self.issues)
        )

    def account(self) -> FileAccount:
        """Where every record of the file went."""
        used, repaired = int((~self.aside).sum()), int((self.repaired & ~self.aside).sum())
        aside = self.raw.rows_in - used
        return FileAccount(self.table, self.raw.path, self.raw.rows_in, used, repaired, aside, self.money_told())

    def lines(self, severity: str) -> list[Said]:
        """Findings as messages: ``orders.csv, column 'Sum': text (3 rows; first: 2, 7, 9)``."""
        lines = []
        for issue in self.issues:
            if issue.severity == severity:
                told = {"path": self.raw.path, "text": issue.text, "n": issue.rows}
                told |= {"column": issue.column} if issue.column is not None else {}
                told |= {"first": list(map(str, issue.first_rows))} if issue.first_rows else {}
                key = f"{'file' if issue.column is None else 'column'}{'_rows' if issue.first_rows else ''}"
                lines.append(say(f"reading.at.{key}", **told))
        return lines

    def refuse(self) -> None:
        """Raise DataError where there are errors."""
        if faults := self.lines("error"):
            raise DataError(one_below_another(faults), [self.account()])


def one_below_another(faults: Sequence[Text]) -> Said:
    """Several faults as one message, a line each."""
    return say("reading.lines", lines=faults)


def not_opened(table: str, path: str, text: Text) -> FileAccount:
    """The account of a file of which no row could be read."""
    return FileAccount(table, path, 0, 0, 0, 0, (Issue("not_readable", "error", None, 0, (), text),))
