"""The rules of the tables: what a sale, a customer and an answer can be, and what is set aside or told."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from helpers.columns import TABLES
from helpers.read.ledger import Checked
from helpers.sources import TableSource
from helpers.study import Study

OUTLIER = 1e4
"""A number this many times the median is told: a slip by 10^6 stands out even in skewed money."""


def check_sales(check: Checked, columns: dict[str, str], source: TableSource) -> None:
    """Amounts, returns, prices that cannot be, and lines that come twice."""
    frame = check.frame
    _derive_amount(check, columns)
    nothing = pd.Series(np.nan, index=frame.index)
    amount, price, quantity = frame["amount"], frame.get("unit_price", nothing), frame.get("quantity", nothing)
    where = columns.get("amount", columns.get("unit_price"))
    check.note("missing_value", "quarantined", where, amount.isna(), "the amount is missing")
    returned = quantity < 0
    if "is_return" in columns:
        returned |= frame["is_return"].fillna(False).astype(bool)
    elif "quantity" not in columns:
        check.note("negative_amount", "warning", where, amount < 0, "negative amounts were taken for returns")
        returned |= amount < 0
    below = ~returned & ((amount < 0) | (price < 0))
    text = "a negative price or amount, and no return (is_return, or a negative quantity)"
    check.note("negative_price", "quarantined", where, below, text)
    free = (amount == 0) | (price == 0)
    check.note("zero_price", "warning", where, free, "a price of zero; they count as orders and add no money")
    frame["is_return"] = returned.astype("boolean")
    frame["amount"] = amount.abs().where(~returned, -amount.abs())
    if "quantity" in frame:
        frame["quantity"] = quantity.where(~returned, -quantity.abs())
    if "unit_price" in frame:
        frame["unit_price"] = price.abs().where(returned, price)
    _check_repeats(check)


def _derive_amount(check: Checked, columns: dict[str, str]) -> None:
    """amount = unit_price x quantity (one where the file has no quantity), wherever the amount is not given."""
    frame = check.frame
    if "unit_price" not in frame:
        return
    worth = frame["unit_price"] * frame.get("quantity", 1)
    if "amount" in frame:
        gaps = frame["amount"].isna() & worth.notna()
        check.note("amount_derived", "repaired", columns["amount"], gaps, "made from quantity and unit_price")
    elif "quantity" not in frame:
        text = "there is no quantity: each line counts as one piece"
        check.tell("no_quantity", "warning", columns["unit_price"], text)
    frame["amount"] = frame["amount"].fillna(worth) if "amount" in frame else worth


def _check_repeats(check: Checked) -> None:
    """Lines that come twice: surplus where lines are numbered, perhaps two real ones where they are not."""
    again = check.frame[~check.aside].duplicated().reindex(check.frame.index, fill_value=False)
    if "line_id" in check.frame:
        check.note("duplicate_line", "quarantined", None, again, "the same order line, with the same number, again")
    else:
        text = "equal to an earlier order line; kept, for without a line_id they may be real"
        check.note("repeated_line", "warning", None, again, text)


def check_customers(check: Checked, columns: dict[str, str], source: TableSource) -> None:
    """One row per customer, and ages that people have."""
    keep_fullest(check, "customer_id", columns["customer_id"])
    for name, low, high in (("age", 0, 120), ("birth_year", 1900, dt.date.today().year)):
        if name in columns:
            off = check.frame[name].notna() & ~check.frame[name].between(low, high)
            check.note("impossible_age", "repaired", columns[name], off, f"not {low} to {high}; read as missing")
            check.frame[name] = check.frame[name].mask(off)


def keep_fullest(check: Checked, key: str, column: str) -> None:
    """Of several rows about the same person keep the one with the fewest gaps, whatever the order of the rows."""
    used = check.frame[~check.aside]
    several = used[used.duplicated(key, keep=False)]
    content = several.astype("str").fillna("").apply("\0".join, axis=1) if len(several) else ""
    ranked = several.assign(_gaps=several.isna().sum(axis=1), _content=content).sort_values([key, "_gaps", "_content"])
    surplus = ranked.duplicated(key).reindex(check.frame.index, fill_value=False)
    text = f"another row has this {key}; the row with the fewest empty cells was kept"
    check.note("duplicate_row", "quarantined", column, surplus, text)


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
        check.note("future_date", severity, columns[name], ahead, "lies in the future")
        if as_of and column.required:
            after = moments >= pd.Timestamp(as_of) + pd.Timedelta(days=1)
            check.note("after_as_of", "warning", columns[name], after, f"after the window's end, {as_of}; not used")
        check.note("old_date", "warning", columns[name], moments < pd.Timestamp("1990-01-01"), "before 1990")


def warn_of_odd_columns(check: Checked, columns: dict[str, str]) -> None:
    """Columns that say one thing only, and numbers far from all others with the share of the total they make."""
    used = check.frame[~check.aside]
    for name, column in TABLES[check.table].items():
        if name not in used or not len(used):
            continue
        if name in columns and not column.required and len(used) >= 20 and used[name].nunique(dropna=False) == 1:
            text = "the same in every row; tells nobody apart"
            check.tell("constant_column", "warning", columns[name], text, len(used))
        if column.kind == "number":
            sizes = check.frame[name].abs().where(~check.aside)
            far = sizes > OUTLIER * sizes[sizes > 0].median()
            share = sizes[far].sum() / sizes.sum() if far.any() else 0.0
            text = f"more than {OUTLIER:,.0f} times the median; these rows make {share:.1%} of the column's total"
            check.note("outlier", "warning", columns.get(name, name), far, text)
