"""What notebook 09 shows beside its verdicts: tables with small cells withheld, and a sentence or two for each."""

from __future__ import annotations

import pandas as pd

from helpers.hypotheses import complaints, lead_score, pipeline, referral
from helpers.hypotheses.evidence import Evidence
from helpers.hypotheses.tables import LeadTables

CLASSES = ["borders", "class", "leads", "share", "ci_low", "ci_high", "expected_share"]


def lead_tables(evidence: Evidence) -> LeadTables:
    """Every table of notebook 09."""
    told: dict[str, list[str]] = {"cycle": [], "scores": []}
    dated = evidence.has("leads.converted_at")
    cycle = pd.DataFrame(columns=pipeline.CYCLE)
    if dated:
        cycle, told["cycle"] = pipeline.sales_cycle(evidence)
    classes, open_leads = pd.DataFrame(columns=CLASSES), pd.DataFrame(columns=["lead_id", "points", "class", "chance"])
    if evidence.study.leads.points and evidence.has("leads.activity"):
        open_leads = lead_score.open_leads(evidence)
        classes, told["scores"] = _classes(evidence, open_leads)
    nps = referral.nps_by_persona(evidence)
    told["nps"] = _of_nps(evidence, nps)
    told["bad_news"] = [referral.bad_news(evidence)[1]]
    watched = evidence.customers is not None and all(map(evidence.has, ("service.kind", "sales.ordered_at")))
    return LeadTables(
        pipeline.stages(evidence),
        cycle,
        classes,
        open_leads,
        nps,
        referral.who_recommends(evidence),
        referral.who_was_brought(evidence),
        complaints.time_to_return(evidence) if watched else pd.DataFrame(columns=complaints.BACK),
        {part: tuple(sentences) for part, sentences in told.items()},
    )


def _classes(evidence: Evidence, open_leads: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The later leads by the study's borders and by the suggested ones, and what is said of borders and open leads."""
    words, given = evidence.words, tuple(evidence.study.leads.thresholds)
    table = lead_score.followed_leads(evidence)
    suggested = lead_score.suggested_thresholds(table, evidence.least)
    parts = []
    for name, borders in (("given", given), ("suggested", suggested)):
        if borders is not None:
            label = words.say(f"leads.suggest.{name}", low=words.number(borders[0]), high=words.number(borders[1]))
            found = lead_score.by_class(table[table["later"]], borders, evidence.study.privacy.min_cell)
            parts.append(found.assign(borders=label))
    said = [words.say("leads.suggest.same")]
    if suggested is not None:
        numbers = {"low": suggested[0], "high": suggested[1], "given_low": given[0], "given_high": given[1]}
        said = [words.say("leads.suggest.facts", **{name: words.number(value) for name, value in numbers.items()})]
    if len(open_leads) >= evidence.study.privacy.min_cell:
        said.append(words.say("leads.suggest.open", n=words.number(len(open_leads), 0)))
    return pd.concat(parts, ignore_index=True)[CLASSES], said


def _of_nps(evidence: Evidence, nps: pd.DataFrame) -> list[str]:
    """The net promoter score of all who answered, in words."""
    words = evidence.words
    if nps.empty:
        return [words.say("leads.nps.unknown")]
    first = nps.iloc[0]
    interval = words.interval(round(first["ci_low"]), round(first["ci_high"]))
    n = words.number(first["respondents"], 0)
    return [words.say("leads.nps.facts", nps=words.number(first["nps"], 0), interval=interval, n=n)]
