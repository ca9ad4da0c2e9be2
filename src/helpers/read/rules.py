"""The rules of the tables: what a customer and an answer can be, and what is set aside or told."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.columns import TABLES
from helpers.read.ledger import Checked
from helpers.sources import TableSource
from helpers.study import Study
from helpers.words import say

OUTLIER = 1e4
"""A number this many times the median is told: a slip by 10^6 stands out even in skewed money."""

FEW_FAR, SHARE_FAR, LEAST_TO_SCREEN = 2, 0.005, 30
"""So many orders, or this share of them, at either end may be slips of the year; fewer than 30 orders have no ends."""

OLDEST = pd.Timestamp("1990-01-01")
"""Days before this one are told: they are rarely meant."""


def check_customers(check: Checked, columns: dict[str, str], source: TableSource) -> None:
    """One row per customer, and ages that people have."""
    keep_fullest(check, "customer_id", columns["customer_id"])
    for name, low, high in (("age", 0, 120), ("birth_year", 1900, dt.date.today().year)):
        if name in columns:
            off = check.frame[name].notna() & ~check.frame[name].between(low, high)
            text = say("reading.person.impossible_age", low=str(low), high=str(high))
            check.note("impossible_age", "repaired", columns[name], off, text)
            check.frame[name] = check.frame[name].mask(off)


def keep_fullest(check: Checked, key: str, column: str) -> None:
    """Of several rows about the same person keep the one with the fewest gaps, whatever the order of the rows."""
    used = check.frame[~check.aside]
    several = used[used.duplicated(key, keep=False)]
    content = several.astype("str").fillna("").apply("\0".join, axis=1) if len(several) else ""
    ranked = several.assign(_gaps=several.isna().sum(axis=1), _content=content).sort_values([key, "_gaps", "_content"])
    surplus = ranked.duplicated(key).reindex(check.frame.index, fill_value=False)
    check.note("duplicate_row", "quarantined", column, surplus, say("reading.person.duplicate", key=key))


# --- rules of all tables -----------------------------------------------------------------------------------------


def check_times(check: Checked, columns: dict[str, str], study: Study) -> None:
    """Moments that have not come yet, lie after the window, or before there were shops like these."""
    as_of = study.window.as_of
    latest = pd.Timestamp(max(dt.date.today(), as_of or dt.date.min)) + pd.Timedelta(days=1)
    for name, column in TABLES[check.table].items():
        if column.kind != "time" or name not in columns:
            continue
        moments = check.frame[name]
        ahead = moments >= latest + pd.Timedelta(days=1)  # a day's grace: other time zones
        severity = "quarantined" if column.required else "warning"
        check.note("future_date", severity, columns[name], ahead, say("reading.time.future"))
        if as_of and column.required:
            after = moments >= pd.Timestamp(as_of) + pd.Timedelta(days=1)
            text = say("reading.time.after_as_of", as_of=as_of.isoformat())
            check.note("after_as_of", "warning", columns[name], after, text)
        old = moments < OLDEST
        check.note("old_date", "warning", columns[name], old, say("reading.time.old"))


def screen_far_dates(check: Checked, columns: dict[str, str], study: Study) -> None:
    """Set aside the few orders whose day lies far from all others: a slip of the year would move every window.

    Days that the study's own window holds are never far.
    """
    used = ~check.aside & check.frame["ordered_at"].notna().to_numpy()
    days = check.frame["ordered_at"].where(used).dt.normalize()
    by_order = days.groupby(check.frame["order_id"]).min().dropna().sort_values()
    few = max(FEW_FAR, int(len(by_order) * SHARE_FAR))
    if len(by_order) < LEAST_TO_SCREEN:
        return
    inner = by_order.iloc[few:-few]
    room = max(dt.timedelta(days=90), (inner.iloc[-1] - inner.iloc[0]) / 4)
    gaps = by_order.diff().to_numpy()
    early = next((place for place in range(few, 0, -1) if gaps[place] > room), 0)
    late = next((place for place in range(len(by_order) - few, len(by_order)) if gaps[place] > room), len(by_order))
    first, last = by_order.iloc[early], by_order.iloc[late - 1]
    window = study.window
    first = min(first, pd.Timestamp(window.start)) if window.start else first
    last = max(last, pd.Timestamp(window.as_of)) if window.as_of else last
    far = (days < first - room) | (days > last + room)
    if check.frame.loc[far, "order_id"].nunique() > 2 * few:
        return
    text = say("reading.time.far", first=f"{first:%Y-%m-%d}", last=f"{last:%Y-%m-%d}")
    check.note("far_date", "quarantined", columns["ordered_at"], far, text)


def warn_of_odd_columns(check: Checked, columns: dict[str, str]) -> None:
    """Columns that say one thing only, and numbers far from all others with the share of the total they make."""
    used = check.frame[~check.aside]
    for name, column in TABLES[check.table].items():
        if name not in used or not len(used):
            continue
        if name in columns and not column.required and len(used) >= 20 and used[name].nunique(dropna=False) == 1:
            check.tell("constant_column", "warning", columns[name], say("reading.column.constant"), len(used))
        if column.kind == "number":
            sizes = check.frame[name].abs().where(~check.aside)
            far = sizes > OUTLIER * sizes[sizes > 0].median()
            share = sizes[far].sum() / sizes.sum() if far.any() else 0.0
            text = say("reading.numbers.outlier", times=OUTLIER, share=share)
            check.note("outlier", "warning", columns.get(name, name), far, text)
