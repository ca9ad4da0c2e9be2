"""What model.json remembers of its own day: distances, order values, and what moves by chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated import dearer, frozen_model, two_periods

from helpers.since.drift import score
from helpers.types.placing import aligned
from helpers.types.yardsticks import deflated, distances, moves_by_chance, order_values, price_change

RULE = {"transform": "none", "fill": 0.0, "low": -2.0, "high": 2.0, "centre": 0.0, "scale": 1.0}
MODEL = {
    "kind": "mixture",
    "features": [RULE | {"column": "habit"}, RULE | {"column": "spend"}],
    "likert": None,
    "categories": [],
    "classes": {
        "weights": [0.5, 0.5],
        "behaviour": {"means": [[-1.0, 0.0], [1.0, 0.0]], "covariance": [[0.25, 0.0], [0.0, 1.0]]},
    },
    "ids": ["persona-1", "persona-2"],
}
"""Two classes apart by habit (spread .5), alike in spend."""


def buyers(first: int, second: int, orders: tuple[float, float], spend: float = 0.0) -> pd.DataFrame:
    """So many customers with the habit of each class, whose orders are worth so much."""
    sizes = [first, second]
    return pd.DataFrame(
        {
            "habit": np.repeat([-1.0, 1.0], sizes),
            "spend": spend,
            "average_order_value": np.repeat(orders, sizes),
            "orders": 2,
        }
    )


def test_distance_is_in_spreads_of_the_nearest_class_and_knows_no_bound():
    people = pd.DataFrame({"habit": [-1.0, 1.5, 11.0], "spend": [0.0, 0.0, 0.0]})
    assert distances(MODEL, people) == pytest.approx([0.0, 1.0, 20.0])  # 11 is ten beyond 1, twenty spreads of .5
    assert distances({"kind": "tiers"}, people) is None


def test_order_values_are_medians_by_class_told_without_money():
    people = buyers(40, 60, (10.0, 100.0), spend=np.nan)
    found = order_values(MODEL, people, people[[]])
    assert found == [{"median": pytest.approx(np.log(10)), "n": 40}, {"median": pytest.approx(np.log(100)), "n": 60}]
    assert order_values(MODEL, people[11:], people[11:][[]])[0] is None  # 29 of the first class
    assert order_values(MODEL, people.drop(columns="average_order_value"), people[[]]) == []
    assert order_values({"kind": "tiers", "ids": []}, people, people[[]]) == [
        {"median": pytest.approx(4.60517), "n": 100}
    ]


@pytest.mark.parametrize(("sizes", "prices"), [((50, 50), 1.0), ((50, 50), 1.2), ((90, 40), 1.0), ((30, 90), 0.8)])
def test_a_change_of_the_mix_is_not_read_as_one_of_prices(sizes, prices):
    """The second class spends ten times as much, so the median of all moves with the mix."""
    model = MODEL | {"order_values": order_values(MODEL, buyers(50, 50, (10, 100)), pd.DataFrame(index=range(100)))}
    now = buyers(*sizes, (10 * prices, 100 * prices))
    assert price_change(model, now, now[[]]) == pytest.approx(np.log(prices))
    back = deflated(now, np.log(prices))
    assert back["average_order_value"].tolist() == pytest.approx([10.0] * sizes[0] + [100.0] * sizes[1])
    assert back["habit"].equals(now["habit"])


def test_where_no_prices_of_then_are_known_none_are_taken_out():
    now = buyers(50, 50, (20, 200))
    assert price_change(MODEL, now, now[[]]) is None
    assert price_change(MODEL | {"order_values": [None, None]}, now, now[[]]) is None


def test_moves_by_chance_by_hand():
    """Ten people of p = (.8, .2) are labelled a, five of (.1, .9) b, five of (.5, .5) neither, two by a rule.

    Class a holds 8 + .5 + 2.5 = 11 of which 8 are labelled a, .5 b and 2.5 neither; class b 2 + 4.5 + 2.5 = 9. Who is
    labelled a would be again with .8 * 8/11 + .2 * 2/9.
    """
    placed = pd.DataFrame(
        {
            "persona": ["a"] * 10 + ["b"] * 5 + ["unassigned"] * 5 + ["one-order"] * 2,
            "p_a": [0.8] * 10 + [0.1] * 5 + [0.5] * 5 + [np.nan] * 2,
            "p_b": [0.2] * 10 + [0.9] * 5 + [0.5] * 5 + [np.nan] * 2,
        }
    )
    expected = moves_by_chance(placed)
    assert expected.at["a", "a"] == pytest.approx(10 * (0.8 * 8 / 11 + 0.2 * 2 / 9))
    assert expected.at["a", "b"] == pytest.approx(10 * (0.8 * 0.5 / 11 + 0.2 * 4.5 / 9))
    assert expected.at["one-order", "one-order"] == 2
    assert expected.sum(axis=1).tolist() == pytest.approx([10, 5, 2, 5])
    assert expected.sum(axis=0).tolist() == pytest.approx([10, 5, 2, 5])  # chance changes no mix
    certain = placed.assign(p_a=[1.0] * 10 + [0.0] * 5 + [np.nan] * 7, p_b=[0.0] * 10 + [1.0] * 5 + [np.nan] * 7)
    assert np.trace(moves_by_chance(certain)) == 22


@pytest.fixture(scope="module")
def periods():
    then, now = two_periods(1, 600)
    return frozen_model(then, 1), then, now


def test_one_in_a_hundred_lay_outside_then(periods):
    model, then, now = periods
    features, _ = aligned(then[0].features, None)
    assert (distances(model, features) > model["radius"]).sum() == 6
    assert score(model, *then[:2]).placed["outside"].sum() == 6
    assert 0.001 < score(model, *now[:2]).placed["outside"].mean() < 0.03
    assert "outside" not in score(model | {"radius": None}, *then[:2]).placed


def test_today_is_scored_at_the_prices_of_then(periods):
    model, _, now = periods
    plain, dear = score(model, *now[:2]), score(model, *dearer(now, 1.5)[:2])
    assert dear.prices - plain.prices == pytest.approx(np.log(1.5))
    assert plain.prices == pytest.approx(0, abs=0.05)
    pd.testing.assert_series_equal(dear.placed["persona"], plain.placed["persona"])
    old = {name: value for name, value in model.items() if name not in ("radius", "order_values")}
    blind = score(old, *dearer(now, 1.5)[:2])
    assert blind.prices is None
    assert (blind.placed["persona"] != plain.placed["persona"]).mean() > 0.02


def test_columns_that_later_data_no_longer_hold_take_the_median_of_then(periods):
    model, _, now = periods
    lost = next(rule["column"] for rule in model["features"] if rule["column"] != "average_order_value")
    features = now[0].features.drop(columns=lost)
    assert len(score(model, type(now[0])(now[0].period, features, *[None] * 2, ()), now[1]).placed) == 600
