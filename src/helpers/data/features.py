"""Order lines to one row per customer, as one Ibis expression: the engine may change, the numbers do not.

Money and units are summed as whole millionths in floating point: such sums are exact up to 2**53, which is nine billion
per customer (144 billion for amounts in cents), so they depend neither on threads nor on the order of rows. What Ibis
lacks on PySpark (``mode``, ``first`` with an order, ``kurtosis``, timestamp differences) is not used.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

import ibis
import pandas as pd

MILLION = 1e6
LARGEST = 8
"""Channels and categories with a column of their own; the others share ``other``."""
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOURS = {"night": (0, 6), "morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24)}
NO_COUPON = ("", "-", "0", "no", "none", "false", "нет")
"""What exports write into a coupon column when no coupon was used."""


@dataclass(frozen=True)
class Vocabulary:
    """Which columns the features have: channels and categories as slug -> spellings, and whether orders have a time.

    ``other`` stands for whatever is known and not listed; it has no spellings of its own.
    """

    channels: dict[str, tuple[str, ...]]
    categories: dict[str, tuple[str, ...]]
    clock: bool


def order_expression(sales: ibis.Table, categories: dict[str, tuple[str, ...]] | None = None) -> ibis.Table:
    """Order lines to orders: one row per customer and order_id, whole returns included (``lines`` is 0 for them).

    Columns: customer_id, order_id, ordered_at (first purchase line), lines, amount, returned, return_lines, and where
    the source column is there units, channel, discount_lines, coupon, cost, unknown_cost, category_<slug>. Money and
    units are in millionths.
    """
    has = set(sales.columns)
    returned = sales.amount < 0
    if "quantity" in has:
        returned |= (sales.quantity < 0).fill_null(False)
    if "is_return" in has:
        returned |= sales.is_return.fill_null(False)
    bought, money = ~returned, _millionths(sales.amount.abs())
    columns = {
        "ordered_at": sales.ordered_at.min(where=bought),
        "lines": _count(bought),
        "amount": money.sum(where=bought).fill_null(0),
        "return_lines": _count(returned),
        "returned": money.sum(where=returned).fill_null(0),
    }
    if "quantity" in has:
        columns["units"] = _millionths(sales.quantity).sum(where=bought).fill_null(0)
    if "channel" in has:
        columns["channel"] = sales.channel.min(where=bought)
    if "discount" in has or {"list_price", "quantity"} <= has:
        columns["discount_lines"] = _count(bought & _discounted(sales))
    if "coupon" in has:
        columns["coupon"] = (bought & ~sales.coupon.strip().lower().fill_null("").isin(NO_COUPON)).any()
    if "unit_cost" in has:
        units = sales.quantity.abs() if "quantity" in has else 1
        cost = _millionths(units * sales.unit_cost)
        columns["cost"] = ibis.ifelse(returned, -cost, cost).sum().fill_null(0)
        columns["unknown_cost"] = cost.isnull().any()
    if "category" in has and categories:
        for slug, belongs in _memberships(sales.category, categories).items():
            columns[f"category_{slug}"] = money.sum(where=bought & belongs).fill_null(0)
    return sales.group_by("customer_id", "order_id").aggregate(**columns)


def feature_expression(sales: ibis.Table, start: dt.date, end: dt.date, vocabulary: Vocabulary) -> ibis.Table:
    """Order lines of [start, end) to one row per customer; columns as in ``Customers.features``.

    Customers who only returned something have ``orders`` 0. Lines outside the period are filtered out first, so that
    nothing after ``end`` can reach a feature.
    """
    all_orders = order_expression(within(sales, start, end), vocabulary.categories)
    bought = all_orders.lines > 0
    value = ibis.ifelse(bought, all_orders.amount / MILLION, None)
    quartiles = value.quantile([0.25, 0.5, 0.75])
    count, spend = _count(bought), all_orders.amount.sum() / MILLION
    columns = {
        "orders": count,
        "lines": all_orders.lines.sum(),
        "spend": spend,
        "returned": all_orders.returned.sum() / MILLION,
        "average_order_value": spend / count.nullif(0),
        "order_value_min": value.min(),
        **{f"order_value_{name}": quartiles[i] for i, name in enumerate(("q25", "median", "q75"))},
        "order_value_max": value.max(),
        "recency_days": _days_to(end, all_orders.ordered_at.max()),
        "tenure_days": _days_to(end, all_orders.ordered_at.min()),
        "single_item_share": _share(all_orders.lines == 1, count),
        **_moments(all_orders.ordered_at, count, vocabulary.clock),
    }
    for optional in (_units, _channels, _discounts, _returns, _margin):
        columns |= optional(all_orders, count, vocabulary)
    for slug in vocabulary.categories:
        columns[f"category_{slug}_share"] = all_orders[f"category_{slug}"].sum() / MILLION / spend.nullif(0)
    return all_orders.group_by("customer_id").aggregate(**columns)


def service_expression(service: ibis.Table, start: dt.date, end: dt.date) -> ibis.Table:
    """Contacts received in [start, end) to customer_id, complaints (count) and, where known, service_cost (money)."""
    contacts = service.filter(service["at"] >= pd.Timestamp(start), service["at"] < pd.Timestamp(end))
    columns = {"complaints": _count(contacts.kind.strip().lower() == "complaint")}
    if "cost" in contacts.columns:
        columns["service_cost"] = _millionths(contacts.cost).sum().fill_null(0) / MILLION
    return contacts.group_by("customer_id").aggregate(**columns)


def within(sales: ibis.Table, start: dt.date, end: dt.date) -> ibis.Table:
    """The lines of [start, end)."""
    return sales.filter(sales.ordered_at >= pd.Timestamp(start), sales.ordered_at < pd.Timestamp(end))


@ibis.udf.scalar.builtin(name="round")
def _whole(value: float) -> float:
    """The engine's own rounding; what Ibis calls round makes an int64 of it, too small for a slip of the keyboard."""


def _millionths(value: ibis.expr.types.NumericValue) -> ibis.expr.types.FloatingValue:
    return _whole(value * MILLION)


def _count(condition: ibis.expr.types.BooleanValue) -> ibis.expr.types.IntegerScalar:
    """How often a condition holds; a sum of truths would be kept in four times the memory."""
    return condition.nullif(False).count()


def _share(condition: ibis.expr.types.BooleanValue, count: ibis.expr.types.IntegerScalar) -> ibis.Value:
    return _count(condition) / count.nullif(0)


def _days_to(end: dt.date, moment: ibis.expr.types.TimestampValue) -> ibis.Value:
    """Whole calendar days; an order on the day before ``end`` gives 1."""
    seconds = ibis.timestamp(pd.Timestamp(end)).epoch_seconds() - moment.truncate("D").epoch_seconds()
    return seconds / 86_400


def _discounted(sales: ibis.Table) -> ibis.expr.types.BooleanValue:
    """A discount was given; without such a column, the line cost at least half a cent less than its list price."""
    if "discount" in sales.columns:
        return (sales.discount != 0).fill_null(False)
    return (sales.list_price * sales.quantity.abs() - sales.amount.abs() > 0.005).fill_null(False)


def _memberships(column: ibis.expr.types.StringValue, groups: dict[str, tuple[str, ...]]) -> dict[str, ibis.Value]:
    """Slug to the condition that a value belongs to it; ``other`` is everything known that is not listed."""
    listed = [value for values in groups.values() for value in values]
    belongs = {slug: column.isin(values) if values else column.notin(listed) for slug, values in groups.items()}
    return {slug: condition.fill_null(False) for slug, condition in belongs.items()}


def _moments(at: ibis.expr.types.TimestampColumn, count: ibis.Value, clock: bool) -> dict[str, ibis.Value]:
    shares = {f"{day}_share": _share(at.day_of_week.index() == i, count) for i, day in enumerate(DAYS)}
    if clock:
        for name, (first, end) in HOURS.items():
            shares[f"{name}_share"] = _share((at.hour() >= first) & (at.hour() < end), count)
    return shares


def _units(orders: ibis.Table, count: ibis.Value, vocabulary: Vocabulary) -> dict[str, ibis.Value]:
    if "units" not in orders.columns:
        return {}
    units = orders.units.sum() / MILLION
    return {"units": units, "basket_size": units / count.nullif(0)}


def _channels(orders: ibis.Table, count: ibis.Value, vocabulary: Vocabulary) -> dict[str, ibis.Value]:
    if "channel" not in orders.columns:
        return {}
    groups = _memberships(orders.channel, vocabulary.channels)
    return {f"channel_{slug}_share": _share(belongs, count) for slug, belongs in groups.items()}


def _discounts(orders: ibis.Table, count: ibis.Value, vocabulary: Vocabulary) -> dict[str, ibis.Value]:
    columns = {}
    if "discount_lines" in orders.columns:
        columns["discount_lines"] = orders.discount_lines.sum()
        columns["discount_share"] = columns["discount_lines"] / orders.lines.sum().nullif(0)
    if "coupon" in orders.columns:
        columns |= {"coupon_orders": _count(orders.coupon), "coupon_share": _share(orders.coupon, count)}
    return columns


def _returns(orders: ibis.Table, count: ibis.Value, vocabulary: Vocabulary) -> dict[str, ibis.Value]:
    returned = orders.return_lines.sum()
    return {"return_lines": returned, "return_share": returned / (orders.lines.sum() + returned)}


def _margin(orders: ibis.Table, count: ibis.Value, vocabulary: Vocabulary) -> dict[str, ibis.Value]:
    if "cost" not in orders.columns:
        return {}
    margin = (orders.amount.sum() - orders.returned.sum() - orders.cost.sum()) / MILLION
    return {"margin": ibis.ifelse(orders.unknown_cost.any(), None, margin)}


def read_vocabulary(engine: ibis.BaseBackend, sales: ibis.Table, start: dt.date, end: dt.date) -> Vocabulary:
    """The largest channels (by lines) and categories (by money) of [start, end), and whether orders have a time."""
    lines = within(sales, start, end)
    largest = {
        name: _largest(engine, lines, name, size) if name in lines.columns else {}
        for name, size in (("channel", lines.ordered_at.count()), ("category", _millionths(lines.amount.abs()).sum()))
    }
    clock = (lines.ordered_at != lines.ordered_at.truncate("D")).any().fill_null(False)
    return Vocabulary(largest["channel"], largest["category"], engine.to_pyarrow(clock).as_py())


def _largest(engine: ibis.BaseBackend, lines: ibis.Table, name: str, size: ibis.Value) -> dict[str, tuple[str, ...]]:
    """The largest values of a column as slug -> spellings, and ``other`` where there are more of them."""
    sizes = lines.filter(lines[name].notnull()).group_by(value=lines[name]).aggregate(size=size)
    top = engine.to_pyarrow(sizes.order_by(ibis.desc("size"), "value").limit(1000)).to_pandas()
    groups: dict[str, list[str]] = {}
    for value in top["value"]:
        groups.setdefault(slug_of(value), []).append(value)
    named = [slug for slug in groups if slug != "other"][:LARGEST]
    rest = {"other": ()} if len(groups) > len(named) else {}
    return {slug: tuple(sorted(groups[slug])) for slug in named} | rest


def slug_of(name: str) -> str:
    """``"Интернет магазин!"`` as ``"интернет_магазин"``: letters and digits of any script, the rest underscores."""
    slug = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name).casefold()).strip("_")
    return slug or "_".join(f"{ord(sign):x}" for sign in name)
