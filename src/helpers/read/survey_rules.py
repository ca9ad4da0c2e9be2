"""The rules of a survey: who counts, answers on their scales, tick lists, and numbers and weights that can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.answers.questions import (
    given,
    in_bands,
    nps_scale,
    possible,
    read_numbers,
    read_ratings,
    says_no,
    trials,
    uncoded,
    unused_options,
)
from helpers.answers.survey_words import survey_words
from helpers.read.ledger import Checked
from helpers.read.rules import keep_fullest
from helpers.sources import Likert, MultipleChoice, SurveySource
from helpers.text import fold, folded
from helpers.words import Said, say

QUALTRICS = ("Status", "Finished")
"""Columns of Qualtrics that tell previews by the author, and whether a respondent reached the end."""
TICK_MARKS = (";", ",", "|", "\n", "،", "؛")
"""What usually stands between the options of a tick list."""


def check_survey(check: Checked, columns: dict[str, str], source: SurveySource) -> None:
    """Respondents, rating items within their scale, tick lists, and weights that can be."""
    _check_status(check, columns, source)
    if "respondent_id" in columns:
        missing = check.frame["respondent_id"].isna()
        text = say("reading.survey.no_respondent")
        check.note("missing_value", "quarantined", columns["respondent_id"], missing, text)
        keep_fullest(check, "respondent_id", columns["respondent_id"])
    else:
        check.frame["respondent_id"] = pd.Series([f"row {row:06d}" for row in check.raw.rows], dtype="str")
    if "weight" in columns:
        below = check.frame["weight"] < 0
        check.note("negative_weight", "quarantined", columns["weight"], below, say("reading.survey.negative_weight"))
    for item in source.likert.items if source.likert else []:
        _check_answers(check, item, columns[item], source.likert.of(item), source)
    for header in source.marks.values():
        _check_answers(check, header, columns[header], nps_scale(source.likert), source)
    for question in source.multiple_choice.values():
        _check_ticks(check, columns, source, question)
    _check_numbers(check, columns, source)
    _check_bands(check, columns, source)
    _tell_of_trials(check, columns, source)


def _check_status(check: Checked, columns: dict[str, str], source: SurveySource) -> None:
    """Set aside previews and those whom the survey turned away; tell of those who did not reach its end."""
    headers = set(check.raw.headers)
    of_qualtrics = headers >= {*QUALTRICS, "ResponseId"}
    known = {*source.meta, *source.attributes}
    if of_qualtrics and not known >= set(QUALTRICS):
        check.tell("previews_unknown", "warning", None, say("reading.survey.previews", meta=QUALTRICS))
    for name in sorted(known & {*columns}, key=lambda name: name in source.attributes):
        header = fold(columns[name])
        if header not in survey_words("status_headers"):
            continue
        status = folded(check.frame[name])
        plain = status.str.replace(r"[_-]", " ", regex=True)
        if header == "submitdate":  # LimeSurvey: when the last page was sent off
            unfinished = status.isna()
        elif header == "finished":
            unfinished = status.isin(["false", "0", "no", "n"])
        else:
            codes = ["1", "2", "9", "17"] if of_qualtrics else []
            tried = plain.isin([*survey_words("status_preview"), *codes])
            check.note("preview", "quarantined", columns[name], tried, say("reading.survey.preview"))
            out = plain.isin(survey_words("status_out"))
            check.note("disqualified", "quarantined", columns[name], out, say("reading.survey.disqualified"))
            unfinished = plain.isin(survey_words("status_partial"))
        if len(unfinished) and not unfinished.all():
            check.note("unfinished", "warning", columns[name], unfinished, say("reading.survey.unfinished"))


def _check_numbers(check: Checked, columns: dict[str, str], source: SurveySource) -> None:
    """Tell of numbers that cannot be, and of cells without one."""
    for name in source.numbers:
        answers = uncoded(check.frame[name], source)
        numbers = read_numbers(answers)
        off = numbers.notna() & possible(numbers, source.questions.get(name, name)).isna()
        check.note("impossible_number", "repaired", columns[name], off, say("reading.survey.impossible_number"))
        none = folded(answers).notna() & numbers.isna()
        check.note("no_number", "warning", columns[name], none, say("reading.survey.no_number"))


def _check_bands(check: Checked, columns: dict[str, str], source: SurveySource) -> None:
    """Tell of cells that no band can hold, of numbers once."""
    for cut in source.bands.values():
        if cut.column in source.numbers:
            continue
        answers = uncoded(check.frame[cut.column], source)
        unread = folded(answers).notna() & in_bands(answers, cut, source.read).isna()
        check.note("no_number", "warning", columns[cut.column], unread, say("reading.survey.no_band"))


def _tell_of_trials(check: Checked, columns: dict[str, str], source: SurveySource) -> None:
    """Tell of rows in which somebody tried the form."""
    rows = trials(check.frame, source)
    check.note("trial", "warning", None, rows, say("reading.survey.trial"))


def _check_ticks(check: Checked, columns: dict[str, str], source: SurveySource, question: MultipleChoice) -> None:
    """Tell of a separator and of options that no answer has, and of columns in which everything counts as a tick."""
    for name in question.columns.values():
        cells = folded(given(check.frame[name], source))
        if question.chosen and not cells.isin([fold(cell) for cell in question.chosen]).any():
            text = say("reading.survey.nobody_ticked", cells=_quoted(question.chosen))
            check.tell("option_unused", "warning", columns[name], text)
        if question.chosen:
            continue
        if cells.notna().mean() > 0.9 and cells.nunique() > 1 and not says_no(cells).any():
            check.note("no_word_for_no", "warning", columns[name], cells.notna(), say("reading.survey.no_word_for_no"))
    if not question.column:
        return
    answers, header, sep = check.frame[question.column].fillna(""), columns[question.column], question.sep
    having = {mark: answers.str.contains(mark, regex=False) for mark in TICK_MARKS}
    likely = max(TICK_MARKS, key=lambda mark: having[mark].sum())
    if not answers.str.contains(sep, regex=False).any() and having[likely].sum() > 0.1 * (answers != "").sum():
        text = say("reading.survey.separator", sep=repr(sep), likely=repr(likely))
        check.note("tick_separator", "warning", header, having[likely], text)
    if unused := unused_options(answers, question):
        check.tell("option_unused", "warning", header, say("reading.survey.unused", options=_quoted(unused)))


def _quoted(texts: Sequence[object]) -> list[Said]:
    """Texts in quotes, for a list in a sentence."""
    return [say("format.named", text=str(text)) for text in texts]


def _check_answers(check: Checked, item: str, column: str, scale: Likert, source: SurveySource) -> None:
    """Set aside answers outside the scale; when they are many, the scale or its labels are not what the study says."""
    codes = read_ratings(given(check.frame[item], source, scale.missing), scale)
    off = codes.notna() & ~np.isneginf(codes) & ~(codes.between(*scale.scale) & (codes % 1 == 0))
    low, high = scale.scale
    if off.sum() > max(2, 0.05 * codes.notna().sum()):
        often = check.frame.loc[off, item].value_counts()
        shown = sorted(str(answer) for answer in often[often > 1].index[:5])
        key = "reading.survey.outside_many_such" if shown else "reading.survey.outside_many"
        check.note("unknown_answers", "error", column, off, say(key, low=low, high=high, answers=_quoted(shown)))
    check.note("answer_out_of_range", "quarantined", column, off, say("reading.survey.outside", low=low, high=high))
