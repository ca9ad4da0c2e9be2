"""Faulty studies: whatever a run refuses, `personas check` has refused before, in the same kind of fault."""

import copy
import datetime as dt

import pytest
import yaml

from helpers.beliefs.preregistration import write_plan
from helpers.contracts import DataError, StudyError, UserFault
from helpers.run import parameters
from helpers.run.checking import check_study
from helpers.run.stages import Session, places
from helpers.study import load_study

PLAN = {
    "hypothesis": "letter", "test": "shares_between", "sesoi": 0.1, "n_per_arm": 20, "arms": 2, "alpha": 0.05,
    "power": 0.8, "looks": 1, "stop": "at 20", "date": "2025-01-01",
}  # fmt: skip
LETTER = {
    "id": "letter", "title": "Does a letter bring more orders?", "table": "customers", "randomised": True, "sesoi": 0.1,
    "arm": {"column": "arm", "treatment": "letter", "control": "none"},
    "outcome": {"column": "came", "success": ["yes"]}, "preregistration": "plan.yml",
}  # fmt: skip
CODEBOOK = "dear: {about: barriers, words: {en: [dear, costs*]}}\n"


def base():
    """A study of sixty customers with eight orders or so each, a survey, a codebook and an experiment; no fault."""
    return {
        "study": "shop",
        "currency": "EUR",
        "tables": {
            "sales": {"path": "sales.csv"},
            "customers": {"path": "customers.csv", "attributes": ["arm", "came"]},
            "survey": {
                "path": "survey.csv",
                "join": {"customers": "customer_id"},
                "likert": {"items": ["q1", "q2"]},
                "open_ended": {"why": {"column": "why", "about": "barriers"}},
                "codebook": "codebook.yml",
            },
        },
        "experiments": [copy.deepcopy(LETTER)],
        "parameters": {"04_personas": {"bootstrap": 2, "null_draws": 9}},
    }


def sales(customers=60, alike=False):
    lines = ["customer_id,order_id,ordered_at,amount"]
    for i in range(customers):
        for number in range(8 if alike else 4 + i % 8):
            day = dt.date(2025, 1, 1) + dt.timedelta(days=number * 25 if alike else number * 25 + i % 20)
            lines.append(f"c{i:03d},{i}-{number},{day},{10 if alike else 10 + i}.00")
    return "\n".join(lines) + "\n"


def files():
    people = [f"c{i:03d}" for i in range(60)]
    survey = [f"r{i},{p},{i % 5 + 1},{(i * 3) % 5 + 1},it is dear" for i, p in enumerate(people)]
    return {
        "sales.csv": sales(),
        "customers.csv": "customer_id,arm,came\n"
        + "".join(f"{p},{'letter' if i % 2 else 'none'},{'yes' if i % 3 else 'no'}\n" for i, p in enumerate(people)),
        "survey.csv": "respondent_id,customer_id,q1,q2,why\n" + "\n".join(survey) + "\n",
        "codebook.yml": CODEBOOK,
    }


def changed(study, way, value):
    """The study with a value at ``tables.survey.path`` or the like."""
    node, *_ = study, None
    *ways, last = way.split("/")
    for key in ways:
        node = node[int(key)] if key.isdigit() else node.setdefault(key, {})
    node[last] = value
    return study


@pytest.fixture
def written(tmp_path):
    """Write a study with a fault put in: ways of study.yml to values, and files' names to their texts."""

    def write(faults=(), **other):
        content = base()
        for way, value in dict(faults).items():
            content = changed(content, way, value)
        for name, text in (files() | other).items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        if not (tmp_path / "plan.yml").exists():
            write_plan(tmp_path / "plan.yml", PLAN)
        (tmp_path / "study.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
        return tmp_path

    return write


def test_a_plan_that_was_changed_is_told(written):
    folder = written()
    plan = (folder / "plan.yml").read_text(encoding="utf-8")
    (folder / "plan.yml").write_text(plan.replace("n_per_arm: 20", "n_per_arm: 10"), encoding="utf-8")
    told = [line for line in check_study(load_study(folder)).told if line.key == "hypotheses.plan_changed"]
    assert [line.values for line in told] == [{"id": "letter"}]


def code_of_check(folder):
    try:
        seen = check_study(load_study(folder))
    except UserFault as fault:
        return fault.exit_code
    return seen.fault.exit_code if seen.fault else 0


def code_of_run(folder, tmp_path_factory):
    """What a run would end in: its notebooks' parameters, and all of its stages one after another."""
    try:
        study = load_study(folder)
        notebooks = {file.stem: file for file in parameters.notebooks_folder().glob("[0-9][0-9]_*.ipynb")}
        parameters.resolve_all(notebooks, (), study.parameters)
        session = Session("04_personas", study, tmp_path_factory.mktemp("work"), {})
        for stage in places():
            session[stage]
    except UserFault as fault:
        return fault.exit_code
    return 0


def test_a_study_without_a_fault_passes_both(written, tmp_path_factory):
    folder = written()
    assert (code_of_check(folder), code_of_run(folder, tmp_path_factory)) == (0, 0)


WRONG = StudyError.exit_code
BAD = DataError.exit_code
FAULTS = {
    "a window without orders after the split": (
        BAD, {"window": {"holdout_from": dt.date(2026, 1, 1), "as_of": dt.date(2026, 2, 1)}}, {}
    ),
    "a window that ends before the orders begin": (WRONG, {"window": {"as_of": dt.date(2024, 1, 1)}}, {}),
    "a join that matches nobody": (BAD, {}, {"survey.csv": files()["survey.csv"].replace(",c0", ",x0")}),
    "a join by a column that is not there": (BAD, {"tables/survey/join": {"customers": "email"}}, {}),
    "a rating item that is not there": (BAD, {"tables/survey/likert": {"items": ["q1", "q9"]}}, {}),
    "ratings off their scale": (BAD, {"tables/survey/likert": {"items": ["q1", "q2"], "scale": [1, 3]}}, {}),
    "shares to rake to that nobody is in": (WRONG, {"tables/survey/raking": {"arm": {"post": 0.5, "mail": 0.5}}}, {}),
    "a codebook that is no list": (WRONG, {}, {"codebook.yml": "dear"}),
    "a codebook about what does not exist": (WRONG, {}, {"codebook.yml": CODEBOOK.replace("barriers", "prices")}),
    "a second coder's sheet without its columns": (
        BAD, {"tables/survey/second_coder": "second.csv"}, {"second.csv": "a,b\n1,2\n"}
    ),
    "a parameter that does not exist": (WRONG, {"parameters/04_personas/bootstraps": 9}, {}),
    "a parameter of another type": (WRONG, {"parameters/04_personas/bootstrap": "many"}, {}),
    "a number of groups to try that cannot be": (WRONG, {"parameters/04_personas/try_k": 9}, {}),
    "a feature to try that does not exist": (WRONG, {"parameters/04_personas/try_features": "ordres"}, {}),
    "a column to keep that does not exist": (WRONG, {"personas/reserve": ["marjin"]}, {}),
    "a feature that does not exist": (WRONG, {"personas/features": ["ordres"]}, {}),
    "an item that does not exist": (WRONG, {"personas/survey": ["q9"]}, {}),
    "a belief that does not exist": (WRONG, {"hypotheses/exclude": ["relative_savings"]}, {}),
    "a size that matters of zero": (WRONG, {"hypotheses/sesoi": {"relative_saving": 0.0}}, {}),
    "arms that case alone tells apart": (
        WRONG, {"experiments/0/arm": {"column": "arm", "treatment": "None", "control": "none"}}, {}
    ),
    "a column of arms that is not there": (BAD, {"experiments/0/arm/column": "arms"}, {}),
    "lines of which much is set aside": (BAD, {}, {"sales.csv": sales().replace("0.00", "ten")}),
    "a plan that is none": (WRONG, {}, {"plan.yml": "hypothesis: letter\n"}),
    "too little memory to count with": (WRONG, {"engine": {"memory_limit": "1KB"}}, {}),
    "a file that is a folder": (WRONG, {"tables/sales/path": "orders.csv"}, {}),
}  # fmt: skip
"""What is wrong, the exit code, values of study.yml by their way, and files."""


@pytest.mark.parametrize("name", FAULTS)
def test_what_a_run_refuses_the_check_has_refused(name, written, tmp_path_factory):
    code, faults, other = FAULTS[name]
    folder = written(faults, **other)
    (folder / "orders.csv").mkdir(exist_ok=True)
    assert code_of_check(folder) == code
    assert code_of_run(folder, tmp_path_factory) == code
