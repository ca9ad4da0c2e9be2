"""The totals that a shop can check against its own books, and what of them may be published."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import ibis
import numpy as np
import pandas as pd

from helpers.contracts import FileAccount
from helpers.customers.facts import MILLION, as_table, engine, millionths, purchase_orders, returned
from helpers.read.load import LoadedTables
from helpers.small_cells import rounded, withheld
from helpers.study import Study, Window
from helpers.words import Text, say

LARGEST = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""What one customer's share of the money is published as: the first of these that it does not pass."""
HEAVY, MANY = 0.1, 20
"""A customer with more than this share is asked about, in a shop with more customers than this."""
FAR = 0.005
"""Share of the orders at either end that do not say where the bulk of them lies."""
MOST_NAMED = 5
EVERY_DAY = Window()


@dataclass(frozen=True)
class Totals:
    """What the sales add up to after ``where`` and what was set aside, whatever the study's window.

    customers : people with a key. orders : purchases. lines : rows of the file that count. gross : bought; returned :
    given back, 0 or less; net : their sum. first, last : days. largest_customer_share : of the net money; None where
    there is none. aside_rows, aside_money : what was set aside. nobody_rows, nobody_money : lines without a person,
    which are in all of these but customers. months : a row per month from the first to the last: month (``2025-03``),
    orders, customers, money (bought). returners : customers who gave something back. heaviest : the customers with most
    money and with most orders, by what it is (``money``, ``orders``): their id and their share. parts : the most of
    orders, lines, gross and returned that is one customer's; months have it in most_orders and most_money. Neither is
    for publication.
    """

    customers: int
    orders: int
    lines: int
    gross: float
    returned: float
    net: float
    currency: str
    first: dt.date
    last: dt.date
    largest_customer_share: float | None
    aside_rows: int
    aside_money: float | None
    nobody_rows: int
    nobody_money: float | None
    months: pd.DataFrame
    returners: int
    heaviest: dict[str, tuple[str, float]]
    parts: dict[str, float] = field(default_factory=dict)


def add_up(tables: LoadedTables, study: Study) -> Totals | None:
    """The totals of the sales; None in a study without."""
    if "sales" not in tables.frames:
        return None
    account = next(account for account in tables.accounts if account.table == "sales")
    parts = [part for part in (tables.frames["sales"], tables.nobody) if len(part)]
    sales = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    with engine(study.engine) as backend:
        lines = as_table(sales)
        people = backend.to_pyarrow(_by_person(lines)).to_pandas()
        months = backend.to_pyarrow(_by_month(lines)).to_pandas()
    known = people[people["customer_id"].notna()].sort_values("customer_id")
    gross, back = people["bought"].sum() / MILLION, people["back"].sum() / MILLION
    net, largest = gross + back, (known["bought"] + known["back"]).max() / MILLION
    nobody_rows, nobody_money = _set_aside(account, "no_person")
    _, every_money = _set_aside(account)
    return Totals(
        customers=len(known),
        orders=int(months["orders"].sum()),
        lines=account.rows_used + nobody_rows,
        gross=_money(gross),
        returned=_money(back),
        net=_money(net),
        currency=study.currency,
        first=sales["ordered_at"].min().date(),
        last=sales["ordered_at"].max().date(),
        largest_customer_share=round(float(largest / net), 6) if net > 0 and len(known) else None,
        aside_rows=account.rows_quarantined - nobody_rows,
        aside_money=_money(every_money - nobody_money),
        nobody_rows=nobody_rows,
        nobody_money=_money(nobody_money),
        months=_every_month(months),
        returners=int((known["back"] < 0).sum()),
        heaviest={
            name: (str(known["customer_id"][most]), float(known[column][most] / people[column].sum()))
            for name, column in (("money", "bought"), ("orders", "orders"))
            if len(known) and people[column].sum() > 0 and (most := known[column].idxmax()) is not None
        },
        parts={name: float(known[name].abs().max()) for name in ("orders", "lines")}
        | {
            name: float(known[column].abs().max() / MILLION)
            for name, column in (("gross", "bought"), ("returned", "back"))
        }
        if len(known)
        else {},
    )


def _set_aside(account: FileAccount, code: str | None = None) -> tuple[int, float]:
    """Rows and money of the issues that set rows aside, or of those with a code."""
    issues = [issue for issue in account.issues if issue.severity == "quarantined" and code in (None, issue.code)]
    return sum(issue.rows for issue in issues), sum(issue.money or 0.0 for issue in issues)


def _money(value: float) -> float:
    return round(float(value), 2)


def _by_person(lines: ibis.Table) -> ibis.Table:
    """Per customer what was bought and what was given back, in millionths, and the orders."""
    back = returned(lines)
    money = millionths(lines.amount.abs())
    parts = {"bought": ibis.ifelse(back, 0.0, money).sum(), "back": -ibis.ifelse(back, money, 0.0).sum()}
    parts["orders"] = lines.order_id.nunique(where=~back)
    parts["lines"] = lines.count()
    return lines.group_by("customer_id").aggregate(**parts)


def _by_month(lines: ibis.Table) -> ibis.Table:
    """Orders by the month of their first line; what was only given back is none."""
    orders = purchase_orders(lines)
    orders = orders.mutate(month=orders.ordered_at.truncate("M"))
    each = orders.group_by("month", "customer_id").aggregate(orders=orders.count(), money=orders.amount.sum() / MILLION)
    known = each.customer_id.notnull()
    most = {f"most_{name}": each[name].max(where=known).fill_null(0) for name in ("orders", "money")}
    return each.group_by("month").aggregate(
        orders=each.orders.sum(), customers=each.customer_id.nunique(), money=each.money.sum(), **most
    )


def _every_month(months: pd.DataFrame) -> pd.DataFrame:
    """The months in their order, those without orders among them."""
    found = months.set_index(pd.to_datetime(months["month"]).dt.to_period("M")).drop(columns="month").sort_index()
    every = pd.period_range(found.index.min(), found.index.max(), freq="M", name="month")
    kinds = {"orders": int, "customers": int, "money": float, "most_orders": int, "most_money": float}
    whole = found.reindex(every, fill_value=0).astype(kinds).reset_index()
    return whole.assign(month=whole["month"].astype("str"))


# --- in sentences ------------------------------------------------------------------------------------------------


def told(totals: Totals) -> list[Text]:
    """The totals for who knows the shop's books, a sentence for each thing to compare."""
    counts = {name: getattr(totals, name) for name in ("customers", "orders", "lines", "first", "last")}
    lines = [say("totals.counts", **counts)]
    lines.append(say("totals.money", gross=totals.gross, returned=abs(totals.returned), net=totals.net))
    if not totals.currency:
        lines.append(say("totals.no_currency"))
    months = totals.months.dropna(subset="orders")
    if len(months) > 1:
        low, high = (months.loc[place] for place in (months["orders"].idxmin(), months["orders"].idxmax()))
        ends = {"fewest": low["orders"], "weak": low["month"], "most": high["orders"], "strong": high["month"]}
        lines.append(say("totals.months", median=months["orders"].median(), n=len(months), **ends))
    if totals.largest_customer_share is not None:
        lines.append(say("totals.largest", share=totals.largest_customer_share))
    if totals.nobody_rows:
        lines.append(say("totals.nobody", rows=totals.nobody_rows, money=totals.nobody_money))
    if not totals.aside_rows:
        return [*lines, say("totals.nothing_aside")]
    return [*lines, say("totals.aside", rows=totals.aside_rows, money=totals.aside_money)]


def asked_about(totals: Totals, window: Window = EVERY_DAY) -> dict[str, Text]:
    """What a person who knows the shop should look at, by a code: who is too large, months of the window that are too
    empty, days far from all others."""
    asked: dict[str, Text] = {}
    for of, (customer, share) in totals.heaviest.items():
        if share > HEAVY and totals.customers > MANY:
            asked[f"large_customer_{of}"] = say(f"totals.asked.{of}", customer=customer, share=share)
    orders = _orders_by_month(totals, window)
    if not orders.sum():
        return asked
    first, last = bulk_of(totals, window)
    bulk = orders[first:last]
    here = range(orders.index.get_loc(first), orders.index.get_loc(last) + 1)
    width = max(3, len(here) // 4)
    far = [m for i, m in enumerate(orders.index) if orders[m] and not here[0] - width <= i <= here[-1] + width]
    if far:
        ends = {"first": first, "last": last}
        asked["stray_date"] = say("totals.asked.far", n=orders[far].sum(), months=far[:MOST_NAMED], **ends)
    if empty := [month for month in bulk.index if bulk[month] == 0]:
        asked["empty_month"] = say("totals.asked.empty", n=len(empty), months=empty[:MOST_NAMED])
    return asked


def bulk_of(totals: Totals, window: Window = EVERY_DAY) -> tuple[str, str]:
    """The first and the last month of those that hold nearly all orders: ``("2024-01", "2025-03")``."""
    orders = _orders_by_month(totals, window)
    reached = orders.cumsum() / orders.sum()
    bulk = orders[(reached > FAR) & (reached.shift(fill_value=0) < 1 - FAR)]
    return str(bulk.index[0]), str(bulk.index[-1])


def _orders_by_month(totals: Totals, window: Window) -> pd.Series:
    """Orders of each month of the window, by ``2024-01``."""
    orders = totals.months.set_index("month")["orders"]
    ends = (day and f"{day:%Y-%m}" for day in (window.start, window.as_of))
    return orders.loc[slice(*ends)]


# --- what may be published ---------------------------------------------------------------------------------------


def publishable(totals: Totals, least: int) -> Totals:
    """The totals without what would tell of a few people; exact ones stay with the analyst.

    One customer's share is said by the bound under which it lies; money that fewer than ``least`` customers got back
    is unknown (NaN), and with it the net sum, which would tell it; so is that of few rows set aside, and whatever
    stands for few customers of a month. Orders, lines and money bought or given back are rounded in steps that no
    customer's part exceeds (``people.rounded``), so that two publications that differ by one customer do not give him
    away by subtraction. So are the customers of a month, and the rows set aside or nobody's with their money: of these
    no single part is known, and the largest of any customer stands for it.
    """
    share, few = totals.largest_customer_share, 0 < totals.returners < least

    def steps(name: str) -> float:
        return rounded(getattr(totals, name), [totals.parts.get(name, 0)], least)

    def monthly(row: pd.Series, name: str) -> float:
        return rounded(row[name], [row.get(f"most_{name}", 0)], least)

    months = totals.months.assign(
        **{name: [monthly(row, name) for _, row in totals.months.iterrows()] for name in ("orders", "money")},
    )
    shown = withheld(months, ["customers"], least, values=["orders", "money"])
    shown = shown.assign(customers=[n if pd.isna(n) else rounded(n, (), least) for n in shown["customers"]])
    shown = shown.drop(columns=["most_orders", "most_money"], errors="ignore")
    gross, back = steps("gross"), steps("returned")
    largest = {name: [totals.parts.get(name, 0)] for name in ("lines", "gross")}

    def beside(rows: int, money: float | None) -> tuple[int, float | None]:
        few_rows = 0 < rows < least
        shown_money = None if few_rows else rounded(money or 0.0, largest["gross"], least)
        return int(rounded(rows, largest["lines"], least)), shown_money

    aside = beside(totals.aside_rows, totals.aside_money)
    nobody = beside(totals.nobody_rows, totals.nobody_money)
    return dataclasses.replace(
        totals,
        customers=int(rounded(totals.customers, (), least)),
        orders=int(steps("orders")),
        lines=int(steps("lines")),
        gross=gross,
        returned=np.nan if few else back,
        net=np.nan if few else gross + back,
        largest_customer_share=None if share is None else next((bound for bound in LARGEST if share <= bound), 1.0),
        aside_rows=aside[0],
        aside_money=aside[1],
        nobody_rows=nobody[0],
        nobody_money=nobody[1],
        months=shown,
        heaviest={},
        parts={},
    )


def as_json(totals: Totals | None) -> dict[str, Any] | None:
    """The totals as ``check --json`` and personas.json have them."""
    if totals is None:
        return None
    names = ("customers", "orders", "lines", "gross", "returned", "net", "currency")
    return {
        **{name: getattr(totals, name) for name in names},
        "first": totals.first.isoformat(),
        "last": totals.last.isoformat(),
        "largest_customer_share": totals.largest_customer_share,
        "set_aside": {"rows": totals.aside_rows, "money": totals.aside_money},
        "nobody": {"rows": totals.nobody_rows, "money": totals.nobody_money},
        "orders_by_month": {
            month: None if pd.isna(orders) else int(orders)
            for month, orders in zip(totals.months["month"], totals.months["orders"], strict=True)
        },
    }
