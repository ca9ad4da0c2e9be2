"""The prose of a card: a short summary and advice, each sentence from claims and naming them."""

from __future__ import annotations

import math
import re
from typing import Literal

from helpers.contracts import Action, Card, Claim, Grade
from helpers.customers.features import DAYS
from helpers.words import Words

Direction = Literal["more", "less"]
GRADES: tuple[Grade, ...] = ("weak", "moderate", "strong")
TOPICS = ("channel", "moment", "argument", "offer", "objections")
QUOTED = re.compile("“[^“”]+”")
"""People's own words, as a statement quotes them."""
SENTENCES = 3
"""Sentences of a summary."""
NAMES = 3
"""Things that one sentence of advice names."""

_DAYPARTS = ("night", "morning", "afternoon", "evening")


def summarise(claims: tuple[Claim, ...], words: Words) -> str:
    """Up to three short sentences, each from one firm claim and naming it: ``They come back more often. [2]``

    The firmest, what there is more of and the largest come first, one per section before a second of any; then in the
    order of the card.
    """
    firm = [index for index in _ranked(claims) if claims[index].grade != "weak"]
    if not firm:
        return words.say("report.nothing_stands_out")
    chosen = sorted(list(dict.fromkeys([*_first_of_sections(claims, firm), *firm]))[:SENTENCES])
    return " ".join(f"{_sentence(claims[i], words).rstrip('. ')}. [{i + 1}]" for i in chosen)


def key_claims(card: Card) -> list[int]:
    """The claims that a card shows first: those that its prose and advice name, and the first of every section."""
    cited = {int(number) - 1 for number in re.findall(r"\[(\d+)\]", card.summary)}
    cited |= {index for action in card.actions for index in action.because}
    first = _first_of_sections(card.claims, _ranked(card.claims))
    return sorted((cited | set(first)) & set(range(len(card.claims))))


def _ranked(claims: tuple[Claim, ...]) -> list[int]:
    """Claims by weight: firm before weak, this period before the next, more before less, the largest lifts first."""

    def weight(index: int) -> tuple[int, bool, bool, float]:
        claim = claims[index]
        later, less = claim.column.startswith("later_"), _direction(claim) == "less"
        size = abs(math.log(claim.estimate)) if claim.unit == "lift" and claim.estimate > 0 else 0.0
        return -GRADES.index(claim.grade), later, less, -size

    return sorted(range(len(claims)), key=weight)


def _first_of_sections(claims: tuple[Claim, ...], ranked: list[int]) -> list[int]:
    """The first claim of each section, in the order given."""
    sections: dict[str, int] = {}
    for index in ranked:
        sections.setdefault(claims[index].section, index)
    return list(sections.values())


def _sentence(claim: Claim, words: Words) -> str:
    """A claim in the tone of the summary, or its own statement where the catalogue has no sentence for it."""
    matter, name = _matter(claim, words)
    key = f"report.says.{matter}.{_direction(claim)}"
    return words.say(key, name=name) if words.has(key) else claim.statement


def advise(claims: tuple[Claim, ...], words: Words) -> tuple[Action, ...]:
    """Channel, moment, argument, offer and objections, only where a firm claim supports a sentence of the catalogue."""
    firm = [index for index in _ranked(claims) if claims[index].grade != "weak"]
    actions = []
    for topic in TOPICS:
        found: dict[str, list[int]] = {}
        for index in firm:
            key = f"report.action.{topic}.{_matter(claims[index], words)[0]}.{_direction(claims[index])}"
            if words.has(key) and len(found.get(key, ())) < NAMES:
                found.setdefault(key, []).append(index)
        names = {key: words.listing([_matter(claims[i], words)[1] for i in rows]) for key, rows in found.items()}
        said = dict.fromkeys(words.say(key, names=names[key]) for key in found)
        if said:
            because = tuple(sorted(index for rows in found.values() for index in rows))
            actions.append(Action(topic, " ".join(said), because))
    return tuple(actions)


def _direction(claim: Claim) -> Direction | None:
    """Whether the claim says more or less than the others; None where its unit does not tell."""
    if claim.unit == "lift":
        return "more" if claim.estimate > 1 else "less"
    if claim.unit == "points" or claim.unit.startswith("difference ("):
        return "more" if claim.estimate > 0 else "less"
    return None


def _matter(claim: Claim, words: Words) -> tuple[str, str]:
    """What a claim is about as the catalogue names it, and the name for the sentence: ``weekday``, ``Monday``."""
    name = claim.column.removesuffix("_share")
    if claim.column.endswith("_share"):
        if name in DAYS:
            return "weekday", words.say(f"report.weekday.{name}")
        if name == "weekend":
            return name, ""
        if name in _DAYPARTS:
            return "daypart", words.say(f"report.daypart.{name}")
        kind, _, rest = name.partition("_")
        if kind in ("channel", "category") and rest:
            return kind, words.theirs(rest.replace("_", " "))
    if claim.section in ("drivers", "barriers", "mindset"):
        quoted = QUOTED.search(claim.statement)
        answer = claim.column.rpartition(": ")[2].replace("_", " ")
        return claim.section, quoted[0] if quoted else f"“{words.theirs(answer)}”"
    return claim.column, words.theirs(claim.column)
