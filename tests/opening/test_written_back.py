"""`personas assign --connect`: a table of its own, all of it or nothing, and never over another table."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from postgres_server import PASSWORD, Server, postgres  # noqa: F401 - the server is a fixture

from helpers import cli
from helpers.connection import Connection
from helpers.contracts import StudyError
from helpers.opening.written_back import NotWritten, write_back

BY_SPEND = {
    "schema": 1, "kind": "tiers", "features": [], "likert": None, "categories": [], "structural": [],
    "tiers": {"table": "customers", "column": "spend", "edges": [50]}, "label_rule": {}, "ids": ["low", "high"],
}  # fmt: skip
PLACED = [("a", "low", 1.0, False, 1.0, 0.0), ("b", "high", 1.0, False, 0.0, 1.0), ("late", "unassigned", *[None] * 4)]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """``call(*options)`` assigns three customers, of whom one came late; its exit code and what it said."""
    (tmp_path / "sales.csv").write_text(
        "customer_id,order_id,ordered_at,amount\na,1,2025-01-01,10\nb,2,2025-01-02,90\nlate,3,2025-01-10,5\n"
    )
    (tmp_path / "study.yml").write_text(
        "study: next\nwindow: {holdout_from: 2025-01-09}\ntables: {sales: {path: sales.csv}}\n"
    )
    (tmp_path / "publication").mkdir()
    (tmp_path / "publication" / "model.json").write_text(json.dumps(BY_SPEND))
    monkeypatch.chdir(tmp_path)

    def assign(*options: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["assign", "publication", "study.yml", *options])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return ended.value.code or 0, out + err

    return assign


@pytest.fixture(params=["postgres", "duckdb"])
def target(request: pytest.FixtureRequest, tmp_path: Path):
    """The address of an empty database, and what runs a query in it."""
    if request.param == "duckdb":

        def ask(query: str) -> list[tuple]:
            with duckdb.connect(str(tmp_path / "crm.duckdb")) as handle:
                return handle.execute(query).fetchall()

        return "crm.duckdb", ask
    server = request.getfixturevalue("server")

    def ask_server(query: str) -> list[tuple]:
        if query.startswith("SELECT"):
            return server.rows(query)
        return server.do(query) or []

    return server.url(), ask_server


EVERYBODY = "SELECT customer_id, persona, probability, answered, p_low, p_high FROM placed ORDER BY 1"


def test_customers_are_written_once_and_exchanged_on_demand(call, target):
    address, ask = target
    code, said = call("--connect", address, "--table", "placed")
    assert code == 0
    assert "2 of 3 customers have a persona" in said
    assert said.startswith(f"{address.replace('owner@', '')} placed\n")
    rows = ask(EVERYBODY)
    assert [row[:2] for row in rows] == [row[:2] for row in PLACED]
    assert [row[4:] for row in rows] == [row[4:] for row in PLACED]
    ask("CREATE VIEW lows AS SELECT * FROM placed WHERE persona = 'low'")
    code, said = call("--connect", address, "--table", "placed")
    assert (code, "this table is there already; name another, or say --replace" in said) == (2, True)
    ask("DELETE FROM placed WHERE customer_id = 'b'")
    assert call("--connect", address, "--table", "placed", "--replace", "--out", "also.csv")[0] == 0
    assert ask(EVERYBODY) == rows
    assert ask("SELECT customer_id FROM lows") == [("a",)]  # what looks at the table still does
    assert len(Path("also.csv").read_text(encoding="utf-8-sig").splitlines()) == 4


def test_another_table_is_never_replaced(call, target):
    address, ask = target
    ask("CREATE TABLE placed (customer_id text, name text)")
    ask("INSERT INTO placed VALUES ('a', 'Ann')")
    code, said = call("--connect", address, "--table", "placed", "--replace")
    assert (code, "holds something else than assignments and is left alone" in said) == (2, True)
    assert ask("SELECT * FROM placed") == [("a", "Ann")]


def test_of_other_personas_the_table_is_made_anew(call, target):
    address, ask = target
    ask("CREATE TABLE placed (customer_id text, persona text, probability float8, p_only float8)")
    assert call("--connect", address, "--table", "placed", "--replace")[0] == 0
    assert [row[:2] for row in ask(EVERYBODY)] == [row[:2] for row in PLACED]


@pytest.fixture
def server(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Server:  # noqa: F811
    """The server, empty, its password known."""
    postgres.do("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return postgres


def test_rows_that_do_not_arrive_leave_the_old_ones(call, server):
    address = server.url()
    assert call("--connect", address, "--table", "placed")[0] == 0
    server.do(
        "CREATE FUNCTION drop_b() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF NEW.customer_id = 'b' THEN RETURN NULL; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER dropping BEFORE INSERT ON placed FOR EACH ROW EXECUTE FUNCTION drop_b()",
    )
    before = server.rows(EVERYBODY)
    code, said = call("--connect", address, "--table", "placed", "--replace")
    assert (code, "2 rows were written of 3, and so none is" in said) == (73, True)
    assert server.rows(EVERYBODY) == before


def test_a_database_that_takes_nothing_ends_with_73_before_any_work(call, server, monkeypatch):
    monkeypatch.setattr("helpers.types.newcomers.place_newcomers", None)  # never come to
    server.do(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'", "GRANT USAGE ON SCHEMA public TO reader")
    code, said = call("--connect", server.url("reader"), "--table", "placed")
    assert (code, "ask whoever runs the database to GRANT it" in said) == (73, True)
    code, said = call("--connect", server.url(), "--table", "nowhere.placed")
    assert (code, "no such table" in said) == (73, True)
    code, said = call("--connect", "postgres://owner@127.0.0.1:1/shop", "--table", "placed")
    assert (code, "cannot be reached" in said) == (73, True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "give --out FILE, or --connect URL and --table NAME"),
        (("--table", "placed"), "goes with --connect"),
        (("--connect", "crm.duckdb"), "--table: names no table"),
        (("--connect", "postgres://me:hidden@host/crm", "--table", "placed"), "--connect: holds a password"),
        (("--connect", "mysql://me@host/crm", "--table", "placed"), "is no address of a database"),
    ],
)
def test_wrong_use_is_2_and_repeats_no_password(call, options, told):
    code, said = call(*options)
    assert (code, told in said, "hidden" in said) == (2, True, False)


def test_a_file_that_cannot_be_made_is_told(tmp_path):
    placed = pd.DataFrame({"customer_id": ["a"], "persona": ["low"], "probability": [1.0]})
    with pytest.raises(NotWritten, match="not a readable DuckDB file"):
        write_back(Connection("no/such/crm.duckdb", "placed"), tmp_path, placed, replace=False)
    write_back(Connection("crm.duckdb", "placed"), tmp_path, placed, replace=False)
    with pytest.raises(StudyError, match="there already"):
        write_back(Connection("crm.duckdb", "placed"), tmp_path, placed, replace=False)
