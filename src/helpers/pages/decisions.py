"""What the page says first: the largest finding as a headline, and three decisions for this month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import get_args

from helpers.beliefs.verdict import is_lead
from helpers.cards.naming import reached_by, structural, who_of
from helpers.cards.prose import direction_of, firm_of, matter_of
from helpers.columns import WON_BY
from helpers.contracts import Card, Claim, Decision, Effect, HypothesisResult, Line, Structure, Verdict
from helpers.pages.queue import queue, ready_in_order
from helpers.words import Text, say, sentences

VERDICTS = get_args(Verdict)
DECISIONS = 3
FOUND_BY = ("speaker", "channel", "moment")
"""What tells where more of a group can be found, the most telling first."""
CONCENTRATED = 1.25
"""A group brings clearly more than its share of customers from so many times on."""
WON = f"{WON_BY}: "
"""How the column of a claim on one way of winning customers begins."""
ACTED_ON = ("importance_performance", "relative_saving", "bad_experience", "contact_pressure", "referral_satisfaction")
"""Beliefs that tell by themselves what to do, the dearest first."""


@dataclass(frozen=True)
class Front:
    """What stands before all else: the finding, what kind of groups there are and who carries the shop, what to do."""

    headline: Text
    kind: Text
    groups: Text
    decisions: tuple[Decision, ...]
    ask: Text
    beliefs: Text
    judged: Text
    tests: tuple[Text, ...] = ()


def front(cards: tuple[Card, ...], results: tuple[HypothesisResult, ...], structure: Structure) -> Front:
    """The first screen of the page; ``cards`` and ``results`` as they are told."""
    todo = decisions(cards, results)
    return Front(
        headline(cards, results, structure),
        say(f"report.so_what.{structure.kind.replace(' ', '_')}", k=structure.k),
        _carried(cards),
        todo,
        _ask_next(cards) if all(one.because or one.card is None or _tried(one, cards) for one in todo) else "",
        *counted(results),
        tests=queue(cards),
    )


def _tried(decision: Decision, cards: tuple[Card, ...]) -> bool:
    """Whether a decision is to run the test of a card, and not to ask its people."""
    return any(card.experiment is not None for card in cards if card.id == decision.card)


def _ask_next(cards: tuple[Card, ...]) -> Text:
    """The question that whoever wins more of the best group has no answer to: where to find them before all else;
    empty where nothing is open."""
    first = best(cards)
    line = _open_line(first) if first is not None else None
    return "" if line is None else say("report.decision.ask_next", name=first.name, question=line.asks)


def _open_line(card: Card) -> Line | None:
    """The line of a card's brief that nobody can fill yet and that tells most of where such people are found."""
    lines = [line for line in card.brief if line.asks]
    at = {topic: place for place, topic in enumerate(FOUND_BY)}
    return min(lines, key=lambda line: at.get(line.topic, len(at)), default=None)


def _carried(cards: tuple[Card, ...]) -> Text:
    """Who brings most for their number, and who are most and what they leave."""
    first = best(cards)
    if first is None or (_brings(first) or 0.0) < CONCENTRATED * first.size.share:
        return ""
    largest = max((card for card in cards if card.kind != "negative"), key=lambda card: card.size.share)
    if largest is first:
        return say("report.headline.only", best=first.name)
    names = {"best": first.name, "largest": largest.name}
    if largest.worth is None:
        return say("report.headline.groups", **names)
    return say("report.headline.left", left=largest.worth.left_each, **names)


def counted(results: tuple[HypothesisResult, ...]) -> tuple[Text, Text]:
    """How the verdicts fall and what would come out if nothing were true, and how they are judged together.

    Descriptions count for nothing.
    """
    described = sum(result.description for result in results)
    results = tuple(result for result in results if not result.description)
    if not results:
        return say("report.so_what.no_beliefs"), ""
    counts = Counter("lead" if is_lead(result) else result.verdict for result in results)
    parts = [
        say(f"report.so_what.counts.{v}", n=counts[v]) for v in (*VERDICTS[:2], "lead", *VERDICTS[2:]) if counts[v]
    ]
    said = [say("report.so_what.beliefs", total=len(results), verdicts=parts)]
    if described:
        said.append(say("report.so_what.described", n=described))
    tested = [result for result in results if result.p_value is not None]
    if tested:
        said.append(say("report.so_what.by_chance", n=len(tested), chance=round(0.05 * len(tested), 1)))
    confirmatory = sum(result.confirmatory for result in tested)
    kinds = (("confirmatory", confirmatory), ("screens", len(tested) - confirmatory))
    return sentences(*said), sentences(*(say(f"report.so_what.{name}", n=n) for name, n in kinds if n))


def headline(cards: tuple[Card, ...], results: tuple[HypothesisResult, ...], structure: Structure) -> Text:
    """The largest finding in a number: who brings most for their number, else how many there are, else what held."""
    first = best(cards)
    if first is None:
        tested = [one for one in results if one.verdict != "not testable" and not one.description]
        held = sum(result.verdict in ("supported", "reversed") and not is_lead(result) for result in tested)
        return say("report.headline.beliefs", held=held, tested=len(tested), all=len(results))
    share, brings, what = first.size.share, _brings(first), "profit" if first.worth else "revenue"
    if brings is None or brings < CONCENTRATED * share:
        clustered = [card for card in cards if card.kind != "negative" and not structural(card)]
        largest = max(clustered, key=lambda card: card.size.share)
        key = "most" if brings is None else "largest"  # without sales nobody knows who brings what
        return say(f"report.headline.{key}", name=largest.name, share=largest.size.share, k=structure.k)
    if brings > 1:
        return say(f"report.headline.all_{what}", share=share)
    return say(f"report.headline.{what}", share=share, brings=brings)


def best(cards: tuple[Card, ...]) -> Card | None:
    """Who brings most for their number: of the profit, else of the revenue; the largest where neither is known."""
    found = [card for card in cards if card.kind != "negative" and not structural(card)]
    if not found:
        return None
    return max(found, key=lambda card: ((_brings(card) or 0.0) / card.size.share, card.size.share))


def _brings(card: Card) -> float | None:
    """The group's share of the profit, or of the revenue where costs are not known."""
    return card.size.revenue_share if card.worth is None else card.worth.profit_share


def decisions(cards: tuple[Card, ...], results: tuple[HypothesisResult, ...]) -> tuple[Decision, ...]:
    """Up to three things to do: whom to win more of, whom to look at again, what to try, what to mend, what to ask.

    Each is of another kind and follows from claims of a card or from a belief. What a randomised test showed is sure,
    and so is a loss on many people whom no rule had seen; what was observed is likely; what a test has to show is open.
    """
    return tuple(decision for decision, _ in zip(_candidates(cards, results), range(DECISIONS), strict=False))


def _candidates(cards: tuple[Card, ...], results: tuple[HypothesisResult, ...]) -> Iterator[Decision]:
    first, reviewed = best(cards), [card for card in cards if card.kind == "negative"]
    if first is not None and (_brings(first) or 0.0) >= CONCENTRATED * first.size.share:
        yield _win(first, reviewed)
    yield from (_review(card) for card in reviewed[:1])
    yield from (_try(card) for card in ready_in_order(cards)[:1])
    held = {result.id: result for result in results if result.verdict == "supported"}
    for name in ACTED_ON:
        if name in held:
            lots = held[name].arm_source == "randomised"
            sure = "open" if is_lead(held[name]) else "sure" if lots else "likely"
            effect = told_effect(held[name])
            text = say(
                f"report.decision.{name}", estimate=effect.estimate, less=1 - effect.estimate, about=effect.label
            )
            yield Decision(text, None, (name,), sure)
    for card in cards if first is None else (first, *cards):
        line = _open_line(card)
        if line is not None:
            yield Decision(say("report.decision.ask", name=card.name, question=line.asks), card.id, (), "open")
            return


def _win(card: Card, reviewed: list[Card]) -> Decision:
    """Win more of those who bring most: who they are, where they are found, how they are reached.

    Where more of them are won a claim has to say, and never the way whose customers cost more than they bring.
    """
    what = "profit" if card.worth else "revenue"
    left = card.worth.left_each if card.worth else None
    how = [action for action in card.actions if action.topic in ("channel", "moment")]
    costly = {one.claims[at].column for one in reviewed if (at := _way(one)) is not None}
    won = [at for at in firm_of(card.claims) if card.claims[at].column.startswith(WON) and _more(card.claims[at])]
    dear = [at for at in won if card.claims[at].column in costly]
    won = [at for at in won if at not in dear]
    parts = [say(f"report.decision.win_{what}", name=card.name, share=card.size.share, brings=_brings(card), left=left)]
    parts += [who_of(card.claims)]
    parts += [_found(card.claims[won[0]]) if won else _not_found(card, dear)]
    parts += [reached] if (reached := reached_by(card.claims)) else [action.first or action.text for action in how]
    because = [*won[:1], *(index for action in how for index in action.because)]
    return Decision(sentences(*parts), card.id, tuple(because), "likely")


def _more(claim: Claim) -> bool:
    """Whether there is more of it in the group."""
    return direction_of(claim) == "more"


def _not_found(card: Card, dear: list[int]) -> Text:
    """Why no way can be named by which more of a group are won: it costs more than it brings (``dear``), none brings
    more of them, or none is on record."""
    if dear:
        return say("report.decision.found_costly", way=matter_of(card.claims[dear[0]])[1])
    known = any(claim.column.startswith(WON) for claim in card.claims)
    return say(f"report.decision.found_{'even' if known else 'nowhere'}")


def _found(claim: Claim) -> Text:
    """By which way of winning customers more of a group come, with both shares where they are known."""
    way, shares = matter_of(claim)[1], claim.shares
    if shares is None:
        return say("report.decision.found_by", way=way)
    return say("report.decision.found", way=way, share=shares[0], others=shares[1])


def _way(card: Card) -> int | None:
    """The claim on the way of winning customers that costs more than it brings; None where the card has none."""
    return next((at for at, claim in enumerate(card.claims) if claim.column.startswith(WON) and claim.unit == "money"),
                None)  # fmt: skip


def _review(card: Card) -> Decision:
    """Look again at those who cost more than they bring, before winning more of them: first at the way of winning them
    that does, where one is known, since that is what is paid for."""
    loss, way = card.claims[0], _way(card)
    segment = {"name": card.name, "share": card.size.share, "loss": loss.estimate}
    if way is not None:
        claim = card.claims[way]
        named = claim.column.removeprefix(WON)
        said = say("report.decision.review_way", way=named, says=claim.statement)
        return Decision(sentences(said, say("report.decision.then", **segment)), card.id, (way, 0), "likely")
    early = next((action.first or action.text for action in card.actions if action.topic == "early sign"), "")
    said = say("report.decision.review", **segment)
    return Decision(sentences(said, early), card.id, (0,), "sure" if loss.grade == "strong" else "likely")


def _try(card: Card) -> Decision:
    """Run the test that is ready and comes first."""
    test = card.experiment
    said = say(
        "report.decision.try",
        name=card.name,
        title=test["title"],
        do=test["do"],
        base=test["base"],
        n=test["n_per_arm"],
        weeks=test["weeks"],
        smallest=test["smallest_change"],
    )
    return Decision(said, card.id, (), "open")


def what_it_changes(result: HypothesisResult) -> tuple[int, bool, int, bool]:
    """The order of beliefs: by verdict, leads after what holds, then what tells by itself what to do, then what lots
    showed."""
    acted = ACTED_ON.index(result.id) if result.id in ACTED_ON else len(ACTED_ON)
    return (
        max(VERDICTS.index(result.verdict), is_lead(result)),
        is_lead(result),
        acted,
        result.arm_source != "randomised",
    )


def told_effect(result: HypothesisResult) -> Effect:
    """The effect that is told: as a difference of shares where there is one of the same."""
    of = "" if result.effect is None else result.effect.label
    same = (effect for effect in result.effects if effect.measure == "risk difference" and effect.label == of)
    return next(same, result.effect)


def with_names(result: HypothesisResult, cards: tuple[Card, ...]) -> HypothesisResult:
    """A result whose arms and effect are named by the names of personas, where programs read their ids."""

    def called(label: str) -> str:
        for card in cards:
            label = label.replace(card.id, card.name)
        return label

    effect = None if result.effect is None else replace(result.effect, label=called(result.effect.label))
    effects = tuple(replace(one, label=called(one.label)) for one in result.effects)
    return replace(result, effect=effect, effects=effects, n={called(arm): n for arm, n in result.n.items()})
