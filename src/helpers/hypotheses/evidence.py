"""What a test may look at, and the plain reasons for which a belief cannot be put to one."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.contracts import UNASSIGNED
from helpers.data.customers import Customers
from helpers.data.load import LoadedTables
from helpers.data.survey import Survey
from helpers.personas.model import Group, Personas
from helpers.study import Study
from helpers.wording import Words

SMALLEST_GROUP = 20
"""Fewer customers, visitors or respondents than this in a group are not compared (nor fewer than the study's cell)."""


@dataclass(frozen=True)
class Evidence:
    """Everything that a test may look at; survey-only and sales-only studies lack parts of it."""

    study: Study
    words: Words
    tables: LoadedTables
    customers: Customers | None
    survey: Survey | None
    personas: Personas


class NotTestable(Exception):
    """Why a belief cannot be put to the test with these data, and what would make it testable; text for the report."""


def not_testable(evidence: Evidence, key: str, **values: object) -> NotTestable:
    """The exception with its reason in the report's language (catalogue ``hypotheses.reason``)."""
    return NotTestable(evidence.words.say(f"hypotheses.reason.{key}", **values))


def smallest_group(evidence: Evidence) -> int:
    """The fewest people that a compared group must have."""
    return max(SMALLEST_GROUP, evidence.study.privacy.min_cell)


def counted(evidence: Evidence, n: int) -> str:
    """``1,234``, or ``fewer than 10`` where the count itself is a small cell."""
    cell = evidence.study.privacy.min_cell
    if 0 < n < cell:
        return evidence.words.say("hypotheses.fewer_than", cell=cell)
    return evidence.words.number(n, 0)


def gaps(evidence: Evidence, needs: tuple[str, ...]) -> list[str]:
    """The needs that the study's tables do not meet.

    A need is ``table.column``, with ``|`` between columns of which one is enough; ``survey.<column>`` looks at the
    coded answers. A column without any value counts as missing.
    """
    frames = dict(evidence.tables.frames)
    if evidence.survey is not None:
        frames["survey"] = evidence.survey.answers

    def met(need: str) -> bool:
        table, _, columns = need.partition(".")
        frame = frames.get(table)
        return frame is not None and any(c in frame and frame[c].notna().any() for c in columns.split("|"))

    return [need for need in needs if not met(need)]


def in_window(evidence: Evidence, frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Rows whose time lies in [start, as_of] of the study; all rows where no window is known."""
    if evidence.customers is None:
        return frame
    period = evidence.customers.period
    end = pd.Timestamp(period.as_of) + pd.Timedelta(days=1)
    return frame[(frame[column] >= pd.Timestamp(period.start)) & (frame[column] < end)]


def bought_lines(evidence: Evidence) -> pd.DataFrame:
    """Order lines of the window that are not returns (marked so, or of a negative quantity or amount)."""
    lines = in_window(evidence, evidence.tables.frames["sales"], "ordered_at")
    bought = ~(lines["amount"] < 0)
    if "is_return" in lines:
        bought &= ~lines["is_return"].fillna(False).astype(bool)
    if "quantity" in lines:
        bought &= ~(lines["quantity"] < 0)
    return lines[bought]


def compared_groups(evidence: Evidence) -> tuple[Group, ...]:
    """The personas or segments that tests compare: clustered ones and value tiers, not the structural groups."""
    return tuple(g for g in evidence.personas.groups if not g.structural)


def members(evidence: Evidence) -> pd.DataFrame:
    """customer_id and persona of everybody in a compared group; the unassigned are left out."""
    ids = {g.id for g in compared_groups(evidence)} - {UNASSIGNED}
    rows = evidence.personas.assignments
    return rows.loc[rows["persona"].isin(ids), ["customer_id", "persona"]]
