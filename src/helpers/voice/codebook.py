"""Open answers coded by a codebook of words, each code with the words of the answer that earned it."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from helpers.contracts import StudyError
from helpers.listed import LOADER
from helpers.study import Study
from helpers.yamlfile import refuse_tricks

START_CODEBOOK = Path(__file__).parent / "start_codebook.yml"
"""Used where a study has open answers and names no codebook."""
KEYS = {"about", "words", "asked", "says"}
ABOUT = ("drivers", "barriers", "mindset")
MAX_BYTES = 2_000_000
LONGEST_WORD, MOST_GAPS, MOST_STARS = 200, 3, 8
"""Letters of a word or phrase, its gaps, and the stars of a word (or of a phrase whose words may be joined)."""
MOST_WAYS = 64_000
"""In how many ways all stars of a word can be tried: the more there are, the fewer letters each may stand for."""
_START = re.compile(r"(?<!\w)\S")
_BLANK = re.compile(r"[\s\u200c]+")
_GAP = r"(?:\W+\w+){0,3}?\W+"
"""``...``: up to three words in between. Bounded, as all that a codebook can say, so that no pattern hangs."""
_VARIANTS = {"ی": "[یيى]", "ي": "[یيى]", "ک": "[کك]", "ك": "[کك]", "آ": "[آا]", "ё": "[её]"}
_VARIANTS |= dict.fromkeys("'’ʻʼ‘`", "['’ʻʼ‘`]?")
_VARIANTS |= {
    "қ": "[қк]",
    "ғ": "[ғг]",
    "ң": "[ңн]",
    "ө": "[өо]",
    "ұ": "[ұүу]",
    "ү": "[үұу]",
    "ә": "[әа]",
    "і": "[іиыi]",
    "һ": "[һх]",
}
"""Letters typed in more than one way: Arabic for Persian ye and kaf, ё as е, apostrophes of any kind or none, and the
nearest Russian letter for a Kazakh one. A word of a codebook with the plainer letter matches that alone."""
_SAME = str.maketrans("يكآёқғңөұүәыiіһ", "یکاекгноууаииих")


@dataclass(frozen=True)
class Words:
    """The words of a code in all languages: a pattern per first letter, compiled when a text first has such a word."""

    by_letter: dict[str, str]

    def find(self, text: str) -> str | None:
        """The first of the words in a text, as written there; None where there is none."""
        for start in _START.finditer(text):
            pattern = self.by_letter.get(_first(start.group()))
            if pattern and (match := _compiled(pattern).match(text, start.start())):
                return match.group()
        return None


def _first(text: str) -> str:
    return text[:1].casefold().translate(_SAME)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@dataclass(frozen=True)
class Code:
    """One code of a codebook.

    words : earn it in any answer. asked : earn it only in answers to a question about the same (``about``). says : per
    language what people with this code say, as it follows "because" or "that".
    """

    name: str
    about: str
    words: Words | None
    asked: Words | None = None
    says: dict[str, str] = field(default_factory=dict)

    def found(self, text: str, about: str) -> str | None:
        """The words of an answer that earn the code; None where there are none.

        about : of the question; empty where that is not known, and then all words count.
        """
        lists = (self.words, self.asked if about in (self.about, "") else None)
        return next((found for words in lists if words and (found := words.find(text))), None)

    def meant(self, study: Study) -> str:
        """What people with this code say in the study's language, or in English; empty where neither is told."""
        return self.says.get(study.language, self.says.get("en", ""))


def codebook_of(study: Study) -> tuple[Code, ...]:
    """The codebook that a study names, or else the one to start with; none where it has nothing to code.

    Raises StudyError where it cannot be used.
    """
    survey = study.tables.survey
    if survey and survey.codebook:
        return read_codebook(study.folder / survey.codebook)
    asked = bool(survey and survey.open_ended) or study.tables.interviews is not None
    return read_codebook(START_CODEBOOK) if asked else ()


def read_codebook(path: str | Path) -> tuple[Code, ...]:
    """Read a codebook: ``code: {about: drivers | barriers | mindset, words: {en: [price, expens*, not... sure]}}``.

    A star stands for any letters of a word, several words are a phrase, ``...`` is up to three words in between. Words
    under ``asked``, beside ``words`` or in place of them, count only in answers to a question about the same. The key
    ``says: {en: "it costs too much"}`` is how a sentence tells the code. Raises StudyError naming file and code.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
        if len(data) > MAX_BYTES:
            raise StudyError(f"{file.name}: {len(data)} bytes; a codebook has at most {MAX_BYTES}")
        text = data.decode("utf-8-sig")
        refuse_tricks(text, file.name)
        raw = yaml.load(text, LOADER)
    except OSError as error:
        raise StudyError(f"{file.name}: the codebook cannot be opened: {error.strerror}") from None
    except UnicodeDecodeError:
        raise StudyError(f"{file.name}: the codebook is not UTF-8; save it as UTF-8") from None
    except (yaml.YAMLError, ValueError) as error:  # the latter for a date that does not exist
        raise StudyError(f"{file.name}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(raw, dict) or not raw:
        raise StudyError(f"{file.name}: a codebook is a list of `code: {{about: ..., words: ...}}`, at least one")
    return tuple(_code(name, entry, file.name) for name, entry in raw.items())


def _code(name: object, entry: object, file: str) -> Code:
    """One entry of the file, checked."""
    place = f"{file}: code {name!r}"
    keys = set(entry) if isinstance(entry, dict) else set()
    if not isinstance(name, str) or "about" not in keys or not keys & {"words", "asked"} or keys - KEYS:
        raise StudyError(f"{place}: needs a name that is text, and the keys about and words, or asked; says may follow")
    if not isinstance(entry["about"], str) or entry["about"] not in ABOUT:
        raise StudyError(f"{place}: about is {entry['about']!r}; allowed are {', '.join(ABOUT)}")
    says = entry.get("says", {})
    if not isinstance(says, dict) or not all(isinstance(text, str) and text.strip() for text in says.values()):
        raise StudyError(f'{place}: says is a text per language, such as {{en: "it costs too much"}}')
    words, asked = (_any_word(entry[key], f"{place}: {key}") if key in entry else None for key in ("words", "asked"))
    return Code(name, entry["about"], words, asked, says)


def _any_word(listed: object, place: str) -> Words:
    """Any of the words of all languages, the longest first."""
    if not isinstance(listed, dict) or not all(isinstance(words, list) and words for words in listed.values()):
        raise StudyError(f"{place} is a list per language, such as {{en: [price, expens*]}}")
    every = list(itertools.chain.from_iterable(listed.values()))
    if wrong := [word for word in every if not (isinstance(word, str) and word.strip(" *."))]:
        raise StudyError(f"{place}: {wrong[0]!r} is not a word; YAML reads it so, put it in quotes")
    if stray := [word for word in every if word.strip().startswith(("*", "..."))]:
        raise StudyError(f"{place}: {stray[0]!r} begins with a star or dots; begin with a letter")
    for word in every:
        parts = re.split(r"\.{3}|…", word)
        stars = max(part.count("*") for part in parts)
        if len(word) > LONGEST_WORD or len(parts) > MOST_GAPS + 1 or stars > MOST_STARS:
            limits = f"at most {LONGEST_WORD} letters, {MOST_STARS} stars and {MOST_GAPS} gaps (...)"
            raise StudyError(f"{place}: {word[:40]!r} is too open a pattern; a word or phrase has {limits}")
    letters: dict[str, list[str]] = {}
    for word in sorted(set(every), key=lambda word: (-len(word), word)):
        text = unicodedata.normalize("NFC", word).casefold().strip()
        letters.setdefault(_first(text), []).append(_word_pattern(text))
    return Words({first: "|".join(patterns) for first, patterns in letters.items()})


def _word_pattern(text: str) -> str:
    """One word or phrase; a blank matches the zero-width joint of Persian too, or nothing where people leave it out."""
    return _GAP.join(_phrase(part) for part in re.split(r"\.{3}|…", text))


def _phrase(text: str) -> str:
    """Words one after the other, each whole or with stars; in Persian they may be joined, so their stars add up."""
    persian = "\u0600" <= text.strip()[:1] <= "\u06ff"
    words = _BLANK.split(text.strip())
    stems = [_stem(word, text.count("*") if persian else word.count("*")) for word in words]
    ends = ["" if word.endswith("*") else r"(?!\w)" for word in words]
    if persian:
        return r"[\s\u200c]*".join(stems) + ends[-1]
    return _BLANK.pattern.join(map(str.__add__, stems, ends))


def _stem(word: str, stars: int) -> str:
    """The letters of a word, in all ways of typing them; a star is any letters, at most forty, fewer beside others."""
    any_letters = rf"\w{{0,{min(40, int(MOST_WAYS ** (1 / max(stars, 1))))}}}"
    return "".join(any_letters if sign == "*" else _VARIANTS.get(sign, re.escape(sign)) for sign in word)


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
        (respondent, question, code.about, code.name, matched)
        for respondent, question, about, text in zip(
            open_answers["respondent_id"], open_answers["question"], open_answers["about"], texts, strict=True
        )
        if isinstance(text, str)
        for code in codebook
        if (matched := code.found(text, about))
    ]
    return pd.DataFrame(found, columns=["respondent_id", "question", "about", "code", "matched"], dtype="str")
