"""How far a division repeats itself: in other samples, and by other orders or questions of the same people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix

from helpers.contracts import K_RANGE, DataError
from helpers.types.pool import Pool
from helpers.types.prepare import behaviour_units, learn_feature, width, with_weekend
from helpers.words import say

STARTS = 2
"""Of k-means on data without types and on samples drawn again, which start from the judged division as well."""
LABEL_STARTS = 10
"""On what is observed: two starts lose real small groups."""
SPLITS = 5
"""Ways in which the questions are parted; of orders one parting has as many cases as there are customers."""
LEAST_REPEATED = 100
"""Fewer people than this, seen twice, tell nothing about the others."""


# --- divisions, and how they compare -----------------------------------------------------------------------------


def too_alike(X: np.ndarray) -> bool:
    """Whether there are no more different rows than groups are looked for: what divides them is not to be judged."""
    return len(np.unique(X, axis=0)) <= K_RANGE[-1]


def refuse_alike(X: np.ndarray) -> None:
    """Raise DataError for rows that are too few or too much alike to be judged."""
    if too_alike(X):
        different = len(np.unique(X, axis=0))
        raise DataError(say("personas.refused.people_alike", n=len(X), different=different, most=K_RANGE[-1]))


def divide(X: np.ndarray, k: int, seed: int, starts: int = STARTS) -> KMeans:
    """The k-means division of the best of some starts."""
    return KMeans(n_clusters=k, n_init=starts, tol=1e-3, random_state=seed).fit(X)


def divide_again(X: np.ndarray, centres: np.ndarray, seed: int) -> KMeans:
    """The division of another sample: from the judged centres, or from new ones where those divide it better."""
    judged = KMeans(n_clusters=len(centres), init=centres, n_init=1, tol=1e-3, random_state=seed).fit(X)
    return min(judged, divide(X, len(centres), seed), key=lambda fit: fit.inertia_)


def by_size(labels: np.ndarray) -> np.ndarray:
    """Clusters renumbered from 0 in falling size."""
    counts = np.bincount(labels)
    return np.argsort(np.argsort(-counts, kind="stable"), kind="stable")[labels]


def agreement(labels: np.ndarray, other: np.ndarray) -> tuple[float, np.ndarray, float]:
    """Adjusted Rand index, best Jaccard of each cluster of ``labels``, and the share that moves after matching.

    Both are numbered from 0. The index is made from the table that the others need too: to a refit of two milliseconds
    the library's own, which looks through its input first, adds one.
    """
    table = np.bincount(labels * (other.max() + 1) + other, minlength=(labels.max() + 1) * (other.max() + 1))
    table = table.reshape(labels.max() + 1, other.max() + 1).astype(float)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    jaccard = table / (rows[:, None] + columns - table)
    stay = table[linear_sum_assignment(-table)].sum()
    return _adjusted_rand(table), jaccard.max(axis=1), float(1 - stay / table.sum())


def _adjusted_rand(table: np.ndarray) -> float:
    """The index of a cross table, by ordered pairs (Hubert & Arabie 1985, Journal of Classification 2:193)."""
    n, together = table.sum(), (table**2).sum()
    alone = (table.sum(axis=1) ** 2).sum() - together, (table.sum(axis=0) ** 2).sum() - together
    both, neither = together - n, n**2 - together - sum(alone)
    if not any(alone):
        return 1.0
    parts = [(both + one) * (one + neither) for one in alone]
    return float(2 * (both * neither - alone[0] * alone[1]) / sum(parts))


def bootstrap_agreement(
    X: np.ndarray, labels: np.ndarray, refits: int, seed: int, again: Callable | None = None
) -> tuple[float, np.ndarray, float]:
    """How far refits on resamples of the rows of X, extended to all rows, agree.

    Returns the mean adjusted Rand index of pairs of refits, the mean best Jaccard of each judged cluster with all
    refits, and the mean share of rows that one of a pair places elsewhere. Two samples are compared with one another
    and not with the judged division, which errs too (Fang & Wang 2012, Computational Statistics 56:468).
    again : divides a sample whose judged labels are given; by k-means unless told.
    """
    rng, divisions = np.random.default_rng(seed), []
    centres = np.array([X[labels == label].mean(axis=0) for label in range(labels.max() + 1)])
    for refit in range(refits):
        rows = rng.integers(0, len(X), len(X))
        sample, number = X[rows], seed + refit
        fit = divide_again(sample, centres, number) if again is None else again(sample, labels[rows], number)
        divisions.append(fit.predict(X))
    jaccard = np.mean([agreement(labels, division)[1] for division in divisions], axis=0)
    pairs = [agreement(one, other) for one, other in zip(divisions[::2], divisions[1::2], strict=False)]
    ari, _, moved = zip(*pairs, strict=True)
    return float(np.mean(ari)), jaccard, float(np.mean(moved))


def entropy_stability(labels: dict[int, np.ndarray], k: int) -> np.ndarray:
    """Per cluster at ``k``, how whole it comes from the solution with one cluster fewer and goes to that with one more.

    One minus the entropy of its members over the neighbour's clusters, relative to the largest possible: 1 when they
    stay together (SLSa: Dolnicar & Leisch 2017). At the smallest and largest k only the one neighbour counts.
    """
    found = []
    for other in (k - 1, k + 1):
        if other in labels and other >= 2:
            shares = contingency_matrix(labels[k], labels[other])
            shares = shares / shares.sum(axis=1, keepdims=True)
            logs = np.log(shares, where=shares > 0, out=np.zeros_like(shares))
            found.append(1 + (shares * logs).sum(axis=1) / np.log(other))
    return np.mean(found, axis=0)


# --- the same people seen twice ----------------------------------------------------------------------------------


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
        sights = [in_units(half[known], prepared.features) for half in halves]
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


def in_units(half: pd.DataFrame, rules: list[dict]) -> np.ndarray:
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


def placed_twice(centres: np.ndarray, sights: list[Twice]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The nearest centre of the same people by each of two sights, by the columns that it knows."""
    for twice in sights:
        parts = zip((twice.first, twice.second), twice.columns, strict=True)
        yield tuple(
            ((part[:, None, columns] - centres[None][:, :, columns]) ** 2).sum(axis=-1).argmin(axis=1)
            for part, columns in parts
        )


def placed_alike(centres: np.ndarray, sights: list[Twice]) -> tuple[float, float, float]:
    """Adjusted Rand index, share placed alike and the share that chance would place alike (the groups' sizes being
    what they are), of people placed by each of two sights at the nearest centre; gaps where nobody was seen twice."""
    found, k = [], len(centres)
    for one, other in placed_twice(centres, sights):
        chance = (np.bincount(one, minlength=k) / len(one)) @ (np.bincount(other, minlength=k) / len(other))
        found.append((adjusted_rand_score(one, other), (one == other).mean(), chance))
    return tuple(float(mean) for mean in np.mean(found, axis=0)) if found else (np.nan,) * 3
