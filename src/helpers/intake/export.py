"""One file that was brought, and all that is guessed of it on the way to study.yml."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.guesses import Guess, Question
from helpers.intake.column_looks import Look
from helpers.intake.roles import Role
from helpers.opening.raw import RawTable


@dataclass(frozen=True)
class Told:
    """What the user said on the command line, which is not guessed any more."""

    where: dict[str, list[str]] = field(default_factory=dict)
    date_format: str | None = None
    encoding: str | None = None
    customer: str | None = None


@dataclass(eq=False)
class Export:
    """One file (or several of one layout), and what is guessed of it.

    ``columns`` are ours: theirs; ``keys`` further keys of the table in study.yml, such as ``where``; ``kind`` says what
    a row is. ``frame`` has the cells as they are after what ``read`` and ``keys`` state.
    """

    file: Path
    raw: RawTable
    read: dict[str, Any]
    frame: pd.DataFrame
    columns: dict[str, str] = field(default_factory=dict)
    table: str | None = None
    kind: str = ""
    roles: dict[str, Role] = field(default_factory=dict)
    looks: dict[str, Look] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    why: list[str] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    survey: dict[str, Any] = field(default_factory=dict)
    currency: str = ""
    more: list[Path] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def email(self) -> str | None:
        """The header of the column of e-mail addresses."""
        return self.columns.get("email")

    def taken(self) -> dict[str, str]:
        """Role -> header."""
        return {role: found.header for role, found in self.roles.items()}
