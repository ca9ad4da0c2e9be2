"""Parts of a card that stand beside its claims: whose people its people are, too, and their week."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.words import Text


@dataclass(frozen=True)
class Overlap:
    """Who of a card's people are another's, too (its id is ``other``, ``with`` in JSON): ``share`` of the card's own,
    and what one of those, and of the rest, left after all costs in the held-out weeks (None: not known)."""

    other: str
    n: int
    share: float
    left_each: float | None = None
    left_rest: float | None = None
    name: Text = ""


@dataclass(frozen=True)
class Moment:
    """A part of the week (``part`` empty: dates only) and its share of the orders; None where few stand behind it."""

    day: str
    part: str
    share: float | None
