"""A run whose table lies in PostgreSQL: known again, refused, changed under it; and the publication stands."""

from __future__ import annotations

import json

from postgres_server import PASSWORD, Server, postgres  # noqa: F401 - the server is a fixture

CHANGE = f"""
import psycopg
with psycopg.connect("{{url}}", password="{PASSWORD}") as other:
    other.execute("UPDATE orders SET amount = 3 WHERE customer_id = 'b'")
"""


def last(toy) -> tuple[dict, set[str]]:
    """The newest manifest, and what became of the notebooks."""
    manifest = toy.manifests()[-1]
    return manifest, {notebook["status"] for notebook in manifest["notebooks"]}


def test_a_table_is_known_again_and_a_fault_leaves_the_publication(toy, postgres: Server, monkeypatch):  # noqa: F811
    """One after another, since each run takes seconds: published, unchanged, refused, changed under a run."""
    postgres.do(
        "CREATE TABLE orders (customer_id text, amount numeric, note text)",
        "INSERT INTO orders VALUES ('a', 1, ''), ('b', 2, '')",
    )
    source = f"{{connect: '{postgres.url()}', table: orders}}"
    (toy.folder / "study.yml").write_text(f"study: toy\ntables: {{sales: {source}}}\n")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert toy.run()["returned"] == 0
    [study, sales] = json.loads((toy.out / "manifest.json").read_text())["inputs"]
    assert (study["table"], sales["table"], sales["rows"]) == ("study", "sales", 2)
    assert sales["path"] == f"postgres://127.0.0.1:{postgres.port}/shop orders"
    published = "".join(file.read_text() for file in toy.out.rglob("*") if file.is_file())
    kept = "".join(file.read_text() for file in (toy.folder / "runs").rglob("*.json*"))
    assert PASSWORD not in published + kept
    assert "owner" not in published

    postgres.do("UPDATE orders SET note = 'nobody reads it'")
    assert toy.run()["returned"] == 0
    assert last(toy)[1] == {"reused"}

    before = toy.published()
    monkeypatch.setenv("PGPASSWORD", "no")
    said = toy.run()
    assert (said["exit_code"], said["returned"]) == (3, 3)
    manifest, _ = last(toy)
    assert manifest["status"] == "bad data"
    assert "set PGPASSWORD in the environment" in manifest["reason"]
    assert toy.published() == before

    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    postgres.do("UPDATE orders SET amount = 2.5 WHERE customer_id = 'b'")
    toy.notebook("02_left", CHANGE.format(url=postgres.url()))
    assert toy.run()["returned"] == 3
    manifest, became = last(toy)
    assert became == {"done"}  # nothing was taken over from other data
    assert "shop orders changed while the run was reading it" in manifest["reason"]
    assert toy.published() == before
