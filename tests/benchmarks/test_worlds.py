"""Every world in small: judged as the suite judges, with its truth; and verdicts that changed or must not change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import worlds
from worlds import shops, surveys


def made(name: str, n: int, seed: int = 0) -> worlds.Base:
    return worlds.every()[name].make(np.random.default_rng(seed), n)


def test_worlds_of_every_kind_are_found_by_their_place_and_tell_their_truth():
    kinds = {world.kind for world in worlds.every().values()}
    assert kinds >= {"shops", "surveys", "shapes", "answered_shops"}
    assert all(len(world.told) > 20 and world.types in (0, 2, 3, 4, 5) for world in worlds.every().values())


@pytest.mark.parametrize("name", worlds.every())
def test_a_world_can_be_judged_and_holds_the_types_that_it_states(name):
    world, base = worlds.every()[name], made(name, 150)
    assert (base.truth is None) == (world.types == 0)
    if world.types:
        assert len(np.unique(base.truth)) == world.types
    gate, truth = worlds.gate_of(base, 1, bootstrap=2, draws=1)
    if gate is None:  # half of the customers ordered once, and too few are left
        assert name in ("pareto_spend", "continuum_answered", "response_by_type", "said_yes_to_all")
    else:
        assert (truth is None) == (world.types == 0)
        assert len(gate.rows) <= 150


def test_the_same_customers_order_in_the_half_year_after_as_they_did_before():
    base = made("three_types", 400)
    lines = pd.concat({"now": base.sales, "later": base.later}, names=["when"]).reset_index("when")
    orders = lines.drop_duplicates(["when", "order_id"])
    used = (
        (orders["coupon"] != "").groupby([orders["customer_id"].str[1:].astype(int), orders["when"]]).mean().unstack()
    )
    by_type = used.groupby(base.truth[used.index]).mean()
    assert (by_type["now"] - by_type["later"]).abs().max() < 0.08
    assert by_type.loc[1, "later"] > by_type.loc[0, "later"] + 0.4
    assert base.later["ordered_at"].min() >= shops.START + np.timedelta64(shops.DAYS, "D")


def test_the_restaurant_has_240_guests_who_dislike_it():
    base = made("restaurant", 1453)
    assert np.bincount(base.truth).tolist() == list(surveys.GUESTS)
    disgusting = (base.answers["disgusting"] == "Yes").groupby(base.truth).mean()
    assert disgusting.round(1).tolist() == [0.1, 0.1, 0.3, 0.8]


def test_a_coupon_continuum_that_was_natural_is_no_longer_so_and_three_types_are():
    """By the valley and its null alone the first set of the continuum has three kinds of customer."""
    gate, _ = worlds.gate_of(made("coupon_continuum", 600, 3), 1, bootstrap=10, draws=19)
    assert gate.table.set_index("k")["repeated_ari"].max() < 0.1
    assert gate.kind != "natural"
    gate, _ = worlds.gate_of(made("three_types_small", 600), 1, bootstrap=10, draws=19)
    assert (gate.kind, gate.k) == ("natural", 3)


def test_the_posterior_of_a_world_of_types_is_right_as_often_as_it_says():
    sure, right = worlds.placed(made("three_types_few_orders", 800), 3, 1)
    assert right[(sure >= 0.8) & (sure < 0.95)].mean() >= 0.78
    assert right[sure >= 0.95].mean() >= 0.93
