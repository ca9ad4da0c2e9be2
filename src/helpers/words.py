"""Every sentence a stakeholder reads and every number format, from the catalogues in ``locale/<language>/``.

A catalogue is YAML, nested by room; ``Words.say("personas.kind.natural", share="12 %")`` fills one message. Values that
are numbers are formatted by the caller through the methods here, so that a number looks the same on every page.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

LOCALE = Path(__file__).parent / "locale"
NOT_KNOWN = "–"
"""Shown in place of a number that is missing."""

_BIDI_CONTROLS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@cache
def _catalogue(language: str) -> dict[str, str]:
    """All messages of one language as flat ``room.part.key: template``, in English where it has none yet."""
    messages = {} if language == "en" else dict(_catalogue("en"))

    def flatten(prefix: str, node: object) -> None:
        if isinstance(node, dict):
            for key, child in node.items():
                flatten(f"{prefix}.{key}", child)
        else:
            messages[prefix] = str(node).strip()

    for file in sorted((LOCALE / language).glob("*.yml")):
        flatten(file.stem, yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    return messages


@dataclass(frozen=True)
class Words:
    """The voice of one report: its language and currency."""

    language: str = "en"
    currency: str = ""

    def say(self, key: str, **values: object) -> str:
        """Fill the message ``key``. Raises KeyError for a message or a value that does not exist."""
        return _catalogue(self.language)[key].format(**values)

    def has(self, key: str) -> bool:
        """Whether there is a message of this name."""
        return key in _catalogue(self.language)

    def number(self, value: float | None, digits: int | None = None) -> str:
        """``1234.5`` as ``1,234``; without ``digits`` about three significant figures, two below one tenth."""
        if value is None or not math.isfinite(value):
            return NOT_KNOWN
        if digits is None:
            digits = _digits(value)
        text = f"{value:,.{digits}f}"
        return text.lstrip("-") if float(text.replace(",", "")) == 0 else text.replace("-", "−")

    def count(self, n: int, least: int) -> str:
        """``1,234``, or ``fewer than 10`` where the count itself is a small cell."""
        return self.say("report.fewer_than", cell=self.number(least)) if 0 < n < least else self.number(n, 0)

    def percent(self, share: float | None, digits: int = 0) -> str:
        """``0.123`` as ``12 %``; shares that would round to 0 or 100 without being so get a sign."""
        if share is None or not math.isfinite(share):
            return NOT_KNOWN
        if digits == 0 and 0 < share <= 0.005:
            return "under 1 %"
        if digits == 0 and 0.995 <= share < 1:
            return "over 99 %"
        return f"{self.number(100 * share, digits)} %"

    def points(self, share: float | None) -> str:
        """A difference of shares, ``0.053`` as ``5.3 points``."""
        return NOT_KNOWN if share is None or not math.isfinite(share) else f"{self.number(100 * share, 1)} points"

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
        return NOT_KNOWN if value is None or not math.isfinite(value) else f"{self.ratio(value, digits)} times"

    def interval(self, low: float | None, high: float | None, unit: str = "number") -> str:
        """``24 to 30 %`` in the given format: number, percent, money, points, ratio or times; the unit is said once."""
        show = getattr(self, unit)
        if unit in ("ratio", "times") and low is not None and low < 2:
            show = functools.partial(show, digits=2)  # both ends to the digits that the lower one needs
        first, last = show(low), show(high)
        _, space, end = last.rpartition(" ")
        if space and first.endswith(space + end) and first[0] in "−0123456789":
            first = first.removesuffix(space + end)
        return f"{first} to {last}"

    def p_value(self, p: float | None) -> str:
        """``p = .032`` or ``p < .001``."""
        if p is None or not math.isfinite(p):
            return NOT_KNOWN
        return "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)

    def date(self, day: dt.date | None) -> str:
        """``5 March 2025``, whatever the machine's own locale."""
        return NOT_KNOWN if day is None else f"{day.day} {self.say(f'report.month.{day.month}')} {day.year}"

    def listing(self, items: list[str]) -> str:
        """``a``, ``a and b``, ``a, b and c``."""
        return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else NOT_KNOWN

    def theirs(self, text: str) -> str:
        """A user's own words inside a sentence of ours: one line, no bidi controls of its own, isolated where it runs
        from right to left, so that the sentence around it keeps its order."""
        clean = " ".join(str(text).translate(_BIDI_CONTROLS).split())
        runs_left = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in clean)
        return f"\N{FIRST STRONG ISOLATE}{clean}\N{POP DIRECTIONAL ISOLATE}" if runs_left else clean


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
