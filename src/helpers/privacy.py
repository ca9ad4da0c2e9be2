"""What may leave the house: text scrubbed, small cells withheld, spreadsheet cells made harmless."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from helpers.names import scrub_names
from helpers.private import scrub_private

# --- text --------------------------------------------------------------------------------------------------------


def scrub(text: str, known: frozenset[str] = frozenset()) -> str:
    """Replace e-mail and street addresses, links, accounts, plates, phone and card numbers, and names, by ``[e-mail]``
    and so on.

    Digits of any script count. A number of 13 to 19 digits with a valid check digit is a card; one written with ``+``,
    or of 7 to 15 digits that is neither a date nor an amount in thousands, is a phone (unless it
    is an order's number by the word before it); longer ones are a ``[number]``.
    Of names the ``known`` ones are found (``names.stems``), and those that a rule can tell: not all, so quotes stay off
    unless the study turns them on.

    >>> scrub("Пишите Анне: anna@mail.ru или +7 (701) 123-45-67")
    'Пишите [name]: [e-mail] или [phone]'
    """
    return scrub_names(scrub_private(text), known)


# --- small cells -------------------------------------------------------------------------------------------------


def suppress(
    frame: pd.DataFrame,
    count_column: str,
    min_cell: int,
    *,
    values: Sequence[str] = (),
    margins: Sequence[Sequence[str]] = ((),),
) -> pd.DataFrame:
    """Withhold cells of fewer than ``min_cell`` people, and as many more as subtraction from a total needs.

    Parameters
    ----------
    frame : one row per cell; ``count_column`` holds people (0 is shown: it describes nobody).
    values : columns computed from those people (shares, means, extremes); they go with the count.
    margins : the totals that a reader can know, each as the columns they are given by; ``()`` is the grand total.
        ``[["persona"], ["answer"]]`` protects a table printed with its row and its column totals.

    Returns
    -------
    The same rows; withheld counts and values are NaN, and ``shown`` is the count as text: ``34``, ``<10``, or
    ``withheld`` for a larger cell that would give a small one away. Within each margin the withheld cells together hold
    at least ``min_cell`` people and are at least two, or else all of the margin's cells are withheld: then its total
    is a small cell itself. (Cells of two crossing margins are protected line by line, not against solving the whole
    system of lines.) Source: complementary suppression, Hundepool et al., Statistical Disclosure Control (2012), ch. 4.
    """
    result = frame.reset_index(drop=True)
    counts = result[count_column]
    small = (counts > 0) & (counts < min_cell)
    hidden, before = small.copy(), None
    while before is None or not hidden.equals(before):
        before = hidden.copy()
        for margin in margins:
            totals = result.groupby(list(margin), sort=False, dropna=False) if margin else [((), result)]
            for _, cells in totals:
                _complete(hidden, counts, cells.index, min_cell)
    shown = counts.astype("Int64").astype(str).mask(hidden, "withheld").mask(small, f"<{min_cell}")
    whole = result.assign(**{name: result[name].astype("float64").mask(hidden) for name in [count_column, *values]})
    return whole.assign(shown=shown).set_axis(frame.index)


def _complete(hidden: pd.Series, counts: pd.Series, cells: pd.Index, min_cell: int) -> None:
    """Hide the smallest further cells of one line until the hidden ones cannot be told apart by subtraction."""
    line, open_cells = hidden[cells], counts[cells][~hidden[cells]]
    for cell in open_cells.sort_values(kind="stable").index:
        people = counts[cells][line]
        if people.empty or ((people > 0).sum() >= 2 and people.sum() >= min_cell):
            break
        if counts[cell] > 0 or not (open_cells > 0).any():
            line[cell] = hidden[cell] = True


# --- spreadsheets ------------------------------------------------------------------------------------------------

_FORMULA = re.compile(r"'*[=+\-@\t\r\n\0＝＋－＠]")
_CLOSING = "\u202c\u2069"
_OPENING = dict.fromkeys("\u202a\u202b\u202d\u202e", _CLOSING[0]) | dict.fromkeys("\u2066\u2067\u2068", _CLOSING[1])


def neutralise(value: object) -> object:
    """Make a text cell harmless in a spreadsheet; anything that is not text, true numbers too, is returned as it is.

    Text that begins like a formula (``= + - @``, their full-width forms, TAB, CR, LF or NUL) is prefixed with an
    apostrophe, also where apostrophes precede it already: so the original is always the cell without its first
    apostrophe. Direction controls without their partner are removed.

    >>> neutralise("=1+1"), neutralise(-5)
    ("'=1+1", -5)
    """
    if not isinstance(value, str):
        return value
    text = pair_direction_controls(value)
    return f"'{text}" if _FORMULA.match(text) else text


def pair_direction_controls(text: str) -> str:
    """Remove bidirectional embeddings, overrides and isolates that are not opened and closed in pairs.

    A lone one turns around whatever follows it on the page. Marks without a partner (LRM, RLM, ZWNJ) stay.
    """
    waiting: list[int] = []
    lone: set[int] = set()
    for i, sign in enumerate(text):
        if sign in _OPENING:
            waiting.append(i)
        elif sign in _CLOSING:
            if waiting and _OPENING[text[waiting[-1]]] == sign:
                waiting.pop()
            else:
                lone.add(i)
    lone.update(waiting)
    return "".join(sign for i, sign in enumerate(text) if i not in lone) if lone else text


def safe_csv(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a CSV that a spreadsheet opens without running anything.

    Text cells and headers are neutralised, numbers stay numbers. UTF-8 with a byte-order mark, since Excel reads other
    scripts wrongly without one; comma-separated, text in quotes (a lone CR inside would start a row); lines end in LF.
    """
    text = frame.select_dtypes(exclude=["number", "bool", "boolean", "datetime"]).columns
    safe = frame.assign(**{name: frame[name].astype(object).map(neutralise, na_action="ignore") for name in text})
    safe = safe.rename(columns=neutralise)
    safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
