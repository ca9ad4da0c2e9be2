"""Which customer a respondent is: by an id, an e-mail, a phone in any writing, or a name and a birth date together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.read import cells
from helpers.read.nobody import nobody
from helpers.text import folded

PHONE = r"[+(]?\d[\d\s().+/-]{6,}"
LOCAL_DIGITS = (10, 9)
"""A phone number without its country: ten digits in most countries, nine in some."""


@dataclass(frozen=True)
class Joined:
    """Per respondent: key (as compared, NaN where none was given), customer_id and whether several customers have it.

    ``shared`` are the keys of several customers, once for each, which lead to none of them.
    """

    key: pd.Series
    customer_id: pd.Series
    ambiguous: pd.Series
    shared: pd.Series


def join(
    given: Sequence[pd.Series], customer_id: pd.Series, known: Sequence[pd.Series], listed: Sequence[str | int] = ()
) -> Joined:
    """Find each respondent's customer by the columns that tell them together; ``listed`` keys are nobody's.

    Phone numbers that are written in another way meet by their local digits too, where those are one customer's.
    """
    phones = [_phones(theirs, ours) for theirs, ours in zip(given, known, strict=True)]
    key, keys = _comparable(given, phones, listed), _comparable(known, phones, listed)
    by_key, shared = customers_by_key(customer_id, keys)
    found, ambiguous = key.map(by_key), key.isin(shared)
    for length in LOCAL_DIGITS if phones == [True] else ():
        by_local, _ = customers_by_key(customer_id, _local(keys, length))
        found = found.fillna(_local(key, length).map(by_local).where(~ambiguous))
    return Joined(key, found.astype("str"), ambiguous, shared)


def comparable(columns: Sequence[pd.Series], listed: Sequence[str | int] = ()) -> pd.Series:
    """One key per row of the columns that tell a person together; NaN where any of them is nobody's."""
    return _comparable(columns, [_phones(column) for column in columns], listed)


def _phones(*columns: pd.Series) -> bool:
    """Whether columns hold phone numbers, of which some at least are written as such, and no ids."""
    texts = pd.concat([folded(column).dropna().head(1000) for column in columns], ignore_index=True)
    texts = texts[~nobody(texts)]
    whole = texts.str.fullmatch(PHONE) & texts.str.count(r"\d").between(9, 14)
    return bool(len(texts)) and whole.mean() > 0.8 and texts[whole].str.contains(r"[+() -]").any()


def _comparable(columns: Sequence[pd.Series], phones: Sequence[bool], listed: Sequence[str | int]) -> pd.Series:
    """One key per row of the columns that tell a person together; NaN where any of them is nobody's.

    Phones are their digits; of several columns dates are ISO, and a name's words stand in the order of the alphabet.
    """
    keys = None
    for column, phone in zip(columns, phones, strict=True):
        text = folded(column)
        text = text.mask(nobody(text, listed))
        if phone:
            text = text.map({number: _digits(number) for number in text.dropna().unique()})
        elif len(columns) > 1:
            typed = cells.times(text)
            dates = typed.values.dt.strftime("%Y-%m-%d") if not typed.findings else None
            words = text.str.replace(r"[^\w\s]", " ", regex=True).str.split().map(sorted, na_action="ignore")
            text = dates if dates is not None else words.str.join(" ")
        keys = text if keys is None else keys + "\0" + text
    return keys.astype("str")


def _digits(number: str) -> str:
    """The digits of a phone number, without the 0 or 00 before it; a long one with its country, 8 of Russia being 7."""
    digits = "".join(re.findall(r"\d", number)).lstrip("0")
    return "7" + digits[1:] if len(digits) == 11 and digits[0] == "8" else digits


def _local(keys: pd.Series, length: int) -> pd.Series:
    """The last digits of phone numbers that are that long; NaN for shorter ones."""
    long = keys.str.fullmatch(rf"\d{{{length},13}}").fillna(False).astype(bool)
    return keys.str[-length:].where(long).astype("str")


def customers_by_key(customer_id: pd.Series, keys: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Customers by their comparable key, and the keys of several customers (once for each), which lead to none."""
    pairs = pd.DataFrame({"customer_id": customer_id, "key": keys}).dropna().drop_duplicates()
    shared = pairs["key"].duplicated(keep=False)
    return pairs[~shared].set_index("key")["customer_id"], pairs.loc[shared, "key"]
