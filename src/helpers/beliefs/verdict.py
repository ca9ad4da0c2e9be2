"""From numbers to a verdict: contrasts with their intervals, what a test found, and the one rule that judges it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.stats import norm

from helpers.contracts import Effect, Preregistration, Verdict
from helpers.words import NOT_KNOWN, Quantity, Said, Text, say

ALPHA = 0.05
POWER = 0.80
Z95 = float(norm.ppf(1 - ALPHA / 2))
Z90 = float(norm.ppf(1 - ALPHA))
Z_MDE = Z95 + float(norm.ppf(POWER))
NO_SPREAD = 1e-9
"""A standard error below this is rounding: the data do not vary, and no p-value follows from them."""
UNITS = {"share": "percent", "auc": "percent", "risk difference": "points"}
"""Types of measures in sentences; other measures are plain numbers."""
RATIOS = ("odds ratio", "risk ratio", "ratio of means", "hazard ratio")
NO_EFFECT = dict.fromkeys(RATIOS, 1.0) | {"auc": 0.5}
"""What each measure is when there is nothing to see; 0 for every other measure."""


@dataclass(frozen=True)
class Contrast:
    """One comparison on the scale on which it is judged.

    ``low``/``high`` is the 95 % interval, ``inner_low``/``inner_high`` the 90 % interval of the two one-sided tests.
    Ratios are kept as ratios and judged on the log scale. ``effects`` are what the report shows, the headline first.
    ``mde`` is in units of the smallest effect of interest: a difference, or a relative change for a ratio.
    ``falls``: the belief expects less than no effect here.
    """

    label: Text
    measure: str
    estimate: float
    low: float
    high: float
    inner_low: float
    inner_high: float
    p_value: float
    mde: float | None
    effects: tuple[Effect, ...]
    facts: dict[str, float] = field(default_factory=dict)
    falls: bool = False


@dataclass(frozen=True)
class Finding:
    """What a test found, before it is judged among its family.

    ``contrasts`` has the most telling one first; ``p_value`` is already corrected for their number. ``sentence`` states
    the facts; ``notes`` say what was left out; ``descriptive`` findings compare no groups of people, so that no warning
    against reading them as causes is needed.
    """

    contrasts: tuple[Contrast, ...]
    p_value: float
    n: dict[Text, int]
    method: Text
    sentence: Text
    extra: tuple[Effect, ...] = ()
    notes: Text = ""
    descriptive: bool = False
    preregistration: Preregistration | None = None

    @property
    def effects(self) -> tuple[Effect, ...]:
        """All effects that the report shows."""
        return tuple(e for c in self.contrasts for e in c.effects) + self.extra


def wald(
    label: Text,
    measure: str,
    estimate: float,
    se: float,
    others: tuple[Effect, ...] = (),
    facts: dict[str, float] | None = None,
) -> Contrast:
    """A contrast from an estimate and its standard error; for a ratio both are on the log scale."""
    back = math.exp if measure in RATIOS else float
    low, high, inner_low, inner_high = (back(estimate + z * se) for z in (-Z95, Z95, -Z90, Z90))
    p = float(2 * norm.sf(abs(estimate) / se)) if se > NO_SPREAD else math.nan
    mde = math.expm1(Z_MDE * se) if measure in RATIOS else Z_MDE * se
    shown = (Effect(measure, back(estimate), low, high, label), *others)
    return Contrast(label, measure, back(estimate), low, high, inner_low, inner_high, p, mde, shown, facts or {})


def widened(measure: str, estimate: float, limits: tuple[float, ...], factor: float) -> tuple[float, ...]:
    """Limits moved away from the estimate, for ratios on the log scale; a difference of shares stays within 1."""
    if measure in RATIOS:
        return tuple(estimate * (limit / estimate) ** factor for limit in limits)
    edge = 1.0 if measure == "risk difference" else math.inf
    return tuple(min(max(estimate + factor * (limit - estimate), -edge), edge) for limit in limits)


def usable(contrast: Contrast) -> bool:
    """Whether every number of a contrast is finite: what cannot be estimated is never shown as a number."""
    numbers = [contrast.p_value, contrast.inner_low, contrast.inner_high]
    numbers += [value for e in contrast.effects for value in (e.estimate, e.ci_low, e.ci_high)]
    return bool(np.isfinite(numbers).all())


def by_clarity(contrasts: list[Contrast]) -> tuple[tuple[Contrast, ...], float]:
    """Contrasts with the smallest p-value first, and that p-value corrected for their number (Bonferroni-Holm)."""
    ordered = tuple(sorted(contrasts, key=lambda c: (c.p_value, c.label)))
    return ordered, min(1.0, ordered[0].p_value * len(ordered))


def relabelled(contrast: Contrast, label: Text) -> Contrast:
    """A contrast under another label, and its effects with it: what was sorted by a key as a reader sees it."""
    return replace(contrast, label=label, effects=tuple(replace(e, label=label) for e in contrast.effects))


def two_shares(key: str, found: Contrast, **values: object) -> Said:
    """Two shares and their difference, for a sentence (catalogue ``hypotheses.facts``)."""
    shares = {name: found.facts[name] for name in ("share", "share_control")}
    return say(
        f"hypotheses.facts.{key}", **shares, difference=found.estimate, interval=(found.low, found.high), **values
    )


def decide(contrasts: tuple[Contrast, ...], p_adjusted: float, sesoi: float, directed: bool) -> Verdict:
    """The verdict on a testable belief: equivalent, then supported or reversed, then inconclusive.

    Equivalent needs every contrast's 90 % interval inside the smallest effect of interest (two one-sided tests;
    Schuirmann 1987, Lakens 2017). Supported or reversed needs the first contrast's 95 % interval to exclude no effect
    and the adjusted p-value at most .05. A share is judged against the smallest share of interest instead of zero.
    """
    if all(_within(c, sesoi) for c in contrasts):
        return "equivalent"
    first = contrasts[0]
    null = sesoi if first.measure == "share" else NO_EFFECT.get(first.measure, 0.0)
    if p_adjusted > ALPHA or first.low <= null <= first.high:
        return "inconclusive"
    as_believed = (first.high < null) == first.falls
    return "supported" if as_believed or not directed else "reversed"


def _within(contrast: Contrast, sesoi: float) -> bool:
    """Whether the 90 % interval lies inside the smallest effect of interest."""
    if contrast.measure == "share":
        return contrast.inner_high < sesoi
    if contrast.measure in RATIOS:
        bound = math.log1p(sesoi)
        return -bound < math.log(contrast.inner_low) and math.log(contrast.inner_high) < bound
    null = NO_EFFECT.get(contrast.measure, 0.0)
    return null - sesoi < contrast.inner_low and contrast.inner_high < null + sesoi


def interval_in_words(contrast: Contrast) -> Text | Quantity:
    """The 95 % interval of a contrast in the unit of its measure."""
    low, high = contrast.low, contrast.high
    if contrast.measure == "standardised difference":
        return say("hypotheses.in_standard_deviations", interval=(low, high))
    if contrast.measure == "slope":
        return say("hypotheses.per_tenth", share=(low / 10, high / 10))
    return Quantity((low, high), UNITS.get(contrast.measure, "number"))


def size_in_words(measure: str, size: float | None, effects: tuple[Effect, ...] = ()) -> Text | Quantity:
    """A smallest effect of interest, or a detectable effect, in the unit of the measure that it is judged by.

    Standard deviations are told in the outcome's own unit too, where ``effects`` begin with the difference in both.
    """
    if not measure or size is None:
        return NOT_KNOWN
    if measure == "standardised difference":
        told = say("hypotheses.sd", value=size)
        if [e.measure for e in effects[:2]] != ["mean difference", measure]:
            return told
        wide, narrow = (e.ci_high - e.ci_low for e in effects[:2])
        return say("hypotheses.in_own_unit", size=told, own=size * wide / narrow)
    if measure == "slope":
        return say("hypotheses.per_tenth", share=size / 10)
    return Quantity(size, "percent" if measure in RATIOS else UNITS.get(measure, "number"))
