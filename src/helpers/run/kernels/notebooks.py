"""Runs a small graph of notebooks through papermill: isolated kernels, a few at a time, nothing trusted but the facts.

papermill's metadata say "completed" after a kernel has died or a cell called ``sys.exit(0)``. What counts here is the
exception, and that every code cell was executed.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Literal

from helpers.files import spare_a_grammar
from helpers.run.kernels.processes import MARK, adopt_orphans, die_with_parent, join_group
from helpers.run.manifest import Fault, NotebookRecord, peak_mb

Graph = dict[str, tuple[str, ...]]
"""Notebook -> the notebooks whose results it needs."""
CELL_TIMEOUT = "cell_timeout"
KERNEL_STARTS = 3
"""A kernel's ports are chosen before it binds them: one that finds them taken dies before its first cell and is started
again."""
WORTH_FORKING = 5
"""So many notebooks are worth making all their imports beforehand; fewer start sooner by themselves."""


@dataclass(frozen=True)
class Task:
    """One notebook to execute: what, where to, with which values, how long a cell may take, and how it starts."""

    name: str
    source: Path
    output: Path
    parameters: dict[str, Any]
    log: Path
    cell_seconds: float
    forked: bool = False


@dataclass(frozen=True)
class Event:
    """One step of progress: a notebook started, reached cell ``cell`` of ``cells``, or ended with ``status``.

    ``number`` notebooks ``of`` all are over.
    """

    kind: Literal["start", "cell", "end", "phase"]
    name: str
    status: str = ""
    cell: int = 0
    cells: int = 0
    seconds: float = 0.0
    number: int = 0
    of: int = 0


@dataclass
class _Worker:
    """A worker process, the notebook that it runs just now, since when, and the cell that it has reached."""

    process: BaseProcess
    name: str = ""
    started: float = 0.0
    cell: int | None = None

    def record(self, fault: Fault | None, peak: float | None = None) -> NotebookRecord:
        seconds = round(time.monotonic() - self.started, 3)
        return NotebookRecord(self.name, "failed" if fault else "done", seconds, error=fault, peak_mb=peak)


@dataclass(frozen=True)
class _Ended:
    """How a notebook ended, and the MB that its kernel held at most."""

    fault: Fault | None
    peak: float | None = None


def closure(graph: Graph, names: tuple[str, ...]) -> tuple[str, ...]:
    """The named notebooks and all that they need, in the graph's order."""
    wanted: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        if name not in wanted:
            wanted.add(name)
            queue.extend(graph[name])
    return tuple(name for name in graph if name in wanted)


def run_notebooks(
    tasks: Mapping[str, Task],
    graph: Graph,
    records: dict[str, NotebookRecord],
    *,
    jobs: int,
    on_event: Callable[[Event], None],
    on_done: Callable[[str], None],
) -> None:
    """Execute ``tasks`` in the order of ``graph``, ``jobs`` at a time; what is in ``records`` (reused) is done already.

    After a failure what does not need the failed notebook still runs; what needs it gets no record. ``on_done`` is
    called in this process as soon as a notebook is done. ``records`` is filled as notebooks end, so that it also tells
    how far a run came that a signal ended.
    """
    waiting = list(tasks)
    forked = sys.platform == "linux" and len(tasks) >= WORTH_FORKING
    pool: dict[Connection, _Worker] = {}
    try:
        while True:
            running = [connection for connection, worker in pool.items() if worker.name]
            for name in _ready(waiting, graph, records)[: jobs - len(running)]:
                waiting.remove(name)
                on_event(Event("start", name))
                running.append(_hand_over(replace(tasks[name], forked=forked), pool))
            if not running:
                break
            for connection in wait(running):
                worker, message = pool[connection], _message(connection, pool)
                if isinstance(message, tuple):
                    worker.cell = message[0]
                    on_event(Event("cell", worker.name, cell=message[0], cells=message[1]))
                    continue
                if not message.fault:
                    on_done(worker.name)
                records[worker.name] = ended = worker.record(message.fault, message.peak)
                on_event(Event("end", ended.name, ended.status, seconds=ended.seconds))
                worker.name = ""
    finally:
        for connection, worker in pool.items():
            worker.process.kill()
            worker.process.join()
            connection.close()
            if worker.name:
                fault = Fault(worker.cell, "stopped", "the run was stopped while this cell ran")
                records[worker.name] = worker.record(fault)


def _ready(waiting: list[str], graph: Graph, records: Mapping[str, NotebookRecord]) -> list[str]:
    """Waiting notebooks whose needs are done; those that most others wait for come first."""
    done = {name for name, record in records.items() if record.status != "failed"}
    ready = [name for name in waiting if done.issuperset(graph[name])]
    return sorted(ready, key=lambda name: -sum(name in closure(graph, (other,)) for other in waiting))


def _hand_over(task: Task, pool: dict[Connection, _Worker]) -> Connection:
    """Give a task to an idle worker, or to a new one (spawned, so that nothing of this process leaks into it)."""
    connection = next((connection for connection, worker in pool.items() if not worker.name), None)
    if connection is None:
        context = multiprocessing.get_context("spawn")
        connection, theirs = context.Pipe()
        pool[connection] = _Worker(context.Process(target=_work, args=(theirs, os.getpid())))
        pool[connection].process.start()
        theirs.close()
    worker = pool[connection]
    worker.name, worker.started, worker.cell = task.name, time.monotonic(), None
    connection.send(task)
    return connection


def _message(connection: Connection, pool: dict[Connection, _Worker]) -> tuple[int, int] | _Ended:
    """What a worker says: a cell begun, or the end. One that is gone leaves the pool with a fault."""
    try:
        return connection.recv()
    except (EOFError, OSError):
        worker = pool.pop(connection)
        worker.process.join()
        told = f"the process that ran the notebook ended with {worker.process.exitcode} while this cell ran"
        return _Ended(Fault(worker.cell, "worker_died", told))


# --- in the worker -----------------------------------------------------------------------------------------------


@dataclass
class _Seen:
    """What the hooks saw: the running cell as written, the injected one (from 0, as executed), and the peak memory."""

    cell: int | None = None
    injected: int = 0
    peak: float | None = None

    def as_written(self, index: int) -> int:
        """The number, from 1, that a cell of the executed notebook has in the notebook as written."""
        return index if index >= self.injected else index + 1


class _Quit(Exception):
    """A cell asked the kernel to end, by ``quit()`` or ``exit()``: what follows would be blamed for it."""


def _work(connection: Connection, parent: int) -> None:
    """Execute the tasks that come through the pipe, one after the other, until it closes."""
    die_with_parent(parent)
    adopt_orphans()
    join_group(os.environ.get(MARK, "alone"))
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C in the terminal is for the runner alone
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        connection.send(_execute(task, connection))


def _execute(task: Task, connection: Connection) -> _Ended:
    """Run one notebook into a neighbour of its output, then rename; a failed one is kept as ``<name>.failed.ipynb``."""
    partial, failed = (task.output.with_suffix(f".{state}.ipynb") for state in ("partial", "failed"))
    seen = _Seen()
    failed.unlink(missing_ok=True)
    try:
        _send_output_to(task.log)
        fault = _not_all_run(_started(task, partial, seen, connection), seen)
        os.replace(partial, failed if fault else task.output)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a worker is the notebook's failure, told upwards
        fault = _fault(error, seen)
        if partial.exists():
            os.replace(partial, failed)
    return _Ended(fault, seen.peak)


def _started(task: Task, partial: Path, seen: _Seen, connection: Connection) -> Any:
    """The executed notebook, its kernel started anew where one died before the first cell."""
    for start in range(1, KERNEL_STARTS + 1):
        try:
            return _papermill(task, partial, seen, connection)
        except RuntimeError:  # what nbclient raises for a kernel that died unheard
            if seen.cell is not None or start == KERNEL_STARTS:
                raise


def _send_output_to(log: Path) -> None:
    """Whatever the kernel writes past the notebook goes to the run's log and not between the progress lines."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def _papermill(task: Task, partial: Path, seen: _Seen, connection: Connection) -> Any:
    """The executed notebook. Its kernel is bound to this process, so that it cannot outlive it."""
    spare_a_grammar()
    import papermill  # slow to import, and only workers need it
    from traitlets.config import Config

    notebook = papermill.iorw.load_notebook_node(str(task.source))
    tagged = ("parameters" in cell.metadata.get("tags", []) for cell in notebook.cells)
    seen.injected = list(tagged).index(True) + 1  # the graph's notebooks have that cell: their parameters are settled

    def on_cell_start(cell: Any, cell_index: int) -> None:
        seen.cell = seen.as_written(cell_index)
        connection.send((seen.cell, len(notebook.cells)))

    def on_cell_executed(cell: Any, cell_index: int, execute_reply: dict[str, Any]) -> None:
        if any(payload.get("source") == "ask_exit" for payload in execute_reply["content"].get("payload", [])):
            raise _Quit

    return papermill.execute_notebook(
        notebook,
        str(partial).replace("{", "{{").replace("}", "}}"),  # papermill formats paths
        parameters=task.parameters,
        kernel_name="python3",
        language="python",
        progress_bar=False,
        execution_timeout=task.cell_seconds,
        kernel_manager_class=_bound_kernel(seen, forked=task.forked),
        shutdown_kernel="immediate",
        on_cell_start=on_cell_start,
        on_cell_executed=on_cell_executed,
        config=Config(KernelManager={"transport_encryption": "auto"}),
    )


def _bound_kernel(seen: _Seen, *, forked: bool) -> type:
    """A kernel manager whose kernel ends with this process, and tells its peak memory before it goes."""
    from jupyter_client import AsyncKernelManager

    from helpers.run.kernels.forked import ForkedProvisioner

    parent = os.getpid()

    class BoundKernelManager(AsyncKernelManager):
        async def start_kernel(self, **options: Any) -> None:
            if forked:
                self.kernel_id = str(uuid.uuid4())
                self.provisioner = ForkedProvisioner(
                    kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
                )
            elif sys.platform == "linux":
                options["preexec_fn"] = lambda: die_with_parent(parent)
            await super().start_kernel(**options)

        async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
            seen.peak = peak_mb(getattr(self.provisioner, "pid", None))
            await super().shutdown_kernel(now=now, restart=restart)

    return BoundKernelManager


def _not_all_run(notebook: Any, seen: _Seen) -> Fault | None:
    """A fault unless every code cell was executed and none ended in an error, as by ``sys.exit(0)``."""
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if errors:
            return Fault(seen.as_written(index), errors[0].ename, f"the cell ended the notebook: {errors[0].evalue}")
        if cell.execution_count is None:
            return Fault(seen.as_written(index), "cell_not_run", "the notebook ended before this cell was run")
    return None


def _fault(error: Exception, seen: _Seen) -> Fault:
    """An exception of papermill, of the kernel or of the disk as the fault that the manifest shows."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if isinstance(error, PapermillExecutionError):
        held = "unknown" if seen.peak is None else f"{seen.peak:.0f} MB"
        peak = f" (the kernel held {held} at most)" if error.ename in ("MemoryError", "_ArrayMemoryError") else ""
        return Fault(seen.as_written(error.cell_index), error.ename, f"{error.evalue}{peak}".strip())
    if isinstance(error, DeadKernelError):
        return Fault(
            seen.cell, "kernel_died", "the kernel ended while this cell ran: killed, out of memory, or os._exit"
        )
    if isinstance(error, _Quit):
        return Fault(seen.cell, "SystemExit", "the cell ended the notebook: quit() or exit()")
    if isinstance(error, CellTimeoutError):
        return Fault(seen.cell, CELL_TIMEOUT, "the cell ran longer than a cell may")
    return Fault(seen.cell, type(error).__name__, str(error))
