"""Every sentence a stakeholder reads and every number format, from the catalogues in ``locale/<language>/``.

A catalogue is YAML, nested by room; ``Words.say("personas.kind.natural", share="12 %")`` fills one message. Values that
are numbers are formatted by the caller through the methods here, so that a number looks the same on every page.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

LOCALE = Path(__file__).parent / "locale"
NOT_KNOWN = "–"
"""Shown in place of a number that is missing."""


@cache
def _catalogue(language: str) -> dict[str, str]:
    """All messages of one language as flat ``room.part.key: template``."""
    messages: dict[str, str] = {}

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
    """The voice of one report: its language and currency.

    Messages that a language does not have yet are said in English.
    """

    language: str = "en"
    currency: str = ""

    def say(self, key: str, **values: object) -> str:
        """Fill the message ``key``. Raises KeyError for a message or a value that does not exist."""
        messages = _catalogue(self.language)
        return (messages[key] if key in messages else _catalogue("en")[key]).format(**values)

    def has(self, key: str) -> bool:
        """Whether there is a message of this name."""
        return key in _catalogue(self.language) or key in _catalogue("en")

    def number(self, value: float | None, digits: int | None = None) -> str:
        """``1234.5`` as ``1,234.5``; without ``digits`` three significant figures below 100, whole above."""
        if value is None or not math.isfinite(value):
            return NOT_KNOWN
        if digits is None:
            digits = 0 if value == round(value) or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
        text = f"{value:,.{digits}f}"
        return text.lstrip("-") if float(text.replace(",", "")) == 0 else text.replace("-", "−")

    def percent(self, share: float | None, digits: int = 0) -> str:
        """``0.123`` as ``12 %``; shares that would round to 0 or 100 without being so get a sign."""
        if share is None or not math.isfinite(share):
            return NOT_KNOWN
        if digits == 0 and 0 < share < 0.005:
            return "under 1 %"
        if digits == 0 and 0.995 <= share < 1:
            return "over 99 %"
        return f"{self.number(100 * share, digits)} %"

    def points(self, share: float | None) -> str:
        """A difference of shares, ``0.053`` as ``5.3 points``."""
        return NOT_KNOWN if share is None else f"{self.number(100 * share, 1)} points"

    def money(self, value: float | None) -> str:
        """An amount in the study's currency, ``1,234 EUR``."""
        digits = 0 if value is not None and math.isfinite(value) and abs(value) >= 100 else 2
        return f"{self.number(value, digits)} {self.currency}".strip()

    def interval(self, low: float | None, high: float | None, unit: str = "number") -> str:
        """``low to high`` in the given format: number, percent, money or points."""
        show = getattr(self, unit)
        return f"{show(low)} to {show(high)}"

    def p_value(self, p: float | None) -> str:
        """``p = .032`` or ``p < .001``."""
        if p is None or not math.isfinite(p):
            return NOT_KNOWN
        return "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)

    def date(self, day: dt.date | None) -> str:
        """``5 March 2025``."""
        return NOT_KNOWN if day is None else f"{day.day} {day:%B %Y}"

    def listing(self, items: list[str]) -> str:
        """``a``, ``a and b``, ``a, b and c``."""
        return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else NOT_KNOWN
