"""One table from several files and sheets: stacked, overlaps counted once, cells filled down, columns looked up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.contracts import DataError, Issue
from helpers.opening.raw import Part, RawTable
from helpers.sources import Lookup
from helpers.text import header, nearest_said
from helpers.words import say
from helpers.written import dates

MOST_CHANGED = 2
"""Order numbers that may stand for different rows in two files: an order is cut in two where a file ends."""


def same_layout(headers: Sequence[Collection[str]]) -> bool:
    """Whether files or sheets have the columns of one table: nearly all headers are shared by all of them."""
    sets = [{name for name in names if name} for names in headers]
    shared, largest = set.intersection(*sets), max(map(len, sets))
    return len(shared) >= 2 and len(shared) >= 0.8 * largest


def stack(raws: Sequence[RawTable], shown: str, must: Collection[str] = ()) -> RawTable:
    """Files or sheets of one layout, one below the other; a column that one of them lacks is empty there, and told.

    must : headers that each of them needs. Raises DataError where they are not one table.
    """
    if len(raws) == 1:
        return raws[0]
    first = raws[0]
    for other in raws[1:]:
        only = [
            [name for name in a.headers if name and name not in b.headers] for a, b in ((first, other), (other, first))
        ]
        if sum(map(len, only)) and not same_layout([first.headers, other.headers]):
            here, there = (names[:5] or [say("reading.refused.no_other_column")] for names in only)
            told = {"path": shown, "first": first.path, "second": other.path, "here": here, "there": there}
            raise DataError(say("reading.refused.not_one_table", **told))
    names = list(dict.fromkeys(name for raw in raws for name in raw.frame))
    issues: list[Issue] = []
    for raw in raws:
        if lacking := [name for name in names if name not in raw.frame]:
            if needed := sorted(set(lacking) & set(must)):
                raise DataError(say("reading.refused.part_lacks", path=raw.path, column=needed[0]))
            columns = [say("format.named", text=name) for name in lacking]
            text = say("reading.part.missing", path=raw.path, columns=columns)
            issues.append(Issue("missing_in_part", "warning", None, len(raw.rows), (), text))
        issues += [_named(issue, raw.path) for issue in raw.issues]
    starts = np.concatenate([[0], np.cumsum([len(raw.rows) for raw in raws])]).astype(int)
    return RawTable(
        shown,
        tuple(dict.fromkeys(name for raw in raws for name in raw.headers)),
        pd.DataFrame({name: _below_one_another(raws, name) for name in names}, index=pd.RangeIndex(starts[-1])),
        np.concatenate([raw.rows for raw in raws]),
        sum(raw.lost for raw in raws),
        tuple(issues),
        first.sep,
        {name: text for raw in raws for name, text in raw.asked.items()},
        {
            name: np.concatenate([raw.dated.get(name, np.zeros(len(raw.rows), bool)) for raw in raws])
            for name in dict.fromkeys(name for raw in raws for name in raw.dated)
        },
        tuple(
            Part(part.name, int(start) + part.start)
            for raw, start in zip(raws, starts, strict=False)
            for part in raw.parts or (Part(raw.path, 0),)
        ),
    )


def _named(issue: Issue, path: str) -> Issue:
    """A finding with the file or sheet that it is about, where its text does not begin with that."""
    if str(issue.text.values.get("path", "")).startswith(path):
        return issue
    return replace(issue, text=say("reading.at.file", path=path, text=issue.text))


def _below_one_another(raws: Sequence[RawTable], name: str) -> pd.Series:
    """A column of all files; text where they do not agree on a type."""
    columns = [
        raw.frame[name] if name in raw.frame else pd.Series("", index=raw.frame.index, dtype="str") for raw in raws
    ]
    if len({str(column.dtype) for column in columns}) > 1:
        columns = [column.astype("str").fillna("") for column in columns]
    return pd.concat(columns, ignore_index=True)


def once(raw: RawTable, key: str) -> RawTable:
    """Count rows once that stand, with the same ``key`` and cells, in several files, sheets or behind a second header.

    Raises DataError where the same numbers stand for different orders.
    """
    if len(raw.parts) < 2 or key not in raw.frame:
        return raw
    part = np.searchsorted([one.start for one in raw.parts], np.arange(len(raw.rows)), side="right") - 1
    codes, _ = pd.factorize(raw.frame[key].mask(raw.frame[key].astype("str").str.strip() == ""))
    known = pd.DataFrame({"code": codes, "part": part})[codes >= 0].groupby("code")["part"].agg(["min", "max"])
    several = known.index[known["min"] != known["max"]]
    rows = np.flatnonzero(np.isin(codes, several))
    if not len(rows):
        return raw
    cells = raw.frame.iloc[rows].astype("str").fillna("").assign(_part=part[rows])
    columns = list(raw.frame)
    cells["_time"] = cells.groupby([*columns, "_part"]).cumcount()
    again = cells.duplicated([*columns, "_time"]).to_numpy()
    dropped = np.zeros(len(raw.rows), bool)
    dropped[rows[again]] = True
    changed = np.setdiff1d(several, codes[dropped])
    if len(changed) > MOST_CHANGED * (len(raw.parts) - 1):
        first = np.isin(codes, changed) & (part == part[rows].max())
        text = say("reading.refused.other_cells", path=raw.path, column=key, n=len(changed))
        raise DataError(say("reading.refused.changed", found=raw.first(first, text)[1]))
    return raw.without(dropped, "overlap", say("reading.part.overlap", key=key))


def filled_down(raw: RawTable, headers: Sequence[str], key: str) -> RawTable:
    """Give blank cells the value above them within the same order; the order's own number ``key`` first, if listed."""
    if not headers:
        return raw
    if missing := [name for name in headers if name not in raw.headers]:
        told = {"path": raw.path, "column": missing[0], "nearest": nearest_said(missing[0], raw.headers)}
        raise DataError(say("reading.refused.fill_down", **told))
    frame, filled = raw.frame.copy(), np.zeros(len(raw.rows), bool)
    whole = np.zeros(len(raw.rows), dtype="int64")
    for name in [name for name in headers if name == key] + [name for name in headers if name != key]:
        if name not in frame:
            continue
        if name != key and key in frame:
            whole = pd.factorize(frame[key], use_na_sentinel=False)[0]
        empty = (frame[name].isna() | (frame[name].astype("str").str.strip() == "")).to_numpy()
        frame[name], changed = _from_above(frame[name], empty, whole)
        filled |= changed
    text = say("reading.part.filled_down", columns=headers)
    return replace(raw, frame=frame).told("filled_down", "warning", text, filled)


def _from_above(column: pd.Series, empty: np.ndarray, groups: np.ndarray) -> tuple[pd.Series, np.ndarray]:
    """A column whose empty cells hold the last filled one above of their group, and which cells these are."""
    order = np.argsort(groups, kind="stable")
    last = np.maximum.accumulate(np.where(~empty[order], np.arange(len(order)), -1))
    begins = np.concatenate([[True], np.diff(groups[order]) != 0])
    start = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    source = np.arange(len(order))
    source[order] = order[np.where(last >= start, last, np.arange(len(order)))]
    return column.iloc[source].set_axis(column.index), source != np.arange(len(order))


def looked_up(
    raw: RawTable,
    lookups: Sequence[Lookup],
    needed: dict[str, str] | None,
    opens: Callable[[Lookup, dict | None], RawTable],
) -> RawTable:
    """Add the columns of other files by their keys; what the table has itself stays as it is.

    opens : opens the file of a lookup, with the headers to read. Raises DataError where a key has several rows.
    """
    for lookup in lookups:
        on = header(lookup.on)
        more = None if needed is None else {name: kind for name, kind in needed.items() if name not in raw.headers}
        other = opens(lookup, None if more is None else more | {on: "id"})
        for table in (raw, other):
            if on not in table.frame:
                told = {"path": table.path, "column": on, "lookup": other.path}
                raise DataError(say("reading.refused.lookup_key", **told, nearest=nearest_said(on, table.headers)))
        raw = _joined(raw, other, on)
    return raw


def _joined(raw: RawTable, other: RawTable, on: str) -> RawTable:
    """A table with another's columns, by the cells of ``on``."""
    keys = other.frame[on].astype("str").str.strip()
    there = other.frame.assign(**{on: keys})[keys.fillna("") != ""].drop_duplicates()
    twice = there[on].duplicated(keep=False)
    if twice.any():
        rows = list(map(str, other.rows[twice.index[twice][:5]]))
        told = {"path": other.path, "column": on, "n": there.loc[twice, on].nunique(), "rows": rows}
        raise DataError(say("reading.refused.lookup_twice", **told))
    places = pd.Index(there[on]).get_indexer(raw.frame[on].astype("str").str.strip())
    if (places < 0).all():
        raise DataError(say("reading.refused.lookup_none", path=raw.path, column=on, lookup=other.path))
    frame, added = raw.frame.copy(), [name for name in there if name not in raw.headers]
    for name in added:
        taken = there[name].reset_index(drop=True).reindex(places)
        taken = taken.fillna("") if isinstance(taken.dtype, pd.StringDtype) else taken
        frame[name] = taken.set_axis(frame.index)
    issues = tuple(_named(issue, other.path) for issue in other.issues)
    headers = (*raw.headers, *(name for name in other.headers if name not in raw.headers))
    joined = replace(raw, frame=frame, headers=headers, issues=(*raw.issues, *issues))
    if not (places < 0).any():
        return joined
    text = say("reading.part.not_looked_up", lookup=other.path, key=on)
    return joined.told("not_looked_up", "warning", text, places < 0)


def joined_time(frame: pd.DataFrame, date: str, time: str) -> pd.DataFrame:
    """A day and its time of day, which stand in two columns, as one cell."""
    return frame.assign(**{date: dates.joined(frame[date].astype("str"), frame[time].astype("str"))})
