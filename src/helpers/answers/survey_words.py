"""The words of surveys, from ``locale/survey_words.yml``: scales, no answers, what tools write beside answers."""

from __future__ import annotations

from functools import cache
from typing import Any

from helpers.listed import listed
from helpers.text import fold


@cache
def survey_lists() -> dict[str, Any]:
    """The whole file, as it is."""
    return listed("survey_words.yml")


@cache
def survey_words(key: str) -> tuple[str, ...]:
    """One of its lists of words, folded."""
    return tuple(fold(word) for word in survey_lists()[key].split(";") if word.strip())
