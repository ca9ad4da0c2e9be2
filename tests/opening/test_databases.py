"""A table in PostgreSQL or in a DuckDB file: read as a file is, refused with the mend, and known again."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from postgres_server import PASSWORD, Server, postgres  # noqa: F401 - the server is a fixture

from helpers import cli
from helpers.connection import Connection
from helpers.contracts import DataError
from helpers.opening import databases
from helpers.opening.database_tables import fingerprint, open_database_table
from helpers.read.load import load_tables
from helpers.study import load_study

KINDS = """CREATE TABLE kinds (id bigint, code numeric(12,2), name text, "when" timestamp, zoned timestamptz, day date,
                               weight double precision, kept boolean, tags text[], n integer)"""
ROWS = """INSERT INTO kinds VALUES
    (9007199254740993, 12.50, 'a,"b" ' || chr(10) || 'c', '2025-01-06 10:00:00.123456', '2025-01-06 10:00:00+05',
     '2025-01-06', 123, true, NULL, 5),
    (2, 1, '', '2025-01-07', '2025-07-06 10:00:00+00', '2025-02-01', 'NaN', false, NULL, NULL),
    (10, NULL, NULL, 'infinity', NULL, NULL, 'Infinity', NULL, NULL, 7)"""
NEEDED = {
    "id": "id", "code": "number", "name": "text", "when": "time", "zoned": "time", "day": "time", "weight": "text",
    "kept": "flag", "n": "id",
}  # fmt: skip
SALES = """CREATE TABLE orders (client text, number bigint, day date, total numeric(10,2), place varchar(10));
    INSERT INTO orders VALUES ('ann', 1, '2025-01-02', 10.50, 'web'), ('ann', 2, '2025-02-02', 20, 'web'),
    ('Боб', 3, '2025-03-01', 5.25, 'app'), ('Боб', 4, NULL, 0.01, 'app'), (NULL, 5, '2025-03-05', 7, 'app'),
    ('ann', 6, '2025-03-09', 1, 'web'), ('eve', 7, '2025-03-03', 2, 'web')"""
COLUMNS = "{customer_id: client, order_id: number, ordered_at: day, amount: total, channel: place}"


def in_duckdb(file: Path, *statements: str) -> None:
    with duckdb.connect(str(file)) as handle:
        for statement in statements:
            handle.execute(statement)


@pytest.fixture(params=["postgres", "duckdb"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """``place(*statements)`` runs them in a database that is empty, and gives its address; one of either kind."""
    if request.param == "duckdb":

        def fill(*statements: str) -> str:
            in_duckdb(tmp_path / "shop.duckdb", *statements)
            return "shop.duckdb"

        return fill
    server: Server = request.getfixturevalue("postgres")
    server.do("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)

    def run(*statements: str) -> str:
        server.do(*statements)
        return server.url()

    return run


@pytest.fixture
def shop(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Server:  # noqa: F811
    """The server with the orders alone, its password known."""
    postgres.do("DROP SCHEMA public CASCADE", "CREATE SCHEMA public", SALES)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return postgres


def a_study(folder: Path, address: str, table: str = "orders", more: str = "") -> Path:
    source = f'{{connect: "{address}", table: {table}, columns: {COLUMNS}{more}}}'
    (folder / "study.yml").write_text(
        f"study: shop\naccept_set_aside: 0.5\nwindow: {{holdout_from: 2025-03-01}}\ntables: {{sales: {source}}}\n",
        encoding="utf-8",
    )
    return folder / "study.yml"


def call(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    return ended.value.code or 0


# --- what is read ------------------------------------------------------------------------------------------------


def test_cells_keep_their_type_and_their_text(place, tmp_path):
    connection = Connection(place(KINDS, ROWS), "kinds")
    raw = open_database_table(connection, tmp_path, NEEDED)
    assert raw.rows.tolist() == [1, 2, 3]
    assert raw.headers == (*list(NEEDED)[:8], "tags", "n")
    frame = raw.frame
    assert frame["id"].tolist() == ["10", "2", "9007199254740993"]  # in the order of their cells as text, to the digit
    assert frame["code"].tolist()[1:] == [1.0, 12.5]
    assert frame["name"].fillna("missing").tolist() == ["missing", "", 'a,"b" \nc']
    assert frame["when"].tolist() == [pd.NaT, pd.Timestamp(2025, 1, 7), pd.Timestamp("2025-01-06 10:00:00.123456")]
    assert str(frame["zoned"].dtype.tz) == "UTC"
    assert frame["zoned"][2] == pd.Timestamp("2025-01-06 05:00:00+00")
    assert frame["day"].tolist()[1:] == [pd.Timestamp(2025, 2, 1), pd.Timestamp(2025, 1, 6)]
    assert frame["weight"].fillna("missing").tolist() == ["missing", "missing", "123"]
    assert frame["kept"].fillna("missing").tolist() == ["missing", "false", "true"]
    assert frame["n"].fillna("missing").tolist() == ["7", "missing", "5"]


def test_every_row_is_accounted_for_as_of_a_file(place, tmp_path):
    tables = load_tables(load_study(a_study(tmp_path, place(SALES))))
    [account] = tables.accounts
    assert (account.rows_in, account.rows_used, account.rows_quarantined) == (7, 5, 2)
    assert {issue.code for issue in account.issues} == {"missing_value", "no_person"}
    (tmp_path / "orders.csv").write_text(
        "client,number,day,total,place\nann,1,2025-01-02,10.50,web\nann,2,2025-02-02,20,web\nann,6,2025-03-09,1,web\n"
        "eve,7,2025-03-03,2,web\nБоб,3,2025-03-01,5.25,app\nБоб,4,,0.01,app\n,5,2025-03-05,7,app\n",
        encoding="utf-8",
    )
    source = f"{{path: orders.csv, columns: {COLUMNS}}}"
    (tmp_path / "study.yml").write_text(f"study: shop\naccept_set_aside: 0.5\ntables: {{sales: {source}}}\n")
    by_file = load_tables(load_study(tmp_path))
    pd.testing.assert_frame_equal(tables.frames["sales"], by_file.frames["sales"])
    pd.testing.assert_frame_equal(tables.nobody, by_file.nobody)


def test_a_view_of_another_schema_is_read_by_its_name(place, tmp_path):
    address = place(
        "DROP SCHEMA IF EXISTS books CASCADE", "CREATE SCHEMA books", SALES,
        "CREATE VIEW books.web AS SELECT * FROM orders WHERE place = 'web' OR number = 3",
    )  # fmt: skip
    frame = load_tables(load_study(a_study(tmp_path, address, "books.web"))).frames["sales"]
    assert frame["amount"].tolist() == [10.5, 20.0, 1.0, 2.0, 5.25]


def test_check_says_what_it_read_and_never_who_asked(shop, tmp_path, capsys):
    for first, day in ((100, "2025-02-03"), (200, "2025-03-03")):
        shop.do(f"INSERT INTO orders SELECT 'c' || i, {first} + i, '{day}', 1, 'web' FROM generate_series(1, 40) AS i")
    study = a_study(tmp_path, shop.url())
    assert call("check", study) == 0
    said = "".join(capsys.readouterr())
    assert f"postgres://127.0.0.1:{shop.port}/shop orders" in said
    assert "owner" not in said
    assert PASSWORD not in said
    assert call("check", study, "--json") == 0
    totals = json.loads(capsys.readouterr().out)["totals"]
    assert (totals["lines"], totals["net"]) == (86, 125.75)  # nobody's line among them, the one without a day not


def test_the_example_of_the_readme_is_read(shop, tmp_path):
    readme = (
        (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").partition("## A table in a database")[2]
    )
    block = textwrap.dedent(re.search(r"(?:^    .*\n)+", readme, re.M)[0])
    address = "postgres://reader@db.example.org:5432/shop"
    assert block.count(address) == 1
    shop.do(
        "DROP SCHEMA IF EXISTS books CASCADE", "CREATE SCHEMA books", "CREATE VIEW books.orders AS TABLE public.orders"
    )
    more = "accept_set_aside: 0.5\n"
    (tmp_path / "study.yml").write_text(more + block.replace(address, shop.url()), encoding="utf-8")
    assert load_tables(load_study(tmp_path)).frames["sales"]["amount"].sum() == 38.75  # of the five lines with a day


# --- known again -------------------------------------------------------------------------------------------------


def test_a_fingerprint_holds_what_is_read_and_nothing_else(place, tmp_path):
    address = place(SALES)
    needed = {"client": "id", "total": "number"}

    def print_after(statement: str) -> str:
        place(statement)
        return fingerprint(Connection(address, "orders"), tmp_path, needed)

    first = print_after("SELECT 1")
    assert print_after("UPDATE orders SET place = 'elsewhere'") == first  # rewrites every row: another order, too
    changed = print_after("UPDATE orders SET total = 10.51 WHERE number = 1")
    twice = print_after("INSERT INTO orders SELECT * FROM orders")
    assert len({first, changed, twice}) == 3
    place("DELETE FROM orders")
    back = print_after(SALES.partition(";")[2])
    assert back == first


# --- what a database refuses ---------------------------------------------------------------------------------------


def refused(study: Path) -> str:
    with pytest.raises(DataError) as fault:
        load_tables(load_study(study))
    return str(fault.value)


def test_a_wrong_password_names_the_variable(shop, tmp_path, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "wrong-one")
    told = refused(a_study(tmp_path, shop.url()))
    assert "the server refuses the user or the password" in told
    assert "set PGPASSWORD in the environment" in told
    assert "wrong-one" not in told
    monkeypatch.delenv("PGPASSWORD")
    study = a_study(tmp_path, shop.url(), more=", password_env: SHOP_PASSWORD")
    assert "the environment variable SHOP_PASSWORD, which password_env names, is not set" in refused(study)
    monkeypatch.setenv("SHOP_PASSWORD", "wrong-one")
    assert "set SHOP_PASSWORD in the environment" in refused(study)
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    assert len(load_tables(load_study(study)).frames["sales"]) == 5


def test_without_psycopg_it_is_said_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert call("check", a_study(tmp_path, "postgres://owner@127.0.0.1/shop")) == 2
    assert "needs the package psycopg: pip install -r requirements-postgres.txt" in capsys.readouterr().err


def test_a_database_or_a_host_that_is_not_there(shop, tmp_path):
    told = refused(a_study(tmp_path, shop.url(database="shoop")))
    assert "cannot be reached" in told
    assert '"shoop" does not exist' in told
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        told = refused(a_study(tmp_path, f"postgres://owner@127.0.0.1:{nobody.getsockname()[1]}/shop"))
    assert "see that connect names the right host, port and database" in told


def test_a_host_that_says_nothing_is_waited_for_so_long_and_no_longer(shop, tmp_path, monkeypatch):
    assert databases.SECONDS == 10
    monkeypatch.setattr(databases, "SECONDS", 2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        study = a_study(tmp_path, f"postgres://owner@127.0.0.1:{silent.getsockname()[1]}/shop")
        done = threading.Thread(target=refused, args=[study], daemon=True)
        done.start()
        done.join(8)
        assert not done.is_alive()


def test_a_table_and_a_column_that_are_not_there_are_told_with_the_nearest(place, tmp_path):
    address = place(SALES)
    told = refused(a_study(tmp_path, address, "order"))
    assert "order: no such table or view, or none that may be seen; did you mean 'orders'?" in told
    place("ALTER TABLE orders RENAME COLUMN total TO sum_total")
    told = refused(a_study(tmp_path, address))
    assert "orders, column 'total': no such column, needed as amount; did you mean 'sum_total'?" in told
    place("DELETE FROM orders")
    assert "the table holds no row" in refused(a_study(tmp_path, address))


def test_no_right_to_a_table_or_to_one_of_its_columns(shop, tmp_path):
    shop.do("DROP ROLE IF EXISTS reader", f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
    study = a_study(tmp_path, shop.url("reader"))
    assert "no such table or view, or none that may be seen" in refused(study)  # of another's schema it tells no more
    shop.do("GRANT USAGE ON SCHEMA public TO reader")
    assert "no right to read client, number, day, total and place" in refused(study).replace("'", "")
    shop.do("GRANT SELECT (client, number, day, place) ON orders TO reader")
    assert "GRANT SELECT on them" in refused(study)
    shop.do("GRANT SELECT (total) ON orders TO reader")
    assert len(load_tables(load_study(study)).frames["sales"]) == 5
    shop.do("DROP OWNED BY reader", "DROP ROLE reader")


def test_a_table_that_another_program_holds_is_not_waited_for_without_end(shop, tmp_path, monkeypatch):
    import psycopg

    monkeypatch.setattr(databases, "_SESSION", ("SET lock_timeout TO '100ms'",))
    with psycopg.connect(shop.url(), password=PASSWORD) as other:
        other.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        assert "another program has held the table" in refused(a_study(tmp_path, shop.url()))
        other.rollback()


def test_a_duckdb_file_that_is_held_or_is_none(tmp_path):
    in_duckdb(tmp_path / "shop.duckdb", SALES)
    study = a_study(tmp_path, "shop.duckdb")
    before = (tmp_path / "shop.duckdb").read_bytes()
    load_tables(load_study(study))
    assert (tmp_path / "shop.duckdb").read_bytes() == before  # opened to read alone
    held = "import duckdb, sys; h = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", held, str(tmp_path / "shop.duckdb")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        told = refused(study)
        other.stdin.close()
    assert "another program has the database open to write" in told
    (tmp_path / "shop.duckdb").write_text("client,number\n" * 1000)
    assert "not a readable DuckDB file" in refused(study)


def test_a_view_of_a_duckdb_file_reads_no_other_file(tmp_path):
    (tmp_path / "outside.csv").write_text("client,number,day,total\nann,1,2025-01-02,3\n")
    in_duckdb(tmp_path / "shop.duckdb", f"CREATE VIEW orders AS SELECT * FROM read_csv('{tmp_path}/outside.csv')")
    assert "this view reads other files, which is not followed" in refused(a_study(tmp_path, "shop.duckdb"))


def test_a_list_in_a_cell_is_refused_where_it_is_needed(place, tmp_path):
    address = place(SALES, "ALTER TABLE orders DROP COLUMN place", "ALTER TABLE orders ADD COLUMN place text[]")
    assert "orders, column 'place': holds " in refused(a_study(tmp_path, address))


@pytest.mark.parametrize("fault", ["password", "gone", "table"])
def test_what_a_database_refuses_ends_check_with_3_and_no_traceback(shop, tmp_path, capsys, monkeypatch, fault):
    address, table = shop.url(), "orders"
    if fault == "password":
        monkeypatch.setenv("PGPASSWORD", "no")
    elif fault == "gone":
        address = "postgres://owner@127.0.0.1:1/shop"
    else:
        table = "none"
    assert call("check", a_study(tmp_path, address, table)) == 3
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    assert address.split("@")[1] in err
