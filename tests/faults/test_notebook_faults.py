"""Faults inside a notebook: each ends with its exit code, its place in the manifest, and the publication as it was.

Cells count from 1 as in the notebook on disk: 1 the title, 2 the parameters, 3 the first given cell.
"""

import pytest

from helpers.run.processes import of_run

DONE = {"01_first": "done", "02_left": "done", "03_right": "done"}


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


@pytest.mark.parametrize(
    ("cell", "code", "status", "kind", "message"),
    [
        ("raise ValueError('no such luck')", 1, "failed", "ValueError", "no such luck"),
        ("import sys; sys.exit(0)", 1, "failed", "SystemExit", "the cell ended the notebook: 0"),
        ("import os; os._exit(0)", 1, "failed", "kernel_died", "the kernel ended while this cell ran"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 1, "failed", "kernel_died", "the kernel ended"),
        ("from helpers.contracts import DataError; raise DataError('orders.csv: empty')", 3, "bad data", "DataError",
         "orders.csv: empty"),
        ("from helpers.contracts import StudyError; raise StudyError('no')", 2, "failed", "StudyError", "no"),
        ("raise OSError(28, 'No space left on device')", 73, "failed", "OSError", "No space left"),
    ],
    ids=["raises", "sys.exit", "os._exit", "kernel killed", "bad data", "wrong study", "disk full in a cell"],
)  # fmt: skip
def test_a_cell_that_goes_wrong(published, cell, code, status, kind, message):
    published.notebook("02_left", "fine = 1", cell)
    said, manifest = failed(published)
    assert (said["exit_code"], manifest["status"]) == (code, status)
    assert said["notebooks"] == {"01_first": "reused", "02_left": "failed", "03_right": "reused"}
    error = error_of(manifest, "02_left")
    assert (error["cell"], error["type"]) == (4, kind)
    assert message in error["message"]
    assert "02_left, cell 4" in manifest["reason"]
    work = published.folder / manifest["work"] / "notebooks"
    assert (work / "02_left.failed.ipynb").is_file()
    assert not (work / "02_left.ipynb").exists()


def test_out_of_memory_tells_the_peak(published):
    published.notebook("02_left", "held = bytearray(150_000_000)", "raise MemoryError('too much')")
    _, manifest = failed(published)
    error = error_of(manifest, "02_left")
    peak = int(error["message"].split("held ")[1].split(" MB")[0])
    assert error["type"] == "MemoryError"
    assert 150 < peak < 1000


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
