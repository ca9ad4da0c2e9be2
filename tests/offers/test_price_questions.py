"""Questions about prices: crossings and revenue counted by hand, intervals that hold the truth, small cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.contracts import StudyError
from helpers.offers.asked.figures import plot_buying, plot_named
from helpers.offers.asked.price_questions import apart, asked_prices, crossings, resampled, would_pay
from helpers.read.load import load_tables
from helpers.study import load_study
from helpers.survey.survey import code_survey
from helpers.words import Words

FOUR = "    van_westendorp: {too_cheap: a, cheap: b, expensive: c, too_expensive: d}\n"
BUY = '    gabor_granger: {prices: {p2: 2, p4: 4.50, p3: 3}, buys: ["yes", Sure]}\n'


def asked(folder, frame: pd.DataFrame, more: str, personas):
    frame.to_csv(folder / "survey.csv", index=False)
    text = f"study: a\ncurrency: EUR\ntables:\n  survey:\n    path: survey.csv\n{more}"
    (folder / "study.yml").write_text(text, encoding="utf-8")
    study = load_study(folder)
    return asked_prices(code_survey(load_tables(study), study), personas, study)


def test_crossings_of_one_opinion_lie_between_its_prices():
    one = np.tile([1.0, 2.0, 3.0, 4.0], (20, 1))
    assert crossings(one, np.ones(20)).tolist() == pytest.approx([2, 2.5, 2.5, 3])


def test_crossings_of_two_opinions_are_those_of_the_drawn_lines():
    """At 3, half find it too cheap and nobody too dear; at 4 nobody and half: the lines meet in between."""
    two = np.array([[1.0, 2, 3, 4], [3, 4, 5, 6]])
    lowest, optimal, indifference, highest = crossings(two, np.ones(2))
    assert (optimal, indifference) == pytest.approx((3.5, 3.5))
    assert (lowest, highest) == pytest.approx((3.0, 4.0))
    assert crossings(two, np.array([1.0, 0.0])).tolist() == pytest.approx([2, 2.5, 2.5, 3])


def test_prices_scale_with_the_currency():
    rng = np.random.default_rng(1)
    prices = np.sort(rng.lognormal(1, 0.4, (50, 4)), axis=1)
    assert crossings(100 * prices, np.ones(50)) == pytest.approx(100 * crossings(prices, np.ones(50)))


def named_prices(seed: int, n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    level = rng.normal(0, 0.3, n)
    columns = {name: np.round(np.exp(level + at + rng.normal(0, 0.1, n)), 2)
               for name, at in zip("abcd", (0.0, 0.5, 1.0, 1.5), strict=True)}  # fmt: skip
    return pd.DataFrame({"respondent_id": [f"R{i:03d}" for i in range(n)]} | columns)


def test_who_names_prices_that_do_not_rise_is_left_out_and_groups_have_their_own(tmp_path, personas_by_hand):
    frame = named_prices(1, 80)
    frame.loc[40:, list("abcd")] = (frame.loc[40:, list("abcd")] * 3).round(2)
    turned = pd.DataFrame({"respondent_id": [f"T{i}" for i in range(12)], "a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0})
    people = {n: "p1" if int(n[1:]) < 40 else "p2" for n in frame["respondent_id"]}
    written = pd.concat([frame, turned]).astype(str).replace({"a": {"4.0": "4,00 €"}})
    found = asked(tmp_path, written, FOUR, personas_by_hand(people))
    price = found.named[["id", "price"]].groupby("id")["price"].apply(list)
    assert np.array(price["p2"]) == pytest.approx(3 * np.array(price["p1"]), rel=0.25)
    assert found.named.groupby("id")["n"].first().to_dict() == {"all": 80, "p1": 40, "p2": 40}
    assert ((found.named["ci_low"] <= found.named["price"]) & (found.named["price"] <= found.named["ci_high"])).all()
    keys = [line.key for line in found.told]
    assert keys == ["prices.who", *["prices.range"] * 3, "prices.not_rising", "prices.limits"]
    assert found.told[-2].values["n"] == 12
    drawn = plot_named(found.named, words=Words())
    assert drawn.get_yticklabels()[0].get_text() == "lowest acceptable price"


def test_intervals_of_the_optimal_price_hold_the_truth():
    """Of thirty samples of 60; the truth by a hundred thousand."""
    whole = named_prices(99, 100_000)[list("abcd")].to_numpy()
    truth = crossings(whole, np.ones(len(whole)))[1]
    inside = []
    for seed in range(30):
        own = named_prices(seed)[list("abcd")].to_numpy()
        low, high = resampled(lambda at, own=own: crossings(own[at], np.ones(len(at))), 60, seed)
        inside.append(low[1] < truth < high[1])
    assert np.mean(inside) >= 0.83


def test_who_buys_at_a_price_buys_at_a_lower_one():
    nan = np.nan
    said = np.array([[1, 1, 0], [1, nan, 0], [nan, 1, 0], [0, nan, nan], [0, 1, 0], [nan, nan, nan], [nan, nan, 1]])
    most, turned = would_pay(said)
    assert most.tolist() == [2, -1, 2, 0, -1, -1, 3]
    assert turned.tolist() == [False, False, False, False, True, False, False]


def buyers(counts: dict[int, int]) -> pd.DataFrame:
    """So many people who buy at none, at the first, at two and at all three prices."""
    most = np.repeat(list(counts), list(counts.values()))
    columns = {name: np.where(most > at, "Sure", "no") for at, name in enumerate(("p2", "p3", "p4"))}
    return pd.DataFrame({"respondent_id": [f"R{i:03d}" for i in range(len(most))]} | columns)


def test_shares_and_what_is_earned_are_counted_by_hand(tmp_path, personas_by_hand):
    """Of 100, 80 buy at 2, 60 at 3 and 10 at 4.50: 1.60, 1.80 and 0.45 of each person asked."""
    found = asked(tmp_path, buyers({0: 20, 1: 20, 2: 50, 3: 10}), BUY, personas_by_hand({"R": "p"}))
    assert found.buying["share"].tolist() == pytest.approx([0.8, 0.6, 0.1])
    assert found.buying["earned"].tolist() == pytest.approx([1.6, 1.8, 0.45])
    best = found.told[1]
    assert best.key == "prices.best_open"
    assert (best.values["price"], best.values["low"], best.values["high"]) == (3.0, 2.0, 3.0)
    dear = asked(tmp_path, buyers({0: 20, 3: 80}), BUY, personas_by_hand({"R": "p"})).told[1]
    assert [part.key for part in dear.values["parts"]] == ["prices.best", "prices.edge"]
    clear = asked(tmp_path, buyers({0: 20, 2: 80}), BUY, personas_by_hand({"R": "p"}))
    assert (clear.told[1].key, clear.told[1].values["price"]) == ("prices.best", 3.0)
    drawn = plot_buying(found.buying, words=Words())
    assert drawn.get_lines()[0].get_ydata().tolist() == pytest.approx([0.8, 0.6, 0.1])


def test_what_would_give_a_few_people_away_is_withheld(tmp_path, personas_by_hand):
    """Three people more buy at 2 than at 3, and four at 4.50: only the first share is told."""
    assert apart(np.array([80, 77, 4]), 100, 10).tolist() == [True, False, False]
    assert apart(np.array([80, 60, 0]), 100, 10).tolist() == [True, True, True]
    found = asked(tmp_path, buyers({0: 20, 1: 3, 2: 73, 3: 4}), BUY, personas_by_hand({"R": "p"}))
    assert found.buying["share"].notna().tolist() == [True, False, False]
    assert found.buying["earned"].notna().tolist() == [True, False, False]


def test_too_few_and_nobody_asked_are_told(tmp_path, personas_by_hand):
    personas = personas_by_hand({"R": "p"})
    keys = [line.key for line in asked(tmp_path, named_prices(1, 19), FOUR, personas).told]
    assert keys == ["prices.few", "prices.limits"]
    keys = [line.key for line in asked(tmp_path, buyers({2: 19}), BUY, personas).told]
    assert keys == ["prices.few_buying", "prices.limits"]
    assert asked(tmp_path, buyers({2: 30}), "    categorical: [p2]\n", personas).told[0].key == "prices.none"
    everybody = asked(tmp_path, buyers({3: 30}), BUY, personas)  # all yes
    assert everybody.buying["share"].tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("    van_westendorp: {too_cheap: a, cheap: b, expensive: c}\n", "van_westendorp.too_expensive"),
        (FOUR.replace("d}", "c}"), "van_westendorp: name four different columns"),
        (BUY.replace("p2: 2", "p2: -2"), "gabor_granger.prices"),
        (BUY.replace("p3: 3", "p3: 2"), "gabor_granger.prices: two columns have the same price"),
        ("    gabor_granger: {prices: {p2: 2}}\n", "gabor_granger.prices"),
        ("    gabor_granger: {prices: {p2: dear, p3: 2}}\n", "gabor_granger.prices"),
    ],
)
def test_faults_of_price_questions_name_the_key(tmp_path, personas_by_hand, more, said):
    with pytest.raises(StudyError) as refused:
        asked(tmp_path, named_prices(1).assign(p2="yes", p3="yes", p4="no"), more, personas_by_hand({"R": "p"}))
    assert said in str(refused.value)
