"""Leaving after a complaint: who is at risk when, and what only looks like the complaint's work."""

import numpy as np
import pandas as pd
import pytest

from helpers.after.complaints import bad_experience, time_to_return
from helpers.beliefs.registry import put_to_the_test
from helpers.words import Words

START = pd.Timestamp("2025-01-06")
WORDS = Words("en", "EUR")


def frames(orders: list[tuple], complaints: list[tuple], kind: str = "complaint") -> dict[str, pd.DataFrame]:
    """orders: customer, day; complaints: customer, day"""
    sales = pd.DataFrame(orders, columns=["customer_id", "day"])
    sales["ordered_at"] = START + pd.to_timedelta(sales.pop("day"), unit="D")
    sales = sales.assign(order_id=[f"O{i}" for i in range(len(sales))], amount=10.0)
    service = pd.DataFrame(complaints, columns=["customer_id", "day"]).astype({"customer_id": "str"})
    service["at"] = START + pd.to_timedelta(service.pop("day").astype(float), unit="D")
    return {"sales": sales, "service": service.assign(kind=kind)}


def result(evidence):
    return {r.id: r for r in WORDS.told(put_to_the_test("leads", evidence))}["bad_experience"]


def shop(rng, customers: int = 400, effect: float = 0.0, history: float = 0.0, kind: str = "complaint"):
    """Customers order every 30 days or so and leave after an order with the chance .1, by ``effect`` more after a
    complaint; with ``history`` those of few orders complain and leave more."""
    orders, complaints = [], []
    for i in range(customers):
        day = rng.uniform(0, 60)
        while day < 270:
            orders.append((f"C{i:04d}", day))
            early = history * (day < 90)
            upset = rng.random() < 0.08 + early
            if upset:
                complaints.append((f"C{i:04d}", day + rng.uniform(1, 6)))
            if rng.random() < 0.1 + early + effect * upset:
                break
            day += 18 + rng.exponential(12)
    return frames(orders, complaints, kind)


def test_leaving_after_a_complaint_is_found(make_evidence):
    found = result(make_evidence(shop(np.random.default_rng(1), effect=0.3)))
    assert (found.verdict, found.arm_source) == ("supported", "observational")
    assert found.effect.measure == "risk difference"
    assert found.effect.estimate == pytest.approx(0.3, abs=0.1)
    assert "whether one brings about the other" in found.sentence
    assert set(found.n) == {"complained", "no complaint"}


def test_history_alone_is_not_taken_for_the_complaint(make_evidence):
    """Early orders bring complaints and leaving: raw, those who complained leave more."""
    made = shop(np.random.default_rng(2), customers=1500, history=0.45)
    orders = made["sales"].sort_values("ordered_at")
    last = ~orders["customer_id"].duplicated(keep="last")
    told = pd.merge_asof(
        orders, made["service"].sort_values("at"), left_on="ordered_at", right_on="at", by="customer_id",
        direction="forward", tolerance=pd.Timedelta(days=6),
    )["at"].notna()  # fmt: skip
    raw = last.groupby(told.to_numpy()).mean()
    assert raw[True] - raw[False] > 0.05
    found = result(make_evidence(made))
    assert found.verdict in ("equivalent", "inconclusive")
    assert abs(found.effect.estimate) < 0.06


def test_support_is_no_complaint(make_evidence):
    assert result(make_evidence(shop(np.random.default_rng(1), effect=0.3, kind="support"))).verdict == "not testable"


def test_an_empty_service_table_and_few_complaints_say_why(make_evidence):
    made = shop(np.random.default_rng(1), customers=60, effect=0.3)
    found = result(make_evidence(made | {"service": made["service"].head(9)}))
    assert (found.verdict, "customers with a complaint" in found.reason) == ("not testable", True)
    assert result(make_evidence(made | {"service": made["service"].head(0)})).verdict == "not testable"


def test_without_an_effect_one_in_twenty_is_called_one(make_evidence):
    rng = np.random.default_rng(30)
    made = [make_evidence(shop(rng, customers=420)) for _ in range(80)]
    assert 0.01 <= np.mean([bad_experience(e, 0.05).p_value <= 0.05 for e in made]) <= 0.09


def test_the_curve_of_those_not_back_ends_in_the_belief(make_evidence):
    evidence = make_evidence(shop(np.random.default_rng(1), effect=0.4))
    curve = WORDS.told(time_to_return(evidence)).curves
    belief = bad_experience(evidence, 0.05).contrasts[0]
    for name, key in (("complained", "share"), ("no complaint", "share_others")):
        own = curve[curve["group"] == name]
        assert own["day"].tolist() == list(range(1, len(own) + 1))
        assert own["share"].iloc[-1] == pytest.approx(belief.facts[key])
        assert own["share"].iloc[0] > own["share"].iloc[-1]
    assert ((curve["ci_low"] <= curve["share"]) & (curve["share"] <= curve["ci_high"])).all()


def test_without_enough_gaps_nothing_is_told(make_evidence):
    evidence = make_evidence(frames([("A", 0), ("A", 20), ("B", 3)], [("A", 2)]))
    assert (result(evidence).verdict, len(time_to_return(evidence).curves)) == ("not testable", 0)
