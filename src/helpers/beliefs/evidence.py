"""What a test may look at, and the plain reasons for which a belief cannot be put to one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.beliefs.estimators import RARE
from helpers.beliefs.verdict import Contrast, usable
from helpers.cards.personas import Personas
from helpers.contracts import StudyError
from helpers.customers.customers import Customers, orders_of
from helpers.customers.facts import asked, returned
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.words import Said, Text, few, say

SMALLEST_GROUP = 20
"""Fewer customers, visitors or respondents than this in a group are not compared (nor fewer than the study's cell)."""

MOST_WEEKS = 53
"""The most calendar weeks that are held equal; longer windows have longer ones."""
WEEK = pd.Timedelta(days=7)

ORDER = ("customer_id", "order_id", "ordered_at", "value", "channel")


class NotTestable(Exception):
    """Why a belief cannot be put to the test with these data, and what would make it testable."""

    @property
    def reason(self) -> Text:
        """The sentence for the report."""
        return self.args[0]

    @property
    def rival(self) -> Text | None:
        """The other explanation that the data cannot tell from the belief; None where something else is missing."""
        return self.args[1] if len(self.args) > 1 else None


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

    def rivalled(self, key: str, **values: object) -> NotTestable:
        """The exception that names the rival and the design that would tell (catalogue ``rivals``)."""
        rival = say(f"rivals.rival.{key}")
        return NotTestable(say("rivals.reason", rival=rival, design=say(f"rivals.design.{key}", **values)), rival)

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
        return frame[frame[column].between(pd.Timestamp(period.start), period.end, inclusive="left")]

    def end_after(self, moments: pd.Series) -> pd.Timestamp:
        """The first moment after the window; a day after the last of ``moments`` where no window is known."""
        return moments.max() + pd.Timedelta(days=1) if self.customers is None else self.customers.period.end

    def bought_lines(self) -> pd.DataFrame:
        """Order lines of the window that are not returns."""
        lines = self.in_window("sales", "ordered_at")
        return lines[~asked(lines, returned)[0]]

    def members(self) -> pd.DataFrame:
        """customer_id and persona of everybody in a compared group; the unassigned are left out."""
        rows = self.personas.assignments
        return rows.loc[rows["persona"].isin(self.handles), ["customer_id", "persona"]]


def orders(evidence: Evidence) -> pd.DataFrame:
    """One row per purchase order of the window: customer_id, order_id, ordered_at, value (money), channel where known.

    As `orders_of` has them; value is its amount.
    """
    each = orders_of(evidence.in_window("sales", "ordered_at")).rename(columns={"amount": "value"})
    return each[[name for name in ORDER if name in each]]


def calendar(at: pd.Series, *told: pd.Series, least: int = RARE, most: int = MOST_WEEKS) -> pd.Series:
    """The calendar week of each row, so that what a season or a sale does can be held equal.

    told : flags of the same rows; weeks go together with those after them until each has ``least`` of every flag.
    most : the most such weeks. Rows without a moment are a week of their own.
    """
    week = ((at - at.min()) // WEEK).fillna(-1).to_numpy(int) + 1
    if not len(week):
        return pd.Series(dtype="str", index=at.index)
    week //= week.max() // max(most, 1) + 1
    counts = np.column_stack([np.bincount(week, flag) for flag in told or (np.ones(len(week)),)])
    place, number, held = np.zeros(len(counts), int), 0, np.zeros(counts.shape[1])
    for i, row in enumerate(counts):
        place[i], held = number, held + row
        if (held >= least).all():
            number, held = number + 1, np.zeros(counts.shape[1])
    return pd.Series(np.minimum(place, max(number - 1, 0))[week], at.index).astype("str")


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


def leads_seen(evidence: Evidence, borders: Sequence[float], followed: int) -> Evidence:
    """The evidence with leads divided at other points, or followed for other days; the study's own where not given.

    Raises StudyError unless there are two borders in order.
    """
    other: dict[str, object] = {"followed": followed} if followed else {}
    if borders:
        if len(borders) != 2 or borders[0] >= borders[1]:
            raise StudyError(f"09_leads.borders: two numbers of points, the lower first, not {list(borders)}")
        other["thresholds"] = tuple(borders)
    if not other:
        return evidence
    leads = evidence.study.leads.model_copy(update=other)
    return replace(evidence, study=evidence.study.model_copy(update={"leads": leads}))
