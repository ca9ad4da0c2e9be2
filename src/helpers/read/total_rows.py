"""Rows that are no records: a second header, totals and subtotals, and the headings of grouped reports.

A word alone makes no total: a product may be called "Total Repair". Its numbers must be the sum of rows above (or
below), or its other cells must be blank where all other rows are filled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
import yaml

from helpers.contracts import DataError
from helpers.opening.raw import Part, RawTable
from helpers.read import cells
from helpers.text import fold
from helpers.words import LOCALE

USUAL, SHARE, CENT = 0.98, 0.9, 0.006
"""What counts as filled everywhere; how many of a kind must add up; how far a sum may be off."""
MOST_SHAPES = 12
NUMBER_FORMS = ((".", None), (",", None), (",", " "), (",", "."), (".", ","), (".", " "), (".", "'"))


def tidied(raw: RawTable) -> RawTable:
    """A table without second headers, totals and headings; the cells of a heading stand in the rows below it.

    What is left out is told of. Raises DataError for a second header with other columns.
    """
    raw = _without_headers(raw)
    text = [name for name in raw.frame if isinstance(raw.frame[name].dtype, pd.StringDtype)]
    if raw.asked or len(raw.rows) < 3 or len(raw.frame.columns) < 2 or not text:
        return raw
    return _without_totals(raw, text)


def _without_headers(raw: RawTable) -> RawTable:
    """Set aside rows that repeat the header; what follows one is a part of its own."""
    text = [name for name in raw.frame if isinstance(raw.frame[name].dtype, pd.StringDtype)]
    if not text:
        return raw
    places = np.flatnonzero(raw.frame[text[0]].isin([*raw.headers]))
    again = np.zeros(len(raw.rows), bool)
    for place in places:
        row = [cells.header(cell) for cell in raw.frame[text].iloc[place]]
        if row == text:
            again[place] = True
        elif len(filled := [cell for cell in row if cell]) > 2 and set(filled) <= set(raw.headers):
            raise DataError(
                f"{raw.path}: row {raw.rows[place]} is a second header with its columns in another order; "
                "keep what stands below it as a file of its own"
            )
    if not again.any():
        return raw
    parts = (*(raw.parts or (Part(raw.path, 0),)), *(Part(raw.path, int(place) + 1) for place in np.flatnonzero(again)))
    return replace(raw, parts=parts).without(again, "repeated_header", "the header again, in the middle of the table")


# --- totals ------------------------------------------------------------------------------------------------------


@dataclass
class _Table:
    """What the search for totals looks at: which cells are empty, the numbers, and what was found so far."""

    frame: pd.DataFrame
    empty: np.ndarray
    amounts: dict[str, np.ndarray]
    found: np.ndarray

    def adds_up(self, places: np.ndarray, others: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Which rows are the sum of the rows above or below, and of how many; ``others`` are no part of any sum."""
        size, body = len(self.frame), ~(self.found | others)
        body[places] = False
        count = np.concatenate([[0], np.cumsum(body)])
        before = np.concatenate([[-1], places[:-1]])
        found = np.flatnonzero(self.found)
        known = np.concatenate([[-1], found])[np.searchsorted(found, places)]
        spans = {
            "above": (before + 1, places),
            "above_all": (np.zeros_like(places), places),
            "above_found": (known + 1, places),
            "below": (places + 1, np.concatenate([places[1:], [size]])),
        }
        sums = {
            name: np.concatenate([[0.0], np.cumsum(np.where(body, np.nan_to_num(v), 0.0))])
            for name, v in self.amounts.items()
        }
        out = {}
        for kind, (start, end) in spans.items():
            rows = count[end] - count[start]
            filled = np.column_stack([~np.isnan(v[places]) for v in self.amounts.values()])
            right = np.column_stack([
                (np.abs(v[places] - (sums[name][end] - sums[name][start])) <= CENT + 1e-9 * np.abs(v[places])) & (v[places] != 0)
                for name, v in self.amounts.items()
            ])  # fmt: skip
            if len(places) > 2:  # prices and numbers of orders are no sums
                filled = filled & (right.sum(axis=0) >= 0.5 * np.maximum(1, filled.sum(axis=0)))
            enough = right.sum(axis=1) >= np.clip(filled.sum(axis=1), 1, 2)
            out[kind] = (enough & (rows > 0), rows)
        return out


def _without_totals(raw: RawTable, text: list[str]) -> RawTable:
    """Set aside total rows, by words and by arithmetic, and read the headings of a grouped report into its rows."""
    frame = raw.frame
    worded = {name: _says_total(frame[name]) for name in text}
    said = np.logical_or.reduce([*worded.values()])
    empty = np.column_stack([(frame[name].isna() | (frame[name].astype("str") == "")).to_numpy() for name in frame])
    shapes = _odd_shapes(empty, said)
    if not said.any() and not shapes:
        return raw
    amounts = {name: numbers for name in frame if (numbers := _amounts(frame[name])) is not None}
    if not amounts:
        return raw
    table = _Table(frame, empty, amounts, np.zeros(len(frame), bool))
    headings = np.zeros(len(frame), bool)
    for places in shapes:
        for kind, (right, rows) in table.adds_up(places, said).items():
            few = len(places) < 3 and kind != "below"
            least = 5 if few and places[-1] < len(frame) - 1 else 2
            if right.mean() >= SHARE and rows[right].max() >= least and (kind != "below" or len(places) > 1):
                accepted = places if kind == "below" else places[right]
                (headings if kind == "below" else table.found)[accepted] = True
                table.found[accepted] = True
                break
    doubtful = _worded_totals(table, worded, said)
    if headings.any():
        frame, raw = _filled_from_headings(raw, headings, table)
    totals = table.found & ~headings
    raw = (
        raw.told("total_word", "warning", "a cell says total, but the numbers do not: kept as a row", doubtful)
        if doubtful.any()
        else raw
    )
    heading = "the heading of a group, with the sum of the rows below; its cells were read into those rows"
    kept = ~totals
    raw = raw.without(totals, "total_row", "a total or subtotal: the sum of other rows, and no record of its own")
    return raw.without(headings[kept], "group_heading", heading)


def _worded_totals(table: _Table, worded: dict[str, np.ndarray], said: np.ndarray) -> np.ndarray:
    """Mark the totals among rows with a word for it; returns rows that hold nothing but the word and do not add up."""
    rest = ~(said | table.found)
    usual = (1 - table.empty[rest].mean(axis=0) >= USUAL) if rest.any() else np.zeros(table.empty.shape[1], bool)
    numeric = np.array([name in table.amounts for name in table.frame])
    has_number = np.logical_or.reduce([~np.isnan(v) for v in table.amounts.values()])
    groups: list[tuple[np.ndarray, np.ndarray]] = []
    doubtful = np.zeros(len(said), bool)
    for name, rows in worded.items():
        others = usual & (np.array(list(table.frame)) != name)
        blank = (table.empty & others).sum(axis=1) >= max(1, 0.5 * (others & ~numeric).sum())
        shaped = rows & blank & has_number & ~table.found
        table.found |= shaped
        exact = table.frame[name].where(rows, "").map(lambda cell: fold(cell) in _words()) if rows.any() else rows
        exact = np.asarray(exact, dtype=bool)
        groups += [(rows & exact, exact), (rows & ~exact, exact)]
    for rows, exact in groups:
        places = np.flatnonzero(rows & ~table.found)
        if not len(places):
            continue
        best = max(table.adds_up(places, np.zeros(len(said), bool)).values(), key=lambda found: found[0].mean())
        if best[0].mean() >= SHARE and best[1][best[0]].max() >= 2:
            table.found[places] = True
        else:
            doubtful[places] = exact[places]
    return doubtful


def _filled_from_headings(raw: RawTable, headings: np.ndarray, table: _Table) -> tuple[pd.DataFrame, RawTable]:
    """Read what headings say, where the rows below say nothing, into those rows."""
    frame, lines = raw.frame.copy(), ~table.found
    last = np.maximum.accumulate(np.where(headings, np.arange(len(frame)), -1))
    for place, name in enumerate(frame):
        if not table.empty[headings, place].all() and table.empty[lines, place].mean() > USUAL:
            above = frame[name].iloc[np.maximum(last, 0)].set_axis(frame.index)
            frame[name] = frame[name].where(~(lines & (last >= 0) & table.empty[:, place]), above)
    return frame, replace(raw, frame=frame)


def _odd_shapes(empty: np.ndarray, said: np.ndarray) -> list[np.ndarray]:
    """Rows of one shape that differ from the usual one, by which of their cells are empty, the commonest shapes first."""
    weights = np.random.default_rng(0).integers(1, 2**62, size=empty.shape[1], dtype="int64")
    shape = np.zeros(len(empty), dtype="int64")
    for place, weight in enumerate(weights):
        shape += np.where(empty[:, place], weight, 0)
    counts = pd.Series(shape[~said]).value_counts()
    taken = [value for value, count in counts[1 : MOST_SHAPES + 1].items() if count > 1]
    last = shape[-1] if not said[-1] else None
    if (
        last is not None
        and last not in taken
        and counts.get(last, 0) < 3
        and len(counts) > 1
        and last != counts.index[0]
    ):
        taken.append(last)
    if len(counts) and counts.index[0] != 0 and counts.iloc[0] < 0.9 * counts.sum():
        taken.append(counts.index[0])  # where lines have gaps and headings are as many
    return [np.flatnonzero((shape == value) & ~said) for value in taken]


def _amounts(column: pd.Series) -> np.ndarray | None:
    """A column's numbers, where it is one of numbers: NaN for what is none."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype="float64", na_value=np.nan)
    if not isinstance(column.dtype, pd.StringDtype):
        return None
    sample = column[column != ""].head(400)
    if not len(sample) or not sample.str.contains(r"\d", regex=True).mean() > 0.8:
        return None
    gaps = [cells.numbers(sample, *form, sheet=True).values.isna().mean() for form in NUMBER_FORMS]
    best = int(np.argmin(gaps))
    if gaps[best] > 0.2:
        return None
    return cells.numbers(column, *NUMBER_FORMS[best], sheet=True).values.to_numpy(dtype="float64")


@cache
def _words() -> frozenset[str]:
    listed = yaml.safe_load((LOCALE / "total_rows.yml").read_text(encoding="utf-8"))["words"]
    return frozenset(fold(word) for word in listed.split(";"))


def _says_total(column: pd.Series) -> np.ndarray:
    """Which cells begin or end with a word for total, such as ``Итого за день`` or ``K188 Total``."""
    words = "|".join(sorted(map(re.escape, _words()), key=len, reverse=True))
    found = column.str.contains(
        rf"^\s*(?:{words})(?:$|[\s:.,])|[\s-](?:{words})[\s:.]*$", case=False, regex=True, na=False
    )
    return found.to_numpy(dtype=bool)
