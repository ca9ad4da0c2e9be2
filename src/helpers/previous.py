"""The publication that a run will replace, and the work folder that it came from, as stages see them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from helpers.files import file_hash, intact, read_json, read_sealed, text_hash

A_YEAR = dt.timedelta(days=365)
MEMBERS = "tables/personas.assignments"
"""Who is on which card, in a work folder; the file for the CRM places people by what has become known since."""


WORKED_IN = ".work"
"""Ending of the file beside the versions of a publication that names the work folder of each; it is not published."""
_SHAPE = {
    "study": str, "run_id": str, "status": str, "finished_at": str, "work": str, "reason": str, "exit_code": int,
    "process": dict, "files": dict,
}  # fmt: skip
_RUN_ID = re.compile(r"\w[\w.-]*")
BUILT_ON = ("personas", "model", "hypotheses", "drift")
"""What of a publication the next one builds on."""
_NEEDED = {
    "personas": {"run_id", "personas", "coverage", "structure"},
    "model": {"schema"},
}
_OF_A_CARD = {"id", "kind", "handle", "size"}


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """The manifest of a run or a publication; None where there is none, or where it is not one that a run wrote."""
    found = read_json(folder / "manifest.json")
    if found is None or not all(isinstance(found.get(name), (kind, type(None))) for name, kind in _SHAPE.items()):
        return None
    return found if _RUN_ID.fullmatch(found.get("run_id") or "unknown") else None


def published(folder: Path, name: str) -> dict[str, Any] | None:
    """One JSON file of a publication; None where it is not there, or no longer what its manifest has a hash of."""
    found, hashes = read_json(folder / f"{name}.json"), (manifest_of(folder) or {}).get("files") or {}
    file = f"{name}.json"
    return None if file in hashes and not intact(folder, {file: hashes[file]}) else found


def record_file(work: Path, name: str) -> Path:
    """Where a work folder keeps what a stage found."""
    return work / "results" / f"{name}.json"


def table_of(work: Path, name: str) -> pd.DataFrame | None:
    """A table that a run left in its work folder; None where it is gone, or no longer as it was kept."""
    file = f"{name}.parquet"
    kept = record_file(work, name.removeprefix("tables/").split(".")[0])
    record = read_sealed(kept) or {"frames": {}}
    if kept.exists() and not (file in record["frames"] and intact(work, {file: record["frames"][file]})):
        return None
    try:
        return pd.read_parquet(work / file)
    except (OSError, pa.ArrowInvalid):
        return None


def work_behind(folder: Path) -> Path | None:
    """The work folder that a publication came from, as noted beside it, or else as its manifest has it."""
    manifest = manifest_of(folder) or {}
    run_id, work = manifest.get("run_id"), manifest.get("work")
    name = f"{Path(str(run_id)).name}{WORKED_IN}"
    folder = folder.resolve()
    for beside in (folder.parent, folder.parent / f".{folder.name}-versions"):
        if (beside / name).is_file():
            return Path((beside / name).read_text(encoding="utf-8", errors="replace").strip())
    return Path(work) if work else None


def _cards_whole(cards: Any) -> bool:
    """Whether each has what the next run reads of it; an older edition's manifest has no hashes that would say so."""
    return isinstance(cards, list) and all(isinstance(card, dict) and card.keys() >= _OF_A_CARD for card in cards)


@dataclass(frozen=True)
class Previous:
    """``folder`` of the publication; None on a first run, and in a notebook that is run alone."""

    folder: Path | None

    def damaged(self) -> list[str]:
        """Its files that a run builds on and cannot read."""
        whole = manifest_of(self.folder) is not None or not (self.folder / "manifest.json").exists()
        wrong, hashes = [] if whole else ["manifest.json"], (manifest_of(self.folder) or {}).get("files") or {}
        for name in BUILT_ON:
            file = self.folder / f"{name}.json"
            nothing = name == "model" and file.is_file() and file.read_bytes().strip() == b"null"
            nothing = nothing and intact(self.folder, {at: hashes[at] for at in (file.name,) if at in hashes})
            found = published(self.folder, name)
            lacks = found is None or not _NEEDED.get(name, set()) <= found.keys()
            if file.exists() and not nothing and (lacks or not _cards_whole(found.get("personas", []))):
                wrong.append(file.name)
        return wrong

    def published(self, name: str) -> dict[str, Any] | None:
        """One of its JSON files, without the run id, which says nothing about what was found."""
        found = published(self.folder, name) if self.folder else None
        return found and {**found, "run_id": ""}

    def ends(self) -> tuple[str, ...]:
        """The last days of the reports that a change may be counted from, the earliest first: that since which none was
        told, and the previous one. None older than a year."""
        last = (self.published("personas") or {}).get("as_of")
        if last is None:
            return ()
        drift = self.published("drift") or {}
        since = (drift.get("since") or {}).get("as_of") if not drift.get("alert") else None
        oldest = (dt.date.fromisoformat(last) - A_YEAR).isoformat()
        return tuple(sorted({last, *([since] if since and since >= oldest else [])}))

    def table(self, name: str) -> pd.DataFrame | None:
        """A table of its work folder; None where that is gone."""
        made_in = work_behind(self.folder) if self.folder else None
        return table_of(made_in, name) if made_in else None

    def content(self) -> str:
        """Hash of all that stages take from it."""
        files = map(self._file, (MEMBERS, "tables/negative.members"))
        hashes = [file and file_hash(file) for file in files]
        published = map(self.published, ("personas", "model", "hypotheses"))
        return text_hash([*published, self.ends(), hashes])

    def _file(self, name: str) -> Path | None:
        made_in = work_behind(self.folder) if self.folder else None
        file = made_in / f"{name}.parquet" if made_in else None
        return file if file and file.is_file() else None
