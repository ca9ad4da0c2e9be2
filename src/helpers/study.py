"""study.yml as a typed, frozen Study: every key known, every value checked before anything is computed."""

from __future__ import annotations

import codecs
import datetime as dt
import itertools
import zoneinfo
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from helpers import yamlfile
from helpers.columns import TABLES
from helpers.contracts import K_RANGE, StudyError
from helpers.words import languages
from helpers.yamlfile import Keys, nearest

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
    def declared(self) -> list[str]:
        """The names that stand for a question or a column of the survey."""
        rated = self.likert.items if self.likert else []
        lists = [rated, self.categorical, *self.importance_performance.values(), self.multiple_choice, self.open_ended]
        lists += [self.gambles, self.columns, self.attributes, ["nps", *filter(None, [self.nps])]]
        return [name for names in lists for name in names]


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
            faults = [(("path",), "unknown key")] if "path" in raw else list(_contradictions(study))
        except ValidationError as error:
            faults = yamlfile.explain(error, places, Study)
        except ValueError as error:
            raise StudyError(f"{file}: a value cannot be read: {error}") from None
    if faults:
        lines = (f"  line {yamlfile.line(places, keys)}: {yamlfile.dotted(keys)}: {text}" for keys, text in faults)
        raise StudyError("\n".join([f"{file}: faults: {len(faults)}", *lines]))
    return study


def named_columns(study: Study, table: str) -> dict[str, bool]:
    """Columns that the study itself names in a table, and whether the table must have each.

    ``{"q1": True, "diet": True, "country": False}``; canonical columns that an experiment names are among them.
    """
    source = getattr(study.tables, table)
    names = dict.fromkeys(source.attributes, True)
    if isinstance(source, SurveySource):
        names |= dict.fromkeys(_survey_columns(source), True)
        names |= {name: not _known_of_customers(study, name) for name in source.raking}
    for experiment in study.experiments:
        if experiment.table == table:
            names |= {experiment.arm.column: True, experiment.outcome.column: True}
            names.setdefault(experiment.unit, False)
    if table in ("survey", "customers") and study.tables.survey and study.tables.survey.join:
        names[study.tables.survey.join["customers"]] = True
    return names


def _survey_columns(source: SurveySource) -> list[str]:
    """Every question that study.yml declares."""
    return [
        *(source.likert.items if source.likert else []),
        *source.categorical,
        *(
            header
            for question in source.multiple_choice.values()
            for header in (question.columns.values() or [question.column])
        ),
        *(column for pair in source.importance_performance.values() for column in pair),
        *(question.column for question in source.open_ended.values()),
        *([source.nps] if source.nps else []),
        *source.gambles,
    ]


def _known_of_customers(study: Study, name: str) -> bool:
    """Whether the customers table may hold a column, so that the survey need not."""
    return study.tables.customers is not None and (
        name in TABLES["customers"] or name in study.tables.customers.attributes
    )


# --- values that contradict each other ----------------------------------------------------------------------------


def _contradictions(study: Study) -> Iterator[tuple[Keys, str]]:
    """Everything that types alone cannot refuse."""
    if not study.tables.sales and not study.tables.survey:
        yield ("tables",), "a study needs sales or survey"
    spoken = ", ".join(languages())
    if study.language not in languages():
        yield (
            ("language",),
            f"the report is not translated into {study.language!r} yet; it speaks {spoken}",
        )
    window = study.window
    if window.start and window.holdout_from and not window.start < window.holdout_from:
        yield ("window", "holdout_from"), "must come after start"
    if window.as_of and (last := window.holdout_from or window.start) and not last <= window.as_of:
        yield ("window", "as_of"), f"must not come before {last}"
    low, high = (study.personas.k, study.personas.k) if isinstance(study.personas.k, int) else study.personas.k
    if not K_RANGE[0] <= low <= high <= K_RANGE[-1]:
        yield ("personas", "k"), f"must be one number or [from, to], each from {K_RANGE[0]} to {K_RANGE[-1]}"
    if not study.leads.thresholds[0] < study.leads.thresholds[1]:
        yield ("leads", "thresholds"), "the first must be below the second"
    for table, source in study.tables.given().items():
        yield from _of_table(study, table, source)
    if study.tables.survey:
        yield from _of_survey(study, study.tables.survey)
    if study.tables.conjoint:
        yield from _of_conjoint(study.tables.conjoint)
    yield from _of_experiments(study)


def _of_table(study: Study, table: str, source: TableSource) -> Iterator[tuple[Keys, str]]:
    """Path, columns and reading of one table."""
    here = ("tables", table)
    if fault := _path_fault(study.folder, source.path):
        yield (*here, "path"), fault
    known = [*TABLES[table], *named_columns(study, table)]
    for ours in source.columns:
        if ours not in known:
            yield (*here, "columns", ours), f"not a column of {table} (write ours: theirs); {nearest(ours, known)}"
    read = source.read
    if read.encoding is not None and not _is_encoding(read.encoding):
        yield (*here, "read", "encoding"), f"unknown encoding {read.encoding!r}; such as utf-8, cp1251, cp1252, utf-16"
    for name in ("sep", "thousands"):
        if (mark := getattr(read, name)) is not None and len(mark) != 1:
            yield (*here, "read", name), f"must be one character; given: {mark!r}"
    if read.thousands is not None and read.thousands == (read.decimal or "."):
        yield (*here, "read", "thousands"), "must differ from decimal"
    if read.timezone is not None and read.timezone not in zoneinfo.available_timezones():
        yield (*here, "read", "timezone"), f"unknown; {nearest(read.timezone, zoneinfo.available_timezones())[:200]}"
    if read.date_format is not None and "%" not in read.date_format:
        yield (*here, "read", "date_format"), 'must be written with % codes, such as "%d.%m.%Y %H:%M"'


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def _of_survey(study: Study, source: SurveySource) -> Iterator[tuple[Keys, str]]:
    """Rating items, the join, raking shares and the codebook of the survey."""
    here = ("tables", "survey")
    for part in ("codebook", "second_coder"):
        if (file := getattr(source, part)) and (fault := _path_fault(study.folder, file)):
            yield (*here, part), fault
    known = [*source.declared, *(column for e in study.experiments for column in (e.arm.column, e.outcome.column))]
    for name in source.questions:
        if name not in known:
            yield (*here, "questions", name), f"no question is declared by that name; {nearest(name, known)}"
    if key := source.join.get("customers"):
        if key == "customer_id" and not (study.tables.customers or study.tables.sales):
            yield (*here, "join"), "there are no customers to join: the study has neither sales nor customers"
        elif key != "customer_id" and not study.tables.customers:
            yield (*here, "join"), f"{key!r} is looked up in the table customers, which the study does not have"
    for name, shares in source.raking.items():
        if isinstance(shares, dict):
            good = all(isinstance(share, int | float) and share > 0 for share in shares.values())
            if not good or abs(sum(shares.values()) - 1) > 0.01:
                yield (*here, "raking", name), "shares must be positive numbers that add up to 1"
        elif shares != "customers" or not study.tables.customers:
            yield (*here, "raking", name), "must be `customers` (a table of the study) or a mapping of shares"
    for name, gamble in source.gambles.items():
        for side, option in (("a", gamble.a), ("b", gamble.b)):
            chances = [chance for _, chance in option]
            if min(chances) < 0 or abs(sum(chances) - 1) > 0.01:
                yield (*here, "gambles", name, side), "the chances of its outcomes must add up to 1"
            if max(sum(x > 0 for x, _ in option), sum(x < 0 for x, _ in option)) > 1:
                yield (*here, "gambles", name, side), "give at most one gain, one loss and nothing (0) as outcomes"
    for name, question in source.multiple_choice.items():
        if bool(question.column) == bool(question.columns):
            yield (*here, "multiple_choice", name), "give either column, or columns as option: header"
        elif question.options and question.columns:
            yield (*here, "multiple_choice", name, "options"), "columns name the options already; leave options out"
    if likert := source.likert:
        low, high = likert.scale
        if not low < high:
            yield (*here, "likert", "scale"), "the first must be below the second"
        for position, item in enumerate(likert.reverse):
            if item not in likert.items:
                yield (*here, "likert", "reverse", position), f"not among the items; {nearest(item, likert.items)}"
        for scale, names in likert.scales.items():
            for position, item in enumerate(names):
                if item not in likert.items:
                    yield (*here, "likert", "scales", scale, position), f"not an item; {nearest(item, likert.items)}"
        for label, value in likert.labels.items():
            if not low <= value <= high:
                yield (*here, "likert", "labels", label), f"{value} is outside the scale {low} to {high}"
        for position, item in enumerate(likert.items):
            if item in likert.items[:position]:
                yield (*here, "likert", "items", position), "comes twice; keep one"


def _of_conjoint(source: ConjointSource) -> Iterator[tuple[Keys, str]]:
    """Attributes, the price among them, and levels of a choice exercise."""
    here = ("tables", "conjoint")
    if not source.attributes:
        yield (*here, "attributes"), "name the columns that describe the alternatives, such as [size, label, price]"
    for name in [*([source.price] if source.price else []), *source.levels]:
        if name not in source.attributes:
            key = ("levels", name) if name in source.levels else ("price",)
            yield (*here, *key), f"not among the attributes; {nearest(name, source.attributes)}"
    for name, levels in source.levels.items():
        if not 2 <= len(levels) == len(set(levels)):
            yield (*here, "levels", name), "give at least two different levels"
        elif name == source.paid_in:
            yield (*here, "levels", name), "a price is a number and has no levels"


def _of_experiments(study: Study) -> Iterator[tuple[Keys, str]]:
    """Ids, tables and arms of the declared experiments."""
    given = study.tables.given()
    for position, experiment in enumerate(study.experiments):
        here = ("experiments", position)
        if experiment.id in [earlier.id for earlier in study.experiments[:position]]:
            yield (*here, "id"), "another experiment has this id"
        if experiment.table not in given:
            yield (*here, "table"), f"the study has no such table; {nearest(experiment.table, given)}"
        if experiment.sesoi is not None and experiment.outcome.success and experiment.sesoi >= 1:
            yield (*here, "sesoi"), "is a difference of shares, above 0 and below 1: write 5 points as 0.05"
        arm = experiment.arm
        given_of_pair = 2 - [arm.treatment, arm.control].count(None)
        if given_of_pair != (2 if arm.arms is None else 0):
            yield (*here, "arm"), "give either treatment and control, or arms"
        elif arm.arms is None and arm.treatment == arm.control:
            yield (*here, "arm"), "treatment and control must differ"
        elif arm.arms is not None and not 2 <= len(arm.arms) == len(set(arm.arms)):
            yield (*here, "arm", "arms"), "give at least two different arms"
        elif arm.shares is not None and not _splits(arm.shares, len(arm.arms or "ab")):
            yield (*here, "arm", "shares"), "give one share above 0 for each arm; together they are 1"
        stopping = experiment.stopping
        if stopping.look is not None and stopping.look > stopping.looks:
            yield (*here, "stopping", "look"), f"only {stopping.looks} looks were planned"
        if experiment.preregistration and (fault := _path_fault(study.folder, experiment.preregistration)):
            yield (*here, "preregistration"), fault


def _splits(shares: list[float], parts: int) -> bool:
    """Whether positive shares divide a whole into so many parts."""
    return len(shares) == parts and min(shares) > 0 and abs(sum(shares) - 1) < 0.001


def _path_fault(folder: Path, path: str) -> str:
    """Why a path cannot be used: it must lie inside the study's folder, links followed, and exist."""
    pure = PureWindowsPath(path)  # reads both kinds of slash
    if "://" in path or pure.anchor or ".." in pure.parts or "\0" in path:
        return f"{path!r} must be a file inside the folder of study.yml: no web address, no absolute path, no `..`"
    file, root = folder / path, folder.resolve()
    if not file.exists():
        others = (other for other in folder.rglob("*") if other.is_file())
        names = [str(other.relative_to(folder)) for other in itertools.islice(others, 1000)]
        return f"no such file {path!r}; {nearest(path, names)}"
    inside = [file, *file.rglob("*")] if file.is_dir() else [file]
    if not all(part.resolve().is_relative_to(root) for part in inside):
        return f"{path!r} leads out of the folder of study.yml by a link; copy the file into it"
    return ""
