"""The registry: every built-in id, always; corrected over the page; the study's choices obeyed or refused."""

import math
import pkgutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from helpers.beliefs import registry
from helpers.beliefs.belief import Belief, built_in
from helpers.beliefs.registry import BELIEF_ROOMS, Beliefs, find, lacking, put_to_the_test
from helpers.contracts import BELIEF_IDS, StudyError
from helpers.previous import Previous
from helpers.words import ENGLISH, catalogue, say

FRAMING, CHANNELS, LEADS = BELIEF_IDS[:7], BELIEF_IDS[7:15], BELIEF_IDS[15:]


@pytest.mark.parametrize(("room", "ids"), [("framing", FRAMING), ("channels", CHANNELS), ("leads", LEADS)])
def test_a_study_with_nothing_still_lists_every_belief_with_its_reason(make_evidence, room, ids):
    rooms = {f"{name}_found": find(name, make_evidence()) for name in BELIEF_ROOMS}
    found = getattr(registry, room)(**rooms, evidence=make_evidence(), previous=Previous(None))
    results = found.results
    assert found == Beliefs(put_to_the_test(room, make_evidence()))
    assert tuple(r.id for r in results) == ids
    for r in results:
        assert (r.verdict, r.effect, r.effects, r.n, r.p_value, r.family) == ("not testable", None, (), {}, None, room)
        assert r.reason.key.startswith("hypotheses.reason.")
        assert r.sentence == say("hypotheses.verdict.not_testable", reason=r.reason)
        assert ENGLISH.tell(r.title).endswith("?")
        assert r.sesoi > 0


def test_the_contract_has_twenty_beliefs_each_declared_once():
    assert tuple(built_in()) == BELIEF_IDS
    assert len(set(BELIEF_IDS)) == len(BELIEF_IDS) == 20


def test_a_wing_adds_a_belief_by_its_place_alone_and_it_follows_those_of_the_contract(monkeypatch):
    more = (Belief("zeal", "leads", "customer", 0.1), Belief("awe", "framing", "customer", 0.1))
    monkeypatch.setattr("helpers.intake.BELIEFS", more, raising=False)
    assert list(built_in.__wrapped__()) == [*BELIEF_IDS, "awe", "zeal"]


def test_two_wings_cannot_declare_one_belief(monkeypatch):
    monkeypatch.setattr("helpers.intake.BELIEFS", (Belief("left_digit", "leads", "lead", 0.1),), raising=False)
    with pytest.raises(ValueError, match="left_digit"):
        built_in.__wrapped__()


def test_every_test_is_there_and_none_is_imported_before_it_runs():
    for belief in built_in().values():
        assert not belief.test or callable(pkgutil.resolve_name(belief.test)), belief.id
    code = "import sys; from helpers.beliefs.belief import built_in; built_in(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    of_wings = {b.test.partition(":")[0] for b in built_in().values()} - {"helpers.beliefs.framing", ""}
    assert not of_wings & set(done.stdout.split())


def test_what_would_make_a_belief_testable_is_named(make_evidence):
    by_id = {r.id: r.reason for room in BELIEF_ROOMS for r in put_to_the_test(room, make_evidence())}
    assert "sessions.channel, sessions.converted and sessions.visitor_id or customer_id" in ENGLISH.tell(
        by_id["conversion_by_channel"]
    )
    assert "prices.price" in by_id["loss_asymmetry"].values["missing"]
    assert by_id["relative_saving"] == say("hypotheses.reason.no_experiment", id="relative_saving")
    assert by_id["framing_by_persona"] == by_id["relative_saving"]


def test_what_each_belief_lacks_is_listed_once_and_what_nobody_wants_is_not(make_evidence):
    evidence = make_evidence(hypotheses={"exclude": ["bad_experience"]})
    lacks = {title: fields for title, fields in lacking(evidence).items() if "sales.unit_cost" in fields}
    assert lacks == {say("hypotheses.title.profit_by_persona"): ["sales.unit_cost"]}
    assert not any("service.kind" in fields for fields in lacking(evidence).values())
    assert ["sales.coupon|discount"] in lacking(evidence).values()


def test_a_column_without_a_value_counts_as_missing(make_evidence):
    frame = pd.DataFrame({"started_at": [pd.Timestamp("2025-02-02")], "channel": ["web"], "converted": [True]})
    frame["visitor_id"] = pd.Series([np.nan], dtype="str")
    found = put_to_the_test("channels", make_evidence({"sessions": frame}))[0]
    assert found.reason.values["missing"] == (
        say("hypotheses.either", first="sessions.visitor_id", second="customer_id"),
    )


def two(make_evidence, answers, saving, **study):
    """Two experiments on the same answers: relative_saving, and the study's own on a second pair of columns."""
    frame = answers(cheap=(62, 100), dear=(45, 100))
    second = saving | {"id": "greeting", "arm": {"column": "tone", "treatment": "warm", "control": "dry"},
                       "outcome": {"column": "smiled", "success": ["yes"]}}  # fmt: skip
    frame["tone"] = ["warm", "dry"] * 100
    frame["smiled"] = np.where(np.arange(200) % 20 < 11, "yes", "no")
    return put_to_the_test("framing", make_evidence({"survey": frame}, experiments=[second, saving], **study))


def test_holm_corrects_over_the_page(make_evidence, answers, saving):
    results = two(make_evidence, answers, saving)
    assert [r.id for r in results] == [*FRAMING, "greeting"]
    p = {r.id: (r.p_value, r.p_adjusted) for r in results if r.p_value is not None}
    assert set(p) == {"relative_saving", "greeting"}
    assert p["relative_saving"][1] == pytest.approx(2 * p["relative_saving"][0])
    assert p["greeting"][1] == pytest.approx(max(p["greeting"][0], 2 * p["relative_saving"][0]))
    assert 0.01 < p["relative_saving"][0] < 0.025


def test_correction_decides(make_evidence, answers, saving):
    """.45 against .60 of 100: p = .034 alone is supported; with a second test it is not."""
    frame = answers(cheap=(60, 100), dear=(45, 100))
    alone = put_to_the_test("framing", make_evidence({"survey": frame}, experiments=[saving]))[0]
    both = put_to_the_test("framing", make_evidence({"survey": frame}, experiments=[saving, saving | {"id": "again"}]))[
        0
    ]
    assert (alone.verdict, both.verdict) == ("supported", "inconclusive")
    assert both.p_value == alone.p_value


def test_excluded_ones_are_listed_as_left_out_and_cost_nothing(make_evidence, answers, saving):
    results = two(make_evidence, answers, saving, hypotheses={"exclude": ["greeting", "left_digit"]})
    by_id = {r.id: r for r in results}
    assert by_id["greeting"].verdict == by_id["left_digit"].verdict == "not testable"
    assert by_id["greeting"].reason == by_id["left_digit"].reason == say("hypotheses.reason.excluded")
    assert by_id["relative_saving"].p_adjusted == by_id["relative_saving"].p_value


def test_the_smallest_effect_of_interest_is_the_experiments_then_the_studys_then_the_built_in(
    make_evidence, answers, saving
):
    def sesoi(experiment, **hypotheses):
        frames = {"survey": answers(cheap=(62, 100), dear=(45, 100))}
        return put_to_the_test("framing", make_evidence(frames, experiments=[experiment], hypotheses=hypotheses))[
            0
        ].sesoi

    assert sesoi(saving) == 0.05
    assert sesoi(saving, sesoi={"relative_saving": 0.08}) == 0.08
    assert sesoi(saving | {"sesoi": 0.02}, sesoi={"relative_saving": 0.08}) == 0.02


def test_an_experiment_of_a_built_in_id_is_its_test(make_evidence, answers, saving):
    evidence = make_evidence(
        {"survey": answers(cheap=(62, 100), dear=(30, 100))}, experiments=[saving | {"id": "step_friction"}]
    )
    found = {r.id: r for r in put_to_the_test("channels", evidence)}["step_friction"]
    assert (found.verdict, found.arm_source) == ("supported", "randomised")
    assert found.title == say("hypotheses.title.step_friction")
    assert "step_friction" not in {r.id for r in put_to_the_test("framing", evidence)}


@pytest.mark.parametrize(("dear", "verdict", "warned"), [(30, "supported", True), (62, "inconclusive", False)])
def test_an_arm_that_was_not_randomised_is_no_cause(make_evidence, answers, saving, dear, verdict, warned):
    frames = {"survey": answers(cheap=(62, 100), dear=(dear, 100))}
    found = put_to_the_test("framing", make_evidence(frames, experiments=[saving | {"randomised": False}]))[0]
    assert (found.verdict, found.arm_source) == (verdict, "observational")
    assert (say("hypotheses.no_cause") in found.sentence.values["parts"]) is warned


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ({"hypotheses": {"exclude": ["left_digits"]}}, "did you mean 'left_digit'"),
        ({"hypotheses": {"sesoi": {"relative_savings": 0.1}}}, "did you mean 'relative_saving'"),
        ({"hypotheses": {"exclude": ["zzz"]}}, "known: bad_experience"),
        ({"hypotheses": {"sesoi": {"left_digit": 0.0}}}, "must be above 0"),
        ({"hypotheses": {"sesoi": {"left_digit": -0.1}}}, "must be above 0"),
    ],
)
def test_choices_that_do_not_exist_are_faults_of_the_study(make_evidence, study, words):
    with pytest.raises(StudyError, match=words):
        put_to_the_test("leads", make_evidence(**study))


def test_an_unknown_room_is_refused(make_evidence):
    with pytest.raises(StudyError, match="framing, channels, leads"):
        put_to_the_test("kitchen", make_evidence())


def test_results_are_plain_finite_values_and_repeat_themselves(make_evidence, answers, saving):
    once, again = (two(make_evidence, answers, saving) for _ in range(2))
    assert once == again
    for r in once:
        for e in r.effects:
            assert all(type(v) is float and math.isfinite(v) for v in (e.estimate, e.ci_low, e.ci_high))
        assert all(type(v) is int for v in r.n.values())
        for v in (r.p_value, r.p_adjusted, r.mde):
            assert v is None or (type(v) is float and math.isfinite(v))


@pytest.mark.parametrize("part", ["title", "theory", "estimand"])
def test_every_belief_has_its_title_theory_and_what_is_compared_in_the_catalogue(part):
    head = f"hypotheses.{part}."
    told = {key.removeprefix(head) for key in catalogue("en") if key.startswith(head)}
    assert told == {*BELIEF_IDS, *({"own"} if part == "theory" else ())}
