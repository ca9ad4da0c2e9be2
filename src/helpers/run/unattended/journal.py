"""What a run leaves of its progress: run.log for people, run.jsonl for machines, and a count for who watches."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from helpers.run.kernels.notebooks import Event
from helpers.run.manifest import now

LOG, EVENTS = "run.log", "run.jsonl"


def add_line(work: Path, text: str) -> None:
    """A line for people; a full disk must not hide how the run goes on."""
    _append(work / LOG, f"{_moment()} {text.rstrip()}")


def add_event(work: Path, event: str, **facts: Any) -> None:
    """An object for machines, one a line: time, event, and what belongs to it."""
    _append(work / EVENTS, json.dumps({"time": _moment(), "event": event, **facts}, ensure_ascii=False))


def journal(work: Path, notebooks: int, on_event: Callable[[Event], None]) -> Callable[[Event], None]:
    """``on_event``, told also how many of the ``notebooks`` are over; whatever is more than a cell is written down."""
    over = 0

    def told(event: Event) -> None:
        nonlocal over
        over += event.kind == "end"
        event = replace(event, number=over, of=notebooks)
        if event.kind in ("start", "end"):
            add_line(work, f"{event.name}: {event.kind} {event.status}")
            facts = {"notebook": event.name, "status": event.status or "started", "seconds": event.seconds}
            add_event(work, event.kind, **facts, number=over, of=notebooks)
        elif event.kind == "phase":
            add_event(work, "phase", status=event.name)
        on_event(event)

    return told


def _moment() -> str:
    return now().isoformat(timespec="seconds")


def _append(file: Path, line: str) -> None:
    with suppress(OSError), file.open("a", encoding="utf-8") as log:
        log.write(f"{line}\n")
