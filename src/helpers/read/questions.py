"""Answers to the declared questions as numbers, categories, ticks and text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from helpers.contracts import DataError, StudyError
from helpers.names import TYPED_ALIKE
from helpers.privacy import scrub
from helpers.sources import Likert, MultipleChoice, SurveySource
from helpers.text import fold, folded, spelt_like, trimmed

LEAST_TICKS = 5
"""Tick-list options chosen less often are pooled as ``other``."""
NOT_TICKED = {
    "0", "0.0", "0,0", "false", "no", "n", "unchecked", "not checked", "unselected", "not selected", "nein", "non",
    "нет", "ложь", "не выбрано", "არა", "жоқ", "yo'q", "йўқ", "خیر", "نه", "نخیر",
}  # fmt: skip
"""What a cell of a tick column says, folded, where its option was not chosen."""
_LEADING_NUMBER = re.compile(r"([+-]?\d+(?:[.,]\d+)?)(?:\s*[-–—.:)(=]\s*[^\W\d].*)?")


@dataclass(frozen=True)
class Item:
    """One coded column: its kind, the question as it was asked, and which answers could not be used as they were.

    ``faults`` maps missing_codes, out_of_range and unknown_answers to one flag per respondent; ``column`` is the header
    that the question has in the file (of several columns the first).
    """

    kind: str
    question: str
    values: pd.Series
    faults: dict[str, pd.Series] = field(default_factory=dict)
    column: str = ""


def customers_by_key(customer_id: pd.Series, keys: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Customers by their folded key, and the keys of several customers (once for each), which lead to none of them."""
    pairs = pd.DataFrame({"customer_id": customer_id, "key": folded(keys)}).dropna().drop_duplicates()
    shared = pairs["key"].duplicated(keep=False)
    return pairs[~shared].set_index("key")["customer_id"], pairs.loc[shared, "key"]


def code_questions(frame: pd.DataFrame, source: SurveySource) -> Iterator[tuple[str, Item]]:
    """Every declared question, coded, under the text that study.yml gives it or else its header.

    Raises StudyError for one that is not in the file.
    """
    for name, item in _coded(frame, source):
        declared = name.split(": ")[0] if item.kind == "tick" else name.removeprefix("open: ")
        several = item.kind == "tick" and source.multiple_choice[declared].columns
        asked = source.questions.get(declared, declared if several else item.question)
        yield name, replace(item, question=asked, column=item.question)


def _coded(frame: pd.DataFrame, source: SurveySource) -> Iterator[tuple[str, Item]]:
    """Every declared question, coded, under its header."""
    likert = source.likert or Likert(items=[])
    kinds = dict.fromkeys(likert.items, "likert")
    for importance, performance in source.importance_performance.values():
        kinds |= {importance: "importance", performance: "performance"}
    for name, kind in kinds.items():
        item = _rating(frame[column_of(frame, source, name)], likert, kind, source.shown)
        if name in likert.reverse:
            item = replace(item, values=np.ptp(likert.scale) - item.values)
        yield name, item
    for name in source.categorical:
        column = column_of(frame, source, name)
        yield name, Item("categorical", column, _one_spelling(frame[column]))
    for name, question in source.multiple_choice.items():
        if question.columns:
            columns = {option: column_of(frame, source, header) for option, header in question.columns.items()}
            header, found = next(iter(columns.values())), _spread({o: frame[c] for o, c in columns.items()})
        else:
            header = column_of(frame, source, question.column)
            found = _ticks(frame[header], question)
        for option, ticks in found.items():
            yield f"{name}: {option}", Item("tick", header, ticks)
    if source.nps:
        yield "nps", _rating(frame[column_of(frame, source, source.nps)], nps_scale(likert), "nps", source.shown)
    for name, question in source.open_ended.items():
        column = column_of(frame, source, question.column)
        yield f"open: {name}", Item("open", column, trimmed(frame[column]).map(scrub, na_action="ignore"))


def column_of(frame: pd.DataFrame, source: SurveySource, name: str) -> str:
    """The header that a question has in the file. Raises StudyError with the nearest ones."""
    for header in (name, source.columns.get(name)):
        if header in frame.columns:
            return header
    near = spelt_like(name, frame.columns)
    hint = f"; the nearest are {', '.join(map(repr, near))}" if near else ""
    raise StudyError(f"{source.shown}: study.yml names the question {name!r}, which the file does not have{hint}.")


def nps_scale(likert: Likert | None) -> Likert:
    """Marks from 0 to 10, and those of the ratings' codes for "no answer" that are no marks."""
    missing = likert.missing if likert else []
    return Likert(items=[], scale=(0, 10), missing=[code for code in missing if code not in range(11)])


def _rating(answers: pd.Series, likert: Likert, kind: str, path: str) -> Item:
    """Answers on a scale as 0 .. width; DataError when most of them cannot be read."""
    low, high = likert.scale
    number = read_ratings(answers, likert)
    missing, unknown = np.isneginf(number), np.isposinf(number)
    if unknown.sum() > number.notna().sum() / 2:
        examples = trimmed(answers)[unknown].drop_duplicates().head(5)
        rows = ", ".join(str(row + 1) for row in examples.index)
        raise DataError(
            f"{path}: column {answers.name!r}: {unknown.sum()} of {number.notna().sum()} answers are neither a number "
            f"from {low} to {high} nor a declared label (first in answers {rows}: "
            f"{', '.join(repr(scrub(answer)) for answer in examples)}). Declare the labels under likert: labels: in "
            f"study.yml, each with its number, or move the question to categorical."
        )
    off = number.notna() & ~missing & ~unknown & ~number.between(low, high)
    faults = {"missing_codes": missing, "out_of_range": off, "unknown_answers": unknown}
    return Item(kind, str(answers.name), number.mask(missing | unknown | off) - low, faults)


def read_ratings(answers: pd.Series, likert: Likert) -> pd.Series:
    """Answers as numbers; -inf for a code of "no answer", inf for what cannot be read.

    Understood are declared labels, numbers in any script's digits, and a number followed by its label (``5 - agree``).
    """
    labels = {fold(label): float(value) for label, value in likert.labels.items()}
    labels |= {fold(str(code)): -np.inf for code in likert.missing}
    codes = {code for code in likert.missing if isinstance(code, int)}

    def read(answer: str) -> float:
        match = _LEADING_NUMBER.fullmatch(answer)
        number = float(match[1].replace(",", ".")) if match else np.inf
        return labels.get(answer, -np.inf if number in codes else number)

    text = folded(answers)
    return text.map({answer: read(answer) for answer in text.dropna().unique()}).astype("float64")


def _one_spelling(answers: pd.Series) -> pd.Series:
    """Categories that differ in case or blanks only, under their commonest spelling."""
    spellings = pd.DataFrame({"answer": trimmed(answers), "folded": folded(answers)})
    ranked = spellings.value_counts().reset_index().sort_values(["count", "answer"], ascending=[False, True])
    commonest = ranked.drop_duplicates("folded").set_index("folded")["answer"]
    return spellings["folded"].map(commonest).astype("str")


def _ticks(answers: pd.Series, question: MultipleChoice) -> dict[str, pd.Series]:
    """One 0/1 column per option of a tick list, commonest first; rare options share ``other``."""
    ticked = _one_spelling(_parts(trimmed(answers), question).explode())
    ticks = pd.crosstab(ticked.index, ticked).clip(upper=1).reindex(answers.index, fill_value=0)
    return _pooled(ticks, trimmed(answers).notna())


def _parts(answers: pd.Series, question: MultipleChoice) -> pd.Series:
    """The options in every answer: listed ones whole, and what is left over cut at every separator."""
    sep, longest_first = re.escape(question.sep), sorted(question.options, key=len, reverse=True)
    part = "|".join([*map(re.escape, longest_first), ".*?"])
    return answers.str.findall(rf"(?:^|{sep})\s*({part})\s*(?={sep}|$)", re.IGNORECASE | re.DOTALL)


def unused_options(answers: pd.Series, question: MultipleChoice) -> list[str]:
    """The listed options that are in no answer."""
    given = {fold(part) for part in _parts(trimmed(answers), question).explode().dropna()}
    return [option for option in question.options if fold(option) not in given]


def _spread(columns: dict[str, pd.Series]) -> dict[str, pd.Series]:
    """The same of a tick list with a column per option, which is filled, and not with a "no", where it is ticked."""
    filled = pd.DataFrame({option: folded(answers) for option, answers in columns.items()})
    ticked = pd.DataFrame({option: filled[option].notna() & ~says_no(filled[option], option) for option in columns})
    return _pooled(ticked.astype("int64"), filled.notna().any(axis=1))


def says_no(cells: pd.Series, option: str = "") -> pd.Series:
    """Which folded cells of a tick column say that its option was not chosen; the option's own words never do."""
    return cells.str.translate(TYPED_ALIKE).isin(NOT_TICKED) & (set(cells.dropna()) != {fold(option)})


def _pooled(ticks: pd.DataFrame, answered: pd.Series) -> dict[str, pd.Series]:
    """A column per option that some chose, commonest first, and ``other`` for the rare ones; NaN for no answer."""
    ticks = ticks.loc[:, ticks.any()]
    uses = ticks.sum().sort_index().sort_values(ascending=False, kind="stable")
    common = [option for option, count in uses.items() if count >= LEAST_TICKS and option != "other"]
    columns = {option: ticks[option] for option in common}
    if len(common) < len(uses):
        columns["other"] = ticks.drop(columns=common).max(axis=1)
    return {option: column.where(answered).astype("float64") for option, column in columns.items()}
