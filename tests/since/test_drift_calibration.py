"""How often drift is seen where there is none, and where there is some: pairs of periods of the same customers."""

from __future__ import annotations

import numpy as np
import pytest
from simulated import dearer, drift_between, frozen_model, two_periods, with_changed_kind

from helpers.types.placing import everybody

PAIRS = 40
FEWER = 20
"""Pairs for the questions whose answer is not close."""


@pytest.fixture(scope="module")
def pairs():
    drawn = [two_periods(seed, 500) for seed in range(PAIRS)]
    return [(frozen_model(then, seed), then, now) for seed, (then, now) in enumerate(drawn)]


@pytest.fixture(scope="module")
def stable(pairs):
    return [drift_between(*pair) for pair in pairs]


def test_at_most_one_stable_pair_in_twenty_raises_an_alert(stable):
    assert sum(drift.alert for drift in stable) <= 0.05 * PAIRS


def test_dearer_prices_raise_no_alert_unless_they_are_left_in(pairs):
    """All prices double; a model without the order values of then cannot take that out."""
    dear = [(model, then, dearer(now, 2.0)) for model, then, now in pairs[:FEWER]]
    drifts = [drift_between(*pair) for pair in dear]
    assert sum(drift.alert for drift in drifts) <= 0.05 * FEWER
    assert np.mean([drift.prices for drift in drifts]) == pytest.approx(1.0, abs=0.05)
    assert "drift.prices" in [said.key for said in drifts[0].statement.values["parts"]]
    left_in = [drift_between(model | {"order_values": []}, *periods) for model, *periods in dear]
    assert sum(drift.alert for drift in left_in) > 0.1 * FEWER


def test_a_tenth_of_customers_who_changed_kind_raise_an_alert(pairs):
    drifts = [
        drift_between(model, then, with_changed_kind(now, 0.1, seed))
        for seed, (model, then, now) in enumerate(pairs[:FEWER])
    ]
    assert np.mean([drift.alert for drift in drifts]) >= 0.9


def test_the_model_foretells_what_moves_with_no_change(pairs, stable):
    moved = [
        (everybody(model, *then[:2])["persona"] != everybody(model, *now[:2])["persona"]).mean()
        for model, then, now in pairs[:FEWER]
    ]
    assert np.mean([drift.noise for drift in stable[:FEWER]]) == pytest.approx(np.mean(moved), abs=0.04)
