"""The words by which plain exports are recognised, from ``locale/headers.yml``, and how headers and cells fit them."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pandas as pd

from helpers.listed import listed
from helpers.read import cells
from helpers.text import fold

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s.]+"
SAMPLE = 5_000


@cache
def vocabulary() -> dict[str, Any]:
    """The words by which exports are recognised."""
    return listed("headers.yml")


def listed_words(key: str) -> list[str]:
    return [fold(word) for word in vocabulary()[key].split(";")]


def plain(header: str) -> str:
    return fold(cells.header(header)).strip(" .:*?!").replace("_", " ")


def says(header: str, listed: str) -> int:
    """How well a header fits a list of words: 2 it is one of them, 1 it begins with a longer one, 0 not at all."""
    given = plain(header)
    words = [fold(word).replace("_", " ") for word in listed.split(";")]
    if given in (word.strip(".") for word in words):
        return 2
    return int(any(len(word) > 3 and re.match(re.escape(word) + r"[\s,(/:]", given) for word in words))


def share(column: pd.Series, pattern: str) -> float:
    """Share of the filled cells that look like a pattern."""
    filled = column.head(SAMPLE).str.strip().replace("", pd.NA).dropna()
    return float(filled.str.fullmatch(pattern).mean()) if len(filled) else 0.0
