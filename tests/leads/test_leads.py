"""Referral, and gaps between what matters and what is done well."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t, ttest_rel

from helpers.beliefs.registry import put_to_the_test


def result(evidence, id_):
    return {r.id: r for r in put_to_the_test("leads", evidence)}[id_]


def referral(make_evidence, promoters: tuple[int, int], others: tuple[int, int]):
    rows = [(9 + i % 2, i < k) for k, n in [promoters] for i in range(n)] + [
        (i % 9, i < k) for k, n in [others] for i in range(n)
    ]
    answers = pd.DataFrame(rows, columns=["nps", "refers"]).assign(
        customer_id=lambda t: [f"C{i}" for i in range(len(t))]
    )
    brought = answers.loc[answers["refers"], "customer_id"].tolist()
    customers = pd.DataFrame({"customer_id": [f"N{i}" for i in range(len(brought))], "referred_by": brought})
    return result(
        make_evidence({"survey": answers.drop(columns="refers"), "customers": customers}), "referral_satisfaction"
    )


def test_promoters_refer_more(make_evidence):
    found = referral(make_evidence, (60, 150), (20, 250))
    assert (found.verdict, found.arm_source) == ("supported", "observational")
    assert found.effect.estimate == pytest.approx((60 / 90) / (20 / 230))
    assert found.n == {"promoters": 150, "all others": 250}
    assert "40 % of those who would gladly recommend us" in found.sentence
    assert "whether one brings about the other" in found.sentence


def test_few_promoters_are_not_compared(make_evidence):
    found = referral(make_evidence, (5, 12), (20, 250))
    assert (found.verdict, found.n) == ("not testable", {})


PAIRS = {"importance_performance": {"price": ["imp_price", "perf_price"], "speed": ["imp_speed", "perf_speed"]}}


def gaps_of(make_evidence, price: float, speed: float, n: int = 120):
    rng = np.random.default_rng(6)
    answers = pd.DataFrame({"respondent_id": [f"R{i}" for i in range(n)]})
    for name, gap in (("price", price), ("speed", speed)):
        answers[f"perf_{name}"] = rng.integers(0, 4, n).astype(float)
        answers[f"imp_{name}"] = answers[f"perf_{name}"] + gap + rng.choice([-0.5, 0.5], n)
    return result(make_evidence({"survey": answers}, survey_keys=PAIRS), "importance_performance"), answers


def test_the_largest_gap_comes_first_and_pays_for_the_number_of_attributes(make_evidence):
    found, answers = gaps_of(make_evidence, price=0.2, speed=1.0)
    test = ttest_rel(answers["imp_speed"], answers["perf_speed"])
    assert (found.verdict, found.effect.label) == ("supported", "speed")
    assert found.effect.estimate == pytest.approx((answers["imp_speed"] - answers["perf_speed"]).mean())
    assert found.effect.ci_low == pytest.approx(test.confidence_interval(0.95).low)
    assert found.p_value == pytest.approx(2 * test.pvalue)
    assert found.n == {"price": 120, "speed": 120}


def test_a_gap_counts_answers_by_their_weight(make_evidence):
    """Forty with a gap of 2 that weigh 3, sixty with none that weigh 1: 240 / 180, not 80 / 100."""
    heavy = [3.0] * 40 + [1.0] * 60
    answers = pd.DataFrame({"respondent_id": [f"R{i}" for i in range(100)], "weight": heavy, "perf": 1.0})
    answers["imp"] = [3.0] * 40 + [1.0] * 60
    asked = {"importance_performance": {"price": ["imp", "perf"]}}
    found = result(make_evidence({"survey": answers}, survey_keys=asked), "importance_performance")
    assert found.effect.estimate == pytest.approx(240 / 180)
    effective = 180**2 / (40 * 9 + 60)  # Kish
    spread = np.sqrt((2 / 3 * 2**2 - (4 / 3) ** 2) * effective / (effective - 1))
    half = t.ppf(0.975, effective - 1) * spread / np.sqrt(effective)
    assert found.effect.ci_low == pytest.approx(240 / 180 - half, rel=1e-6)


def test_doing_better_than_it_matters_everywhere_is_reversed(make_evidence):
    found, _ = gaps_of(make_evidence, price=-0.9, speed=-1.0)
    assert (found.verdict, found.effect.label) == ("reversed", "price")


def test_a_missing_question_is_named(make_evidence):
    answers = pd.DataFrame({"respondent_id": ["R1"], "imp_price": [1.0], "perf_price": [2.0], "imp_speed": [1.0]})
    found = result(make_evidence({"survey": answers}, survey_keys=PAIRS), "importance_performance")
    assert (found.verdict, "survey.perf_speed" in found.reason) == ("not testable", True)
