"""Keys that stand for no person, said once for sales and surveys: words for none, zeros, dashes, guests' mailboxes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

import pandas as pd

from helpers.listed import listed
from helpers.text import fold

_ZEROS = re.compile(r"[0\W_]*|-1")


@cache
def _listed(part: str) -> frozenset[str]:
    """A list of ``nobody.yml``, folded."""
    lists = listed("nobody.yml")
    return frozenset(fold(word) for word in lists[part].split(";") if word.strip())


def listed_nobodies() -> tuple[frozenset[str], frozenset[str]]:
    """Keys that are no person's, and mailboxes that are not, folded."""
    return _listed("keys"), _listed("mailboxes")


def is_nobody(key: str, stated: Iterable[str] = ()) -> bool:
    """Whether a folded key is no person's; ``stated`` are keys that the study lists, folded."""
    if key in _listed("keys") or key in stated or _ZEROS.fullmatch(key):
        return True
    mailbox, at, _ = key.partition("@")
    return bool(at) and mailbox in _listed("mailboxes")


def nobody(keys: pd.Series, listed: Sequence[str | int] = ()) -> pd.Series:
    """Which folded keys are no person's, the missing ones among them; each different key is looked at once."""
    stated = {fold(str(word)) for word in listed}
    known = {key: is_nobody(key, stated) for key in keys.dropna().unique()}
    return keys.map(known).fillna(True).astype(bool)
