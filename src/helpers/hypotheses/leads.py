"""Who recommends, and where performance falls short of what matters."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.hypotheses.estimators import mean_gap, two_proportions
from helpers.hypotheses.evidence import Evidence
from helpers.hypotheses.verdict import Contrast, Finding
from helpers.wording import Words

PROMOTER = 9
"""The lowest answer of a promoter on the 0 to 10 scale of recommendation (Reichheld 2003)."""


def referral_satisfaction(evidence: Evidence, sesoi: float) -> Finding:
    """The share of promoters and of all other respondents who have referred another customer."""
    words = evidence.words
    answers = evidence.survey.answers.dropna(subset=["customer_id", "nps"]).drop_duplicates("customer_id")
    referred = answers["customer_id"].isin(evidence.tables.frames["customers"]["referred_by"].dropna())
    promoter = answers["nps"] >= PROMOTER
    cells = [(int(referred[group].sum()), int(group.sum())) for group in (promoter, ~promoter)]
    names = [words.say(f"hypotheses.label.{key}") for key in ("promoters", "not_promoters")]
    n = {name: people for name, (_, people) in zip(names, cells, strict=True)}
    if min(n.values()) < evidence.least:
        raise evidence.not_testable("few_answers", least=evidence.least)
    found = two_proportions(*cells[0], *cells[1], names[0])
    method, sentence = words.say("hypotheses.method.shares_between"), two_shares("referral", found, words)
    return Finding((found,), found.p_value, n, method, sentence)


def two_shares(key: str, found: Contrast, words: Words, **values: str) -> str:
    """Two shares and their difference in words."""
    return words.say(
        f"hypotheses.facts.{key}",
        share=words.percent(found.facts["share"]), share_control=words.percent(found.facts["share_control"]),
        difference=words.points(found.estimate), interval=words.interval(found.low, found.high, "points"), **values,
    )  # fmt: skip


def importance_performance(evidence: Evidence, sesoi: float) -> Finding:
    """Importance minus performance per attribute, paired by respondent (weighted; t interval); the largest gap first.

    Both questions of a pair must have the same scale. The p-value of the largest gap is corrected for the attributes.
    """
    words, answers = evidence.words, evidence.survey.answers
    contrasts, n = [], {}
    for attribute, pair in evidence.study.tables.survey.importance_performance.items():
        importance, performance = (pd.to_numeric(answers[question], errors="coerce") for question in pair)
        gap = (importance - performance).dropna()
        if len(gap) >= evidence.least and np.ptp(gap) > 0:
            contrasts.append(mean_gap(gap.to_numpy(), attribute, answers["weight"][gap.index].to_numpy()))
            n[attribute] = len(gap)
    if not contrasts:
        raise evidence.not_testable("few_answers", least=evidence.least)
    contrasts.sort(key=lambda c: (-c.facts["t"], c.label))
    first = contrasts[0]
    sentence = words.say(
        "hypotheses.facts.gap",
        attribute=first.label, difference=words.number(first.estimate, 2),
        interval=words.interval(first.low, first.high),
    )  # fmt: skip
    p = min(1.0, first.p_value * len(contrasts))
    return Finding(tuple(contrasts), p, n, words.say("hypotheses.method.gap"), sentence, descriptive=True)
