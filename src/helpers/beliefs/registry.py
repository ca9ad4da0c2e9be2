"""Which beliefs there are, which of them a study can test, and the way from a test to a verdict.

A wing declares its own beliefs in ``BELIEFS``; ``belief.py`` has those of experiments, which belong to no wing. Titles,
theories and what is compared stand in a catalogue under each id, because stakeholders read them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from helpers.beliefs import experiments
from helpers.beliefs.belief import BY_PERSONA, SESOI_MEANS, SESOI_SHARES, Belief, beliefs_of, built_in
from helpers.beliefs.evidence import Evidence, NotTestable, leads_seen
from helpers.beliefs.framing import experiment_by_persona
from helpers.beliefs.judging import Asked, judge, published
from helpers.beliefs.verdict import Finding, usable
from helpers.contracts import BELIEF_ROOMS, HypothesisResult, StudyError
from helpers.designs.usual import beside
from helpers.own import called
from helpers.previous import Previous
from helpers.study import Experiment, Study
from helpers.text import nearest
from helpers.wings import resolve
from helpers.words import Text, say


@dataclass(frozen=True)
class Beliefs:
    """The beliefs of one room, put to the test."""

    results: tuple[HypothesisResult, ...]


@dataclass(frozen=True)
class Found:
    """What the tests of one room found, by the id of the belief, before anything is judged; else why there is none, and
    the rival that cannot be told from the belief."""

    findings: dict[str, Finding]
    reasons: dict[str, Text]
    rivals: dict[str, Text]


def framing_found(evidence: Evidence, *, smallest: float = 1.0) -> Found:
    """Wording, prices and coupons, and the study's own experiments."""
    return find("framing", evidence, smallest)


def channels_found(evidence: Evidence, *, smallest: float = 1.0) -> Found:
    """Channels, places, moments, steps and messages."""
    return find("channels", evidence, smallest)


def leads_found(
    evidence: Evidence, *, smallest: float = 1.0, borders: Sequence[float] = (), followed: int = 0
) -> Found:
    """Leads, recommendation, complaints, profit, and what falls short; leads by other borders or weeks if asked for."""
    return find("leads", leads_seen(evidence, borders, followed), smallest)


def framing(
    framing_found: Found,
    channels_found: Found,
    leads_found: Found,
    evidence: Evidence,
    previous: Previous,
    *,
    smallest: float = 1.0,
) -> Beliefs:
    """The beliefs of `framing_found`, judged beside all others of the page."""
    return _of_room("framing", (framing_found, channels_found, leads_found), evidence, previous, smallest)


def channels(
    framing_found: Found,
    channels_found: Found,
    leads_found: Found,
    evidence: Evidence,
    previous: Previous,
    *,
    smallest: float = 1.0,
) -> Beliefs:
    """The beliefs of `channels_found`, judged beside all others of the page."""
    return _of_room("channels", (framing_found, channels_found, leads_found), evidence, previous, smallest)


def leads(
    framing_found: Found,
    channels_found: Found,
    leads_found: Found,
    evidence: Evidence,
    previous: Previous,
    *,
    smallest: float = 1.0,
) -> Beliefs:
    """The beliefs of `leads_found`, judged beside all others of the page."""
    return _of_room("leads", (framing_found, channels_found, leads_found), evidence, previous, smallest)


def put_to_the_test(
    room: str, evidence: Evidence, before: dict[str, Any] | None = None
) -> tuple[HypothesisResult, ...]:
    """Results of every built-in belief of one room (framing, channels, leads) and of the study's own experiments.

    Always every id of the room, in the order of the report; own experiments follow in ``framing``. p-values are
    adjusted over all beliefs of the page, whatever the room. before : hypotheses.json of the publication before. Raises
    StudyError for an unknown room or hypothesis id.
    """
    if room not in BELIEF_ROOMS:
        raise StudyError(f"unknown room {room!r}; the rooms are {', '.join(BELIEF_ROOMS)}")
    check_choices(evidence.study)
    return _judged(room, [find(each, evidence) for each in BELIEF_ROOMS], evidence, before)


def find(room: str, evidence: Evidence, smallest: float = 1.0) -> Found:
    """What the tests of one room find, ``smallest`` times its own being the smallest effect of interest of a belief.

    Raises StudyError for choices that do not exist.
    """
    check_choices(evidence.study)
    found = {b.id: _try(b, e, evidence) for b, e in _every(evidence, smallest) if b.room == room}
    untold = {i: f for i, f in found.items() if not isinstance(f, Finding)}
    return Found(
        {i: f for i, f in found.items() if isinstance(f, Finding)},
        {i: f.reason for i, f in untold.items()},
        {i: f.rival for i, f in untold.items() if f.rival is not None},
    )


def _of_room(room: str, found: Sequence[Found], evidence: Evidence, previous: Previous, smallest: float) -> Beliefs:
    return Beliefs(_judged(room, found, evidence, previous.published("hypotheses"), smallest))


def _judged(
    room: str, found: Sequence[Found], evidence: Evidence, before: dict[str, Any] | None, smallest: float = 1.0
) -> tuple[HypothesisResult, ...]:
    """The results of one room, all rooms having been looked at together."""
    every = _every(evidence, smallest)  # those of other rooms are looked at for their p-values alone
    told = {i: f for each in found for i, f in (each.reasons | each.findings).items()}
    rivals = {i: rival for each in found for i, rival in each.rivals.items()}
    asked = [Asked(b, e, functools.partial(_untested, b, e, rival=rivals.get(b.id))) for b, e in every]
    results = judge(asked, [told[b.id] for b, _ in every], evidence.study, published(before))
    return tuple(result for (belief, _), result in zip(every, results, strict=True) if belief.room == room)


def _every(evidence: Evidence, smallest: float = 1.0) -> list[tuple[Belief, Experiment | None]]:
    """Every belief as the study asks it, its own experiments last; ``smallest`` times its own effect of interest."""
    known = beliefs_of(evidence.study)
    own = (Belief(e.id, "framing", e.unit, SESOI_SHARES) for e in evidence.study.experiments if e.id not in known)
    asked = [_as_asked(belief, evidence) for belief in (*known.values(), *own)]
    return [(replace(belief, sesoi=belief.sesoi * smallest), experiment) for belief, experiment in asked]


def lacking(evidence: Evidence) -> dict[Text, list[str]]:
    """Beliefs that could be tested if the tables had more: title -> what they lack, ``table.column`` or ``table.a|b``
    each."""
    asked = [_as_asked(b, evidence)[0] for b in built_in().values() if b.id not in evidence.study.hypotheses.exclude]
    lacks = {belief.says("title"): _lacks(belief, evidence) for belief in asked if belief.test}
    return {title: missing for title, missing in lacks.items() if missing}


def confirmatory_beside(study: Study, hypothesis: str | None = None) -> int:
    """How many other confirmatory beliefs of a study's page share their error with one: those whose tables are there.

    Preregistered experiments are families of their own. Raises StudyError for choices that do not exist.
    """
    check_choices(study)
    given, out = set(study.tables.given()), {*study.hypotheses.exclude, hypothesis}
    own = {e.id: e for e in study.experiments}
    ours = {b.id for b in beliefs_of(study).values() if b.role == "confirmatory" and b.test and _tables(b) <= given}
    ours = {i for i in ours | own.keys() if i != BY_PERSONA and not (i in own and own[i].preregistration)}
    return len(ours - out)


def _tables(belief: Belief) -> set[str]:
    """The tables that a belief needs."""
    return {need.partition(".")[0] for need in belief.needs.split()}


def check_choices(study: Study) -> None:
    """Raise StudyError for hypothesis ids that do not exist, smallest effects of nothing, and arms that are equal."""
    chosen, own = study.hypotheses, study.experiments
    known = {*beliefs_of(study), *(e.id for e in own)}
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
    experiment = experiment_by_persona(evidence.study) if belief.id == BY_PERSONA else own
    if own is not None and belief.id != BY_PERSONA:
        test = "helpers.beliefs.experiments:by_experiment"
        belief = replace(belief, sesoi=SESOI_SHARES, needs="", test=test, directed=True, role="confirmatory")
    if experiment is not None and not experiments.says_yes_or_no(evidence, experiment):
        belief = replace(belief, sesoi=SESOI_MEANS)
    sesoi = evidence.study.hypotheses.sesoi.get(belief.id, belief.sesoi)
    return replace(belief, sesoi=own.sesoi if own is not None and own.sesoi is not None else sesoi), experiment


def _try(belief: Belief, experiment: Experiment | None, evidence: Evidence) -> Finding | NotTestable:
    """What the test found, or why there is none."""
    try:
        if belief.id in evidence.study.hypotheses.exclude:
            raise evidence.not_testable("excluded")
        if missing := _lacks(belief, evidence):
            raise evidence.not_testable("needs", missing=[need_in_words(need) for need in missing])
        if not belief.test:
            raise evidence.not_testable("no_experiment", id=belief.id)
        given = () if experiment is None else (experiment,)
        finding = _found(belief, evidence, *given)
        if not all(usable(c) for c in finding.contrasts):
            raise evidence.not_testable("not_estimable")
    except NotTestable as why:
        return why
    return finding


def _found(belief: Belief, evidence: Evidence, *given: Experiment) -> Finding:
    """What the test says. Raises NotTestable, and StudyError for a test of the study's own that fails."""
    if isinstance(belief.test, str):
        return resolve(belief.test)(evidence, belief.sesoi, *given)
    finding = called(evidence.study, belief.test, evidence, belief.sesoi, passing=(NotTestable,))
    if not isinstance(finding, Finding):
        raise StudyError(f"{evidence.study.own}: the test of {belief.id} must return a Finding, not {finding!r}")
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


def _untested(
    belief: Belief, experiment: Experiment | None, reason: Text, rival: Text | None = None
) -> HypothesisResult:
    """The result of a belief that these data cannot speak to."""
    own = experiment is not None and experiment.id == belief.id != BY_PERSONA
    design = experiment.known if own else ""
    theory = experiments.said_of(experiment, "theory") if own else belief.says("theory")
    estimand = experiments.said_of(experiment, "estimand") if own else belief.says("estimand")
    return HypothesisResult(
        id=belief.id,
        title=experiments.title_of(experiment) if own else belief.says("title"),
        theory=theory or say("hypotheses.theory.own"),
        family=belief.room,
        arm_source="randomised" if experiment is not None and experiment.randomised else "observational",
        verdict="not testable",
        reason=reason,
        rival=rival,
        estimand=estimand or experiments.compared(experiment),
        sesoi=belief.sesoi,
        sentence=say("hypotheses.verdict.not_testable", reason=reason),
        confirmatory=belief.role == "confirmatory",
        description=belief.role == "description",
        usual=beside(design) if design else None,
    )
