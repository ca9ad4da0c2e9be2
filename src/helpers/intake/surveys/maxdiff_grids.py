"""MaxDiff as most form tools write it: a column for each item, with the best of a row marked and the worst."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.sources import BestWorst
from helpers.text import folded

NAME = "best_worst"


def best_and_worst(columns: pd.DataFrame) -> bool:
    """Whether each row marks one of several columns as the best and one as the worst, and leaves the others empty."""
    given = columns.apply(folded)
    answers = set(given.stack().dropna().unique())
    words = (BestWorst.model_fields[name].default for name in ("best", "worst"))
    pairs = map(set, zip(*words, strict=True))
    if columns.shape[1] < 3 or not any(answers == pair for pair in pairs):
        return False
    one, other = sorted(answers)
    rows = given.notna().any(axis=1)
    return bool((((given == one).sum(axis=1) == 1) & ((given == other).sum(axis=1) == 1))[rows].mean() > 0.9)


def exercise(columns: list[str], grids: dict[str, dict[str, str]]) -> dict[str, Any] | None:
    """The exercise that grids (question -> item: header) make; None where they do not hold all columns of choices."""
    if not columns or {header for options in grids.values() for header in options.values()} != {*columns}:
        return None
    return {"tasks": [{"columns": options} for options in grids.values()]}
