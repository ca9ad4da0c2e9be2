"""What a card tells: one line a fact, no mirror, what most members do, and what sets any two groups apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.cards.cards import FIRST, told_apart
from helpers.cards.claims import weights_of
from helpers.cards.claims_told import against_each, claims_of, left_open, united
from helpers.cards.held_out import after_selection, direct_effect, predicted
from helpers.cards.profile import handle_of, holds, lifts
from helpers.cards.prose import advise, direction_of
from helpers.cards.traits import Trait, shortened
from helpers.words import Words

WORDS = Words(currency="EUR")

HERE, THERE = pd.RangeIndex(200), pd.RangeIndex(200, 600)


def a_trait(values, **changes) -> Trait:
    common = {"column": "orders", "source": "sales", "section": "habits", "unit": "count", "role": "defining"}
    common |= {"key": "orders", "name": "", "attribute": "orders", "of": "orders"}
    return Trait(values=pd.Series(values, dtype=float), **common | changes)


def of(*traits: Trait, sets=None) -> pd.DataFrame:
    return lifts(list(traits), sets or {"a": (HERE, THERE)}, (), 10, pd.DataFrame())


def share(here: float, there: float, column: str, **changes) -> Trait:
    """A yes for the first so many of either side."""
    values = [float(i < here * 200) for i in range(200)] + [float(i < there * 400) for i in range(400)]
    common = {"key": "attribute", "section": "profile", "source": "customers", "role": "held out", "unit": "share"}
    of_what = {"attribute": column.split(":")[0], "of": column.split(":")[0], "name": column}
    return a_trait(values, column=column, binary=True, **common | of_what | changes)


# --- held out


def test_a_column_that_the_defining_ones_predict_is_found():
    rng = np.random.default_rng(0)
    made = pd.DataFrame({"orders": rng.random(400), "value": rng.random(400)})
    product = made["orders"] * made["value"]
    assert predicted(a_trait(product, column="x"), made)
    assert not predicted(a_trait(product + 0.5 * rng.standard_normal(400), column="x"), made)
    assert not predicted(a_trait(product, column="later_x"), made), "later weeks are drawn anew"


def test_a_direct_effect_is_told_from_one_of_the_class_alone():
    """A class of two is known by x; y follows the class alone, or x itself, too."""
    rng = np.random.default_rng(1)
    x = rng.normal(np.repeat([0.0, 2.0], 400), 1.0)
    sure = 1 / (1 + np.exp(-2 * (x - 1)))
    posterior, made = pd.DataFrame({"p_a": 1 - sure, "p_b": sure}), pd.DataFrame({"x": x})
    of_class, noise = (rng.random(800) < sure).astype(float), rng.standard_normal(800)
    assert not direct_effect(a_trait(of_class + 0.5 * noise), posterior, made)
    assert direct_effect(a_trait(0.5 * x + noise), posterior, made)


@pytest.mark.parametrize(("kind", "corrected"), [("natural", 1), ("reproducible", 0)])
def test_errors_of_assignment_are_undone_in_natural_groups_only(kind, corrected):
    people = pd.DataFrame({"p_a": [0.9, 0.2]})
    assert weights_of(people, {"kind": "mixture", "ids": ["a"]}, kind).shape[1] == corrected


def test_intervals_of_what_was_selected_cover():
    """Of estimates of one true size that exceed 2.5 standard errors, 95 in 100 intervals hold it; the usual do not."""
    rng = np.random.default_rng(2)
    for true in (0.0, 1.0, 2.5):
        found = true + rng.standard_normal(60_000)
        chosen = found[np.abs(found) > 2.5][:500]
        ends = [after_selection(z, 2.5) for z in chosen]
        assert 0.925 <= np.mean([low <= true <= high for low, high in ends]) <= 0.975
        assert true == 2.5 or np.mean(np.abs(chosen - true) <= 1.96) < 0.9
    assert after_selection(9.0, 2.5) == pytest.approx((9 - 1.96, 9 + 1.96), abs=0.01)
    assert after_selection(-3.0, 2.5) == pytest.approx(tuple(-end for end in after_selection(3.0, 2.5)[::-1]))


def test_what_is_no_difference_by_the_corrected_test_has_no_strength():
    """30 of 200 against 40 of 400 alone is p = .07; a large one is told, and both are graded by it."""
    table = of(share(0.15, 0.1, "a: x"), share(0.5, 0.1, "b: x")).set_index("column")
    assert (table.at["a: x", "strength"], table.at["b: x", "strength"] > 0) == (0.0, True)
    assert [claim.column for claim in claims_of(table.reset_index())] == ["b: x"]


# --- one line a fact


def test_values_that_go_together_are_told_as_one_and_the_mirror_not_at_all():
    roles = {"clerk": (0.3, 0.02), "buyer": (0.4, 0.05), "nurse": (0.1, 0.4), "cook": (0.2, 0.53)}
    rows = united(of(*(share(*both, f"role: {name}") for name, both in roles.items())), HERE, THERE, 10, 2.0)
    (claim,) = claims_of(rows)
    assert (claim.column, claim.section) == ("role: buyer, clerk", "profile")
    assert claim.estimate == pytest.approx(0.7 / 0.07, rel=0.5)
    assert "buyer" in WORDS.tell(claim.statement)


@pytest.mark.parametrize(
    ("here", "there", "said"),
    [
        ([7.0, 9.0] * 100, [7.0, 9.0] * 200, "That is about the same."),
        ([0.0] * 190 + [40.0] * 10, [0.0] * 380 + [40.0] * 20, "Whether that is a difference is open."),
        ([7.0, 9.0] * 100, [3.0, 5.0] * 200, "all others 4 times."),
    ],
)
def test_where_the_interval_holds_no_difference_none_is_told(here, there, said):
    (claim,) = claims_of(of(a_trait(here + there, basic=True)))
    assert WORDS.tell(claim.statement).endswith(said)
    assert (claim.ci_low <= 1 <= claim.ci_high) is ("is " in said)


def test_a_claim_on_part_of_a_group_says_of_how_many_it_is_known():
    role = share(0.4, 0.1, "role: buyer")
    known = role.values.mask(role.values.index.isin(range(150, 200)))
    (claim,) = claims_of(of(replace(role, values=known)))
    assert WORDS.tell(claim.statement).endswith("This is known of 150 of the 200.")
    assert "known" not in WORDS.tell(claims_of(of(role))[0].statement)


def test_what_is_rare_is_told_of_a_hundred():
    trait = a_trait([0.05, 0.15] * 100 + [0.3, 0.5] * 200, column="complaints_per_order", key="complaints_per_order",
                    role="held out", per=100)  # fmt: skip
    (claim,) = claims_of(of(trait))
    assert WORDS.tell(claim.statement) == "They complained 10 times in a hundred orders; all others 40 times."
    assert claim.estimate == pytest.approx(0.25)


def test_where_more_of_them_are_found_is_told_however_much_else_sets_them_apart():
    crowd = [share(0.8, 0.1, f"{letter}: x", section="channels") for letter in "abcd"]
    won = share(0.3, 0.2, "acquisition_channel: social", section="channels")
    told = [claim.column for claim in claims_of(of(*crowd, won))]
    assert (len(told), "acquisition_channel: social" in told) == (4, True)


def test_a_later_repeat_is_a_mark_on_the_line():
    now = share(0.6, 0.2, "coupon_share", role="defining", of="coupon_share")
    later = share(0.5, 0.25, "later_coupon_share", attribute="later coupon_share")
    (claim,) = claims_of(of(now, later))
    assert (claim.column, claim.p_adjusted) == ("coupon_share", None)
    assert claim.repeated.estimate == pytest.approx(2.0)
    assert claim.repeated.p_adjusted < 1e-6
    assert [one.column for one in claims_of(of(later))] == ["later_coupon_share"]


def test_a_share_that_a_small_cell_bounds_is_said_as_a_bound():
    (claim,) = claims_of(of(share(0.4, 0.005, "role: buyer")))
    assert (claim.bound, claim.estimate) == ("over", pytest.approx(0.4 / (10 / 400)))
    assert "among all others under 2" in WORDS.tell(claim.statement)
    (full,) = claims_of(of(share(0.995, 0.5, "role: buyer")))
    assert WORDS.tell(full.statement).startswith("over 95 %")
    assert claims_of(of(share(0.4, 0.1, "role: buyer")))[0].bound is None


def test_what_a_few_members_make_is_told_as_theirs_and_gives_no_advice():
    """A quarter complains four times each, nobody else of them; of the others one in four once."""
    values = [4.0] * 50 + [0.0] * 150 + [1.0] * 100 + [0.0] * 300
    trait = a_trait(values, column="complaints_per_order", key="complaints_per_order", role="held out",
                    section="service", attribute="complaints_per_order")  # fmt: skip
    (claim,) = claims_of(of(trait))
    assert (claim.of_most, claim.grade) == (False, "strong")
    assert WORDS.tell(claim.statement).endswith(
        "A few of them make this difference; the usual figure (median) is 0, among all others 0."
    )
    assert advise((claim,)) == ()
    assert advise((replace(claim, of_most=True),)) != ()


def test_a_difference_that_a_few_of_the_others_make_is_told_as_theirs():
    """All of them order for 30; nine in ten others for 28, the rest for 200: less on average, not as a rule."""
    trait = a_trait([29.0, 31.0] * 100 + [28.0] * 360 + [200.0] * 40, column="average_order_value", unit="money",
                    key="average_order_value", attribute="average_order_value", section="value")  # fmt: skip
    (claim,) = claims_of(of(trait))
    assert claim.estimate < 1
    assert claim.of_most is False
    assert "A few of the others make this difference" in WORDS.tell(claim.statement)


def test_beside_another_group_the_mirror_of_what_is_told_is_no_news():
    """More of them buy for home: that fewer buy for work than in the other group is the same fact."""
    home, work = (
        share(0.92, 0.5, "for: home", of="for", attribute="for"),
        share(0.08, 0.5, "for: work", of="for", attribute="for"),
    )
    pet = share(0.6, 0.3, "pet: cat")
    told = claims_of(of(home, work))
    assert [claim.column for claim in told] == ["for: home"]
    pairs = lifts([home, work, pet], {("a", "b"): (HERE, THERE)}, (), 10, pd.DataFrame())
    assert [claim.column for claim in against_each(pairs, told, {"b": "others"})] == ["pet: cat"]


def test_too_few_to_tell_is_said_of_outcomes():
    wide, clear = share(0.3, 0.3, "churned"), share(0.6, 0.2, "churned")
    forty = pd.RangeIndex(48, 88)  # twelve of them stayed away
    few = of(wide, sets={"a": (forty, THERE)})
    assert [WORDS.tell(name) for name in left_open([wide], few, forty)] == ["stayed away"]
    assert left_open([clear], of(clear), HERE) == ()
    same = share(0.505, 0.5, "churned")
    assert left_open([same], of(same), HERE) == (), "the interval leaves nothing out that would matter"


# --- handles and questions


def test_a_handle_takes_only_what_holds_for_half_of_the_members():
    rows = of(share(0.45, 0.05, "pet: cat"), share(0.6, 0.3, "home: flat"), share(0.55, 0.3, "car: van"))
    told = [row for row in rows.itertuples() if holds(row, HERE)]
    assert [row.column for row in told] == ["home: flat", "car: van"]
    assert "cat" not in WORDS.tell(handle_of(rows, set(), HERE))


def test_a_share_of_what_they_do_names_a_group_from_half_on():
    """All of them use more coupons than the others, and still in three of ten orders: that makes no coupon users."""
    names = {"key": "coupon_share", "unit": "share", "attribute": "coupon_share", "column": "coupon_share"}
    few, most = (a_trait([share] * 100 + [share + 0.02] * 100 + [0.1, 0.12] * 200, **names) for share in (0.3, 0.6))
    told = {share: [holds(row, HERE) for row in of(trait).itertuples()] for share, trait in ((0.3, few), (0.6, most))}
    assert told == {0.3: [False], 0.6: [True]}


def test_long_questions_are_told_from_where_they_differ():
    same = "Thinking of the last twelve months and of all shops in which you buy things for your household, how much"
    one, other = f"{same} does the price count?", f"{same} does the quality count?"
    assert shortened(one, [one, other]) == "… price count?"
    assert shortened(other, [one, other]) == "… quality count?"
    assert shortened("Short", [one]) == "Short"
    assert shortened(one, [one]).endswith(" …")


# --- two cards


def test_two_cards_never_begin_alike():
    alike = of(*(share(0.6, 0.2, f"{name}: x") for name in "bcd"))
    claims = claims_of(alike)
    apart = replace(claims[0], column="z", compared_with="other")
    told = told_apart({"one": claims, "other": (*claims, apart)})
    begins = {name: {(c.column, direction_of(c)) for c in found[:FIRST]} for name, found in told.items()}
    assert begins["one"] != begins["other"]
    assert sorted(c.column for c in told["other"]) == sorted([*(c.column for c in claims), "z"])
    assert told["one"] == claims
