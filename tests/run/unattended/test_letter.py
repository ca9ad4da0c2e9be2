"""The letter on a run that nobody watched, over folders made here."""

import json
from pathlib import Path

import pytest

from helpers.run.kernels.processes import identity
from helpers.run.unattended.letter import write_letter

CARDS = [
    {"id": "persona-1", "kind": "persona", "handle": "Coupon users", "size": {"share": 0.31}},
    {"id": "persona-2", "kind": "persona", "handle": "Large orders", "size": {"share": 0.2}},
    {"id": "no-order", "kind": "segment", "handle": "No order", "size": {"share": 0.1}},
]
BEFORE = [{"id": "persona-1", "handle": "Coupon users"}, {"id": "persona-9", "handle": "Night buyers"}]
DRIFT = {
    "previous": "r0", "alert": True, "statement": "The mix has changed.", "new": ["persona-2"],
    "retired": ["persona-9"],
    "matches": [
        {"id": "persona-1", "previous_id": "persona-1", "share": 0.31, "previous_share": 0.25},
        {"id": "persona-2", "previous_id": None, "share": 0.2, "previous_share": None},
    ],
}  # fmt: skip


def put(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a study that was never published."""
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "shop" / "orders.csv", "customer_id,order_id,ordered_at,amount\n1,1,2025-01-01,5\n")
    put(tmp_path / "shop" / "study.yml", "study: shop\ntables: {sales: {path: orders.csv}}\n")
    return tmp_path


def worked(shop: Path, run_id: str, **facts: object) -> Path:
    """A work folder as a run leaves it."""
    work = shop / "runs" / "shop" / run_id
    put(work / "manifest.json", {"study": "shop", "run_id": run_id} | facts)
    put(work / "run.log", "".join(f"line {i} of {run_id}\n" for i in range(1, 31)))
    return work


def published(shop: Path, work: Path) -> None:
    out = shop / "personas" / "shop"
    put(out / "index.html", "<p>")
    put(out / "manifest.json", {"work": str(work), "run_id": "r1", "finished_at": "2026-11-30T05:16:00+00:00"})
    put(out / "personas.json", {"run_id": "r1", "personas": CARDS})
    put(out / "drift.json", DRIFT)
    put(shop / "personas" / ".shop-versions" / "r0" / "personas.json", {"personas": BEFORE})


def test_drift_names_each_persona_the_page_and_the_log(shop):
    published(shop, worked(shop, "r1", status="published", exit_code=4))
    letter = write_letter(shop / "shop", 4, said="progress, which does not name the run")
    assert letter.subject == letter.text.splitlines()[0] == "personas shop: published, and the personas have drifted"
    for told in ("The mix has changed.", "2 personas: “Coupon users” 31 % and “Large orders” 20 %.",
                 "Coupon users (persona-1): 31 % now, 25 % before", "Large orders (persona-2): 20 % now, new",
                 "Night buyers (persona-9): no longer found", str(shop / "personas" / "shop" / "index.html"),
                 "    line 30 of r1"):  # fmt: skip
        assert told in letter.text
    assert "line 10 " not in letter.text
    assert len(letter.changes) == 3


def test_a_failure_tells_the_reason_and_what_stands(shop):
    published(shop, worked(shop, "r1", status="published", exit_code=0))
    worked(
        shop,
        "r2",
        status="failed",
        exit_code=1,
        reason="04_personas, cell 3: ValueError: a\x1b[31mb for ann@mail.example",
    )
    letter = write_letter(shop / "shop", 1)
    assert (letter.verdict, letter.code, letter.changes) == ("failed", 1, ())
    assert "04_personas, cell 3: ValueError: ab for [e-mail]" in letter.text
    assert "The last publication, of 30 November 2026, is as it was." in letter.text
    assert "    line 30 of r2" in letter.text


def test_a_study_that_never_published_is_told_so(shop):
    worked(shop, "r1", status="failed", exit_code=1, reason="no")
    letter = write_letter(shop / "shop", 1)
    assert "Nothing has been published yet." in letter.text
    assert "as it was" not in letter.text
    assert letter.page is None


def test_a_killed_run_is_found_by_its_dead_process(shop):
    worked(shop, "r1", status="running", exit_code=None, process=identity() | {"created": 1.0})
    letter = write_letter(shop / "shop", None)
    assert letter.code == 137
    assert "memory ran out" in letter.text


@pytest.mark.parametrize("code", [2, 73, 75])
def test_one_that_never_began_is_not_told_by_an_older_run_s_log(shop, code):
    worked(shop, "r1", status="failed", exit_code=1, reason="an old reason")
    letter = write_letter(shop / "shop", code, said="personas: what it said\n")
    assert "    personas: what it said" in letter.text
    assert "old reason" not in letter.text
    assert f"({code})" in letter.text


def test_the_run_is_the_one_that_the_command_named(shop):
    worked(shop, "r1", status="bad data", exit_code=3, reason="the first")
    worked(shop, "r2", status="failed", exit_code=1, reason="another's")
    letter = write_letter(shop / "shop", 3, said="What happened: runs/shop/r1/run.log")
    assert "the first" in letter.text
    assert "another's" not in letter.text


def test_a_broken_study_is_told_by_its_name(shop):
    put(shop / "shop" / "study.yml", "study: [")
    assert write_letter(shop / "shop" / "study.yml", 2).subject == "personas shop: FAILED, exit code 2"


def test_a_run_that_never_began_is_no_success_of_the_last_one(shop):
    """As systemd before 251 tells it: no exit code, and the journal, which may be empty to whoever asks."""
    published(shop, worked(shop, "r1", status="published", exit_code=0))
    assert write_letter(shop / "shop", None, said="").verdict == "failed"
    assert write_letter(shop / "shop", None, said="Failed at step EXEC").verdict == "failed"
    assert write_letter(shop / "shop", None).verdict == "published"


def test_the_log_of_a_run_at_work_is_not_told_as_that_of_the_one_that_ended(shop):
    """Ended with 75, since another is at work: its log is the other's affair; once killed it is what to tell."""
    work = worked(shop, "r2", status="running", process=identity())
    assert write_letter(shop / "shop", 75, said="another run works here").lines == ("another run works here",)
    worked(shop, work.name, status="running", process=identity() | {"created": 1.0})
    assert write_letter(shop / "shop", 137, said="").lines[-1] == "line 30 of r2"
