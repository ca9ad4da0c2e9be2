"""A whole run in small, as a process of its own: the real runner with toy notebooks, for tests that kill it.

Called as ``toy_run.py FOLDER [OPTION=VALUE ...]``; FOLDER holds data.csv and notebooks/, and gets out/ and runs/. The
option ``each`` names other notebooks, to be run instead of the three of GRAPH, none needing another.
"""

import json
import os
import sys
import time
from pathlib import Path

import yaml

from helpers.contracts import UserFault
from helpers.run import runner
from helpers.run.runner import Options, run_study
from helpers.study import Study

EMPTY = {"personas": [], "coverage": {}, "structure": {}}
GRAPH = {"01_first": (), "02_left": ("01_first",), "03_right": ("01_first",)}


def load(path: Path) -> Study:
    """The study of the folder, without the checks of the real loader."""
    written = yaml.safe_load(Path(path).read_text())
    content = {"tables": {"sales": {"path": "data.csv"}}, **written, "path": Path(path)}
    return Study.model_validate(content, strict=False)


def write_publication(study: Study, work: Path, build: Path, run_id: str) -> None:
    """What the notebooks left, as a publication of five files."""
    told = {name: (work / "answers" / f"{name}.txt").read_text() for name in GRAPH}
    (build / "cards").mkdir()
    (build / "cards" / "one.html").write_text(f"<p>{told['02_left']}</p>")
    (build / "index.html").write_text("".join(f"<p>{text}</p>" for text in told.values()))
    (build / "personas.json").write_text(json.dumps({**EMPTY, "run_id": run_id, "told": told}))
    (build / "drift.json").write_text(json.dumps({"alert": "drift" in told["02_left"]}))
    (build / "data_quality.json").write_text(json.dumps({"files": [{"table": "sales", "rows_in": 2}]}))
    executed = json.loads((work / "notebooks" / "03_right.ipynb").read_text())
    given = executed["metadata"]["papermill"]["parameters"]
    if given["filler"]:
        (build / "filler.bin").write_bytes(b"x" * given["filler"])
    time.sleep(given["pause"])


def main(folder: Path, given: list[str]) -> int:
    """Run, print the outcome as one JSON line, return the exit code."""
    options = {"out": folder / "out"} | {
        name: json.loads(value) for name, value in (item.split("=", 1) for item in given)
    }
    options |= {name: Path(options[name]) for name in ("out", "work") if name in options}
    options |= {name: tuple(options[name]) for name in ("settings", "only") if name in options}
    graph = dict.fromkeys(options.pop("each", ()), ()) or GRAPH
    if not options.pop("groups", True):
        os.environ["PERSONAS_NO_GROUPS"] = "1"
    runner.environment_key = lambda: "the code under test"  # an edit elsewhere must not turn "reused" into "done"
    runner.MATCHES_PREVIOUS = frozenset({"02_left"})
    runner.COMPARES_PREVIOUS = frozenset(options.pop("compares", ()))
    try:
        outcome = run_study(
            folder / "study.yml", Options(**options), graph=graph, folder=folder / "notebooks",
            write_publication=write_publication, load=load,
        )  # fmt: skip
    except UserFault as fault:
        print(json.dumps({"exit_code": fault.exit_code, "reason": str(fault)}))
        return fault.exit_code
    statuses = {record.name: record.status for record in outcome.notebooks}
    print(json.dumps({"exit_code": outcome.exit_code, "reason": outcome.reason, "notebooks": statuses}))
    return outcome.exit_code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
