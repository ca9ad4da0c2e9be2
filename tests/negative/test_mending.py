"""What is tried with those to review: the remedy of their rule, and whether they are enough to show it."""

import pandas as pd
import pytest

from helpers.beliefs.plan import Design
from helpers.negative.mending import mending, trial_of
from helpers.negative.signs import Condition
from helpers.words import ENGLISH

RETURNS, LARGE = Condition("return_share", True, 0.17), Condition("average_order_value", True, 80.0)
FEW_RETURNS = Condition("return_share", False, 0.17)
HELD_OUT = pd.DataFrame({"customer_id": [f"c{i}" for i in range(200)], "margin": [float(i % 10) for i in range(200)]})


def paying(n: int) -> pd.Series:
    """One in five brought more than they cost."""
    return pd.Series([i % 5 == 0 for i in range(n)], HELD_OUT["customer_id"][:n])


@pytest.mark.parametrize(
    ("rule", "about"),
    [((RETURNS,), "what_it_is"), ((LARGE, RETURNS), "what_it_is"), ((LARGE,), "other_offer"),
     ((FEW_RETURNS,), "other_offer")],
)  # fmt: skip
def test_the_remedy_is_that_of_the_first_condition_which_has_one(rule, about):
    assert mending(rule) == about
    assert ENGLISH.has(f"negative.ask.{about}")
    assert ENGLISH.has(f"report.experiment.{about}.do")


def test_enough_people_have_a_test_of_whether_they_pay_and_of_their_margin():
    made = trial_of("negative-1", "what_it_is", 200, paying(200), HELD_OUT, Design())
    assert (made["n_per_arm"], made["base"]) == (100, 0.2)
    assert 0.1 < made["smallest_change"] <= 0.25
    (guard,) = made["guardrails"]
    assert guard["margin"] == pytest.approx(2.8016 * HELD_OUT["margin"].std() * 0.02**0.5, rel=0.05)
    assert made["preregistration"] is None


def test_where_only_a_test_by_itself_can_show_anything_its_plan_is_written_beforehand():
    beside = trial_of("negative-1", "what_it_is", 150, paying(150), HELD_OUT, Design(also=30))
    assert beside["preregistration"] == "what_it_is_negative_1_plan.yml"


def test_too_few_try_nothing_and_without_costs_nothing_is_guarded():
    assert trial_of("negative-1", "what_it_is", 90, paying(90), HELD_OUT, Design()) is None
    made = trial_of("negative-1", "what_it_is", 200, paying(200), HELD_OUT[["customer_id"]], Design())
    assert made["guardrails"] == []
