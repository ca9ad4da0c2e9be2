"""What a first study.yml was guessed from, as records that stand in its comments and can be read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

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
class Question:
    """What could not be told: two or three answers, each with the line of study.yml that states it."""

    about: str
    text: str
    answers: tuple[tuple[str, str], ...]

    def lines(self) -> list[str]:
        """The question as comments of study.yml."""
        shown = [f"#   {_one_line(stated)}   # {_one_line(said)}" for said, stated in self.answers]
        return [f"# question: {_one_line(self.text)}", *shown]


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


def _one_line(text: str) -> str:
    return " ".join(text.replace(" | ", " / ").split())
