"""One whole run of the sample study, made once and looked at by many tests."""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[1]
pytest_plugins = ("hand_made", "spoiled", "planted", "made_up_report")
"""Fixtures of several rooms: evidence made by hand and spoiled, planted types, and a made-up report."""


@dataclass(frozen=True)
class Run:
    """A finished run: its publication, its work folder, and what it said."""

    out: Path
    work: Path
    stdout: str
    stderr: str

    def published(self, name: str) -> dict[str, Any]:
        return json.loads((self.out / f"{name}.json").read_text(encoding="utf-8"))

    def notebook(self, name: str) -> str:
        """Every text that an executed notebook shows."""
        document = json.loads((self.work / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
        outputs = [output for cell in document["cells"] for output in cell.get("outputs", [])]
        return "\n".join("".join(text) for output in outputs for text in output.get("data", {}).values())


def personas(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The command as a user calls it."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}
    command = [sys.executable, "-m", "helpers", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=900, check=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that at the end no core waits for one of them."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """What was collected stays: statsmodels collects garbage at every correction of p-values, and would look through
    some thousand tests each time."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Else DuckDB, which counts what is left of it at the end, would say that it leaks."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`personas run data/sample`, into a folder of its own; processes that test side by side share one."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sample"
    out, work, said = folder / "out", folder / "work" / "first", folder / "said.json"
    with FileLock(folder.with_suffix(".lock")):
        if not said.is_file():
            done = personas("run", "data/sample", "--out", out, "--work", work)
            assert done.returncode == 0, done.stderr
            said.write_text(json.dumps([done.stdout, done.stderr]), encoding="utf-8")
    return Run(out, work, *json.loads(said.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def cli() -> Callable[..., subprocess.CompletedProcess[str]]:
    """`personas ...` as a user calls it, from the project's root unless ``cwd`` says otherwise."""
    return personas
