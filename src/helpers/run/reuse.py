"""What an earlier run has done already: executed notebooks under their keys, with the files that they left.

A key holds everything that can change what a notebook shows: its own text and parameters, the study, its data, the
package and the environment, and the keys of the notebooks that it needs.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.run.manifest import file_hash, read_json, text_hash, to_text, write_text
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
    found = (path for path in sorted(work.rglob("*")) if path.is_file() and ".part" not in path.suffixes)
    own = [path for path in found if (path.stem == name and path.parent.name != "notebooks") or path.name in leaves]
    files = {path.relative_to(work).as_posix(): file_hash(path) for path in (_output(work, name), *own)}
    write_text(_record(work, name), to_text({"key": key, "files": files}))


def take_over(work: Path, name: str, key: str) -> bool:
    """Bring an earlier notebook of this key into ``work`` where one is found whole: this folder, then the newest other.

    A file that is missing or whose hash does not hold makes the whole record worthless, and the notebook is run again.
    """
    siblings = sorted((folder for folder in work.parent.iterdir() if folder.is_dir() and folder != work), reverse=True)
    for folder in (work, *siblings):
        record = read_json(_record(folder, name))
        if record is None or record.get("key") != key or not _whole(folder, record.get("files", {})):
            continue
        if folder != work:
            for file in record["files"]:
                (work / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / file, work / file)
            write_text(_record(work, name), to_text(record))
        return True
    return False


def forget(work: Path, name: str) -> None:
    """Remove what an earlier run in this same folder left of a notebook that is going to run again."""
    record = read_json(_record(work, name)) or {}
    _record(work, name).unlink(missing_ok=True)
    for file in record.get("files", {}):
        (work / file).unlink(missing_ok=True)


def _whole(folder: Path, files: Mapping[str, str]) -> bool:
    try:
        return bool(files) and all(file_hash(folder / file) == expected for file, expected in files.items())
    except OSError:
        return False


def _output(work: Path, name: str) -> Path:
    return work / "notebooks" / f"{name}.ipynb"


def _record(work: Path, name: str) -> Path:
    return work / "notebooks" / f"{name}.json"
