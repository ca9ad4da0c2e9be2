"""What a figure finds, for its text alternative: the numbers of the largest, the smallest and the one that stands out.

Each takes the table that is drawn and returns what fills the ``alt`` of the catalogue.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.beliefs.verdict import RATIOS
from helpers.report.exhibits import Exhibit
from helpers.wings import resolve
from helpers.words import in_steps, say

Told = dict[str, Any]
CLEAR = 0.8
"""The probability that membership takes."""


def finding(exhibit: Exhibit, drawn: pd.DataFrame) -> Told:
    """What fills the text alternative of a figure of this exhibit."""
    if exhibit.told_by:
        return resolve(exhibit.told_by)(drawn)
    return extremes(drawn, *exhibit.largest) if exhibit.largest else {}


def extremes(drawn: pd.DataFrame, value: str, *names: str) -> Told:
    """The rows of the largest and the smallest value, and of the farthest from none (1 for a lift, else 0).

    Returns rows (how many have a value); top, most, low, high; bottom, least; far, far_value, far_low, far_high, where
    low and high are the row's interval. A dash stands for what is missing.
    """
    known = drawn[pd.to_numeric(drawn[value], errors="coerce").notna()].reset_index(drop=True)
    values = known[value].astype(float)
    if known.empty:
        nothing = dict.fromkeys(("most", "least", "low", "high", "far_value", "far_low", "far_high"))
        return {"rows": 0, "top": "–", "bottom": "–", "far": "–", **nothing}
    size = np.log(values.where(values > 0)).abs().fillna(0) if value == "lift" else values.abs()
    called = known[[*names]].astype(str).agg(": ".join, axis=1).str.replace("_", " ")
    top, bottom, far = values.idxmax(), values.idxmin(), size.idxmax()
    low, high = (known.get(end, pd.Series(np.nan, known.index)).astype(float) for end in ("ci_low", "ci_high"))
    return {
        "rows": len(known), "top": called[top], "most": values[top], "low": low[top], "high": high[top],
        "bottom": called[bottom], "least": values[bottom],
        "far": called[far], "far_value": values[far], "far_low": low[far], "far_high": high[far],
    }  # fmt: skip


def of_accounts(accounts: pd.DataFrame) -> Told:
    """All rows, how many were repaired and set aside, and the file with the most of the latter."""
    sums, step = accounts[["rows_in", "rows_repaired", "rows_quarantined"]].sum(), accounts["rounded_to"].max()
    told = {name: in_steps(rows, step) for name, rows in sums.items()}
    return {"files": len(accounts), **told, "top": extremes(accounts, "rows_quarantined", "table")["top"]}


def of_spend(bins: pd.DataFrame) -> Told:
    """The quartiles of those who spent anything."""
    return {name: bins[name].iloc[0] for name in ("q1", "median", "q3")} | {"n": bins["people"].sum()}


def of_moments(counts: pd.DataFrame) -> Told:
    """The busiest hour of the week, or its busiest day where orders have no hours, among those that are shown."""
    day, hour = counts.stack().idxmax()
    share = counts.loc[day, hour] / np.nansum(counts)
    on = say(f"report.weekday.{str(day).lower()}")
    timed = str(hour).isdigit()
    when = say("customers.busiest.hour", day=on, hour=int(hour)) if timed else say("customers.busiest.day", day=on)
    return {"share": share, "when": when}


def of_channels(features: pd.DataFrame) -> Told:
    """The channels with the largest and the smallest share."""
    shares = features.filter(regex=r"^channel_.*_share$").mean()
    named = shares.index.str.removeprefix("channel_").str.removesuffix("_share")
    return extremes(pd.DataFrame({"channel": named, "share": shares.to_numpy()}), "share", "channel")


def of_choice(choice: pd.DataFrame) -> Told:
    """The number of groups that was chosen, else the steadiest one."""
    chosen = choice[choice["chosen"].astype(bool)]
    row = (chosen if len(chosen) else choice.nlargest(1, "bootstrap_ari")).iloc[0]
    return {"k": row["k"], "ari": row["bootstrap_ari"], "weakest": row["jaccard_min"], "valley": row["valley_depth"]}


def of_lifts(profile: pd.DataFrame) -> Told:
    """The feature that differs most, of those that are drawn."""
    shown = profile[profile["measure"] == "lift"] if "measure" in profile else profile
    known = shown[(shown["ci_low"] > 0) & np.isfinite(shown["ci_high"])]
    return extremes(known, "lift", "column") | {"handle": next(iter(profile["handle"]), "")}


def of_prevalence(prevalence: pd.DataFrame) -> Told:
    """Who matches all that was counted most often."""
    matched = prevalence["matched"].max()
    return extremes(prevalence[prevalence["matched"] == matched], "share", "handle") | {"matched": matched}


def of_posteriors(bins: pd.DataFrame) -> Told:
    """The share of customers whose group is clear, as the bars show it."""
    clear = bins.loc[bins["low"] >= CLEAR - 1e-9, "people"].sum()
    return {"share": clear / bins["people"].sum(), "clear": CLEAR, "n": bins["people"].sum()}


def of_margins(segments: pd.DataFrame) -> Told:
    """The segments that bring most and least, by the measure that is drawn."""
    money = segments[segments["unit"] == "money"] if "unit" in segments else segments
    return extremes(money[money["measure"] == money["measure"].iloc[0]], "estimate", "segment")


def of_ours(weights: pd.DataFrame) -> Told:
    """What a loss weighs here, and the range of all figures."""
    return extremes(weights, "estimate", "label") | {
        f"our_{name}": value for name, value in extremes(weights[weights["ours"]], "estimate", "label").items()
    }


def of_value(parameters: pd.DataFrame) -> Told:
    """What a loss weighs, measured and published."""
    row = parameters.set_index("parameter").loc["lambda"]
    return row[["estimate", "ci_low", "ci_high", "published"]].to_dict()


def of_effects(effects: pd.DataFrame) -> Told:
    """The effect that is farthest from none, among the ratios that are drawn, or the differences where none is."""
    named = effects.assign(label=effects["label"].where(effects["label"] != "", effects["title"]))
    ratios = named[named["measure"].isin(RATIOS) & (named["ci_low"] > 0)].rename(columns={"estimate": "lift"})
    if len(ratios):
        return extremes(ratios, "lift", "label", "measure")
    return extremes(named[~named["measure"].isin(RATIOS)], "estimate", "label", "measure")


def of_week(cells: pd.DataFrame) -> Told:
    """The part of the week with the most orders of one persona."""
    known = cells[cells["share"].notna()]
    if known.empty:
        return {"day": "–", "hour": None, "share": None}
    row = known.loc[known["share"].idxmax()]
    return {"day": say(f"report.weekday.{row['weekday']}"), "hour": int(row["hour"]), "share": row["share"]}


def of_pressure(pressure: pd.DataFrame) -> Told:
    """What is opened and unsubscribed from after no other message, and after the most."""
    first, last = pressure.iloc[0], pressure.iloc[-1]
    parts = {"opened": "share_opened", "left": "share_unsubscribed"}
    return {
        f"{part}_{when}": row.get(name)
        for part, name in parts.items()
        for when, row in (("first", first), ("last", last))
    }


def of_last_day(curves: pd.DataFrame) -> Told:
    """Who is away longest, on the last day that every curve has."""
    day = curves.groupby("group")["day"].max().min()
    return extremes(curves[curves["day"] == day], "share", "group") | {"day": day}


def of_shift(shares: pd.DataFrame) -> Told:
    """The group whose share changed most since the report before."""
    before = shares.get("previous_share", shares.get("share_before")).astype(float)
    name = "handle" if "handle" in shares else "id"
    return extremes(shares.assign(change=shares["share"].astype(float) - before), "change", name)


def of_moves(migration: pd.DataFrame) -> Told:
    """The largest part of an earlier group that is in another one now."""
    return extremes(migration[migration["was"] != migration["to"]], "share", "was", "to")


def of_proof(figures: pd.DataFrame) -> Told:
    """How many figures lie within their tolerance."""
    done = figures[figures["ours"].notna()]
    within = (done["ours"] - done["published"]).abs() <= done["tolerance"]
    return {"within": int(within.sum()), "n": len(done)}
