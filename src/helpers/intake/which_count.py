"""Which rows of sales count: what became of an order, lines that are no goods, tests, and keys that are no person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pandas as pd

from helpers.guesses import Answer, Guess, Question
from helpers.intake.column_looks import tokens
from helpers.intake.roles import plain_numbers
from helpers.listed import listed
from helpers.read import cells
from helpers.text import fold

KEPT = ("paid", "partly")
MOST_STATUSES = 40
"""A column with more different cells is no status."""
IMPLAUSIBLE = 5
"""One key with so many times the orders of the next one is looked at."""


@dataclass
class Counting:
    """What is stated of a table, and what was guessed or must be asked."""

    where: dict[str, list[str]] = field(default_factory=dict)
    not_goods: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    nobody: list[str] = field(default_factory=list)
    is_return: str | None = None
    guesses: list[Guess] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


@cache
def row_words() -> dict[str, Any]:
    return listed("row_words.yml")


@cache
def _listed(part: str) -> dict[str, str]:
    """Each word of a part of the vocabulary, and what it means."""
    return {_plain(word): kind for kind, words in row_words()[part].items() for word in words.split(";")}


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[-_/.:]+", " ", fold(text)).replace("ё", "е").split())


def listed_status(text: str) -> str | None:
    """What a word says of an order, where it is listed as a whole."""
    return _listed("status").get(_plain(text))


def _without_number(status: str) -> str:
    return _plain(re.sub(r"^\s*(?:\[[\d.]+\]|\(\d+\)|\d+[.)]? ?[-–:]?)\s*(?=[^\W\d_])", "", status))


def what_became(status: str) -> str | None:
    """What a status says of its order: paid, partly (given back in part), open, cancelled, failed, refunded, test.

    The number that a tool writes before a status, as in ``[8] Cancelled``, is no part of it.
    """
    text = _without_number(status)
    if text in _listed("status"):
        return _listed("status")[text]
    if "partial" in text and "refund" in text:
        return "partly"
    for begins in (True, False):
        for kind, words in row_words()["begin"].items():
            stems = [_plain(word) for word in words.split(";")]
            parts = [text] if begins else text.split()
            if any(part.startswith(stem) for part in parts for stem in stems):
                return kind
    return None


# --- statuses ----------------------------------------------------------------------------------------------------


def by_status(found: Counting, frame: pd.DataFrame, header: str, money: pd.Series, *, refunds_told: bool) -> None:
    """State ``where`` for a column of statuses; ``refunds_told``: another column has the money given back."""
    column = frame[header].astype("str").str.strip()
    counts = column[~cells.blank(column)].value_counts()
    if not 1 <= len(counts) <= MOST_STATUSES:
        return
    kinds = {status: what_became(status) for status in counts.index}
    unpaid = [status for status, kind in kinds.items() if kind == "open" and not _is_draft(status)]
    unpaid = unpaid if any(_is_listed(name, "due") for name in frame) else []
    kinds |= dict.fromkeys(unpaid, "paid")
    unknown = [status for status, kind in kinds.items() if kind is None]
    known = {kind for kind in kinds.values() if kind}
    if not known & {*KEPT, "refunded"} and unknown:
        if len(counts) > 1:
            _ask_of_statuses(found, header, counts, unknown, [], money.groupby(column).sum())
        return
    back = column.isin([status for status, kind in kinds.items() if kind == "refunded"])
    types = is_type(kinds) and not cells.flags(column).values[back].isna().any()
    if back.any() and types and not refunds_told:
        _by_type(found, header, money, back)
        return
    keep_refunded = found.is_return is not None or (
        refunds_told and ("partly" in known or bool({"financial", "payment"} & set(tokens(header))))
    )
    kept = [s for s, kind in kinds.items() if kind in KEPT or kind is None or (kind == "refunded" and keep_refunded)]
    dropped = {status: kinds[status] for status in counts.index if status not in kept}
    if unknown:
        _ask_of_statuses(found, header, counts, unknown, list(dropped), money.groupby(column).sum())
    if unpaid:
        issued = f"invoices that were issued and have a day by which to pay; they count though unpaid as {header} says"
        found.guesses.append(Guess("unpaid", ", ".join(unpaid), issued, ("without them: where keeps the others only",)))
    if not dropped or not kept:
        return
    found.where[header] = kept
    shown = ", ".join(f"{status} ({counts[status]} rows, {kind})" for status, kind in dropped.items())
    other = ["without where: every row counts"]
    if back.any() and not keep_refunded:
        other.append("with the refunded ones, and their money taken back by `refunded`")
    found.guesses.append(Guess(f"where {header}", ", ".join(kept), f"left out: {shown}", tuple(other)))


def _is_listed(text: str, part: str) -> bool:
    """Whether a header or a cell is one of a list of ``row_words.yml``."""
    return _plain(text) in {_plain(word) for word in row_words()[part].split(";")}


def _is_draft(status: str) -> bool:
    """Whether an open status is of what was never issued: a word of it begins as one of the list."""
    stems = tuple(_plain(word) for word in row_words()["drafts"].split(";"))
    return any(word.startswith(stems) for word in _without_number(status).split())


@cache
def _refund_words() -> frozenset[str]:
    return frozenset(word for word, kind in _listed("status").items() if kind == "refunded")


def is_type(statuses: Iterable[str]) -> bool:
    """Whether the cells of a column say what a row is, a sale or a refund, and nothing else."""
    return set(map(_plain, statuses)) <= _typed_words() | _refund_words()


@cache
def _typed_words() -> frozenset[str]:
    return frozenset(_plain(word) for word in row_words()["types"].split(";"))


def _by_type(found: Counting, header: str, money: pd.Series, back: pd.Series) -> None:
    """A column that says sale or refund: refunds that are not negative are marked by it."""
    sums = money[back].dropna()
    if len(sums) and (sums < 0).mean() > 0.5:
        told = "its refunds are negative and take money back; every row counts"
        found.guesses.append(Guess(f"rows of {header}", "all", told, ()))
        return
    found.is_return = header
    told = "it says which rows are refunds, and their amounts are not negative"
    found.guesses.append(Guess("is_return", header, told, ()))


def _ask_of_statuses(
    found: Counting, header: str, counts: pd.Series, unknown: list[str], dropped: list[str], worth: pd.Series
) -> None:
    """Ask which of the statuses that no list knows are orders; ``worth``: the money of each."""
    rows = {status: f"{counts[status]} rows" for status in unknown}
    money = {status: f", {worth[status]:,.2f} of money" if worth.get(status) else "" for status in unknown}
    shown = ", ".join(f"{status!r} ({rows[status]}{money[status]})" for status in unknown[:8])
    keep = [status for status in counts.index if status not in dropped]
    known = [status for status in keep if status not in unknown]
    answers = (Answer("they count", {"where": {header: keep}}),)
    answers += (Answer("they do not", {"where": {header: known}}),) if known else ()
    text = f"{header}: not known which of these are real orders: {shown}; until it is said they count"
    found.questions.append(Question("status", text, answers))


def by_cancellation(found: Counting, frame: pd.DataFrame, header: str) -> None:
    """A filled day of cancellation means a cancelled order."""
    column = frame[header].astype("str")
    blank = cells.blank(column)
    said = {fold(cell) for cell in column[~blank].unique()[:50]}
    if not 0 < (~blank).sum() < 0.5 * len(column) or said <= {"no", "false", "0"}:
        return
    found.where[header] = [""]
    told = f"a cell with a day or a reason means a cancelled order ({(~blank).sum()} rows)"
    found.guesses.append(Guess(f"where {header}", "empty cells", told, ("without where: every row counts",)))


# --- tests and lines that are no goods ---------------------------------------------------------------------------


def by_tests(found: Counting, frame: pd.DataFrame, roles: dict[str, str]) -> None:
    """Test payments and the shop's own test customers."""
    for header in frame:
        column = frame[header].astype("str").str.strip()
        few = column[~cells.blank(column)].head(50_000).unique()
        if len(few) <= MOST_STATUSES and header not in roles.values() and header not in found.where:
            tests = [cell for cell in few if _listed("status").get(_plain(cell)) == "test" or "bogus" in _plain(cell)]
            if tests and len(few) > len(tests) and not {"channel", "category", "product"} & set(tokens(header)):
                _add(found, header, "test", tests, column)
    if email := roles.get("email"):
        people = {word.strip() for word in row_words()["test_people"].split(";")}
        addresses = frame[email].astype("str").str.strip()
        tests = [cell for cell in addresses.dropna().unique() if fold(cell).split("@")[0] in people and "@" in cell]
        if tests:
            _add(found, email, "test", tests, addresses)


def by_goods(found: Counting, frame: pd.DataFrame, products: Iterable[str], money: pd.Series) -> None:
    """Shipping, discounts, gift cards and fees among the lines, by the names and codes of products."""
    for header in products:
        names = frame[header].astype("str").str.strip()
        groups = money.groupby(names)
        negative = groups.max() < 0
        kinds: dict[str, list[str]] = {}
        for name in negative.index:
            if kind := _no_goods(name):
                if kind == "discount" and not negative[name]:
                    continue  # "discount bin" is a thing that was sold
                kinds.setdefault(kind, []).append(name)
        if sum(map(len, kinds.values())) > 0.5 * len(negative):
            continue  # a shop of such things
        for kind, texts in kinds.items():
            _add(found, header, kind, texts, names)


def _no_goods(name: str) -> str | None:
    """What a line is by its product's name or code, where it is no goods."""
    text = _plain(name)
    if text in _listed("codes"):
        return _listed("codes")[text]
    if re.fullmatch(r"gift 0*\d+( \d+)?", text):
        return "gift_card"
    listed, parts = _listed("no_goods"), text.split()
    for length in range(min(4, len(parts)), 0, -1):
        kind = listed.get(" ".join(parts[:length]))
        if kind and (length == len(parts) or (len(parts) - length <= 2 and _only_adds(kind, parts[length:]))):
            return kind
    return None


def _only_adds(kind: str, rest: list[str]) -> bool:
    """Whether what follows says which discount or card it is: a code or a number, no other thing."""
    return kind in ("discount", "gift_card") or all(re.search(r"\d", part) for part in rest)


def _add(found: Counting, header: str, kind: str, texts: list[str], column: pd.Series) -> None:
    found.not_goods.setdefault(header, {}).setdefault(kind, []).extend(texts)
    shown = ", ".join(map(repr, texts[:5])) + (", ..." if len(texts) > 5 else "")
    rows = int(column.isin(texts).sum())
    told = f"{header} says {shown} in {rows} rows; told apart, and neither goods nor returns"
    what = "tests" if kind == "test" else f"{kind.replace('_', ' ')} lines"
    found.guesses.append(Guess(what, f"not_goods {header}", told, ("goods like others",)))


# --- nobody ------------------------------------------------------------------------------------------------------


def by_key(found: Counting, frame: pd.DataFrame, key: str, order: pd.Series) -> None:
    """Keys that stand for no person: zeros, the till's own address, and what has implausibly many of the orders."""
    keys = frame[key].astype("str").str.strip()
    filled = ~cells.blank(keys)
    orders = (
        pd.DataFrame({"key": keys[filled].map(fold), "order": order[filled]}).drop_duplicates()["key"].value_counts()
    )
    if len(orders) < 10:
        return
    tills = {word.strip() for word in row_words()["tills"].split(";")}
    typical = orders.iloc[1:].quantile(0.99) if len(orders) > 1 else 1
    for text, count in orders.head(20).items():
        share = count / orders.sum()
        till = text.split("@")[0] in tills or re.fullmatch(r"[0-]+1?|9{4,}|x+|\.+|\?+", text) is not None
        if till and (share > 0.02 or count > 2 * typical):
            found.nobody.append(keys[keys.map(fold) == text].iloc[0])
            told = f"{share:.1%} of the orders ({count}) have it, and it looks like no person; they are nobody's"
            found.guesses.append(Guess("nobody", str(found.nobody[-1]), told, ("a customer",)))
        elif share > 0.1 or (share > 0.03 and count > IMPLAUSIBLE * max(typical, 1)):
            given = keys[keys.map(fold) == text].iloc[0]
            text = f"one customer, {given!r}, has {share:.1%} of the orders ({count}); a person?"
            answers = (Answer("no: guests, a till, the shop itself", {"nobody": [given]}), Answer("yes, a person"))
            found.questions.append(Question("nobody", text, answers))


def money_of(frame: pd.DataFrame, roles: dict[str, str]) -> pd.Series:
    """What each line is worth in a rough reading: its amount, or price times quantity."""
    if header := roles.get("amount") or (None if "unit_price" in roles else roles.get("order_total")):
        return plain_numbers(frame[header])
    if "unit_price" not in roles:
        return pd.Series(float("nan"), index=frame.index)
    worth = plain_numbers(frame[roles["unit_price"]])
    return worth * plain_numbers(frame[roles["quantity"]]) if "quantity" in roles else worth
