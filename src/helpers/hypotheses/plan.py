"""How many people a test needs, or the smallest effect that a given number can show."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm
from statsmodels.stats.power import NormalIndPower, TTestIndPower
from statsmodels.stats.proportion import proportion_effectsize

from helpers.contracts import StudyError


@dataclass(frozen=True)
class Plan:
    """Two arms of ``n`` people each; ``effect`` is a difference of shares, or standard deviations."""

    effect: float
    n: int


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
        need = NormalIndPower().solve_power(proportion_effectsize(base + effect, base), power=power, alpha=alpha)
        return Plan(effect, math.ceil(need))
    return Plan(smallest_difference(base, n, n, power, alpha), n)


def plan_means(effect: float | None = None, n: int | None = None, power: float = 0.80, alpha: float = 0.05) -> Plan:
    """People per arm for a difference of ``effect`` standard deviations, or the smallest that ``n`` per arm can show.

    Two-sided t test of two independent means (statsmodels TTestIndPower). Raises StudyError as `plan_proportions`.
    """
    _check(effect, n, power, alpha)
    if effect is not None:
        need = TTestIndPower().solve_power(abs(effect), power=power, alpha=alpha)
        return Plan(effect, max(2, math.ceil(need)))
    return Plan(float(TTestIndPower().solve_power(None, nobs1=n, power=power, alpha=alpha)), n)


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
    if (effect is None) == (n is None):
        raise StudyError("give either the effect or the number of people per arm, and not both")
    if effect is not None and (effect == 0 or not math.isfinite(effect)):
        raise StudyError(f"the effect must be a number other than 0, not {effect}")
    if n is not None and n < 2:
        raise StudyError(f"at least 2 people per arm are needed, not {n}")
    if not alpha < power < 1 or not 0 < alpha < 1:
        raise StudyError(f"power {power} and alpha {alpha} must lie between 0 and 1, and power above alpha")
