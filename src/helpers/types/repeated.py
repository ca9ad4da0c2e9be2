"""Would the same people be placed alike by other orders, or by other questions? What makes types more than luck."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from helpers.types.pool import Pool
from helpers.types.prepare import behaviour_units, learn_feature, width, with_weekend

SPLITS = 5
"""Ways in which the questions are parted; of orders one parting has as many cases as there are customers."""
LEAST_REPEATED = 100
"""Fewer people than this, seen twice, tell nothing about the others."""


@dataclass(frozen=True)
class Twice:
    """The same people seen twice: two matrices as the gate sees them, and the columns that each sight knows.

    rows : positions of those people among the rows that are judged.
    """

    first: np.ndarray
    second: np.ndarray
    columns: tuple[np.ndarray, np.ndarray]
    rows: np.ndarray


def seen_twice(
    pool: Pool, matrix: np.ndarray, rows: np.ndarray, halves: tuple[pd.DataFrame, pd.DataFrame] | None, seed: int
) -> list[Twice]:
    """The judged people by one half of their orders and of the questions, and by the other halves.

    Parameters
    ----------
    matrix : the gate's matrix of those rows; its columns are behaviour, then ratings, then the dummies of categories.
    rows : their positions in ``pool``. halves : features by each half of their orders; None without sales.

    Returns
    -------
    list
        One pair of sights per parting of the questions; empty where nobody can be seen twice.
    """
    prepared = pool.prepared
    behaviour = prepared.behaviour.shape[1]
    sights, known = [matrix[:, :behaviour]] * 2, np.ones(len(rows), bool)
    if behaviour:
        if halves is None:
            return []
        known = np.logical_and(*(half["orders"].fillna(0).to_numpy() > 0 for half in halves))
        if known.sum() < LEAST_REPEATED:
            return []
        sights = [_in_units(half[known], prepared.features) for half in halves]
    people, items = np.flatnonzero(known), _items(prepared.likert.shape[1], prepared.category_rules, behaviour)
    if len(items) < 2:
        if not behaviour:
            return []
        every = np.arange(behaviour)
        return [Twice(*(np.hstack([sight, matrix[known, behaviour:]]) for sight in sights), (every, every), people)]
    rng, found = np.random.default_rng(seed), []
    for _ in range(SPLITS):
        order = rng.permutation(len(items))
        parts = [np.concatenate([np.arange(behaviour), *(items[i] for i in part)]) for part in np.array_split(order, 2)]
        first, second = (np.hstack([sight, matrix[known, behaviour:]]) for sight in sights)
        found.append(Twice(first, second, (parts[0].astype(int), parts[1].astype(int)), people))
    return found


def _in_units(half: pd.DataFrame, rules: list[dict]) -> np.ndarray:
    """Features of one half in standard units of its own: half as many orders are not half the customer."""
    features = with_weekend(half.reset_index())
    own = [learn_feature(features, rule["column"]) for rule in rules]
    own = [made if isinstance(made, dict) else rule for made, rule in zip(own, rules, strict=True)]
    return behaviour_units(features, own).to_numpy()


def _items(likert: int, category_rules: list[dict], behaviour: int) -> list[np.ndarray]:
    """The columns of each question in the gate's matrix."""
    ratings = [np.array([behaviour + i]) for i in range(likert)]
    ends = behaviour + likert + np.cumsum([0, *(width(rule) - 1 for rule in category_rules)])
    return ratings + [np.arange(first, last) for first, last in pairwise(ends)]


def placed_alike(centres: np.ndarray, sights: list[Twice]) -> tuple[float, float, float]:
    """Adjusted Rand index, share placed alike and the share that chance would place alike (the groups' sizes being
    what they are), of people placed by each of two sights at the nearest centre; gaps where nobody was seen twice."""
    found = []
    for twice in sights:
        one, other = (
            ((part[:, None, columns] - centres[None][:, :, columns]) ** 2).sum(axis=-1).argmin(axis=1)
            for part, columns in zip((twice.first, twice.second), twice.columns, strict=True)
        )
        k = len(centres)
        chance = (np.bincount(one, minlength=k) / len(one)) @ (np.bincount(other, minlength=k) / len(other))
        found.append((adjusted_rand_score(one, other), (one == other).mean(), chance))
    return tuple(float(mean) for mean in np.mean(found, axis=0)) if found else (np.nan,) * 3
