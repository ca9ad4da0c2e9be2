"""Answer scales, by their words in six languages, by numbers and by stars: which way they run; what is no answer."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from helpers.answers.questions import read_ratings
from helpers.answers.survey_words import survey_lists, survey_words
from helpers.intake.vocabulary import plain
from helpers.names import TYPED_ALIKE
from helpers.sources import Likert

MOST_STEPS = 15
"""Columns with more different answers than this are on no scale in words."""
ENDS = re.compile(
    r"(?<![\d.,])([01])\s*(?:-?\s*(?:dan|дан|ден|тен|დან)|-|–|—|to|until|до|تا|bis|à|a|\.\.+|…)\s*(\d{1,3})(?!\d|[.,]\d)",
    re.IGNORECASE,
)
"""How a question states its scale: 1-7, from 0 to 10, от 1 до 5."""
CODE_NAME = re.compile(r"[A-Za-z]{1,4}\d+[A-Za-z]?")
"""A header that tells nothing of its question, S2: its numbers may stand for anything."""
WIDTHS = (4, 5, 7, 10)


@dataclass(frozen=True)
class Rating:
    """A rating item: its scale, what its labels stand for, answers that are none, and whether its numbers run down."""

    scale: tuple[int, int]
    labels: dict[str, int] = field(default_factory=dict)
    missing: list[str | int] = field(default_factory=list)
    reverse: bool = False
    stated: bool = True
    """Whether the question or its answers say what the scale is; otherwise it is concluded from the marks given."""


def wording(answer: str) -> str:
    """An answer as scales are compared; Turkish capitals fold to an i with its dot."""
    return plain(answer).translate(TYPED_ALIKE).replace("ı", "i")


@cache
def no_answers() -> frozenset[str]:
    """Wordings that are no answer to anything."""
    return frozenset(wording(word) for key in ("dont_know", "placeholders") for word in survey_words(key))


@cache
def _codes() -> frozenset[int]:
    return frozenset(int(code) for code in survey_words("no_answer_codes"))


@cache
def _scales() -> tuple[tuple[int, dict[str, int]], ...]:
    """Number of steps, and wording -> step in all languages, of every scale that is known."""
    found = []
    for lengths in survey_lists()["scales"].values():
        for length, languages in lengths.items():
            steps = {
                wording(text): step
                for listed in languages.values()
                for step, texts in enumerate(listed, start=1)
                for text in texts.split("|")
            }
            found.append((int(str(length)[0]), steps))
    return tuple(found)


def is_no_answer(answer: str) -> bool:
    """Whether an answer says that there is none."""
    return wording(answer) in no_answers() or not re.search(r"[\w★⭐☆]", answer)


def numbers_of(answers: pd.Series) -> pd.Series:
    """Answers as marks: numbers, with words beside them or not, and stars; NaN for others."""
    return read_ratings(answers, Likert(items=[])).replace([np.inf, -np.inf], np.nan)


def missing_codes(numbers: pd.Series, high: float) -> list[int]:
    """Numbers for no answer that stand beside a scale."""
    given = {float(number) for number in numbers.dropna().unique()}
    return sorted({int(code) for code in given if code in _codes() and not 0 <= code <= high} | {*_apart(given)})


def _apart(given: set[float]) -> list[int]:
    """8 or 9 behind a scale that ends at 4 to 7 with a gap between: what a code book writes for no answer."""
    top = max((number for number in given if number <= 7), default=0)
    scale = {float(step) for step in range(1, int(top) + 1)}
    beyond = sorted(number for number in given if 7 < number <= 10)
    far = top >= 4 and scale <= given and beyond and beyond[0] > top + 1 and {*beyond} <= {8, 9}
    return [int(number) for number in beyond] if far else []


def stated_scale(text: str) -> tuple[int, int] | None:
    """The scale that a question names, such as (1, 7); None where it names none."""
    for low, high in ENDS.findall("".join(str(unicodedata.digit(sign, sign)) for sign in text)):
        if int(high) in (3, *WIDTHS, 6, 8, 9, 100):
            return int(low), int(high)
    return None


def in_words(answers: pd.Series) -> Rating | None:
    """The scale on which most answers are, by their words in any of the languages; None where no scale is known."""
    counts = answers.value_counts()
    given = [answer for answer in counts.index if not is_no_answer(answer)]
    if not 2 <= len(given) <= 4 * MOST_STEPS:
        return None
    best: tuple[tuple[int, int, int], Rating] | None = None
    for length, steps in _scales():
        known = steps | _milder(steps, {wording(answer) for answer in given})
        labels = {answer: known[wording(answer)] for answer in given if wording(answer) in known}
        beside = [answer for answer in given if answer not in labels]
        if middle := _middle(labels, beside, list(counts.index), length):
            labels, beside = labels | {middle: length // 2 + 1}, [answer for answer in beside if answer != middle]
        share = counts[list(labels)].sum() / counts[[*given, *([middle] if middle not in (None, *given) else [])]].sum()
        few_beside = share > 0.8 and len(labels) > 2 and len(beside) <= 2
        if len(set(labels.values())) < 2 or not (share > 0.9 or few_beside) or _finer(labels, beside, known):
            continue
        rank = (len(labels), len(set(labels.values())), -length)
        if best is None or rank > best[0]:
            none = [a for a in counts.index if is_no_answer(a) and re.search(r"[\w?]", a) and a not in labels]
            best = rank, Rating((1, length), labels, [*none, *beside])
    return best and best[1]


def _middle(labels: dict[str, int], beside: list[str], answers: list[str], length: int) -> str | None:
    """The one answer that is the middle of a scale of which all other steps were given; None where none is.

    "No opinion" is the middle where another answer says that somebody does not know.
    """
    if length % 2 == 0 or {*range(1, length + 1)} - {*labels.values()} != {length // 2 + 1}:
        return None
    if len(beside) == 1:
        return beside[0]
    opinions = {wording(word) for word in survey_words("no_opinion")}
    none = [answer for answer in answers if is_no_answer(answer)]
    without = [answer for answer in none if wording(answer) in opinions]
    return without[0] if not beside and len(without) == 1 and len(none) > 1 else None


def known_in_part(answers: pd.Series) -> list[str]:
    """The answers that are on some scale, where several are."""
    given = answers.unique()
    known = max(([answer for answer in given if wording(answer) in steps] for _, steps in _scales()), key=len)
    return known if len(known) > 1 else []


def _finer(labels: dict[str, int], beside: list[str], steps: dict[str, int]) -> bool:
    """Whether answers beside the scale are finer than it: "somewhat agree" beside "agree"."""
    known = {wording(answer) for answer in labels}
    return any(wording(answer).endswith(f" {text}") for answer in beside for text in known if text in steps)


def _milder(steps: dict[str, int], answers: set[str]) -> dict[str, int]:
    """The steps of "somewhat agree" and "somewhat disagree", where they stand in place of "agree" and "disagree"."""
    inner = sorted((text for text, step in steps.items() if step in (2, 4)), key=len)
    if answers & {*inner} or not {1, 5} & {steps.get(answer) for answer in answers}:
        return {}
    found = {answer: text for text in inner for answer in answers - {*steps} if answer.endswith(f" {text}")}
    pair = len(found) == 2 and len({answer.removesuffix(text) for answer, text in found.items()}) == 1
    return {answer: steps[text] for answer, text in found.items()} if pair else {}


def in_numbers(answers: pd.Series, text: str, battery: tuple[float, float] | None, asked: str) -> Rating | None:
    """A rating by numbers, numbers with words at the ends, or stars; None for counts, codes of categories and others.

    battery : the lowest and highest mark of all rows of one question that this is one of. asked : what kind of answer
    the question asks for (rated, counted, chosen, or empty where its words do not tell).
    """
    rest = answers[~answers.map(is_no_answer)]
    numbers = numbers_of(rest)
    if not len(rest) or numbers.notna().mean() <= 0.95 or (asked == "counted" and not stated_scale(text)):
        return None
    far = _apart({float(number) for number in numbers.dropna().unique()})
    marks = numbers[numbers.notna() & ~numbers.isin([*(_codes() - {*range(11)}), *far])]
    if battery and battery[1] > 3 and len(marks) > 30 and {*marks} <= {0.0, 1.0, 2.0} and len({*marks}) == 2:
        return None  # two codes among rows of marks: chosen and not chosen
    if len(marks) < 3 or (marks % 1 != 0).any() or marks.min() < 0:
        return None
    words = [answer for answer in rest.unique() if re.search(r"[^\W\d]|[★⭐]", answer)]
    stated = stated_scale(text)
    if stated and stated[0] <= marks.min() and marks.max() <= stated[1]:
        scale, sure = stated, True
    elif not words and (asked == "chosen" or (battery is None and CODE_NAME.fullmatch(text))):
        return None
    else:
        low, high = battery or (float(marks.min()), float(marks.max()))
        sure = bool(words) or battery is not None or asked == "rated"
        if not _scale_like(marks, low, high, sure):
            return None
        scale = (0 if low == 0 else 1, next((width for width in _widths(low, sure) if high <= width), 0))
        if not scale[1] or (scale[0] == 0 and scale[1] < 5):
            return None
    none = [answer for answer in answers.unique() if is_no_answer(answer) and re.search(r"[\w?]", answer)]
    missing = [*none, *missing_codes(numbers, scale[1])]
    return Rating(scale, {}, missing, _runs_down(words), sure)


def _widths(low: float, sure: bool) -> tuple[int, ...]:
    """How many steps a scale may have; four only where something says that it is a scale."""
    return (10,) if low == 0 else WIDTHS if sure else WIDTHS[1:]


def _scale_like(marks: pd.Series, low: float, high: float, sure: bool) -> bool:
    """Whether marks look like those of a scale: most steps were used, and its top."""
    used = marks.nunique()
    if sure:
        return 2 < high <= 10 and used > 1 and (low > 0 or high > 5)
    return used > 2 and low >= 1 and (high == 5 or (high in (7, 10) and used >= high - 2))


def _runs_down(labelled: list[str]) -> bool:
    """Whether the words beside the numbers say that the low numbers are the good ones: ``1 = strongly agree``."""
    pairs = []
    for answer in labelled:
        words = wording(re.sub(r"[\d★⭐☆]+", " ", answer).strip(" -–—.:)(="))
        step = next((known[words] for _, known in _scales() if words in known), None)
        if step is not None:
            pairs.append((float(numbers_of(pd.Series([answer], dtype="str")).iloc[0]), step))
    if len({step for _, step in pairs}) < 2:
        return len(pairs) > 0 and all((number == 1 and step == 5) for number, step in pairs)
    numbers, steps = zip(*pairs, strict=True)
    return bool(np.corrcoef(numbers, steps)[0, 1] < 0)
