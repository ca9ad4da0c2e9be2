"""What to mend first: means and gaps counted by hand, quadrants, silence where interval or cell is small."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import bootstrap, t, ttest_rel

from helpers.beliefs.registry import put_to_the_test
from helpers.contracts import UNASSIGNED
from helpers.offers.importance import Importance, importance_gaps, quadrants
from helpers.sources import SurveySource, Tables
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.words import Words, say

NAMES = ("quality", "price", "speed", "leaflets")


@pytest.fixture(scope="session")
def asked(by_label):
    def ask(ratings: dict[str, tuple], labels: list[str], weight: object = 1.0) -> Importance | None:
        """Of ratings 0 .. 4 (attribute -> importance and performance per respondent), asked as 1 to 5."""
        n = len(labels)
        columns = {f"{kind}_{name}": np.resize(np.array(values[place], dtype=float), n)
                   for name, values in ratings.items() for place, kind in enumerate(("imp", "perf"))}  # fmt: skip
        ids = {
            "respondent_id": [f"r{i}" for i in range(n)],
            "customer_id": [f"c{i}" for i in range(n)],
            "weight": weight,
        }
        answers = pd.DataFrame(ids | columns).astype({"customer_id": "str"})
        survey = Survey(answers, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), n, 0)
        pairs = {name: (f"imp_{name}", f"perf_{name}") for name in ratings}
        source = SurveySource(path="s.csv", importance_performance=pairs)
        study = Study.model_validate({"study": "a", "tables": Tables(survey=source)})
        return Words().told(importance_gaps(survey, by_label(labels), study))

    return ask


SHOP = {
    "quality": ([4, 3], [1, 2]),  # 4.5 and 2.5 on the scale of 1 to 5
    "price": ([4, 4], [4, 3]),  # 5 and 4.5
    "speed": ([1, 2], [1, 0]),  # 2.5 and 1.5
    "leaflets": ([0, 1], [4, 4]),  # 1.5 and 5
}


@pytest.fixture(scope="module")
def shop(asked) -> Importance:
    return asked(SHOP, ["a"] * 60 + ["b"] * 40)


def test_means_gaps_and_quadrants_counted_by_hand(shop):
    table = shop.table[shop.table["id"] == "all"].set_index("attribute")
    assert table["importance"].tolist() == [4.5, 5.0, 2.5, 1.5]  # mean 3.375
    assert table["performance"].tolist() == [2.5, 4.5, 1.5, 5.0]  # mean 3.375
    assert table["gap"].tolist() == [2.0, 0.5, 1.0, -3.5]
    assert table["n"].tolist() == [100] * 4
    assert table["quadrant"].tolist() == [
        "concentrate here", "keep it up", "low priority", "possibly too much effort",
    ]  # fmt: skip
    assert table["settled"].all()


def test_the_interval_is_that_of_scipy(shop):
    gap = np.resize([3.0, 1.0], 100)
    theirs = bootstrap((gap,), np.mean, method="percentile", n_resamples=9999, rng=np.random.default_rng(1))
    row = shop.table.iloc[0]
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(theirs.confidence_interval, abs=0.03)


def test_what_to_mend_first_is_said_with_its_gap(shop):
    assert shop.told[0].startswith(
        "Mend “quality” first: of what matters to people it falls shortest. On the scale of 1 to 5 it matters 4.5 "
        "to them and they give us 2.5 for it, a gap of 2 (1.8"
    )
    assert shop.told[1].startswith("the a: what falls shortest is “quality”, a gap of 2 (")
    assert len(shop.told) == 3


def test_what_hardly_matters_is_never_mended_first(asked):
    told = asked({"speed": ([1], [0, 0, 1]), "price": ([4], [4])}, ["a"] * 60).told
    assert told[0] == (
        "Nothing that matters to people as much as the rest falls clearly short, so these answers single out nothing "
        "to mend first."
    )


def test_what_may_matter_as_much_as_the_rest_can_be_mended_first(asked):
    close = {"quality": ([4, 3, 4, 3], [4, 3]), "price": ([4, 4, 2, 3], [0, 1])}  # 3.5 against 3.25, and noisy
    assert asked(close, ["a"] * 40).told[0].startswith("Mend “price” first")


def test_two_gaps_that_cannot_be_told_apart_are_both_named(asked):
    rng = np.random.default_rng(3)
    noisy = {name: (rng.integers(3, 5, 80), rng.integers(1, 4, 80)) for name in ("quality", "speed")}
    told = asked(noisy | {"leaflets": ([0], [4])}, ["a"] * 80).told[0]
    assert told.startswith("Begin with “")
    assert "should come before it, these answers cannot tell." in told


def test_a_gap_that_chance_could_bring_is_not_mended(asked):
    rng = np.random.default_rng(5)
    mended = 0
    for seed in range(25):
        alike = {name: tuple(np.random.default_rng((seed, i)).integers(0, 5, (2, 60))) for i, name in enumerate(NAMES)}
        mended += not asked(alike, rng.permutation(["a"] * 60).tolist()).told[0].startswith("Nothing")
    assert mended <= 2  # four attributes, both ways round: under one in twenty


def test_weights_count(asked):
    ratings = {"quality": ([4, 0], [0, 0]), "price": ([4], [4])}
    table = asked(ratings, ["a"] * 60, weight=np.resize([1.5, 0.5], 60)).table
    assert table.loc[0, "importance"] == 1 + 4 * 0.75


def test_only_who_rated_both_counts(asked):
    table = asked({"quality": ([4, 4, np.nan], [0, np.nan, 4]), "price": ([4], [4])}, ["a"] * 60).table
    assert table.loc[0, ["importance", "performance", "n"]].tolist() == [5, 1, 20]


def test_small_cells_are_left_empty_and_cannot_be_worked_out(asked):
    table = asked(SHOP, ["a"] * 50 + ["b"] * 30 + ["c"] * 9).table.set_index(["id", "attribute"])
    assert table.loc["c", ["importance", "gap", "ci_low", "n"]].isna().all(axis=None)
    assert table.loc["b", "gap"].isna().all()  # otherwise c is all less a and b
    assert table.loc["a", "gap"].notna().all()
    rest = asked(SHOP, ["a"] * 50 + ["b"] * 30 + [UNASSIGNED] * 4).table.set_index(["id", "attribute"])
    assert rest.loc["b", "gap"].isna().all()  # the four who are nobody's are a small cell too


def test_an_attribute_that_hardly_anybody_rated_is_left_out(asked):
    few = [4.0] * 9 + [np.nan] * 51
    assert set(asked({"quality": (few, few), "price": ([4], [3])}, ["a"] * 60).table["attribute"]) == {"price"}
    assert asked({"quality": (few, few)}, ["a"] * 60) is None


def test_one_attribute_has_no_quadrants(asked):
    found = asked({"quality": ([4], [1])}, ["a"] * 60)
    assert found.table["quadrant"].isna().all()
    assert found.told[0].startswith("Mend “quality” first")


def test_without_questions_or_survey_there_is_none(asked, by_label):
    study = Study.model_validate({"study": "a", "tables": {"sales": {"path": "s.csv"}}})
    assert importance_gaps(None, by_label(["a"]), study) is None
    assert asked({}, ["a"] * 60) is None


def test_equal_answers_give_equal_tables(shop, asked):
    pd.testing.assert_frame_equal(shop.table, asked(SHOP, ["a"] * 60 + ["b"] * 40).table)


def test_at_the_mean_is_high():
    assert quadrants(np.array([[2.0, 2.0]]), np.array([[1.0, 3.0]])).tolist() == [["mend", "keep"]]


# --- the belief about the largest gap ---------------------------------------------------------------------------------

PAIRS = {"importance_performance": {"price": ["imp_price", "perf_price"], "speed": ["imp_speed", "perf_speed"]}}


def judged(evidence):
    return {r.id: r for r in put_to_the_test("leads", evidence)}["importance_performance"]


def gaps_of(make_evidence, price: float, speed: float, n: int = 120):
    rng = np.random.default_rng(6)
    answers = pd.DataFrame({"respondent_id": [f"R{i}" for i in range(n)]})
    for name, gap in (("price", price), ("speed", speed)):
        answers[f"perf_{name}"] = rng.integers(0, 4, n).astype(float)
        answers[f"imp_{name}"] = answers[f"perf_{name}"] + gap + rng.choice([-0.5, 0.5], n)
    return judged(make_evidence({"survey": answers}, survey_keys=PAIRS)), answers


def test_the_largest_gap_comes_first_and_pays_for_the_number_of_attributes(make_evidence):
    found, answers = gaps_of(make_evidence, price=0.2, speed=1.0)
    test = ttest_rel(answers["imp_speed"], answers["perf_speed"])
    assert (found.verdict, found.effect.label) == ("supported", "speed")
    assert found.effect.estimate == pytest.approx((answers["imp_speed"] - answers["perf_speed"]).mean())
    half = (found.effect.estimate - test.confidence_interval(0.95).low) * 2.2414 / 1.9600  # z(.025) / z(.05)
    assert found.effect.ci_low == pytest.approx(found.effect.estimate - half, abs=1e-4)
    assert found.p_value == pytest.approx(2 * test.pvalue)
    assert found.n == {"price": 120, "speed": 120}


def test_a_gap_counts_answers_by_their_weight(make_evidence):
    """Forty with a gap of 2 that weigh 3, sixty with none that weigh 1: 240 / 180, not 80 / 100."""
    heavy = [3.0] * 40 + [1.0] * 60
    answers = pd.DataFrame({"respondent_id": [f"R{i}" for i in range(100)], "weight": heavy, "perf": 1.0})
    answers["imp"] = [3.0] * 40 + [1.0] * 60
    asked = {"importance_performance": {"price": ["imp", "perf"]}}
    found = judged(make_evidence({"survey": answers}, survey_keys=asked))
    assert found.effect.estimate == pytest.approx(240 / 180)
    effective = 180**2 / (40 * 9 + 60)  # Kish
    spread = np.sqrt((2 / 3 * 2**2 - (4 / 3) ** 2) * effective / (effective - 1))
    half = t.ppf(0.975, effective - 1) * spread / np.sqrt(effective)
    assert found.effect.ci_low == pytest.approx(240 / 180 - half, rel=1e-6)


def test_doing_better_than_it_matters_everywhere_is_reversed(make_evidence):
    found, _ = gaps_of(make_evidence, price=-0.9, speed=-1.0)
    assert (found.verdict, found.effect.label) == ("reversed", "price")


def test_a_missing_question_is_named(make_evidence):
    answers = pd.DataFrame({"respondent_id": ["R1"], "imp_price": [1.0], "perf_price": [2.0], "imp_speed": [1.0]})
    found = judged(make_evidence({"survey": answers}, survey_keys=PAIRS))
    assert found.verdict == "not testable"
    assert found.reason == say("hypotheses.reason.needs", missing=["survey.perf_speed"])
