"""What a card is called and its essence: phrases of the language, made of the strongest claims on different facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from helpers.cards.prose import WISHES, direction_of, firm_of, matter_of, of_half, of_many, own_words, values_of
from helpers.columns import attribute, feature
from helpers.contracts import Card, Claim
from helpers.types.pool import NO_ORDER, ONE_ORDER
from helpers.words import ENGLISH, Text, say, sentences

SLOTS = ("time", "what", "where")
"""What a name is made of: when somebody buys, how, and through what. Two of them make a name."""
FAR = 1.25
"""Only what is so many times as frequent as among the others names anybody."""
WAYS, WORDS = 3, 12
"""Ways of buying in an essence, and the longest answer (in words) that it quotes."""
LONGEST = 30
"""Words of an essence."""
TWICE = 2.0
"""Who most of a group are is worth its essence where that is so many times as frequent as among the others."""


def structural(card: Card) -> bool:
    """Whether a card is of a group by rule: no order yet, one order."""
    return card.id in (NO_ORDER, ONE_ORDER)


def named(cards: Iterable[Card]) -> tuple[Card, ...]:
    """The cards with their names as phrases: of two that would be called alike, the second has its number too.

    A group by rule, and one on which no claim names anything, is called by its handle.
    """
    taken: set[Text] = set()
    found = []
    for card in cards:
        phrase = _phrase(card.claims) if card.kind != "negative" and not structural(card) else ""
        name = phrase or card.handle or card.name
        if name in taken:
            name = say("report.phrase.again", name=name, kind=card.name)
        taken.add(name)
        found.append(replace(card, name=name))
    return tuple(found)


def _phrase(claims: tuple[Claim, ...]) -> Text:
    """``The evening coupon shopper``: the firmest claim of each slot; empty where none of them makes a name.

    Nothing that a minority does names the group.
    """
    parts: dict[str, Text] = {}
    for claim in filter(far, (claims[index] for index in firm_of(claims) if of_many(claims[index]))):
        matter, name = matter_of(claim)
        for slot in SLOTS:
            for about in (claim.column, matter):
                key = f"report.phrase.{slot}.{about}.{direction_of(claim)}"
                if slot not in parts and ENGLISH.has(key):
                    parts[slot] = say(key, name=name)
    slots = [slot for slot in SLOTS if slot in parts][:2]
    made = f"report.phrase.of.{'_'.join(slots)}"
    return say(made, **{slot: parts[slot] for slot in slots}) if ENGLISH.has(made) else ""


def essence(claims: tuple[Claim, ...]) -> Text:
    """Up to thirty words: who most of them are, how they buy, how they ask to be reached, what is on their minds.

    Each where a firm claim says so, in the order of that list; what would be too long is left out.
    """
    firm = [claims[index] for index in firm_of(claims) if of_many(claims[index])]
    ways: dict[str, Text] = {}
    for claim in firm:
        matter, name = matter_of(claim)
        key = f"report.essence.way.{matter}.{direction_of(claim)}"
        if far(claim) and ENGLISH.has(key):
            ways.setdefault(_fact(claim), say(key, name=name))
    minds = [
        say(f"report.essence.{claim.section}", words=matter_of(claim)[1])
        for section in ("mindset", "barriers", "drivers")
        for claim in firm
        if claim.section == section and direction_of(claim) == "more" and _short(claim)
    ][:1]
    who, reached = who_of(claims), reached_by(claims)
    bought = say("report.essence.buys", ways=list(ways.values())[: WAYS - bool(who)]) if ways else ""
    told: Text = ""
    for part in (who, bought, reached, *minds):
        longer = sentences(told, part)
        if len(ENGLISH.tell(longer).split()) <= LONGEST:
            told = longer
    return told


def who_of(claims: tuple[Claim, ...]) -> Text:
    """``Mostly: office manager, assistant and director``: an attribute in which most of them differ from the others.

    Nothing that is protected by itself (age, sex, country) says who they are.
    """
    for claim in (claims[index] for index in firm_of(claims)):
        row = attribute(matter_of(claim)[0])
        told = claim.source == "customers" and claim.section == "profile" and claim.unit == "lift"
        if told and ": " in claim.column and not row.protected and claim.estimate >= TWICE and of_half(claim):
            return say("report.essence.who", names=values_of(claim))
    return ""


def reached_by(claims: tuple[Claim, ...]) -> Text:
    """How and when most of them ask to be reached."""
    firm = [claims[index] for index in firm_of(claims) if of_many(claims[index])]
    wishes = {
        name: claim for claim in firm if (name := matter_of(claim)[0]) in WISHES and far(claim) and of_half(claim)
    }
    wishes = {name: claim for name, claim in wishes.items() if claim.estimate > 1}
    told = {name: values_of(claim) for name, claim in wishes.items()}
    kind = "both" if len(told) == len(WISHES) else next(iter(told), "")
    return say(f"report.essence.reached.{kind}", **told) if kind else ""


def far(claim: Claim) -> bool:
    """Whether a claim sets the group apart enough to name or picture it."""
    return claim.unit == "lift" and claim.estimate > 0 and max(claim.estimate, 1 / claim.estimate) >= FAR


def _fact(claim: Claim) -> str:
    """The fact that a claim tells of: a column, its mirror and its later repeat are one."""
    column = claim.column.removeprefix("later_")
    row = feature(column)
    return (row.attribute or row.wording or column) if row else column


def _short(claim: Claim) -> bool:
    """Whether the answer that a claim quotes fits into a line; words of the codebook do."""
    said = own_words(claim)
    return not isinstance(said, str) or len(said.split()) <= WORDS
