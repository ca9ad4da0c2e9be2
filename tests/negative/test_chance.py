"""How likely a loss is said to be, against customers whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from shops import PERIOD, sales

from helpers.negative.chance import _each, chance_of_loss, orders_with_margin, rates_of


def shop(margin: np.ndarray, contacts: np.ndarray | None = None, each: float = 40.0) -> tuple[pd.DataFrame, dict]:
    """Customers x orders of 100 each, their margin in money, and how often each customer was served."""
    people, orders = margin.shape
    ids = [f"c{number:05d}" for number in range(people)]
    cells = [(i, k) for i in range(people) for k in range(orders)]
    frames = {"sales": sales([(ids[i], f"{ids[i]}{k}", 5 + k, 1, 100.0, 100 - margin[i, k]) for i, k in cells])}
    served = np.zeros(people, int) if contacts is None else contacts
    if contacts is not None:
        at = pd.Timestamp("2025-02-01")
        frames["service"] = pd.DataFrame(
            {"customer_id": np.repeat(ids, served), "at": at, "kind": "complaint", "cost": each}
        )
    balance = pd.DataFrame(
        {"before_acquisition": margin.sum(axis=1) - each * served, "acquisition_cost": 0.0}, index=ids
    )
    return balance, frames


def test_an_order_is_its_lines_and_what_was_sent_back_of_it():
    lines = sales(
        [
            ("a", "1", 3, 2, 20.0, 6.0),  # margin 8
            ("a", "2", 4, 1, 10.0, 6.0),  # margin 4 ...
            ("a", "2", 9, -1, -10.0, 6.0),  # ... all of it sent back: 0
            ("b", "3", 5, 1, 12.0, 2.0),
            ("b", "back", 6, -1, -12.0, 2.0),  # sent back under a number of its own
        ]
    )
    assert orders_with_margin(lines).to_numpy().tolist() == [
        ["a", 20.0, 8.0],
        ["a", 10.0, 0.0],
        ["b", 12.0, 10.0],
        ["b", 0.0, -10.0],
    ]
    assert orders_with_margin(lines.drop(columns="unit_cost")).empty
    found = rates_of(
        pd.concat([orders_with_margin(lines), pd.DataFrame({"customer_id": ["b"], "value": [12.0], "margin": [4.0]})])
    )
    # b: 10 and 4 of 12 each, and 10 of all 24 given back
    assert found.at["b", "rate"] == pytest.approx(14 / 24 - 10 / 24)
    assert found["orders"].to_dict() == {"a": 2, "b": 2}


def test_where_all_differ_normally_it_is_the_closed_form():
    rng = np.random.default_rng(1)
    truth = rng.normal(8, 10, 3000)
    margin = truth[:, None] + rng.normal(0, 20, (3000, 4))
    chance = chance_of_loss(PERIOD, *shop(margin))
    weight = 100 / (100 + 400 / 4)
    expected = norm.cdf(-(8 + weight * (margin.mean(axis=1) - 8)) / np.sqrt(weight * 100))
    assert np.abs(chance["before_acquisition"] - expected).mean() < 0.03
    flagged = chance["before_acquisition"] >= 0.9
    assert flagged.sum() >= 15
    assert (truth[flagged] < 0).mean() > 0.8


def test_one_dear_complaint_is_bad_luck_and_several_are_not():
    """All bring 5 an order and one order in 50 costs 40; forty customers complain of two orders in three."""
    rng = np.random.default_rng(2)
    heavy = np.arange(800) < 40
    contacts = rng.poisson(np.where(heavy, 2.0, 0.06))
    chance = chance_of_loss(PERIOD, *shop(5 + rng.normal(0, 3, (800, 3)), contacts))["before_acquisition"].to_numpy()
    assert chance[~heavy & (contacts == 1)].max() < 0.8
    assert (5 * 3 - 40 * contacts[contacts == 1] < 0).all()  # though each of them was a loss
    assert chance[heavy & (contacts >= 3)].min() > 0.9


def test_where_all_are_alike_nobody_is_likely_to_lose():
    """One luckless customer in forty had a cost of 40; noise goes with the value of an order."""
    rng = np.random.default_rng(3)
    value = 20 + 30 * rng.pareto(1.5, (600, 3))
    ids = np.repeat([f"c{number:03d}" for number in range(600)], 3)
    margin = value * (0.2 + rng.normal(0, 0.5, (600, 3)))
    rows = zip(ids, range(1800), np.ones(1800), np.ones(1800), value.ravel(), (value - margin).ravel(), strict=True)
    balance = pd.DataFrame({"before_acquisition": margin.sum(axis=1), "acquisition_cost": 0.0}, index=sorted(set(ids)))
    chance = chance_of_loss(PERIOD, balance, {"sales": sales(list(rows))})["before_acquisition"]
    assert (balance["before_acquisition"] < 0).mean() > 0.2
    assert (chance >= 0.8).mean() < 0.005


def test_the_cost_of_winning_has_to_be_repaid():
    rng = np.random.default_rng(4)
    balance, frames = shop(10 + rng.normal(0, 4, (200, 4)))
    balance["acquisition_cost"] = np.where(np.arange(200) < 100, 60.0, 20.0)
    chance = chance_of_loss(PERIOD, balance, frames)
    assert chance["probability"][:100].min() > 0.9
    assert chance["probability"][100:].max() < 0.1
    assert chance["mean"].mean() == pytest.approx(10, abs=0.5)


def test_what_happened_later_is_not_known_before():
    rng = np.random.default_rng(5)
    balance, frames = shop(5 + rng.normal(0, 3, (100, 4)), rng.poisson(0.3, 100))
    early = chance_of_loss(PERIOD, balance, frames, pd.Timestamp("2025-01-08"))
    frames["sales"] = frames["sales"][frames["sales"]["ordered_at"] < "2025-01-08"]
    del frames["service"]  # all in February
    pd.testing.assert_frame_equal(early, chance_of_loss(PERIOD, balance, frames))


def test_without_costs_or_a_second_order_nothing_is_said():
    balance, frames = shop(np.array([[-5.0], [5.0]]))
    assert chance_of_loss(PERIOD, balance, frames).isna().all(axis=None)
    bare = {"sales": frames["sales"].drop(columns="unit_cost")}
    assert chance_of_loss(PERIOD, balance, bare).isna().all(axis=None)


def test_what_a_contact_costs_is_drawn_to_the_mean_of_all():
    contacts = pd.DataFrame({"customer_id": list("aabbcc"), "cost": [10.0, 12.0, 30.0, 28.0, 50.0, 52.0]})
    paid = contacts.groupby("customer_id")["cost"].agg(["size", "sum"]).reindex(list("abcd"), fill_value=0)
    each = _each(contacts, paid)
    assert 11 < each[0] < 12
    assert 50 < each[2] < 51
    assert each[3] == pytest.approx(contacts["cost"].mean())
    alike = _each(contacts.assign(cost=[10.0, 50.0] * 3), paid)
    assert alike.tolist() == pytest.approx([30.0] * 4)
