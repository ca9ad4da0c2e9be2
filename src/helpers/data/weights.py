"""Weights of respondents: those of the file, raked to known shares where the study asks for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.contracts import DataError, StudyError
from helpers.data.load import LoadedTables
from helpers.data.questions import fold
from helpers.study import SurveySource

ROUNDS = 1000
"""Raking either settles long before this or never does."""
MOST_WEIGHT = 5.0
"""Raked weights above so many times the average are cut to that (DeBell & Krosnick 2009)."""


@dataclass(frozen=True)
class Raked:
    """What raking did.

    absent : per column the values among customers that nobody in the survey stands for.
    trimmed : weights that were cut. miss : by how much a weighted share is now off its target at most, 0 to 1.
    """

    absent: dict[str, list[str]]
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
        raise DataError(
            f"{path}: column 'weight': weights are negative or infinite, or all are zero; "
            f"give each respondent a positive number or drop the column."
        )
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
    raise DataError(f"raking: the shares of {', '.join(targets)} cannot all be met; leave one of them out.")


def survey_weights(
    frame: pd.DataFrame, customer_id: pd.Series, tables: LoadedTables, source: SurveySource
) -> tuple[pd.Series, Raked]:
    """Weights with mean 1, and what raking did to them.

    A margin is ``column: customers`` (shares among all customers, who must have that column) or ``column: {value:
    share}``. A respondent's value is his own answer, else that of the customer he is. Raises StudyError.
    """
    weight = file_weights(frame, source.path)
    groups, targets = pd.DataFrame(index=frame.index), {}
    customers = tables.frames.get("customers")
    listed = {} if customers is None else customers.drop_duplicates("customer_id").set_index("customer_id")
    for name, margin in source.raking.items():
        targets[name] = _target(name, margin, listed, source.path)
        values = frame[name] if name in frame else customer_id.map(listed[name])
        groups[name] = values.map(fold, na_action="ignore").astype("str")
    absent = {name: sorted(set(target.index) - set(groups[name])) for name, target in targets.items()}
    absent = {name: lost for name, lost in absent.items() if lost}
    if not targets:
        return weight, Raked(absent)
    weight = rake(weight, groups, targets)
    cut = trim(weight)
    misses = [abs(_shares(cut, groups[name]) - _shares(weight, groups[name])).max() for name in targets]
    return cut, Raked(absent, int((weight > MOST_WEIGHT).sum()), float(np.nanmax([0.0, *misses])))


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


def _target(name: str, margin: object, customers: pd.DataFrame | dict, path: str) -> pd.Series:
    """The share of each value of one margin, summing to 1."""
    if margin == "customers" and name in customers:
        return customers[name].dropna().map(fold).value_counts(normalize=True)
    if isinstance(margin, dict) and all(isinstance(share, (int, float)) and share > 0 for share in margin.values()):
        shares = pd.Series({fold(str(value)): share for value, share in margin.items()}, dtype="float64")
        return shares / shares.sum()
    raise StudyError(
        f"{path}: raking: {name}: {margin!r}; allowed are the word customers, where the customers table has the "
        f"column, and positive shares such as {{Georgia: 0.4, Kazakhstan: 0.6}}."
    )


def effective_n(weight: pd.Series) -> float:
    """How many equally weighted answers would be as precise: (sum of weights)^2 / sum of squares (Kish 1965)."""
    return float(weight.sum() ** 2 / (weight**2).sum())
