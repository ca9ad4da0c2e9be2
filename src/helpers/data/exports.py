"""Headers of survey tools' exports: SurveyMonkey writes two rows of them, Qualtrics three.

SurveyMonkey ("All individual responses"): the questions, with a blank for every further column of one, and below them
the option or row that a column is about, or ``Response`` and ``Open-Ended Response`` where there is none. Qualtrics:
short names, the texts of the questions (``text - option`` for a column of several), and ``{"ImportId": ...}``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpers.contracts import Issue
from helpers.data.cells import header

MOST_ROWS = 3
_MONKEY = {"respondent id", "collector id"}
_NO_PART = ("", "response", "open-ended response")


@dataclass(frozen=True)
class Header:
    """What stands above the answers of a file.

    names : one per column. asked : name -> the question's text and the option or row that the column is about (empty
    where there is none), where the tool tells them. rows : records that belong to the header.
    """

    names: tuple[str, ...]
    asked: dict[str, tuple[str, str]]
    rows: int = 1

    def told(self) -> list[Issue]:
        """That several rows were read as one header."""
        text = f"the {self.rows} header rows of a survey tool's export were read as one"
        return [Issue("header_rows", "repaired", None, 0, (), text)] if self.rows > 1 else []


def read_header(first: Sequence[Sequence[str]]) -> Header:
    """The header in the first records of a file, of which there should be ``MOST_ROWS``."""
    rows = [[header(cell) for cell in record] for record in first]
    if not rows:
        return Header((), {}, 0)
    ids = next((place for place, row in enumerate(rows[1:MOST_ROWS], 1) if _import_ids(row)), None)
    if ids is not None:
        return _qualtrics(rows[0], rows[1] if ids > 1 else rows[0], ids + 1)
    if len(rows) > 1 and {name.casefold() for name in rows[0]} >= _MONKEY and rows[1][:1] == [""]:
        return _survey_monkey(rows[0], rows[1])
    return Header(tuple(rows[0]), {})


def _import_ids(row: list[str]) -> bool:
    return any(row) and all(re.match(r'\{"ImportId" ?:', cell) for cell in row if cell)


def _qualtrics(names: list[str], texts: list[str], rows: int) -> Header:
    """Short names stay the names: they are unique, and they are what the study's own notes use."""
    asked = {}
    for name, text in zip(names, texts, strict=False):
        text, part = re.sub(r" - Selected Choice\b", "", text), ""
        if re.search(r"_\d+(_TEXT)?$", name) and " - " in text:
            text, part = text.removesuffix(" - Text").rsplit(" - ", 1)
        asked[name] = (text, part)
    return Header(tuple(names), asked, rows)


def _survey_monkey(questions: list[str], parts: list[str]) -> Header:
    """Names are the question, or ``question: part`` for a column that is about a part of it."""
    names, asked, question = [], {}, ""
    for given, part in zip(questions, [*parts, *[""] * (len(questions) - len(parts))], strict=False):
        question, part = given or question, "" if part.casefold() in _NO_PART else part
        names.append(f"{question}: {part}" if part else question)
        asked[names[-1]] = (question, part)
    return Header(tuple(names), asked, 2)
