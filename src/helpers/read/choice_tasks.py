"""The rules of a choice exercise: attributes as levels or numbers, and tasks in which one alternative was chosen.

A task is used whole or not at all: with an alternative missing it would be another question than the one answered.
"""

from __future__ import annotations

import pandas as pd

from helpers.read import cells, numbers
from helpers.read.ledger import Checked
from helpers.sources import ConjointSource

TASK = ["respondent_id", "task"]


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
            text = f"no level that study.yml lists; listed: {', '.join(source.levels[name])}"
            check.note("unknown_level", "quarantined", columns[name], unknown, text)
        else:
            _read_numbers(check, name, columns[name], source)
        empty = frame[name].isna() & ~none_of_these
        check.note("missing_level", "quarantined", columns[name], empty, "empty, and the alternative is not")
    again = frame[~check.aside].duplicated([*TASK, "alternative"], keep=False).reindex(frame.index, fill_value=False)
    check.note("repeated_alternative", "quarantined", columns["alternative"], again, "comes twice in one task")
    chosen = (frame["chosen"].fillna(False).astype(bool) & ~check.aside).groupby([frame[key] for key in TASK])
    broken = _in_task(pd.Series(check.aside, frame.index), frame)
    check.note("incomplete_task", "quarantined", None, broken, "another row of the same task was set aside")
    text = "a task in which not exactly one alternative was chosen"
    check.note("not_one_choice", "quarantined", columns["chosen"], chosen.transform("sum") != 1, text)
    check.note("single_alternative", "quarantined", None, chosen.transform("size") < 2, "a task without a choice")


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
