"""study.yml as a typed, frozen Study: every key known, every value checked before anything is computed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from helpers import yamlfile
from helpers.contracts import StudyError
from helpers.contradictions import DESIGN_IDS, contradictions
from helpers.sources import Numbers, Part, SurveySource, Tables, Whole


class Window(Part):
    """Personas are made from ``start`` up to, not including, ``holdout_from``; the rest, to ``as_of``, is for tests."""

    start: dt.date | None = None
    holdout_from: dt.date | None = None
    as_of: dt.date | None = None


class Arm(Part):
    """Which column holds the arm, and its values: treatment and control, or ``arms``, the first being the control.

    ``shares`` are the planned shares of people, in the order of ``arms`` or treatment, control; equal when not given.
    """

    column: str
    treatment: str | None = None
    control: str | None = None
    arms: list[str] | None = None
    shares: list[float] | None = None


class Stopping(Part):
    """How many looks at the data were planned, which of them this is (the last when not given), and by which bounds."""

    looks: int = Field(1, ge=1, le=20)
    look: int | None = Field(None, ge=1)
    bounds: Literal["obrien-fleming", "pocock"] = "obrien-fleming"


class Outcome(Part):
    """A yes/no outcome (``success`` lists its yes values) or a number; with ``per`` the ratio of two sums (money per
    order).

    A choice among several options is a yes where it falls on one of ``success``; with ``among`` only those who took one
    of these options count.
    """

    column: str
    success: list[str] | None = None
    per: str | None = None
    among: list[str] | None = None


class Guardrail(Part):
    """An outcome that must not get worse by ``margin`` or more: a share (``success``), or a mean in its own unit."""

    column: str
    success: list[str] | None = None
    worse: Literal["lower", "higher"] = "lower"
    margin: float = Field(gt=0)


class Experiment(Part):
    """An experiment that the study declares: a built-in hypothesis by its id, or one of the study's own.

    ``design`` says whether different people saw the arms (between) or the same (within), or names a known experiment
    (`DESIGN_IDS`), and so may the id. In place of ``arm`` and ``outcome`` there may be ``problems``: label to outcome,
    a column each, the first of which the others are compared with: questions that all have answered, or, where the
    study says ``design: between``, of which each person was asked one. ``preregistration`` is a file that ``personas
    plan --out`` wrote, inside the study's folder. For numbers, ``covariate`` is a column from before the experiment,
    and ``winsorise`` the share of values drawn in at either end.
    """

    id: str
    title: str | None = None
    table: str
    arm: Arm | None = None
    randomised: bool = False
    outcome: Outcome | None = None
    problems: dict[str, Outcome] = {}
    design: str = "between"
    unit: str = "customer_id"
    sesoi: float | None = Field(None, gt=0)
    stopping: Stopping = Stopping()
    preregistration: str | None = None
    covariate: str | None = None
    winsorise: float | None = Field(None, gt=0, lt=0.25)
    guardrails: list[Guardrail] = []

    @property
    def known(self) -> str:
        """The known experiment that it is, empty where it is none."""
        return next((name for name in (self.design, self.id) if name in DESIGN_IDS), "")

    @property
    def within(self) -> bool:
        """Whether the same people answered under every arm, as those of problems do unless the study says between."""
        apart = self.design == "between" and "design" in self.model_fields_set
        return self.design == "within" or (bool(self.problems) and not apart)

    @property
    def outcomes(self) -> list[Outcome]:
        """What is measured: one outcome, or one for each problem."""
        return list(self.problems.values()) if self.outcome is None else [self.outcome]

    @property
    def tested(self) -> list[str]:
        """The columns of arm and outcomes."""
        return [*([self.arm.column] if self.arm else []), *(outcome.column for outcome in self.outcomes)]

    @property
    def beside(self) -> list[str]:
        """The columns that it names beside arm, outcome and unit."""
        ratios = (outcome.per for outcome in self.outcomes)
        named = [*ratios, self.covariate, *(guard.column for guard in self.guardrails)]
        return [name for name in named if name is not None]


class LeadScoring(Part):
    """Points per activity and role, and the two thresholds weak < low <= medium <= high < strong.

    A lead is scored ``scored_after`` days from its first activity and watched for ``followed`` days more.
    """

    points: dict[str, float] = {}
    role_points: dict[str, float] = {}
    thresholds: Numbers = (100, 200)
    scored_after: int = Field(14, ge=1)
    followed: int = Field(56, ge=1)


class PersonaChoice(Part):
    """What makes the personas: the range of k (or one k), the features and survey items, and what is kept for tests."""

    k: Whole | int = (2, 4)
    features: Literal["default"] | list[str] = "default"
    survey: Literal["default", "none"] | list[str] = "default"
    reserve: list[str] = ["margin", "return_share"]


class CrosstabChoice(Part):
    """Columns of customers by which every question is shown in tables.xlsx, beside the personas."""

    banners: list[str] = []


class HypothesisChoice(Part):
    """Hypotheses left out, smallest effects of interest that differ from the built-in ones, and how many publications
    there will be of data that change: 1 spends all of the 5 % at once, without it their number is open."""

    exclude: list[str] = []
    sesoi: dict[str, float] = {}
    publications: int | None = Field(None, ge=1, le=1000)


class Privacy(Part):
    """Smallest cell that may be shown, leave to quote, names to take out of texts beside those of the customers, and
    attributes that never enter an exclusion rule."""

    min_cell: int = Field(10, ge=5)
    quotes: bool = False
    names: list[str] = []
    protected: list[str] = ["sex", "age", "nationality", "health", "place", "language"]


class Engine(Part):
    """What computes features: DuckDB in this process, within ``memory_limit``, or Spark as it is configured."""

    name: Literal["duckdb", "spark"] = "duckdb"
    memory_limit: str = Field("3GB", pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$")


class Study(Part):
    """A whole study.yml. ``path`` is the file it came from; table paths are relative to its folder.

    accept_set_aside : the share of the money that may be set aside without the study being refused. rates : what one
    unit of another currency is worth in ``currency``, for sales that have a column ``currency``. own : a folder of
    Python files with what the study adds (``helpers.own``).
    """

    study: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str | None = None
    contact: str | None = None
    language: str = "en"
    currency: str = ""
    seed: int = Field(20251231, ge=0, lt=2**32)
    window: Window = Window()
    tables: Tables
    accept_set_aside: float = Field(0.02, ge=0, le=1)
    rates: dict[str, float] = {}
    unmatched_respondents: float = Field(0.5, ge=0, le=1)
    experiments: list[Experiment] = []
    leads: LeadScoring = LeadScoring()
    personas: PersonaChoice = PersonaChoice()
    hypotheses: HypothesisChoice = HypothesisChoice()
    crosstabs: CrosstabChoice = CrosstabChoice()
    privacy: Privacy = Privacy()
    engine: Engine = Engine()
    own: str | None = None
    parameters: dict[str, dict[str, Any]] = {}
    path: Path = Field(Path("study.yml"), exclude=True)

    @property
    def folder(self) -> Path:
        """The folder that table paths are relative to."""
        return self.path.parent

    def files(self) -> dict[str, Path]:
        """study.yml and every file that it names: table -> path, the codebook and a second coder's sheet among them.

        A table that a database holds is no file: `helpers.read.inputs` knows how it stands.
        """
        named = {
            name if place == 1 else f"{name} {place}": self.folder / path
            for name, source in self.tables.given().items()
            for place, path in enumerate([*source.paths, *(o.path for o in source.lookup)], 2 if source.connect else 1)
        }
        for part in ("codebook", "second_coder"):
            if file := getattr(self.tables.survey, part, None):
                named[part] = self.folder / file
        plans = {
            f"preregistration of {e.id}": self.folder / e.preregistration for e in self.experiments if e.preregistration
        }
        own = {f"own {file.stem}": file for file in self.own_files()}
        return {"study": self.path, **named, **plans, **own}

    def own_files(self) -> list[Path]:
        """The Python files of the folder that ``own`` names, in the order of their names."""
        return sorted((self.folder / self.own).resolve().glob("*.py")) if self.own is not None else []

    def named_columns(self, table: str) -> dict[str, bool]:
        """Columns that the study itself names in a table, and whether the table must have each.

        ``{"q1": True, "diet": True, "country": False}``; canonical columns that an experiment names are among them.
        """
        source = getattr(self.tables, table)
        names = dict.fromkeys(source.attributes, True)
        if isinstance(source, SurveySource):
            names |= {column: True for _, columns in source.declared for column in columns}
            names |= {name: not self.tables.known_of_customers(name) for name in source.raking}
            stated = [*source.price_columns, *(source.best_worst_columns if source.best_worst else ())]
            names |= dict.fromkeys(stated, True)
            names = dict.fromkeys([*source.meta, *source.best_worst_columns, *source.same_person], False) | names
        for experiment in self.experiments:
            if experiment.table == table:
                names |= dict.fromkeys([*experiment.tested, *experiment.beside], True)
                names.setdefault(experiment.unit, False)
        if table in ("survey", "customers") and self.tables.survey:
            names |= dict.fromkeys(self.tables.survey.join_by, True)
        return names


def by_engine(study: Study, name: str | None) -> Study:
    """The same study computed by another engine than it names; by its own where ``name`` is None."""
    limits = study.engine if name is None else Engine.model_validate({**dict(study.engine), "name": name})
    return study.model_copy(update={"engine": limits})


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
    places = dict(yamlfile.places(node))
    faults = [*yamlfile.bad_keys(node), *yamlfile.bad_values(places)]
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
