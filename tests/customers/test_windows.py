"""Two windows of equal length: what lies in them, what is left out of the busier, and the shop's own clock."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from helpers.customers.windows import cut_windows, equal_windows

DAY_0 = dt.date(2025, 1, 1)


def on(number: int) -> dt.date:
    return DAY_0 + dt.timedelta(days=number)


def sales(*orders: tuple[str, int]) -> pd.DataFrame:
    """An order of 10 a row: customer and day."""
    rows = [(who, f"o{i}", pd.Timestamp(on(day)), 10.0, False) for i, (who, day) in enumerate(orders)]
    return pd.DataFrame(rows, columns=["customer_id", "order_id", "ordered_at", "amount", "is_return"])


EVEN = [(who, day) for day in range(40) for who in "ab"]
"""Two people who order every day for forty days."""


def test_windows_are_of_equal_length_and_end_where_they_are_asked_to():
    found = equal_windows(sales(*EVEN), on(20), on(40), 20)
    assert (found.days, found.busier) == (20, 1.0)
    assert found.then["orders"].tolist() == found.now["orders"].tolist() == [20, 20]
    assert found.now["recency_days"].tolist() == pytest.approx([1, 1])


@pytest.mark.parametrize(("then", "now", "days"), [(19, 40, 20), (20, 20, 20), (40, 20, 20), (20, 40, 1)])
def test_sales_that_do_not_reach_back_give_no_windows(then, now, days):
    assert equal_windows(sales(*EVEN), on(then), on(now), days) is None


def test_a_newcomer_is_not_compared():
    """c first orders in the second half of the earlier window, d in the later one: neither was there throughout."""
    cut = cut_windows(sales(*EVEN, ("c", 10), ("c", 25), ("d", 25), ("d", 39)), on(20), on(40), 20)
    assert cut.throughout == ("a", "b")
    cut = cut_windows(sales(*EVEN, ("c", 9), ("c", 29)), on(20), on(40), 20)
    assert cut.throughout == ("a", "b", "c")


def test_orders_of_a_season_are_left_out_until_both_windows_have_as_many():
    """Ten people order once a day, and twice from day 30 on."""
    people = [f"p{i}" for i in range(10)]
    orders = [(who, day) for day in (*range(60), *range(30, 60)) for who in people]
    cut = cut_windows(sales(*orders), on(30), on(60), 30)
    assert cut.busier == 2.0
    assert (len(cut.left[0]), len(cut.whole[1])) == (300, 600)
    assert len(cut.left[1]) == pytest.approx(300, abs=40)
    again = cut_windows(sales(*orders), on(30), on(60), 30)
    assert again.left[1]["order_id"].tolist() == cut.left[1]["order_id"].tolist()


def test_days_back_are_counted_by_orders_and_not_by_the_calendar():
    """Of the 40 orders of a window of 20 days 30 come on its last day: whoever bought last on the day before is as far
    back as three quarters of the shop's orders, 15 days."""
    then = [(who, day) for day in range(20) for who in "ab"]
    now = [("a", 20)] * 5 + [("b", 38)] * 5 + [("a", 39)] * 30
    found = equal_windows(sales(*then, *now), on(20), on(40), 20)
    recency = found.now.set_index("customer_id")["recency_days"]
    assert recency["b"] == pytest.approx(20 * 35 / 40)  # from the morning of the day it bought on
    assert recency["a"] == pytest.approx(20 * 30 / 40)
