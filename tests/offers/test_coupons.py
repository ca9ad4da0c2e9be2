"""Coupon dependence: shrinkage, small cells, what is at risk without coupons, and trials that withdraw them."""

import numpy as np
import pandas as pd
import pytest

from helpers.beliefs.registry import put_to_the_test
from helpers.offers import coupons
from helpers.offers.coupons import bought_in_coupon_weeks, coupon_counts, dependence, revenue_at_risk, without_coupons
from helpers.words import ENGLISH, say

ROOM = "hypotheses.without_coupons"
EVERYBODY = say(f"{ROOM}.everybody")


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
    assert counts["coupon_spend"].tolist() == [40.0, 0.0]


def test_discounts_stand_in_where_no_coupons_are_known(make_evidence):
    frame = lines(np.array([2]), np.array([0])).assign(discount=[0.0, 1.5, 0.0, 0.0])
    assert coupon_counts(make_evidence({"sales": frame}))["with_coupon"].tolist() == [1]


def test_a_discount_is_no_coupon_where_the_file_knows_coupons(make_evidence):
    frame = lines(np.array([3]), np.array([1])).assign(discount=[0.0, 0.0, 1.5, 1.5, -1.5, 0.0])
    counts = coupon_counts(make_evidence({"sales": frame}))
    assert (counts["with_coupon"].item(), counts["coupon_spend"].item()) == (1, 20.0)


def test_a_cell_that_says_no_is_no_coupon(make_evidence):
    frame = lines(np.array([3]), np.array([1])).assign(coupon=lambda t: t["coupon"].fillna(" No "))
    assert coupon_counts(make_evidence({"sales": frame}))["with_coupon"].tolist() == [1]


def test_later_orders_and_returns_take_no_part(make_evidence):
    frame = lines(np.array([2]), np.array([1]))
    later = frame.assign(ordered_at=pd.Timestamp("2025-09-01"), order_id="later", coupon="SAVE")
    returned = frame.assign(amount=-10.0, order_id="back", coupon="SAVE")
    counts = coupon_counts(make_evidence({"sales": pd.concat([frame, later, returned])}))
    assert (counts["orders"].item(), counts["with_coupon"].item()) == (2, 1)


def test_the_shrunk_rule_rarely_calls_somebody_dependent_who_is_not():
    """Of customers with a raw share of .8 or more over half are no coupon hunters; the shrunk rule errs little."""
    rng = np.random.default_rng(11)
    share, n = rng.beta(0.7, 2.6, 8000), 1 + rng.poisson(np.where(np.arange(8000) < 6000, 1, 10))
    with_coupon = rng.binomial(n, share)
    raw = with_coupon / n >= 0.8
    ours = dependence(with_coupon, n) >= 0.9
    assert (share[raw] < 0.5).mean() == pytest.approx(0.57, abs=0.06)
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
    assert (found.effect.measure, found.effect.estimate) == ("share", pytest.approx(0.20, abs=1e-3))
    assert (found.effect.ci_low, found.effect.ci_high) == pytest.approx((0.1637, 0.2420), abs=0.01)  # as if counted
    assert found.reason.key == "hypotheses.because.above_share"
    assert "20 % of 400 customers (" in ENGLISH.tell(found.sentence)
    assert "they bring 20 % of revenue" in ENGLISH.tell(found.sentence)
    assert say("hypotheses.no_cause") not in found.sentence.values["parts"]


def test_nobody_with_a_coupon_to_speak_of_is_equivalent(make_evidence):
    frame = lines(np.full(400, 8), np.where(np.arange(400) < 40, 1, 0))
    found = result(make_evidence({"sales": frame}), "framing", "coupon_dependence")
    assert (found.verdict, found.effect.estimate) == ("equivalent", pytest.approx(0.0, abs=1e-3))


def test_a_handful_of_dependent_customers_is_not_shown(make_evidence):
    """Four of 400: the verdict stands, neither their count, their share nor their revenue is printed."""
    frame = lines(np.full(400, 8), np.where(np.arange(400) < 4, 8, 0))
    found = result(make_evidence({"sales": frame}), "framing", "coupon_dependence")
    assert found.verdict == "equivalent"
    assert found.effect is None
    assert found.effects == ()
    assert found.sentence.values["parts"][0] == say("hypotheses.facts.coupons_few", n=400, cell=10)


def test_a_share_that_matters_is_not_told_from_itself(make_evidence):
    """One in twenty depends, as would matter, with few orders to show it: the few who can be told are not the share."""
    verdicts = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        orders = 1 + rng.poisson(5, 500)
        used = rng.binomial(orders, np.where(np.arange(500) % 20 == 0, 0.9, 0.1))
        found = result(make_evidence({"sales": lines(orders, used)}), "framing", "coupon_dependence")
        verdicts.append(found.verdict)
        assert found.effect.ci_low < 0.05
    assert verdicts.count("equivalent") + verdicts.count("supported") <= 1


def in_weeks(*weeks: tuple[int, int, int], people: int = 40) -> pd.DataFrame:
    """One order of each of so many people a week: week, with a coupon, first customer."""
    rows = [(f"C{first + i}", week, i < with_coupon) for week, with_coupon, first in weeks for i in range(people)]
    frame = pd.DataFrame(rows, columns=["customer_id", "week", "used"])
    frame["ordered_at"] = pd.Timestamp("2025-02-03") + pd.to_timedelta(7 * frame["week"], unit="D")
    frame["coupon"] = pd.Series(np.where(frame["used"], "SAVE", None), dtype="str")
    return frame.assign(order_id=frame.index.map("O{}".format), amount=10.0)


def test_who_bought_when_everybody_had_a_coupon_does_not_depend_on_them(make_evidence):
    """Week 0: all of forty, who come no more. Weeks 1 to 5: forty others, in week 1 a few."""
    weeks = [(0, 40, 0), (1, 10, 100), *((week, 0, 100) for week in range(2, 6))]
    evidence = make_evidence({"sales": in_weeks(*weeks)})
    assert bought_in_coupon_weeks(evidence) == {f"C{i}" for i in range(40)}
    found = result(evidence, "framing", "coupon_dependence")
    assert (found.verdict, found.rival) == ("not testable", say("rivals.rival.coupon_weeks"))
    alone = make_evidence({"sales": in_weeks((0, 20, 0), *((week, 0, 100) for week in range(1, 4)), people=20)})
    assert bought_in_coupon_weeks(alone) == set()  # nineteen others are too few to say what a week was like
    usual = make_evidence({"sales": in_weeks(*((week, 30, 0) for week in range(4)))})
    assert bought_in_coupon_weeks(usual) == set()


def test_too_few_customers_for_coupons(make_evidence):
    found = result(make_evidence({"sales": lines(np.full(5, 8), np.full(5, 8))}), "framing", "coupon_dependence")
    assert (found.verdict, found.reason) == ("not testable", say("hypotheses.reason.few", least=20, needed=73))


# --- without coupons ---------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(coupons, "RESAMPLES", 40)


def test_what_is_at_risk_lies_between_the_coupon_orders_and_all_orders_of_dependent_customers(make_evidence):
    """100 of 400 place 9 of 10 equal orders with a coupon, the others none: a quarter of revenue, 9 tenths of it."""
    sales = lines(np.full(400, 10), np.where(np.arange(400) < 100, 9, 0))
    persona_of = {f"C{i:04d}": "hunters" if i < 100 else "others" for i in range(400)}
    found = without_coupons(make_evidence({"sales": sales}, persona_of=persona_of))
    frame, told = found.shares, found.told
    shares = frame.set_index(["group", "assumption"])["share"]
    assert shares[EVERYBODY, "leave"] == pytest.approx(0.25, abs=0.002)
    assert shares[EVERYBODY, "drop"] == pytest.approx(0.225, abs=0.002)
    assert shares["the hunters ones", "leave"] == pytest.approx(1.0, abs=0.005)
    assert shares["the others ones", "leave"] == pytest.approx(0.0, abs=0.002)
    assert frame["n"].tolist() == [400, 400, 100, 100, 300, 300]
    everybody = frame[frame["assumption"] == "leave"].iloc[0]
    assert everybody["ci_high"] - everybody["ci_low"] == pytest.approx(2 * 1.96 * np.sqrt(0.25 * 0.75 / 400), rel=0.35)
    assert ENGLISH.tell(told[0]).startswith("Without coupons 22 % of revenue would be at risk")
    assert ENGLISH.tell(told[1]).startswith("“the hunters ones”: between 90 %")
    assert told[-1] == say("hypotheses.without_coupons.assumed")


def test_a_persona_with_a_handful_of_dependent_customers_is_not_shown(make_evidence):
    sales = lines(np.full(400, 10), np.where(np.arange(400) < 104, 10, 0))
    persona_of = {f"C{i:04d}": "hunters" if i < 100 else "others" for i in range(400)}
    found = without_coupons(make_evidence({"sales": sales}, persona_of=persona_of))
    assert set(found.shares["group"]) == {EVERYBODY, "the hunters ones"}
    assert [line.values.get("group") for line in found.told] == [None, "the hunters ones", None]


def test_the_interval_holds_the_true_share():
    """Revenue of customers whose true share is a half or more, who have one to twelve orders to show it."""
    held = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        share, orders = rng.beta(0.8, 1.6, 400), rng.integers(1, 13, 400)
        used, spend = rng.binomial(orders, share), orders * rng.gamma(4, 5, 400)
        counts = pd.DataFrame(
            {"orders": orders, "with_coupon": used, "spend": spend, "coupon_spend": spend * used / orders}
        )
        leave = revenue_at_risk(counts, {"all": np.ones(400, dtype=bool)}, seed).set_index("assumption").loc["leave"]
        held += leave["ci_low"] <= spend[share >= 0.5].sum() / spend.sum() <= leave["ci_high"]
    assert held >= 17


def test_the_prior_is_fitted_again_in_every_resample(monkeypatch):
    counts = pd.DataFrame({"orders": [1, 4] * 50, "with_coupon": [1, 0] * 50, "spend": 1.0, "coupon_spend": 0.5})
    totals = []
    fit = coupons.mixture
    monkeypatch.setattr(coupons, "mixture", lambda t, w, **k: totals.append(tuple(w)) or fit(t, w, **k))
    revenue_at_risk(counts, {"all": np.ones(100, dtype=bool)}, 1)
    assert len(set(totals)) > 10
    assert {sum(total) for total in totals} == {100.0}


@pytest.mark.parametrize(
    ("sales", "said"),
    [
        (lines(np.full(5, 4), np.full(5, 4)), say(f"{ROOM}.few", least=20)),
        (lines(np.full(50, 4), np.full(50, 4)).drop(columns="coupon"), say(f"{ROOM}.none")),
        (lines(np.full(50, 4), np.full(50, 4), spend=0.0), say(f"{ROOM}.few", least=20)),
        (lines(np.full(400, 8), np.where(np.arange(400) < 4, 8, 0)), say(f"{ROOM}.hardly", cell=10)),
    ],
    ids=["few", "no coupons", "nothing spent", "a handful"],
)
def test_without_enough_nothing_is_said(make_evidence, sales, said):
    found = without_coupons(make_evidence({"sales": sales}))
    assert found.shares.empty
    assert found.told == (said,)


def test_a_trial_that_withdraws_coupons_is_the_test_of_dependence(make_evidence):
    """150 of 300 who kept their coupons ordered again, 90 of 300 from whom they were withdrawn."""
    trial = {
        "id": "coupon_dependence", "table": "customers", "randomised": True,
        "arm": {"column": "coupons", "treatment": "kept", "control": "withdrawn"},
        "outcome": {"column": "again", "success": ["yes"]},
    }  # fmt: skip
    people = pd.DataFrame(
        {"customer_id": [f"C{i:04d}" for i in range(600)], "coupons": ["kept"] * 300 + ["withdrawn"] * 300}
    )
    people["again"] = [
        "yes" if i % 300 < yes else "no" for i, yes in zip(range(600), [150] * 300 + [90] * 300, strict=True)
    ]
    sales = lines(np.full(50, 4), np.full(50, 4))
    found = result(
        make_evidence({"sales": sales, "customers": people}, experiments=[trial]), "framing", "coupon_dependence"
    )
    assert (found.verdict, found.arm_source) == ("supported", "randomised")
    assert next(e.estimate for e in found.effects if e.measure == "risk difference") == pytest.approx(0.2)
    assert say("hypotheses.no_cause") not in found.sentence.values["parts"]
