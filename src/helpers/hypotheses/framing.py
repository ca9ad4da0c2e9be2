"""Whether what an experiment shows differs from persona to persona."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.special import xlogy
from scipy.stats import chi2, norm

from helpers.contracts import Effect
from helpers.hypotheses.estimators import two_proportions
from helpers.hypotheses.evidence import Evidence
from helpers.hypotheses.experiments import arm_names, read_experiment
from helpers.hypotheses.verdict import Z_MDE, Contrast, Finding
from helpers.study import Experiment

BY_PERSONA = ("framing_by_persona", "relative_saving", "framing_wording")
"""The experiments in which the belief about personas is looked for, in this order."""


def experiment_by_persona(evidence: Evidence) -> Experiment | None:
    """The experiment in which a difference between personas is looked for."""
    declared = {e.id: e for e in evidence.study.experiments}
    return next((declared[i] for i in BY_PERSONA if i in declared), None)


def by_persona(evidence: Evidence, sesoi: float) -> Finding:
    """Whether an experiment's effect differs between personas.

    Likelihood ratio of the logit model with and without the interaction arm x persona (the deviance of the model
    without it on counts); per persona Newcombe's risk difference, and their pairwise differences by MOVER (Zou &
    Donner 2008), which judge equivalence.
    """
    words = evidence.words
    experiment = experiment_by_persona(evidence)
    if experiment is None:
        raise evidence.not_testable("no_experiment", id="relative_saving")
    cells, note = _cells(evidence, experiment)
    each = {g: two_proportions(*map(int, row), g) for g, row in cells.iterrows()}
    pairs = [_difference(each[a], each[b]) for a, b in itertools.combinations(each, 2)]
    pairs.sort(key=lambda c: (c.p_value, c.label))
    most, least = sorted(each.values(), key=lambda c: -c.estimate)[:: len(each) - 1]
    sentence = words.say(
        "hypotheses.facts.by_persona",
        most=evidence.handles[most.label], most_difference=words.points(most.estimate),
        most_interval=words.interval(most.low, most.high, "points"),
        least=evidence.handles[least.label], least_difference=words.points(least.estimate),
        least_interval=words.interval(least.low, least.high, "points"),
    )  # fmt: skip
    per_persona = tuple(e for c in each.values() for e in c.effects)
    n = (cells["n1"] + cells["n0"]).to_dict()
    return Finding(
        tuple(pairs), _interaction(cells), n, words.say("hypotheses.method.by_persona"), sentence, per_persona, note
    )


def _cells(evidence: Evidence, experiment: Experiment) -> tuple[pd.DataFrame, str]:
    """Per persona yes1, n1 (treatment), yes0, n0 (control); personas with too few in an arm are left out, and said."""
    defining = {experiment.arm.column, experiment.outcome.column} & set(evidence.personas.defining)
    if defining:
        raise evidence.not_testable("defining", column=min(defining))
    data, binary, note = read_experiment(evidence, experiment)
    if not binary or experiment.design == "within" or len(arm_names(experiment)) > 2:
        raise evidence.not_testable("only_two_shares")
    if data["unit"].duplicated().any():
        raise evidence.not_testable("repeated")
    persona = evidence.members().set_index("customer_id")["persona"]
    key = "respondent_id" if evidence.customers is None else "customer_id"
    if key not in data:
        raise evidence.not_testable("column_absent", table=experiment.table, column=key)
    data["persona"] = data[key].map(persona)
    control, treatment = arm_names(experiment)
    counts = data.pivot_table(index="persona", columns="arm", values="y", aggfunc=["sum", "size"])
    order = [(part, arm) for arm in (treatment, control) for part in ("sum", "size")]
    cells = counts.reindex(columns=order).fillna(0).astype(int).set_axis(["yes1", "n1", "yes0", "n0"], axis=1)
    kept = cells[cells[["n1", "n0"]].min(axis=1) >= evidence.least]
    if len(kept) < 2:
        raise evidence.not_testable("few_personas", least=evidence.least)
    left_out = len(evidence.handles) - len(kept)
    if left_out:
        note = f"{note} {evidence.words.say('hypotheses.note.personas_left_out', n=left_out)}".strip()
    return kept, note


def _interaction(cells: pd.DataFrame) -> float:
    """p of the likelihood-ratio test of arm x persona; a persona where all say the same carries no odds ratio."""
    said_yes, asked = cells["yes1"] + cells["yes0"], cells["n1"] + cells["n0"]
    informative = cells[(said_yes > 0) & (said_yes < asked)]
    total = informative.sum()
    if len(informative) < 2 or total["yes1"] in (0, total["n1"]) or total["yes0"] in (0, total["n0"]):
        return 1.0
    yes, n = (informative[[f"{part}1", f"{part}0"]].to_numpy().ravel() for part in ("yes", "n"))
    persona = np.repeat(np.eye(len(informative)), 2, axis=0)
    X = np.tile(np.column_stack([persona, np.tile([1.0, 0.0], len(informative))]), (2, 1))
    outcome, counts = np.repeat([1.0, 0.0], len(yes)), np.concatenate([yes, n - yes])
    additive = sm.GLM(outcome, X, sm.families.Binomial(), freq_weights=counts).fit().llf
    saturated = xlogy(yes, yes / n).sum() + xlogy(n - yes, 1 - yes / n).sum()
    return float(chi2.sf(max(0.0, 2 * (saturated - additive)), len(informative) - 1))


def _difference(one: Contrast, other: Contrast) -> Contrast:
    """The difference of two independent risk differences, its limits from theirs (MOVER)."""
    gap = one.estimate - other.estimate

    def limits(low1: float, high1: float, low2: float, high2: float) -> tuple[float, float]:
        return (
            gap - math.hypot(one.estimate - low1, high2 - other.estimate),
            gap + math.hypot(high1 - one.estimate, other.estimate - low2),
        )

    low, high = limits(one.low, one.high, other.low, other.high)
    inner = limits(one.inner_low, one.inner_high, other.inner_low, other.inner_high)
    se = (high - low) / (2 * norm.ppf(0.975))
    label = f"{one.label} - {other.label}"
    p = float(2 * norm.sf(abs(gap) / se))
    effect = Effect("risk difference", gap, low, high, label)
    return Contrast(label, "risk difference", gap, low, high, *inner, p, Z_MDE * se, (effect,))
