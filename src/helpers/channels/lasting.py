"""Whether one group's share of a moment lasts over weeks and holds at the same place, and is no work of one day.

An offer, a holiday or a failure makes one day of one week; that counts as one week and not as many customers. Customers
elsewhere may live by another clock than the shop's, so each is compared with others of the same place; and of the same
week, since a group may buy most in weeks in which everybody buys late.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.beliefs.estimators import RARE
from helpers.beliefs.verdict import NO_SPREAD, Contrast, wald

LEAST_WEEKS = 4
"""With fewer weeks an offer or a holiday cannot be told from a habit."""


@dataclass(frozen=True)
class Lasting:
    """A log ratio with its standard error and the degrees of freedom of that."""

    log_ratio: float
    error: float
    freedom: float


def lasting(mine: pd.Series, hit: pd.Series, person: pd.Series, week: pd.Series, place: pd.Series) -> Lasting | None:
    """How many times as often ``mine`` hits as others of the same place and week; None without a finite estimate.

    Poisson model (Zou 2004) with errors clustered by person and by week (Cameron, Gelbach & Miller 2011, J. Bus. Econ.
    Stat. 29); what weeks add to the variance has as many degrees of freedom as there are weeks less one (Satterthwaite
    1946). Places and weeks at which nobody hits tell nothing.
    """
    hits = hit.groupby(place).transform("sum")
    place = place.where(hits >= RARE, "")
    told = (hit.groupby(place).transform("sum") > 0) & (hit.groupby(week).transform("sum") > 0)
    mine, y, place = mine[told].to_numpy(float), hit[told].to_numpy(float), place[told]
    of_week = pd.get_dummies(week[told], drop_first=True, dtype=float)
    X = np.column_stack([pd.get_dummies(place, dtype=float), of_week, mine])
    if np.linalg.matrix_rank(X) == np.linalg.matrix_rank(X[:, :-1]):
        return None
    try:
        fit = GLM(y, X, families.Poisson()).fit()
    except (PerfectSeparationError, np.linalg.LinAlgError):
        return None
    mean = np.asarray(fit.fittedvalues)
    bread = np.linalg.pinv(X.T @ (mean[:, None] * X), hermitian=True)[-1]
    adds = (X * (y - mean)[:, None]) @ bread
    by_person, by_week, by_both = (
        _variance(adds, pd.factorize(pd.Series(list(zip(*codes, strict=True))))[0])
        for codes in ((person[told],), (week[told],), (person[told], week[told]))
    )
    more, weeks, people = max(by_week - by_both, 0.0), week[told].nunique(), person[told].nunique()
    variance = by_person + more
    if not (fit.converged and math.sqrt(variance) > NO_SPREAD) or abs(fit.params[-1]) > 25:
        return None
    freedom = variance**2 / (more**2 / max(weeks - 1, 1) + by_person**2 / max(people - 1, 1))
    return Lasting(float(fit.params[-1]), math.sqrt(variance), float(freedom))


def _variance(adds: np.ndarray, code: np.ndarray) -> float:
    """The variance of a sum of parts that hang together within groups."""
    of_each = np.bincount(code, adds)
    return float(of_each @ of_each) * len(of_each) / max(len(of_each) - 1, 1)


def as_contrast(found: Lasting, label: str, facts: dict[str, float]) -> Contrast:
    """A risk ratio with t quantiles; ``freedom`` is among its facts."""
    facts = facts | {"freedom": found.freedom}
    return wald(label, "risk ratio", found.log_ratio, found.error, facts=facts, freedom=found.freedom)
