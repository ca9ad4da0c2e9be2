"""Text cells to typed columns: numbers, times, flags, ids and text, with a finding for all that is not plain.

Findings never quote a cell: they travel into published files. They show its shape, ``12.05.2025`` as ``99.99.9999``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api.typing import NaTType

from helpers.text import header as header

Severity = Literal["error", "repaired", "quarantined", "warning"]
LARGEST = 1e15
"""Numbers beyond this are slips of the keyboard (or 1e308), not money or counts."""

MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "-", "–", "—")
_FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "1", "да", "ja", "oui", "ha", "иә", "კი", "დიახ", "بله", "بلی"), True),
    **dict.fromkeys(("false", "no", "n", "0", "нет", "nein", "non", "yo'q", "yoʻq", "жоқ", "არა", "خیر"), False),
}
CURRENCIES = {
    "₽": ("RUB", r"₽|руб(?:\.|л\w+)?|р\.?|rub"), "₸": ("KZT", r"₸|тг\.?|тенге|kzt"), "€": ("EUR", "€|eur"),
    "$": ("USD", r"(?:us)?\$|usd"), "£": ("GBP", "£|gbp"), "₾": ("GEL", "₾|gel|лари|ლარი"),
    "сум": ("UZS", "сум|uzs|so['ʻ]m"), "﷼": ("IRR", "﷼|irr|ریال"), "تومان": ("IRT", "تومان"),
    "chf": ("CHF", "chf"), "kr": ("", "kr"), "zł": ("PLN", "zł"),
}  # fmt: skip
"""Signs of currencies, with the code of each and how headers and cells name it."""
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫−", "01234567890123456789.-")
_NUMBER = re.compile(r"\s*([+-]?)\s*([^\d\s+-]*)\s*([+-]?)\s*(\d(?:.*\d)?)\s*(\D*?)\s*")
_UNREAD = (np.nan, "", False)
_SPACES = " \u00a0\u202f\u2009"
_ISO = r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_OFFSET = r"(?:Z|[+-]\d{2}:?\d{2})"
_PARTS = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:,? +|T)?(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)? *([AaPp][Mm])?)?"
)


@dataclass(frozen=True)
class Finding:
    """One kind of finding in one column; ``rows`` marks the rows of the column that it is about."""

    code: str
    severity: Severity
    rows: pd.Series
    text: str


@dataclass(frozen=True)
class Typed:
    """A typed column (missing where a cell is empty or unreadable) and what was found on the way."""

    values: pd.Series
    findings: tuple[Finding, ...] = ()


def _typed(values: pd.Series, *findings: Finding) -> Typed:
    """A typed column with those of the findings that are about any rows."""
    return Typed(values, tuple(finding for finding in findings if finding.rows.any()))


def shape(text: str) -> str:
    """The look of a cell without its content: ``Ann, 12.5`` as ``Aaa, 99.9``."""
    kinds = {"Lu": "A", "Ll": "a", "Lo": "a", "Lt": "A", "Lm": "a", "Nd": "9"}
    return "".join(kinds.get(unicodedata.category(letter), letter) for letter in text[:30])


def blank(cells: pd.Series) -> pd.Series:
    """Which cells say nothing: empty, or one of the usual signs for it."""
    return cells.isna() | cells.str.strip().str.lower().isin(MISSING)


def _unreadable(cells: pd.Series, bad: pd.Series, what: str, mend: str) -> Finding:
    """Quarantine unreadable cells; when they are the most of a column, the column is not what it should be."""
    most = bad.any() and bad.sum() > (~blank(cells)).sum() / 2
    shown = ", ".join(sorted(set(cells[bad].head(200).map(shape)))[:3])
    text = f"not a {what} (they look like: {shown}); {mend}"
    return Finding(f"unreadable_{what}", "error" if most else "quarantined", bad, text)


# --- numbers -----------------------------------------------------------------------------------------------------


def sniff_decimal(columns: list[pd.Series], sep: str | None) -> tuple[Literal[".", ","], str]:
    """The decimal mark of a file's number columns, and why it cannot be told (empty when it can).

    ``sep`` is None for a workbook, whose true numbers read with a point beside text cells with a comma.
    """
    cells = pd.concat([pd.Series(dtype="str"), *columns])
    cells = cells[cells.str.contains(r"\d[.,]\d", na=False)]
    comma, point = cells.str.contains(r"\d,\d"), cells.str.contains(r"\d\.\d")
    if (comma & point).any():
        last = cells[comma & point].str.extract(r".*([.,])\d", expand=False)
        return ("," if (last == ",").mean() > 0.5 else "."), ""
    if comma.any() and point.any() and sep is not None:
        return ".", "some numbers have a decimal comma and some a point"
    mark = "," if comma.any() else "."
    grouped = rf"\D*[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+\D*"
    if (comma.any() or (point.any() and sep not in (",", None))) and cells.str.fullmatch(grouped).all():
        return mark, f"every number with {mark!r} has three digits after it: decimals or thousands?"
    if comma.any() and sep == ",":
        return ",", "decimal comma in a comma-separated file"
    return mark, ""


def numbers(cells: pd.Series, decimal: str = ".", thousands: str | None = None, *, sheet: bool = False) -> Typed:
    """Read ``12,50 €`` as 12.5: one currency sign dropped, declared thousands marks dropped, any script's digits.

    Returns float64. ``sheet`` cells that already read as a number with a point are taken so. Infinite and absurdly
    large numbers count as unreadable.
    """
    if pd.api.types.is_numeric_dtype(cells):
        values, found, bad = cells.astype("float64"), [], pd.Series(False, index=cells.index)
    else:
        filled = cells.mask(blank(cells))
        plain = filled
        if decimal == "," and not sheet:
            plain = plain.where(plain.str.fullmatch(r"\s*[-+]?\d+(?:,\d+)?\s*")).str.replace(",", ".", regex=False)
        values = pd.to_numeric(plain, errors="coerce").astype("float64")
        odd, found = _odd_numbers(filled.where(values.isna()), decimal, thousands)
        values = values.fillna(odd)
        bad = values.isna() & filled.notna()
    wild = values.abs() > LARGEST
    mend = f"allowed: digits, decimal mark {decimal!r}" + (f", thousands mark {thousands!r}" if thousands else "")
    mend += "; mend the cells, or state read.decimal and read.thousands"
    too_large = f"infinite, or beyond {LARGEST:g}; mend the numbers"
    found += [Finding("number_too_large", "quarantined", wild, too_large), _unreadable(cells, bad, "number", mend)]
    return _typed(values.mask(wild), *found)


def _odd_numbers(cells: pd.Series, decimal: str, thousands: str | None) -> tuple[pd.Series, list[Finding]]:
    """Read the cells that are no plain numbers, each different one once."""
    codes, different = pd.factorize(cells)
    read = [*(_odd_number(cell, decimal, thousands) for cell in different), _UNREAD]  # a missing cell's code is -1
    values, signs, grouped = (pd.Series(np.array(part)[codes], cells.index) for part in zip(*read, strict=True))
    kinds = sorted({sign for _, sign, _ in read} - {""})
    if len(kinds) > 1:
        text = f"more than one currency: {', '.join(kinds)}; convert them to one before loading"
        currency = Finding("mixed_currencies", "error", signs != "", text)
    else:
        currency = Finding("currency_sign", "repaired", signs != "", f"currency sign {''.join(kinds)} dropped")
    mark = Finding("thousands_mark", "repaired", grouped, f"declared thousands mark {thousands!r} dropped")
    return values, [currency, mark]


def _odd_number(cell: str, decimal: str, thousands: str | None) -> tuple[float, str, bool]:
    """One cell as (number or NaN, its currency, whether it had thousands marks)."""
    parts = _NUMBER.fullmatch(cell.translate(_DIGITS))
    if parts is None:
        return _UNREAD
    outer, before, inner, core, after = parts.groups()
    sign = _currency(before or after)
    grouped = False
    if thousands is not None:
        mark = f"[{_SPACES}]" if thousands in _SPACES else re.escape(thousands)
        grouped = re.fullmatch(rf"\d{{1,3}}(?:{mark}\d{{3}})+(?:{re.escape(decimal)}\d+)?", core) is not None
        core = re.sub(mark, "", core) if grouped else core
    if (before and after) or (outer and inner) or ((before or after) and not sign):
        return _UNREAD
    if not re.fullmatch(rf"\d+(?:{re.escape(decimal)}\d+)?", core):
        return _UNREAD
    value = float(core.replace(decimal, "."))
    return (-value if "-" in (outer, inner) else value), sign, grouped


def _currency(text: str) -> str:
    """The sign of the currency that a sign or word names; empty for anything else."""
    if len(text) == 1 and unicodedata.category(text) == "Sc":
        return text
    known = (sign for sign, (_, names) in CURRENCIES.items() if re.fullmatch(names, text, re.IGNORECASE))
    return next(known, "")


# --- times -------------------------------------------------------------------------------------------------------


def times(
    cells: pd.Series,
    date_format: str | None = None,
    timezone: str | None = None,
    ambiguous_time: str | None = None,
) -> Typed:
    """Read dates and times as wall-clock time without zone.

    ISO dates and true dates need nothing; other orders of day, month and year are told from the data, and refused when
    the data allow two; Excel's serial day numbers are converted. Times with an offset go to ``timezone``; without a
    declared zone all must have the same offset, and are taken as written.
    """
    if pd.api.types.is_datetime64_any_dtype(cells):
        if cells.dt.tz is not None:
            cells, timezone = cells.dt.tz_convert(timezone or cells.dt.tz).dt.tz_localize(None), None
        return _typed(cells.astype("datetime64[us]"), *_clock(cells, timezone, ambiguous_time))
    if pd.api.types.is_numeric_dtype(cells):
        cells = cells.astype("str").str.removesuffix(".0")
    text = cells.str.strip().mask(blank(cells))
    values = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[us]")
    zoned = date_format is not None and "%z" in date_format
    if zoned:
        values = _local(text, timezone or "UTC", date_format)
    elif date_format is not None:
        values = _moments(text, format=date_format)
    values = values.fillna(_moments(text.where(text.str.fullmatch(_ISO)), format="ISO8601"))
    with_offset, found = _with_offset(text, timezone)
    values = values.fillna(with_offset)
    if zoned and timezone is None:
        told = "read.date_format has an offset (%z); state read.timezone too, such as Asia/Almaty"
        found.append(Finding("mixed_zones", "error", text.notna(), told))
    serial = text.str.fullmatch(r"[2-7]\d{4}(?:\.\d+)?") & values.isna()
    if serial.any():
        days = pd.to_numeric(text.where(serial), errors="coerce")
        values = values.fillna(_moments(days, unit="D", origin="1899-12-30").dt.round("s"))
        told = "Excel's serial day numbers read as dates"
        found.append(Finding("excel_serial_date", "repaired", serial, told))
    if date_format is None:
        in_order, told_of_order = _by_order(text.where(values.isna()))
        values = values.fillna(in_order)
        found += told_of_order
    if not any(finding.severity == "error" for finding in found):
        mend = f"declared: {date_format!r}; " if date_format else ""
        mend += 'state read.date_format, such as "%d.%m.%Y %H:%M"'
        found.append(_unreadable(cells, values.isna() & text.notna(), "date", mend))
    return _typed(values, *found, *_clock(values, timezone, ambiguous_time))


def _moments(cells: pd.Series, **how: object) -> pd.Series:
    """``pd.to_datetime`` in microseconds; NaT for what cannot be read."""
    return pd.to_datetime(cells, errors="coerce", **how).astype("datetime64[us]")


def _local(cells: pd.Series, timezone: str, date_format: str) -> pd.Series:
    """Times with an offset from UTC as the wall clock of a zone shows them."""
    instants = pd.to_datetime(cells, format=date_format, utc=True, errors="coerce")
    return instants.dt.tz_convert(timezone).dt.tz_localize(None).astype("datetime64[us]")


def _with_offset(text: pd.Series, timezone: str | None) -> tuple[pd.Series | NaTType, list[Finding]]:
    """Read ISO times that carry an offset from UTC; NaT instead where they cannot be read together."""
    aware = text.str.fullmatch(_ISO + _OFFSET)
    if not aware.any():
        return pd.NaT, []
    if timezone is not None:
        return _local(text.where(aware), timezone, "ISO8601"), []
    offsets = text[aware].str.extract(f"({_OFFSET})$", expand=False).unique()
    if len(offsets) > 1 or not aware[text.notna()].all():
        told = "times of several zones; state read.timezone, such as Asia/Almaty"
        return pd.NaT, [Finding("mixed_zones", "error", aware, told)]
    told = f"taken as written, at {offsets[0]} from UTC; state read.timezone to convert to the shop's own time"
    local = text.where(aware).str.replace(f"{_OFFSET}$", "", regex=True)
    return _moments(local, format="ISO8601"), [Finding("offset_kept", "warning", aware, told)]


def _by_order(text: pd.Series) -> tuple[pd.Series | NaTType, list[Finding]]:
    """Read dates in the only order of day, month and year that the whole column allows; NaT where it allows two."""
    codes, different = pd.factorize(text)
    parts = [*(_PARTS.fullmatch(cell.translate(_DIGITS)) for cell in different), None]  # a missing cell's code is -1
    dmy, mdy = (
        pd.Series(np.array([_moment(found, order) for found in parts], "datetime64[us]")[codes], text.index)
        for order in ("dmy", "mdy")
    )
    only_dmy, only_mdy = dmy.notna() & mdy.isna(), mdy.notna() & dmy.isna()
    either = dmy.notna() & mdy.notna() & (dmy != mdy)
    mend = 'state read.date_format, "%d.%m.%Y" or "%m/%d/%Y" for instance'
    if only_dmy.any() and only_mdy.any():
        few = only_dmy if only_dmy.sum() <= only_mdy.sum() else only_mdy
        told = f"day before month in {only_dmy.sum()} rows, month before day in {only_mdy.sum()}; {mend}"
        return pd.NaT, [Finding("mixed_date_orders", "error", few, told)]
    if either.any() and not only_dmy.any() and not only_mdy.any():
        told = f"day before month or month before day? Both fit every date; {mend}"
        return pd.NaT, [Finding("ambiguous_dates", "error", either, told)]
    order, read = ("month, day, year", mdy) if only_mdy.any() else ("day, month, year", dmy)
    return read, [Finding("date_order", "repaired", read.notna(), f"dates read as {order} or year first")]


def _moment(found: re.Match[str] | None, order: str) -> np.datetime64:
    """The moment that a date's parts name in an order; NaT where they name none."""
    if found is None:
        return np.datetime64("NaT")
    first, _, second, third, hour, minute, second_of, half = found.groups()
    if len(first) == 4:
        year, month, day = first, second, third
    else:
        day, month = (first, second) if order == "dmy" else (second, first)
        year = third if len(third) == 4 else f"20{third}"
    hours = int(hour or 0) % 12 + 12 * (half.lower() == "pm") if half else int(hour or 0)
    written = f"{year}-{int(month):02}-{int(day):02}T{hours:02}:{minute or '00'}:{second_of or '00'}"
    try:
        return np.datetime64(written, "us")
    except ValueError:
        return np.datetime64("NaT")


def _clock(values: pd.Series, timezone: str | None, policy: str | None) -> list[Finding]:
    """Wall-clock times that come twice or never in a declared zone, where its clocks are changed."""
    if timezone is None or not values.notna().any():
        return []
    never = values.dt.tz_localize(timezone, ambiguous=np.ones(len(values), bool), nonexistent="NaT")
    found = [Finding("time_never_was", "quarantined", values.notna() & never.isna(), f"no such time in {timezone}")]
    # A file of dates alone has midnights only, and a clock change at midnight tells nothing about its days.
    if policy is None and (values.dropna() != values.dropna().dt.normalize()).any():
        early = values.dt.tz_localize(timezone, ambiguous="NaT", nonexistent="shift_forward")
        text = f"comes twice in {timezone}, when the clocks go back; state read.ambiguous_time: first or last"
        found.append(Finding("ambiguous_time", "error", values.notna() & early.isna(), text))
    return found


# --- flags, ids and text -----------------------------------------------------------------------------------------


def flags(cells: pd.Series) -> Typed:
    """Read yes and no, true and false, 1 and 0 (and the words of six more languages) as ``boolean``."""
    if pd.api.types.is_bool_dtype(cells) or pd.api.types.is_numeric_dtype(cells):
        cells = cells.astype("str").str.removesuffix(".0")
    values = cells.str.strip().str.lower().map(_FLAGS).astype("boolean")
    bad = values.isna() & ~blank(cells)
    return _typed(values, _unreadable(cells, bad, "flag", "allowed: yes and no, true and false, 1 and 0"))


def ids(cells: pd.Series) -> Typed:
    """Ids as text, exactly, but for spaces around them: ``00123``, ``NA`` and numbers above 2^53 stay what they are."""
    bare = cells.astype("str").str.strip()
    spaced = (bare != cells) & (bare != "")
    rounded = bare.str.fullmatch(r"\d[.,]\d+[eE]\+?\d+")
    text = "looks like a number that a spreadsheet has rounded; export the column as text"
    return _typed(
        bare.mask(bare == ""),
        Finding("id_spaces", "repaired", spaced, "spaces around ids dropped"),
        Finding("id_rounded", "warning", rounded, text),
    )


def text(cells: pd.Series) -> Typed:
    """Text exactly as it came; cells of nothing but space are missing."""
    return Typed(cells.mask(cells.str.strip() == ""))
