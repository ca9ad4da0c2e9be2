"""Faults of the machine: signals, kill -9, full disks, folders that refuse, two runs at once."""

import json
import os
import random
import resource
import signal
import subprocess
import time

import psutil
import pytest

from helpers.run.kernels.processes import identity

BUSY = """
import subprocess, re
stray = subprocess.Popen(["sleep", "300"], start_new_session=True)
with open("mark.tmp", "w") as file:
    file.write(str(stray.pid))
import os; os.replace("mark.tmp", "mark")
"""
IN_C = "re.match(r'(a+)+$', 'a' * 60 + 'b')"
"""Holds the interpreter's lock for ever: the kernel can neither be interrupted nor notice that its parent is gone."""


def ended(pids, seconds=5.0):
    """Whether these processes are gone (or dead and not yet collected) within ``seconds``."""
    until = time.monotonic() + seconds
    while alive := [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]:
        if time.monotonic() > until:
            return alive == []
        time.sleep(0.1)
    return True


def family(pid):
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_to_the_runner(published, number, code):
    published.notebook("02_left", BUSY + IN_C)
    before = published.published()
    run = published.start()
    stray = int(published.wait_for("mark"))
    processes = [*family(run.pid), stray]
    run.send_signal(number)
    time.sleep(0.05)
    run.send_signal(number)  # an impatient user presses again
    assert json.loads(run.communicate(timeout=60)[0])["exit_code"] == run.returncode == code
    assert ended(processes)
    manifest = published.manifests()[-1]
    assert (manifest["status"], manifest["exit_code"]) == ("terminated", code)
    assert manifest["reason"] == f"stopped by {number.name}"
    left = next(record for record in manifest["notebooks"] if record["name"] == "02_left")
    assert left["error"]["type"] == "stopped"
    assert left["error"]["cell"] == 3
    assert published.published() == before


def test_kill_9_of_the_runner_leaves_no_process_and_the_next_run_says_so(published):
    published.notebook("02_left", BUSY + IN_C)
    before = published.published()
    run = published.start()
    stray = int(published.wait_for("mark"))
    processes = [*family(run.pid), stray]
    assert len(processes) >= 4  # guard, worker, kernel, the kernel's own child
    run.kill()
    run.wait()
    assert ended(processes)
    assert published.published() == before
    living = published.manifests()[-1]
    assert (living["status"], living["process"]["pid"]) == ("running", run.pid)
    assert living["process"]["until"] > time.time() + 3600  # when another machine may take it for dead

    published.notebook("02_left")
    assert published.run()["exit_code"] == 0
    dead, new = published.manifests()[-2:]
    assert (dead["status"], dead["exit_code"], dead["reason"]) == ("interrupted", None, "the run was killed")
    assert "process" not in dead
    assert new["status"] == "unchanged"  # the killed run had switched nothing


def test_the_next_run_ends_what_even_the_guard_missed(published):
    """Runner and guard are killed together: only the mark in the environment is left to find the stray by."""
    published.notebook("02_left", BUSY + IN_C)
    run = published.start()
    stray = int(published.wait_for("mark"))
    guards = [
        pid for pid in family(run.pid) if "helpers.run.kernels.processes" in " ".join(psutil.Process(pid).cmdline())
    ]
    assert len(guards) == 1
    os.kill(guards[0], signal.SIGKILL)
    run.kill()
    run.wait()
    time.sleep(1)
    assert psutil.pid_exists(stray), "the test needs a process that was missed"
    published.notebook("02_left")
    assert published.run()["exit_code"] == 0
    assert ended([stray])


def test_two_runs_at_once(published):
    published.notebook("02_left", "import time; open('mark', 'w').write('x'); time.sleep(3)")
    first = published.start()
    published.wait_for("mark")
    second = published.run()
    assert second["returned"] == 75
    assert f"process {first.pid}," in second["reason"]
    assert json.loads(first.communicate(timeout=240)[0])["exit_code"] == first.returncode == 0
    assert "<p>02_left hello" in (published.out / "index.html").read_text()


def test_a_stale_lock_is_recovered(published):
    holder = published.folder / ".out-versions" / ".holder.json"
    holder.write_text(json.dumps({**identity(), "run_id": "gone", "started_at": "yesterday"}))
    assert (published.folder / ".out-versions" / ".lock").is_file()
    assert published.run()["exit_code"] == 0
    assert not holder.exists()


def test_no_place_to_publish_is_said_before_a_kernel_starts(toy):
    (toy.folder / "wall").write_text("a file stands in the way")
    for out in ("wall", "wall/out"):
        said = toy.run(f'out="{toy.folder}/{out}"')
        assert said["returned"] == 73, said
        assert "wall" in said["reason"]
    assert not (toy.folder / "runs").exists()
    assert (toy.folder / "wall").read_text() == "a file stands in the way"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a read-only mount")
def test_a_read_only_place(published, tmp_path):
    before = published.published()
    if subprocess.run(["mount", "--bind", published.folder, published.folder], capture_output=True).returncode:
        pytest.skip("this machine does not let tests mount")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", published.folder], check=True)
        said = published.run(f'work="{tmp_path}/work"')
    finally:
        subprocess.run(["umount", published.folder], check=True)
    assert said["returned"] == 73
    assert "Read-only file system" in said["reason"]
    assert published.published() == before
    assert not (tmp_path / "work").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small disk")
def test_a_full_disk(published, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("this machine does not let tests mount")
    try:
        assert published.run(f'out="{disk}/out"')["returned"] == 0
        before = {file: file.read_bytes() for file in (disk / "out").rglob("*") if file.is_file()}
        said = published.run(f'out="{disk}/out"', 'settings=["03_right.filler=3000000"]')
        assert {file: file.read_bytes() for file in (disk / "out").rglob("*") if file.is_file()} == before
        assert [path.name for path in (disk / ".out-versions").glob("*.partial")] == []
    finally:
        subprocess.run(["umount", disk], check=True)
    assert said["returned"] == 73
    assert "No space left" in said["reason"]
    assert published.manifests()[-1]["status"] == "failed"


def test_a_limit_on_the_size_of_files(published):
    before = published.published()
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))}
    said = published.run('settings=["03_right.filler=400000"]', **limit)
    assert said["returned"] == 73
    assert "File too large" in said["reason"]
    assert published.published() == before


def test_a_half_written_earlier_output_is_made_again(published):
    work = published.folder / published.manifests()[-1]["work"]
    output = work / "notebooks" / "02_left.ipynb"
    output.write_bytes(output.read_bytes()[: output.stat().st_size // 2])
    (work / "answers" / "03_right.txt").unlink()
    said = published.run()
    assert said["exit_code"] == 0
    assert said["notebooks"] == {"01_first": "reused", "02_left": "done", "03_right": "done"}
    assert json.loads((published.folder / published.manifests()[-1]["work"] / "notebooks/02_left.ipynb").read_text())


def without_run_id(toy):
    """The publication's facts: everything but the manifest and the run's own name."""
    facts = {name: (toy.out / name).read_text() for name in toy.published() if name != "manifest.json"}
    return facts | {"personas.json": {**json.loads(facts["personas.json"]), "run_id": ""}}


def test_a_run_cut_short_is_resumed_to_the_same_facts(toy):
    toy.notebook(
        "03_right", "import os, time; open('mark', 'w').write('x'); time.sleep(0 if os.path.exists('on') else 99)"
    )
    run = toy.start("jobs=1")
    toy.wait_for("mark")
    run.kill()
    run.wait()
    (toy.folder / "on").touch()
    said = toy.run()
    assert said["exit_code"] == 0
    assert said["notebooks"]["01_first"] == "reused"
    assert said["notebooks"]["03_right"] == "done"
    resumed = without_run_id(toy)
    assert toy.run("fresh=true")["notebooks"] == {"01_first": "done", "02_left": "done", "03_right": "done"}
    assert without_run_id(toy) == resumed


def test_kill_9_at_random_moments(published):
    """Whenever the runner dies, the publication is whole, nothing keeps running, and the next run finds its way.

    `make kills` does it at 200 moments.
    """
    rng = random.Random(20251231)
    facts = without_run_id(published)
    for _ in range(int(os.environ.get("KILLS", "4"))):
        before = published.published()
        run = published.start("fresh=true", 'settings=["03_right.pause=0.3"]')
        time.sleep(0.4)
        moment, seen = time.monotonic() + rng.uniform(0, 7), set()
        while time.monotonic() < moment and run.poll() is None:
            seen |= set(family(run.pid))
            time.sleep(0.05)
        run.kill()
        run.wait()
        assert ended(seen)
        assert without_run_id(published) == facts
        assert published.published().keys() == before.keys()
        assert json.loads((published.out / "manifest.json").read_text())["status"] == "published"
    assert published.run()["exit_code"] == 0
    assert without_run_id(published) == facts
    assert {manifest["status"] for manifest in published.manifests()} <= {"published", "interrupted"}
