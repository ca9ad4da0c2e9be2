"""Who recommends, who leaves, and where performance falls short of what matters."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.contracts import Effect
from helpers.hypotheses.estimators import RARE, clustered_risks, two_proportions
from helpers.hypotheses.evidence import Evidence, not_testable, smallest_group
from helpers.hypotheses.verdict import Z_MDE, Contrast, Finding, usable
from helpers.study import Experiment

PROMOTER = 9
"""The lowest answer of a promoter on the 0 to 10 scale of recommendation (Reichheld 2003)."""


def referral_satisfaction(evidence: Evidence, sesoi: float, experiment: Experiment | None) -> Finding:
    """The share of promoters and of all other respondents who have referred another customer."""
    words = evidence.words
    answers = evidence.survey.answers.dropna(subset=["customer_id", "nps"]).drop_duplicates("customer_id")
    referrers = set(evidence.tables.frames["customers"]["referred_by"].dropna())
    referred = answers["customer_id"].isin(referrers)
    promoter = answers["nps"] >= PROMOTER
    counts = [(int(referred[g].sum()), int(g.sum())) for g in (promoter, ~promoter)]
    if min(n for _, n in counts) < smallest_group(evidence):
        raise not_testable(evidence, "few_answers", least=smallest_group(evidence))
    names = [words.say(f"hypotheses.label.{key}") for key in ("promoters", "not_promoters")]
    found = two_proportions(*counts[0], *counts[1], names[0])
    sentence = words.say(
        "hypotheses.facts.referral",
        share=words.percent(found.facts["share"]), share_control=words.percent(found.facts["share_control"]),
        difference=words.points(found.estimate), interval=words.interval(found.low, found.high, "points"),
    )  # fmt: skip
    n = dict(zip(names, (n for _, n in counts), strict=True))
    return Finding((found,), found.p_value, n, words.say("hypotheses.method.shares_between"), sentence)


def bad_experience(evidence: Evidence, sesoi: float, experiment: Experiment | None) -> Finding:
    """Leaving after a complaint against customers alike in orders, spend, recency and tenure.

    A logit model of no order after holdout_from on a complaint before it, with robust covariance, standardised over
    all customers: association at equal history, no cause.
    """
    words = evidence.words
    if evidence.customers is None:
        raise not_testable(evidence, "table_absent", table="sales")
    service = evidence.tables.frames["service"]
    before = service[service["at"] < pd.Timestamp(evidence.customers.period.holdout_from)]
    complained = set(before.loc[before["kind"].str.strip().str.casefold() == "complaint", "customer_id"])
    held_out = evidence.customers.held_out[["customer_id", "churned"]]
    frame = evidence.customers.features.merge(held_out, on="customer_id").dropna(subset=["churned"])
    names = [words.say(f"hypotheses.label.{key}") for key in ("complained", "not_complained")]
    group = np.where(frame["customer_id"].isin(complained), *names)
    frame = frame.assign(yes=frame["churned"].astype(float), cluster=frame["customer_id"], group=group)
    history = [c for c in ("orders", "spend", "recency_days", "tenure_days") if c in frame]
    frame[history] = np.log1p(frame[history].clip(lower=0))
    cells = frame.groupby("group")["yes"].agg(["sum", "size"]).reindex(names, fill_value=0)
    if (
        cells["size"].min() < smallest_group(evidence)
        or min(cells["sum"].min(), (cells["size"] - cells["sum"]).min()) < RARE
    ):
        raise not_testable(evidence, "few_complaints", least=smallest_group(evidence), rare=RARE)
    try:
        found = clustered_risks(frame.dropna(subset=history), names[1], history)[0]
    except PerfectSeparationError:
        raise not_testable(evidence, "separated", column="kind") from None
    if not usable(found):
        raise not_testable(evidence, "separated", column="kind")
    sentence = words.say(
        "hypotheses.facts.bad_experience",
        share=words.percent(found.facts["share"]), share_control=words.percent(found.facts["share_control"]),
        difference=words.points(found.estimate), interval=words.interval(found.low, found.high, "points"),
    )  # fmt: skip
    n = {g: int(v) for g, v in cells["size"].items()}
    return Finding((found,), found.p_value, n, words.say("hypotheses.method.bad_experience"), sentence)


def importance_performance(evidence: Evidence, sesoi: float, experiment: Experiment | None) -> Finding:
    """Importance minus performance per attribute, paired by respondent (t interval); the largest gap comes first.

    Both questions of a pair must have the same scale. The p-value of the largest gap is corrected for the attributes.
    """
    words = evidence.words
    answers = evidence.survey.answers
    source = evidence.study.tables.survey
    contrasts, n = [], {}
    for attribute, (importance, performance) in source.importance_performance.items():
        if importance not in answers or performance not in answers:
            continue
        gap = (
            pd.to_numeric(answers[importance], errors="coerce") - pd.to_numeric(answers[performance], errors="coerce")
        ).dropna()
        if len(gap) >= smallest_group(evidence) and np.ptp(gap) > 0:
            contrasts.append(_gap(attribute, gap.to_numpy()))
            n[attribute] = len(gap)
    if not contrasts:
        raise not_testable(evidence, "few_answers", least=smallest_group(evidence))
    ordered = tuple(sorted(contrasts, key=lambda c: (-c.facts["t"], c.label)))
    first = ordered[0]
    sentence = words.say(
        "hypotheses.facts.gap",
        attribute=first.label, difference=words.number(first.estimate, 2),
        interval=words.interval(first.low, first.high),
    )  # fmt: skip
    p = min(1.0, first.p_value * len(ordered))
    return Finding(ordered, p, n, words.say("hypotheses.method.gap"), sentence, descriptive=True)


def _gap(attribute: str, gap: np.ndarray) -> Contrast:
    """The mean of paired differences in scale points."""
    test = stats.ttest_1samp(gap, 0)
    outer, inner = test.confidence_interval(0.95), test.confidence_interval(0.90)
    low, high = float(outer.low), float(outer.high)
    effect = Effect("mean difference", float(gap.mean()), low, high, attribute)
    mde = Z_MDE * float(gap.std(ddof=1)) / np.sqrt(len(gap))
    return Contrast(
        attribute, "mean difference", float(gap.mean()), low, high, float(inner.low), float(inner.high),
        float(test.pvalue), float(mde), (effect,), {"t": float(test.statistic)},
    )  # fmt: skip
