"""Whom not to court: margin, returns, complaints and cost per group as tested claims; the output is "review".

One customer's own balance is mostly luck (an observed loss is wrong about half the time), so single customers are only
flagged after shrinkage, and claims are made about segments: a short readable rule is grown on one half of the customers
and everything that is said of it is measured on the other half.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from sklearn.metrics import balanced_accuracy_score

from helpers.beliefs.estimators import share_interval
from helpers.cards.cards import Handed
from helpers.cards.claims import adjusted, claim_of, direction
from helpers.cards.personas import Personas
from helpers.cards.rule import LEAF
from helpers.contracts import Action, Card, Claim, Rule, Size, Stability
from helpers.customers.customers import Customers
from helpers.negative.signs import (
    Conditions,
    exclusion,
    find_signs,
    grow_rules,
    halves,
    handle_of,
    matches,
    meets,
    recognised_by,
    rule_text,
    rule_traits,
)
from helpers.negative.worksheet import belongs, fairness, missing, prospects, worksheet
from helpers.negative.worth import (
    FLAG,
    MEASURES,
    NULL,
    REVIEW,
    chance_of_loss,
    contribution,
    mean_parts,
    measure,
    order_variance,
    outcomes,
    reviewed,
)
from helpers.previous import Previous
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.words import Text, few, say, sentences

LEAST = 4 * LEAF
"""Two halves, each of which can be cut in two."""
SEGMENT = ["segment", "n", "measure", "estimate", "ci_low", "ci_high", "unit", "p_value", "p_adjusted", "verdict"]


@dataclass(frozen=True)
class Negative:
    """Negative personas and the worksheet behind them.

    cards : one negative Card per tested claim that holds; empty when no segment's interval lies below zero.
    parts : the contribution with its parts, means per customer (``worth.mean_parts``): all, negative personas (unseen
        half), personas.
    segments : one row per segment looked at (rules, on the unseen half, then personas) and measure: segment, n,
        measure, estimate, ci_low, ci_high, unit (money: mean per customer; lift: ratio of means against all others),
        p_adjusted (rules only), verdict.
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


@dataclass(frozen=True)
class _Segment:
    """A rule that was tested: who meets it (of all customers), and what was measured on the unseen half."""

    rule: Conditions
    text: Text
    inside: pd.Series
    measured: pd.DataFrame


@dataclass(frozen=True)
class _Found:
    """All that was looked for: segments by their rules, those that lose money by card id, and single signs."""

    segments: list[_Segment]
    losing: dict[str, _Segment]
    signs: pd.DataFrame
    exclusion: pd.DataFrame


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
) -> Negative | None:
    """Find, test and describe the segments that cost more than they bring; None in a study without sales.

    Contribution margin = revenue - returns - cost of goods - cost to serve - acquisition, over the whole window.
    Without known costs, or with fewer than 200 customers, there is no card, and the statement says why.
    """
    if customers is None:
        return None
    least, frames = study.privacy.min_cell, tables.frames
    balance = contribution(customers)
    values = outcomes(customers, balance, frames)
    traits = rule_traits(customers, study)
    grown, unseen = halves(balance.index[balance["contribution"].notna()], study.seed)
    found = _search(traits, values, balance["contribution"], grown, unseen, study)
    chance = chance_of_loss(balance, order_variance(frames["sales"], customers))
    members = reviewed({name: part.inside for name, part in found.losing.items()}, chance, under_review.customers)
    fair = fairness(customers, members.loc[members["negative"].notna(), "customer_id"], study)
    unknowns = missing(customers, frames)
    describe = partial(_card, found=found, customers=customers, traits=traits, fair=fair, unknowns=unknowns)
    cards = tuple(describe(name, loses=balance.loc[unseen, "contribution"] < 0) for name in found.losing)
    groups = {group.handle: belongs(values.index, personas, group.id) for group in personas.groups}
    table = _looked_at(found.segments, groups, values)
    shown = {say("negative.everybody"): balance.index}
    shown |= {card.handle: unseen[found.losing[card.id].inside[unseen]] for card in cards}
    shown |= {name: inside.index[inside] for name, inside in groups.items()}
    return Negative(
        cards=cards,
        parts=mean_parts(balance, shown, least),
        segments=table[table["n"] >= least].drop(columns="p_value").reset_index(drop=True),
        early_signs=found.signs,
        exclusion=found.exclusion,
        members=members,
        worksheet=worksheet(customers, tables, personas, cards, study),
        prospects=prospects(customers, frames, least),
        fairness=fair,
        unknowns=tuple(say(f"negative.missing.{gap}") for gap in unknowns),
        statement=_statement(balance, len(found.segments), cards, chance, members, least),
    )


def _search(
    traits: pd.DataFrame, values: pd.DataFrame, brought: pd.Series, grown: pd.Index, unseen: pd.Index, study: Study
) -> _Found:
    """Rules and early signs, found on one half of the customers and measured on the other; none where there are few."""
    least, loses = study.privacy.min_cell, brought < 0
    enough = len(grown) + len(unseen) >= LEAST
    rules = grow_rules(traits.loc[grown], loses[grown], study.seed) if enough else ()
    early = find_signs(traits.loc[grown], loses[grown], study.seed) if enough else ()
    segments = _tested(rules, traits, values.loc[unseen])
    losing = {f"negative-{n}": part for n, part in enumerate((s for s in segments if _is_negative(s, study)), 1)}
    own = [condition for segment in losing.values() for condition in segment.rule]
    refused = {segment.text: segment.inside for segment in segments}
    refused |= {rule_text((sign,)): meets(traits, sign) for sign in early}
    return _Found(
        segments,
        losing,
        recognised_by(tuple(dict.fromkeys([*own, *early])), traits, loses[unseen], least),
        exclusion(refused, brought[unseen], least),
    )


def _looked_at(segments: list[_Segment], groups: dict[Text, pd.Series], values: pd.DataFrame) -> pd.DataFrame:
    """What was measured of every segment: rules first, then personas."""
    looked = [segment.measured for segment in segments]
    looked += [pd.DataFrame(measure(name, values, inside), columns=SEGMENT) for name, inside in groups.items()]
    return pd.concat(looked, ignore_index=True) if looked else pd.DataFrame(columns=SEGMENT)


# --- segments ---------------------------------------------------------------------------------------------------


def _tested(rules: tuple[Conditions, ...], traits: pd.DataFrame, values: pd.DataFrame) -> list[_Segment]:
    """Every rule with what the unseen half says of it; p-values are corrected over all of them (Holm 1979).

    A rule made of the acquisition cost says nothing new about it: no p-value there. Returns and complaints of a rule
    are earlier ones, those measured come later, so that they test whether the trait lasts.
    """
    segments = []
    for rule in rules:
        text, inside = rule_text(rule), matches(traits, rule)
        table = pd.DataFrame(measure(text, values, inside), columns=SEGMENT)
        if "acquisition_cost" in {condition.column for condition in rule}:
            table.loc[table["measure"] == "acquisition_cost", "p_value"] = np.nan
        segments.append(_Segment(rule, text, inside, table))
    if segments:
        p = adjusted(pd.concat([s.measured["p_value"] for s in segments], keys=range(len(segments))), "holm")
        for number, segment in enumerate(segments):
            segment.measured["p_adjusted"] = p[number]
    return segments


def _is_negative(segment: _Segment, study: Study) -> bool:
    """The interval of the mean contribution lies below zero, on enough customers and after correction."""
    row = segment.measured.set_index("measure").loc["contribution"]
    return bool(row["ci_high"] < 0 and row["p_adjusted"] <= 0.05 and row["n"] >= max(30, study.privacy.min_cell))


# --- cards -------------------------------------------------------------------------------------------------------


def _card(
    name: str,
    loses: pd.Series,
    found: _Found,
    customers: Customers,
    traits: pd.DataFrame,
    fair: pd.DataFrame,
    unknowns: list[str],
) -> Card:
    """A negative persona: who meets the rule, what the unseen half says of them, and what it would cost to be wrong.

    loses : of the unseen half, who brought less than they cost.
    """
    segment = found.losing[name]
    claims = tuple(map(_claim, segment.measured.dropna(subset="estimate").to_dict("records")))
    grades = sorted((claim.grade for claim in claims), key=("weak", "moderate", "strong").index)
    everybody = len(customers.features) + len(customers.no_order)
    n = int(segment.inside.sum())
    share = share_interval(n, everybody)
    spend = customers.features.set_index("customer_id")["spend"]
    met = sum(meets(traits, condition).astype(int) for condition in segment.rule)
    actions = _actions(segment, found, fair)
    gaps = [gap for gap in unknowns if gap in ("service_cost", "acquisition_cost", "team")]
    gaps += [] if any(action.topic == "early sign" for action in actions) else ["sign"]
    return Card(
        id=name,
        kind="negative",
        name=say("negative.name", number=int(name.rpartition("-")[2])),
        handle=handle_of(segment.rule),
        summary=say("negative.summary", share=share.estimate, loss=claims[0].statement),
        size=Size(n, share.estimate, share.low, share.high, float(spend[segment.inside].sum() / spend.sum())),
        stability=Stability(None, None),
        prevalence=tuple(float((met >= least).mean()) for least in range(1, len(segment.rule) + 1)),
        grade=grades[(len(grades) - 1) // 2],
        claims=claims,
        rule=Rule(segment.text, float(balanced_accuracy_score(loses, segment.inside[loses.index]))),
        actions=actions,
        unknowns=tuple(say(f"negative.unknown.{gap}") for gap in [*gaps, "offer"]),
    )


def _claim(row: dict) -> Claim:
    """The claim of one measured row; ratios are against all others, money against zero."""
    money = row["unit"] == "money"
    section, source = MEASURES[row["measure"]]
    told = {name: row[name] for name in ("estimate", "ci_low", "ci_high")}
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


def _actions(segment: _Segment, found: _Found, fair: pd.DataFrame) -> tuple[Action, ...]:
    """Review; the surest sign known when one is won; what refusing by the rule would cost; whom the rule falls on."""
    advice = {"review": say("negative.action.review")}
    early = found.signs[found.signs["known"] == say("negative.known.at_acquisition")]
    if len(early):
        advice["early sign"] = say("negative.action.sign", **early.drop(columns="n").iloc[0])
    for row in found.exclusion[found.exclusion["refused"] == segment.text].to_dict("records"):
        shown = {name: row[name] for name in ("n", "paid", "forgone", "avoided", "saved")}
        advice["cost of being wrong"] = say(f"negative.action.{'wrong' if row['forgone'] else 'few'}", **shown)
    warned = fair.loc[fair["warning"], ["attribute", "value"]].to_dict("records")
    if warned:
        advice["fairness"] = say("negative.action.unfair", groups=[say("negative.who", **row) for row in warned])
    return tuple(Action(topic, text, (0,)) for topic, text in advice.items())


def _statement(
    balance: pd.DataFrame,
    looked: int,
    cards: tuple[Card, ...],
    chance: pd.DataFrame,
    members: pd.DataFrame,
    least: int,
) -> Text:
    """What was found, or why nothing could be; how many single customers are likely to cost; how many came back."""
    known = int(balance["margin"].notna().sum())
    if known == 0:
        return say("negative.statement.no_costs")
    if known < LEAST:
        return say("negative.statement.too_few", n=known, least=LEAST)
    names = [say("negative.statement.card", handle=card.handle, share=card.size.share) for card in cards]
    found = say("negative.statement.found", names=names) if cards else say("negative.statement.none", looked=looked)
    back = int((members["state"] == "back").sum())
    came_back = say("negative.statement.back", n=few(back, least)) if back else ""
    flagged = int((chance["probability"] >= FLAG).sum())
    if flagged < least:
        return sentences(found, came_back, say("negative.statement.few_flagged", least=least))
    return sentences(found, came_back, say("negative.statement.flagged", n=flagged, share=flagged / known))


def for_cards(negative: Negative | None) -> Handed:
    """The negative personas as cards of their own."""
    return Handed(cards=() if negative is None else negative.cards)
