"""The one rule that turns numbers into a verdict, in the order of methods.md 4."""

import math
from dataclasses import replace

import pytest

from helpers.beliefs.verdict import by_clarity, decide, usable, wald


def contrast(estimate: float, se: float, measure: str = "risk difference", label: str = ""):
    return wald(label, measure, estimate, se)


@pytest.mark.parametrize(
    ("estimate", "se", "p_adjusted", "verdict"),
    [
        (0.10, 0.02, 0.001, "supported"),
        (-0.10, 0.02, 0.001, "reversed"),
        (0.00, 0.01, 1.0, "equivalent"),
        (0.02, 0.005, 0.001, "equivalent"),  # clear of zero, yet too small to matter: equivalence comes first
        (0.04, 0.01, 0.001, "supported"),  # 90 % interval .024 to .056 leaves the range
        (0.10, 0.02, 0.06, "inconclusive"),  # the interval excludes zero, the corrected p does not
        (0.03, 0.02, 0.04, "inconclusive"),  # p for the family is small, the interval holds zero
        (0.00, 0.05, 1.0, "inconclusive"),  # no effect is never concluded from a large p
    ],
)
def test_the_order_of_verdicts(estimate, se, p_adjusted, verdict):
    assert decide((contrast(estimate, se),), p_adjusted, 0.05, directed=True) == verdict


def test_an_undirected_belief_is_supported_either_way():
    assert decide((contrast(-0.10, 0.02),), 0.001, 0.05, directed=False) == "supported"


def test_equivalence_needs_every_contrast():
    narrow, wide = contrast(0.0, 0.01), contrast(0.0, 0.04)
    assert decide((narrow, narrow), 1.0, 0.05, directed=False) == "equivalent"
    assert decide((narrow, wide), 1.0, 0.05, directed=False) == "inconclusive"


def test_ratios_are_judged_on_the_log_scale():
    inside = contrast(0.0, math.log(1.1) / 1.65, "ratio of means")  # 90 % interval just inside 1/1.1 .. 1.1
    outside = contrast(0.0, math.log(1.1) / 1.64, "ratio of means")
    assert decide((inside,), 1.0, 0.10, directed=False) == "equivalent"
    assert decide((outside,), 1.0, 0.10, directed=False) == "inconclusive"
    assert decide((contrast(-0.5, 0.1, "risk ratio"),), 0.001, 0.10, directed=True) == "reversed"


def test_a_share_is_judged_against_the_smallest_share_of_interest():
    assert decide((contrast(0.20, 0.02, "share"),), 0.001, 0.05, directed=True) == "supported"
    assert decide((contrast(0.02, 0.005, "share"),), 0.001, 0.05, directed=True) == "equivalent"
    assert decide((contrast(0.06, 0.02, "share"),), 0.5, 0.05, directed=True) == "inconclusive"


def test_wald_by_hand():
    found = contrast(0.10, 0.02)
    assert (found.low, found.high) == pytest.approx((0.0608007, 0.1391993))
    assert (found.inner_low, found.inner_high) == pytest.approx((0.0671029, 0.1328971))
    assert found.p_value == pytest.approx(5.733e-07, rel=1e-3)
    assert found.mde == pytest.approx(0.0560317, rel=1e-5)  # (1.959964 + .841621) x .02


def test_several_contrasts_pay_for_their_number():
    found = [contrast(0.01, 0.02, label="a"), contrast(0.05, 0.02, label="b"), contrast(0.03, 0.02, label="c")]
    ordered, p = by_clarity(found)
    assert [c.label for c in ordered] == ["b", "c", "a"]
    assert p == pytest.approx(3 * ordered[0].p_value)
    assert by_clarity([found[0]] * 3)[1] == 1.0


def test_what_is_not_finite_is_not_usable():
    fine = contrast(0.1, 0.02)
    assert usable(fine)
    assert not usable(contrast(0.1, 0.0))
    assert not usable(replace(fine, inner_high=math.inf))
    assert not usable(replace(fine, effects=(replace(fine.effects[0], ci_high=math.nan),)))
