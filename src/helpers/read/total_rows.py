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
import pyarrow as pa

from helpers.contracts import DataError
from helpers.listed import listed
from helpers.opening.raw import Part, RawTable
from helpers.read import cells
from helpers.text import fold, folded
from helpers.words import say
from helpers.written.numbers import number_like

USUAL, SHARE, CENT = 0.98, 0.9, 0.006
"""What counts as filled everywhere; how many of a kind must add up; how far a sum may be off."""
MOST_SHAPES, LEAST_ROWS, MOST_LOOKED_AT = 12, 5, 400
NO_NUMBERS = 0.2
"""The share of its cells that a column of numbers may have that are none."""
NUMBER_FORMS = ((".", None), (",", None), (",", " "), (",", "."), (".", ","), (".", " "), (".", "'"))


def tidied(raw: RawTable) -> RawTable:
    """A table without second headers, totals and headings; the cells of a heading stand in the rows below it.

    What is left out is told of. Raises DataError for a second header with other columns.
    """
    raw = _without_headers(raw)
    text = [name for name in raw.frame if isinstance(raw.frame[name].dtype, pd.StringDtype)]
    if raw.asked and len(raw.rows) > 3 and text:
        return _without_summary(raw, text)
    if raw.asked or len(raw.rows) < 3 or len(raw.frame.columns) < 2 or not text:
        return raw
    return _without_totals(raw, text)


def _without_summary(raw: RawTable, text: list[str]) -> RawTable:
    """Set aside the last row of answers where its first filled cell says that it is a total or an average."""
    last = [cell for cell in folded(raw.frame[text].iloc[-1]).dropna() if cell]
    summary = np.zeros(len(raw.rows), bool)
    summary[-1] = bool(last) and last[0].strip(" :.") in _words() | _words("averages")
    return raw.without(summary, "total_row", say("reading.no_record.summary")) if summary[-1] else raw


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
            raise DataError(say("reading.refused.second_header", path=raw.path, row=str(raw.rows[place])))
    if not again.any():
        return raw
    parts = (*(raw.parts or (Part(raw.path, 0),)), *(Part(raw.path, int(place) + 1) for place in np.flatnonzero(again)))
    return replace(raw, parts=parts).without(again, "repeated_header", say("reading.no_record.header"))


# --- totals ------------------------------------------------------------------------------------------------------


@dataclass
class _Table:
    """What the search for totals looks at: which cells are empty, the numbers, and what was found so far.

    ``shapes`` tells rows with the same cells empty; ``amounts`` has a column for each of ``numeric`` of the table's
    columns; ``found`` marks totals and headings.
    """

    frame: pd.DataFrame
    empty: np.ndarray
    shapes: np.ndarray
    amounts: np.ndarray
    numeric: np.ndarray
    found: np.ndarray

    def adds_up(self, places: np.ndarray, others: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Which rows are the sum of the rows above or below them, and of how many; ``others`` are in no sum."""
        body = ~(self.found | others)
        body[places] = False
        count = np.concatenate([[0], np.cumsum(body)])
        sums = np.cumsum(np.where(body[:, None], np.nan_to_num(self.amounts), 0.0), axis=0)
        sums = np.concatenate([np.zeros((1, sums.shape[1])), sums])
        found = np.flatnonzero(self.found)
        known = np.concatenate([[-1], found])[np.searchsorted(found, places)]
        spans = {
            "above": (np.concatenate([[0], places[:-1] + 1]), places),
            "above all": (np.zeros_like(places), places),
            "above found": (known + 1, places),
            "below": (places + 1, self._ends(places, others)),
        }
        return {kind: self._right(places, sums, count, *span) for kind, span in spans.items()}

    def _ends(self, places: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Where the groups below headings end: at the next heading, and with the rows of one shape below it."""
        after = self.below(places, others)
        marks = np.flatnonzero(~np.isin(self.shapes, self.shapes[after]) & ~self.found | others)
        next_mark = np.concatenate([marks, [len(others)]])[np.searchsorted(marks, places, side="right")]
        return np.minimum(np.concatenate([places[1:], [len(others)]]), next_mark)

    def below(self, places: np.ndarray, others: np.ndarray) -> np.ndarray:
        """The first row below each of some rows that is none of them and nothing found before."""
        body = ~(self.found | others)
        body[places] = False
        rows = np.flatnonzero(body)
        return rows[np.clip(np.searchsorted(rows, places), 0, len(rows) - 1)] if len(rows) else places

    def _right(
        self, places: np.ndarray, sums: np.ndarray, count: np.ndarray, start: np.ndarray, end: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Which rows have two of their numbers (or the only one) equal to the sum of a span, and its rows."""
        given, filled = self.amounts[places], ~np.isnan(self.amounts[places])
        off = np.where((given % 1 == 0) & (np.abs(given) >= 20) & (len(places) > 2), 0.501, CENT)  # sums may be rounded
        right = (np.abs(given - (sums[end] - sums[start])) <= off + 1e-9 * np.abs(given)) & (given != 0)
        rows = count[end] - count[start]
        if len(places) < 3:
            enough = right.sum(axis=1) >= np.maximum(np.minimum(filled.sum(axis=1), 2), filled.sum(axis=1) - 1)
            return enough & (rows > 0) & filled.any(axis=1), rows
        for column in range(given.shape[1]):  # prices and numbers of orders are no sums, and small counts prove nothing
            different = len(np.unique(given[right[:, column], column]))
            if different < max(3, len(places) / 4) or right[:, column].sum() < 0.5 * filled[:, column].sum():
                right[:, column] = filled[:, column] = False
        return (right.sum(axis=1) >= np.clip(filled.sum(axis=1), 1, 2)) & (rows > 0), rows


def _without_totals(raw: RawTable, text: list[str]) -> RawTable:
    """Set aside total rows, by words and by arithmetic, and read the headings of a grouped report into its rows."""
    frame = raw.frame
    worded = {name: _says_total(frame[name]) for name in text}
    said = np.logical_or.reduce([*worded.values()])
    empty = np.column_stack([(frame[name].isna() | (frame[name].astype("str") == "")).to_numpy() for name in frame])
    shape = _shape_of(empty)
    odd = _odd_shapes(shape, said)
    if not said.any() and not odd and not _may_be_nested(frame):
        return raw
    amounts = {name: numbers for name in frame if (numbers := _amounts(frame[name])) is not None}
    if not amounts:
        return raw
    numeric = np.array([name in amounts for name in frame])
    _refuse_nested(raw, numeric, np.column_stack([*amounts.values()]))
    table = _Table(frame, empty, shape, np.column_stack([*amounts.values()]), numeric, np.zeros(len(frame), bool))
    levels = _by_shape(table, odd, said)
    doubtful = _by_words(table, worded, said)
    if levels:
        raw = replace(raw, frame=_filled_from_headings(table, levels))
    if doubtful.any():
        raw = raw.told("total_word", "warning", say("reading.no_record.total_word"), doubtful)
    headings = np.logical_or.reduce([np.zeros(len(frame), bool), *levels])
    totals = table.found & ~headings
    raw = raw.without(totals, "total_row", say("reading.no_record.total"))
    return raw.without(headings[~totals], "group_heading", say("reading.no_record.heading"))


def _may_be_nested(frame: pd.DataFrame) -> bool:
    """Whether all columns but one are of numbers, by the first rows."""
    return sum(_amounts(frame[name].head(100)) is None for name in frame) == 1


def _refuse_nested(raw: RawTable, numeric: np.ndarray, amounts: np.ndarray) -> None:
    """Raise DataError for a report whose groups stand in one column: customers, documents and goods in turn."""
    if (~numeric).sum() != 1 or len(amounts) < 20:
        return
    first, sums = np.nan_to_num(amounts[:MOST_LOOKED_AT]), []
    for place in range(len(first) - 2):
        below = np.cumsum(first[place + 1 : place + 50], axis=0)[1:]
        if (first[place] > 0).all() and (np.abs(below - first[place]) <= CENT).all(axis=1).any():
            sums.append(tuple(first[place]))
    if len(set(sums)) >= max(5, 0.1 * len(first), 0.5 * len(sums)):  # small counts are soon the sum of others
        name = raw.frame.columns[int(np.flatnonzero(~numeric)[0])]
        told = {"path": raw.path, "column": name, "n": len(sums), "all": len(first)}
        raise DataError(say("reading.refused.nested", **told))


def _by_shape(table: _Table, odd: list[np.ndarray], said: np.ndarray) -> list[np.ndarray]:
    """Find totals and headings without a word: rows of one odd shape that are sums; returns the headings by level.

    A total lacks half of what other rows have; a heading has what the rows below it lack, and lacks what they have.
    """
    levels = []
    for places in odd:
        rest = ~(said | table.found)
        rest[places] = False
        if not rest.any():
            continue
        lacking, others = table.empty[places].all(axis=0), table.empty[rest].mean(axis=0)
        names = ~table.numeric
        half = (lacking & names & (others < 0.5)).sum() >= max(1, 0.5 * (names & (others < 0.5)).sum())
        under = table.empty[table.below(places, said)]
        only_here = ~table.empty[places].any(axis=0) & (others > USUAL)
        heads = len(places) > 1 and only_here.any() and (lacking & (under.mean(axis=0) < 1 - USUAL)).any()
        if heads and places[0] == 0 and np.isnan(table.amounts[places]).all():  # no sums: names of groups alone
            table.found[places] = True
            levels.append(np.isin(np.arange(len(said)), places))
            continue
        for kind, (right, rows) in table.adds_up(places, said).items():
            if right.mean() < SHARE or not (heads if kind == "below" else half):
                continue
            least = 5 if len(places) < 3 and places[-1] < len(said) - 1 else 2
            if rows[right].max() >= least:
                taken = places if kind == "below" else places[right]
                table.found[taken] = True
                levels += [np.isin(np.arange(len(said)), taken)] if kind == "below" else []
                break
    return levels


def _by_words(table: _Table, worded: dict[str, np.ndarray], said: np.ndarray) -> np.ndarray:
    """Find totals among rows with a word for it; returns the rows that say nothing else and yet do not add up."""
    rest = ~(said | table.found)
    usual = (
        table.empty[rest].mean(axis=0) < 1 - USUAL if rest.sum() >= LEAST_ROWS else np.zeros(len(table.numeric), bool)
    )
    has_number = (~np.isnan(table.amounts)).any(axis=1)
    doubtful, groups = np.zeros(len(said), bool), []
    for name, rows in worded.items():
        if not rows.any():
            continue
        others = usual & (np.array(table.frame.columns) != name)
        if (others & ~table.numeric).any():
            others &= ~table.numeric
        blank = (table.empty & others).sum(axis=1) >= max(1, 2 / 3 * others.sum())
        table.found |= rows & blank & has_number
        alone = np.zeros(len(said), bool)
        alone[rows] = [fold(cell).strip(" :.") in _words() for cell in table.frame[name][rows]]
        groups += [(rows & alone, True), (rows & ~alone, False)]
    for rows, alone in groups:
        places = np.flatnonzero(rows & ~table.found)
        if not len(places):
            continue
        right, of = max(table.adds_up(places, np.zeros(len(said), bool)).values(), key=lambda sums: sums[0].mean())
        if right.mean() >= SHARE and of[right].max() >= (2 if len(places) > 2 else LEAST_ROWS):
            table.found[places] = True
        elif alone:
            doubtful[places] = True
    return doubtful


def _filled_from_headings(table: _Table, levels: list[np.ndarray]) -> pd.DataFrame:
    """Read what headings say, where the rows below say nothing, into those rows."""
    frame, lines = table.frame.copy(), ~table.found
    for headings in levels:
        last = np.maximum.accumulate(np.where(headings, np.arange(len(frame)), -1))
        for place, name in enumerate(frame):
            if not table.empty[headings, place].all() and table.empty[lines, place].mean() > USUAL:
                above = frame[name].iloc[np.maximum(last, 0)].set_axis(frame.index)
                frame[name] = frame[name].where(~(lines & (last >= 0) & table.empty[:, place]), above)
    return frame


def _shape_of(empty: np.ndarray) -> np.ndarray:
    """A number for each row that tells which of its cells are empty."""
    shape = np.zeros(len(empty), dtype="int64")
    for place, weight in enumerate(np.random.default_rng(0).integers(1, 2**62, size=empty.shape[1], dtype="int64")):
        shape += np.where(empty[:, place], weight, 0)
    return shape


def _odd_shapes(shape: np.ndarray, said: np.ndarray) -> list[np.ndarray]:
    """Rows that differ from the usual ones by which of their cells are empty, the commonest shapes first."""
    counts = pd.Series(shape[~said]).value_counts()
    if len(counts) < 2:
        return []
    taken = [value for value, count in counts[1 : MOST_SHAPES + 1].items() if count > 1]
    last = shape[~said][-1]
    if last != counts.index[0] and last not in taken:
        taken.append(last)
    if counts.iloc[0] < SHARE * counts.sum():
        taken.append(counts.index[0])  # headings may be as many as lines
    return [np.flatnonzero((shape == value) & ~said) for value in taken]


def _amounts(column: pd.Series) -> np.ndarray | None:
    """A column's numbers, where it is one of numbers: NaN for what is none."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype="float64", na_value=np.nan)
    if not isinstance(column.dtype, pd.StringDtype):
        return None
    sample = column[column != ""].head(400)
    if not len(sample) or sample.str.contains(r"\d", regex=True).mean() <= 0.8:
        return None
    least, best = np.inf, NUMBER_FORMS[0]
    for form in NUMBER_FORMS:
        unread = cells.numbers(sample, *form, sheet=True).values.isna()
        if unread.mean() < least:
            least, best = unread.mean(), form
        if not least:  # no later one can be better
            break
        if form == NUMBER_FORMS[0] and (~number_like(sample[unread])).sum() > NO_NUMBERS * len(sample):
            return None  # nor can any be good enough
    return cells.numbers(column, *best, sheet=True).values.to_numpy(dtype="float64") if least <= NO_NUMBERS else None


@cache
def _words(key: str = "words") -> frozenset[str]:
    return frozenset(fold(word) for word in listed("total_rows.yml")[key].split(";"))


def _says_total(column: pd.Series) -> np.ndarray:
    """Which cells begin or end with a word for total, such as ``Итого за день`` or ``K188 Total``.

    Only cells with the first or the last three bytes of such a word are looked at: a tenth of the time.
    """
    says = np.zeros(len(column), bool)
    places = np.flatnonzero(_may_say_total(column))
    if len(places):
        says[places] = column.iloc[places].str.contains(_total(), regex=True, na=False)
    return says


@cache
def _total() -> re.Pattern[str]:
    """A cell that begins or ends with a word for total."""
    words = "|".join(sorted(map(re.escape, _words()), key=len, reverse=True))
    return re.compile(rf"^(?:{words})(?:$|[\s:.,])|[\s-](?:{words})[\s:.]*$", re.IGNORECASE)


def _may_say_total(column: pd.Series) -> np.ndarray:
    """Which cells begin or end with three bytes with which a word for total does."""
    begin, end = _ends_of_words()
    parts = [np.zeros(0, bool)]
    for chunk in pa.chunked_array(pa.array(column)).chunks:
        chunk = chunk.cast(pa.large_string())
        offsets = np.frombuffer(chunk.buffers()[1], "int64")[chunk.offset : chunk.offset + len(chunk) + 1]
        letters = np.frombuffer(chunk.buffers()[2] or b"", "uint8")
        long = np.flatnonzero(np.diff(offsets) >= 3)
        may = np.zeros(len(chunk), bool)
        may[long] = begin[_three(letters, offsets[long])] | end[_three(letters, offsets[long + 1] - 3)]
        parts.append(may)
    return np.concatenate(parts)


def _three(letters: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Three bytes in a row as one number."""
    one, two, three = (letters[start + place].astype("int32") for place in range(3))
    return (one << 16) + (two << 8) + three


@cache
def _ends_of_words() -> tuple[np.ndarray, np.ndarray]:
    """By the number of three bytes: whether a word for total begins with them, and whether one ends with them."""
    begin, end = np.zeros(1 << 24, bool), np.zeros(1 << 24, bool)
    for word in _words():
        for form in (word, word.upper(), word.capitalize(), word.title()):
            for more in ("", ":", "."):
                written = (form + more).encode()
                begin[int.from_bytes(written[:3], "big")] = True
                end[int.from_bytes(written[-3:], "big")] = True
    return begin, end
