"""Experiments without an effect whose arms something else has made unequal, and outcomes that few people make."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from beliefs import MONDAY, experiment, study_of

from helpers.beliefs.evidence import Evidence


def _trial(arm: np.ndarray, table: str = "survey", *, shares: list[float] | None = None, **columns: Any) -> Evidence:
    """One row per person; ``keys`` among the columns are the experiment's."""
    keys = columns.pop("keys", {})
    frame = pd.DataFrame({"arm": pd.Series(arm).map("a{}".format), **columns})
    frame["customer_id"] = frame.index.map("C{}".format)
    told = experiment(**({"table": table} | keys))
    if shares:
        told["arm"]["shares"] = shares
    return study_of({table: frame}, experiments=[told])


def fewer_answer(rng: np.random.Generator, effect: float = 0.0, n: int = 500) -> Evidence:
    """In one arm some of those who would say no do not answer."""
    arm = np.repeat([0, 1], n)
    yes = rng.random(2 * n) < 0.5 + effect * arm
    silent = (arm == 1) & ~yes & (rng.random(2 * n) < 0.15 * (effect == 0))
    return _trial(arm, y=np.where(silent, np.nan, yes.astype(float)))


def opened_midway(rng: np.random.Generator, n: int = 400) -> Evidence:
    """One arm is opened from a fifth to four fifths when the outcome rises for everybody."""
    day = rng.integers(0, 28, n)
    arm = (rng.random(n) < np.where(day < 14, 0.2, 0.8)).astype(int)
    y = (rng.random(n) < np.where(day < 14, 0.3, 0.5)).astype(float)
    return _trial(arm, "sessions", shares=[0.5, 0.5], y=y, started_at=MONDAY + pd.to_timedelta(day, unit="D"))


def covariate_moved(rng: np.random.Generator, by: float = 0.6, n: int = 150) -> Evidence:
    """The covariate was measured after the draw, and one arm has moved it (by 0: it is from before)."""
    arm, own = np.repeat([0, 1], n), rng.normal(0, 1, 2 * n)
    before = own + by * arm + rng.normal(0, 0.3, 2 * n)
    return _trial(arm, y=own + rng.normal(0, 0.6, 2 * n), before=before, keys={"number": True, "covariate": "before"})


def small_skewed_arm(rng: np.random.Generator, many: int = 400, few: int = 40) -> Evidence:
    """Spending of a heavy-tailed kind, by an arm of forty and one of four hundred."""
    arm, n = np.repeat([0, 1], [many, few]), many + few
    return _trial(arm, shares=[many / n, few / n], y=rng.lognormal(0, 1.5, n), keys={"number": True})


def ratio_of_few(rng: np.random.Generator, n: int = 40) -> Evidence:
    """Orders per visit, where three in ten have no visit and some have a hundred."""
    visits = np.where(rng.random(2 * n) < 0.3, 0, 1 + rng.pareto(1.3, 2 * n) // 1)
    orders = rng.binomial(visits.astype(int), rng.beta(1, 6, 2 * n)).astype(float)
    keys = {"number": True, "outcome": {"column": "y", "per": "visits"}}
    return _trial(np.repeat([0, 1], n), y=orders, visits=visits, keys=keys)
