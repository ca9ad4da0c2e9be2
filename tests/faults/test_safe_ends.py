"""What lies about cannot run, what is left behind is ended, and every end says which cell and which file it was."""

import json
import os
import subprocess
import time

import psutil
import pytest

from helpers.previous import work_behind
from helpers.run.kernels import processes
from helpers.run.kernels.processes import control_group

PLANTED = "from pathlib import Path; Path({mark!r}).write_text(__name__); raise RuntimeError('planted')\n"
CLEARED = """
import os, subprocess
shell = ["/bin/sh", "-c", "sleep 300 & echo $! > mark.tmp; mv mark.tmp mark"]
stray = subprocess.Popen(shell, start_new_session=True, env={})
stray.wait()
"""
"""A grandchild in a session of its own, whose parent is gone and whose environment names no run."""


def gone(pid, seconds=5.0):
    until = time.monotonic() + seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie":
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def test_what_lies_in_the_current_folder_or_beside_the_study_is_never_imported(toy):
    names = ("helpers", "duckdb", "pandas", "papermill", "json", "psutil", "ipykernel_launcher", "traitlets")
    for name in names:
        (toy.folder / f"{name}.py").write_text(PLANTED.format(mark=str(toy.folder / f"{name}.ran")))
    toy.notebook("02_left", "import duckdb, pandas, helpers, json")
    said = toy.run()
    assert said["exit_code"] == 0, said
    assert [path.name for path in toy.folder.glob("*.ran")] == []


@pytest.mark.parametrize("grouped", [True, False])
def test_a_grandchild_with_a_cleared_environment_is_ended(published, grouped):
    if grouped and not control_group("x"):
        pytest.skip("this machine has no control groups (cgroup v2)")
    published.notebook("02_left", CLEARED)
    said = published.run(f"groups={json.dumps(grouped)}")
    assert said["exit_code"] == 0, said
    assert gone(int((published.folder / "mark").read_text()))
    if grouped:  # other runs on this machine may have theirs
        assert not control_group(published.manifests()[-1]["run_id"]).exists()


@pytest.mark.parametrize("grouped", [True, False])
def test_such_a_grandchild_is_ended_when_the_runner_is_killed(published, grouped):
    if grouped and not control_group("x"):
        pytest.skip("this machine has no control groups (cgroup v2)")
    wait = "import time; time.sleep(2.5); open('seen', 'w').write('x'); time.sleep(99)"
    published.notebook("02_left", CLEARED + wait)
    run = published.start(f"groups={json.dumps(grouped)}")
    stray = int(published.wait_for("mark"))
    published.wait_for("seen")  # the guard looks once a second
    assert not gone(stray, 0)
    run.kill()
    run.wait()
    assert gone(stray)


@pytest.mark.parametrize("ends", ["quit()", "exit()", "get_ipython().ask_exit()"])
def test_a_cell_that_quits_is_the_one_that_is_named(published, ends):
    published.notebook("02_left", "fine = 1", ends, "later = 1", "later = 2")
    said = published.run()
    error = next(r["error"] for r in published.manifests()[-1]["notebooks"] if r["name"] == "02_left")
    assert (said["exit_code"], error["cell"], error["type"]) == (1, 4, "SystemExit")


def test_a_killed_worker_names_the_cell(published):
    published.notebook("02_left", "fine = 1", "import os, signal; os.kill(os.getppid(), signal.SIGKILL)")
    said = published.run()
    error = next(r["error"] for r in published.manifests()[-1]["notebooks"] if r["name"] == "02_left")
    assert (said["exit_code"], error["cell"], error["type"]) == (1, 4, "worker_died")
    assert said["reason"].startswith("02_left, cell 4: worker_died")


def test_an_input_that_changes_is_named(published):
    published.notebook(
        "03_right", "from pathlib import Path; Path(study).with_name('data.csv').open('a').write('3,4\\n')"
    )
    assert "data.csv changed while the run was reading it" in published.run()["reason"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small disk")
def test_a_full_work_disk_still_tells_how_the_run_ended(published, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("this machine does not let tests mount")
    fill = "\nwith open(work + '/filler', 'wb', buffering=0) as file:\n    while True: file.write(bytes(4096))"
    published.notebook("02_left", fill)
    try:
        said = published.run(f'work="{disk}/work"')
        manifest = json.loads((disk / "work" / "manifest.json").read_text())
    finally:
        subprocess.run(["umount", disk], check=True)
    assert (said["returned"], manifest["status"], manifest["exit_code"]) == (73, "failed", 73)
    assert "No space left" in manifest["reason"]


@pytest.mark.parametrize("foreign", ['{"status": "running"}', '{"status": "running", "study": "toy"}', "[]", "{"])
def test_a_foreign_manifest_beside_the_work_folder(published, foreign):
    other = published.folder / "runs" / "toy" / "notes"
    other.mkdir()
    (other / "manifest.json").write_text(foreign)
    assert published.run()["exit_code"] == 0
    assert (other / "manifest.json").read_text() == foreign


CARD = '{"run_id": "r", "personas": [{"id": "persona-1"}], "coverage": {}, "structure": {}}'


@pytest.mark.parametrize("content", ["{}", "[]", "{", "null", '{"personas": []}', CARD])
def test_a_damaged_publication_is_told_and_left(published, content):
    (published.out / "personas.json").write_text(content)
    said = published.run()
    assert said["returned"] == 2
    assert "is damaged (personas.json)" in said["reason"]
    assert (published.out / "personas.json").read_text() == content


def test_no_published_record_says_where_on_a_machine_it_was_made(published, tmp_path):
    out = tmp_path / "elsewhere" / "out"
    work = tmp_path / "private" / "work"
    away = tmp_path / "cwd"
    away.mkdir()
    for _ in range(2):  # the second has a previous publication
        toy_run = published.start(f'out="{out}"', f'work="{work}"', cwd=away)
        said = json.loads(toy_run.communicate(timeout=240)[0])
        assert said["exit_code"] == 0, said
    text = (out / "manifest.json").read_text()
    assert str(tmp_path) not in text
    assert not [line for line in text.splitlines() if '"/' in line]
    manifest = json.loads(text)
    assert [file["path"] for file in manifest["inputs"][:2]] == ["study.yml", "data.csv"]
    assert work_behind(out) == work
    assert processes.of_run(manifest["run_id"]) == []
