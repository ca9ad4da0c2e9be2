"""Numbers as people and programs write them: their marks told from the whole column, each odd cell read once."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
from babel import Locale

from helpers.words import Text, say
from helpers.written.typed import ANY_DIGIT, Finding, Typed, blank, typed, unreadable

LARGEST = 1e15
"""Numbers beyond this are slips of the keyboard (or 1e308), not money or counts."""
MOST_FORMS = 200_000
"""Different cells looked at for their marks; of more, every so-many-th."""
FEW = 0.01
"""Cells that speak against this many times more others are slips, set aside one by one."""

CURRENCIES = {
    "₽": ("RUB", r"₽|руб(?:\.|л\w+)?|р\.?|rub"), "₸": ("KZT", r"₸|тг\.?|тенге|теңге|tenge|kzt"),
    "€": ("EUR", r"€|eur|euros?|евро|еуро|yevro|ევრო|یورو"),
    "$": ("USD", r"(?:us ?)?\$|usd|us-?dollars?|dollars?|долл(?:\.|ар\w*)?|დოლარი|دلار|dollar|\$ ?usd?"),
    "£": ("GBP", "£|gbp|pounds?"), "₾": ("GEL", "₾|gel|лари|lari|ლარი"),
    "сум": ("UZS", "сум|сўм|uzs|so['ʻʼ‘’`]m|sum"), "﷼": ("IRR", "﷼|irr|ریال|rial"), "تومان": ("IRT", "تومان|irt|toman"),
    "chf": ("CHF", r"chf|fr\.|sfr\.?|franken"), "kr": ("", r"kr\.?"), "zł": ("PLN", "zł|zl|pln|złotych"),
    "₴": ("UAH", r"₴|грн\.?|uah"), "₺": ("TRY", "₺|tl|try"), "Kč": ("CZK", "kč|czk"), "Ft": ("HUF", "ft|huf"),
    "лв": ("BGN", r"лв\.?|bgn"), "lei": ("RON", "lei|ron"), "₹": ("INR", r"₹|rs\.?|inr"), "¥": ("JPY", "¥|jpy|円"),
    "元": ("CNY", "元|cny|rmb|cn¥"), "₼": ("AZN", "₼|azn|manat"), "֏": ("AMD", r"֏|amd|др\."),
    "сом": ("KGS", "сом|kgs"), "₪": ("ILS", "₪|ils|nis"), "د.إ": ("AED", r"د\.إ|aed|درهم"), "R$": ("BRL", r"r\$|brl"),
}  # fmt: skip
"""Signs of currencies, with the code of each and how headers and cells name it."""

_WORDS_TOO = ("sum", "try", "ft", "lei", "tl")
"""Names of currencies that mean something else in a header."""
Form = tuple[str, str | None, Text]
"""The decimal mark, the thousands mark or none, and why they cannot be told (empty where they can)."""

_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff"))
_PLAIN = (
    ANY_DIGIT
    | _UNSEEN
    | dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007\u2008\u200a\u3000\t"), " ")
    | dict.fromkeys(map(ord, "’‘ʼ＇´"), "'")
    | dict.fromkeys(map(ord, "−‒–—－﹣"), "-")
    | {ord("،"): ",", ord("＋"): "+", ord("．"): ".", ord("，"): ",", ord("\u066a"): "%"}
)
_DECIMAL, _THOUSANDS = "\u066b", "\u066c"
"""The Arabic marks, which can be nothing else."""
_IN_BRACKETS = re.compile(r"([^\d()]*)\(([^()]*\d[^()]*)\)([^\d()]*)")
_NUMBER = re.compile(r"([+-]?) *([^\d+-]*?) *([+-]?) *(\d(?:.*\d)?)(?:[.,] ?--?(?=\D*$))? *(-?)([^\d-]*?) *(-?)")
_UNREAD = (np.nan, "", False)


def form_of(sample: pd.Series, *, sep: str | None = ";", decimal: str | None = None) -> Form:
    """The marks of number cells: decimals, thousands, and the doubt where their cells allow two readings.

    A mark is proved by the cells themselves: ``12,5`` has a decimal comma, ``1,234.50`` and ``12,345,678`` have one for
    thousands, and ``1,234`` beside ``12.50`` can be nothing else; ``1,234`` alone proves nothing.

    Parameters
    ----------
    sample : text cells of one or several number columns of a file.
    sep : the file's separator; None for a workbook, whose true numbers read with a point beside text cells with a
        comma.
    decimal : the decimal mark where it is known.
    """
    proofs = [Counter[str](), Counter[str](), Counter[str]()]
    for mark in ".,":  # most cells are no more than that
        simple = sample.str.fullmatch(rf"[-+]?\d+{re.escape(mark)}\d\d?", na=False)
        proofs[0][mark] = int(simple.sum())
        sample = sample[~simple] if proofs[0][mark] else sample
    counts = sample[sample.str.contains(r"\d[^\d]+\d", na=False)].value_counts()
    stride = max(1, len(counts) // MOST_FORMS)
    for cell, rows in zip(counts.index[::stride], counts.to_numpy()[::stride], strict=True):
        for kind, mark in _proofs(cell):
            proofs[kind][mark] += int(rows)
    decimals, thousands, _ = proofs
    for mark in ",.":
        others = max(thousands[mark], decimals[_other(mark)] if sep is not None else 0)
        if decimals[mark] <= FEW * others:
            del decimals[mark]
        if thousands[mark] <= FEW * decimals[mark]:
            del thousands[mark]
    return _form(proofs, sep, decimal)


def _form(proofs: list[Counter[str]], sep: str | None, known: str | None) -> Form:
    """The marks that agree with all proofs: cells that show decimals, thousands, or either of them, by mark."""
    decimals, thousands, either = proofs
    if known is not None:
        other = _other(known)
        groups = [mark for mark in (other, " ", "'") if thousands[mark] or (mark == other and either[mark])]
        return known, groups[0] if groups else None, ""
    if twice := [mark for mark in ",." if decimals[mark] and thousands[mark]]:
        mark = twice[0]
        cells = {"decimals": decimals[mark], "thousands": thousands[mark]}
        return ".", None, say("written.doubt.either", mark=repr(mark), **cells)
    if decimals[","] and decimals["."]:
        if sep is not None:
            return ".", None, say("written.doubt.two_marks")
        return ",", next((mark for mark in " '" if thousands[mark]), None), ""
    groups = next((mark for mark in thousands if thousands[mark]), None)
    decimal = next((mark for mark in ",." if decimals[mark]), None)
    if decimal is None and groups is not None:
        decimal = _other(groups) if groups in ",." else next((mark for mark in ",." if either[mark]), ".")
    if decimal is None:
        if (either[","] and either["."]) or either[","] or (either["."] and sep not in (",", None)):
            mark = "," if either[","] else "."
            return mark, None, say("written.doubt.three_digits", mark=repr(mark))
        return ".", None, ""
    if groups is None and either[_other(decimal)]:
        groups = _other(decimal)
    alone = decimals[","] and not groups and sep == ","
    return decimal, groups, say("written.doubt.comma_separated") if alone else ""


def _other(mark: str) -> str:
    return "." if mark == "," else ","


def _proofs(cell: str) -> list[tuple[int, str]]:
    """What one cell proves: (0, mark) for decimals, (1, mark) for thousands, (2, mark) for either of them."""
    parts = _taken_apart(cell)
    if parts is None or _DECIMAL in parts[2] or _THOUSANDS in parts[2]:
        return []
    core = parts[2]
    marks = re.findall(r"\D", core)
    if not marks or set(marks) - set(",.' "):
        return []
    first, last = marks[0], marks[-1]
    if first != last:
        whole = core[: core.rindex(last)]
        return [(1, first), (0, last)] if last in ",." and _grouped(first).fullmatch(whole) else []
    if len(marks) > 1 or first in "' ":
        return [(1, first)] if _grouped(first).fullmatch(core) else []
    left, right = core.split(first)
    return [(2 if len(right) == 3 and len(left) <= 3 and left[0] != "0" else 0, first)]


@cache
def _grouped(mark: str) -> re.Pattern[str]:
    """Whole numbers in thousands, and in lakhs (``12,34,567``) where the mark is a comma."""
    mark = re.escape(mark)
    lakhs = rf"|\d{{1,2}}(?:{mark}\d{{2}})+{mark}\d{{3}}" if mark == "," else ""
    return re.compile(rf"\d{{1,3}}(?:{mark}\d{{3}})+{lakhs}")


def numbers(cells: pd.Series, decimal: str = ".", thousands: str | None = None, *, sheet: bool = False) -> Typed:
    """Read ``12,50 €`` as 12.5 and ``($5.00)`` as -5: one currency dropped, thousands marks dropped, any digits.

    Returns float64. ``sheet`` cells that already read as a number with a point are taken so. Infinite and absurdly
    large numbers count as unreadable; so does a percentage.
    """
    if pd.api.types.is_numeric_dtype(cells):
        values, found, bad = cells.astype("float64"), [], pd.Series(False, index=cells.index)
    else:
        filled = cells.mask(blank(cells))
        plain = filled
        if decimal == "," and not sheet:
            plain = plain.where(plain.str.fullmatch(r"\s*[-+]?\d+(?:,\d+)?\s*")).str.replace(",", ".", regex=False)
        elif thousands == ".":
            plain = plain.mask(plain.str.fullmatch(r"\s*[-+]?\d{1,3}(?:\.\d{3})+\s*", na=False))
        values = _plain_numbers(plain)
        odd, found = filled.notna() & values.isna(), []
        if odd.any():
            read, found = _odd_numbers(filled.where(odd), decimal, thousands)
            values = values.fillna(read)
        bad = odd & values.isna()
    wild = values.abs() > LARGEST
    key = "written.mend.number_thousands" if thousands else "written.mend.number"
    mend = say(key, decimal=repr(decimal), thousands=repr(thousands))
    too_large = say("written.number.too_large", most=f"{LARGEST:g}")
    found += [Finding("number_too_large", "quarantined", wild, too_large), unreadable(cells, bad, "number", mend)]
    return typed(values.mask(wild), *found)


def _plain_numbers(cells: pd.Series) -> pd.Series:
    """Cells as Python writes numbers; NaN for the others. Where there are none it takes a twentieth of the time."""
    try:
        return pd.Series(pa.array(cells, pa.large_string()).cast("float64").to_numpy(zero_copy_only=False), cells.index)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pd.to_numeric(cells, errors="coerce").astype("float64")


def _odd_numbers(cells: pd.Series, decimal: str, thousands: str | None) -> tuple[pd.Series, list[Finding]]:
    """Read the cells that are no plain numbers, each different one once."""
    codes, different = pd.factorize(cells)
    read = [*(_odd_number(cell, decimal, thousands) for cell in different), _UNREAD]  # a missing cell's code is -1
    values, signs, grouped = (pd.Series(np.array(part)[codes], cells.index) for part in zip(*read, strict=True))
    kinds = sorted({sign for _, sign, _ in read} - {""})
    if len(kinds) > 1:
        text = say("written.number.currencies", signs=kinds)
        currency = Finding("mixed_currencies", "error", signs != "", text)
    else:
        text = say("written.number.currency", sign="".join(kinds))
        currency = Finding("currency_sign", "repaired", signs != "", text)
    text = say("written.number.thousands", mark=repr(thousands or _THOUSANDS))
    return values, [currency, Finding("thousands_mark", "repaired", grouped, text)]


def _odd_number(cell: str, decimal: str, thousands: str | None) -> tuple[float, str, bool]:
    """One cell as (number or NaN, its currency, whether it had thousands marks)."""
    parts = _taken_apart(cell)
    if parts is None:
        return _UNREAD
    negative, sign, core = parts
    whole, *rest = re.split(f"[{_DECIMAL}{re.escape(decimal)}]", core)
    marks = set(re.findall(r"\D", whole))
    mark = _THOUSANDS if marks == {_THOUSANDS} else _space_or(thousands)
    grouped = mark is not None and marks == {mark} and _grouped(mark).fullmatch(whole) is not None
    if grouped:
        whole = re.sub(r"\D", "", whole)
    if not whole.isdecimal() or len(rest) > 1 or not all(part.isdecimal() for part in rest):
        return _UNREAD
    value = float(".".join([whole, *rest]))
    return (-value if negative else value), sign, grouped


def _space_or(thousands: str | None) -> str | None:
    """A thousands mark as cells have it once they are plain."""
    plain = (thousands or "").translate(_PLAIN)
    return plain or (" " if thousands else None)


def number_like(cells: pd.Series) -> pd.Series:
    """Which cells are a number in some form or other, whatever its marks mean; blank ones are none."""
    return cells.map(lambda cell: isinstance(cell, str) and _taken_apart(cell) is not None).astype(bool)


def _taken_apart(cell: str) -> tuple[bool, str, str] | None:
    """One cell as (negative, its currency, digits with marks); None for what is no number."""
    text = cell.translate(_PLAIN).strip()
    brackets = _IN_BRACKETS.fullmatch(text)
    if brackets is not None:
        text = "".join(brackets.groups()).strip()
    parts = _NUMBER.fullmatch(text)
    if parts is None:
        return None
    outer, before, inner, core, behind, after, last = parts.groups()
    signs = [sign for sign in (outer, inner, behind, last) if sign]
    if len(signs) + (brackets is not None) > 1:
        return None
    named = [_currency(word.strip()) for word in (before, after) if word.strip()]
    if len(named) == 2 and named[0] == "$" and named[1] in _dollars():
        named = named[1:]
    if "" in named or len(set(named)) > 1:
        return None
    return brackets is not None or "-" in signs, named[0] if named else "", core


# --- currencies --------------------------------------------------------------------------------------------------


@cache
def _codes() -> dict[str, str]:
    """Codes of currencies, and signs that name one alone, by the name that this module gives them."""
    english = Locale("en")
    signs = {sign: code for code, sign in english.currency_symbols.items() if sign != "$"}
    return {code: code for code in english.currencies} | signs


@cache
def _dollars() -> frozenset[str]:
    """The currencies whose sign is the dollar's, by name."""
    names = {code for code, name in Locale("en").currencies.items() if "ollar" in name or "Peso" in name}
    return frozenset(names | {"$"})


@cache
def _currency(text: str) -> str:
    """The sign of the currency that a sign, code or word names; empty for anything else."""
    known = (sign for sign, (_, names) in CURRENCIES.items() if re.fullmatch(names, text, re.IGNORECASE))
    if found := next(known, ""):
        return found
    if found := _codes().get(text, ""):
        return found
    return text if len(text) == 1 and unicodedata.category(text) == "Sc" else ""


def currency_of(sample: pd.Series, header: str = "") -> str:
    """The code of the currency that the cells of a money column, or else its header, name; empty where none does."""
    parts = (_taken_apart(cell) for cell in sample.dropna().unique())
    signs = Counter(part[1] for part in parts if part is not None and part[1])
    if signs:
        sign = signs.most_common(1)[0][0]
        return CURRENCIES.get(sign, (_codes().get(sign, ""),))[0]
    letter = r"[^\W\d]"
    for code, names in CURRENCIES.values():
        found = re.search(rf"(?<!{letter})(?:{names})(?!{letter})", header, re.IGNORECASE)
        if code and found and found.group().lower() not in _WORDS_TOO:
            return code
    return next((word for word in re.findall(r"\b[A-Z]{3}\b", header) if word in _codes()), "")
