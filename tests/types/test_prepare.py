"""What goes into the personas: transforms, choices, and what is dropped by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.contracts import StudyError
from helpers.types.answer_columns import category_units, learn_category, likert_units, prepare_survey, survey_choice
from helpers.types.prepare import (
    Prepared,
    behaviour_units,
    beta_prior,
    default_features,
    gate_matrix,
    in_words,
    learn_feature,
    prepare_behaviour,
)
from helpers.words import say


def everyone(customers) -> np.ndarray:
    return np.arange(len(customers.features))


# --- transforms


def test_the_moment_estimate_finds_the_prior_that_made_the_shares():
    rng = np.random.default_rng(1)
    trials = rng.integers(5, 30, 20_000)
    alpha, beta, z = beta_prior(rng.binomial(trials, rng.beta(2, 6, 20_000)).astype(float), trials.astype(float))
    assert (alpha, beta) == (pytest.approx(2, rel=0.05), pytest.approx(6, rel=0.05))
    assert z > 50


def test_a_share_that_is_the_same_for_all_shows_no_spread_beyond_chance():
    rng = np.random.default_rng(1)
    trials = rng.integers(5, 30, 5_000)
    *_, z = beta_prior(rng.binomial(trials, 0.2).astype(float), trials.astype(float))
    assert abs(z) < 2.33


def test_a_share_becomes_the_logit_of_its_posterior_mean():
    rule = {"column": "coupon_share", "transform": "logit of posterior mean", "trials": "orders", "alpha": 1.0}
    rule |= {"beta": 3.0, "fill": 0.0, "low": -9.0, "high": 9.0, "centre": 0.0, "scale": 1.0}
    features = pd.DataFrame({"coupon_share": [0.0, 0.5, 1.0], "orders": [4, 10, 2]})
    expected = np.log([1 / 7, 6 / 8, 3 / 3])
    assert behaviour_units(features, [rule])["coupon_share"].to_numpy() == pytest.approx(expected)


def test_money_is_logged_winsorised_and_scaled_and_a_gap_takes_the_median():
    money = pd.DataFrame({"spend": [np.nan, *np.expm1(np.linspace(0, 10, 101))]})
    rule = learn_feature(money, "spend")
    assert (rule["transform"], rule["low"], rule["high"]) == ("log1p", pytest.approx(0.1), pytest.approx(9.9))
    scored = behaviour_units(money, [rule])["spend"]
    assert scored.mean() == pytest.approx(0, abs=1e-12)
    assert scored.std(ddof=0) == pytest.approx(1)
    assert scored[0] == pytest.approx(scored[51])


def test_published_limits_are_rounded_and_so_nobody_s_own():
    money = pd.DataFrame({"spend": np.geomspace(1.2345, 9876.54321, 101)})
    rule = learn_feature(money, "spend")
    for limit, own in (("low", 1), ("fill", 50), ("high", 99)):
        exact = np.log1p(money["spend"][own])
        assert rule[limit] == pytest.approx(exact, abs=1e-3) == float(f"{rule[limit]:.4g}") != exact


def test_an_outlier_a_million_times_too_large_changes_nothing(simulate, a_study):
    customers, _, _ = simulate(seed=2, n=300, outliers=0)
    wild = customers.features.copy()
    wild.loc[wild["average_order_value"].idxmax(), "average_order_value"] *= 1e6
    before, *_ = prepare_behaviour(customers, a_study(), everyone(customers))
    after, *_ = prepare_behaviour(replace(customers, features=wild), a_study(), everyone(customers))
    pd.testing.assert_frame_equal(before, after)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 4), min_size=5, max_size=5), min_size=1, max_size=20),
    st.integers(-3, 3),
)
def test_row_centring_takes_yes_saying_out(rows, shift):
    answers = pd.DataFrame(rows, columns=list("abcde"), dtype=float)
    rule = {"items": list("abcde"), "row_centred": True}
    centred = likert_units(answers, rule)
    assert centred.mean(axis=1).abs().max() < 1e-12
    pd.testing.assert_frame_equal(centred, likert_units(answers + shift, rule))


def test_row_centring_by_hand_with_missing_answers():
    nan = np.nan
    answers = pd.DataFrame({"a": [4.0, 4.0, nan], "b": [2.0, nan, nan], "c": [0.0, 2.0, 1.0]})
    found = likert_units(answers, {"items": ["a", "b", "c"], "row_centred": True})
    expected = pd.DataFrame({"a": [2.0, 1.0, nan], "b": [0.0, nan, nan], "c": [-2.0, -1.0, nan]})
    pd.testing.assert_frame_equal(found, expected)


def test_categories_are_coded_from_zero_and_an_unseen_one_is_missing():
    seen = pd.Series(["vegan"] * 30 + ["meat"] * 50 + ["fish"] * 6 + ["other things"] * 6 + ["Ann's own"] * 5)
    rule = learn_category(seen, "diet", "categorical", least=6)  # five people's answer stands in no rule
    assert (rule["categories"], rule["other"]) == (["meat", "vegan"], ["fish", "other things"])
    codes = category_units(pd.DataFrame({"diet": ["meat", "vegan", "fish", "keto", np.nan]}), [rule])["diet"]
    assert codes.tolist()[:3] == [0.0, 1.0, 2.0]
    assert codes[3:].isna().all()


def test_a_free_text_question_and_a_rare_tick_are_refused_with_the_reason():
    free = pd.Series([f"answer {i}" for i in range(80)])
    assert learn_category(free, "q", "categorical") == say("personas.dropped.too_many")
    assert learn_category(pd.Series([1.0] * 3 + [0.0] * 97), "q: x", "tick") == say("personas.dropped.alike")


# --- which columns


def test_the_default_is_the_core_and_the_moments_and_channels_in_which_customers_differ(simulate):
    customers, _, _ = simulate(seed=4, n=800)
    chosen = default_features(customers.features)
    assert chosen[:6] == [
        "recency_days", "orders", "average_order_value", "basket_size", "discount_share", "coupon_share",
    ]  # fmt: skip
    assert {"monday_share", "morning_share"} <= set(chosen)
    assert sum(name.startswith("channel_") for name in chosen) == 2
    assert not {"margin", "return_share", "spend", "lines"} & set(chosen)


def test_days_that_differ_by_chance_only_are_left_out(simulate):
    customers, _, _ = simulate(seed=4, n=400)
    rng = np.random.default_rng(0)
    days = [name for name in customers.features if name.endswith("day_share")]
    orders = customers.features["orders"].to_numpy()
    features = customers.features.copy()
    features[days] = rng.multinomial(orders, np.ones(7) / 7) / orders[:, None]
    assert not set(days) & set(default_features(features))


def test_what_is_dropped_is_dropped_by_name_with_the_reason(simulate, a_study):
    customers, _, _ = simulate(seed=5, n=300)
    orders = customers.features["orders"]
    features = customers.features.assign(lines=3 * orders, units=7.0, recency_days=np.nan)
    named = ["orders", "lines", "units", "recency_days", "return_share", "average_order_value"]
    study = a_study(personas={"features": named})
    units, rules, dropped = prepare_behaviour(replace(customers, features=features), study, everyone(customers))
    assert dropped == {
        "lines": say("personas.dropped.twin", column=in_words("orders")),
        "units": say("personas.dropped.constant"),
        "recency_days": say("personas.dropped.missing"),
        "return_share": say("personas.dropped.reserved"),
    }
    assert list(units) == [rule["column"] for rule in rules] == ["orders", "average_order_value"]


def test_reserving_a_count_takes_its_share_with_it(simulate, a_study):
    customers, _, _ = simulate(seed=5, n=300)
    study = a_study(personas={"reserve": ["coupon_orders"]})
    units, _, dropped = prepare_behaviour(customers, study, everyone(customers))
    assert dropped["coupon_share"] == say("personas.dropped.reserved")
    assert "coupon_share" not in units


@pytest.mark.parametrize("setting", [{"features": ["cupon_share"]}, {"reserve": ["cupon_share"]}])
def test_an_unknown_column_is_an_error_with_near_matches(simulate, a_study, setting):
    customers, _, _ = simulate(seed=5, n=60)
    with pytest.raises(StudyError, match=r"'cupon_share'.*Did you mean coupon_share"):
        prepare_behaviour(customers, a_study(personas=setting), everyone(customers))


def test_survey_items_are_named_refused_or_kept_for_tests(simulate, a_study):
    _, survey, _ = simulate(seed=5, n=200)
    assert survey_choice(survey, a_study())[0] == survey.items["item"].tolist()[:9]
    assert survey_choice(survey, a_study(personas={"survey": "none"})) == ([], {})
    wanted, dropped = survey_choice(survey, a_study(personas={"survey": ["harm", "price"], "reserve": ["price"]}))
    assert (wanted, dropped) == (["harm"], {"price": say("personas.dropped.kept")})
    with pytest.raises(StudyError, match="Did you mean price"):
        survey_choice(survey, a_study(personas={"survey": ["prise"]}))


def test_arms_and_outcomes_of_experiments_never_make_personas(simulate, a_study):
    _, survey, _ = simulate(seed=5, n=200)
    experiment = {"id": "x", "table": "survey", "arm": {"column": "speed"}, "outcome": {"column": "effort"}}
    wanted, dropped = survey_choice(survey, a_study(experiments=[experiment]))
    assert set(dropped) == {"speed", "effort"}
    assert not {"speed", "effort"} & set(wanted)


def test_with_little_room_the_items_that_differ_most_are_taken():
    rng = np.random.default_rng(0)
    answers = pd.DataFrame({name: rng.normal(0, spread, 200) for name, spread in {"a": 1, "b": 3, "c": 2}.items()})
    rule, _, dropped = prepare_survey(answers, pd.Series({"a": "likert", "b": "likert", "c": "likert"}), list("abc"), 2)
    assert (rule["items"], rule["row_centred"]) == (["b", "c"], False)
    assert dropped == {"a": say("personas.dropped.few_respondents")}


def test_the_gate_sees_binary_answers_centred_and_not_scaled():
    index = pd.RangeIndex(100)
    behaviour = pd.DataFrame({"orders": np.linspace(-1, 1, 100)}, index=index)
    ticks = pd.DataFrame({"q: rare": [1.0] * 10 + [0.0] * 80 + [np.nan] * 10}, index=index)
    rules = [{"item": "q: rare", "categories": [0.0, 1.0], "other": None}]
    matrix = gate_matrix(Prepared(behaviour, pd.DataFrame(index=index), ticks, [], None, rules, {}))
    assert matrix[:, 0] == pytest.approx(behaviour["orders"])
    assert matrix[[0, 50, 95], 1] == pytest.approx([8 / 9, -1 / 9, 0])
