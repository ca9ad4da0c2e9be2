"""A test that is ready to run can show what it says, by the level that its verdict will use."""

import pandas as pd
import pytest

from helpers.beliefs.plan import Design, plan_test
from helpers.beliefs.registry import confirmatory_beside
from helpers.offers.ready_test import for_cards


@pytest.fixture
def evidence(make_evidence):
    """400 customers of persona a, 60 of persona b; three in five of them order later."""
    persona_of = {f"c{i:03d}": "a" if i < 400 else "b" for i in range(460)}
    held_out = pd.DataFrame({"customer_id": list(persona_of), "churned": [i % 5 > 2 for i in range(460)]})
    return make_evidence({"sales": pd.DataFrame()}, persona_of=persona_of, held_out=held_out)


def test_the_smallest_change_is_judged_as_the_verdict_will_be(evidence):
    found = for_cards(evidence.customers, evidence.personas, evidence.study).experiment["a"]
    beside = confirmatory_beside(evidence.study)
    assert beside > 0
    own, alone = (plan_test(0.6, n=200, design=Design(also=also)).effect for also in (beside, None))
    assert {trial.experiment["smallest_change"] for trial in found} == {round(own, 2)}
    assert round(own, 2) > round(alone, 2)
    assert {trial.experiment["n_per_arm"] for trial in found} == {200}


def test_each_asks_for_the_claim_that_it_follows_from(evidence):
    found = for_cards(evidence.customers, evidence.personas, evidence.study).experiment["a"]
    assert [trial.because for trial in found] == ["coupon_share", "discount_share", "drivers"]


def test_too_few_people_try_nothing(evidence):
    assert for_cards(evidence.customers, evidence.personas, evidence.study).experiment["b"] == ()


def test_without_orders_nothing_is_measured(evidence):
    assert for_cards(None, evidence.personas, evidence.study).experiment == {}
