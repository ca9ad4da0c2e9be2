"""Who stays away after a complaint, against others of their risk set: the comparison of ``leaving``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t

from helpers.after.leaving import experience_sets, shown
from helpers.after.risk_sets import contrast, sign_of_frequency
from helpers.beliefs.estimators import RARE, of_sets
from helpers.beliefs.evidence import Evidence, NotTestable
from helpers.beliefs.verdict import ALPHA, Finding, two_shares, usable
from helpers.words import say

BACK = ["group", "day", "share", "ci_low", "ci_high"]
GROUPS = ("complained", "not_complained")


@dataclass(frozen=True)
class Return:
    """``curves``: how many are not back yet by day, as ``time_to_return`` describes it."""

    curves: pd.DataFrame


def bad_experience(evidence: Evidence, sesoi: float) -> Finding:
    """Not ordering again for as long as counts as leaving, after a complaint and of comparable others.

    Estimate, interval and p-value are those of `leaving`: an association with a complaint, no cause.
    """
    days, sets = _complaints(evidence)
    if days is None:
        raise evidence.not_testable("no_horizon")
    row = None if sets is None else shown(sets, evidence.study.privacy.min_cell)
    names = [say(f"hypotheses.label.{key}") for key in GROUPS]
    if row is None or not usable(found := of_sets(row, "risk difference", names[0])):
        raise evidence.not_testable("few_complaints", least=evidence.least, rare=RARE)
    sentence = two_shares("bad_experience", found, days=days)
    people = sets.groupby("exposed")["customer_id"].nunique()
    n = dict(zip(names, (int(people[True]), int(people[False])), strict=True))
    return Finding((found,), found.p_value, n, say("hypotheses.method.bad_experience"), sentence)


def time_to_return(evidence: Evidence) -> Return:
    """How many are not back yet, by days since a complaint, and of comparable others since the same moment.

    Its ``curves``: group, day, share (not back by the end of that day), ci_low, ci_high (95 %), empty where
    `bad_experience` is not to be told. Everybody is watched for all these days, so nothing is censored; the last day's
    shares are the belief's.
    """
    try:
        days, sets = _complaints(evidence)
    except NotTestable:
        return Return(pd.DataFrame(columns=BACK))
    if sets is None or shown(sets, evidence.study.privacy.min_cell) is None:
        return Return(pd.DataFrame(columns=BACK))
    sign, rows = sign_of_frequency(sets), {group: [] for group in GROUPS}
    for day in range(1, days + 1):
        row = contrast(sets.assign(left=sets["wait"] > day), sign)
        half = t.ppf(1 - ALPHA / 2, row["people"] - 1)
        shares = (("share", "share_error"), ("share_others", "others_error"))
        for group, (share, error) in zip(GROUPS, shares, strict=True):
            wide = 0.0 if np.isnan(row[error]) else half * row[error]  # nobody is back yet
            ends = np.clip([row[share] - wide, row[share] + wide], 0, 1)
            rows[group].append((day, min(max(row[share], 0.0), 1.0), *ends))
    parts = [pd.DataFrame(rows[group], columns=BACK[1:]) for group in GROUPS]
    curves = pd.concat(parts, keys=GROUPS, names=["group"]).reset_index("group")
    return Return(curves.assign(group=[say(f"hypotheses.label.{group}") for group in curves["group"]]))


def _complaints(evidence: Evidence) -> tuple[int | None, pd.DataFrame | None]:
    """The days that count as leaving and the sets of complaints; None where orders or complaints do not tell."""
    if evidence.customers is None:
        raise evidence.not_testable("table_absent", table="sales")
    days, sets = experience_sets(evidence.tables, evidence.customers, evidence.study.seed)
    return days, sets.get("complaint")
