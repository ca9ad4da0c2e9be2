"""Whom not to court: margin, returns, complaints and cost per group as tested claims; the output is "review".

One customer's own balance is mostly luck (an observed loss is wrong about half the time), so single customers are only
flagged after shrinkage, and claims are made about segments: a short readable rule is found on what was known at
``holdout_from``, and everything that is said of it is measured on what came after (``search``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from sklearn.metrics import balanced_accuracy_score

from helpers.beliefs.estimators import share_interval
from helpers.beliefs.plan import Design
from helpers.beliefs.registry import confirmatory_beside
from helpers.cards.claims import claim_of, direction
from helpers.cards.personas import Personas
from helpers.cards.rule import LEAF
from helpers.contracts import Action, Card, Claim, Rule, Size, Stability, StudyError
from helpers.customers.customers import Customers
from helpers.negative.chance import chance_of_loss
from helpers.negative.mending import mending, trial_of
from helpers.negative.search import LEAST, SEGMENT, Found, Segment, search
from helpers.negative.signs import handle_of, meets, rule_traits
from helpers.negative.won import costly_way, ways_of_winning
from helpers.negative.worksheet import belongs, fairness, missing, prospects, worksheet
from helpers.negative.worth import (
    FLAG,
    MEASURES,
    NULL,
    REVIEW,
    WATCH,
    afterwards,
    contribution,
    mean_parts,
    measure,
    outcomes,
    reviewed,
    visible_loss,
)
from helpers.previous import Previous
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.words import Text, few, say, sentences


@dataclass(frozen=True)
class Negative:
    """Negative personas and the worksheet behind them.

    cards : one negative Card per tested claim that holds; empty when no segment's interval lies below zero.
    parts : what came after ``holdout_from`` with its parts, means per customer (``worth.mean_parts``): all, negative
        personas, personas.
    segments : one row per segment looked at (rules, then personas) and measure: segment, n, measure, estimate, ci_low,
        ci_high, detectable (money: the loss per customer that would have been shown in four of five cases), unit
        (money: mean per customer after ``holdout_from``; lift: ratio of means against all others), p_adjusted (rules
        only), verdict.
    early_signs : how well single traits tell customers who cost more than they bring (``signs.recognised_by``).
    exclusion : what refusing by each rule and each early sign would have cost (``signs.exclusion``).
    members : customer_id, negative (card id, missing for those whom no rule meets any more), probability (shrunk, that
        a customer costs more than is brought), before_acquisition (the same without the cost of winning), state (flag,
        watch, back: under review at the last run and likely to be worth it now, or "").
    worksheet : the six questions: question, answer, source ("" and "left blank: ..." where data are silent).
    prospects : who never bought (``worksheet.prospects``).
    fairness : attribute, value, n, flagged_share, ratio (rate of all others to this one's), ci_low, ci_high,
        warning (bool).
    unknowns : what is not known for want of a table or a column, a sentence each.
    statement : one sentence that sums up.
    """

    cards: tuple[Card, ...]
    parts: pd.DataFrame
    segments: pd.DataFrame
    early_signs: pd.DataFrame
    exclusion: pd.DataFrame
    members: pd.DataFrame
    worksheet: pd.DataFrame
    prospects: pd.DataFrame
    fairness: pd.DataFrame
    unknowns: tuple[Text, ...]
    statement: Text


@dataclass(frozen=True)
class UnderReview:
    """The customers (customer_id) that were under review when the previous publication was made."""

    customers: tuple[str, ...] = ()


def under_review(previous: Previous) -> UnderReview:
    """Who was under review at the last run; nobody on a first run, or where its work folder is gone."""
    members = previous.table("tables/negative.members")
    if members is None:
        return UnderReview()
    return UnderReview(tuple(sorted(members.loc[members["state"].isin(REVIEW), "customer_id"])))


def negative_personas(
    customers: Customers | None,
    tables: LoadedTables,
    personas: Personas,
    study: Study,
    under_review: UnderReview,
    *,
    flag: float = FLAG,
    watch: float = WATCH,
) -> Negative | None:
    """Find, test and describe the segments that cost more than they bring; None in a study without sales.

    Contribution margin = revenue - returns - cost of goods - cost to serve - acquisition, from ``holdout_from`` on and
    with the part of the acquisition that these weeks bear (``worth.afterwards``). Without known costs, or
    with fewer than 200 customers, there is no card, and the statement says why. ``flag`` and ``watch`` are the chances
    of a loss from which a single customer is flagged, and watched. Raises StudyError where the second is the higher.
    """
    if watch > flag:
        raise StudyError(f"06_negative_personas: watch must not be above flag, and {watch:g} is above {flag:g}")
    if customers is None:
        return None
    least, frames = study.privacy.min_cell, tables.frames
    balance, later = contribution(customers), afterwards(customers)
    values = outcomes(customers, later, frames)
    traits = rule_traits(customers, study)
    found = search(traits, values, customers, tables, study)
    chance = chance_of_loss(customers.period, balance, frames)
    members = reviewed({name: part.inside for name, part in found.losing.items()}, chance, under_review.customers,
                       flag=flag, watch=watch)  # fmt: skip
    fair = fairness(customers, members.loc[members["negative"].notna(), "customer_id"], study)
    unknowns = missing(customers, frames)
    level = Design(also=confirmatory_beside(study))
    told = {"found": found, "customers": customers, "traits": traits, "fair": fair, "unknowns": unknowns}
    describe = partial(_card, **told, level=level)
    cards = tuple(describe(name, brought=values[found.losing[name].judged].dropna()) for name in found.losing)
    if cards and (way := costly_way(ways_of_winning(customers, balance))) is not None:
        cards = (_with_way(cards[0], way), *cards[1:])
    groups = {group.handle: belongs(values.index, personas, group.id) for group in personas.groups}
    table = _looked_at(found.segments, groups, values)
    shown = {say("negative.everybody"): balance.index}
    shown |= {card.handle: inside.index[inside] for card in cards for inside in [found.losing[card.id].inside]}
    shown |= {name: inside.index[inside] for name, inside in groups.items()}
    return Negative(
        cards=cards,
        parts=mean_parts(later, shown, least),
        segments=table[table["n"] >= least].drop(columns="p_value").reset_index(drop=True),
        early_signs=found.signs,
        exclusion=found.exclusion,
        members=members,
        worksheet=worksheet(customers, tables, personas, cards, study),
        prospects=prospects(customers, frames, least),
        fairness=fair,
        unknowns=tuple(say(f"negative.missing.{gap}") for gap in unknowns),
        statement=_statement(balance, values, found, cards, chance, members, least, flag),
    )


def _looked_at(segments: list[Segment], groups: dict[Text, pd.Series], values: pd.DataFrame) -> pd.DataFrame:
    """What was measured of every segment: rules first, then personas."""
    looked = [segment.measured for segment in segments]
    looked += [pd.DataFrame(measure(name, values, inside), columns=SEGMENT) for name, inside in groups.items()]
    return pd.concat(looked, ignore_index=True) if looked else pd.DataFrame(columns=SEGMENT)


# --- cards -------------------------------------------------------------------------------------------------------


def _card(
    name: str,
    brought: pd.Series,
    found: Found,
    customers: Customers,
    traits: pd.DataFrame,
    fair: pd.DataFrame,
    unknowns: list[str],
    level: Design,
) -> Card:
    """A negative persona: who meets the rule, what came afterwards, what it would cost to be wrong, and what to try.

    brought : what each brought afterwards, by the measure that the rule is judged by.
    level : of the beliefs of the page, as the test's verdict.
    """
    segment, period = found.losing[name], customers.period
    later = {"since": period.holdout_from, "days": (period.as_of - period.holdout_from).days + 1}
    rows = segment.measured.dropna(subset="estimate").to_dict("records")
    claims = tuple(_claim(row | later) for row in rows)
    loss = claims[0] if claims[0].ci_high < 0 else next(claim for claim in claims if claim.column == segment.judged)
    grades = sorted((claim.grade for claim in claims), key=("weak", "moderate", "strong").index)
    everybody = len(customers.features) + len(customers.no_order)
    n = int(segment.inside.sum())
    share = share_interval(n, everybody)
    spend = customers.features.set_index("customer_id")["spend"]
    met = sum(meets(traits, condition).astype(int) for condition in segment.rule)
    actions = _actions(segment, found, fair)
    about = mending(segment.rule)
    trial = trial_of(name, about, n, brought[segment.inside[brought.index]] > 0, customers.held_out, level)
    gaps = [gap for gap in unknowns if gap in ("service_cost", "acquisition_cost", "team")]
    unknowns = [say(f"negative.unknown.{gap}") for gap in gaps]
    if not any(action.topic == "early sign" for action in actions):
        unknowns.append(found.unsure or say("negative.unknown.sign"))
    return Card(
        id=name,
        kind="negative",
        name=say("negative.name", number=int(name.rpartition("-")[2])),
        handle=handle_of(segment.rule),
        summary=say("negative.summary", share=share.estimate, loss=loss.statement),
        size=Size(n, share.estimate, share.low, share.high, float(spend[segment.inside].sum() / spend.sum())),
        stability=Stability(None, None),
        prevalence=tuple(float((met >= least).mean()) for least in range(1, len(segment.rule) + 1)),
        grade=grades[(len(grades) - 1) // 2],
        claims=claims,
        rule=Rule(segment.text, float(balanced_accuracy_score(brought < 0, segment.inside[brought.index]))),
        actions=actions,
        unknowns=(
            *unknowns,
            say(f"negative.unknown.{'offer' if trial else 'offer_few'}", question=say(f"negative.ask.{about}")),
        ),
        experiment=trial,
    )


def _with_way(card: Card, way: Claim) -> Card:
    """A card that also tells what the costly way of winning customers brought, beside its early sign if it has one."""
    at = len(card.claims)
    actions = tuple(
        replace(one, text=sentences(one.text, way.statement), because=(*one.because, at), first=one.first or one.text)
        if one.topic == "early sign"
        else one
        for one in card.actions
    )
    return replace(card, claims=(*card.claims, way), actions=actions)


def _claim(row: dict) -> Claim:
    """The claim of one measured row; ratios are against all others, money against zero."""
    money = row["unit"] == "money"
    section, source = MEASURES[row["measure"]]
    told = {name: row[name] for name in ("estimate", "ci_low", "ci_high", *(("since", "days") if money else ()))}
    return claim_of(
        row | {"lift": row["estimate"], "measure": "difference" if money else "lift"},
        "defining" if np.isnan(row["p_adjusted"]) else "held out",
        section=section,
        statement=say(f"negative.claim.{row['measure']}.{direction(row, NULL[row['unit']])}", **told),
        source=source,
        column=row["measure"],
        unit=row["unit"],
        compared_with="zero" if money else "all others",
    )


def _actions(segment: Segment, found: Found, fair: pd.DataFrame) -> tuple[Action, ...]:
    """Review; the surest sign known when one is won; what refusing by the rule would cost; whom the rule falls on."""
    advice, first = {"review": say("negative.action.review")}, {}
    early = found.signs[found.signs["known"] == say("negative.known.at_acquisition")]
    if len(early):
        sign = early.drop(columns="n").iloc[0]
        first["early sign"] = say("negative.action.sign", **sign.drop("caught"))
        advice["early sign"] = sentences(first["early sign"], say("negative.action.sign_alone", caught=sign["caught"]))
    for row in found.exclusion[found.exclusion["refused"] == segment.text].to_dict("records"):
        shown = {name: row[name] for name in ("n", "paid", "forgone", "avoided", "saved")}
        advice["cost of being wrong"] = say(f"negative.action.{'wrong' if row['forgone'] else 'few'}", **shown)
    warned = fair.loc[fair["warning"], ["attribute", "value"]].to_dict("records")
    if warned:
        advice["fairness"] = say("negative.action.unfair", groups=[say("negative.who", **row) for row in warned])
    return tuple(Action(topic, text, (0,), first.get(topic, "")) for topic, text in advice.items())


def _statement(
    balance: pd.DataFrame,
    values: pd.DataFrame,
    found: Found,
    cards: tuple[Card, ...],
    chance: pd.DataFrame,
    members: pd.DataFrame,
    least: int,
    flag: float,
) -> Text:
    """What was found, or why nothing could be; how many single customers are likely to cost; how many came back."""
    known = int(balance["margin"].notna().sum())
    if known == 0:
        return say("negative.statement.no_costs")
    if known < LEAST:
        return say("negative.statement.too_few", n=known, least=LEAST)
    names = [say("negative.statement.card", handle=card.handle, share=card.size.share) for card in cards]
    said = [say("negative.statement.found", names=names)] if cards else _nothing(values["contribution"].dropna(), found)
    back = int((members["state"] == "back").sum())
    said.append(say("negative.statement.back", n=few(back, least)) if back else "")
    flagged = int((chance["probability"] >= flag).sum())
    if flagged < least:
        return sentences(*said, say("negative.statement.few_flagged", least=least, flag=flag))
    return sentences(*said, say("negative.statement.flagged", n=flagged, share=flagged / known, flag=flag))


def _nothing(brought: pd.Series, found: Found) -> list[Text]:
    """That no group can be shown to lose money, and what loss of a group of the smallest size would have been seen."""
    seen = visible_loss(brought.to_numpy(float), LEAF, max(1, len(found.segments)))
    if not seen > 0:
        return [say("negative.statement.none", looked=len(found.segments))]
    power = "few" if seen > abs(brought.mean()) else "power"
    told = say(f"negative.statement.{power}", n=LEAF, loss=seen, usual=brought.mean())
    return [say("negative.statement.none", looked=len(found.segments)), told]
