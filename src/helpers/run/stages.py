"""What is computed, from what: each stage is a function, and the names of its parameters are what it follows from.

``describe(division, customers, survey, study)`` needs the stages division, customers and survey, and the study: there
is no other list of dependencies. A stage is taken from the work folder when its key matches, and computed when not. The
key holds the package's code, the study, the versions of what computes, the tunables, and the content of the stages
before it: where an earlier stage comes out the same, what follows is not computed again.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_type_hints

from helpers.contracts import BELIEF_ROOMS, DataError
from helpers.files import read_json, text_hash
from helpers.previous import Previous
from helpers.read.inputs import inputs
from helpers.report.exhibits import SPINE as SPINE_EXHIBITS
from helpers.report.exhibits import Exhibit
from helpers.run import parameters
from helpers.run.kept import content, kept_or_computed
from helpers.run.kernels.processes import MARK
from helpers.run.manifest import environment_key, siblings
from helpers.study import Study
from helpers.wings import arguments, declared, merged, resolve
from helpers.words import Words

SPINE = {
    "tables": "helpers.read.scrubbing:read_tables",
    "totals": "helpers.customers.totals:add_up",
    "customers": "helpers.customers.customers:build_customers",
    "today": "helpers.customers.customers:as_of_today",
    "survey": "helpers.survey.survey:code_survey",
    "division": "helpers.types.division:divide_customers",
    "described": "helpers.cards.profile:describe",
    "personas": "helpers.cards.since_before:under_earlier_ids",
    "stability": "helpers.report.stability:how_stable",
    "customer_map": "helpers.report.map:map_customers",
    "trial": "helpers.cards.trial:what_if",
    "questions": "helpers.types.questions_to_ask:questions_to_ask",
    "crosstabs": "helpers.report.crosstabs:crosstabs",
    "knowledge": "helpers.report.knowledge:knowledge_held",
    **{f"{room}{part}": f"helpers.beliefs.registry:{room}{part}" for room in BELIEF_ROOMS for part in ("_found", "")},
    "cards": "helpers.cards.cards:build_cards",
    "drift": "helpers.cards.since_before:changes",
}
"""The stages of the spine; those of a wing stand in the wing."""
TUNED_BY = {
    **dict.fromkeys(("division", "trial"), "04_personas"),
    **{
        f"{room}{part}": notebook
        for room, notebook in zip(BELIEF_ROOMS, ("07_framing", "08_channels", "09_leads"), strict=True)
        for part in ("_found", "")
    },
    "drift": "11_drift",
}
"""The notebook whose parameters a stage's keyword-only ones are; a wing says so of its own stages."""
OWN_CLAIMS = "helpers.desk.own_claims:for_cards"
EVIDENCE = "helpers.beliefs.evidence:Evidence"
_FINDINGS = "helpers.report.findings"
ANSWERS = {
    "01_data_quality": f"{_FINDINGS}:of_quality",
    "02_customers": f"{_FINDINGS}:of_customers",
    "03_survey": f"{_FINDINGS}:of_survey",
    "04_personas": f"{_FINDINGS}:of_personas",
    "07_framing": f"{_FINDINGS}:of_framing",
    "08_channels": f"{_FINDINGS}:of_channels",
    "09_leads": f"{_FINDINGS}:of_leads",
    "10_cards": f"{_FINDINGS}:of_cards",
    "11_drift": f"{_FINDINGS}:of_drift",
}
"""What tells the answer of a notebook; a wing's notebook has its own in the wing."""
FILES = dict.fromkeys(("assignments.csv", "assignments.parquet"), f"{_FINDINGS}:for_the_crm")
"""Files for the analyst's work folder, and what makes their tables; a wing's stand in the wing."""


@dataclass(frozen=True)
class Session:
    """A study, its work folder, and who asks: a notebook with its own tunables.

    met : per tunable that names rows, the names that the notebook has come across so far.
    """

    notebook: str
    study: Study
    work: Path
    tunables: dict[str, Any]
    made: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """Results that this session already holds: a notebook sees one state of the data."""
    met: dict[str, set[str]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def words(self) -> Words:
        """The report's language and currency."""
        return Words(self.study.language, self.study.currency)

    @functools.cached_property
    def inputs(self) -> str:
        """Hash of all that every stage depends on: code and environment, the study, and what goes into it.

        How a database stood when the run began counts for all of its notebooks: the run asks again at its end.
        """
        run = read_json(self.work / "run.json") or {}
        known = run.get("databases") if os.environ.get(MARK) == run.get("run_id", "") else None
        held = {one.name: one.sha256 for one in inputs(self.study, known) if one.name != "study"}
        return text_hash([environment_key(), without_parameters(self.study), held])

    @functools.cached_property
    def previous(self) -> Previous:
        """The publication that this run will replace."""
        folder = (read_json(self.work / "run.json") or {}).get("previous")
        return Previous(Path(folder) if folder else None)

    def __getitem__(self, stage: str) -> Any:
        """The result of a stage; None where the study has not what it is made from.

        Raises StudyError or DataError for what the user can mend, KeyError for a stage that does not exist.
        """
        if stage not in self.made:
            try:
                self.made[stage] = _taken(self, stage)
            except DataError as fault:
                raise fault.told_by(self.words.plain) from None
        return self.made[stage]


@functools.cache
def places() -> dict[str, str]:
    """Every stage with its ``module:function``."""
    return SPINE | merged("STAGES")


@functools.cache
def tuned_by() -> dict[str, str]:
    """Every stage that a notebook's parameters tune, and the notebook."""
    return TUNED_BY | merged("TUNED_BY")


def read_by(stages: Iterable[str], values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The parameters that some stages read, of all ``values`` by notebook: the others change only what is shown."""
    tuned = sorted(set(stages) & tuned_by().keys())
    read = {(tuned_by()[stage], name) for stage in tuned for name in arguments(places()[stage]).tuned}
    return {f"{notebook}.{name}": values[notebook][name] for notebook, name in sorted(read)}


def without_parameters(study: Study) -> dict[str, Any]:
    """The study as every stage may read it: the parameters count where they are read."""
    return study.model_dump(mode="json", exclude={"parameters"})


@functools.cache
def exhibits() -> dict[str, Exhibit]:
    """Every exhibit by its id."""
    return SPINE_EXHIBITS | merged("EXHIBITS")


@functools.cache
def answers() -> dict[str, str]:
    """What tells each notebook's answer."""
    return ANSWERS | merged("ANSWERS")


@functools.cache
def files() -> dict[str, str]:
    """Every file for the work folder, and what makes its table."""
    return FILES | merged("FILES")


def _taken(session: Session, stage: str) -> Any:
    place = places()[stage]
    given, keys = _arguments(session, place)
    tuned = {}
    if own := arguments(place).tuned:
        every = tunables(session, tuned_by()[stage])
        tuned = {name: every[name] for name in own}
    key = text_hash([session.inputs, keys, tuned])
    make = resolve(place)
    kind = get_type_hints(make)["return"]
    kind = next((part for part in get_args(kind) if part is not type(None)), kind)  # of X | None
    compute = functools.partial(make, **given, **tuned)
    return kept_or_computed(session.work, _earlier(session.work), stage, key, kind, compute)


def _arguments(session: Session, place: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What ``module:function`` is called with, and for each argument a key of its content."""
    found = {name: _argument(session, name) for name in arguments(place).needs}
    return {name: value for name, (value, _) in found.items()}, {name: key for name, (_, key) in found.items()}


def _argument(session: Session, name: str) -> tuple[Any, Any]:
    """One argument by its name, with a key of its content: a stage, or one of the few things that are none."""
    if name == "study":
        return session.study, ""  # among the inputs of every stage
    if name == "previous":
        return session.previous, session.previous.content()
    if name == "evidence":
        parts, keys = _arguments(session, EVIDENCE)
        return resolve(EVIDENCE)(**parts), keys
    if name == "handed":
        called = [(resolve(place), *_arguments(session, place)) for place in card_claims()]
        return tuple(make(**parts) for make, parts, _ in called), [keys for _, _, keys in called]
    if name == "hypotheses":
        results = [result for room in BELIEF_ROOMS for result in session[room].results]
        return tuple(results), [content(session.work, room) for room in BELIEF_ROOMS]
    return session[name], content(session.work, name)


def card_claims() -> list[str]:
    """What the wings and the study's own folder hand to the cards: functions by their place."""
    return [*(place for places_of_wing in declared("CARD_CLAIMS") for place in places_of_wing), OWN_CLAIMS]


def call(session: Session, place: str) -> Any:
    """The result of ``module:function``, its arguments being stages by their names, and those by keyword only tunables
    of the notebook, where it has them; it is not kept."""
    return resolve(place)(**_arguments(session, place)[0], **own_tunables(session, place))


def own_tunables(session: Session, place: str) -> dict[str, Any]:
    """Those of the notebook's tunables that ``module:function`` takes."""
    return {name: session.tunables[name] for name in arguments(place).tuned if name in session.tunables}


def follows_from(stage: str) -> set[str]:
    """The stage and all those before it, without importing any."""
    return {stage}.union(*(needed(name) for name in arguments(places()[stage]).needs))


def needed(argument: str) -> set[str]:
    """The stages behind one argument of a function."""
    if argument in ("study", "previous"):
        return set()
    if argument == "evidence":
        return set().union(*map(needed, arguments(EVIDENCE).needs))
    if argument == "handed":
        return set().union(*(needed(name) for place in card_claims() for name in arguments(place).needs))
    if argument == "hypotheses":
        return set().union(*map(follows_from, BELIEF_ROOMS))
    return follows_from(argument)


def tunables(session: Session, notebook: str) -> dict[str, Any]:
    """A notebook's tunables: those it last ran with in this work folder, else those of study.yml and its own."""
    found = read_json(tunables_file(session.work, notebook))
    if found is None:
        file = parameters.notebooks_folder() / f"{notebook}.ipynb"
        found = parameters.resolve(file, {}, session.study.parameters.get(notebook, {}))
    return found


def tunables_file(work: Path, notebook: str) -> Path:
    """Where a notebook leaves its tunables, so that later ones ask for the same results."""
    return work / "parameters" / f"{notebook}.json"


def _earlier(work: Path) -> list[Path]:
    """Earlier work folders of the same study, newest first; none for a notebook run alone or a fresh run."""
    run = read_json(work / "run.json")
    return siblings(work) if run and not run["fresh"] else []
