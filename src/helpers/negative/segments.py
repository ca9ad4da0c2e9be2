"""Whom not to court: margin, returns, complaints and cost per group as tested claims; the output is "review".

One customer's own balance is mostly luck (an observed loss is wrong about half the time), so single customers are only
flagged after shrinkage, and claims are made about segments: a short readable rule is grown on one half of the customers
and everything that is said of it is measured on the other half.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from sklearn.metrics import balanced_accuracy_score
from statsmodels.stats.proportion import proportion_confint

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
    matches,
    meets,
    phrase,
    recognised_by,
    rule_text,
    rule_traits,
)
from helpers.negative.worksheet import belongs, fairness, missing, prospects, worksheet
from helpers.negative.worth import (
    FLAG,
    MEASURES,
    NULL,
    chance_of_loss,
    contribution,
    mean_parts,
    measure,
    order_variance,
    outcomes,
    reviewed,
)
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.words import NOT_KNOWN, Words

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
    early_signs : how well single traits tell customers who cost more than they bring (``rule.recognised_by``).
    exclusion : what refusing by each rule and each early sign would have cost (``rule.exclusion``).
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
    unknowns: tuple[str, ...]
    statement: str


@dataclass(frozen=True)
class _Segment:
    """A rule that was tested: who meets it (of all customers), and what was measured on the unseen half."""

    rule: Conditions
    text: str
    inside: pd.Series
    measured: pd.DataFrame


@dataclass(frozen=True)
class _Found:
    """All that was looked for: segments by their rules, those that lose money by card id, and single signs."""

    segments: list[_Segment]
    losing: dict[str, _Segment]
    signs: pd.DataFrame
    exclusion: pd.DataFrame


def negative_personas(
    customers: Customers,
    tables: LoadedTables,
    personas: Personas,
    study: Study,
    words: Words,
    previous: Collection[str] = (),
) -> Negative:
    """Find, test and describe the segments that cost more than they bring.

    Contribution margin = revenue - returns - cost of goods - cost to serve - acquisition, over the whole window.
    Without known costs, or with fewer than 200 customers, there is no card, and the statement says why.

    previous : customer_ids under review when the last publication was made.
    """
    least, frames = study.privacy.min_cell, tables.frames
    balance = contribution(customers)
    values = outcomes(customers, balance, frames)
    traits = rule_traits(customers, study)
    grown, unseen = halves(balance.index[balance["contribution"].notna()], study.seed)
    found = _search(traits, values, balance["contribution"], grown, unseen, study, words)
    chance = chance_of_loss(balance, order_variance(frames["sales"], customers))
    members = reviewed({name: part.inside for name, part in found.losing.items()}, chance, previous)
    fair = fairness(customers, members.loc[members["negative"].notna(), "customer_id"], study)
    unknowns = missing(customers, frames, words)
    describe = partial(
        _card, found=found, customers=customers, traits=traits, fair=fair, unknowns=unknowns, words=words
    )
    cards = tuple(describe(name, loses=balance.loc[unseen, "contribution"] < 0) for name in found.losing)
    groups = {group.handle: belongs(values.index, personas, group.id) for group in personas.groups}
    table = _looked_at(found.segments, groups, values)
    shown = {words.say("negative.everybody"): balance.index}
    shown |= {card.handle: unseen[found.losing[card.id].inside[unseen]] for card in cards}
    shown |= {name: inside.index[inside] for name, inside in groups.items()}
    return Negative(
        cards=cards,
        parts=mean_parts(balance, shown, least),
        segments=table[table["n"] >= least].drop(columns="p_value").reset_index(drop=True),
        early_signs=found.signs,
        exclusion=found.exclusion,
        members=members,
        worksheet=worksheet(customers, tables, personas, cards, study, words),
        prospects=prospects(customers, frames, least),
        fairness=fair,
        unknowns=tuple(words.say(f"negative.missing.{gap}") for gap in unknowns),
        statement=_statement(balance, len(found.segments), cards, chance, members, study, words),
    )


def _search(
    traits: pd.DataFrame,
    values: pd.DataFrame,
    brought: pd.Series,
    grown: pd.Index,
    unseen: pd.Index,
    study: Study,
    words: Words,
) -> _Found:
    """Rules and early signs, found on one half of the customers and measured on the other; none where there are few."""
    least, loses = study.privacy.min_cell, brought < 0
    enough = len(grown) + len(unseen) >= LEAST
    rules = grow_rules(traits.loc[grown], loses[grown], study.seed) if enough else ()
    early = find_signs(traits.loc[grown], loses[grown], study.seed) if enough else ()
    segments = _tested(rules, traits, values.loc[unseen], words)
    losing = {f"negative-{n}": part for n, part in enumerate((s for s in segments if _is_negative(s, study)), 1)}
    own = [condition for segment in losing.values() for condition in segment.rule]
    refused = {segment.text: segment.inside for segment in segments}
    refused |= {rule_text((sign,), words): meets(traits, sign) for sign in early}
    return _Found(
        segments,
        losing,
        recognised_by(tuple(dict.fromkeys([*own, *early])), traits, loses[unseen], least, words),
        exclusion(refused, brought[unseen], least, words),
    )


def _looked_at(segments: list[_Segment], groups: dict[str, pd.Series], values: pd.DataFrame) -> pd.DataFrame:
    """What was measured of every segment: rules first, then personas."""
    looked = [segment.measured for segment in segments]
    looked += [pd.DataFrame(measure(name, values, inside), columns=SEGMENT) for name, inside in groups.items()]
    return pd.concat(looked, ignore_index=True)


# --- segments ---------------------------------------------------------------------------------------------------


def _tested(rules: tuple[Conditions, ...], traits: pd.DataFrame, values: pd.DataFrame, words: Words) -> list[_Segment]:
    """Every rule with what the unseen half says of it; p-values are corrected over all of them (Holm 1979).

    A rule made of the acquisition cost says nothing new about it: no p-value there. Returns and complaints of a rule
    are earlier ones, those measured come later, so that they test whether the trait lasts.
    """
    segments = []
    for rule in rules:
        text, inside = rule_text(rule, words), matches(traits, rule)
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
    words: Words,
) -> Card:
    """A negative persona: who meets the rule, what the unseen half says of them, and what it would cost to be wrong.

    loses : of the unseen half, who brought less than they cost.
    """
    segment = found.losing[name]
    claims = tuple(_claim(row, words) for row in segment.measured.dropna(subset="estimate").to_dict("records"))
    grades = sorted((claim.grade for claim in claims), key=("weak", "moderate", "strong").index)
    everybody = len(customers.features) + len(customers.no_order)
    n = int(segment.inside.sum())
    low, high = proportion_confint(n, everybody, method="wilson")
    spend = customers.features.set_index("customer_id")["spend"]
    met = sum(meets(traits, condition).astype(int) for condition in segment.rule)
    handle = ", ".join(phrase(condition, words, "short") for condition in segment.rule[:2])
    actions = _actions(segment, found, fair, words)
    gaps = [gap for gap in unknowns if gap in ("service_cost", "acquisition_cost", "team")]
    gaps += [] if any(action.topic == "early sign" for action in actions) else ["sign"]
    return Card(
        id=name,
        kind="negative",
        name=words.say("negative.name", number=name.rpartition("-")[2]),
        handle=handle[:1].upper() + handle[1:],
        summary=words.say("negative.summary", share=words.percent(n / everybody), loss=claims[0].statement),
        size=Size(n, n / everybody, float(low), float(high), float(spend[segment.inside].sum() / spend.sum())),
        stability=Stability(None, None),
        prevalence=tuple(float((met >= least).mean()) for least in range(1, len(segment.rule) + 1)),
        grade=grades[(len(grades) - 1) // 2],
        claims=claims,
        rule=Rule(segment.text, float(balanced_accuracy_score(loses, segment.inside[loses.index]))),
        actions=actions,
        unknowns=tuple(words.say(f"negative.unknown.{gap}") for gap in [*gaps, "offer"]),
    )


def _claim(row: dict, words: Words) -> Claim:
    """The claim of one measured row; ratios are against all others, money against zero."""
    money = row["unit"] == "money"
    section, source = MEASURES[row["measure"]]
    return claim_of(
        row | {"lift": row["estimate"], "measure": "difference" if money else "lift"},
        "defining" if np.isnan(row["p_adjusted"]) else "held out",
        section=section,
        statement=words.say(
            f"negative.claim.{row['measure']}.{direction(row, NULL[row['unit']])}",
            estimate=words.money(row["estimate"]) if money else words.times(row["estimate"]),
            interval=words.interval(row["ci_low"], row["ci_high"], "money" if money else "times"),
        ),
        source=source,
        column=row["measure"],
        unit=row["unit"],
        compared_with="zero" if money else "all others",
    )


def _actions(segment: _Segment, found: _Found, fair: pd.DataFrame, words: Words) -> tuple[Action, ...]:
    """Review; the surest sign known when one is won; what refusing by the rule would cost; whom the rule falls on."""
    advice = {"review": words.say("negative.action.review")}
    early = found.signs[found.signs["known"] == words.say("negative.known.at_acquisition")]
    if len(early):
        sign = early.drop(columns="n").iloc[0].to_dict()
        advice["early sign"] = words.say("negative.action.sign", **sign)
    for row in found.exclusion[found.exclusion["refused"] == segment.text].to_dict("records"):
        kind = "few" if row["forgone"] == NOT_KNOWN else "wrong"
        advice["cost of being wrong"] = words.say(f"negative.action.{kind}", **row)
    warned = [f"{row.attribute} “{words.theirs(row.value)}”" for row in fair[fair["warning"]].itertuples()]
    if warned:
        advice["fairness"] = words.say("negative.action.unfair", groups=words.listing(warned))
    return tuple(Action(topic, text, (0,)) for topic, text in advice.items())


def _statement(
    balance: pd.DataFrame,
    looked: int,
    cards: tuple[Card, ...],
    chance: pd.DataFrame,
    members: pd.DataFrame,
    study: Study,
    words: Words,
) -> str:
    """What was found, or why nothing could be; how many single customers are likely to cost; how many came back."""
    known, least = int(balance["margin"].notna().sum()), study.privacy.min_cell
    if known == 0:
        return words.say("negative.statement.no_costs")
    if known < LEAST:
        return words.say("negative.statement.too_few", n=words.number(known), least=words.number(LEAST))
    if cards:
        names = words.listing([f"“{card.handle}” ({words.percent(card.size.share)})" for card in cards])
        found = words.say("negative.statement.found", names=names)
    else:
        found = words.say("negative.statement.none", looked=words.number(looked))
    back = int((members["state"] == "back").sum())
    if back:
        n = words.number(back) if back >= least else words.say("negative.fewer", least=words.number(least))
        found = f"{found} {words.say('negative.statement.back', n=n)}"
    flagged = int((chance["probability"] >= FLAG).sum())
    if flagged < least:
        return f"{found} {words.say('negative.statement.few_flagged', least=words.number(least))}"
    share = words.percent(flagged / known)
    return f"{found} {words.say('negative.statement.flagged', n=words.number(flagged), share=share)}"


def for_cards(negative: Negative | None) -> Handed:
    """The negative personas as cards of their own."""
    return Handed(cards=() if negative is None else negative.cards)
