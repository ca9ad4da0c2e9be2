"""Questions put to a person on a terminal."""

from __future__ import annotations

import questionary

from helpers.guesses import TO_FILL, Answer, Question

LATER = "leave it open; it stands in study.yml as a question"


def ask_on_a_terminal(file: str, question: Question) -> Answer | None:
    """Ask one question; None where it is left open, or where no answer can be chosen from a list."""
    by_words = {answer.said: answer for answer in question.answers if TO_FILL not in str((answer.table, answer.study))}
    if not by_words:
        return None
    chosen = questionary.select(f"{file}: {question.text}", choices=[*by_words, LATER]).ask()
    return by_words.get(chosen) if chosen else None
