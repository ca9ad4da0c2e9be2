"""A study in small on the disk, and the means to run it, kill it and compare what it left."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest

from helpers.run.kernels.processes import MARK, of_run

TOY = Path(__file__).with_name("toy_run.py")
PARAMETERS = 'study: str = "study.yml"\nwork: str = "runs/scratch"\nword: str = "hello"  # what to say\n'
ANSWER = """
from pathlib import Path
answers = Path(work) / "answers"
answers.mkdir(parents=True, exist_ok=True)
_ = (answers / "{name}.txt").write_text(f"{name} {{word}} {{Path(study).with_name('data.csv').read_text()}}")
"""


class Toy:
    """One study folder: its notebooks can be given cells that go wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out"
        if folder.exists():
            return
        (folder / "notebooks").mkdir(parents=True)
        (folder / "study.yml").write_text("study: toy\n")
        (folder / "data.csv").write_text("id,amount\n1,2\n2,3\n")
        for name in ("01_first", "02_left", "03_right"):
            self.notebook(name)

    def notebook(self, name: str, *cells: str) -> None:
        """Write a notebook: a title, its parameters, the given cells, and one that leaves an answer."""
        parameters = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}, id="parameters")
        if name == "03_right":
            parameters.source += "pause: float = 0.0  # seconds the publication takes\nfiller: int = 0  # bytes\n"
        code = [
            nbformat.v4.new_code_cell(text, id=f"c{i}") for i, text in enumerate((*cells, ANSWER.format(name=name)))
        ]
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        notebook = nbformat.v4.new_notebook(
            metadata=metadata, cells=[nbformat.v4.new_markdown_cell("# Why?", id="title"), parameters, *code]
        )
        nbformat.write(notebook, self.folder / "notebooks" / f"{name}.ipynb")

    def start(self, *given: str, **options: object) -> subprocess.Popen:
        """Start a run as a process of its own."""
        return subprocess.Popen(
            [sys.executable, str(TOY), str(self.folder), *given], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, **{"cwd": self.folder, **options},
        )  # fmt: skip

    def run(self, *given: str, **options: object) -> dict:
        """Run to the end; what it said, with the process's own return code."""
        process = self.start(*given, **options)
        said, errors = process.communicate(timeout=240)
        assert said, errors
        return {**json.loads(said.splitlines()[-1]), "returned": process.returncode, "stderr": errors}

    def manifests(self) -> list[dict]:
        """Manifests of all runs, oldest first."""
        files = (self.folder / "runs" / "toy").glob("*/manifest.json")
        return [json.loads(file.read_text()) for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]

    def published(self) -> dict[str, str]:
        """Every file of the publication with its hash."""
        files = (file for file in self.out.rglob("*") if file.is_file())
        return {
            str(file.relative_to(self.out)): hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(files)
        }

    def wait_for(self, mark: str, seconds: float = 120.0) -> str:
        """Wait until a cell has left the file ``mark``; returns what it holds."""
        until = time.monotonic() + seconds
        while not (self.folder / mark).is_file() or not (self.folder / mark).read_text():
            assert time.monotonic() < until, f"{mark} never came"
            time.sleep(0.05)
        return (self.folder / mark).read_text()


def nobody_left(run_id: str, seconds: float = 5.0) -> bool:
    """Whether every process of a run is gone within ``seconds``."""
    until = time.monotonic() + seconds
    while of_run(run_id):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture
def toy(tmp_path: Path):
    """A toy study; whatever a test leaves running is ended."""
    made = Toy(tmp_path / "toy")
    yield made
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) and str(tmp_path) in process.environ().get("PWD", process.cwd()):
                os.kill(process.pid, signal.SIGKILL)
        except (psutil.Error, ProcessLookupError):
            continue


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Toy]:
    """Copies of a toy study that was published once."""
    once = Toy(tmp_path_factory.mktemp("once") / "toy")
    assert once.run()["returned"] == 0

    def copy(folder: Path) -> Toy:
        shutil.rmtree(folder, ignore_errors=True)
        return Toy(shutil.copytree(once.folder, folder, symlinks=True))

    return copy


@pytest.fixture
def published(toy: Toy, copied: Callable[[Path], Toy]) -> Toy:
    """A toy study that has been published once."""
    return copied(toy.folder)
