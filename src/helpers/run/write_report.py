"""What a run publishes, from the results and executed notebooks of its work folder."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

from helpers.contracts import BELIEF_ROOMS
from helpers.files import read_json
from helpers.read.quality import publishable
from helpers.report.site import Report, strict_json, write_site
from helpers.run.session import write
from helpers.run.stages import Session
from helpers.study import Study
from helpers.types.identity import ids_used
from helpers.types.placing_sql import as_sql, reads_and_gives


def write_publication(study: Study, work: Path, build: Path, run_id: str) -> None:
    """Write what a run publishes into ``build``."""
    session = Session("", study, work, {})
    made, found, known, words = session["cards"], session["personas"], session["customers"], session.words
    before = session.previous.published("personas")
    write(session, "assignments.csv", "assignments.parquet")
    replaced = (read_json(session.previous.folder / "personas.json") or {}).get("run_id") if before else None
    model = json.loads(strict_json(found.model))  # the numbers as published
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
        accounts=publishable(session["tables"].accounts, study.privacy.min_cell),
        drift=dataclasses.replace(session["drift"], previous=replaced),
        model=found.model,
        sql=as_sql(model, map(words.tell, reads_and_gives(model))),
        period=None if known is None else known.period,
        totals=session["totals"],
        ids_used=tuple(ids_used(before, [card.id for card in made.cards])),
        customer_map=session["customer_map"],
    )
    write_site(words.told(report), sorted((work / "notebooks").glob("[0-9][0-9]_*.ipynb")), build)
