"""Nothing outlives a run: its processes carry its id, end with it, and are swept up when it is killed.

Four nets, each for what slips through the one before: a worker or kernel asks the operating system to end it with
its parent (Linux; holds even while Python is busy in C); workers live in a control group of the run where one can be
made (cgroup v2), which is ended as a whole, and otherwise whatever their kernels leave behind becomes a child of the
runner; a guard process notices the end of the runner and sweeps up whatever carries the run's id in its environment or
was a descendant of the runner, in whatever session and environment; and the next run sweeps for runs whose process is
gone.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from pathlib import Path
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
SAFE_PATH = "PYTHONSAFEPATH"
"""What lies in the current folder is data, and never imported in place of a package."""
NO_GROUPS = "PERSONAS_NO_GROUPS"
"""Set to anything where control groups must not be made."""
LOOK = 1.0
"""Seconds between two looks of the guard at who descends from the runner."""
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent: int) -> None:
    """End this process when ``parent``, the process that started it, ends. Called in the child; Linux alone."""
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before we could ask
        os._exit(1)


def adopt_orphans() -> None:
    """Descendants whose own parent ends become children of this process, so that they are found; Linux alone."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def control_group(run_id: str) -> Path | None:
    """Where the control group of a run lies, or would lie: inside that of this process; None without cgroup v2."""
    if os.environ.get(NO_GROUPS):
        return None
    with suppress(OSError):
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        own = Path("/proc/self/cgroup").read_text().splitlines()
        at = next((mount[1] for mount in mounts if mount[2] == "cgroup2"), None)
        inside = next((line[3:] for line in own if line.startswith("0::")), None)
        if at is not None and inside is not None:
            return Path(at) / inside.strip("/") / f"personas-{run_id}"
    return None


def join_group(run_id: str) -> None:
    """Put this process, and so all that it will start, into the run's control group where one can be made."""
    if group := control_group(run_id):
        with suppress(OSError):
            group.mkdir(exist_ok=True)
            if (group / "cgroup.kill").exists():
                (group / "cgroup.procs").write_text(str(os.getpid()))


def _end_group(run_id: str) -> None:
    """End all processes of the run's control group, and take the group away."""
    group = control_group(run_id)
    if group is None or not group.is_dir():
        return
    with suppress(OSError):
        (group / "cgroup.kill").write_text("1")
        for _ in range(20):
            try:
                return group.rmdir()
            except OSError:  # they take a moment to go
                time.sleep(0.05)


def identity(seconds: float | None = None) -> dict[str, Any]:
    """Machine, process id and start time of this process: together they name it, though ids are used again.

    ``seconds`` : how long it may run; an hour after them, by whichever machine's clock, it is over (``until``).
    """
    found = {"host": platform.node(), "pid": os.getpid(), "created": psutil.Process().create_time()}
    return found if seconds is None else found | {"until": time.time() + seconds + 3600}


def is_alive(process: dict[str, Any]) -> bool:
    """Whether the process of that identity still runs.

    Of another machine's processes (each container is one) nobody here can tell, so yes, ``until`` the moment by which a
    run has ended by itself: what a dead machine left is taken for dead from then on.
    """
    if process.get("host", platform.node()) != platform.node():
        until = process.get("until")
        return not isinstance(until, int | float) or time.time() < until
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


def sweep(run_id: str, patience: float = 4.0, also: Iterable[psutil.Process] = ()) -> int:
    """End every process of the run, and ``also`` others that are known to be its own, again until none is left or
    ``patience`` seconds are over; returns how many."""
    _end_group(run_id)
    ended = 0
    until = time.monotonic() + patience
    while (living := [*of_run(run_id), *(one for one in also if _runs(one))]) and time.monotonic() < until:
        for process in living:
            try:
                process.kill()
            except psutil.Error:
                continue
        gone, _ = psutil.wait_procs(living, timeout=0.5)
        ended += len(gone)
    return ended


def _runs(process: psutil.Process) -> bool:
    """Whether this very process, and not a later one of its number, is alive."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _children(pid: int) -> set[psutil.Process]:
    try:
        return set(psutil.Process(pid).children(recursive=True))
    except psutil.Error:
        return set()


@contextmanager
def marked(run_id: str) -> Iterator[None]:
    """Processes started inside carry the run's id and the settings above, and end with the block."""
    resource_tracker.ensure_running()  # Python's own helper must not carry the mark: it serves this process for good
    ours = {
        MARK: run_id,
        "PYTHONHASHSEED": "0",
        SAFE_PATH: "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        **dict.fromkeys(ONE_THREAD, "1"),
    }
    adopt_orphans()
    before_us = _children(os.getpid())
    outside = {name: value for name, value in os.environ.items() if name != MARK}
    guard = subprocess.Popen(
        [sys.executable, "-P", "-m", "helpers.run.kernels.processes", run_id, str(os.getpid())],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env=outside | {SAFE_PATH: "1"},
    )  # fmt: skip
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        ours_alone = _children(os.getpid()) - before_us
        sweep(run_id, also=[process for process in ours_alone if process.pid != guard.pid])
        guard.stdin.close()
        guard.wait(timeout=10)


def _guard(run_id: str, runner: int) -> None:
    """Wait until the runner has ended in whatever way (its end of the pipe closes), then sweep.

    Meanwhile note who descends from it: once it has gone, nothing else tells of those that cleared their environment.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    seen: set[psutil.Process] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK):
            seen.update(_children(runner))

    watching = threading.Thread(target=look, daemon=True)
    watching.start()
    sys.stdin.buffer.read()
    over.set()
    watching.join()
    sweep(run_id, also=[process for process in seen if process.pid != os.getpid()])


if __name__ == "__main__":
    _guard(sys.argv[1], int(sys.argv[2]))
