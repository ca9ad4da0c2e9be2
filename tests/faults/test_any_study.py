"""Whatever stands in study.yml or codebook.yml is read and checked, or refused in a sentence: never a traceback.

The sample's own files with keys and values put elsewhere, beside a small part of its tables; what loads goes all the
way through ``check``. ``make fuzz`` runs the same for a third of its time (``MINUTES=60``).
"""

import itertools
import os
import random
import shutil
import time
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from as_long import Tally

from helpers.contracts import UserFault
from helpers.run.checking import check_json, check_study
from helpers.study import load_study

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
MINUTES = float(os.environ.get("FUZZ_MINUTES", "0")) / 3
TIMES = 6
ODD = [
    None, True, 0, 1, -1, 7, 0.5, -0.5, 1e300, float("nan"), float("inf"), 2**63, "", " ", "x", "1", "2025-13-41",
    "no", "../..", "/etc/hosts", "sales.csv", "codebook.yml", "a" * 5000, "\u202e", "İ", "{name}", "%s", "*", "[", "(?",
    [], {}, [[]], [None], {"": ""}, {"a": []}, [1, "1"], ["x", "x"], {"column": "x"}, {"path": "x.csv"},
]  # fmt: skip
"""What is put where something else belongs."""


def places(part: Any, here: tuple = ()) -> list[tuple]:
    """Every key and item of nested YAML, as the way to it."""
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [way for name, value in inside for way in ((*here, name), *places(value, (*here, name)))]


def at(whole: Any, way: tuple) -> Any:
    for name in way:
        whole = whole[name]
    return whole


def rearranged(whole: dict, chance: random.Random) -> dict:
    """The same with one or two values taken out, replaced (half of the time by one of their kind), or keys renamed."""
    changed = deepcopy(whole)
    for _ in range(chance.choice((1, 1, 2))):
        ways = places(changed)
        if not ways:
            break
        *above, name = chance.choice(ways)
        part, how = at(changed, tuple(above)), chance.choice(("drop", "odd", "odd", "move", "rename", *["like"] * 5))
        kind = type(part[name])
        alike = [way for way in ways if type(at(changed, way)) is kind] if how == "like" else ways
        other = deepcopy(at(changed, chance.choice(alike)))
        if how == "drop":
            del part[name]
        elif how == "rename" and isinstance(part, dict):
            part[chance.choice(ways)[-1]] = part.pop(name)
        else:
            part[name] = deepcopy(chance.choice(ODD)) if how == "odd" else other
    return changed


@pytest.fixture(scope="session")
def small_sample(tmp_path_factory) -> Path:
    """The sample's files, some 200 lines of each table, from its first to its last."""
    folder = tmp_path_factory.mktemp("small")
    for file in SAMPLE.glob("*.csv"):
        lines = file.read_bytes().splitlines(keepends=True)
        step = 1 if file.stem == "conjoint" else max(1, len(lines) // 200)  # a task is several lines
        (folder / file.name).write_bytes(b"".join(lines[: 201 * step : step]))
    for name in ("study.yml", "codebook.yml"):
        shutil.copy(SAMPLE / name, folder)
    return folder


def checked(folder: Path, name: str, content: dict) -> str:
    """What a user is told whose file is this (a list of findings where it is read); the folder is left as it was."""
    whole = (folder / name).read_bytes()
    try:
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
        seen = check_study(load_study(folder / "study.yml"))
        return str(check_json(seen)["issues"])
    except UserFault as fault:
        return str(fault)
    finally:
        (folder / name).write_bytes(whole)


def refusal(folder: Path, name: str, content: dict) -> str:
    """The same; empty where it is read, whatever was found in it."""
    told = checked(folder, name, content)
    assert told
    return "" if told.startswith("[") else told


def as_they_are(folder: Path, name: str) -> dict:
    """The file's content; respondents of the small part match hardly anybody, which is no fault here."""
    found = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
    return found | {"unmatched_respondents": 1} if name == "study.yml" else found


def test_the_small_sample_is_checked_to_its_end(small_sample):
    """Else what follows would look at less than it says."""
    content = as_they_are(small_sample, "study.yml")
    assert "'severity': 'error'" not in checked(small_sample, "study.yml", content)


@pytest.mark.parametrize("name", ["study.yml", "codebook.yml"])
def test_a_rearranged_study_or_codebook_is_checked_or_refused_in_a_sentence(small_sample, name):
    content = as_they_are(small_sample, name)
    for seed in range(TIMES):
        assert checked(small_sample, name, rearranged(content, random.Random(seed)))


@pytest.mark.skipif(not MINUTES, reason="make fuzz: a third of FUZZ_MINUTES")
def test_any_study_for_as_long_as_wanted(small_sample):
    tally = Tally(MINUTES)
    content = {name: as_they_are(small_sample, name) for name in ("study.yml", "codebook.yml")}
    for seed in itertools.count(time.time_ns()):
        if not tally.more():
            break
        chance = random.Random(seed)
        name = chance.choice(["study.yml", "study.yml", "study.yml", "codebook.yml"])
        look = partial(refusal, small_sample, name, rearranged(content[name], chance))
        tally.try_one(f"rearranged {name}", look, seed)
    tally.end()
