"""Assignments written into a database: a table of their own, all of it or nothing, and never over another table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from helpers.connection import Connection
from helpers.contracts import DataError, StudyError, UserFault
from helpers.opening.database_tables import columns_of
from helpers.opening.databases import Database, opened, quoted
from helpers.words import say

OURS = ("customer_id", "persona", "probability")
"""The first columns of every table of assignments, by which one is known."""
_ROWS = 10_000
_GIVEN = "rows to be written"


class NotWritten(UserFault):
    """The database does not take the table."""

    exit_code = 73


def check_target(connection: Connection, folder: Path, replace: bool) -> None:
    """Make sure, before any work, that a table can be written.

    Parameters
    ----------
    folder : from which the path of a DuckDB file starts; the file need not be there yet.
    replace : whether assignments that stand there already may go.

    Raises
    ------
    StudyError
        Where the table is there and must not be replaced, or holds something else than assignments.
    NotWritten
        Where the database refuses.
    """
    if not connection.is_server and not (folder / connection.address).exists():
        return
    try:
        with opened(connection, folder, write=True) as database:
            if not _standing(database, replace):
                database.handle.execute(f'CREATE TABLE {database.table} ("customer_id" text)')
            database.undo()
    except DataError as fault:
        raise NotWritten(fault.said) from None


def write_back(connection: Connection, folder: Path, placed: pd.DataFrame, replace: bool) -> None:
    """Write assignments into a table, in one transaction; its rows are counted before it counts.

    Where assignments of the same columns stand there their rows are exchanged, so that rights and views stay, and
    readers see the old ones until the new are complete; of other columns the table is made anew. Parameters and faults
    are those of ``check_target``; ``placed`` is as ``place_newcomers`` gives it.
    """
    rows = pa.Table.from_pandas(placed, preserve_index=False)
    kinds = {name: _type(rows.schema.field(name).type) for name in rows.column_names}
    try:
        with opened(connection, folder, write=True) as database:
            standing = _standing(database, replace)
            if standing == list(kinds):
                database.handle.execute(f"DELETE FROM {database.table}")
            elif standing:
                database.handle.execute(f"DROP TABLE {database.table}")
            if standing != list(kinds):
                columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in kinds.items())
                database.handle.execute(f"CREATE TABLE {database.table} ({columns})")
            _fill(database, rows)
            [(written,)] = database.rows(f"SELECT count(*) FROM {database.table}")
            if written != len(placed):
                told = {"path": connection.shown, "written": written, "n": len(placed)}
                raise NotWritten(say("database.refused.count", **told))
    except DataError as fault:
        raise NotWritten(fault.said) from None


def _standing(database: Database, replace: bool) -> list[str]:
    """The columns of the table that stands there; none where there is none. Raises StudyError."""
    standing, shown = [column.name for column in columns_of(database)], database.connection.shown
    if standing and not replace:
        raise StudyError(f"{shown}: this table is there already; name another, or say --replace")
    if standing and tuple(standing[: len(OURS)]) != OURS:
        raise StudyError(f"{shown}: this table holds something else than assignments and is left alone; name another")
    return standing


def _type(of: pa.DataType) -> str:
    return "boolean" if pa.types.is_boolean(of) else "float8" if pa.types.is_floating(of) else "text"


def _fill(database: Database, rows: pa.Table) -> None:
    """All rows into the empty table."""
    if not database.connection.is_server:
        database.handle.register(_GIVEN, rows)
        database.handle.execute(f"INSERT INTO {database.table} SELECT * FROM {quoted(_GIVEN)}")
        return
    with database.handle.cursor().copy(f"COPY {database.table} FROM STDIN") as copied:
        for batch in rows.to_batches(_ROWS):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                copied.write_row(row)
