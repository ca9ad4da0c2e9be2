"""Looking at an experiment before its end: how far the bounds, and with them every interval, move outwards."""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
from scipy.integrate import simpson
from scipy.optimize import brentq
from scipy.stats import norm

from helpers.beliefs.verdict import ALPHA, Z95, Contrast, widened
from helpers.contracts import Effect
from helpers.study import Stopping

GRID = np.linspace(-1, 1, 301)


def critical_value(stopping: Stopping) -> float:
    """What |z| must exceed at this look, so that all looks together err in 5 % of true nulls.

    Looks at equal steps of information; bounds of O'Brien & Fleming (1979) or Pocock (1977).
    """
    looks, look = stopping.looks, stopping.look or stopping.looks
    constant = _constant(looks, stopping.bounds)
    return constant * math.sqrt(looks / look) if stopping.bounds == "obrien-fleming" else constant


@functools.cache
def _constant(looks: int, bounds: str) -> float:
    """The value at the last look; by the recursion of Armitage, McPherson & Rowe (1969) over the sum of increments."""

    def excess(constant: float) -> float:
        steps = np.arange(1, looks + 1)
        edges = constant * np.sqrt(np.full(looks, looks) if bounds == "obrien-fleming" else steps)
        places, density = GRID * edges[0], norm.pdf(GRID * edges[0])
        for edge in edges[1:]:
            density = simpson(density * norm.pdf((GRID * edge)[:, None] - places), x=places, axis=1)
            places = GRID * edge
        return 1 - simpson(density, x=places) - ALPHA

    return float(brentq(excess, 1.9, 4.0))


def as_seen(contrast: Contrast, stopping: Stopping) -> Contrast:
    """A contrast as this look may read it: repeated confidence intervals (Jennison & Turnbull 1989), and p to match."""
    if stopping.looks == 1:
        return contrast
    factor = critical_value(stopping) / Z95
    limits = (contrast.low, contrast.high, contrast.inner_low, contrast.inner_high)
    low, high, inner_low, inner_high = widened(contrast.measure, contrast.estimate, limits, factor)
    return replace(
        contrast,
        low=low, high=high, inner_low=inner_low, inner_high=inner_high,
        p_value=later_p(contrast.p_value, stopping),
        mde=None if contrast.mde is None else contrast.mde * factor,
        effects=tuple(_effect_as_seen(effect, factor) for effect in contrast.effects),
    )  # fmt: skip


def later_p(p: float, stopping: Stopping) -> float:
    """A p-value that is at most .05 where z passes the bound of this look."""
    return p if stopping.looks == 1 else float(2 * norm.sf(norm.isf(p / 2) * Z95 / critical_value(stopping)))


def _effect_as_seen(effect: Effect, factor: float) -> Effect:
    low, high = widened(effect.measure, effect.estimate, (effect.ci_low, effect.ci_high), factor)
    return replace(effect, ci_low=low, ci_high=high)
