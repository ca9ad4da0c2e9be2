"""The three lists of packages say the same: pyproject.toml, requirements*.txt and environment.yml."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA_NAMES = {"ibis-framework": "ibis-duckdb", "playwright": "playwright-python"}
BRIEF = {"jupyterlab", "pandas", "matplotlib", "seaborn", "scikit-learn", "statsmodels", "papermill", "nbval"}


def wanted(*extras: str) -> list[Requirement]:
    lines = PROJECT["dependencies"] + [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    return [Requirement(line) for line in lines]


def pinned(file: str) -> dict[str, list[Version]]:
    pins: dict[str, list[Version]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (ROOT / file).read_text(), re.M):
        pins.setdefault(name.lower(), []).append(Version(version))
    return pins


@pytest.mark.parametrize(
    ("file", "extra"),
    [
        ("requirements.txt", "dev"),
        ("requirements-real.txt", "real"),
        ("requirements-peers.txt", "peers"),
        ("requirements-pdf.txt", "pdf"),
        ("requirements-spark.txt", "spark"),
    ],
)
def test_every_declared_package_is_pinned_inside_its_range(file: str, extra: str) -> None:
    declared = wanted(extra) if extra == "dev" else [Requirement(x) for x in PROJECT["optional-dependencies"][extra]]
    pins = pinned(file)
    for requirement in declared:
        versions = pins[requirement.name.lower()]
        assert all(version in requirement.specifier for version in versions), requirement


@pytest.mark.parametrize("file", sorted(path.name for path in ROOT.glob("requirements*.txt")))
def test_every_pin_has_hashes_and_no_address(file: str) -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9])", (ROOT / file).read_text(), flags=re.M)[1:]
    assert len(blocks) >= 2
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in (ROOT / file).read_text()


def test_the_conda_environment_lists_the_same_packages_and_ranges() -> None:
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    listed = {line for line in conda["dependencies"] if isinstance(line, str)} - {"pip"}
    expected = {f"{CONDA_NAMES.get(r.name, r.name)}{r.specifier}" for r in wanted("dev")}
    expected |= {f"python{PROJECT['requires-python']}"}
    assert {str(_normal(line)) for line in listed} == {str(_normal(line)) for line in expected}
    assert conda["channels"] == ["conda-forge", "nodefaults"]
    assert conda["dependencies"][-1] == {"pip": ["-e . --no-deps"]}


def test_the_packages_of_the_brief_are_there() -> None:
    assert {requirement.name for requirement in wanted("dev")} >= BRIEF


def test_pins_stand_above_known_advisories() -> None:
    pins = pinned("requirements.txt")
    for name, least in {"nbconvert": "7.17.1", "jupyter-server": "2.20.0", "jupyterlab": "4.5.9"}.items():
        assert min(pins[name]) >= Version(least)


def test_the_package_has_one_version() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "pip", "show", PROJECT["name"]], capture_output=True, text=True, check=True
    )
    assert f"Version: {PROJECT['version']}\n" in shown.stdout
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()


def _normal(line: str) -> Requirement:
    return Requirement(line)
