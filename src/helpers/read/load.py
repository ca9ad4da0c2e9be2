"""Opens the user's files, and nothing else does: bytes to text columns, exactly, then to checked canonical tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.columns import TABLES
from helpers.contracts import DataError, FileAccount
from helpers.opening import text_files, web_tables, workbooks
from helpers.opening.columnar import open_parquet
from helpers.opening.database_tables import open_database_table
from helpers.opening.other_tools import JSON, STATISTICS, open_json, open_statistics
from helpers.opening.raw import RawTable
from helpers.opening.text_files import is_text_file as is_text_file
from helpers.opening.text_files import likely_encoding as likely_encoding
from helpers.opening.text_files import open_text
from helpers.opening.text_files import sniff_separator as sniff_separator
from helpers.opening.web_tables import is_web_table, open_web_table
from helpers.opening.workbooks import is_workbook, open_sheet
from helpers.opening.workbooks import sheet_names as sheet_names
from helpers.progress import STEP, come
from helpers.read import quality
from helpers.read.ledger import NO_MERGED_IDS, Checked, not_opened, one_below_another
from helpers.read.parts import filled_down, joined_time, looked_up, once, stack
from helpers.read.total_rows import tidied
from helpers.sources import Lookup, Reading, SalesSource, TableSource
from helpers.study import Study
from helpers.text import header
from helpers.words import say

KEYS = ("order_id", "respondent_id", "session_id", "lead_id")
"""Our columns by which rows of overlapping files are known again, the first that a table has."""


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
            raw = open_source(study.folder, source, needed_columns(study, table, source), _must(table, source))
            raw = replace(raw, frame=_shaped(raw.frame, source))
            if raw.rows_in >= STEP:
                come(source.shown, raw.rows_in, doing="check")
            checked[table] = quality.check_table(table, raw, source, study)
        except DataError as error:
            refused.append(DataError(error.said, error.accounts or [not_opened(table, source.shown, error.said)]))
    if faults := [error.said for error in refused] or quality.check_together(checked, study):
        accounts = [account for error in refused for account in error.accounts]
        raise DataError(one_below_another(faults), [*accounts, *(check.account() for check in checked.values())])
    return LoadedTables(
        frames={table: check.used() for table, check in checked.items()},
        accounts=tuple(check.account() for check in checked.values()),
        merged_ids=pd.concat([check.merged for check in checked.values()], ignore_index=True),
        nobody=checked["sales"].nobody() if "sales" in checked else pd.DataFrame(),
    )


def _shaped(frame: pd.DataFrame, source: TableSource) -> pd.DataFrame:
    """The table with the day and the time of an order in one cell, where they stand in two."""
    date, time = header(source.columns.get("ordered_at", "ordered_at")), header(source.read.time_column or "")
    return joined_time(frame, date, time) if time and {date, time} <= set(frame) else frame


def needed_columns(study: Study, table: str, source: TableSource) -> dict[str, str]:
    """Headers to read and the kind of each: the contract's, and text for what the study names."""
    kinds = dict.fromkeys(study.named_columns(table), "text")
    kinds |= {name: column.kind for name, column in TABLES[table].items()}
    needed = {header(source.columns.get(name, name)): kind for name, kind in kinds.items()}
    goods = source.not_goods if isinstance(source, SalesSource) else {}
    named = [*source.where, *goods, *source.read.fill_down, *(lookup.on for lookup in source.lookup)]
    named += [source.read.time_column] if source.read.time_column else []
    return dict.fromkeys(map(header, named), "text") | needed


def _must(table: str, source: TableSource) -> set[str]:
    """Headers that each file of a table needs: those that the study maps, and those without which it is useless."""
    required = [name for name, column in TABLES[table].items() if column.required]
    return {header(name) for name in (*source.columns.values(), *(source.columns.get(name, name) for name in required))}


# --- one door for all kinds of file ------------------------------------------------------------------------------


def open_table(file: Path, shown: str, reading: Reading, needed: dict[str, str] | None = None) -> RawTable:
    """Open a user's file as text columns, before anything is believed: by what it is, whatever its name promises.

    Parameters
    ----------
    shown : the path as messages name it.
    needed : headers to read, and their kinds; None reads all columns as text.

    Raises DataError for a file that cannot be read as a table.
    """
    name = file.name.lower()
    if is_text_file(file):
        raw = open_text(file, shown, reading, needed)
    elif is_workbook(file):
        raw = stack([tidied(open_sheet(file, *one, needed)) for one in _one_by_one(shown, reading)], shown)
    elif is_web_table(file):
        raw = open_web_table(file, shown, reading, needed)
    elif name.endswith((*workbooks.ENDINGS, *web_tables.ENDINGS)):
        raw = _not_a_workbook(file, shown, reading, needed)
    elif file.is_dir() or name.endswith((".parquet", ".pq")):
        raw = open_parquet(file, shown, needed)
    elif name.endswith(STATISTICS):
        raw = open_statistics(file, shown, reading, needed)
    elif name.endswith(JSON):
        raw = open_json(file, shown, reading, needed)
    else:
        raise DataError(say("reading.refused.kind_of_file", path=shown))
    if not raw.headers or raw.rows_in == 0:
        key = "reading.refused.only_header" if raw.headers else "reading.refused.no_header"
        raise DataError(say(key, path=shown))
    return raw if is_workbook(file) else tidied(raw)  # of a workbook, each sheet has been


def _one_by_one(shown: str, reading: Reading) -> Iterator[tuple[str, Reading]]:
    """Each sheet's name in messages, and how to read it alone."""
    if len(reading.sheets) < 2:
        yield shown, reading
    else:
        for sheet in reading.sheets:
            yield f"{shown} [{sheet}]", reading.model_copy(update={"sheet": sheet})


def _not_a_workbook(file: Path, shown: str, reading: Reading, needed: dict[str, str] | None) -> RawTable:
    """Read a text file that a program has called xls; refuse a web page without a table."""
    with file.open("rb") as stream:
        start = stream.read(4096)
    if b"<html" in start.lower() or b"<table" in start.lower() or start.lstrip().startswith(b"<"):
        raise DataError(say("reading.refused.page", path=shown))
    if not file.stat().st_size or not any(mark in start for mark in (b"\n", b"\r")):
        raise DataError(say("reading.refused.workbook", path=shown))
    return open_text(file, shown, reading, needed)


# --- one table from all its files --------------------------------------------------------------------------------


def open_source(folder: Path, source: TableSource, needed: dict[str, str] | None = None, must: Any = ()) -> RawTable:
    """Open all files and sheets of a table, or its table in a database, as one, with its cells filled down and its
    columns looked up.

    Rows that stand in several files, and are the same in all of them, are counted once. Row numbers are those in the
    file or sheet that messages name beside them.

    Parameters
    ----------
    folder : in which the paths of ``source`` lie.
    needed : as for ``open_table``.
    must : headers that each file needs.
    """
    if source.connection:
        raw = tidied(open_database_table(source.connection, folder, needed))
    else:
        raw = stack([open_table(folder / path, path, source.read, needed) for path in source.paths], source.shown, must)
    key = next(
        (header(source.columns.get(name, name)) for name in KEYS if source.columns.get(name, name) in raw.frame), ""
    )
    raw = once(filled_down(raw, [header(name) for name in source.read.fill_down], key), key)

    def opens(lookup: Lookup, more: dict[str, str] | None) -> RawTable:
        return open_table(folder / lookup.path, lookup.path, lookup.read, more)

    return looked_up(raw, source.lookup, needed, opens)


# --- what a first look finds -------------------------------------------------------------------------------------


def how_to_read(file: Path) -> tuple[dict[str, Any], list[str]]:
    """What ``read`` of study.yml must state to open a file, and why: encoding, separator, sheet and title rows."""
    read: dict[str, Any] = {}
    why: list[str] = []
    called_a_workbook = file.is_file() and file.name.lower().endswith(".xls") and not is_workbook(file)
    if is_web_table(file):
        why.append("it is a web page or XML that is called a workbook; the largest table in it was read.")
        above = web_tables.title_rows(file)
    elif is_text_file(file) or called_a_workbook:
        try:
            with text_files.readable(file.name):
                text_files.refuse_no_text(file)
                encoding = likely_encoding(file)
                sep = sniff_separator(file, encoding)
                above = text_files.title_lines(file, encoding, sep)
        except UnicodeError:
            raise DataError(say("opening.refused.cut_short", path=file.name, encoding=encoding)) from None
        if encoding != "utf-8":
            read["encoding"] = encoding
            why.append(f"the encoding is not UTF-8; the letters make sense as {encoding}.")
        if sep != ",":
            read["sep"] = sep
    elif is_workbook(file):
        sheets = workbooks.sheet_names(file)
        layouts = workbooks.sheets_of_one_layout(file)
        above = 0
        if len(layouts) > 1:
            read["sheet"] = layouts
            why.append(f"its sheets {', '.join(map(repr, layouts))} have the same columns and were read as one table.")
        elif len(sheets) > 1:
            read["sheet"] = max(sheets, key=sheets.__getitem__)
            why.append(f"of its sheets {', '.join(map(repr, sheets))} the fullest was taken, {read['sheet']!r}.")
        if sheets:
            above = workbooks.title_rows(file, layouts[0] if len(layouts) > 1 else read.get("sheet"))
    else:
        above = 0
    if above:
        read["skip_rows"] = above
        why.append(f"the header was found below title rows, in row {above + 1}.")
    return read, why
