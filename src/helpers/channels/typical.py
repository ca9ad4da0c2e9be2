"""Ratios of typical order values, with every customer counting once: sizes of orders are too uneven for plain means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.beliefs.estimators import RARE, told_apart
from helpers.beliefs.verdict import NO_SPREAD, Contrast, wald


def typical(frame: pd.DataFrame) -> pd.Series:
    """The typical value of each group: the geometric mean over its customers of each one's own."""
    each = frame.assign(log=np.log(frame["value"])).groupby(["group", "cluster"])["log"].mean()
    return np.exp(each.groupby("group").mean())


def typical_ratios(frame: pd.DataFrame, reference: str, adjust: Sequence[str] = ()) -> list[Contrast]:
    """Ratios of geometric means of each group to the reference group, a row per customer and group.

    frame : one row per order: ``value`` (above 0), ``group``, ``cluster`` (person), and the columns of ``adjust``.

    A model of each customer's mean log value in each group, by least squares, at equal shares of what is adjusted for
    (orders of one customer may be of several weeks), errors clustered by person, t quantiles
    by the smaller of the two groups' people: with 25 people and heavy tails a model of plain means is wrong up to one
    time in three. Raises PerfectSeparationError where groups cannot be told from what is adjusted for.
    """
    held = {}
    for name in adjust:
        values = frame[name].astype("str").fillna("")
        people = frame["cluster"].groupby(values).nunique()
        values = values.where(values.isin(people.index[people >= RARE]), "")
        held |= {f"{name}={value}": (values == value).astype(float) for value in sorted(set(values))[1:]}
    each = pd.DataFrame({"group": frame["group"], "cluster": frame["cluster"], "log": np.log(frame["value"])} | held)
    each = each.groupby(["group", "cluster"], as_index=False).mean()
    levels = sorted(set(each["group"]) - {reference})
    columns = {"const": np.ones(len(each))} | {level: (each["group"] == level).to_numpy(float) for level in levels}
    columns |= {name: each[name].to_numpy() for name in held}
    if np.ptp(each["log"]) < NO_SPREAD:
        raise PerfectSeparationError("all orders are of one value")
    X = told_apart(pd.DataFrame(columns), levels).to_numpy()
    codes = pd.factorize(each["cluster"])[0]
    fit = OLS(each["log"].to_numpy(), X).fit(cov_type="cluster", cov_kwds={"groups": codes})
    people = each["group"].value_counts()
    return [
        wald(
            level,
            "ratio of means",
            float(fit.params[place]),
            float(fit.bse[place]),
            freedom=min(people[level], people[reference]) - 1,
        )
        for place, level in enumerate(levels, start=1)
    ]
