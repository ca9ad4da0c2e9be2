"""Recipes that run a study by the clock, and speak only when there is something to say."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from helpers.contracts import StudyError
from helpers.files import write_text
from helpers.run.publish import NO_WRITING, CannotWrite
from helpers.study import Study
from helpers.text import nearest
from helpers.words import Text, say

System = Literal["cron", "systemd", "airflow", "github"]
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY = ("day", "month", *DAYS)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]+")
_ADDRESSES = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_@!:%+.,-]*")
"""What cron takes behind MAILTO: anything else it refuses when it is too late."""
_SIZES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
LEAST_MEMORY = 512 * 2**20
HOURS_OF_GITHUB = 6
"""GitHub ends a job then, without a word of its own."""
FILES: dict[System, dict[str, str]] = {
    "cron": {"run.sh": "personas-{name}.sh", "tell.sh": "personas-{name}-tell.sh", "crontab": "personas-{name}.cron"},
    "systemd": {
        "service": "personas-{name}.service",
        "timer": "personas-{name}.timer",
        "failed.service": "personas-{name}-failed.service",
        "tell.sh": "personas-{name}-tell.sh",
    },
    "airflow": {"dag.txt": "personas_{slug}.py", "tell.sh": "personas-{name}-tell.sh"},
    "github": {"workflow.yml": ".github/workflows/personas-{name}.yml"},
}
"""Template -> the file that it becomes, for every scheduler."""


@dataclass(frozen=True)
class Recipe:
    """What the caller may choose: when, for whom, and what a run may take.

    to : an address that gets a mail by ``mail``; webhook : one that gets the letter as JSON by ``curl``; without either
    the letter is printed, and the scheduler does with it what it does with output. timeout : seconds. memory : as
    systemd writes it. command : how ``personas`` is called there; folder : from where.
    """

    every: str
    at: str
    system: System
    to: str | None = None
    webhook: str | None = None
    timeout: int = 3600
    memory: str = "4G"
    command: tuple[str, ...] = ()
    folder: Path | None = None


def write_recipe(study: Study, recipe: Recipe, out: Path | None = None) -> tuple[dict[str, str], list[Text]]:
    """The files of a recipe by name, written below ``out`` where it is given; and what to do with them.

    Raises
    ------
    StudyError
        A day, time or address that no scheduler would understand.
    CannotWrite
        ``out`` refuses.
    """
    files = _files(study, recipe, Path(os.path.abspath(out or ".")))
    if out is not None:
        try:
            for name, text in files.items():
                (out / name).parent.mkdir(parents=True, exist_ok=True)
                write_text(out / name, text)
        except OSError as fault:
            code = CannotWrite if fault.errno in NO_WRITING else StudyError
            raise code(f"{out}: cannot be written ({fault.strerror})") from fault
    return files, _next(study, recipe, out)


def _next(study: Study, recipe: Recipe, out: Path | None) -> list[Text]:
    """What to do with the files, when they run by which clock, and what would keep a letter from anybody."""
    facts = {"study": study.study, "folder": str(out or os.path.abspath("."))}
    told = [] if out else [say("schedule.printed", **facts)]
    told.append(say(f"schedule.next.{recipe.system}", **facts))
    if recipe.system == "github":
        root = _repository(_place_of(recipe))
        if out is not None and root is not None and out.resolve() != root.resolve():
            told.append(say("schedule.root", root=str(root)))
    utc = recipe.system in ("airflow", "github")
    told.append(say(f"schedule.zone.{'utc' if utc else 'local'}", at=recipe.at))
    if not utc and (day := skipped_day(_every(recipe.every), *_time(recipe.at))):
        told.append(say(f"schedule.skipped.{recipe.system}", at=recipe.at, day=day))
    if recipe.to and recipe.system in ("systemd", "airflow") and not shutil.which("mail"):
        told.append(say("schedule.no_mail", to=recipe.to))
    if recipe.webhook and recipe.system != "github" and not shutil.which("curl"):
        told.append(say("schedule.no_curl"))
    if not recipe.to and not recipe.webhook and recipe.system in ("systemd", "airflow"):
        told.append(say(f"schedule.nobody.{recipe.system}"))
    return told


def skipped_day(every: str, hour: int, minute: int, today: dt.date | None = None) -> dt.date | None:
    """The first day within a year on which the recipe's time is not there, since clocks are put forward over it."""
    first = today or dt.date.today()
    for day in (first + dt.timedelta(days=ahead) for ahead in range(366)):
        called = every == "day" or (day.day == 1 if every == "month" else DAYS[day.weekday()] == every)
        written = dt.datetime.combine(day, dt.time(hour, minute))
        if called and written.astimezone(dt.UTC).astimezone().replace(tzinfo=None) != written:
            return day
    return None


def _place_of(recipe: Recipe) -> Path:
    return Path(os.path.abspath(recipe.folder or "."))


def _repository(folder: Path) -> Path | None:
    """The root of the repository that ``folder`` lies in, where GitHub looks for workflows and begins their steps."""
    return next((root for root in (folder, *folder.parents) if (root / ".git").exists()), None)


def _files(study: Study, recipe: Recipe, place: Path) -> dict[str, str]:
    hour, minute = _time(recipe.at)
    every = _every(recipe.every)
    _check_limits(recipe)
    github = recipe.system == "github"
    folder = _place_of(recipe)
    folder = (_repository(folder) or folder) if github else folder
    where = _below(study.path, folder) if github else str(study.path.resolve())
    facts = {
        "name": study.study,
        "slug": re.sub(r"\W", "_", study.study),
        "study": where,
        "folder": str(folder),
        "place": str(place),
        "command": ("personas",) if github else recipe.command or _command(),
        "timeout": recipe.timeout,
        "memory": recipe.memory,
        "to": recipe.to,
        "webhook": recipe.webhook,
        "mails": recipe.system != "cron",  # cron mails by itself
        "user": _user(),
        "cron": _cron(every, hour, minute),
        "calendar": _calendar(every, hour, minute),
    }
    for key in ("study", "folder", "place", "webhook"):
        if facts[key] is not None and not _PRINTABLE.fullmatch(facts[key]):
            raise StudyError(f"{key} {facts[key]!r}: a line break, or what is no UTF-8, cannot stand in a recipe")
    templates = _templates()
    return {
        file.format(name=facts["name"], slug=facts["slug"]): templates.get_template(template).render(facts)
        for template, file in FILES[recipe.system].items()
    }


def _check_limits(recipe: Recipe) -> None:
    """Refuse what a scheduler would take, and then not do what it says."""
    if recipe.to and not _ADDRESSES.fullmatch(recipe.to):
        raise StudyError(
            f"--to {recipe.to!r}: give an address such as team@example.org; several are joined by commas without blanks"
        )
    if recipe.webhook and not re.match(r"https?://\S+$", recipe.webhook):
        raise StudyError(f"--webhook {recipe.webhook}: give an address that begins with https://")
    size = re.fullmatch(r"(\d+)([KMGT]?)", recipe.memory)
    share = re.fullmatch(r"([1-9]\d?|100)%|infinity", recipe.memory)
    if not share and (size is None or int(size[1]) * _SIZES[size[2]] < LEAST_MEMORY):
        raise StudyError(
            f"--memory {recipe.memory!r}: give 512M or more as systemd writes it, such as 4G, or a share such as 50%"
        )
    if recipe.system == "github" and recipe.timeout > HOURS_OF_GITHUB * 3600 - 1200:
        raise StudyError(
            f"--timeout {recipe.timeout}: GitHub ends a job after {HOURS_OF_GITHUB} hours, letter or not; give at most "
            f"{HOURS_OF_GITHUB * 3600 - 1200}"
        )


def _user() -> str:
    """Who calls this; by number where the system has no name for them, as in many a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # before Python 3.13 the one, since then the other
        return str(os.getuid())


def _templates() -> Environment:
    """The templates, with a quoting for every language that a path is written into."""
    made = Environment(
        loader=PackageLoader("helpers.run.unattended"), undefined=StrictUndefined, keep_trailing_newline=True,
        variable_start_string="<%", variable_end_string="%>", block_start_string="<[", block_end_string="]>",
        comment_start_string="<!", comment_end_string="!>", trim_blocks=True,
    )  # fmt: skip
    quoting: dict[str, Callable[..., str]] = {
        "sh": _sh, "crontab": lambda text: _sh(text).replace("%", r"\%"), "unit": _unit, "plain_unit": _plain_unit,
        "python": json.dumps,
    }  # fmt: skip
    made.filters |= quoting
    return made


def _sh(value: str | tuple[str, ...]) -> str:
    return shlex.join((value,) if isinstance(value, str) else value)


def _unit(value: str | tuple[str, ...]) -> str:
    """Words of a command in a unit of systemd, where ``%`` and ``$`` mean something even between quotes."""
    words = (value,) if isinstance(value, str) else value
    if not isinstance(value, str) and not re.fullmatch(r"[\w/.+-]+", words[0]):
        words = ("/usr/bin/env", *words)  # systemd takes no program with a blank or a quote in its name
    escaped = (re.sub(r'(["\\])', r"\\\1", word).replace("%", "%%").replace("$", "$$") for word in words)
    return " ".join(f'"{word}"' if re.search(r"[\s'\";]", word) or not word else word for word in escaped)


def _plain_unit(value: str) -> str:
    """A path in a unit that is no command."""
    return value.replace("%", "%%")


def _command() -> tuple[str, ...]:
    """``personas`` as it lies beside this Python."""
    beside = Path(sys.executable).with_name("personas")
    return (str(beside),) if beside.is_file() else (sys.executable, "-m", "helpers")


def _below(path: Path, folder: Path) -> str:
    """The study as the repository knows it."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise StudyError(f"{path}: lies outside {folder}; call this in the repository that holds the study")
    return path.resolve().relative_to(folder.resolve()).as_posix()


def _time(at: str) -> tuple[int, int]:
    found = _TIME.fullmatch(at)
    if found is None:
        raise StudyError(f"--at {at}: give hours and minutes, such as 05:15")
    return int(found[1]), int(found[2])


def _every(every: str) -> str:
    word = every.strip().lower()
    if word not in EVERY:
        raise StudyError(f"--every {every}: {nearest(word, EVERY)}")
    return word


def _cron(every: str, hour: int, minute: int) -> str:
    """``15 5 * * 1``; of a month the first day."""
    day, week = "1" if every == "month" else "*", str((DAYS.index(every) + 1) % 7) if every in DAYS else "*"
    return f"{minute} {hour} {day} * {week}"


def _calendar(every: str, hour: int, minute: int) -> str:
    """``Mon *-*-* 05:15:00``, as systemd writes it."""
    week = f"{every[:3].capitalize()} " if every in DAYS else ""
    return f"{week}*-*-{'01' if every == 'month' else '*'} {hour:02d}:{minute:02d}:00"
