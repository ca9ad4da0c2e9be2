"""The encoding of a text file: the one in which its words are words of a language.

Statistics over whole files fail on exports, whose cells are mostly digits and Latin codes: a thousand euro signs or
fifty words of Russian among two thousand lines must do. So each different word with a letter beyond ASCII is judged, by
the pairs of letters that the names of countries, languages, currencies and months (Unicode's CLDR) have in a language.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

import numpy as np
from babel import Locale
from scipy.special import logsumexp

WESTERN = ("de", "fr", "es", "pt", "it", "nl", "sv", "da", "nb", "fi", "is")
CENTRAL = ("pl", "cs", "sk", "hu", "ro", "hr", "sl", "de")
CYRILLIC = ("ru", "uk", "bg", "be")
LANGUAGES = {
    "cp1252": WESTERN, "cp1251": CYRILLIC, "cp1250": CENTRAL, "koi8-r": ("ru",), "koi8-u": ("uk",),
    "cp866": ("ru", "be"),
    "mac-roman": WESTERN, "mac-cyrillic": ("ru", "uk"), "cp1254": ("tr",), "cp1256": ("fa", "ar", "ur"),
    "kz1048": ("kk",), "iso8859-2": CENTRAL, "iso8859-5": ("ru",), "cp852": CENTRAL, "cp850": WESTERN,
    "cp1257": ("lt", "lv", "et"), "cp1253": ("el",),
}  # fmt: skip
"""The encodings that are tried, of equals the first wins, and the languages that are written in each."""
RARE = {"cp1250": 1.0, "cp1254": 1.0, "mac-roman": 1.0, "koi8-u": 3.0, "kz1048": 3.0, "iso8859-2": 3.0, "cp1257": 3.0,
        "cp1253": 3.0, "cp852": 4.0, "cp850": 4.0, "mac-cyrillic": 6.0, "iso8859-5": 6.0}  # fmt: skip
"""How much the less usual ones must be better, in the logarithm of the odds."""
MOST_WORDS = 3000
_WORD = re.compile(rb"(\d[ ]?)?([A-Za-z'\x80-\xff]*[\x80-\xff][A-Za-z'\x80-\xff]*)(?=(\d)?)")
_CURRENCY, _GAPS, _MARKS = "€£¥", "\u00a0\u202f", "«»„“”‘’‚–—…№°§·©®™"
_OPENING = "«„“‘‚"
_ODD, _MARK, _WRONG_CASE = math.log(1e-5), math.log(3e-3), math.log(0.02)


def different_words(blocks: Iterable[bytes]) -> Counter[bytes]:
    """The different words of a file that hold a byte above 127, with a digit before or behind where there is one."""
    found: Counter[bytes] = Counter()
    for block in blocks:
        found.update(b"0" * bool(a) + word + b"0" * bool(z) for a, word, z in _WORD.findall(block))
        if len(found) >= MOST_WORDS:
            break
    return found


def likely_single_byte(found: Counter[bytes]) -> str:
    """Of the encodings with one byte per letter the one that makes words of a language."""
    often = [word for word, _ in found.most_common(MOST_WORDS)]
    fits = {encoding: _fit(encoding, often) - RARE.get(encoding, 0.0) for encoding in LANGUAGES}
    best = max(fits, key=fits.__getitem__)
    text = b" ".join(often)
    return next(name for name in LANGUAGES if text.decode(name, "replace") == text.decode(best, "replace"))


def _fit(encoding: str, often: list[bytes]) -> float:
    """The logarithm of the likelihood of words, all in one of an encoding's languages or each in any of them."""
    table = bytes(range(256)).decode(encoding, "replace")
    texts = ["".join(table[byte] for byte in word) for word in often]
    languages = LANGUAGES[encoding]
    fits = np.array([[_likelihood(text, language) for text in texts] for language in languages])
    prior = math.log(len(WESTERN))  # the same for all encodings, however few languages each has
    return float(max(fits.sum(axis=1).max() - prior, (logsumexp(fits, axis=0) - prior).sum()))


def _likelihood(text: str, spoken: str) -> float:
    """The logarithm of the likelihood of a word's letters; digits at its ends tell where it stands."""
    pairs, letters = _pairs(spoken)
    after, before = text[0] == "0", text[-1] == "0"
    core = text.strip("0")
    fit, last = 0.0, "^"
    for place, letter in enumerate(core):
        low = letter.lower()
        if len(low) == 1 and low.isalpha():
            fit += math.log((pairs[last + low] + 20 * letters[low] / letters["^"] + 0.002) / (letters[last] + 25))
            if place and letter.isupper() and core[place - 1].islower():
                fit += _WRONG_CASE
            last = low
            continue
        inside = core[place - 1 : place].isalpha(), core[place + 1 : place + 2].isalpha()
        fit += _symbol(letter, *inside, len(core) == 1 or after)
        last = "^"
    if last != "^":
        fit += math.log((pairs[last + "^"] + 0.1) / (letters[last] + 25))
        if (after or before) and len(core) == 1:
            fit += math.log(0.01)  # a letter alone beside a number
        if after and before:
            fit += math.log(0.01)
    return fit


def _symbol(sign: str, behind_a_letter: bool, before_a_letter: bool, alone: bool) -> float:
    """The logarithm of the likelihood of a sign that is no letter."""
    if sign in _CURRENCY or sign in _GAPS:
        return math.log(0.05 if alone else 0.01)
    if sign in "'’" or (sign in _MARKS and not (before_a_letter and behind_a_letter)):
        return _MARK if not (sign in _OPENING and behind_a_letter) else _ODD
    return 2 * _ODD if unicodedata.category(sign) in ("Cc", "Cn", "Co", "So") or sign == "\ufffd" else _ODD


@cache
def _pairs(spoken: str) -> tuple[Counter[str], Counter[str]]:
    """How often letters follow one another in a language's names, and how often each comes; ``^`` ends a word."""
    locale = Locale(spoken)
    months = [name for form in locale.months["format"].values() for name in form.values()]
    days = [name for form in locale.days["format"].values() for name in form.values()]
    names = [*locale.territories.values(), *locale.languages.values(), *locale.currencies.values(), *months, *days]
    pairs: Counter[str] = Counter()
    letters: Counter[str] = Counter()
    for word in {word for name in names for word in re.findall(r"[^\W\d_]+", name.lower())}:
        pairs.update(a + b for a, b in zip("^" + word, word + "^", strict=True))
        letters.update("^" + word)
    return pairs, letters


# --- UTF-16 and UTF-8 --------------------------------------------------------------------------------------------


def utf16(start: bytes) -> str | None:
    """The form of UTF-16 that the first bytes of a file are in, with or without a byte order mark; None if in none."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if start.count(b"\0") < 0.002 * len(start) or len(start) < 4:
        return None
    for form in ("utf-16-le", "utf-16-be"):
        text = start[: len(start) // 2 * 2].decode(form, "ignore")
        near = sum(letter < "\u0700" or "\u1000" < letter < "\u2200" for letter in text)
        if near > 0.95 * len(text) > 0 and "\0" not in text:  # the wrong form makes half of all letters Chinese
            return form
    return None


def is_japanese(start: bytes) -> bool:
    """Whether the first bytes of a file are Shift JIS: they read as it, with kana among the letters."""
    try:
        text = codecs.getincrementaldecoder("cp932")().decode(start)
    except UnicodeDecodeError:
        return False
    beyond = [letter for letter in text if letter > "\u00ff" and not "\uff61" <= letter <= "\uff9f"]
    kana = sum("\u3040" <= letter <= "\u30ff" for letter in beyond)
    return kana > 0.1 * len(beyond) and 2 * len(beyond) > sum(byte > 127 for byte in start) / 2


def damaged_utf8(found: Counter[bytes]) -> bool:
    """Whether a file is UTF-8 but for a few damaged letters: words of another encoding are hardly ever valid UTF-8."""
    valid = sum(_is_utf8(word.strip(b"0")) for word in found)
    return valid >= 5 and valid > 0.8 * len(found)


def _is_utf8(word: bytes) -> bool:
    try:
        return bool(word.decode("utf-8"))
    except UnicodeDecodeError:
        return False
