"""Old work folders go; what the publication or a run needs stays."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.contracts import StudyError
from helpers.run.kernels.processes import identity
from helpers.run.publish import Busy, hold
from helpers.run.unattended.prune import prune
from helpers.study import Study


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Five runs of a shop, the second of which is published, and a folder of another study among them."""
    monkeypatch.chdir(tmp_path)
    for name in ("r1", "r2", "r3", "r4", "r5"):
        put(name, study="shop", status="published")
    put("r0", study="other", status="published")
    (tmp_path / "runs" / "shop" / "notes").mkdir()
    (tmp_path / "personas" / ".shop-versions").mkdir(parents=True)
    (tmp_path / "personas" / "shop").mkdir()
    (tmp_path / "personas" / "shop" / "manifest.json").write_text(json.dumps({"work": "runs/shop/r2"}))
    return Study.model_validate(
        {"study": "shop", "tables": {"sales": {"path": "a.csv"}}, "path": tmp_path / "study.yml"}, strict=False
    )


def put(name: str, **manifest: object) -> Path:
    folder = Path("runs/shop") / name
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "tables" / "orders.parquet").write_bytes(b"data")
    (folder / "manifest.json").write_text(json.dumps({"run_id": name} | manifest))
    return folder


def left() -> set[str]:
    return {folder.name for folder in Path("runs/shop").iterdir()}


def test_the_newest_and_the_published_one_stay_and_so_does_what_is_nobody_s(study):
    gone = prune(study, keep=2)
    assert [folder.name for folder in gone] == ["r3", "r1"]
    assert left() == {"r0", "r2", "r4", "r5", "notes"}
    assert prune(study, keep=2) == []


def test_nothing_goes_while_a_run_is_at_work(study):
    put("r1", study="shop", status="running", process=identity())
    with pytest.raises(Busy, match="r1"):
        prune(study, keep=1)
    assert left() == {"r0", "r1", "r2", "r3", "r4", "r5", "notes"}


def test_a_run_that_was_killed_is_none(study):
    put("r1", study="shop", status="running", process=identity() | {"created": 1.0})
    prune(study, keep=2)
    assert "r1" not in left()


def test_what_a_machine_left_that_died_at_work_does_not_stay_for_ever(study):
    """As containers do, which have another name each time."""
    there = {"host": "gone-with-its-run", "pid": 7, "created": 1.0}
    put("r1", study="shop", status="running", process=there | {"until": time.time() + 60})
    with pytest.raises(Busy, match="r1"):
        prune(study, keep=2)
    put("r1", study="shop", status="running", process=there | {"until": time.time() - 60})
    prune(study, keep=2)
    assert "r1" not in left()


@pytest.mark.parametrize("folder", ["personas/.shop-versions", "runs/shop/r1"])
def test_locks_are_respected(study, folder):
    code = (
        "import sys; from pathlib import Path; from helpers.run.publish import hold\n"
        "with hold(Path(sys.argv[1]), 'a run'): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Busy, match="a run"):
            prune(study, keep=1)
        holder.stdin.close()
    assert {"r1", "r3"} <= left()
    prune(study, keep=1)
    assert left() == {"r0", "r2", "r5", "notes"}


def test_a_run_cannot_start_meanwhile(study, monkeypatch):
    from helpers.run.unattended import prune as module

    def remove(folder: Path) -> None:
        with pytest.raises(Busy), hold(Path("personas/.shop-versions"), "a run"):
            pass

    monkeypatch.setattr(module, "_remove", remove)
    assert prune(study, keep=1)


@pytest.mark.parametrize(("keep", "runs"), [(0, "runs/shop"), (3, "nowhere")])
def test_wrong_use_is_told(study, keep, runs):
    with pytest.raises(StudyError, match=r"--keep 0|nowhere"):
        prune(study, keep, runs=Path(runs))
    assert len(left()) == 7
