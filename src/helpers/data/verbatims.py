"""Open answers coded by a codebook of words, each code with the words of the answer that earned it."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from helpers.contracts import StudyError

ABOUT = ("drivers", "barriers", "mindset")
MAX_BYTES = 1_000_000
_BLANK = re.compile(r"[\s\u200c]+")
_VARIANTS = {"ی": "[یيى]", "ي": "[یيى]", "ک": "[کك]", "ك": "[کك]", "ё": "[её]", "'": "['’ʻʼ‘`]", "ʻ": "['’ʻʼ‘`]"}
"""Letters that people type in more than one way: Arabic for Persian ye and kaf, ё as е, Uzbek apostrophes."""


@dataclass(frozen=True)
class Code:
    """One code: what kind of knowledge it is about, and the pattern that its words in all languages make."""

    name: str
    about: str
    pattern: re.Pattern[str]


def read_codebook(path: str | Path) -> tuple[Code, ...]:
    """Read a codebook: ``code: {about: drivers | barriers | mindset, words: {en: [price, expens*, too dear]}}``.

    A word ending in ``*`` is a prefix; several words are a phrase. Raises StudyError naming file and code.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
        if len(data) > MAX_BYTES:
            raise StudyError(f"{file.name}: {len(data)} bytes; a codebook has at most {MAX_BYTES}")
        raw = yaml.safe_load(data.decode("utf-8-sig"))
    except OSError as error:
        raise StudyError(f"{file.name}: the codebook cannot be opened: {error.strerror}") from None
    except UnicodeDecodeError:
        raise StudyError(f"{file.name}: the codebook is not UTF-8; save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise StudyError(f"{file.name}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(raw, dict) or not raw:
        raise StudyError(f"{file.name}: a codebook is a list of `code: {{about: ..., words: ...}}`, at least one")
    return tuple(_code(name, entry, file.name) for name, entry in raw.items())


def _code(name: object, entry: object, file: str) -> Code:
    """One entry of the file, checked."""
    place = f"{file}: code {name!r}"
    if not isinstance(name, str) or not isinstance(entry, dict) or set(entry) != {"about", "words"}:
        raise StudyError(f"{place}: needs a name that is text and the two keys about and words, and no others")
    if entry["about"] not in ABOUT:
        raise StudyError(f"{place}: about is {entry['about']!r}; allowed are {', '.join(ABOUT)}")
    words = entry["words"]
    if not isinstance(words, dict) or not all(isinstance(listed, list) and listed for listed in words.values()):
        raise StudyError(f"{place}: words is a list per language, such as {{en: [price, expens*]}}")
    every = list(itertools.chain.from_iterable(words.values()))
    if wrong := [word for word in every if not (isinstance(word, str) and word.strip(" *"))]:
        raise StudyError(f"{place}: {wrong[0]!r} is not a word; YAML reads it so, put it in quotes")
    longest_first = sorted(set(every), key=lambda word: (-len(word), word))
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(_word_pattern, longest_first))})", re.IGNORECASE)
    return Code(name, entry["about"], pattern)


def _word_pattern(word: str) -> str:
    """One word (a prefix where it ends in a star) or phrase; blanks match zero-width joints of Persian too."""
    text = unicodedata.normalize("NFC", word.strip())
    parts = _BLANK.split(text.rstrip("* "))
    letters = ("".join(_VARIANTS.get(sign.lower(), re.escape(sign)) for sign in part) for part in parts)
    return _BLANK.pattern.join(letters) + (r"\w*" if text.endswith("*") else r"(?!\w)")


def apply_codebook(open_answers: pd.DataFrame, codebook: tuple[Code, ...]) -> pd.DataFrame:
    """Code the open answers of a survey.

    Parameters
    ----------
    open_answers : respondent_id, question, about, text (``Survey.open_answers``).

    Returns
    -------
    One row per answer and code found in it, in the order of both: respondent_id, question, about (of the code, since an
    answer on what one wants may name what holds one back), code, matched (the words that earned the code, as written).
    Answers without a code have no row.
    """
    texts = open_answers["text"].map(lambda text: unicodedata.normalize("NFC", text), na_action="ignore")
    found = [
        (respondent, question, code.about, code.name, match.group())
        for respondent, question, text in zip(
            open_answers["respondent_id"], open_answers["question"], texts, strict=True
        )
        if isinstance(text, str)
        for code in codebook
        if (match := code.pattern.search(text))
    ]
    return pd.DataFrame(found, columns=["respondent_id", "question", "about", "code", "matched"], dtype="str")
