"""Kernels that are forked from a process with all imports made: as apart from one another as kernels started anew."""

import json

import psutil
import pytest

from helpers.run.kernels.notebooks import WORTH_FORKING

NAMES = [f"{number:02d}_one" for number in range(WORTH_FORKING)]
EACH = f"each={json.dumps(NAMES)}"
NOTE = """
import os, sys, numpy as np, psutil
above = [process.pid for process in psutil.Process().parents()][:2]
kernel = {"pid": os.getpid(), "session": os.getsid(0), "above": above, "folder": os.getcwd()}
kernel |= {"imported": "helpers.cards.cards" in sys.modules, "named": "left_behind" in globals()}
kernel |= {"drawn": np.random.default_rng().random(), "run": os.environ["PERSONAS_RUN_ID"]}
left_behind = 1
import json; _ = open(f"{os.getpid()}.kernel", "w").write(json.dumps(kernel))
"""


def running(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_each_kernel_has_its_own_process_names_and_chance(toy):
    for name in NAMES:
        toy.notebook(name, NOTE)
    toy.run(EACH)
    kernels = [json.loads(file.read_text()) for file in toy.folder.rglob("*.kernel")]
    assert len(kernels) == len(NAMES)
    assert all(kernel["session"] == kernel["pid"] and kernel["imported"] and not kernel["named"] for kernel in kernels)
    assert len({kernel["drawn"] for kernel in kernels}) == len({kernel["pid"] for kernel in kernels}) == len(NAMES)
    assert {kernel["run"] for kernel in kernels} == {toy.manifests()[-1]["run_id"]}
    assert {kernel["folder"] for kernel in kernels} == {str(next(toy.folder.rglob("*.kernel")).parent)}


@pytest.mark.parametrize("above", [0, 1], ids=["the process that it was forked from", "its worker"])
def test_a_kernel_does_not_outlive_those_above_it(toy, above):
    for name in NAMES:
        toy.notebook(name)
    kill = f"psutil.Process(kernel['above'][{above}]).kill(); import time; time.sleep(99)"
    toy.notebook(NAMES[0], NOTE, kill)
    said = toy.run(EACH)
    error = next(r["error"] for r in toy.manifests()[-1]["notebooks"] if r["name"] == NAMES[0])
    assert (said["exit_code"], error["cell"]) == (1, 4)
    assert error["type"] == ("kernel_died", "worker_died")[above]
    kernel = json.loads(next(toy.folder.rglob("*.kernel")).read_text())
    assert not any(running(pid) for pid in (kernel["pid"], kernel["above"][above]))


def test_nothing_is_left_of_forked_kernels_when_the_runner_is_killed(toy):
    for name in NAMES:
        toy.notebook(name, "open('mark', 'w').write('x'); import time; time.sleep(99)")
    run = toy.start(EACH)
    toy.wait_for("mark")
    living = psutil.Process(run.pid).children(recursive=True)
    assert len(living) >= 4  # the guard, a worker, the process that is forked from, a kernel
    run.kill()
    run.wait()
    psutil.wait_procs(living, timeout=8)
    assert not any(running(process.pid) for process in living)
