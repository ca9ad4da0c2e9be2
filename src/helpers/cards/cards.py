"""Cards: from groups and their claims to what a team can read and act on, equal in JSON, Markdown and HTML."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import get_args

from helpers.cards.personas import Group, Personas
from helpers.cards.prose import GRADES, advise, summarise
from helpers.contracts import (
    Card,
    Claim,
    Coverage,
    Grade,
    HypothesisResult,
    Quote,
    Rule,
    Section,
    Size,
    Stability,
    Structure,
)
from helpers.customers.customers import Customers
from helpers.negative.segments import Negative
from helpers.report.page import estimate_text, interval_text, plain_markdown, render, topic_name
from helpers.study import Study
from helpers.voice.voice import Voice, voice_claims
from helpers.words import Words

QUOTED = 4
"""Quotes on a card, at most."""
SECTIONS: tuple[Section, ...] = get_args(Section)


@dataclass(frozen=True)
class Cards:
    """The cards of the report, and how many customers they cover."""

    cards: tuple[Card, ...]
    coverage: Coverage


def build_cards(
    personas: Personas,
    customers: Customers | None,
    voice: Voice | None,
    negative: Negative | None,
    hypotheses: tuple[HypothesisResult, ...],
    study: Study,
    words: Words,
) -> tuple[Card, ...]:
    """One card per group (clustered ones first, each by size), then the negative ones.

    Groups and claims on fewer people than ``study.privacy.min_cell`` are left out. Nothing is said on a card but what
    its claims say; ``customers`` and ``hypotheses`` serve to name what is not known.
    """
    least = study.privacy.min_cell
    groups = sorted((g for g in personas.groups if g.n >= least), key=lambda g: (g.structural, -g.n, g.id))
    numbers = _numbers(groups)
    said = {} if voice is None else voice_claims(voice, personas, words)
    common = _unknown_of_all(customers, hypotheses, words)
    cards = []
    for group in groups:
        claims = [claim for claim in (*group.claims, *said.get(group.id, ())) if claim.n >= least]
        claims = tuple(sorted(claims, key=lambda claim: SECTIONS.index(claim.section)))
        card = _group_card(group, numbers[group.id], personas.structure, claims, least, words)
        unknowns = (_unknown_answers(group, claims, voice, least, words), *common)
        own_words = () if voice is None else _quotes(group, claims, voice)
        cards.append(replace(card, unknowns=tuple(filter(None, unknowns)), quotes=own_words))
    reviewed = () if negative is None else (card for card in negative.cards if card.size.n >= least)
    return (*cards, *(_negative_card(card, i, least, words) for i, card in enumerate(reviewed, 1)))


def _group_card(
    group: Group, number: int, structure: Structure, claims: tuple[Claim, ...], least: int, words: Words
) -> Card:
    """A group's card but for its unknowns."""
    kind = "persona" if group.kind == "persona" else "segment"
    grade = median_grade([claim.grade for claim in claims])
    chosen = structure.kind in ("constructive", "not supported") and not group.structural
    return Card(
        id=group.id,
        kind=kind,
        name=words.say(f"report.name.{kind}", number=number),
        handle=group.handle,
        summary=summarise(claims, words),
        size=Size(group.n, group.share, group.ci_low, group.ci_high, group.revenue_share),
        stability=Stability(group.within, group.across),
        prevalence=tuple(share for share in group.prevalence if share * group.n >= least),
        grade="moderate" if chosen and grade == "strong" else grade,
        claims=claims,
        rule=Rule(group.rule, group.held_out_balanced_accuracy),
        actions=advise(claims, words),
        label=words.say("report.label.structural") if group.structural else structure_label(structure, words),
        answered=group.answered if group.answered >= least else None,
    )


def _negative_card(card: Card, number: int, least: int, words: Words) -> Card:
    """A negative card as its room made it, with what the others have too: small cells out, summary, advice, label."""
    numbered = [(index, claim) for index, claim in enumerate(card.claims) if claim.n >= least]
    numbered.sort(key=lambda pair: SECTIONS.index(pair[1].section))
    claims, place = tuple(claim for _, claim in numbered), {old: new for new, (old, _) in enumerate(numbered)}
    because = [(action, tuple(place[i] for i in action.because if i in place)) for action in card.actions]
    return replace(
        card,
        name=card.name or words.say("report.name.negative", number=number),
        summary=card.summary or summarise(claims, words),
        claims=claims,
        actions=tuple(replace(action, because=left) for action, left in because if left),
        label=card.label or words.say("report.label.negative"),
    )


def median_grade(grades: list[Grade]) -> Grade:
    """The median of the claims' grades, the lower of two in the middle; weak where there is no claim."""
    return sorted(grades, key=GRADES.index)[(len(grades) - 1) // 2] if grades else "weak"


def structure_label(structure: Structure, words: Words) -> str:
    """What kind of group the data support, in plain words."""
    kind = structure.kind.replace(" ", "_")
    if kind in ("natural", "not_supported"):
        return words.say(f"report.label.{kind}")
    if structure.would_move is None:
        return words.say(f"report.label.{kind}_unmeasured")
    return words.say(f"report.label.{kind}", moved=words.percent(structure.would_move))


def _numbers(groups: list[Group]) -> dict[str, int]:
    """The number in a card's name: the one in its id, which stays from run to run, else the next that is free."""
    numbers = {g.id: int(found[1]) for g in groups if (found := re.search(r"(\d+)$", g.id))}
    free = itertools.count(max(numbers.values(), default=0) + 1)
    return {g.id: numbers[g.id] if g.id in numbers else next(free) for g in groups}


def _quotes(group: Group, claims: tuple[Claim, ...], voice: Voice) -> tuple[Quote, ...]:
    """Real words for what the card says of the group's answers, but for what fewer of them say than others do."""
    own = voice.quotes[voice.quotes["id"] == group.id] if len(voice.quotes) else voice.quotes
    text = {} if own.empty else own.set_index("code")["text"].to_dict()
    told = [claim.column for claim in claims if claim.source == "survey" and claim.estimate >= 1]
    return tuple(Quote(text[code], code) for code in told if code in text)[:QUOTED]


# --- what is not known ---------------------------------------------------------------------------------------------


def _unknown_of_all(customers: Customers | None, hypotheses: tuple[HypothesisResult, ...], words: Words) -> list[str]:
    """What the data do not tell about any group."""
    gaps = [words.say("report.unknown.no_sales")]
    if customers is not None:
        columns = customers.features.columns
        held = {
            "profile": len(customers.profile.columns) > 1,
            "hours": "morning_share" in columns,
            "channels": any(name.startswith("channel_") for name in columns),
            "profit": "margin" in columns,
        }
        gaps = [words.say(f"report.unknown.{gap}") for gap, known in held.items() if not known]
    for result in hypotheses:
        if result.id == "framing_by_persona" and result.verdict in ("not testable", "inconclusive"):
            why = words.say(f"report.unknown.framing_why.{result.verdict}")
            gaps.append(words.say("report.unknown.framing", why=why))
    return gaps


def _unknown_answers(group: Group, claims: tuple[Claim, ...], voice: Voice | None, least: int, words: Words) -> str:
    """How much of the group's mind the survey leaves in the dark; empty where it leaves little."""
    if voice is None and group.answered == 0:
        return words.say("report.unknown.no_survey")
    if group.answered == 0:
        return words.say("report.unknown.no_answers")
    if group.answered < least:
        return words.say("report.unknown.few_answers", least=least)
    if voice is not None and not any(claim.section in ("drivers", "barriers", "mindset") for claim in claims):
        return words.say("report.unknown.nothing_said")
    silent = 1 - group.answered / group.n
    return words.say("report.unknown.most_silent", silent=words.percent(silent)) if silent > 0.5 else ""


# --- formats -----------------------------------------------------------------------------------------------------


def card_html(card: Card, words: Words) -> str:
    """The card as a page of its own."""
    return render("card_page.html", words, card=card)


def card_markdown(card: Card, words: Words) -> str:
    """The card as Markdown; what users wrote cannot become markup."""

    def title(part: str) -> str:
        return f"## {words.say(f'report.card.{part}')}"

    blocks = [f"# {plain_markdown(card.name)}: {plain_markdown(card.handle)}", plain_markdown(card.summary)]
    blocks.append(_facts(card, words))
    advice = []
    for action in card.actions:
        cited = "".join(f"[{index + 1}]" for index in action.because)
        advice.append(f"- **{topic_name(action.topic, words)}**: {plain_markdown(action.text)} {cited}")
    if advice:
        blocks += [title("actions"), "\n".join(advice)]
    blocks += [title("evidence"), _evidence_table(card, words)]
    if card.unknowns:
        blocks += [title("unknowns"), "\n".join(f"- {plain_markdown(text)}" for text in card.unknowns)]
    if card.quotes:
        blocks += [title("quotes"), "\n\n".join(f"> {plain_markdown(quote.text)}" for quote in card.quotes)]
    if card.rule.text:
        blocks += [title("rule"), plain_markdown(card.rule.text)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _facts(card: Card, words: Words) -> str:
    """Size, grade and label as a list."""
    size = card.size
    range_of = words.interval(size.ci_low, size.ci_high, "percent")
    interval = words.say("report.card.size_interval", interval=range_of, n=words.number(size.n))
    lines = [f"{words.percent(size.share)} {words.say('report.card.of_customers')} ({interval})"]
    if size.revenue_share is not None:
        lines.append(words.say("report.card.revenue", share=words.percent(size.revenue_share)))
    if card.answered is not None:
        lines.append(words.say("report.card.answered", n=words.number(card.answered)))
    lines += [words.say("report.grade_of", grade=words.say(f"report.grade.{card.grade}")), plain_markdown(card.label)]
    return "\n".join(f"- {line}" for line in lines if line)


def _evidence_table(card: Card, words: Words) -> str:
    """The claims as a Markdown table, numbered as the prose cites them."""
    heads = ("statement", "estimate", "interval", "against", "source", "role", "grade")
    titles = ["", *(words.say(f"report.evidence.{head}") for head in heads)]
    titles.insert(4, "n")
    lines = [titles, ["---"] * len(titles)]
    for number, claim in enumerate(card.claims, 1):
        figures = [estimate_text(claim, words), interval_text(claim, words), words.number(claim.n)]
        against, source = plain_markdown(claim.compared_with), plain_markdown(f"{claim.source}: {claim.column}")
        rank = [words.say(f"report.role.{claim.role}"), words.say(f"report.grade.{claim.grade}")]
        lines.append([str(number), plain_markdown(claim.statement), *figures, against, source, *rank])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
