"""One call per stage, the same from every notebook: taken from the work folder when its key matches, computed when not.

A stage's key holds the package's code, the study, the versions of what computes, the tunables it depends on, and the
content of the stages before it: where an earlier stage comes out the same, what follows is not computed again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.contracts import Card, Coverage, Drift, HypothesisResult
from helpers.data.customers import Customers, build_customers
from helpers.data.load import LoadedTables, load_tables
from helpers.data.survey import Survey, code_survey
from helpers.hypotheses.registry import Evidence, put_to_the_test
from helpers.personas.drift import compare, ids_used, match_ids
from helpers.personas.ideal import Ideal, ideal_customer
from helpers.personas.model import Personas, assign, find_personas, rename
from helpers.personas.negative import Negative, negative_personas
from helpers.personas.voice import Voice, hear
from helpers.privacy import safe_csv
from helpers.report import findings
from helpers.report.cards import build_cards
from helpers.run import parameters
from helpers.run.manifest import environment_key, file_hash, read_json, text_hash
from helpers.run.results import content, kept_or_computed, write_json
from helpers.study import Study, load_study
from helpers.wording import Words

ROOMS = {"07_framing": "framing", "08_channels": "channels", "09_leads": "leads"}
"""The notebooks that test beliefs, and the room of the registry that each tests."""


@dataclass(frozen=True)
class Session:
    """What a notebook works with: its study, its work folder, its own tunables and the voice of the report."""

    notebook: str
    study: Study
    work: Path
    tunables: dict[str, Any]
    made: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """Results that this session already holds: a notebook sees one state of the data."""

    @property
    def words(self) -> Words:
        """The report's language and currency."""
        return Words(self.study.language, self.study.currency)


@dataclass(frozen=True)
class Beliefs:
    """The hypotheses of one room."""

    results: tuple[HypothesisResult, ...]


@dataclass(frozen=True)
class Cards:
    """The cards of the report, and how many customers they cover."""

    cards: tuple[Card, ...]
    coverage: Coverage


@dataclass(frozen=True)
class Proof:
    """Published figures beside ours, as hypotheses.proof.reproduce gives them."""

    figures: pd.DataFrame


def project_root() -> Path:
    """The nearest folder upwards that holds the notebooks; the working folder where there is none."""
    here = Path.cwd()
    return next((up for up in (here, *here.parents) if (up / "notebooks" / "04_personas.ipynb").is_file()), here)


def open_notebook(name: str, *, study: str, work: str, **tunables: Any) -> Session:
    """Check a notebook's parameters and open its study. Raises StudyError.

    Relative paths start at the project's root, wherever the notebook runs. The tunables are kept in the work folder,
    so that later notebooks ask for the same results.
    """
    parameters.check(name, {"study": study, "work": work, **tunables})
    session = Session(name, load_study(project_root() / study), project_root() / work, tunables)
    session.work.mkdir(parents=True, exist_ok=True)
    write_json(_tunables_file(session.work, name), tunables)
    return session


# --- the stages --------------------------------------------------------------------------------------------------


def tables(session: Session) -> LoadedTables:
    """The study's tables, read and checked."""
    return _stage(session, "tables", LoadedTables, lambda: load_tables(session.study))


def customers(session: Session) -> Customers | None:
    """Customer features; None in a study without sales."""

    def compute() -> Customers | None:
        return build_customers(tables(session), session.study) if session.study.tables.sales else None

    return _stage(session, "customers", Customers, compute, needs=(tables,))


def survey(session: Session) -> Survey | None:
    """The coded survey; None in a study without one."""
    return _stage(session, "survey", Survey, lambda: code_survey(tables(session), session.study), needs=(tables,))


def division(session: Session) -> Personas:
    """The personas of this run alone, under ids of their own."""

    def compute() -> Personas:
        tunables = _tunables(session, "04_personas")
        return find_personas(customers(session), survey(session), session.study, session.words, **tunables)

    return _stage(session, "division", Personas, compute, needs=(customers, survey), owner="04_personas")


def personas(session: Session) -> Personas:
    """The personas under the ids that they had in the previous publication."""
    found = division(session)
    stable = match_ids(previous_publication(session), found, previous_assignments(session))
    moved = {ours: theirs for ours, theirs in stable.items() if ours != theirs}
    return _stage(session, "personas", Personas, lambda: rename(found, moved), needs=(division,), beside=moved)


def voice(session: Session) -> Voice | None:
    """What each persona says; None in a study without survey."""

    def compute() -> Voice | None:
        parts = survey(session), customers(session), tables(session), personas(session)
        return hear(*parts, session.study, session.words) if session.study.tables.survey else None

    return _stage(session, "voice", Voice, compute, needs=(tables, personas))


def ideal(session: Session) -> Ideal | None:
    """What the best customers have in common; None in a study without sales."""

    def compute() -> Ideal | None:
        known = customers(session)
        return None if known is None else ideal_customer(known, session.study, session.words)

    return _stage(session, "ideal", Ideal, compute, needs=(customers,))


def negative(session: Session) -> Negative | None:
    """Whom not to court; None in a study without sales."""
    file = _previous_work(session, "tables/negative.members.parquet")
    reviewed = None if file is None else pd.read_parquet(file)

    def compute() -> Negative | None:
        parts = customers(session), tables(session), personas(session)
        return negative_personas(*parts, session.study, session.words, reviewed) if session.study.tables.sales else None

    before = None if file is None else file_hash(file)
    return _stage(session, "negative", Negative, compute, needs=(tables, personas), beside=before)


def beliefs(session: Session, room: str) -> tuple[HypothesisResult, ...]:
    """The hypotheses of one room: framing, channels or leads."""

    def compute() -> Beliefs:
        parts = tables(session), customers(session), survey(session), personas(session)
        return Beliefs(put_to_the_test(room, Evidence(session.study, session.words, *parts)))

    return _stage(session, f"hypotheses_{room}", Beliefs, compute, needs=(tables, personas)).results


def all_beliefs(session: Session) -> tuple[HypothesisResult, ...]:
    """The hypotheses of every room."""
    return tuple(result for room in ROOMS.values() for result in beliefs(session, room))


def cards(session: Session) -> Cards:
    """The cards as every format of the report shows them."""

    def compute() -> Cards:
        found = personas(session)
        parts = customers(session), voice(session), negative(session), all_beliefs(session)
        made = build_cards(found, *parts, session.study, session.words)
        return Cards(made, _coverage(found, made, survey(session)))

    return _stage(session, "cards", Cards, compute, needs=(tables, personas))


def drift(session: Session) -> Drift:
    """What changed since the previous publication, whose run id the publication adds."""
    before = previous_publication(session)
    seen = None if before is None else {**before, "run_id": ""}

    def compute() -> Drift:
        made = cards(session)
        now = {
            "structure": dataclasses.asdict(personas(session).structure),
            "coverage": dataclasses.asdict(made.coverage),
            "personas": [dataclasses.asdict(card) for card in made.cards],
        }
        return compare(
            before,
            now,
            previous_assignments(session),
            personas(session).assignments,
            frozen=by_previous_model(session),
            words=session.words,
            min_cell=session.study.privacy.min_cell,
        )

    return _stage(session, "drift", Drift, compute, needs=(cards,), beside=seen)


def proof(session: Session) -> pd.DataFrame:
    """Published figures, recomputed."""
    from helpers.hypotheses.proof import reproduce  # imports all of statsmodels, which no other stage needs

    return _stage(session, "proof", Proof, lambda: Proof(reproduce())).figures


def write_assignments(session: Session) -> pd.DataFrame:
    """Write assignments.parquet and assignments.csv, the file for the CRM, and return what they hold.

    One row per customer: customer_id, persona (id of a card, or ``unassigned``), probability.
    """
    frame = personas(session).assignments[["customer_id", "persona", "probability"]]
    frame.to_parquet(session.work / "assignments.parquet", index=False)
    safe_csv(frame, session.work / "assignments.csv")
    return frame


def answer(session: Session, notebook: str = "") -> list[str]:
    """A notebook's answer in sentences, also kept in ``answers/<notebook>.json`` of the work folder."""
    name, words = notebook or session.notebook, session.words
    if name == "01_data_quality":
        told = findings.of_quality(tables(session).accounts, words)
    elif name == "02_customers":
        told = findings.of_customers(customers(session), words)
    elif name == "03_survey":
        told = findings.of_survey(survey(session), customers(session), words)
    elif name == "04_personas":
        told = findings.of_personas(personas(session), words)
    elif name == "05_voice":
        told = findings.of_voice(voice(session), personas(session), session.study.privacy.min_cell, words)
    elif name == "06_negative_personas":
        told = findings.of_negative(negative(session), words)
    elif name in ROOMS:
        told = findings.of_beliefs(beliefs(session, ROOMS[name]), words)
    elif name == "10_cards":
        told = findings.of_cards(cards(session).cards, words)
    elif name == "11_drift":
        told = [drift(session).statement]
    else:
        told = findings.of_proof(proof(session), words)
    write_json(session.work / "answers" / f"{name}.json", told)
    return told


def as_of(session: Session) -> dt.date | None:
    """The day that the report speaks of: the end of the window; unknown in a survey-only study that states none."""
    known = customers(session)
    return session.study.window.as_of if known is None else known.period.as_of


def write_publication(study: Study, work: Path, build: Path, run_id: str, tunables: dict[str, dict[str, Any]]) -> None:
    """Write what a run publishes into ``build``, from the results and executed notebooks of its work folder."""
    from helpers.report.site import Report, write_site  # seconds to import, and no notebook renders pages

    for name, values in tunables.items():
        write_json(_tunables_file(work, name), values)
    session = Session("", study, work, {})
    made, found, known = cards(session), personas(session), customers(session)
    before = previous_publication(session)
    write_assignments(session)
    report = Report(
        study=study,
        run_id=run_id,
        as_of=as_of(session),
        created=dt.datetime.now(dt.UTC).date(),
        structure=found.structure,
        method=found.method,
        coverage=made.coverage,
        cards=made.cards,
        hypotheses=all_beliefs(session),
        accounts=tables(session).accounts,
        drift=dataclasses.replace(drift(session), previous=before["run_id"] if before else None),
        model=found.model,
        sql=None,
        period=None if known is None else known.period,
        ids_used=tuple(ids_used(before, [card.id for card in made.cards])),
    )
    write_site(report, sorted((work / "notebooks").glob("[0-9][0-9]_*.ipynb")), build)


def _coverage(found: Personas, made: tuple[Card, ...], asked: Survey | None) -> Coverage:
    """Count customers (respondents in a survey-only study), respondents, and who has a card.

    Members of a group too small to be shown count as unassigned, so that no subtraction reveals them.
    """
    assigned = int(found.assignments["persona"].isin({card.id for card in made}).sum())
    respondents = 0 if asked is None else len(asked.answers)
    return Coverage(len(found.assignments), respondents, assigned, len(found.assignments) - assigned)


# --- the previous publication ------------------------------------------------------------------------------------


def previous_publication(session: Session) -> dict[str, Any] | None:
    """personas.json of the publication that this run will replace; None on a first run and in a notebook run alone."""
    folder = _previous_folder(session.work)
    return None if folder is None else read_json(folder / "personas.json")


def previous_assignments(session: Session) -> pd.DataFrame | None:
    """Who had which persona in the previous publication; None where its work folder is gone."""
    file = _previous_work(session, "assignments.parquet")
    return None if file is None else pd.read_parquet(file)


def _previous_work(session: Session, name: str) -> Path | None:
    """A file in the work folder of the previous publication; None where it is gone."""
    folder = _previous_folder(session.work)
    manifest = read_json(folder / "manifest.json") if folder else None
    file = Path(manifest["work"]) / name if manifest else None
    return file if file and file.is_file() else None


def by_previous_model(session: Session) -> pd.DataFrame | None:
    """Where the previous publication's frozen model puts today's customers: customer_id, persona."""
    folder = _previous_folder(session.work)
    model = read_json(folder / "model.json") if folder else None
    if model is None:
        return None
    known, asked = customers(session), survey(session)
    return assign(model, None if known is None else known.features, None if asked is None else asked.answers)


def _previous_folder(work: Path) -> Path | None:
    """The folder that the run's own ``run.json`` names as the previous publication."""
    run = read_json(work / "run.json") or {}
    return Path(run["previous"]) if run.get("previous") else None


# --- keys --------------------------------------------------------------------------------------------------------


def inputs_key(study: Study) -> str:
    """Hash of all that every stage depends on: code and environment, the study, and its files."""
    files = {str(file.relative_to(study.folder)): file_hash(file) for file in input_files(study)}
    return text_hash([environment_key(), study.model_dump(mode="json"), files])


def input_files(study: Study) -> list[Path]:
    """Every file that a study names, in the order of the contract; a Parquet folder counts by its files."""
    named = [study.folder / source.path for source in study.tables.given().values()]
    if study.tables.survey and study.tables.survey.codebook:
        named.append(study.folder / study.tables.survey.codebook)
    return [file for path in named for file in (sorted(path.rglob("*.parquet")) if path.is_dir() else [path])]


def _stage(
    session: Session,
    name: str,
    kind: type,
    compute: Callable[[], Any],
    *,
    needs: tuple[Callable[[Session], Any], ...] = (),
    owner: str | None = None,
    beside: Any = None,
) -> Any:
    """A stage's result; ``needs`` are the stages that it follows from, ``owner`` the notebook that tunes it."""
    if name not in session.made:
        for stage in needs:
            stage(session)
        before = [content(session.work, stage.__name__) for stage in needs]
        key = text_hash([_inputs(session), before, _tunables(session, owner) if owner else {}, beside])
        earlier = _earlier(session.work)
        session.made[name] = kept_or_computed(session.work, earlier, name, key, kind, compute)
    return session.made[name]


def _inputs(session: Session) -> str:
    """The session's inputs_key, computed once."""
    if "inputs" not in session.made:
        session.made["inputs"] = inputs_key(session.study)
    return session.made["inputs"]


def _tunables(session: Session, notebook: str) -> dict[str, Any]:
    """A notebook's tunables: those it last ran with in this work folder, else those of study.yml and its own."""
    recorded = read_json(_tunables_file(session.work, notebook))
    if recorded is not None:
        return recorded
    file = project_root() / "notebooks" / f"{notebook}.ipynb"
    values = parameters.resolve(file, {}, session.study.parameters.get(notebook, {})) if file.is_file() else {}
    return {name: value for name, value in values.items() if name not in ("study", "work")}


def _tunables_file(work: Path, notebook: str) -> Path:
    return work / "parameters" / f"{notebook}.json"


def _earlier(work: Path) -> list[Path]:
    """Earlier work folders of the same study, newest first; none for a notebook run alone or a fresh run."""
    run = read_json(work / "run.json")
    if run is None or run.get("fresh"):
        return []
    return sorted((folder for folder in work.parent.iterdir() if folder.is_dir() and folder != work), reverse=True)
