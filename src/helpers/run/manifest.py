"""The records of a run, and what names it: its id, its work folders, the code and the versions that made it."""

from __future__ import annotations

import datetime as dt
import platform
import re
import secrets
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from helpers.files import file_hash, text_hash

Status = Literal[
    "running", "published", "not published", "unchanged", "failed", "bad data", "timed out", "terminated", "interrupted"
]
"""``running``, ``not published`` (a run with ``--only``) and ``unchanged`` (what it would publish stands already) are
in work folders alone, never in a publication."""
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


def siblings(work: Path) -> list[Path]:
    """The work folders of other runs of the same study, newest first."""
    return sorted((folder for folder in work.parent.iterdir() if folder.is_dir() and folder != work), reverse=True)


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
