"""The prose of a card: a short summary and advice, each sentence from claims and naming them."""

from __future__ import annotations

import math
import re
from typing import Literal

from helpers.cards.claims import ALL_OTHERS
from helpers.columns import feature
from helpers.contracts import Action, Card, Claim, Grade
from helpers.words import ENGLISH, Said, Text, say, sentences

Direction = Literal["more", "less"]
GRADES: tuple[Grade, ...] = ("weak", "moderate", "strong")
TOPICS = ("channel", "moment", "argument", "offer", "objections")
SENTENCES = 3
"""Sentences of a summary."""
NAMES = 3
"""Things that one sentence of advice names."""


def summarise(claims: tuple[Claim, ...]) -> Text:
    """Up to three short sentences, each from one firm claim and naming it: ``They come back more often. [2]``

    The firmest, what there is more of and the largest come first, one per section before a second of any; then in the
    order of the card.
    """
    firm = _firm(claims)
    if not firm:
        return say("report.nothing_stands_out")
    chosen = sorted(list(dict.fromkeys([*_first_of_sections(claims, firm), *firm]))[:SENTENCES])
    return sentences(*(say("report.cited", sentence=_sentence(claims[i]), number=i + 1) for i in chosen))


def key_claims(card: Card) -> list[int]:
    """The claims that a card shows first: those that its prose and advice name, and the first of every section.

    card : as it is told; its summary names claims by ``[1]``.
    """
    cited = {int(number) - 1 for number in re.findall(r"\[(\d+)\]", card.summary)}
    cited |= {index for action in card.actions for index in action.because}
    first = _first_of_sections(card.claims, _ranked(card.claims))
    return sorted((cited | set(first)) & set(range(len(card.claims))))


def _firm(claims: tuple[Claim, ...]) -> list[int]:
    """Claims by weight that prose may rest on: firm, against all others, and true of more than a few members."""
    alone = {ALL_OTHERS, "zero"}
    return [
        index
        for index in _ranked(claims)
        if claims[index].grade != "weak" and claims[index].of_most and claims[index].compared_with in alone
    ]


def _ranked(claims: tuple[Claim, ...]) -> list[int]:
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
    matter, name = _matter(claim)
    key = f"report.says.{matter}.{direction_of(claim)}"
    return say(key, name=name) if ENGLISH.has(key) else claim.statement


def advise(claims: tuple[Claim, ...]) -> tuple[Action, ...]:
    """Channel, moment, argument, offer and objections, only where a firm claim supports a sentence of the catalogue."""
    firm = _firm(claims)
    actions = []
    for topic in TOPICS:
        found: dict[str, list[int]] = {}
        for index in firm:
            key = f"report.action.{topic}.{_matter(claims[index])[0]}.{direction_of(claims[index])}"
            if ENGLISH.has(key) and len(found.get(key, ())) < NAMES:
                found.setdefault(key, []).append(index)
        advice = [say(key, names=[_matter(claims[i])[1] for i in rows]) for key, rows in found.items()]
        if advice:
            said = {ENGLISH.tell(one): one for one in advice}  # two columns may call for the same
            because = tuple(sorted(index for rows in found.values() for index in rows))
            actions.append(Action(topic, sentences(*said.values()), because))
    return tuple(actions)


def direction_of(claim: Claim) -> Direction | None:
    """Whether the claim says more or less than the others; None where its unit does not tell."""
    if claim.unit == "lift":
        return "more" if claim.estimate > 1 else "less"
    if claim.unit == "points" or claim.unit.startswith("difference ("):
        return "more" if claim.estimate > 0 else "less"
    return None


def _matter(claim: Claim) -> tuple[str, Text]:
    """What a claim is about as the catalogue names it, and the name for the sentence: ``weekday``, ``Monday``."""
    stem = claim.column.removesuffix("_share")
    if row := feature(claim.column):
        if row.wording == "day":
            return "weekday", say(f"report.weekday.{stem}")
        if row.attribute == "daypart":
            return "daypart", say(f"report.daypart.{stem}")
        return row.wording or claim.column, row.name_in(claim.column).replace("_", " ")
    if claim.section in ("drivers", "barriers", "mindset"):
        return claim.section, say("report.quoted", words=_own_words(claim))
    return claim.column, claim.column


def _own_words(claim: Claim) -> Text:
    """People's own words, as a statement quotes them; the name of the answer where it quotes none."""
    values = claim.statement.values if isinstance(claim.statement, Said) else {}
    quoted = values.get("says") or values.get("code") or values.get("name")
    if isinstance(quoted, Said) and "value" in quoted.values:
        quoted = quoted.values["value"]
    return quoted or claim.column.rpartition(": ")[2].replace("_", " ")
