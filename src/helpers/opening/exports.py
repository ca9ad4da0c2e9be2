"""Headers of several rows: SurveyMonkey writes two, Qualtrics three, others a question over its parts.

SurveyMonkey ("All individual responses"): the questions, with a blank for every further column of one, and below them
the option or row that a column is about, or ``Response`` and ``Open-Ended Response`` where there is none. Qualtrics:
short names, the texts of the questions (``text - option`` for a column of several), and ``{"ImportId": ...}``. By hand,
Zoho, QuestionPro: a question over its columns, their parts below, nothing below the others. SoSci: codes, then texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from helpers.contracts import Issue
from helpers.text import fold, header
from helpers.words import say

MOST_ROWS, HIGHEST = 3, 4
LOOKED_AT = 16
"""Records that ``read_header`` should have: what stands below a header tells where it ends."""
REPEATED = "repeated_header"
_MONKEY = {"respondent id", "collector id"}
_QUALTRICS = {
    "startdate", "enddate", "status", "progress", "finished", "recordeddate", "responseid", "ipaddress", "responseset",
    "recipientemail", "distributionchannel", "userlanguage", "duration (in seconds)", "externalreference", "v1", "v8",
    "externaldatareference", "name", "emailaddress", "v9",
}  # fmt: skip
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_NO_PART = ("", "response", "open-ended response", "answer", "ответ", "antwort", "réponse", "respuesta", "cevap")
_CELLS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"-?[\d.,\s%]*\d[\d.,\s%]*",
        r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\b.*",
        r"[^@\s]+@[^@\s]+\.\w+",
        r"\d{1,2}:\d\d(:\d\d)?",
        "true|false|yes|no",
    )
)
"""What stands in cells and not in headers: numbers, dates, addresses, times, flags."""
_SETTING = re.compile(r".*[^\W\d_].*:")
"""``Period:`` names what stands behind it, a setting of the report; no columns below it."""
_AS_CELLS = 0.15
"""A row with more cells than this share that are like those below it belongs to no header."""


@dataclass(frozen=True)
class Header:
    """What stands above the answers of a file.

    names : one per column; of equal ones the later bear a number, ``Comments (2)``. asked : name -> the question's text
    and the option or row that the column is about (empty where there is none), where the tool tells them. rows :
    records that belong to the header. repeated : headers that come again, once for each time.
    """

    names: tuple[str, ...]
    asked: dict[str, tuple[str, str]]
    rows: int = 1
    repeated: tuple[str, ...] = ()

    def told(self) -> list[Issue]:
        """That several rows were read as one header, and that a header comes more than once."""
        text = say("opening.header_rows", rows=self.rows)
        issues = [Issue("header_rows", "repaired", None, 0, (), text)] if self.rows > 1 else []
        for name in dict.fromkeys(self.repeated):
            text = say("opening.header_again", times=self.repeated.count(name) + 1, name=name)
            issues.append(Issue(REPEATED, "warning", name, 0, (), text))
        return issues


def read_header(first: Sequence[Sequence[str]]) -> Header:
    """The header in the first records of a file, of which there should be ``LOOKED_AT``."""
    rows = [[header(cell) for cell in record] for record in first]
    if not rows:
        return Header((), {}, 0)
    ids = next((place for place, row in enumerate(rows[1:MOST_ROWS], 1) if _import_ids(row)), None)
    if ids is not None:
        # short names stay the names: they are unique, and they are what the study's own notes use
        names, repeated = _told_apart(rows[0])
        return Header(names, _qualtrics(list(names), rows[ids - 1], rows[ids]), ids + 1, repeated)
    if len(rows) > 1 and _qualtrics_names(rows[0]) and _texts_of(rows[0], rows[1]):
        names, repeated = _told_apart(rows[0])
        return Header(names, _qualtrics(list(names), rows[1], [""] * len(names)), 2, repeated)
    if len(rows) > 1 and {fold(name).replace("_", " ") for name in rows[0]} >= _MONKEY and rows[1][:1] == [""]:
        return _survey_monkey(rows[0], rows[1])
    if len(rows) > 1 and _parts_below(rows[0], rows[1]):
        return _survey_monkey(rows[0], rows[1])
    names, repeated = _told_apart(rows[0])
    if len(rows) > 2 and _texts_below(*rows[:3]):
        return Header(names, _qualtrics(list(names), _divided(rows[0], rows[1]), [""] * len(names)), 2, repeated)
    return _stacked(rows) or Header(names, {}, 1, repeated)


def _told_apart(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Headers with numbers behind those that came before, and the headers that come again (once for each time)."""
    told: list[str] = []
    again = []
    for name in names:
        fresh, number = name, 1
        while name and fresh in told:
            number += 1
            fresh = f"{name} ({number})"
        again += [name] * (fresh != name)
        told.append(fresh)
    return tuple(told), tuple(again)


def _import_ids(row: list[str]) -> bool:
    """Whether a row holds the ids of Qualtrics: most cells do, whatever somebody appended beside them."""
    filled = [cell for cell in row if cell]
    return sum(bool(re.match(r"""\{ ?['"]ImportId['"] ?:""", cell)) for cell in filled) > max(1, 0.5 * len(filled))


def _qualtrics_names(row: list[str]) -> bool:
    """Whether the first row holds the short names of Qualtrics, today's or those of its legacy exports."""
    given = {fold(name) for name in row}
    return len(given & _QUALTRICS) >= 3


def _texts_of(names: list[str], texts: list[str]) -> bool:
    """Whether the second row repeats the first in words: ``StartDate`` and ``Start Date``."""
    plain = [(fold(a).replace(" ", ""), fold(b).replace(" ", "")) for a, b in zip(names, texts, strict=False)]
    return sum(a == b for a, b in plain if a) >= 2


def _parts_below(questions: list[str], parts: list[str]) -> bool:
    """Whether every question with blanks behind it has a part below each of its columns, and the others have none."""
    width = max((place for place, cell in enumerate([*parts], 1) if cell), default=0)
    width = max(width, len([*questions]) - next((n for n, cell in enumerate(reversed(questions)) if cell), 0))
    above = [*questions, *[""] * width][:width]
    below = [*parts, *[""] * width][:width]
    grouped = [not cell or (place + 1 < width and not above[place + 1]) for place, cell in enumerate(above)]
    if not above or not above[0] or "" not in above or all(grouped):
        return False
    named = [part for part, in_group in zip(below, grouped, strict=True) if in_group]
    numbers = sum(bool(_NUMBER.fullmatch(part)) for part in named)
    return [bool(part) for part in below] == grouped and numbers < 0.5 * len(named)


def _texts_below(codes: list[str], texts: list[str], answers: list[str]) -> bool:
    """Whether short codes stand above a text for each, and numbers only below that."""
    if len(codes) < 5 or len(texts) < len(codes) or not all(texts[: len(codes)]):
        return False
    short = all(re.fullmatch(r"[A-Za-z]\w*", code) for code in codes)
    worded = sum(" " in text for text in texts) > 0.5 * len(codes)
    counted = sum(bool(_NUMBER.fullmatch(cell)) for cell in answers)
    return short and worded and counted > 2 and not any(_NUMBER.fullmatch(text) for text in texts)


def _stacked(rows: list[list[str]]) -> Header | None:
    """A header of two to four rows whose upper ones name several columns at once, by blanks or by repeating; or None.

    Sogolytics writes titles of groups, questions, and options; a merged cell of a workbook is a cell and blanks. A row
    ends the header where each column has a name of its own with it; a row like those below it is no part of it.
    """
    width = max(map(len, rows))
    full = [[*row, *[""] * (width - len(row))] for row in rows]
    width = max((place for row in full for place, cell in enumerate(row, 1) if cell), default=0)
    full = [row[:width] for row in full]
    if width < 3 or len({*full[0]} - {""}) < 2 or _apart(full[0]):
        return None
    for height in range(2, min(HIGHEST, len(full) - 1) + 1):
        if any(_like_below(full[at], full[height:]) or _sets(full[at]) for at in range(height)):
            return None
        if _apart(full[height - 1]) and all(full[height - 1]):
            told = tuple(full[height - 1])
            return Header(told, {name: (name, "") for name in told}, height)
        names, asked = _named_by_all(full[:height])
        if all(names) and _apart(names) and not _goes_on(full, height):
            return Header(tuple(names), dict(zip(names, asked, strict=True)), height)
    return None


def _goes_on(rows: list[list[str]], height: int) -> bool:
    """Whether a row below a header belongs to it as well: it fills the blanks of the row above it, unlike answers."""
    above, row = rows[height - 1], rows[height]
    blank = [place for place, cell in enumerate(above) if not cell or (place and cell == above[place - 1])]
    filled = bool(blank) and all(row[place] for place in blank)
    return filled and height < len(rows) - 1 and not _like_below(row, rows[height + 1 :])


def _sets(row: list[str]) -> bool:
    """Whether a row tells a setting of the report: a word and a colon, and what it is beside it."""
    return any(_SETTING.fullmatch(cell) and beside for cell, beside in pairwise(row))


def _apart(names: Sequence[str]) -> bool:
    """Whether nearly all cells say something, and each something else."""
    return len({*names} - {""}) > 0.9 * len(names)


def _like_below(row: list[str], below: list[list[str]]) -> bool:
    """Whether a row is one of those below it: its cells are numbers, dates or addresses, or come again among others."""
    like, filled = 0, 0
    for place, cell in enumerate(row):
        if cell:
            others = {other[place] for other in below} - {""}
            again = cell in others and len(others) > 1
            alike = any(form.fullmatch(cell) and any(map(form.fullmatch, others)) for form in _CELLS)
            filled, like = filled + 1, like + (again or alike)
    return not filled or like > _AS_CELLS * filled


def _named_by_all(rows: list[list[str]]) -> tuple[list[str], list[tuple[str, str]]]:
    """Names ``question: part`` from rows of which an upper cell holds on until the next, and question and part.

    A cell does not hold on below the next one of a row above it. The titles of groups stand in names only where these
    would be alike without them, or where a question has no other text.
    """
    held = [[""] * len(rows[0]) for _ in rows]
    for level, row in enumerate(rows[:-1]):
        for place, cell in enumerate(row):
            fresh = any(rows[above][place] for above in range(level))
            held[level][place] = cell or ("" if fresh or not place else held[level][place - 1])
    asked = []
    for place, last in enumerate(rows[-1]):
        above = [row[place] for row in held[:-1] if row[place]]
        part = "" if fold(last) in _NO_PART and above else last
        asked.append((above[-1], part) if above else (part, ""))
    names = [f"{question}: {part}" if part else question for question, part in asked]
    alike = [names.count(name) > 1 and held[0][place] != asked[place][0] for place, name in enumerate(names)]
    titled = zip(names, held[0], alike, strict=True)
    return [f"{title}: {name}" if twice and title else name for name, title, twice in titled], asked


def _divided(codes: list[str], texts: list[str]) -> list[str]:
    """Texts ``question: part`` of columns that share a code, written as Qualtrics does."""
    stems = [re.sub(r"_\d+$", "", code) for code in codes]
    return [
        text.replace(": ", " - ", 1) if stems.count(stem) > 1 else text
        for stem, text in zip(stems, texts, strict=False)
    ]


def _qualtrics(names: list[str], texts: list[str], ids: list[str]) -> dict[str, tuple[str, str]]:
    """Header.asked: the columns of a question share the beginning of their texts, and what follows it is the part."""
    steps: dict[str, list[str]] = {}
    question: dict[str, str] = {}
    for name, text, import_id in zip(names, texts, ids, strict=False):
        text = re.sub(r" ?- ?Selected Choice\b", "", text)
        text = re.sub(r" ?- ?Text$", "", text) if name.endswith("_TEXT") else text
        steps[name] = re.split(r" - |(?<=[?:.…])-(?=\S)", text)
        known = re.search(r"QID\d+", import_id)
        question[name] = known[0] if known else re.sub(r"_(\d+(_TEXT)?|NPS_GROUP)$", "", name)
    asked = {}
    for name, text in steps.items():
        columns = [steps[other] for other in steps if question[other] == question[name]]
        alike = takewhile(lambda step: len(set(step)) == 1, zip(*columns, strict=False))
        stem = len([*alike]) if len(columns) > 1 else 0
        asked[name] = (" - ".join(text[:stem] or text), " - ".join(text[stem:] if stem else []))
    return asked


def _survey_monkey(questions: list[str], parts: list[str]) -> Header:
    """Names are the question, or ``question: part`` for a column that is about a part of it."""
    names, asked, question = [], {}, ""
    for given, part in zip(questions, [*parts, *[""] * (len(questions) - len(parts))], strict=False):
        question, part = given or question, "" if fold(part) in _NO_PART else part
        names.append(f"{question}: {part}" if part else question)
        asked[names[-1]] = (question, part)
    told, repeated = _told_apart(names)
    asked = {name: asked[given] for name, given in zip(told, names, strict=True)}
    return Header(told, asked, 2, repeated)
