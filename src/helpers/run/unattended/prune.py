"""Removes old work folders of a study, and never one that the publication or a run needs."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from helpers.contracts import StudyError
from helpers.previous import manifest_of, work_behind
from helpers.run.kernels.processes import is_alive
from helpers.run.publish import Busy, CannotWrite, current, hold, place_of, versions_folder
from helpers.study import Study

WHO = "prune"
"""How it names itself in the locks that it holds."""


def work_folders(runs: Path, study: str) -> list[Path]:
    """The folders below ``runs`` that runs of this study have left, the newest first; others are nobody's business."""
    manifests = [(folder, manifest_of(folder) or {}) for folder in runs.glob("*") if folder.is_dir()]
    return [
        folder for folder, made in sorted(manifests, reverse=True, key=lambda f: f[0].name)
        if made.get("study") == study and not folder.is_symlink()
    ]  # fmt: skip


def needed(out: Path) -> set[Path]:
    """The work folder that the publication at ``out`` came from: drift and the file for the CRM are read there."""
    folder = current(out)
    made_in = work_behind(folder) if folder else None
    return {made_in.resolve()} if made_in else set()


def prune(study: Study, keep: int, out: Path | None = None, runs: Path | None = None) -> list[Path]:
    """Remove all work folders of the study but the ``keep`` newest and what the publication needs; those removed.

    Nothing is removed while a run of the study is at work, since it may be taking over what an older one has.

    Raises
    ------
    StudyError
        ``keep`` under 1, or no folder of runs there.
    Busy
        A run is at work (75).
    CannotWrite
        A folder cannot be removed (73).
    """
    out = place_of(out or Path("personas") / study.study)
    runs = Path(os.path.abspath(runs or Path("runs") / study.study))
    if keep < 1:
        raise StudyError(f"--keep {keep}: keep at least 1 work folder; the newest is what the next run takes over from")
    if not runs.is_dir():
        raise StudyError(f"{runs}: no folder of runs; call it where `personas run` is called, or give --runs")
    with ExitStack() as held:
        if versions_folder(out).is_dir():
            held.enter_context(hold(versions_folder(out), WHO))
        folders = work_folders(runs, study.study)
        for folder in folders:
            _at_rest(folder, held)
        kept = {folder.resolve() for folder in folders[:keep]} | needed(out)
        gone = [folder for folder in folders if folder.resolve() not in kept]
        for folder in gone:
            _remove(folder)
    return gone


def _at_rest(folder: Path, held: ExitStack) -> None:
    """Hold the lock of a work folder until all is done. Raises Busy where its run lives."""
    made = manifest_of(folder) or {}
    if made.get("status") == "running" and is_alive(made.get("process") or {}):
        raise Busy(f"the run {made.get('run_id', folder.name)} is at work in {folder}; nothing was removed")
    held.enter_context(hold(folder, WHO))


def _remove(folder: Path) -> None:
    """Remove a folder, its manifest last: what is left of a removal that was cut short is removed by the next."""
    try:
        for part in folder.iterdir():
            if part.is_dir() and not part.is_symlink():
                shutil.rmtree(part)
            elif part.name != "manifest.json":
                part.unlink()
        shutil.rmtree(folder)
    except OSError as fault:
        raise CannotWrite(f"{folder}: cannot be removed ({fault.strerror})") from fault
