"""A card as a page of its own and as Markdown; both say what its JSON says."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.cards.cards import Cards
from helpers.cards.prose import twins
from helpers.contracts import Card, StudyError
from helpers.report.page import (
    crossed,
    estimate_text,
    interval_text,
    moments_told,
    plain_markdown,
    render,
    repeat_told,
    same_fact,
    span_of,
    steps_of,
    topic_name,
)
from helpers.study import Study
from helpers.text import nearest
from helpers.words import Words


def as_markdown(cards: Cards, study: Study, *, groups: Sequence[str] = ()) -> list[str]:
    """Every card as Markdown, for a notebook, or those of some ids. Raises StudyError for an id that no card has."""
    words, known = Words(study.language, study.currency), [card.id for card in cards.cards]
    for unknown in (name for name in groups if name not in known):
        raise StudyError(f'10_cards.groups: there is no card "{unknown}"; {nearest(unknown, known)}')
    return [card_markdown(card, words) for card in words.told(cards.cards) if not groups or card.id in groups]


def card_html(card: Card, words: Words, span: float | None = None) -> str:
    """The card as a page of its own; ``span`` is the scale of its strips, which those of one report share."""
    return render("card_page.html", words, card=card, span=span or span_of([card]))


def card_markdown(card: Card, words: Words) -> str:
    """The card as Markdown; what users wrote cannot become markup."""

    def title(part: str) -> str:
        return f"## {words.say(f'report.card.{part}')}"

    handle = "" if card.handle == card.name else plain_markdown(card.handle)
    blocks = [f"# {plain_markdown(card.name)}", handle, plain_markdown(card.essence), plain_markdown(card.summary)]
    blocks.append(_facts(card, words))
    advice = []
    for line in card.brief or card.actions:
        cited = "".join(f"[{index + 1}]" for index in line.because)
        asks = getattr(line, "asks", None)
        asked = f" {words.say('report.card.ask', question=plain_markdown(asks))}" if asks else ""
        advice.append(f"- **{topic_name(line.topic, words)}**: {plain_markdown(line.text)} {cited}{asked}".rstrip())
    if advice:
        blocks += [title("actions"), "\n".join(advice)]
    if card.experiment:
        blocks += [f"## {words.say('report.experiment.ready')}: {plain_markdown(card.experiment['title'])}"]
        blocks += ["\n".join(f"{number}. {text}" for number, text in enumerate(steps_of(card.experiment, words), 1))]
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
    if card.worth is not None:
        if card.worth.profit_share is not None:
            lines.append(f"{words.percent(card.worth.profit_share)} {words.say('report.card.of_profit')}")
        lines.append(f"{words.money(card.worth.left_each)} {words.say('report.card.left')}")
    lines += [plain_markdown(text) for text in crossed(card, words)]
    if card.week:
        lines.append(words.say("report.week.alt", moments=moments_told(card, words)))
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
    same = twins(card.claims)
    for number, claim in enumerate(card.claims, 1):
        figures = [estimate_text(claim, words), interval_text(claim, words), words.number(claim.n)]
        against, source = plain_markdown(claim.compared_with), plain_markdown(f"{claim.source}: {claim.column}")
        role = [words.say(f"report.role.{claim.role}"), repeat_told(claim, words)]
        rank = [", ".join(filter(None, role)), words.say(f"report.grade.{claim.grade}")]
        statement = f"{plain_markdown(claim.statement)} {same_fact(same, number, words)}".rstrip()
        lines.append([str(number), statement, *figures, against, source, *rank])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
