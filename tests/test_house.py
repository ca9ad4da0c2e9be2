"""The house: imports run downward, wings hang on the spine and never on one another, and no room grows too large."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "helpers"
SPINE = ("written", "opening", "answers", "read", "customers", "survey", "types", "since", "cards", "designs",
         "beliefs", "report", "pages", "run", "desk")  # fmt: skip
"""The rooms of the spine, from the ground up."""
FILES = sorted(PACKAGE.rglob("*.py"))
LINES, ROOM = 400, 14


def rooms() -> list[str]:
    return sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def room_of(name: str) -> str:
    """The room of a module of the package, empty for the ground floor."""
    first, _, rest = name.partition(".")
    return first if rest or first in rooms() else ""


def imports(file: Path) -> set[str]:
    """The modules of the package that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "helpers":
            inside = node.module.removeprefix("helpers").removeprefix(".")
            found |= {f"{inside}.{name.name}" if inside in ("", *rooms()) else inside for name in node.names}
    return {name.strip(".") for name in found}


def wings() -> list[str]:
    return [room for room in rooms() if room not in SPINE]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_run_downward_and_no_wing_imports_a_wing(file):
    own = file.relative_to(PACKAGE).parts
    here = own[0] if len(own) > 1 else ""
    if here == "" and own[0] in ("cli.py", "cli_plan.py", "cli_scale.py", "__main__.py", "__init__.py"):
        return  # the door
    for name in imports(file):
        there = room_of(name)
        if here in SPINE:
            assert there == "" or there in SPINE[: SPINE.index(here) + 1], f"{here} imports {name}"
        elif here == "":
            assert there == "", f"the ground floor imports {name}"
        else:
            assert there in ("", here, *SPINE), f"the wing {here} imports {name}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_file_is_one_room(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LINES


def test_a_room_has_about_a_dozen_files():
    sizes = {room: len(list((PACKAGE / room).glob("*.py"))) - 1 for room in rooms()}
    assert {room: size for room, size in sizes.items() if size > ROOM} == {}


def test_no_two_files_have_one_name():
    names = [file.stem for file in FILES if file.stem != "__init__"]
    twice = {name for name in names if names.count(name) > 1}
    assert twice <= {"exhibits", "findings", "figures", "tables"}  # what every wing may have of its own


def test_no_analysis_takes_the_voice_of_a_report():
    """Sentences are made where they are shown: in report/ and run/, by the command line, and by figures."""
    shows = {"report", "pages", "run", "desk"}
    other = {"cli", "cli_reading", "words", "figures", "names", "codebook", "topics"}  # or words of those who answer
    taking = [
        f"{file.relative_to(PACKAGE)}: {node.name}"
        for file in FILES
        if file.parent.name not in shows and file.stem not in other
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        for argument in (*node.args.args, *node.args.kwonlyargs)
        if argument.arg in ("words", "language")
    ]
    assert taking == []
