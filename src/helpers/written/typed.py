"""What every reader of cells needs: findings, which never quote a cell, and which cells say nothing."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from helpers.words import Said, say

Severity = Literal["error", "repaired", "quarantined", "warning"]

MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "-", "–", "—")
ANY_DIGIT = {
    code: str(digit)
    for code in range(128, 0x20000)  # the planes with scripts; to look through all of them takes a fifth of a second
    if (digit := unicodedata.decimal(chr(code), None)) is not None
}
"""Digits of every script (``str.translate``)."""


@dataclass(frozen=True)
class Finding:
    """One kind of finding in one column; ``rows`` marks the rows of the column that it is about.

    Its text, a message, never quotes a cell: it travels into published files. It shows the cell's shape,
    ``12.05.2025`` as ``99.99.9999``.
    """

    code: str
    severity: Severity
    rows: pd.Series
    text: Said


@dataclass(frozen=True)
class Typed:
    """A typed column (missing where a cell is empty or unreadable) and what was found on the way."""

    values: pd.Series
    findings: tuple[Finding, ...] = ()


def typed(values: pd.Series, *findings: Finding) -> Typed:
    """A typed column with those of the findings that are about any rows."""
    return Typed(values, tuple(finding for finding in findings if finding.rows.any()))


def shape(text: str) -> str:
    """The look of a cell without its content: ``Ann, 12.5`` as ``Aaa, 99.9``."""
    kinds = {"Lu": "A", "Ll": "a", "Lo": "a", "Lt": "A", "Lm": "a", "Nd": "9"}
    return "".join(kinds.get(unicodedata.category(letter), letter) for letter in text[:30])


def blank(cells: pd.Series) -> pd.Series:
    """Which cells say nothing: empty, or one of the usual signs for it."""
    return cells.isna() | cells.str.strip().str.lower().isin(MISSING)


def unreadable(cells: pd.Series, bad: pd.Series, what: str, mend: Said) -> Finding:
    """Quarantine unreadable cells; when they are the most of a column, the column is not what it should be."""
    most = bad.any() and bad.sum() > (~blank(cells)).sum() / 2
    text = say(f"written.unreadable.{what}", shapes=sorted(set(cells[bad].head(200).map(shape)))[:3], mend=mend)
    return Finding(f"unreadable_{what}", "error" if most else "quarantined", bad, text)
