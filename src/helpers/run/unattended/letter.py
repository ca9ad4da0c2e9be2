"""What whoever is responsible is told of a run that nobody watched: what came out, what changed, where to look."""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.contracts import UserFault
from helpers.previous import manifest_of, published
from helpers.run.kernels.processes import is_alive
from helpers.run.publish import place_of, versions_folder
from helpers.run.unattended.journal import LOG
from helpers.run.unattended.prune import needed, work_folders
from helpers.study import load_study
from helpers.words import Text, Words, say

PUBLISHED, DRIFT = 0, 4
KNOWN_CODES = (1, 2, 3, 73, 75, 124, 130, 137, 143)
LAST_LINES = 20
_EMAIL = re.compile(r"[^\s<>\"'@]+@[^\s<>\"'@]+")
_CONTROLS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Letter:
    """subject : one line. verdict : published, drift, failed. code : of the run. changes : a line per persona.
    page : the report that stands now, None where there is none. lines : the last ones of the log."""

    study: str
    verdict: str
    code: int
    subject: str
    text: str
    changes: tuple[str, ...]
    page: str | None
    lines: tuple[str, ...]


def came_out(publication: Path) -> Text:
    """What a publication found, in a line: its personas with their shares, or why there are none; empty if unknown."""
    found = published(publication, "personas") or {}
    cards = [card for card in found.get("personas", []) if card.get("kind") == "persona"]
    if cards:
        named = [say("letter.persona", handle=card["handle"], share=card["size"]["share"]) for card in cards]
        return say("letter.came_out", n=len(cards), personas=named)
    statement = (found.get("structure") or {}).get("statement")
    return say("letter.no_personas", statement=statement) if statement else ""


def what_changed(out: Path) -> list[Text]:
    """A line per group of the publication at ``out``: its share now and before; groups that are gone by their name."""
    drift, now = published(out, "drift") or {}, _handles(out)
    then = _handles(versions_folder(out) / str(drift.get("previous")))
    lines: list[Text] = []
    for match in drift.get("matches", []):
        redrawn = match["id"] in drift.get("redrawn", [])
        fate = "redrawn" if redrawn else "new" if match["previous_id"] is None else "match"
        shares = {"share": match["share"], "previous": match["previous_share"]}
        lines.append(say(f"drift.line.{fate}", handle=now.get(match["id"], match["id"]), id=match["id"], **shares))
    for fate in ("retired", "dissolved"):
        lines += [say(f"drift.line.{fate}", handle=then.get(gone, gone), id=gone) for gone in drift.get(fate, [])]
    return lines if drift.get("previous") else []


def write_letter(
    study: Path, code: int | None, said: str | None = None, out: Path | None = None, runs: Path | None = None
) -> Letter:
    """The letter on a run that ended with ``code``; None is the newest run's own.

    Parameters
    ----------
    study : as it was given to the run; one that cannot be read is told by its name.
    said : what the command printed: it names the run that it was, and is all there is of one that never began.
    """
    words, name = Words(), _name(study)
    out = place_of(out or Path("personas") / name)
    folders = work_folders(Path(os.path.abspath(runs or Path("runs") / name)), name)
    work = next(iter(needed(out)), None) if code in (PUBLISHED, DRIFT) else _work_of(folders, code, said)
    made = (manifest_of(work) or {}) if work else {}
    if code is None:
        code = made.get("exit_code") if made.get("exit_code") is not None else 137 if work else 1
        if said is not None and code in (PUBLISHED, DRIFT):  # the newest run is another than the one that failed
            code, work, made = 1, None, {}
    verdict = {PUBLISHED: "published", DRIFT: "drift"}.get(code, "failed")
    page = out / "index.html" if (out / "index.html").is_file() else None
    changes = tuple(map(words.tell, what_changed(out))) if verdict == "drift" else ()
    subject = words.say(f"letter.subject.{verdict}", study=name, code=code)
    log = _last_lines(work / LOG) if work else ()
    lines = log or tuple(_clean(said or "").splitlines()[-LAST_LINES:])
    parts = [subject, *(_published if verdict != "failed" else _failed)(out, code, made)]
    parts += ["\n".join(changes)] if changes else []
    parts.append(words.say("letter.page", page=str(page)) if page else words.say("letter.nothing"))
    if lines:
        head = words.say("letter.log", log=str(work / LOG)) if log else words.say("letter.said")
        parts.append("\n".join([head, *(f"    {line}" for line in lines)]))
    text = "\n\n".join(words.tell(part) for part in parts if part) + "\n"
    return Letter(name, verdict, code, subject, text, changes, str(page) if page else None, lines)


def _published(out: Path, code: int, made: dict[str, Any]) -> list[Text]:
    statement = (published(out, "drift") or {}).get("statement", "") if code == DRIFT else ""
    return [statement, came_out(out)]


def _failed(out: Path, code: int, made: dict[str, Any]) -> list[Text]:
    known = say(f"letter.code.{code}" if code in KNOWN_CODES else "letter.code.other", code=code)
    stands = (manifest_of(out) or {}).get("finished_at") or ""
    try:
        when = dt.date.fromisoformat(stands[:10])
    except ValueError:  # nothing was published, or its manifest is damaged
        when = None
    return [_clean(made.get("reason") or ""), known, say("letter.stands", day=when) if when else ""]


def _name(study: Path) -> str:
    """The study's name; that of its folder where study.yml cannot be read."""
    try:
        return load_study(study).study
    except (UserFault, OSError):
        whole = Path(os.path.abspath(study))
        return (whole.parent if whole.suffix in (".yml", ".yaml") else whole).name


def _work_of(folders: list[Path], code: int | None, said: str | None) -> Path | None:
    """The work folder of the run that ended: the one that it named, else the newest if it ended so or was killed."""
    for folder in folders:
        if said and folder.name in said:
            return folder
    for folder in folders[:1]:
        made = manifest_of(folder) or {}
        killed = made.get("status") == "running" and not is_alive(made.get("process") or {})
        if killed or (not said and code in (None, made.get("exit_code"))):
            return folder
    return None


def _handles(publication: Path) -> dict[str, str]:
    return {card["id"]: card["handle"] for card in (published(publication, "personas") or {}).get("personas", [])}


def _last_lines(file: Path) -> tuple[str, ...]:
    try:
        return tuple(_clean(file.read_text(encoding="utf-8", errors="replace")).splitlines()[-LAST_LINES:])
    except OSError:
        return ()


def _clean(text: str) -> str:
    """Text without what could steer a terminal or a mail program, and without e-mails: a letter leaves the house."""
    return _EMAIL.sub("[e-mail]", _CONTROLS.sub("", text))
