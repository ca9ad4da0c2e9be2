"""The parameters of a notebook: read from its one ``parameters`` cell, settled and checked before a kernel starts.

papermill itself only warns about an unknown name, takes any type, and runs whatever stands in a name as code; so the
cell is parsed (never run), only declared names pass, and every value has the declared type. Brackets in the help say
what else is asked of a value: ``(week|month)`` one of these, ``(0..1)`` and ``(1..)`` no less and no more.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from helpers.contracts import StudyError
from helpers.text import spelt_like

Value = bool | int | float | str | list[Any] | None

GIVEN_BY_RUN = ("study", "work")
"""Parameters of every notebook; the run fills them in."""
INJECTED = "# Parameters\n"
"""How the cell begins into which papermill writes the values that it was given."""
_ELSEWHERE = {
    **dict.fromkeys(("seed", "k"), "is shared by several notebooks; set it in study.yml itself"),
    **dict.fromkeys(GIVEN_BY_RUN, "is given by the run; use the command's own options"),
}


@dataclass(frozen=True)
class Parameter:
    """One line of the cell: ``bootstrap: int = 50  # pairs of samples``; ``type`` is the annotation as written."""

    name: str
    type: str
    default: Value
    help: str


def notebooks_folder() -> Path:
    """The notebooks of this checkout (an editable install), else those in the caller's folder. Raises StudyError."""
    for root in (Path(__file__).resolve().parents[3], Path.cwd()):
        if any((root / "notebooks").glob("[0-9][0-9]_*.ipynb")):
            return root / "notebooks"
    raise StudyError("no notebooks found: run personas from the folder that holds notebooks/")


def in_a_run(folder: Path) -> list[Path]:
    """The notebooks of a folder that a run executes, in the order of their numbers; ``00`` is for looking only."""
    return sorted(file for file in folder.glob("[0-9][0-9]_*.ipynb") if not file.name.startswith("00_"))


def own_notebooks(study: Path) -> list[Path]:
    """The notebooks beside a study.yml that have a cell tagged ``parameters``: a run executes and publishes them last.

    Raises StudyError for a name that no file of the report can have, or that a notebook of the suite has already.
    """
    found = []
    for file in sorted(study.parent.glob("*.ipynb")):
        try:
            cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
            tagged = any("parameters" in cell.get("metadata", {}).get("tags", []) for cell in cells)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise StudyError(f"{file}: cannot be read as a notebook ({fault})") from fault
        if not tagged:
            continue
        if not re.fullmatch(r"[\w-]+", file.stem) or file.stem in {
            one.stem for one in notebooks_folder().glob("*.ipynb")
        }:
            raise StudyError(
                f"{file}: an own notebook takes a name of letters, digits, _ and - that no notebook of the suite has; "
                f"rename it, or take the tag parameters from its cell so that it is not run"
            )
        found.append(file)
    return found


def nearest(given: str, names: Iterable[str]) -> str:
    """``; did you mean "bootstrap"?``, or the whole list when nothing is near."""
    names = sorted(names)
    near = spelt_like(given, names)
    return f'; did you mean "{near[0]}"?' if near else f"; there is: {', '.join(names) or 'nothing'}"


def pick_notebook(given: str, names: Iterable[str]) -> str:
    """``04`` or ``04_personas`` as ``04_personas``. Raises StudyError with the nearest name."""
    names = sorted(names)
    hits = [name for name in names if name == given or name.split("_")[0] == given]
    if len(hits) != 1:
        raise StudyError(f'notebook "{given}" is not known{nearest(given, names)}')
    return hits[0]


def notebook_file(given: str, folder: Path) -> Path:
    """The file of a notebook by its name or number. Raises StudyError with the nearest name."""
    return folder / f"{pick_notebook(given, (path.stem for path in folder.glob('*.ipynb')))}.ipynb"


# --- reading the cell --------------------------------------------------------------------------------------------


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """The declared parameters of a notebook, by name and in their order.

    Raises StudyError when the notebook cannot be read, has not exactly one cell tagged ``parameters``, or that cell
    holds anything but ``name: type = literal  # help`` lines.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise StudyError(f"{notebook}: cannot be read as a notebook ({fault})") from fault
    tagged = ["".join(cell["source"]) for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        raise StudyError(f'{notebook.name}: needs exactly one cell tagged "parameters", has {len(tagged)}')
    try:
        statements = ast.parse(tagged[0]).body
    except SyntaxError as fault:
        raise StudyError(f"{notebook.name}: the parameters cell is not Python ({fault})") from fault
    lines = tagged[0].splitlines()
    if ast.get_docstring(ast.Module(statements, [])):
        del statements[0]
    parameters = (_parameter(statement, lines, notebook.name) for statement in statements)
    return {parameter.name: parameter for parameter in parameters}


def _parameter(statement: ast.stmt, lines: list[str], where: str) -> Parameter:
    line = lines[statement.end_lineno - 1]
    named = isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    if not named or statement.value is None:
        raise StudyError(f"{where}: parameters are written `name: type = literal  # help`, not `{line.strip()}`")
    name, kind = statement.target.id, ast.unparse(statement.annotation)
    if kind not in _KINDS:
        allowed = f"{', '.join(_PLAIN)}, list[...]"
        raise StudyError(f"{where}: {name}: the type {kind} is not one that a parameter can have: {allowed}")
    try:
        default = ast.literal_eval(statement.value)
    except ValueError as fault:
        raise StudyError(f"{where}: the default of {name} is not a literal: `{line.strip()}`") from fault
    if not _is_a(default, kind):
        raise StudyError(f"{where}: the default of {name} is {default!r}, which is not {kind}")
    comment = line.encode()[statement.end_col_offset :].decode().partition("#")[2]
    return Parameter(name, kind, default, comment.strip())


# --- types -------------------------------------------------------------------------------------------------------

_PLAIN = {"int": int, "float": float, "bool": bool, "str": str}
_KINDS = _PLAIN | {f"list[{name}]": list[kind] for name, kind in _PLAIN.items()}
_KINDS |= {f"{name} | None": kind | None for name, kind in _KINDS.items()}
"""What an annotation can be, and its type."""


def _is_a(value: object, kind: str) -> bool:
    """Whether ``value`` has exactly the declared type (a whole number is a float too, a truth value is no number)."""
    try:
        TypeAdapter(_KINDS[kind], config=ConfigDict(strict=True, allow_inf_nan=False)).validate_python(value)
    except ValidationError:
        return False
    return True


def _from_text(text: str, kind: str) -> Value:
    """A value typed on the command line. Raises ValueError or KeyError when it does not read as ``kind``."""
    if kind.endswith(" | None"):
        return None if text.lower() in ("none", "null") else _from_text(text, kind.removesuffix(" | None"))
    if kind.startswith("list["):
        return [_from_text(item.strip(), kind[5:-1]) for item in text.split(",") if item.strip()]
    return {"true": True, "false": False}[text.strip().lower()] if kind == "bool" else _PLAIN[kind](text)


def _settle(where: str, parameter: Parameter, given: object, typed: bool) -> Value:
    """``given`` in the declared type, read as text where it was ``typed``; items of a list may stand in one text.

    Raises StudyError that names notebook, parameter, what is allowed and what was given.
    """
    value = given
    if isinstance(given, str) and (typed or parameter.type.startswith("list[")):
        with suppress(ValueError, KeyError):
            value = _from_text(given, parameter.type)
    if not _is_a(value, parameter.type):
        hint = f" ({parameter.help})" if parameter.help else ""
        raise StudyError(f"{where} must be {parameter.type}, not {given!r}{hint}")
    if parameter.type == "int" and value < (least := min(parameter.default, 1)):  # whole numbers are counts
        raise StudyError(f"{where} must be {least} or more, not {given}")
    for item in value if isinstance(value, list) else [value]:
        _refuse(where, parameter, item)
    if parameter.type == "list[float]":
        return [float(item) for item in value]
    return float(value) if parameter.type == "float" else value


_ONE_OF = re.compile(r"\(([\w-]+(?:\|[\w-]+)+)\)")
_BETWEEN = re.compile(r"\((\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)?\)")


def _refuse(where: str, parameter: Parameter, value: Value) -> None:
    """Raise StudyError for a value that is none of those which the help allows."""
    if (allowed := _ONE_OF.search(parameter.help)) and isinstance(value, str):
        names = allowed[1].split("|")
        if value not in names:
            raise StudyError(f"{where} must be one of {', '.join(names)}, not {value!r}{nearest(value, names)}")
    if (between := _BETWEEN.search(parameter.help)) and isinstance(value, (int, float)):
        low, high = float(between[1]), float(between[2] or "inf")
        if not low <= value <= high:
            least = f"{low:g} or more" if high == float("inf") else f"from {low:g} to {high:g}"
            raise StudyError(f"{where} must be {least}, not {value}")


# --- settling ----------------------------------------------------------------------------------------------------


def resolve(
    notebook: Path, overrides: Mapping[str, object], study_parameters: Mapping[str, object]
) -> dict[str, Value]:
    """The values of a notebook's own parameters: ``--set`` before study.yml before the notebook's default.

    Parameters
    ----------
    notebook : path of the .ipynb.
    overrides : name -> value as typed on the command line (text is read as the declared type).
    study_parameters : name -> value from study.yml's ``parameters:``.

    Raises
    ------
    StudyError
        For an undeclared name (with the nearest one), a setting that lives elsewhere, or a value of another type.
    """
    own = {name: found for name, found in read_parameters(notebook).items() if name not in GIVEN_BY_RUN}
    values = {name: parameter.default for name, parameter in own.items()}
    for source, given in (("study.yml", study_parameters), ("--set", overrides)):
        for name, value in given.items():
            if name in _ELSEWHERE:
                raise StudyError(f"{source}: {notebook.stem}.{name}: {name} {_ELSEWHERE[name]}")
            if name not in own:
                raise StudyError(f'{source}: {notebook.stem} has no parameter "{name}"{nearest(name, own)}')
            where = f"{source}: {notebook.stem}.{name}"
            values[name] = _settle(where, own[name], value, typed=source == "--set")  # study.yml is typed already
            _refuse_outside(where, values[name])
    return values


def _refuse_outside(where: str, value: Value) -> None:
    texts = (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))
    if any(".." in text.replace("\\", "/").split("/") for text in texts):
        raise StudyError(f'{where} must not lead out of its folder with "..": {value!r}')


def resolve_all(
    notebooks: Mapping[str, Path], settings: Iterable[str], study_parameters: Mapping[str, Mapping[str, object]]
) -> dict[str, dict[str, Value]]:
    """Settle every notebook's parameters; ``settings`` are ``NOTEBOOK.NAME=VALUE`` texts. Raises StudyError."""
    overrides: dict[str, dict[str, str]] = {}
    for setting in settings:
        target, equals, value = setting.partition("=")
        notebook, dot, name = target.strip().partition(".")
        if not (equals and dot and name):
            raise StudyError(f"--set {setting}: write it as NOTEBOOK.NAME=VALUE, for example 04_personas.bootstrap=100")
        overrides.setdefault(pick_notebook(notebook, notebooks), {})[name] = value
    declared = {pick_notebook(str(given), notebooks): values for given, values in study_parameters.items()}
    return {name: resolve(path, overrides.get(name, {}), declared.get(name, {})) for name, path in notebooks.items()}


def check(
    notebook: str, values: Mapping[str, object], folder: Path | None = None, injected: Iterable[str] = ()
) -> dict[str, Value]:
    """The values that a running notebook's parameters have by now, in their declared types.

    ``injected`` are names that papermill wrote into the notebook. Raises StudyError for a wrong value, and for a name
    that is not declared, with the nearest one.
    """
    declared = read_parameters(notebook_file(notebook, folder or notebooks_folder()))
    for name in (*injected, *values):
        if name not in declared:
            raise StudyError(f'{notebook} has no parameter "{name}"{nearest(name, declared)}')
    return {name: _settle(f"{notebook}.{name}", declared[name], value, typed=False) for name, value in values.items()}


def injected_names(cells: Iterable[str]) -> list[str]:
    """The names in the cell that papermill puts behind the parameters of a notebook; none where it was opened by hand.

    cells : the code that a kernel has run so far.
    """
    given = (cell for cell in cells if cell.startswith(INJECTED))
    statements = (node for cell in given for node in ast.parse(cell).body if isinstance(node, ast.Assign))
    return [target.id for node in statements for target in node.targets if isinstance(target, ast.Name)]


def changed(notebook: Path, values: Mapping[str, Value]) -> dict[str, tuple[Value, Value]]:
    """The parameters whose value is not the notebook's default: name -> value and default."""
    own = read_parameters(notebook)
    return {
        name: (value, own[name].default)
        for name, value in values.items()
        if name in own and name not in GIVEN_BY_RUN and value != own[name].default
    }
