"""Are there personas at all, of what kind, and how many: a gate against a null that keeps margins and correlations.

Two statistics of a k-means division are ranked against data that have the same empirical margins and the same Pearson
correlations but no types (NORTA: Cario & Nelson 1997; correlations solved by Hermite expansion). ``clustering`` is the
largest standardised -log(WSS / TSS) over k; ``valley`` the relative depth of the density valley between two clusters
along the bow of both, the smallest over pairs, the largest over k. Rejecting a Gaussian copula is not finding
types, so ``natural`` needs both, and that other orders (or answers) of the same people place them alike: with few
orders a share is mostly luck, whose steps look like types. K-means fills small groups from the large and hides their
valley, so groups of unequal size are grown where it sees none, and ranked likewise (``groups``). How far a division
repeats itself is measured on bootstrap refits (Hennig 2007; Dolnicar & Leisch 2010). Thresholds are judgement, checked
on ``benchmarks/worlds`` and real data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import KFold

from helpers.contracts import K_RANGE, Kind
from helpers.types.groups import (
    Grown,
    bend,
    floor_of,
    grow,
    grow_again,
    standing_apart,
    valley_depth,
    without_one_column,
)
from helpers.types.repeated import (
    LABEL_STARTS,
    Twice,
    bootstrap_agreement,
    by_size,
    divide,
    placed_alike,
    refuse_alike,
)

GATE_RANGE = (2, 3, 4)
PILOTS = 20
ALPHA = 0.05
HERMITE_TERMS = 24
DEEP = 0.20
"""Shallower valleys than this part nobody."""
BOW, BENT = 0.25, 1.05
"""People between two groups that lie off the line between the centres, in spreads within, by more than this and the
depth of the valley, or by more than the second, are a bow and no valley: a horseshoe's or a ring's."""
STABLE = ([200, 500], [0.85, 0.70])
"""By people looked at: how far two samples must agree on types; pieces of a few people's helix agree at .8."""
NEARLY = 0.8
"""Of several numbers of types, those that two sights repeat by this part of the best agreement or more."""
GROWN_STABLE, GROWN_ALIKE = 0.80, 0.35
"""How far two samples, and two sights of the same people, must agree on groups that were grown, which follow any luck
more closely than k-means does."""
MANY_COLUMNS = 0.25
"""Agreement with what all columns but one tell of such groups: less is a threshold in that column (``groups``)."""
GATE_ROWS = 2_000
"""The gate judges at most this many rows, drawn at random; the model is fitted on more."""

RANKED: tuple[Kind, ...] = ("natural", "reproducible", "constructive", "not supported")


@dataclass(frozen=True)
class Gate:
    """The verdict on a matrix.

    table : one row per k = 2..6: k, grown (whether its groups are, for k-means saw none), score_clustering,
        valley_depth, bend, bootstrap_ari, jaccard_min, would_move, repeated_ari, placed_alike and alike_by_chance (of
        people seen twice, see ``repeated``; NaN where nobody was), smallest, cv_loglik, kind.
    labels : the division of the judged rows per k, clusters numbered from 0 in falling size.
    jaccard : per k, the mean bootstrap Jaccard of each cluster.
    rows : positions of the judged rows in the matrix.
    apart : sizes of the groups that stand apart from all others and are too small for a card.
    alone : the label and k of these data alone, where those of the last report were kept.
    p_grown : both p of groups that were grown; 1 where none were looked at.
    """

    kind: Kind
    k: int
    k_without_cap: int | None
    p_clustering: float
    p_valley: float
    table: pd.DataFrame
    labels: dict[int, np.ndarray]
    jaccard: dict[int, np.ndarray]
    rows: np.ndarray
    apart: tuple[int, ...] = ()
    alone: tuple[Kind, int] | None = None
    p_grown: tuple[float, float] = (1.0, 1.0)

    def kinds(self, repeated: tuple[float, float] | None, slack: float = 0.0) -> list[Kind]:
        """The label that each k earns (``label_of``)."""
        rows = (row for _, row in self.table.iterrows())
        return [label_of(row, *self.p_of(row["grown"]), len(self.rows), repeated, slack) for row in rows]

    def p_of(self, grown: bool) -> tuple[float, float]:
        """Both p of divisions that were grown, or of those by k-means."""
        return self.p_grown if grown else (self.p_clustering, self.p_valley)


# --- the null ----------------------------------------------------------------------------------------------------


def hermite_coefficients(ordered: np.ndarray, terms: int = HERMITE_TERMS) -> np.ndarray:
    """Coefficients 1..terms of an empirical quantile function in normalised Hermite polynomials of a standard normal.

    Exact for the step function z -> ordered[floor(n Phi(z))]: the integral of he_m phi is -he_(m-1) phi / sqrt(m).
    """
    n = len(ordered)
    cuts = norm.ppf(np.arange(1, n) / n)
    steps = np.diff(ordered)
    before, now, coefficients = np.zeros_like(cuts), np.ones_like(cuts), np.empty(terms)
    for m in range(1, terms + 1):
        coefficients[m - 1] = (steps * now * norm.pdf(cuts)).sum() / np.sqrt(m)
        before, now = now, (cuts * now - np.sqrt(m - 1) * before) / np.sqrt(m)
    return coefficients


def latent_correlations(X: np.ndarray) -> np.ndarray:
    """Correlations of a Gaussian copula under which the margins of ``X`` have the Pearson correlations of ``X``.

    Each pair solves sum_m a_im a_jm rho^m = cov_ij, increasing in rho for increasing margins, by bisection on all
    pairs at once; the matrix is then made positive definite by clipping its eigenvalues.
    """
    coefficients = np.array([hermite_coefficients(np.sort(column)) for column in X.T])
    target = np.cov(X, rowvar=False, ddof=0)
    products = np.einsum("im,jm->mij", coefficients, coefficients)
    low, high = np.full(target.shape, -0.999), np.full(target.shape, 0.999)
    for _ in range(30):
        middle = (low + high) / 2
        value = np.zeros_like(middle)
        for product in products[::-1]:
            value = (value + product) * middle
        low, high = np.where(value < target, middle, low), np.where(value < target, high, middle)
    latent = np.where(np.abs(target) < 1e-12, 0.0, (low + high) / 2)
    np.fill_diagonal(latent, 1.0)
    values, vectors = np.linalg.eigh(latent)
    latent = (vectors * np.clip(values, 1e-6, None)) @ vectors.T
    scale = np.sqrt(np.diag(latent))
    return latent / np.outer(scale, scale)


def null_draws(X: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Endless draws with the margins of ``X`` exactly and its correlations in expectation, and no types."""
    ordered = np.sort(X, axis=0)
    root = np.linalg.cholesky(latent_correlations(X))
    while True:
        latent = rng.standard_normal(X.shape) @ root.T
        drawn = np.empty_like(ordered)
        np.put_along_axis(drawn, latent.argsort(axis=0), ordered, axis=0)
        yield drawn


# --- the statistics ----------------------------------------------------------------------------------------------


def statistics(X: np.ndarray, fits: list[KMeans], enough: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """-log(WSS / TSS) and valley depth of each division; depths under ``enough`` are only known to be so."""
    total = ((X - X.mean(axis=0)) ** 2).sum()
    clustering = np.array([-np.log(max(fit.inertia_, 1e-300) / total) for fit in fits])
    return clustering, np.array([valley_depth(X, fit.labels_, enough) for fit in fits])


def statistics_grown(X: np.ndarray, fits: list[KMeans], enough: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Gain in likelihood over one hill and valley depth of what grows from each division; 0 where nothing does."""
    return _scored(X, _every_grown(X, fits), enough)


def _every_grown(X: np.ndarray, fits: list[KMeans]) -> dict[int, Grown | None]:
    return grow(X, {fit.n_clusters: fit.labels_ for fit in fits}, floor_of(len(X)))


def _scored(X: np.ndarray, grown: dict[int, Grown | None], enough: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    gains = np.array([0.0 if one is None else one.gain for one in grown.values()])
    return gains, np.array([0.0 if one is None else valley_depth(X, one.labels, enough) for one in grown.values()])


def rank_against_null(
    X: np.ndarray,
    clustering: np.ndarray,
    valley: np.ndarray,
    draws: int,
    seed: int,
    alpha: float = ALPHA,
    scored: Callable[..., tuple[np.ndarray, np.ndarray]] | None = None,
) -> tuple[float, float, np.ndarray]:
    """p of both statistics and the standardised clustering per k.

    Drawing stops as soon as one of the two can no longer reach ``alpha``: natural needs both, so the verdict stands.
    scored : what gives the two statistics of data and their divisions by k-means; ``statistics`` unless told.
    """
    null, scored = null_draws(X, np.random.default_rng(seed)), scored or statistics

    def drawn_statistics(number: int, enough: float) -> tuple[np.ndarray, np.ndarray]:
        Y = next(null)
        return scored(Y, [divide(Y, k, number) for k in GATE_RANGE], enough)

    pilots = np.array([drawn_statistics(seed, np.inf)[0] for _ in range(PILOTS)])
    centre, spread = pilots.mean(axis=0), np.maximum(pilots.std(axis=0, ddof=1), 1e-9)
    standard = (clustering - centre) / spread
    observed = np.array([standard.max(), valley.max()])
    exceeded, drawn = np.zeros(2), 0
    for drawn in range(1, draws + 1):
        null_clustering, null_valley = drawn_statistics(seed + drawn, observed[1])
        exceeded += np.array([((null_clustering - centre) / spread).max(), null_valley.max()]) >= observed
        if (exceeded + 1).max() / (draws + 1) > alpha:
            break
    p = (exceeded + 1) / (drawn + 1)
    return float(p[0]), float(p[1]), standard


def cross_fitted_loglik(X: np.ndarray, k: int, seed: int) -> float:
    """Mean log-likelihood per row, on held-out fifths, of a Gaussian mixture with a common covariance."""
    folds = KFold(5, shuffle=True, random_state=seed).split(X)
    mixture = GaussianMixture(k, covariance_type="tied", reg_covar=1e-3, tol=1e-3, max_iter=500, random_state=seed)
    return float(np.mean([mixture.fit(X[train]).score(X[test]) for train, test in folds]))


# --- the verdict -------------------------------------------------------------------------------------------------


def label_of(
    row: pd.Series,
    p_clustering: float,
    p_valley: float,
    rows: int,
    repeated: tuple[float, float] | None = None,
    slack: float = 0.0,
) -> Kind:
    """The label that one k earns; ``row`` has smallest, bootstrap_ari, jaccard_min, valley_depth, bend, repeated_ari.

    repeated : the least agreement of two sights of the same people for separate types, and for any division that
    repeats itself; None where it was not asked for. Where it was and nobody could be seen twice, a gap is no proof of
    types; the other labels claim nothing that would need it. slack : how far every threshold but the floor is loosened.
    """
    if row["smallest"] < floor_of(rows):
        return "not supported"
    deep = max(p_clustering, p_valley) <= ALPHA + slack and row["valley_depth"] >= DEEP - slack
    deep &= row["bend"] <= min(BOW + row["valley_depth"], BENT) + slack
    stable = row["bootstrap_ari"] >= 0.70 - slack
    least = None if repeated is None else repeated[0]
    if row.get("grown"):
        deep &= row["bootstrap_ari"] >= GROWN_STABLE - slack
        least = max(least or 0, GROWN_ALIKE)
    firm = row["bootstrap_ari"] >= np.interp(rows, *STABLE) - slack
    if deep and firm and (least is None or row["repeated_ari"] >= least - slack):
        return "natural"
    luck = repeated is not None and row["repeated_ari"] < repeated[1] - slack
    if stable and row["jaccard_min"] >= 0.75 - slack and not luck:
        return "reproducible"
    working = row["bootstrap_ari"] >= 0.50 - slack and row["jaccard_min"] >= 0.50 - slack
    return "constructive" if working else "not supported"


def choose_k(table: pd.DataFrame, allowed: tuple[int, int]) -> tuple[Kind, int]:
    """The best label among the allowed k, and the k that takes it.

    Natural: the largest k whose every group comes back (else the smallest), among those that other sights of the same
    people repeat nearly as well as the best: a type cut in two by luck repeats itself far less. Where nobody was seen
    twice, the k by which held-out rows are likeliest. Other labels: the largest k; the smallest allowed where none is.
    """
    within = table[table["k"].between(*allowed)]
    best: Kind = next((kind for kind in RANKED if (within["kind"] == kind).any()), "not supported")
    if best == "not supported":
        return best, allowed[0]
    found, twice = within[within["kind"] == best], within["repeated_ari"].notna().any()
    if best == "natural":
        found = found[found["repeated_ari"] >= NEARLY * found["repeated_ari"].max()] if twice else found
        sound = found[found["jaccard_min"] >= 0.75]
        found = sound if len(sound) else found.head(1)
        found = found if twice else found.nlargest(1, "cv_loglik")
    return best, int(found["k"].max())


def judged_rows(n: int, seed: int) -> np.ndarray:
    """Positions of the rows that the gate judges: all, or GATE_ROWS drawn at random."""
    if n <= GATE_ROWS:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, GATE_ROWS, replace=False))


@dataclass(frozen=True)
class _Judged:
    """The judged rows and how they are judged (see ``judge``)."""

    X: np.ndarray
    sights: list[Twice]
    repeated: tuple[float, float] | None
    seed: int
    bootstrap: int
    draws: int
    alpha: float


def judge(
    X: np.ndarray,
    *,
    seed: int,
    allowed: tuple[int, int] = (2, 4),
    bootstrap: int = 50,
    draws: int = 199,
    sights: list[Twice] | None = None,
    repeated: tuple[float, float] | None = None,
    alpha: float = ALPHA,
) -> Gate:
    """Judge the structure of a matrix without missing values, its columns on comparable scales.

    Parameters
    ----------
    X : rows x features; continuous columns of unit spread, binary ones centred and never scaled.
    seed : everything random follows from it.
    allowed : smallest and largest k that may be chosen (a management constraint; ``k_without_cap`` ignores it).
    bootstrap, draws : refits for stability and draws from the null.
    sights : the judged rows (``judged_rows``) seen twice; repeated : how far the two must agree (``label_of``).
    alpha : the p up to which the null is drawn to the end.
    """
    rows = judged_rows(len(X), seed)
    refuse_alike(X := X[rows])
    judged = _Judged(X, sights or [], repeated, seed, bootstrap, draws, alpha)
    fits = [divide(X, k, seed, LABEL_STARTS) for k in K_RANGE]
    clustering, valley = statistics(X, fits)
    gate = len(GATE_RANGE)
    p_clustering, p_valley, standard = rank_against_null(X, clustering[:gate], valley[:gate], draws, seed, alpha)
    labels, jaccard, records = {}, {}, []
    for i, k in enumerate(K_RANGE):
        labels[k] = by_size(fits[i].labels_)
        jaccard[k], stable = _stability(judged, labels[k])
        score = {"k": k, "grown": False, "score_clustering": standard[i] if i < gate else np.nan}
        records.append(score | _sight(judged, labels[k], valley[i]) | stable)
    p = p_clustering, p_valley
    p_grown, grown = _grown(judged, fits[:gate], [label_of(pd.Series(row), *p, len(X), repeated) for row in records])
    for k, (record, members, back) in grown.items():
        records[K_RANGE.index(k)], labels[k], jaccard[k] = record, members, back
    table = pd.DataFrame(records)
    table["cv_loglik"] = [cross_fitted_loglik(X, k, seed) for k in K_RANGE]
    found = Gate("not supported", 2, None, *p, table, labels, jaccard, rows, p_grown=p_grown)
    table["kind"] = found.kinds(repeated)
    kind, k = choose_k(table, allowed)
    freely, without_cap = choose_k(table, (K_RANGE[0], K_RANGE[-1]))
    cap = None if freely == "not supported" else without_cap
    apart = tuple(int(few.sum()) for few in standing_apart(X, labels, jaccard, judged.sights))
    return replace(found, kind=kind, k=k, k_without_cap=cap, apart=apart)


def _sight(judged: _Judged, labels: np.ndarray, valley: float) -> dict[str, float]:
    """What one division looks like, and how far two sights of the same people agree on it."""
    centres = np.array([judged.X[labels == c].mean(axis=0) for c in range(labels.max() + 1)])
    names = "repeated_ari", "placed_alike", "alike_by_chance"
    alike = dict(zip(names, placed_alike(centres, judged.sights), strict=True))
    return {"valley_depth": valley, "bend": bend(judged.X, labels), "smallest": np.bincount(labels).min()} | alike


def _stability(
    judged: _Judged, labels: np.ndarray, again: Callable | None = None
) -> tuple[np.ndarray, dict[str, float]]:
    """How far refits agree: the Jaccard of each group, and what the table says."""
    ari, jaccard, moved = bootstrap_agreement(judged.X, labels, judged.bootstrap, judged.seed, again)
    return jaccard, {"bootstrap_ari": ari, "jaccard_min": jaccard.min(), "would_move": moved}


def _grown(
    judged: _Judged, fits: list[KMeans], kinds: list[Kind]
) -> tuple[tuple[float, float], dict[int, tuple[dict[str, float], np.ndarray, np.ndarray]]]:
    """Groups that were grown, where they are natural and those of k-means are not, nor more of them: both p, and per k
    the row of the table, the labels and the Jaccard of each group. What cannot be natural is not ranked, and nothing is
    where nobody was seen twice."""
    X, slack, found = judged.X, judged.alpha - ALPHA, {}
    if judged.repeated is None or not judged.sights:
        return (1.0, 1.0), {}
    seen = max((k for k, kind in zip(GATE_RANGE, kinds, strict=False) if kind == "natural"), default=0)
    every = _every_grown(X, fits)
    gains, depths = _scored(X, every)
    for k, one in every.items():
        i = GATE_RANGE.index(k)
        if one is None or k <= seen or depths[i] < DEEP - slack:
            continue
        labels = by_size(one.labels)
        row = {"k": k, "grown": True, "score_clustering": np.nan} | _sight(judged, labels, depths[i])
        at_best = pd.Series(row | {"bootstrap_ari": 1.0, "jaccard_min": 1.0})
        possible = label_of(at_best, 0, 0, len(X), judged.repeated, slack) == "natural"
        if possible and without_one_column(X, labels) >= MANY_COLUMNS - slack:
            found[k] = row, labels
    if not found:
        return (1.0, 1.0), {}
    *p, standard = rank_against_null(X, gains, depths, judged.draws, judged.seed, judged.alpha, statistics_grown)
    natural = {}
    for k, (row, labels) in found.items() if max(p) <= judged.alpha else ():
        row["score_clustering"] = standard[GATE_RANGE.index(k)]
        jaccard, stable = _stability(judged, labels, grow_again)
        if label_of(pd.Series(row | stable), *p, len(X), judged.repeated, slack) == "natural":
            natural[k] = row | stable, labels, jaccard
    return (p[0], p[1]), natural
