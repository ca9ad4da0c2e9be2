"""What may leave the house: text scrubbed, spreadsheet cells made harmless (small cells: ``small_cells``)."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd

from helpers.names import scrub_names
from helpers.personal_data import scrub_private

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
