"""A conditional logit model of choices between offers (McFadden 1974): part-worths, weights of attributes, money.

statsmodels has the model (ConditionalLogit), and the tests hold this one equal to it; but it takes seconds a fit, and
has no covariance for several choices of one respondent. The fit here takes milliseconds, so that personas can be dealt
anew many times, and its covariance is the sandwich clustered by respondent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import linprog, minimize
from scipy.stats import chi2

from helpers.cards.claims import Z, adjusted
from helpers.sources import ConjointSource

DRAWS = 1999
"""Draws of the part-worths for intervals of what is no sum of them (Krinsky & Robb 1986)."""
DEALS = 199
NONE = "none of these"
ONE_MORE = "+ 1"


@dataclass(frozen=True)
class Attribute:
    """An attribute as columns of the design: one per level but the first, or a number as it is (no ``levels``)."""

    name: str
    levels: tuple[str, ...]
    columns: tuple[int, ...]
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Tasks:
    """Alternatives in the order of their tasks: design, whether chosen, and the codes of task and respondent."""

    X: np.ndarray
    chosen: np.ndarray
    task: np.ndarray
    respondent: np.ndarray

    def of(self, rows: np.ndarray) -> Tasks:
        """Some of the alternatives, whole tasks."""
        task = np.unique(self.task[rows], return_inverse=True)[1]
        return Tasks(self.X[rows], self.chosen[rows], task, self.respondent[rows])


@dataclass(frozen=True)
class Fit:
    """Part-worths against the first level, their covariance clustered by respondent, the log-likelihood."""

    worth: np.ndarray
    covariance: np.ndarray
    log_likelihood: float


def design(frame: pd.DataFrame, source: ConjointSource) -> tuple[Tasks, list[Attribute], list[str]]:
    """The design of a choice exercise, its attributes, and the names of those that the tasks cannot tell.

    Parameters
    ----------
    frame : one row per alternative: respondent_id, task, chosen (bool), and the attributes (text, or numbers); whole
        tasks with one choice each, as `data.choices.check_conjoint` leaves them.

    Returns
    -------
    An attribute that never varies within a task, or only together with those before it, is left out. Alternatives
    without attributes are "none of these" and have a constant of their own.
    """
    respondent = pd.factorize(frame["respondent_id"])[0]
    task = frame.groupby(["respondent_id", "task"], sort=False).ngroup().to_numpy()
    order = np.argsort(task, kind="stable")
    columns, attributes, left_out = np.empty((len(frame), 0)), [], []
    none = frame[source.attributes].isna().all(axis=1)
    candidates = [(name, *_columns(frame[name], source.levels.get(name))) for name in source.attributes]
    for name, levels, X in [*candidates, (NONE, (), none.to_numpy(float)[:, None])]:
        wider = np.column_stack([columns, X])
        if X.shape[1] and np.linalg.matrix_rank(_within(wider[order], task[order])) == wider.shape[1]:
            place = tuple(range(columns.shape[1], wider.shape[1]))
            ends = () if levels else (float(X[~none].min()), float(X[~none].max()))
            attributes.append(Attribute(name, levels, place, *ends))
            columns = wider
        elif name != NONE:
            left_out.append(name)
    chosen = frame["chosen"].to_numpy(bool)
    return Tasks(columns[order], chosen[order], task[order], respondent[order]), attributes, left_out


def _columns(values: pd.Series, listed: list[str] | None) -> tuple[tuple[str, ...], np.ndarray]:
    """Levels (none for a number) and columns of one attribute; an alternative without attributes has zeros."""
    if pd.api.types.is_numeric_dtype(values):
        return (), values.fillna(0.0).to_numpy(float)[:, None]
    shown = set(values.dropna())
    levels = tuple(level for level in (listed or sorted(shown)) if level in shown)
    return levels, np.column_stack([np.empty((len(values), 0)), *((values == level) for level in levels[1:])])


def _starts(task: np.ndarray) -> np.ndarray:
    """Where each task begins; tasks are coded in their order."""
    return np.flatnonzero(np.diff(task, prepend=-1))


def _within(X: np.ndarray, task: np.ndarray) -> np.ndarray:
    """Columns as differences from their mean in the task, in units of their spread."""
    starts = _starts(task)
    centred = X - (np.add.reduceat(X, starts) / np.diff(starts, append=len(X))[:, None])[task]
    spread = np.abs(X).max(axis=0, initial=0)
    return centred / np.where(spread > 0, spread, 1)


def untold(tasks: Tasks) -> bool:
    """Whether choices, as those of one group, were between too few different offers to tell the attributes apart."""
    return bool(np.linalg.matrix_rank(_within(tasks.X, tasks.task)) < tasks.X.shape[1])


def decided(tasks: Tasks, attributes: list[Attribute]) -> list[str]:
    """Attributes that decide choices without exception, so that no finite part-worth fits them; mostly none.

    There is a direction in which the chosen alternative is never below another of its task and sometimes above, which a
    linear program finds (Albert & Anderson 1984; Konis 2007).
    """
    gain = (tasks.X[tasks.chosen][tasks.task] - tasks.X)[~tasks.chosen]
    gain = gain / np.maximum(np.abs(gain).max(axis=0), 1e-300)
    ahead = _direction(gain)
    if not ahead.any():
        return []
    alone = [attribute.name for attribute in attributes if _direction(gain[:, list(attribute.columns)]).any()]
    return alone or [attribute.name for attribute in attributes if ahead[list(attribute.columns)].any()]


def _direction(gain: np.ndarray) -> np.ndarray:
    """Which columns make a direction in which no gain is below 0 and some are above; none where there is none."""
    found = linprog(-gain.sum(axis=0), A_ub=-gain, b_ub=np.zeros(len(gain)), bounds=(-1, 1), method="highs")
    return np.abs(found.x) > 1e-6 if -found.fun > 1e-6 else np.zeros(gain.shape[1], bool)


def fit(tasks: Tasks) -> Fit:
    """Maximum likelihood and its covariance; there must be a maximum (see `decided`)."""
    worth, log_likelihood = _maximum(tasks, np.zeros(tasks.X.shape[1]))
    likely, centred = expected(tasks, worth)
    scale = np.abs(tasks.X).max(axis=0)
    bread = np.linalg.inv(centred.T @ (likely[:, None] * centred) / np.outer(scale, scale)) / np.outer(scale, scale)
    person = np.unique(tasks.respondent[tasks.chosen], return_inverse=True)[1]
    scores = np.column_stack([np.bincount(person, column) for column in centred[tasks.chosen].T])
    meat = scores.T @ scores * len(scores) / max(len(scores) - 1, 1)
    return Fit(worth, bread @ meat @ bread, log_likelihood)


def _maximum(tasks: Tasks, start: np.ndarray) -> tuple[np.ndarray, float]:
    """Part-worths of the largest likelihood, and its logarithm; the problem is convex."""
    scale = np.maximum(np.abs(tasks.X).max(axis=0), 1e-300)
    scaled = replace(tasks, X=tasks.X / scale)

    def loss(worth: np.ndarray) -> tuple[float, np.ndarray]:
        likely, centred = expected(scaled, worth)
        return -float(np.log(likely[tasks.chosen]).sum()), -centred[tasks.chosen].sum(axis=0)

    def hessian(worth: np.ndarray) -> np.ndarray:
        likely, centred = expected(scaled, worth)
        return centred.T @ (likely[:, None] * centred)

    options = {"gtol": 1e-8 * tasks.chosen.sum()}
    found = minimize(loss, start * scale, jac=True, hess=hessian, method="trust-exact", options=options)
    return found.x / scale, -float(found.fun)


def expected(tasks: Tasks, worth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The probability of each alternative, and the design minus what its task lets expect."""
    starts, utility = _starts(tasks.task), tasks.X @ worth
    odds = np.exp(utility - np.maximum.reduceat(utility, starts)[tasks.task])
    likely = odds / np.add.reduceat(odds, starts)[tasks.task]
    return np.maximum(likely, 1e-300), tasks.X - np.add.reduceat(likely[:, None] * tasks.X, starts)[tasks.task]


# --- what follows from it ----------------------------------------------------------------------------------------


def importance(fitted: Fit, attributes: list[Attribute], rng: np.random.Generator) -> pd.DataFrame:
    """How much of the weight in a choice each attribute carries: attribute, share, ci_low, ci_high, p_adjusted.

    share : the range of its part-worths (of a number from the lowest to the highest shown) in the sum of all ranges.
    p_adjusted is Wald's test that it has no part, clustered by respondent, by Holm's method over the attributes. A
    range is never below 0, so the interval begins there where that test is open at .05.
    """
    told = [attribute for attribute in attributes if attribute.name != NONE]
    draws = rng.multivariate_normal(fitted.worth, fitted.covariance, DRAWS)
    shares, drawn = (_shares(worth, told) for worth in (fitted.worth[None], draws))
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    p = []
    for attribute in told:
        at = list(attribute.columns)
        wald = fitted.worth[at] @ np.linalg.solve(fitted.covariance[np.ix_(at, at)], fitted.worth[at])
        p.append(float(chi2.sf(wald, len(at))))
    holm = adjusted(pd.Series(p), "holm").to_numpy()
    names = [attribute.name for attribute in told]
    low = np.where(holm <= 0.05, low, 0.0)
    columns = {"attribute": names, "share": shares[0], "ci_low": low, "ci_high": high, "p_adjusted": holm}
    return pd.DataFrame(columns)


def _shares(worth: np.ndarray, attributes: list[Attribute]) -> np.ndarray:
    """Draws x attributes: ranges of part-worths as shares of their sum."""
    ranges = []
    for attribute in attributes:
        own = worth[:, list(attribute.columns)]
        levels = np.column_stack([np.zeros(len(own)), own])
        ranges.append(np.ptp(levels, axis=1) * (1 if attribute.levels else attribute.high - attribute.low))
    return np.column_stack(ranges) / np.maximum(np.sum(ranges, axis=0), 1e-300)[:, None]


def levels_worth(
    fitted: Fit, attributes: list[Attribute], paid_in: str | None, rng: np.random.Generator
) -> pd.DataFrame:
    """attribute, level, worth, ci_low, ci_high, money, money_low, money_high, instead_of.

    worth : in logits, against the mean of the attribute's levels (effects coding); of a number that of one unit more.
    money : -(level minus first level) / price slope, interval by Krinsky & Robb (1986), where the slope's 95 % interval
        lies below 0; else empty.
    """
    price = next((attribute.columns[0] for attribute in attributes if attribute.name == paid_in), None)
    priced = price is not None and fitted.worth[price] + Z * np.sqrt(fitted.covariance[price, price]) < 0
    draws = rng.multivariate_normal(fitted.worth, fitted.covariance, DRAWS)
    rows = []
    for attribute in attributes:
        at = list(attribute.columns)
        unit = np.eye(len(fitted.worth))[at]
        if attribute.levels:
            unit = np.vstack([np.zeros(len(fitted.worth)), unit])
        number = "" if attribute.name == NONE else ONE_MORE
        centred = unit - unit.mean(axis=0) if attribute.levels else unit
        for place, (level, own, plain) in enumerate(zip(attribute.levels or (number,), centred, unit, strict=True)):
            worth, half = own @ fitted.worth, Z * np.sqrt(own @ fitted.covariance @ own)
            money = [np.nan] * 3
            if priced and attribute.name not in (paid_in, NONE) and (place or not attribute.levels):
                ends = np.quantile(-(draws @ plain) / draws[:, price], [0.025, 0.975])
                money = [-(plain @ fitted.worth) / fitted.worth[price], *ends]
            first = attribute.levels[0] if attribute.levels and place else ""
            rows.append((attribute.name, level, worth, worth - half, worth + half, *map(float, money), first))
    names = ["attribute", "level", "worth", "ci_low", "ci_high", "money", "money_low", "money_high", "instead_of"]
    return pd.DataFrame(rows, columns=names)


def by_group(tasks: Tasks, group: np.ndarray, rng: np.random.Generator, deals: int = DEALS) -> tuple[float, float]:
    """The likelihood-ratio statistic of group x attributes, and its p-value by dealing the groups anew to respondents.

    group : one code per respondent, -1 for those in none. The chi-squared distribution of the statistic takes the
    choices of one respondent for independent and finds differences where tastes merely differ from person to person;
    dealing respondents keeps their choices together (Good 2005, ch. 3).
    """
    inside = np.flatnonzero(group >= 0)
    pooled, together = _maximum(tasks.of(np.isin(tasks.respondent, inside)), np.zeros(tasks.X.shape[1]))

    def apart(dealt: np.ndarray) -> float:
        code = np.full(len(group), -1)
        code[inside] = dealt
        own = code[tasks.respondent]
        return sum(_maximum(tasks.of(own == g), pooled)[1] for g in np.unique(dealt))

    observed = apart(group[inside])
    dealt = sum(apart(rng.permutation(group[inside])) >= observed - 1e-9 for _ in range(deals))
    return 2 * (observed - together), (1 + dealt) / (1 + deals)
