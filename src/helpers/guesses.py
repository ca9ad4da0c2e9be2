"""What a first study.yml was guessed from, as records that stand in its comments and can be read back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

TO_FILL = "???"
"""What only a person can write into an answer."""
_LINE = re.compile(r"#\s*guessed: (?P<what>.*?) = (?P<rest>.*)")


@dataclass(frozen=True)
class Guess:
    """One decision: about what, what was taken, why, and what else it might have been."""

    what: str
    taken: str
    because: str
    other: tuple[str, ...] = ()

    def line(self) -> str:
        """The guess as a comment of study.yml: ``# guessed: what = taken | because | else a; b``."""
        parts = [_one_line(self.taken), _one_line(self.because)]
        if self.other:
            parts.append("else " + "; ".join(map(_one_line, self.other)))
        return f"# guessed: {_one_line(self.what)} = {' | '.join(parts)}"

    def sentence(self) -> str:
        """The guess for a person to read."""
        other = f" (it might also be: {'; '.join(self.other)})" if self.other else ""
        return f"{self.what}: {self.taken}; {self.because}{other}"


@dataclass(frozen=True)
class Answer:
    """One answer to a question: in words, and what it states of the table and of the whole study."""

    said: str
    table: dict[str, Any] = field(default_factory=dict)
    study: dict[str, Any] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The keys to state, as comments of study.yml."""
        top = [f"#   at the top: {_flow(key, value)}" for key, value in self.study.items()]
        own = [f"#   {_flow(key, value)}" for key, value in self.table.items()]
        lines = [*own, *top] or ["#   nothing to state"]
        return [f"{lines[0]}   # {_one_line(self.said)}", *lines[1:]]


@dataclass(frozen=True)
class Question:
    """What could not be told, with two or three possible answers."""

    about: str
    text: str
    answers: tuple[Answer, ...] = ()

    def lines(self) -> list[str]:
        """The question as comments of study.yml."""
        return [f"# question: {_one_line(self.text)}", *(line for answer in self.answers for line in answer.lines())]

    def sentence(self) -> str:
        """The question for a person to read."""
        return f"question: {self.text}: {' or '.join(answer.said for answer in self.answers)}"


def read_guesses(study: Path) -> list[Guess]:
    """The guesses that stand in the comments of a study.yml; none where they were taken out."""
    found = []
    for line in study.read_text(encoding="utf-8").splitlines():
        if match := _LINE.fullmatch(line.strip()):
            taken, because, *other = [part.strip() for part in f"{match['rest']} | ".split(" | ")][:3]
            others = tuple(part for part in (other[0] if other else "").removeprefix("else ").split("; ") if part)
            found.append(Guess(match["what"], taken, because, others))
    return found


def read_questions(study: Path) -> list[str]:
    """The questions that still stand in the comments of a study.yml."""
    lines = (line.strip() for line in study.read_text(encoding="utf-8").splitlines())
    return [line.removeprefix("# question: ") for line in lines if line.startswith("# question: ")]


def _flow(key: str, value: object) -> str:
    return yaml.safe_dump({key: value}, default_flow_style=True, allow_unicode=True, width=10_000).strip()[1:-1]


def _one_line(text: str) -> str:
    return " ".join(text.replace(" | ", " / ").split())
