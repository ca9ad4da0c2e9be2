"""study.yml as a typed, frozen Study: every key known, every value checked before anything is computed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from helpers.contracts import TABLES, StudyError

Language = Literal["en", "ru", "ka", "kk", "uz", "fa"]


class _Part(BaseModel):
    """A part of study.yml: frozen, unknown keys refused, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Window(_Part):
    """Personas are made from ``start`` up to, not including, ``holdout_from``; the rest, to ``as_of``, is for tests."""

    start: dt.date | None = None
    holdout_from: dt.date | None = None
    as_of: dt.date | None = None


class Reading(_Part):
    """How a file is to be read where sniffing must not decide."""

    encoding: str | None = None
    sep: str | None = None
    decimal: Literal[".", ","] | None = None
    thousands: str | None = None
    date_format: str | None = None
    timezone: str | None = None
    ambiguous_time: Literal["first", "last"] | None = None
    sheet: str | None = None
    skip_rows: int = Field(0, ge=0)


class TableSource(_Part):
    """One table: a file inside the study's folder, and ``columns`` as ours: theirs."""

    path: str
    columns: dict[str, str] = {}
    read: Reading = Reading()
    attributes: list[str] = []


class Likert(_Part):
    """Rating items with their declared scale, text labels, reversed items and codes for 'no answer'."""

    items: list[str]
    scale: tuple[int, int] = (1, 5)
    labels: dict[str, int] = {}
    reverse: list[str] = []
    missing: list[int | str] = []


class MultipleChoice(_Part):
    """A tick list: one column whose answers are joined by ``sep``."""

    column: str
    sep: str = ";"


class OpenEnded(_Part):
    """An open question and which of the three kinds of knowledge it is about."""

    column: str
    about: Literal["drivers", "barriers", "mindset"]


class SurveySource(TableSource):
    """The survey: its file, how respondents join customers, and what each question is."""

    join: dict[Literal["customers"], str] = {}
    likert: Likert | None = None
    categorical: list[str] = []
    multiple_choice: dict[str, MultipleChoice] = {}
    importance_performance: dict[str, tuple[str, str]] = {}
    open_ended: dict[str, OpenEnded] = {}
    codebook: str | None = None
    nps: str | None = None
    raking: dict[str, Any] = {}


class Tables(_Part):
    """The files of a study; sales or survey is required."""

    sales: TableSource | None = None
    customers: TableSource | None = None
    survey: SurveySource | None = None
    sessions: TableSource | None = None
    steps: TableSource | None = None
    messages: TableSource | None = None
    service: TableSource | None = None
    prices: TableSource | None = None
    leads: TableSource | None = None
    conjoint: TableSource | None = None
    interviews: TableSource | None = None

    def given(self) -> dict[str, TableSource]:
        """The declared tables by name, in the order of the contract."""
        return {name: source for name in TABLES if (source := getattr(self, name)) is not None}


class Arm(_Part):
    """Which column holds the arm, and which of its values are treatment and control; of ``arms`` the first is control."""

    column: str
    treatment: str | None = None
    control: str | None = None
    arms: list[str] | None = None


class Outcome(_Part):
    """A yes/no outcome (``success`` lists its yes values) or a number."""

    column: str
    success: list[str] | None = None


class Experiment(_Part):
    """An experiment that the study declares: a built-in hypothesis by its id, or one of the study's own."""

    id: str
    title: str | None = None
    table: str
    arm: Arm
    randomised: bool = False
    outcome: Outcome
    design: Literal["between", "within"] = "between"
    unit: str = "customer_id"
    sesoi: float | None = Field(None, gt=0)


class LeadScoring(_Part):
    """Points per activity and role, and the two thresholds weak < low <= medium <= high < strong."""

    points: dict[str, float] = {}
    role_points: dict[str, float] = {}
    thresholds: tuple[float, float] = (100, 200)


class PersonaChoice(_Part):
    """What makes the personas: the range of k (or one k), the features and survey items, and what is kept for tests."""

    k: tuple[int, int] | int = (2, 4)
    features: Literal["default"] | list[str] = "default"
    survey: Literal["default", "none"] | list[str] = "default"
    reserve: list[str] = ["margin", "return_share"]


class HypothesisChoice(_Part):
    """Hypotheses left out, and smallest effects of interest that differ from the built-in ones."""

    exclude: list[str] = []
    sesoi: dict[str, float] = {}


class Privacy(_Part):
    """Smallest cell that may be shown, leave to quote, and attributes that never enter an exclusion rule."""

    min_cell: int = Field(10, ge=5)
    quotes: bool = False
    protected: list[str] = ["sex", "age", "nationality", "health", "place", "language"]


class Engine(_Part):
    """Limits of the engine that computes features."""

    memory_limit: str = Field("4GB", pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$")


class Study(_Part):
    """A whole study.yml. ``path`` is the file it came from; table paths are relative to its folder."""

    study: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str | None = None
    contact: str | None = None
    language: Language = "en"
    currency: str = ""
    seed: int = Field(20251231, ge=0)
    window: Window = Window()
    tables: Tables
    unmatched_respondents: float = Field(0.5, ge=0, le=1)
    experiments: list[Experiment] = []
    leads: LeadScoring = LeadScoring()
    personas: PersonaChoice = PersonaChoice()
    hypotheses: HypothesisChoice = HypothesisChoice()
    privacy: Privacy = Privacy()
    engine: Engine = Engine()
    parameters: dict[str, dict[str, Any]] = {}
    path: Path = Field(Path("study.yml"), exclude=True)

    @property
    def folder(self) -> Path:
        """The folder that table paths are relative to."""
        return self.path.parent


def load_study(path: str | Path) -> Study:
    """Read study.yml (or the folder that holds one). Raises StudyError naming key, line and nearest valid key."""
    raise StudyError(f"{path}: to be written")
