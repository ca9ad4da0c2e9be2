"""The same people by their orders of two windows of equal length: what a change of habits is measured on.

A window that has grown holds more orders of everybody, and a season more of them in the one window than in the other.
Neither is a change of the customers, and both would move them into other groups: so windows are of equal length, orders
of the busier one are left out by chance until customers have as many in both, and how long ago somebody bought is
counted by the shop's own clock, which runs as fast as orders come in.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd

from helpers.customers.customers import measure
from helpers.customers.facts import ONE_MACHINE, as_table, engine
from helpers.customers.features import Vocabulary, read_vocabulary
from helpers.study import Engine

CLOCKED = ("recency_days", "tenure_days")
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Windows:
    """Features of two windows of ``days`` each, the day after each, and who is in both from its first half on.

    then, now : one row per customer with an order in the window; columns as in ``Customers.features``. throughout :
    customer_ids of those who had ordered by the middle of each of the two: known for about as long in both, so that no
    newcomer counts. busier : how many times as many orders such a customer made in the later window, which was taken
    out.
    """

    days: int
    then_until: dt.date
    now_until: dt.date
    then: pd.DataFrame
    now: pd.DataFrame
    throughout: tuple[str, ...]
    busier: float


@dataclass(frozen=True)
class Cut:
    """The order lines of two windows before they are measured: all of them, and those that are left of the busier."""

    days: int
    untils: tuple[dt.date, dt.date]
    whole: tuple[pd.DataFrame, pd.DataFrame]
    left: tuple[pd.DataFrame, pd.DataFrame]
    throughout: tuple[str, ...]
    busier: float

    @property
    def starts(self) -> tuple[dt.date, dt.date]:
        """The first days of the two."""
        return self.untils[0] - self.days * DAY, self.untils[1] - self.days * DAY


def equal_windows(
    sales: pd.DataFrame, then_until: dt.date, now_until: dt.date, days: int, limits: Engine = ONE_MACHINE
) -> Windows | None:
    """Two windows of so many days, up to and not including two days; None where the sales do not reach so far back.

    Channels and categories of few customers have columns, too: nothing of them is published, and a model may know them.
    """
    cut = cut_windows(sales, then_until, now_until, days)
    if cut is None:
        return None
    with engine(limits) as backend:
        named = read_vocabulary(backend, as_table(sales), cut.starts[0], now_until, 1)
        found = [
            _features(backend, lines, until - days * DAY, until, named)
            for lines, until in zip(cut.left, cut.untils, strict=True)
        ]
    return measured(cut, *found)


def cut_windows(
    sales: pd.DataFrame, then_until: dt.date, now_until: dt.date, days: int, known: dt.date | None = None
) -> Cut | None:
    """The lines of two windows, as ``equal_windows`` measures them.

    known : the first day that the sales are taken to hold, their first order where it is not told.
    """
    starts = [until - days * DAY for until in (then_until, now_until)]
    if starts[0] < (known or sales["ordered_at"].min().date()) or now_until <= then_until or days < 2:
        return None
    parts = [_within(sales, start, start + days * DAY) for start in starts]
    if min(map(len, parts)) == 0:
        return None
    early = [
        set(part.loc[part["ordered_at"] < pd.Timestamp(start + days // 2 * DAY), "customer_id"])
        for part, start in zip(parts, starts, strict=True)
    ]
    throughout = sorted(early[0] & early[1])
    rates = [part.loc[part["customer_id"].isin(throughout), "order_id"].nunique() for part in parts]
    busier = rates[1] / rates[0] if min(rates) else 1.0
    left = _thinned(parts[0], min(busier, 1.0)), _thinned(parts[1], min(1 / busier, 1.0))
    return Cut(days, (then_until, now_until), (parts[0], parts[1]), left, tuple(throughout), busier)


def measured(cut: Cut, then: pd.DataFrame, now: pd.DataFrame) -> Windows:
    """The windows with the features of the lines that are left, days back by the shop's clock."""
    both = [
        _clocked(features, lines, start, cut.days)
        for features, lines, start in zip((then, now), cut.whole, cut.starts, strict=True)
    ]
    return Windows(cut.days, *cut.untils, *both, cut.throughout, cut.busier)


def _within(sales: pd.DataFrame, start: dt.date, end: dt.date) -> pd.DataFrame:
    return sales[(sales["ordered_at"] >= pd.Timestamp(start)) & (sales["ordered_at"] < pd.Timestamp(end))]


def _thinned(lines: pd.DataFrame, share: float) -> pd.DataFrame:
    """About such a share of the orders: by a hash of their numbers, so that another run leaves out the same ones."""
    if share >= 1:
        return lines
    place = pd.util.hash_pandas_object(lines["order_id"].astype("str"), index=False).to_numpy()
    return lines[place / 2.0**64 < share]


def _features(
    backend: ibis.BaseBackend, lines: pd.DataFrame, start: dt.date, end: dt.date, vocabulary: Vocabulary
) -> pd.DataFrame:
    """One row per customer with an order in the window."""
    frame = measure(backend, as_table(lines), None, start, end, vocabulary)
    return frame[frame["orders"] > 0].reset_index(drop=True)


def _clocked(features: pd.DataFrame, lines: pd.DataFrame, start: dt.date, days: int) -> pd.DataFrame:
    """Days to the end of the window by the shop's clock: as many as there would be if orders came in evenly."""
    placed = (lines["ordered_at"].dt.normalize() - pd.Timestamp(start)).dt.days.to_numpy()
    passed = np.concatenate([[0.0], np.bincount(placed, minlength=days).cumsum()])
    left = days * (1 - passed / passed[-1])  # from the morning of each day to the end
    clock = {
        name: left[(days - features[name].round().clip(0, days)).astype(int)] for name in CLOCKED if name in features
    }
    return features.assign(**clock)
