"""The wings: rooms that declare what they add to the spine, found by their place; nowhere is there a list of them.

A wing is a folder of this package whose ``__init__`` has one of these, as plain data and without a heavy import:

STAGES : name -> "module:function", what it computes; arguments are other stages, by their names.
TUNED_BY : stage -> the notebook whose parameters its keyword-only arguments are.
EXHIBITS : id -> Exhibit, what notebooks show of it.
ANSWERS : notebook -> "module:function" that tells what was found, as messages.
FILES : name of a file for the analyst's work folder -> the way to the table that it holds.
BELIEFS : the beliefs that it puts to the test.
CARD_CLAIMS : "module:function" that hands claims, quotes or whole cards to the cards.
PUBLISHED : "module:function" that makes rows of published figures beside ours, for the notebook of proof.
CHECKS : "module:function" that says, before anything is computed, what of it could not be.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import helpers


def declared(name: str) -> list[Any]:
    """What every wing declares under a name, in the order of the alphabet."""
    rooms = (importlib.import_module(f"helpers.{room.name}") for room in _rooms())
    return [getattr(room, name) for room in rooms if hasattr(room, name)]


def merged(name: str) -> dict[str, Any]:
    """The mappings that the wings declare under a name, as one. Raises ValueError where two declare the same."""
    found: dict[str, Any] = {}
    for part in declared(name):
        if twice := found.keys() & part.keys():
            raise ValueError(f"two wings declare {name} {', '.join(sorted(twice))}")
        found |= part
    return found


def _rooms() -> list[pkgutil.ModuleInfo]:
    return [room for room in pkgutil.iter_modules(helpers.__path__) if room.ispkg]


resolve = pkgutil.resolve_name
"""``module:function`` as the function; its room is imported only now."""


@dataclass(frozen=True)
class Arguments:
    """What a function takes: by name from elsewhere, and keyword-only what a notebook tunes."""

    needs: tuple[str, ...]
    tuned: tuple[str, ...]


@cache
def arguments(place: str) -> Arguments:
    """The parameters of ``module:function``, or the fields of a dataclass, read without importing it."""
    module, _, name = place.partition(":")
    source = Path(importlib.util.find_spec(module).origin).read_text(encoding="utf-8")
    found = next(node for node in ast.parse(source).body if getattr(node, "name", "") == name)
    if isinstance(found, ast.ClassDef):
        return Arguments(tuple(node.target.id for node in found.body if isinstance(node, ast.AnnAssign)), ())
    return Arguments(tuple(a.arg for a in found.args.args), tuple(a.arg for a in found.args.kwonlyargs))
