"""An effect with its interval, and what is usually found beside it: records of hypotheses.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helpers.words import Text


@dataclass(frozen=True)
class Effect:
    """One effect with its 95 % interval; ``label`` tells several of the same measure apart (an arm, a persona)."""

    measure: str
    estimate: float
    ci_low: float
    ci_high: float
    label: Text = ""


@dataclass(frozen=True)
class Usual:
    """What is usually found with a known experiment (no measure: the direction alone is sure), and ours beside it."""

    design: str
    source: Text
    measure: str | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    spread: Literal["interval", "range", "none"] = "none"
    ours: Effect | None = None
    compared: Literal["alike", "smaller", "larger", "same direction", "opposite", "open"] | None = None
    says: Text = ""
