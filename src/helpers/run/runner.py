"""One whole run: from a study, through the notebooks, to a publication that is switched in at the very end.

Whatever goes wrong before the switch leaves the last publication as it was; the manifest in the work folder says what
went wrong and where.
"""

from __future__ import annotations

import os
import shutil
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from helpers.contracts import DataError, UserFault
from helpers.run.endings import NotebookFailed, ignore_signals, reason_of, status_of, stoppable
from helpers.run.manifest import (
    InputRecord,
    Manifest,
    NotebookRecord,
    Status,
    environment_key,
    file_hash,
    new_run_id,
    now,
    read_json,
    text_hash,
    to_text,
    versions,
    write_manifest,
    write_text,
)
from helpers.run.notebooks import Event, Graph, Task, closure, run_notebooks
from helpers.run.parameters import notebooks_folder, pick_notebook, resolve_all
from helpers.run.processes import identity, is_alive, marked, sweep
from helpers.run.publish import check_place, current, hold, new_build, publish, versions_folder
from helpers.run.reuse import forget, keep_record, keys_of, take_over
from helpers.study import Study, load_study

GRAPH: Graph = {
    "01_data_quality": (),
    "02_customers": ("01_data_quality",),
    "03_survey": ("01_data_quality",),
    "04_personas": ("02_customers", "03_survey"),
    "05_voice": ("04_personas",),
    "06_negative_personas": ("04_personas",),
    "07_framing": ("04_personas",),
    "08_channels": ("04_personas",),
    "09_leads": ("04_personas",),
    "10_cards": ("05_voice", "06_negative_personas", "07_framing", "08_channels", "09_leads"),
    "11_drift": ("10_cards",),
    "12_proof": (),
}
MATCHES_PREVIOUS = frozenset({"04_personas"})
"""Notebooks that give personas the ids that they had in the previous publication. Matched to a publication that was
made from the very same inputs they come out as they did then, so then they need not run again."""
COMPARES_PREVIOUS = frozenset({"11_drift"})
"""Notebooks that say what has changed since the previous publication."""
LEAVES = {"10_cards": ("assignments.csv", "assignments.parquet")}
"""Files of the work folder that a notebook leaves under another name than its own."""
RUN_SECONDS = 6 * 3600.0
CELL_SECONDS = 3600.0

WritePublication = Callable[[Study, Path, Path, str, dict[str, dict[str, Any]]], None]
"""study, work, build, run_id, parameters of every notebook -> the files of a publication in ``build``."""


@dataclass(frozen=True)
class Options:
    """What the caller may choose of a run; ``settings`` are ``NOTEBOOK.NAME=VALUE`` texts."""

    out: Path | None = None
    work: Path | None = None
    settings: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    fresh: bool = False
    jobs: int = 2
    timeout: float = RUN_SECONDS
    cell_timeout: float = CELL_SECONDS
    fail_on_drift: bool = False


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended. ``index`` is the published index.html, None when nothing was published."""

    exit_code: int
    status: str
    reason: str
    run_id: str
    work: Path
    index: Path | None
    notebooks: tuple[NotebookRecord, ...]


@dataclass(frozen=True)
class _Plan:
    """Everything that is settled before the first kernel starts."""

    study: Study
    out: Path
    work: Path
    run_id: str
    options: Options
    graph: Graph
    notebooks: dict[str, Path]
    parameters: dict[str, dict[str, Any]]
    started: float
    started_at: str


@dataclass
class _Journal:
    """How far the run has come."""

    inputs: tuple[InputRecord, ...] = ()
    records: dict[str, NotebookRecord] = field(default_factory=dict)
    reason: str = ""


def run_study(
    study_path: str | Path,
    options: Options | None = None,
    *,
    on_event: Callable[[Event], None] = lambda event: None,
    graph: Graph = GRAPH,
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
    plan = _plan(load(study_path), options or Options(), graph, folder or notebooks_folder())
    journal = _Journal()
    with ExitStack() as held:
        if not plan.options.only:
            check_place(plan.out)
            held.enter_context(hold(versions_folder(plan.out), plan.run_id))
        held.enter_context(hold(plan.work, plan.run_id))
        _close_dead_runs(plan)
        with stoppable(plan.options.timeout):
            try:
                _write_manifest(plan, journal, "running", None)
                with marked(plan.run_id):
                    ended = _whole_run(plan, journal, on_event, write_publication)
            except (Exception, KeyboardInterrupt) as fault:  # noqa: BLE001 - every end has its manifest and exit code
                ended = status_of(fault)
                journal.reason = reason_of(fault, plan.options.timeout)
                _log(plan, journal.reason)
                if not isinstance(fault, (UserFault, NotebookFailed, KeyboardInterrupt)):
                    _log(plan, "".join(traceback.format_exception(fault)))
            with suppress(OSError):  # a full disk must not hide how the run ended
                if ended[0] == "published":
                    shutil.copyfile(plan.out / "manifest.json", plan.work / "manifest.json")
                else:
                    _write_manifest(plan, journal, *ended)
    index = plan.out / "index.html" if ended[0] == "published" else None
    return RunOutcome(ended[1], ended[0], journal.reason, plan.run_id, plan.work, index, _records(plan, journal))


# --- before the first kernel -------------------------------------------------------------------------------------


def _plan(study: Study, options: Options, graph: Graph, folder: Path) -> _Plan:
    """Settle names, parameters and places. Raises StudyError."""
    every = {name: folder / f"{name}.ipynb" for name in graph}
    parameters = resolve_all(every, options.settings, study.parameters)
    if options.only:
        names = closure(graph, tuple(pick_notebook(name, graph) for name in options.only))
        graph = {name: graph[name] for name in names}
    run_id = new_run_id()
    out = Path(os.path.abspath(options.out or Path("personas") / study.study))
    work = Path(os.path.abspath(options.work or Path("runs") / study.study / run_id))
    started_at = now().isoformat(timespec="seconds")
    return _Plan(study, out, work, run_id, options, graph, every, parameters, time.monotonic(), started_at)


def _hash_inputs(study: Study) -> tuple[InputRecord, ...]:
    """study.yml, every file that it names, with their hashes. Raises DataError for one that cannot be read."""
    named = {"study": study.path} | {name: study.folder / source.path for name, source in study.tables.given().items()}
    if study.tables.survey and study.tables.survey.codebook:
        named["codebook"] = study.folder / study.tables.survey.codebook
    try:
        return tuple(InputRecord(table, shown(path), file_hash(path)) for table, path in named.items())
    except OSError as fault:
        raise DataError(f"{fault.filename}: cannot be read ({fault.strerror})") from fault


def _previous(plan: _Plan) -> tuple[Path | None, str]:
    """The publication that this run will replace, and a hash of what notebooks take from it (its run id is not)."""
    folder = current(plan.out)
    if folder is None:
        return None, ""
    personas = {**(read_json(folder / "personas.json") or {}), "run_id": ""}
    table = Path((read_json(folder / "manifest.json") or {}).get("work", "")) / "assignments.parquet"
    return folder, text_hash([personas, file_hash(table) if table.is_file() else ""])


def _seen(alone: dict[str, str], previous: Path | None, key: str) -> dict[str, str]:
    """What each notebook that looks at the previous publication finds there, as a part of its key."""
    seen = dict.fromkeys(MATCHES_PREVIOUS | COMPARES_PREVIOUS, key)
    made_in = (read_json(previous / "manifest.json") or {}).get("work", "") if previous else ""
    made = read_json(Path(made_in) / "run.json") or {}
    for name in MATCHES_PREVIOUS & alone.keys():
        if made.get("alone", {}).get(name) == alone[name]:
            seen[name] = made["seen"][name]
    return seen


def _close_dead_runs(plan: _Plan) -> None:
    """End what is left of runs of this study that were killed, and say so in their manifests."""
    for file in sorted({plan.work / "manifest.json", *plan.work.parent.glob("*/manifest.json")}):
        dead = read_json(file) or {}
        if (
            dead.get("status") != "running"
            or dead.get("study") != plan.study.study
            or is_alive(dead.pop("process", {}))
        ):
            continue
        sweep(dead["run_id"])
        published = read_json(plan.out / "manifest.json") or {}
        if published.get("run_id") == dead["run_id"]:  # killed after the switch
            write_text(file, to_text(published))
        else:
            write_text(file, to_text({**dead, "status": "interrupted", "reason": "the run was killed"}))


# --- the run -----------------------------------------------------------------------------------------------------


def _whole_run(
    plan: _Plan, journal: _Journal, on_event: Callable[[Event], None], write_publication: WritePublication | None
) -> tuple[Status, int]:
    """Notebooks, then the publication; returns status and exit code."""
    before = _hash_inputs(plan.study)
    previous, previous_key = _previous(plan)
    journal.inputs = before
    if previous:
        journal.inputs += (InputRecord("previous", shown(previous / "personas.json"), previous_key),)
    inputs = text_hash([environment_key(), plan.study.model_dump(mode="json"), [file.sha256 for file in before]])
    alone = keys_of(plan.notebooks, plan.graph, plan.parameters, inputs, {})
    seen = _seen(alone, previous, previous_key)
    keys = keys_of(plan.notebooks, plan.graph, plan.parameters, inputs, seen)
    run = {"run_id": plan.run_id, "previous": str(previous) if previous else None, "fresh": plan.options.fresh}
    write_text(plan.work / "run.json", to_text({**run, "alone": alone, "seen": seen}))
    _run_notebooks(plan, journal, keys, on_event)
    if [(file.path, file.sha256) for file in _hash_inputs(plan.study)] != [(file.path, file.sha256) for file in before]:
        raise DataError("an input changed while the run was reading it; run again when the files are at rest")
    if plan.options.only:
        journal.reason = "only some notebooks were asked for"
        return "not published", 0
    on_event(Event("phase", "publish"))
    return _publish(plan, journal, write_publication)


def _run_notebooks(plan: _Plan, journal: _Journal, keys: dict[str, str], on_event: Callable[[Event], None]) -> None:
    """Take over what an earlier run has, execute the rest. Raises NotebookFailed for the first that failed."""
    (plan.work / "notebooks").mkdir(exist_ok=True)
    for name in plan.graph:
        if not plan.options.fresh and take_over(plan.work, name, keys[name]):
            journal.records[name] = NotebookRecord(name, "reused", 0.0, plan.parameters[name])
            on_event(Event("end", name, "reused"))
    for name in plan.graph:
        if name not in journal.records:
            forget(plan.work, name)

    def told(event: Event) -> None:
        if event.kind != "cell":
            _log(plan, f"{event.name}: {event.kind} {event.status}")
        on_event(event)

    tasks = {name: _task(plan, name) for name in plan.graph if name not in journal.records}
    run_notebooks(
        tasks, plan.graph, journal.records, jobs=plan.options.jobs, on_event=told,
        on_done=lambda name: keep_record(plan.work, name, keys[name], LEAVES.get(name, ())),
    )  # fmt: skip
    for name in plan.graph:
        if journal.records[name].error:
            raise NotebookFailed(name, journal.records[name].error)


def _task(plan: _Plan, name: str) -> Task:
    return Task(
        name=name,
        source=str(plan.notebooks[name].resolve()),
        output=str(plan.work / "notebooks" / f"{name}.ipynb"),
        study=str(plan.study.path.resolve()),
        work=str(plan.work),
        parameters=plan.parameters[name],
        folder=os.getcwd(),
        log=str(plan.work / "run.log"),
        cell_seconds=min(plan.options.cell_timeout, plan.options.timeout),
    )


def _publish(plan: _Plan, journal: _Journal, write_publication: WritePublication | None) -> tuple[Status, int]:
    """Build the publication beside its place and switch it in; from there on signals wait no more: the run is done."""
    if write_publication is None:
        from helpers.run.stages import write_publication
    build = new_build(plan.out, plan.run_id)
    try:
        write_publication(plan.study, plan.work, build, plan.run_id, plan.parameters)
        journal.inputs = _with_rows(journal.inputs, read_json(build / "data_quality.json") or {})
        drifted = plan.options.fail_on_drift and (read_json(build / "drift.json") or {}).get("alert") is True
        if drifted:
            journal.reason = "the personas have drifted since the previous publication"
        _write_manifest(plan, journal, "published", 4 if drifted else 0, build)
        ignore_signals()
        publish(build, plan.out)
    except BaseException:
        shutil.rmtree(build, ignore_errors=True)
        raise
    return "published", 4 if drifted else 0


def _with_rows(inputs: tuple[InputRecord, ...], quality: dict[str, Any]) -> tuple[InputRecord, ...]:
    rows = {account["table"]: account["rows_in"] for account in quality.get("files", ())}
    return tuple(replace(file, rows=rows.get(file.table)) for file in inputs)


# --- what is recorded -------------------------------------------------------------------------------------------------


def _records(plan: _Plan, journal: _Journal) -> tuple[NotebookRecord, ...]:
    """A record for every notebook of the run; what it never came to was not run."""
    return tuple(
        journal.records.get(name, NotebookRecord(name, "not run", 0.0, plan.parameters[name])) for name in plan.graph
    )


def _write_manifest(
    plan: _Plan, journal: _Journal, status: Status, code: int | None, place: Path | None = None
) -> None:
    """Write manifest.json as things stand into the work folder, or into ``place``."""
    over = status != "running"
    written = Manifest(
        study=plan.study.study,
        run_id=plan.run_id,
        status=status,
        exit_code=code,
        reason=journal.reason,
        started_at=plan.started_at,
        finished_at=now().isoformat(timespec="seconds") if over else None,
        seconds=round(time.monotonic() - plan.started, 3) if over else None,
        seed=plan.study.seed,
        engine="duckdb",
        versions=versions(),
        work=shown(plan.work),
        inputs=journal.inputs,
        notebooks=_records(plan, journal),
        process=identity(),
    )
    write_manifest((place or plan.work) / "manifest.json", written)


def shown(path: Path) -> str:
    """A path as records show it: from the caller's folder where it lies inside, whole elsewhere."""
    path = Path(os.path.abspath(path))
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(path)


def _log(plan: _Plan, text: str) -> None:
    with suppress(OSError), (plan.work / "run.log").open("a", encoding="utf-8") as log:
        log.write(f"{now().isoformat(timespec='seconds')} {text.rstrip()}\n")
