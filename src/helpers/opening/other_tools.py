"""Files of other programs: SPSS (sav, zsav), Stata (dta), and JSON records (jsonl, ndjson, json)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from helpers.contracts import DataError, Issue
from helpers.opening.raw import RawTable, wanted
from helpers.opening.text_files import readable, unpacked
from helpers.sources import Reading
from helpers.text import header
from helpers.words import say

STATISTICS = (".sav", ".zsav", ".dta")
JSON = (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz")


def open_statistics(file: Path, shown: str, reading: Reading, needed: dict[str, str] | None) -> RawTable:
    """Read a file of SPSS or Stata: labels instead of codes, user-missing codes as missing, labels of variables asked.

    A code without a label stays the number that it is.
    """
    import pyreadstat  # half a second that other files need not wait for

    read = pyreadstat.read_dta if file.name.lower().endswith(".dta") else pyreadstat.read_sav
    try:
        _refuse_rows_without_room(file, shown, read(file, metadataonly=True, encoding=reading.encoding)[1])
        frame, meta = read(file, apply_value_formats=True, formats_as_category=False, encoding=reading.encoding)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError, LookupError, TypeError) as error:
        # a damaged list of columns gives names that are none, over which the library stumbles
        fault = say("opening.columns_damaged") if isinstance(error, TypeError) else str(error)
        told = {"path": shown, "program": _program(file), "fault": fault}
        raise DataError(say("opening.refused.statistics", **told)) from None
    for name, labels in meta.variable_value_labels.items():
        frame[name] = _with_codes(frame[name], labels)
    names = [header(name) for name in frame.columns]
    places = wanted(names, needed)
    columns = {name: frame.iloc[:, place].map(_text).astype("str") for name, place in places.items()}
    asked = {name: (header(text), "") for name, text in zip(names, meta.column_labels, strict=True) if text}
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))
    dated = {
        name: marks.to_numpy()
        for name, place in places.items()
        if (marks := frame.iloc[:, place].map(lambda cell: isinstance(cell, dt.date))).any()
    }
    return RawTable(shown, tuple(names), table, np.arange(1, len(frame) + 1), asked=asked, dated=dated)


def _refuse_rows_without_room(file: Path, shown: str, meta: Any) -> None:
    """Refuse more rows than the file has bytes for: the library makes room for all of them before it reads the first.

    A cell takes a byte at least; zlib, in zsav alone, makes 1,032 of one at best. Raises DataError.
    """
    with file.open("rb") as opened:
        packed = opened.read(4) == b"$FL3"
    room = file.stat().st_size * (1032 if packed else 1)
    if (meta.number_rows or 0) * max(meta.number_columns or 0, 1) > room:
        fault = say("opening.rows_without_room", rows=meta.number_rows, size=file.stat().st_size)
        raise DataError(say("opening.refused.statistics", path=shown, program=_program(file), fault=fault))


def _with_codes(cells: pd.Series, labels: dict[float, str]) -> pd.Series:
    """Labels of the ends of a scale with their numbers, ``10 - very likely``, where those between have none."""
    bare = [cell for cell in cells.dropna().unique() if isinstance(cell, float)]
    if len(bare) < 2:
        return cells
    beside = {
        label: f"{int(code)} - {label}"
        for code, label in labels.items()
        if isinstance(code, int | float) and min(bare) - 1 <= code <= max(bare) + 1 and code == int(code)
    }
    return cells.map(lambda cell: beside.get(cell, cell))


def _program(file: Path) -> str:
    return "Stata" if file.name.lower().endswith(".dta") else "SPSS"


def open_json(file: Path, shown: str, reading: Reading, needed: dict[str, str] | None) -> RawTable:
    """Read records of JSON, one a line or in a list; ``{"a": {"b": 1}}`` stands in the column ``a.b``.

    Row numbers are those of the lines, or of the records of a list. Raises DataError for anything but records.
    """
    try:
        with readable(shown), unpacked(file, "rt", encoding=reading.encoding or "utf-8-sig") as lines:
            records = list(_json_records(lines, shown))
        flat = [dict(_flat(record)) for _, record in records]
        headers = list(dict.fromkeys(chain.from_iterable(flat)))
        places = wanted(headers, needed)
        columns = {name: pa.array((record.get(name, "") for record in flat), pa.large_string()) for name in places}
        table = pa.table(columns)
    except UnicodeError:  # of the bytes, or of halves of a letter that were escaped
        told = {"path": shown, "encoding": reading.encoding or "UTF-8"}
        raise DataError(say("opening.refused.json_encoding", **told)) from None
    rows = np.array([row for row, _ in records], dtype="int64")
    frame = table.to_pandas() if columns else pd.DataFrame(index=pd.RangeIndex(len(rows)))
    gaps = sum(len(record) < len(headers) for record in flat)
    text = say("opening.missing_fields", n=gaps, fields=len(headers))
    issues = (Issue("missing_fields", "warning", None, 0, (), text),) if gaps else ()
    return RawTable(shown, tuple(headers), frame, rows, issues=issues)


def _json_records(lines: Any, shown: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The records with their numbers; numbers keep their digits."""
    exact = json.JSONDecoder(parse_float=str, parse_int=str)
    first = next((line for line in lines if line.strip()), "")
    try:
        if first.lstrip().startswith("["):
            found = [(number, record) for number, record in enumerate(exact.decode(first + lines.read()), start=1)]
        else:
            found = [
                (number, exact.decode(line)) for number, line in enumerate(chain([first], lines), 1) if line.strip()
            ]
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(say("opening.refused.json", path=shown, fault=str(error))) from None
    for number, record in found:
        if not isinstance(record, dict):
            raise DataError(say("opening.refused.json_record", path=shown, number=str(number), braces="{...}"))
        yield number, record


def _flat(record: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Fields with their texts; those of a record inside are named after it, and a list of texts is joined by ``;``."""
    for name, value in record.items():
        path = header(above + name)
        if isinstance(value, dict):
            yield from _flat(value, f"{path}.")
        elif isinstance(value, list):
            plain = not any(isinstance(item, dict | list) for item in value)
            yield path, ";".join(map(_text, value)) if plain else json.dumps(value, ensure_ascii=False)
        else:
            yield path, _text(value)


def _text(cell: object) -> str:
    """A cell as text: nothing for missing, whole numbers without a point, dates as ISO."""
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(float(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ").removesuffix(" 00:00:00")
    return str(cell)
