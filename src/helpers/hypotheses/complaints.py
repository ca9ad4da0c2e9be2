"""Who stays away after a complaint, against others of their risk set: the comparison of `helpers.personas.leaving`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import t

from helpers.hypotheses.estimators import RARE, of_sets
from helpers.hypotheses.evidence import Evidence
from helpers.hypotheses.leads import two_shares
from helpers.hypotheses.verdict import ALPHA, Finding, usable
from helpers.personas.leaving import experience_sets, shown
from helpers.personas.risk_sets import contrast, sign_of_frequency

BACK = ["group", "day", "share", "ci_low", "ci_high"]


def bad_experience(evidence: Evidence, sesoi: float) -> Finding:
    """Not ordering again for as long as counts as leaving, after a complaint and of comparable others.

    Estimate, interval and p-value are those of `helpers.personas.leaving`: an association with a complaint, no cause.
    """
    words = evidence.words
    days, sets = _complaints(evidence)
    if days is None:
        raise evidence.not_testable("no_horizon")
    row = None if sets is None else shown(sets, evidence.study.privacy.min_cell)
    if row is None or not usable(found := of_sets(row, "risk difference", words.say("hypotheses.label.complained"))):
        raise evidence.not_testable("few_complaints", least=evidence.least, rare=RARE)
    sentence = two_shares("bad_experience", found, words, days=words.number(days))
    people = sets.groupby("exposed")["customer_id"].nunique()
    n = {found.label: int(people[True]), words.say("hypotheses.label.not_complained"): int(people[False])}
    return Finding((found,), found.p_value, n, words.say("hypotheses.method.bad_experience"), sentence)


def time_to_return(evidence: Evidence) -> pd.DataFrame:
    """How many are not back yet, by days since a complaint, and of comparable others since the same moment.

    Returns
    -------
    group, day, share (not back by the end of that day), ci_low, ci_high (95 %), empty where `bad_experience` is not to
    be told. Everybody is watched for all these days, so nothing is censored; the last day's shares are the belief's.
    """
    days, sets = _complaints(evidence)
    if sets is None or shown(sets, evidence.study.privacy.min_cell) is None:
        return pd.DataFrame(columns=BACK)
    sign, rows = sign_of_frequency(sets), []
    labels = [evidence.words.say(f"hypotheses.label.{key}") for key in ("complained", "not_complained")]
    for day in range(1, days + 1):
        row = contrast(sets.assign(left=sets["wait"] > day), sign)
        half = t.ppf(1 - ALPHA / 2, row["people"] - 1)
        shares = (("share", "share_error"), ("share_others", "others_error"))
        for label, (share, error) in zip(labels, shares, strict=True):
            wide = 0.0 if np.isnan(row[error]) else half * row[error]  # nobody is back yet
            ends = np.clip([row[share] - wide, row[share] + wide], 0, 1)
            rows.append((label, day, min(max(row[share], 0.0), 1.0), *ends))
    return pd.DataFrame(rows, columns=BACK).sort_values("group", kind="stable", key=lambda g: g.map(labels.index))


def _complaints(evidence: Evidence) -> tuple[int | None, pd.DataFrame | None]:
    """The days that count as leaving and the sets of complaints; None where orders or complaints do not tell."""
    if evidence.customers is None:
        raise evidence.not_testable("table_absent", table="sales")
    days, sets = experience_sets(evidence.tables, evidence.customers, evidence.study.seed)
    return days, sets.get("complaint")
