"""Sample sizes against published tables, and the way back from a number to an effect."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.contracts import StudyError
from helpers.hypotheses.plan import plan_means, plan_proportions, smallest_difference


def test_cohens_table():
    """Cohen 1988, table 2.4.1: d = .2, .5, .8 need 393, 64 and 26 per arm for power .80."""
    assert [plan_means(effect=d).n for d in (0.2, 0.5, 0.8)] == [394, 64, 26]


def test_the_replication_of_the_jacket_problem_needs_about_175():
    odds = 2.06 * 0.29 / 0.71
    assert plan_proportions(0.29, effect=odds / (1 + odds) - 0.29, power=0.90).n == 175


@settings(max_examples=40, deadline=None)
@given(st.floats(0.05, 0.6), st.floats(0.03, 0.3))
def test_the_number_for_an_effect_shows_that_effect(base, effect):
    needed = plan_proportions(base, effect=effect)
    assert plan_proportions(base, n=needed.n).effect <= effect + 1e-7
    assert plan_proportions(base, n=max(2, needed.n - 1)).effect >= effect - 1e-7 or needed.n <= 3


def test_a_fall_can_be_planned():
    assert plan_proportions(0.5, effect=-0.1).n == plan_proportions(0.5, effect=0.1).n == 388


def test_near_one_the_smallest_difference_is_a_fall():
    assert smallest_difference(0.99, 200, 200) == pytest.approx(0.0466, abs=1e-4)
    assert smallest_difference(0.5, 4, 4) == 1.0


def test_the_effect_that_a_number_shows():
    assert plan_means(n=64).effect == pytest.approx(0.499, abs=1e-3)
    assert plan_proportions(0.10, n=1000).effect == pytest.approx(0.0406, abs=1e-4)


@pytest.mark.parametrize(
    "question",
    [
        lambda: plan_proportions(0.3),
        lambda: plan_proportions(0.3, effect=0.1, n=100),
        lambda: plan_proportions(1.3, effect=0.1),
        lambda: plan_proportions(0.95, effect=0.1),
        lambda: plan_proportions(0.3, effect=0.0),
        lambda: plan_proportions(0.3, n=1),
        lambda: plan_means(effect=float("nan")),
        lambda: plan_means(effect=0.2, power=1.2),
        lambda: plan_means(effect=0.2, power=0.04),
    ],
)
def test_questions_without_an_answer_are_refused(question):
    with pytest.raises(StudyError):
        question()
