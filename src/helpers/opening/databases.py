"""The door to a database: PostgreSQL through psycopg, a DuckDB file through DuckDB, both by the same SQL.

What a database refuses becomes a fault of the user's with the mend; the password comes from the environment alone, and
is in no message.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import duckdb

from helpers.connection import Connection
from helpers.contracts import DataError, StudyError
from helpers.text import nearest_said
from helpers.words import Said, say

if TYPE_CHECKING:
    import psycopg

SECONDS = 10
"""How long a server may take to answer at all, and a table that another program holds to be let go."""
_SESSION = (
    "SET TimeZone TO 'UTC'", "SET datestyle TO 'ISO, YMD'", "SET intervalstyle TO 'postgres'",
    "SET extra_float_digits TO 1", "SET client_encoding TO 'UTF8'", f"SET lock_timeout TO '{SECONDS}s'",
    "SET statement_timeout TO 0", "SET idle_in_transaction_session_timeout TO 0",
)  # fmt: skip
"""What a server's own settings would change about how cells are written."""
_REFUSED = {
    "28P01": "password", "28000": "password", "42P01": "table", "3F000": "table", "42501": "right", "55P03": "locked",
    "57P01": "gone", "57P02": "gone", "57P03": "gone", "53100": "no_room", "25006": "read_only",
}  # fmt: skip
"""What PostgreSQL's codes mean to whoever asked."""


@dataclass(frozen=True)
class Database:
    """An open database, one table of which is meant."""

    connection: Connection
    handle: psycopg.Connection | duckdb.DuckDBPyConnection

    @property
    def table(self) -> str:
        """The table's name as SQL says it."""
        return ".".join(map(quoted, self.connection.parts))

    def rows(self, query: str, given: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a small answer; ``?`` stands for what is given."""
        if self.connection.is_server:
            return self.handle.execute(query.replace("?", "%s"), given or None).fetchall()
        return self.handle.execute(query, list(given)).fetchall()

    def undo(self) -> None:
        """Take back all that was done so far."""
        self.handle.rollback()
        if not self.connection.is_server:
            self.handle.begin()


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def opened(connection: Connection, folder: Path, write: bool = False) -> Iterator[Database]:
    """Open a database, one transaction long; what it refuses inside the block is told with the mend.

    Parameters
    ----------
    folder : from which the path of a DuckDB file starts.
    write : else it is opened for reading alone. A transaction that ends in an error has changed nothing.

    Raises
    ------
    DataError
        Where it cannot be reached, knows neither user nor table, or gives no right.
    StudyError
        Where psycopg is not installed.
    """
    if connection.is_server:
        with _server(connection, write) as database:
            yield database
    else:
        with _file(connection, folder, write) as database:
            yield database


@contextmanager
def _server(connection: Connection, write: bool) -> Iterator[Database]:
    try:
        import psycopg  # an extra, and a tenth of a second that files need not wait for
    except ImportError:
        raise StudyError(
            f"{connection.shown}: PostgreSQL needs the package psycopg: pip install -r requirements-postgres.txt"
        ) from None
    try:
        with psycopg.connect(connection.address, connect_timeout=SECONDS, **_password(connection)) as handle:
            for setting in _SESSION:
                handle.execute(setting)
            handle.commit()
            handle.read_only = not write
            handle.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            yield Database(connection, handle)
    except psycopg.Error as fault:
        raise DataError(_told(connection, fault)) from None


def _password(connection: Connection) -> dict[str, str]:
    """The password where a variable of the user's own holds it; PGPASSWORD the library reads itself."""
    name = connection.password_env
    if name is None:
        return {}
    if name not in os.environ:
        raise DataError(say("database.refused.no_variable", path=connection.shown, variable=name))
    return {"password": os.environ[name]}


def _told(connection: Connection, fault: psycopg.Error) -> Said:
    """What a server refused, and the mend; a fault without a code came before or after the conversation."""
    import psycopg

    text = _short(fault)
    kind = _REFUSED.get(fault.sqlstate or "", "other")
    if fault.sqlstate is None and isinstance(fault, psycopg.OperationalError):
        kind = "password" if "password" in text or "authentication" in text else "gone"
    told = {"table": connection.table, "variable": connection.password_env or "PGPASSWORD", "seconds": SECONDS}
    return say(f"database.refused.{kind}", path=connection.shown, fault=text, **told)


@contextmanager
def _file(connection: Connection, folder: Path, write: bool) -> Iterator[Database]:
    """A view in the file may read other files, of this machine or the web: that is not followed."""
    closed = {"enable_external_access": "false"}
    try:
        handle = duckdb.connect(str(folder / connection.address), read_only=not write, config=closed)
        try:
            handle.execute("SET TimeZone TO 'UTC'")
            handle.execute("BEGIN")
            yield Database(connection, handle)
            handle.commit()
        finally:
            handle.close()
    except duckdb.Error as fault:
        text, kind = _short(fault), "file"
        if isinstance(fault, (duckdb.CatalogException, duckdb.PermissionException)):
            kind = "table" if isinstance(fault, duckdb.CatalogException) else "outside"
        elif "lock on file" in text:
            kind = "file_held"
        raise DataError(say(f"database.refused.{kind}", path=connection.shown, fault=text)) from None


def _short(fault: Exception) -> str:
    return " ".join(str(fault).split())[:300]


def refuse_no_table(database: Database) -> NoReturn:
    """Raise DataError for a table or view that is not there, with the nearest that is."""
    usual = "current_schema()" if database.connection.is_server else "'main'"
    known = database.rows(
        f"SELECT CASE WHEN table_schema = {usual} THEN table_name ELSE table_schema || '.' || table_name END "
        "FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    near = nearest_said(database.connection.table, [name for (name,) in known])
    raise DataError(say("database.refused.no_table", path=database.connection.shown, nearest=near))
