"""In which order the tests that are ready are run, and by whom."""

from __future__ import annotations

from typing import Any

from helpers.contracts import Card
from helpers.words import Text, say, sentences

RUN_BY = {
    "prices": ("fewer_coupons", "smaller_reductions", "other_offer"),
    "messages": ("their_reason", "come_back", "first_order"),
    "promise": ("what_it_is",),
    "service": ("call_back",),
}
"""Whose work a ready test is, by what it changes."""


def ready_in_order(cards: tuple[Card, ...]) -> tuple[Card, ...]:
    """The cards whose test is ready, first the one on which most money hangs for what it can show.

    That is how many people there are times what one leaves (or loses) in the period, divided by the smallest change
    that the test can show; where no worth is known people alone count, and a group without one comes last.
    """
    ready = [card for card in cards if card.experiment]
    known = any(card.worth or card.kind == "negative" for card in ready)

    def stake(card: Card) -> float:
        return -card.size.n * (abs(_each(card)) if known else 1.0) / card.experiment["smallest_change"]

    return tuple(sorted(ready, key=stake))


def _each(card: Card) -> float:
    """What one of a group leaves after all costs; of those to review what one loses in the weeks kept for tests."""
    if card.worth is not None:
        return card.worth.left_each
    return card.claims[0].estimate if card.kind == "negative" and card.claims else 0.0


def queue(cards: tuple[Card, ...]) -> tuple[Text, ...]:
    """In which order to run the tests that are ready, a line each with who runs it and why there; empty below two."""
    ordered = ready_in_order(cards)
    if len(ordered) < 2:
        return ()
    lines = []
    for at, card in enumerate(ordered):
        test, each = card.experiment, _each(card)
        about = {"name": card.name, "title": test["title"], "n": card.size.n, "smallest": test["smallest_change"]}
        key = "report.queue." + ("plain" if not each else "loses" if each < 0 else "leaves")
        told = say(key, each=abs(each), **about)
        before = {one.id for one in ordered[:at]}
        shared = [say("report.quoted", words=one.name) for one in card.overlaps if one.other in before]
        wait = say("report.queue.after", names=shared) if shared else ""
        lines.append(sentences(told, say(f"report.queue.runs.{runs}") if (runs := _runs(test)) else "", wait))
    return tuple(lines)


def _runs(test: dict[str, Any]) -> str:
    """Who runs a test, by what it changes: the key of the catalogue; empty for what a study made up itself."""
    kinds = (kind for kind, tests in RUN_BY.items() if any(test["id"].startswith(one) for one in tests))
    return next(kinds, "")
