"""The rules of a choice exercise: attributes as levels or numbers, and tasks in which one alternative was chosen.

A task is used whole or not at all: with an alternative missing it would be another question than the one answered.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.read import cells
from helpers.read.ledger import Checked
from helpers.sources import ConjointSource
from helpers.text import folded
from helpers.words import say
from helpers.written import numbers

TASK = ["respondent_id", "task"]
POINTS = "100"
"""What Sawtooth writes for the alternative that was chosen, where it writes shares of a hundred."""


def read_choices(check: Checked, columns: dict[str, str]) -> None:
    """Read choices that are no yes or no for each alternative as such, before cells are typed.

    Understood are a hundred for the alternative that was chosen and 0 for the others, and the number of the chosen one
    in each row of its task. Points that are shared out among several are an error.
    """
    if not {*TASK, "chosen"} <= set(columns):
        return
    raw = check.raw.frame
    given = folded(raw[columns["chosen"]]).str.replace(r"[.,]0+$", "", regex=True)
    if not given.dropna().str.fullmatch(r"\d+").all() or set(given.dropna()) <= {"0", "1"}:
        return
    task = [raw[columns[name]] for name in TASK]
    numbers = pd.to_numeric(given)
    if set(given.dropna()) == {"0", POINTS}:
        chosen, text = numbers == float(POINTS), say("reading.choice.hundred")
    elif numbers.max() <= 100 and (numbers.groupby(task).transform("sum") == float(POINTS)).mean() > 0.9:
        check.tell("shared_points", "error", columns["chosen"], say("reading.choice.points"))
        return
    elif (given.groupby(task).transform("nunique") == 1).mean() > 0.9:
        chosen = numbers == _place_in_task(raw, task, columns)
        text = say("reading.choice.number")
    else:
        return
    check.note("choice_code", "repaired", columns["chosen"], given.notna().to_numpy(), text)
    told = chosen.map({True: "1", False: "0"}).where(given.notna(), "").astype("str")
    check.raw = replace(check.raw, frame=raw.assign(**{columns["chosen"]: told}))


def _place_in_task(raw: pd.DataFrame, task: list[pd.Series], columns: dict[str, str]) -> pd.Series:
    """The number of each alternative: the file's own where it has whole numbers, otherwise its place in the task."""
    if "alternative" in columns:
        own = pd.to_numeric(raw[columns["alternative"]].str.strip(), errors="coerce")
        if own.notna().all():
            return own
    return raw.groupby(task).cumcount() + 1


def check_conjoint(check: Checked, columns: dict[str, str], source: ConjointSource) -> None:
    """Type the attributes, and set aside every task that is incomplete or has not exactly one choice.

    An alternative of which no attribute is filled is "none of these" and stays.
    """
    frame, names = check.frame, list(source.attributes)
    none_of_these = frame[names].isna().all(axis=1)
    for name in names:
        if name in source.levels:
            frame[name] = frame[name].str.strip()
            unknown = frame[name].notna() & ~frame[name].isin(source.levels[name])
            text = say("reading.choice.level", levels=source.levels[name])
            check.note("unknown_level", "quarantined", columns[name], unknown, text)
        else:
            _read_numbers(check, name, columns[name], source)
        empty = frame[name].isna() & ~none_of_these
        check.note("missing_level", "quarantined", columns[name], empty, say("reading.choice.empty"))
    again = frame[~check.aside].duplicated([*TASK, "alternative"], keep=False).reindex(frame.index, fill_value=False)
    check.note("repeated_alternative", "quarantined", columns["alternative"], again, say("reading.choice.again"))
    chosen = (frame["chosen"].fillna(False).astype(bool) & ~check.aside).groupby([frame[key] for key in TASK])
    broken = _in_task(pd.Series(check.aside, frame.index), frame)
    check.note("incomplete_task", "quarantined", None, broken, say("reading.choice.broken"))
    text = say("reading.choice.not_one")
    check.note("not_one_choice", "quarantined", columns["chosen"], chosen.transform("sum") != 1, text)
    text = say("reading.choice.single")
    check.note("single_alternative", "quarantined", None, chosen.transform("size") < 2, text)
    if len(frame) and check.aside.all():
        check.tell("no_choices", "error", columns["chosen"], say("reading.choice.none"), len(frame))


def _read_numbers(check: Checked, name: str, column: str, source: ConjointSource) -> None:
    """Read the price, and any other attribute all of whose cells are numbers, as numbers."""
    raw, read = check.raw.frame[column], source.read
    text = not pd.api.types.is_numeric_dtype(raw)
    decimal, thousands = read.decimal or ".", read.thousands
    if text:
        decimal, proved, _ = numbers.form_of(raw, sep=check.raw.sep, decimal=read.decimal)
        thousands = thousands or proved
    typed = cells.numbers(raw, decimal, thousands, sheet=check.raw.sep is None)
    if name == source.paid_in or not any(found.severity in ("error", "quarantined") for found in typed.findings):
        check.frame[name] = typed.values
        for found in typed.findings:
            check.note(found.code, found.severity, column, found.rows, found.text)
    else:
        check.frame[name] = check.frame[name].str.strip()


def _in_task(rows: pd.Series, frame: pd.DataFrame) -> pd.Series:
    """Whether any row of the same task is among ``rows``; rows without a task are in none."""
    return rows.groupby([frame[key] for key in TASK]).transform("any").fillna(False).astype(bool)
