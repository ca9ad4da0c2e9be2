"""The one rule that turns numbers into a verdict, in the order of methods.md 4."""

import math
from dataclasses import replace

import pytest

from helpers.beliefs.verdict import by_clarity, decide, interval_in_words, relabelled, size_in_words, usable, wald
from helpers.contracts import Effect
from helpers.words import ENGLISH, NOT_KNOWN, say


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


def test_a_label_goes_over_to_every_effect():
    found = relabelled(contrast(0.1, 0.02, label="mail"), say("hypotheses.label.promoters"))
    assert {found.label, *(e.label for e in found.effects)} == {say("hypotheses.label.promoters")}


@pytest.mark.parametrize(
    ("measure", "told"),
    [("risk difference", "5.0 points"), ("share", "5 %"), ("ratio of means", "5 %"), ("slope", "under 1 % of orders"),
     ("mean difference", "0.050"), ("standardised difference", "0.05 standard deviations")],
)  # fmt: skip
def test_a_size_is_told_in_the_unit_of_its_measure(measure, told):
    assert ENGLISH.shown(size_in_words(measure, 0.05)).startswith(told)


def test_standard_deviations_are_told_in_their_own_unit_where_both_are_known():
    both = (Effect("mean difference", 6.0, 2.0, 10.0), Effect("standardised difference", 0.3, 0.1, 0.5))
    told = size_in_words("standardised difference", 0.2, both)
    assert told.values["own"] == pytest.approx(0.2 * 20)
    assert ENGLISH.tell(told).startswith("0.20 standard deviations (about 4 ")
    assert size_in_words("", 0.2) == size_in_words("share", None) == NOT_KNOWN


def test_an_interval_is_told_in_the_unit_of_its_measure():
    assert ENGLISH.shown(interval_in_words(contrast(0.10, 0.02))) == "6.1 to 13.9 points"
    assert ENGLISH.shown(interval_in_words(contrast(1.0, 0.2, "slope"))) == "6 to 14 % of orders per 10 % of price"
    told = ENGLISH.shown(interval_in_words(contrast(1.0, 0.2, "standardised difference")))
    assert told == "0.61 to 1.39 standard deviations"
