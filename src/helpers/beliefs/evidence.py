"""What a test may look at, and the plain reasons for which a belief cannot be put to one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.beliefs.verdict import Contrast, usable
from helpers.cards.personas import Personas
from helpers.customers.customers import Customers
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.words import Said, Text, few, say

SMALLEST_GROUP = 20
"""Fewer customers, visitors or respondents than this in a group are not compared (nor fewer than the study's cell)."""


class NotTestable(Exception):
    """Why a belief cannot be put to the test with these data, and what would make it testable."""

    @property
    def reason(self) -> Text:
        """The sentence for the report."""
        return self.args[0]


@dataclass(frozen=True)
class Evidence:
    """Everything that a test may look at; survey-only and sales-only studies lack parts of it."""

    study: Study
    tables: LoadedTables
    customers: Customers | None
    survey: Survey | None
    personas: Personas | None
    """None while a study is only checked: then nothing is tested."""

    @property
    def least(self) -> int:
        """The fewest people that a compared group must have."""
        return max(SMALLEST_GROUP, self.study.privacy.min_cell)

    @property
    def handles(self) -> dict[str, str]:
        """Id and handle of the groups that tests compare: personas and value tiers, not the structural groups."""
        return {g.id: g.handle for g in self.personas.groups if not g.structural}

    def not_testable(self, key: str, **values: object) -> NotTestable:
        """The exception with its reason (catalogue ``hypotheses.reason``)."""
        return NotTestable(say(f"hypotheses.reason.{key}", **values))

    def counted(self, n: int) -> Said:
        """``1,234``, or ``fewer than 10`` where the count itself is a small cell."""
        return few(n, self.study.privacy.min_cell)

    def has(self, need: str) -> bool:
        """Whether the study's tables hold ``table.column`` with a value in it.

        ``table.a|b`` asks for one of the columns; ``survey.<column>`` looks at the coded answers.
        """
        table, _, columns = need.partition(".")
        answers = table == "survey" and self.survey is not None
        frame = self.survey.answers if answers else self.tables.frames.get(table)
        return frame is not None and any(c in frame and frame[c].notna().any() for c in columns.split("|"))

    def in_window(self, table: str, column: str) -> pd.DataFrame:
        """Rows of a table whose time lies in [start, as_of] of the study; all rows where no window is known."""
        frame = self.tables.frames[table]
        if self.customers is None:
            return frame
        period = self.customers.period
        end = pd.Timestamp(period.as_of) + pd.Timedelta(days=1)
        return frame[(frame[column] >= pd.Timestamp(period.start)) & (frame[column] < end)]

    def bought_lines(self) -> pd.DataFrame:
        """Order lines of the window that are not returns (marked so, or of a negative quantity or amount)."""
        lines = self.in_window("sales", "ordered_at")
        bought = ~(lines["amount"] < 0)
        if "is_return" in lines:
            bought &= ~lines["is_return"].fillna(False).astype(bool)
        if "quantity" in lines:
            bought &= ~(lines["quantity"] < 0)
        return lines[bought]

    def members(self) -> pd.DataFrame:
        """customer_id and persona of everybody in a compared group; the unassigned are left out."""
        rows = self.personas.assignments
        return rows.loc[rows["persona"].isin(self.handles), ["customer_id", "persona"]]


def orders(evidence: Evidence) -> pd.DataFrame:
    """One row per order of the window: customer_id, order_id, ordered_at (first line), channel, value (sum of lines).

    Returned lines are no part of an order's value.
    """
    lines = evidence.bought_lines()
    what = {"ordered_at": ("ordered_at", "min"), "value": ("amount", "sum")}
    if "channel" in lines:
        what["channel"] = ("channel", "first")
    return lines.groupby(["customer_id", "order_id"], as_index=False).agg(**what)


def estimated(
    evidence: Evidence, column: str, estimate: Callable[..., list[Contrast]], *given: object
) -> list[Contrast]:
    """The usable contrasts of ``estimate(*given)``; NotTestable where ``column`` divides outcomes too sharply."""
    try:
        contrasts = [c for c in estimate(*given) if usable(c)]
    except PerfectSeparationError:
        contrasts = []
    if not contrasts:
        raise evidence.not_testable("separated", column=column)
    return contrasts
