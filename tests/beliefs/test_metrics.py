"""Outcomes as practised, against statsmodels, tea-tasting and by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from helpers.beliefs import metrics
from helpers.beliefs.metrics import compare_means, cut, measured, refuse_faulty_draw, relative_lift
from helpers.beliefs.registry import put_to_the_test
from helpers.study import Experiment
from helpers.words import ENGLISH

LETTER = {
    "id": "letter", "title": "Does a letter help?", "table": "customers", "randomised": True, "sesoi": 0.1,
    "arm": {"column": "arm", "treatment": "letter", "control": "none"},
    "outcome": {"column": "came", "success": ["yes"]},
}  # fmt: skip


@pytest.fixture
def people():
    rng = np.random.default_rng(3)
    n = 400
    frame = pd.DataFrame({"arm": np.repeat(["c", "t"], n), "before": rng.gamma(2, 10, 2 * n)})
    frame["y"] = frame["before"] * 0.8 + rng.normal(0, 5, 2 * n) + np.where(frame["arm"] == "t", 1.5, 0)
    return frame.assign(per=rng.poisson(3, 2 * n) + 1.0)


def test_who_was_in_both_arms_is_nobody_s_missing_answer():
    """All of them saw the letter first: counted as silent they would be 40 of 1,040 there and none elsewhere."""
    alone = pd.DataFrame({"unit": [f"p{n}" for n in range(2000)], "arm": ["letter", "none"] * 1000, "y": 1.0})
    both = pd.DataFrame({"unit": [f"b{n}" for n in range(40)] * 2, "arm": ["letter"] * 40 + ["none"] * 40, "y": 1.0})
    experiment = Experiment.model_validate(LETTER)
    refuse_faulty_draw(None, experiment, pd.concat([both, alone], ignore_index=True), alone)
    silent = alone.assign(y=alone["y"].where(alone.index >= 80 * 2, None))
    with pytest.raises(AttributeError, match="not_testable"):  # 80 who saw the letter, and nobody else, say nothing
        refuse_faulty_draw(None, experiment, alone, silent[(silent["arm"] == "none") | silent["y"].notna()])


@pytest.mark.parametrize(
    ("columns", "difference", "low", "high", "lift", "p"),
    [
        (["y"], 1.0429602396420954, -0.6583317549033694, 2.7442522341875604, 0.06085413876217771, 0.22919134377460507),
        (["y", "before"], 1.7627344311752609, 1.0465221314351663, 2.4789467309153554, 0.10505722049407695,
         1.6278029058179507e-06),
        (["y", "per"], 0.2971632055560036, -0.2085225350416272, 0.8028489461536344, 0.0689214706158825,
         0.24904616594325557),
    ],
)  # fmt: skip
def test_means_cuped_and_ratios_are_those_of_tea_tasting(people, columns, difference, low, high, lift, p):
    """tea-tasting 1.14.0: Mean("y"), Mean("y", "before"), RatioOfMeans("y", "per") on these very rows."""
    found = compare_means(measured(people[["arm", *columns]]), "t", "c", None)
    plain, _, ratio = found.effects
    assert (plain.estimate, plain.ci_low, plain.ci_high) == pytest.approx((difference, low, high), rel=1e-6)
    assert ratio.estimate - 1 == pytest.approx(lift, rel=1e-6)
    assert found.p_value == pytest.approx(p, rel=1e-6)


def test_a_covariate_from_before_is_statsmodels_on_what_it_leaves(people):
    slope = np.cov(people["before"], people["y"])[0, 1] / people["before"].var()
    y = people["y"] - slope * (people["before"] - people["before"].mean())
    theirs = CompareMeans(*(DescrStatsW(y[people["arm"] == arm]) for arm in ("t", "c"))).tconfint_diff(usevar="unequal")
    found = compare_means(measured(people[["arm", "y", "before"]]), "t", "c", None)
    assert (found.effects[0].ci_low, found.effects[0].ci_high) == pytest.approx(theirs, rel=1e-9)
    assert measured(people[["arm", "y", "before"]]).kept == pytest.approx(0.182, abs=1e-3)


def test_a_small_arm_of_skewed_values_is_not_said_to_have_less():
    """Forty of a lognormal against four hundred: Welch's test rejects one true null in six, arms drawn anew do not."""
    rng = np.random.default_rng(2)
    p = []
    for _ in range(150):
        few, many = rng.lognormal(0, 1.5, 40), rng.lognormal(0, 1.5, 400)
        frame = pd.DataFrame({"arm": ["t"] * 40 + ["c"] * 400, "y": np.r_[few, many]})
        found = compare_means(measured(frame), "t", "c", None)
        p.append((ttest_ind(few, many, equal_var=False).pvalue, found.p_value))
        assert (found.p_value <= 0.05) == (not found.low <= 0 <= found.high)
        scale = found.effects[0].estimate / found.effects[1].estimate
        assert found.effects[0].ci_low / scale == pytest.approx(found.effects[1].ci_low) == pytest.approx(found.low)
        assert found.low < found.inner_low < found.estimate < found.inner_high < found.high
    plain, ours = (np.array(p) <= 0.05).mean(axis=0)
    assert plain > 0.10
    assert ours <= 0.07


def test_a_ratio_that_hangs_on_few_people_errs_as_often_as_it_says(monkeypatch):
    """Sessions of Pareto's kind: the delta method's error is too small, leaving each person out mends it."""
    rng, found = np.random.default_rng(4), []
    for _ in range(400):
        per = 1 + rng.pareto(1.2, 80) // 1
        frame = pd.DataFrame({"arm": ["t", "c"] * 40, "per": per, "y": rng.binomial(per.astype(int), 0.2)})
        frame["y"] = frame["y"] * rng.choice([0.0, 2.0], 80)
        sums = frame.groupby("arm")[["y", "per"]].sum()
        ratios = []
        for heavy in (metrics.HEAVY, 1.0):
            with monkeypatch.context() as patch:
                patch.setattr(metrics, "HEAVY", heavy)
                ratios.append(measured(frame))
        assert ratios[0].values["t"].mean() == pytest.approx(sums.loc["t", "y"] / sums.loc["t", "per"])
        found.append([compare_means(ratio, "t", "c", None).p_value for ratio in ratios])
    ours, delta = (np.array(found) <= 0.05).mean(axis=0)
    assert delta > 0.10
    assert ours <= 0.075


def test_fieller_by_hand():
    """Means 12 and 10, standard errors .5 and .4: g = 100 - 4 x .16, with t = 2."""
    values, base = (np.array([m - s, m + s] * 5000) for m, s in ((12.0, 50.0), (10.0, 40.0)))
    found = relative_lift(values, base, "t", alpha=0.0455)
    g = 100 - 4 * 0.16
    root = np.sqrt(120**2 - g * (144 - 4 * 0.25))
    assert (found.estimate, found.ci_low, found.ci_high) == pytest.approx(
        (1.2, (120 - root) / g, (120 + root) / g), rel=1e-3
    )
    assert relative_lift(values, base - 10, "t") is None


def test_tails_are_drawn_in_over_all_arms():
    assert cut(pd.Series(range(101), dtype=float), 0.05).agg(["min", "max"]).tolist() == [5.0, 95.0]
    assert cut(pd.Series([1.0, 9.0]), None).tolist() == [1.0, 9.0]


TEST = {"id": "letter", "table": "survey", "arm": {"column": "arm", "treatment": "t", "control": "c"},
        "randomised": True, "outcome": {"column": "y"}}  # fmt: skip


def judged(make_evidence, frame, **change):
    frame = frame.assign(customer_id=[f"C{i}" for i in range(len(frame))]) if "customer_id" not in frame else frame
    return put_to_the_test("framing", make_evidence({"survey": frame}, experiments=[TEST | change]))[-1]


def test_what_study_yml_declares_is_what_is_compared(make_evidence, people):
    plain, cuped, ratio = (
        judged(make_evidence, people, **change)
        for change in ({}, {"covariate": "before"}, {"outcome": {"column": "y", "per": "per"}})
    )
    assert [r.method.key.rpartition(".")[2] for r in (plain, cuped, ratio)] == [
        "means_between", "means_covariate", "ratios_between"
    ]  # fmt: skip
    assert cuped.mde < 0.5 * plain.mde
    assert [e.measure for e in plain.effects] == ["mean difference", "standardised difference", "ratio of means"]
    rich = people.assign(y=people["y"].where(people.index != 5, 1e6))
    assert judged(make_evidence, rich, winsorise=0.01).mde == pytest.approx(
        plain.mde, rel=1e-9
    )  # in spreads of its own
    assert abs(judged(make_evidence, rich, winsorise=0.01).effect.estimate - plain.effect.estimate) < 0.3


def test_guardrails_are_kept_broken_or_open(make_evidence, people):
    """An income that falls by five, against margins of ten, two and five."""
    income = 50.0 + np.tile([-5.0, 5.0], 400) - np.where(people["arm"] == "t", 5, 0)
    guards = [{"column": "income", "margin": m} for m in (10, 2, 5)] + [{"column": "nothing", "margin": 1}]
    told = ENGLISH.tell(judged(make_evidence, people.assign(income=income), guardrails=guards).sentence)
    assert "get worse by 10: with “t” it does not" in told
    assert "get worse by 2: with “t” it does (" in told
    assert "whether it does with “t” cannot be told" in told
    assert "“nothing”, which must not get worse, could not be looked at" in told


def _spoiled(people, kind):
    frame = people.assign(customer_id=[f"C{i}" for i in range(len(people))])
    if kind == "covariate missing":
        return frame.assign(before=np.nan)
    if kind == "half of the covariate":
        return frame.assign(before=frame["before"].where(frame.index % 2 == 0))
    if kind == "covariate of words":
        return frame.assign(before="many")
    if kind == "nothing to divide by":
        return frame.assign(per=0.0)
    if kind == "negative":
        return frame.assign(per=-1.0)
    if kind == "assigned twice":
        return pd.concat([frame, frame], ignore_index=True)
    if kind == "arm changed midway":
        return pd.concat([frame, frame.head(100).assign(arm="t")], ignore_index=True)
    if kind == "three changed":
        return pd.concat([frame, frame.head(3).assign(arm="t")], ignore_index=True)
    if kind == "one arm":
        return frame[frame["arm"] == "c"]
    if kind == "one cluster":
        return frame.assign(customer_id="C")
    if kind == "all alike":
        return frame.assign(y=1.0)
    return frame


REFUSED = {"covariate missing", "covariate of words", "nothing to divide by", "negative", "arm changed midway",
           "one arm", "one cluster", "all alike"}  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("success", [False, True])
@pytest.mark.parametrize("kind", ["fine", "half of the covariate", "assigned twice", "three changed", *sorted(REFUSED)])
def test_whatever_the_data_there_is_a_verdict_or_a_reason(make_evidence, people, kind, success):
    frame = _spoiled(people, kind)
    if success:
        frame = frame.assign(y=(frame["y"] > 15).astype(float))
        change = {"outcome": {"column": "y", "success": ["1"]}}
    else:
        ratio = kind in ("nothing to divide by", "negative", "fine")
        change = {"outcome": {"column": "y", "per": "per"}} if ratio else {"covariate": "before"}
    found = judged(make_evidence, frame, **change)
    of_numbers = {"covariate missing", "covariate of words", "nothing to divide by", "negative"}
    refused = kind in REFUSED - (of_numbers if success else set())
    assert (found.verdict == "not testable") == refused, ENGLISH.tell(found.reason)
    assert len(ENGLISH.tell(found.reason)) > 20
    if kind == "three changed":
        assert "more than one arm were left out" in ENGLISH.tell(found.reason)
