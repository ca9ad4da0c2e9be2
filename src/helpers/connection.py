"""Where a table lies that is no file of its own: a PostgreSQL server or a DuckDB file, and how that is written."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

SCHEMES = ("postgres", "postgresql")
DUCKDB = (".duckdb", ".ddb", ".db")
HOW = "postgres://user@host/database, or the path of a DuckDB file (.duckdb, .ddb, .db)"


@dataclass(frozen=True)
class Connection:
    """One table of a database.

    address : the URL of a server, or the path of a DuckDB file. table : its name, before it a schema and a point where
    it is in another than the usual one. password_env : the environment variable that holds the password, where it is
    not PGPASSWORD.
    """

    address: str
    table: str
    password_env: str | None = None

    @property
    def is_server(self) -> bool:
        """Whether it is a PostgreSQL server, and not a file."""
        return "://" in self.address

    @property
    def parts(self) -> tuple[str, ...]:
        """The schema, where one is named, and the table."""
        return tuple(self.table.split(".", 1))

    @property
    def shown(self) -> str:
        """As messages and records name it: host and database, never who asks."""
        if not self.is_server:
            return f"{self.address} {self.table}"
        url = urlsplit(self.address)
        port = f":{url.port}" if url.port else ""
        return f"postgres://{url.hostname or 'localhost'}{port}{url.path} {self.table}"


def address_fault(address: str) -> str:
    """Why an address cannot be used, without repeating a password; empty where it can.

    A password is refused wherever it stands: study.yml is copied, mailed and kept in git.
    """
    if "://" not in address:
        return "" if address.lower().endswith(DUCKDB) else f"{address!r} is no address of a database; write {HOW}"
    try:
        url = urlsplit(address)
        port_is_number = url.port is None or url.port > 0
    except ValueError:
        return f"is no address of a database; write {HOW}"
    if url.password is not None or any("pass" in name.lower() for name, _ in parse_qsl(url.query, True)):
        return (
            "holds a password; take it out and set it in the environment: PGPASSWORD, or a variable of your own that "
            "password_env names"
        )
    if url.scheme not in SCHEMES or not port_is_number:
        return f"is no address of a database; write {HOW}"
    if not database_of(url):
        return f"names no database; write {HOW}"
    return ""


def table_fault(table: str) -> str:
    """Why a name cannot be that of a table; empty where it can."""
    parts = table.split(".", 1)
    return (
        ""
        if all(part.strip() for part in parts) and "\0" not in table
        else "names no table; write orders, or shop.orders"
    )


def database_of(url: SplitResult) -> str:
    """The database that a URL names."""
    return unquote(url.path.removeprefix("/"))
