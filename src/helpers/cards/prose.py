"""The prose of a card: a short summary and advice, each sentence from claims and naming them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal

from helpers.cards.claims import ALL_OTHERS, SURELY
from helpers.columns import WEEKEND, feature
from helpers.contracts import Action, Card, Claim, Grade, HypothesisResult, Line
from helpers.words import ENGLISH, Said, Text, say, sentences

Direction = Literal["more", "less"]
GRADES: tuple[Grade, ...] = ("weak", "moderate", "strong")
TOPICS = ("channel", "moment", "argument", "offer", "objections")
"""What claims give advice on."""
BRIEF = ("channel", "moment", "frequency", "argument", "offer", "price", "objections", "tone", "speaker", "referral",
         "proof")  # fmt: skip
"""What whoever wins customers has to know, in that order."""
BELIEVED = {"contact_pressure": "frequency", "relative_saving": "price", "referral_satisfaction": "referral",
            "importance_performance": "proof"}  # fmt: skip
"""The topic on which a belief advises about everybody."""
MINDS = ("drivers", "barriers", "mindset")
"""Sections in which people speak for themselves."""
WISHES = ("preferred_channel", "contact_hours")
"""Attributes by which customers say how they want to be reached; advice only where most of a group want the same."""
MOST = 0.5
"""What at least half of a group do or are may be said of it as a whole."""
TENTH = 0.05
"""A habit or an answer counts as half of a group's, to the nearest tenth, from so much under ``MOST`` on."""
FIRST = (*WISHES, "drivers")
"""What goes first of the advice on a topic: what they ask for, then what brings them."""
RIVALS = {"relative_saving": ("discount_share", "coupon_share")}
"""A belief about everybody is no advice for those of whom a firm claim says less of any of these columns."""
SENTENCES = 3
"""Sentences of a summary."""
NAMES = 3
"""Things that one sentence of advice names."""
PARTLY = {"channel": "channels", "moment": "moments"}
"""Topics that are told of a part of a group, too, and the section of the claims that tell them."""
PART = 0.25
"""So many at least make a part of a group that is worth a message of its own."""


def summarise(claims: tuple[Claim, ...]) -> Text:
    """Up to three short sentences, each from one firm claim and naming it: ``They come back more often. [2]``

    The firmest, what there is more of and the largest come first, one per section before a second of any; then in the
    order of the card.
    """
    firm = firm_of(claims)
    if not firm:
        return say("report.nothing_stands_out")
    chosen = sorted(list(dict.fromkeys([*_first_of_sections(claims, firm), *firm]))[:SENTENCES])
    return sentences(*(say("report.cited", sentence=_sentence(claims[i]), number=i + 1) for i in chosen))


def first_more(card: Card, section: str) -> int | None:
    """The index of the firmest claim of a section of which there is more in the group; None where none is firm."""
    told = (index for index in firm_of(card.claims) if card.claims[index].section == section)
    return next((index for index in told if direction_of(card.claims[index]) == "more"), None)


def firm_of(claims: tuple[Claim, ...]) -> list[int]:
    """Claims by weight that prose may rest on: firm, against all others, and true of more than a few members."""
    alone = {ALL_OTHERS, "zero"}
    return [
        index
        for index in ranked(claims)
        if claims[index].grade != "weak" and claims[index].of_most and claims[index].compared_with in alone
    ]


def ranked(claims: tuple[Claim, ...]) -> list[int]:
    """Claims by weight: firm before weak, this period before the next, more before less, the largest lifts first."""

    def weight(index: int) -> tuple[int, bool, bool, float]:
        claim = claims[index]
        later, less = claim.column.startswith("later_"), direction_of(claim) == "less"
        size = abs(math.log(claim.estimate)) if claim.unit == "lift" and claim.estimate > 0 else 0.0
        return -GRADES.index(claim.grade), later, less, -size

    return sorted(range(len(claims)), key=weight)


def _first_of_sections(claims: tuple[Claim, ...], ranked: list[int]) -> list[int]:
    """The first claim of each section, in the order given."""
    sections: dict[str, int] = {}
    for index in ranked:
        sections.setdefault(claims[index].section, index)
    return list(sections.values())


def _sentence(claim: Claim) -> Text:
    """A claim in the tone of the summary, or its own statement where the catalogue has no sentence for it."""
    matter, name = matter_of(claim)
    key = f"report.says.{matter}.{direction_of(claim)}"
    return say(key, name=name) if ENGLISH.has(key) else claim.statement


def advise(claims: tuple[Claim, ...]) -> tuple[Action, ...]:
    """Channel, moment, argument, offer and objections, only where a firm claim supports a sentence of the catalogue."""
    firm = firm_of(claims)
    actions = []
    for topic in TOPICS:
        found: dict[str, list[int]] = {}
        for index in filter(lambda index: may_advise(claims[index]), firm):
            key = f"report.action.{topic}.{matter_of(claims[index])[0]}.{_how_many(claims[index])}"
            other = {
                column for told, rows in found.items() if told != key for i in rows for column in _facts(claims[i])
            }
            if ENGLISH.has(key) and len(found.get(key, ())) < NAMES and not other & _facts(claims[index]):
                found.setdefault(key, []).append(index)
        found, too = _one_slot_each(found, claims)
        wished = sorted(found, key=lambda key: (*FIRST, key.split(".")[3]).index(key.split(".")[3]))
        advice = [
            say(f"{key}_too" if key in too else key, names=_distinct([matter_of(claims[i])[1] for i in found[key]]))
            for key in wished
        ]
        for key, also in too.items():
            found[key] = [*found[key], *also]
        if topic in PARTLY and not advice:
            found, advice = _of_a_part(topic, claims)
        if advice:
            said = {ENGLISH.tell(one): one for one in advice}  # two columns may call for the same
            because = tuple(sorted(index for rows in found.values() for index in rows))
            each = tuple(said.values())
            actions.append(Action(topic, sentences(*each), because, each[0] if len(each) > 1 else ""))
    return tuple(actions)


def _one_slot_each(
    found: dict[str, list[int]], claims: tuple[Claim, ...]
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """The advice on a topic without what only repeats a wish: who asks for the morning and buys in the morning is told
    so once. Second, by the key of the wish, the claims that say the same."""
    too: dict[str, list[int]] = {}
    for wish in [key for key in found if key.split(".")[3] in WISHES and ENGLISH.has(f"{key}_too")]:
        asked = {thing for index in found[wish] for thing in _things(claims[index])}
        for key in [key for key in found if key.split(".")[3] not in WISHES]:
            if {thing for index in found[key] for thing in _things(claims[index])} <= asked:
                too.setdefault(wish, []).extend(found[key])
    gone = {index for rows in too.values() for index in rows}
    return {key: rows for key, rows in found.items() if not gone.issuperset(rows)}, too


def _things(claim: Claim) -> set[str]:
    """What a claim on a channel, a day or a part of the day names, as users write it."""
    row = feature(claim.column)
    if row is None:
        return {str(value).casefold() for value in values_of(claim)}
    return {(row.name_in(claim.column) or claim.column.removesuffix("_share")).casefold()}


def _of_a_part(topic: str, claims: tuple[Claim, ...]) -> tuple[dict[str, list[int]], list[Text]]:
    """Where most of a group share nothing that sets them apart: what a firm claim says of the largest part of them, and
    what half of them want or do although the others do as much. Not known is only what no claim tells."""
    firm = [i for i in firm_of(claims) if repeat_of(claims[i]) != "lost" and direction_of(claims[i]) == "more"]
    known = [i for i, claim in enumerate(claims) if claim.section == PARTLY[topic] and not claim.bound]
    known = [i for i in known if direction_of(claims[i]) == "more" or claims[i].grade == "weak"]
    found, advice = {}, []
    for kind, among, least in (("part", firm, PART), ("level", known, MOST - TENTH)):
        keys = {i: f"report.action.{topic}.{matter_of(claims[i])[0]}.{kind}" for i in among if claims[i].shares}
        taken = {fact for rows in found.values() for i in rows for fact in _facts(claims[i])}
        told = [i for i in keys if ENGLISH.has(keys[i]) and claims[i].shares[0] >= least]
        told = [i for i in told if not taken & _facts(claims[i])]
        if told:
            best = max(told, key=lambda i: claims[i].shares[0])
            share, others = claims[best].shares
            found[keys[best]] = [best]
            advice.append(say(keys[best], names=[matter_of(claims[best])[1]], share=share, others=others))
    return found, advice


def twins(claims: tuple[Claim, ...]) -> dict[int, int]:
    """Claims that tell the fact of an earlier one by another column, by index, with the index of that one.

    Such are the mean and the median of an order, complaints and complaints per order, a Saturday of a weekend, the same
    answer against a neighbour.
    """
    first: dict[tuple[str, str | None], int] = {}
    found = {}
    for index, claim in enumerate(claims):
        keys = [(name, direction_of(claim)) for name in _told_of(claim)]
        if same := [first[key] for key in keys if key in first]:
            found[index] = min(same)
        for key in keys:
            first.setdefault(key, index)
    return found


def _told_of(claim: Claim) -> set[str]:
    """The facts that a claim tells, as names."""
    column = claim.column.removeprefix("later_")
    about, colon, values = column.partition(": ")
    if colon:
        return {f"{about}: {value}" for value in values.split(", ")}
    row = feature(column)
    if row is None:
        return {column}
    whole = {"weekend_share"} if column in WEEKEND else set()
    stands_for = {row.attribute} if feature(row.attribute) else set()
    return {column, *whole, *stands_for, *((row.rate[0],) if row.rate else ())}


def _distinct(names: list[Text]) -> list[Text]:
    """The names without those whose words another one holds: one thing that was asked twice."""
    told = [ENGLISH.tell(name).strip("“”") for name in names]
    return [
        name
        for at, name in enumerate(names)
        if not any(told[at] in other and (told[at] != other or i < at) for i, other in enumerate(told) if i != at)
    ]


def _facts(claim: Claim) -> set[str]:
    """The fact that a claim is about, and what it follows from: of two that share one, one is advice enough."""
    row = feature(claim.column)
    return {row.attribute or claim.column, *row.made_of} if row else {claim.column}


def may_advise(claim: Claim) -> bool:
    """Whether a claim says enough to act on: a wish that most of the group do not have says nothing of the group, and
    what was not seen again in later weeks may be gone."""
    return (matter_of(claim)[0] not in WISHES or of_half(claim)) and repeat_of(claim) != "lost"


def of_half(claim: Claim) -> bool:
    """Whether what a claim says is so of at least half of the group."""
    return claim.shares is not None and claim.shares[0] >= MOST


def of_many(claim: Claim) -> bool:
    """Whether a claim is about what half of the group do, to the nearest tenth; where it says less, about what they
    leave out. Of what is no share the medians tell (``of_most``)."""
    if claim.shares is None:
        return claim.of_most
    share = claim.shares[0]
    return (share if direction_of(claim) == "more" else 1 - share) >= MOST - TENTH


def repeat_of(claim: Claim) -> str:
    """Whether the weeks kept for tests show the same difference: ``held`` or ``lost``; empty where nobody looked."""
    if claim.repeated is None:
        return ""
    none = 1.0 if claim.unit == "lift" else 0.0
    alike = (claim.repeated.estimate > none) == (claim.estimate > none)
    return "held" if alike and claim.repeated.p_adjusted <= SURELY else "lost"


def _how_many(claim: Claim) -> str | None:
    """The direction of a claim; ``some`` where there is more, and of a part of the group only."""
    direction = direction_of(claim)
    if of_many(claim):
        return direction
    return "some" if direction == "more" else None


def brief_of(card: Card, hypotheses: Iterable[HypothesisResult], handed: Iterable[Line] = ()) -> tuple[Line, ...]:
    """The acquisition brief: what the card's claims advise, else what wings hand in, else what a belief that held says
    of everybody, else what would have to be asked.

    Where the group's own effect is known it takes the place of everybody's: open or the other way round it advises
    nothing.
    """
    known = {}
    for result in hypotheses:
        key = f"report.brief.belief.{result.id}.{result.verdict}"
        if not (ENGLISH.has(key) and result.effect is not None):
            continue
        topic, own = BELIEVED[result.id], _own_effect(card, result)
        if own is not None:
            if card.claims[own].grade != "weak" and direction_of(card.claims[own]) == "more":
                told = say(f"report.brief.own.{result.id}", estimate=card.claims[own].estimate)
                known.setdefault(topic, Line(topic, told, (own,)))
        elif not _contradicted(card, result):
            told = {
                "estimate": result.effect.estimate,
                "less": 1 - result.effect.estimate,
                "about": result.effect.label,
            }
            known.setdefault(topic, Line(topic, say(key, **told)))
    known |= {line.topic: line for line in handed}
    known |= {action.topic: Line(action.topic, action.text, action.because) for action in card.actions}
    asked = {
        topic: Line(topic, say("report.brief.not_known"), asks=say(f"report.brief.asks.{topic}")) for topic in BRIEF
    }
    return tuple((asked | known)[topic] for topic in BRIEF)


def _own_effect(card: Card, result: HypothesisResult) -> int | None:
    """The claim of the card on the same experiment; None where none is known."""
    places = (i for i, claim in enumerate(card.claims) if claim.section == "framing" and claim.column == result.id)
    return next(places, None)


def _contradicted(card: Card, result: HypothesisResult) -> bool:
    """Whether a firm claim of the card would advise the opposite of what was found of everybody."""
    firm, rivals = (card.claims[index] for index in firm_of(card.claims)), RIVALS.get(result.id, ())
    return any(claim.column in rivals and direction_of(claim) == "less" and of_many(claim) for claim in firm)


def direction_of(claim: Claim) -> Direction | None:
    """Whether the claim says more or less than the others; None where its unit does not tell."""
    if claim.unit == "lift":
        return "more" if claim.estimate > 1 else "less"
    if claim.unit == "points" or claim.unit.startswith("difference ("):
        return "more" if claim.estimate > 0 else "less"
    return None


def matter_of(claim: Claim) -> tuple[str, Text]:
    """What a claim is about as the catalogue names it, and the name for the sentence: ``weekday``, ``Monday``."""
    stem = claim.column.removesuffix("_share")
    if row := feature(claim.column):
        if row.wording == "day":
            return "weekday", say(f"report.weekday.{stem}")
        if row.attribute == "daypart":
            return "daypart", say(f"report.daypart.{stem}")
        return row.wording or claim.column, row.name_in(claim.column).replace("_", " ")
    if claim.section in MINDS:
        return claim.section, say("report.quoted", words=own_words(claim))
    if claim.source == "customers" and ": " in claim.column:
        return claim.column.partition(": ")[0], say("report.listed", names=values_of(claim))
    return claim.column, claim.column


def values_of(claim: Claim) -> tuple[Text, ...]:
    """The values of an attribute that a claim on it names, the most frequent first."""
    name = _parts(claim).get("name")
    if not isinstance(name, Said):
        return tuple(claim.column.partition(": ")[2].split(", "))
    values = name.values.get("values") or (name.values.get("value", claim.column.partition(": ")[2]),)
    return tuple(value.values["value"] if isinstance(value, Said) else value for value in values)


def _parts(claim: Claim) -> dict[str, Any]:
    """What a statement is made of, of its first sentence where it has several; nothing where it is text."""
    said = claim.statement
    while isinstance(said, Said) and said.key == "personas.then":
        said = said.values["first"]
    return said.values if isinstance(said, Said) else {}


def own_words(claim: Claim) -> Text:
    """People's own words, as a statement quotes them; the name of the answer where it quotes none."""
    if claim.about:
        return claim.about
    values = _parts(claim)
    quoted = values.get("says") or values.get("code") or values.get("name")
    if isinstance(quoted, Said) and "value" in quoted.values:
        quoted = quoted.values["value"]
    return quoted or claim.column.rpartition(": ")[2].replace("_", " ")
