"""The beliefs that the suite knows how to put to the test, each declared once, and the way to a verdict.

Titles and theories stand in the catalogue ``hypotheses`` under each id, because stakeholders read them.
"""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from statsmodels.stats.multitest import multipletests

from helpers.contracts import HypothesisResult, StudyError
from helpers.hypotheses import channels, experiments, framing, leads, value
from helpers.hypotheses.evidence import Evidence, NotTestable, gaps, not_testable
from helpers.hypotheses.verdict import RATIOS, Contrast, Finding, decide, usable
from helpers.study import Experiment

__all__ = ["HYPOTHESES", "ROOMS", "Evidence", "Hypothesis", "put_to_the_test"]

ROOMS = ("framing", "channels", "leads")
INTERVAL_UNITS = {"share": "percent", "risk difference": "points"}
Test = Callable[[Evidence, float, Experiment | None], Finding]
SESOI_SHARES, SESOI_MEANS = 0.05, 0.20
"""Default smallest effects of interest: five points; a fifth of a standard deviation (Cohen 1988: small)."""


@dataclass(frozen=True)
class Hypothesis:
    """One belief, declared.

    ``needs`` are tables and columns (``a|b``: one of them is enough). ``sesoi`` is in points of a share, standard
    deviations or scale points for a mean, and relative change (0.1: 10 %) for a ratio. ``family`` is the set within
    which p-values are corrected; it is the room. ``by_experiment``: an experiment of this id in study.yml is its test.
    ``directed``: an effect the other way round is "reversed" and not "supported".
    """

    id: str
    room: str
    needs: tuple[str, ...]
    unit: str
    estimand: str
    measure: str
    sesoi: float
    test: Test | None
    directed: bool = True

    @property
    def family(self) -> str:
        """The family of confirmatory tests that it is corrected in."""
        return self.room


_CONVERTED = "yes or no, whether a visit ends in a purchase"
_VISITS = ("sessions.converted", "sessions.visitor_id|customer_id")
_PRICES = ("prices.price", "prices.at", "sales.product_id")

HYPOTHESES: tuple[Hypothesis, ...] = (
    Hypothesis(
        "relative_saving", "framing", (), "respondent", "share acting for a saving on a cheap item minus on a dear one",
        "odds ratio", SESOI_SHARES, None,
    ),
    Hypothesis(
        "framing_wording", "framing", (), "respondent", "share (or mean) under the one wording minus under the other",
        "odds ratio", SESOI_SHARES, None,
    ),
    Hypothesis(
        "framing_by_persona", "framing", (), "respondent", "difference between personas of an experiment's effect",
        "risk difference", 0.10, framing.by_persona, directed=False,
    ),
    Hypothesis(
        "reference_price", "framing", _PRICES, "customer and product", "demand per price above a posted reference",
        "slope", 0.10, None,
    ),
    Hypothesis(
        "loss_asymmetry", "framing", _PRICES, "customer and product", "slope above minus slope below the reference",
        "slope", 0.10, None,
    ),
    Hypothesis(
        "coupon_dependence", "framing", ("sales.coupon|discount",), "customer",
        "share of customers who order with a coupon at least half of the time", "share", 0.05, value.coupon_dependence,
    ),
    Hypothesis(
        "left_digit", "framing", _PRICES, "product and week", "jump of demand just under a whole price",
        "ratio of means", 0.10, None,
    ),
    Hypothesis(
        "conversion_by_channel", "channels", ("sessions.channel", *_VISITS), "visitor", _CONVERTED,
        "risk difference", 0.01, channels.conversion_by_channel, directed=False,
    ),
    Hypothesis(
        "order_value_by_channel", "channels", ("sales.channel",), "customer",
        "mean order value relative to the main channel",
        "ratio of means", 0.10, channels.order_value_by_channel, directed=False,
    ),
    Hypothesis(
        "place_language", "channels", ("sessions.location|language", *_VISITS), "visitor", _CONVERTED,
        "risk difference", 0.01, channels.place_language, directed=False,
    ),
    Hypothesis(
        "funnel_stage", "channels", ("sessions.funnel_stage", *_VISITS), "visitor", _CONVERTED,
        "risk difference", 0.01, channels.funnel_stage, directed=False,
    ),
    Hypothesis(
        "new_vs_returning", "channels", ("sessions.is_new", *_VISITS), "visitor", _CONVERTED,
        "risk difference", 0.01, channels.new_vs_returning,
    ),
    Hypothesis(
        "moments_by_persona", "channels", ("sales.ordered_at",), "customer",
        "share of orders at a moment, persona to others",
        "risk ratio", 0.25, channels.moments_by_persona, directed=False,
    ),
    Hypothesis(
        "step_friction", "channels", ("steps.step", "steps.completed"), "session", "share lost at a step of a form",
        "risk difference", SESOI_SHARES, None,
    ),
    Hypothesis(
        "contact_pressure", "channels", ("messages.customer_id", "messages.at"), "customer and week",
        "change of response and of leaving per further message", "slope", 0.10, None,
    ),
    Hypothesis(
        "lead_score", "leads", ("leads.activity", "leads.converted_at"), "lead", "conversion by score, out of time",
        "auc", 0.05, None,
    ),
    Hypothesis(
        "referral_satisfaction", "leads", ("survey.nps", "survey.customer_id", "customers.referred_by"), "respondent",
        "share who referred somebody, promoters minus others", "odds ratio", SESOI_SHARES, leads.referral_satisfaction,
    ),
    Hypothesis(
        "bad_experience", "leads", ("service.kind", "sales.ordered_at"), "customer",
        "share leaving after a complaint minus at an equal history without one", "risk difference", SESOI_SHARES,
        leads.bad_experience,
    ),
    Hypothesis(
        "profit_by_persona", "leads", ("sales.unit_cost",), "customer", "held-out margin, persona minus all others",
        "mean difference", SESOI_MEANS, value.profit_by_persona, directed=False,
    ),
    Hypothesis(
        "importance_performance", "leads", ("survey.importance_performance",), "respondent",
        "importance minus performance, scale points", "mean difference", 0.30, leads.importance_performance,
    ),
)  # fmt: skip
"""Every built-in belief, in the order of the report."""


def put_to_the_test(room: str, evidence: Evidence) -> tuple[HypothesisResult, ...]:
    """Results of every built-in hypothesis of one room (framing, channels, leads) and of the study's own experiments.

    Always every id of the room, in the order of the registry; own experiments follow in ``framing``. p-values are
    adjusted by Holm's method within the room. Raises StudyError for an unknown room or hypothesis id.
    """
    if room not in ROOMS:
        raise StudyError(f"unknown room {room!r}; the rooms are {', '.join(ROOMS)}")
    check_choices(evidence)
    asked = [_ask(h, evidence) for h in (*HYPOTHESES, *_own(evidence)) if h.room == room]
    found = [_try(question, evidence) for question in asked]
    ps = [f.p_value for f in found if isinstance(f, Finding)]
    adjusted = iter(multipletests(ps, method="holm")[1] if ps else ())
    return tuple(
        _judged(question, f, float(next(adjusted)), evidence)
        if isinstance(f, Finding)
        else _untested(question, f, evidence)
        for question, f in zip(asked, found, strict=True)
    )


def check_choices(evidence: Evidence) -> None:
    """Raise StudyError for hypothesis ids that do not exist or stand twice, and for arms that are not declared."""
    study = evidence.study
    twice = [i for i, n in Counter(e.id for e in study.experiments).items() if n > 1]
    if twice:
        raise StudyError(f"experiments: the id {twice[0]!r} is declared more than once; give each its own")
    known = [h.id for h in HYPOTHESES] + [e.id for e in study.experiments]
    for key, ids in (("exclude", study.hypotheses.exclude), ("sesoi", list(study.hypotheses.sesoi))):
        for unknown in (i for i in ids if i not in known):
            near = difflib.get_close_matches(unknown, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(set(known)))}"
            raise StudyError(f"hypotheses: {key}: there is no hypothesis {unknown!r}{hint}")
    for i, size in study.hypotheses.sesoi.items():
        if not (math.isfinite(size) and size > 0):
            raise StudyError(f"hypotheses: sesoi: {i}: the smallest effect of interest must be above 0, not {size}")
    for experiment in study.experiments:
        experiments.arm_names(experiment)


@dataclass(frozen=True)
class _Question:
    """A hypothesis as one study asks it: by an experiment, where there is one, and with its smallest effect."""

    hypothesis: Hypothesis
    experiment: Experiment | None
    sesoi: float

    @property
    def replaced(self) -> bool:
        """Whether an experiment of the same id stands in for the built-in test."""
        return self.experiment is not None and self.hypothesis.test is not framing.by_persona


def _own(evidence: Evidence) -> list[Hypothesis]:
    """The study's own experiments as hypotheses of the room framing."""
    builtin = {h.id for h in HYPOTHESES}
    return [
        Hypothesis(e.id, "framing", (), e.unit, "outcome, treatment minus control", "odds ratio", SESOI_SHARES, None)
        for e in evidence.study.experiments
        if e.id not in builtin
    ]


def _ask(hypothesis: Hypothesis, evidence: Evidence) -> _Question:
    """The question with the smallest effect of interest: the experiment's own, the study's, or the built-in one."""
    own = next((e for e in evidence.study.experiments if e.id == hypothesis.id), None)
    interaction = hypothesis.test is framing.by_persona
    sesoi = hypothesis.sesoi
    if own is not None and not interaction:
        sesoi = SESOI_SHARES if experiments.says_yes_or_no(evidence, own) else SESOI_MEANS
    sesoi = evidence.study.hypotheses.sesoi.get(hypothesis.id, sesoi)
    if own is not None and own.sesoi is not None:
        sesoi = own.sesoi
    return _Question(hypothesis, framing.experiment_by_persona(evidence) if interaction else own, sesoi)


def _try(question: _Question, evidence: Evidence) -> Finding | str:
    """What the test found, or why there is none."""
    hypothesis = question.hypothesis
    try:
        if hypothesis.id in evidence.study.hypotheses.exclude:
            raise not_testable(evidence, "excluded")
        if question.replaced:
            finding = experiments.by_experiment(evidence, question.sesoi, question.experiment)
        else:
            if missing := gaps(evidence, _needs(hypothesis, evidence)):
                raise not_testable(
                    evidence, "needs", missing=evidence.words.listing([n.replace("|", " or ") for n in missing])
                )
            if hypothesis.test is None:
                raise not_testable(evidence, "no_test" if hypothesis.needs else "no_experiment", id=hypothesis.id)
            finding = hypothesis.test(evidence, question.sesoi, question.experiment)
        if not all(usable(c) for c in finding.contrasts):
            raise not_testable(evidence, "not_estimable")
    except NotTestable as reason:
        return str(reason)
    return finding


def _needs(hypothesis: Hypothesis, evidence: Evidence) -> tuple[str, ...]:
    """The needs of a hypothesis; declared pairs of questions stand for importance and performance."""
    if hypothesis.id != "importance_performance":
        return hypothesis.needs
    survey = evidence.study.tables.survey
    pairs = survey.importance_performance.values() if survey else ()
    return tuple(f"survey.{column}" for pair in pairs for column in pair) or hypothesis.needs


def _untested(question: _Question, reason: str, evidence: Evidence) -> HypothesisResult:
    """The result of a hypothesis that these data cannot speak to."""
    words, hypothesis, experiment = evidence.words, question.hypothesis, question.experiment
    title = experiment.title if question.replaced else None
    if words.has(f"hypotheses.title.{hypothesis.id}"):
        title = title or words.say(f"hypotheses.title.{hypothesis.id}")
        theory = words.say(f"hypotheses.theory.{hypothesis.id}")
    else:
        theory = words.say("hypotheses.theory.own")
    return HypothesisResult(
        id=hypothesis.id,
        title=title or hypothesis.id,
        theory=theory,
        family=hypothesis.family,
        arm_source="randomised" if experiment is not None and experiment.randomised else "observational",
        verdict="not testable",
        reason=reason,
        sesoi=question.sesoi,
        sentence=words.say("hypotheses.verdict.not_testable", reason=reason),
    )


def _interval(evidence: Evidence, contrast: Contrast) -> str:
    """The 95 % interval on the scale on which a contrast is judged, with its unit."""
    words = evidence.words
    shown = words.interval(contrast.low, contrast.high, INTERVAL_UNITS.get(contrast.measure, "number"))
    in_sd = contrast.measure == "standardised difference"
    return words.say("hypotheses.in_standard_deviations", interval=shown) if in_sd else shown


def _judged(question: _Question, finding: Finding, p_adjusted: float, evidence: Evidence) -> HypothesisResult:
    """The result with verdict and reason, and the sentence: the facts, what they mean, and no cause unless known."""
    words, first = evidence.words, finding.contrasts[0]
    result = _untested(question, "", evidence)
    verdict = decide(finding.contrasts, p_adjusted, question.sesoi, question.hypothesis.directed or question.replaced)
    values = {
        "interval": _interval(evidence, first),
        "p": words.p_value(p_adjusted),
        "sesoi": _size(evidence, first.measure, question.sesoi),
        "mde": _size(evidence, first.measure, first.mde),
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
        method=finding.method,
        sentence=" ".join(sentence),
    )


def _size(evidence: Evidence, measure: str, size: float | None) -> str:
    """A smallest effect of interest, or a detectable effect, in the unit of the measure it is judged by."""
    words = evidence.words
    if measure == "standardised difference":
        return words.say("hypotheses.sd", value=words.number(size, 2))
    return words.percent(size) if measure in RATIOS else getattr(words, INTERVAL_UNITS.get(measure, "number"))(size)
