"""Looking at data more than once: planned looks at an experiment, and the publications of a study that runs again."""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
from scipy.integrate import simpson
from scipy.optimize import brentq
from scipy.stats import norm

from helpers.beliefs.verdict import ALPHA, Z95, Contrast, at_bound, effect_widened, widened
from helpers.study import Experiment, Stopping
from helpers.words import Text, say

FIRST_LOOK = 0.9
"""The part of the 5 % that the first publication may spend where nobody has said how many there will be."""
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
        mde=at_bound(contrast.measure, contrast.mde, Z95, factor * Z95),
        effects=tuple(effect_widened(effect, factor) for effect in contrast.effects),
    )  # fmt: skip


def later_p(p: float, stopping: Stopping) -> float:
    """A p-value that is at most .05 where z passes the bound of this look."""
    return p if stopping.looks == 1 else float(2 * norm.sf(norm.isf(p / 2) * Z95 / critical_value(stopping)))


def looks_note(experiment: Experiment) -> Text:
    """How often these data were to be looked at, where the experiment says so."""
    stopping = experiment.stopping
    if stopping.looks == 1:
        return ""
    bounds = say(f"hypotheses.bounds.{stopping.bounds.replace('-', '_')}")
    return say("hypotheses.note.looks", look=stopping.look or stopping.looks, looks=stopping.looks, bounds=bounds)


def level_of(look: int, publications: int | None) -> float:
    """Alpha of one belief at one publication, so that all publications together err in 5 % of true nulls.

    The levels add up to 5 %, so this holds whatever the looks have in common: rows that were added, a window that moved
    on (Bonferroni over looks). A study that says how many publications there will be gives each its part, and none to
    more; else the first has nine tenths, and the k-th of the rest 1 / (k (k - 1)), which never ends.
    """
    if publications is not None:
        return ALPHA / publications if look <= publications else 0.0
    return ALPHA * FIRST_LOOK if look == 1 else ALPHA * (1 - FIRST_LOOK) / (look * (look - 1))


def spent_by(information: float) -> float:
    """Alpha spent when so much of the planned number has come (Lan & DeMets 1983, as O'Brien & Fleming): next to
    nothing early, 5 % at the end."""
    return float(2 * norm.sf(Z95 / math.sqrt(min(max(information, 1e-6), 1.0))))
