"""Answers to the declared questions as numbers, categories, ticks and text."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from helpers.contracts import DataError, StudyError
from helpers.privacy import scrub
from helpers.study import Likert, SurveySource

LEAST_TICKS = 5
"""Tick-list options chosen less often are pooled as ``other``."""
_LEADING_NUMBER = re.compile(r"([+-]?\d+(?:[.,]\d+)?)(?:\s*[-–—.:)(=]\s*[^\W\d].*)?")


@dataclass(frozen=True)
class Item:
    """One coded column: its kind, the question as it was asked, and which answers could not be used as they were.

    ``faults`` maps missing_codes, out_of_range and unknown_answers to one flag per respondent.
    """

    kind: str
    question: str
    values: pd.Series
    faults: dict[str, pd.Series] = field(default_factory=dict)


def fold(text: str) -> str:
    """Text as it is compared: compatibility forms, letter case and outer or repeated blanks make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def code_questions(frame: pd.DataFrame, source: SurveySource) -> Iterator[tuple[str, Item]]:
    """Every declared question, coded, under the text that study.yml gives it or else its header.

    Raises StudyError for one that is not in the file.
    """
    for name, item in _coded(frame, source):
        asked = source.questions.get(name.split(": ")[0] if item.kind == "tick" else name.removeprefix("open: "))
        yield name, item if asked is None else replace(item, question=asked)


def _coded(frame: pd.DataFrame, source: SurveySource) -> Iterator[tuple[str, Item]]:
    """Every declared question, coded, under its header."""
    likert = source.likert or Likert(items=[])
    kinds = dict.fromkeys(likert.items, "likert")
    for importance, performance in source.importance_performance.values():
        kinds |= {importance: "importance", performance: "performance"}
    for name, kind in kinds.items():
        column = column_of(frame, source, name)
        yield name, _rating(frame[column], likert, likert.scale, kind, name in likert.reverse, source.path)
    for name in source.categorical:
        column = column_of(frame, source, name)
        yield name, Item("categorical", column, _one_spelling(frame[column]))
    for name, question in source.multiple_choice.items():
        column = column_of(frame, source, question.column)
        for option, ticks in _ticks(frame[column], question.sep).items():
            yield f"{name}: {option}", Item("tick", column, ticks)
    if source.nps:
        column = column_of(frame, source, source.nps)
        yield (
            "nps",
            _rating(frame[column], likert.model_copy(update={"labels": {}}), (0, 10), "nps", False, source.path),
        )
    for name, question in source.open_ended.items():
        column = column_of(frame, source, question.column)
        yield f"open: {name}", Item("open", column, trimmed(frame[column]).map(scrub, na_action="ignore"))


def column_of(frame: pd.DataFrame, source: SurveySource, name: str) -> str:
    """The header that a question has in the file. Raises StudyError with the nearest ones."""
    for header in (name, source.columns.get(name)):
        if header in frame.columns:
            return header
    near = difflib.get_close_matches(name, frame.columns, n=3, cutoff=0.4)
    hint = f"; the nearest are {', '.join(map(repr, near))}" if near else ""
    raise StudyError(f"{source.path}: study.yml names the question {name!r}, which the file does not have{hint}.")


def trimmed(answers: pd.Series) -> pd.Series:
    """Answers without outer blanks; empty ones are missing."""
    text = answers.astype("str").str.strip()
    return text.mask(text == "")


def _rating(answers: pd.Series, likert: Likert, scale: tuple[int, int], kind: str, turned: bool, path: str) -> Item:
    """Answers on a scale as 0 .. width.

    Understood are declared labels, numbers in any script's digits, and a number followed by its label (``5 - agree``).
    """
    low, high = scale
    text = trimmed(answers)
    read = {answer: _read_rating(answer, likert) for answer in text.dropna().unique()}
    number = text.map(lambda answer: read[answer], na_action="ignore").astype("float64")
    missing = np.isneginf(number)
    unknown = np.isposinf(number)
    out_of_range = ~missing & ~unknown & ((number < low) | (number > high))
    if unknown.sum() > text.notna().sum() / 2:
        examples = text[unknown].drop_duplicates().head(5)
        rows = ", ".join(str(row + 1) for row in examples.index)
        raise DataError(
            f"{path}: column {answers.name!r}: {unknown.sum()} of {text.notna().sum()} answers are neither a number "
            f"from {low} to {high} nor a declared label (first in answers {rows}: "
            f"{', '.join(repr(scrub(answer)) for answer in examples)}). Declare the labels under likert: labels: in "
            f"study.yml, each with its number, or move the question to categorical."
        )
    values = number.mask(missing | unknown | out_of_range) - low
    faults = {"missing_codes": missing, "out_of_range": out_of_range, "unknown_answers": unknown}
    return Item(kind, str(answers.name), (high - low) - values if turned else values, faults)


def _read_rating(answer: str, likert: Likert) -> float:
    """One answer as its number; -inf for a code of "no answer", inf for what cannot be read."""
    text, missing = fold(answer), {fold(str(code)) for code in likert.missing}
    if text in missing:
        return -np.inf
    labels = {fold(label): value for label, value in likert.labels.items()}
    if text in labels:
        return labels[text]
    match = _LEADING_NUMBER.fullmatch(text)
    if match is None:
        return np.inf
    number = float(match[1].replace(",", "."))
    return -np.inf if number in {float(code) for code in likert.missing if isinstance(code, int)} else number


def _one_spelling(answers: pd.Series) -> pd.Series:
    """Categories that differ in case or blanks only, under their commonest spelling."""
    text = trimmed(answers)
    spellings = text.dropna().to_frame("answer").assign(folded=text.dropna().map(fold).astype("str"))
    ranked = spellings.value_counts().reset_index().sort_values(["count", "answer"], ascending=[False, True])
    commonest = ranked.drop_duplicates("folded").set_index("folded")["answer"]
    return text.map(lambda answer: commonest[fold(answer)], na_action="ignore").astype("str")


def _ticks(answers: pd.Series, separator: str) -> dict[str, pd.Series]:
    """One 0/1 column per option of a tick list, commonest first; rare options share ``other``."""
    text = trimmed(answers)
    ticked = text.dropna().str.split(separator, regex=False).explode()
    ticked = _one_spelling(ticked.rename_axis("row")).dropna()
    uses = ticked.groupby(level=0).unique().explode().value_counts()
    ranked = sorted(uses.index, key=lambda option: (-uses[option], option))
    common = [option for option in ranked if uses[option] >= LEAST_TICKS and option != "other"]
    groups = {option: [option] for option in common}
    if rest := [option for option in ranked if option not in groups]:
        groups["other"] = rest
    return {
        name: pd.Series(text.index.isin(ticked[ticked.isin(options)].index), index=text.index, dtype="float64").where(
            text.notna()
        )
        for name, options in groups.items()
    }
