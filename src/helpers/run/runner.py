"""One whole run: from a study, through the notebooks, to a publication that is switched in at the very end.

Whatever goes wrong before the switch leaves the last publication as it was; the manifest in the work folder says what
went wrong and where.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from helpers.contracts import SCHEMA, DataError, StudyError, UserFault
from helpers.files import read_json, text_hash, to_text, write_json, write_text
from helpers.own import own_of
from helpers.previous import WORKED_IN, Previous, work_behind
from helpers.read.inputs import inputs
from helpers.run.endings import NotebookFailed, ignore_signals, reason_of, status_of, stoppable
from helpers.run.graph import notebook_graph, stages_of, written_by
from helpers.run.kept import forget, keep_record, keys_of, take_over
from helpers.run.kernels.notebooks import WORTH_FORKING, Event, Graph, Task, closure, run_notebooks
from helpers.run.kernels.processes import identity, is_alive, marked, sweep
from helpers.run.manifest import (
    InputRecord,
    NotebookRecord,
    Status,
    cost,
    environment_key,
    new_run_id,
    now,
    versions,
)
from helpers.run.parameters import notebooks_folder, own_notebooks, pick_notebook, resolve_all
from helpers.run.publish import check_place, current, hold, new_build, place_of, publish, versions_folder
from helpers.run.stages import read_by, tunables_file, without_parameters
from helpers.run.standing import hashes_of, key_of, remember, still_stands
from helpers.run.unattended.journal import add_event, add_line, journal
from helpers.study import Study, by_engine, load_study
from helpers.words import ENGLISH, say

MATCHES_PREVIOUS = frozenset({"04_personas", "07_framing", "08_channels", "09_leads"})
"""Notebooks that give personas the ids that they had in the previous publication, and those that count how often a
belief has been looked at. Matched to a publication that was made from the very same inputs they come out as they did
then, so then they need not run again."""
COMPARES_PREVIOUS = frozenset({"11_drift"})
"""Notebooks that say what has changed since the previous publication."""
ROOM, ROOM_BYTES = ".room", 1 << 16
"""Held free in the work folder, so that a run that fills its disk can still write how it ended."""
WritePublication = Callable[[Study, Path, Path, str], None]
"""study, work, build, run_id -> the files of a publication in ``build``."""


@dataclass(frozen=True)
class Options:
    """What the caller may choose of a run; ``settings`` are ``NOTEBOOK.NAME=VALUE`` texts."""

    out: Path | None = None
    work: Path | None = None
    settings: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    fresh: bool = False
    jobs: int = 2
    timeout: float = 6 * 3600.0
    cell_timeout: float = 3600.0
    fail_on_drift: bool = False
    engine: str | None = None


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended. ``index`` is the published index.html, None when nothing was published; ``stands``: a
    publication stands there now, this one or an earlier. ``unchanged``: it is what this run would have published."""

    exit_code: int
    status: str
    reason: str
    run_id: str
    work: Path
    index: Path | None
    notebooks: tuple[NotebookRecord, ...]
    stands: bool = False


@dataclass
class _Run:
    """Everything that is settled before the first kernel starts, and how far the run has come."""

    study: Study
    options: Options
    graph: Graph
    notebooks: dict[str, Path]
    parameters: dict[str, dict[str, Any]]
    out: Path
    work: Path
    run_id: str
    started: float
    started_at: str
    inputs: tuple[InputRecord, ...] = ()
    done: dict[str, NotebookRecord] = field(default_factory=dict)
    reason: str = ""
    read: int = 0
    lines: int = 0

    def records(self) -> tuple[NotebookRecord, ...]:
        """A record for every notebook of the run; what it never came to was not run."""
        found = (self.done.get(name, NotebookRecord(name, "not run")) for name in self.graph)
        return tuple(replace(record, parameters=self.parameters[record.name]) for record in found)

    def write_manifest(self, status: Status, code: int | None, place: Path | None = None) -> None:
        """Write manifest.json into the work folder, or into ``place``; a run that lives names its process."""
        over = status != "running"
        content = {
            "schema": SCHEMA,
            "study": self.study.study,
            "run_id": self.run_id,
            "status": status,
            "exit_code": code,
            "reason": self.reason,
            "started_at": self.started_at,
            "finished_at": now().isoformat(timespec="seconds") if over else None,
            "seconds": round(time.monotonic() - self.started, 3) if over else None,
            "seed": self.study.seed,
            "engine": self.study.engine.name,
            "versions": versions(),
            "work": recorded(self.work, self.work.parent),
            "inputs": [asdict(record) for record in self.inputs],
            "cost": cost(self.read, self.lines, self.done.values()) if over else None,
            "notebooks": [asdict(record) for record in self.records()],
            "files": {} if place is None else hashes_of(place),
        }
        content |= {} if over else {"process": identity(self.options.timeout)}
        write_text((place or self.work) / "manifest.json", to_text(content))

    def log(self, text: str) -> None:
        add_line(self.work, text)


def recorded(path: Path, root: Path) -> str:
    """A path as published records show it: from the caller's folder or ``root``, elsewhere its name alone, so that no
    record tells where on a machine it was made."""
    path = Path(os.path.abspath(path))
    homes = (Path.cwd(), Path(os.path.abspath(root)))
    return next((path.relative_to(home).as_posix() for home in homes if path.is_relative_to(home)), path.name)


def shown(path: Path) -> str:
    """A path as records show it: from the caller's folder where it lies inside, whole elsewhere."""
    path = Path(os.path.abspath(path))
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(path)


def run_study(
    study_path: str | Path,
    options: Options,
    *,
    on_event: Callable[[Event], None] = lambda event: None,
    graph: Graph | None = None,
    folder: Path | None = None,
    write_publication: WritePublication | None = None,
    load: Callable[[str | Path], Study] = load_study,
) -> RunOutcome:
    """Run a study's notebooks and publish what they found.

    ``graph``, ``folder`` (of the notebooks), ``write_publication`` and ``load`` are for tests. Once the work folder is
    held, every end, good or bad, is an outcome and has its manifest.

    Raises
    ------
    UserFault
        Before anything runs: a wrong study or parameter (2), a place that cannot be written (73), or another run at
        work (75).
    """
    folder = folder or notebooks_folder()
    study = by_engine(load(study_path), options.engine)
    if study.engine.name == "spark":
        from helpers.customers.facts import look_for  # a second of imports, which DuckDB's programs do without

        look_for(study.engine)
    own = own_notebooks(study.path.resolve()) if graph is None else []
    run = _settle(study, options, notebook_graph(folder, own) if graph is None else graph, folder, own)
    with ExitStack() as held:
        if not options.only:
            check_place(run.out)
            held.enter_context(hold(versions_folder(run.out), run.run_id))
        held.enter_context(hold(run.work, run.run_id))
        _close_dead_runs(run)
        on_event = journal(run.work, len(run.graph), on_event)
        add_event(run.work, "run", run_id=run.run_id, status="running")
        with stoppable(options.timeout):
            try:
                run.write_manifest("running", None)
                (run.work / ROOM).write_bytes(bytes(ROOM_BYTES))
                with marked(run.run_id):
                    status, code = _whole_run(run, on_event, write_publication)
            except (Exception, KeyboardInterrupt) as fault:  # noqa: BLE001 - every end has its manifest and exit code
                status, code = status_of(fault)
                run.reason = reason_of(fault, options.timeout)
                run.log(run.reason)
                if not isinstance(fault, (UserFault, NotebookFailed, KeyboardInterrupt)):
                    run.log("".join(traceback.format_exception(fault)))
            (run.work / ROOM).unlink(missing_ok=True)
            with suppress(OSError):  # a full disk must not hide how the run ended
                if status == "published":
                    shutil.copyfile(run.out / "manifest.json", run.work / "manifest.json")
                else:
                    run.write_manifest(status, code)
        seconds = round(time.monotonic() - run.started, 3)
        add_event(run.work, "run", run_id=run.run_id, status=status, exit_code=code, reason=run.reason, seconds=seconds)
    index = run.out / "index.html" if status in ("published", "unchanged") else None
    stands = current(run.out) is not None
    return RunOutcome(code, status, run.reason, run.run_id, run.work, index, run.records(), stands)


# --- before the first kernel -------------------------------------------------------------------------------------


def _settle(study: Study, options: Options, graph: Graph, folder: Path, own: Iterable[Path]) -> _Run:
    """Settle names, parameters and places. Raises StudyError."""
    own_of(study)  # a mistake in it ends the run here
    every = {name: folder / f"{name}.ipynb" for name in graph} | {file.stem: file for file in own}
    parameters = resolve_all(every, options.settings, study.parameters)
    if options.only:
        names = closure(graph, tuple(pick_notebook(name, graph) for name in options.only))
        graph = {name: graph[name] for name in names}
    run_id = new_run_id()
    return _Run(
        study=study,
        options=options,
        graph=graph,
        notebooks=every,
        parameters=parameters,
        out=place_of(options.out or Path("personas") / study.study),
        work=Path(os.path.abspath(options.work or Path("runs") / study.study / run_id)),
        run_id=run_id,
        started=time.monotonic(),
        started_at=now().isoformat(timespec="seconds"),
    )


def _close_dead_runs(run: _Run) -> None:
    """End what is left of runs of this study that were killed, and say so in their manifests."""
    for file in sorted({run.work / "manifest.json", *run.work.parent.glob("*/manifest.json")}):
        dead = read_json(file) or {}
        ours = dead.get("status") == "running" and dead.get("study") == run.study.study
        named = isinstance(dead.get("process"), dict) and isinstance(dead.get("run_id"), str)
        if not ours or not named or is_alive(dead.pop("process")):  # another program may keep a manifest there, too
            continue
        sweep(dead["run_id"])
        published = read_json(run.out / "manifest.json") or {}
        if published.get("run_id") != dead["run_id"]:  # else it was killed after the switch
            published = {**dead, "status": "interrupted", "reason": "the run was killed"}
        write_text(file, to_text(published))


def _hash_inputs(study: Study) -> tuple[InputRecord, ...]:
    """study.yml and all that it names, with their hashes. Raises DataError for what cannot be read."""
    try:
        return tuple(
            InputRecord(one.name, recorded(one.file, study.folder) if one.file else one.shown, one.sha256)
            for one in inputs(study)
        )
    except OSError as fault:
        raise DataError(say("run.refused.no_reading", path=fault.filename, fault=fault.strerror)) from fault


def _previous(run: _Run) -> tuple[Path | None, str]:
    """The publication that this run will replace, and a hash of what notebooks take from it (its run id is not)."""
    folder = current(run.out)
    if folder and (damaged := Previous(folder).damaged()):
        raise StudyError(
            f"{run.out}: the publication that stands there is damaged ({', '.join(damaged)}), and personas could not "
            "keep their ids: put an intact one in its place, or move it away to begin anew"
        )
    return folder, Previous(folder).content() if folder else ""


def _seen(alone: dict[str, str], previous: Path | None, key: str) -> dict[str, str]:
    """What each notebook that looks at the previous publication finds there, as a part of its key."""
    seen = dict.fromkeys(MATCHES_PREVIOUS | COMPARES_PREVIOUS, key)
    made_in = work_behind(previous) if previous else None
    made = (read_json(made_in / "run.json") if made_in else None) or {}
    for name in MATCHES_PREVIOUS & alone.keys():
        if made.get("alone", {}).get(name) == alone[name]:
            seen[name] = made["seen"][name]
    return seen


# --- the run -----------------------------------------------------------------------------------------------------


def _whole_run(
    run: _Run, on_event: Callable[[Event], None], write_publication: WritePublication | None
) -> tuple[Status, int]:
    """Notebooks, then the publication; returns status and exit code."""
    before = run.inputs = _hash_inputs(run.study)
    run.read = sum(file.stat().st_size for file in run.study.files().values())
    previous, previous_key = _previous(run)
    if previous:
        run.inputs += (InputRecord("previous", recorded(previous / "personas.json", run.out.parent), previous_key),)
    data = [file.sha256 for file in before if file.table != "study"]
    common = text_hash([environment_key(), without_parameters(run.study), data])
    read = {name: read_by(stages_of(run.notebooks[name]), run.parameters) for name in run.graph}
    keyed = partial(keys_of, run.notebooks, run.graph, run.parameters, read, common)
    alone = keyed({})
    seen = _seen(alone, previous, previous_key)
    keys = keyed(seen)
    held = {name for name, source in run.study.tables.given().items() if source.connection}
    made = {"run_id": run.run_id, "previous": str(previous) if previous else None, "fresh": run.options.fresh}
    made["databases"] = {one.table: one.sha256 for one in before if one.table in held}
    made |= {"engine": run.study.engine.name, "alone": alone, "seen": seen}
    write_text(run.work / "run.json", to_text(made))
    _run_notebooks(run, keys, on_event)
    after = _hash_inputs(run.study)
    if changed := [one.path for one, other in zip(before, after, strict=True) if one != other]:
        raise DataError(say("run.refused.changed", files=changed))
    if run.options.only:
        run.reason = "only some notebooks were asked for"
        return "not published", 0
    key = key_of(keys, run.options.fail_on_drift)
    untouched = all(record.status == "reused" for record in run.records())
    if untouched and (standing := still_stands(previous, key, run.work)):
        run.reason = ENGLISH.say(
            "run.unchanged.reason", run_id=standing.run_id, day=dt.date.fromisoformat(standing.finished_at[:10])
        )
        return "unchanged", standing.exit_code
    on_event(Event("phase", "publish"))
    return _publish(run, write_publication, keys, key)


def _run_notebooks(run: _Run, keys: dict[str, str], on_event: Callable[[Event], None]) -> None:
    """Take over what an earlier run has, execute the rest. Raises NotebookFailed for the first that failed."""
    (run.work / "notebooks").mkdir(exist_ok=True)
    given, tasks = {"study": str(run.study.path.resolve()), "work": str(run.work)}, {}
    for name in run.graph:
        if not run.options.fresh and take_over(run.work, name, keys[name]):
            run.done[name] = NotebookRecord(name, "reused")
            on_event(Event("end", name, "reused"))
            continue
        forget(run.work, name)
        tasks[name] = Task(
            name=name,
            source=run.notebooks[name].resolve(),
            output=run.work / "notebooks" / f"{name}.ipynb",
            parameters=given | run.parameters[name],
            log=run.work / "run.log",
            cell_seconds=min(run.options.cell_timeout, run.options.timeout),
        )
    for name, values in run.parameters.items():  # before any notebook asks for a stage that another one tunes
        write_json(tunables_file(run.work, name), values)

    ahead = threading.Thread(target=import_module, args=("helpers.run.write_report",), daemon=True)

    def keep(name: str) -> None:
        keep_record(run.work, name, keys[name], written_by(run.notebooks[name]))
        if ahead.ident is None and len(tasks) >= WORTH_FORKING:
            ahead.start()  # seconds of imports for the publication, while notebooks wait for one another

    run_notebooks(tasks, run.graph, run.done, jobs=run.options.jobs, on_event=on_event, on_done=keep)
    for record in run.records():
        if record.error:
            raise NotebookFailed(record.name, record.error)


def _publish(
    run: _Run, write_publication: WritePublication | None, keys: dict[str, str], key: str
) -> tuple[Status, int]:
    """Build the publication beside its place and switch it in; from there on signals wait no more: the run is done."""
    if write_publication is None:
        from helpers.run.write_report import write_publication
    build = new_build(run.out, run.run_id)
    try:
        write_publication(run.study, run.work, build, run.run_id)
        for name in run.graph:  # now with its page
            keep_record(run.work, name, keys[name], written_by(run.notebooks[name]))
        files = read_json(build / "data_quality.json")["files"]
        rows = {file["table"]: file["rows_in"] for file in files}
        run.lines = sum(file["rows_in"] for file in files if file["table"] == "sales")
        run.inputs = tuple(replace(file, rows=rows.get(file.table)) for file in run.inputs)
        drifted = run.options.fail_on_drift and read_json(build / "drift.json")["alert"]
        if drifted:
            run.reason = "the personas have drifted since the previous publication"
        run.write_manifest("published", 4 if drifted else 0, build)
        write_text(versions_folder(run.out) / f"{run.run_id}{WORKED_IN}", f"{run.work}\n")
        remember(run.work, build, key)
        ignore_signals()
        publish(build, run.out)
    except BaseException:
        shutil.rmtree(build, ignore_errors=True)
        raise
    return "published", 4 if drifted else 0
