"""How far a long reading has come: who reads says so, and who sits at the terminal may listen; mostly nobody does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

STEP = 100_000
"""Rows between two reports: what is read sooner is told of by nobody."""


@dataclass(frozen=True)
class Come:
    """So many rows of a file or table are read, which is ``share`` of it where that is known; or they are checked."""

    path: str
    rows: int
    share: float | None = None
    doing: Literal["read", "check"] = "read"


Listener = Callable[[Come], None]
_listening: list[Listener] = []


def come(path: str, rows: int, share: float | None = None, doing: Literal["read", "check"] = "read") -> None:
    """Tell whoever listens."""
    for listener in _listening:
        listener(Come(path, rows, share, doing))


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Inside, ``listener`` is told."""
    _listening.append(listener)
    try:
        yield
    finally:
        _listening.remove(listener)
