"""Usual ways to segment customers: each takes the same columns, chooses its number of groups, and says whether there
are types.

By a rule that tests nothing:

- k-means on z-scores, k-prototypes (package kmodes; Huang 1998), FAMD + k-means (package prince; Pagès 2004), GENIE
  (package genieclust; Gagolewski, Bartoszuk & Cena 2016) and sparse k-means (Witten & Tibshirani 2010) by the average
  silhouette, that of k-prototypes in its own dissimilarity (Aschenbruck & Szepannek 2020), that of sparse k-means in
  its own weights; they claim structure above .25 (Kaufman & Rousseeuw 1990).
- A Gaussian mixture by BIC over the number of groups and the four kinds of covariance (Fraley & Raftery 2002), and a
  latent class model (package stepmix) with locally independent Gaussian columns and categorical ratings; they claim
  structure where BIC prefers more than one class.
- HDBSCAN (Campello, Moulavi & Sander 2013) with clusters of at least 5 % of the people, as a card; it claims structure
  where it finds two or more. Whom it leaves out are one group of their own.

By a test that divides other data again, as this suite does; they claim structure where it takes more than one group:

- k-means by prediction strength, the largest number at .8 or more (Tibshirani & Walther 2005).
- k-means by the gap to boxes without types (Tibshirani, Walther & Hastie 2001).
- latent classes by the bootstrapped likelihood ratio of one class more, up to p > .05 (Nylund, Asparouhov & Muthén
  2007).

k-means begins ten times, latent classes three times and once in the bootstrap, k-prototypes once, since a start takes
it a hundred times as long. A missing rating takes the mean or the commonest answer, since an answer of its own would
make silence a trait; latent classes by BIC take it as missing. poLCA, flexclust and sparcl (R) are not among Debian's
packages; the model of the first is run here as latent classes, the method of the last is written out.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from genieclust import Genie
from kmodes.kmodes import KModes
from kmodes.kprototypes import KPrototypes
from prince import FAMD, MCA
from scipy.spatial.distance import cdist
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
from sklearn.metrics.cluster import contingency_matrix
from sklearn.mixture import GaussianMixture
from stepmix.bootstrap import blrt
from stepmix.stepmix import StepMix

STRUCTURE = 0.25
"""Average silhouette up to which there is "no substantial structure" (Kaufman & Rousseeuw 1990)."""
STRONG = 0.8
"""Prediction strength from which a number of groups is taken (Tibshirani & Walther 2005)."""
ALPHA = 0.05
FLOOR = 0.05
BOUNDS = 5
"""Sums of weights that sparse k-means chooses from, for each number of groups."""


@dataclass(frozen=True)
class Given:
    """What a method is given.

    numbers : z-scores. ratings : answers coded from 0, missing where not given; either may have no column. most : the
    largest number of groups. draws : data sets that a test divides again; sparse k-means permutes a quarter of that.
    """

    numbers: pd.DataFrame
    ratings: pd.DataFrame
    seed: int
    most: int = 4
    draws: int = 20

    @property
    def ks(self) -> range:
        return range(2, self.most + 1)


@dataclass(frozen=True)
class Division:
    """What a method says: labels per number of groups that it tried, the number it chose, whether it claims types."""

    labels: dict[int, np.ndarray]
    k: int
    claims: bool


# --- the columns -------------------------------------------------------------------------------------------------


def z_scores(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of mean 0 and spread 1; those in which nobody differs are left out."""
    spread = frame.std(ddof=0)
    return ((frame - frame.mean()) / spread).loc[:, spread > 1e-9]


def commonest(ratings: pd.DataFrame) -> pd.DataFrame:
    return ratings.fillna(ratings.mode().iloc[0]) if ratings.shape[1] else ratings


def all_numbers(given: Given) -> np.ndarray:
    """One matrix of z-scores, a missing rating at the mean."""
    return np.hstack([given.numbers, z_scores(given.ratings).fillna(0)])


# --- by a rule ---------------------------------------------------------------------------------------------------


def by_silhouette(labels: dict[int, np.ndarray], distances: np.ndarray) -> Division:
    """The number of groups of the largest average silhouette."""
    scores = {k: silhouette_score(distances, found, metric="precomputed") for k, found in labels.items()}
    k = max(scores, key=scores.__getitem__)
    return Division(labels, k, scores[k] > STRUCTURE)


def by_bic(fits: dict[int, GaussianMixture] | dict[int, StepMix], X: np.ndarray) -> Division:
    """The number of groups of the smallest Bayesian information criterion."""
    k = min(fits, key=lambda k: fits[k].bic(X))
    return Division({k: fit.predict(X) for k, fit in fits.items()}, k, k > 1)


def cut(X: np.ndarray, k: int, seed: int, starts: int = 10) -> KMeans:
    return KMeans(k, n_init=starts, random_state=seed).fit(X)


def k_means_of(X: np.ndarray, given: Given) -> Division:
    return by_silhouette({k: cut(X, k, given.seed).labels_ for k in given.ks}, cdist(X, X))


def k_means(given: Given) -> Division:
    return k_means_of(all_numbers(given), given)


def k_prototypes(given: Given) -> Division:
    """Without numbers, k-modes; without answers, k-means."""
    if not given.ratings.shape[1]:
        return k_means(given)
    answers, numbers, seed = commonest(given.ratings), given.numbers, given.seed
    differ = cdist(answers, answers, "hamming") * answers.shape[1]
    if not numbers.shape[1]:
        return by_silhouette({k: KModes(k, n_init=1, random_state=seed).fit_predict(answers) for k in given.ks}, differ)
    X = np.hstack([answers, numbers])
    categorical = list(range(answers.shape[1]))
    fits = {k: KPrototypes(k, n_init=1, random_state=seed).fit(X, categorical=categorical) for k in given.ks}
    distances = cdist(numbers, numbers, "sqeuclidean") + fits[2].gamma * differ
    return by_silhouette({k: fit.labels_ for k, fit in fits.items()}, distances)


def famd_k_means(given: Given) -> Division:
    """k-means on five factors; without numbers, of a multiple correspondence analysis, without answers, of PCA."""
    if not given.ratings.shape[1]:
        return k_means_of(
            PCA(min(5, given.numbers.shape[1]), random_state=given.seed).fit_transform(given.numbers), given
        )
    answers = commonest(given.ratings).astype(str)
    factors = (FAMD if given.numbers.shape[1] else MCA)(n_components=5, random_state=given.seed)
    table = pd.concat([given.numbers, answers], axis=1)
    return k_means_of(factors.fit(table).row_coordinates(table).to_numpy(), given)


def genie(given: Given) -> Division:
    X = all_numbers(given)
    return by_silhouette({k: Genie(n_clusters=k).fit_predict(X) for k in given.ks}, cdist(X, X))


def hdbscan(given: Given) -> Division:
    X = all_numbers(given)
    labels = HDBSCAN(min_cluster_size=max(5, int(FLOOR * len(X))), min_samples=5, copy=True).fit_predict(X)
    k = labels.max() + 1
    return Division({k: labels}, k, k > 1)


def gaussian_mixture(given: Given) -> Division:
    X, shapes = all_numbers(given), ("spherical", "diag", "tied", "full")
    fits = {
        k: [GaussianMixture(k, covariance_type=shape, random_state=given.seed).fit(X) for shape in shapes]
        for k in (1, *given.ks)
    }
    return by_bic({k: min(of_k, key=lambda fit: fit.bic(X)) for k, of_k in fits.items()}, X)


def classes(given: Given, ratings: pd.DataFrame, rated: str, starts: int) -> tuple[np.ndarray, dict]:
    """The columns of a latent class model, and its options but for the number of classes."""
    blocks = {"numbers": ("gaussian_diag", given.numbers), "ratings": (rated, ratings)}
    used = {name: block for name, block in blocks.items() if block[1].shape[1]}
    description = {name: {"model": model, "n_columns": frame.shape[1]} for name, (model, frame) in used.items()}
    options = {"measurement": description, "n_init": starts, "abs_tol": 1e-5, "progress_bar": 0}
    return np.hstack([frame for _, frame in used.values()]), options | {"random_state": given.seed}


def latent_classes(given: Given) -> Division:
    X, options = classes(given, given.ratings, "categorical_nan", 3)
    with np.errstate(invalid="ignore"):  # a class of which nobody answered has no shares; another start is then taken
        return by_bic({k: StepMix(k, **options).fit(X) for k in (1, *given.ks)}, X)


def weights_of(apart: np.ndarray, bound: float) -> np.ndarray:
    """Weights of length 1 whose sum is ``bound`` at most, of columns that set groups ``apart``: what is left of each
    after the same is taken from all."""

    def after(taken: float) -> np.ndarray:
        left = np.maximum(apart - taken, 0)
        return left / np.linalg.norm(left)

    if after(0.0).sum() <= bound:
        return after(0.0)
    low, high = 0.0, apart.max() * (1 - 1e-9)  # at the second the largest alone is left, or all that are as large
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if after(middle).sum() > bound else (low, middle)
    return after(high)


def sparse_fit(X: np.ndarray, k: int, bound: float, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Labels, weights of the columns, and the weighted sum of squares between groups, of z-scores ``X``."""
    weights = np.full(X.shape[1], X.shape[1] ** -0.5)
    for step in range(6):
        labels = cut(X * np.sqrt(weights), k, seed, 3 if step else 10).labels_
        apart = sum(len(of) * of.mean(axis=0) ** 2 for of in (X[labels == group] for group in np.unique(labels)))
        before, weights = weights, weights_of(apart, bound)
        if np.abs(weights - before).sum() < 1e-3 * before.sum():
            break
    return labels, weights, float(weights @ apart)


def sparse_k_means(given: Given) -> Division:
    """Bounds by the gap to permuted columns, for each number of groups; the number by the silhouette in its weights."""
    X, rng = all_numbers(given), np.random.default_rng(given.seed)
    permuted = [rng.permuted(X, axis=0) for _ in range(max(given.draws // 4, 1))]
    found, scores = {}, {}
    for k in given.ks:
        gaps = {}
        for bound in np.geomspace(1.2, 0.9 * np.sqrt(X.shape[1]), BOUNDS):
            null = [np.log(sparse_fit(Y, k, bound, given.seed)[2]) for Y in permuted]
            gaps[bound] = np.log(sparse_fit(X, k, bound, given.seed)[2]) - np.mean(null)
        found[k], weights, _ = sparse_fit(X, k, max(gaps, key=gaps.__getitem__), given.seed)
        scores[k] = silhouette_score(X * np.sqrt(weights), found[k])
    k = max(scores, key=scores.__getitem__)
    return Division(found, k, scores[k] > STRUCTURE)


# --- by a test ---------------------------------------------------------------------------------------------------


def strength(first: KMeans, second: np.ndarray, own: np.ndarray) -> float:
    """Of the pairs in a group of the second half's own division, how many the first half's centres put together; the
    weakest group."""
    together = contingency_matrix(own, first.predict(second))
    sizes = together.sum(axis=1)
    return float(((together * (together - 1)).sum(axis=1) / np.maximum(sizes * (sizes - 1), 1)).min())


def prediction_strength(given: Given) -> Division:
    X, rng = all_numbers(given), np.random.default_rng(given.seed)
    strengths = {k: [] for k in given.ks}
    for _ in range(given.draws):
        halves = np.array_split(rng.permutation(len(X)), 2)
        for k, found in strengths.items():
            fits = [cut(X[half], k, given.seed) for half in halves]
            found += [strength(fits[i], X[halves[1 - i]], fits[1 - i].labels_) for i in (0, 1)]
    k = max([k for k, found in strengths.items() if np.mean(found) >= STRONG], default=1)
    return Division(ones(X) | {k: cut(X, k, given.seed).labels_ for k in given.ks}, k, k > 1)


def gap(given: Given) -> Division:
    """The smallest number whose gap is within an error of the next one's; boxes lie along the principal axes."""
    X, rng = all_numbers(given), np.random.default_rng(given.seed)
    axes = PCA(random_state=given.seed).fit_transform(X)
    boxes = [rng.uniform(axes.min(axis=0), axes.max(axis=0), axes.shape) for _ in range(given.draws)]
    ks = range(1, given.most + 2)
    fits = {k: cut(X, k, given.seed) for k in ks}
    null = np.array([[np.log(cut(box, k, given.seed).inertia_) for k in ks] for box in boxes])
    gaps = null.mean(axis=0) - np.log([fits[k].inertia_ for k in ks])
    enough = gaps[:-1] >= (gaps - null.std(axis=0) * np.sqrt(1 + 1 / given.draws))[1:]
    k = ks[int(enough.argmax())] if enough.any() else given.most
    return Division({k: fits[k].labels_ for k in ks}, k, k > 1)


def likelihood_ratio(given: Given) -> Division:
    """One class more as long as a bootstrap without it gains less in at most one draw of twenty."""
    X, options = classes(given, commonest(given.ratings), "categorical", 1)
    k, draws = 1, given.draws - 1
    while k < given.most:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):  # its bars
            exceeded = blrt(StepMix(k, **options), StepMix(k + 1, **options), X, None, draws, given.seed) * draws
        if (round(exceeded) + 1) / (draws + 1) > ALPHA:
            break
        k += 1
    fits = {k: StepMix(k, **options | {"n_init": 3}).fit(X) for k in given.ks}
    return Division(ones(X) | {k: fit.predict(X) for k, fit in fits.items()}, k, k > 1)


def ones(X: np.ndarray) -> dict[int, np.ndarray]:
    """Everybody in one group."""
    return {1: np.zeros(len(X), dtype=int)}


RULES: dict[str, Callable[[Given], Division]] = {
    "k-means": k_means,
    "k-prototypes": k_prototypes,
    "FAMD + k-means": famd_k_means,
    "sparse k-means": sparse_k_means,
    "GENIE": genie,
    "HDBSCAN": hdbscan,
    "Gaussian mixture": gaussian_mixture,
    "latent classes": latent_classes,
}
TESTS: dict[str, Callable[[Given], Division]] = {
    "k-means, prediction strength": prediction_strength,
    "k-means, gap": gap,
    "latent classes, likelihood ratio": likelihood_ratio,
}
PEERS = RULES | TESTS
