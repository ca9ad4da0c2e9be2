"""The way from a lead to a customer who stays: how many take each stage, and how long becoming a customer takes."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from helpers.beliefs.estimators import share_interval
from helpers.beliefs.evidence import Evidence, orders
from helpers.words import Said, say

CYCLE = ["leads", "n", "median_days", "ci_low", "ci_high"]
STAGES = ["stage", "of", "n", "share", "ci_low", "ci_high"]


def lead_times(evidence: Evidence) -> pd.DataFrame:
    """One row per lead of the window: lead_id, customer_id (where known), days (from its first activity to its
    conversion, or to the end of the data), won (whether it converted by then)."""
    rows = evidence.in_window("leads", "at").dropna(subset=["lead_id", "at"])
    end = evidence.end_after(rows["at"])
    by_lead = rows.groupby("lead_id")
    table = pd.DataFrame({"first": by_lead["at"].min()})
    table["converted_at"] = by_lead["converted_at"].min() if "converted_at" in rows else pd.NaT
    table["customer_id"] = by_lead["customer_id"].first() if "customer_id" in rows else pd.NA
    table = table[~(table["converted_at"] < table["first"])].copy()  # customers before, and no leads of this window
    table["won"] = table["converted_at"] < end
    last = table["converted_at"].where(table["won"], end)
    table["days"] = ((last - table["first"]) / pd.Timedelta(days=1)).clip(lower=0)
    return table.reset_index()[["lead_id", "customer_id", "days", "won"]]


def sales_cycle(evidence: Evidence) -> tuple[pd.DataFrame, list[Said]]:
    """How long it takes from the first activity to becoming a customer (Kaplan & Meier; open leads are censored).

    Returns
    -------
    Two rows, all leads and those who became customers: leads, n, median_days, ci_low, ci_high (NaN where fewer than
    half convert in the time watched), and sentences. The second row looks only at those who did convert, so it is
    short by construction: later ones are still open.
    """
    times = lead_times(evidence)
    rows, said = [], []
    for key, part in (("all", times), ("won", times[times["won"]])):
        if len(part) < evidence.least or not part["won"].any():
            continue
        curve = SurvfuncRight(part["days"].to_numpy(), part["won"].to_numpy(dtype=int))
        median = float(curve.quantile(0.5))
        with np.errstate(divide="ignore", invalid="ignore"):  # its log-log interval at a survival of 0
            low, high = map(float, curve.quantile_ci(0.5)) if np.isfinite(median) else (math.nan, math.nan)
        rows.append((say(f"leads.label.{key}"), len(part), median, low, high))
        if np.isfinite(median):
            interval = _days(low if np.isfinite(low) else median, high)
            said.append(say(f"leads.cycle.{key}", median=round(median), interval=interval, n=len(part)))
        else:
            said.append(say(f"leads.cycle.{key}_open", n=len(part)))
    return pd.DataFrame(rows, columns=CYCLE), said or [say("leads.cycle.unknown")]


def _days(low: float, high: float) -> Said:
    """``20 to 31 days``, or ``20 days or more`` where the upper limit lies beyond the data."""
    if not np.isfinite(high):
        return say("leads.cycle.or_more", low=round(low))
    return say("leads.cycle.between", low=round(low), high=round(high))


def stages(evidence: Evidence) -> pd.DataFrame:
    """How many are attracted, sold to and kept.

    Returns
    -------
    One row per stage: stage, of (whose share it is), n, share, ci_low, ci_high (Wilson; NaN for the first stage and for
    small cells). Attract: leads. Sell: those who became customers. Keep: of the customers won from leads, or of all
    customers where leads name none, those who ordered on more than one day.
    """
    cell, rows = evidence.study.privacy.min_cell, []

    def add(stage: str, of: str, yes: int, n: int) -> None:
        if min(yes, n) < cell:
            return
        share, names = share_interval(yes, n), (say(f"leads.stage.{key}") for key in (stage, of))
        rows.append((*names, yes, share.estimate, share.low, share.high))

    customers = None
    if evidence.has("leads.lead_id"):
        times = lead_times(evidence)
        if len(times) >= cell:
            rows.append((say("leads.stage.attract"), "", len(times), math.nan, math.nan, math.nan))
        add("sell", "of_leads", int(times["won"].sum()), len(times))
        known = times.loc[times["won"], "customer_id"].dropna()
        customers = known if len(known) >= evidence.least else None
    if evidence.customers is not None and evidence.has("sales.customer_id"):
        days = (
            orders(evidence)
            .assign(day=lambda t: t["ordered_at"].dt.normalize())
            .groupby("customer_id")["day"]
            .nunique()
        )
        days = days if customers is None else days.reindex(sorted(set(customers)), fill_value=0)
        add("keep", "of_customers" if customers is None else "of_won", int((days > 1).sum()), len(days))
    return pd.DataFrame(rows, columns=STAGES)
