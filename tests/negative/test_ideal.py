"""The ideal customer: levels merged as Kass merges them, shares counted by hand, silence where there is nothing."""

import numpy as np
import pandas as pd
import pytest
from shops import PERIOD, study

from helpers.customers.customers import Customers
from helpers.negative.ideal import attributes, compare_attributes, ideal_customer, merge_levels
from helpers.words import Words, say

WORDS = Words(currency="EUR")


def levels_of(**counts: tuple[int, int]) -> tuple[pd.Series, pd.Series]:
    """Level and whether among the best, from (all, best) per level."""
    level = np.repeat(list(counts), [n for n, _ in counts.values()])
    best = np.concatenate([np.arange(n) < k for n, k in counts.values()])
    return pd.Series(level), pd.Series(best)


def shop(n: int = 400, seed: int = 1) -> Customers:
    """Directors bring ten times as much, on Mondays; sex has nothing to do with it."""
    rng = np.random.default_rng(seed)
    ids = [f"c{number:03d}" for number in range(n)]
    director = rng.random(n) < 0.25
    margin = np.where(director, 100.0, 40.0) + rng.normal(0, 35, n)
    features = pd.DataFrame({"customer_id": ids, "orders": 3, "spend": 2 * margin, "returned": 0.0, "margin": margin})
    features["average_order_value"] = features["spend"] / 3
    features["monday_share"], features["sunday_share"] = np.where(
        director ^ (rng.random(n) < 0.2), [[0.9], [0.1]], [[0.2], [0.8]]
    )
    features["single_item_share"] = rng.random(n)
    role = np.where(director, rng.choice(["director", "manager"], n), rng.choice(["nurse", "teacher"], n))
    profile = pd.DataFrame({"customer_id": ids, "job_role": role, "sex": rng.choice(["f", "m"], n)})
    profile["age"] = rng.integers(18, 80, n).astype(float)
    held_out = pd.DataFrame({"customer_id": ids, "orders": 0, "margin": 0.0, "churned": True})
    return Customers(PERIOD, features, held_out, profile, ())


def test_levels_of_the_same_trend_are_merged_and_others_kept_apart():
    level, best = levels_of(nurse=(100, 10), teacher=(100, 12), director=(100, 60), manager=(100, 55))
    assert {frozenset(group) for group in merge_levels(level, best, 10)} == {
        frozenset({"nurse", "teacher"}),
        frozenset({"director", "manager"}),
    }


def test_levels_in_order_are_merged_with_neighbours_only():
    level, best = levels_of(a=(100, 10), b=(100, 60), c=(100, 10))
    ordered = level.astype(pd.CategoricalDtype(["a", "b", "c"], ordered=True))
    assert merge_levels(ordered, best, 10) == [["a"], ["b"], ["c"]]
    assert {frozenset(group) for group in merge_levels(level, best, 10)} == {frozenset("ac"), frozenset("b")}


def test_a_level_of_few_people_joins_another_whatever_its_share():
    level, best = levels_of(a=(100, 10), b=(100, 60), c=(9, 9))
    assert sorted(map(len, merge_levels(level, best, 10))) == [1, 2]
    assert sorted(map(len, merge_levels(level, best, 9))) == [1, 1, 1]


def test_of_an_attribute_without_meaning_everything_is_one_group():
    """Eight levels that mean nothing: merging alone would tell them apart in most draws, Kass's correction seldom."""
    rng = np.random.default_rng(5)
    apart = sum(
        len(merge_levels(pd.Series(rng.integers(0, 8, 600).astype(str)), pd.Series(rng.random(600) < 0.25), 10)) > 1
        for _ in range(60)
    )
    assert apart <= 6


def test_shares_and_lift_are_counted_by_hand_and_small_cells_withheld():
    level, best = levels_of(x=(100, 60), y=(300, 40))
    table = WORDS.told(compare_attributes({"location": level}, best, 10)).set_index("value")
    assert table.loc["x", ["share_best", "share_rest"]].tolist() == [60 / 100, 40 / 300]
    assert table.at["x", "lift"] == pytest.approx(0.6 / (40 / 300))
    # Katz: se of the log ratio = sqrt(1/60 - 1/100 + 1/40 - 1/300)
    error = np.sqrt(1 / 60 - 1 / 100 + 1 / 40 - 1 / 300)
    assert table.at["x", "ci_low"] == pytest.approx(4.5 * np.exp(-1.95996 * error), rel=1e-4)
    few, among = levels_of(x=(100, 91), y=(300, 9))
    hidden = compare_attributes({"location": few}, among, 10)
    assert hidden[["share_best", "lift", "ci_low"]].isna().all(axis=None)


def test_of_many_levels_the_common_ones_are_looked_at_and_the_rest_taken_together():
    rng = np.random.default_rng(2)
    level = pd.Series([f"town {number:02d}" for number in rng.geometric(0.1, 3000)])
    best = pd.Series(rng.random(3000) < np.where(level == "town 01", 0.7, 0.2))
    table = compare_attributes({"location": level}, best, 10)
    assert table["merged"].sum() == 13
    names = [value.values["names"] for value in table["value"]]
    assert table["ci_low"][names.index(("town 01",))] > 2
    assert sum(say("negative.ideal.others") in group for group in names) == 1


def test_levels_are_told_in_words_and_in_the_study_s_money():
    level = pd.Series(np.repeat(["a", "b"], 200))
    best = level == "a"
    ages = pd.Series(pd.Categorical.from_codes(best.astype(int), ["under_30", "from_60"], ordered=True))
    values = pd.cut(pd.Series(np.repeat([5.0, 30.0], 200)), pd.IntervalIndex.from_breaks([-np.inf, 12.5, 20, np.inf]))
    found = compare_attributes({"age": ages, "order_value": values}, best, 10)
    assert list(WORDS.told(found)["value"]) == ["under 30", "60 and over", "up to 12.50 EUR", "over 20 EUR"]


def test_every_attribute_of_the_customers_has_its_levels():
    customers = shop()
    found = attributes(customers)
    assert set(found) == {"job_role", "sex", "age", "weekday", "items", "order_value"}
    assert set(found["weekday"]) == {"monday", "sunday"}
    single = customers.features.set_index("customer_id")["single_item_share"]
    assert (found["items"] == np.where(single >= 0.5, "one", "several")).all()
    age = customers.profile.set_index("customer_id")["age"]
    assert [found["age"][age == years].unique().tolist() for years in (29, 30)] == [["under_30"], ["from_30"]]
    edges = customers.features["average_order_value"].quantile([0.25, 0.5, 0.75])
    assert [band.right for band in found["order_value"].cat.categories] == [*edges, np.inf]
    assert found["order_value"].value_counts().tolist() == [100] * 4


def test_the_ideal_customer_is_told_by_what_was_planted_and_by_nothing_else():
    found = ideal_customer(shop(), study())
    named = found.attributes.assign(attribute=[name.key.rpartition(".")[2] for name in found.attributes["attribute"]])
    table = WORDS.told(named).set_index("attribute")
    best = table[table["ci_low"] > 1]["value"]
    assert set(best["job_role"].split(" and ")) == {"director", "manager"}
    assert best["weekday"] == "Monday"
    assert {"sex", "age", "items"}.isdisjoint(best.index)
    assert table.loc[["sex", "age"], "lift"].isna().all()
    chosen, marked, alike = found.statement.values["parts"]
    assert (chosen.key, chosen.values["least"]) == ("negative.ideal.by_contribution", pytest.approx(76, abs=10))
    marks = {mark.values["attribute"].key.rpartition(".")[2]: mark.values["lift"] for mark in marked.values["names"]}
    assert set(marks) == {"job_role", "weekday"}
    assert min(marks.values()) > 1
    assert [name.key.rpartition(".")[2] for name in alike.values["names"]] == ["sex", "age", "items"]
    first, rest = found.order_values.to_dict("records")
    assert (first["customers"], first["n"], rest["n"]) == (say("negative.ideal.best"), 100, 300)
    worth = shop().features.set_index("customer_id")["average_order_value"].nlargest(100)
    assert first["median"] == pytest.approx(worth.median())
    assert first["lowest"] == pytest.approx(worth.nsmallest(10).mean())
    assert first["highest"] == pytest.approx(worth.nlargest(10).mean())


def test_without_costs_the_best_are_those_who_bought_most_and_it_is_said():
    customers = shop()
    features, held_out = (frame.drop(columns="margin") for frame in (customers.features, customers.held_out))
    found = ideal_customer(Customers(PERIOD, features, held_out, customers.profile, ()), study())
    assert found.statement.values["parts"][0].key == "negative.ideal.by_revenue"
    assert len(found.attributes)


def test_few_customers_are_not_described_and_it_is_said():
    found = ideal_customer(shop(199), study())
    assert found.statement == say("negative.ideal.few", n=199, least=200)
    assert found.attributes.empty
    assert found.order_values.empty


def test_customers_who_all_bring_the_same_have_no_best():
    customers = shop()
    alike = Customers(PERIOD, customers.features.assign(margin=5.0), customers.held_out, customers.profile, ())
    assert ideal_customer(alike, study()).attributes.empty


def test_without_sales_there_is_no_ideal():
    assert ideal_customer(None, study()) is None
