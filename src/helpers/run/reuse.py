"""What an earlier run has done already: executed notebooks under their keys, with the files that they left.

A key holds everything that can change what a notebook shows: its own text and parameters, the study, its data, the
package and the environment, and the keys of the notebooks that it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.files import copy_files, file_hash, intact, read_json, text_hash, to_text, write_text
from helpers.run.manifest import siblings
from helpers.run.notebooks import Graph


def keys_of(
    notebooks: Mapping[str, Path], graph: Graph, parameters: Mapping[str, Any], inputs: str, previous: Mapping[str, str]
) -> dict[str, str]:
    """The key of every notebook, in the graph's order; ``inputs`` counts for all, ``previous`` for those it names."""
    keys: dict[str, str] = {}
    for name in graph:
        needs = [keys[need] for need in graph[name]]
        own = [name, file_hash(notebooks[name]), parameters[name], inputs, previous.get(name, "")]
        keys[name] = text_hash([own, needs])
    return keys


def keep_record(work: Path, name: str, key: str, leaves: tuple[str, ...] = ()) -> None:
    """Record a notebook that is done: its key, and the hash of its output and of every file that is its own.

    A file is a notebook's own when it bears its name (``answers/<name>.json``) or is named in ``leaves``. The results
    of stages are shared; they have keys of their own, and the stages take them over by themselves.
    """
    record = _record(work, name)
    found = (path for path in sorted(work.rglob("*")) if path.is_file() and ".part" not in path.suffixes)
    own = (path for path in found if path != record and (path.stem == name or path.name in leaves))
    files = {path.relative_to(work).as_posix(): file_hash(path) for path in own}
    write_text(record, to_text({"key": key, "files": files}))


def take_over(work: Path, name: str, key: str) -> bool:
    """Bring an earlier notebook of this key into ``work`` where one is found whole: this folder, then the newest other.

    A file that is missing or whose hash does not hold makes the whole record worthless, and the notebook is run again.
    """
    for folder in (work, *siblings(work)):
        record = read_json(_record(folder, name))
        if record and record.get("key") == key and intact(folder, record["files"]):
            if folder != work:
                copy_files(folder, work, record["files"])
                write_text(_record(work, name), to_text(record))
            return True
    return False


def forget(work: Path, name: str) -> None:
    """Remove what an earlier run in this same folder left of a notebook that is going to run again."""
    record = read_json(_record(work, name)) or {}
    (work / "notebooks" / f"{name}.html").unlink(missing_ok=True)  # recorded only when a run has published it
    _record(work, name).unlink(missing_ok=True)
    for file in record.get("files", {}):
        (work / file).unlink(missing_ok=True)


def _record(work: Path, name: str) -> Path:
    return work / "notebooks" / f"{name}.json"
