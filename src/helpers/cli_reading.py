"""What the terminal shows while a large file is read and checked: a bar with rows and time left, or a line a minute."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from helpers.progress import Come, Listener, heard_by
from helpers.words import Said, Words, say

MINUTE = 60.0


@contextmanager
def reading_shown(words: Words, echo: Callable[[str], None]) -> Iterator[None]:
    """Inside, what is read shows itself on standard error; small files are read before anything is shown."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        with heard_by(a_line_a_minute(words, echo)):
            yield
        return
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(TextColumn("{task.description}", markup=False), BarColumn(), console=console, transient=True) as bars:
        tasks: dict[str, int] = {}
        since = time.monotonic()

        def show(come: Come) -> None:
            told = words.tell(told_of(come, time.monotonic() - since))
            task = tasks[come.path] if come.path in tasks else bars.add_task(told, total=None)
            tasks[come.path] = task
            bars.update(task, description=told, completed=come.share or 0, total=1 if come.share else None)

        with heard_by(show):
            yield


def a_line_a_minute(words: Words, echo: Callable[[str], None]) -> Listener:
    """What tells how far it has come, when a minute has gone by since it last did."""
    start = last = time.monotonic()

    def listener(come: Come) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= MINUTE:
            last = now
            echo(f"{dt.datetime.now():%H:%M:%S}  {words.tell(told_of(come, now - start))}")

    return listener


def told_of(come: Come, seconds: float) -> Said:
    """How far it has come after so many seconds, and how many more it will take to read what is left."""
    if come.doing == "check":
        return say("run.reading.check", path=come.path, rows=come.rows)
    if not come.share:
        return say("run.reading.rows", path=come.path, rows=come.rows)
    left = round(seconds * (1 / come.share - 1))
    return say("run.reading.left", path=come.path, rows=come.rows, share=come.share, seconds=left)
