"""Text as it is compared: folded, and what is spelt most like it."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

import pandas as pd

from helpers.words import ENGLISH, Said, say


def fold(text: str) -> str:
    """Text as it is compared: compatibility forms, letter case and outer or repeated blanks make no difference.

    The Turkish capital with a dot folds to a plain i.
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("i\u0307", "i").split())


def header(text: object) -> str:
    """A header as it is compared: one line, no spaces around it, accents and letters composed."""
    return " ".join(unicodedata.normalize("NFC", str(text).replace("\ufeff", "")).split())


def trimmed(answers: pd.Series) -> pd.Series:
    """Answers without outer blanks; empty ones are missing."""
    text = answers.astype("str").str.strip()
    return text.mask(text == "")


def folded(answers: pd.Series) -> pd.Series:
    """Answers as they are compared; empty ones are missing."""
    return trimmed(answers).map(fold, na_action="ignore").astype("str")


def spelt_like(given: str, known: Iterable[str]) -> list[str]:
    """What of the known is spelt most like it, the nearest first, three at most."""
    names = {fold(name): name for name in known}
    return [names[close] for close in difflib.get_close_matches(fold(given), names, n=3, cutoff=0.6)]


def nearest_said(given: str, known: Iterable[str]) -> Said:
    """``did you mean 'window'?``, or all that is known where nothing is near."""
    known = sorted(set(known))
    if near := spelt_like(given, known):
        return say("format.did_you_mean", names=[say("format.named", text=name) for name in near])
    return say("format.known", names=known) if known else say("format.known_none")


def nearest(given: str, known: Iterable[str]) -> str:
    """The same in English, for faults of study.yml and of what was called for."""
    return ENGLISH.plain(nearest_said(given, known))
