"""How many people a test needs, or the smallest effect that a given number can show."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm
from statsmodels.stats.power import NormalIndPower, TTestIndPower, TTestPower
from statsmodels.stats.proportion import proportion_effectsize

from helpers.beliefs.looks import critical_value, level_of
from helpers.beliefs.verdict import ALPHA, Z_MDE, critical_of_largest
from helpers.contracts import StudyError
from helpers.study import Stopping


@dataclass(frozen=True)
class Plan:
    """Arms of ``n`` people each; ``effect`` is a difference of shares, or standard deviations."""

    effect: float
    n: int


@dataclass(frozen=True)
class Design:
    """What makes a test dearer than two arms of strangers, looked at once.

    Each of ``arms`` - 1 arms is compared with the first; people come in clusters of ``cluster_size`` (a household, a
    shop) with intraclass correlation ``icc``; ``looks`` at equal steps, by the bounds of O'Brien & Fleming. ``also``
    other confirmatory beliefs share the page's error with it; None for a preregistered test, a family of its own.
    ``within``: the same people under every arm, their answers correlated by so much.
    """

    arms: int = 2
    icc: float = 0.0
    cluster_size: float = 1.0
    looks: int = 1
    also: int | None = None
    within: float | None = None

    def __post_init__(self) -> None:
        if self.arms < 2 or not 0 <= self.icc < 1 or not 1 <= self.cluster_size < math.inf or not 1 <= self.looks <= 20:
            raise StudyError(
                "a test has at least 2 arms, an icc from 0 to below 1, clusters of at least 1, 1 to 20 looks"
            )
        if (self.icc > 0) != (self.cluster_size > 1):
            raise StudyError("--icc and --cluster-size go together: how alike people of a cluster are, and how many")
        if self.also is not None and self.also < 0:
            raise StudyError(f"--also counts the other beliefs that are tested, from 0 on, not {self.also}")
        if self.within is not None and (not -1 < self.within < 1 or self.icc > 0):
            raise StudyError("--within is the correlation of the same people's answers, between -1 and 1, no clusters")

    @property
    def inflation(self) -> float:
        """People needed for each one that strangers would need: the design effect 1 + (m - 1) icc (Kish 1965)."""
        return 1 + (self.cluster_size - 1) * self.icc

    def level(self, alpha: float) -> float:
        """Alpha of one comparison at the last look, as the verdict takes it.

        Holm's first step among the beliefs of the page at a first publication, Dunnett's bound among the arms (of the
        same people Bonferroni's).
        """
        last = 2 * norm.sf(critical_value(Stopping(looks=self.looks))) / ALPHA if self.looks > 1 else 1.0
        if self.also is not None:
            # planned looks of its own spend all of alpha; else part of it is kept for later publications
            last *= (1.0 if self.looks > 1 else level_of(1, None) / ALPHA) / (1 + self.also)
        shared = (math.sqrt(0.5) if self.within is None else 0.0,) * (self.arms - 1)
        return float(2 * norm.sf(critical_of_largest(shared, alpha * float(last))))


def plan_test(
    base: float | None,
    effect: float | None = None,
    n: int | None = None,
    power: float = 0.80,
    alpha: float = 0.05,
    design: Design | None = None,
) -> Plan:
    """People per arm, or the smallest effect that ``n`` per arm can show, for shares (``base`` given) or means.

    With looks the answer is a few people on the safe side: it takes the level of the last look alone. Raises
    StudyError as `plan_proportions`.
    """
    design = design or Design()
    if n is not None and n < 2 * design.cluster_size:
        raise StudyError(f"at least 2 people, and 2 clusters, per arm are needed, not {n} people")
    strangers = None if n is None else int(n / design.inflation + 1e-9)
    asked = {"effect": effect, "n": strangers, "power": power, "alpha": design.level(alpha)}
    if design.within is not None:
        return _of_the_same_people(base, design.within, **asked)
    made = plan_means(**asked) if base is None else plan_proportions(base, **asked)
    return Plan(made.effect, math.ceil(made.n * design.inflation - 1e-9) if n is None else n)


def duration(people: int, per_week: float) -> int:
    """Whole weeks until so many people have come."""
    if not 0 < per_week < math.inf:
        raise StudyError(f"people per week must be above 0, not {per_week}")
    return math.ceil(people / per_week)


def plan_proportions(
    base: float, effect: float | None = None, n: int | None = None, power: float = 0.80, alpha: float = 0.05
) -> Plan:
    """People per arm for a difference ``effect`` from ``base``, or the smallest rise that ``n`` per arm can show.

    Two-sided test of two independent shares on the arcsine scale (Cohen 1988, ch. 6; statsmodels NormalIndPower).
    Raises StudyError unless exactly one of effect and n is given, and for shares outside 0 to 1.
    """
    _check(effect, n, power, alpha)
    if not 0 < base < 1 or (effect is not None and not 0 <= base + effect <= 1):
        raise StudyError(f"the shares {base} and {base + (effect or 0)} must lie between 0 and 1")
    if effect is not None:
        need = _solved(NormalIndPower(), proportion_effectsize(base + effect, base), None, power, alpha)
        return Plan(effect, math.ceil(need))
    shown = smallest_difference(base, n, n, power, alpha)
    if base + shown > 1 and base - shown < 0:
        raise StudyError(f"{n} people per arm cannot show any change from a share of {base}")
    return Plan(shown if base + shown <= 1 else -shown, n)


def plan_means(effect: float | None = None, n: int | None = None, power: float = 0.80, alpha: float = 0.05) -> Plan:
    """People per arm for a difference of ``effect`` standard deviations, or the smallest that ``n`` per arm can show.

    Two-sided t test of two independent means (statsmodels TTestIndPower). Raises StudyError as `plan_proportions`.
    """
    _check(effect, n, power, alpha)
    if effect is not None and not 0.001 <= abs(effect) <= 5:
        raise StudyError(
            f"an effect of {effect:g} standard deviations cannot be planned for (.001 to 5); for shares give --base, "
            f"and 20 points as .20"
        )
    if effect is not None:
        need = _solved(TTestIndPower(), abs(effect), None, power, alpha)
        return Plan(effect, max(2, math.ceil(need)))
    return Plan(_solved(TTestIndPower(), None, n, power, alpha), n)


def _solved(
    power_of: NormalIndPower | TTestIndPower | TTestPower,
    effect: float | None,
    n: float | None,
    power: float,
    alpha: float,
) -> float:
    """The effect or the number that is not given; for some numbers statsmodels returns an array of one."""
    people = "nobs" if isinstance(power_of, TTestPower) else "nobs1"
    return float(np.squeeze(power_of.solve_power(effect, **{people: n}, power=power, alpha=alpha)))


def _of_the_same_people(
    base: float | None, correlation: float, effect: float | None, n: int | None, power: float, alpha: float
) -> Plan:
    """People who answer under both arms: paired t test, or McNemar's of shares (Connor 1987, Biometrics 43)."""
    _check(effect, n, power, alpha)
    if base is None:
        spread = math.sqrt(2 * (1 - correlation))
        if effect is not None:
            plan_means(effect, None, power, alpha)  # says what cannot be planned for
            need = _solved(TTestPower(), abs(effect) / spread, None, power, alpha)
            return Plan(effect, max(2, math.ceil(need)))
        return Plan(_solved(TTestPower(), None, n, power, alpha) * spread, n)
    if not 0 < base < 1 or (effect is not None and not 0 < base + effect < 1):
        raise StudyError(f"the shares {base} and {base + (effect or 0)} must lie between 0 and 1")
    if effect is not None:
        return Plan(effect, math.ceil(_pairs(base, effect, correlation, power, alpha)))
    room = 1 - base - 1e-6
    if _pairs(base, room, correlation, power, alpha) > n:
        raise StudyError(f"{n} people cannot show any change from a share of {base}")
    return Plan(float(brentq(lambda d: _pairs(base, d, correlation, power, alpha) - n, 1e-6, room)), n)


def _pairs(base: float, effect: float, correlation: float, power: float, alpha: float) -> float:
    """Pairs that McNemar's test needs, from how many of them answer differently."""
    other = base + effect
    both = base * other + correlation * math.sqrt(base * (1 - base) * other * (1 - other))
    both = min(max(both, base + other - 1, 0.0), base, other)
    differ = base + other - 2 * both
    z = norm.isf(alpha / 2) * math.sqrt(differ) + norm.ppf(power) * math.sqrt(max(differ - effect**2, 0.0))
    return max(2.0, (z / effect) ** 2)


def smallest_difference(
    base: float, n_treatment: int, n_control: int, power: float = 0.80, alpha: float = 0.05
) -> float:
    """The smallest rise from ``base`` that two arms of these sizes show with the given power.

    Where no rise can be shown (the base is too near to 1) the smallest fall is meant, as a positive number; 1 where
    neither can be shown.
    """
    # the closed form that NormalIndPower inverts, but for the far tail of the two-sided test (under 1e-6 of power)
    size = (norm.ppf(1 - alpha / 2) + norm.ppf(power)) * math.sqrt(1 / n_treatment + 1 / n_control)
    angle = 2 * np.arcsin(np.sqrt(base))
    for low, high, target in ((base, 1.0, size), (0.0, base, -size)):
        edge = high if target > 0 else low
        if abs(2 * np.arcsin(np.sqrt(edge)) - angle) > size:
            return abs(brentq(lambda p, t=target: 2 * np.arcsin(np.sqrt(p)) - angle - t, low, high) - base)
    return 1.0


def _check(effect: float | None, n: int | None, power: float, alpha: float) -> None:
    """Raise StudyError for a question that has no answer."""
    if effect is None and n is None:
        raise StudyError("give the effect (--effect) or the number of people per arm (--n)")
    if effect is not None and n is not None:
        raise StudyError("give either the effect or the number of people per arm, and not both")
    if effect is not None and (effect == 0 or not math.isfinite(effect)):
        raise StudyError(f"the effect must be a number other than 0, not {effect}")
    if n is not None and n < 2:
        raise StudyError(f"at least 2 people per arm are needed, not {n}")
    if not alpha < power < 1 or not 0 < alpha < 1:
        raise StudyError(f"power {power} and alpha {alpha} must lie between 0 and 1, and power above alpha")


LEAST_ARM = 50
"""Fewer people in an arm can hardly show anything that is of use."""
USELESS = 0.25
"""A test that shows nothing under 25 points is not worth its while."""


def halves_that_show(base: float, n: int, design: Design) -> tuple[Plan, bool] | None:
    """What two halves of ``n`` people show of a share, and whether the test has to be preregistered for that.

    A test by itself shows more than one beside the other beliefs of a page. None where they are too few for anything of
    use.
    """
    if n // 2 < LEAST_ARM:
        return None
    for alone in (False, True):
        try:
            plan = plan_test(base, n=n // 2, design=replace(design, also=None) if alone else design)
        except StudyError:  # nobody or everybody does so today, or too few to show any change
            continue
        if abs(plan.effect) <= USELESS:
            return plan, alone
    return None


def safe_margin(spread: float, arm: int) -> float:
    """The smallest margin within which halves of ``arm`` people keep a mean of this ``spread`` in four tests of five,
    where nothing changes: for the 95 % interval of the change has to stay within it."""
    return Z_MDE * spread * math.sqrt(2 / arm)
