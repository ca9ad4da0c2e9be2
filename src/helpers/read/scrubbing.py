"""Free text without personal data, before anything is kept: what no result holds cannot leak from one."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.harmless import scrub
from helpers.names import stems
from helpers.read.load import LoadedTables, load_tables
from helpers.study import Study

FREE_TEXT = {"interviews": ["text"], "service": ["text"], "steps": ["error"]}
NAMES = ["name", "surname"]
"""Columns of the customers table that serve to find names in texts, and are then left out."""


def read_tables(study: Study) -> LoadedTables:
    """The study's tables, read and checked, their texts without personal data. Raises DataError."""
    return scrub_tables(load_tables(study), study)


def scrub_tables(tables: LoadedTables, study: Study) -> LoadedTables:
    """The tables with open answers, interviews, reviews and messages of errors scrubbed, and without customers' names.

    Names of customers and those that the study lists (``privacy.names``) are taken out in all their cases, others as
    far as a rule can tell them (``helpers.names``).
    """
    frames = dict(tables.frames)
    customers = frames.get("customers", pd.DataFrame())
    columns = [name for name in NAMES if name in customers]
    known = stems([*study.privacy.names, *(name for column in columns for name in customers[column].dropna())])
    if columns:
        frames["customers"] = customers.drop(columns=columns)
    source = study.tables.survey
    asked = [question.column for question in source.open_ended.values()] if source else []
    headers = [source.columns.get(name, name) for name in asked] if source else []
    for table, texts in {**FREE_TEXT, "survey": [*asked, *headers]}.items():
        if table in frames:
            frame = frames[table]
            clean = {name: _scrubbed(frame[name], known) for name in dict.fromkeys(texts) if name in frame}
            frames[table] = frame.assign(**clean)
    return replace(tables, frames=frames)


def _scrubbed(texts: pd.Series, known: frozenset[str]) -> pd.Series:
    """Each different text scrubbed once."""
    return texts.map({text: scrub(text, known) for text in texts.dropna().unique()}).astype(texts.dtype)
