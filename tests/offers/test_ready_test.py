"""A test that is ready to run can show what it says, by the level that its verdict will use."""

from dataclasses import replace

import pandas as pd
import pytest
import yaml

from helpers.beliefs.plan import Design, plan_test
from helpers.beliefs.registry import confirmatory_beside
from helpers.offers.ready_test import for_cards
from helpers.report.page import as_yaml
from helpers.study import Experiment
from helpers.words import Words


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
    assert [trial.because for trial in found] == ["coupon_share", "discount_share", "drivers", "recency_days"]


def test_the_margin_is_guarded_where_costs_are_known(evidence, make_evidence):
    held_out = evidence.customers.held_out.assign(margin=[float(i % 3) for i in range(460)])
    known = make_evidence(
        {"sales": pd.DataFrame()}, persona_of={f"c{i:03d}": "a" for i in range(400)}, held_out=held_out
    )
    (guard,) = for_cards(known.customers, known.personas, known.study).experiment["a"][0].experiment["guardrails"]
    assert (guard["column"], guard["worse"]) == ("margin", "lower")
    assert guard["margin"] == pytest.approx(2.8016 * held_out["margin"][:400].std() * 0.1, rel=0.05)
    plain = for_cards(evidence.customers, evidence.personas, evidence.study).experiment["a"][0].experiment
    assert plain["guardrails"] == []


def test_what_is_ready_is_read_as_study_yml(evidence):
    (first, *_) = for_cards(evidence.customers, evidence.personas, evidence.study).experiment["a"]
    (declared,) = yaml.safe_load(as_yaml(Words().told(first.experiment)))["experiments"]
    assert Experiment.model_validate(declared).id == "fewer_coupons_a"


def test_those_with_one_order_may_be_asked_back_if_they_are_in_it_still(make_evidence):
    """300 with one order, of whom 60 have come back: 240 are left to be drawn, one in five has come."""
    people = [f"c{i:03d}" for i in range(300)]
    held_out = pd.DataFrame({"customer_id": people, "churned": [i % 5 > 0 for i in range(300)]})
    known = make_evidence({"sales": pd.DataFrame()}, persona_of=dict.fromkeys(people, "one-order"), held_out=held_out)
    personas = replace(known.personas, groups=tuple(replace(g, structural=True) for g in known.personas.groups))
    (trial,) = for_cards(known.customers, personas, known.study).experiment["one-order"]
    assert (trial.because, trial.experiment["n_per_arm"], trial.experiment["base"]) == ("", 120, 0.2)
    assert trial.experiment["title"].key == "report.experiment.come_back.title"


def test_too_few_people_try_nothing(evidence):
    assert for_cards(evidence.customers, evidence.personas, evidence.study).experiment["b"] == ()


def test_without_orders_nothing_is_measured(evidence):
    assert for_cards(None, evidence.personas, evidence.study).experiment == {}
