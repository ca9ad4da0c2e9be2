"""What each notebook of the spine found, as sentences: the numbers of the prose come from here and are never typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import get_args

import pandas as pd

from helpers.beliefs.registry import Beliefs
from helpers.beliefs.verdict import is_lead
from helpers.cards.cards import Cards
from helpers.cards.personas import Personas
from helpers.changed import Drift
from helpers.contracts import (
    UNASSIGNED,
    HypothesisResult,
    Verdict,
)
from helpers.customers.customers import Customers, Today
from helpers.read.load import LoadedTables
from helpers.report.tables import published_accounts
from helpers.small_cells import rounded
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.answer_columns import answers_that_count
from helpers.types.placing import assign
from helpers.words import Said, Text, few, in_steps, say

TRUST = ("set_aside", "missing", "stopped", "straight_lining", "long_string", "alpha", "weights", "zero_weight",
         "trimmed", "not_heard", "not_weighted", "no_share", "not_raked")  # fmt: skip
"""Checks on the answers that say how far they can be trusted."""


def of_quality(tables: LoadedTables, study: Study, *, worrying_share: float = 0.02) -> list[Text]:
    """How many rows were read, used, repaired and set aside, rounded as they may be published; a warning where what
    was set aside is more than a share of a file."""
    accounts, known = tables.accounts, published_accounts(tables, study)
    if not any(a.rows_quarantined or a.rows_repaired for a in accounts):
        return [say("findings.quality.clean")]
    step = max(account.rounded_to for account in known)

    def told(name: str) -> int | Said:
        return in_steps(rounded(sum(getattr(a, name) for a in accounts), [step], study.privacy.min_cell), step)

    counts = {"rows_in": told("rows_in"), "rows_used": told("rows_used"), "repaired": told("rows_repaired")}
    lines = [say("findings.quality.rows", files=len(accounts), quarantined=told("rows_quarantined"), **counts)]
    worst = max(known, key=lambda account: account.rows_quarantined / max(account.rows_in, 1))
    if worst.rows_quarantined:
        share = worst.rows_quarantined / worst.rows_in
        lines.append(say("findings.quality.worst", table=worst.table, share=share))
    worrying = [a.table for a in accounts if a.rows_quarantined > worrying_share * a.rows_in]
    if worrying:
        lines.append(say("findings.quality.worrying", share=worrying_share, tables=worrying))
    return lines


def of_customers(customers: Customers | None, study: Study, *, top_share: float = 0.2) -> list[Text]:
    """Who bought, how much, and how unequal spending is, by what those who spend most bring."""
    if customers is None:
        return [say("findings.customers.none")]
    features, period = customers.features, customers.period
    spend = features["spend"].sort_values(ascending=False)
    low, median, high = spend.quantile([0.25, 0.5, 0.75])
    top = spend.iloc[: max(1, round(len(spend) * top_share))].sum() / spend.sum() if spend.sum() > 0 else None
    fifth, least = top_share == 0.2, study.privacy.min_cell
    counts = {
        "n": rounded(len(features), (), least),
        "orders": rounded(features["orders"].sum(), features["orders"], least),
    }
    lines = [
        say("findings.customers.who", **counts, start=period.start, end=period.holdout_from),
        say("findings.customers.spend", median=median, low=low, high=high),
        say("findings.customers.top", share=top)
        if fifth
        else say("findings.customers.part", part=top_share, share=top),
        say("findings.customers.one_order", share=(features["orders"] == 1).mean(), day=period.holdout_from),
    ]
    if "margin" in features:
        lines.append(say("findings.customers.margin", share=(features["margin"] < 0).mean()))
    else:
        lines.append(say("findings.customers.no_margin"))
    return [*lines, say("findings.customers.held_out", start=period.holdout_from)]


def of_survey(survey: Survey | None, customers: Customers | None) -> list[Text]:
    """Who answered, and for whom they can speak."""
    if survey is None:
        return [say("findings.survey.none")]
    key = "who" if survey.matched else "alone" if customers is None else "strangers"
    key = "totals" if survey.of_totals else key
    lines = [say(f"findings.survey.{key}", n=len(survey.answers), matched=survey.matched)]
    if customers is not None and survey.matched:
        answered = customers.features["customer_id"].isin(survey.answers["customer_id"]).mean()
        lines.append(say("findings.survey.share", share=answered))
    if survey.unmatched and survey.matched:
        lines.append(say("findings.survey.unmatched", n=survey.unmatched))
    lines += list(survey.checks.loc[survey.checks["check"].isin(TRUST), "text"])
    spoken = survey.open_answers
    if spoken.empty:
        return [*lines, say("findings.survey.no_open")]
    return [*lines, say("findings.survey.open", n=len(spoken), questions=spoken["question"].nunique())]


def of_personas(personas: Personas) -> list[Text]:
    """What kind of division the data support, how it was made, and how many are clear members."""
    if personas.structure.kind == "not asked":
        return [personas.structure.statement]
    unassigned = (personas.assignments["persona"] == UNASSIGNED).mean()
    assigned = say("findings.personas.assigned", share=1 - unassigned, unassigned=unassigned)
    return [personas.structure.statement, personas.method, assigned]


def of_framing(framing: Beliefs) -> list[Text]:
    """What became of the beliefs of notebook 07."""
    return of_beliefs(framing.results)


def of_channels(channels: Beliefs) -> list[Text]:
    """What became of the beliefs of notebook 08."""
    return of_beliefs(channels.results)


def of_leads(leads: Beliefs) -> list[Text]:
    """What became of the beliefs of notebook 09."""
    return of_beliefs(leads.results)


def of_beliefs(results: Sequence[HypothesisResult]) -> list[Text]:
    """How many beliefs hold, point the other way, make no difference, stay open or could not be tested.

    Descriptions, which could hardly come out otherwise, are told and not counted; what a screen found is a hint.
    """
    counted = [result for result in results if not result.description]
    counts = Counter("lead" if is_lead(result) else result.verdict for result in counted)
    answers = [
        say(f"findings.beliefs.{kind.replace(' ', '_')}", n=counts[kind])
        for kind in (*get_args(Verdict)[:2], "lead", *get_args(Verdict)[2:])
        if counts[kind]
    ]
    told = [result.sentence for result in results if result.verdict != "not testable"]
    return [say("findings.beliefs.count", n=len(counted), answers=answers), *told]


def of_cards(cards: Cards) -> list[Text]:
    """One line a card."""
    if not cards.cards:
        return [say("findings.cards.none")]
    return [
        say("findings.cards.line", name=card.name, handle=card.handle, share=card.size.share,
            grade=say(f"report.grade.{card.grade}"))
        for card in cards.cards
    ]  # fmt: skip


def of_drift(drift: Drift) -> list[Text]:
    """What has changed since the previous publication."""
    return [drift.statement]


def for_the_crm(personas: Personas, today: Today | None, survey: Survey | None) -> pd.DataFrame:
    """One row per customer: customer_id, persona (id of a card, or ``unassigned``), probability.

    Customers are placed by the model as it is, and by all that is known of them today: who first ordered after the
    held-out part began has a persona, too. Members of the cards, and of every test, are ``personas.assignments``.
    """
    placed = personas.assignments
    if today is not None and personas.model["ids"]:
        placed = assign(personas.model, today.features, answers_that_count(survey), today.no_order)
    return placed[["customer_id", "persona", "probability"]]


def of_crm_file(
    personas: Personas, customers: Customers | None, today: Today | None, survey: Survey | None, study: Study
) -> list[Text]:
    """How many customers the file for the CRM holds, by what they are placed, and how many are elsewhere than on the
    cards."""
    file = for_the_crm(personas, today, survey)
    saved = say("findings.cards.saved", n=len(file))
    if customers is None:
        return [saved]
    period, least = customers.period, study.privacy.min_cell
    moved = int((file["persona"].to_numpy() != personas.assignments["persona"].to_numpy()).sum())
    counts = {"moved": few(moved, least), "newcomers": few(len(customers.newcomers), least)}
    return [saved, say("findings.cards.by_today", as_of=period.as_of, day=period.holdout_from, **counts)]
