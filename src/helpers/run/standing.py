"""Whether the publication that stands is the one that this run would write: then nothing is written anew.

A run leaves in its work folder what it published under which key, with a hash of every file. A run that comes to the
same key, its notebooks all taken over, finds that publication whole, and leaves it: same bytes, same run id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.files import copy_files, file_hash, intact, read_sealed, text_hash, write_sealed
from helpers.previous import manifest_of, work_behind

RECORD = "published.json"
MADE = ("results/*.json", "tables/*.parquet", "*.csv", "*.parquet")
"""What a publication was made from, and what it leaves for the analyst beside the notebooks."""


@dataclass(frozen=True)
class Standing:
    """The publication that stands: the run that made it, its exit code and its last moment."""

    run_id: str
    exit_code: int
    finished_at: str


def key_of(notebooks: Mapping[str, str], fail_on_drift: bool) -> str:
    """The key of what notebooks of these keys publish."""
    return text_hash([dict(notebooks), fail_on_drift])


def hashes_of(folder: Path, *patterns: str) -> dict[str, str]:
    """The files of a folder, or those that meet a pattern, with their hashes."""
    found = {path for pattern in patterns or ("**/*",) for path in folder.glob(pattern) if path.is_file()}
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in sorted(found)}


def remember(work: Path, build: Path, key: str) -> None:
    """Keep in the work folder what is going to be published."""
    write_sealed(work / RECORD, {"key": key, "published": hashes_of(build), "made": hashes_of(work, *MADE)})


def still_stands(publication: Path | None, key: str, work: Path) -> Standing | None:
    """The publication, where it has this key and not a byte of it or of what it was made from has changed.

    What an earlier work folder has for the analyst is copied into ``work``, so that it is as after any other run.
    """
    made_in = work_behind(publication) if publication else None
    record: dict[str, Any] = (read_sealed(made_in / RECORD) if made_in else None) or {}
    if record.get("key") != key or hashes_of(publication) != record["published"]:
        return None
    if not intact(made_in, record["made"]):
        return None
    if made_in.resolve() != work.resolve():
        copy_files(made_in, work, record["made"])
        write_sealed(work / RECORD, record)
    made = manifest_of(publication) or {}
    return Standing(made["run_id"], made["exit_code"], made["finished_at"])
