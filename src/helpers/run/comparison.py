"""Two publications side by side, with the customers behind them where their work folders are still there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.changed import Drift
from helpers.contracts import (
    UNASSIGNED,
    StudyError,
)
from helpers.customers.customers import Customers
from helpers.previous import MEMBERS, Previous, published, table_of, work_behind
from helpers.read.load import LoadedTables
from helpers.run.kept import kept
from helpers.since.drift import Scored, compare, score
from helpers.since.identity import dividing
from helpers.since.shift import Shift, earliest
from helpers.survey.survey import Survey
from helpers.words import Text, say


def compare_publications(old: Path, new: Path) -> tuple[Drift, list[Text]]:
    """Compare two published folders; also the lines that ``personas compare`` prints.

    Members are taken from the work folders that the manifests name, and today's customers are placed by the old model,
    as a run does that replaces a publication. What is gone is named. Raises StudyError when a folder is not a
    publication.
    """
    before, after = _publication(old), _publication(new)
    if before.get("study") != after.get("study"):
        raise StudyError(
            f"{old} is of the study {before.get('study')!r}, {new} of {after.get('study')!r}: personas of different "
            "studies have nothing to do with each other. Give two publications of one study; to place the customers of "
            "another study by these personas, use `personas assign`"
        )
    members, frozen = [_assignments(folder) for folder in (old, new)], _scored(old, new)
    since, found = _shifts(old, new, before.get("as_of"), after.get("as_of"))
    drift = compare(before, after, *members, frozen=frozen, shifts=found, since=since)
    lacking = [
        say(f"drift.lack.{name}", folder=str(folder))
        for name, folder, known in (
            ("old_work", old, members[0] is not None),
            ("new_work", new, members[1] is not None),
            ("model", old, (old / "model.json").is_file()),
        )
        if not known
    ]
    lines = [
        drift.statement,
        *_groups(drift, dividing(before), dividing(after)),
        *_migration(drift, dividing(before) | dividing(after)),
    ]
    return drift, [*lines, *([say("drift.line.lacks", things=lacking)] if lacking else [])]


def _groups(drift: Drift, then: dict[str, Any], now: dict[str, Any]) -> list[Text]:
    lines = []
    for match in drift.matches:
        fate = "redrawn" if match.id in drift.redrawn else "new" if match.previous_id is None else "match"
        shares = {"share": match.share, "previous": match.previous_share}
        lines.append(say(f"drift.line.{fate}", handle=now[match.id]["handle"], id=match.id, **shares))
    for fate in ("retired", "dissolved"):
        lines += [say(f"drift.line.{fate}", handle=then[name]["handle"], id=name) for name in getattr(drift, fate)]
    return lines


def _migration(drift: Drift, cards: dict[str, Any]) -> list[Text]:
    """A line per group of before: where its customers are now, beside what chance alone would bring."""
    handles = {name: card["handle"] for name, card in cards.items()} | {UNASSIGNED: say("drift.unassigned")}
    lines = []
    for was, cells in (drift.migration or {}).items():
        chance = (drift.by_chance or {}).get(was, {})
        told = [
            say("drift.line.chance", share=share, chance=chance[to], id=to)
            if to in chance
            else say("drift.line.cell", share=share, id=to)
            for to, share in cells.items()
        ]
        lines.append(say("drift.line.migration", handle=handles.get(was, was), id=was, cells=told))
    return lines


def _publication(folder: Path) -> dict[str, Any]:
    """personas.json of a published folder."""
    content, damaged = published(folder, "personas"), Previous(folder).damaged()
    if content is None and not (folder / "personas.json").is_file():
        raise StudyError(
            f"{folder}: not a publication (no personas.json); give the folder that `personas run` published"
        )
    if damaged:
        raise StudyError(
            f"{folder}: not a publication as it was made (damaged: {', '.join(damaged)}); give one that is whole"
        )
    return content


def _work(folder: Path) -> Path:
    """The work folder that a publication's manifest names, whether or not it is still there."""
    return work_behind(folder) or folder / "nowhere"


def _assignments(folder: Path) -> pd.DataFrame | None:
    """Who had which persona in a publication; None where its work folder is gone."""
    return table_of(_work(folder), MEMBERS)


def _scored(old: Path, new: Path) -> Scored | None:
    """The newer publication's customers by the older one's model; None where one of the two is gone."""
    model, work = published(old, "model"), _work(new)
    customers, survey = kept(work, "customers", Customers), kept(work, "survey", Survey)
    if model is None or not model["ids"] or (customers is None and survey is None):
        return None
    return score(model, customers, survey)


def _shifts(old: Path, new: Path, *ends: str | None) -> tuple[str | None, list[Shift]]:
    """The changes between the last days of two publications, by the sales that the newer one read."""
    model, tables = published(old, "model"), kept(_work(new), "tables", LoadedTables)
    if tables is None or None in ends:
        return None, []
    return earliest(model, tables.frames.get("sales"), [ends[0]], dt.date.fromisoformat(ends[1]))
