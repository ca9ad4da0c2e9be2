"""A table or view of a database, read as a file is: text columns as text, numbers and times as what they are.

Its rows have no order of their own and no numbers. They are read in the order of their cells, column after column and
text by its code points, so that two readings, and two kinds of database, give the same table; the row numbers of
messages count in that order, from 1.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from helpers.connection import Connection
from helpers.contracts import DataError
from helpers.files import text_hash
from helpers.opening.columnar import typed_column
from helpers.opening.databases import Database, opened, quoted, refuse_no_table
from helpers.opening.raw import RawTable, wanted
from helpers.progress import STEP, come
from helpers.text import header
from helpers.words import say

_NUMBER = re.compile(r"(?:(?:u?(?:tiny|small|big|huge)?int(?:eger)?|numeric|decimal|money)\b)", re.I)
_FLOAT = re.compile(r"(?:double|real|float)", re.I)
_TIME = re.compile(r"(?:date|timestamp)", re.I)
_NESTED = re.compile(r"(?:bytea|blob|json|struct|map|union|record|list)|.*\[\d*\]$", re.I)
_DAYS = "BETWEEN '0001-01-01' AND '9999-12-31'"
"""Days that a calendar has: infinity, which both databases know, is missing."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its name there, its type in the database's words, and whether it may be read."""

    name: str
    type: str
    readable: bool = True

    def as_read(self, kind: str) -> tuple[str, pa.DataType]:
        """What SQL asks for, and what comes: what a kind of column needs is typed, all else is exact text."""
        name = quoted(self.name)
        if _FLOAT.match(self.type):
            return f"{name}::float8", pa.float64()
        if kind == "number" and _NUMBER.match(self.type):
            return f"{name}{'::numeric' if self.type == 'money' else ''}::float8", pa.float64()
        if kind == "time" and _TIME.match(self.type):
            zoned = "with time zone" in self.type.lower()
            cell = f"{name}::{'timestamptz' if zoned else 'timestamp'}"
            return f"CASE WHEN {cell} {_DAYS} THEN {cell} END", pa.timestamp("us", "UTC" if zoned else None)
        return f"{name}::text", pa.large_string()


def open_database_table(connection: Connection, folder: Path, needed: dict[str, str] | None = None) -> RawTable:
    """Read a table or view of a database.

    Parameters
    ----------
    folder : from which the path of a DuckDB file starts.
    needed : headers to read, and their kinds; None reads all columns as text.

    Raises DataError where the database refuses, the table is not there or holds no row, or a column is no single value.
    """
    with opened(connection, folder) as database:
        columns = columns_of(database) or refuse_no_table(database)
        read = _chosen(columns, needed, connection.shown)
        table = _fetched(database, read, needed or {})
    if not table.num_rows:
        raise DataError(say("database.refused.empty", path=connection.shown))
    cells = {
        name: typed_column(cell, (needed or {}).get(name, "text"), {"path": connection.shown, "column": name})
        for name, cell in zip(read, table.columns, strict=False)
    }
    frame = pd.DataFrame(cells, index=pd.RangeIndex(table.num_rows))
    headers = tuple(header(column.name) for column in columns)
    return RawTable(connection.shown, headers, frame, np.arange(1, table.num_rows + 1))


def fingerprint(connection: Connection, folder: Path, needed: dict[str, str]) -> str:
    """A hash of what a table says in the columns that are read, by which it is known again.

    The database counts the rows and adds up a hash of each, so that no row leaves it, and their order does not count.

    Raises DataError as ``open_database_table``.
    """
    hashed = "hashtextextended(t::text, 0)::numeric" if connection.is_server else "hash(t)::hugeint"
    with opened(connection, folder) as database:
        columns = columns_of(database) or refuse_no_table(database)
        read = _chosen(columns, needed, connection.shown)
        names = ", ".join(quoted(column.name) for column in read.values()) or "NULL AS nothing"
        total = f"CAST(coalesce(sum({hashed}), 0) AS text)"
        [(rows, total)] = database.rows(f"SELECT count(*), {total} FROM (SELECT {names} FROM {database.table}) AS t")
    return text_hash([connection.shown, [[column.name, column.type] for column in read.values()], rows, total])


def columns_of(database: Database) -> list[Column]:
    """The columns of the table or view; none where there is none of its name."""
    if database.connection.is_server:
        found = database.rows(
            "SELECT attname, CASE typtype WHEN 'c' THEN 'record' WHEN 'd' THEN format_type(typbasetype, NULL) "
            "ELSE format_type(atttypid, NULL) END, has_column_privilege(attrelid, attnum, 'SELECT') "
            "FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid "
            "WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            [database.table],
        )
    else:
        parts = database.connection.parts
        found = database.rows(
            "SELECT column_name, data_type, true FROM information_schema.columns "
            "WHERE lower(table_name) = lower(?) AND lower(table_schema) = lower(?) ORDER BY ordinal_position",
            [parts[-1], parts[0] if len(parts) > 1 else "main"],
        )
    return [Column(*column) for column in found]


def _chosen(columns: list[Column], needed: dict[str, str] | None, shown: str) -> dict[str, Column]:
    """The columns to read by their header. Raises DataError for one that may not be read or is no single value."""
    read = {name: columns[place] for name, place in wanted([header(c.name) for c in columns], needed).items()}
    if closed := [name for name, column in read.items() if not column.readable]:
        raise DataError(say("database.refused.columns", path=shown, columns=closed))
    for name, column in read.items():
        if _NESTED.match(column.type):
            raise DataError(say("opening.refused.nested", path=shown, column=name, kind=column.type))
    return read


def _fetched(database: Database, read: dict[str, Column], needed: dict[str, str]) -> pa.Table:
    """The cells of the columns to read, row after row in the order of their cells.

    Where the table has none of the columns that are looked for, an empty one stands for its rows: what is missing is
    told by whoever looks for it.
    """
    is_server = database.connection.is_server
    asked = [column.as_read(needed.get(name, "text")) for name, column in read.items()] or [("NULL::text", pa.string())]
    columns = [f"{cell} AS c{place}" for place, (cell, _) in enumerate(asked)]
    order = [
        f'c{place} COLLATE "C"' if is_server and of == pa.large_string() else f"c{place}"
        for place, (_, of) in enumerate(asked)
    ]
    query = f"SELECT * FROM (SELECT {', '.join(columns)} FROM {database.table}) AS t ORDER BY {', '.join(order)}"
    if not is_server:
        return database.handle.sql(query).to_arrow_table()
    with tempfile.TemporaryFile() as file:
        with database.handle.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copied:
            for rows, block in enumerate(copied, start=1):  # a row each
                file.write(block)
                if not rows % STEP:
                    come(database.connection.shown, rows)
        if not file.tell():
            raise DataError(say("database.refused.empty", path=database.connection.shown))
        file.seek(0)
        try:
            return _from_csv(file, [of for _, of in asked])
        except (pa.ArrowInvalid, UnicodeDecodeError) as fault:
            told = {"path": database.connection.shown, "table": database.connection.table, "fault": str(fault)[:200]}
            raise DataError(say("database.refused.other", **told)) from None


def _from_csv(file: IO[bytes], types: list[pa.DataType]) -> pa.Table:
    """What COPY wrote: a missing cell is empty, an empty text stands in quotes."""
    names = [f"c{place}" for place in range(len(types))]
    return pa.csv.read_csv(
        file,
        pa.csv.ReadOptions(column_names=names, use_threads=False),
        pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        pa.csv.ConvertOptions(
            column_types=dict(zip(names, types, strict=True)),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
