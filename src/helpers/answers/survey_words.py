"""The words of surveys, from ``locale/survey_words.yml``: scales, no answers, what tools write beside answers."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from helpers.text import fold
from helpers.words import LOCALE


@cache
def survey_lists() -> dict[str, Any]:
    """The whole file, as it is."""
    return yaml.safe_load((LOCALE / "survey_words.yml").read_text(encoding="utf-8"))


@cache
def survey_words(key: str) -> tuple[str, ...]:
    """One of its lists of words, folded."""
    return tuple(fold(word) for word in survey_lists()[key].split(";") if word.strip())
