"""Leaving after a complaint: who is at risk when, and what only looks like the complaint's work."""

import numpy as np
import pandas as pd
import pytest

from helpers.after.complaints import at_risk, bad_experience, time_to_return
from helpers.beliefs.registry import put_to_the_test

START = pd.Timestamp("2025-01-06")


def frames(orders: list[tuple], complaints: list[tuple], kind: str = "complaint") -> dict[str, pd.DataFrame]:
    """orders: customer, day; complaints: customer, day"""
    sales = pd.DataFrame(orders, columns=["customer_id", "day"])
    sales["ordered_at"] = START + pd.to_timedelta(sales.pop("day"), unit="D")
    sales = sales.assign(order_id=[f"O{i}" for i in range(len(sales))], amount=10.0)
    service = pd.DataFrame(complaints, columns=["customer_id", "day"]).astype({"customer_id": "str"})
    service["at"] = START + pd.to_timedelta(service.pop("day").astype(float), unit="D")
    return {"sales": sales, "service": service.assign(kind=kind)}


def result(evidence):
    return {r.id: r for r in put_to_the_test("leads", evidence)}["bad_experience"]


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


def test_who_is_at_risk_is_settled_two_weeks_after_the_order(make_evidence):
    """The window has 280 days. A: complains after his second order and never comes back; his first one was followed by
    a new one within two weeks. B: back after 30 days, then not watched to the end. C: complained before this order."""
    made = frames(
        [("A", 0), ("A", 10), ("B", 100), ("B", 130), ("B", 250), ("C", 0), ("C", 50)],
        [("A", 12), ("C", 20), ("B", 131)],
    )
    rows = at_risk(make_evidence(made))
    kept = [(r.customer_id, r.number, r.complained, r.yes, round(r.days)) for r in rows.itertuples()]
    assert kept == [
        ("A", 2, True, 1.0, 256),
        ("B", 1, False, 0.0, 16),
        ("B", 2, True, 1.0, 106),
        ("C", 1, False, 0.0, 36),
    ]


def test_leaving_after_a_complaint_is_found(make_evidence):
    found = result(make_evidence(shop(np.random.default_rng(1), effect=0.3)))
    assert (found.verdict, found.arm_source) == ("supported", "observational")
    assert found.effect.measure == "risk difference"
    assert found.effect.estimate == pytest.approx(0.3, abs=0.1)
    assert "whether one brings about the other" in found.sentence
    assert set(found.n) == {"complained", "no complaint"}


def test_history_alone_is_not_taken_for_the_complaint(make_evidence):
    """Early orders bring complaints and leaving: raw, those who complained leave more."""
    evidence = make_evidence(shop(np.random.default_rng(2), customers=1500, history=0.45))
    rows = at_risk(evidence)
    raw = rows.groupby("complained")["yes"].mean()
    assert raw[True] - raw[False] > 0.05
    found = result(evidence)
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
    made = [make_evidence(shop(rng, customers=420)) for _ in range(160)]
    assert 0.03 <= np.mean([bad_experience(e, 0.05).p_value <= 0.05 for e in made]) <= 0.07


def test_the_curve_of_those_not_back_is_lower_where_nobody_complained(make_evidence):
    curve = time_to_return(make_evidence(shop(np.random.default_rng(1), effect=0.4)))
    at_day = curve[curve["day"] <= 60].groupby("group")["share"].last()
    assert at_day["complained"] > at_day["no complaint"] + 0.2
    assert ((curve["ci_low"] <= curve["share"]) & (curve["share"] <= curve["ci_high"])).all()
