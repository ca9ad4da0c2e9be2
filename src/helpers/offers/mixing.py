"""How a share varies from person to person, without a form assumed: the nonparametric maximum-likelihood mixture.

Orders with a coupon are binomial with a share of each customer's own; the distribution of these shares is any whatever
on a grid (Laird 1978, JASA 73; Koenker & Mizera 2014, JASA 109). A beta distribution cannot have one part near nought
and another near one, and moves the share above a border to where neither is.
"""

from __future__ import annotations

import numpy as np
from scipy import optimize, stats

GRID = np.r_[0.0, np.arange(0.01, 1, 0.02), 1.0]
"""Shares; a half lies between two of them, so that who is just there counts half."""
STEPS, SETTLED = 300, 1e-5


def likelihoods(yes: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Pairs x grid: the chance of so many yeses."""
    return stats.binom.pmf(yes[:, None], n[:, None], GRID)


def mixture(
    table: np.ndarray,
    weights: np.ndarray,
    above: float | None = None,
    border: float = 0.5,
    start: np.ndarray | None = None,
    steps: int = STEPS,
) -> tuple[np.ndarray, float]:
    """Weights of the grid and the log-likelihood, by EM; with ``above`` so large a part lies at or over ``border``.

    table : as `likelihoods`. weights : how often each pair occurs. EM from a start above 0 everywhere climbs to the
    maximum, since the problem is concave; the part above the border is held by scaling both sides.
    """  # fmt: skip
    high = border - 1e-9 <= GRID
    mass = np.full(len(GRID), 1 / len(GRID)) if start is None else start + 1e-9
    total, before = weights.sum(), -np.inf

    def held(mass: np.ndarray) -> np.ndarray:
        if above is None:
            return mass / mass.sum()
        return np.where(high, above * mass / mass[high].sum(), (1 - above) * mass / mass[~high].sum())

    mass = held(mass)
    for _ in range(steps):
        chance = np.maximum(table @ mass, 1e-300)
        found = float(weights @ np.log(chance))
        if found - before < SETTLED:
            break
        before = found
        mass = held(np.maximum(mass * (table.T @ (weights / chance)) / total, 1e-300))
    return mass, found


def share_above(
    table: np.ndarray, weights: np.ndarray, levels: tuple[float, ...], against: float, border: float = 0.5
) -> tuple[float, list[tuple[float, float]], float]:
    """The part of people whose share is at or over ``border``: estimate, an interval per level, p against a value.

    Intervals hold every part with which the likelihood is not lower than chance allows (profile likelihood, chi-squared
    with one degree): where few orders a person leave the part open, they are as wide as that.
    """
    mass, best = mixture(table, weights, border=border, steps=4 * STEPS)
    estimate = float(mass[border - 1e-9 <= GRID].sum())
    tiny = 0.1 / weights.sum()
    seen = {estimate: (mass, best)}

    def drop(part: float) -> float:
        if part in seen:
            return max(2 * (best - seen[part][1]), 0.0)
        near = min(seen, key=lambda other: abs(other - part))
        seen[part] = mixture(table, weights, part, border, seen[near][0], STEPS)
        return max(2 * (best - seen[part][1]), 0.0)

    def end(side: float, most: float) -> float:
        edge = tiny if side < 0 else 1 - tiny
        inside = min(max(estimate, 2 * tiny), 1 - 2 * tiny)
        if drop(inside) >= most or drop(edge) <= most:  # the first only where there is nobody, or everybody, there
            return 0.0 if side < 0 else 1.0
        return float(optimize.brentq(lambda part: drop(part) - most, inside, edge, xtol=1e-3))

    intervals = [tuple(end(side, stats.chi2.ppf(level, 1)) for side in (-1, 1)) for level in levels]
    p = float(stats.chi2.sf(drop(min(max(against, tiny), 1 - tiny)), 1)) if 0 < against < 1 else 1.0
    return estimate, intervals, p
