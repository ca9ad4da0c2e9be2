"""Order lines to one row per customer, as one Ibis expression: the engine may change, the numbers do not.

What Ibis lacks on PySpark (``mode``, ``first`` with an order, ``kurtosis``, timestamp differences) is not used. Sums of
money are exact (``facts``) up to nine billion per customer, 144 billion for amounts in cents.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

import ibis
import pandas as pd

from helpers.columns import DAYPARTS, DAYS, in_order
from helpers.customers.facts import MILLION, discounted, gain, millionths, of_kind, purchase_orders, returned, within

FEW = 100_000
"""Lines among which most channels and categories show that they are many customers'."""
LARGEST = 8
"""Channels and categories with a column of their own; the others share ``other``."""


@dataclass(frozen=True)
class Vocabulary:
    """Which columns the features have: channels and categories as slug -> spellings, and whether orders have a time.

    ``other`` stands for whatever is known and not listed; it has no spellings of its own.
    """

    channels: dict[str, tuple[str, ...]]
    categories: dict[str, tuple[str, ...]]
    clock: bool


def feature_expression(sales: ibis.Table, start: dt.date, end: dt.date, vocabulary: Vocabulary) -> ibis.Table:
    """Order lines of [start, end) to one row per customer; columns as in ``Customers.features``.

    Customers who only returned something have ``orders`` 0. Lines outside the period are filtered out first, so that
    nothing after ``end`` can reach a feature. What lines tell is summed per customer at once, not carried through the
    many orders.
    """
    lines = within(sales, "ordered_at", start, end)
    orders = _since_last(purchase_orders(_numbered(lines, vocabulary)))
    lines = lines.mutate(returned=returned(lines))
    by_line = lines.group_by("customer_id").aggregate(**_of_lines(lines, vocabulary))
    by_order = orders.group_by("customer_id").aggregate(**_of_orders(orders, end, vocabulary))
    both = by_line.left_join(by_order, "customer_id").drop("customer_id_right")
    if "units" in both.columns:
        both = both.mutate(basket_size=both.units / both.orders)
    counts = {name: 0 for name in ("orders", "coupon_orders") if name in both.columns}
    named = [name for name in both.columns if name != "customer_id"]
    return both.fill_null(counts).select("customer_id", *in_order(named))


def _numbers(vocabulary: Vocabulary) -> dict[str, int]:
    """The listed channels' places in the alphabet."""
    return {name: i for i, name in enumerate(sorted(name for names in vocabulary.channels.values() for name in names))}


def _numbered(lines: ibis.Table, vocabulary: Vocabulary) -> ibis.Table:
    """Channels as small numbers, what is not listed last: cheaper to carry through millions of orders than names."""
    if not vocabulary.channels:
        return lines
    numbers = _numbers(vocabulary)
    number = lines.channel.cases(*numbers.items(), else_=len(numbers))
    return lines.mutate(channel=ibis.ifelse(lines.channel.isnull(), None, number))


def _of_lines(lines: ibis.Table, vocabulary: Vocabulary) -> dict[str, ibis.Value]:
    """What the lines of a customer tell; ``returned`` is a column of theirs."""
    returned, bought, money = lines.returned, ~lines.returned, lines.amount.abs()
    count, returns, spend = _count(bought), _count(returned), _sum(money, bought)
    columns = {
        "lines": count,
        "spend": spend,
        "returned": _sum(money, returned),
        "return_lines": returns,
        "return_share": returns / (count + returns),
    }
    if "quantity" in lines.columns:
        columns["units"] = _sum(lines.quantity, bought)
    if (less := discounted(lines)) is not None:
        columns["discount_lines"] = _count(bought & less)
        columns["discount_share"] = columns["discount_lines"] / count.nullif(0)
    if (left := gain(lines)) is not None:
        columns["margin"] = ibis.ifelse(left.isnull().any(), None, left.sum() / MILLION)
    if vocabulary.categories:
        for slug, belongs in _memberships(lines.category, vocabulary.categories).items():
            columns[f"category_{slug}_share"] = _sum(money, bought & belongs) / spend.nullif(0)
    return columns


def _since_last(orders: ibis.Table) -> ibis.Table:
    """Orders with ``days_before``: whole calendar days since the customer's order before it, null for the first."""
    day = orders.ordered_at.truncate("D").epoch_seconds()
    before = day.lag().over(ibis.window(group_by=orders.customer_id, order_by=orders.ordered_at))
    return orders.mutate(days_before=(day - before) / 86_400)


def _of_orders(orders: ibis.Table, end: dt.date, vocabulary: Vocabulary) -> dict[str, ibis.Value]:
    """What the purchase orders of a customer tell."""
    count, at = orders.count(), orders.ordered_at
    values = (orders.amount / MILLION).quantile([0, 0.25, 0.5, 0.75, 1])
    columns = {
        "orders": count,
        "average_order_value": orders.amount.sum() / MILLION / count,
        **{f"order_value_{name}": values[i] for i, name in enumerate(("min", "q25", "median", "q75", "max"))},
        "recency_days": _days_to(end, at.max()),
        "tenure_days": _days_to(end, at.min()),
        "days_between_orders_median": orders.days_before.quantile(0.5),
    }
    shares = {"single_item": orders.lines == 1} | {day: at.day_of_week.index() == i for i, day in enumerate(DAYS)}
    if vocabulary.clock:
        shares |= {part: at.hour() // 6 == begins // 6 for part, begins in DAYPARTS.items()}
    if vocabulary.channels:
        numbers = _numbers(vocabulary)
        groups = {slug: [numbers[name] for name in names] for slug, names in vocabulary.channels.items()}
        shares |= {f"channel_{slug}": belongs for slug, belongs in _memberships(orders.channel, groups).items()}
    if "coupon" in orders.columns:
        columns["coupon_orders"] = _count(orders.coupon)
        shares["coupon"] = orders.coupon
    return columns | {f"{name}_share": _count(condition) / count for name, condition in shares.items()}


def service_expression(service: ibis.Table, start: dt.date, end: dt.date) -> ibis.Table:
    """Contacts received in [start, end) to customer_id, complaints (count) and, where known, service_cost (money)."""
    contacts = within(service, "at", start, end)
    columns = {"complaints": _count(of_kind(contacts, "complaint"))}
    if "cost" in contacts.columns:
        columns["service_cost"] = _sum(contacts.cost)
    return contacts.group_by("customer_id").aggregate(**columns)


def _sum(
    value: ibis.expr.types.NumericValue, where: ibis.expr.types.BooleanValue | bool = True
) -> ibis.expr.types.FloatingScalar:
    return ibis.ifelse(where, millionths(value), 0.0).sum().fill_null(0) / MILLION


def _count(condition: ibis.expr.types.BooleanValue) -> ibis.expr.types.IntegerScalar:
    """How often a condition holds; a sum of truths would be kept in four times the memory."""
    return ibis.ifelse(condition, 1, None).count()


def _days_to(end: dt.date, moment: ibis.expr.types.TimestampValue) -> ibis.Value:
    """Whole calendar days; an order on the day before ``end`` gives 1."""
    seconds = ibis.timestamp(pd.Timestamp(end)).epoch_seconds() - moment.truncate("D").epoch_seconds()
    return seconds / 86_400


def _memberships(column: ibis.Value, groups: dict[str, Collection]) -> dict[str, ibis.Value]:
    """Slug to the condition that a value belongs to it; ``other`` is everything known that is not listed."""
    listed = [value for values in groups.values() for value in values]
    belongs = {slug: column.isin(values) if values else column.notin(listed) for slug, values in groups.items()}
    return {slug: condition.fill_null(False) for slug, condition in belongs.items()}


def read_vocabulary(
    engine: ibis.BaseBackend, sales: ibis.Table, start: dt.date, end: dt.date, least: int
) -> Vocabulary:
    """The largest channels (by lines) and categories (by money) of [start, end) among those of ``least`` customers or
    more, and whether orders have a time."""
    lines = within(sales, "ordered_at", start, end)
    largest = {
        name: _largest(engine, lines, name, size, least) if name in lines.columns else {}
        for name, size in (("channel", lines.ordered_at.count()), ("category", millionths(lines.amount.abs()).sum()))
    }
    timed = lines.filter(lines.ordered_at != lines.ordered_at.truncate("D")).limit(1).count()
    return Vocabulary(largest["channel"], largest["category"], engine.to_pyarrow(timed).as_py() > 0)


def _largest(
    engine: ibis.BaseBackend, lines: ibis.Table, name: str, size: ibis.Value, least: int
) -> dict[str, tuple[str, ...]]:
    """The largest values of a column as slug -> spellings, and ``other`` where there are more of them."""
    known = lines.filter(lines[name].notnull()).group_by(value=lines[name])
    top = engine.to_pyarrow(known.aggregate(size=size).order_by(ibis.desc("size"), "value").limit(1000))
    values = top.column("value").to_pylist()
    enough = _of_enough(engine, lines, name, values, least)
    groups: dict[str, list[str]] = {}
    for value in values:
        groups.setdefault(slug_of(value), []).append(value)
    told = [slug for slug, names in groups.items() if not enough.isdisjoint(names)]
    named = [slug for slug in told if slug != "other"][:LARGEST]
    rest = {"other": ()} if named and len(groups) > len(named) else {}
    return {slug: tuple(sorted(groups[slug])) for slug in named} | rest


def _of_enough(engine: ibis.BaseBackend, lines: ibis.Table, name: str, values: list[str], least: int) -> set[str]:
    """The values that ``least`` customers or more have: most show it in a few lines, the others are counted in all."""
    enough: set[str] = set()
    for part in (lines.limit(FEW), lines):
        if left := [value for value in values if value not in enough]:
            among = part.filter(part[name].isin(left))
            people = among.group_by(value=among[name]).aggregate(people=among.customer_id.nunique())
            enough.update(engine.to_pyarrow(people.filter(people.people >= least)).column("value").to_pylist())
    return enough


def slug_of(name: str) -> str:
    """``"Интернет магазин!"`` as ``"интернет_магазин"``: letters and digits of any script, the rest underscores."""
    slug = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name).casefold()).strip("_")
    return slug or "_".join(f"{ord(sign):x}" for sign in name)
