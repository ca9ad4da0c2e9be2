"""What a run publishes, from the results and executed notebooks of its work folder."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

from helpers.changed import Drift
from helpers.contracts import BELIEF_ROOMS
from helpers.files import read_json
from helpers.pages.site import Report, strict_json, write_site
from helpers.pages.workbook import as_xlsx
from helpers.previous import Previous
from helpers.read.quality import publishable
from helpers.run.session import changed, write
from helpers.run.stages import Session
from helpers.since.identity import ids_used
from helpers.study import Study
from helpers.types.placing_sql import as_sql, reads_and_gives


def write_publication(study: Study, work: Path, build: Path, run_id: str) -> None:
    """Write what a run publishes into ``build``."""
    session = Session("", study, work, {})
    made, found, known, words = session["cards"], session["personas"], session["customers"], session.words
    before = session.previous.published("personas")
    write(session, "assignments.csv", "assignments.parquet")
    replaced = (read_json(session.previous.folder / "personas.json") or {}).get("run_id") if before else None
    model = json.loads(strict_json(found.model))  # the numbers as published
    ran = executed(work)
    report = Report(
        study=study,
        run_id=run_id,
        as_of=study.window.as_of if known is None else known.period.as_of,
        created=dt.datetime.now(dt.UTC).date(),
        structure=found.structure,
        method=found.method,
        coverage=made.coverage,
        cards=made.cards,
        hypotheses=tuple(result for room in BELIEF_ROOMS for result in session[room].results),
        accounts=publishable(session["tables"].accounts, session["tables"].frames, study.privacy.min_cell),
        drift=_under_run_ids(session["drift"], session.previous, replaced),
        model=found.model,
        sql=as_sql(model, map(words.tell, reads_and_gives(model))) if model["ids"] else None,
        period=None if known is None else known.period,
        totals=session["totals"],
        ids_used=tuple(ids_used(before, [card.id for card in made.cards])),
        changed=changed(session, ran),
        customer_map=session["customer_map"],
    )
    write_site(words.told(report), ran, build)
    if (tables := as_xlsx(session["crosstabs"], words)) is not None:
        (build / "tables.xlsx").write_bytes(tables)


def executed(work: Path) -> list[Path]:
    """The notebooks that a run has executed, its own last; what failed or was left half has a second ending."""
    return sorted(file for file in (work / "notebooks").glob("*.ipynb") if "." not in file.stem)


def _under_run_ids(drift: Drift, previous: Previous, replaced: str | None) -> Drift:
    """The run ids of the publication that was replaced, and of that since which changes are counted."""
    since = drift.since
    if since is not None:
        told = (previous.published("drift") or {}).get("since") or {}
        ends = (previous.published("personas") or {}).get("as_of")
        earlier = told.get("run_id") if told.get("as_of") == since.as_of and since.as_of != ends else replaced
        since = dataclasses.replace(since, run_id=earlier)
    return dataclasses.replace(drift, previous=replaced, since=since)
