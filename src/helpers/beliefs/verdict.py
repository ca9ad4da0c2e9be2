"""From numbers to a verdict: contrasts with their intervals, what a test found, and the one rule that judges it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, t

from helpers.contracts import Effect, HypothesisResult, Preregistration, Usual, Verdict
from helpers.words import NOT_KNOWN, Quantity, Said, Text, say

ALPHA = 0.05
POWER = 0.80
Z95 = float(norm.ppf(1 - ALPHA / 2))
Z90 = float(norm.ppf(1 - ALPHA))
Z_POWER = float(norm.ppf(POWER))
Z_MDE = Z95 + Z_POWER
MOST_EXACT = 1e-9
"""Under this the sum over the common part has no digits left, and the bound takes its place."""
NO_SPREAD = 1e-9
"""A standard error below this is rounding: the data do not vary, and no p-value follows from them."""
UNITS = {"share": "percent", "auc": "percent", "risk difference": "points"}
"""Types of measures in sentences; other measures are plain numbers."""
RATIOS = ("odds ratio", "risk ratio", "ratio of means", "hazard ratio")
EDGES = {"risk difference": (-1.0, 1.0), "share": (0.0, 1.0), "auc": (0.0, 1.0)}
"""Between what a measure lies."""
NO_EFFECT = dict.fromkeys(RATIOS, 1.0) | {"auc": 0.5}
"""What each measure is when there is nothing to see; 0 for every other measure."""


@dataclass(frozen=True)
class Contrast:
    """One comparison on the scale on which it is judged.

    ``low``/``high`` is the 95 % interval, ``inner_low``/``inner_high`` the 90 % interval of the two one-sided tests.
    Ratios are kept as ratios and judged on the log scale. ``effects`` are what the report shows, the headline first.
    ``mde`` is in units of the smallest effect of interest: a difference, or a relative change for a ratio.
    ``falls``: the belief expects less than no effect here. ``p_joint`` is the p-value corrected for all contrasts of
    its test, where `held_together` has looked at them.
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
    p_joint: float | None = None


@dataclass(frozen=True)
class Finding:
    """What a test found, before it is judged among its family.

    ``contrasts`` has the most telling one first; ``p_value`` is already corrected for their number. ``sentence`` states
    the facts; ``notes`` say what was left out; ``descriptive`` findings compare no groups of people, so that no warning
    against reading them as causes is needed. ``by_arm``: every contrast has a verdict of its own. ``usual``: what
    the literature found.
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
    by_arm: bool = False
    usual: Usual | None = None

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
    freedom: float | None = None,
) -> Contrast:
    """A contrast from an estimate and its standard error; for a ratio both are on the log scale.

    freedom : degrees of freedom of the standard error; without them it is taken as known.
    """
    back, of = math.exp if measure in RATIOS else float, norm if freedom is None else t(freedom)
    half, inner = float(of.isf(ALPHA / 2)), float(of.isf(ALPHA))
    low, high, inner_low, inner_high = (back(estimate + z * se) for z in (-half, half, -inner, inner))
    p = float(2 * of.sf(abs(estimate) / se)) if se > NO_SPREAD else math.nan
    shown_by = (half + float(of.ppf(POWER))) * se
    mde = math.expm1(shown_by) if measure in RATIOS else shown_by
    shown = (Effect(measure, back(estimate), low, high, label), *others)
    return Contrast(label, measure, back(estimate), low, high, inner_low, inner_high, p, mde, shown, facts or {})


def widened(measure: str, estimate: float, limits: tuple[float, ...], factor: float) -> tuple[float, ...]:
    """Limits moved away from the estimate, for ratios on the log scale; a difference of shares stays within 1."""
    if measure in RATIOS:
        return tuple(estimate * (limit / estimate) ** factor for limit in limits)
    least, most = EDGES.get(measure, (-math.inf, math.inf))
    return tuple(min(max(estimate + factor * (limit - estimate), least), most) for limit in limits)


def effect_widened(effect: Effect, factor: float) -> Effect:
    """An effect with its interval `widened`."""
    low, high = widened(effect.measure, effect.estimate, (effect.ci_low, effect.ci_high), factor)
    return replace(effect, ci_low=float(low), ci_high=float(high))


def usable(contrast: Contrast) -> bool:
    """Whether every number of a contrast is finite: what cannot be estimated is never shown as a number."""
    numbers = [contrast.p_value, contrast.inner_low, contrast.inner_high]
    numbers += [value for e in contrast.effects for value in (e.estimate, e.ci_low, e.ci_high)]
    return bool(np.isfinite(numbers).all())


def by_clarity(contrasts: list[Contrast], shared: Sequence[float] | None = None) -> tuple[tuple[Contrast, ...], float]:
    """Contrasts with the smallest p-value first, `held_together`, and that p-value corrected for their number."""
    shared = [0.0] * len(contrasts) if shared is None else shared
    ordered = sorted(zip(contrasts, shared, strict=True), key=lambda pair: (pair[0].p_value, pair[0].label))
    held = held_together([c for c, _ in ordered], [part for _, part in ordered])
    return held, held[0].p_joint


def held_together(contrasts: Sequence[Contrast], shared: Sequence[float] | None = None) -> tuple[Contrast, ...]:
    """Contrasts of one test, their intervals and detectable effects such that all hold at once, p_joint to match.

    Whichever is then picked as the clearest has an interval that covers in 95 % of tests (Hothorn, Bretz & Westfall
    2008). The intervals of equivalence stay: equivalence needs all of them, which corrects itself.
    """
    shared = tuple([0.0] * len(contrasts) if shared is None else shared)
    bound = critical_of_largest(shared, ALPHA)
    factor = bound / Z95
    return tuple(
        replace(
            c,
            **dict(zip(("low", "high"), widened(c.measure, c.estimate, (c.low, c.high), factor), strict=True)),
            effects=tuple(effect_widened(e, factor) for e in c.effects),
            mde=at_bound(c.measure, c.mde, Z95, bound),
            p_joint=p_of_largest(c.p_value, shared),
        )
        for c in contrasts
    )


def at_bound(measure: str, mde: float | None, before: float, bound: float) -> float | None:
    """A detectable effect where |z| must exceed ``bound``, from that for ``before``."""
    if mde is None:
        return None
    factor = (bound + Z_POWER) / (before + Z_POWER)
    return math.expm1(factor * math.log1p(mde)) if measure in RATIOS else factor * mde


def p_of_largest(p: float, shared: tuple[float, ...]) -> float:
    """The chance that the clearest of several contrasts that are all null is as clear as ``p``.

    shared : per contrast its correlation with what they have in common, such as a control arm: the correlation of two
    contrasts is the product of theirs (Dunnett 1955; one integral). 0 where nothing is known of it: Bonferroni's bound.
    """
    k = len(shared)
    if k == 1 or p >= 1 or not any(shared) or p < MOST_EXACT:
        return float(min(1.0, k * p))
    at, weight = _nodes()
    z, parts = norm.isf(p / 2), np.array(shared)[:, None]
    own = np.sqrt(1 - parts**2)
    inside = norm.cdf((z - parts * at) / own) - norm.cdf((-z - parts * at) / own)
    return float(min(k * p, max(p, 1 - weight @ inside.prod(axis=0))))


@cache
def critical_of_largest(shared: tuple[float, ...], alpha: float) -> float:
    """What the largest |z| of several contrasts exceeds with chance ``alpha`` where all are null."""
    k = len(shared)
    if k == 1 or not any(shared):
        return float(norm.isf(alpha / 2 / k))
    edges = norm.isf(alpha / 2), norm.isf(alpha / 2 / k) + 1e-6
    return float(brentq(lambda z: p_of_largest(2 * norm.sf(z), shared) - alpha, *edges))


@cache
def _nodes() -> tuple[np.ndarray, np.ndarray]:
    """Where and with what weight a normal variable is summed over."""
    at = np.linspace(-8, 8, 641)
    density = norm.pdf(at)
    return at, density / density.sum()


def relabelled(contrast: Contrast, label: Text) -> Contrast:
    """A contrast under another label, and its effects with it: what was sorted by a key as a reader sees it."""
    return replace(contrast, label=label, effects=tuple(replace(e, label=label) for e in contrast.effects))


def two_shares(key: str, found: Contrast, **values: object) -> Said:
    """Two shares and their difference, for a sentence (catalogue ``hypotheses.facts``)."""
    shares = {name: found.facts[name] for name in ("share", "share_control")}
    return say(
        f"hypotheses.facts.{key}", **shares, difference=found.estimate, interval=(found.low, found.high), **values
    )


def decide(
    contrasts: tuple[Contrast, ...], p_adjusted: float, sesoi: float, directed: bool, alpha: float = ALPHA
) -> Verdict:
    """The verdict on a testable belief: equivalent, then supported or reversed, then inconclusive.

    Equivalent needs every contrast's 90 % interval inside the smallest effect of interest (two one-sided tests;
    Schuirmann 1987, Lakens 2017). Supported or reversed needs the first contrast's 95 % interval to exclude no effect
    and the adjusted p-value at most ``alpha``. A share is judged against the smallest share of interest, not zero.
    """
    if all(_within(c, sesoi) for c in contrasts):
        return "equivalent"
    return _of_one(contrasts[0], p_adjusted, sesoi, directed, alpha)


def decide_each(
    contrasts: tuple[Contrast, ...], times: float, sesoi: float, directed: bool, alpha: float = ALPHA
) -> tuple[Verdict, ...]:
    """A verdict for each contrast, its p_joint multiplied by ``times`` for the other tests."""
    return tuple(
        "equivalent" if _within(c, sesoi) else _of_one(c, min(1.0, c.p_joint * times), sesoi, directed, alpha)
        for c in contrasts
    )


def is_lead(result: HypothesisResult) -> bool:
    """Whether a screen found something: it looked through groups for whatever differs, so that a test has to confirm
    it."""
    return result.verdict in ("supported", "reversed") and not (result.confirmatory or result.description)


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict on several arms: never the opposite while an arm does what was believed; equivalent where all are."""
    for verdict in ("supported", "reversed", "inconclusive"):
        if verdict in verdicts:
            return verdict
    return "equivalent"


def _of_one(contrast: Contrast, p_adjusted: float, sesoi: float, directed: bool, alpha: float) -> Verdict:
    """Supported, reversed or inconclusive."""
    null = sesoi if contrast.measure == "share" else NO_EFFECT.get(contrast.measure, 0.0)
    if p_adjusted > alpha or alpha <= 0 or contrast.low <= null <= contrast.high:
        return "inconclusive"
    as_believed = (contrast.high < null) == contrast.falls
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
