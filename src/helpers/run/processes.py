"""Nothing outlives a run: its processes carry its id, end with it, and are swept up when it is killed.

Three nets, each for what slips through the one before: a worker or kernel asks the operating system to end it with
its parent (Linux; holds even while Python is busy in C); a guard process notices the end of the runner and sweeps up
whatever carries the run's id in its environment, grandchildren in sessions of their own included; and the next run
sweeps for runs whose process is gone.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any

import psutil

MARK = "PERSONAS_RUN_ID"
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent: int) -> None:
    """End this process when ``parent``, the process that started it, ends. Called in the child; Linux alone."""
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before we could ask
        os._exit(1)


def identity() -> dict[str, Any]:
    """Machine, process id and start time of this process: together they name it, though ids are used again."""
    return {"host": platform.node(), "pid": os.getpid(), "created": psutil.Process().create_time()}


def is_alive(process: dict[str, Any]) -> bool:
    """Whether the process of that identity still runs; of another machine's processes nobody here can tell, so yes."""
    if process.get("host", platform.node()) != platform.node():
        return True
    try:
        found = psutil.Process(int(process["pid"]))
        return abs(found.create_time() - process["created"]) < 1 and found.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, KeyError, TypeError, ValueError):
        return False


def of_run(run_id: str) -> list[psutil.Process]:
    """Every process that carries the run's id, and their descendants; not the one that asks."""
    found: set[psutil.Process] = set()
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == run_id:
                found |= {process, *process.children(recursive=True)}
        except psutil.Error:  # gone meanwhile, or not ours to look into
            continue
    return [process for process in found if process.pid != os.getpid()]


def sweep(run_id: str, patience: float = 4.0) -> int:
    """End every process of the run, again until none is left or ``patience`` seconds are over; returns how many."""
    ended = 0
    until = time.monotonic() + patience
    while (living := of_run(run_id)) and time.monotonic() < until:
        for process in living:
            try:
                process.kill()
            except psutil.Error:
                continue
        gone, _ = psutil.wait_procs(living, timeout=0.5)
        ended += len(gone)
    return ended


@contextmanager
def marked(run_id: str) -> Iterator[None]:
    """Processes started inside carry the run's id and the settings above, and end with the block."""
    resource_tracker.ensure_running()  # Python's own helper must not carry the mark: it serves this process for good
    ours = {
        MARK: run_id,
        "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        **dict.fromkeys(ONE_THREAD, "1"),
    }
    guard = subprocess.Popen(
        [sys.executable, "-m", "helpers.run.processes", run_id],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env={name: value for name, value in os.environ.items() if name != MARK},
    )  # fmt: skip
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        sweep(run_id)
        guard.stdin.close()
        guard.wait(timeout=10)


def _guard(run_id: str) -> None:
    """Wait until the runner has ended in whatever way (its end of the pipe closes), then sweep."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    sweep(run_id)


if __name__ == "__main__":
    _guard(sys.argv[1])
