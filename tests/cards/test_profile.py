"""Claims: lifts by hand, what may not be shown or tested, grades, handles, prevalence and rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway
from sklearn.cluster import KMeans
from statsmodels.stats.proportion import proportions_ztest

from helpers.cards.claims import bch_weights, compare, corrected, grade_claim, p_value, refuse_circular_test
from helpers.cards.profile import _size, handle_of, lifts, prevalence_of
from helpers.cards.rule import rule_of
from helpers.cards.traits import Trait, collect_traits
from helpers.contracts import StudyError
from helpers.customers.customers import Customers, Period
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.words import Words, say

WORDS = Words(currency="EUR")


def a_trait(values, **changes) -> Trait:
    common = {"column": "orders", "source": "sales", "section": "habits", "unit": "count", "role": "defining"}
    common |= {"key": "orders", "name": "", "attribute": "orders", "of": "orders"}
    return Trait(values=pd.Series(values, dtype=float), **common | changes)


def yes_no(yes: int, n: int, yes_others: int, n_others: int) -> tuple[Trait, pd.Index, pd.Index]:
    values = [1] * yes + [0] * (n - yes) + [1] * yes_others + [0] * (n_others - yes_others)
    return a_trait(values, binary=True, unit="share"), pd.RangeIndex(n), pd.RangeIndex(n, n + n_others)


def of_survey(name: str, **changes) -> Trait:
    return a_trait([1.0], source="survey", key="likert", name=name, attribute=name, column=name, of=name, **changes)


def test_two_answers_make_a_handle_with_and_and_behaviour_goes_without():
    rows = pd.DataFrame(
        {
            "trait": [of_survey("I wait"), of_survey("I compare")], "mean": 0.8, "mean_others": 0.2, "source": "survey",
            "role": "defining", "unit": "share", "strength": [2.0, 1.0], "column": ["a", "b"],
        }
    )  # fmt: skip
    assert WORDS.tell(handle_of(rows, set())) == "Those who say ‘I wait’ and who say ‘I compare’"


def test_outcomes_of_the_first_period_are_held_out_unless_they_made_the_personas(a_study):
    day = pd.Timestamp("2025-01-01").date()
    ids = pd.DataFrame({"customer_id": [f"c{n}" for n in range(4)]})
    features = ids.assign(orders=[1, 2, 3, 4], lines=2, complaints=[0, 1, 0, 1], coupon_orders=1)
    customers = Customers(Period(day, day, day), features, ids.assign(complaints=[1, 0, 0, 1]), ids, ())
    people = pd.Index(ids["customer_id"])
    roles = [
        {trait.column: trait.role for trait in collect_traits(people, customers, None, defining, a_study())}
        for defining in (("orders",), ("complaints",))
    ]
    tested = {"complaints_per_order": "held out", "later_complaints": "held out"}
    assert roles == [
        {"orders": "defining", "complaints": "defining", **tested},  # whoever orders more complains more
        {"orders": "defining", "complaints": "defining", **tested, "complaints_per_order": "defining"},
    ]


def test_a_turned_item_is_quoted_with_a_not():
    """Asked is "I hate it", coded is the other way round: whoever has the highest code does not hate it."""
    answers = pd.DataFrame({"respondent_id": ["r1", "r2"], "customer_id": None, "weight": 1.0, "hate": [4.0, 0.0]})
    items = pd.DataFrame({"item": ["hate"], "kind": ["likert"], "question": ["I hate it"], "turned": [True]})
    likert = {"items": ["hate"], "scale": [1, 5], "reverse": ["hate"]}
    study = Study.model_validate({"study": "s", "tables": {"survey": {"path": "s.csv", "likert": likert}}})
    survey = Survey(answers, items, pd.DataFrame(), pd.DataFrame(), 0, 2)
    (trait,) = collect_traits(pd.Index(["r1", "r2"]), None, survey, ("hate",), study)
    assert trait.values.tolist() == [1.0, 0.0]
    said = WORDS.say("personas.trait.likert.says", name=trait.name, value=trait.shown(0.5), others=trait.shown(0.08))
    assert said == "50 % of those who answered agree with “not: I hate it”; among all others 8 %."


def test_nobody_agrees_with_a_name():
    answers = pd.DataFrame({"respondent_id": ["r1", "r2"], "customer_id": None, "weight": 1.0})
    answers = answers.assign(leader=[4.0, 0.0], wait=[0.0, 4.0])
    asked = {"leader": "Hague", "wait": "I wait for a sale"}
    items = pd.DataFrame({"item": [*asked], "kind": "likert", "question": [*asked.values()], "turned": False})
    likert = {"items": [*asked], "scale": [1, 5]}
    study = Study.model_validate({"study": "s", "tables": {"survey": {"path": "s.csv", "likert": likert}}})
    survey = Survey(answers, items, pd.DataFrame(), pd.DataFrame(), 0, 2)
    traits = collect_traits(pd.Index(["r1", "r2"]), None, survey, tuple(asked), study)
    heads = [WORDS.say(f"personas.trait.{trait.key}.head_high", name=trait.name) for trait in traits]
    assert heads == ["Those who mark ‘Hague’ high", "Those who say ‘I wait for a sale’"]


# --- lifts


def test_the_lift_of_two_proportions_has_the_interval_of_the_log_risk_ratio():
    # 60 of 100 against 90 of 300: Katz log interval 2 exp(+-1.96 sqrt(.4/60 + .7/90))
    found = compare(*yes_no(60, 100, 90, 300), least=10)
    half = 1.959964 * np.sqrt(0.4 / 60 + 0.7 / 90)
    assert (found["mean"], found["mean_others"], found["n"]) == (0.6, 0.3, 100)
    assert found["lift"] == pytest.approx(2)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((2 * np.exp(-half), 2 * np.exp(half)), rel=1e-6)


def test_the_lift_of_means_by_hand():
    values = [1, 3] * 50 + [4, 6] * 50
    found = compare(a_trait(values), pd.RangeIndex(100, 200), pd.RangeIndex(100), least=10)
    variance = 100 / 99
    half = 1.959964 * np.sqrt(variance / 100 / 25 + variance / 100 / 4)
    assert found["lift"] == pytest.approx(2.5)
    assert found["ci_high"] == pytest.approx(2.5 * np.exp(half), rel=1e-6)
    assert found["strength"] == pytest.approx(np.log(2.5) - half, rel=1e-6)


def test_where_values_may_be_negative_the_difference_is_told():
    values = [-1, 1] * 50 + [2, 4] * 50
    found = compare(a_trait(values), pd.RangeIndex(100, 200), pd.RangeIndex(100), least=10)
    assert (found["measure"], found["lift"]) == ("difference", pytest.approx(3))
    assert found["ci_low"] == pytest.approx(3 - 1.972017 * np.sqrt(2 * (100 / 99) / 100), rel=1e-5)


def test_a_share_of_weighted_respondents_is_known_as_well_as_kishs_number_of_them():
    """Ten of weight 3 among forty are a half, known as of 60^2 / (10 * 9 + 30) = 30: Wilson's interval of 15 of 30."""
    answers = pd.DataFrame({"respondent_id": [f"r{i}" for i in range(40)], "customer_id": None})
    survey = Survey(
        answers.assign(weight=[3.0] * 10 + [1.0] * 30), pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), 40, 0
    )
    people = answers.set_index("respondent_id")
    size = _size(people.index[:10], people, None, survey)
    assert (size["share"], size["ci_low"], size["ci_high"]) == pytest.approx((0.5, 0.33154, 0.66846), abs=1e-5)


def test_answers_count_by_their_weight():
    """Members: 40 yes that weigh 3, 60 no that weigh 1: 120 of 180; so many as 180^2 / (40 x 9 + 60) = 77.1 answers."""
    values = [1] * 40 + [0] * 60 + [1] * 30 + [0] * 70
    heavy = pd.Series([3.0] * 40 + [1.0] * 160)
    sets = pd.RangeIndex(100), pd.RangeIndex(100, 200)
    trait = replace(a_trait(values), binary=True, weight=heavy, column="nps", role="held out")
    found = compare(trait, *sets, least=10)
    assert (found["mean"], found["mean_others"]) == pytest.approx((2 / 3, 0.3))
    half = 1.959964 * np.sqrt((1 / 3) / (2 / 3) / (180**2 / 420) + 0.7 / 0.3 / 100)
    assert found["ci_high"] == pytest.approx(2 / 3 / 0.3 * np.exp(half), rel=1e-6)
    assert p_value(trait, *sets, ()) < 1e-5
    alike = replace(trait, weight=None)
    assert p_value(alike, *sets, ()) == pytest.approx(proportions_ztest([40, 30], [100, 100])[1])
    assert corrected(found, trait, pd.Series([1.0] * 100 + [0.0] * 100), ())["mean"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ((30, 100, 3, 300), (0.3, 10 / 300)),  # three of the others: said as at most ten
        ((97, 100, 90, 300), (0.9, 0.3)),  # three members without it: said as at least 90 of 100
        ((60, 100, 100, 300), (0.6, 1 / 3)),
    ],
)
def test_small_cells_are_bounded_towards_no_difference(cells, shown):
    found = compare(*yes_no(*cells), least=10)
    assert (found["mean"], found["mean_others"]) == pytest.approx(shown)


@pytest.mark.parametrize("cells", [(3, 100, 4, 300), (12, 700, 5, 200), (5, 19, 100, 300)])
def test_small_cells_that_no_bound_makes_safe_are_not_shown(cells):
    assert compare(*yes_no(*cells), least=10) is None


# --- tests


def test_a_test_on_a_defining_column_is_refused_by_name():
    with pytest.raises(StudyError, match="coupon_orders: no test on a column that made the personas"):
        refuse_circular_test("coupon_orders", ("orders", "coupon_share"))
    with pytest.raises(StudyError, match="orders"):
        p_value(a_trait(range(40)), pd.RangeIndex(20), pd.RangeIndex(20, 40), ("orders",))
    with pytest.raises(StudyError, match=r"spend: no test .*\(average_order_value, orders\)"):
        refuse_circular_test("spend", ("orders", "average_order_value"))
    refuse_circular_test("return_share", ("orders", "coupon_share"))
    with pytest.raises(StudyError, match=r"margin: no test .*\(coupon_share, orders\)"):
        refuse_circular_test("margin", ("orders", "coupon_share", "morning_share"))
    refuse_circular_test("margin_rate", ("orders", "average_order_value"))


def test_a_corrected_share_of_fewer_than_the_smallest_cell_is_not_told():
    """Nobody of the others once errors are undone: the ratio would be as wild as the correction."""
    trait, members, others = yes_no(70, 100, 12, 300)
    weights = pd.Series([0.9] * 70 + [0.95] * 30 + [0.19] * 12 + [0.0] * 288)
    found = compare(trait, members, others, 10)
    free = corrected(found, replace(trait, role="held out"), weights, ())
    assert free["mean_others"] * (1 - weights).sum() > 10
    assert corrected(found, replace(trait, role="held out"), weights, (), least=20) is None


def test_why_naive_tests_are_refused_and_held_out_ones_hold():
    """Noise split by k-means: the columns that made the groups are "significant", one that did not keeps its size."""
    naive, held_out = [], []
    for seed in range(60):
        X = np.random.default_rng(seed).standard_normal((200, 4))
        labels = KMeans(2, n_init=1, random_state=seed).fit_predict(X[:, :3])
        members, others = (pd.Index(np.flatnonzero(labels == group)) for group in (0, 1))
        naive.append(min(f_oneway(X[labels == 0, i], X[labels == 1, i]).pvalue for i in range(3)))
        held_out.append(p_value(a_trait(X[:, 3], column="margin_rate", role="held out"), members, others, ("orders",)))
    assert np.mean(np.array(naive) < 0.05) >= 0.9
    assert np.mean(np.array(held_out) < 0.05) <= 0.12


def overlapping(rng: np.random.Generator, n: int) -> tuple[np.ndarray, pd.DataFrame, pd.DataFrame]:
    """Two overlapping classes: the true class, posteriors and BCH weights."""
    true = rng.integers(0, 2, n)
    posterior = 1 / (1 + np.exp(-(2.0 * rng.normal(true * 2.0, 1.0) - 2.0)))
    posterior = np.column_stack([1 - posterior, posterior])
    return true, posterior, pd.DataFrame(bch_weights(posterior), columns=["a", "b"])


def test_bch_recovers_the_difference_that_misclassification_hides():
    """methods.md 3: a true difference of 1.0 reads about .7 uncorrected and .97 corrected."""
    rng = np.random.default_rng(3)
    true, posterior, weights = overlapping(rng, 6000)
    trait = a_trait(rng.normal(true * 1.0, 1.0), column="later_margin", role="held out", unit="money")
    members, others = (pd.Index(np.flatnonzero(posterior.argmax(axis=1) == group)) for group in (1, 0))
    as_assigned = compare(trait, members, others, least=10)
    found = corrected(as_assigned, trait, weights["b"], ("orders",))
    assert (as_assigned["measure"], as_assigned["lift"] <= 0.75) == ("difference", True)
    assert found["lift"] == pytest.approx(1.0, abs=0.06)
    assert found["ci_low"] < 1.0 < found["ci_high"]
    assert found["p"] < 1e-6


def test_the_corrected_test_keeps_its_size_and_its_interval_covers():
    """400 outcomes that have nothing to do with the classes, and 400 whose true lift is 2."""
    rng = np.random.default_rng(4)
    true, posterior, weights = overlapping(rng, 400)
    members, others = (pd.Index(np.flatnonzero(posterior.argmax(axis=1) == group)) for group in (1, 0))
    p, covered = [], []
    for _ in range(400):
        nothing = a_trait(rng.normal(size=400), column="margin", role="held out")
        p.append(corrected(compare(nothing, members, others, 10), nothing, weights["b"], ())["p"])
        twice = a_trait(
            rng.random(400) < np.where(true == 1, 0.6, 0.3), column="returned", role="held out", binary=True
        )
        found = corrected(compare(twice, members, others, 10), twice, weights["b"], ())
        covered.append(found["ci_low"] <= 2 <= found["ci_high"])
    assert 0.03 <= np.mean(np.array(p) < 0.05) <= 0.07
    assert 0.92 <= np.mean(covered) <= 0.98


def test_the_corrected_test_refuses_a_defining_column_too():
    trait = a_trait(np.arange(40.0))
    found = compare(trait, pd.RangeIndex(20), pd.RangeIndex(20, 40), least=5)
    with pytest.raises(StudyError, match="orders: no test"):
        corrected(found, trait, pd.Series(0.5, index=range(40)), ("orders",))


def test_certain_members_have_plain_weights():
    posterior = np.eye(3)[[0, 1, 2, 1]]
    assert bch_weights(posterior) == pytest.approx(posterior)


def test_held_out_p_values_are_adjusted_together_and_defining_ones_do_not_exist():
    rng = np.random.default_rng(0)
    traits = [a_trait(rng.normal(10, 1, 200), column=f"later_{i}", role="held out", of="") for i in range(3)]
    traits.append(a_trait(rng.normal(10, 1, 200)))
    table = lifts(traits, {"a": (pd.RangeIndex(100), pd.RangeIndex(100, 200))}, ("orders",), 10, pd.DataFrame())
    tested = table[table["role"] == "held out"]
    raw = np.sort(tested["p"])
    adjusted = np.minimum.accumulate((raw * 3 / np.array([1, 2, 3]))[::-1])[::-1]
    assert np.sort(tested["p_adjusted"]) == pytest.approx(adjusted)
    assert table.loc[table["role"] == "defining", ["p", "p_adjusted"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("n", "low", "high", "role", "p", "grade"),
    [
        (100, 1.26, 2.0, "defining", None, "strong"),
        (100, 1.25, 2.0, "defining", None, "moderate"),
        (100, 0.5, 0.79, "defining", None, "strong"),
        (99, 1.26, 2.0, "defining", None, "moderate"),
        (100, 1.01, 1.2, "held out", 0.01, "strong"),
        (100, 1.01, 1.2, "held out", 0.011, "moderate"),
        (100, 1.01, 1.2, "held out", 0.05, "moderate"),
        (100, 1.01, 1.2, "held out", 0.051, "weak"),
        (100, 1.01, 1.2, "held out", None, "weak"),
        (29, 1.5, 2.0, "held out", 0.001, "weak"),
        (500, 0.9, 1.1, "held out", 0.001, "weak"),
    ],
)
def test_grades_at_their_borders(n, low, high, role, p, grade):
    assert grade_claim({"n": n, "ci_low": low, "ci_high": high, "measure": "lift"}, role, p) == grade


# --- what a card takes from it


def test_prevalence_counts_members_who_match_one_two_three():
    # strongest first: two of four members above 5 in a, three of four below 5 in b
    traits = [a_trait([9, 9, 1, 1], attribute="a"), a_trait([1, 1, 1, 9], attribute="b")]
    rows = pd.DataFrame({"trait": traits, "mean": [8.0, 2.0], "mean_others": [2.0, 8.0], "strength": [2.0, 1.0]})
    assert prevalence_of(rows, pd.RangeIndex(4)) == (0.75, 0.5)


def test_a_rule_says_its_border_in_words_and_its_accuracy_on_others():
    orders = pd.DataFrame({"orders": np.repeat([2.0, 10.0], 200)})
    text, accuracy = rule_of(orders, {"orders": a_trait([])}, orders["orders"].to_numpy() > 5, 1)
    assert (WORDS.tell(text), accuracy) == ("number of orders over 6", 1.0)


@pytest.mark.parametrize(
    ("values", "said"), [((55.5, 56.04), "56"), ((55.5, 55.9), "55.7"), ((0.5512, 0.5514), "0.55")]
)
def test_a_border_is_said_as_people_say_it_where_that_moves_nobody(values, said):
    worth = pd.DataFrame({"average_order_value": np.repeat(values, 200)})
    trait = replace(a_trait([]), column="average_order_value", key="average_order_value", unit="money")
    text, accuracy = rule_of(worth, {"average_order_value": trait}, np.repeat([False, True], 200), 1)
    assert WORDS.tell(text).startswith(f"average order value over {said}")
    assert accuracy == 1.0


def test_a_border_has_no_nought_at_its_end():
    items = pd.DataFrame({"basket_size": np.repeat([9.3, 9.5], 200)})
    trait = replace(a_trait([]), column="basket_size", key="basket_size", unit="count")
    text, _ = rule_of(items, {"basket_size": trait}, np.repeat([False, True], 200), 1)
    assert WORDS.tell(text) == "items per order over 9.4"


def test_no_rule_is_made_of_nothing():
    text, accuracy = rule_of(pd.DataFrame(index=range(200)), {}, np.arange(200) < 100, 1)
    assert (text, accuracy) == (say("personas.rule.none"), None)


def test_cards_of_the_planted_types_name_what_was_planted(planted):
    handles = {group.handle for group in planted.personas.groups}
    assert len(handles) == len(planted.personas.groups)
    coupons, office = (
        next(
            group
            for group in planted.personas.groups
            if any(c.column == column and c.estimate > 2 for c in group.claims)
        )
        for column in ("coupon_share", "monday_share")
    )
    assert WORDS.tell(coupons.handle).startswith(("Coupon users", "Discount buyers"))
    assert "Mondays" in WORDS.tell(office.handle)
    assert office.held_out_balanced_accuracy > 0.8
    role = next(c for c in office.claims if c.column == "job_role: office manager")
    assert (role.section, role.role, role.grade) == ("profile", "held out", "strong" if role.n >= 100 else "moderate")


def test_every_claim_carries_its_evidence(planted):
    for group in planted.personas.groups:
        assert group.claims
        assert list(group.prevalence) == sorted(group.prevalence, reverse=True)
        for claim in group.claims:
            assert (claim.p_adjusted is None) == (claim.role == "defining")
            assert claim.ci_low <= claim.estimate <= claim.ci_high
            assert claim.n >= 20
            assert WORDS.tell(claim.statement).endswith(".")
    roles = planted.personas.profile.groupby("column")["role"].first()
    assert (roles["margin"], roles["spend"], roles["later_spend"]) == ("defining", "defining", "held out")
    made = {claim.column for group in planted.personas.groups for claim in group.claims if claim.role == "held out"}
    assert not made & set(planted.personas.defining)


def test_a_wild_order_does_not_make_an_average(planted):
    shown = planted.personas.profile.query("column == 'average_order_value'")
    assert shown["mean"].max() < 1000
