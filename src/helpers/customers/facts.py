"""What an order, a line, a return, a discount, a coupon and a complaint are: said here once, and asked everywhere.

Each is one Ibis expression, so that the engine may change and the answer does not. Money and units are whole millionths
in floating point, whose sums are exact up to 2**53: they depend neither on threads nor on the order of rows.
"""

from __future__ import annotations

import datetime as dt
import functools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb
import ibis
import pandas as pd
import pyarrow as pa

from helpers.contracts import StudyError
from helpers.study import Engine

MILLION = 1e6
HALF_A_CENT = 0.005
ONE_MACHINE = Engine()
NO_COUPON = ("", "-", "0", "no", "none", "false", "нет")
"""What exports write into a coupon column when no coupon was used."""


# --- a line ------------------------------------------------------------------------------------------------------


def returned(lines: ibis.Table) -> ibis.expr.types.BooleanValue:
    """A line that takes something back: its amount or quantity is negative, or it is marked as a return."""
    back = (lines.amount < 0).fill_null(False)
    if "quantity" in lines.columns:
        back |= (lines.quantity < 0).fill_null(False)
    if "is_return" in lines.columns:
        back |= lines.is_return.fill_null(False)
    return back


def discounted(lines: ibis.Table) -> ibis.expr.types.BooleanValue | None:
    """A line on which a discount was given, whatever sign the file writes it with; None where no column tells.

    Without a discount column, one that cost at least half a cent less than its list price.
    """
    if "discount" in lines.columns:
        return (lines.discount != 0).fill_null(False)
    if {"list_price", "quantity"} <= set(lines.columns):
        return (lines.list_price * lines.quantity.abs() - lines.amount.abs() > HALF_A_CENT).fill_null(False)
    return None


def with_coupon(lines: ibis.Table) -> ibis.expr.types.BooleanValue | None:
    """A line with a coupon that is one; None where the file knows no coupons."""
    if "coupon" not in lines.columns:
        return None
    return ~lines.coupon.cast("string").strip().lower().fill_null("").isin(NO_COUPON)


def gain(lines: ibis.Table) -> ibis.expr.types.FloatingValue | None:
    """What a line leaves after the cost of goods, in millionths: a return gives its money, and its goods come back."""
    if "unit_cost" not in lines.columns:
        return None
    cost = lines.unit_cost * (lines.quantity.abs() if "quantity" in lines.columns else 1)
    left = millionths(lines.amount.abs()) - millionths(cost)
    return ibis.ifelse(returned(lines), -left, left)


# --- an order ----------------------------------------------------------------------------------------------------


def purchase_orders(lines: ibis.Table) -> ibis.Table:
    """Order lines to purchase orders: one row per customer and order_id, returned lines left out.

    Columns: customer_id, order_id, ordered_at (first line), lines (count), amount (millionths), and where the source
    column is there units (millionths), channel (of several the first in the alphabet), discounted (bool: a line of it
    was), coupon (bool).
    """
    bought = lines.filter(~returned(lines))
    columns = {
        "ordered_at": bought.ordered_at.min(),
        "lines": bought.count(),
        "amount": millionths(bought.amount).sum(),
    }
    if "quantity" in lines.columns:
        columns["units"] = millionths(bought.quantity).sum().fill_null(0)
    if "channel" in lines.columns:
        columns["channel"] = bought.channel.min()
    for name, fact in (("discounted", discounted(bought)), ("coupon", with_coupon(bought))):
        if fact is not None:
            columns[name] = fact.any()
    return bought.group_by("customer_id", "order_id").aggregate(**columns)


# --- a contact ---------------------------------------------------------------------------------------------------


def of_kind(service: ibis.Table, kind: str) -> ibis.expr.types.BooleanValue:
    """A contact of a kind (complaint, return, review), however it is typed."""
    return (service.kind.cast("string").strip().lower() == kind).fill_null(False)


# --- a period ----------------------------------------------------------------------------------------------------


def within(table: ibis.Table, column: str, start: dt.date, end: dt.date) -> ibis.Table:
    """The rows of [start, end)."""
    return table.filter(table[column] >= pd.Timestamp(start), table[column] < pd.Timestamp(end))


# --- the engine --------------------------------------------------------------------------------------------------


@ibis.udf.scalar.builtin(name="round")
def _whole(value: float) -> float:
    """The engine's own rounding; what Ibis calls round makes an int64 of it, too small for a slip of the keyboard."""


def millionths(value: ibis.expr.types.NumericValue) -> ibis.expr.types.FloatingValue:
    """Money or units as whole millionths."""
    return _whole(value * MILLION)


def look_for(limits: Engine) -> None:
    """Raises DataError where the engine's own programs are not on this machine; it is not started."""
    if limits.name == "spark":
        from helpers.customers.spark_engine import java

        java()


@contextmanager
def engine(limits: Engine = ONE_MACHINE) -> Iterator[ibis.BaseBackend]:
    """DuckDB in memory, spilling beyond ``memory_limit`` into a folder that goes away; or Spark, where that is named.

    Raises StudyError where even that is not enough, DataError for a Spark that is not here or does not answer.
    """
    if limits.name == "spark":
        from helpers.customers.spark_engine import spark

        with spark() as backend:
            yield backend
        return
    memory_limit = limits.memory_limit
    with tempfile.TemporaryDirectory() as spill:
        backend = ibis.duckdb.connect(memory_limit=memory_limit, temp_directory=spill)
        try:
            yield backend
        except duckdb.OutOfMemoryException:
            raise StudyError(
                f"engine: memory_limit: {memory_limit} is too little for these tables; give more, such as 4GB"
            ) from None
        finally:
            backend.disconnect()


@functools.cache
def _standing() -> ibis.BaseBackend:
    """An engine that stands for the many small questions of a process: to start one takes longer than to ask it."""
    return ibis.duckdb.connect()


def as_table(frame: pd.DataFrame) -> ibis.Table:
    """A frame as the engine sees it: NaN becomes null."""
    return ibis.memtable(pa.Table.from_pandas(frame, preserve_index=False))


def asked(frame: pd.DataFrame, *facts: Callable[[ibis.Table], ibis.Value]) -> list[pd.Series]:
    """Facts of the rows of a frame, in their order: ``asked(sales, returned, with_coupon)``."""
    place = "row of the frame"
    table = as_table(frame.assign(**{place: range(len(frame))}))
    columns = {f"fact {i}": fact(table) for i, fact in enumerate(facts)}
    found = _standing().to_pyarrow(table.select(place, **columns).order_by(place)).to_pandas()
    return [found[name].set_axis(frame.index) for name in columns]
