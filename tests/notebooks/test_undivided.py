"""Studies that nobody can be divided in: every notebook runs, what can be tested is, and the page says so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from helpers.contracts import DataError
from helpers.run.checking import check_study
from helpers.run.parameters import notebooks_folder
from helpers.run.stages import Session
from helpers.run.write_report import write_publication
from helpers.study import load_study

DAY = pd.Timestamp("2025-01-01")


def an_experiment(rng: np.random.Generator) -> tuple[pd.DataFrame, dict]:
    """200 people in each arm, of whom 60 and 40 % say yes."""
    frame = pd.DataFrame({"frame": ["cheap", "dear"] * 200, "would_go": "no"})
    frame.loc[(frame.index % 20).isin([*range(0, 12, 2), 16, 18, 1, 3, 5, 7]), "would_go"] = "yes"
    arm = {"column": "frame", "treatment": "cheap", "control": "dear"}
    outcome = {"column": "would_go", "success": ["yes"]}
    declared = {"id": "relative_saving", "table": "survey", "arm": arm, "outcome": outcome, "unit": "respondent_id"}
    return frame, {"tables": {"survey": {}}, "experiments": [declared | {"randomised": True}]}


def visits(rng: np.random.Generator) -> tuple[pd.DataFrame, dict]:
    """1,000 visits, of which 30 % by e-mail and 10 % by search end in a purchase."""
    channel = np.resize(["email", "search"], 1000)
    frame = {"visitor_id": [f"v{i}" for i in range(1000)], "started_at": DAY + pd.to_timedelta(np.arange(1000), "h")}
    frame |= {"channel": channel, "converted": (rng.random(1000) < np.where(channel == "email", 0.3, 0.1)).astype(int)}
    return pd.DataFrame(frame), {"tables": {"sessions": {}}}


def leads(rng: np.random.Generator) -> tuple[pd.DataFrame, dict]:
    """300 leads, of whom those who download more often become customers."""
    rows = []
    for i in range(300):
        first, eager = DAY + pd.Timedelta(days=i % 150), rng.random()
        converted = str((first + pd.Timedelta(days=30)).date()) if rng.random() < eager * 0.7 else ""
        for _ in range(1 + int(4 * eager)):
            rows.append((f"l{i}", str(first.date()), "download", converted))
    frame = pd.DataFrame(rows, columns=["lead_id", "at", "activity", "converted_at"])
    return frame, {"tables": {"leads": {}}, "leads": {"points": {"download": 60}}}


def open_answers(rng: np.random.Generator) -> tuple[pd.DataFrame, dict]:
    """Sixty people say one of three things."""
    said = ["The price is too high for me", "Delivery was late again", "It is easy to order from home"]
    open_ended = {"why_first": {"column": "why", "about": "drivers"}}
    return pd.DataFrame({"why": np.resize(said, 60)}), {"tables": {"survey": {"open_ended": open_ended}}}


def thirty_orders(rng: np.random.Generator) -> tuple[pd.DataFrame, dict]:
    """Thirty customers with one order each."""
    days = (DAY + pd.to_timedelta(np.arange(30) * 9, "D")).strftime("%Y-%m-%d")
    frame = {"customer_id": [f"c{i}" for i in range(30)], "order_id": [f"o{i}" for i in range(30)], "ordered_at": days}
    return pd.DataFrame(frame | {"amount": 10.0 + np.arange(30)}), {"tables": {"sales": {}}, "currency": "EUR"}


TESTED = {an_experiment: "relative_saving", visits: "conversion_by_channel", leads: "lead_score"}


def a_study(make, folder: Path):
    frame, declared = make(np.random.default_rng(1))
    (table,) = declared["tables"]
    declared["tables"][table]["path"] = f"{table}.csv"
    frame.to_csv(folder / f"{table}.csv", index=False)
    (folder / "study.yml").write_text(yaml.safe_dump({"study": "undivided"} | declared), encoding="utf-8")
    return load_study(folder)


LONG = [pytest.param(make, marks=pytest.mark.long) for make in (an_experiment, leads, open_answers)]


@pytest.mark.parametrize("make", [visits, thirty_orders, *LONG])
def test_every_notebook_runs_and_the_page_says_that_personas_were_not_asked(make, tmp_path, monkeypatch, capsys):
    study, work = a_study(make, tmp_path), tmp_path / "work"
    assert check_study(study).fault is None
    monkeypatch.chdir(notebooks_folder().parent)
    for notebook in sorted(notebooks_folder().glob("[01][0-9]_*.ipynb"))[:11]:  # the last one asks no study
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        known: dict = {}
        exec(code[0], known)
        known |= {"study": str(tmp_path / "study.yml"), "work": str(work)}
        for cell in code[1:]:
            exec(cell, known)
    capsys.readouterr()
    (tmp_path / "out").mkdir()
    write_publication(study, work, tmp_path / "out", "a-run")
    names = ("personas", "hypotheses")
    published = {name: json.loads((tmp_path / "out" / f"{name}.json").read_text()) for name in names}
    structure = published["personas"]["structure"]
    assert (structure["kind"], structure["supported"], structure["k"]) == ("not asked", False, 0)
    assert published["personas"]["personas"] == []
    verdicts = {result["id"]: result["verdict"] for result in published["hypotheses"]["results"]}
    if make in TESTED:
        assert verdicts[TESTED[make]] == "supported"
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "No personas: these tables hold nothing to divide people by." in page
    assert 'id="cards"' not in page
    assert Session("", study, work, {})["drift"].matches == ()
    assert not (tmp_path / "out" / "assign.sql").exists()


def test_a_dozen_answers_are_refused_with_the_number_that_is_needed(tmp_path):
    def twelve(rng):
        survey = {"likert": {"items": ["q1", "q2"], "scale": [1, 5]}}
        return pd.DataFrame(rng.integers(1, 6, (12, 2)), columns=["q1", "q2"]), {"tables": {"survey": survey}}

    fault = check_study(a_study(twelve, tmp_path)).fault
    assert isinstance(fault, DataError)
    assert "12 respondents and no sales; need at least 30 respondents" in str(fault)
