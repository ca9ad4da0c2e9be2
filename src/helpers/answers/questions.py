"""Answers to the declared questions as numbers, categories, ticks and text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from helpers.answers.survey_words import survey_words
from helpers.contracts import DataError, StudyError
from helpers.harmless import scrub
from helpers.names import TYPED_ALIKE
from helpers.sources import Bands, Likert, MultipleChoice, Reading, SurveySource
from helpers.text import fold, folded, spelt_like, trimmed
from helpers.words import say
from helpers.written.dates import times
from helpers.written.numbers import form_of, numbers

LEAST_TICKS = 5
"""Tick-list options chosen less often are pooled as ``other``."""
NOT_TICKED = {
    "0", "0.0", "0,0", "false", "no", "n", "unchecked", "not checked", "unselected", "not selected", "nein", "non",
    "not mentioned", "nicht genannt", "nicht gewählt", "not chosen", "hayır", "não",
    "no seleccionado", "non sélectionné", "нет", "ложь", "не выбрано", "не отмечено",
    "არა", "жоқ", "yo'q", "йўқ", "خیر", "نه", "نخیر",
}  # fmt: skip
"""What a cell of a tick column says, folded, where its option was not chosen."""
OLDEST = 110
"""No age above this is believed."""
_NUMBER = r"(-?\d+(?:[.,]\d+)?)"
_STARS = re.compile("[★⭐\ufe0f]+[☆✩]*")
_TRAILING_NUMBER = re.compile(r"[^\W\d][^\d]*?[\s(\[]*[-–—:=(\[+]\s*(\d+)[)\]]?")
_LEADING_NUMBER = re.compile(r"[(\[]?([+-]?\d+(?:[.,]\d+)?)(?:\s*[-–—.:)(=\]]\s*[^\W\d].*|[)\]])?")
_COUNTED_STARS = re.compile(
    r"(\d)(?:\s*(?:/|out of|of|из|von|sur|de|z)\s*(?:5|10))?[\s-]*"
    r"(?:[★⭐\ufe0f]|stars?|зв[её]зд\w*|sterne?n?|[ée]toiles?|estrellas?|stelle|gwiazd\w*|yıldız|yulduz|жұлдыз|ვარსკვლავი|ستاره)",
)
"""A number of stars, written: ``3 stars``, ``5 ★``, ``4 out of 5 stars``."""
_OF_HOW_MANY = re.compile(r"(\d{1,2})\s*(?:/|out of|of|из|von|sur)\s*(?:5|7|10)(?:[.,]0)?")
_SIGNED = re.compile(r"[^\W\d].*\S([+-]\d+)")
"""``I love it!+5``; where others of the column end in ``-5``, these are below zero."""


@dataclass(frozen=True)
class Item:
    """One coded column: its kind, the question as it was asked, and which answers could not be used as they were.

    ``faults`` maps missing_codes, out_of_range and unknown_answers to one flag per respondent; ``column`` is the header
    that the question has in the file (of several columns the first). A rating's ``values`` begin at 0, and all ratings
    have one width; ``low`` and ``step`` lead back to the item's own scale: its lowest mark, and how wide one step is.
    """

    kind: str
    question: str
    values: pd.Series
    faults: dict[str, pd.Series] = field(default_factory=dict)
    column: str = ""
    low: int = 0
    step: float = 1.0

    def told(self, value: float) -> float:
        """A value (or a mean) on the scale as it was asked."""
        return self.low + value / self.step


def code_questions(frame: pd.DataFrame, source: SurveySource) -> Iterator[tuple[str, Item]]:
    """Every declared question, coded, under the text that study.yml gives it or else its header.

    Raises StudyError for one that is not in the file.
    """
    for name, item in _coded(frame, source):
        declared = _list_of(name, source) if item.kind in ("tick", "rank") else name.removeprefix("open: ")
        several = item.kind == "rank" or (item.kind == "tick" and source.multiple_choice[declared].columns)
        asked = source.questions.get(declared, declared if several else item.question)
        yield name, replace(item, question=asked, column=item.question)


def _list_of(name: str, source: SurveySource) -> str:
    """The question that an option belongs to; the question's own name may hold a colon."""
    lists = {**source.multiple_choice, **source.ranks}
    return max((question for question in lists if name.startswith(f"{question}: ")), key=len)


def _coded(frame: pd.DataFrame, source: SurveySource) -> Iterator[tuple[str, Item]]:
    """Every declared question, coded, under its header."""
    likert = source.likert or Likert(items=[])
    kinds = dict.fromkeys(likert.items, "likert")
    for importance, performance in source.importance_performance.values():
        kinds |= {importance: "importance", performance: "performance"}
    for name, kind in kinds.items():
        answers = given(frame[column_of(frame, source, name)], source, likert.missing)
        item = _rating(answers, likert.of(name), kind, source.shown)
        step = float(np.ptp(likert.scale) / np.ptp(likert.of(name).scale))
        values = np.ptp(likert.scale) - item.values * step if name in likert.reverse else item.values * step
        yield name, replace(item, values=values, step=step)
    for name in source.categorical:
        column = column_of(frame, source, name)
        yield name, Item("categorical", column, _one_spelling(given(frame[column], source)))
    for name, question in source.multiple_choice.items():
        if question.columns:
            columns = {option: column_of(frame, source, header) for option, header in question.columns.items()}
            header = next(iter(columns.values()))
            found = _spread({o: given(frame[column], source) for o, column in columns.items()}, question.chosen)
        else:
            header = column_of(frame, source, question.column)
            found = _ticks(given(frame[header], source), question)
        for option, ticks in found.items():
            yield f"{name}: {option}", Item("tick", header, ticks)
    for name, header in source.marks.items():
        answers = given(frame[column_of(frame, source, header)], source, likert.missing)
        yield name, _rating(answers, nps_scale(likert), "nps", source.shown)
    for name, options in source.ranks.items():
        for option, header in options.items():
            places = read_numbers(given(frame[column_of(frame, source, header)], source))
            yield f"{name}: {option}", Item("rank", header, places)
    for name in source.numbers:
        column, asked = column_of(frame, source, name), source.questions.get(name, name)
        yield name, Item("number", column, possible(read_numbers(uncoded(frame[column], source)), asked))
    for name, cut in source.bands.items():
        column = column_of(frame, source, cut.column)
        yield name, Item("categorical", column, in_bands(uncoded(frame[column], source), cut, source.read))
    for name, question in source.open_ended.items():
        column = column_of(frame, source, question.column)
        yield (
            f"open: {name}",
            Item("open", column, trimmed(given(frame[column], source)).map(scrub, na_action="ignore")),
        )


def given(answers: pd.Series, source: SurveySource, told: Sequence[int | str] = ()) -> pd.Series:
    """Answers without what stands in a cell that nobody filled; codes that are told of in another way are kept."""
    empty = {fold(str(code)) for code in source.no_answer} - {fold(str(code)) for code in told}
    return answers.mask(folded(answers).isin(empty)) if empty else answers


def uncoded(answers: pd.Series, source: SurveySource) -> pd.Series:
    """Numbers without cells that nobody filled; a code such as 99 may be a number that was meant."""
    return given(answers, source, [code for code in source.no_answer if re.fullmatch(r"\d+", str(code))])


def trials(frame: pd.DataFrame, source: SurveySource) -> pd.Series:
    """Whether all that a respondent wrote in words of his own is what people type to try a form ("test", "asdf")."""
    found = pd.Series(False, index=frame.index)
    others = pd.Series(False, index=frame.index)
    for question in source.open_ended.values():
        header = next((h for h in (question.column, source.columns.get(question.column)) if h in frame), None)
        if header is not None:
            text = folded(frame[header]).str.strip(" .!?-")
            tried = text.isin(survey_words("tests")) | text.str.fullmatch(r"(.)\1{2,}|(?:asd|qwe|фыв|йцу)\w*").eq(True)
            found |= tried
            others |= text.notna() & (text != "") & ~tried
    return found & ~others


def read_numbers(answers: pd.Series) -> pd.Series:
    """Counts and sizes as people write them: a whole cell by the marks of its column, else the first number in it.

    Where every mark has three digits behind it (``45,000``) they are thousands: few people count thousandths.
    """
    text = folded(answers)
    decimal, thousands, doubt = form_of(text.dropna())
    if doubt and doubt.key == "written.doubt.three_digits":
        decimal, thousands = "," if decimal == "." else ".", decimal
    bare = text.mask(text.str.contains("[()]", na=False))
    first = text.str.replace(r"(?<=\d)[\s\u00a0'](?=\d{3}\b)", "", regex=True)
    first = first.str.extract(_NUMBER)[0].str.replace(",", ".")
    found = first.map(float, na_action="ignore").astype("float64")  # float reads the digits of every script
    return numbers(bare, decimal, thousands).values.fillna(found)


def possible(numbers: pd.Series, question: str) -> pd.Series:
    """Numbers without those that cannot be: below zero, or an age above ``OLDEST``."""
    aged = any(word in fold(question) for word in survey_words("aged"))
    return numbers.where((numbers >= 0) & ~(aged & (numbers > OLDEST)))


def in_bands(answers: pd.Series, cut: Bands, reading: Reading) -> pd.Series:
    """Numbers or days as the bands that they lie in, in words that need no language; NaN for what is neither.

    Edges 3 and 6 give ``< 3``, ``3–5``, ``≥ 6``, and ``3–<6`` where there are parts of one.
    """
    if isinstance(cut.edges[0], dt.date):
        values = times(answers.astype("str"), reading.date_format, calendar=reading.calendar).values.dt.normalize()
        edges = pd.Series(pd.to_datetime(cut.edges))
        names, last = (day.dt.strftime("%Y-%m-%d") for day in (edges, edges - pd.Timedelta(days=1)))
    else:
        values, edges = read_numbers(answers), pd.Series(cut.edges, dtype=float)
        names, below = (number.map("{:,.10g}".format).str.replace(",", "\u202f") for number in (edges, edges - 1))
        whole = (edges % 1 == 0).all() and (values.dropna() % 1 == 0).all()
        last = below if whole else "<" + names
    inner = [low if low == high else f"{low}–{high}" for low, high in zip(names, last[1:], strict=False)]
    labels = np.array([f"< {names.iloc[0]}", *inner, f"≥ {names.iloc[-1]}"])
    return pd.Series(labels[edges.searchsorted(values, side="right")], answers.index, dtype="str").mask(values.isna())


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
        told = {"path": path, "column": str(answers.name), "n": unknown.sum(), "all": number.notna().sum()}
        told |= {"low": low, "high": high, "rows": [str(row + 1) for row in examples.index]}
        told |= {"answers": [say("format.named", text=scrub(answer)) for answer in examples]}
        raise DataError(say("survey.refused.ratings", **told))
    off = number.notna() & ~missing & ~unknown & ~number.between(low, high)
    faults = {"missing_codes": missing, "out_of_range": off, "unknown_answers": unknown}
    return Item(kind, str(answers.name), number.mask(missing | unknown | off) - low, faults, low=low)


def read_ratings(answers: pd.Series, likert: Likert) -> pd.Series:
    """Answers as numbers; -inf for a code of "no answer", inf for what cannot be read.

    Understood are declared labels, numbers in any script's digits, a number with its label behind or before it
    (``5 - agree``, ``(4) agree``, ``Very likely - 10``, ``love it!+5``), ``4 of 5``, and stars, drawn or counted.
    """
    labels = {fold(label): float(value) for label, value in likert.labels.items()}
    labels |= {fold(str(code)): -np.inf for code in likert.missing}
    codes = {code for code in likert.missing if isinstance(code, int)}

    text = folded(answers)
    given = text.dropna().unique()
    ends = {match[1][0] for answer in given if (match := _SIGNED.fullmatch(answer))}
    forms = [_SIGNED] * (ends == {"+", "-"}) + [_LEADING_NUMBER, _TRAILING_NUMBER, _COUNTED_STARS, _OF_HOW_MANY]

    def read(answer: str) -> float:
        match = next((found for form in forms if (found := form.fullmatch(answer))), None)
        number = float(match[1].replace(",", ".")) if match else np.inf
        if _STARS.fullmatch(answer):
            number = float(answer.count("★") + answer.count("⭐"))
        return labels.get(answer, -np.inf if number in codes else number)

    return text.map({answer: read(answer) for answer in given}).astype("float64")


def _one_spelling(answers: pd.Series) -> pd.Series:
    """Categories that differ in case or blanks only, under their commonest spelling; codes as whole numbers.

    A table with gaps writes the code 6 as 6.0, and one without does not.
    """
    answers = trimmed(answers)
    if answers.dropna().str.fullmatch(r"-?\d+(\.0+)?").all():
        answers = answers.str.replace(r"\.0+$", "", regex=True)
    spellings = pd.DataFrame({"answer": answers, "folded": folded(answers)})
    ranked = spellings.value_counts().reset_index().sort_values(["count", "answer"], ascending=[False, True])
    commonest = ranked.drop_duplicates("folded").set_index("folded")["answer"]
    return spellings["folded"].map(commonest).astype("str")


def _ticks(answers: pd.Series, question: MultipleChoice) -> dict[str, pd.Series]:
    """One 0/1 column per option of a tick list, commonest first; rare options and own texts share ``other``."""
    ticked = _one_spelling(_parts(trimmed(answers), question).explode())
    if question.closed:
        listed = {fold(option) for option in question.options}
        ticked = ticked.mask(ticked.notna() & ~folded(ticked).isin(listed), OWN)
    ticks = pd.crosstab(ticked.index, ticked).clip(upper=1).reindex(answers.index, fill_value=0)
    return _pooled(ticks, trimmed(answers).notna())


OWN = "other"
"""What the rare options and the texts of respondents' own are called together."""


def _parts(answers: pd.Series, question: MultipleChoice) -> pd.Series:
    """The options in every answer: listed ones whole, and what is left over cut at every separator."""
    sep, longest_first = re.escape(question.sep), sorted(question.options, key=len, reverse=True)
    part = "|".join([*map(re.escape, longest_first), ".*?"])
    answers = answers.str.replace(rf"^(?:\s*{sep})+", "", regex=True)  # some tools write one before the first option
    return answers.str.findall(rf"(?:^|{sep})\s*({part})\s*(?={sep}|$)", re.IGNORECASE | re.DOTALL)


def unused_options(answers: pd.Series, question: MultipleChoice) -> list[str]:
    """The listed options that are in no answer."""
    given = {fold(part) for part in _parts(trimmed(answers), question).explode().dropna()}
    return [option for option in question.options if fold(option) not in given]


def _spread(columns: dict[str, pd.Series], chosen: Sequence[str]) -> dict[str, pd.Series]:
    """The same of a tick list with a column per option, which is filled, and not with a "no", where it is ticked.

    ``chosen``: what a filled cell must say, where not every one but a "no" is a tick.
    """
    filled = pd.DataFrame({option: folded(answers) for option, answers in columns.items()})
    ticked = pd.DataFrame({option: filled[option].notna() & ~says_no(filled[option], option) for option in columns})
    if chosen:
        ticked &= filled.isin([fold(cell) for cell in chosen])
    return _pooled(ticked.astype("int64"), filled.notna().any(axis=1))


def says_no(cells: pd.Series, option: str = "") -> pd.Series:
    """Which folded cells of a tick column say that its option was not chosen; the option's own words never do."""
    return cells.str.translate(TYPED_ALIKE).isin(NOT_TICKED) & (set(cells.dropna()) != {fold(option)})


def _pooled(ticks: pd.DataFrame, answered: pd.Series) -> dict[str, pd.Series]:
    """A column per option that some chose, commonest first, and ``other`` for the rare ones; NaN for no answer."""
    ticks = ticks.loc[:, ticks.any()]
    uses = ticks.sum().sort_index().sort_values(ascending=False, kind="stable")
    common = [option for option, count in uses.items() if count >= LEAST_TICKS and option != OWN]
    columns = {option: ticks[option] for option in common}
    if len(common) < len(uses):
        columns[OWN] = ticks.drop(columns=common).max(axis=1)
    return {option: column.where(answered).astype("float64") for option, column in columns.items()}
