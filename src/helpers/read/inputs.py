"""What goes into a study, and how it stands now: its files by their content, tables of databases by a fingerprint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers.files import file_hash
from helpers.study import Study


@dataclass(frozen=True)
class Input:
    """A file, or a table of a database (``file`` is None then): what it is for, how it is shown, what it holds."""

    name: str
    file: Path | None
    shown: str
    sha256: str


def inputs(study: Study, known: Mapping[str, str] | None = None) -> Iterator[Input]:
    """study.yml, every file that it names, and every table of a database.

    known : fingerprints of tables of databases, which need not be asked for them again.

    Raises OSError for a file that cannot be read, DataError for a database that refuses.
    """
    for name, file in study.files().items():
        yield Input(name, file, str(file), file_hash(file))
    for name, source in study.tables.given().items():
        if source.connection:  # seconds of imports, which files do without
            from helpers.opening.database_tables import fingerprint
            from helpers.read.load import needed_columns

            found = (known or {}).get(name)
            found = found or fingerprint(source.connection, study.folder, needed_columns(study, name, source))
            yield Input(name, None, source.connection.shown, found)
