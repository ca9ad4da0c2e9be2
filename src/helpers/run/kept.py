"""What a run has made, kept in its work folder under keys and checked before it is used again: results and notebooks.

A stage's frames lie in ``tables/<stage>.<field>[.<label>].parquet``, everything else in ``results/<stage>.json`` with
the key and the hashes of the frames. A notebook's key holds everything that can change what it shows: its own text and
parameters, the study, its data, the package and the environment, and the keys of the notebooks that it needs. What does
not hold is made again; what an earlier run has is copied.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import pandas as pd
from filelock import FileLock
from pydantic import ConfigDict, TypeAdapter

from helpers.files import copy_files, file_hash, intact, read_sealed, text_hash, write_sealed
from helpers.previous import record_file
from helpers.run.kernels.notebooks import Graph
from helpers.run.manifest import siblings
from helpers.words import packed, unpacked

Result = TypeVar("Result")
_PLAIN = TypeAdapter(Any, config=ConfigDict(ser_json_inf_nan="constants"))


def kept_or_computed(
    work: Path, earlier: list[Path], name: str, key: str, kind: type[Result], compute: Callable[[], Result | None]
) -> Result | None:
    """The verified result of this key from ``work`` or an ``earlier`` work folder, else a new one.

    Computed and reused results are both read back from disk, so that they cannot differ.
    """
    work.mkdir(parents=True, exist_ok=True)
    with FileLock(work / f".{name}.lock"):
        if not verified(work, name, key):
            source = next((folder for folder in earlier if verified(folder, name, key)), None)
            if source is None:
                _save(work, name, key, compute())
            else:
                record = read_sealed(record_file(source, name))
                copy_files(source, work, record["frames"])
                write_sealed(record_file(work, name), record)
        return _load(work, name, kind)


def verified(work: Path, name: str, key: str) -> bool:
    """Whether a work folder holds a result of this key with unbroken files."""
    record = read_sealed(record_file(work, name))
    return record is not None and record["key"] == key and intact(work, record["frames"])


def kept(work: Path, name: str, kind: type[Result]) -> Result | None:
    """A result that a finished run left, whatever key it was made under; None where it or one of its files is gone."""
    record = read_sealed(record_file(work, name))
    return _load(work, name, kind) if record is not None and intact(work, record["frames"]) else None


def content(work: Path, name: str) -> str:
    """Hash of what a kept result says, whatever key it was made under: what follows from it need not be made again."""
    record = read_sealed(record_file(work, name))
    return text_hash([record["frames"], record["values"]])


def _save(work: Path, name: str, key: str, result: Any) -> None:
    """Keep a result: frames first, the record that vouches for them last."""
    frames, values = ({}, None) if result is None else _split(name, packed(result))
    (work / "tables").mkdir(exist_ok=True)
    for file, frame in frames.items():
        frame.to_parquet(work / f"{file}.part", index=False)
        os.replace(work / f"{file}.part", work / file)
    hashes = {file: file_hash(work / file) for file in frames}
    write_sealed(record_file(work, name), {"key": key, "frames": hashes, "values": values})


def _split(name: str, result: Any) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """A result's frames by file name, and its other fields as JSON values."""
    frames, values = {}, {}
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        stem = f"tables/{name}.{field.name}"
        if isinstance(value, pd.DataFrame):
            frames[f"{stem}.parquet"] = value
        elif isinstance(value, dict) and any(isinstance(item, pd.DataFrame) for item in value.values()):
            frames |= {f"{stem}.{label}.parquet": frame for label, frame in value.items()}
        else:
            values[field.name] = _PLAIN.dump_python(value, mode="json")
    return frames, values


def _load(work: Path, name: str, kind: type[Result]) -> Result | None:
    """Rebuild a result from its record and frames."""
    record = read_sealed(record_file(work, name))
    if record["values"] is None:
        return None
    fields: dict[str, Any] = {}
    for file in record["frames"]:
        _, field, *label = Path(file).name.removesuffix(".parquet").split(".")
        frame = unpacked(pd.read_parquet(work / file))
        if label:
            fields.setdefault(field, {})[label[0]] = frame
        else:
            fields[field] = frame
    hints = get_type_hints(kind)
    fields |= {
        name: TypeAdapter(hints[name]).validate_python(value) for name, value in unpacked(record["values"]).items()
    }
    return kind(**fields)


# --- notebooks ---------------------------------------------------------------------------------------------------


def keys_of(
    notebooks: Mapping[str, Path],
    graph: Graph,
    parameters: Mapping[str, Any],
    read: Mapping[str, Any],
    inputs: str,
    previous: Mapping[str, str],
) -> dict[str, str]:
    """The key of every notebook, in the graph's order; ``inputs`` counts for all, ``previous`` for those it names.

    read : per notebook the parameters, whosever they are, that the stages read which it comes to. Only these count for
        the notebooks that need it: the others change what it shows, and nothing that it makes.
    """
    keys: dict[str, str] = {}
    made: dict[str, str] = {}
    for name in graph:
        needs = [made[need] for need in graph[name]]
        made[name] = text_hash([name, file_hash(notebooks[name]), read[name], inputs, previous.get(name, ""), needs])
        keys[name] = text_hash([made[name], parameters[name]])
    return keys


def keep_record(work: Path, name: str, key: str, leaves: tuple[str, ...] = ()) -> None:
    """Record a notebook that is done: its key, and the hash of its output and of every file that is its own.

    A file is a notebook's own when it bears its name (``answers/<name>.json``) or is named in ``leaves``. The results
    of stages are shared; they have keys of their own, and the stages take them over by themselves.
    """
    record = _notebook_record(work, name)
    found = (path for path in sorted(work.rglob("*")) if path.is_file() and ".part" not in path.suffixes)
    own = (path for path in found if path != record and (path.stem == name or path.name in leaves))
    files = {path.relative_to(work).as_posix(): file_hash(path) for path in own}
    write_sealed(record, {"key": key, "files": files})


def take_over(work: Path, name: str, key: str) -> bool:
    """Bring an earlier notebook of this key into ``work`` where one is found whole: this folder, then the newest other.

    A file that is missing or whose hash does not hold makes the whole record worthless, and the notebook is run again.
    """
    for folder in (work, *siblings(work)):
        record = read_sealed(_notebook_record(folder, name))
        if record and record["key"] == key and intact(folder, record["files"]):
            if folder != work:
                copy_files(folder, work, record["files"])
                write_sealed(_notebook_record(work, name), record)
            return True
    return False


def forget(work: Path, name: str) -> None:
    """Remove what an earlier run in this same folder left of a notebook that is going to run again."""
    record = read_sealed(_notebook_record(work, name)) or {}
    (work / "notebooks" / f"{name}.html").unlink(missing_ok=True)  # recorded only when a run has published it
    _notebook_record(work, name).unlink(missing_ok=True)
    for file in record.get("files", {}):
        (work / file).unlink(missing_ok=True)


def _notebook_record(work: Path, name: str) -> Path:
    return work / "notebooks" / f"{name}.json"
