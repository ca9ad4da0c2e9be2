"""What is said, and how a language says it: messages without a language, and the voice that turns them into sentences.

Analysis returns ``say("personas.natural", share=.12, handle=name)``: the key of a message and its row of values, with
no language. The catalogues in ``locale/<language>/*.yml`` hold the sentences, and each placeholder says its type::

    natural: "“{handle}” are {share:percent} of customers ({low..high:percent})"
    read: "{files:count} {files:plural(file was|files were)} read: {names:list}."

Types: number count percent points money ratio times p date list plural; digits follow a point (``percent.1``), and so
does what stands between all parts of a list where its end is no “and” (``list.comma``, ``list.line``). Without a type a
number is a number, a message its sentence, and text is somebody's own words, isolated from the sentence around it.
``plural`` gives its forms in the order zero, one, two, few, many, other, of those that the language has (CLDR).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
import math
import numbers
import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from pydantic_core import core_schema

from helpers.listed import LOCALE, listed

if TYPE_CHECKING:
    import pandas as pd

NOT_KNOWN = "–"
"""Shown in place of a number that is missing."""
PLURAL_ORDER = ("zero", "one", "two", "few", "many", "other")

_BIDI_CONTROLS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_ISOLATES = dict.fromkeys(map(ord, "\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}"))
_PACKED = "\x1f"
"""Begins a message that is kept as text in a table; no sentence of anybody's holds it."""


# --- messages without a language ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Quantity:
    """A number, or both ends of an interval, whose type the analysis decides and not the sentence."""

    value: float | tuple[float, float] | None
    type: str = "number"


@dataclass(frozen=True)
class Said:
    """The key of a message and what fills it; no text until ``Words.tell`` makes it one.

    ``row`` holds names and values: text, numbers, dates, quantities, messages, or tuples of them.
    """

    key: str
    row: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        raise TypeError(f"the message {self.key!r} has no text yet: Words.tell makes it a sentence")

    def __format__(self, spec: str) -> str:
        return str(self)

    @property
    def values(self) -> dict[str, Any]:
        """What fills the message, by name."""
        return dict(self.row)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(cls)


Text = str | Said
"""A sentence: ours, to be told in the report's language, or text that is one already."""


def say(key: str, /, **values: object) -> Said:
    """The message ``key`` of the catalogue, filled by ``values``."""
    return Said(key, tuple((name, _settled(value)) for name, value in values.items()))


def sentences(*parts: Text) -> Text:
    """Several sentences as one text, empty ones left out."""
    told = tuple(part for part in parts if part)
    return told[0] if len(told) == 1 else say("", parts=told) if told else ""


def _settled(value: object) -> object:
    """A value as it is kept: plain numbers for those of arrays, tuples for lists."""
    if isinstance(value, (str, Said, Quantity, dt.date)) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Iterable):
        return tuple(map(_settled, value))
    raise TypeError(f"{value!r} cannot fill a message")


def _plain(value: Any) -> Any:
    """A message as JSON values."""
    if isinstance(value, Said):
        return {"say": value.key, "row": {name: _plain(part) for name, part in value.row}}
    if isinstance(value, Quantity):
        return {"quantity": _plain(value.value), "type": value.type}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return {"date": value.isoformat()} if isinstance(value, dt.date) else value


def _filled(value: Any) -> Any:
    """What ``_plain`` made JSON values of."""
    if isinstance(value, list):
        return tuple(map(_filled, value))
    if not isinstance(value, dict):
        return value
    if "say" in value:
        return Said(value["say"], tuple((name, _filled(part)) for name, part in value["row"].items()))
    if "date" in value:
        return dt.date.fromisoformat(value["date"])
    return Quantity(_filled(value["quantity"]), value["type"])


def packed(found: Any) -> Any:
    """A record, list, mapping or table whose messages are text, so that a file can hold it."""
    return _each(found, Said, lambda said: _PACKED + json.dumps(_plain(said), ensure_ascii=False))


def unpacked(found: Any) -> Any:
    """The same as it was before ``packed``."""
    return _each(found, str, lambda text: _filled(json.loads(text[1:])) if text.startswith(_PACKED) else text)


def _each(found: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    """``found`` with ``change(part)`` in the place of every part of a kind; what holds none stays itself."""
    import pandas as pd  # a third of a second, which the command line does without

    if isinstance(found, kind):
        return change(found)
    if isinstance(found, pd.DataFrame):
        held = {
            name: [_each(part, kind, change) for part in found[name]] for name in found if _holds(found[name], kind)
        }
        texts = {name: change(name) for name in found if isinstance(name, kind)}
        new = pd.DataFrame({name: held.get(name, found[name]) for name in found}, index=found.index)
        return new.rename(columns=texts) if held or texts else found
    if dataclasses.is_dataclass(found) and not isinstance(found, type):
        values = {field.name: getattr(found, field.name) for field in dataclasses.fields(found) if field.init}
        new = {name: _each(value, kind, change) for name, value in values.items()}
        return dataclasses.replace(found, **new) if any(new[name] is not values[name] for name in new) else found
    if isinstance(found, dict):
        return {_each(key, kind, change): _each(value, kind, change) for key, value in found.items()}
    return type(found)(_each(part, kind, change) for part in found) if isinstance(found, (list, tuple)) else found


def _holds(column: pd.Series, kind: type) -> bool:
    """Whether a column of a table may hold messages, or packed ones: looked at without a walk through long columns."""
    from pandas.api.types import is_string_dtype

    if kind is Said:
        return column.dtype == object and any(isinstance(part, Said) for part in column)
    return is_string_dtype(column) and bool(column.str.startswith(_PACKED).any())


# --- the voice of a language -------------------------------------------------------------------------------------


@cache
def catalogue(language: str) -> dict[str, str]:
    """All messages of one language as flat ``room.part.key: template``."""
    messages: dict[str, str] = {}

    def flatten(prefix: str, node: object) -> None:
        if isinstance(node, dict):
            for key, child in node.items():
                flatten(f"{prefix}.{key}", child)
        else:
            messages[prefix] = str(node).strip()

    for file in sorted((LOCALE / language).glob("*.yml")):
        flatten(file.stem, listed(file) or {})
    return messages


def languages() -> list[str]:
    """The languages that the suite can speak: those with a catalogue."""
    return sorted(folder.name for folder in LOCALE.iterdir() if folder.is_dir())


class _Sentence(string.Formatter):
    """Fills one message: each placeholder by the type that it says."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Any, str]:
        low, dots, high = field_name.partition("..")
        return ((kwargs[low], kwargs[high]) if dots else kwargs[field_name]), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        return self.words.shown(value, format_spec)


@dataclass(frozen=True)
class Words:
    """The voice of one report: its language and currency."""

    language: str = "en"
    currency: str = ""

    def tell(self, text: Text) -> str:
        """The sentence of a message; text stays as it is. Raises KeyError for what the catalogue does not have."""
        if not isinstance(text, Said):
            return text
        if not text.key:
            return " ".join(map(self.tell, text.values["parts"]))
        return _Sentence(self).vformat(catalogue(self.language)[text.key], (), text.values)

    def plain(self, text: Text) -> str:
        """The sentence of a message without the signs that isolate text: what a terminal shows of an error."""
        return self.tell(text).translate(_ISOLATES) if isinstance(text, Said) else text

    def say(self, key: str, /, **values: object) -> str:
        """The sentence of the message ``key``. Raises KeyError for a message or a value that does not exist."""
        return self.tell(say(key, **values))

    def has(self, key: str) -> bool:
        """Whether there is a message of this name."""
        return key in catalogue(self.language)

    def told(self, found: Any) -> Any:
        """The same record, list, mapping or table with a sentence in the place of every message."""
        return _each(found, Said, self.tell)

    def shown(self, value: Any, type_and_digits: str = "") -> str:
        """A value as the type of a placeholder has it shown."""
        if isinstance(value, Quantity):
            value, type_and_digits = value.value, type_and_digits or value.type
        kind, _, digits = type_and_digits.partition(".")
        if isinstance(value, Said):
            return self.tell(value)
        if kind.startswith("plural"):
            return self._plural(value, kind.removeprefix("plural(").removesuffix(")").split("|"))
        if kind == "list":
            return self.listing([self.shown(part) for part in value], digits or "and")
        if isinstance(value, str):
            return self.theirs(value)
        if isinstance(value, dt.date):
            return self.date(value)
        if isinstance(value, tuple):
            return self.interval(*value, kind or "number", int(digits) if digits else None)
        given = {"digits": int(digits)} if digits else {}
        return getattr(self, {"p": "p_value", "count": "whole"}.get(kind, kind or "number"))(value, **given)

    def _plural(self, n: float, forms: list[str]) -> str:
        """The form of a word that goes with a number, by the rules of the language (CLDR)."""
        rule = Locale.parse(self.language).plural_form
        order = [tag for tag in PLURAL_ORDER if tag in rule.tags or tag == "other"]
        return forms[min(order.index(rule(abs(n))), len(forms) - 1)]

    def number(self, value: float | None, digits: int | None = None) -> str:
        """``1234.5`` as ``1,234``; without ``digits`` about three significant figures, two below one tenth."""
        if value is None or not math.isfinite(value):
            return NOT_KNOWN
        if digits is None:
            digits = _digits(value)
        rounded = Decimal(f"{value:.{digits}f}")
        pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
        text = format_decimal(abs(rounded), format=pattern, locale=self.language)
        return f"−{text}" if rounded < 0 else text

    def whole(self, n: float | None) -> str:
        """A count: ``1,234``."""
        return self.number(n, 0)

    def count(self, n: int, least: int) -> str:
        """``1,234``, or ``fewer than 10`` where the count itself is a small cell."""
        return self.tell(few(n, least))

    def percent(self, share: float | None, digits: int = 0) -> str:
        """``0.123`` as ``12 %``; shares that would round to 0 or 100 without being so get a sign."""
        if share is None or not math.isfinite(share):
            return NOT_KNOWN
        if digits == 0 and 0 < share <= 0.005:
            return self._format("under_one_percent")
        if digits == 0 and 0.995 <= share < 1:
            return self._format("over_99_percent")
        return self._format("percent", number=self.number(100 * share, digits))

    def points(self, share: float | None, digits: int = 1) -> str:
        """A difference of shares, ``0.053`` as ``5.3 points``."""
        known = share is not None and math.isfinite(share)
        return self._format("points", number=self.number(100 * share, digits)) if known else NOT_KNOWN

    def money(self, value: float | None) -> str:
        """An amount in the study's currency, ``1,234 EUR``, ``12.50 EUR``."""
        if value is None or not math.isfinite(value):
            return NOT_KNOWN
        return f"{self.number(value, 0 if abs(value) >= 100 or value == round(value) else 2)} {self.currency}".strip()

    def ratio(self, value: float | None, digits: int | None = None) -> str:
        """A ratio against others with the digits that tell it from 1: ``0.71``, ``1.04``, ``2.1``, ``12``."""
        size = 0.0 if value is None else abs(value)
        return self.number(value, (2 if size < 2 else 1 if size < 10 else 0) if digits is None else digits)

    def times(self, value: float | None, digits: int | None = None) -> str:
        """``2.13`` as ``2.1 times``."""
        known = value is not None and math.isfinite(value)
        return self._format("times", number=self.ratio(value, digits)) if known else NOT_KNOWN

    def interval(self, low: float | None, high: float | None, unit: str = "number", digits: int | None = None) -> str:
        """``24 to 30 %`` in the given format: number, percent, money, points, ratio or times; the unit is said once."""
        show: Callable[..., str] = getattr(self, "whole" if unit == "count" else unit)
        if unit in ("ratio", "times") and low is not None and low < 2:
            digits = 2  # both ends to the digits that the lower one needs
        if digits is not None:
            show = functools.partial(show, digits=digits)
        first, last = show(low), show(high)
        _, space, end = last.rpartition(" ")
        if space and first.endswith(space + end) and first.removesuffix(space + end).lstrip("−")[:1].isdecimal():
            first = first.removesuffix(space + end)
        return self._format("interval", low=first, high=last)

    def p_value(self, p: float | None) -> str:
        """``p = .032`` or ``p < .001``."""
        if p is None or not math.isfinite(p):
            return NOT_KNOWN
        if p < 0.001:
            return self._format("p_under", number=self.number(0.001, 3).lstrip("0"))
        return self._format("p_is", number=re.sub(r"^0(?=\D)", "", self.number(p, 3)))

    def date(self, day: dt.date | None) -> str:
        """``5 March 2025``, whatever the machine's own locale."""
        return NOT_KNOWN if day is None else format_date(day, self._format("date"), locale=self.language)

    def listing(self, items: Sequence[Text], joint: str = "and") -> str:
        """``a``, ``a and b``, ``a, b and c``; another joint of ``format`` stands between all: ``a; b; c``."""
        texts = [self.tell(item) for item in items]
        if len(texts) < 2:
            return texts[0] if texts else NOT_KNOWN
        if joint != "and":
            return functools.reduce(lambda so_far, text: self._format(joint, first=so_far, next=text), texts)
        return self._format("and", first=self.listing(texts[:-1], "comma"), last=texts[-1])

    def _format(self, key: str, **parts: str) -> str:
        """A piece of the catalogue ``format``, its parts made already."""
        return catalogue(self.language)[f"format.{key}"].format(**parts)

    def theirs(self, text: str) -> str:
        """A user's own words inside a sentence of ours: one line, no bidi controls of its own, isolated where it runs
        from right to left, so that the sentence around it keeps its order."""
        clean = " ".join(str(text).translate(_BIDI_CONTROLS).split())
        runs_left = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in clean)
        return f"\N{FIRST STRONG ISOLATE}{clean}\N{POP DIRECTIONAL ISOLATE}" if runs_left else clean


def few(n: int, least: int) -> Said:
    """A count, or ``fewer than 10`` where the count itself is a small cell."""
    return say("format.fewer_than", least=least) if 0 < n < least else say("format.just", n=n)


def in_steps(n: float | None, step: float) -> int | Said:
    """A count that was rounded to steps; ``fewer than 200`` where it came to none of them."""
    return int(n) if n else few(1, int(step))


def _digits(value: float) -> int:
    """Decimals that keep about three significant figures, two below one tenth, none for whole numbers."""
    size = abs(value)
    if value == round(value) or size >= 100:
        return 0
    if size >= 0.1:
        return 1 if size >= 10 else 2
    return min(4, 1 - math.floor(math.log10(size)))


ENGLISH = Words()
"""The words of whoever asks without a study: an analyst, a test."""
