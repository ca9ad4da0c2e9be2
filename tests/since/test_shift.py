"""Who grew and who shrank: two tiers by spend, people who spend more, and what is no change."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.customers.windows import equal_windows
from helpers.since.shift import AT_MOST, QUARTER, YEARLY, earliest, lengths, shift_of, shifts

DAY_0 = pd.Timestamp("2025-01-01")
MODEL = {
    "kind": "tiers",
    "features": [],
    "likert": None,
    "categories": [],
    "tiers": {"table": "customers", "column": "average_order_value", "edges": [30.0]},
    "label_rule": {},
    "ids": ["tier-1", "tier-2"],
    "structural": [{"id": "one-order", "column": "orders", "at_most": 1}],
    "window": {"days": 28},
}
"""Orders of 30 and more are tier 2."""


def a_shop(moved: int = 0, *, days: int = 56, people: int = 200, newcomers: int = 0, seed: int = 1) -> pd.DataFrame:
    """People who order every other day, half of them at 10 and half at 50; of the first, some buy at 50 from day 28
    on. Newcomers come on day 30, and all buy at 50."""
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(people + newcomers):
        for day in range(30 if who >= people else who % 2, days, 2):
            dear = who >= people // 2 or (who < moved and day >= 28)
            rows.append((f"c{who:04d}", f"{who}-{day}", day, (50 if dear else 10) + rng.normal()))
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "day", "amount"])
    frame["ordered_at"] = DAY_0 + pd.to_timedelta(frame.pop("day"), "D")
    return frame.assign(is_return=False)


def on(number: int) -> dt.date:
    return (DAY_0 + pd.Timedelta(days=number)).date()


def test_a_tier_that_grew_is_told_with_its_figures():
    found = shifts(MODEL, a_shop(20), on(27), on(55), 28)
    assert [len(shift.then) for shift in found] == [200]
    grew = found[0].groups.loc["tier-2"]
    assert (grew["then"], grew["now"]) == (0.5, pytest.approx(0.6))
    assert grew["error"] == pytest.approx(np.sqrt(0.1 * 0.9 / 199))
    assert found[0].told.tolist() == [True, True]
    assert found[0].noise["tier-2"] == pytest.approx(3.10 * grew["error"], rel=0.005)  # z of .05 * 28 / 365 / 2


def test_a_change_of_just_the_size_that_matters_is_news():
    grew = shifts(MODEL, a_shop(20), on(27), on(55), 28)[0]
    assert [replace(grew, bar=bar).told.any() for bar in (0.1, 0.1001)] == [True, False]


@pytest.mark.parametrize("moved", [0, 5])
def test_no_change_and_one_under_three_points_are_no_news(moved):
    found = shifts(MODEL, a_shop(moved), on(27), on(55), 28)
    assert found[0].groups.loc["tier-2", "change"] == pytest.approx(moved / 200)
    assert not found[0].told.any()


def test_newcomers_are_apart_and_count_for_nothing():
    found = shifts(MODEL, a_shop(newcomers=200), on(27), on(55), 28)
    assert found[0].groups.loc["tier-2", "change"] == 0
    assert found[0].groups.loc["tier-2", "everybody"] == pytest.approx(0.25)
    assert not found[0].told.any()


def test_a_change_that_everybody_together_contradicts_is_no_news():
    """Twenty of 200 went to tier 2, while 200 newcomers of tier 1 make it smaller."""
    sales = a_shop(20, newcomers=200)
    came = sales["customer_id"] >= "c0200"
    found = shifts(MODEL, sales.assign(amount=sales["amount"].mask(came, 10.0)), on(27), on(55), 28)
    assert found[0].groups.loc["tier-2", "change"] == pytest.approx(0.1)
    assert not found[0].told.any()


LEVELS = [(7, YEARLY * 7 / 365), (1, YEARLY / 365), (0, YEARLY / 365), (365, AT_MOST)]


@pytest.mark.parametrize(("passed", "level"), LEVELS)
def test_a_run_spends_what_has_passed_of_the_years_false_alarms(passed, level):
    windows = equal_windows(a_shop(), on(28), on(56), 28)
    assert shift_of(MODEL, windows, passed).level == pytest.approx(level / 2)  # of two groups


def test_two_lengths_of_window_share_what_a_run_may_spend():
    model = MODEL | {"window": {"days": 140}}
    windows = equal_windows(a_shop(days=280), on(140), on(280), 140)
    assert len(lengths(model)) == 2
    assert shift_of(model, windows, 7).level == pytest.approx(YEARLY * 7 / 365 / 2 / 2)  # two lengths, two groups


def test_a_quarter_is_looked_at_beside_longer_windows():
    assert lengths(MODEL) == [28]
    assert lengths(MODEL | {"window": {"days": 291}}) == [291, QUARTER]
    without = {name: value for name, value in MODEL.items() if name != "window"}
    assert lengths(MODEL | {"kind": "none"}) == lengths(without) == []


def test_tiers_by_money_are_cut_at_half_the_money_in_half_the_time():
    by_spend = {"table": "customers", "column": "spend", "edges": [1000.0]}  # in 56 days; 14 orders of 50 in 28
    model = MODEL | {"tiers": by_spend, "window": {"days": 56}}
    assert shift_of(model, equal_windows(a_shop(), on(28), on(56), 28), 7).groups["then"].tolist() == [0.5, 0.5]


def test_the_earliest_report_counts_whose_window_the_sales_still_hold():
    ends = [on(number).isoformat() for number in (20, 27, 34)]
    since, found = earliest(MODEL, a_shop(20), ends, on(55))
    assert (since, len(found)) == (ends[1], 1)  # the window up to day 20 began before the first order
    assert found[0].level == pytest.approx(YEARLY * 21 / 365 / 2)  # spent since the last run, not since the first
    assert earliest(MODEL, a_shop(20), ends, on(34)) == (None, [])  # a second run on the same day
    assert earliest(MODEL, None, ends, on(55)) == earliest(MODEL, a_shop(), [], on(55)) == (None, [])
