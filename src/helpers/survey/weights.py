"""Weights of respondents: those of the file, raked to known shares where the study asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from statsmodels.stats.weightstats import DescrStatsW

from helpers.contracts import DataError, StudyError
from helpers.harmless import scrub
from helpers.read.load import LoadedTables
from helpers.sources import SurveySource
from helpers.text import fold, folded, nearest, spelt_like, trimmed
from helpers.words import say

ROUNDS = 1000
"""Raking either settles long before this or never does."""
MOST_WEIGHT = 5.0
"""Raked weights above so many times the average are cut to that (DeBell & Krosnick 2009)."""
NAMED = 5
"""So many values are named in a message."""


@dataclass(frozen=True)
class Margin:
    """The known shares of one column, and how those who answered meet them.

    values : per respondent as compared (folded), NaN where not known. target : share by folded value.
    usable : whether anybody with a weight has a value that there is a share for. absent : values with a share that
    nobody has. unweighted : those that only people of weight zero have. outside : people by value that no share is
    given for, the commonest first. The last three are spelt as they are written. population : of how many customers the
    shares are made, by value; empty where they were stated.
    """

    column: str
    values: pd.Series
    target: pd.Series
    usable: bool
    absent: list[str]
    unweighted: list[str]
    outside: pd.Series
    population: pd.Series


@dataclass(frozen=True)
class Raked:
    """What raking did.

    trimmed : weights that were cut. miss : by how much a weighted share is now off its target at most, 0 to 1.
    """

    margins: list[Margin] = field(default_factory=list)
    trimmed: int = 0
    miss: float = 0.0


def file_weights(frame: pd.DataFrame, path: str) -> pd.Series:
    """The file's weights with mean 1, 1 for everybody where it has none; who has none counts as average.

    Raises DataError for weights that are negative, infinite or all zero.
    """
    if "weight" not in frame or frame["weight"].isna().all():
        return pd.Series(1.0, index=frame.index)
    weight = frame["weight"]
    if (weight < 0).any() or not 0 < weight.sum() < np.inf:
        raise DataError(say("survey.refused.weights", path=path))
    return (weight / weight.mean()).fillna(1.0)


def rake(weight: pd.Series, groups: pd.DataFrame, targets: dict[str, pd.Series]) -> pd.Series:
    """Adjust weights until each column's weighted shares equal its target, by iterative proportional fitting.

    Parameters
    ----------
    weight : one positive number per respondent, mean 1.
    groups : the same rows, one column per margin; a respondent with NaN keeps his weight in that margin.
    targets : per column the share of each value; what belongs to values without a respondent is spread over the
        others in proportion.

    Returns weights of mean 1. Raises DataError when margins contradict each other. Source: Deming & Stephan (1940).
    """
    known = {name: groups[name].isin(target.index) & (weight > 0) for name, target in targets.items()}
    goals = {
        name: (target := targets[name][targets[name].index.isin(groups.loc[rows, name])]) / target.sum()
        for name, rows in known.items()
    }
    for _ in range(ROUNDS):
        before = weight
        for name, rows in known.items():
            sums = weight[rows].groupby(groups.loc[rows, name]).sum()
            factor = groups.loc[rows, name].map(goals[name] * weight[rows].sum() / sums)
            weight = weight.mul(factor.reindex(weight.index, fill_value=1.0))
        if np.allclose(weight, before, rtol=1e-10, atol=0):
            return weight / weight.mean()
    raise DataError(say("survey.refused.raking", columns=targets))


def survey_weights(
    frame: pd.DataFrame, customer_id: pd.Series, tables: LoadedTables, source: SurveySource
) -> tuple[pd.Series, Raked]:
    """Weights with mean 1, and what raking did to them.

    A margin is ``column: customers`` (shares among all customers, who must have that column) or ``column: {value:
    share}``. A respondent's value is his answer where the survey has the column, else that of the customer he is; a
    margin that is not usable is left out. Raises StudyError.
    """
    weight = file_weights(frame, source.shown)
    customers = tables.frames.get("customers", pd.DataFrame({"customer_id": []}))
    customers = customers.drop_duplicates("customer_id").set_index("customer_id")
    margins = []
    for name, shares in source.raking.items():
        values = _values(name, frame, customer_id, customers, source)
        target, written, population = _target(name, shares, customers, source.shown)
        margins.append(_margin(name, values, weight, target, written, population))
        _refuse_outside(margins[-1], written, source.shown)
    usable = [margin for margin in margins if margin.usable]
    if not usable:
        return weight, Raked(margins)
    groups = pd.DataFrame({margin.column: margin.values for margin in usable})
    weight = rake(weight, groups, {margin.column: margin.target for margin in usable})
    cut = trim(weight)
    misses = [abs(_shares(cut, groups[name]) - _shares(weight, groups[name])).max() for name in groups]
    return cut, Raked(margins, int((weight > MOST_WEIGHT).sum()), float(np.nanmax([0.0, *misses])))


def trim(weight: pd.Series) -> pd.Series:
    """Weights of mean 1, none above ``MOST_WEIGHT``: what is cut off goes to the others in proportion."""
    for _ in range(ROUNDS):
        if weight.max() <= MOST_WEIGHT * (1 + 1e-9):
            break
        heavy = weight >= MOST_WEIGHT
        weight = weight.mul((len(weight) - MOST_WEIGHT * heavy.sum()) / weight[~heavy].sum()).mask(heavy, MOST_WEIGHT)
    return weight


def _shares(weight: pd.Series, group: pd.Series) -> pd.Series:
    """The weighted share of each value among those who have one."""
    return weight.groupby(group).sum() / weight[group.notna()].sum()


def _target(
    name: str, margin: object, customers: pd.DataFrame, path: str
) -> tuple[pd.Series, dict[str, str], pd.Series]:
    """The share of each value of one margin, folded, summing to 1, how the values are written, and how many customers
    have them where they are theirs."""
    if margin == "customers" and name in customers and customers[name].notna().any():
        counts = _counted(customers[name])
        return folded(customers[name]).value_counts(normalize=True), {fold(v): v for v in counts.index}, counts
    if isinstance(margin, dict) and all(isinstance(share, (int, float)) and share > 0 for share in margin.values()):
        shares = pd.Series({fold(str(value)): share for value, share in margin.items()}, dtype="float64")
        return shares / shares.sum(), {fold(str(value)): str(value) for value in margin}, pd.Series(dtype=int)
    raise StudyError(
        f"{path}: raking: {name}: {margin!r}; allowed are the word customers, where the customers table has the "
        f"column with values in it, and positive shares such as {{Georgia: 0.4, Kazakhstan: 0.6}}."
    )


def _values(
    name: str, frame: pd.DataFrame, customer_id: pd.Series, customers: pd.DataFrame, source: SurveySource
) -> pd.Series:
    """Each respondent's value of a raked column, as it is written. Raises StudyError where no table has the column."""
    for header in (name, source.columns.get(name)):
        if header in frame:
            return frame[header]
    if name in customers:
        return customer_id.map(customers[name])
    raise StudyError(
        f"{source.shown}: raking: {name}: neither the survey nor the customers table has this column; "
        f"{nearest(name, [*frame, *customers])}. Name a column that they have, or leave {name} out of raking."
    )


def _margin(
    name: str,
    answers: pd.Series,
    weight: pd.Series,
    target: pd.Series,
    written: dict[str, str],
    population: pd.Series,
) -> Margin:
    """How the values of those who answered meet the shares of one column."""
    values = folded(answers)
    inside = values.isin(target.index)
    heard, counted = set(values[inside]), set(values[inside & (weight > 0)])
    absent = [written[value] for value in target.index if value not in heard]
    unweighted = [written[value] for value in target.index if value in heard - counted]
    outside = _counted(answers[~inside])
    return Margin(name, values, target, bool(counted), absent, unweighted, outside, population)


def _counted(answers: pd.Series) -> pd.Series:
    """How many gave each answer, spelt as it is first met, the commonest answer first."""
    counts = trimmed(answers).groupby(folded(answers)).agg(["size", "first"])
    return counts.sort_values("size", ascending=False, kind="stable").set_index("first")["size"]


def _refuse_outside(margin: Margin, written: dict[str, str], path: str) -> None:
    """Raise StudyError where more than half of the known values have no share."""
    name, outside, known = margin.column, margin.outside, int(margin.values.notna().sum())
    if outside.sum() <= known / 2:
        return
    told = []
    for value, n in outside.head(NAMED).items():
        near = spelt_like(value, margin.absent)
        told.append(f"{scrub(value)!r} ({n}{f', near {near[0]!r}' if near else ''})")
    raise StudyError(
        f"{path}: raking: {name}: {outside.sum()} of {known} respondents have a value that no share is given for: "
        f"{', '.join(told)}{', ...' * (len(outside) > NAMED)}. There are shares for "
        f"{', '.join(map(repr, [*written.values()][:NAMED]))}{', ...' * (len(written) > NAMED)}. Write them as the "
        f"survey does, one for each value, or leave {name} out of raking."
    )


def effective_n(weight: pd.Series | np.ndarray) -> float:
    """How many equally weighted answers would be as precise: (sum of weights)^2 / sum of squares (Kish 1965)."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def weighted_gap(gap: np.ndarray, weight: np.ndarray) -> DescrStatsW:
    """Paired differences whose mean is tested, and has a t interval, as of Kish's effective number of answers."""
    return DescrStatsW(gap, weights=weight / weight.sum() * effective_n(weight))
