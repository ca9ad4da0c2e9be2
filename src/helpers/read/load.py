"""Opens the user's files, and nothing else does: bytes to text columns, exactly, then to checked canonical tables."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import itertools
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, TextIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset

from helpers.columns import TABLES
from helpers.contracts import DataError, FileAccount, Issue
from helpers.read import quality
from helpers.read.cells import header
from helpers.read.exports import MOST_ROWS, read_header
from helpers.read.ledger import NO_MERGED_IDS, Checked, RawTable, not_opened
from helpers.read.shaping import fill_down, join_time
from helpers.sources import Reading, TableSource
from helpers.study import Study

SEPARATORS = ",;\t|"
CYRILLIC = {"cp1251": "оеаинтсрвлк", "koi8-r": "оеаинтсрвлк", "cp866": "оеаинтсрвлк", "cp1256": "اينرمتوهد"}
"""Single-byte encodings of scripts that are all high bytes, each with its script's most frequent letters."""
_BATCH = 100_000
_SAMPLE_LINES = 500


@dataclass(frozen=True)
class LoadedTables:
    """The canonical tables of a study and the account of every file.

    ``frames`` maps a table name to its rows that may be used. Kinds of columns.TABLES become dtypes: id and text
    ``str`` (missing: NaN), time ``datetime64[us]`` without zone, number ``float64``, flag ``boolean``. Columns are only
    those of the contract that the file has, and those that the study names (survey questions and attributes, under the
    user's own header, as ``str``). Beside them: sales always has ``amount`` and ``is_return``, and a returned line has
    a negative amount and quantity; the survey always has ``respondent_id`` (``row 000012`` where the file has none),
    and ``customer_id`` where it joins customers, spelt as in the other tables.

    ``merged_ids``: ids that differ in case only, read as one: table, column, given, read_as, rows. Not for publication.
    ``nobody``: lines of sales without a customer, or with a key that is no person; they are in no frame, and count in
    the totals.
    """

    frames: dict[str, pd.DataFrame]
    accounts: tuple[FileAccount, ...]
    merged_ids: pd.DataFrame = field(default_factory=NO_MERGED_IDS.copy)
    nobody: pd.DataFrame = field(default_factory=pd.DataFrame)


def load_tables(study: Study) -> LoadedTables:
    """Read and check every table that the study declares.

    Raises
    ------
    DataError
        Once, for all faults of all files, with their accounts: file, column, rows, what is allowed, the mend.
    """
    checked: dict[str, Checked] = {}
    refused: list[DataError] = []
    for table, source in study.tables.given().items():
        try:
            raw = open_table(study.folder / source.path, source.path, source.read, _needed(study, table, source))
            raw = replace(raw, frame=_shaped(raw.frame, source))
            checked[table] = quality.check_table(table, raw, source, study)
        except DataError as error:
            refused.append(DataError(str(error), error.accounts or [not_opened(table, source.shown, str(error))]))
    if faults := [str(error) for error in refused] or quality.check_together(checked, study):
        accounts = [account for error in refused for account in error.accounts]
        raise DataError("\n".join(faults), [*accounts, *(check.account() for check in checked.values())])
    return LoadedTables(
        frames={table: check.used() for table, check in checked.items()},
        accounts=tuple(check.account() for check in checked.values()),
        merged_ids=pd.concat([check.merged for check in checked.values()], ignore_index=True),
        nobody=checked["sales"].nobody() if "sales" in checked else pd.DataFrame(),
    )


def _shaped(frame: pd.DataFrame, source: TableSource) -> pd.DataFrame:
    """The table with the cells of an order's first line on all its lines, and day and time in one cell."""
    frame = fill_down(frame, list(map(header, source.read.fill_down)))
    date, time = header(source.columns.get("ordered_at", "ordered_at")), source.read.time_column
    return join_time(frame, date, header(time)) if time and {date, header(time)} <= set(frame) else frame


def _needed(study: Study, table: str, source: TableSource) -> dict[str, str]:
    """Headers to read and the kind of each: the contract's, and text for what the study names."""
    kinds = dict.fromkeys(study.named_columns(table), "text")
    kinds |= {name: column.kind for name, column in TABLES[table].items()}
    read = {header(source.columns.get(name, name)): kind for name, kind in kinds.items()}
    told = [*source.where, *getattr(source, "not_goods", {}), *source.read.fill_down, source.read.time_column or ""]
    return dict.fromkeys(map(header, told), "text") | read


# --- one door for all kinds of file ------------------------------------------------------------------------------


def open_table(file: Path, shown: str, reading: Reading, needed: dict[str, str] | None = None) -> RawTable:
    """Open a csv, tsv (.gz), xlsx or Parquet file as text columns, before anything is believed.

    Parameters
    ----------
    shown : the path as messages name it.
    needed : headers to read, and their kinds; None reads all columns as text.

    Raises DataError for a file that cannot be read as a table.
    """
    name = file.name.lower()
    if is_text_file(file):
        raw = _open_text(file, shown, reading, needed)
    elif name.endswith((".xlsx", ".xlsm")):
        raw = _open_sheet(file, shown, reading, needed)
    elif file.is_dir() or name.endswith((".parquet", ".pq")):
        raw = _open_parquet(file, shown, needed)
    else:
        raise DataError(f"{shown}: unknown kind of file; give csv, tsv (also .gz), xlsx or parquet")
    if not raw.headers or raw.rows_in == 0:
        what = "only a header" if raw.headers else "no header"
        raise DataError(f"{shown}: the file is empty ({what}, no rows); export it again")
    return raw


def is_text_file(file: Path) -> bool:
    """Whether a file is separated text, packed or not."""
    return file.name.lower().removesuffix(".gz").endswith((".csv", ".tsv", ".txt"))


def _wanted(headers: list[str], needed: dict[str, str] | None) -> dict[str, int]:
    """Where each column to be read stands; of columns with the same header the first."""
    return {name: headers.index(name) for name in dict.fromkeys(headers) if name and (needed is None or name in needed)}


# --- text files --------------------------------------------------------------------------------------------------


def _open_text(file: Path, shown: str, reading: Reading, needed: dict[str, str] | None) -> RawTable:
    """Read a separated text file record by record; without a stated encoding it must be UTF-8."""
    encoding = reading.encoding or "utf-8"
    try:
        if reading.encoding is None and _is_utf16(file):
            mend = "state read.encoding: utf-16 in study.yml, or save it as UTF-8"
            raise DataError(f"{shown}: looks like UTF-16; {mend}")
        sep = reading.sep or sniff_separator(file, encoding, reading.skip_rows)
        with _unpacked(file, "rt", encoding=encoding, newline="") as lines:
            return _records(lines, sep, shown, reading.skip_rows, needed)
    except UnicodeError:
        likely = likely_encoding(file)
        raise DataError(
            f"{shown}: not {encoding}; it looks like {likely}. "
            f"State read.encoding: {likely} in study.yml, or save the file as UTF-8"
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{shown}: the gzip file is cut short or damaged ({error}); copy it again") from None


def _unpacked(file: Path, mode: str, **text: str) -> IO[Any]:
    """A file open for reading, unpacked where it is packed."""
    return (gzip.open if file.name.lower().endswith(".gz") else open)(file, mode, **text)


def _head(file: Path) -> bytes:
    with _unpacked(file, "rb") as stream:
        return stream.read(1 << 16)


def _is_utf16(file: Path) -> bool:
    start = _head(file)
    return start[:2] in (b"\xff\xfe", b"\xfe\xff") or start.count(b"\0") > len(start) / 5


def likely_encoding(file: Path) -> str:
    """The encoding that makes a text file read like a language: UTF-8, UTF-16 or a single-byte one."""
    if _is_utf16(file):
        return "utf-16"
    try:
        with _unpacked(file, "rt", encoding="utf-8") as lines:
            for _ in lines:
                pass
        return "utf-8"
    except UnicodeError:
        start = _head(file)
    high = bytes(byte for byte in start if byte > 127)
    letters = sum(byte > 127 or chr(byte).isalpha() for byte in start)
    if len(high) < 0.1 * letters:  # Western words have few letters with accents
        return "cp1252"
    scores = {name: sum(map(high.decode(name, "replace").count, common)) for name, common in CYRILLIC.items()}
    return max(scores, key=scores.__getitem__)


def sniff_separator(file: Path, encoding: str, skip_rows: int = 0) -> str:
    """The separator by which most of the first records have as many cells as the header, and the header most."""
    with _unpacked(file, "rt", encoding=encoding, newline="") as lines:
        sample = list(itertools.islice(lines, skip_rows, skip_rows + _SAMPLE_LINES))

    def fit(sep: str) -> tuple[bool, int]:
        widths = [len(row) for row in csv.reader(sample, delimiter=sep) if row] or [1]
        return (widths.count(widths[0]) > 0.8 * len(widths), widths[0]) if widths[0] > 1 else (False, 0)

    return max(SEPARATORS, key=fit)


@dataclass
class _Progress:
    """The last record that was read, and the records that cannot become rows."""

    row: int
    ragged: list[tuple[int, list[str]]] = field(default_factory=list)
    with_nul: list[int] = field(default_factory=list)


def _records(file: TextIO, sep: str, shown: str, skip_rows: int, needed: dict[str, str] | None) -> RawTable:
    """Read records in batches; the row number of a record is its place in a spreadsheet, the header being 1."""
    top = next(file, "")
    lines = itertools.chain([top.lstrip("\ufeff")], file)
    reader = csv.reader(itertools.islice(lines, skip_rows, None), delimiter=sep, strict=True)
    progress = _Progress(skip_rows)
    try:
        first = list(itertools.islice(_counted(reader, progress), MOST_ROWS))
        top_rows = read_header(first)
        headers, progress.row = list(top_rows.names), skip_rows + top_rows.rows
        reader = itertools.chain(first[top_rows.rows :], reader)
        wanted = _wanted(headers, needed)
        schema = pa.schema([(name, pa.large_string()) for name in wanted])
        parts, rows = [schema.empty_table()], [np.array([], dtype="int64")]
        whole = _whole(reader, len(headers), progress)
        while batch := list(itertools.islice(whole, _BATCH)):
            numbers, records = zip(*batch, strict=True)
            cells = list(zip(*records, strict=True))
            parts.append(pa.table([pa.array(cells[place], pa.large_string()) for place in wanted.values()], schema))
            rows.append(np.array(numbers))
    except csv.Error as error:
        raise DataError(
            f"{shown}: a stray quotation mark in the record that begins in row {progress.row + 1}: {error}. "
            'Inside a cell that stands in quotes a quotation mark is written twice ("")'
        ) from None
    numbers = np.concatenate(rows)
    _refuse_ragged(progress.ragged, len(numbers), len(headers), sep, shown)
    issues = [Issue("byte_order_mark", "repaired", None, 0, (), "byte order mark dropped")] * top.startswith("\ufeff")
    wrong_width = f"more or fewer cells than the header's {len(headers)}; mend the rows"
    issues += top_rows.told()
    issues += _set_aside("ragged_row", [number for number, _ in progress.ragged], wrong_width)
    issues += _set_aside("nul_bytes", progress.with_nul, "holds NUL bytes; export the file again")
    frame = pa.concat_tables(parts).to_pandas().set_axis(pd.RangeIndex(len(numbers)))
    lost = len(progress.ragged) + len(progress.with_nul)
    return RawTable(shown, tuple(headers), frame, numbers, lost, tuple(issues), sep, top_rows.asked)


def _counted(reader: Iterable[list[str]], progress: _Progress) -> Iterator[list[str]]:
    """Records as they come, with count kept of where they begin."""
    for record in reader:
        progress.row += 1
        yield record


def _whole(reader: Iterable[list[str]], width: int, progress: _Progress) -> Iterator[tuple[int, list[str]]]:
    """Records that have the header's width, with their row numbers; blank lines are no records."""
    for row, record in enumerate(reader, start=progress.row + 1):
        progress.row = row
        if "\0" in "".join(record):
            progress.with_nul.append(row)
        elif len(record) == width:
            yield row, record
        elif record:
            progress.ragged.append((row, record))


def _set_aside(code: str, rows: list[int], text: str) -> list[Issue]:
    """The finding about records that were lost, where there are any."""
    return [Issue(code, "quarantined", None, len(rows), tuple(rows[:5]), text)] if rows else []


def _refuse_ragged(ragged: list[tuple[int, list[str]]], whole: int, width: int, sep: str, shown: str) -> None:
    """Raise DataError where rows of the wrong width mean that the file is not what it seems."""
    first, total = ", ".join(str(number) for number, _ in ragged[:5]), whole + len(ragged)
    swallowed = [number for number, record in ragged if any("\n" in cell for cell in record)]
    if swallowed:
        raise DataError(
            f"{shown}: stray quotation mark: rows with the wrong number of cells ({len(swallowed)}) run over several "
            f'lines (first: {swallowed[0]}); inside quotes a quotation mark is written twice ("")'
        )
    split = sum(
        len(record) > width
        and any(a.lstrip("-").isdigit() and b.isdigit() and len(b) <= 2 for a, b in itertools.pairwise(record))
        for _, record in ragged
    )
    if sep == "," and split > len(ragged) / 2 and (split >= 3 or split > 0.05 * total):
        raise DataError(
            f"{shown}: decimal comma in a comma-separated file: {len(ragged)} of {total} rows have more cells than the "
            f"header's {width} (first rows: {first}); export with ; between cells, or with a decimal point"
        )
    if len(ragged) > total / 2:
        raise DataError(
            f"{shown}: {len(ragged)} of {total} rows have not the header's {width} cells (first rows: {first}); "
            f"read with the separator {sep!r}: state read.sep, or read.skip_rows where lines stand above the header"
        )


# --- workbooks ---------------------------------------------------------------------------------------------------


def _open_sheet(file: Path, shown: str, reading: Reading, needed: dict[str, str] | None) -> RawTable:
    """Read one sheet of a workbook; true dates and numbers become text that reads back exactly."""
    sheets = _sheets(file, shown)
    filled = {title: rows for title, rows in sheets.items() if rows}
    title = reading.sheet or next(iter(filled), "")
    if (reading.sheet is None and len(filled) > 1) or (reading.sheet is not None and reading.sheet not in sheets):
        named = f"no sheet {reading.sheet!r}" if reading.sheet else f"{len(filled)} sheets with cells"
        raise DataError(f"{shown}: {named}; state read.sheet, one of: {', '.join(map(repr, sheets))}")
    rows = [(number, cells) for number, cells in filled.get(title, []) if number > reading.skip_rows]
    if not rows:
        raise DataError(f"{shown}: the sheet {title!r} is empty; export it again")
    top_rows = read_header([cells for _, cells in rows[:MOST_ROWS]])
    headers, rows = list(top_rows.names), rows[top_rows.rows - 1 :]
    while headers and not headers[-1]:
        headers.pop()
    width = len(headers)
    wide = [number for number, cells in rows[1:] if any(cells[width:])]
    numbers = np.array([number for number, cells in rows[1:] if not any(cells[width:])], dtype="int64")
    body = [(cells + [""] * width)[:width] for _, cells in rows[1:] if not any(cells[width:])]
    wanted = _wanted(headers, needed)
    frame = pd.DataFrame(body, columns=range(width), dtype="str")[list(wanted.values())].set_axis(list(wanted), axis=1)
    issues = [*top_rows.told(), *_set_aside("ragged_row", wide, "cells to the right of the last header")]
    return RawTable(shown, tuple(headers), frame, numbers, len(wide), tuple(issues), asked=top_rows.asked)


def _sheets(file: Path, shown: str) -> dict[str, list[tuple[int, list[str]]]]:
    """The rows of every sheet that hold something, each with its number. Raises DataError where it is no workbook."""
    import openpyxl  # half a second that other files need not wait for
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError, ValueError, EOFError) as error:
        raise DataError(f"{shown}: not a readable workbook ({error}); save it as xlsx again") from None
    try:
        sheets = {}
        for sheet in workbook.worksheets:
            sheet.reset_dimensions()  # what the file says of its own size is often wrong
            rows = enumerate(sheet.iter_rows(values_only=True), start=1)
            texts = ((number, [_cell_text(cell) for cell in cells]) for number, cells in rows)
            sheets[sheet.title] = [(number, cells) for number, cells in texts if any(cells)]
        return sheets
    finally:
        workbook.close()


def sheet_names(file: Path) -> dict[str, int]:
    """The sheets of a workbook that hold something, with the number of their rows; empty for other files."""
    if not file.name.lower().endswith((".xlsx", ".xlsm")):
        return {}
    return {title: len(rows) for title, rows in _sheets(file, file.name).items() if rows}


def _cell_text(cell: object) -> str:
    """A workbook's cell as text: whole numbers without a point, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        moment = (cell + dt.timedelta(milliseconds=500)).replace(microsecond=0)  # a day's fraction is never exact
        return moment.isoformat(" ").removesuffix(" 00:00:00")
    return str(cell)


# --- Parquet -----------------------------------------------------------------------------------------------------


def _open_parquet(file: Path, shown: str, needed: dict[str, str] | None) -> RawTable:
    """Read a Parquet file or folder; numbers, times and flags keep their type, all else becomes text."""
    try:
        parts = pa.dataset.dataset(file, format="parquet", partitioning="hive")
        headers = [header(name) for name in parts.schema.names]
        wanted = _wanted(headers, needed)
        if len(set(parts.schema.names)) < len(headers):
            twice = Counter(parts.schema.names).most_common(1)[0][0]
            raise DataError(f"{shown}: {twice!r} comes twice; rename one")
        table = parts.to_table(columns=[parts.schema.names[place] for place in wanted.values()])
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OSError) as error:
        raise DataError(f"{shown}: not readable Parquet ({str(error)[:200]}); export it again") from None
    columns = {
        name: _parquet_column(column, (needed or {}).get(name, "text"), f"{shown}, column {name!r}")
        for name, column in zip(wanted, table.columns, strict=True)
    }
    frame = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
    return RawTable(shown, tuple(headers), frame, np.arange(1, table.num_rows + 1))


def _parquet_column(column: pa.ChunkedArray, kind: str, shown: str) -> pd.Series:
    """A column as what its kind needs: typed where it is typed, otherwise exact text."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    of = column.type
    if pa.types.is_nested(of) or pa.types.is_binary(of) or pa.types.is_large_binary(of):
        raise DataError(f"{shown}: holds {of}, not single values; flatten the column before loading")
    if kind == "number" and (pa.types.is_integer(of) or pa.types.is_floating(of) or pa.types.is_decimal(of)):
        return column.cast(pa.float64(), safe=False).to_pandas()
    if kind == "time" and (pa.types.is_timestamp(of) or pa.types.is_date(of)):
        return (column if pa.types.is_timestamp(of) else column.cast(pa.timestamp("us"))).to_pandas()
    if pa.types.is_floating(of) and pc.all(pc.equal(column, pc.round(column))).as_py():
        column = column.cast(pa.int64(), safe=False)  # whole numbers beside gaps: 123.0 is 123
    return pd.Series(column.cast(pa.large_string()).to_pandas(), dtype="str")
