"""The usual effect of a known experiment beside the one that a study found, on one scale."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from helpers.contracts import Effect, Usual
from helpers.designs.known import KNOWN
from helpers.words import Quantity, Text, say

LOGISTIC = math.sqrt(3) / math.pi
"""Standard deviations per unit of a log odds ratio (Hasselblad & Hedges 1995; Chinn 2000)."""
RATIOS = ("odds ratio", "ratio of means", "ratio of slopes")
OF_DIRECTION = ("risk difference", "mean difference", "standardised difference")


def beside(design: str, effects: Sequence[Effect] = ()) -> Usual:
    """The published effect of a design, and what ``effects``, this study's own of one arm, are beside it.

    Compared is on the published measure, or by way of odds ratio and standard deviations, which a logistic scale turns
    into one another. With an interval on both sides they differ where that of their difference leaves out none (ratios
    on the log scale); a published figure without one is taken as known, a range by its nearer end.
    """
    published = KNOWN[design].usual
    usual = Usual(
        design, published.source, published.measure, published.estimate, published.low, published.high,
        published.spread,
    )  # fmt: skip
    if published.measure is None:
        ours = next((e for e in effects if e.measure in OF_DIRECTION), None)
        compared = None if ours is None else _direction(ours)
    else:
        ours = _on(published.measure, effects)
        compared = None if ours is None else _compared(usual, ours)
    usual = replace(usual, ours=ours, compared=compared)
    return replace(usual, says=_told(usual))


def _on(measure: str, effects: Sequence[Effect]) -> Effect | None:
    """The effect on a measure; from odds ratio to standard deviations and back where need be."""
    at = {e.measure: e for e in reversed(effects)}
    if measure in at:
        return at[measure]
    if measure == "standardised difference" and "odds ratio" in at:
        return _moved(at["odds ratio"], measure, lambda x: math.log(x) * LOGISTIC)
    if measure == "odds ratio" and "standardised difference" in at:
        return _moved(at["standardised difference"], measure, lambda x: math.exp(x / LOGISTIC))
    return None


def _moved(effect: Effect, measure: str, way: Callable[[float], float]) -> Effect | None:
    numbers = (effect.estimate, effect.ci_low, effect.ci_high)
    if measure == "standardised difference" and min(numbers) <= 0:
        return None
    return Effect(measure, *map(way, numbers), effect.label)


def _direction(ours: Effect) -> str:
    """Whether the effect goes the way that is expected."""
    return "same direction" if ours.ci_low > 0 else "opposite" if ours.ci_high < 0 else "open"


def _compared(usual: Usual, ours: Effect) -> str | None:
    """Smaller, larger, the other way round, or not to be told from the usual effect."""
    scale = math.log if usual.measure in RATIOS else float
    numbers = (ours.estimate, ours.ci_low, ours.ci_high)
    if scale is math.log and min(numbers) <= 0:
        return None
    own, low, high = map(scale, numbers)
    if high < 0:
        return "opposite"
    if usual.spread == "range":
        least, most, error = scale(usual.low), scale(usual.high), 0.0
    else:
        least = most = scale(usual.estimate)
        error = (scale(usual.high) - scale(usual.low)) / 2 if usual.spread == "interval" else 0.0
    if own + math.hypot(high - own, error) < least:
        return "smaller"
    return "larger" if own - math.hypot(own - low, error) > most else "alike"


def in_deviations(effects: Sequence[Effect]) -> Effect | None:
    """This study's effect in standard deviations."""
    return _on("standardised difference", effects)


def usual_in_deviations(design: str) -> tuple[float, float, float] | None:
    """The published effect in standard deviations and its ends (a range: no middle); None on another scale.

    A difference of shares is one of log odds from the published share of the first arm.
    """
    usual = KNOWN[design].usual
    ways: dict[str, Callable[[float], float]] = {
        "standardised difference": float,
        "odds ratio": lambda x: math.log(x) * LOGISTIC,
        "risk difference": lambda x: (_logit(usual.base + x) - _logit(usual.base)) * LOGISTIC,
    }
    if usual.measure not in ways:
        return None
    return tuple(math.nan if x is None else ways[usual.measure](x) for x in (usual.estimate, usual.low, usual.high))


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def size_in_words(measure: str, value: float | None, interval: tuple[float, float] | None = None) -> Text:
    """An effect and its interval (or range) in the unit of its measure."""
    unit = "points" if measure == "risk difference" else "number.2"
    named = f"designs.measure.{measure.replace(' ', '_')}"
    if value is None:
        return say(named, size=Quantity(interval, unit))
    if interval is None:
        return say(named, size=Quantity(value, unit))
    return say("designs.with_interval", size=say(named, size=Quantity(value, unit)), interval=Quantity(interval, unit))


def published_in_words(usual: Usual) -> Text:
    """The published effect, or that only its direction is sure."""
    if usual.measure is None:
        return say("designs.direction_only")
    ends = None if usual.spread == "none" else (usual.low, usual.high)
    return size_in_words(usual.measure, usual.estimate, ends)


def _told(usual: Usual) -> Text:
    """The published effect, and this study's beside it, in a sentence."""
    values = {"published": published_in_words(usual), "source": usual.source}
    if usual.compared is None:
        return say("designs.beside.published", **values)
    ours = size_in_words(usual.ours.measure, usual.ours.estimate, (usual.ours.ci_low, usual.ours.ci_high))
    return say(f"designs.beside.{usual.compared.replace(' ', '_')}", ours=ours, **values)
