"""What the beliefs of one page share: an error of 5 % among those that say beforehand what to expect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from helpers.beliefs.verdict import ALPHA

Family = Literal["own", "confirmatory", "screen", "description"]


@dataclass(frozen=True)
class Tested:
    """The p-value of one belief, the alpha that this publication may spend on it, and the family it is judged in.

    ``own``: a preregistered experiment, a family of its own.
    """

    p: float
    level: float
    family: Family


@dataclass(frozen=True)
class Held:
    """A p-value corrected for its family; the alpha of this look, which it must not exceed; and ``level``, the alpha
    that the plain p-value had to meet."""

    p_adjusted: float
    alpha: float
    level: float


def held_to_one_error(tests: Sequence[Tested]) -> list[Held]:
    """Each test within its family: Holm (1979) over the confirmatory ones, Benjamini & Hochberg (1995) over screens.

    The looks may have alphas of their own; they are weights then (Holm 1979, section 4). An interval at ``level`` (for
    screens that of Benjamini & Yekutieli 2005, JASA 100, for what was selected) excludes no effect just where the
    p-value holds.
    """
    held: dict[int, Held] = {}
    for family, way in WAYS.items():
        places = [i for i, test in enumerate(tests) if test.family == family and test.level > 0]
        if places:
            alphas = np.array([tests[i].level for i in places])
            adjusted, parts = way(np.array([tests[i].p for i in places]) * ALPHA / alphas)
            for place, p, part, alpha in zip(places, adjusted * alphas / ALPHA, parts, alphas, strict=True):
                held[place] = Held(min(1.0, float(p)), float(alpha), float(part * alpha))
    return [held.get(i, Held(1.0, 0.0, 0.0)) for i in range(len(tests))]


def _holm(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Adjusted p-values, above 1 where they would be, and the part of alpha that each had to meet."""
    order, n = np.argsort(p, kind="stable"), len(p)
    adjusted = np.empty(n)
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(n, 0, -1))
    found = int((adjusted <= ALPHA).sum())
    return adjusted, 1 / (n - np.minimum(_rank(p), min(found, n - 1)))


def _benjamini_hochberg(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same for the share of false ones among those that are found."""
    order, n = np.argsort(p, kind="stable"), len(p)
    adjusted = np.empty(n)
    adjusted[order] = np.minimum.accumulate((p[order] * n / np.arange(1, n + 1))[::-1])[::-1]
    found = int((adjusted <= ALPHA).sum())
    return adjusted, np.where(adjusted <= ALPHA, max(found, 1), min(found + 1, n)) / n


def _alone(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return p, np.ones(len(p))


def _rank(p: np.ndarray) -> np.ndarray:
    """Places in order of size, from 0."""
    return np.argsort(np.argsort(p, kind="stable"), kind="stable")


WAYS: dict[Family, Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "own": _alone, "confirmatory": _holm, "screen": _benjamini_hochberg, "description": _alone,
}  # fmt: skip
