"""Opens the user's files, and nothing else does: bytes to text columns, exactly, then to checked canonical tables."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.contracts import FileAccount
from helpers.study import Study


@dataclass(frozen=True)
class LoadedTables:
    """The canonical tables of a study and the account of every file.

    ``frames`` maps a table name to its rows that may be used. Kinds of contracts.TABLES become dtypes: id and text
    ``str`` (missing: NaN), time ``datetime64[us]`` without zone, number ``float64``, flag ``boolean``. Columns are only
    those of the contract that the file has, and those that the study names (survey questions and attributes, under the
    user's own header, as ``str``).
    """

    frames: dict[str, pd.DataFrame]
    accounts: tuple[FileAccount, ...]


def load_tables(study: Study) -> LoadedTables:
    """Read and check every table that the study declares. Raises DataError."""
    raise NotImplementedError
