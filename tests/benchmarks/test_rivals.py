"""What looks like a belief and is none is refused by name or not found, and what is real and can be told is found."""

import pytest
from rivals import KINDS, REAL, several, trial

from helpers.beliefs.belief import built_in

REFUSED = [
    "contact_pressure: mail after silence",
    "contact_pressure: mail after weeks without an order",
    "contact_pressure: mail after a visit",
    "contact_pressure: sent again where it was not opened",
    "reference_price: offers after weak weeks",
    "reference_price: stocking up",
    "left_digit: offers end in .99",
]
NOT_READ = [
    "relative_saving: fewer answer in one arm",
    "relative_saving: an arm opened wider midway",
    "relative_saving: a covariate that the arm moved",
]
HELD_EQUAL = [
    "contact_pressure: a busy season",
    "contact_pressure: lists that fade",
    "contact_pressure: those new on the list",
    "conversion_by_channel: a busy season",
    "new_vs_returning: a busy season",
    "order_value_by_channel: a busy season",
    "order_value_by_channel: first orders",
    "moments_by_persona: late weeks",
    "lead_score: a busy season",
    "referral_satisfaction: liked in one town",
    "moments_by_persona: one offer day",
    "moments_by_persona: two zones on one clock",
    "order_value_by_channel: 25 customers against 800, skewed",
    "lead_score: role asked at the purchase",
    "lead_score: role asked at the purchase, on all rows",
    "referral_satisfaction: tenure",
]


def a_few(kinds, n):
    """The first ``n`` kinds; the others are for ``make long``."""
    return [kind if place < n else pytest.param(kind, marks=pytest.mark.long) for place, kind in enumerate(kinds)]


def test_every_kind_names_a_belief():
    assert {kind.partition(":")[0] for kind in KINDS} <= built_in().keys()


@pytest.mark.parametrize("kind", a_few(REFUSED, 2))
def test_a_rival_that_cannot_be_told_is_named(kind):
    found = [trial(kind, seed) for seed in range(3)]
    assert [(f["verdict"], f["rival"], f["rejected"]) for f in found] == [("not testable", True, False)] * 3


@pytest.mark.parametrize("kind", NOT_READ)
def test_an_experiment_whose_draw_is_at_fault_is_not_read(kind):
    assert [trial(kind, seed)["verdict"] for seed in range(3)] == ["not testable"] * 3


@pytest.mark.parametrize("kind", a_few(HELD_EQUAL, 10))
def test_a_rival_that_is_held_equal_is_no_finding(kind):
    assert sum(trial(kind, seed)["rejected"] for seed in range(5)) <= 1


@pytest.mark.parametrize("kind", a_few([kind for kind in REAL if not kind.startswith("lead_score")], 2))
def test_what_can_be_told_from_its_rival_is_found(kind):
    assert sum(trial(kind, seed)["verdict"] == "supported" for seed in range(3)) >= 2


@pytest.mark.parametrize(
    ("kind", "seeds"),
    [
        ("left_digit: prices move by cents", (5, 8, 19)),  # found in each while a step by cents was an offer
        ("conversion_by_channel: heavy visitors", (19, 22, 25)),  # found in each by usual clustered errors
    ],
)
def test_studies_that_once_found_a_rival_do_so_no_more(kind, seeds):
    assert [trial(kind, seed)["rejected"] for seed in seeds] == [False] * len(seeds)


def test_the_worst_rows_come_first():
    made = several(["referral_satisfaction: tenure", "moments_by_persona: a weekly habit"], 2)
    assert made["truth"].tolist() == ["none", "an effect"]
