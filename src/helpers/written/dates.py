"""Dates and times as people and programs write them: the order of day and month told from the column, or asked."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import jdatetime
import numpy as np
import pandas as pd

from helpers.words import ENGLISH, Said, say
from helpers.written.typed import ANY_DIGIT, Finding, Typed, blank, shape, typed, unreadable
from helpers.written.written_dates import (
    CALENDARS,
    NAT,
    ZONES,
    Moment,
    in_figures,
    minutes_of,
    moment_of,
    no_moments,
    read_moments,
)

FEW = 0.01
"""Dates that speak against this many times more others are slips, set aside one by one."""
_ISO = r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_OFFSET = r" ?(?:Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?)"
_MEND = say("written.mend.date_order")


def times(
    cells: pd.Series,
    date_format: str | None = None,
    timezone: str | None = None,
    ambiguous_time: str | None = None,
    *,
    calendar: str = "gregorian",
    true_dates: pd.Series | np.ndarray | None = None,
) -> Typed:
    """Read dates and times as wall-clock time without zone.

    ISO dates and true dates need nothing; other orders of day, month and year are told from the data, and refused when
    the data allow two; months may stand in words; serial day numbers, ``20240131`` and Unix seconds are converted.
    Times with an offset go to ``timezone``; without a declared zone all must have the same offset, and are taken as
    written.

    Parameters
    ----------
    date_format : as of ``strptime``; ISO dates are read beside it.
    calendar : ``jalali`` for Solar Hijri dates. Without it their years are an error, and never taken for Gregorian.
    true_dates : which cells of a workbook are true dates, the others being text.
    """
    if pd.api.types.is_datetime64_any_dtype(cells):
        if cells.dt.tz is not None:
            cells, timezone = cells.dt.tz_convert(timezone or cells.dt.tz).dt.tz_localize(None), None
        moments, found = _likely(cells.astype("datetime64[us]"))
        return typed(moments, *found, *_clock(moments, timezone, ambiguous_time))
    if pd.api.types.is_numeric_dtype(cells):
        cells = _figures(cells)
    text = cells.str.strip().mask(blank(cells))
    if unusable := _unusable(date_format):
        return typed(no_moments(cells), Finding("date_format", "error", ~text.isna(), unusable))
    values, found = _stated(text, date_format, timezone, calendar)
    in_workbook = true_dates is not None and len(true_dates) == len(cells) and np.asarray(true_dates).any()
    if calendar == "gregorian":
        plain = read_moments(text.where(text.str.fullmatch(_ISO)), format="ISO8601")
        iso, values = plain.notna(), values.fillna(plain)
        values, told = _with_offset(text, values, timezone)
        found += told
        if in_workbook:
            iso &= np.asarray(true_dates)
        if any(finding.severity == "error" for finding in told):
            return typed(values, *found)
    else:
        iso = pd.Series(False, index=cells.index)
    rest, no_date = text.where(values.isna()), pd.Series(False, index=cells.index)
    codes, different = pd.factorize(rest)
    if len(different):
        figures, told, none = in_figures(pd.Series(different, dtype="str"), timezone)
        no_date = pd.Series(np.append(none, False)[codes], cells.index)  # a missing cell's code is -1
        values = values.fillna(pd.Series(np.append(figures, NAT)[codes], cells.index))
        found += [replace(one, rows=pd.Series(np.append(one.rows, False)[codes], cells.index)) for one in told]
        if told or none.any():
            rest = rest.where(values.isna()).mask(no_date)
            codes, different = pd.factorize(rest)
    if date_format is None and len(different):
        in_order, told = _by_order(rest, codes, different, values[iso], timezone, calendar)
        values, found = values.fillna(in_order), [*found, *told]
    values, told = _likely(values, no_date)
    if any(finding.severity == "error" for finding in told):
        return typed(values, *told)
    done = [replace(finding, rows=finding.rows & values.notna()) for finding in found if finding.severity == "repaired"]
    found = [*done, *(finding for finding in found if finding.severity != "repaired"), *told]
    if not any(finding.severity == "error" for finding in found):
        mend = say("written.mend.date_stated" if date_format else "written.mend.date", stated=repr(date_format))
        unlikely = np.logical_or.reduce([no_date, *(finding.rows for finding in told)])
        found.append(unreadable(cells, values.isna() & text.notna() & ~unlikely, "date", mend))
    return typed(values, *found, *_clock(values, timezone, ambiguous_time))


def joined(date: pd.Series, time: pd.Series) -> pd.Series:
    """A date's column and a time's as one; the date alone where there is no time."""
    day = date.str.strip().str.replace(r"[ T]0{1,2}:00(?::00)?$", "", regex=True)
    hour = time.str.strip().mask(blank(time)).str.replace(r"^(?:1899-12-3[01]|1900-01-0[01])[ T]", "", regex=True)
    return day.where(hour.isna(), day + " " + hour)


def calendar_of(sample: pd.Series) -> str:
    """``jalali``, ``hijri`` or ``buddhist`` where most years can be of that calendar only; else ``gregorian``."""
    text = sample.dropna().astype("str").str.translate(ANY_DIGIT)
    years = pd.to_numeric(text.str.extract(r"(?<!\d)([12]\d{3})(?!\d)", expand=False), errors="coerce").dropna()
    for name, (first, last) in CALENDARS.items():
        if len(years) and years.between(first, last).mean() > 0.5:
            return name
    solar = text.map(lambda cell: moment_of(cell, "jalali").mark == "words") if len(text) and not len(years) else None
    return "jalali" if solar is not None and solar.mean() > 0.5 else "gregorian"


def format_of(sample: pd.Series, true_dates: np.ndarray | None = None) -> tuple[str | None, str, str]:
    """The format to be stated for a column of dates, its calendar, and why they cannot be told (empty where they can),
    in English: there is no study yet.

    No format is needed (None) where dates are ISO, months stand in words, or each cell tells its own form.
    """
    calendar = calendar_of(sample)
    obeyed = calendar if calendar == "jalali" else "gregorian"
    read = times(sample, calendar=obeyed, true_dates=true_dates)
    if doubts := [found.text for found in read.findings if found.severity == "error"]:
        return None, calendar, "; ".join(map(ENGLISH.plain, doubts))
    ordered = next((found.rows for found in read.findings if found.code == "date_order"), None)
    if ordered is None or calendar != "gregorian":
        return None, calendar, ""
    filled = sample[~blank(sample)].str.strip()
    for stated in _formats(filled[ordered[filled.index]]):
        if not times(filled, stated).findings:
            return stated, calendar, ""
    return None, calendar, ""


def _formats(cells: pd.Series) -> list[str]:
    """Formats that the first of some dates in figures can have."""
    found = re.fullmatch(r"(\d+)([./-])\d+[./-](\d+)(\D*)(.*)", cells.iloc[0].translate(ANY_DIGIT))
    if found is None:
        return []
    first, mark, third, gap, clock = found.groups()
    hours = ("", "%H:%M", "%H:%M:%S")[min(2, clock.count(":"))]
    if re.search(r"[AaPp][Mm]$", clock):
        hours = hours.replace("%H", "%I") + (" %p" if " " in clock else "%p")
    if len(first) == 4:
        return [f"%Y{mark}%m{mark}%d{gap}{hours}"]
    year = "%Y" if len(third) == 4 else "%y"
    return [f"{a}{mark}{b}{mark}{year}{gap}{hours}" for a, b in (("%d", "%m"), ("%m", "%d"))]


# --- steps -------------------------------------------------------------------------------------------------------


def _figures(cells: pd.Series) -> pd.Series:
    """True numbers as text: serial days, ``20240131``, seconds."""
    whole = cells.dropna()
    if len(whole) and (whole % 1 == 0).all() and whole.abs().max() < 1e17:
        return cells.astype("Int64").astype("str").mask(cells.isna()).astype("str")
    return cells.astype("str").str.removesuffix(".0")


def _unusable(date_format: str | None) -> Said | None:
    """Why a stated format cannot be used; None where it can."""
    if date_format is None:
        return None
    told = {"stated": repr(date_format), "allowed": say("written.date.allowed")}
    if re.search(r"%[sQ]", date_format):
        return say("written.date.seconds_stated", **told)
    try:
        pd.to_datetime(pd.Series(["x"], dtype="str"), format=date_format, errors="coerce")
    except (ValueError, TypeError, re.error) as error:
        return say("written.date.unusable", **told, fault=str(error)[:100])
    if "%" not in date_format and date_format not in ("ISO8601", "mixed"):
        return say("written.date.no_code", **told)
    return None


def _local(cells: pd.Series, timezone: str, date_format: str) -> pd.Series:
    """Times with an offset from UTC as the wall clock of a zone shows them."""
    instants = pd.to_datetime(cells, format=date_format, utc=True, errors="coerce")
    return instants.dt.tz_convert(timezone).dt.tz_localize(None).astype("datetime64[us]")


def _stated(
    text: pd.Series, date_format: str | None, timezone: str | None, calendar: str
) -> tuple[pd.Series, list[Finding]]:
    """What can be read by the stated format."""
    if date_format is None:
        return no_moments(text), []
    if calendar == "jalali":
        codes, different = pd.factorize(text.str.translate(ANY_DIGIT))
        read = [*(_solar(cell, date_format) for cell in different), NAT]
        return pd.Series(np.array(read, "datetime64[us]")[codes], text.index), []
    if not text.str.isascii().fillna(True).all():
        text = text.str.translate(ANY_DIGIT)
    if "%z" not in date_format:
        return read_moments(text, format=date_format), []
    told = say("written.date.offset_stated")
    found = [Finding("mixed_zones", "error", text.notna(), told)] if timezone is None else []
    return _local(text, timezone or "UTC", date_format), found


def _solar(cell: str, date_format: str) -> np.datetime64:
    """A Solar Hijri date in a stated format."""
    try:
        return np.datetime64(jdatetime.datetime.strptime(cell, date_format).togregorian().replace(tzinfo=None), "us")
    except (ValueError, KeyError, TypeError):
        return NAT


def _with_offset(text: pd.Series, values: pd.Series, timezone: str | None) -> tuple[pd.Series, list[Finding]]:
    """Read ISO times that carry an offset from UTC; not where they cannot be read together."""
    if not (values.isna() & text.notna()).any():
        return values, []
    aware = text.str.fullmatch(_ISO + _OFFSET, na=False)
    if not aware.any():
        return values, []
    plain = text[aware]
    if plain.str.contains(r" [ZUG+-]|UTC|GMT|[+-]\d\d$").any():
        plain = plain.str.replace(r" ?(?:UTC|GMT|Z)$", "Z", regex=True)
        plain = plain.str.replace(r" ?(?:UTC|GMT)?([+-]\d{2})(?::?(\d{2}))?$", r"\1\2", regex=True)
    if timezone is not None:
        return values.fillna(_local(plain, timezone, "ISO8601")), []
    offsets = plain.str.extract(r"(Z|[+-]\d{2}:?(?:\d{2})?)$", expand=False)
    local = read_moments(plain.str.replace(r"(?:Z|[+-]\d{2}:?(?:\d{2})?)$", "", regex=True), format="ISO8601")
    if (
        not _one_clock(local, offsets, {offset: minutes_of(offset) for offset in offsets.unique()})
        or not aware[text.notna()].all()
    ):
        return values, [Finding("mixed_zones", "error", aware, say("written.date.zones"))]
    told = say("written.date.at_offset", offsets=sorted(offsets.unique()))
    return values.fillna(local), [Finding("offset_kept", "warning", aware, told)]


def _one_clock(local: pd.Series, offsets: pd.Series, minutes: dict[Any, float]) -> bool:
    """Whether offsets are one place's: the same for all, or an hour more in one half of the year than in the other."""
    two = sorted(set(minutes.values()))
    if len(two) != 2 or two[1] - two[0] != 60:
        return len(two) == 1
    late = offsets.isin([offset for offset, minute in minutes.items() if minute == two[1]])
    winter, summer = local.dt.month.isin([12, 1, 2]), local.dt.month.isin([5, 6, 7, 8])
    north = not late[winter].any() and late[summer].all()
    return bool(north or (late[winter].all() and not late[summer].any()))


def _by_order(
    text: pd.Series, codes: np.ndarray, different: pd.Index, iso: pd.Series, timezone: str | None, calendar: str
) -> tuple[pd.Series, list[Finding]]:
    """Read dates in the only order of day, month and year that the whole column allows; NaT where it allows two.

    codes, different : the text, factorized. iso : dates that were read before, from true dates or the form 9999-99-99.
    """
    read = [*(moment_of(cell, calendar) for cell in different), Moment()]  # a missing cell's code is -1
    dmy = pd.Series(np.array([one.day_first for one in read], "datetime64[us]")[codes], text.index)
    mdy = pd.Series(np.array([one.month_first for one in read], "datetime64[us]")[codes], text.index)
    marks = np.array([one.mark for one in read], dtype=object)[codes]
    own_order = np.array([one.year_first for one in read])[codes]
    if _year_may_be_first(pd.Series(different, dtype="str")):
        told = say("written.date.year_place", mend=_MEND)
        return no_moments(text), [Finding("ambiguous_dates", "error", text.notna(), told)]
    only_dmy, only_mdy = dmy.notna() & mdy.isna(), mdy.notna() & dmy.isna()
    either = dmy.notna() & mdy.notna() & (dmy != mdy)
    few, many = sorted((only_dmy, only_mdy), key=lambda rows: rows.sum())
    if few.sum() > FEW * many.sum():
        told = {"days": only_dmy.sum(), "day_like": _look_of(text[only_dmy])}
        told |= {"months": only_mdy.sum(), "month_like": _look_of(text[only_mdy]), "mend": _MEND}
        return no_moments(text), [Finding("mixed_date_orders", "error", few, say("written.date.two_orders", **told))]
    day_first = bool(only_dmy.sum() >= only_mdy.sum())
    if few.any():
        text, dmy, mdy = text.mask(few), dmy.mask(few), mdy.mask(few)
    if either.any():
        counts = {mark: (many[marks == mark].sum(), either[marks == mark].sum()) for mark in set(marks[either])}
        unproved = {mark for mark, (proofs, open_) in counts.items() if proofs <= FEW * open_}
        if unproved and not many.any():
            return no_moments(text), [
                Finding("ambiguous_dates", "error", either, say("written.date.either", mend=_MEND))
            ]
        if unproved:
            doubtful = either & np.isin(marks, list(unproved))
            told = {"n": many.sum(), "like": _look_of(text[many]), "mend": _MEND}
            told |= {"open": doubtful.sum(), "open_like": _look_of(text[doubtful])}
            key = "written.date.two_forms_day" if day_first else "written.date.two_forms_month"
            return no_moments(text), [Finding("ambiguous_dates", "error", doubtful, say(key, **told))]
    values = dmy if day_first else mdy
    others = values[values.notna() & ~own_order]
    if len(iso) and len(others) and (iso.dt.day <= 12).all() and (others.dt.day > 12).all():
        return no_moments(text), [Finding("swapped_dates", "error", values.notna(), say("written.date.swapped"))]
    values, found = _at_one_zone(values, text, read, codes, timezone)
    ordered = values.notna() & (marks != "words")
    told = say("written.date.day_first" if day_first else "written.date.month_first")
    if len(iso):
        told = say("written.date.beside", order=told, n=len(iso))
    in_words = values.notna() & (marks == "words")
    words = Finding("month_words", "repaired", in_words, say("written.date.months_in_words"))
    return values, [*found, words, Finding("date_order", "repaired", ordered, told)]


def _look_of(cells: pd.Series) -> str:
    """The look of the first of some cells."""
    return shape(cells.iloc[0])


def _year_may_be_first(cells: pd.Series) -> bool:
    """Whether the first of three two-digit numbers hardly changes and the last does."""
    if not len(cells) or re.match(r"\d\d([./-])\d\d\1\d\d(?!\d)", cells.iloc[0]) is None:
        return False
    parts = cells.str.extract(r"^(\d\d)[./-]\d\d[./-](\d\d)(?!\d)").dropna()
    return len(parts) == len(cells) and parts[0].nunique() <= 3 and parts[1].nunique() >= 8


def _at_one_zone(
    values: pd.Series, text: pd.Series, read: list[Moment], codes: np.ndarray, timezone: str | None
) -> tuple[pd.Series, list[Finding]]:
    """Dates with an offset as one wall clock shows them."""
    zones = {(one.zone, one.zone_name) for one in read if one.zone is not None}
    if not zones:
        return values, []
    minutes = pd.Series(np.array([np.nan if one.zone is None else one.zone for one in read])[codes], text.index)
    aware = minutes.notna() & values.notna()
    if timezone is not None:
        instants = (values - pd.to_timedelta(minutes, unit="min")).where(aware).dt.tz_localize("UTC")
        local = instants.dt.tz_convert(timezone).dt.tz_localize(None).astype("datetime64[us]")
        return local.fillna(values), []
    names = {name for _, name in zones}
    one_clock = names <= set(ZONES) and len({name[0] for name in names}) == 1  # such as PST and PDT
    one_clock = one_clock or _one_clock(values[aware], minutes[aware], {one: one for one in minutes[aware].unique()})
    if not one_clock or not aware[text.notna() & values.notna()].all():
        return no_moments(values), [Finding("mixed_zones", "error", aware, say("written.date.zones"))]
    hours = sorted((name or f"{zone / 60:+g}", bool(name)) for zone, name in zones if zone is not None)
    named = [text if is_name else say("written.date.from_utc", hours=text) for text, is_name in hours]
    return values, [Finding("offset_kept", "warning", aware, say("written.date.at_zone", zones=named))]


def _likely(values: pd.Series, no_date: pd.Series | None = None) -> tuple[pd.Series, list[Finding]]:
    """Moments without those that stand for none, such as 1970-01-01; years of other calendars are an error."""
    none = pd.Series(False, index=values.index) if no_date is None else no_date
    if not none.any() and (not len(values) or (values.min() > DAY_AFTER_ZERO and values.max() < FAR_DAY)):
        return values, []
    filled = int(values.notna().sum())
    for name, (first, last) in CALENDARS.items():
        rows = values.dt.year.between(first, last)
        if rows.sum() > 0.5 * filled:
            told = say(f"written.date.{name}", first=str(first), last=str(last))
            return values.mask(rows), [Finding("other_calendar", "error", rows, told)]
    zero = values.between(EPOCH - pd.Timedelta(hours=14), DAY_AFTER_ZERO)
    zero &= zero.sum() <= 0.5 * filled
    odd = zero | (values < FIRST_DAY) | (values > FAR_DAY)
    return values.mask(odd), [Finding("no_date", "quarantined", odd | none, say("written.date.none"))]


EPOCH, DAY_AFTER_ZERO = pd.Timestamp("1970-01-01"), pd.Timestamp("1970-01-01 14:00")
FIRST_DAY, FAR_DAY = pd.Timestamp("1900-01-02"), pd.Timestamp("2539-12-31")
"""Days before the first and after the far one stand for none, and so does the zero of a clock."""


def _clock(values: pd.Series, timezone: str | None, policy: str | None) -> list[Finding]:
    """Wall-clock times that come twice or never in a declared zone, where its clocks are changed."""
    if timezone is None or not values.notna().any():
        return []
    never = values.dt.tz_localize(timezone, ambiguous=np.ones(len(values), bool), nonexistent="NaT")
    told = say("written.date.never", timezone=timezone)
    found = [Finding("time_never_was", "quarantined", values.notna() & never.isna(), told)]
    # A file of dates alone has midnights only, and a clock change at midnight tells nothing about its days.
    if policy is None and (values.dropna() != values.dropna().dt.normalize()).any():
        early = values.dt.tz_localize(timezone, ambiguous="NaT", nonexistent="shift_forward")
        told = say("written.date.twice", timezone=timezone)
        found.append(Finding("ambiguous_time", "error", values.notna() & early.isna(), told))
    return found
