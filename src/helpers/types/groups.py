"""Groups of unequal size, where k-means would fill the small ones from the large; and what lies between two groups.

A division is grown: a Gaussian mixture with one covariance and free weights, begun group by group from several seeds
(Verbeek, Vlassis & Kröse 2003). Between two groups there may be a valley, a bow, or one column and nothing else; a
valley is looked for along the bow, for across it a bent continuum is thin in its middle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import adjusted_rand_score

from helpers.types.repeated import Twice, divide, placed_twice

SEEDS = 8
"""People about whom a new group is begun, of whom the likeliest is kept."""
SEED_SHARE = 0.10
SCREENED = 500
"""Rows on which the seeds are compared."""
SCREEN_STEPS, STEPS = 4, 15
CLOSE = 1e-4
RIDGE = 0.05
"""Of a column's spread, what is added to its spread within groups: less would make any spike a group by itself."""
FEWEST = 5
FIFTH, THIRD, FEWEST_BETWEEN = 5, 3, 20
"""Parts of the smaller of two groups who are taken to lie between both, and the fewest."""
PARTED = 0.89
"""Mean distance from the middle by root mean square (Geary 1935): .80 of one normal crowd, 1 of two points; from here
on people between two groups are two crowds."""
APART = 0.50
"""A valley as deep as this parts a group from all others, however small it is."""


Rule = tuple[np.ndarray, np.ndarray]
"""Slopes and intercepts that place rows."""


# --- divisions that are grown ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grown:
    """A division by a mixture: labels from 0, and how much likelier a row is under it than under one hill."""

    labels: np.ndarray
    gain: float
    cloud: Cloud
    rule: Rule

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The likeliest group of other rows."""
        return _scores(X - self.cloud.middle, *self.rule)[0].argmax(axis=0)


@dataclass(frozen=True)
class Cloud:
    """Rows about their middle, their scatter, and what keeps it from being singular within groups."""

    X: np.ndarray
    middle: np.ndarray
    scatter: np.ndarray
    ridge: np.ndarray

    @staticmethod
    def of(X: np.ndarray) -> Cloud:
        middle = X.mean(axis=0)
        scatter = (X - middle).T @ (X - middle) / len(X)
        return Cloud(X - middle, middle, scatter, np.diag(RIDGE * np.diag(scatter) + 1e-9))


def grow(X: np.ndarray, begun: dict[int, np.ndarray], smallest: float, seed: int = 0) -> dict[int, Grown | None]:
    """For k = 2, 3, ... the likeliest division into k groups that was found; None where a group has too few people.

    Looked for from ``begun``, the labels of k-means per k, and from the division into k - 1 groups with one more about
    each of some people drawn at random. smallest : people whom a group must have.
    """
    rng = np.random.default_rng(seed)
    rows = np.arange(len(X)) if len(X) <= SCREENED else rng.choice(len(X), SCREENED, replace=False)
    whole, part = Cloud.of(X), Cloud.of(X[rows])
    rounded = np.linalg.solve(np.linalg.cholesky(part.scatter + part.ridge), part.X.T)
    near = max(int(SEED_SHARE * len(rows)), X.shape[1] + 2)
    before, found = np.ones((1, len(X))), {}
    for k, labels in begun.items():
        starts = [_hard(labels[rows], k)]
        if len(before) == k - 1:
            for centre in rng.choice(len(rows), SEEDS, replace=False):
                away = ((rounded - rounded[:, [centre]]) ** 2).sum(axis=0)
                starts.append(np.vstack([before[:, rows], np.zeros(len(rows))]))
                starts[-1][:, np.argpartition(away, near)[:near]] = np.eye(k)[:, [-1]]
        _, likelihood, rules = _settled(part, np.array(starts), SCREEN_STEPS)
        best = likelihood.argmax()
        first = _memberships(_scores(X - part.middle, *(rule[[best]] for rule in rules)))[0]
        before, grown = grown_from(whole, first[0])
        sound = np.bincount(grown.labels, minlength=k).min() >= smallest
        found[k] = grown if sound else None
        before = before if sound else _hard(labels, k)
    return found


def grow_again(X: np.ndarray, labels: np.ndarray, seed: int) -> Grown:
    """The division of another sample: from its judged labels, or grown anew where that is likelier."""
    k = labels.max() + 1
    judged = grown_from(Cloud.of(X), _hard(labels, k))[1]
    anew = grow(X, {j: divide(X, j, seed).labels_ for j in range(2, k + 1)}, 1, seed)[k]
    return judged if anew is None or judged.gain >= anew.gain else anew


def as_judged(X: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The group of every row, where some rows were judged: theirs, and the likeliest for the others."""
    cloud = Cloud.of(X[rows])
    found = _scores(X - cloud.middle, *_maximised(cloud, _hard(labels, labels.max() + 1)[None])[:2])[0].argmax(axis=0)
    found[rows] = labels
    return found


def grown_from(cloud: Cloud, first: np.ndarray) -> tuple[np.ndarray, Grown]:
    """The memberships and the division that given memberships (groups x rows) settle at."""
    members, likelihood, rule = _settled(cloud, first[None], STEPS)
    hill = _maximised(cloud, np.ones((1, 1, len(cloud.X))))[2]
    return members[0], Grown(members[0].argmax(axis=0), float(likelihood[0] - hill[0]), cloud, rule)


def _hard(labels: np.ndarray, k: int) -> np.ndarray:
    """Memberships, groups x rows, of rows that are in one group each."""
    return (np.arange(k)[:, None] == labels).astype(float)


def _settled(cloud: Cloud, members: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray, Rule]:
    """Memberships after some steps of EM from several starts at once (starts x groups x rows), the mean log-likelihood
    of each, and what places other rows."""
    before = np.full(len(members), -np.inf)
    for _ in range(steps):
        slopes, intercepts, common = _maximised(cloud, members)
        members, likelihood = _memberships(_scores(cloud.X, slopes, intercepts))
        likelihood = likelihood + common
        if (likelihood - before < CLOSE).all():
            break
        before = likelihood
    return members, likelihood, (slopes, intercepts)


def _maximised(cloud: Cloud, members: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes and intercepts of each group's log density, less what is the same for all groups; and that."""
    weights = members.sum(axis=2) + 1e-6
    means, shares = (members @ cloud.X) / weights[:, :, None], weights / len(cloud.X)
    within = cloud.scatter - means.swapaxes(1, 2) @ (means * shares[:, :, None]) + cloud.ridge
    slopes = np.linalg.solve(within, means.swapaxes(1, 2)).swapaxes(1, 2)
    intercepts = np.log(shares) - 0.5 * (means * slopes).sum(axis=2)
    spread = np.trace(np.linalg.solve(within, cloud.scatter[None]), axis1=1, axis2=2)
    return slopes, intercepts, -0.5 * (np.linalg.slogdet(within)[1] + spread)


def _scores(X: np.ndarray, slopes: np.ndarray, intercepts: np.ndarray) -> np.ndarray:
    """Log densities, starts x groups x rows, less what is the same for all groups."""
    return slopes @ X.T + intercepts[:, :, None]


def _memberships(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far each row belongs to each group, and the mean log of the sum."""
    top = scores.max(axis=1, keepdims=True)
    members = np.exp(scores - top)
    total = members.sum(axis=1, keepdims=True)
    members /= total
    return members, (np.log(total) + top).mean(axis=(1, 2))


# --- what lies between groups ------------------------------------------------------------------------------------


def floor_of(rows: int) -> float:
    """People whom a group must have at least to be a card."""
    return max(30, 0.05 * rows)


def without_one_column(X: np.ndarray, labels: np.ndarray) -> float:
    """How well any two groups are told apart (adjusted Rand index) by a discriminant of all columns but the one that
    parts them most: near 0 where one column alone makes the groups, and so may be a threshold in it."""
    found = []
    for i in range(labels.max() + 1):
        for j in range(i):
            pair = np.isin(labels, (i, j))
            own = (labels[pair] == i).astype(int)
            for column in range(X.shape[1] if X.shape[1] > 1 else 0):
                cloud = Cloud.of(np.delete(X[pair], column, axis=1))
                rule = _maximised(cloud, _hard(own, 2)[None])[:2]
                found.append(adjusted_rand_score(own, _scores(cloud.X, *rule)[0].argmax(axis=0)))
    return float(min(found, default=0.0))


def valley_between(a: np.ndarray, b: np.ndarray, bins: int = 64) -> float:
    """Relative depth, 0 to 1, of the density valley between two projected clusters: 1 - valley / lower peak.

    The valley is looked for between the two means. The density is a histogram smoothed by a Gaussian kernel of
    0.9 s n^(-1/5), s the pooled spread within the clusters.
    """
    if a.mean() > b.mean():
        a, b = b, a
    both = np.concatenate([a, b])
    spread = np.sqrt((a.var() * len(a) + b.var() * len(b)) / len(both))
    low, step = both.min(), np.ptp(both) / (bins - 1)
    if spread == 0 or step == 0:
        return 1.0 if step > 0 else 0.0
    counts = np.bincount(np.rint((both - low) / step).astype(int), minlength=bins)
    width = max(0.9 * spread * len(both) ** -0.2 / step, 1.0)
    density = np.exp(-0.5 * (np.subtract.outer(np.arange(bins), np.arange(bins)) / width) ** 2) @ counts
    first, last = int((a.mean() - low) / step), int((b.mean() - low) / step) + 1
    lowest = first + int(density[first : last + 1].argmin())
    peak = min(density[: lowest + 1].max(), density[lowest:].max())
    return float(1 - density[lowest] / peak)


def valley_depth(X: np.ndarray, labels: np.ndarray, enough: float = 0.0, around: int | None = None) -> float:
    """The shallowest valley over all pairs of clusters (or those with one), each along the bow of the pair.

    The search ends at the first valley under ``enough``, where it is all the same how shallow the others are.
    """
    clusters = [X[labels == label] for label in np.unique(labels)]
    depths = []
    for i in range(len(clusters)):
        for j in range(i):
            if around not in (None, i, j):
                continue
            depths.append(valley_between(*along_bow(clusters[i], clusters[j])))
            if depths[-1] < enough:
                return depths[-1]
    return min(depths)


def along_bow(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the people of two clusters lie on the arc from one centre through those between to the other centre.

    On a straight axis a bent continuum is thin in its middle, for it runs across the axis there; along itself it is
    not. How far those between lie off the line is shrunk by what chance moves their mean (James & Stein 1961), so that
    between round groups the arc is the discriminant axis.
    """
    pair = _Pair.of(a, b)
    away = (pair.people[pair.between(FIFTH)].mean(axis=0)) @ pair.whiten
    off = away - (away @ pair.line) * pair.line
    length = np.sqrt(off @ off)
    chance = (len(pair.line) - 1) / pair.number(FIFTH)
    high = length * max(1 - chance / max(length**2, 1e-12), 0)
    placed = pair.place
    if high > 1e-3 * pair.half:
        centre = (high**2 - pair.half**2) / (2 * high)
        height = pair.people @ (pair.whiten @ (off / length))
        placed = np.arctan2(placed, height - centre) * (high - centre)
    return placed[: len(a)], placed[len(a) :]


def bend(X: np.ndarray, labels: np.ndarray) -> float:
    """How far people between two clusters lie off the line between the centres, in spreads within; of pairs the most.

    What chance moves their mean, and its spread, is taken off. Where they are parted in two themselves (a ring), each
    part counts.
    """
    found, k = [], labels.max() + 1
    for i in range(k):
        for j in range(i):
            pair = _Pair.of(X[labels == i], X[labels == j])
            off = pair.off_line(FIFTH).mean(axis=0)
            m = pair.number(FIFTH)
            found.append(np.sqrt(max(off @ off - (X.shape[1] + np.sqrt(2 * X.shape[1])) / m, 0)))
            off = pair.off_line(THIRD)
            off -= off.mean(axis=0)
            along = np.abs(off @ np.linalg.svd(off, full_matrices=False)[2][0])
            if along.mean() >= PARTED * max(np.sqrt((along**2).mean()), 1e-12):
                found.append(along.mean())
    return float(max(found))


@dataclass(frozen=True)
class _Pair:
    """Two clusters about the middle of their centres, in spreads within.

    people : all of both, in the data's own units; whiten : makes of them spreads within. line : from the one centre to
    the other, whitened, of length 1; half : half the way. place : how far everybody lies along it.
    """

    people: np.ndarray
    whiten: np.ndarray
    line: np.ndarray
    half: float
    place: np.ndarray
    smaller: int

    @staticmethod
    def of(a: np.ndarray, b: np.ndarray) -> _Pair:
        centres = a.mean(axis=0), b.mean(axis=0)
        apart = np.vstack([a - centres[0], b - centres[1]])
        within = apart.T @ apart / len(apart)
        within.flat[:: len(within) + 1] += 1e-3 * np.trace(within) / len(within) + 1e-12
        whiten = np.linalg.inv(np.linalg.cholesky(within)).T
        line = (centres[0] - centres[1]) @ whiten
        far = max(np.sqrt(line @ line), 1e-12)
        people = np.vstack([a, b]) - (centres[0] + centres[1]) / 2
        return _Pair(people, whiten, line / far, far / 2, people @ (whiten @ (line / far)), min(len(a), len(b)))

    def number(self, part: int) -> int:
        """How many are between: a part of the smaller cluster's number, and ``FEWEST_BETWEEN`` at least."""
        return min(max(FEWEST_BETWEEN, self.smaller // part), len(self.people))

    def between(self, part: int) -> np.ndarray:
        """Those nearest to the middle."""
        m = self.number(part)
        return np.argpartition(np.abs(self.place), m - 1)[:m]

    def off_line(self, part: int) -> np.ndarray:
        """Those between, less where they lie along the line."""
        people = self.people[self.between(part)] @ self.whiten
        return people - np.outer(people @ self.line, self.line)


def standing_apart(
    X: np.ndarray, labels: dict[int, np.ndarray], jaccard: dict[int, np.ndarray], sights: list[Twice]
) -> list[np.ndarray]:
    """Members of every group under the floor that a deep valley parts from all others, and that comes back.

    In bootstrap samples, and where people were seen twice by both sights (Jaccard of at least .75 and .5).
    """
    found: list[np.ndarray] = []
    for k, division in labels.items():
        sizes = np.bincount(division)
        for c in np.flatnonzero((sizes < floor_of(len(X))) & (sizes >= FEWEST) & (jaccard[k] >= 0.75)):
            members = division == c
            told = any((members & other).sum() > 0.5 * members.sum() for other in found)
            if not told and valley_depth(X, division, APART, around=c) >= APART and lasts(X, division, c, sights):
                found.append(members)
    return found


def lasts(X: np.ndarray, division: np.ndarray, cluster: int, sights: list[Twice]) -> bool:
    """Whether both sights of the same people place half of a cluster's members, or more, in it."""
    centres = np.array([X[division == c].mean(axis=0) for c in range(division.max() + 1)])
    members = [tuple(placed == cluster for placed in pair) for pair in placed_twice(centres, sights)]
    return all((one & other).sum() >= 0.5 * (one | other).sum() for one, other in members)
