"""Rules held to unseen people: readable, of fifty at least, and never by what is protected; what errors would cost."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shops import PERIOD, shop, study

from helpers.columns import CUSTOMERS, FEATURES
from helpers.customers.customers import Customers
from helpers.negative.signs import (
    Condition,
    exclusion,
    find_signs,
    grow_rules,
    halves,
    handle_of,
    matches,
    phrase,
    recognised_by,
    rule_text,
    rule_traits,
    unsure_sign,
)
from helpers.words import Words, say

WORDS = Words(currency="EUR")
ADS = Condition("acquisition_channel=ads", True, 0.5)


def test_protected_attributes_never_reach_a_rule_and_place_only_when_the_study_says_so():
    customers, _ = shop(200)
    profile = customers.profile.assign(
        location="Tbilisi", country="GE", language="ka", nationality="GE", job_role="chef"
    )
    wide = Customers(PERIOD, customers.features, customers.held_out, profile, ())
    always = {"return_share", "coupon_share", "average_order_value", "job_role=chef"}
    channels = {"acquisition_channel=ads", "acquisition_channel=friends"}
    assert set(rule_traits(wide, study())) == always | channels
    opened = rule_traits(wide, study(protected=[]))
    assert set(opened) == always | channels | {"location=Tbilisi", "language=ka"}
    closed = rule_traits(wide, study(protected=["job_role", "place", "language"]))
    assert set(closed) == always - {"job_role=chef"} | channels


def test_halves_are_disjoint_whole_and_do_not_depend_on_the_order_of_rows():
    ids = pd.Index([f"c{number}" for number in range(101)])
    grown, unseen = halves(ids, 5)
    assert len(grown) == 50
    assert sorted([*grown, *unseen]) == sorted(ids)
    again, _ = halves(ids[::-1], 5)
    assert list(grown) == list(again)
    assert list(grown) != list(halves(ids, 6)[0])


def test_a_planted_threshold_is_found_with_a_readable_cut():
    # ... 0.60, 0.63 ...: the middle, 0.615, is printed and applied as 0.61 or 0.62
    share = np.tile(np.arange(0, 1, 0.03), 8)
    traits = pd.DataFrame({"return_share": share, "coupon_share": np.tile([0.1, 0.9], len(share) // 2)})
    (rule,) = grow_rules(traits, pd.Series(share > 0.61), seed=1)
    assert rule in ((Condition("return_share", True, 0.61),), (Condition("return_share", True, 0.62),))
    assert matches(traits, rule).tolist() == (share > 0.61).tolist()
    percent = f"{100 * rule[0].threshold:.0f} %"
    assert WORDS.tell(rule_text(rule)) == f"Customers who return more than {percent} of their order lines"


def test_a_rule_needs_fifty_on_its_side():
    traits = pd.DataFrame({"return_share": np.r_[np.zeros(150), np.ones(49)]})
    assert grow_rules(traits, pd.Series(traits["return_share"] > 0.5), seed=1) == ()


def test_there_is_no_rule_where_nobody_or_everybody_loses():
    traits = pd.DataFrame({"return_share": np.linspace(0, 1, 300)})
    assert grow_rules(traits, pd.Series(np.zeros(300, bool)), seed=1) == ()
    assert grow_rules(traits, pd.Series(np.ones(300, bool)), seed=1) == ()


def test_rules_are_said_in_plain_words():
    rule = (
        Condition("complaints", True, 0.0),
        Condition("channel_call_centre_share", True, 0.25),
        Condition("acquisition_channel=ads", False, 0.5),
        Condition("acquisition_cost", True, 17.5),
    )
    assert WORDS.tell(rule_text(rule)) == (
        "Customers who have complained, place more than 25 % of their orders through call centre, "
        "did not first come through ads and cost more than 17.50 EUR to win"
    )
    assert [WORDS.tell(handle_of(rule[at:])) for at in (0, 3)] == [
        "Complaints, often through call centre",
        "Dear to win",
    ]


@pytest.mark.parametrize(("above", "part"), [*product((True, False), ("trait", "head", "tail"))])
def test_every_column_that_may_make_a_rule_has_its_words(above, part):
    rows = [row.name.replace("*", "web") for row in FEATURES if row.in_rules]
    early = [column.name if column.kind == "number" else f"{column.name}=x" for column in CUSTOMERS if column.early]
    assert all(WORDS.tell(phrase(Condition(name, above, cut), part)) for name in [*rows, *early] for cut in (0.0, 1.0))


# --- early signs, and the cost of being wrong ------------------------------------------------------------------


def test_a_sign_is_counted_by_hand_on_people_it_was_not_found_on():
    ids = pd.Index([f"c{number:03d}" for number in range(200)])
    traits = pd.DataFrame({"acquisition_channel=ads": np.r_[np.ones(50), np.zeros(150)]}, index=ids)
    loses = pd.Series(np.r_[np.ones(30), np.zeros(20), np.ones(20), np.zeros(130)] > 0, index=ids)
    (row,) = recognised_by((ADS,), traits, loses, 10).to_dict("records")
    assert (row["sign"], row["known"], row["n"]) == (phrase(ADS), say("negative.known.at_acquisition"), 50)
    assert row["right"].values == pytest.approx(
        {"share": 0.6, "low": 0.4618, "high": 0.7239}, abs=5e-5
    )  # Wilson: 30/50
    assert row["caught"] == row["right"]  # 30 of all 50 who lose money
    assert row["of_all"] == say("negative.of_all", share=0.25)
    few = loses & ~loses.index.isin(ids[:21])  # nine of those who show the sign
    assert recognised_by((ADS,), traits, few, 10).empty
    nearly_all = loses | loses.index.isin(ids[:45])  # five others: told as ten, so that nothing can be subtracted
    (row,) = recognised_by((ADS,), traits, nearly_all, 10).to_dict("records")
    assert row["right"].values["share"] == 0.8


def test_signs_known_at_acquisition_come_first_and_of_them_the_surest():
    person = np.arange(200)
    loses = pd.Series(person < 100)
    shown = {"complaints": person < 60, "job_role=chef": (person >= 40) & (person < 130), "job_role=clerk": person < 50}
    signs = tuple(Condition(name, True, 0.5) for name in shown)
    found = recognised_by(signs, pd.DataFrame(shown).astype(float), loses, 10)
    assert list(found["sign"]) == [phrase(signs[2]), phrase(signs[1]), phrase(signs[0])]
    assert [right.values["share"] for right in found["right"]] == pytest.approx([40 / 50, 60 / 90, 50 / 60])


def test_only_clear_signs_known_at_the_start_are_found():
    rng = np.random.default_rng(4)
    loses = pd.Series(rng.random(600) < 0.25)
    told = rng.random(600) < np.where(loses, 0.6, 0.1)
    luck = pd.DataFrame({f"job_role={n}": (rng.random(600) < 0.3).astype(float) for n in range(8)})
    traits = luck.assign(**{"acquisition_channel=ads": told.astype(float), "return_share": loses.astype(float)})
    assert find_signs(traits, loses, 1) == (ADS,)
    assert find_signs(traits.assign(**{"acquisition_channel=ads": 1.0 - told}), loses, 1) == ()  # not "did not come"


def test_a_sign_that_too_few_show_is_told_with_its_figures_and_no_sign_where_it_can_be_ruled_out():
    ids = pd.Index([f"c{number:04d}" for number in range(1000)])
    ads = pd.Series(np.arange(1000) < 40, index=ids)
    traits = pd.DataFrame({"acquisition_channel=ads": ads.astype(float), "return_share": np.linspace(0, 1, 1000)})
    loses = pd.Series(np.r_[np.ones(18), np.zeros(22), np.tile([1, 0, 0], 320)] > 0, index=ids)
    unsure = unsure_sign(traits, loses, 10)
    assert (unsure.key, unsure.values["sign"], unsure.values["n"]) == ("negative.unsure", phrase(ADS), 40)
    assert unsure.values["right"].values["share"] == 18 / 40
    assert unsure.values["of_all"].values["share"] == 338 / 1000
    assert unsure_sign(traits, loses, 19) == ""  # a small cell
    half = traits.assign(**{"acquisition_channel=ads": np.tile([1.0, 0.0], 500)})
    assert unsure_sign(half, loses, 10) == ""  # 500 customers rule half as much again out


def test_the_cost_of_excluding_counted_by_hand():
    ids = pd.Index([f"c{number:02d}" for number in range(40)])
    brought = pd.Series(np.r_[np.full(10, 30.0), np.full(20, -15.0), np.full(10, 99.0)], index=ids)
    brought += np.tile([-1.0, 1.0], 20)
    met = pd.Series(ids < "c30", index=ids)
    (row,) = exclusion({"rule": met}, brought, 10).to_dict("records")
    assert (row["refused"], row["n"]) == ("rule", 30)
    assert row["paid"].values == pytest.approx({"share": 1 / 3, "low": 0.1923, "high": 0.5122}, abs=5e-5)
    # ten times 30, and twenty times 15, over thirty
    assert [row[name].values["mean"] for name in ("forgone", "avoided", "saved")] == pytest.approx([10, 10, 0])
    half = -stats.t.ppf(0.025, 29) * (-brought[met]).std() / np.sqrt(30)
    assert row["saved"].values["high"] == pytest.approx(half, rel=0.15)  # by the bootstrap
    (row,) = exclusion({"rule": met}, brought, 11).to_dict("records")
    assert row["paid"] == say("negative.exclusion.few", least=11, share=11 / 30)
    assert (row["forgone"], row["avoided"]) == (None, None)
    (row,) = exclusion({"rule": met}, -brought, 11).to_dict("records")
    assert row["paid"].key == "negative.exclusion.most"
    assert exclusion({"rule": met}, brought, 16).empty
