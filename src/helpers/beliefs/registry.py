"""The beliefs that the suite knows how to put to the test, each declared once, and the way to a verdict.

Titles and theories stand in the catalogue ``hypotheses`` under each id, because stakeholders read them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from statsmodels.stats.multitest import multipletests

from helpers.after import complaints, messages
from helpers.beliefs import experiments, framing
from helpers.beliefs.evidence import Evidence, NotTestable
from helpers.beliefs.verdict import INTERVAL_UNITS, Finding, decide, size_in_words, usable
from helpers.channels import conversion as channels
from helpers.channels import funnel, moments
from helpers.contracts import HypothesisResult, StudyError
from helpers.leads import lead_score, leads
from helpers.negative import profit as value
from helpers.offers import coupons, prices
from helpers.study import Experiment
from helpers.words import Words
from helpers.yamlfile import nearest

__all__ = ["HYPOTHESES", "ROOMS", "Evidence", "Hypothesis", "lacking", "put_to_the_test"]

ROOMS = ("framing", "channels", "leads")
SESOI_SHARES, SESOI_MEANS = 0.05, 0.20
"""Default smallest effects of interest: five points; a fifth of a standard deviation (Cohen 1988: small)."""


@dataclass(frozen=True)
class Hypothesis:
    """One belief, declared.

    ``room`` is also the family within which p-values are corrected. ``needs`` are tables and columns, one need a word
    (``a|b``: one of them is enough). ``sesoi`` is in points of a share, standard deviations or scale points for a mean,
    relative change (0.1: 10 %) for a ratio, and per cent of orders per per cent of price for a slope. ``directed``: an
    effect the other way round is "reversed" and not "supported". ``title`` and ``randomised`` are those of the study's
    experiment that is the test.
    """

    room: str
    id: str
    unit: str
    estimand: str
    sesoi: float
    needs: str = ""
    test: Callable[[Evidence, float], Finding] | None = None
    directed: bool = True
    title: str | None = None
    randomised: bool = False


_VISITS = "sessions.converted sessions.visitor_id|customer_id"
_PRICES = "prices.price prices.at prices.product_id sales.product_id"
_CONVERTED = "share of visits that end in a purchase, group minus reference"

HYPOTHESES: tuple[Hypothesis, ...] = (
    Hypothesis("framing", "relative_saving", "respondent",
               "share acting for a saving on a cheap item minus on a dear one", SESOI_SHARES),
    Hypothesis("framing", "framing_wording", "respondent",
               "share (or mean) under the one wording minus under the other", SESOI_SHARES),
    Hypothesis("framing", "framing_by_persona", "respondent", "difference between personas of an experiment's effect",
               0.10, "", framing.by_persona, directed=False),
    Hypothesis("framing", "reference_price", "product and week", "orders lost per price above the remembered one",
               0.5, _PRICES, prices.reference_price),
    Hypothesis("framing", "loss_asymmetry", "product and week", "slope above minus slope below the remembered price",
               0.5, _PRICES, prices.loss_asymmetry),
    Hypothesis("framing", "coupon_dependence", "customer", "share who order with a coupon at least half of the time",
               0.05, "sales.coupon|discount", coupons.coupon_dependence),
    Hypothesis("framing", "left_digit", "product and week", "orders just under a whole price to just above one", 0.10,
               _PRICES, prices.left_digit),
    Hypothesis("channels", "conversion_by_channel", "visitor", _CONVERTED,
               0.01, f"sessions.channel {_VISITS}", channels.conversion_by_channel, directed=False),
    Hypothesis("channels", "order_value_by_channel", "customer", "mean order value relative to the main channel",
               0.10, "sales.channel", channels.order_value_by_channel, directed=False),
    Hypothesis("channels", "place_language", "visitor", _CONVERTED,
               0.01, f"sessions.location|language {_VISITS}", channels.place_language, directed=False),
    Hypothesis("channels", "funnel_stage", "visitor", _CONVERTED,
               0.01, f"sessions.funnel_stage {_VISITS}", channels.funnel_stage, directed=False),
    Hypothesis("channels", "new_vs_returning", "visitor", _CONVERTED,
               0.01, f"sessions.is_new {_VISITS}", channels.new_vs_returning),
    Hypothesis("channels", "moments_by_persona", "customer", "share of orders at a moment, persona to others",
               0.25, "sales.ordered_at", moments.moments_by_persona, directed=False),
    Hypothesis("channels", "step_friction", "session", "share lost at a step of a form",
               SESOI_SHARES, "steps.step steps.completed steps.session_id steps.at", funnel.step_friction),
    Hypothesis("channels", "contact_pressure", "customer and week",
               "change of response and of leaving per further message", 0.10, "messages.customer_id messages.at",
               messages.contact_pressure),
    Hypothesis("leads", "lead_score", "lead", "conversion by score, out of time",
               0.05, "leads.activity leads.converted_at", lead_score.lead_score),
    Hypothesis("leads", "referral_satisfaction", "respondent", "share who referred somebody, promoters minus others",
               SESOI_SHARES, "survey.nps survey.customer_id customers.referred_by", leads.referral_satisfaction),
    Hypothesis("leads", "bad_experience", "customer", "share not ordering again, after a complaint minus without",
               SESOI_SHARES, "service.kind sales.ordered_at", complaints.bad_experience),
    Hypothesis("leads", "profit_by_persona", "customer", "held-out margin, persona minus all others",
               SESOI_MEANS, "sales.unit_cost", value.profit_by_persona, directed=False),
    Hypothesis("leads", "importance_performance", "respondent", "importance minus performance, scale points",
               0.30, "survey.importance_performance", leads.importance_performance),
)  # fmt: skip
"""Every built-in belief, in the order of the report."""


def put_to_the_test(room: str, evidence: Evidence) -> tuple[HypothesisResult, ...]:
    """Results of every built-in hypothesis of one room (framing, channels, leads) and of the study's own experiments.

    Always every id of the room, in the order of the registry; own experiments follow in ``framing``. p-values are
    adjusted by Holm's method within the room. Raises StudyError for an unknown room or hypothesis id.
    """
    if room not in ROOMS:
        raise StudyError(f"unknown room {room!r}; the rooms are {', '.join(ROOMS)}")
    _check_choices(evidence)
    builtin = {h.id for h in HYPOTHESES}
    own = (
        Hypothesis("framing", e.id, e.unit, _compared(e, evidence.words), SESOI_SHARES)
        for e in evidence.study.experiments
        if e.id not in builtin
    )
    asked = [_as_asked(h, evidence) for h in (*HYPOTHESES, *own) if h.room == room]
    found = [_try(hypothesis, evidence) for hypothesis in asked]
    ps = [f.p_value for f in found if isinstance(f, Finding)]
    adjusted = iter(multipletests(ps, method="holm")[1] if ps else ())
    return tuple(
        _judged(hypothesis, f, float(next(adjusted)), evidence.words)
        if isinstance(f, Finding)
        else _untested(hypothesis, f, evidence.words)
        for hypothesis, f in zip(asked, found, strict=True)
    )


def _compared(experiment: Experiment, words: Words) -> str:
    """What an experiment of the study's own compares."""
    control = experiments.arm_names(experiment)[0]
    return words.say("hypotheses.compared", outcome=experiment.outcome.column, control=control)


def _check_choices(evidence: Evidence) -> None:
    """Raise StudyError for hypothesis ids that do not exist, smallest effects of nothing, and arms that are equal."""
    chosen, own = evidence.study.hypotheses, evidence.study.experiments
    known = {h.id for h in HYPOTHESES} | {e.id for e in own}
    for key, ids in (("exclude", chosen.exclude), ("sesoi", chosen.sesoi)):
        for unknown in (i for i in ids if i not in known):
            raise StudyError(f"hypotheses: {key}: there is no hypothesis {unknown!r}; {nearest(unknown, known)}")
    for i, size in chosen.sesoi.items():
        if not (math.isfinite(size) and size > 0):
            raise StudyError(f"hypotheses: sesoi: {i}: the smallest effect of interest must be above 0, not {size}")
    for experiment in own:
        experiments.arm_names(experiment)


def _as_asked(hypothesis: Hypothesis, evidence: Evidence) -> Hypothesis:
    """The hypothesis as this study asks it: an experiment of its id is the test, and the smallest effect may differ.

    The smallest effect of interest is the experiment's own, the study's, or the built-in one.
    """
    own = next((e for e in evidence.study.experiments if e.id == hypothesis.id), None)
    if hypothesis.test is framing.by_persona:
        compared = framing.experiment_by_persona(evidence)
        number = compared is not None and not experiments.says_yes_or_no(evidence, compared)
        sesoi = SESOI_MEANS if number else hypothesis.sesoi
        hypothesis = replace(hypothesis, randomised=compared is not None and compared.randomised, sesoi=sesoi)
    elif own is not None:
        test = functools.partial(experiments.by_experiment, experiment=own)
        sesoi = SESOI_SHARES if experiments.says_yes_or_no(evidence, own) else SESOI_MEANS
        about = {"title": own.title, "randomised": own.randomised, "directed": True}
        hypothesis = replace(hypothesis, needs="", test=test, sesoi=sesoi, **about)
    sesoi = evidence.study.hypotheses.sesoi.get(hypothesis.id, hypothesis.sesoi)
    return replace(hypothesis, sesoi=own.sesoi if own is not None and own.sesoi is not None else sesoi)


def _try(hypothesis: Hypothesis, evidence: Evidence) -> Finding | str:
    """What the test found, or why there is none."""
    try:
        if hypothesis.id in evidence.study.hypotheses.exclude:
            raise evidence.not_testable("excluded")
        if missing := _lacks(hypothesis, evidence):
            raise evidence.not_testable("needs", missing=evidence.words.listing(missing))
        if hypothesis.test is None:
            raise evidence.not_testable("no_experiment", id=hypothesis.id)
        finding = hypothesis.test(evidence, hypothesis.sesoi)
        if not all(usable(c) for c in finding.contrasts):
            raise evidence.not_testable("not_estimable")
    except NotTestable as reason:
        return str(reason)
    return finding


def lacking(evidence: Evidence) -> dict[str, list[str]]:
    """Beliefs that could be tested if the tables had more: title -> what they lack, ``table.column`` each."""
    excluded, words = evidence.study.hypotheses.exclude, evidence.words
    asked = [_as_asked(h, evidence) for h in HYPOTHESES if h.id not in excluded]
    lacks = {h.id: _lacks(h, evidence) for h in asked if h.test is not None}
    return {words.say(f"hypotheses.title.{i}"): missing for i, missing in lacks.items() if missing}


def _lacks(hypothesis: Hypothesis, evidence: Evidence) -> list[str]:
    """The needs of a hypothesis that the tables do not meet."""
    return [need.replace("|", " or ") for need in _needs(hypothesis, evidence) if not evidence.has(need)]


def _needs(hypothesis: Hypothesis, evidence: Evidence) -> list[str]:
    """The needs of a hypothesis; declared pairs of questions stand for importance and performance."""
    survey = evidence.study.tables.survey
    if hypothesis.test is leads.importance_performance and survey and survey.importance_performance:
        return [f"survey.{column}" for pair in survey.importance_performance.values() for column in pair]
    return hypothesis.needs.split()


def _untested(hypothesis: Hypothesis, reason: str, words: Words) -> HypothesisResult:
    """The result of a hypothesis that these data cannot speak to."""
    builtin = words.has(f"hypotheses.title.{hypothesis.id}")
    title = words.say(f"hypotheses.title.{hypothesis.id}") if builtin else hypothesis.id
    return HypothesisResult(
        id=hypothesis.id,
        title=hypothesis.title or title,
        theory=words.say(f"hypotheses.theory.{hypothesis.id if builtin else 'own'}"),
        family=hypothesis.room,
        arm_source="randomised" if hypothesis.randomised else "observational",
        verdict="not testable",
        reason=reason,
        estimand=hypothesis.estimand,
        sesoi=hypothesis.sesoi,
        sentence=words.say("hypotheses.verdict.not_testable", reason=reason),
    )


def _judged(hypothesis: Hypothesis, finding: Finding, p_adjusted: float, words: Words) -> HypothesisResult:
    """The result with verdict and reason, and the sentence: the facts, what they mean, and no cause unless known."""
    first, result = finding.contrasts[0], _untested(hypothesis, "", words)
    verdict = decide(finding.contrasts, p_adjusted, hypothesis.sesoi, hypothesis.directed)
    interval = words.interval(first.low, first.high, INTERVAL_UNITS.get(first.measure, "number"))
    if first.measure == "standardised difference":
        interval = words.say("hypotheses.in_standard_deviations", interval=interval)
    if first.measure == "slope":
        share = words.interval(first.low / 10, first.high / 10, "percent")
        interval = words.say("hypotheses.per_tenth", share=share)
    values = {
        "interval": interval,
        "p": words.p_value(p_adjusted),
        "sesoi": size_in_words(words, first.measure, hypothesis.sesoi, first.effects),
        "mde": size_in_words(words, first.measure, first.mde, first.effects),
    }
    because = "above_share" if first.measure == "share" and verdict == "supported" else verdict
    sentence = [finding.sentence, words.say(f"hypotheses.verdict.{verdict}", **values)]
    associated = result.arm_source == "observational" and not finding.descriptive
    if associated and verdict in ("supported", "reversed"):
        sentence.append(words.say("hypotheses.no_cause"))
    return replace(
        result,
        verdict=verdict,
        reason=f"{words.say(f'hypotheses.because.{because}', **values)} {finding.notes}".strip(),
        effect=next(iter(first.effects), None),
        effects=finding.effects,
        n=finding.n,
        p_value=finding.p_value,
        p_adjusted=p_adjusted,
        mde=first.mde,
        scale=first.measure,
        preregistration=finding.preregistration,
        method=finding.method,
        sentence=" ".join(sentence),
    )
