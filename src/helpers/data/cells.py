"""Text cells to typed columns: numbers, times, flags, ids and text, with a finding for all that is not plain.

Findings never quote a cell: they travel into published files. They show its shape, ``12.05.2025`` as ``99.99.9999``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Severity = Literal["error", "repaired", "quarantined", "warning"]
LARGEST = 1e15
"""Numbers beyond this are slips of the keyboard (or 1e308), not money or counts."""

MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "-", "–", "—")
_YES = ("true", "yes", "y", "1", "да", "ja", "oui", "ha", "иә", "კი", "დიახ", "بله", "بلی")
_NO = ("false", "no", "n", "0", "нет", "nein", "non", "yo'q", "yoʻq", "жоқ", "არა", "خیر")
_CURRENCY_WORDS = {
    "руб": "₽", "руб.": "₽", "р.": "₽", "р": "₽", "rub": "₽", "тг": "₸", "тг.": "₸", "тенге": "₸", "kzt": "₸",
    "eur": "€", "usd": "$", "us$": "$", "gbp": "£", "gel": "₾", "лари": "₾", "ლარი": "₾", "uzs": "сум", "сум": "сум",
    "so'm": "сум", "soʻm": "сум", "irr": "﷼", "ریال": "﷼", "تومان": "تومان", "chf": "chf", "kr": "kr", "zł": "zł",
}  # fmt: skip
CURRENCY_CODES = {
    r"₽|\bруб|\brub\b": "RUB", r"₸|\bтг\b|тенге|\bkzt\b": "KZT", r"€|\beur\b": "EUR", r"\$|\busd\b": "USD",
    r"£|\bgbp\b": "GBP", r"₾|\bgel\b|ლარი": "GEL", r"\bсум\b|so'm|\buzs\b": "UZS",
    r"﷼|ریال|\birr\b": "IRR", r"تومان": "IRT",
}  # fmt: skip
"""How headers and cells name a currency, and its code."""
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫−", "01234567890123456789.-")
_NUMBER = re.compile(r"\s*([+-]?)\s*([^\d\s+-]*)\s*([+-]?)\s*(\d(?:.*\d)?)\s*(\D*?)\s*")
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
    rows: np.ndarray
    text: str


@dataclass(frozen=True)
class Typed:
    """A typed column (missing where a cell is empty or unreadable) and what was found on the way."""

    values: pd.Series
    findings: tuple[Finding, ...] = ()


def shape(text: str) -> str:
    """The look of a cell without its content: ``Ann, 12.5`` as ``Aaa, 99.9``."""
    kinds = {"Lu": "A", "Ll": "a", "Lo": "a", "Lt": "A", "Lm": "a", "Nd": "9"}
    return "".join(kinds.get(unicodedata.category(letter), letter) for letter in text[:30])


def header(text: object) -> str:
    """A header as it is compared: one line, no spaces around it, accents and letters composed."""
    return " ".join(unicodedata.normalize("NFC", str(text).replace("\ufeff", "")).split())


def blank(cells: pd.Series, tokens: Iterable[str] = MISSING) -> pd.Series:
    """Which cells say nothing: empty, or one of the usual signs for it."""
    return cells.isna() | cells.str.strip().str.lower().isin(tuple(tokens))


def _mark(findings: list[Finding], code: str, severity: Severity, rows: pd.Series | np.ndarray, text: str) -> None:
    """Add a finding where there are rows for it."""
    rows = np.asarray(rows, dtype=bool)
    if rows.any():
        findings.append(Finding(code, severity, rows, text))


def _unreadable(findings: list[Finding], cells: pd.Series, bad: pd.Series, what: str, mend: str) -> None:
    """Quarantine unreadable cells; when they are the most of a column, the column is not what it should be."""
    if not bad.any():
        return
    shown = ", ".join(sorted({shape(str(cell)) for cell in cells[bad].head(200).drop_duplicates()})[:3])
    most = bad.sum() > (~blank(cells)).sum() / 2
    text = f"not a {what} (they look like: {shown}); {mend}"
    _mark(findings, f"unreadable_{what}", "error" if most else "quarantined", bad, text)


# --- numbers -----------------------------------------------------------------------------------------------------


def sniff_decimal(columns: list[pd.Series], sep: str | None) -> tuple[Literal[".", ","], str]:
    """The decimal mark of a file's number columns, and why it cannot be told (empty when it can).

    ``sep`` is None for a workbook, whose true numbers read with a point beside text cells with a comma.
    """
    cells = pd.concat(columns, ignore_index=True).dropna() if columns else pd.Series([], dtype="str")
    cells = cells[cells.str.contains(r"\d[.,]\d")]
    comma, point = cells.str.contains(r"\d,\d"), cells.str.contains(r"\d\.\d")
    both = cells[comma & point]
    if len(both):
        last = both.str.extract(r".*([.,])\d", expand=False)
        return ("," if (last == ",").mean() > 0.5 else "."), ""
    mark = "," if comma.any() else "."
    grouped = rf"\D*[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+\D*"
    if comma.any() and point.any() and sep is not None:
        return ".", "some numbers have a decimal comma and some a point"
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
    findings: list[Finding] = []
    if pd.api.types.is_numeric_dtype(cells):
        values, bad = cells.astype("float64"), pd.Series(False, index=cells.index)
    else:
        empty = blank(cells)
        plain = cells.mask(empty)
        if decimal == "," and not sheet:
            plain = plain.where(plain.str.fullmatch(r"\s*[-+]?\d+(?:,\d+)?\s*").fillna(False).astype(bool))
            plain = plain.str.replace(",", ".", regex=False)
        values = pd.to_numeric(plain, errors="coerce").astype("float64")
        rest = values.isna() & ~empty
        if rest.any():
            values = _odd_numbers(cells, rest, values, decimal, thousands, findings)
        bad = values.isna() & ~empty
    wild = values.abs() > LARGEST
    _mark(findings, "number_too_large", "quarantined", wild, f"infinite, or beyond {LARGEST:g}; mend the numbers")
    mend = f"allowed: digits, decimal mark {decimal!r}" + (f", thousands mark {thousands!r}" if thousands else "")
    mend += "; mend the cells, or state read.decimal and read.thousands"
    if bad.any():
        _unreadable(findings, cells, bad, "number", mend)
    return Typed(values.mask(wild), tuple(findings))


def _odd_numbers(
    cells: pd.Series,
    rest: pd.Series,
    values: pd.Series,
    decimal: str,
    thousands: str | None,
    findings: list[Finding],
) -> pd.Series:
    """Read the cells that are no plain numbers, each different one once."""
    codes, different = pd.factorize(cells[rest])
    read = [_odd_number(str(cell), decimal, thousands) for cell in different]
    signs = pd.Series([sign for _, sign, _ in read], dtype="object").to_numpy()[codes]
    grouped = np.array([mark for _, _, mark in read], dtype=bool)[codes]
    values = values.copy()
    values[rest] = np.array([value for value, _, _ in read], dtype="float64")[codes]
    with_sign, with_mark = np.zeros(len(cells), bool), np.zeros(len(cells), bool)
    with_sign[rest.to_numpy()], with_mark[rest.to_numpy()] = signs != "", grouped
    kinds = sorted(set(signs) - {""})
    if len(kinds) > 1:
        text = f"more than one currency: {', '.join(kinds)}; convert them to one before loading"
        _mark(findings, "mixed_currencies", "error", with_sign, text)
    else:
        _mark(findings, "currency_sign", "repaired", with_sign, f"currency sign {''.join(kinds)} dropped")
    _mark(findings, "thousands_mark", "repaired", with_mark, f"declared thousands mark {thousands!r} dropped")
    return values


def _odd_number(cell: str, decimal: str, thousands: str | None) -> tuple[float, str, bool]:
    """One cell as (number or NaN, its currency, whether it had thousands marks)."""
    parts = _NUMBER.fullmatch(cell.translate(_DIGITS))
    if parts is None:
        return np.nan, "", False
    outer, before, inner, core, after = parts.groups()
    sign = _currency(before) or _currency(after)
    known = (not before or not after) and (sign or not (before or after)) and not (outer and inner)
    grouped = False
    if thousands is not None:
        mark = f"[{_SPACES}]" if thousands in _SPACES else re.escape(thousands)
        grouped = re.fullmatch(rf"\d{{1,3}}(?:{mark}\d{{3}})+(?:{re.escape(decimal)}\d+)?", core) is not None
        core = re.sub(mark, "", core) if grouped else core
    if not known or not re.fullmatch(rf"\d+(?:{re.escape(decimal)}\d+)?", core):
        return np.nan, "", False
    value = float(core.replace(decimal, "."))
    return (-value if "-" in (outer, inner) else value), sign, grouped


def _currency(text: str) -> str:
    """The currency that a sign or word names; empty for anything else."""
    if len(text) == 1 and unicodedata.category(text) == "Sc":
        return text
    return _CURRENCY_WORDS.get(text.casefold(), "")


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
    findings: list[Finding] = []
    if pd.api.types.is_datetime64_any_dtype(cells):
        aware = cells.dt.tz is not None
        values = cells.dt.tz_convert(timezone or cells.dt.tz).dt.tz_localize(None) if aware else cells
        return Typed(values.astype("datetime64[us]"), _clock(values, timezone if not aware else None, ambiguous_time))
    if pd.api.types.is_numeric_dtype(cells):
        cells = cells.astype("str").str.removesuffix(".0")
    empty, text = blank(cells), cells.str.strip()
    values = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[us]")
    if date_format is not None:
        values = _fill(values, pd.to_datetime(text, format=date_format, errors="coerce"))
    iso = text.str.fullmatch(_ISO).fillna(False).astype(bool) & values.isna()
    if iso.any():
        values = _fill(values, pd.to_datetime(text.where(iso), format="ISO8601", errors="coerce"))
    values = _with_offset(text, values, timezone, findings)
    serial = text.str.fullmatch(r"[2-7]\d{4}(?:\.\d+)?").fillna(False).astype(bool) & values.isna()
    if serial.any():
        days = pd.to_numeric(text.where(serial), errors="coerce")
        values = _fill(values, pd.to_datetime(days, unit="D", origin="1899-12-30").dt.round("s"))
        _mark(findings, "excel_serial_date", "repaired", serial, "Excel's serial day numbers read as dates")
    if date_format is None:
        values = _by_order(text, values, empty, findings)
    bad = values.isna() & ~empty
    mend = f"declared: {date_format!r}; " if date_format else ""
    told = any(finding.severity == "error" for finding in findings)
    if bad.any() and not told:
        _unreadable(findings, cells, bad, "date", mend + 'state read.date_format, such as "%d.%m.%Y %H:%M"')
    return Typed(values, (*findings, *_clock(values, timezone, ambiguous_time)))


def _fill(values: pd.Series, more: pd.Series) -> pd.Series:
    """``values`` with its gaps filled."""
    return values.fillna(more.astype("datetime64[us]"))


def _with_offset(text: pd.Series, values: pd.Series, timezone: str | None, findings: list[Finding]) -> pd.Series:
    """Read ISO times that carry an offset from UTC."""
    aware = text.str.fullmatch(_ISO + _OFFSET).fillna(False).astype(bool) & values.isna()
    if not aware.any():
        return values
    instants = pd.to_datetime(text.where(aware), format="ISO8601", errors="coerce", utc=True)
    if timezone is not None:
        return _fill(values, instants.dt.tz_convert(timezone).dt.tz_localize(None))
    offsets = text[aware].str.extract(f"({_OFFSET})$", expand=False).unique()
    if len(offsets) > 1 or not aware[~blank(text)].all():
        told = "times of several zones; state read.timezone, such as Asia/Almaty"
        _mark(findings, "mixed_zones", "error", aware, told)
        return values
    told = f"taken as written, at {offsets[0]} from UTC; state read.timezone to convert to the shop's own time"
    _mark(findings, "offset_kept", "warning", aware, told)
    local = text.where(aware).str.replace(f"{_OFFSET}$", "", regex=True)
    return _fill(values, pd.to_datetime(local, format="ISO8601", errors="coerce"))


def _by_order(text: pd.Series, values: pd.Series, empty: pd.Series, findings: list[Finding]) -> pd.Series:
    """Read dates in the only order of day, month and year that the whole column allows."""
    rest = values.isna() & ~empty
    if not rest.any():
        return values
    codes, different = pd.factorize(text[rest])
    parts = [_PARTS.fullmatch(cell.translate(_DIGITS)) for cell in different]
    dmy = np.array([_moment(found, "dmy") for found in parts], dtype="datetime64[us]")
    mdy = np.array([_moment(found, "mdy") for found in parts], dtype="datetime64[us]")
    only_dmy, only_mdy = (~np.isnat(dmy) & np.isnat(mdy))[codes], (~np.isnat(mdy) & np.isnat(dmy))[codes]
    either = (~np.isnat(dmy) & ~np.isnat(mdy) & (dmy != mdy))[codes]
    rows = np.zeros(len(text), bool)

    def among_all(chosen: np.ndarray) -> np.ndarray:
        rows[rest.to_numpy()] = chosen
        return rows.copy()

    mend = 'state read.date_format, "%d.%m.%Y" or "%m/%d/%Y" for instance'
    if only_dmy.any() and only_mdy.any():
        few = only_dmy if only_dmy.sum() <= only_mdy.sum() else only_mdy
        text_ = f"day before month in {only_dmy.sum()} rows, month before day in {only_mdy.sum()}; {mend}"
        _mark(findings, "mixed_date_orders", "error", among_all(few), text_)
        return values
    if either.any() and not only_dmy.any() and not only_mdy.any():
        text_ = f"day before month or month before day? Both fit every date; {mend}"
        _mark(findings, "ambiguous_dates", "error", among_all(either), text_)
        return values
    order, read = ("month, day, year", mdy) if only_mdy.any() else ("day, month, year", dmy)
    _mark(findings, "date_order", "repaired", among_all(~np.isnat(read)[codes]), f"dates read as {order} or year first")
    values = values.copy()
    values[rest] = read[codes]
    return values


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


def _clock(values: pd.Series, timezone: str | None, policy: str | None) -> tuple[Finding, ...]:
    """Wall-clock times that come twice or never in a declared zone, where its clocks are changed."""
    findings: list[Finding] = []
    if timezone is None or not values.notna().any():
        return ()
    early = values.dt.tz_localize(timezone, ambiguous="NaT", nonexistent="shift_forward")
    never = values.dt.tz_localize(timezone, ambiguous=np.ones(len(values), bool), nonexistent="NaT")
    _mark(findings, "time_never_was", "quarantined", values.notna() & never.isna(), f"no such time in {timezone}")
    # A file of dates alone has midnights only, and a clock change at midnight tells nothing about its days.
    if policy is None and (values.dropna() != values.dropna().dt.normalize()).any():
        text = f"comes twice in {timezone}, when the clocks go back; state read.ambiguous_time: first or last"
        _mark(findings, "ambiguous_time", "error", values.notna() & early.isna(), text)
    return tuple(findings)


# --- flags, ids and text -----------------------------------------------------------------------------------------


def flags(cells: pd.Series) -> Typed:
    """Read yes and no, true and false, 1 and 0 (and the words of six more languages) as ``boolean``."""
    if pd.api.types.is_bool_dtype(cells) or pd.api.types.is_numeric_dtype(cells):
        cells = cells.astype("str").str.removesuffix(".0")
    words = cells.str.strip().str.lower()
    values = pd.Series(pd.NA, index=cells.index, dtype="boolean")
    values[words.isin(_YES).to_numpy()] = True
    values[words.isin(_NO).to_numpy()] = False
    findings: list[Finding] = []
    bad = values.isna() & ~blank(cells)
    if bad.any():
        _unreadable(findings, cells, bad, "flag", "allowed: yes and no, true and false, 1 and 0")
    return Typed(values, tuple(findings))


def ids(cells: pd.Series) -> Typed:
    """Ids as text, exactly, but for spaces around them: ``00123``, ``NA`` and numbers above 2^53 stay what they are."""
    findings: list[Finding] = []
    bare = (cells if isinstance(cells.dtype, pd.StringDtype) else cells.astype("str")).str.strip()
    _mark(findings, "id_spaces", "repaired", (bare != cells) & (bare != ""), "spaces around ids dropped")
    rounded = bare.str.fullmatch(r"\d[.,]\d+[eE]\+?\d+").fillna(False)
    text = "looks like a number that a spreadsheet has rounded; export the column as text"
    _mark(findings, "id_rounded", "warning", rounded, text)
    return Typed(bare.mask(bare == ""), tuple(findings))


def text(cells: pd.Series) -> Typed:
    """Text exactly as it came; cells of nothing but space are missing."""
    return Typed(cells.mask(cells.str.strip() == ""))
