"""Prospect theory of people who differ: what the bets can tell of it, their common values, and how far people spread.

Value, weights and choice are those of `designs.gambles`, with a weight of chances of its own for losses. The logarithm
of each parameter is normal over people (random effects without correlations); the likelihood of a person's choices is
averaged over points of that distribution (quasi-random, the same for all), and spreads are held back by a weak prior.
What the bets cannot tell is assumed, and the range over what is usually found takes the place of an interval.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy import optimize
from scipy.special import expit, log_expit, logsumexp
from scipy.stats import norm, qmc
from statsmodels.tools.numdiff import approx_fprime

from helpers.beliefs.verdict import Z95
from helpers.designs.gambles import BOUNDS, PARAMETERS, PUBLISHED, Option, weight

SHAPES = ("alpha", "gamma", "gamma_losses")
USUAL = {"alpha": (0.7, 1.0), "gamma": (0.5, 1.0), "gamma_losses": (0.5, 1.0)}
"""Between what each lies in published studies: what the bets cannot tell is taken from here, end by end."""
NOMINAL = {"alpha": 0.88, "lambda": 1.8, "gamma": 0.65, "gamma_losses": 0.65, "consistency": 8.0}
"""Where it is asked beforehand what bets can tell; people who choose less surely tell less."""
TOLD = 0.25
"""A shape is told where its logarithm has a smaller standard error than this: an interval within two thirds."""
POINTS, PRIOR = 128, 0.5
"""Points over people; and the standard deviation of the prior (half-normal) of each spread, on the log scale."""
SPREAD, ALIKE = (0.02, 2.0), 0.08
"""What a spread may be, and under which people are as good as alike."""
HALF = 2 * float(norm.ppf(0.75))
"""Standard deviations between which half of a normal distribution lies."""
START = {"alpha": 0.9, "lambda": 1.5, "gamma": 0.8, "gamma_losses": 0.8, "consistency": 8.0, "wealth": 5.0}
LIMITS = BOUNDS | {"wealth": (1.02, 1000.0)}
"""Wealth in units of the largest amount, all of which a loss may not take."""
SHIFTS = np.linspace(-2, 2, 81)
COLUMNS = ["parameter", "estimate", "ci_low", "ci_high", "published", "half_low", "half_high", "ranged"]


@dataclass(frozen=True)
class Bets:
    """Choices as they are fitted: distinct rows of answers with their number, and the outcomes of all bets.

    yes, no : rows x bets, 1 where the one or the other option was taken. times : people per row. row : the row of each
    person. x, p : outcomes (over the largest) and chances; side : outcomes x bets, 1 in option a and -1 in b.
    """

    yes: np.ndarray
    no: np.ndarray
    times: np.ndarray
    row: np.ndarray
    x: np.ndarray
    p: np.ndarray
    side: np.ndarray


@dataclass(frozen=True)
class Fitted:
    """Common values and spreads, on the log scale: ``at``, first the common value of ``free``, then their spreads."""

    free: tuple[str, ...]
    held: Mapping[str, float | str]
    at: np.ndarray
    error: np.ndarray
    likelihood: float

    def of(self, name: str) -> tuple[float, float, float]:
        """Logarithm of the common value, its standard error, and the spread over people."""
        place = self.free.index(name)
        return self.at[place], self.error[place], float(np.exp(self.at[len(self.free) + place]))


def bets_of(chose_a: np.ndarray, gambles: Sequence[tuple[Option, Option]]) -> Bets:
    """Choices of people x bets (1, 0, NaN where there is none), alike answers counted once."""
    size = max(abs(x) for pair in gambles for option in pair for x, _ in option)
    parts = [
        (x / size, p, sign, bet)
        for bet, pair in enumerate(gambles)
        for sign, option in zip((1.0, -1.0), pair, strict=True)
        for x, p in option
        if x != 0 and p > 0
    ]
    x, p, sign, bet = np.array(parts).T
    side = np.zeros((len(parts), len(gambles)))
    side[np.arange(len(parts)), bet.astype(int)] = sign
    both = np.column_stack([chose_a == 1, chose_a == 0])
    rows, row, times = np.unique(both, axis=0, return_inverse=True, return_counts=True)
    yes, no = np.split(rows.astype(float), 2, axis=1)
    return Bets(yes, no, times, row.ravel(), x, p, side)


def leads(bets: Bets, at: Mapping[str, np.ndarray | float]) -> np.ndarray:
    """How far option a is ahead in each bet, consistency in it; points x bets, one point where people do not differ."""
    of, value, read = _of_outcomes(bets, at)
    return of["consistency"] * ((read * value) @ bets.side)


def turns(bets: Bets, at: Mapping[str, np.ndarray | float]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """`leads`, and how each of its points moves with the logarithm of each parameter; not beyond `LIMITS`."""
    of, value, read = _of_outcomes(bets, at)
    gains, sure = bets.x > 0, of["consistency"]
    ahead = sure * ((read * value) @ bets.side)
    moved = {"consistency": ahead}
    if "wealth" in of:
        part = bets.x / of["wealth"]
        moved["wealth"] = sure * ((read * of["wealth"] * (np.log1p(part) - part / (1 + part))) @ bets.side)
    else:
        moved["lambda"] = sure * ((read * value * ~gains) @ bets.side)
        moved["alpha"] = sure * ((read * value * of["alpha"] * np.log(np.abs(bets.x))) @ bets.side)
    for name, own in (("gamma", gains), ("gamma_losses", ~gains)):
        moved[name] = sure * ((read * value * own * _weight_turns(bets.p, of[name])) @ bets.side)
    for name, (low, high) in LIMITS.items():
        if name in moved:
            given = np.atleast_1d(at[name])[:, None]
            moved[name] = np.where((given > low) & (given < high), moved[name], 0.0)
    return ahead, moved


def _of_outcomes(
    bets: Bets, at: Mapping[str, np.ndarray | float]
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """The parameters within their limits, and value and weight of each outcome; points x outcomes."""
    of = {name: np.atleast_1d(np.clip(at[name], *LIMITS[name]))[:, None] for name in at}
    gains = bets.x > 0
    if "wealth" in of:  # no loss aversion: everything by what one has afterwards
        value = of["wealth"] * np.log1p(bets.x / of["wealth"])
    else:
        value = np.where(gains, 1.0, -of["lambda"]) * np.abs(bets.x) ** of["alpha"]
    return of, value, np.where(gains, weight(bets.p, of["gamma"]), weight(bets.p, of["gamma_losses"]))


def _weight_turns(p: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    """How the logarithm of a chance's weight moves with the logarithm of gamma."""
    logs, rest = np.log(p), np.log(np.maximum(1 - p, 1e-300))  # nothing is left of a sure outcome: 0 times whatever
    parts = p**gamma, (1 - p) ** gamma
    whole = parts[0] + parts[1]
    return gamma * logs + np.log(whole) / gamma - (parts[0] * logs + parts[1] * rest) / whole


def told_by(bets: Bets) -> tuple[str, ...]:
    """The shapes that these bets can tell among so many people, the least known left out one by one.

    Expected information of the choices (Fisher) where everybody is alike and as in `NOMINAL`.
    """
    answers = bets.times @ (bets.yes + bets.no)

    def lead(logs: np.ndarray) -> np.ndarray:
        return leads(bets, dict(zip(NOMINAL, np.exp(logs), strict=True)))[0]

    at = np.log(list(NOMINAL.values()))
    slopes, chance = approx_fprime(at, lead, centered=True), expit(lead(at))
    information = (slopes * (answers * chance * (1 - chance))[:, None]).T @ slopes
    names = list(NOMINAL)
    while True:
        places = [list(NOMINAL).index(name) for name in names]
        covariance = np.linalg.pinv(information[np.ix_(places, places)])
        flat = np.linalg.matrix_rank(information[np.ix_(places, places)], tol=1e-6) < len(places)
        errors = {name: np.sqrt(covariance[i, i]) for i, name in enumerate(names) if name in SHAPES}
        if flat:  # which of them is to blame the pseudo-inverse hides: the last is the least often told
            errors = {name: np.inf if name == list(errors)[-1] else 0.0 for name in errors}
        worst = max(errors, key=errors.get, default=None)
        if worst is None or errors[worst] <= TOLD:
            return tuple(name for name in SHAPES if name in names)
        names.remove(worst)


def fit_people(chose_a: np.ndarray, gambles: Sequence[tuple[Option, Option]]) -> tuple[pd.DataFrame, Fitted] | None:
    """Prospect theory of people who differ, from their choices between bets.

    chose_a : people x bets, 1 where a is taken, 0 where b is, NaN where neither.

    Returns
    -------
    DataFrame, Fitted
        parameter, estimate (of the person in the middle), ci_low, ci_high (95 %, clustered by person; the range over
        what is usually found where ``ranged``), published, half_low, half_high (between which half of the people lie).
        Shapes that the bets cannot tell are left out. None where there is no estimate inside `BOUNDS`.
    """
    bets = bets_of(chose_a, gambles)
    told = told_by(bets)
    free = tuple(name for name in PARAMETERS if name not in SHAPES or name in told)
    base: dict[str, float | str] = {name: 1.0 for name in SHAPES if name not in told}
    if "gamma_losses" in base and "gamma" in told:
        base["gamma_losses"] = "gamma"
    found = _fit(bets, free, base)
    if found is None:
        return None
    corners = itertools.product(*(USUAL[name] for name in base)) if base else ()
    ends = [_fit(bets, free, dict(zip(base, corner, strict=True)), found.at) for corner in corners]
    if None in ends:
        return None
    rows = []
    for name in free:
        middle, error, spread = found.of(name)
        low, high, ranged = middle - Z95 * error, middle + Z95 * error, False
        if name == "lambda" and ends:  # as wide as the assumptions, with the error at each of them
            others = [end.of(name)[:2] for end in ends]
            low = min(low, *(x - Z95 * wide for x, wide in others))
            high, ranged = max(high, *(x + Z95 * wide for x, wide in others)), True
        half = HALF / 2 * spread
        numbers = np.exp([middle, low, high])
        rows.append((name, *numbers, PUBLISHED.get(name, np.nan), *np.exp([middle - half, middle + half]), ranged))
    return pd.DataFrame(rows, columns=COLUMNS), found


def cautious(bets: Bets, found: Fitted) -> bool:
    """Whether people who only fear for what they have would choose like this.

    Logarithms of wealth after the bet, losses weighing no more than gains (Bernoulli), then fit as well but for what
    the further parameters cost (BIC).
    """
    free = ("wealth", *(name for name in found.free if name not in ("alpha", "lambda")))
    rival = _fit(bets, free, found.held)
    further = 2 * (len(found.free) - len(free)) * np.log(bets.times.sum())
    return rival is not None and 2 * (found.likelihood - rival.likelihood) < further


def _fit(
    bets: Bets, free: tuple[str, ...], held: Mapping[str, float | str], start: np.ndarray | None = None
) -> Fitted | None:
    """Maximum of the penalised likelihood, errors robust to its form; None where it lies on a bound or is flat."""
    bounds = [tuple(np.log(LIMITS[name])) for name in free] + [tuple(np.log(SPREAD))] * len(free)
    if start is None:
        start = np.concatenate([np.log([START[name] for name in free]), np.full(len(free), np.log(0.2))])

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        height, slope = _of_rows(bets, free, held, at)
        own = (np.exp(at[len(free) :]) / PRIOR) ** 2
        pull = np.concatenate([np.zeros(len(free)), own])
        return float(0.5 * own.sum() - bets.times @ height), pull - bets.times @ slope

    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    inside = np.array([low + 0.01 < at < high - 0.01 for at, (low, high) in zip(found, bounds, strict=True)])
    if not inside[: len(free)].all():
        return None
    inside[len(free) :] &= found[len(free) :] > np.log(ALIKE)
    moving = np.flatnonzero(inside)  # the likelihood is flat where people are alike: such a spread stays where it is

    bread = approx_fprime(found[moving], lambda part: loss(_put(found, moving, part))[1][moving], centered=True)
    bread = (bread + bread.T) / 2
    if np.linalg.eigvalsh(bread).min() <= 1e-6:
        return None
    scores = _of_rows(bets, free, held, found)[1][:, moving]
    inverse, people = np.linalg.inv(bread), bets.times.sum()
    meat = (scores * bets.times[:, None]).T @ scores * people / (people - 1)
    error = np.zeros(len(found))
    error[moving] = np.sqrt(np.diag(inverse @ meat @ inverse))
    return Fitted(free, dict(held), found, error, -loss(found)[0])


def _put(whole: np.ndarray, places: np.ndarray, part: np.ndarray) -> np.ndarray:
    copy = whole.copy()
    copy[places] = part
    return copy


@cache
def _points(dimensions: int) -> np.ndarray:
    """Points of a standard normal distribution of so many dimensions (Sobol, scrambled once)."""
    return norm.ppf(qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(20251231)).random(POINTS))


def _of_rows(
    bets: Bets, free: tuple[str, ...], held: Mapping[str, float | str], at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood of each distinct row of answers, and how it moves with ``at``; rows x parameters."""
    points, spread = _points(len(free)), np.exp(at[len(free) :])
    ahead, moved = turns(bets, _of_points(points, free, held, at))
    for name, value in held.items():
        if isinstance(value, str):
            moved[value] = moved[value] + moved[name]
    each = bets.yes @ log_expit(ahead).T + bets.no @ log_expit(-ahead).T
    height = logsumexp(each, axis=1)
    likely, chance = np.exp(each - height[:, None]), expit(ahead)
    both, slopes = bets.yes + bets.no, np.empty((len(each), 2 * len(free)))
    for place, name in enumerate(free):
        pulled = likely * (bets.yes @ moved[name].T - both @ (chance * moved[name]).T)
        slopes[:, place] = pulled.sum(axis=1)
        slopes[:, len(free) + place] = pulled @ points[:, place] * spread[place]
    return height - np.log(len(points)), slopes


def _heights(bets: Bets, found: Fitted, at: np.ndarray) -> np.ndarray:
    """Log-likelihood of each distinct row of answers."""
    points = _points(len(found.free))
    ahead = leads(bets, _of_points(points, found.free, found.held, at))
    each = bets.yes @ log_expit(ahead).T + bets.no @ log_expit(-ahead).T
    return logsumexp(each, axis=1) - np.log(len(points))


def _of_points(
    points: np.ndarray, free: tuple[str, ...], held: Mapping[str, float | str], at: np.ndarray
) -> dict[str, np.ndarray | float]:
    """Every parameter at points over people."""
    k = len(free)
    of = dict(zip(free, np.exp(at[:k] + np.exp(at[k:]) * points).T, strict=True))
    return of | {name: of[value] if isinstance(value, str) else value for name, value in held.items()}


def of_groups(bets: Bets, found: Fitted, group: np.ndarray) -> pd.DataFrame:
    """The common loss weight of each group, everything else as among all, with its profile-likelihood interval.

    The likelihood is that of the group with everything else held; `_looser` makes of it the profile, to second order.
    group : the group of each person, NaN or None for nobody's. Columns: group, n, estimate, ci_low, ci_high; a group
    whose choices put it beyond e to the power of 2 from the common value is left out.
    """
    place = found.free.index("lambda")
    shifted = [_heights(bets, found, _put(found.at, np.array([place]), found.at[[place]] + shift)) for shift in SHIFTS]
    rows, looser = [], _looser(bets, found, group)
    for name, people in pd.Series(bets.row).groupby(pd.Series(group)):
        height = np.array(shifted) @ np.bincount(people, minlength=len(bets.times)) / looser[name] ** 2
        top = int(height.argmax())
        within = SHIFTS[2 * (height[top] - height) <= Z95**2]
        if 0 < top < len(SHIFTS) - 1 and SHIFTS[0] < within[0] and within[-1] < SHIFTS[-1]:
            ends = (_crossing(height, top, -1), _crossing(height, top, 1))
            middle = _peak(height, top)
            rows.append((name, len(people), *np.exp(found.at[place] + np.array([middle, *ends]))))
    return pd.DataFrame(rows, columns=["group", "n", "estimate", "ci_low", "ci_high"])


def _looser(bets: Bets, found: Fitted, group: np.ndarray) -> dict[str, float]:
    """By how much the error of each group's loss weight grows since everything else is estimated, too.

    From the information of all choices on a loss weight of each group, and one of nobody's, beside what they share.
    """
    place, codes = found.free.index("lambda"), pd.factorize(pd.Series(group))
    slopes = _of_rows(bets, found.free, found.held, found.at)[1][bets.row]
    shared = np.setdiff1d(np.flatnonzero(found.error > 0), [place])
    own = slopes[:, [place]] * (codes[0][:, None] == np.unique(codes[0]))
    both = np.column_stack([slopes[:, shared], own])
    error = np.sqrt(np.diag(np.linalg.pinv(both.T @ both, hermitian=True))[len(shared) :])
    grown = np.maximum(error * np.sqrt((own**2).sum(axis=0)), 1.0)
    return {codes[1][code]: float(by) for code, by in zip(np.unique(codes[0]), grown, strict=True) if code >= 0}


def _peak(height: np.ndarray, top: int) -> float:
    """The top of the parabola through the highest point and its neighbours."""
    left, middle, right = height[top - 1 : top + 2]
    return float(SHIFTS[top] + (SHIFTS[1] - SHIFTS[0]) * (left - right) / (2 * (left - 2 * middle + right)))


def _crossing(height: np.ndarray, top: int, way: int) -> float:
    """Where the likelihood has fallen by what 95 % allow, on one side of the top."""
    drop = 2 * (height[top] - height) - Z95**2
    place = top
    while drop[place] <= 0:
        place += way
    part = drop[place] / (drop[place] - drop[place - way])
    return float(SHIFTS[place] + part * (SHIFTS[place - way] - SHIFTS[place]))
