"""How a run can end: a signal, a notebook, the data, the disk; and the status, exit code and reason that each has."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from helpers.contracts import DataError, StudyError, UserFault
from helpers.run.kernels.notebooks import CELL_TIMEOUT
from helpers.run.manifest import Fault, Status
from helpers.run.publish import NO_WRITING, CannotWrite

TIMED_OUT, TERMINATED = 124, 128
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM") if hasattr(signal, name)]
_BY_TYPE: dict[str, tuple[Status, int]] = {
    CELL_TIMEOUT: ("timed out", TIMED_OUT),
    "DataError": ("bad data", DataError.exit_code),
    "StudyError": ("failed", StudyError.exit_code),
    "CannotWrite": ("failed", CannotWrite.exit_code),
}


class Stopped(KeyboardInterrupt):
    """A signal ended the run: the user's, the scheduler's, or the run's own alarm. Its argument is the number."""


class NotebookFailed(Exception):
    """A notebook failed; ``fault`` says where and why."""

    def __init__(self, name: str, fault: Fault) -> None:
        super().__init__(f"{name}{f', cell {fault.cell}' if fault.cell else ''}: {fault.type}: {fault.message}")
        self.fault = fault


def status_of(fault: BaseException) -> tuple[Status, int]:
    """Status and exit code for whatever ended the run; of an error in a notebook only name and message are left."""
    if isinstance(fault, KeyboardInterrupt):
        number = fault.args[0] if fault.args else signal.SIGINT
        alarm = number == getattr(signal, "SIGALRM", None)
        return ("timed out", TIMED_OUT) if alarm else ("terminated", TERMINATED + number)
    if isinstance(fault, NotebookFailed):
        kind, message = fault.fault.type, fault.fault.message
        no_writing = kind in ("OSError", "PermissionError") and any(f"[Errno {e}]" in message for e in NO_WRITING)
    else:
        kind, no_writing = type(fault).__name__, isinstance(fault, OSError) and fault.errno in NO_WRITING
    if no_writing:
        return "failed", CannotWrite.exit_code
    return _BY_TYPE.get(kind, ("failed", 1))


def reason_of(fault: BaseException, seconds: float) -> str:
    """The reason for people; ``seconds`` is how long the run might take."""
    if isinstance(fault, (UserFault, NotebookFailed)):
        return str(fault)
    status, code = status_of(fault)
    if status == "timed out":
        return f"the run took longer than {seconds:g} seconds"
    if status == "terminated":
        return f"stopped by {signal.Signals(code - TERMINATED).name}"
    return f"{type(fault).__name__}: {fault}"


@contextmanager
def stoppable(seconds: float) -> Iterator[None]:
    """Inside, the first signal or the end of ``seconds`` raises Stopped; later ones are ignored while it cleans up.

    Signals reach the main thread only; in another one the block runs without (then a cell's own limit holds).
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        ignore_signals()
        raise Stopped(number)

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """From here on the run ends by itself: it is cleaning up, or switching the publication."""
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
