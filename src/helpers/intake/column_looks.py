"""What a column of an export looks like: the words of its header, and what its cells could be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from helpers.intake.vocabulary import EMAIL, vocabulary
from helpers.read import cells
from helpers.read.who_answered import PHONE
from helpers.text import fold

LOOKED_AT = 20_000
"""Rows of a file that guesses look at."""
KEYS = ("customer_id", "order_id", "line_id", "respondent_id")
"""Ids: what stands beside the word id says whose it is."""
_TAXED = re.compile(
    r"\b(?:exc?l?|inc?l?|excluding|including|with|without|before|after|inkl|exkl|zzgl)\b\.? *(?:tax|vat|gst|mwst|ust)\b"
    r"|\b[сc] ндс|без ндс",
    re.IGNORECASE,
)
"""What a header says of tax beside what it is."""
_DATE = re.compile(
    r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})(?:[T ,].*)?"
    r"|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4,6})?"
    r"|.*\d{1,2}.{0,4}\s.*[^\W\d_]{3,}.*\d{4}.*|[^\W\d_]{3,9}\.? \d{1,2},? \d{4}.*"
    r"|\d{1,2}[- ][^\W\d_]{3,9}[- ,]+\d{2,4}.*"
)
_SECONDS = re.compile(r"1[0-9]{9}(?:\d{3})?(?:\.0)?|[34]\d{4}(?:\.\d+)?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?: ?[AaPp]\.?[Mm]\.?)?")
_NUMBER = re.compile(
    r"\(?[-+−]?\s*[^\W\d_]{0,4}\.?\s*[$€£₽₸₾₴₺₹¥﷼]?\s*\(?[-+−]?\s*\d[\d\s.,'’٬٫]*-?\s*\)?\s*(?:[$€£₽₸₾₴₺₹¥﷼%]|[^\W\d_]{1,5}\.?)?\s*\)?"
)


@dataclass(frozen=True)
class Look:
    """The cells of a column: shares of the filled ones that could be something, and how they repeat.

    filled : share of cells that say anything. different : different cells per filled one. decimals : share of numbers
    with a part after the mark. name : share of cells that are words without a digit, two at least.
    """

    filled: float
    different: float
    distinct: int
    email: float
    phone: float
    date: float
    clock: float
    number: float
    decimals: float
    below: float
    digits: float
    name: float
    length: float


@cache
def tokens(text: str) -> tuple[str, ...]:
    """The words of a header: ``Lineitem price``, ``amazon-order-id``, ``OrderTotal`` and ``Email (Billing)`` alike."""
    text = re.sub(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])|(?<=\w)(?=#)", " ", cells.header(text))
    return tuple(re.sub(r"[\s_\-./\\:;,()\[\]|*?!\"«»]+", " ", fold(text)).split())


@cache
def _listed(part: str, role: str) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(tokens(word) for word in vocabulary()[part].get(role, "").split(";") if word.strip()))


@cache
def _beside() -> tuple[tuple[str, ...], ...]:
    words = (tokens(word) for word in vocabulary()["beside"].split(";"))
    return tuple(sorted((word for word in words if word), key=len, reverse=True))


@cache
def header_fit(header: str, role: str) -> float:
    """How well a header fits a role: 1 it is one of its words, less where it holds one, 0 not at all."""
    listed = _listed("headers", role)
    given = tokens(header) if tokens(header) in listed else tokens(_TAXED.sub(" ", header))
    if not given:
        return 0.0
    if given in listed:
        return 1.0 - 0.0005 * min(listed.index(given), 199)  # the surer words come first
    if any(given[:n] in listed and given[n:] in _beside() for n in range(2, len(given))):
        return 0.9  # a listed phrase and its unit: no word against it
    against = any(word[0] in given or any(len(word[0]) > 3 and have.startswith(word[0]) for have in given)
                  for word in _listed("against", role))  # fmt: skip
    if against:
        return 0.0
    if role not in KEYS and _stripped(given) in listed:
        return 0.9
    best = 0.0
    for words in listed:
        if (len(words) == 1 and len(words[0]) < 4) or len(words) > len(given):
            continue
        places = [at for at in range(len(given) - len(words) + 1) if given[at : at + len(words)] == words]
        if places:
            ends = places[0] == 0 or places[-1] == len(given) - len(words)
            best = max(best, (0.6 if ends else 0.45) + 0.05 * (len(words) - 1) - 0.03 * (len(given) - len(words)))
    return best


def _stripped(given: tuple[str, ...]) -> tuple[str, ...]:
    """A header without the words that say of what it is: ``lineitem price`` as ``price``."""
    again = True
    while again:
        again = False
        for word in _beside():
            if len(word) < len(given) and given[: len(word)] == word:
                given, again = given[len(word) :], True
            if len(word) < len(given) and given[-len(word) :] == word:
                given, again = given[: -len(word)], True
    return given


def look(column: pd.Series) -> Look:
    """The look of a column, from its first rows; each different cell is looked at once."""
    column = column.head(LOOKED_AT)
    if not isinstance(column.dtype, pd.StringDtype):
        column = column.astype("str")
    filled = column[~cells.blank(column)].str.strip()
    if filled.empty:
        return Look(0.0, 0.0, 0, *[0.0] * 10)
    counts = filled.value_counts()
    texts = pd.Series(counts.index.map(lambda text: text.translate(_ANY_DIGIT)), dtype="str")
    weights = counts.to_numpy() / counts.sum()

    def share(pattern: str | re.Pattern[str]) -> float:
        return float(weights[texts.str.fullmatch(pattern).fillna(False).to_numpy(bool)].sum())

    number = texts.str.fullmatch(_NUMBER.pattern).fillna(False).to_numpy(bool)
    mark = texts.str.contains(r"\d[.,٫]\d{1,2}(?!\d)", na=False).to_numpy(bool) & ~texts.str.contains(
        r"[.,]0+$", na=False
    ).to_numpy(bool)
    below = number & texts.str.contains(r"^[^\d]*[-−(]", na=False).to_numpy(bool)
    digits = texts.str.contains(r"\d", na=False).to_numpy(bool)
    name = texts.str.fullmatch(r"[^\W\d_][^\d@]*[ .][^\d@]*[^\W\d_]\.?").fillna(False).to_numpy(bool)
    return Look(
        filled=len(filled) / len(column),
        different=len(counts) / len(filled),
        distinct=len(counts),
        email=share(EMAIL),
        phone=float(weights[(texts.str.fullmatch(PHONE) & (texts.str.count(r"\d") >= 7)).fillna(False)].sum()),
        date=share(_DATE.pattern),
        clock=share(_CLOCK.pattern),
        number=float(weights[number].sum()),
        decimals=float(weights[number & mark].sum()),
        below=float(weights[below].sum()),
        digits=float(weights[digits].sum()),
        name=float(weights[name].sum()),
        length=float(np.dot(texts.str.len().to_numpy(), weights)),
    )


def seconds_like(column: pd.Series) -> bool:
    """Whether cells look like seconds since 1970 or serial days of a spreadsheet."""
    filled = column.head(LOOKED_AT).astype("str").str.strip()
    filled = filled[filled != ""]
    return bool(len(filled)) and bool(filled.str.fullmatch(_SECONDS.pattern).mean() > 0.95)


_ANY_DIGIT = {code: str(digit) for start in (0x0660, 0x06F0) for digit, code in enumerate(range(start, start + 10))}
