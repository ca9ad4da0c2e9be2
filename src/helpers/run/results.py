"""What a stage made, kept in the work folder under its key and checked before it is used again.

Frames lie in ``tables/<stage>.<field>[.<label>].parquet``, everything else in ``results/<stage>.json`` with the key and
the hashes of the frames. A result whose key or hash does not hold is made again; one of an earlier run is copied.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import pandas as pd
from filelock import FileLock
from pydantic import ConfigDict, TypeAdapter

from helpers.files import copy_files, file_hash, intact, read_json, text_hash, write_json
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
                record = read_json(_record_file(source, name))
                copy_files(source, work, record["frames"])
                write_json(_record_file(work, name), record)
        return _load(work, name, kind)


def verified(work: Path, name: str, key: str) -> bool:
    """Whether a work folder holds a result of this key with unbroken files."""
    record = read_json(_record_file(work, name))
    return record is not None and record["key"] == key and intact(work, record["frames"])


def kept(work: Path, name: str, kind: type[Result]) -> Result | None:
    """A result that a finished run left, whatever key it was made under; None where it or one of its files is gone."""
    record = read_json(_record_file(work, name))
    return _load(work, name, kind) if record is not None and intact(work, record["frames"]) else None


def content(work: Path, name: str) -> str:
    """Hash of what a kept result says, whatever key it was made under: what follows from it need not be made again."""
    record = read_json(_record_file(work, name))
    return text_hash([record["frames"], record["values"]])


def _record_file(work: Path, name: str) -> Path:
    return work / "results" / f"{name}.json"


def _save(work: Path, name: str, key: str, result: Any) -> None:
    """Keep a result: frames first, the record that vouches for them last."""
    frames, values = ({}, None) if result is None else _split(name, packed(result))
    (work / "tables").mkdir(exist_ok=True)
    for file, frame in frames.items():
        frame.to_parquet(work / f"{file}.part", index=False)
        os.replace(work / f"{file}.part", work / file)
    hashes = {file: file_hash(work / file) for file in frames}
    write_json(_record_file(work, name), {"key": key, "frames": hashes, "values": values})


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
    record = read_json(_record_file(work, name))
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
