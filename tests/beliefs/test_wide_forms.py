"""A column of answers per wording, as survey tools export it: of the same people, of different ones, asked twice."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import confint_proportions_2indep

from helpers.beliefs.registry import put_to_the_test
from helpers.words import ENGLISH, say

NUMBERS = {
    "id": "price_named",
    "table": "survey",
    "problems": {"gain": {"column": "gain_price"}, "loss": {"column": "loss_price"}},
    "unit": "respondent_id",
    "randomised": True,
}
SHARES = NUMBERS | {
    "problems": {a: {"column": f"{a}_price", "success": ["yes"]} for a in ("gain", "loss")},
}


def survey(gain, loss):
    ids = [f"R{i:03d}" for i in range(len(gain))]
    frame = pd.DataFrame({"respondent_id": ids, "gain_price": gain, "loss_price": loss})
    return {"survey": frame.astype({"gain_price": "str", "loss_price": "str"})}


def found(make_evidence, frames, experiment):
    return put_to_the_test("framing", make_evidence(frames, experiments=[experiment]))[-1]


def effect(result, measure):
    return next(e for e in result.effects if e.measure == measure)


def test_two_numbers_of_each_person_are_paired(make_evidence):
    """30 people, the second answer 1, 2 or 3 more in turn: 2 on average; against scipy."""
    gain = np.arange(30.0)
    loss = gain + np.arange(30) % 3 + 1
    result = found(make_evidence, survey(gain, loss), NUMBERS)
    theirs = stats.ttest_rel(loss, gain)
    ours = effect(result, "mean difference")
    assert ours.estimate == pytest.approx(2.0)
    interval = theirs.confidence_interval(0.95)
    assert (ours.ci_low, ours.ci_high) == pytest.approx((interval.low, interval.high), abs=1e-6)
    assert result.p_value == pytest.approx(theirs.pvalue, abs=1e-6)
    assert ENGLISH.tell(result.estimand).startswith("each person's own answer to every other problem")
    assert "order drawn by lot" in ENGLISH.tell(result.reason)


def test_two_yes_or_no_of_each_person_are_paired(make_evidence):
    """20 yes to both, 10 only to gain, 25 only to loss, 45 to neither: 15 points; against statsmodels."""
    gain = ["yes"] * 30 + ["no"] * 70
    loss = ["yes"] * 20 + ["no"] * 10 + ["yes"] * 25 + ["no"] * 45
    result = found(make_evidence, survey(gain, loss), SHARES)
    assert effect(result, "risk difference").estimate == pytest.approx(0.15)
    theirs = mcnemar([[20, 25], [10, 45]], exact=False, correction=False)
    assert result.p_value == pytest.approx(theirs.pvalue, abs=1e-6)


def apart(n=40):
    """Even people were asked the first question only, odd ones the second."""
    gain = [str(i % 7) if i % 2 == 0 else np.nan for i in range(n)]
    loss = [str(i % 5 + 2) if i % 2 else np.nan for i in range(n)]
    return survey(gain, loss)


def test_a_column_each_of_different_people_is_compared_between_them(make_evidence):
    frames = apart(80)
    result = found(make_evidence, frames, NUMBERS | {"design": "between"})
    a, b = (frames["survey"][f"{arm}_price"].dropna().astype(float) for arm in ("loss", "gain"))
    theirs = stats.ttest_ind(a, b, equal_var=False)
    assert result.n == {"gain": 40, "loss": 40}
    assert effect(result, "mean difference").estimate == pytest.approx(a.mean() - b.mean(), abs=1e-6)
    assert result.p_value == pytest.approx(theirs.pvalue, abs=1e-6)
    assert "different people" in ENGLISH.tell(result.estimand)
    assert "left out" not in ENGLISH.tell(result.reason)


def test_shares_of_a_column_each(make_evidence):
    """24 of 60 say yes to gain, 36 of 60 to loss, 5 more were asked nothing."""
    gain = ["yes"] * 24 + ["no"] * 36 + [np.nan] * 65
    loss = [np.nan] * 60 + ["yes"] * 36 + ["no"] * 24 + [np.nan] * 5
    result = found(make_evidence, survey(gain, loss), SHARES | {"design": "between"})
    difference = effect(result, "risk difference")
    low, high = confint_proportions_2indep(36, 60, 24, 60, method="newcomb")
    assert (difference.estimate, difference.ci_low, difference.ci_high) == pytest.approx((0.2, low, high), abs=1e-6)
    assert say("hypotheses.note.left_out", n=make_evidence({}).counted(5)) in _notes(result)


def _notes(result):
    return result.reason.values["parts"][1].values["parts"]


@pytest.mark.parametrize("design", [{}, {"design": "between"}])
def test_a_wide_form_that_is_declared_otherwise_than_it_was_asked_is_refused(make_evidence, design):
    gain = np.arange(60.0) % 7
    frames = survey(gain, gain[::-1] + 1) if design else apart(80)
    result = found(make_evidence, frames, NUMBERS | design)
    assert result.reason.key == f"hypotheses.reason.{'both_arms' if design else 'no_pairs'}"
    assert design or "design: between" in ENGLISH.tell(result.reason)


def test_unequal_arms_of_a_column_each_are_no_draw_by_lot(make_evidence):
    gain = [str(i % 7) for i in range(160)] + [np.nan] * 40
    loss = [np.nan] * 160 + [str(i % 7) for i in range(40)]
    frames, between = survey(gain, loss), NUMBERS | {"design": "between"}
    assert found(make_evidence, frames, between).reason.key == "hypotheses.reason.mismatch"
    assert found(make_evidence, frames, between | {"randomised": False}).verdict != "not testable"


def test_a_covariate_stays_with_its_person_in_a_wide_form(make_evidence):
    """What was paid before is what is named now, but for the wording's 2 and a wobble: little is left to chance."""
    before = np.arange(80.0)
    named = before + np.arange(80) % 2 * 2 + np.arange(80) // 2 % 2 * 0.5
    frames = survey(np.where(np.arange(80) % 2 == 0, named, np.nan), np.where(np.arange(80) % 2, named, np.nan))
    frames["survey"] = frames["survey"].assign(paid_before=before)
    plain, helped = (
        effect(found(make_evidence, frames, NUMBERS | {"design": "between"} | more), "mean difference")
        for more in ({}, {"covariate": "paid_before"})
    )
    assert helped.ci_high - helped.ci_low < 0.05 * (plain.ci_high - plain.ci_low)
    assert helped.estimate == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("number", [True, False])
def test_people_who_answered_several_times_count_once_each(make_evidence, number):
    """Three answers of each of 40 people under either arm; against scipy on the people's own means."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        [(f"R{i:02d}", arm, time) for i in range(40) for arm in ("gain", "loss") for time in range(3)],
        columns=["respondent_id", "frame", "time"],
    )
    chance = 0.3 + 0.3 * (frame["frame"] == "loss")
    y = (rng.random(len(frame)) < chance).astype(int) + (rng.normal(5, 1, len(frame)).round(2) if number else 0)
    outcome = {"column": "said"} | ({} if number else {"success": ["1"]})
    experiment = {"id": "twice", "table": "survey", "arm": {"column": "frame", "control": "gain", "treatment": "loss"},
                  "outcome": outcome, "design": "within", "unit": "respondent_id"}  # fmt: skip
    result = found(make_evidence, {"survey": frame.assign(said=y.astype("str"))}, experiment)
    own = y.groupby([frame["respondent_id"], frame["frame"]]).mean().unstack()
    theirs = stats.ttest_rel(own["loss"], own["gain"])
    ours = effect(result, "mean difference" if number else "risk difference")
    interval = theirs.confidence_interval(0.95)
    assert result.n == {"gain": 40, "loss": 40}
    assert (ours.ci_low, ours.ci_high) == pytest.approx((interval.low, interval.high), abs=1e-6)
    assert result.p_value == pytest.approx(theirs.pvalue, abs=1e-6)
    assert "everybody counts once" in ENGLISH.tell(result.method)
