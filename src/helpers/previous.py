"""The publication that a run will replace, and the work folder that it came from, as stages see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.files import file_hash, read_json, text_hash

A_YEAR = dt.timedelta(days=365)
MEMBERS = "tables/personas.assignments"
"""Who is on which card, in a work folder; the file for the CRM places people by what has become known since."""


@dataclass(frozen=True)
class Previous:
    """``folder`` of the publication; None on a first run, and in a notebook that is run alone."""

    folder: Path | None

    def published(self, name: str) -> dict[str, Any] | None:
        """One of its JSON files, without the run id, which says nothing about what was found."""
        found = read_json(self.folder / f"{name}.json") if self.folder else None
        return found and {**found, "run_id": ""}

    def ends(self) -> tuple[str, ...]:
        """The last days of the reports that a change may be counted from, the earliest first: that since which none was
        told, and the previous one. None older than a year."""
        last = (self.published("personas") or {}).get("as_of")
        if last is None:
            return ()
        drift = self.published("drift") or {}
        since = (drift.get("since") or {}).get("as_of") if not drift.get("alert") else None
        oldest = (dt.date.fromisoformat(last) - A_YEAR).isoformat()
        return tuple(sorted({last, *([since] if since and since >= oldest else [])}))

    def table(self, name: str) -> pd.DataFrame | None:
        """A table of its work folder; None where that is gone."""
        file = self._file(name)
        return pd.read_parquet(file) if file else None

    def content(self) -> str:
        """Hash of all that stages take from it."""
        files = map(self._file, (MEMBERS, "tables/negative.members"))
        hashes = [file and file_hash(file) for file in files]
        published = map(self.published, ("personas", "model", "hypotheses"))
        return text_hash([*published, self.ends(), hashes])

    def _file(self, name: str) -> Path | None:
        made_in = (read_json(self.folder / "manifest.json") or {}).get("work") if self.folder else None
        file = Path(made_in) / f"{name}.parquet" if made_in else None
        return file if file and file.is_file() else None
