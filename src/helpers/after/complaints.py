"""Who stays away after a complaint, against customers with an order like it and none."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from helpers.beliefs.estimators import RARE, clustered_risks
from helpers.beliefs.evidence import Evidence, estimated, orders
from helpers.beliefs.verdict import Z95, Finding, two_shares

WAIT, WATCHED = 14, 56
"""Days after an order in which a complaint may come, and the days after them in which we watch for a return."""
HISTORY = ("number", "spent", "gap")
BACK = ["group", "day", "share", "ci_low", "ci_high"]


def at_risk(evidence: Evidence) -> pd.DataFrame:
    """Orders whose customer might have left: what came before, whether a complaint followed, whether they came back.

    Returns
    -------
    One row per order: customer_id, ordered_at, number (of the order), spent (so far), gap (mean days between orders so
    far; the median of all where it is the first), month, complained (in the two weeks after it), days (from then to
    the next order, or to the end of the data), back (whether there is a next order), yes (none in the eight weeks).
    Only orders without a new one in the two weeks, so that nobody is counted as complaining for having stayed long; of
    customers who had not complained before; and watched to the end. What a complaint may change is not adjusted for.
    """
    end = pd.Timestamp(evidence.customers.period.as_of) + pd.Timedelta(days=1)
    rows = orders(evidence).sort_values(["customer_id", "ordered_at"], kind="stable").reset_index(drop=True)
    by_customer = rows.groupby("customer_id")
    rows["number"] = by_customer.cumcount() + 1
    rows["spent"] = by_customer["value"].cumsum().clip(lower=0)
    since = (rows["ordered_at"] - by_customer["ordered_at"].transform("min")) / pd.Timedelta(days=1)
    gap = (since / (rows["number"] - 1)).where(rows["number"] > 1)
    rows["gap"] = gap.fillna(gap.median() if gap.notna().any() else 0.0)
    rows["month"] = rows["ordered_at"].dt.strftime("%Y-%m")
    service = evidence.tables.frames["service"].dropna(subset=["customer_id", "at", "kind"])
    complaints = service[service["kind"].str.strip().str.casefold() == "complaint"]
    first = complaints.groupby("customer_id")["at"].min().reindex(rows["customer_id"]).set_axis(rows.index)
    decided, following = rows["ordered_at"] + pd.Timedelta(days=WAIT), by_customer["ordered_at"].shift(-1)
    rows["complained"] = (first > rows["ordered_at"]) & (first <= decided)
    rows["back"] = following.notna()
    rows["days"] = (following.fillna(end) - decided) / pd.Timedelta(days=1)
    rows["yes"] = (~rows["back"] | (rows["days"] > WATCHED)).astype(float)
    watched = decided + pd.Timedelta(days=WATCHED) <= end
    new = ~(following <= decided) & ~(first <= rows["ordered_at"])
    return rows[watched & new].drop(columns=["order_id", "value"]).reset_index(drop=True)


def bad_experience(evidence: Evidence, sesoi: float) -> Finding:
    """Not coming back after an order with a complaint, against orders without one at an equal history and month.

    A discrete-time hazard by order (logit, clustered by customer), its risks standardised over all orders: an
    association with a complaint, no cause.
    """
    words = evidence.words
    if evidence.customers is None:
        raise evidence.not_testable("table_absent", table="sales")
    frame = at_risk(evidence)
    names = [words.say(f"hypotheses.label.{key}") for key in ("complained", "not_complained")]
    frame = frame.assign(cluster=frame["customer_id"], group=np.where(frame["complained"], *names))
    frame[list(HISTORY)] = np.log1p(frame[list(HISTORY)].astype(float))
    cells = frame.groupby("group").agg(people=("cluster", "nunique"), yes=("yes", "sum"), all=("yes", "size"))
    cells = cells.reindex(names, fill_value=0)
    rarest = min(cells["yes"].min(), (cells["all"] - cells["yes"]).min())
    if cells["people"].min() < evidence.least or rarest < RARE:
        raise evidence.not_testable("few_complaints", least=evidence.least, rare=RARE)
    adjust = [name for name in (*HISTORY, "month") if frame[name].nunique() > 1]
    (found,) = estimated(evidence, "kind", clustered_risks, frame, names[1], adjust)
    method, sentence = words.say("hypotheses.method.bad_experience"), two_shares("bad_experience", found)
    return Finding((found,), found.p_value, cells["people"].to_dict(), method, sentence)


def time_to_return(evidence: Evidence) -> pd.DataFrame:
    """How many are not back yet, by days since the two weeks after an order with a complaint, or without one.

    Returns
    -------
    group, day, share (not yet back), ci_low, ci_high (Kaplan & Meier; log-log interval), while at least ``least``
    customers of the group are still watched. One order per customer: the one with the complaint, else one at random.
    """
    frame = at_risk(evidence).sample(frac=1, random_state=evidence.study.seed % 2**32)
    frame = frame.sort_values("complained", ascending=False, kind="stable").drop_duplicates("customer_id")
    rows = []
    for key, part in (("complained", frame[frame["complained"]]), ("not_complained", frame[~frame["complained"]])):
        if len(part) < evidence.least:
            continue
        curve = SurvfuncRight(part["days"].to_numpy(), part["back"].to_numpy(dtype=int))
        shown = curve.n_risk >= evidence.least
        share, error = curve.surv_prob[shown], curve.surv_prob_se[shown]
        inside = (share > 0) & (share < 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            half = np.where(inside, Z95 * error / (share * np.abs(np.log(share))), 0.0)
        low, high = share ** np.exp(half), share ** np.exp(-half)
        label = evidence.words.say(f"hypotheses.label.{key}")
        rows += zip([label] * len(share), curve.surv_times[shown], share, low, high, strict=True)
    return pd.DataFrame(rows, columns=BACK)
