"""study.yml as a typed, frozen Study: every key known, every value checked before anything is computed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from helpers import yamlfile
from helpers.columns import TABLES
from helpers.contracts import StudyError
from helpers.study_faults import contradictions

Whole = Annotated[tuple[int, int], Field(strict=False)]
"""Two whole numbers; YAML has lists and no tuples, so a list of two will do."""
Numbers = Annotated[tuple[float, float], Field(strict=False)]
Names = Annotated[tuple[str, str], Field(strict=False)]


class _Part(BaseModel):
    """A part of study.yml: frozen, unknown keys refused, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


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
    """Rating items: their answer scale, text labels, reversed items, codes for 'no answer', and which make a scale."""

    items: list[str]
    scale: Whole = (1, 5)
    labels: dict[str, int] = {}
    reverse: list[str] = []
    missing: list[int | str] = []
    scales: dict[str, list[str]] = {}


class MultipleChoice(_Part):
    """A tick list: one column whose answers are joined by ``sep``, or a column per option that is filled if ticked.

    ``options`` names those that hold the separator themselves (others may be among them).
    """

    column: str = ""
    sep: str = Field(";", min_length=1)
    options: list[str] = []
    columns: dict[str, str] = {}


About = Literal["drivers", "barriers", "mindset"]
"""What a question is about: what draws people, what holds them back, how they think about it."""


class OpenEnded(_Part):
    """An open question and which of the three kinds of knowledge it is about."""

    column: str
    about: About


class Gamble(_Part):
    """A choice between two gambles of (outcome, chance) pairs, and the answers that take the one and the other.

    Any other answer ("I do not know") takes neither and is left out.
    """

    a: list[Numbers] = Field(min_length=1)
    b: list[Numbers] = Field(min_length=1)
    chose_a: list[str] = Field(min_length=1)
    chose_b: list[str] = Field(min_length=1)


class SurveySource(TableSource):
    """The survey: its file, how respondents join customers, what each question is, and how open answers are coded."""

    join: dict[Literal["customers"], str] = {}
    questions: dict[str, str] = {}
    likert: Likert | None = None
    categorical: list[str] = []
    multiple_choice: dict[str, MultipleChoice] = {}
    importance_performance: dict[str, Names] = {}
    open_ended: dict[str, OpenEnded] = {}
    codebook: str | None = None
    second_coder: str | None = None
    nps: str | None = None
    raking: dict[str, Any] = {}
    gambles: dict[str, Gamble] = {}

    @property
    def declared(self) -> list[tuple[str, tuple[str, ...]]]:
        """Every question: the name that stands for it, and the columns of its answers."""
        own_name = [*(self.likert.items if self.likert else []), *self.categorical, *self.gambles]
        own_name += [column for pair in self.importance_performance.values() for column in pair]
        return [
            *((name, (name,)) for name in own_name),
            *((name, tuple(asked.columns.values()) or (asked.column,)) for name, asked in self.multiple_choice.items()),
            *((name, (asked.column,)) for name, asked in self.open_ended.items()),
            *([("nps", (self.nps,))] if self.nps else []),
        ]


class InterviewSource(TableSource):
    """Interviews and polls; ``about`` tells of questions that the survey does not ask what they are about."""

    about: dict[str, About] = {}


class ConjointSource(TableSource):
    """A choice exercise: its ``attributes``, which of them is the price, and the levels of those that are no numbers.

    The first level of a list is the one that the others are compared with; an attribute without a list is a number
    where all its cells are, and otherwise has its levels in the order of the alphabet.
    """

    price: str | None = None
    levels: dict[str, list[str]] = {}

    @property
    def paid_in(self) -> str | None:
        """The attribute that is a price: the one named, or the one called price."""
        return self.price or next((name for name in self.attributes if name == "price"), None)


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
    conjoint: ConjointSource | None = None
    interviews: InterviewSource | None = None

    def given(self) -> dict[str, TableSource]:
        """The declared tables by name, in the order of the contract."""
        return {name: source for name in TABLES if (source := getattr(self, name)) is not None}

    def known_of_customers(self, name: str) -> bool:
        """Whether the customers table may hold a column, so that the survey need not."""
        return self.customers is not None and (name in TABLES["customers"] or name in self.customers.attributes)


class Arm(_Part):
    """Which column holds the arm, and its values: treatment and control, or ``arms``, the first being the control.

    ``shares`` are the planned shares of people, in the order of ``arms`` or treatment, control; equal when not given.
    """

    column: str
    treatment: str | None = None
    control: str | None = None
    arms: list[str] | None = None
    shares: list[float] | None = None


class Stopping(_Part):
    """How many looks at the data were planned, which of them this is (the last when not given), and by which bounds."""

    looks: int = Field(1, ge=1, le=20)
    look: int | None = Field(None, ge=1)
    bounds: Literal["obrien-fleming", "pocock"] = "obrien-fleming"


class Outcome(_Part):
    """A yes/no outcome (``success`` lists its yes values) or a number."""

    column: str
    success: list[str] | None = None


class Experiment(_Part):
    """An experiment that the study declares: a built-in hypothesis by its id, or one of the study's own.

    ``preregistration`` is a file that ``personas plan --out`` wrote, inside the study's folder.
    """

    id: str
    title: str | None = None
    table: str
    arm: Arm
    randomised: bool = False
    outcome: Outcome
    design: Literal["between", "within"] = "between"
    unit: str = "customer_id"
    sesoi: float | None = Field(None, gt=0)
    stopping: Stopping = Stopping()
    preregistration: str | None = None


class LeadScoring(_Part):
    """Points per activity and role, and the two thresholds weak < low <= medium <= high < strong.

    A lead is scored ``scored_after`` days from its first activity and watched for ``followed`` days more.
    """

    points: dict[str, float] = {}
    role_points: dict[str, float] = {}
    thresholds: Numbers = (100, 200)
    scored_after: int = Field(14, ge=1)
    followed: int = Field(56, ge=1)


class PersonaChoice(_Part):
    """What makes the personas: the range of k (or one k), the features and survey items, and what is kept for tests."""

    k: Whole | int = (2, 4)
    features: Literal["default"] | list[str] = "default"
    survey: Literal["default", "none"] | list[str] = "default"
    reserve: list[str] = ["margin", "return_share"]


class HypothesisChoice(_Part):
    """Hypotheses left out, and smallest effects of interest that differ from the built-in ones."""

    exclude: list[str] = []
    sesoi: dict[str, float] = {}


class Privacy(_Part):
    """Smallest cell that may be shown, leave to quote, names to take out of texts beside those of the customers, and
    attributes that never enter an exclusion rule."""

    min_cell: int = Field(10, ge=5)
    quotes: bool = False
    names: list[str] = []
    protected: list[str] = ["sex", "age", "nationality", "health", "place", "language"]


class Engine(_Part):
    """Limits of the engine that computes features."""

    memory_limit: str = Field("4GB", pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$")


class Study(_Part):
    """A whole study.yml. ``path`` is the file it came from; table paths are relative to its folder."""

    study: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str | None = None
    contact: str | None = None
    language: str = "en"
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

    def files(self) -> dict[str, Path]:
        """study.yml and every file that it names: table -> path, the codebook and a second coder's sheet among them."""
        named = {name: self.folder / source.path for name, source in self.tables.given().items()}
        for part in ("codebook", "second_coder"):
            if file := getattr(self.tables.survey, part, None):
                named[part] = self.folder / file
        plans = {
            f"preregistration of {e.id}": self.folder / e.preregistration for e in self.experiments if e.preregistration
        }
        return {"study": self.path, **named, **plans}

    def named_columns(self, table: str) -> dict[str, bool]:
        """Columns that the study itself names in a table, and whether the table must have each.

        ``{"q1": True, "diet": True, "country": False}``; canonical columns that an experiment names are among them.
        """
        source = getattr(self.tables, table)
        names = dict.fromkeys(source.attributes, True)
        if isinstance(source, SurveySource):
            names |= {column: True for _, columns in source.declared for column in columns}
            names |= {name: not self.tables.known_of_customers(name) for name in source.raking}
        for experiment in self.experiments:
            if experiment.table == table:
                names |= {experiment.arm.column: True, experiment.outcome.column: True}
                names.setdefault(experiment.unit, False)
        if table in ("survey", "customers") and self.tables.survey and self.tables.survey.join:
            names[self.tables.survey.join["customers"]] = True
        return names


def load_study(path: str | Path) -> Study:
    """Read study.yml, or the folder that holds one.

    Returns
    -------
    Study
        With ``path`` set to the file. ``parameters`` is kept as written: the notebooks' own types decide about it.

    Raises
    ------
    StudyError
        Naming, for every fault found, the way to the key, the line and the nearest valid key.
    """
    file = Path(path) / "study.yml" if Path(path).is_dir() else Path(path)
    node = yamlfile.compose(file)
    places, faults = dict(yamlfile.places(node)), list(yamlfile.bad_keys(node))
    if not faults:
        try:
            raw = yaml.SafeLoader("").construct_document(node)
            study = Study.model_validate({key: value for key, value in raw.items() if key != "path"})
            study = study.model_copy(update={"path": file})
            faults = [(("path",), "unknown key")] if "path" in raw else list(contradictions(study))
        except ValidationError as error:
            faults = yamlfile.explain(error, places, Study)
        except ValueError as error:
            raise StudyError(f"{file}: a value cannot be read: {error}") from None
    if faults:
        lines = (f"  line {yamlfile.line(places, keys)}: {yamlfile.dotted(keys)}: {text}" for keys, text in faults)
        raise StudyError("\n".join([f"{file}: faults: {len(faults)}", *lines]))
    return study
