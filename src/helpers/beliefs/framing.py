"""Whether what an experiment shows differs from persona to persona."""

from __future__ import annotations

import itertools
import math
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import xlogy
from scipy.stats import chi2, norm
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.stats.meta_analysis import CombineResults
from statsmodels.tools.sm_exceptions import PerfectSeparationError, PerfectSeparationWarning

from helpers.beliefs.estimators import drawn_together
from helpers.beliefs.evidence import Evidence, NotTestable
from helpers.beliefs.experiments import arm_names, compare, read_experiment, title_of
from helpers.beliefs.looks import later_p, looks_note
from helpers.beliefs.verdict import Z95, Z_MDE, Contrast, Finding, held_together
from helpers.contracts import Effect
from helpers.study import Experiment, Study
from helpers.words import Quantity, Said, Text, say, sentences

BY_PERSONA = ("framing_by_persona", "relative_saving", "framing_wording")
"""The experiments in which the belief about personas is looked for, in this order; else in the first of the study."""


def experiment_by_persona(study: Study) -> Experiment | None:
    """The experiment in which a difference between personas is looked for."""
    declared = {e.id: e for e in study.experiments}
    return next((declared[i] for i in (*BY_PERSONA, *declared) if i in declared), None)


def by_persona(evidence: Evidence, sesoi: float, experiment: Experiment | None = None) -> Finding:
    """Whether an experiment's effect differs between personas: of yes or no or a number, two arms or several.

    One answer per person, yes or no: likelihood ratio of the logit model with and without the interaction arm x persona
    (the deviance of the model without it on counts). Otherwise Cochran's (1954) test that the personas' own effects are
    alike, corrected for the number of arms. One test for all personas, so that their number costs nothing; the effects
    of single personas are shown as they are and drawn towards the common one, which takes the place of a correction
    (Gelman, Hill & Yajima 2012). Pairwise differences by MOVER (Zou & Donner 2008) judge equivalence.
    """
    if experiment is None:
        raise evidence.not_testable("no_experiment", id="relative_saving")
    data, binary, note = _divided(evidence, experiment)
    each, note = _each(evidence, experiment, data, binary, sesoi, note)
    data = data[data["persona"].isin(each)]
    treatments = arm_names(experiment)[1:]
    pairs = [
        _difference(each[a][t], each[b][t], f"{a} - {b}" + (f": {t}" if len(treatments) > 1 else ""))
        for t in treatments
        for a, b in itertools.combinations(each, 2)
    ]
    pairs.sort(key=lambda c: (c.p_value, c.label))
    measure = "risk difference" if binary else "mean difference"
    own = {t: {p: next(e for e in each[p][t].effects if e.measure == measure) for p in each} for t in treatments}
    drawn = {t: towards_the_mean(list(own[t].values())) for t in treatments}
    once = binary and not experiment.within and not data["unit"].duplicated().any()
    if once:
        p = later_p(interaction(data), experiment.stopping)
    else:
        p = min(1.0, len(treatments) * min(_unlike(list(own[t].values())) for t in treatments))
    told = next(t for t in treatments if pairs[0].label.endswith(f": {t}") or len(treatments) == 1)
    names = {p: (e, d) for (p, e), d in zip(own[told].items(), drawn[told], strict=True)}
    return Finding(
        held_together(pairs), p, data.groupby("persona")["unit"].nunique().to_dict(),
        say("hypotheses.method.by_persona" if once else "hypotheses.method.by_persona_other"),
        _sentence(evidence, experiment, names, "points" if binary else "number"),
        tuple(_named(each, drawn, len(treatments) > 1)),
        sentences(note, looks_note(experiment)),
    )  # fmt: skip


def _divided(evidence: Evidence, experiment: Experiment) -> tuple[pd.DataFrame, bool, Text]:
    """The experiment's rows with the persona of each, whether the outcome is yes or no, and what was left out."""
    defining = set(experiment.tested) & set(evidence.personas.defining)
    if defining:
        raise evidence.not_testable("defining", column=min(defining))
    data, binary, note = read_experiment(evidence, experiment)
    key = "respondent_id" if evidence.customers is None else "customer_id"
    if key not in data:
        raise evidence.not_testable("column_absent", table=experiment.table, column=key)
    data["persona"] = data[key].map(evidence.members().set_index("customer_id")["persona"])
    return data.dropna(subset="persona"), binary, note


def _each(
    evidence: Evidence, experiment: Experiment, data: pd.DataFrame, binary: bool, sesoi: float, note: Text
) -> tuple[dict[str, dict[str, Contrast]], Text]:
    """Per persona its contrast for each treatment; personas that cannot be compared are left out, and said."""
    within = data.groupby(["persona", "arm"])["y"].var().mean() if not binary and len(data) else None
    spread = math.sqrt(within) if within and within > 0 else None
    each, reasons = {}, []
    for persona, rows in data.groupby("persona"):
        try:
            found, _ = compare(evidence, experiment, rows, binary, sesoi, spread)
        except NotTestable as reason:
            enough = rows.groupby("arm")["unit"].nunique().reindex(arm_names(experiment), fill_value=0).min()
            reasons += [reason] if enough >= evidence.least else []
            continue
        each[persona] = {c.label: c for c in found}
    if len(each) < 2:
        raise reasons[0] if reasons else evidence.not_testable("few_personas", least=evidence.least)
    if left_out := len(evidence.handles) - len(each):
        note = sentences(note, say("hypotheses.note.personas_left_out", n=left_out))
    return each, note


def _sentence(evidence: Evidence, experiment: Experiment, names: dict[str, tuple[Effect, Effect]], unit: str) -> Said:
    """The largest and the smallest effect of a persona, as found and drawn towards the common one."""
    ordered, values = sorted(names, key=lambda p: -names[p][0].estimate), {}
    for which, persona in (("most", ordered[0]), ("least", ordered[-1])):
        own, drawn = names[persona]
        values |= {
            which: evidence.handles[persona],
            f"{which}_difference": Quantity(own.estimate, unit),
            f"{which}_interval": Quantity((own.ci_low, own.ci_high), unit),
            f"{which}_drawn": Quantity(drawn.estimate, unit),
        }
    return say("hypotheses.facts.by_persona", experiment=title_of(experiment), **values)


def _named(each: dict[str, dict[str, Contrast]], drawn: dict[str, list[Effect]], several: bool) -> list[Effect]:
    """Every persona's effects under its own id, as found and drawn towards the common one."""
    shown = []
    for treatment, effects in drawn.items():
        for (persona, own), towards in zip(each.items(), effects, strict=True):
            label = f"{persona}: {treatment}" if several else persona
            shown += [replace(e, label=label) for e in own[treatment].effects]
            shown.append(replace(towards, label=say("hypotheses.label.drawn", persona=label)))
    return shown


def pooled(effects: list[Effect]) -> tuple[np.ndarray, np.ndarray, CombineResults]:
    """Effects drawn together, their variances taken from the 95 % intervals (`estimators.drawn_together`)."""
    estimates = np.array([e.estimate for e in effects])
    return drawn_together(estimates, np.array([((e.ci_high - e.ci_low) / (2 * Z95)) ** 2 for e in effects]))


def towards_the_mean(effects: list[Effect]) -> list[Effect]:
    """Each effect drawn towards the common one, as far as chance explains how they differ."""
    centre, spread, _ = pooled(effects)
    return [
        replace(e, estimate=float(m), ci_low=float(m - Z95 * s), ci_high=float(m + Z95 * s))
        for e, m, s in zip(effects, centre, spread, strict=True)
    ]


def _unlike(effects: list[Effect]) -> float:
    """p of Cochran's test that independent effects are alike."""
    return float(pooled(effects)[2].test_homogeneity().pvalue)


def interaction(data: pd.DataFrame) -> float:
    """p of the likelihood-ratio test of arm x persona on 0/1 outcomes y.

    A persona or an arm where all say the same carries no odds ratio.
    """
    yes, n = (data.pivot_table(index="persona", columns="arm", values="y", aggfunc=f) for f in ("sum", "size"))
    for axis in (1, 0):
        said, asked = yes.sum(axis=axis), n.sum(axis=axis)
        kept = said.index[(said > 0) & (said < asked)]
        yes, n = (t.loc[kept] if axis == 1 else t[kept] for t in (yes, n))
    if min(yes.shape) < 2:
        return 1.0
    personas, arms = yes.shape
    X = np.column_stack([np.repeat(np.eye(personas), arms, axis=0), np.tile(np.eye(arms)[:, 1:], (personas, 1))])
    yes, n = yes.to_numpy().ravel(), n.to_numpy().ravel()
    outcome, counts = np.repeat([1.0, 0.0], len(yes)), np.concatenate([yes, n - yes])
    with warnings.catch_warnings():
        warnings.simplefilter("error", PerfectSeparationWarning)
        try:
            additive = GLM(outcome, np.tile(X, (2, 1)), families.Binomial(), freq_weights=counts).fit().llf
        except (PerfectSeparationWarning, PerfectSeparationError):  # without an interaction all is foretold
            return 1.0
    saturated = xlogy(yes, yes / n).sum() + xlogy(n - yes, 1 - yes / n).sum()
    return float(chi2.sf(max(0.0, 2 * (saturated - additive)), (personas - 1) * (arms - 1)))


def _difference(one: Contrast, other: Contrast, label: str) -> Contrast:
    """The difference of two independent effects on the scale they are judged on, its limits from theirs (MOVER)."""
    gap = one.estimate - other.estimate

    def limits(low1: float, high1: float, low2: float, high2: float) -> tuple[float, float]:
        return (
            gap - math.hypot(one.estimate - low1, high2 - other.estimate),
            gap + math.hypot(high1 - one.estimate, other.estimate - low2),
        )

    low, high = limits(one.low, one.high, other.low, other.high)
    inner = limits(one.inner_low, one.inner_high, other.inner_low, other.inner_high)
    se = (high - low) / (2 * norm.ppf(0.975))
    p = float(2 * norm.sf(abs(gap) / se))
    effect = Effect(one.measure, gap, low, high, label)
    return Contrast(label, one.measure, gap, low, high, *inner, p, Z_MDE * se, (effect,))
