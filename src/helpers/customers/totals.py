"""The totals that a shop can check against its own books: customers, orders, lines, money, days."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.contracts import FileAccount
from helpers.read.load import LoadedTables
from helpers.study import Study


def totals(tables: LoadedTables, study: Study) -> dict[str, Any] | None:
    """What the sales of a study add up to, after ``where`` and what was set aside; None where there are no sales.

    Returns
    -------
    dict
        customers (people with a key), orders (purchases), lines (rows of the file that count), gross (bought), returned
        (0 or below), net (their sum), currency, first and last (days, ISO), largest_customer_share (of the net money),
        set_aside {rows, money}, nobody {rows, money} (lines without a person, which are in all of the above but
        customers) and orders_by_month {"2024-01": orders}.
    """
    if "sales" not in tables.frames:
        return None
    account = next(account for account in tables.accounts if account.table == "sales")
    parts = [part for part in (tables.frames["sales"], tables.nobody) if len(part)]
    lines = pd.concat(parts, ignore_index=True) if parts else tables.frames["sales"]
    back = lines["amount"] < 0
    bought, returned = lines.loc[~back, "amount"].sum(), lines.loc[back, "amount"].sum()
    orders = lines[~back].groupby("order_id")["ordered_at"].min()
    people = tables.frames["sales"].groupby("customer_id")["amount"].sum()
    net = bought + returned
    months = orders.dt.strftime("%Y-%m").value_counts().sort_index()
    days = lines["ordered_at"].dt.date
    nobody_rows, nobody_money = _of(account, "no_person")
    return {
        "customers": len(people),
        "orders": len(orders),
        "lines": account.rows_used + nobody_rows,
        "gross": _money(bought),
        "returned": _money(returned),
        "net": _money(net),
        "currency": study.currency,
        "first": str(days.min()),
        "last": str(days.max()),
        "largest_customer_share": round(float(people.max() / net), 6) if net > 0 and len(people) else None,
        "set_aside": {
            "rows": account.rows_quarantined - nobody_rows,
            "money": _money(sum(i.money or 0.0 for i in account.issues if i.severity == "quarantined") - nobody_money),
        },
        "nobody": {"rows": nobody_rows, "money": _money(nobody_money)},
        "orders_by_month": {str(month): int(count) for month, count in months.items()},
    }


def _of(account: FileAccount, code: str) -> tuple[int, float]:
    """Rows and money of the issues with a code."""
    issues = [issue for issue in account.issues if issue.code == code]
    return sum(issue.rows for issue in issues), sum(issue.money or 0.0 for issue in issues)


def _money(value: float) -> float:
    return round(float(value), 2)
