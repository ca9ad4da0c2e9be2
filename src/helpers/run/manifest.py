"""The records of a run, and how files are named, hashed, and written whole."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import os
import platform
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

Status = Literal[
    "running", "published", "not published", "failed", "bad data", "timed out", "terminated", "interrupted"
]
"""``running`` and ``not published`` (a run with ``--only``) stand in work folders alone, never in a publication."""
DISTRIBUTION = "persona-notebooks"


@dataclass(frozen=True)
class Fault:
    """Why a notebook failed. ``cell`` counts from 1 over all cells of the notebook as it stands in notebooks/."""

    cell: int | None
    type: str
    message: str


@dataclass(frozen=True)
class NotebookRecord:
    """One notebook's part in a run; ``parameters`` are its own settled values."""

    name: str
    status: Literal["done", "reused", "failed", "not run"]
    seconds: float = 0.0
    parameters: dict[str, Any] = field(default_factory=dict)
    error: Fault | None = None


@dataclass(frozen=True)
class InputRecord:
    """One file that went in; ``rows`` is known once the data were read."""

    table: str
    path: str
    sha256: str
    rows: int | None = None


def now() -> dt.datetime:
    """The present moment in UTC."""
    return dt.datetime.now(dt.UTC)


def new_run_id() -> str:
    """``20251231T101500Z-ab12cd``: UTC to the second and a nonce, so that a clock set back makes no two alike."""
    return f"{now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


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
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


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


def siblings(work: Path) -> list[Path]:
    """The work folders of other runs of the same study, newest first."""
    return sorted((folder for folder in work.parent.iterdir() if folder.is_dir() and folder != work), reverse=True)


def text_hash(value: Any) -> str:
    """SHA-256 of a plain JSON value, in hexadecimal."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def versions() -> dict[str, str]:
    """Python and every package that this one asks for, with the versions at hand."""
    wanted = (re.match(r"[\w.-]+", line)[0] for line in metadata.requires(DISTRIBUTION) if "extra ==" not in line)
    names = (DISTRIBUTION, *sorted(wanted))
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in names}


def environment_key() -> str:
    """A key for code and environment: this package's files, Python, and every installed distribution."""
    code = file_hash(Path(__file__).resolve().parents[1])
    installed = sorted({f"{found.name}=={found.version}" for found in metadata.distributions()})
    return text_hash([platform.python_version(), platform.machine(), installed, code])
