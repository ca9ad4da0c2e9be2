"""Names of people in text: those that are known, common given names, and what follows "my name is", in six languages.

A rule finds no more than that: who bears a rare name, with no word around that tells, is not found unless the name is
known. No language model is asked: those for six languages weigh gigabytes and would have to be downloaded.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from helpers.listed import listed

_WORD = re.compile(r"[^\W\d_]+(?:['’ʻʼ‘`\u200c-][^\W\d_]+)*")
TYPED_ALIKE = str.maketrans(dict.fromkeys("’ʻʼ‘`", "'") | {"ё": "е", "ي": "ی", "ك": "ک"})
"""Signs that people and keyboards put in one another's place."""
_CASED = re.compile(r"[A-Za-z\u00c0-\u024f\u0400-\u052f]")
"""Latin and Cyrillic: there a name begins with a capital letter."""
_PERSIAN = re.compile(r"[\u0600-\u06ff]")
_VOWELS = frozenset("аяийеоуюыьй")
_BLANK = re.compile(r"[ \u00a0]+")
_WITHIN = re.compile(r",?[ \u00a0]+")
"""What stands between two words of one sentence."""
_AFTER_CUE = re.compile(r"[\s.,:–—\u200c-]{1,4}")


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    """``locale/names.yml``."""
    return listed("names.yml")


def _plain(text: str) -> str:
    """A word or phrase as it is compared."""
    return " ".join(text.casefold().translate(TYPED_ALIKE).split())


@cache
def _listed(key: str) -> re.Pattern[str]:
    """Any of the words and phrases of one list, whole."""
    listed = sorted({_plain(word) for words in _lists()[key].values() for word in words}, key=len, reverse=True)
    parts = (re.escape(word.rstrip("*")) + (r"[\w\u200c]*" if word.endswith("*") else "") for word in listed)
    return re.compile(rf"(?:{'|'.join(parts)})")


def stems(names: Iterable[str]) -> frozenset[str]:
    """Names as they are looked for: each word of three letters or more, and (with ``-``) without its last vowel."""
    words = {word for name in names for word in _WORD.findall(_plain(name)) if len(word) >= 3}
    georgian = {word[:-1] for word in words if word[-1] == "ი" and len(word) > 4}  # the nominative's mark
    return frozenset(words | georgian | {f"{word[:-1]}-" for word in words if word[-1] in _VOWELS})


@cache
def _endings() -> frozenset[str]:
    return frozenset(_plain(ending) for listed in _lists()["endings"].values() for ending in listed)


@cache
def _built(key: str) -> re.Pattern[str]:
    """Words that end like names of a kind, with or without a case ending."""
    stem = "|".join(_plain(ending) for listed in _lists()[key].values() for ending in listed)
    return re.compile(rf"[\w\u200c'-]{{2,}}(?:{stem})(?:{'|'.join(map(re.escape, _endings()))})?")


@cache
def _names(*keys: str) -> frozenset[str]:
    """The names of some lists, in all languages."""
    return stems(name for key in keys for names in _lists()[key].values() for name in names)


class _Word(NamedTuple):
    """A word of a text, and what can be told of it where it stands.

    plain : as it is compared. gap : what stands between it and the next word. able : it may be a name. inside : a
    capital letter tells one, since it stands inside a sentence. given : a common given name. surname : by its ending.
    """

    plain: str
    gap: str
    able: bool
    inside: bool
    given: bool
    surname: bool


def scrub_names(text: str, known: frozenset[str] = frozenset()) -> str:
    """Replace people's names by ``[name]``.

    known : ``stems`` of names that are known to belong to people, for instance from the customers table.

    >>> scrub_names("Спасибо Анне Ивановой, меня зовут Заур")
    'Спасибо [name], меня зовут [name]'
    """
    found = list(_WORD.finditer(text))
    words = _read(text, found, known)
    names = [
        word.able
        and (
            word.given
            or word.surname
            or _is_among(word.plain, known)
            or _is_among(word.plain, _names("family"))
            or bool(_built("built").fullmatch(word.plain))
            or (word.inside and _is_among(word.plain, _names("given_inside")))
            or _cued(i, words)
            or _paired(i, words)
        )
        for i, word in enumerate(words)
    ]
    for i in [*range(len(words)), *reversed(range(len(words)))]:
        names[i] = names[i] or (words[i].able and _beside(i, names, words))
    for i in range(len(words)):
        if not names[i] and _introduced(i, words):
            names[i] = True
            if _next_to(i, words) and _may_be_surname(words[i + 1], words[i + 2 : i + 3]):
                names[i + 1] = True
    pieces, last = [], 0
    for i, match in enumerate(found):
        if names[i]:
            joined = i > 0 and names[i - 1] and _BLANK.fullmatch(words[i - 1].gap)
            pieces += [] if joined else [text[last : match.start()], "[name]"]
            last = match.end()
    return "".join([*pieces, text[last:]])


def _read(text: str, found: list[re.Match[str]], known: frozenset[str]) -> list[_Word]:
    """The words of a text."""
    gaps = ["", *(text[a.end() : b.start()] for a, b in itertools.pairwise(found)), ""]
    words = []
    for match, before, after in zip(found, gaps, gaps[1:], strict=False):
        word, plain = match.group(), _plain(match.group())
        cased = bool(_CASED.match(word))
        able = (word[0].isupper() or not cased) and _may_be_name(plain, known)
        inside = cased and not word.isupper() and bool(_WITHIN.fullmatch(before))
        surname = able and (inside or not cased) and bool(_built("alone").fullmatch(plain))
        words.append(_Word(plain, after, able, inside, able and _is_among(plain, _names("given")), surname))
    return words


def _may_be_name(word: str, known: frozenset[str]) -> bool:
    """Whether a word is not ruled out: as a word of address, or as an ordinary one that is no known name."""
    if len(word) < 2 or _listed("unlike").fullmatch(word):
        return False
    return not _listed("ordinary").fullmatch(word) or _is_among(word, known)


@lru_cache(maxsize=100_000)
def _bare(word: str) -> frozenset[str]:
    """A word, and what is left of it without an ending."""
    cuts = [cut for cut in range(max(2, len(word) - 7), len(word)) if word[cut:] in _endings()]
    return frozenset([word, *(word[:cut] for cut in cuts), *(f"{word[:cut]}-" for cut in cuts if word[cut] in _VOWELS)])


def _is_among(word: str, names: frozenset[str]) -> bool:
    """Whether a word is one of the names, with or without an ending."""
    return not names.isdisjoint(_bare(word))


def _cued(i: int, words: list[_Word]) -> bool:
    """Whether the words before or after tell that this is a name."""
    for length in (1, 2, 3):
        if length <= i and _AFTER_CUE.fullmatch(words[i - 1].gap):
            phrase = " ".join(word.plain for word in words[i - length : i])
            if _listed("before").fullmatch(phrase):
                return True
    return _next_to(i, words) and bool(_listed("after").fullmatch(words[i + 1].plain))


def _introduced(i: int, words: list[_Word]) -> bool:
    """Whether someone says who they are, in whatever case: any word after "my name is", a given name after "I am"."""
    plain = words[i].plain
    if len(plain) < 2 or _listed("no_name").fullmatch(plain) or not _may_be_name(plain, frozenset()):
        return False
    phrases = [" ".join(word.plain for word in words[i - n : i]) for n in (1, 2, 3, 4) if n <= i]
    if not phrases or not _AFTER_CUE.fullmatch(words[i - 1].gap):
        return False
    if any(_listed("introduces").fullmatch(phrase) for phrase in phrases):
        return True
    starts = [n for n, phrase in enumerate(phrases, 1) if _listed("says_who").fullmatch(phrase)]
    return bool(starts) and _is_among(plain, _names("given"))


def _may_be_surname(word: _Word, after: list[_Word]) -> bool:
    """Whether a word after a name that was introduced belongs to it: by its end, or by what follows it."""
    if _listed("no_name").fullmatch(word.plain) or not _may_be_name(word.plain, frozenset()):
        return False
    known = _is_among(word.plain, _names("given", "family", "family_paired"))
    ends = _built("surnames").fullmatch(word.plain) or _built("built").fullmatch(word.plain)
    last = not _BLANK.fullmatch(word.gap) or any(_listed("no_name").fullmatch(following.plain) for following in after)
    return bool(known or ends or last)


def _paired(i: int, words: list[_Word]) -> bool:
    """Whether a given name that is a word as well stands right before what may be a surname."""
    if not (_is_among(words[i].plain, _names("given_inside", "given_paired")) and _next_to(i, words)):
        return False
    following = words[i + 1]
    ends = _built("surnames").fullmatch(following.plain)
    return following.able and bool(ends or _is_among(following.plain, _names("family")))


def _beside(i: int, names: list[bool], words: list[_Word]) -> bool:
    """Whether a word belongs to the name next to it: by its capital letter inside a sentence, its end, or its place."""
    word, left = words[i], words[i - 1]
    after_name = i > 0 and names[i - 1] and _next_to(i - 1, words)
    before_name = _next_to(i, words) and names[i + 1]
    if (after_name or before_name) and (word.inside or _built("surnames").fullmatch(word.plain)):
        return True
    if before_name and words[i + 1].surname:
        return True
    uncommon = left.given and _PERSIAN.match(word.plain) and not _listed("common").fullmatch(word.plain)
    return after_name and bool(uncommon or _is_among(word.plain, _names("family_paired")))


def _next_to(i: int, words: list[_Word]) -> bool:
    """Whether only a blank stands between a word and the next."""
    return i + 1 < len(words) and bool(_BLANK.fullmatch(words[i].gap))
