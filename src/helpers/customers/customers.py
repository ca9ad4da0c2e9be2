"""One row per customer: recency, frequency, spend, baskets, moments, channels, discounts, returns, margin.

The numbers are the one expression of ``features.py``, run twice: before ``holdout_from`` and after it.
"""

from __future__ import annotations

import datetime as dt
import inspect
from dataclasses import dataclass, field

import ibis
import numpy as np
import pandas as pd

from helpers.columns import DAYS, FEATURES
from helpers.contracts import DataError, StudyError
from helpers.customers.facts import MILLION, as_table, engine, purchase_orders
from helpers.customers.features import Vocabulary, feature_expression, read_vocabulary, service_expression
from helpers.own import called, own_of
from helpers.read.load import LoadedTables
from helpers.small_cells import rounded, shown
from helpers.sources import TableSource
from helpers.study import Study
from helpers.words import say

WITHOUT = "customers without an order"


@dataclass(frozen=True)
class Period:
    """The window with nothing left open: personas from [start, holdout_from), tests from [holdout_from, as_of]."""

    start: dt.date
    holdout_from: dt.date
    as_of: dt.date

    @property
    def end(self) -> pd.Timestamp:
        """The first moment after ``as_of``."""
        return pd.Timestamp(self.as_of) + pd.Timedelta(days=1)


@dataclass(frozen=True)
class Customers:
    """Customer features, and the held-out part that persona making never sees.

    An order is one ``order_id`` of one customer with at least one line that is not a return. A return is a line of its
    own: marked ``is_return``, or with a negative quantity or amount; returned goods are taken back at their cost.

    features : one row per customer with an order in [start, holdout_from), sorted by customer_id (str). Columns: those
        rows of ``columns.FEATURES`` whose source column is there. Counts are without returns; spend is money, returns
        not subtracted; recency and tenure run in days from the last and the first order to holdout_from; parts of the
        day are absent where the file has dates only; shares are of orders, those of categories of spend, of discounts
        and returns of lines; margin is spend - returned - cost of goods kept, NaN where a line's unit_cost is not
        known; complaints and service_cost want a service table.
    held_out : one row per customer of ``features``: the same columns after holdout_from (counts and money are 0 for
        nobody seen, shares NaN), and ``churned`` (no order after holdout_from).
    profile : one row per customer of the customers table and of features: customer_id and its attributes
        (age in years at as_of, sex, country, location, language, job_role, acquisition_channel, ...).
    no_order : customer_ids (sorted) that are known but have no order in [start, holdout_from).
    newcomers : those of ``no_order`` who have ordered since, in [holdout_from, as_of].
    own : customer_id of ``features`` and a column for each feature of the study's own.
    """

    period: Period
    features: pd.DataFrame
    held_out: pd.DataFrame
    profile: pd.DataFrame
    no_order: tuple[str, ...]
    newcomers: tuple[str, ...] = ()
    own: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"customer_id": pd.Series(dtype="str")}))


@dataclass(frozen=True)
class Today:
    """Customers by all that is known at ``as_of``: for placing them, never for making or testing personas.

    features : the columns of ``Customers.features`` over [start, as_of], one row per customer with an order in it;
    recency and tenure run to the day after ``as_of``. no_order : customer_ids (sorted) that are known and have none.
    """

    features: pd.DataFrame
    no_order: tuple[str, ...]


def build_customers(tables: LoadedTables, study: Study) -> Customers | None:
    """Compute every customer's features; None in a study without sales.

    Raises DataError when the window before or after ``holdout_from`` holds no orders, StudyError when the window's
    days are out of order.
    """
    if study.tables.sales is None:
        if own_of(study).features:
            raise StudyError(f"{study.path}: own: FEATURES are computed of orders, and the study has no sales")
        return None
    sales, source = tables.frames["sales"], study.tables.sales
    period = resolve_period(sales["ordered_at"], study)
    after = period.end.date()
    with engine(study.engine) as backend:
        lines = as_table(sales)
        vocabulary = read_vocabulary(backend, lines, period.start, period.holdout_from, study.privacy.min_cell)
        service = tables.frames.get("service")
        before_split, after_split = (
            measure(backend, lines, service, start, end, vocabulary)
            for start, end in ((period.start, period.holdout_from), (period.holdout_from, after))
        )
    features = before_split[before_split["orders"] > 0].reset_index(drop=True)
    _refuse_empty(features, source, period.start, period.holdout_from - dt.timedelta(days=1))
    _refuse_empty(after_split[after_split["orders"] > 0], source, period.holdout_from, period.as_of)
    profile = _profile(tables.frames.get("customers"), features["customer_id"], study, period.as_of)
    seen = sales.loc[sales["ordered_at"].between(pd.Timestamp(period.start), pd.Timestamp(after), inclusive="left")]
    waiting = {*profile["customer_id"], *seen["customer_id"].unique()} - set(features["customer_id"])
    since = waiting & set(after_split.loc[after_split["orders"] > 0, "customer_id"])
    held_out = _held_out(features, after_split)
    own = _own_columns(sales, profile, features["customer_id"], period, study)
    return Customers(period, features, held_out, profile, tuple(sorted(waiting)), tuple(sorted(since)), own)


def as_of_today(tables: LoadedTables, customers: Customers | None, study: Study) -> Today | None:
    """Everybody of ``customers`` by all orders up to ``as_of``; channels and categories are those of the personas."""
    if customers is None:
        return None
    period = customers.period
    with engine(study.engine) as backend:
        lines = as_table(tables.frames["sales"])
        vocabulary = read_vocabulary(backend, lines, period.start, period.holdout_from, study.privacy.min_cell)
        service = tables.frames.get("service")
        found = measure(backend, lines, service, period.start, period.end.date(), vocabulary)
    features = found[found["orders"] > 0].reset_index(drop=True)
    everybody = {*customers.features["customer_id"], *customers.no_order}
    return Today(features, tuple(sorted(everybody - set(features["customer_id"]))))


def resolve_period(ordered_at: pd.Series, study: Study) -> Period:
    """The study's window; what is left open becomes first order date, last fifth of the days, last order date."""
    window = study.window
    start = window.start or ordered_at.min().date()
    as_of = window.as_of or ordered_at.max().date()
    days = (as_of - start).days + 1
    holdout_from = window.holdout_from or as_of + dt.timedelta(days=1 - max(1, days // 5))
    if not start < holdout_from <= as_of:
        named = {"start": start, "holdout_from": holdout_from, "as_of": as_of}
        named |= {"first": ordered_at.min().date(), "last": ordered_at.max().date()}
        told = {name: day.isoformat() for name, day in named.items()}
        text = say("customers.refused.window", path=study.path, sales=study.tables.sales.shown, **told)
        raise (StudyError if window.start or window.holdout_from or window.as_of else DataError)(text)
    return Period(start, holdout_from, as_of)


# --- running it --------------------------------------------------------------------------------------------------


def measure(
    backend: ibis.BaseBackend,
    lines: ibis.Table,
    service: pd.DataFrame | None,
    start: dt.date,
    end: dt.date,
    vocabulary: Vocabulary,
) -> pd.DataFrame:
    """Features of one period with what the service table adds, sorted by customer_id."""
    frame = backend.to_pyarrow(feature_expression(lines, start, end, vocabulary)).to_pandas()
    if service is not None:
        contacts = backend.to_pyarrow(service_expression(as_table(service), start, end)).to_pandas()
        frame = frame.merge(contacts, on="customer_id", how="outer")
        frame = _zero_where_unseen(frame)
    frame["customer_id"] = frame["customer_id"].astype("str")
    return frame.sort_values("customer_id", ignore_index=True)


def _zero_where_unseen(frame: pd.DataFrame) -> pd.DataFrame:
    """Fill counts and money with 0; what was counted stays a whole number."""
    present = [row for row in FEATURES if row.zero and row.name in frame]
    frame = frame.fillna({row.name: 0 for row in present})
    return frame.astype({row.name: "int64" for row in present if row.unit == "count" and not row.fractional})


def _held_out(features: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The later period for the customers of ``features``; 0 and ``churned`` for those not seen again."""
    frame = features[["customer_id"]].merge(after, on="customer_id", how="left")
    if "margin" in frame:
        unseen = ~frame["customer_id"].isin(after.loc[(after["orders"] + after["return_lines"]) > 0, "customer_id"])
        frame["margin"] = frame["margin"].mask(unseen, 0.0)
    frame = _zero_where_unseen(frame)
    return frame.assign(churned=frame["orders"] == 0)


def _refuse_empty(frame: pd.DataFrame, source: TableSource, first: dt.date, last: dt.date) -> None:
    if frame.empty:
        told = {"path": source.shown, "first": first.isoformat(), "last": last.isoformat()}
        raise DataError(say("customers.refused.no_orders", **told))


def _profile(customers: pd.DataFrame | None, buyers: pd.Series, study: Study, as_of: dt.date) -> pd.DataFrame:
    """Attributes of everybody known; age in whole years at ``as_of``, the key of the survey left out."""
    if customers is None:
        return buyers.to_frame()
    profile = customers.copy()
    if "birth_year" in profile:
        age = as_of.year - profile["birth_year"]
        profile["age"] = profile["age"].fillna(age) if "age" in profile else age
    keys = study.tables.survey.join_by if study.tables.survey else ()
    profile = profile.drop(
        columns=[name for name in ("birth_year", *keys) if name in profile and name != "customer_id"]
    )
    everybody = profile.merge(buyers.to_frame(), on="customer_id", how="outer")
    return everybody.sort_values("customer_id", ignore_index=True)


def _own_columns(
    sales: pd.DataFrame, profile: pd.DataFrame, people: pd.Series, period: Period, study: Study
) -> pd.DataFrame:
    """The features of the study's own, of what was known before ``holdout_from``; missing for those it says nothing of.

    Raises StudyError for a function that fails, or returns no numbers by customer_id.
    """
    frame, wanted = people.to_frame(), own_of(study).features
    if not wanted:
        return frame
    days = pd.Timestamp(period.start), pd.Timestamp(period.holdout_from)
    lines = sales[sales["ordered_at"].between(*days, inclusive="left")].reset_index(drop=True)
    known = {"orders": orders_of(lines), "lines": lines, "customers": profile}
    for one in wanted:
        asked = list(inspect.signature(one.made).parameters)
        if unknown := [name for name in asked if name not in known]:
            raise StudyError(f"{study.own}: {one.name}: its function may name {', '.join(known)}, not {unknown[0]!r}")
        made = called(study, one.made, **{name: known[name].copy() for name in asked})
        if not isinstance(made, pd.Series) or not pd.api.types.is_numeric_dtype(made) or not made.index.is_unique:
            raise StudyError(
                f"{study.own}: {one.name}: its function must return a Series of numbers, one a customer_id"
            )
        values = made.astype(float).replace([np.inf, -np.inf], np.nan)
        values.index = values.index.astype("str")
        frame[one.name] = values.reindex(people.astype("str")).to_numpy()
        if frame[one.name].isna().all():
            raise StudyError(f"{study.own}: {one.name}: none of the customers has a value; is its index customer_id?")
    return frame


# --- other views of the same orders ------------------------------------------------------------------------------


def orders(tables: LoadedTables, before: dt.date | None = None) -> pd.DataFrame:
    """The purchase orders of the sales, as `orders_of` has them: all, or those placed before a day."""
    frame = orders_of(tables.frames["sales"])
    return frame if before is None else frame[frame["ordered_at"] < pd.Timestamp(before)].reset_index(drop=True)


def orders_of(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per purchase order, sorted by customer_id and order_id.

    Columns: customer_id, order_id, ordered_at, amount (money, returns not subtracted), lines (count), and where their
    source is there units, channel, discounted (bool: a line of it was), coupon (bool).
    """
    with engine() as backend:
        table = purchase_orders(as_table(lines))
        money = {name: table[name] / MILLION for name in ("amount", "units") if name in table.columns}
        frame = backend.to_pyarrow(table.mutate(**money)).to_pandas()
    named = ["customer_id", "order_id", "ordered_at", "amount", "lines", "units", "channel", "discounted", "coupon"]
    return frame[[name for name in named if name in frame]].sort_values(["customer_id", "order_id"], ignore_index=True)


def customers_summary(customers: Customers, min_cell: int = 10, top: float = 0.2) -> pd.DataFrame:
    """What the customers of the window add up to: measure, value (counts, money, shares from 0 to 1).

    The ends of the spend thresholds are means of the ``min_cell`` customers there, since one customer's spend is not
    to be shown; NaN with fewer customers than that. ``top`` is the part of the customers who spend most whose share is
    told.
    """
    features = customers.features
    spend = features["spend"].sort_values(ignore_index=True)
    enough, without = len(spend) >= min_cell, len(customers.no_order)
    part = "fifth" if top == 0.2 else f"{top:.3g}"
    rows = {
        "customers": len(features),
        f"{WITHOUT} before {customers.period.holdout_from}": without if shown(without, min_cell) else None,
        "orders": rounded(features["orders"].sum(), features["orders"], min_cell) if enough else None,
        "spend, all customers": rounded(spend.sum(), spend, min_cell) if enough else None,
        f"spend per customer, mean of the {min_cell} lowest": spend.head(min_cell).mean() if enough else None,
        "spend per customer, lower quarter": spend.quantile(0.25) if enough else None,
        "spend per customer, median": spend.median() if enough else None,
        "spend per customer, upper quarter": spend.quantile(0.75) if enough else None,
        f"spend per customer, mean of the {min_cell} highest": spend.tail(min_cell).mean() if enough else None,
        "orders per customer, mean": features["orders"].mean(),
        "share of customers with one order": (features["orders"] == 1).mean(),
        "share of orders with a single item": (features["single_item_share"] * features["orders"]).sum()
        / features["orders"].sum(),
        f"share of spend from the top {part} of customers": spend.tail(round(len(spend) * top)).sum() / spend.sum(),
    }
    for name, label in (("return_lines", "return lines per order"), ("margin", "margin, customers with known costs")):
        if name in features:
            total = features[name].sum()
            lines = name == "return_lines"
            rows[label] = total / features["orders"].sum() if lines else rounded(total, features[name], min_cell)
    return pd.DataFrame({"measure": list(rows), "value": pd.array(list(rows.values()), dtype="float64")})


def weekday_hour(orders: pd.DataFrame) -> pd.DataFrame:
    """Orders counted by weekday (rows, Monday to Sunday) and hour (columns ``00`` .. ``23``).

    Where the file has dates only, the one column is ``all day``.
    """
    at = orders["ordered_at"]
    has_time = (at != at.dt.normalize()).any()
    columns = [f"{hour:02d}" for hour in range(24)] if has_time else ["all day"]
    hour = at.dt.strftime("%H") if has_time else pd.Series("all day", index=at.index)
    counts = pd.crosstab(at.dt.day_of_week, hour).reindex(index=range(7), columns=columns, fill_value=0)
    return counts.set_axis([day.capitalize() for day in DAYS], axis=0).rename_axis(index="weekday", columns="hour")
