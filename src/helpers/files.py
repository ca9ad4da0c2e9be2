"""Files of records: written whole or not at all, read when they are whole, and named by what they hold."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

SEAL = "seal"
"""Field of a record that vouches for the others."""


def to_text(record: Any) -> str:
    """A dataclass or plain value as the JSON text of every published file: UTF-8, two spaces, a last newline."""
    plain = dataclasses.asdict(record) if dataclasses.is_dataclass(record) else record
    return json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def write_text(path: Path, text: str) -> None:
    """Write a whole file or nothing: into a neighbour first, to the disk, then one rename."""
    neighbour = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with neighbour.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(neighbour, path)
    finally:
        neighbour.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON object, or None where there is no file or only a torn one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def write_sealed(file: Path, record: Mapping[str, Any]) -> None:
    """Write a record with a hash of what it says; like ``write_json`` it may hold NaN."""
    plain = json.loads(json.dumps(record))
    write_json(file, {**plain, SEAL: text_hash(plain)})


def read_sealed(file: Path) -> dict[str, Any] | None:
    """A record as ``write_sealed`` wrote it; None where there is none, or anything in it is no longer as it was."""
    record = read_json(file) or {}
    seal = record.pop(SEAL, None)
    return record if seal is not None and seal == text_hash(record) else None


def file_hash(path: Path) -> str:
    """SHA-256 of a file, or of a folder's files (Python's caches aside) with their names. Raises OSError."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        return text_hash([[file.relative_to(path).as_posix(), file_hash(file)] for file in files])
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def intact(folder: Path, files: Mapping[str, str]) -> bool:
    """Whether every file of a record lies in ``folder`` with the hash that the record has for it."""
    return all((folder / file).is_file() and file_hash(folder / file) == hash_ for file, hash_ in files.items())


def copy_files(source: Path, target: Path, files: Iterable[str]) -> None:
    """Copy files from one work folder into another, under the same names."""
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target / file)


def text_hash(value: Any) -> str:
    """SHA-256 of a plain JSON value, in hexadecimal."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def write_json(file: Path, content: Any) -> None:
    """Write JSON in one step; unlike published JSON it may hold NaN."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def spare_a_grammar() -> None:
    """Called before nbformat is imported: its schema library would build a grammar of web addresses for two seconds,
    and no notebook's schema asks for one."""
    sys.modules.setdefault("rfc3987_syntax", None)
