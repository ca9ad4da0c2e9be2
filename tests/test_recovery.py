"""Does the whole way, from the sample's dirty files to verdicts, find what was planted and nothing that was not?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from helpers.data.customers import build_customers
from helpers.data.load import load_tables
from helpers.data.survey import code_survey
from helpers.hypotheses.registry import Evidence, put_to_the_test
from helpers.personas.model import find_personas
from helpers.personas.negative import negative_personas
from helpers.study import load_study
from helpers.wording import Words

SAMPLE = Path(__file__).parents[1] / "data" / "sample"


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    study = load_study(SAMPLE)
    words = Words(study.language, study.currency)
    tables = load_tables(study)
    customers, survey = build_customers(tables, study), code_survey(tables, study)
    personas = find_personas(customers, survey, study, words, bootstrap=20, null_draws=39)
    return Evidence(study, words, tables, customers, survey, personas)


@pytest.fixture(scope="module")
def placed(evidence) -> pd.DataFrame:
    """Customers whom the model looked at, with the persona given and the one planted."""
    truth = pd.read_csv(SAMPLE / "truth" / "personas.csv").rename(columns={"persona": "planted"})
    structural = [group.id for group in evidence.personas.groups if group.structural]
    placed = evidence.personas.assignments.merge(truth, on="customer_id", validate="one_to_one")
    return placed[~placed["persona"].isin(structural)]


def test_three_kinds_are_found_and_called_what_they_are(evidence):
    structure = evidence.personas.structure
    assert (structure.k, structure.supported) == (3, True)
    assert structure.kind in ("natural", "reproducible")
    assert structure.bootstrap_ari > 0.85


def test_the_planted_personas_are_recovered_among_respondents(placed):
    """Unassigned counts as a label of its own; customers planted in between two kinds have no right answer."""
    answered = placed[placed["answered"] & (placed["planted"] != "between")]
    assert len(answered) > 350
    assert adjusted_rand_score(answered["planted"], answered["persona"]) >= 0.6
    everybody_who_answered = placed[placed["answered"]]
    assert adjusted_rand_score(everybody_who_answered["planted"], everybody_who_answered["persona"]) >= 0.6


def test_those_who_did_not_answer_are_recovered_by_behaviour(placed):
    silent = placed[~placed["answered"] & (placed["planted"] != "between")]
    assert adjusted_rand_score(silent["planted"], silent["persona"]) >= 0.45


def test_personas_are_not_who_answered(placed):
    assert adjusted_rand_score(placed["answered"], placed["persona"]) <= 0.05


def test_the_structural_groups_are_those_planted(evidence):
    truth = pd.read_csv(SAMPLE / "truth" / "personas.csv").set_index("customer_id")["orders"]
    sizes = {group.id: group.n for group in evidence.personas.groups if group.structural}
    assert sizes["no-order"] == pytest.approx((truth == 0).sum(), abs=3)
    assert sizes["one-order"] == pytest.approx((truth == 1).sum(), abs=8)  # a spoilt row may cost somebody an order


def test_verdicts_on_planted_experiments(evidence):
    results = {result.id: result for result in put_to_the_test("framing", evidence)}
    saving, wording, anchor = (results[name] for name in ("relative_saving", "framing_wording", "anchor_price"))
    assert saving.verdict == "supported"
    assert saving.effect.measure == "odds ratio"
    assert 1.3 < saving.effect.ci_low < saving.effect.estimate < 3.5
    assert wording.verdict in ("inconclusive", "equivalent")
    assert wording.effect.ci_low < 1 < wording.effect.ci_high
    assert anchor.verdict == "supported"


def test_coupon_dependence_is_found(evidence):
    results = {result.id: result for result in put_to_the_test("framing", evidence)}
    assert results["coupon_dependence"].verdict == "supported"
    assert 0.05 < results["coupon_dependence"].effect.estimate < 0.34  # no more than the share who live on coupons


def test_social_falls_behind_search_once_place_is_held_fixed(evidence):
    """Visits through social convert more often than through search, only because one town uses social most."""
    result = {result.id: result for result in put_to_the_test("channels", evidence)}["conversion_by_channel"]
    against_search = {effect.label: effect for effect in result.effects if effect.measure == "risk difference"}
    assert result.arm_source == "observational"
    assert result.verdict == "supported"
    assert against_search["newsletter"].ci_low > 0
    assert against_search["social"].ci_high < 0


def test_the_negative_persona_is_recovered(evidence):
    truth = pd.read_csv(SAMPLE / "truth" / "personas.csv").query("orders > 0").set_index("customer_id")["negative"]
    found = negative_personas(evidence.customers, evidence.tables, evidence.personas, evidence.study, evidence.words)
    members = truth.index.isin(found.members["customer_id"])
    assert truth[members].mean() > 0.75, "of those to review, so many are planted"
    assert members[truth].mean() > 0.7, "of those planted, so many are found"
    money = found.segments.query("measure == 'contribution' and verdict == 'loses money'")
    assert (money["ci_high"] < 0).all()
    assert len(money) == 1
