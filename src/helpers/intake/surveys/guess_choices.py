"""A choice exercise (conjoint), recognised by its headers: one row per alternative of a task."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.intake.surveys.survey_columns import header_words, is_one_of

PARTS = {"respondent_id": "respondent_ids", "task": "tasks", "alternative": "alternatives", "chosen": "choices"}
"""Our columns, and the lists of what others call them."""


def look_at_choices(frame: pd.DataFrame) -> tuple[dict[str, str], dict[str, Any]] | None:
    """Our columns (ours: theirs) and the keys of study.yml for a choice exercise; None for another table.

    Everything that is neither of the four columns is an attribute of the alternatives.
    """
    columns: dict[str, str] = {}
    for ours, listed in PARTS.items():
        header = next((h for h in frame if h not in columns.values() and is_one_of(h, listed)), None)
        if header is not None:
            columns[ours] = header
    attributes = [header for header in frame if header and header not in columns.values()]
    if not {"respondent_id", "task", "chosen"} <= set(columns) or not 1 <= len(attributes) <= 12:
        return None
    rows = frame.groupby([columns["respondent_id"], columns["task"]]).size()
    if not 2 <= rows.median() <= 12 or len(rows) < 10:
        return None
    keys: dict[str, Any] = {"attributes": attributes}
    price = next((header for header in attributes if header_words(header).startswith(("price", "цена", "preis"))), None)
    return columns, keys | ({"price": price} if price else {})
