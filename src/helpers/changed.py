"""What changed since the previous publication: the records of the published drift.json.

Everything here is data without behaviour, as in ``contracts``.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpers.words import Text


@dataclass(frozen=True)
class Match:
    """A persona and the one it was matched to in the previous publication."""

    id: str
    previous_id: str | None
    jaccard: float | None
    share: float
    previous_share: float | None


@dataclass(frozen=True)
class NegativeMatch:
    """A negative persona, now and before (None where there is no such card): share of customers with its interval, and
    whether its customers cost money (-), bring some (+) or neither for sure (0), what it cost to win them left out."""

    handle: str
    share: float | None
    ci_low: float | None
    ci_high: float | None
    sign: str | None
    share_before: float | None
    ci_low_before: float | None
    ci_high_before: float | None
    sign_before: str | None


@dataclass(frozen=True)
class Since:
    """The publication that a change is counted from: of those before, the first after which none was told."""

    run_id: str | None
    as_of: str


@dataclass(frozen=True)
class Change:
    """How much a group grew or shrank among the same people, in two windows of ``days`` days of equal length.

    ``id`` is today's where the group has one; ``then`` and ``now`` are shares, ``noise`` is the change that chance
    alone reaches at the level of this run, ``told`` whether it is news.
    """

    id: str
    days: int
    n: int
    then: float
    now: float
    noise: float
    told: bool


@dataclass(frozen=True)
class Drift:
    """What changed since the previous publication; ``noise`` is the share that moves when nothing has changed.

    new : personas of people unlike all earlier ones. redrawn : those that match no earlier one, and yet hold the same
    people. retired : earlier ones whose people are gone. dissolved : those that are matched to none of today's, and yet
    whose people are still there. by_chance : what ``migration`` would be if nothing had changed. prices, busier :
    relative change of all order values, and of all orders, that was taken out first. since, changes : what is compared
    where orders of then and now are at hand; None and empty where they are not.
    """

    previous: str | None
    alert: bool
    matches: tuple[Match, ...]
    new: tuple[str, ...]
    retired: tuple[str, ...]
    migration: dict[str, dict[str, float]] | None
    noise: float | None
    statement: Text
    redrawn: tuple[str, ...] = ()
    dissolved: tuple[str, ...] = ()
    by_chance: dict[str, dict[str, float]] | None = None
    prices: float | None = None
    negatives: tuple[NegativeMatch, ...] = ()
    since: Since | None = None
    changes: tuple[Change, ...] = ()
    busier: float | None = None
