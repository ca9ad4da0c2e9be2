"""Coupon dependence and profit per persona: shrinkage, small cells, and correction for uncertain membership."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.hypotheses.registry import put_to_the_test
from helpers.hypotheses.value import coupon_counts, dependence


def result(evidence, room, id_):
    return {r.id: r for r in put_to_the_test(room, evidence)}[id_]


def lines(orders: np.ndarray, with_coupon: np.ndarray, spend: float = 10.0) -> pd.DataFrame:
    """Two order lines per order; the first orders of a customer carry a coupon."""
    rows = [
        (f"C{i:04d}", f"C{i:04d}-{o}", "SAVE" if o < k else None, spend)
        for i, (n, k) in enumerate(zip(orders, with_coupon, strict=True))
        for o in range(n)
        for _ in range(2)
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "coupon", "amount"])
    return frame.assign(ordered_at=pd.Timestamp("2025-03-03"))


def test_orders_are_counted_and_not_lines(make_evidence):
    counts = coupon_counts(make_evidence({"sales": lines(np.array([3, 1]), np.array([2, 0]))}))
    assert counts["orders"].tolist() == [3, 1]
    assert counts["with_coupon"].tolist() == [2, 0]
    assert counts["spend"].tolist() == [60.0, 20.0]


def test_discounts_stand_in_where_no_coupons_are_known(make_evidence):
    frame = lines(np.array([2]), np.array([0])).assign(discount=[0.0, 1.5, 0.0, 0.0])
    assert coupon_counts(make_evidence({"sales": frame}))["with_coupon"].tolist() == [1]


def test_later_orders_and_returns_take_no_part(make_evidence):
    frame = lines(np.array([2]), np.array([1]))
    later = frame.assign(ordered_at=pd.Timestamp("2025-09-01"), order_id="later", coupon="SAVE")
    returned = frame.assign(amount=-10.0, order_id="back", coupon="SAVE")
    counts = coupon_counts(make_evidence({"sales": pd.concat([frame, later, returned])}))
    assert (counts["orders"].item(), counts["with_coupon"].item()) == (2, 1)


def test_the_shrunk_rule_rarely_calls_somebody_dependent_who_is_not():
    """Of customers with a raw share of .8 or more a large part are no coupon hunters; the shrunk rule errs little."""
    rng = np.random.default_rng(11)
    share, n = rng.beta(0.8, 2.4, 4000), 1 + rng.poisson(np.where(np.arange(4000) < 3000, 1, 10))
    with_coupon = rng.binomial(n, share)
    raw = with_coupon / n >= 0.8
    ours = dependence(with_coupon, n) >= 0.9
    assert (share[raw] < 0.5).mean() >= 0.4
    assert (share[ours] < 0.5).mean() <= 0.10
    assert ours.sum() >= 20


def test_the_chance_is_the_posterior_of_the_fitted_prior():
    chance = dependence(np.array([0, 5, 10] * 50), np.array([10] * 150))
    assert chance[0] < 0.01
    assert chance[2] > 0.99
    assert 0.3 < chance[1] < 0.7


def test_a_planted_part_of_dependent_customers_is_supported(make_evidence):
    """80 of 400 use a coupon in all of 8 orders, the others never; all spend the same."""
    frame = lines(np.full(400, 8), np.where(np.arange(400) < 80, 8, 0))
    found = result(make_evidence({"sales": frame}), "framing", "coupon_dependence")
    assert (found.verdict, found.arm_source) == ("supported", "observational")
    assert (found.effect.measure, found.effect.estimate) == ("share", pytest.approx(0.20))
    assert (found.effect.ci_low, found.effect.ci_high) == pytest.approx((0.1637, 0.2420), abs=1e-4)
    revenue = next(e for e in found.effects if e.label == "share of revenue")
    assert revenue.estimate == pytest.approx(0.20)
    assert revenue.ci_low < 0.20 < revenue.ci_high
    assert "20 % of 400 customers (16 to 24 %)" in found.sentence
    assert "whether one brings about" not in found.sentence


def test_nobody_with_a_coupon_to_speak_of_is_equivalent(make_evidence):
    frame = lines(np.full(400, 8), np.where(np.arange(400) < 40, 1, 0))
    found = result(make_evidence({"sales": frame}), "framing", "coupon_dependence")
    assert (found.verdict, found.effect.estimate) == ("equivalent", 0.0)


def test_a_handful_of_dependent_customers_is_not_shown(make_evidence):
    """Four of 400: the verdict stands, neither their count, their share nor their revenue is printed."""
    frame = lines(np.full(400, 8), np.where(np.arange(400) < 4, 8, 0))
    found = result(make_evidence({"sales": frame}), "framing", "coupon_dependence")
    assert found.verdict == "equivalent"
    assert found.effect is None
    assert [e.label for e in found.effects] == ["expected share, every customer counted by likelihood"]
    assert found.sentence.startswith("Fewer than 10 of 400 customers")


def test_too_few_customers_for_coupons(make_evidence):
    found = result(make_evidence({"sales": lines(np.full(5, 8), np.full(5, 8))}), "framing", "coupon_dependence")
    assert (found.verdict, "at least 20 people" in found.reason) == ("not testable", True)


def profit(make_evidence, gap: float, n: int = 200, tiers: bool = False):
    rng = np.random.default_rng(2)
    ids = [f"C{i:04d}" for i in range(2 * n)]
    persona_of = dict(zip(ids, ["rich"] * n + ["poor"] * n, strict=True))
    margin = rng.normal(10, 5, 2 * n) + gap * (np.arange(2 * n) < n)
    held_out = pd.DataFrame({"customer_id": ids, "margin": margin})
    sales = pd.DataFrame({"customer_id": ids, "order_id": ids, "amount": 1.0, "unit_cost": 1.0})
    sales["ordered_at"] = pd.Timestamp("2025-03-03")
    evidence = make_evidence({"sales": sales}, persona_of=persona_of, held_out=held_out)
    if tiers:
        assignments = evidence.personas.assignments.assign(p_rich=np.nan, p_poor=np.nan)
        evidence = replace(evidence, personas=replace(evidence.personas, assignments=assignments))
    return result(evidence, "leads", "profit_by_persona"), margin


def test_a_profit_gap_is_found_in_money(make_evidence):
    found, margin = profit(make_evidence, gap=6.0)
    assert (found.verdict, found.arm_source) == ("supported", "observational")
    rich = next(e for e in found.effects if e.label == "rich" and e.measure == "mean difference")
    assert rich.estimate == pytest.approx(margin[:200].mean() - margin[200:].mean())
    se = np.sqrt(margin[:200].var() / 200 + margin[200:].var() / 200)
    assert rich.ci_high - rich.estimate == pytest.approx(1.96 * se, rel=0.1)
    assert found.n == {"rich": 200, "poor": 200}


def test_no_profit_gap_is_not_found(make_evidence):
    assert profit(make_evidence, gap=0.0, n=2000)[0].verdict == "equivalent"


def test_tiers_by_rule_have_no_posterior_and_are_compared_as_they_are(make_evidence):
    assert profit(make_evidence, gap=6.0, tiers=True)[0] == profit(make_evidence, gap=6.0)[0]


def test_without_a_group_profit_is_not_testable(make_evidence):
    sales = lines(np.full(50, 2), np.full(50, 0)).assign(unit_cost=1.0)
    held_out = pd.DataFrame({"customer_id": sales["customer_id"].unique(), "margin": np.arange(50.0)})
    found = result(make_evidence({"sales": sales}, held_out=held_out), "leads", "profit_by_persona")
    assert (found.verdict, "at least two groups" in found.reason) == ("not testable", True)


def test_without_costs_profit_is_not_testable(make_evidence):
    sales = lines(np.full(5, 2), np.full(5, 0))
    found = result(make_evidence({"sales": sales}), "leads", "profit_by_persona")
    assert (found.verdict, "sales.unit_cost" in found.reason) == ("not testable", True)
