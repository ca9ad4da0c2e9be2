"""Different cells with dates: numbers in either order, months in words, offsets, other calendars, and one number."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

import jdatetime
import numpy as np
import pandas as pd
from babel import Locale

from helpers.words import say
from helpers.written.typed import ANY_DIGIT, Finding

LANGUAGES = ("en", "ru", "ka", "kk", "uz", "uz_Cyrl", "fa", "de", "fr", "es", "pl", "it", "pt", "tr", "uk", "nl")
"""Languages whose months are known by their names in CLDR."""
CALENDARS = {"jalali": (1300, 1419), "hijri": (1420, 1470), "buddhist": (2540, 2600)}
"""Years that tell another calendar."""
ZONES = {
    "PST": -480, "PDT": -420, "MST": -420, "MDT": -360, "CST": -360, "CDT": -300, "EST": -300, "EDT": -240, "CET": 60,
    "CEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180, "BST": 60, "MSK": 180, "МСК": 180,
}  # fmt: skip
"""Zones by the abbreviation that exports write, in minutes from UTC."""
_FIGURES = r"\d{5}(?:[.,]\d+)?|(?:19|20)\d{6}(?:[T ]?(?:\d{6}|\d{4}))?|1\d{9}(?:[.,]\d+)?|1\d{12}|1\d{15}"
_NO_DATE = r"(?:0+(?:[./-]0+){0,2}|1900[./-]0?[01][./-]00?|(?:0?1[./-]00?|00?[./-]0?1)[./-]1900)(?:[ T].*)?"
NAT = np.datetime64("NaT", "us")

_MORE_MONTHS = {"sept": 9, "сент": 9, "мая": 5, "декабр": 12, "mrt": 3}
_FILLERS = frozenset(
    [
        *(
            "г",
            "года",
            "год",
            "го",
            "е",
            "рік",
            "року",
            "р",
            "ж",
            "жыл",
            "жылғы",
            "жылы",
            "yil",
            "yilning",
            "წ",
            "წელი",
        ),
        *(
            "წლის",
            "de",
            "del",
            "of",
            "the",
            "um",
            "uhr",
            "at",
            "в",
            "о",
            "об",
            "à",
            "a",
            "las",
            "le",
            "den",
            "der",
            "el",
        ),
        *(
            "ساعت",
            "سال",
            "روز",
            "ماه",
            "soat",
            "сағат",
            "h",
            "kl",
            "op",
            "om",
            "godz",
            "dnia",
            "alle",
            "ore",
            "th",
            "st",
        ),
        *("nd", "rd", "er"),
    ]
)
"""Words that stand in dates beside the month."""
_OFFSET = re.compile(r"\s*(?:(?:UTC|GMT)\s*)?([+-]\d{1,2}(?::?\d{2})?)$|\s*(Z|UTC|GMT)$|\s+([A-ZМСК]{3,4})$")
_TO_THE_MINUTE = re.compile(r":\d{2}(?:[.,]\d+)?(?:\s*[AaPp]\.?[Mm]\.?)?$")
_CLOCK = re.compile(
    r"(?:(?<=\s)|(?<=T)|(?<=^))(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(?:([AaPp])\.?\s?[Mm]\.?(?![^\W\d_])|(ق\.ظ|ب\.ظ)\.?)?"
    r"(?:\s*(?i:hrs?|hs?|uhr|час|ч)(?![^\W\d_])\.?)?"
)
_DAY = re.compile(r"(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{1,2})(?:\s?(?:г|р|y)\.?)?")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007"), " ") | {ord("،"): ",", ord("\u0654"): None}
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u061c\u2066\u2067\u2068\u2069"))
_PLAIN = ANY_DIGIT | _SPACES | _UNSEEN | str.maketrans("يك", "یک")


class Moment(NamedTuple):
    """What one cell can mean: with the day first and with the month first (equal where only one is possible).

    mark : between the numbers, ``words`` for a month by its name, ``""`` where nothing was read. year_first : so that
    the order of the others is known. zone : minutes from UTC, and the abbreviation where it is one.
    """

    day_first: np.datetime64 = NAT
    month_first: np.datetime64 = NAT
    mark: str = ""
    year_first: bool = False
    zone: int | None = None
    zone_name: str = ""


def moment_of(cell: str, calendar: str = "gregorian") -> Moment:
    """The moments that a cell can mean."""
    text = cell.translate(_PLAIN).strip()
    zone, zone_name = None, ""
    clock_text = text
    if (found := _OFFSET.search(text)) and _TO_THE_MINUTE.search(text[: found.start()]):
        offset, utc, name = found.groups()
        if name is None or name in ZONES:
            zone, zone_name = (minutes_of(offset) if offset else 0 if utc else ZONES[name]), name or ""
            clock_text = text[: found.start()]
    clock = _clock(clock_text)
    if clock is None:
        return Moment()
    rest, hours = clock
    found = _DAY.fullmatch(rest.strip(" ,T"))
    if found is None:
        moment = _in_words(rest, hours, calendar)
        return Moment(moment, moment, "words" if not np.isnat(moment) else "", True, zone, zone_name)
    first, mark, second, third = found.groups()
    if len(first) > 2:
        moment = _moment(first, second, third, hours, calendar) if len(first) == 4 and len(third) < 3 else NAT
        return Moment(moment, moment, mark, True, zone, zone_name)
    if len(third) == 1:
        return Moment()
    year = third if len(third) == 4 else _century(calendar) + third
    day_first, month_first = (_moment(year, *order, hours, calendar) for order in ((second, first), (first, second)))
    return Moment(day_first, month_first, mark, False, zone, zone_name)


def _century(calendar: str) -> str:
    return "14" if calendar == "jalali" else "20"


def minutes_of(offset: str) -> int:
    """``+03:30`` in minutes."""
    if offset == "Z":
        return 0
    digits = offset[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    return (-1 if offset[0] == "-" else 1) * (int(hours) * 60 + int(minutes))


def _clock(text: str) -> tuple[str, tuple[int, int, int]] | None:
    """A text without its time of day, and that time; None where there is none such."""
    found = _CLOCK.search(text)
    if found is None:
        return text, (0, 0, 0)
    hour, minute, second, half, persian = found.groups()
    hours = int(hour)
    if half or persian:
        if not 1 <= hours <= 12 and hours != 0:
            return None
        hours = hours % 12 + 12 * ((half or "").lower() == "p" or persian == "ب.ظ")
    before = text[: found.start()].removesuffix("T")
    return f"{before} {text[found.end() :]}", (hours, int(minute), int(second or 0))


def _moment(year: str, month: str, day: str, hours: tuple[int, int, int], calendar: str) -> np.datetime64:
    """The moment that numbers name; NaT where they name none."""
    date = _gregorian(int(year), int(month), int(day)) if calendar == "jalali" else (int(year), int(month), int(day))
    if date is None:
        return NAT
    try:
        return np.datetime64("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*date, *hours), "us")
    except ValueError:
        return NAT


@lru_cache(maxsize=100_000)
def _gregorian(year: int, month: int, day: int) -> tuple[int, int, int] | None:
    """A day of the Solar Hijri calendar in the Gregorian one."""
    try:
        found = jdatetime.date(year, month, day).togregorian()
    except ValueError:
        return None
    return found.year, found.month, found.day


# --- months in words ---------------------------------------------------------------------------------------------


def _in_words(text: str, hours: tuple[int, int, int], calendar: str) -> np.datetime64:
    """A date with its month by name, in the orders that languages have; NaT where a word or number is unknown."""
    words = re.findall(r"\d+|[^\W\d_]+(?:['’ʻ‘][^\W\d_]+)*", text)
    months = {place: month for place, word in enumerate(words) if (month := month_of(word, calendar)) is not None}
    known = set(months) | {place for place, word in enumerate(words) if word.isdecimal()}
    if len(months) != 1 or any(not _filler(word) for place, word in enumerate(words) if place not in known):
        return NAT
    figures = [word for word in words if word.isdecimal()]
    if len(figures) != 2 or re.search(r"[^\w\s.,/'’ʻ‘-]", text):
        return NAT
    long = [figure for figure in figures if len(figure) == 4]
    if len(long) == 1 and len(min(figures, key=len)) <= 2:
        year, day = long[0], min(figures, key=len)
    elif not long and all(len(figure) <= 2 for figure in figures) and len(figures[1]) == 2:
        day, year = figures[0], _century(calendar) + figures[1]
    else:
        return NAT
    return _moment(year, str(next(iter(months.values()))), day, hours, calendar)


def _filler(word: str) -> bool:
    plain = _folded(word)
    return plain in _FILLERS or plain in _days()


def _folded(word: str) -> str:
    """A word as names are compared."""
    composed = unicodedata.normalize("NFKC", word.translate(_PLAIN)).casefold().strip(" .")
    return composed.replace("i̇", "i").replace("‘", "'").replace("’", "'").replace("ʻ", "'")


def month_of(word: str, calendar: str = "gregorian") -> int | None:
    """The number of the month that a word names, with or without a case ending; None for any other word."""
    plain, listed = _folded(word), _solar() if calendar == "jalali" else _months()
    if plain in listed:
        return listed[plain]
    if len(plain) < 5 or plain.isascii() or plain in _days():
        return None
    stems = {listed.get(plain[:end], 0) for end in range(3, len(plain))} - {0}
    return next(iter(stems)) if len(stems) == 1 else None


@cache
def _months() -> dict[str, int]:
    """Months by their names and abbreviations; what names two months in two languages names none."""
    found: dict[str, set[int]] = {}
    for language in LANGUAGES:
        for context in Locale.parse(language).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in context[width].items():
                    found.setdefault(_folded(name), set()).add(number)
    for name, number in _MORE_MONTHS.items():
        found.setdefault(name, set()).add(number)
    return {name: min(numbers) for name, numbers in found.items() if len(numbers) == 1 and not name.isdecimal()}


@cache
def _solar() -> dict[str, int]:
    """Months of the Solar Hijri calendar by name."""
    spelt = (jdatetime.date.j_months_fa, jdatetime.date.j_months_en)
    return {_folded(name): number for names in spelt for number, name in enumerate(names, start=1)}


@cache
def _days() -> frozenset[str]:
    """Days of the week by name."""
    named = (Locale.parse(language).days["format"] for language in LANGUAGES)
    names = (name for days in named for width in ("wide", "abbreviated") for name in days[width].values())
    alone = (part for name in names for part in re.findall(r"[^\W\d_]+", _folded(name)))
    return frozenset(set(alone) - set(_months()))


# --- dates in one number -----------------------------------------------------------------------------------------


def no_moments(cells: pd.Series) -> pd.Series:
    """A column in which no moment was read yet."""
    return pd.Series(pd.NaT, index=cells.index, dtype="datetime64[us]")


def read_moments(cells: pd.Series, **how: object) -> pd.Series:
    """``pd.to_datetime`` in microseconds; NaT for what cannot be read."""
    return pd.to_datetime(cells, errors="coerce", **how).astype("datetime64[us]")


def in_figures(text: pd.Series, timezone: str | None) -> tuple[pd.Series, list[Finding], pd.Series]:
    """Dates in one number: Excel's serial days, year month day, and seconds since 1970 (also milli and micro).

    Returns them for different cells, what was found, and which stand for no date.
    """
    values, found, none = no_moments(text), [], text.str.fullmatch(_NO_DATE, na=False)
    plain = text.str.translate(ANY_DIGIT) if not text.str.isascii().all() else text
    figures = plain.str.fullmatch(_FIGURES, na=False) & ~none
    if not figures.any():
        return values, [], none
    digits = plain.where(figures).str.replace(",", ".", regex=False).str.replace("T", "", regex=False)
    digits = digits.str.replace(" ", "", regex=False)
    length = digits.str.split(".").str[0].str.len()
    serial = digits.str.fullmatch(r"[2-7]\d{4}(?:\.\d+)?", na=False)
    days = pd.to_numeric(digits.where(serial), errors="coerce")
    values = values.fillna(read_moments(days, unit="D", origin="1899-12-30").dt.round("s"))
    found.append(Finding("excel_serial_date", "repaired", serial, say("written.date.serial")))
    compact = no_moments(text)
    for size, form in ((8, "%Y%m%d"), (12, "%Y%m%d%H%M"), (14, "%Y%m%d%H%M%S")):
        compact = compact.fillna(read_moments(digits.where(length == size), format=form))
    if compact.notna().sum() * 2 > length.isin([8, 12, 14]).sum():  # else days come first, and are years by chance
        values = values.fillna(compact)
    unix, units = no_moments(text), {10: "s", 13: "ms", 16: "us"}
    for size, unit in units.items():
        if (length == size).any():
            unix = unix.fillna(read_moments(pd.to_numeric(digits.where(length == size)), unit=unit).dt.floor("us"))
    counted = unix.notna() & values.isna()
    if timezone is not None:
        unix = unix.dt.tz_localize("UTC").dt.tz_convert(timezone).dt.tz_localize(None)
    told = "written.date.unix" if timezone else "written.date.unix_utc"
    found.append(Finding("unix_time", "repaired", counted, say(told)))
    return values.fillna(unix), [one for one in found if one.rows.any()], none
