"""The front door's rules of keys, and of the cells that a study lists, as an engine follows them.

What the front door asks Python of each different key (``read.cells.ids``) is asked here by classes of signs, which are
made of the same tables of Unicode. Composing letters is left out, for not every engine can: keys that want it are
named, and set aside.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import chain
from typing import NamedTuple

import ibis
import pandas as pd

from helpers.contracts import StudyError
from helpers.opening.columnar import typed_column
from helpers.read.cells import JOINTS
from helpers.read.sales import among

MOST_CELLS = 100_000
"""Different cells of a column of ``where`` that are compared one by one."""
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_BLANK = r"\t\n\x0b\x0c\r\x1c-\x1f "


class Signs(NamedTuple):
    """Classes of signs beyond ASCII, as a regular expression lists them between brackets.

    unseen : of no width. blank : what Python strips. composed : signs without which a text is in NFC as it stands.
    """

    unseen: str
    blank: str
    composed: str


class Key(NamedTuple):
    """A key as the front door has it, and what is told of it."""

    value: ibis.expr.types.StringValue
    spaced: ibis.expr.types.BooleanValue
    unseen: ibis.expr.types.BooleanValue
    composed: ibis.expr.types.BooleanValue
    control: ibis.expr.types.BooleanValue


@cache
def signs() -> Signs:
    """The classes, of the planes in which there are such signs."""
    planes = chain(range(0x80, 0xD800), range(0xE000, 0x20000), range(0x2F800, 0x2FA20), range(0xE0000, 0xE0200))
    every = [chr(code) for code in planes]
    pairs = (unicodedata.decomposition(sign).split() for sign in every)
    second = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    jamo = {chr(code) for code in chain(range(0x1161, 0x1176), range(0x11A8, 0x11C3))}
    composes = second | jamo
    return Signs(
        _runs(sign for sign in every if unicodedata.category(sign) == "Cf" and sign not in JOINTS),
        _runs(sign for sign in every if sign.isspace()),
        _runs(
            sign for sign in every
            if sign in composes or unicodedata.combining(sign) or unicodedata.normalize("NFC", sign) != sign
        ),
    )  # fmt: skip


def _runs(found: Iterable[str]) -> str:
    """Signs in order of their codes as ``a-f``."""
    runs: list[list[str]] = []
    for sign in found:
        if runs and ord(runs[-1][1]) == ord(sign) - 1:
            runs[-1][1] = sign
        else:
            runs.append([sign, sign])
    return "".join(first if first == last else f"{first}-{last}" for first, last in runs)


def key(text: ibis.expr.types.StringValue) -> Key:
    """A key without blanks about it and signs of no width; most has nothing of the kind and is looked at once."""
    unseen, blank, composed = signs()
    odd = text.re_search(f"[{unseen}{blank}{composed}]|{CONTROL}")
    ends = f"^[{_BLANK}{blank}]+|[{_BLANK}{blank}]+$"
    bare = ibis.ifelse(odd | (text < "!") | (text.right(1) < "!"), text.re_replace(ends, ""), text)
    seen = ibis.ifelse(odd, bare.re_replace(f"[{unseen}]", "").re_replace(ends, ""), bare)

    def only(holds: ibis.expr.types.BooleanValue) -> ibis.expr.types.BooleanValue:
        return ibis.ifelse(odd, holds, False).fill_null(False)

    return Key(
        seen.nullif(""),
        ((bare != text) & (bare != "")).fill_null(False),
        only(seen != bare),
        only(seen.re_search(f"[{composed}]")),
        only(seen.re_search(CONTROL)),
    )


def cells_among(
    backend: ibis.BaseBackend, table: ibis.Table, column: str, listed: list[str | int | float | bool], shown: str
) -> ibis.expr.types.BooleanValue:
    """Which cells of a column are listed by the study: its different cells come here, and are compared as always.

    Raises StudyError where a column has so many that it is none to choose by.
    """
    cell = table[column]
    found = backend.to_pyarrow(table.select(column).distinct().limit(MOST_CELLS + 1))[column]
    if len(found) > MOST_CELLS:
        raise StudyError(f"{shown}: tables.sales.where: {column} has more than {MOST_CELLS:,} different cells")
    texts = typed_column(found, "text", {"path": shown, "column": column})
    wanted = among(pd.Series(texts), listed)
    cells = [value for value, kept in zip(found.to_pylist(), wanted, strict=True) if kept and value is not None]
    none = any(kept and value is None for value, kept in zip(found.to_pylist(), wanted, strict=True))
    kept = cell.isin(cells).fill_null(False) if cells else ibis.literal(False)
    return kept | cell.isnull() if none else kept
