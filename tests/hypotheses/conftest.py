"""Small hand-made evidence: a study, its tables, and personas that nobody had to fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest

from helpers.contracts import Structure
from helpers.data.customers import Customers, Period
from helpers.data.load import LoadedTables
from helpers.data.survey import Survey
from helpers.hypotheses.registry import Evidence
from helpers.personas.model import Group, Personas
from helpers.study import Study
from helpers.wording import Words

PERIOD = Period(dt.date(2025, 1, 6), dt.date(2025, 8, 18), dt.date(2025, 10, 12))


def _personas(persona_of: dict[str, str], defining: tuple[str, ...] = ()) -> Personas:
    """Personas from customer_id: persona, everybody certain."""
    ids = sorted(set(persona_of.values()) - {"unassigned"})
    assignments = pd.DataFrame({"customer_id": list(persona_of), "persona": list(persona_of.values())})
    assignments = assignments.astype({"customer_id": "str", "persona": "str"}).assign(probability=1.0, answered=True)
    for i in ids:
        assignments[f"p_{i}"] = (assignments["persona"] == i).astype(float)
    n = assignments["persona"].value_counts()
    groups = tuple(
        Group(i, "persona", False, f"the {i} ones", int(n[i]), 0, 0.5, 0.4, 0.6, None, None, None, (), "", None, ())
        for i in ids
    )
    structure = Structure("natural", True, 0.01, 0.01, 0.2, 0.9, 0.02, len(ids), len(ids), "")
    return Personas("by hand", structure, groups, assignments, pd.DataFrame(), pd.DataFrame(), defining, {})


@pytest.fixture
def make_evidence() -> Callable[..., Evidence]:
    """Evidence from tables: ``make_evidence({"survey": frame}, experiments=[...], persona_of={...})``."""

    def make(
        frames: dict[str, pd.DataFrame] | None = None,
        *,
        persona_of: dict[str, str] | None = None,
        defining: tuple[str, ...] = (),
        features: pd.DataFrame | None = None,
        held_out: pd.DataFrame | None = None,
        profile: pd.DataFrame | None = None,
        survey_keys: dict | None = None,
        **study_keys,
    ) -> Evidence:
        frames = dict(frames or {})
        tables = {name: {"path": f"{name}.csv"} for name in {"sales", *frames}}
        if "survey" in frames:
            tables["survey"] |= survey_keys or {}
        study = Study.model_validate({"study": "by-hand", "tables": tables, "currency": "EUR", **study_keys})
        empty = pd.DataFrame({"customer_id": pd.Series(dtype="str")})
        parts = [empty if part is None else part for part in (features, held_out, profile)]
        survey = None
        if "survey" in frames:
            answers = pd.DataFrame({"weight": 1.0}, index=frames["survey"].index).assign(**frames["survey"])
            survey = Survey(answers, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), len(answers), 0)
        return Evidence(
            study, Words("en", "EUR"), LoadedTables(frames, ()), Customers(PERIOD, *parts, ()), survey,
            _personas(persona_of or {}, defining),
        )  # fmt: skip

    return make


@pytest.fixture
def answers() -> Callable[..., pd.DataFrame]:
    """A survey of one experiment: ``answers(cheap=(63, 93), dear=(26, 88))`` are yeses and respondents per arm."""

    def make(**arms: tuple[int, int]) -> pd.DataFrame:
        rows = [(arm, "yes" if i < yes else "no") for arm, (yes, n) in arms.items() for i in range(n)]
        frame = pd.DataFrame(rows, columns=["frame", "would_go"]).astype("str")
        ids = [f"{i:04d}" for i in range(len(frame))]
        return frame.assign(respondent_id=[f"R{i}" for i in ids], customer_id=[f"C{i}" for i in ids])

    return make


@pytest.fixture
def saving() -> dict:
    """The jacket and calculator question as study.yml declares it."""
    return {
        "id": "relative_saving",
        "table": "survey",
        "arm": {"column": "frame", "treatment": "cheap", "control": "dear"},
        "randomised": True,
        "outcome": {"column": "would_go", "success": ["yes"]},
        "unit": "respondent_id",
    }
