"""From customers to personas: the gate's verdict, the model, who belongs to whom, and model.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.contracts import Claim, Structure
from helpers.data.customers import Customers
from helpers.data.survey import Survey
from helpers.study import Study
from helpers.wording import Words


@dataclass(frozen=True)
class Group:
    """One card to be: a persona, a segment (constructive, or a value tier), or a structural segment (by rule).

    ``structural`` groups (no order yet, one order only) are segments by rule beside the clustered ones.
    """

    id: str
    kind: str
    structural: bool
    handle: str
    n: int
    answered: int
    share: float
    ci_low: float
    ci_high: float
    revenue_share: float | None
    within: float | None
    across: float | None
    prevalence: tuple[float, ...]
    rule: str
    held_out_balanced_accuracy: float | None
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Personas:
    """The personas of a study.

    method : how they were made and on what, a sentence ("behaviour and survey answers of 640 respondents ...").
    assignments : one row per customer (or per respondent in a survey-only study): customer_id (str; the respondent_id
        where there is no customer), persona (a Group id or ``unassigned``), probability (of that persona; 1 for rules),
        answered (bool), p_<id> (posterior per clustered group, NaN for structural ones).
    choice : one row per k = 2..6: k, score_clustering, valley_depth, bootstrap_ari, jaccard_min, would_move,
        smallest (customers), cv_loglik, kind (label that this k would earn), chosen (bool).
    profile : one row per group x column: id, column, source (table), role, n, mean, mean_others, lift, ci_low, ci_high
        (interval of the lift), unit.
    defining : names of the columns that made the personas; a p-value on one of them is refused.
    model : the content of model.json, plain JSON values.
    """

    method: str
    structure: Structure
    groups: tuple[Group, ...]
    assignments: pd.DataFrame
    choice: pd.DataFrame
    profile: pd.DataFrame
    defining: tuple[str, ...]
    model: dict[str, Any]


def find_personas(
    customers: Customers | None,
    survey: Survey | None,
    study: Study,
    words: Words,
    *,
    bootstrap: int = 50,
    null_draws: int = 199,
) -> Personas:
    """Judge the structure, choose k, fit, assign and describe. Raises DataError when there is too little to slice."""
    raise NotImplementedError
