"""What a study adds of its own: features, beliefs and claims, in the Python files of a folder that study.yml names.

``own: own/`` in study.yml names the folder, and nothing that it does not name is ever run. Each file stands alone and
may have these, as plain data::

    FEATURES = [OwnFeature(...)]    one number for each customer, told and compared on every card
    BELIEFS = [Belief(...)]         put to the test beside all others of the page
    CARD_CLAIMS = [function]        of the evidence, to claims for each group's card

A mistake in such a file is a fault of the user's, told by file and line.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from helpers.columns import TABLES, Unit, circular, feature
from helpers.contracts import Role, Section, StudyError, UserFault
from helpers.study import Study

NAMES = ("FEATURES", "BELIEFS", "CARD_CLAIMS")


@dataclass(frozen=True)
class OwnFeature:
    """A number for each customer that a study computes itself.

    made : a function of ``orders`` (one row an order before ``holdout_from``: customer_id, order_id, ordered_at,
    amount, lines, units, channel, discounted, coupon), ``lines`` (the order lines behind them) and ``customers`` (the
    attributes of everybody), as many of the three as it names, that returns a Series by customer_id. label : what a
    sentence calls it. made_of : the columns that it follows from. outcome : it may be tested between the personas where
    none of ``made_of`` had a part in making them; else it is described.
    """

    name: str
    made: Callable[..., Any]
    label: str
    unit: Unit = "count"
    section: Section = "habits"
    made_of: tuple[str, ...] = ()
    outcome: bool = False

    def role(self, defining: Iterable[str]) -> Role:
        """Whether it may be tested between personas that these columns made."""
        free = self.outcome and self.made_of and not any(circular(name, tuple(defining)) for name in self.made_of)
        return "held out" if free else "defining"


@dataclass(frozen=True)
class Own:
    """What the files of a study's own folder declare."""

    features: tuple[OwnFeature, ...] = ()
    beliefs: tuple[Any, ...] = ()
    card_claims: tuple[Callable[..., Any], ...] = ()


def own_of(study: Study) -> Own:
    """What the study adds; nothing where its study.yml names no folder.

    Raises StudyError for a file that cannot be run, with its line, and for what is declared but cannot be.
    """
    files = study.own_files()
    found: dict[str, list[Any]] = {name: [] for name in NAMES}
    for file in files:
        module = _run(file, file.read_text(encoding="utf-8"))
        for name in NAMES:
            declared = getattr(module, name, ())
            if not isinstance(declared, (list, tuple)):
                raise StudyError(f"{file}: {name} must be a list, not {declared!r}")
            found[name] += declared
    _check(files, found)
    return Own(*(tuple(found[name]) for name in NAMES))


@lru_cache(maxsize=64)
def _run(file: Path, text: str) -> ModuleType:
    """The file as a module of its own: what is hashed is what runs, and nothing is written beside it."""
    module = ModuleType(f"own_{file.stem}")
    module.__file__ = str(file)
    try:
        exec(compile(text, str(file), "exec"), module.__dict__)  # study.yml names it: the README says what that means
    except Exception as fault:
        raise _told(fault, [file]) from fault
    return module


def called(
    study: Study, function: Callable[..., Any], *given: Any, passing: tuple[type, ...] = (), **named: Any
) -> Any:
    """The result of a function of the study's own. Raises StudyError for whatever it raises, with its line, but for
    faults that are told already and those ``passing``."""
    try:
        return function(*given, **named)
    except (UserFault, *passing):
        raise
    except Exception as fault:
        raise _told(fault, study.own_files()) from fault


def _told(fault: Exception, files: list[Path]) -> StudyError:
    names = {str(file) for file in files}
    frames = [frame for frame in traceback.extract_tb(fault.__traceback__) if frame.filename in names]
    at = (frames[-1].filename, frames[-1].lineno) if frames else (str(files[0].parent), None)
    if isinstance(fault, SyntaxError):
        at = (str(fault.filename), fault.lineno)
    line = "" if at[1] is None else f", line {at[1]}"
    said = fault.msg if isinstance(fault, SyntaxError) else fault
    return StudyError(f"{at[0]}{line}: {type(fault).__name__}: {said}")


def _check(files: list[Path], found: dict[str, list[Any]]) -> None:
    """Raise StudyError for features that are none, or are called as another column is."""
    where = files[0].parent if files else ""
    names = []
    for one in found["FEATURES"]:
        if not isinstance(one, OwnFeature):
            raise StudyError(f"{where}: FEATURES holds {one!r}, where each must be an OwnFeature(name, made, label)")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", one.name) or feature(one.name) or one.name in TABLES["customers"]:
            raise StudyError(f"{where}: the feature {one.name!r} needs a name of its own: a-z, 0-9 and _")
        for part in (part for part in one.made_of if feature(part) is None):
            raise StudyError(f"{where}: {one.name}: made_of names {part!r}, and there is no such feature")
        names.append(one.name)
    if twice := {name for name in names if names.count(name) > 1}:
        raise StudyError(f"{where}: two features are called {', '.join(sorted(twice))}")
    for one in (one for one in found["CARD_CLAIMS"] if not callable(one)):
        raise StudyError(f"{where}: CARD_CLAIMS holds {one!r}, where each must be a function of the evidence")
