"""The measurement model of the personas: fitted by StepMix, kept as plain values, applied with plain numpy.

Behaviour is a Gaussian block with a common covariance, ratings are independent Gaussians, categories are look-ups.
A block that is missing drops out, so that who did not answer the survey is placed by behaviour alone and silence is
no trait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment, minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.cluster import KMeans
from sklearn.metrics.cluster import contingency_matrix
from stepmix.stepmix import StepMix

from helpers.contracts import UNASSIGNED
from helpers.types.answer_columns import category_units, likert_units
from helpers.types.prepare import Prepared, any_known, behaviour_units, gate_matrix, width
from helpers.types.repeated import LABEL_STARTS, agreement, divide

THRESHOLD = 0.8
"""A posterior of at least this gives a persona."""
STARTS = 8
MISFIT = 1.3
"""How much surer than right a mixture is because behaviour is no Gaussian (``make calibrate``, section posterior; with
it 76, 82, 91, 94 and 97 % of the sample's customers at .83, .88, .93, .97 and 1.00 are where they were planted)."""
TEMPER_DRAWS = 3
"""Samples of the fitted mixture on which it is seen how over-sure such a fit is."""
FLOOR = 1e-3
"""Variance of a rating inside a class, in squared scale points, below which the class has degenerated."""
NEAR_TIE = 0.005
"""Other optima within this mean log-likelihood per row (or, of k-means, share of the scatter) of the best one count as
equally good."""
SAME_DIVISION = 0.5
"""Adjusted Rand index with the judged division below which a likelihood optimum is another division, which no other
sample need repeat (``make calibrate``, section model)."""


@dataclass(frozen=True)
class Fitted:
    """A fitted mixture.

    labels : modal class of every fitted row. elsewhere : the class where an equally good solution would place it; its
    own where all agree. described : True when the mixture has the judged division's own means and covariance, because
    the best likelihood lay at another division or had classes too small to use. temper : what the log densities are
    divided by, so that a probability of .8 is right four times in five (``temper_of``).
    """

    mixture: StepMix
    labels: np.ndarray
    elsewhere: np.ndarray
    described: bool
    temper: float = 1.0


class _FromMemberships(StepMix):
    """StepMix begun from given memberships: its own k-means start refuses missing answers, its random one stays put.

    From uniform random responsibilities ``gaussian_tied`` stops at the saddle where all classes are one.
    """

    def _initialize_parameters(self, X, random_state):
        self.log_resp_ = np.log(np.clip(np.eye(self.n_components)[self.start], 1e-15, 1 - 1e-15))
        self.weights_ = np.ones(self.n_components) / self.n_components
        self._initialize_parameters_measurement(X, random_state)


class _Described(_FromMemberships):
    """The parameters of the given memberships themselves: EM has nothing to move."""

    def _initialize_parameters(self, X, random_state):
        super()._initialize_parameters(X, random_state)
        self.weights_ = np.bincount(self.start) / len(X)

    def _m_step(self, *given, **options):
        pass


def measurement(prepared: Prepared) -> tuple[dict[str, dict[str, Any]], np.ndarray]:
    """The nested description that StepMix wants and the matrix whose columns follow it."""
    blocks = {
        "behaviour": ("gaussian_tied", prepared.behaviour),
        "likert": ("continuous_nan", prepared.likert),
        "categories": ("categorical_nan", prepared.categories),
    }
    used = {name: block for name, block in blocks.items() if block[1].shape[1]}
    description = {name: {"model": model, "n_columns": frame.shape[1]} for name, (model, frame) in used.items()}
    return description, np.hstack([frame.to_numpy(dtype=float) for _, frame in used.values()])


def starting_divisions(matrix: np.ndarray, k: int, first: np.ndarray, seed: int) -> list[np.ndarray]:
    """The gate's division, three more by k-means, and four by nearness to k random rows."""
    divisions = [first]
    divisions += [KMeans(k, n_init=1, random_state=seed + i).fit(matrix).labels_ for i in range(1, STARTS // 2)]
    rng = np.random.default_rng(seed)
    while len(divisions) < STARTS:
        centres = matrix[rng.choice(len(matrix), k, replace=False)]
        labels = ((matrix[:, None, :] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
        if np.bincount(labels, minlength=k).min() > matrix.shape[1] // 4:
            divisions.append(labels)
        elif rng.random() < 0.02:
            break
    return divisions


def fit_mixture(
    prepared: Prepared,
    matrix: np.ndarray,
    k: int,
    first: np.ndarray,
    *,
    smallest: int,
    seed: int,
    same: float = SAME_DIVISION,
) -> Fitted:
    """Fit k classes from at least eight starts and keep the best likelihood whose classes are all large enough.

    On a continuum the best likelihood often lies at a division that no other sample would repeat, far from the one that
    was judged; the judged division is then described instead, so that its label is that of the published groups.

    Parameters
    ----------
    matrix : the gate's matrix of the same rows, for the starts only.
    first : the gate's division of these rows. smallest : rows that every class must have at least.
    same : agreement with ``first`` that the best likelihood must have to be taken.
    """
    description, X = measurement(prepared)

    def run(start: np.ndarray, kind: type = _FromMemberships) -> tuple[StepMix, np.ndarray]:
        mixture = fitted_from(start, X, kind, description, k, seed)
        return mixture, mixture.predict(X)

    fits = [run(start) for start in starting_divisions(matrix, k, first, seed)]
    sound = [fit for fit in fits if is_sound(fit[0]) and np.bincount(fit[1], minlength=k).min() >= smallest]
    if sound:
        mixture, labels = max(sound, key=lambda fit: fit[0].lower_bound_)
        if agreement(first, labels)[0] >= same:
            ties = [other for tied, other in sound if mixture.lower_bound_ - tied.lower_bound_ <= NEAR_TIE]
            temper = temper_of(prepared, mixture, _FromMemberships, seed)
            return Fitted(mixture, labels, elsewhere(labels, ties), described=False, temper=temper)
    mixture, labels = run(first, _Described)
    other = elsewhere(first, tied_divisions(matrix, k, seed))
    temper = temper_of(prepared, mixture, _Described, seed)
    return Fitted(mixture, labels, np.where(other == first, labels, other), described=True, temper=temper)


def fitted_from(
    start: np.ndarray, X: np.ndarray, kind: type, description: dict[str, dict[str, Any]], k: int, seed: int
) -> StepMix:
    """A mixture of this kind, begun from one division."""
    options = {} if kind is _Described else {"abs_tol": 1e-6, "max_iter": 5000}
    mixture = kind(k, measurement=description, progress_bar=0, random_state=seed, **options)
    mixture.start = start
    return mixture.fit(X)


def temper_of(prepared: Prepared, mixture: StepMix, kind: type, seed: int) -> float:
    """What log densities are to be divided by, so that the posterior is as sure as it is right; at least 1.

    A mixture is over-sure of the sample that it was fitted to, and one described by a hard division all the more, since
    its classes are cut where they overlap. By how much is seen on people drawn from the mixture itself, divided and
    fitted as it was: the divisor that makes their true classes likeliest (a parametric bootstrap of Platt's scaling;
    Guo et al. 2017).
    """
    model, k, found = as_model(prepared, mixture), mixture.n_components, []
    rng = np.random.default_rng(seed)
    for draw in range(TEMPER_DRAWS):
        drawn, truth = drawn_from(prepared, model["classes"], rng)
        description, X = measurement(drawn)
        first = truth
        if kind is _Described:
            first = divide(gate_matrix(drawn), k, seed + draw, LABEL_STARTS).labels_
        again = as_model(drawn, fitted_from(first, X, kind, description, k, seed))
        parts = (frame.to_numpy(dtype=float) for frame in (drawn.behaviour, drawn.likert, drawn.categories))
        densities = log_densities(again, *parts)
        _, twin = linear_sum_assignment(-contingency_matrix(densities.argmax(axis=1), truth))
        found.append((densities, twin == truth[:, None]))

    def loss(temper: float) -> float:
        return -np.mean(
            [(log_softmax(densities / temper, axis=1) * own).sum(axis=1).mean() for densities, own in found]
        )

    misfit = MISFIT if "behaviour" in model["classes"] else 1.0
    return misfit * float(minimize_scalar(loss, bounds=(1.0, 5.0), method="bounded").x)


def drawn_from(prepared: Prepared, classes: dict[str, Any], rng: np.random.Generator) -> tuple[Prepared, np.ndarray]:
    """As many people as there are, drawn from the classes of a model, with the same gaps; and their true classes."""
    truth = rng.choice(len(classes["weights"]), len(prepared.behaviour), p=classes["weights"])
    behaviour, likert, categories = prepared.behaviour, prepared.likert, prepared.categories
    if "behaviour" in classes:
        root = np.linalg.cholesky(np.array(classes["behaviour"]["covariance"]))
        luck = rng.standard_normal(behaviour.shape) @ root.T
        behaviour = pd.DataFrame(
            np.array(classes["behaviour"]["means"])[truth] + luck, behaviour.index, behaviour.columns
        )
    if "likert" in classes:
        means, variances = np.array(classes["likert"]["means"]), np.array(classes["likert"]["variances"])
        answers = means[truth] + np.sqrt(variances[truth]) * rng.standard_normal(likert.shape)
        likert = pd.DataFrame(answers, likert.index, likert.columns).where(likert.notna())
    if "categories" in classes:
        codes = [
            (np.cumsum(chances, axis=1)[truth] < rng.random((len(truth), 1))).sum(axis=1).clip(max=len(chances[0]) - 1)
            for chances in map(np.array, classes["categories"])
        ]
        codes = pd.DataFrame(np.column_stack(codes).astype(float), categories.index, categories.columns)
        categories = codes.where(categories.notna())
    return replace(prepared, behaviour=behaviour, likert=likert, categories=categories), truth


def tied_divisions(matrix: np.ndarray, k: int, seed: int) -> list[np.ndarray]:
    """The local optima of k-means from single starts that leave at most ``NEAR_TIE`` more scatter than the best."""
    fits = [KMeans(k, n_init=1, random_state=seed + start).fit(matrix) for start in range(LABEL_STARTS)]
    best = min(fit.inertia_ for fit in fits)
    return [fit.labels_ for fit in fits if fit.inertia_ <= (1 + NEAR_TIE) * best]


def elsewhere(labels: np.ndarray, others: list[np.ndarray]) -> np.ndarray:
    """Per row its group in the first of the other divisions that moves it, after matching their groups to these."""
    found = labels
    for other in reversed(others):
        _, twin = linear_sum_assignment(-contingency_matrix(other, labels))
        found = np.where(twin[other] != labels, twin[other], found)
    return found


def is_sound(mixture: StepMix) -> bool:
    """Whether the likelihood is finite and no rating's variance has collapsed."""
    blocks = mixture.get_parameters()["measurement"]
    collapsed = "likert" in blocks and blocks["likert"]["covariances"].min() < FLOOR
    return bool(np.isfinite(mixture.lower_bound_)) and not collapsed


# --- model.json --------------------------------------------------------------------------------------------------


def as_model(
    prepared: Prepared, mixture: StepMix, order: Sequence[int] | None = None, temper: float = 1.0
) -> dict[str, Any]:
    """Everything needed to place a customer, as plain JSON values, the classes in the mixture's order or another."""
    order = np.arange(mixture.n_components) if order is None else order
    blocks = mixture.get_parameters()["measurement"]
    classes: dict[str, Any] = {"weights": mixture.weights_[order].tolist()}
    if "behaviour" in blocks:
        means, covariance = blocks["behaviour"]["means"][order], blocks["behaviour"]["covariances"]
        classes["behaviour"] = {"means": means.tolist(), "covariance": covariance.tolist()}
    if "likert" in blocks:
        means, variances = (blocks["likert"][name][order] for name in ("means", "covariances"))
        classes["likert"] = {"means": means.tolist(), "variances": variances.tolist()}
    if "categories" in blocks:
        pis = blocks["categories"]["pis"].reshape(mixture.n_components, len(prepared.category_rules), -1)[order]
        classes["categories"] = [pis[:, i, : width(rule)].tolist() for i, rule in enumerate(prepared.category_rules)]
    return {
        "schema": 1,
        "kind": "mixture",
        "features": prepared.features,
        "likert": prepared.likert_rule,
        "categories": prepared.category_rules,
        "classes": classes,
        "temper": temper,
        "missing": "A missing feature takes the stored median (fill); missing answers drop out of the sum.",
        "label_rule": {"threshold": THRESHOLD, "below": UNASSIGNED},
    }


def log_densities(model: dict[str, Any], behaviour: np.ndarray, likert: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """log weight + log density of every row under every class; NaN in likert and codes drops out."""
    classes = model["classes"]
    total = np.tile(np.log(classes["weights"]), (len(behaviour), 1))
    if "behaviour" in classes:
        root = np.linalg.cholesky(np.array(classes["behaviour"]["covariance"]))
        for c, mean in enumerate(classes["behaviour"]["means"]):
            whitened = np.linalg.solve(root, (behaviour - np.array(mean)).T)
            total[:, c] -= 0.5 * (whitened**2).sum(axis=0)
        total -= np.log(np.diag(root)).sum() + 0.5 * behaviour.shape[1] * np.log(2 * np.pi)
    if "likert" in classes:
        means, variances = np.array(classes["likert"]["means"]), np.array(classes["likert"]["variances"])
        for c, (mean, variance) in enumerate(zip(means, variances, strict=True)):
            terms = np.log(2 * np.pi * variance) + (likert - mean) ** 2 / variance
            total[:, c] -= 0.5 * np.nansum(terms, axis=1)
    for item, probabilities in enumerate(classes.get("categories", [])):
        known = ~np.isnan(codes[:, item])
        table = np.log(np.clip(np.array(probabilities).T, 1e-15, 1 - 1e-15))
        total[known] += table[codes[known, item].astype(int)]
    return total


def posterior(model: dict[str, Any], features: pd.DataFrame, answers: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Posterior per class, and whether anything at all was known, for frames that share one index."""
    behaviour = behaviour_units(features, model["features"]).to_numpy(dtype=float)
    likert = likert_units(answers, model["likert"]).to_numpy(dtype=float)
    codes = category_units(answers, model["categories"]).to_numpy(dtype=float)
    densities = log_densities(model, behaviour, likert, codes)
    known = any_known(features, model["features"]) | (~np.isnan(likert)).any(axis=1) | (~np.isnan(codes)).any(axis=1)
    return softmax(densities / model.get("temper", 1.0), axis=1), known
