"""Respondents who do not answer as they think, in worlds of surveys: is a persona made of them?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import worlds

from helpers.contracts import UNASSIGNED
from helpers.survey.survey import code_survey
from helpers.types.division import divide_customers

KINDS = [world.name for world in worlds.every().values() if world.kind == "nuisance"]
SIZES = 300, 1000
"""Respondents of every other base."""


def trial(kind: str, seed: int, refits: int = 12, draws: int = 39) -> dict[str, Any]:
    """One base: the label of its division, and the share of nuisance in the persona that has most of it."""
    n = SIZES[seed % len(SIZES)]
    base = worlds.every()[kind].make(np.random.default_rng([seed, n]), n)
    study, tables = worlds.study_of(base, seed + 1), worlds.tables_of(base)
    survey = code_survey(tables, study)
    found = divide_customers(None, survey, study, tables, bootstrap=refits, null_draws=draws)
    rows = found.assignments
    who = pd.Series(base.nuisance[rows["customer_id"].str[1:].astype(int)])
    placed = rows["persona"] != UNASSIGNED
    of_it = who[placed.to_numpy()].groupby(rows.loc[placed, "persona"].to_numpy()).mean()
    return {
        "kind": kind,
        "natural": found.structure.kind == "natural",
        "most": float(of_it.max()) if len(of_it) else 0.0,
        "placed": float(placed[~who.to_numpy()].mean()),
    }


def summary(trials: pd.DataFrame) -> pd.DataFrame:
    """By kind of nuisance: how often natural, how often a persona consists of it by more than half; the worst first."""
    every = worlds.every()
    rows = [
        {
            "nuisance": kind,
            "truth": every[kind].told,
            "sets": len(part),
            "natural": int(part["natural"].sum()),
            "a persona mostly of it": int((part["most"] > 0.5).sum()),
            "of the others placed": round(float(part["placed"].mean()), 2),
        }
        for kind, part in trials.groupby("kind")
    ]
    worst = ["a persona mostly of it", "natural"]
    return pd.DataFrame(rows).set_index("nuisance").sort_values(worst, ascending=False, kind="stable")
