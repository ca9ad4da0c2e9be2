"""A mixed logit model of choices: part-worths that differ from person to person, each known as far as his choices tell.

Tastes are normal over people, and his own stay with a person over all his tasks (Revelt & Train 1998, Rev. Econ. Stat.
80; Train 2009, Discrete Choice Methods with Simulation, ch. 6, 10, 11). The likelihood is simulated with quasi-random
draws of each person's own and its gradient is exact. Own lines and no library: xlogit gives neither a person's
part-worths nor the scores that an interval of market shares needs, biogeme and choice-learn bring jax, PyMC or
TensorFlow. Held by the published figures of R's mlogit, draw for draw (notebook 12).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.stats import norm, qmc

from helpers.offers.choice_logit import Tasks

PER_PERSON = 128
"""Draws of each person's tastes; a power of 2, as Sobol's sequence wants it."""
PEOPLE_PER_PARAMETER = 10
"""With fewer people for each covariance, tastes of one level and of another are taken for independent."""
MOST = 4_000_000
"""Utilities that are held at a time, rows by draws; more people are taken one part after the other."""
STEP = 1e-4
"""Of differences of the gradient, on columns that are scaled to one another."""


@dataclass(frozen=True)
class Panel:
    """Choices by person: the design with its columns scaled, and where each row stands among those of its person."""

    X: np.ndarray
    """People x rows x columns, zeros where somebody has fewer rows than others."""
    person: np.ndarray
    row: np.ndarray
    chosen: np.ndarray
    task: np.ndarray
    task_starts: np.ndarray
    person_starts: np.ndarray
    """Where each person's tasks begin among all tasks."""
    scale: np.ndarray


@dataclass(frozen=True)
class Model:
    """Which columns differ between people, whether together, and the draws: people x columns that differ x draws."""

    varies: np.ndarray
    together: bool
    draws: np.ndarray

    @property
    def entries(self) -> tuple[np.ndarray, np.ndarray]:
        """Places of the free entries of the root of the covariance."""
        m = len(self.varies)
        return np.tril_indices(m) if self.together else (np.arange(m), np.arange(m))

    def root(self, theta: np.ndarray, columns: int) -> np.ndarray:
        """The root of the covariance: columns x columns that differ."""
        part = np.zeros((len(self.varies), len(self.varies)))
        part[self.entries] = theta[columns:]
        whole = np.zeros((columns, len(self.varies)))
        whole[self.varies] = part
        return whole


@dataclass(frozen=True)
class Mixed:
    """The fitted model, in units of the scaled columns (``panel.scale``).

    theta : means, then the free entries of the covariance's root. influence : what each person moves theta by;
    its products are the covariance of theta, robust to what the model leaves out.
    """

    theta: np.ndarray
    influence: np.ndarray
    log_likelihood: float
    panel: Panel
    model: Model

    @property
    def covariance(self) -> np.ndarray:
        """The covariance of theta, people being independent of one another."""
        n = len(self.influence)
        return self.influence.T @ self.influence * n / max(n - 1, 1)


def panel_of(tasks: Tasks) -> Panel:
    """Choices by person, in the order of their codes; rows of one task stay together."""
    order = np.lexsort((tasks.task, tasks.respondent))
    person = np.unique(tasks.respondent[order], return_inverse=True)[1]
    task = np.unique(np.column_stack([person, tasks.task[order]]), axis=0, return_inverse=True)[1].ravel()
    first = np.searchsorted(person, person)
    row = np.arange(len(person)) - first
    scale = np.maximum(tasks.X.std(axis=0), 1e-300)
    X = np.zeros((person[-1] + 1, row.max() + 1, tasks.X.shape[1]))
    X[person, row] = tasks.X[order] / scale
    starts = np.flatnonzero(np.diff(task, prepend=-1))
    of_task = person[starts]
    return Panel(X, person, row, tasks.chosen[order], task, starts, np.flatnonzero(np.diff(of_task, prepend=-1)), scale)


def sobol(people: int, columns: int, seed: int, per_person: int = PER_PERSON) -> np.ndarray:
    """Normal draws, people x columns x draws: of one person they fill the space evenly, as those of all do."""
    needed = people * per_person
    points = qmc.Sobol(columns, rng=np.random.default_rng(seed)).random_base2(math.ceil(math.log2(needed)))[:needed]
    normal = norm.ppf(np.clip(points, 1e-12, 1 - 1e-12))
    return normal.reshape(people, per_person, columns).transpose(0, 2, 1)


@dataclass(frozen=True)
class _At:
    """The model at one theta: log-likelihood by person, weights of his draws, tastes drawn, and scores by person."""

    log_likelihood: np.ndarray
    weights: np.ndarray
    tastes: np.ndarray
    scores: np.ndarray | None = None


def _at(theta: np.ndarray, panel: Panel, model: Model, scores: bool = False) -> _At:
    parts = [_of_part(theta, part, model, draws, scores) for part, draws in _parts(panel, model.draws)]
    if len(parts) == 1:
        return parts[0]
    together = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("log_likelihood", "weights", "tastes")
    )
    return _At(*together, np.concatenate([part.scores for part in parts]) if scores else None)


def _parts(panel: Panel, draws: np.ndarray) -> Iterator[tuple[Panel, np.ndarray]]:
    """People by people, as many at a time as may be held, with their draws."""
    people, most, _ = panel.X.shape
    each = max(MOST // (most * draws.shape[2]), 1)
    if each >= people:
        yield panel, draws
        return
    for first in range(0, people, each):
        rows = slice(*np.searchsorted(panel.person, [first, first + each]))
        tasks = slice(*np.searchsorted(panel.task_starts, [rows.start, rows.stop]))
        own = slice(first, first + each)
        part = Panel(
            panel.X[own], panel.person[rows] - first, panel.row[rows], panel.chosen[rows],
            panel.task[rows] - tasks.start, panel.task_starts[tasks] - rows.start,
            panel.person_starts[own] - tasks.start, panel.scale,
        )  # fmt: skip
        yield part, draws[own]


def _of_part(theta: np.ndarray, panel: Panel, model: Model, draws: np.ndarray, scores: bool) -> _At:
    columns = panel.X.shape[2]
    tastes = theta[:columns, None] + model.root(theta, columns) @ draws
    utility = (panel.X @ tastes)[panel.person, panel.row]
    utility -= np.maximum.reduceat(utility, panel.task_starts)[panel.task]
    likely = np.exp(utility)
    likely /= np.add.reduceat(likely, panel.task_starts)[panel.task]
    logs = np.log(np.maximum(likely[panel.chosen], 1e-300))
    of_person = np.add.reduceat(logs, panel.person_starts)
    top = of_person.max(axis=1, keepdims=True)
    weights = np.exp(of_person - top)
    log_likelihood = np.log(weights.mean(axis=1)) + top[:, 0]
    weights /= weights.sum(axis=1, keepdims=True)
    if not scores:
        return _At(log_likelihood, weights, tastes)
    likely[panel.chosen] -= 1
    surprise = np.zeros((*panel.X.shape[:2], likely.shape[1]))
    surprise[panel.person, panel.row] = -likely
    slopes = (panel.X.transpose(0, 2, 1) @ surprise) * weights[:, None]
    of_root = (slopes[:, model.varies] @ draws.transpose(0, 2, 1))[:, *model.entries]
    return _At(log_likelihood, weights, tastes, np.hstack([slopes.sum(axis=2), of_root]))


def fit_mixed(
    tasks: Tasks,
    start: np.ndarray,
    *,
    seed: int = 0,
    varies: np.ndarray | None = None,
    together: bool | None = None,
    draws: np.ndarray | None = None,
) -> Mixed:
    """Means and covariance of part-worths over people, by simulated maximum likelihood.

    start : part-worths of the pooled model. varies : columns that differ between people (all unless stated). together :
    whether those of different columns may go together; where nothing is said, if the people are enough for that.
    draws : normal draws in place of Sobol's, to repeat what others published.
    """
    panel = panel_of(tasks)
    people, _, columns = panel.X.shape
    varies = np.arange(columns) if varies is None else varies
    m = len(varies)
    if together is None:
        together = people >= PEOPLE_PER_PARAMETER * m * (m + 1) / 2
    model = Model(varies, together, sobol(people, m, seed) if draws is None else draws)
    rows, across = model.entries
    mean = start * panel.scale
    spread = np.where(rows == across, np.maximum(np.abs(mean[varies[rows]]) / 2, 0.2), 0.0)

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        at = _at(theta, panel, model, scores=True)
        return -at.log_likelihood.sum() / people, -at.scores.sum(axis=0) / people

    found = minimize(loss, np.r_[mean, spread], jac=True, method="BFGS", options={"gtol": 1e-5, "maxiter": 500})
    theta = _upright(found.x, columns, model)
    scores = _at(theta, panel, model, scores=True).scores
    bent = np.array([_at(theta + step, panel, model, scores=True).scores.sum(axis=0) for step in steps(len(theta))])
    information = -(bent - scores.sum(axis=0)) / STEP
    inverse = np.linalg.pinv((information + information.T) / 2, rcond=1e-9, hermitian=True)
    return Mixed(theta, scores @ inverse, -float(found.fun) * people, panel, model)


def steps(size: int) -> np.ndarray:
    """A small step of each parameter."""
    return STEP * np.eye(size)


def _upright(theta: np.ndarray, columns: int, model: Model) -> np.ndarray:
    """The same model with no diagonal entry of the root below 0: its columns may change signs together."""
    rows, across = model.entries
    root = np.zeros((len(model.varies), len(model.varies)))
    root[rows, across] = theta[columns:]
    signs = np.where(np.diag(root) < 0, -1.0, 1.0)
    return np.r_[theta[:columns], (root * signs)[rows, across]]


# --- what follows from it ----------------------------------------------------------------------------------------


def spread_of(theta: np.ndarray, contrasts: np.ndarray, mixed: Mixed) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over people of each contrast (rows, in the units of the design)."""
    scaled = contrasts / mixed.panel.scale
    columns = scaled.shape[1]
    return scaled @ theta[:columns], np.linalg.norm(scaled @ mixed.model.root(theta, columns), axis=1)


def own_worths(mixed: Mixed, contrasts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each person's contrasts (people x contrasts): what is to be expected given what he chose, and its standard error.

    The error holds what his choices leave open and what is not known of the tastes of all.
    """
    mean, left_open = _given_choices(mixed, mixed.theta, contrasts)
    moved = [
        (_given_choices(mixed, mixed.theta + step, contrasts)[0] - mean) / STEP for step in steps(len(mixed.theta))
    ]
    unsure = np.einsum("pnc,pq,qnc->nc", moved, mixed.covariance, moved)
    return mean, np.sqrt(left_open + unsure)


def _given_choices(mixed: Mixed, theta: np.ndarray, contrasts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each person's contrasts given what he chose."""
    at = _at(theta, mixed.panel, mixed.model)
    worth = (contrasts / mixed.panel.scale) @ at.tastes
    mean = (worth * at.weights[:, None]).sum(axis=2)
    return mean, ((worth - mean[:, :, None]) ** 2 * at.weights[:, None]).sum(axis=2)


def choose(mixed: Mixed, offers: np.ndarray, theta: np.ndarray | None = None) -> np.ndarray:
    """The probability that each person takes each of the offers (people x offers), given what he chose before."""
    at = _at(mixed.theta if theta is None else theta, mixed.panel, mixed.model)
    utility = (offers / mixed.panel.scale) @ at.tastes
    odds = np.exp(utility - utility.max(axis=1, keepdims=True))
    return (odds / odds.sum(axis=1, keepdims=True) * at.weights[:, None]).sum(axis=2)


def shares_of(mixed: Mixed, offers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The share of people that takes each offer, and its standard error.

    The error holds both who was asked and what the model does not know: each person's influence on the mean, directly
    and through theta (the delta method on stacked estimating equations; Newey & McFadden 1994, section 6).
    """
    taken = choose(mixed, offers)
    share, n = taken.mean(axis=0), len(taken)
    moved = [
        (choose(mixed, offers, mixed.theta + step).mean(axis=0) - share) / STEP for step in steps(len(mixed.theta))
    ]
    whole = (taken - share) / n + mixed.influence @ np.array(moved)
    return share, np.sqrt((whole**2).sum(axis=0) * n / max(n - 1, 1))
