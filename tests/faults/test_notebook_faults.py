"""Faults inside a notebook: each ends with its exit code, its place in the manifest, and the publication as it was.

Cells count from 1 as in the notebook on disk: 1 the title, 2 the parameters, 3 the first given cell.
"""

import json

import pytest

from helpers.run.endings import NotebookFailed, status_of
from helpers.run.kernels.processes import of_run
from helpers.run.manifest import Fault


def failed(toy, *given):
    """Run a toy that must fail on the cells it was given: what it said and its manifest, nothing left running."""
    before = toy.published()
    said = toy.run(*given)
    manifest = toy.manifests()[-1]
    assert toy.published() == before, "the publication must be byte-identical"
    assert said["exit_code"] == said["returned"] == manifest["exit_code"]
    assert manifest["reason"] == said["reason"]
    assert of_run(manifest["run_id"]) == []
    return said, manifest


def error_of(manifest, name):
    return next(record["error"] for record in manifest["notebooks"] if record["name"] == name)


WRONG = {
    "raises": "raise ValueError('no such luck')",
    "sys_exit": "import sys; sys.exit(0)",
    "os_exit": "import os; os._exit(0)",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "bad_data": "from helpers.contracts import DataError; raise DataError('orders.csv: empty')",
    "wrong_study": "from helpers.contracts import StudyError; raise StudyError('no')",
    "disk_full": "raise OSError(28, 'No space left on device')",
    "memory": "raise MemoryError('too much')",
}


@pytest.fixture(scope="module")
def all_wrong(copied, tmp_path_factory):
    """One run of notebooks that each go wrong in their own way; returns study and manifest."""
    toy = copied(tmp_path_factory.mktemp("wrong") / "toy")
    for name, cell in WRONG.items():
        toy.notebook(name, "held = bytearray(150_000_000)" if name == "memory" else "fine = 1", cell)
    said, manifest = failed(toy, f"each={json.dumps(list(WRONG))}")
    assert (said["exit_code"], manifest["status"]) == (1, "failed")
    assert manifest["reason"] == "raises, cell 4: ValueError: no such luck", "the first that failed is the reason"
    return toy, manifest


@pytest.mark.parametrize(
    ("name", "code", "status", "kind", "message"),
    [
        ("raises", 1, "failed", "ValueError", "no such luck"),
        ("sys_exit", 1, "failed", "SystemExit", "the cell ended the notebook: 0"),
        ("os_exit", 1, "failed", "kernel_died", "the kernel ended while this cell ran"),
        ("killed", 1, "failed", "kernel_died", "the kernel ended"),
        ("bad_data", 3, "bad data", "DataError", "orders.csv: empty"),
        ("wrong_study", 2, "failed", "StudyError", "no"),
        ("disk_full", 73, "failed", "OSError", "No space left"),
        ("memory", 1, "failed", "MemoryError", "too much"),
    ],
)
def test_a_cell_that_goes_wrong(all_wrong, name, code, status, kind, message):
    toy, manifest = all_wrong
    error = error_of(manifest, name)
    assert (error["cell"], error["type"]) == (4, kind)
    assert message in error["message"]
    ending = NotebookFailed(name, Fault(**error))
    assert status_of(ending) == (status, code)
    assert str(ending).startswith(f"{name}, cell 4: ")
    work = toy.folder / manifest["work"] / "notebooks"
    assert (work / f"{name}.failed.ipynb").is_file()
    assert not (work / f"{name}.ipynb").exists()


def test_out_of_memory_tells_the_peak(all_wrong):
    message = error_of(all_wrong[1], "memory")["message"]
    assert 150 < int(message.split("held ")[1].split(" MB")[0]) < 1000


def test_a_fault_of_the_data_in_a_cell_ends_the_run_with_its_own_code(published):
    published.notebook("02_left", "fine = 1", WRONG["bad_data"])
    said, manifest = failed(published)
    assert (said["exit_code"], manifest["status"]) == (3, "bad data")
    assert said["notebooks"] == {"01_first": "reused", "02_left": "failed", "03_right": "reused"}
    assert "02_left, cell 4" in manifest["reason"]


def test_what_needs_a_failed_notebook_is_not_run(published):
    published.notebook("01_first", "1 / 0")
    said, manifest = failed(published)
    assert said["notebooks"] == {"01_first": "failed", "02_left": "not run", "03_right": "not run"}
    assert error_of(manifest, "01_first") == {"cell": 3, "type": "ZeroDivisionError", "message": "division by zero"}
    published.notebook("01_first")
    assert published.run()["exit_code"] == 0


def test_a_hung_cell(published):
    published.notebook("03_right", "import time; time.sleep(600)")
    said, manifest = failed(published, "cell_timeout=2")
    assert (said["exit_code"], manifest["status"]) == (124, "timed out")
    assert error_of(manifest, "03_right")["cell"] == 3
    assert error_of(manifest, "03_right")["type"] == "cell_timeout"


def test_a_hung_run_while_python_is_busy_in_c(published):
    """A regular expression that never ends holds the interpreter, so that no interrupt reaches the cell."""
    published.notebook("02_left", "open('hung', 'w').write('x'); import re; re.match(r'(a+)+$', 'a' * 60 + 'b')")
    for seconds in (8, 32, 128):  # a busy machine may not reach the cell in time
        said, manifest = failed(published, f"timeout={seconds}")
        if (published.folder / "hung").is_file():
            break
    assert (said["exit_code"], manifest["status"]) == (124, "timed out")
    assert f"longer than {seconds} seconds" in manifest["reason"]
    assert error_of(manifest, "02_left")["cell"] == 3
    assert manifest["seconds"] < seconds + 5


def test_an_input_that_changes_under_the_run(published):
    published.notebook(
        "03_right", "from pathlib import Path; Path(study).with_name('data.csv').open('a').write('3,4\\n')"
    )
    said, manifest = failed(published)
    assert (said["exit_code"], manifest["status"]) == (3, "bad data")
    assert "changed while" in said["reason"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("02_left.wrod=x", 'has no parameter "wrod"; did you mean "word"?'),
        ("03_right.pause=soon", "03_right.pause must be float, not 'soon'"),
        ("02_lift.word=x", 'notebook "02_lift" is not known; did you mean "02_left"?'),
        ("02_left.word=../secret", 'must not lead out of its folder with ".."'),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_is_written(published, setting, message):
    runs = sorted((published.folder / "runs").rglob("*"))
    before = published.published()
    said = published.run(f'settings=["{setting}"]')
    assert said["returned"] == 2
    assert message in said["reason"]
    assert sorted((published.folder / "runs").rglob("*")) == runs
    assert published.published() == before
