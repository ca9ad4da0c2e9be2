"""What notebook 09 shows beside its verdicts: tables with small cells withheld, and a sentence or two for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.beliefs.evidence import Evidence, leads_seen
from helpers.leads import lead_score, pipeline, referral
from helpers.words import Said, Text, say

CLASSES = ["borders", "class", "leads", "share", "ci_low", "ci_high", "expected_share"]


@dataclass(frozen=True)
class LeadTables:
    """Frames as their makers describe them (pipeline, lead_score, referral), empty where the data are not there.

    ``classes`` holds what later leads made of the study's borders and of the suggested ones. ``open_leads`` has lead
    ids: it is written for the analyst and never shown. ``told`` holds the sentences of each part: cycle, scores, nps,
    bad_news.
    """

    stages: pd.DataFrame
    cycle: pd.DataFrame
    classes: pd.DataFrame
    open_leads: pd.DataFrame
    nps: pd.DataFrame
    referrers: pd.DataFrame
    brought: pd.DataFrame
    told: dict[str, tuple[Text, ...]]


def lead_tables(evidence: Evidence, *, borders: Sequence[float] = (), followed: int = 0) -> LeadTables:
    """What notebook 09 shows of leads and of recommendation, by the study's borders and weeks or by others."""
    evidence = leads_seen(evidence, borders, followed)
    told: dict[str, list[Said]] = {"cycle": [], "scores": []}
    dated = evidence.has("leads.converted_at")
    cycle = pd.DataFrame(columns=pipeline.CYCLE)
    if dated:
        cycle, told["cycle"] = pipeline.sales_cycle(evidence)
    classes, open_leads = pd.DataFrame(columns=CLASSES), pd.DataFrame(columns=["lead_id", "points", "class", "chance"])
    if evidence.study.leads.points and evidence.has("leads.activity"):
        open_leads = lead_score.open_leads(evidence)
        classes, told["scores"] = _classes(evidence, open_leads)
    nps = referral.nps_by_persona(evidence)
    told["nps"] = [_of_nps(nps)]
    told["bad_news"] = [referral.bad_news(evidence)[1]]
    return LeadTables(
        pipeline.stages(evidence),
        cycle,
        classes,
        open_leads,
        nps,
        referral.who_recommends(evidence),
        referral.who_was_brought(evidence),
        {part: tuple(sentences) for part, sentences in told.items()},
    )


def _classes(evidence: Evidence, open_leads: pd.DataFrame) -> tuple[pd.DataFrame, list[Said]]:
    """The later leads by the study's borders and by the suggested ones, and what is said of borders and open leads."""
    given = tuple(evidence.study.leads.thresholds)
    table = lead_score.followed_leads(evidence)
    suggested = lead_score.suggested_thresholds(table, evidence.least)
    parts = []
    for name, borders in (("given", given), ("suggested", suggested)):
        if borders is not None:
            label = say(f"leads.suggest.{name}", low=borders[0], high=borders[1])
            found = lead_score.by_class(table[table["later"]], borders, evidence.study.privacy.min_cell)
            parts.append(found.assign(borders=label))
    said = [say("leads.suggest.same")]
    if suggested is not None:
        low, high = suggested
        said = [say("leads.suggest.facts", low=low, high=high, given_low=given[0], given_high=given[1])]
    if len(open_leads) >= evidence.study.privacy.min_cell:
        said.append(say("leads.suggest.open", n=len(open_leads)))
    return pd.concat(parts, ignore_index=True)[CLASSES], said


def _of_nps(nps: pd.DataFrame) -> Said:
    """The net promoter score of all who answered, for a sentence."""
    if nps.empty:
        return say("leads.nps.unknown")
    first = nps.iloc[0]
    interval = first["ci_low"], first["ci_high"]
    return say("leads.nps.facts", nps=first["nps"], interval=interval, n=first["respondents"])
