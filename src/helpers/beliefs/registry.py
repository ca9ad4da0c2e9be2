"""Which beliefs there are, which of them a study can test, and the way from a test to a verdict.

A wing declares its own beliefs in ``BELIEFS``; ``belief.py`` has those of experiments, which belong to no wing. Titles,
theories and what is compared stand in a catalogue under each id, because stakeholders read them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from statsmodels.stats.multitest import multipletests

from helpers.beliefs import experiments
from helpers.beliefs.belief import BY_PERSONA, SESOI_MEANS, SESOI_SHARES, Belief, built_in
from helpers.beliefs.evidence import Evidence, NotTestable, leads_seen
from helpers.beliefs.framing import experiment_by_persona
from helpers.beliefs.verdict import Finding, decide, interval_in_words, size_in_words, usable
from helpers.contracts import BELIEF_ROOMS, HypothesisResult, StudyError
from helpers.study import Experiment, Study
from helpers.text import nearest
from helpers.wings import resolve
from helpers.words import Text, say, sentences


@dataclass(frozen=True)
class Beliefs:
    """The beliefs of one room, put to the test."""

    results: tuple[HypothesisResult, ...]


def framing(evidence: Evidence, *, smallest: float = 1.0) -> Beliefs:
    """Wording, prices and coupons, and the study's own experiments."""
    return Beliefs(put_to_the_test("framing", evidence, smallest))


def channels(evidence: Evidence, *, smallest: float = 1.0) -> Beliefs:
    """Channels, places, moments, steps and messages."""
    return Beliefs(put_to_the_test("channels", evidence, smallest))


def leads(evidence: Evidence, *, smallest: float = 1.0, borders: Sequence[float] = (), followed: int = 0) -> Beliefs:
    """Leads, recommendation, complaints, profit, and what falls short; leads by other borders or weeks if asked for."""
    return Beliefs(put_to_the_test("leads", leads_seen(evidence, borders, followed), smallest))


def put_to_the_test(room: str, evidence: Evidence, smallest: float = 1.0) -> tuple[HypothesisResult, ...]:
    """Results of every built-in belief of one room (framing, channels, leads) and of the study's own experiments.

    Always every id of the room, in the order of the report; own experiments follow in ``framing``. p-values are
    adjusted by Holm's method within the room. ``smallest`` times its own is the smallest effect of interest of each.
    Raises StudyError for an unknown room or hypothesis id.
    """
    if room not in BELIEF_ROOMS:
        raise StudyError(f"unknown room {room!r}; the rooms are {', '.join(BELIEF_ROOMS)}")
    check_choices(evidence.study)
    own = (Belief(e.id, "framing", e.unit, SESOI_SHARES) for e in evidence.study.experiments if e.id not in built_in())
    asked = [_as_asked(belief, evidence) for belief in (*built_in().values(), *own) if belief.room == room]
    asked = [(replace(belief, sesoi=belief.sesoi * smallest), experiment) for belief, experiment in asked]
    found = [_try(belief, experiment, evidence) for belief, experiment in asked]
    ps = [f.p_value for f in found if isinstance(f, Finding)]
    adjusted = iter(multipletests(ps, method="holm")[1] if ps else ())
    return tuple(
        _judged(*each, f, float(next(adjusted))) if isinstance(f, Finding) else _untested(*each, f)
        for each, f in zip(asked, found, strict=True)
    )


def lacking(evidence: Evidence) -> dict[Text, list[str]]:
    """Beliefs that could be tested if the tables had more: title -> what they lack, ``table.column`` or ``table.a|b``
    each."""
    asked = [_as_asked(b, evidence)[0] for b in built_in().values() if b.id not in evidence.study.hypotheses.exclude]
    lacks = {belief.says("title"): _lacks(belief, evidence) for belief in asked if belief.test}
    return {title: missing for title, missing in lacks.items() if missing}


def check_choices(study: Study) -> None:
    """Raise StudyError for hypothesis ids that do not exist, smallest effects of nothing, and arms that are equal."""
    chosen, own = study.hypotheses, study.experiments
    known = {*built_in(), *(e.id for e in own)}
    for key, ids in (("exclude", chosen.exclude), ("sesoi", chosen.sesoi)):
        for unknown in (i for i in ids if i not in known):
            raise StudyError(f"hypotheses: {key}: there is no hypothesis {unknown!r}; {nearest(unknown, known)}")
    for i, size in chosen.sesoi.items():
        if not (math.isfinite(size) and size > 0):
            raise StudyError(f"hypotheses: sesoi: {i}: the smallest effect of interest must be above 0, not {size}")
    for experiment in own:
        experiments.arm_names(experiment)


def _as_asked(belief: Belief, evidence: Evidence) -> tuple[Belief, Experiment | None]:
    """The belief as this study asks it, and the experiment that tells: one of its id, or one to look into by persona.

    The smallest effect of interest is the experiment's own, the study's, or the built-in one.
    """
    own = next((e for e in evidence.study.experiments if e.id == belief.id), None)
    experiment = experiment_by_persona(evidence) if belief.id == BY_PERSONA else own
    if own is not None and belief.id != BY_PERSONA:
        test = "helpers.beliefs.experiments:by_experiment"
        belief = replace(belief, sesoi=SESOI_SHARES, needs="", test=test, directed=True)
    if experiment is not None and not experiments.says_yes_or_no(evidence, experiment):
        belief = replace(belief, sesoi=SESOI_MEANS)
    sesoi = evidence.study.hypotheses.sesoi.get(belief.id, belief.sesoi)
    return replace(belief, sesoi=own.sesoi if own is not None and own.sesoi is not None else sesoi), experiment


def _try(belief: Belief, experiment: Experiment | None, evidence: Evidence) -> Finding | Text:
    """What the test found, or why there is none."""
    try:
        if belief.id in evidence.study.hypotheses.exclude:
            raise evidence.not_testable("excluded")
        if missing := _lacks(belief, evidence):
            raise evidence.not_testable("needs", missing=[need_in_words(need) for need in missing])
        if not belief.test:
            raise evidence.not_testable("no_experiment", id=belief.id)
        given = () if experiment is None else (experiment,)
        finding = resolve(belief.test)(evidence, belief.sesoi, *given)
        if not all(usable(c) for c in finding.contrasts):
            raise evidence.not_testable("not_estimable")
    except NotTestable as why:
        return why.reason
    return finding


def _lacks(belief: Belief, evidence: Evidence) -> list[str]:
    """The needs of a belief that the tables do not meet; declared pairs of questions stand for the need of any."""
    survey = evidence.study.tables.survey
    pairs = survey.importance_performance.values() if survey else ()
    asked = [f"survey.{column}" for pair in pairs for column in pair]
    needs = belief.needs.split()
    if asked and "survey.importance_performance" in needs:
        needs = asked
    return [need for need in needs if not evidence.has(need)]


def need_in_words(need: str) -> Text:
    """A need as a reader sees it: ``sales.coupon or discount``."""
    first, either, second = need.partition("|")
    return say("hypotheses.either", first=first, second=second) if either else need


def _untested(belief: Belief, experiment: Experiment | None, reason: Text) -> HypothesisResult:
    """The result of a belief that these data cannot speak to."""
    own = experiment is not None and experiment.id == belief.id != BY_PERSONA
    ours = belief.id in built_in()
    return HypothesisResult(
        id=belief.id,
        title=experiments.title_of(experiment) if own else belief.says("title"),
        theory=belief.says("theory") if ours else say("hypotheses.theory.own"),
        family=belief.room,
        arm_source="randomised" if experiment is not None and experiment.randomised else "observational",
        verdict="not testable",
        reason=reason,
        estimand=belief.says("estimand") if ours else experiments.compared(experiment),
        sesoi=belief.sesoi,
        sentence=say("hypotheses.verdict.not_testable", reason=reason),
    )


def _judged(belief: Belief, experiment: Experiment | None, finding: Finding, p_adjusted: float) -> HypothesisResult:
    """The result with verdict and reason, and the sentence: the facts, what they mean, and no cause unless known."""
    first, result = finding.contrasts[0], _untested(belief, experiment, "")
    verdict = decide(finding.contrasts, p_adjusted, belief.sesoi, belief.directed)
    values = {
        "interval": interval_in_words(first),
        "p": p_adjusted,
        "sesoi": size_in_words(first.measure, belief.sesoi, first.effects),
        "mde": size_in_words(first.measure, first.mde, first.effects),
    }
    because = "above_share" if first.measure == "share" and verdict == "supported" else verdict
    associated = result.arm_source == "observational" and not finding.descriptive
    warned = associated and verdict in ("supported", "reversed")
    return replace(
        result,
        verdict=verdict,
        reason=sentences(say(f"hypotheses.because.{because}", **values), finding.notes),
        effect=next(iter(first.effects), None),
        effects=finding.effects,
        n=finding.n,
        p_value=finding.p_value,
        p_adjusted=p_adjusted,
        mde=first.mde,
        scale=first.measure,
        preregistration=finding.preregistration,
        method=finding.method,
        sentence=sentences(
            finding.sentence,
            say(f"hypotheses.verdict.{verdict}", **values),
            say("hypotheses.no_cause") if warned else "",
        ),
    )
