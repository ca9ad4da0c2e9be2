"""One call per stage, the same from every notebook: taken from the work folder when its key matches, computed when not.

A stage's key holds the package's code, the study, the versions of what computes, the tunables it depends on, and the
content of the stages before it: where an earlier stage comes out the same, what follows is not computed again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.after.leaving import Leaving, after_what
from helpers.beliefs.tables import ChannelTables, LeadTables
from helpers.cards.cards import build_cards
from helpers.cards.knowledge import Knowledge, knowledge_held, waiting_on_fields
from helpers.contracts import Card, Coverage, Drift, HypothesisResult, StudyError
from helpers.customers.customers import Customers, build_customers
from helpers.files import file_hash, read_json, text_hash
from helpers.negative.ideal import Ideal, ideal_customer
from helpers.negative.segments import Negative, negative_personas
from helpers.negative.worth import REVIEW
from helpers.offers.conjoint import Choices, what_decides
from helpers.offers.importance import Importance, importance_gaps
from helpers.privacy import safe_csv
from helpers.read.load import LoadedTables, load_tables
from helpers.read.scrubbing import scrub_tables
from helpers.report import findings
from helpers.run import parameters
from helpers.run.manifest import environment_key, siblings
from helpers.run.results import content, kept_or_computed, write_json
from helpers.study import Study, load_study
from helpers.survey.survey import Survey, code_survey
from helpers.types.division import Personas, find_personas, rename
from helpers.types.drift import Scored, compare, score
from helpers.types.identity import ids_used, match_ids
from helpers.types.questions_to_ask import Questions, questions_to_ask
from helpers.types.trial import Trial, side_by_side
from helpers.voice.coding import Coding, code_answers
from helpers.voice.interviews import Interviews, hear_interviews
from helpers.voice.voice import Voice, hear
from helpers.words import Words

ROOMS = {"07_framing": "framing", "08_channels": "channels", "09_leads": "leads"}
"""The notebooks that test beliefs, and the room of the registry that each tests."""
LOOKING = "try_"
"""Parameters that begin so are for looking only: no result depends on them."""
QUICK_DRAWS = 99
"""Data sets without types against which other settings are tried; the samples drawn again are as many as the study's,
since labels other than natural rest on them."""


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

    @functools.cached_property
    def inputs(self) -> str:
        """Hash of all that every stage depends on: code and environment, the study, and its files."""
        files = {name: file_hash(file) for name, file in self.study.files().items()}
        return text_hash([environment_key(), self.study.model_dump(mode="json"), files])


@dataclass(frozen=True)
class Beliefs:
    """The hypotheses of one room."""

    results: tuple[HypothesisResult, ...]


@dataclass(frozen=True)
class LossAversion:
    """Choices between gambles (hypotheses.gambles): parameters, weights of losses from every source, and sentences."""

    parameters: pd.DataFrame
    weights: pd.DataFrame
    told: tuple[str, ...]


@dataclass(frozen=True)
class WithoutCoupons:
    """Revenue at risk if coupons went (hypotheses.coupons), and it in sentences."""

    shares: pd.DataFrame
    told: tuple[str, ...]


@dataclass(frozen=True)
class Cards:
    """The cards of the report, and how many customers they cover."""

    cards: tuple[Card, ...]
    coverage: Coverage


@dataclass(frozen=True)
class Proof:
    """Published figures beside ours, and what careless tests find in noise: hypotheses.proof and hypotheses.trap."""

    figures: pd.DataFrame
    trap: pd.DataFrame


def open_notebook(name: str, *, study: str, work: str, **tunables: Any) -> Session:
    """Check a notebook's parameters and open its study. Raises StudyError.

    Relative paths start at the nearest folder upwards that holds the notebooks, wherever the notebook runs. The
    tunables are kept in the work folder, so that later notebooks ask for the same results.
    """
    parameters.check(name, {"study": study, "work": work, **tunables})
    here = Path.cwd()
    root = next((up for up in (here, *here.parents) if (up / "notebooks" / "04_personas.ipynb").is_file()), here)
    session = Session(name, load_study(root / study), root / work, tunables)
    write_json(_tunables_file(session.work, name), tunables)
    return session


def _stage(
    kind: type,
    *,
    needs: tuple[Callable[[Session], Any], ...] = (),
    owner: str = "",
    beside: Callable[[Session], Any] = lambda session: None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Keep what the decorated function of a session computes, a ``kind`` or None, and take it from where it is kept.

    ``needs`` are the stages that it follows from, ``owner`` is the notebook that tunes it, ``beside`` tells what else
    its result depends on.
    """

    def decorate(compute: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(compute)
        def stage(session: Session, *room: str) -> Any:
            name = "_".join((compute.__name__, *room))
            if name not in session.made:
                for need in needs:
                    need(session)
                before = [content(session.work, need.__name__) for need in needs]
                tuned = _tunables(session, owner) if owner else {}
                key = text_hash([session.inputs, before, tuned, beside(session)])
                make = functools.partial(compute, session, *room)
                session.made[name] = kept_or_computed(session.work, _earlier(session.work), name, key, kind, make)
            return session.made[name]

        return stage

    return decorate


def _tunables(session: Session, notebook: str) -> dict[str, Any]:
    """A notebook's tunables: those it last ran with in this work folder, else those of study.yml and its own."""
    found = read_json(_tunables_file(session.work, notebook))
    if found is None:
        file = parameters.notebooks_folder() / f"{notebook}.ipynb"
        found = parameters.resolve(file, {}, session.study.parameters.get(notebook, {}))
    return {name: value for name, value in found.items() if not name.startswith(LOOKING)}


def _tunables_file(work: Path, notebook: str) -> Path:
    return work / "parameters" / f"{notebook}.json"


def _earlier(work: Path) -> list[Path]:
    """Earlier work folders of the same study, newest first; none for a notebook run alone or a fresh run."""
    run = read_json(work / "run.json")
    return siblings(work) if run and not run["fresh"] else []


# --- the previous publication ------------------------------------------------------------------------------------


def _previous(session: Session, name: str) -> dict[str, Any] | None:
    """One JSON file of the publication that this run will replace; None on a first run and in a notebook run alone."""
    folder = (read_json(session.work / "run.json") or {}).get("previous")
    return read_json(Path(folder) / f"{name}.json") if folder else None


def _previous_table(session: Session, name: str) -> pd.DataFrame | None:
    """A table in the work folder of the previous publication; None where that is gone."""
    manifest = _previous(session, "manifest")
    file = Path(manifest["work"]) / f"{name}.parquet" if manifest else None
    return pd.read_parquet(file) if file and file.is_file() else None


def _under_review(session: Session) -> list[str]:
    """The customers that were under review when the previous publication was made."""
    members = _previous_table(session, "tables/negative.members")
    return [] if members is None else sorted(members.loc[members["state"].isin(REVIEW), "customer_id"])


def _by_previous_model(session: Session) -> Scored | None:
    """Today's customers by the previous publication's frozen model."""
    model = _previous(session, "model")
    return None if model is None else score(model, customers(session), survey(session))


def _moved(session: Session) -> dict[str, str]:
    """This run's own ids of personas that had another in the previous publication, and that other."""
    stable = match_ids(_previous(session, "personas"), division(session), _previous_table(session, "assignments"))
    return {ours: theirs for ours, theirs in stable.items() if ours != theirs}


# --- the stages --------------------------------------------------------------------------------------------------


@_stage(LoadedTables)
def tables(session: Session) -> LoadedTables:
    """The study's tables, read and checked, their texts without personal data."""
    return scrub_tables(load_tables(session.study), session.study)


@_stage(Customers, needs=(tables,))
def customers(session: Session) -> Customers | None:
    """Customer features; None in a study without sales."""
    return build_customers(tables(session), session.study) if session.study.tables.sales else None


@_stage(Survey, needs=(tables,))
def survey(session: Session) -> Survey | None:
    """The coded survey; None in a study without one."""
    return code_survey(tables(session), session.study)


@_stage(Coding, needs=(survey,))
def coding(session: Session) -> Coding | None:
    """How the open answers were coded; None in a study without a survey."""
    asked = survey(session)
    return None if asked is None else code_answers(asked, session.study, session.words)


@_stage(Personas, needs=(customers, survey), owner="04_personas")
def division(session: Session) -> Personas:
    """The personas of this run alone, under ids of their own."""
    tunables = _tunables(session, "04_personas")
    return find_personas(customers(session), survey(session), session.study, session.words, **tunables)


@_stage(Personas, needs=(division,), beside=_moved)
def personas(session: Session) -> Personas:
    """The personas under the ids that they had in the previous publication."""
    return rename(division(session), _moved(session))


def what_if(session: Session, *, features: str = "", k: int = 0, reserve: str = "") -> Trial:
    """The personas under other settings (names separated by commas; empty ones stay) beside those of the study.

    Judged by ``QUICK_DRAWS`` data sets without types, and not kept. Raises StudyError for what cannot be.
    """
    parameters.check("04_personas", {"try_features": features, "try_k": k, "try_reserve": reserve})
    known, asked, words = customers(session), survey(session), session.words
    lists = {"survey" if known is None else "features": features, "reserve": reserve}
    tried = {name: [part.strip() for part in text.split(",")] for name, text in lists.items() if text.strip()}
    tried |= {"k": k} if k else {}
    if not tried:
        names = asked.items["item"] if known is None else known.features.columns.drop("customer_id")
        return Trial(pd.DataFrame(), (words.say("trial.how", names=words.listing(list(names))),))
    study = session.study.model_copy(update={"personas": session.study.personas.model_copy(update=tried)})
    whole = _tunables(session, "04_personas")
    draws = min(whole["null_draws"], QUICK_DRAWS)
    try:
        other = find_personas(known, asked, study, words, **whole | {"null_draws": draws})
    except StudyError as fault:
        raise StudyError(f"what if: {fault}") from fault
    found = side_by_side(personas(session), other, tried, study.privacy.min_cell, words)
    hurried = words.say("trial.quick", draws=draws, all=whole["null_draws"])
    return found if draws == whole["null_draws"] else dataclasses.replace(found, told=(*found.told, hurried))


@_stage(Voice, needs=(tables, personas))
def voice(session: Session) -> Voice | None:
    """What each persona says; None in a study without survey."""
    return hear(survey(session), customers(session), personas(session), session.study, session.words)


@_stage(Importance, needs=(survey, personas))
def importance(session: Session) -> Importance | None:
    """What matters, how well it is done and what to mend first; None where no pair of questions was asked."""
    return importance_gaps(survey(session), personas(session), session.study, session.words)


@_stage(Choices, needs=(tables, personas))
def choices(session: Session) -> Choices:
    """What decides between offers, for everybody and per persona."""
    parts = tables(session), survey(session), personas(session)
    return what_decides(*parts, session.study, session.words)


@_stage(Leaving, needs=(tables, customers))
def leaving(session: Session) -> Leaving:
    """What people leave after: bad experiences and messages."""
    return after_what(tables(session), customers(session), session.study, session.words)


@_stage(Interviews, needs=(tables,))
def interviews(session: Session) -> Interviews | None:
    """What customers and the sales team say in interviews; None in a study without."""
    return hear_interviews(tables(session).frames.get("interviews"), session.study, session.words)


@_stage(Ideal, needs=(customers,))
def ideal(session: Session) -> Ideal | None:
    """What the best customers have in common; None in a study without sales."""
    known = customers(session)
    return None if known is None else ideal_customer(known, session.study, session.words)


@_stage(Negative, needs=(tables, personas), beside=_under_review)
def negative(session: Session) -> Negative | None:
    """Whom not to court; None in a study without sales."""
    parts = customers(session), tables(session), personas(session)
    if session.study.tables.sales is None:
        return None
    return negative_personas(*parts, session.study, session.words, _under_review(session))


@_stage(Beliefs, needs=(tables, personas))
def hypotheses(session: Session, room: str) -> Beliefs:
    """The hypotheses of one room: framing, channels or leads."""
    from helpers.beliefs.registry import put_to_the_test  # a second to import, for three notebooks

    return Beliefs(put_to_the_test(room, _evidence(session)))


def _evidence(session: Session) -> Any:
    """All that the tests and tables of beliefs may look at."""
    from helpers.beliefs.evidence import Evidence

    parts = tables(session), customers(session), survey(session), personas(session)
    return Evidence(session.study, session.words, *parts)


def beliefs(session: Session, *rooms: str) -> tuple[HypothesisResult, ...]:
    """The hypotheses of one room or several."""
    return tuple(result for room in rooms for result in hypotheses(session, room).results)


@_stage(ChannelTables, needs=(tables, personas))
def channel_views(session: Session) -> ChannelTables:
    """The tables of notebook 08: conversion raw and adjusted, moments, steps, messages."""
    from helpers.channels.tables import channel_tables

    return channel_tables(_evidence(session))


@_stage(LeadTables, needs=(tables, personas))
def lead_views(session: Session) -> LeadTables:
    """The tables of notebook 09: stages, scores, recommendation, leaving."""
    from helpers.leads.tables import lead_tables

    return lead_tables(_evidence(session))


@_stage(LossAversion, needs=(tables, personas))
def loss_aversion(session: Session) -> LossAversion:
    """How much losses weigh against gains, by the survey's gambles and by posted prices."""
    from helpers.offers.gambles import from_gambles, loss_weights

    parameters, told = from_gambles(_evidence(session))
    return LossAversion(parameters, loss_weights(parameters, beliefs(session, "framing"), session.words), told)


@_stage(WithoutCoupons, needs=(tables, personas))
def without_coupons(session: Session) -> WithoutCoupons:
    """What would be at risk if coupons went."""
    from helpers.offers import coupons

    return WithoutCoupons(*coupons.without_coupons(_evidence(session)))


@_stage(Questions, needs=(survey, personas))
def questions(session: Session) -> Questions:
    """The fewest questions that place a newcomer."""
    return questions_to_ask(personas(session), survey(session), session.study, session.words)


@_stage(Knowledge, needs=(tables, personas, questions))
def knowledge(session: Session) -> Knowledge:
    """How much is held of each kind and block, and which missing field would help most."""
    from helpers.beliefs.registry import lacking  # a second to import, for four notebooks

    asked, known, held, words = survey(session), customers(session), tables(session), session.words
    privacy, found = session.study.privacy, personas(session)
    placing = questions(session).table["question"].iloc[1:-1]
    waiting = waiting_on_fields(asked, held, placing, privacy.protected, words)
    lacks = lacking(_evidence(session))
    waiting |= {words.say("knowledge.waits.belief", title=title): fields for title, fields in lacks.items()}
    return knowledge_held(asked, known, held, found, waiting, privacy.min_cell, words)


@_stage(Cards, needs=(tables, personas))
def cards(session: Session) -> Cards:
    """The cards as every format of the report shows them, and whom they cover.

    Members of a group too small to be shown count as unassigned, so that no subtraction reveals them.
    """
    found, asked = personas(session), survey(session)
    parts = customers(session), voice(session), negative(session), beliefs(session, *ROOMS.values())
    made = build_cards(found, *parts, session.study, session.words)
    everybody, assigned = (
        len(found.assignments),
        int(found.assignments["persona"].isin([card.id for card in made]).sum()),
    )
    respondents = 0 if asked is None else len(asked.answers)
    return Cards(made, Coverage(everybody, respondents, assigned, everybody - assigned))


def _previous_cards(session: Session) -> dict[str, Any] | None:
    """The previous personas.json without its run id, which says nothing about the personas."""
    before = _previous(session, "personas")
    return before and {**before, "run_id": ""}


@_stage(Drift, needs=(cards,), beside=_previous_cards)
def drift(session: Session) -> Drift:
    """What changed since the previous publication, whose run id the publication adds."""
    now = {
        "structure": dataclasses.asdict(personas(session).structure),
        "coverage": dataclasses.asdict(cards(session).coverage),
        "personas": [dataclasses.asdict(card) for card in cards(session).cards],
    }
    return compare(
        _previous(session, "personas"),
        now,
        _previous_table(session, "assignments"),
        personas(session).assignments,
        frozen=_by_previous_model(session),
        words=session.words,
        min_cell=session.study.privacy.min_cell,
    )


@_stage(Proof)
def proof(session: Session) -> Proof:
    """Published figures, recomputed, and the trap of tests on what made the groups."""
    from helpers.proof.proof import reproduce  # imports all of statsmodels, which no other stage needs
    from helpers.proof.trap import false_findings

    return Proof(reproduce(), false_findings())


def insist_on_proof(session: Session) -> None:
    """Raise RuntimeError where a published figure does not come out: the run then ends with 1 and publishes nothing."""
    from helpers.proof.proof import insist

    insist(proof(session).figures)


def write_assignments(session: Session) -> pd.DataFrame:
    """Write assignments.parquet and assignments.csv, the file for the CRM, and return what they hold.

    One row per customer: customer_id, persona (id of a card, or ``unassigned``), probability.
    """
    frame = personas(session).assignments[["customer_id", "persona", "probability"]]
    frame.to_parquet(session.work / "assignments.parquet", index=False)
    safe_csv(frame, session.work / "assignments.csv")
    return frame


def write_open_leads(session: Session) -> int:
    """Write open_leads.csv, for the analyst's work folder only, and return how many leads it holds.

    One row per lead that is no customer: lead_id, points, class (by the study's thresholds), chance.
    """
    frame = lead_views(session).open_leads
    safe_csv(frame, session.work / "open_leads.csv")
    return len(frame)


def write_coding(session: Session) -> list[str]:
    """Write coding_sheet.csv and suggestions.csv, for the work folder only, and tell of the coding."""
    found = coding(session)
    if found is None or not found.answers:
        return [] if found is None else list(found.told)
    safe_csv(found.sheet, session.work / "coding_sheet.csv")
    safe_csv(found.topics, session.work / "suggestions.csv")
    rest = session.words.number(found.answers - found.coded)
    return [*found.told, session.words.say("voice.coding.files", n=rest)]


_TELL: dict[str, Callable[[Session, Words], list[str]]] = {
    "01_data_quality": lambda session, words: findings.of_quality(tables(session).accounts, words),
    "02_customers": lambda session, words: findings.of_customers(customers(session), words),
    "03_survey": lambda session, words: findings.of_survey(survey(session), customers(session), words),
    "04_personas": lambda session, words: findings.of_personas(personas(session), words),
    "05_voice": lambda session, words: [
        *findings.of_voice(voice(session), personas(session), session.study.privacy.min_cell, words),
        *(importance(session).told if importance(session) else ()),
        *knowledge(session).told,
    ],
    "06_negative_personas": lambda session, words: findings.of_negative(negative(session), words),
    **dict.fromkeys(
        ROOMS, lambda session, words: findings.of_beliefs(beliefs(session, ROOMS[session.notebook]), words)
    ),
    "10_cards": lambda session, words: findings.of_cards(cards(session).cards, words),
    "11_drift": lambda session, words: [drift(session).statement],
    "12_proof": lambda session, words: findings.of_proof(proof(session).figures, proof(session).trap, words),
}


def answer(session: Session) -> list[str]:
    """The notebook's answer in sentences, also kept in ``answers/<notebook>.json`` of the work folder."""
    told = _TELL[session.notebook](session, session.words)
    write_json(session.work / "answers" / f"{session.notebook}.json", told)
    return told


def write_publication(study: Study, work: Path, build: Path, run_id: str) -> None:
    """Write what a run publishes into ``build``, from the results and executed notebooks of its work folder."""
    from helpers.report.site import Report, strict_json, write_site  # seconds to import; no notebook renders pages
    from helpers.types.scoring import as_sql

    session = Session("", study, work, {})
    made, found, known = cards(session), personas(session), customers(session)
    before = _previous(session, "personas")
    write_assignments(session)
    report = Report(
        study=study,
        run_id=run_id,
        as_of=study.window.as_of if known is None else known.period.as_of,
        created=dt.datetime.now(dt.UTC).date(),
        structure=found.structure,
        method=found.method,
        coverage=made.coverage,
        cards=made.cards,
        hypotheses=beliefs(session, *ROOMS.values()),
        accounts=tables(session).accounts,
        drift=dataclasses.replace(drift(session), previous=before["run_id"] if before else None),
        model=found.model,
        sql=as_sql(json.loads(strict_json(found.model)), session.words),  # of the numbers as published
        period=None if known is None else known.period,
        ids_used=tuple(ids_used(before, [card.id for card in made.cards])),
    )
    write_site(report, sorted((work / "notebooks").glob("[0-9][0-9]_*.ipynb")), build)
