"""Where the data support no personas: plain tiers by value, or nobody divided and all else still tested and told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.contracts import SCHEMA, UNASSIGNED, Structure
from helpers.contradictions import testable_apart
from helpers.customers.customers import Customers
from helpers.small_cells import coarse
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.answer_columns import by_unit
from helpers.types.pool import MIN_CUSTOMERS, Pool, Unsliced, values_to_tier
from helpers.words import say, sentences

CHOICE = [
    *("k", "grown", "score_clustering", "valley_depth", "bend", "bootstrap_ari", "jaccard_min", "would_move"),
    *("smallest", "cv_loglik", "kind", "chosen"),
]
"""The columns of what was judged, per number of groups."""


def tiers_of(pool: Pool, study: Study, allowed: tuple[int, int]) -> dict[str, Any]:
    """Two or three tiers of about equal size by spend, or by what the survey offers in its place.

    Raises Unsliced when nothing differs between people.
    """
    for column, values in values_to_tier(pool):
        tiers = int(np.clip(values.notna().sum() // MIN_CUSTOMERS, 2, min(allowed[1], 3)))
        edges = sorted({coarse(edge) for edge in values.quantile(np.arange(1, tiers) / tiers)} - {values.min()})
        if edges and min(np.bincount(np.searchsorted(edges, values.dropna(), side="right"))) >= study.privacy.min_cell:
            return {
                "schema": 1,
                "kind": "tiers",
                "features": [],
                "likert": None,
                "categories": [],
                "tiers": {
                    "table": "survey" if pool.path == "survey" else "customers",
                    "column": column,
                    "edges": [float(edge) for edge in edges],
                },
                "label_rule": {"tier": "number of edges that the value reaches"},
                "ids": [f"tier-{number}" for number in range(len(edges) + 1, 0, -1)],
            }
    raise Unsliced(
        say("personas.refused.alike", path=study.path, least=study.privacy.min_cell),
        say(f"personas.not_asked.{'answers' if pool.path == 'survey' else 'orders'}"),
    )


def is_error(customers: Customers | None, survey: Survey | None, study: Study) -> bool:
    """Whether a study whose people cannot be divided has nothing else to tell: too few of them, and no experiment,
    visits, leads, choices or interviews."""
    people = 0 if survey is None else len(survey.answers)
    if customers is not None:  # who has ordered since counts: personas are made from the first part of the window
        people = len(customers.features) + len(customers.newcomers)
    return people < MIN_CUSTOMERS and not testable_apart(study)


def undivided(customers: Customers | None, survey: Survey | None, why: Unsliced) -> dict[str, Any]:
    """The fields of a Division without any group: everybody is unassigned."""
    known: list[str] = []
    asked: set[str] = set() if survey is None else set(survey.answers["customer_id"].dropna())
    if customers is not None:
        known = sorted({*customers.features["customer_id"], *customers.no_order})
    elif survey is not None:
        known = sorted(by_unit(survey.answers).index)
        asked = set(known)
    people = pd.DataFrame({"customer_id": pd.Series(known, dtype="str")})
    people["persona"] = pd.Series(UNASSIGNED, index=people.index, dtype="str")
    people["probability"] = np.nan
    people["answered"] = people["customer_id"].isin(asked)
    model = {"schema": SCHEMA, "kind": "none", "features": [], "likert": None, "categories": [], "label_rule": {}}
    told = say("personas.kind.not_asked")
    return {
        "method": "",
        "structure": Structure("not asked", False, *[None] * 5, 0, None, sentences(told, why.why)),
        "assignments": people,
        "choice": pd.DataFrame(columns=CHOICE),
        "defining": (),
        "model": model | {"ids": [], "structural": []},
        "near_ties": pd.DataFrame({"id": [], "n": [], "moved": [], "to": []}),
        "stability": {},
    }
