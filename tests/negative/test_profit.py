"""Profit per persona: correction for uncertain membership."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.beliefs.registry import put_to_the_test
from helpers.negative.profit import profit_by_persona
from helpers.words import Words, say


def result(evidence):
    return {r.id: r for r in put_to_the_test("leads", evidence)}["profit_by_persona"]


def orders_of(people: int) -> pd.DataFrame:
    """One order of one line each."""
    ids = [f"C{i:04d}" for i in range(people)]
    frame = pd.DataFrame({"customer_id": ids, "order_id": ids, "amount": 10.0})
    return frame.assign(ordered_at=pd.Timestamp("2025-03-03"))


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
    return evidence, margin


def test_a_profit_gap_is_found_in_money(make_evidence):
    evidence, margin = profit(make_evidence, gap=6.0)
    found = result(evidence)
    assert (found.verdict, found.arm_source) == ("supported", "observational")
    rich = next(e for e in found.effects if e.label == "rich" and e.measure == "mean difference")
    assert rich.estimate == pytest.approx(margin[:200].mean() - margin[200:].mean())
    se = np.sqrt(margin[:200].var() / 200 + margin[200:].var() / 200)
    assert rich.ci_high - rich.estimate == pytest.approx(1.96 * se, rel=0.1)
    assert found.n == {"rich": 200, "poor": 200}
    assert Words(currency="EUR").tell(profit_by_persona(evidence, 0.2).sentence) == (
        "“the poor ones”: later margin per customer differs from that of all others by −6.19 EUR (−7.26 to −5.12 EUR)."
    )


def test_no_profit_gap_is_not_found(make_evidence):
    assert result(profit(make_evidence, gap=0.0, n=2000)[0]).verdict == "equivalent"


def test_tiers_by_rule_have_no_posterior_and_are_compared_as_they_are(make_evidence):
    tiers, personas = (result(profit(make_evidence, gap=6.0, tiers=by_rule)[0]) for by_rule in (True, False))
    assert tiers == personas


def test_without_a_group_profit_is_not_testable(make_evidence):
    sales = orders_of(50).assign(unit_cost=1.0)
    held_out = pd.DataFrame({"customer_id": sales["customer_id"], "margin": np.arange(50.0)})
    found = result(make_evidence({"sales": sales}, held_out=held_out))
    assert (found.verdict, found.reason.key) == ("not testable", "hypotheses.reason.few_personas")


def test_without_costs_profit_is_not_testable(make_evidence):
    sales = orders_of(5)
    found = result(make_evidence({"sales": sales}))
    assert found.verdict == "not testable"
    assert found.reason == say("hypotheses.reason.needs", missing=["sales.unit_cost"])
