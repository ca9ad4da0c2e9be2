"""Names of people in text: those that are known, common given names, and what follows "my name is", in six languages.

A rule finds no more than that: who bears a rare name, with no word around that tells, is not found unless the name is
known. No language model is asked: those for six languages weigh gigabytes and would have to be downloaded.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from functools import cache

import yaml

from helpers.wording import LOCALE

_WORD = re.compile(r"[^\W\d_]+(?:['’ʻʼ‘`\u200c-][^\W\d_]+)*")
_SAME = str.maketrans(dict.fromkeys("’ʻʼ‘`", "'") | {"ё": "е", "ي": "ی", "ك": "ک"})
_CASED = re.compile(r"[A-Za-z\u00c0-\u024f\u0400-\u052f]")
"""Latin and Cyrillic: there a name begins with a capital letter."""
_VOWELS = frozenset("аяийеоуюыьй")
_BLANK = re.compile(r"[ \u00a0]+")
_AFTER_CUE = re.compile(r"[\s.,:–—\u200c-]{1,4}")


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    """``locale/names.yml``."""
    return yaml.safe_load((LOCALE / "names.yml").read_text(encoding="utf-8"))


def _plain(text: str) -> str:
    """A word or phrase as it is compared."""
    return " ".join(text.casefold().translate(_SAME).split())


@cache
def _listed(key: str) -> re.Pattern[str]:
    """Any of the words and phrases of one list, whole."""
    listed = sorted({_plain(word) for words in _lists()[key].values() for word in words}, key=len, reverse=True)
    parts = (re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in listed)
    return re.compile(rf"(?:{'|'.join(parts)})")


def stems(names: Iterable[str]) -> frozenset[str]:
    """Names as they are looked for: each word of three letters or more, and (with ``-``) without its last vowel."""
    words = {word for name in names for word in _WORD.findall(_plain(name)) if len(word) >= 3}
    georgian = {word[:-1] for word in words if word[-1] == "ი"}  # the mark of the nominative, dropped in other cases
    return frozenset(words | georgian | {f"{word[:-1]}-" for word in words if word[-1] in _VOWELS})


@cache
def _endings() -> frozenset[str]:
    return frozenset(_plain(ending) for listed in _lists()["endings"].values() for ending in listed)


@cache
def _built(key: str) -> re.Pattern[str]:
    """Words that end like names of a kind, with or without a case ending."""
    stem = "|".join(_plain(ending) for listed in _lists()[key].values() for ending in listed)
    return re.compile(rf"\w{{2,}}(?:{stem})(?:{'|'.join(map(re.escape, _endings()))})?")


@cache
def _given() -> frozenset[str]:
    """The common given names of all languages."""
    return stems(name for names in _lists()["given"].values() for name in names)


def scrub_names(text: str, known: frozenset[str] = frozenset()) -> str:
    """Replace people's names by ``[name]``.

    known : ``stems`` of names that are known to belong to people, for instance from the customers table.

    >>> scrub_names("Спасибо Анне Ивановой, меня зовут Заур")
    'Спасибо [name], меня зовут [name]'
    """
    found = list(_WORD.finditer(text))
    words = [match.group() for match in found]
    plain = [_plain(word) for word in words]
    gaps = [text[a.end() : b.start()] for a, b in itertools.pairwise(found)]
    may = [_may_be_name(word, low) for word, low in zip(words, plain, strict=True)]
    inside = [bool(i and _BLANK.fullmatch(gaps[i - 1]) and _CASED.match(word)) for i, word in enumerate(words)]
    names = [
        may[i]
        and (
            _is_among(low, known)
            or _is_among(low, _given())
            or bool(_built("patronymics").fullmatch(low))
            or (inside[i] and bool(_built("alone").fullmatch(low)))
            or _cued(i, plain, gaps)
        )
        for i, low in enumerate(plain)
    ]
    for i in [*range(len(words)), *reversed(range(len(words)))]:
        names[i] = names[i] or (may[i] and _beside(i, names, plain, gaps, inside))
    pieces, last = [], 0
    for i, match in enumerate(found):
        if names[i]:
            joined = i > 0 and names[i - 1] and _BLANK.fullmatch(gaps[i - 1])
            pieces += [] if joined else [text[last : match.start()], "[name]"]
            last = match.end()
    return "".join([*pieces, text[last:]])


def _may_be_name(word: str, plain: str) -> bool:
    """A word that is not ruled out: with a capital letter where the script has them, and no word of address."""
    capital = word[:1].isupper() or not _CASED.match(word)
    return capital and len(plain) > 1 and not _listed("unlike").fullmatch(plain)


def _is_among(word: str, names: frozenset[str]) -> bool:
    """Whether a word is one of the names, with or without an ending."""
    if word in names:
        return True
    cuts = range(max(2, len(word) - 7), len(word))
    return any(
        word[cut:] in _endings() and (word[:cut] in names or (word[cut] in _VOWELS and f"{word[:cut]}-" in names))
        for cut in cuts
    )


def _cued(i: int, plain: list[str], gaps: list[str]) -> bool:
    """Whether the words before or after tell that this is a name."""
    for length in (1, 2, 3):
        if length <= i and _AFTER_CUE.fullmatch(gaps[i - 1]):
            phrase = " ".join(plain[i - length : i])
            if _listed("before").fullmatch(phrase):
                return True
    return i + 1 < len(plain) and bool(_BLANK.fullmatch(gaps[i]) and _listed("after").fullmatch(plain[i + 1]))


def _beside(i: int, names: list[bool], plain: list[str], gaps: list[str], inside: list[bool]) -> bool:
    """Whether a word belongs to the name next to it: it ends like a surname, or has a capital inside a sentence."""
    right_of = i > 0 and names[i - 1] and _BLANK.fullmatch(gaps[i - 1])
    left_of = i + 1 < len(plain) and names[i + 1] and _BLANK.fullmatch(gaps[i])
    return bool((right_of or left_of) and (inside[i] or _built("surnames").fullmatch(plain[i])))
