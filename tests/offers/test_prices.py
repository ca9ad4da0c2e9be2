"""Remembered prices, losses and left digits: nothing found in nothing, what is there found, the rest said plainly."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from helpers.beliefs.registry import put_to_the_test
from helpers.offers import prices, weekly
from helpers.offers.weekly import fixed_effects_poisson, price_weeks, slopes
from helpers.read.load import load_tables
from helpers.study import load_study
from helpers.words import Words, say

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
MONDAY = pd.Timestamp("2025-01-06")


def history(rng: np.random.Generator, products: int, weeks: int) -> tuple[np.ndarray, np.ndarray]:
    """Posted and list price per week and product: offers of 15 to 25 %, and half of the products dearer midway."""
    listed = np.tile(np.maximum(np.round(rng.lognormal(1.8, 0.5, products) * 2) / 2 - 0.05, 1.45), (weeks, 1))
    listed[weeks // 2 :, rng.random(products) < 0.5] *= 1.06
    offer = np.where(rng.random(listed.shape) < 0.2, rng.choice([0.75, 0.8, 0.85], listed.shape), 1.0)
    return np.round(listed * offer, 2), np.round(listed, 2)


def gap_of(posted: np.ndarray) -> np.ndarray:
    """Log price over the running average of earlier ones, as the suite defines it, written plainly."""
    logs, gaps = np.log(posted), np.full(posted.shape, np.nan)
    remembered = logs[0]
    for week in range(1, len(logs)):
        gaps[week] = logs[week] - remembered
        remembered = weekly.MEMORY * remembered + (1 - weekly.MEMORY) * logs[week]
    return gaps


def market(
    seed: int, products: int = 24, weeks: int = 30, loss=0.0, gain=0.0, digit=0.0, label=0.8, mean=10.0
) -> pd.DataFrame:
    """`price_weeks` of a made-up shop: an offer brings orders by its label alone; the rest as planted."""
    rng = np.random.default_rng(seed)
    posted, listed = history(rng, products, weeks)
    gap = gap_of(posted)
    known = np.nan_to_num(gap)
    log_rate = np.log(mean) + rng.normal(0, 0.5, products) + rng.normal(0, 0.2, (weeks, 1))
    log_rate += label * (posted < listed) - loss * known.clip(0) + gain * (-known).clip(0) + digit * (posted % 1)
    orders = rng.poisson(np.exp(log_rate) * rng.gamma(10, 0.1, posted.shape))
    week, product = (index.ravel() for index in np.indices(posted.shape))
    frame = pd.DataFrame({"product_id": product, "week": week, "price": posted.ravel(), "orders": orders.ravel()})
    offer = pd.DataFrame(posted).pipe(lambda p: p < p.rolling(weekly.USUAL, min_periods=1).max()).to_numpy()
    frame = frame.assign(product_id=frame["product_id"].map("P{:02d}".format), gap=gap.ravel(), offer=offer.ravel())
    return frame[frame["week"] >= weekly.BURN_IN]


def shop(weeks: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables sales and prices behind `market`: one order of one line each, prices posted on Mondays."""
    sold = weeks.loc[weeks.index.repeat(weeks["orders"])].reset_index(drop=True)
    number = sold.index.map("O{:06d}".format)
    sales = pd.DataFrame({"customer_id": number, "order_id": number, "product_id": sold["product_id"], "amount": 1.0})
    sales["ordered_at"] = MONDAY + pd.to_timedelta(7 * sold["week"] + np.arange(len(sold)) % 7, unit="D")
    posted = weeks[["product_id", "price"]].assign(at=MONDAY + pd.to_timedelta(7 * weeks["week"], unit="D"))
    return {"sales": sales, "prices": posted}


def verdict(evidence, id_: str):
    return {r.id: r for r in put_to_the_test("framing", evidence)}[id_]


def p_of(weeks: pd.DataFrame, columns: list[str], signs: list[float], same_price: bool = True) -> tuple[float, float]:
    beta, covariance, n = slopes(weeks, columns, same_price)
    estimate, se = np.array(signs) @ beta, np.sqrt(np.array(signs) @ covariance @ signs)
    return estimate, 2 * stats.t.sf(abs(estimate) / se, n - 1)


# --- the panel ---------------------------------------------------------------------------------------------------


def test_weeks_begin_where_prices_change_and_orders_are_counted_once(make_evidence):
    """One product, changed on two Wednesdays and once midway; two lines of one order are one order."""
    wednesday = pd.Timestamp("2025-01-08")
    days = wednesday + pd.to_timedelta([0, 7, 14, 21, 28, 35, 42, 44, 49, 56], unit="D")
    sold = pd.DataFrame({"customer_id": "C", "product_id": "P", "amount": 1.0, "ordered_at": days})
    sold["order_id"] = [f"O{i}" for i in range(len(sold))]
    sold = pd.concat([sold, sold.iloc[[5]], sold.iloc[[5]].assign(amount=-1.0, order_id="back")])
    posted = pd.DataFrame({"product_id": "P", "price": [10.0, 8.0, 10.0, 9.0, 10.0]})
    posted["at"] = wednesday + pd.to_timedelta([0, 28, 35, 45, 49], unit="D") + pd.Timedelta(hours=10)
    weeks = price_weeks(make_evidence({"sales": sold, "prices": posted}))
    assert weeks["week"].tolist() == [4, 5, 7]  # 0 to 3 fill the memory, the price of 6 changed midway, 8 is not over
    assert weeks["price"].tolist() == [8.0, 10.0, 10.0]
    assert weeks["orders"].tolist() == [1, 1, 1]
    assert weeks["offer"].tolist() == [True, False, False]
    after = 0.7 * np.log(10) + 0.3 * np.log(8)
    midway = (3 * np.log(10) + 4 * np.log(9)) / 7
    last = 0.7 * (0.7 * after + 0.3 * np.log(10)) + 0.3 * midway
    assert weeks["gap"].to_numpy() == pytest.approx([np.log(0.8), np.log(10) - after, np.log(10) - last])


def test_a_step_by_cents_is_no_offer(make_evidence):
    """4.95 after 5.05 is 2 % less; 4.00 a fifth, and 4.75 after 5.00 just the twentieth that makes an offer."""
    days = MONDAY + pd.to_timedelta(7 * np.arange(10), unit="D")
    sold = pd.DataFrame({"customer_id": "C", "product_id": "P", "amount": 1.0, "ordered_at": days})
    sold["order_id"] = [f"O{i}" for i in range(10)]
    posted = pd.DataFrame(
        {"product_id": "P", "price": [5.00, 5.05, 4.95, 4.00, 5.00, 4.75], "at": days[[0, 3, 5, 6, 7, 8]]}
    )
    weeks = price_weeks(make_evidence({"sales": sold, "prices": posted})).set_index("price")
    assert weeks["offer"].to_dict() == {5.05: False, 4.95: False, 4.00: True, 5.00: False, 4.75: True}


def test_prices_that_are_no_prices_and_products_that_stay_take_no_part(make_evidence):
    frames = shop(market(1, products=3))
    ancient = frames["prices"].iloc[[0]].assign(at=pd.Timestamp("1900-01-01"))
    bad = frames["prices"].head(4).assign(price=[np.nan, np.inf, 0.0, -1.0])
    still = frames["prices"].iloc[[0]].assign(product_id="Still", price=5.0)
    sold = frames["sales"].head(30).assign(product_id="Still")
    known = pd.concat([ancient, frames["prices"]])
    plain = price_weeks(make_evidence({"sales": frames["sales"], "prices": known}))
    spoilt = {"sales": pd.concat([frames["sales"], sold]), "prices": pd.concat([known, bad, still])}
    pd.testing.assert_frame_equal(plain, price_weeks(make_evidence(spoilt)))
    assert 0 < plain["week"].max() < 52 + 30


# --- the estimator -----------------------------------------------------------------------------------------------


def test_slopes_are_those_of_a_model_with_a_dummy_per_cell():
    weeks = market(3, products=12, gain=1.0)
    cell = weeks["product_id"].factorize()[0]
    X = weeks[["gap", "week"]].to_numpy(float) / [1, 30]
    beta, _ = fixed_effects_poisson(weeks["orders"].to_numpy(float), X, cell, cell)
    dummies = pd.get_dummies(cell, dtype=float).to_numpy()
    reference = sm.GLM(weeks["orders"], np.column_stack([X, dummies]), sm.families.Poisson()).fit(tol=1e-12)
    assert beta == pytest.approx(reference.params[:2].to_numpy(), rel=1e-7)


def test_the_covariance_is_the_jackknife_over_products():
    """One Newton step per product left out stands for a fit without it."""
    weeks = market(4, products=15, gain=1.0)
    y, cell = weeks["orders"].to_numpy(float), weeks["product_id"].factorize()[0]
    X = weeks[["gap"]].to_numpy()
    beta, covariance = fixed_effects_poisson(y, X, cell, cell)
    refits = []
    for left_out in range(15):
        kept = cell != left_out
        codes = np.unique(cell[kept], return_inverse=True)[1]
        refits.append(fixed_effects_poisson(y[kept], X[kept], codes, codes)[0][0] - beta[0])
    assert covariance[0, 0] == pytest.approx(14 / 15 * np.sum(np.square(refits)), rel=0.02)


NULLS = {
    "reference": (["gap"], [-1], True),
    "asymmetry": (["loss", "gain"], [-1, -1], True),
    "left digit": (["under", "over", "log_price", "offer"], [1, -1, 0, 0], False),
}


@pytest.mark.parametrize("belief", NULLS)
def test_nothing_is_found_where_nothing_is(belief):
    """200 shops in which an offer doubles orders by its label, and neither the past nor a digit does anything."""
    found = [p_of(_parts(market(seed, products=20, weeks=26)), *NULLS[belief])[1] < 0.05 for seed in range(200)]
    assert 0.03 <= np.mean(found) <= 0.07


def _parts(weeks: pd.DataFrame) -> pd.DataFrame:
    loss, gain, part = weeks["gap"].clip(0), (-weeks["gap"]).clip(0), (weeks["price"] % 1).round(6)
    return weeks.assign(loss=loss, gain=gain, under=part >= 0.75, over=part < 0.25, log_price=np.log(weeks["price"]))


def test_a_dozen_products_are_enough_for_honest_errors():
    found = [p_of(market(seed, products=12), ["gap"], [-1])[1] < 0.05 for seed in range(150)]
    assert 0.02 <= np.mean(found) <= 0.08


def test_holding_only_log_price_equal_would_find_a_remembered_price_in_the_label_of_an_offer():
    """Why the same price is compared with itself: on these shops the usual model errs several times too often."""
    weeks = [_parts(market(seed, products=40, weeks=40, label=1.2)) for seed in range(40)]
    usual = np.mean([p_of(w, ["gap", "log_price"], [-1, 0], same_price=False)[1] < 0.05 for w in weeks])
    ours = np.mean([p_of(w, ["gap"], [-1])[1] < 0.05 for w in weeks])
    assert usual >= 0.15
    assert ours <= 0.10


def shoppers(seed: int) -> pd.DataFrame:
    """One row per shopper and week: 250 people who differ in how much a price moves them, and nothing else."""
    rng = np.random.default_rng(seed)
    people, weeks, products = 250, 40, 20
    posted = np.where(rng.random((weeks, products)) < 0.3, rng.choice([0.75, 0.8, 0.85], (weeks, products)), 1.0)
    theirs, rate, response = rng.integers(products, size=people), rng.gamma(3, 0.06, people), rng.gamma(1, 3, people)
    log_price = np.log(posted)[:, theirs]
    bought = rng.random(log_price.shape) < np.minimum(0.9, rate * np.exp(-response * log_price))
    paid = pd.DataFrame(np.where(bought, log_price, np.nan)).ffill().shift().to_numpy()
    week, person = (index.ravel() for index in np.indices(bought.shape))
    parts = {"price": posted[:, theirs], "gap": gap_of(posted)[:, theirs], "paid": paid, "orders": bought.astype(int)}
    frame = pd.DataFrame({name: part.ravel() for name, part in parts.items()})
    return frame.assign(person=person, week=week, product_id=theirs[person])


def test_the_last_price_paid_finds_a_loss_aversion_that_nobody_has_and_posted_prices_do_not():
    paid, ours = [], []
    for seed in range(24):
        people = shoppers(seed)
        own = people.dropna(subset=["paid"])
        log_price = np.log(own["price"])
        X = np.column_stack(
            [np.ones(len(own)), log_price, (log_price - own["paid"]).clip(0), (own["paid"] - log_price).clip(0)]
        )
        model = sm.GLM(own["orders"].to_numpy(float), X, sm.families.Poisson())
        test = model.fit(cov_type="cluster", cov_kwds={"groups": own["person"].to_numpy()}).t_test([0, 0, -1, -1])
        paid.append(test.pvalue < 0.05 and test.effect[0] > 0)
        by_week = people.groupby(["product_id", "week", "price", "gap"], as_index=False)["orders"].sum()
        estimate, p = p_of(_parts(by_week[by_week["week"] >= weekly.BURN_IN]), ["loss", "gain"], [-1, -1])
        ours.append(p < 0.05 and estimate > 0)
    assert np.mean(paid) >= 0.75
    assert np.mean(ours) <= 0.10


# --- verdicts ----------------------------------------------------------------------------------------------------


def test_planted_loss_aversion_is_found_with_its_ratio(make_evidence):
    """A per cent above the remembered price costs 6 % of orders, one below brings 3 %."""
    tables = shop(market(11, products=60, weeks=40, loss=6.0, gain=3.0, mean=30.0))
    results = {r.id: r for r in put_to_the_test("framing", make_evidence(tables))}
    found = results["loss_asymmetry"]
    assert (found.verdict, found.arm_source, found.effect.measure) == ("supported", "observational", "slope")
    above, below, ratio = found.effects[1:]
    assert above.ci_low < 6.0 < above.ci_high
    assert 0.0 < below.ci_low < 3.0  # weeks of a category held equal take some of it
    assert (ratio.label, ratio.estimate > 1.5) == (say("hypotheses.label.losses"), True)
    facts, *_, warning = found.sentence.values["parts"]
    losses = facts.values["losses"]
    assert (losses.key, losses.values["ratio"]) == ("hypotheses.facts.losses", ratio.estimate)
    assert "published studies of gains and losses give 1.96 (1.82 to 2.10)" in Words().tell(losses)
    assert warning == say("hypotheses.no_cause")
    assert results["reference_price"].verdict == "supported"


def test_no_ratio_where_a_lower_price_may_not_attract(make_evidence):
    """The past does nothing here, so that a ratio would be one noise over another."""
    evidence = make_evidence(shop(market(9, products=30, weeks=40)))
    found = verdict(evidence, "loss_asymmetry")
    assert found.verdict in ("equivalent", "inconclusive")
    assert [e.measure for e in found.effects] == ["slope"] * 3
    assert found.sentence.values["parts"][0].values["losses"] == say("hypotheses.facts.no_losses")
    assert found.n == {say("hypotheses.label.products"): 30}


def test_fiellers_ends_are_the_ratios_that_the_slopes_just_do_not_refuse():
    covariance = np.array([[0.2, 0.05], [0.05, 0.1]])
    effect = prices._fieller(np.array([3.0, 1.5]), covariance, 31, "")
    assert effect.estimate == 2.0
    for end in (effect.ci_low, effect.ci_high):
        turn = np.array([1.0, -end])
        assert abs(turn @ [3.0, 1.5]) / np.sqrt(turn @ covariance @ turn) == pytest.approx(stats.t.isf(0.025, 30))


def test_a_planted_left_digit_is_found(make_evidence):
    """From x.00 to just under the next whole price orders rise by a half, so between the quarters by about a third."""
    found = verdict(make_evidence(shop(market(10, products=50, digit=0.4, mean=20.0))), "left_digit")
    assert (found.verdict, found.effect.measure) == ("supported", "ratio of means")
    assert found.effect.ci_low < np.exp(0.3) < found.effect.ci_high
    facts = found.sentence.values["parts"][0].values
    assert (facts["products"], facts["near"], facts["step"]) == (50, 0.25, 1.0)
    assert 10 <= facts["both"] <= 50


def test_prices_without_cents_have_round_ones_too(make_evidence):
    """The same shop in a currency of which a euro is a hundred: a whole price is a multiple of a hundred."""
    weeks = market(10, products=50, digit=0.4, mean=20.0)
    found = verdict(make_evidence(shop(weeks.assign(price=weeks["price"] * 100))), "left_digit")
    assert found.verdict == "supported"
    assert "up to 25 EUR under a multiple of 100 EUR" in Words("en", "EUR").tell(found.sentence)


@pytest.mark.parametrize("id_", ["reference_price", "loss_asymmetry", "left_digit"])
@pytest.mark.parametrize("fault", ["constant", "few products", "one row", "no sale of a priced product", "all missing"])
def test_what_cannot_be_told_is_said(make_evidence, id_, fault):
    frames = shop(market(11, products=4 if fault == "few products" else 12))
    posted = frames["prices"]
    frames["prices"] = {
        "constant": posted.assign(price=5.0), "few products": posted, "one row": posted.head(1),
        "no sale of a priced product": posted.assign(product_id="other"), "all missing": posted.assign(price=np.nan),
    }[fault]  # fmt: skip
    found = verdict(make_evidence(frames), id_)
    assert (found.verdict, found.effect) == ("not testable", None)
    if fault == "all missing":
        assert "prices.price" in found.reason.values["missing"]
    elif (fault, id_) == ("few products", "left_digit"):
        assert found.reason == say("hypotheses.reason.few_digits", least=10, step=1.0)
    else:
        assert found.reason == say("hypotheses.reason.few_prices", least=10)


def test_without_prices_the_table_is_asked_for(make_evidence):
    found = verdict(make_evidence({"sales": shop(market(11, products=2))["sales"]}), "reference_price")
    assert found.reason.values["missing"] == ("prices.price", "prices.at", "prices.product_id")


def test_the_sample_shop_has_no_memory_and_no_digits_and_none_is_found(make_evidence):
    """What is planted there is the label of an offer and the list price, which the same product at its price shares."""
    frames = load_tables(load_study(SAMPLE)).frames
    found = {r.id: r for r in put_to_the_test("framing", make_evidence({n: frames[n] for n in ("sales", "prices")}))}
    for id_ in ("reference_price", "loss_asymmetry", "left_digit"):
        assert found[id_].verdict in ("equivalent", "inconclusive")
        assert found[id_].n == {say("hypotheses.label.products"): 60}
