"""The rules of the tables: what a customer and an answer can be, and what is set aside or told."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from helpers.columns import TABLES
from helpers.read.ledger import Checked
from helpers.read.questions import nps_scale, read_ratings, says_no, unused_options
from helpers.sources import Likert, MultipleChoice, SurveySource, TableSource
from helpers.study import Study
from helpers.text import folded

OUTLIER = 1e4
"""A number this many times the median is told: a slip by 10^6 stands out even in skewed money."""
QUALTRICS = ("Status", "Finished")
"""Columns of Qualtrics that tell previews by the author, and whether a respondent reached the end."""
TICK_MARKS = (";", ",", "|", "\n", "،", "؛")
"""What usually stands between the options of a tick list."""


def check_customers(check: Checked, columns: dict[str, str], source: TableSource) -> None:
    """One row per customer, and ages that people have."""
    _keep_fullest(check, "customer_id", columns["customer_id"])
    for name, low, high in (("age", 0, 120), ("birth_year", 1900, dt.date.today().year)):
        if name in columns:
            off = check.frame[name].notna() & ~check.frame[name].between(low, high)
            check.note("impossible_age", "repaired", columns[name], off, f"not {low} to {high}; read as missing")
            check.frame[name] = check.frame[name].mask(off)


def _keep_fullest(check: Checked, key: str, column: str) -> None:
    """Of several rows about the same person keep the one with the fewest gaps, whatever the order of the rows."""
    used = check.frame[~check.aside]
    several = used[used.duplicated(key, keep=False)]
    content = several.astype("str").fillna("").apply("\0".join, axis=1) if len(several) else ""
    ranked = several.assign(_gaps=several.isna().sum(axis=1), _content=content).sort_values([key, "_gaps", "_content"])
    surplus = ranked.duplicated(key).reindex(check.frame.index, fill_value=False)
    text = f"another row has this {key}; the row with the fewest empty cells was kept"
    check.note("duplicate_row", "quarantined", column, surplus, text)


def check_survey(check: Checked, columns: dict[str, str], source: SurveySource) -> None:
    """Respondents, rating items within their scale, tick lists, and weights that can be."""
    _check_qualtrics(check, columns)
    if "respondent_id" in columns:
        missing = check.frame["respondent_id"].isna()
        check.note("missing_value", "quarantined", columns["respondent_id"], missing, "respondent_id is missing")
        _keep_fullest(check, "respondent_id", columns["respondent_id"])
    else:
        check.frame["respondent_id"] = pd.Series([f"row {row:06d}" for row in check.raw.rows], dtype="str")
    if "weight" in columns:
        below = check.frame["weight"] < 0
        check.note("negative_weight", "quarantined", columns["weight"], below, "a weight below zero")
    for item in source.likert.items if source.likert else []:
        _check_answers(check, item, columns[item], source.likert)
    if source.nps:
        _check_answers(check, source.nps, columns[source.nps], nps_scale(source.likert))
    for question in source.multiple_choice.values():
        _check_ticks(check, columns, question)


def _check_qualtrics(check: Checked, columns: dict[str, str]) -> None:
    """Set aside what the survey's own author answered to try it, and tell of those who did not reach its end."""
    if not {*QUALTRICS, "ResponseId"} <= set(check.raw.headers):
        return
    if not set(QUALTRICS) <= set(columns):
        text = f"an export of Qualtrics; state attributes: [{', '.join(QUALTRICS)}], so that previews are set aside"
        check.tell("previews_unknown", "warning", None, text)
        return
    status, finished = (folded(check.frame[name]) for name in QUALTRICS)
    text = "a preview or a test by the survey's author, not an answer"
    tried = status.str.contains("survey preview|survey test", na=False) | status.isin(["1", "2", "9", "17"])
    check.note("preview", "quarantined", columns["Status"], tried, text)
    text = "the respondent did not finish the survey; what was answered is used"
    check.note("unfinished", "warning", columns["Finished"], finished.isin(["false", "0"]), text)


def _check_ticks(check: Checked, columns: dict[str, str], question: MultipleChoice) -> None:
    """Tell of a separator and of options that no answer has, and of columns in which everything counts as a tick."""
    for name in question.columns.values():
        cells = folded(check.frame[name])
        if cells.notna().mean() > 0.9 and cells.nunique() > 1 and not says_no(cells).any():
            text = "filled almost everywhere, and nothing in it is a known word for no: every cell counts as a tick; "
            text += "leave it empty, or write 0, where the option was not chosen"
            check.note("no_word_for_no", "warning", columns[name], cells.notna(), text)
    if not question.column:
        return
    answers, header, sep = check.frame[question.column].fillna(""), columns[question.column], question.sep
    having = {mark: answers.str.contains(mark, regex=False) for mark in TICK_MARKS}
    likely = max(TICK_MARKS, key=lambda mark: having[mark].sum())
    if not answers.str.contains(sep, regex=False).any() and having[likely].sum() > 0.1 * (answers != "").sum():
        text = f"no answer has the separator {sep!r}, and these have {likely!r}: each combination counts as an option "
        text += f"of its own; state sep: {likely!r} where it joins the options that were ticked"
        check.note("tick_separator", "warning", header, having[likely], text)
    if unused := unused_options(answers, question):
        text = (
            f"no answer has these options, which study.yml lists: {', '.join(map(repr, unused))}; mend their spelling"
        )
        check.tell("option_unused", "warning", header, text)


def _check_answers(check: Checked, item: str, column: str, scale: Likert) -> None:
    """Set aside answers outside the scale; when they are many, the scale or its labels are not what the study says."""
    codes = read_ratings(check.frame[item], scale)
    off = codes.notna() & ~np.isneginf(codes) & ~(codes.between(*scale.scale) & (codes % 1 == 0))
    low, high = scale.scale
    text = f"outside the scale {low} to {high}"
    if off.sum() > max(2, 0.05 * codes.notna().sum()):
        often = check.frame.loc[off, item].value_counts()
        shown = ", ".join(sorted(repr(answer) for answer in often[often > 1].index[:5]))
        mend = f"state likert.labels, likert.scale or likert.missing{'; such as ' + shown if shown else ''}"
        check.note("unknown_answers", "error", column, off, f"{text}, and no declared label or missing code; {mend}")
    check.note("answer_out_of_range", "quarantined", column, off, f"{text}, and no declared missing code")


# --- rules of all tables -----------------------------------------------------------------------------------------


def check_times(check: Checked, columns: dict[str, str], study: Study) -> None:
    """Moments that have not come yet, lie after the window, or before there were shops like these."""
    as_of = study.window.as_of
    latest = pd.Timestamp(max(dt.date.today(), as_of or dt.date.min)) + pd.Timedelta(days=1)
    for name, column in TABLES[check.table].items():
        if column.kind != "time" or name not in columns:
            continue
        moments = check.frame[name]
        ahead = moments >= latest + pd.Timedelta(days=1)  # a day's grace: other time zones
        severity = "quarantined" if column.required else "warning"
        check.note("future_date", severity, columns[name], ahead, "lies in the future")
        if as_of and column.required:
            after = moments >= pd.Timestamp(as_of) + pd.Timedelta(days=1)
            check.note("after_as_of", "warning", columns[name], after, f"after the window's end, {as_of}; not used")
        check.note("old_date", "warning", columns[name], moments < pd.Timestamp("1990-01-01"), "before 1990")


def warn_of_odd_columns(check: Checked, columns: dict[str, str]) -> None:
    """Columns that say one thing only, and numbers far from all others with the share of the total they make."""
    used = check.frame[~check.aside]
    for name, column in TABLES[check.table].items():
        if name not in used or not len(used):
            continue
        if name in columns and not column.required and len(used) >= 20 and used[name].nunique(dropna=False) == 1:
            text = "the same in every row; tells nobody apart"
            check.tell("constant_column", "warning", columns[name], text, len(used))
        if column.kind == "number":
            sizes = check.frame[name].abs().where(~check.aside)
            far = sizes > OUTLIER * sizes[sizes > 0].median()
            share = sizes[far].sum() / sizes.sum() if far.any() else 0.0
            text = f"more than {OUTLIER:,.0f} times the median; these rows make {share:.1%} of the column's total"
            check.note("outlier", "warning", columns.get(name, name), far, text)
