"""The beliefs of a page share one error: families, looks, intervals of the clearest of several, a verdict per arm."""

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import plans
import pytest
from scipy.stats import multivariate_normal, norm
from statsmodels.stats.multitest import multipletests

from helpers.beliefs.looks import level_of, spent_by
from helpers.beliefs.one_error import Tested, held_to_one_error
from helpers.beliefs.plan import Design, plan_test
from helpers.beliefs.preregistration import write_plan
from helpers.beliefs.registry import put_to_the_test
from helpers.beliefs.verdict import by_clarity, critical_of_largest, p_of_largest, wald
from helpers.contracts import StudyError
from helpers.words import ENGLISH

P = [0.001, 0.013, 0.02, 0.04, 0.8]


@pytest.mark.parametrize(("family", "way"), [("confirmatory", "holm"), ("screen", "fdr_bh")])
def test_families_are_corrected_as_statsmodels_does_and_apart(family, way):
    other = [Tested(p, 0.045, "screen" if family == "confirmatory" else "confirmatory") for p in (0.04, 0.03)]
    held = held_to_one_error([*(Tested(p, 0.045, family) for p in P), *other])[: len(P)]
    assert [h.p_adjusted for h in held] == pytest.approx(multipletests(P, method=way)[1])
    for p, h in zip(P, held, strict=True):  # the level is what the plain p had to meet
        assert (h.p_adjusted <= h.alpha) == (p <= h.level)


def test_a_preregistered_test_is_a_family_of_its_own_and_costs_nobody():
    own, beside = held_to_one_error([Tested(0.03, 0.05, "own"), Tested(0.03, 0.05, "confirmatory")])
    assert own == beside
    assert own.p_adjusted == 0.03
    assert held_to_one_error([Tested(0.0, 0.0, "confirmatory")])[0].p_adjusted == 1.0


def test_the_largest_of_several_with_one_control_is_dunnetts():
    """Against scipy's multivariate normal: four arms, correlation .5."""
    cover = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    inside = multivariate_normal.cdf([2.3] * 4, cov=cover, lower_limit=[-2.3] * 4, abseps=1e-7, maxpts=10**6)
    shared = (np.sqrt(0.5),) * 4
    assert p_of_largest(2 * norm.sf(2.3), shared) == pytest.approx(1 - inside, abs=2e-5)
    assert p_of_largest(2 * norm.sf(critical_of_largest(shared, 0.05)), shared) == pytest.approx(0.05, abs=1e-7)
    assert critical_of_largest((0.0, 0.0), 0.05) == pytest.approx(norm.isf(0.0125))
    assert p_of_largest(1e-30, shared) == pytest.approx(4e-30)


@pytest.mark.parametrize("k", [4, 24])
def test_the_interval_of_the_clearest_contrast_covers(k):
    """Of nothing in k places: alone it would cover .81 (k = 4) and .29 (24) of sets."""
    rng = np.random.default_rng(k)
    found = [by_clarity([wald(str(i), "mean difference", z, 1.0) for i, z in enumerate(rng.standard_normal(k))])[0][0]
             for _ in range(400)]  # fmt: skip
    assert np.mean([c.low <= 0 <= c.high for c in found]) >= 0.93
    assert found[0].mde == pytest.approx(norm.isf(0.025 / k) + norm.ppf(0.8))


def three(make_evidence, answers, saving, **arms):
    test = saving | {"arm": {"column": "frame", "arms": ["dear", *(a for a in arms if a != "dear")]}}
    return put_to_the_test("framing", make_evidence({"survey": answers(**arms)}, experiments=[test]))[0]


def test_several_arms_have_a_verdict_each_and_the_opposite_is_never_told_while_one_wins(make_evidence, answers, saving):
    found = three(make_evidence, answers, saving, dear=(100, 200), cheap=(130, 200), middle=(40, 200))
    assert {arm.label: arm.verdict for arm in found.arms} == {"cheap": "supported", "middle": "reversed"}
    assert (found.verdict, found.effect.label) == ("supported", "cheap")
    assert "“cheap” supported" in ENGLISH.tell(found.sentence)
    lost = three(make_evidence, answers, saving, dear=(100, 200), cheap=(101, 200), middle=(40, 200))
    assert (lost.verdict, lost.effect.label) == ("reversed", "middle")


def test_levels_of_all_publications_add_up_to_five_per_cent():
    assert sum(level_of(k, None) for k in range(1, 2000)) == pytest.approx(0.05, abs=1e-5)
    assert [sum(level_of(k, n) for k in range(1, 40)) for n in (1, 12)] == pytest.approx([0.05, 0.05])
    assert (spent_by(0.5), spent_by(1.0), spent_by(2.0)) == pytest.approx(
        (2 * norm.sf(1.96 * 2**0.5), 0.05, 0.05), abs=1e-5
    )


def publish(results):
    return {"results": [json.loads(json.dumps(asdict(r), default=str)) for r in results]}


def test_equal_data_are_no_new_look_and_more_data_are_one(make_evidence, answers, saving):
    def at(before=None, **arms):
        return put_to_the_test("framing", make_evidence({"survey": answers(**arms)}, experiments=[saving]), before)

    first = at(cheap=(60, 100), dear=(50, 100))
    again = at(publish(first), cheap=(60, 100), dear=(50, 100))
    assert again == first
    assert (first[0].looks.this, first[0].looks.alpha_spent) == (1, pytest.approx(0.045))
    second = at(publish(first), cheap=(118, 190), dear=(95, 190))
    assert (second[0].looks.this, second[0].looks.alpha_spent) == (2, pytest.approx(0.0475))
    assert second[0].p_value < 0.05  # enough at a first look, not at the second
    assert second[0].verdict == "inconclusive"
    assert "This is look 2" in ENGLISH.tell(second[0].reason)
    absent = put_to_the_test("framing", make_evidence(), publish(second))
    assert absent[0].looks == second[0].looks


def test_what_an_earlier_look_found_stands_while_the_data_still_say_so(make_evidence, answers, saving):
    def at(before=None, **arms):
        return put_to_the_test("framing", make_evidence({"survey": answers(**arms)}, experiments=[saving]), before)

    first = at(cheap=(70, 100), dear=(50, 100))
    still, turned = (at(publish(first), cheap=c, dear=d) for c, d in (((118, 190), (95, 190)), ((95, 190), (118, 190))))
    assert [r[0].verdict for r in (first, still, turned)] == ["supported", "supported", "inconclusive"]
    assert still[0].looks.found_at == 1


def test_a_publication_that_counted_no_looks_was_one(make_evidence, answers, saving):
    evidence = make_evidence({"survey": answers(cheap=(60, 100), dear=(50, 100))}, experiments=[saving])
    old = publish(put_to_the_test("framing", evidence))
    old["results"][0] |= {"looks": None, "p_value": 0.3}
    assert put_to_the_test("framing", evidence, old)[0].looks.this == 2


def test_twelve_looks_at_a_null_find_no_more_than_one():
    found = pd.DataFrame([plans.series("the window moves on, no effect", seed) for seed in range(15)])
    assert found["any"].sum() <= 3
    assert found["uncounted"].sum() >= found["any"].sum()


def test_a_preregistered_test_has_its_level_whatever_stands_beside_it(make_evidence, answers, saving, tmp_path):
    plan = {"hypothesis": "relative_saving", "test": "shares_between", "sesoi": 0.05, "n_per_arm": 100, "arms": 2,
            "alpha": 0.05, "power": 0.8, "looks": 1, "stop": "", "date": "2026-01-01"}  # fmt: skip
    write_plan(tmp_path / "prereg.yml", plan)
    planned = saving | {"preregistration": "prereg.yml"}
    others = [saving | {"id": f"other_{i}"} for i in range(3)]

    def at(yes, n):
        evidence = make_evidence({"survey": answers(cheap=(yes, n), dear=(n // 2, n))}, experiments=[planned, *others])
        return put_to_the_test(
            "framing", replace(evidence, study=evidence.study.model_copy(update={"path": tmp_path / "study.yml"}))
        )

    found = at(64, 100)  # p = .046
    assert (found[0].verdict, found[0].confirmatory, found[0].level) == ("supported", True, 0.05)
    assert found[0].p_adjusted == found[0].p_value
    assert {r.verdict for r in found if r.id.startswith("other")} == {"inconclusive"}
    early = at(33, 50)[0]  # half of the people: next to nothing may be spent
    assert early.looks.alpha_spent == pytest.approx(spent_by(0.5))


def test_the_same_people_need_fewer_the_more_their_answers_agree():
    """Paired t: n = (2.80 / (.5 / sqrt(2 (1 - .5))))^2 = 31.4, and a little for t; McNemar by Connor's formula."""
    assert plan_test(None, effect=0.5, design=Design(within=0.5)).n == 34
    ns = [plan_test(0.3, effect=0.1, design=Design(within=r)).n for r in (0.0, 0.4, 0.8)]
    assert ns == sorted(ns, reverse=True)
    assert plan_test(0.3, n=ns[1], design=Design(within=0.4)).effect == pytest.approx(0.1, abs=5e-4)
    for amiss in ({"within": 1.0}, {"also": -1}, {"within": 0.3, "icc": 0.1, "cluster_size": 4}):
        with pytest.raises(StudyError):
            Design(**amiss)


def test_the_planned_number_finds_it_beside_others_too():
    found = plans.power(["shares beside three others"], 40)["found"]
    assert found.iloc[0] >= 0.6
