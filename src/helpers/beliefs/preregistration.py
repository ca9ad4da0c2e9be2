"""A plan that is written down before the data come, and whether the test that followed was the planned one."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from helpers.beliefs.evidence import Evidence
from helpers.beliefs.verdict import ALPHA
from helpers.contracts import Preregistration, StudyError
from helpers.study import Experiment, Study
from helpers.words import Text, say

PLANNED = ("hypothesis", "test", "sesoi", "n_per_arm", "arms", "alpha", "power", "looks", "stop", "date")
"""What a preregistration says, beside its own SHA-256; ``base``, today's share, only for shares."""
MAX_BYTES = 100_000


def write_plan(file: Path, plan: dict[str, Any]) -> str:
    """Write a plan with its SHA-256 as YAML, and return the hash. Raises StudyError rather than write over a plan."""
    digest = plan_hash(plan)
    try:
        with file.open("x", encoding="utf-8") as out:
            yaml.safe_dump(plan | {"sha256": digest}, out, sort_keys=False, allow_unicode=True)
    except FileExistsError:
        raise StudyError(f"{file}: is there already; a plan is written down once") from None
    except OSError as error:
        raise StudyError(f"{file}: cannot be written: {error.strerror}") from None
    return digest


def plan_hash(plan: dict[str, Any]) -> str:
    """SHA-256 of what a plan says, whatever the order and the layout of the file."""
    said = {key: value for key, value in plan.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def read_plan(file: Path) -> dict[str, Any]:
    """The plan in a file of `write_plan`. Raises StudyError where it is none."""
    try:
        data = file.read_bytes()
        plan = yaml.safe_load(data.decode("utf-8-sig")) if len(data) <= MAX_BYTES else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError):
        plan = None
    if not isinstance(plan, dict) or not {*PLANNED, "sha256"} <= set(plan):
        raise StudyError(f"{file.name}: not a preregistration as `personas plan --out` writes it")
    return plan


def plans_amiss(study: Study) -> list[Text]:
    """The plans that were changed after they had been written down. Raises StudyError for a file that is none."""
    plans = {e.id: read_plan(study.folder / e.preregistration) for e in study.experiments if e.preregistration}
    return [
        say("hypotheses.plan_changed", id=name) for name, plan in plans.items() if plan["sha256"] != plan_hash(plan)
    ]


def compare_with_plan(
    evidence: Evidence, experiment: Experiment, test: str, n: dict[str, int], sesoi: float
) -> tuple[Preregistration | None, Text]:
    """Whether an experiment was read as its preregistration planned, and a sentence on it; None and "" without one."""
    if experiment.preregistration is None:
        return None, ""
    plan = read_plan(evidence.study.folder / experiment.preregistration)
    digest = plan_hash(plan)
    as_done = {
        "hypothesis": experiment.id, "test": test, "arms": len(n), "sesoi": sesoi, "looks": experiment.stopping.looks,
        "alpha": ALPHA,
    }  # fmt: skip
    differences = [
        say(f"hypotheses.plan.{key}", planned=str(plan[key]), done=str(done))
        for key, done in as_done.items()
        if plan[key] != done
    ]
    if not isinstance(plan["n_per_arm"], int) or min(n.values()) < plan["n_per_arm"]:
        differences.append(say("hypotheses.plan.n", planned=str(plan["n_per_arm"]), done=min(n.values())))
    if plan["sha256"] != digest:
        differences.append(say("hypotheses.plan.changed"))
    said = {"date": str(plan["date"]), "sha": digest[:12]}
    if not differences:
        return Preregistration(digest, True), say("hypotheses.plan.kept", **said)
    listed = functools.reduce(lambda first, then: say("hypotheses.plan.and", first=first, then=then), differences)
    told = say("hypotheses.plan.departed", differences=listed, **said)
    return Preregistration(digest, False, tuple(differences)), told
