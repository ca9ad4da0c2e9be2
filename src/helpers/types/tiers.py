"""Plain tiers by value, where the data support no personas."""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers.people import coarse
from helpers.study import Study
from helpers.types.pool import MIN_CUSTOMERS, Pool, Unsliced, values_to_tier
from helpers.words import say


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
        f"{study.path}: no column differs enough between people to slice them into two groups of "
        f"{study.privacy.min_cell}; need sales with different amounts, or a survey with rating items.",
        say(f"personas.not_asked.{'answers' if pool.path == 'survey' else 'orders'}"),
    )
