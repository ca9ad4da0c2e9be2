"""What cards say of worlds: claims that are none, and groups that a reader can tell apart, on ten data sets."""

from __future__ import annotations

import numpy as np
import pytest
import told

from helpers.cards.cards import FIRST, build_cards
from helpers.cards.profile import find_personas
from helpers.cards.prose import direction_of
from helpers.customers.customers import build_customers
from helpers.survey.survey import code_survey

SETS = ["two_types", "three_types", "three_types_small", "three_types_few_orders", "response_by_type", "one_factor",
        "product_mix", "loyal_channels", "coupon_continuum"]  # fmt: skip
"""Worlds; with the planted types ten data sets."""


LONG = [pytest.param(name, marks=pytest.mark.long) for name in SETS[3:]]


@pytest.fixture(scope="module", params=[*SETS[:3], *LONG])
def described(request):
    """A small dressed world, and its groups."""
    made = told.dressed(request.param, 11, 500)
    customers = build_customers(made.tables, made.study)
    survey = code_survey(made.tables, made.study) if "survey" in made.tables.frames else None
    return made, customers, survey, find_personas(customers, survey, made.study, made.tables, bootstrap=4, null_draws=9)


def begin_apart(cards) -> bool:
    """Whether no two of the cards begin with the same claims."""
    begins = [frozenset((c.column, direction_of(c)) for c in card.claims[:FIRST]) for card in cards if card.claims]
    return len(set(begins)) == len(begins)


def test_every_pair_of_cards_differs_in_its_first_claims(described):
    made, customers, survey, personas = described
    cards = build_cards(personas, customers, survey, (), (), made.study).cards
    assert begin_apart(cards)
    ids = {card.id for card in cards}
    against = {card.id: {c.compared_with for c in card.claims} & ids for card in cards}
    clustered = set(personas.model["ids"])
    assert all(against[name] == clustered - {name} for name in clustered & ids), "each other group, one by one"


def test_cards_of_the_planted_types_begin_apart(planted, a_study):
    assert begin_apart(build_cards(planted.personas, planted.customers, None, (), (), a_study()).cards)


def test_nothing_is_told_as_a_difference_without_a_corrected_test(described):
    *_, personas = described
    for claim in (claim for group in personas.groups for claim in group.claims):
        assert claim.role == "defining" or claim.p_adjusted <= 0.05, claim.column


def test_a_dressed_world_states_who_differs_in_nothing():
    made = told.dressed("all_alike", 0, 200)
    assert np.allclose(made.chance.filter(like="lot_").std(), 0)
    assert made.truth is None
