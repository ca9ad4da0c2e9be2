"""What a notebook calls: it opens a study, shows exhibits and tells sentences by their names, and gives its answer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from IPython import get_ipython

from helpers.contracts import StudyError
from helpers.files import read_json, write_json
from helpers.harmless import safe_csv
from helpers.pages.alternatives import finding
from helpers.report import notebook_view
from helpers.report.exhibits import Exhibit
from helpers.run import parameters
from helpers.run.stages import Session, answers, call, exhibits, files, own_tunables, tunables_file
from helpers.study import by_engine, load_study
from helpers.wings import resolve
from helpers.words import NOT_KNOWN, Text, say


def open_notebook(name: str, *, study: str, work: str, **tunables: Any) -> Session:
    """Check a notebook's parameters and open its study. Raises StudyError.

    Relative paths start at the nearest folder upwards that holds the notebooks, wherever the notebook runs. The
    tunables are kept in the work folder, so that later notebooks ask for the same results; those that are not at their
    defaults are told. A name that papermill was given and the notebook does not know is refused.
    """
    kernel = get_ipython()
    injected = parameters.injected_names(kernel.user_ns.get("In", ())) if kernel else ()
    settled = parameters.check(name, {"study": study, "work": work, **tunables}, injected=injected)
    here = root()
    engine = (read_json(here / work / "run.json") or {}).get("engine")  # that of the run, whatever the study names
    session = Session(
        name, by_engine(load_study(here / study), engine), here / work, {key: settled[key] for key in tunables}
    )
    write_json(tunables_file(session.work, name), session.tunables)
    if other := changed(session, [parameters.notebook_file(name, parameters.notebooks_folder())]):
        notebook_view.tell(session.words.told(other))
    return session


def changed(session: Session, notebooks: Iterable[Path]) -> Text:
    """Which parameters of notebooks were not at their defaults in this work folder; empty where all were."""
    told = []
    for file in notebooks:
        values = read_json(tunables_file(session.work, file.stem)) or {}
        for name, (value, default) in parameters.changed(file, values).items():
            shown = name if session.notebook else f"{file.stem}.{name}"
            told.append(say("run.parameters.one", name=shown, value=_typed(value), default=_typed(default)))
    return say("run.parameters.changed", changes=told) if told else ""


def _typed(value: parameters.Value) -> str:
    """A value as it is typed."""
    if isinstance(value, list):
        return ", ".join(map(_typed, value)) or "[]"
    return (f"{value:g}" if isinstance(value, float) else str(value)) or NOT_KNOWN


def root() -> Path:
    """The nearest folder upwards that holds the notebooks, else where we are."""
    here = Path.cwd()
    return next((up for up in (here, *here.parents) if (up / "notebooks" / "04_personas.ipynb").is_file()), here)


def show(session: Session, *ids: str) -> None:
    """Display exhibits: tables, figures or sentences; one that has nothing to show is left out."""
    words = session.words
    for name in ids:
        exhibit = exhibits()[name]
        found = words.told(_found(session, exhibit))
        if not isinstance(found, pd.DataFrame):
            notebook_view.tell(_texts(found), markdown=exhibit.markdown)
            continue
        found = _asked_for(session, exhibit, found)
        if found.empty or (exhibit.needs and not found[exhibit.needs].notna().any()):
            continue
        file, _, own = name.partition(".")
        if not exhibit.draw:
            caption = words.say(f"{file}.exhibit.{own}.caption")
            notebook_view.table(found.drop(columns=list(exhibit.drop)), caption, words, exhibit.digits)
            continue
        for value, part in found.groupby(exhibit.each, sort=False) if exhibit.each else [("", found)]:
            drawn = resolve(exhibit.draw)(part, words=words)
            alt = words.told(_at(session, exhibit.alt)) if exhibit.alt else None
            found_by = finding(exhibit, part)
            notebook_view.show(drawn, alt=alt or words.say(f"{file}.exhibit.{own}.alt", each=value, **found_by))


def tell(session: Session, *ways: str) -> None:
    """Display sentences of stages by the way to them, ``ideal.statement`` or ``lead_tables.told.nps``."""
    notebook_view.tell(session.words.told(_texts([_at(session, way) for way in ways])))


def answer(session: Session) -> None:
    """Display the notebook's answer, and keep it in ``answers/<notebook>.json`` of the work folder."""
    told = session.words.told(_texts(call(session, answers()[session.notebook])))
    write_json(session.work / "answers" / f"{session.notebook}.json", told)
    notebook_view.tell(told)


def write(session: Session, *names: str) -> None:
    """Write files for the analyst into the work folder: they are never shown or published."""
    for name in names:
        frame = session.words.told(_made(session, files()[name]))
        if frame is None:
            continue
        file = session.work / name
        frame.to_parquet(file, index=False) if file.suffix == ".parquet" else safe_csv(frame, file)


def _made(session: Session, source: str) -> Any:
    """What ``module:function`` makes of stages, or what lies at ``stage.field``."""
    return call(session, source) if ":" in source else _at(session, source)


def _found(session: Session, exhibit: Exhibit) -> Any:
    """What an exhibit shows; None where its stage has nothing."""
    if not exhibit.of:
        return call(session, exhibit.by)
    found = _at(session, exhibit.of)
    if found is None or not exhibit.by:
        return found
    return resolve(exhibit.by)(found, **own_tunables(session, exhibit.by))


def _asked_for(session: Session, exhibit: Exhibit, found: pd.DataFrame) -> pd.DataFrame:
    """The rows that the notebook's parameters ask for, all where they name none.

    Raises StudyError for a name that neither this nor an earlier exhibit of the notebook has.
    """
    kept = pd.Series(True, found.index)
    for parameter, column in exhibit.only.items():
        asked = session.tunables.get(parameter) or []
        met = session.met.setdefault(parameter, set())
        met |= {str(value) for value in found[column].dropna()}
        for name in asked:
            if not any(_is_or_belongs(value, name) for value in met):
                near = parameters.nearest(name, {value.partition(": ")[0] for value in met})
                raise StudyError(f'{session.notebook}.{parameter}: there is no "{name}"{near}')
        if asked:
            kept &= found[column].map(lambda value, asked=asked: any(_is_or_belongs(value, name) for name in asked))
    return found[kept]


def _is_or_belongs(value: object, name: str) -> bool:
    """Whether a value is what was named, or an option of it (``diet: vegan`` of ``diet``)."""
    return value == name or str(value).startswith(f"{name}: ")


def _at(session: Session, way: str) -> Any:
    """What lies at ``stage.field`` or ``stage.field.key``; None where the stage, or the key, is not there."""
    stage, *fields = way.split(".")
    found = session[stage]
    for name in fields:
        found = found.get(name) if isinstance(found, dict) else getattr(found, name, None)
    return found


def _texts(found: Any) -> list[Text]:
    """Sentences of nested lists, one a paragraph."""
    if isinstance(found, (list, tuple)):
        return [text for part in found for text in _texts(part)]
    return [found] if found else []
