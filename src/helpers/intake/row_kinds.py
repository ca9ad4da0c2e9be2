"""Which rows are orders at all: flags of tests and cancellations, statuses under any header, totals beside lines."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from helpers.guesses import Answer, Guess, Question
from helpers.intake import which_count
from helpers.intake.column_looks import header_fit, tokens
from helpers.intake.roles import LEAST, plain_numbers
from helpers.intake.which_count import Counting
from helpers.read import cells
from helpers.text import fold

MOST = 0.5
"""A flag that more than this share of the rows bears says something else."""
KINDS = 8
"""A column of kinds of rows has no more different cells."""


@cache
def _said(part: str) -> frozenset[str]:
    """A list of ``row_words.yml``."""
    return frozenset(map(fold, which_count.row_words()[part].split("; ")))


# --- flags -------------------------------------------------------------------------------------------------------


def is_flag(column: pd.Series) -> bool:
    """Whether the cells say yes or no only, both of them or one."""
    column = column.astype("str").str.strip()
    said = {fold(cell) for cell in column[~cells.blank(column)].unique()[:10]}
    return bool(said) and said <= _said("yes") | _said("no") and bool(said & _said("yes"))


def by_flags(found: Counting, frame: pd.DataFrame, free: list[str], *, refunds_told: bool) -> None:
    """State ``where`` for columns whose headers name a cancellation, a refund or a test, with cells of yes and no."""
    for header in free:
        kind = _flagged(header)
        if kind is None or header in found.where or header in found.not_goods or (refunds_told and kind == "refunded"):
            continue
        column = frame[header].astype("str").str.strip()
        if not is_flag(column):
            continue
        yes = column.map(fold).isin(_said("yes"))
        if not 0 < yes.mean() <= MOST:
            continue
        found.where[header] = sorted({str(cell) for cell in column[~yes].unique()} - {"nan", "<NA>"})
        if cells.blank(column).any() and "" not in found.where[header]:
            found.where[header].append("")
        told = f"{header} marks {int(yes.sum())} rows as {kind}; they are left out"
        found.guesses.append(
            Guess(f"where {header}", ", ".join(found.where[header]), told, ("without where: every row counts",))
        )


def _flagged(header: str) -> str | None:
    """What a header says became of the orders that it marks; the words of the header, not their beginnings."""
    words = tokens(header.replace("_", " "))
    for length in range(min(3, len(words)), 0, -1):
        for at in range(len(words) - length + 1):
            kind = which_count.listed_status(" ".join(words[at : at + length]))
            if kind in ("cancelled", "refunded", "failed", "test") and not set(words[at : at + length]) <= _said(
                "yes"
            ) | _said("no"):
                return kind
    return None


# --- statuses under a header that says nothing ---------------------------------------------------------------------


def says_status(header: str) -> bool:
    """Whether a header says that its cells are statuses of orders or payments, beside one that was taken for them."""
    return header_fit(header, "status") >= LEAST and any(
        word.startswith(tuple(_said("says_status"))) for word in tokens(header)
    )


def statuses_by_cells(frame: pd.DataFrame, free: list[str]) -> list[str]:
    """Columns whose cells, nearly all of them, are known words of what became of orders, bad ones among them."""
    found = []
    for header in free:
        column = frame[header].astype("str").str.strip()
        filled = column[~cells.blank(column)]
        counts = filled.value_counts()
        if not 2 <= len(counts) <= which_count.MOST_STATUSES or len(filled) < 0.9 * len(column):
            continue
        if set(map(fold, counts.index)) <= _said("yes") | _said("no"):
            continue
        kinds = {status: which_count.what_became(str(status)) for status in counts.index}
        if which_count.is_type(map(str, kinds)):
            found.insert(0, header)  # what a row is comes before what became of it
            continue
        known = counts[[status for status, kind in kinds.items() if kind]].sum()
        if known >= 0.8 * counts.sum() and {"cancelled", "refunded", "failed"} & set(kinds.values()):
            found.append(header)
    return found


def refunds_below_zero(found: Counting, frame: pd.DataFrame, quantity: str | None, money: pd.Series) -> str | None:
    """The column that must mark refunds, where their money is negative and their pieces are not."""
    told = [guess.what.removeprefix("rows of ") for guess in found.guesses if guess.what.startswith("rows of ")]
    if not told or quantity is None:
        return None
    pieces = plain_numbers(frame[quantity])
    return told[0] if ((money < 0) & (pieces > 0)).any() and not ((money < 0) & (pieces < 0)).any() else None


# --- totals beside lines -------------------------------------------------------------------------------------------


def by_totals(found: Counting, frame: pd.DataFrame, order: pd.Series, money: pd.Series) -> None:
    """Where each order has a row with the sum of its other rows, money would count twice: keep one kind of rows."""
    rows = pd.DataFrame({"order": order, "money": money}).dropna()
    size = rows.groupby("order")["money"].transform("size")
    rows = rows[(size > 1) & (rows["money"] > 0)]
    if rows["order"].nunique() < 10:
        return
    sums = rows.groupby("order")["money"].transform("sum")
    total = (2 * rows["money"] - sums).abs() <= 0.011 * np.maximum(1, size[rows.index])
    held = total.groupby(rows["order"]).any()
    several = total.groupby(rows["order"]).size() > 2
    if not several.any() or held[several].mean() < 0.9 or held.mean() < 0.9:
        return
    for header in frame:
        kinds = frame[header].astype("str").str.strip()
        kinds = kinds.mask(cells.blank(kinds), "")
        if not 2 <= kinds.nunique() <= KINDS or (plain_numbers(kinds) == money).mean() > 0.5:
            continue
        wide = rows.index[total & several.reindex(rows["order"]).to_numpy()]
        of_totals, of_lines = set(kinds[wide]), set(kinds[rows.index.difference(rows.index[total])])
        if of_totals and of_lines and not of_totals & of_lines:
            found.where[header] = sorted(of_lines)
            told = f"rows with {', '.join(map(repr, sorted(of_totals)))} hold the sum of the order's other rows"
            found.guesses.append(Guess(f"where {header}", ", ".join(map(repr, sorted(of_lines))), told))
            return
    text = "one row of each order holds the sum of its other rows, and all of them count: the money is counted twice"
    answers = (Answer("export without these rows, or name the column that tells them", {"where": {"???": ["???"]}}),)
    found.questions.append(Question("totals", text, answers))


# --- numbers of orders ---------------------------------------------------------------------------------------------


def number_of_orders(frame: pd.DataFrame, moments: pd.Series, people: pd.Series | None, free: list[str]) -> str | None:
    """A column that numbers the orders though its header does not say so; the one with the fewest different cells.

    A number belongs to one moment and one person. One that numbers every row is taken only where people hardly ever
    bought twice in one moment: else it numbers lines.
    """
    who = people if people is not None else pd.Series("", index=frame.index)
    visits = len(pd.DataFrame({"who": who, "when": moments}).drop_duplicates())
    fits: dict[str, int] = {}
    for header in free:
        words = tokens(header.replace("№", "№ ").replace("#", "# "))
        if not _said("numbering") & set(words) or _said("no_orders") & set(words):
            continue
        number = frame[header].astype("str").str.strip()
        if cells.blank(number).mean() > 0.01:
            continue
        different = number.nunique()
        pairs = len(pd.DataFrame({"number": number, "who": who, "when": moments}).drop_duplicates())
        least = 0.98 * visits if people is not None else 1.0
        if pairs > different or different < least or (different == len(frame) and visits < 0.9 * len(frame)):
            continue
        fits[header] = different
    return min(fits, key=lambda header: fits[header], default=None)
