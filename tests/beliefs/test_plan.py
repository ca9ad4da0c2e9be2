"""Sample sizes against published tables, and the way back from a number to an effect."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.beliefs.estimators import two_proportions
from helpers.beliefs.plan import Design, duration, plan_means, plan_proportions, plan_test, smallest_difference
from helpers.beliefs.preregistration import read_plan, write_plan
from helpers.beliefs.registry import put_to_the_test
from helpers.contracts import Preregistration, StudyError
from helpers.words import ENGLISH, say


def test_cohens_table():
    """Cohen 1988, table 2.4.1: d = .2, .5, .8 need 393, 64 and 26 per arm for power .80."""
    assert [plan_means(effect=d).n for d in (0.2, 0.5, 0.8)] == [394, 64, 26]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"base": None, "effect": 20.0}, "20 standard deviations"),
        ({"base": None, "effect": 1e-9}, "standard deviations cannot be planned for"),
        ({"base": 0.5, "n": 2}, "cannot show any change from a share of 0.5"),
        ({"base": None, "n": 30, "design": Design(icc=0.1, cluster_size=50)}, "2 clusters"),
        ({"base": None}, "give the effect"),
    ],
)
def test_what_cannot_be_planned_says_why(asked, message):
    with pytest.raises(StudyError, match=message):
        plan_test(**asked)


def test_icc_and_cluster_size_go_together():
    for half in ({"icc": 0.1}, {"cluster_size": 20}):
        with pytest.raises(StudyError, match="go together"):
            Design(**half)


def test_near_the_top_a_fall_is_planned_for():
    assert plan_proportions(0.99, n=100).effect < 0


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


def test_clusters_cost_their_design_effect():
    """Kish 1965: clusters of 21 at icc .05 double the number: 1 + 20 x .05 = 2."""
    clustered = Design(icc=0.05, cluster_size=21)
    assert plan_test(None, effect=0.5, design=clustered).n == 128
    assert plan_test(None, n=128, design=clustered).effect == pytest.approx(plan_means(n=64).effect)


def test_several_arms_pay_for_their_comparisons_and_looks_for_themselves():
    """Dunnett's 2.212 + z(.8) = 3.054; n = 2 x (3.054 / .5)^2 = 74.6, a little more for t; last look of five: 2.040."""
    assert plan_test(None, effect=0.5, design=Design(arms=3)).n == pytest.approx(74.6 + 1.3, abs=0.7)
    assert plan_test(0.2, effect=0.05).n == plan_proportions(0.2, effect=0.05).n
    looks = plan_test(0.2, effect=0.05, design=Design(looks=5)).n / plan_proportions(0.2, effect=0.05).n
    assert looks == pytest.approx(((2.040 + 0.8416) / (1.960 + 0.8416)) ** 2, abs=0.002)


def test_the_planned_number_gives_the_planned_power():
    """Four arms, 600 simulated experiments in which the last arm has the planned effect."""
    n = plan_test(0.3, effect=0.1, design=Design(arms=4)).n
    yes = np.random.default_rng(2).binomial(n, [0.3, 0.4], (600, 2))
    found = [two_proportions(b, n, a, n).p_value <= 0.05 / 3 for a, b in yes]
    assert np.mean(found) == pytest.approx(0.80, abs=0.04)


def test_duration_is_in_whole_weeks():
    assert [duration(2184, 500), duration(2000, 500)] == [5, 4]


@pytest.mark.parametrize("design", [{"arms": 1}, {"icc": 1.0}, {"icc": -0.1}, {"cluster_size": 0.5}, {"looks": 21}])
def test_designs_that_cannot_be_are_refused(design):
    with pytest.raises(StudyError):
        Design(**design)
    with pytest.raises(StudyError):
        duration(100, 0)


PLAN = {"hypothesis": "relative_saving", "test": "shares_between", "sesoi": 0.05, "n_per_arm": 80, "arms": 2,
        "alpha": 0.05, "power": 0.8, "looks": 1, "stop": "at 80 people", "date": "2026-01-01"}  # fmt: skip


def registered(make_evidence, answers, saving, folder, plan, **change):
    digest = write_plan(folder / "prereg.yml", plan)
    experiment = saving | {"preregistration": "prereg.yml"} | change
    evidence = make_evidence({"survey": answers(cheap=(63, 93), dear=(26, 88))}, experiments=[experiment])
    evidence = replace(evidence, study=evidence.study.model_copy(update={"path": folder / "study.yml"}))
    return put_to_the_test("framing", evidence)[0], digest


def test_a_plan_that_was_kept_is_quoted_with_its_hash(make_evidence, answers, saving, tmp_path):
    found, digest = registered(make_evidence, answers, saving, tmp_path, PLAN)
    assert found.preregistration == Preregistration(digest, True, ())
    kept = say("hypotheses.plan.kept", date="2026-01-01", sha=digest[:12])
    assert kept in found.sentence.values["parts"][0].values["parts"]
    assert read_plan(tmp_path / "prereg.yml") == PLAN | {"sha256": digest}


@pytest.mark.parametrize(
    ("plan", "change", "key", "planned", "done"),
    [
        ({"n_per_arm": 175}, {}, "n", "175", 88),
        ({"sesoi": 0.1}, {}, "sesoi", "0.1", "0.05"),
        ({"test": "means_between"}, {}, "test", "means_between", "shares_between"),
        ({"hypothesis": "framing_wording"}, {}, "hypothesis", "framing_wording", "relative_saving"),
        ({"arms": 3}, {}, "arms", "3", "2"),
        ({"alpha": 0.01}, {}, "alpha", "0.01", "0.05"),
        ({}, {"stopping": {"looks": 2}}, "looks", "1", "2"),
    ],
)
def test_what_departs_from_the_plan_is_said(make_evidence, answers, saving, tmp_path, plan, change, key, planned, done):
    found, digest = registered(make_evidence, answers, saving, tmp_path, PLAN | plan, **change)
    assert (found.preregistration.sha256, found.preregistration.kept) == (digest, False)
    assert found.preregistration.differences == (say(f"hypotheses.plan.{key}", planned=planned, done=done),)
    departed = found.sentence.values["parts"][0].values["parts"][1]
    assert departed.key == "hypotheses.plan.departed"
    assert departed.values["differences"] == found.preregistration.differences[0]
    assert found.verdict == "supported"


def test_a_plan_that_was_changed_afterwards_is_found_out(make_evidence, answers, saving, tmp_path):
    write_plan(tmp_path / "old.yml", PLAN)
    text = (tmp_path / "old.yml").read_text().replace("n_per_arm: 80", "n_per_arm: 175")
    (tmp_path / "old.yml").rename(tmp_path / "gone.yml")
    experiment = saving | {"preregistration": "new.yml"}
    (tmp_path / "new.yml").write_text(text)
    evidence = make_evidence({"survey": answers(cheap=(63, 93), dear=(26, 88))}, experiments=[experiment])
    evidence = replace(evidence, study=evidence.study.model_copy(update={"path": tmp_path / "study.yml"}))
    found = put_to_the_test("framing", evidence)[0]
    few, changed = found.preregistration.differences
    assert (few.key, changed.key) == ("hypotheses.plan.n", "hypotheses.plan.changed")
    assert "175 were planned; the file was changed after it was written." in ENGLISH.tell(found.sentence)


@pytest.mark.parametrize("text", ["", "[1, 2]", "a: 1", "{", "\x00", "x" * 200_000])
def test_a_file_that_is_no_plan_is_refused(tmp_path, text):
    (tmp_path / "prereg.yml").write_text(text)
    with pytest.raises(StudyError, match="not a preregistration"):
        read_plan(tmp_path / "prereg.yml")
    with pytest.raises(StudyError, match="written down once"):
        write_plan(tmp_path / "prereg.yml", PLAN)


@pytest.mark.parametrize("n", [139, 151, 177, 209])
def test_numbers_for_which_the_solver_gives_a_list_are_planned_for_too(n):
    """Two means at 80 %: 2.8 standard errors of the difference, and a little more for the t distribution."""
    assert plan_means(n=n).effect == pytest.approx(2.8016 * (2 / n) ** 0.5, rel=0.005)
