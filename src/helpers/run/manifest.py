"""The records of a run, and what names it: its id, its work folders, the code and the versions that made it."""

from __future__ import annotations

import datetime as dt
import platform
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import psutil

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
    """One notebook's part in a run; ``parameters`` are its own settled values, ``peak_mb`` what its kernel
    held at most, where the system tells."""

    name: str
    status: Literal["done", "reused", "failed", "not run"]
    seconds: float = 0.0
    parameters: dict[str, Any] = field(default_factory=dict)
    error: Fault | None = None
    peak_mb: float | None = None


@dataclass(frozen=True)
class InputRecord:
    """One file that went in; ``rows`` is known once the data were read."""

    table: str
    path: str
    sha256: str
    rows: int | None = None


def cost(read: int, lines: int, records: Iterable[NotebookRecord] = ()) -> dict[str, Any]:
    """What a run has used so far.

    Parameters
    ----------
    read : bytes of the input files. lines : order lines, as they are published; 0 where there are none. records : the
    notebooks that ran, whose kernels are over.

    Returns
    -------
    cpu_seconds (of this process and all below it), peak_mb (of the largest process), read_mb; and each of the three
    ``per_million_lines``.
    """
    here = psutil.Process()
    used = {
        "cpu_seconds": sum(map(_cpu_seconds, [here, *here.children(recursive=True)])),
        "peak_mb": max(peak_mb(here.pid) or 0.0, *(record.peak_mb or 0.0 for record in records), 0.0),
        "read_mb": read / 2**20,
    }
    found = {name: round(value, 1) for name, value in used.items()}
    each = {name: round(1e6 * value / lines, 1) for name, value in found.items()} if lines else None
    return found | {"per_million_lines": each}


def _cpu_seconds(process: psutil.Process) -> float:
    """Of a process and those that it has waited for."""
    try:
        told = process.cpu_times()
    except psutil.Error:
        return 0.0
    return told.user + told.system + getattr(told, "children_user", 0.0) + getattr(told, "children_system", 0.0)


def peak_mb(pid: int | None) -> float | None:
    """The most memory that a living process has held, where the system tells (Linux)."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    sizes = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return round(sizes[0] / 1024, 1) if sizes else None


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
