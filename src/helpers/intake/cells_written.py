"""How the numbers and dates of an export are written, as far as its cells tell, and what must be asked of them."""

from __future__ import annotations

import os
import re
import zoneinfo

import pandas as pd

from helpers.columns import TABLES
from helpers.guesses import TO_FILL, Answer, Guess, Question
from helpers.intake.export import Export, Told
from helpers.intake.vocabulary import SAMPLE
from helpers.read import cells
from helpers.read.parts import joined_time
from helpers.written import dates, numbers


def look_at_cells(export: Export, told: Told) -> None:
    """How the numbers and dates of a table's columns are written."""
    frame, contract = export.frame, TABLES[export.table]
    export.columns = {ours: theirs for ours, theirs in export.columns.items() if ours in contract or ours == "email"}
    kinds = {ours: contract[ours].kind for ours in export.columns if ours in contract}
    amounts = [frame[export.columns[ours]].head(SAMPLE) for ours, kind in kinds.items() if kind == "number"]
    if amounts and export.raw.sep is not None:
        decimal, thousands = _told_form(export, pd.concat(amounts, ignore_index=True))
        if decimal != ".":
            export.read["decimal"] = decimal
        if thousands is not None:
            export.read["thousands"] = thousands
            export.why.append(f"{thousands!r} in the numbers was taken for a thousands mark.")
    if told.date_format and "ordered_at" in export.columns:
        export.read["date_format"] = told.date_format
        return
    for ours, kind in kinds.items():
        if kind == "time":
            column = frame[export.columns[ours]]
            clock = export.roles.get("time_of_day")
            if ours == "ordered_at" and clock and not column.astype("str").head(SAMPLE).str.contains(":").any():
                export.read["time_column"] = clock.header
                column = joined_time(frame, export.columns[ours], clock.header)[export.columns[ours]]
                because = "the day and its time stand in two columns"
                export.guesses.append(Guess("ordered_at", f"{export.columns[ours]} and {clock.header}", because))
            look_at_dates(export, column)


def _told_form(export: Export, sample: pd.Series) -> tuple[str, str | None]:
    """The marks of a table's numbers; where ``12,500`` may be either, the other columns of the file tell, or a person.

    Until it is said they are thousands: shops print money with two decimals or none. A comma between Persian or
    Arabic digits is never a decimal mark.
    """
    decimal, thousands, doubt = numbers.form_of(sample)
    if not doubt or doubt.key != "written.doubt.three_digits" or (decimal == "." and export.raw.sep == ","):
        return decimal, thousands
    rest = pd.concat(
        [export.frame[h].head(SAMPLE).astype("str") for h, seen in export.looks.items() if seen.number > 0.9]
    )
    wider = numbers.form_of(rest)
    if not wider[2]:
        return wider[:2]
    mark, other = decimal, "." if decimal == "," else ","
    if not (mark == "," and sample.str.contains("[\u0660-\u0669\u06f0-\u06f9]", na=False).mean() > 0.5):
        example = next(iter(sample[sample.str.contains(rf"\d{re.escape(mark)}\d{{3}}", na=False)]))
        text = f"{example.strip()!r}: every number with {mark!r} has three digits after it: thousands or decimals"
        answers = (
            Answer("thousands, as it is read until you say otherwise", {"read": {"decimal": other, "thousands": mark}}),
            Answer("decimals", {"read": {"decimal": mark}}),
        )
        export.questions.append(Question("numbers", text, answers))
    return other, mark


def look_at_dates(export: Export, column: pd.Series) -> None:
    """State the format and the calendar of dates that are not ISO; ask where the dates allow two."""
    stated, calendar, doubt = dates.format_of(column, export.raw.dated.get(column.name))
    if stated:
        export.read["date_format"] = stated
    if calendar == "jalali":
        export.read["calendar"] = calendar
        because = "the years are those of the Solar Hijri calendar"
        export.guesses.append(Guess("calendar", "jalali", because, ("gregorian",)))
    if doubt:
        first = column[~cells.blank(column)].astype("str").iloc[0].strip()
        answers = [Answer(said, {"read": {"date_format": stated}}) for said, stated in _both_orders(first)]
        if "zone" in doubt:
            answers = _zones()
        export.questions.append(Question("date_format", f"{column.name}: {doubt}", tuple(answers)))


def _zones() -> list[Answer]:
    """The zones that times of several offsets may be shown in: what this computer is set to, or one that is named."""
    own = os.environ.get("TZ", "").lstrip(":") or os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    known = own in zoneinfo.available_timezones() and "/" in own and not own.startswith("Etc/")
    answers = [Answer(f"the zone that this computer is set to, {own}", {"read": {"timezone": own}})] if known else []
    named = Answer("the shop's own zone by its name, such as Europe/Berlin", {"read": {"timezone": TO_FILL}})
    return [*answers, named, Answer("the same clock for all, UTC", {"read": {"timezone": "UTC"}})]


def _both_orders(cell: str) -> list[tuple[str, str]]:
    """The two formats that a date like ``01/02/2024 10:30 PM`` can have."""
    parts = re.fullmatch(r"\d{1,2}([./-])\d+[./-](\d+)(\D*)(.*)", cell)
    if parts is None:
        return []
    mark, year, gap, rest = parts.groups()
    clock = ("", "%H:%M", "%H:%M:%S")[min(2, rest.count(":"))]
    if half := re.search(r"( ?)[AaPp][Mm]", rest):
        clock = clock.replace("%H", "%I") + half[1] + "%p"
    ends = mark + ("%Y" if len(year) == 4 else "%y") + gap + clock
    return [("day first", f"%d{mark}%m{ends}"), ("month first", f"%m{mark}%d{ends}")]
