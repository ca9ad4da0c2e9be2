"""The graph of the notebooks, derived from what their cells name: nobody keeps a list of it.

A notebook owns the stages that no earlier one comes to, and needs the notebooks that own what its own follow from.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from pathlib import Path

from helpers.run import parameters
from helpers.run.kernels.notebooks import Graph
from helpers.run.stages import answers, exhibits, files, follows_from, needed
from helpers.wings import arguments


def notebook_graph(folder: Path, own: Iterable[Path] = ()) -> Graph:
    """Every notebook of a folder, in the order of their numbers, and those whose results it needs.

    A study's ``own`` notebooks may ask for anything, so each needs all of those.
    """
    owner: dict[str, str] = {}
    graph: Graph = {}
    for file in parameters.in_a_run(folder):
        stages = stages_of(file)
        for stage in stages:
            owner.setdefault(stage, file.stem)
        graph[file.stem] = tuple(sorted({owner[stage] for stage in stages} - {file.stem}))
    every = tuple(graph)
    return graph | {file.stem: every for file in own}


def stages_of(notebook: Path) -> set[str]:
    """The stages that a notebook comes to: those that its cells name, and all before them."""
    found: set[str] = set()
    for name, given in _calls(notebook):
        if name == "answer":
            found |= _behind(answers()[notebook.stem])
        for text in given:
            if name == "show":
                exhibit = exhibits()[text]
                found |= _behind(exhibit.of or exhibit.by)
            elif name == "write":
                found |= _behind(files()[text])
            elif name in ("tell", "session"):
                found |= _behind(text)
    return found


def written_by(notebook: Path) -> tuple[str, ...]:
    """The files that a notebook leaves in the work folder under another name than its own."""
    return tuple(text for name, given in _calls(notebook) if name == "write" for text in given)


def _behind(source: str) -> set[str]:
    """The stages behind ``module:function`` or ``stage.field``."""
    if ":" in source:
        return set().union(*map(needed, arguments(source).needs))
    return follows_from(source.partition(".")[0])


def _calls(notebook: Path) -> list[tuple[str, list[str]]]:
    """The names of the functions that a notebook calls, with the texts given to them, and ``session["stage"]``."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.append((node.func.id, [arg.value for arg in node.args if isinstance(arg, ast.Constant)]))
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            found.append((getattr(node.value, "id", ""), [node.slice.value]))
    return found
