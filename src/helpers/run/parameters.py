"""The parameters of a notebook: read from its one ``parameters`` cell, settled and checked before a kernel starts.

papermill itself only warns about an unknown name, takes any type, and runs whatever stands in a name as code; so the
cell is parsed (never run), only declared names pass, and every value has the declared type.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from helpers.contracts import StudyError

Value = bool | int | float | str | list[Any] | None

GIVEN_BY_RUN = ("study", "work")
"""Parameters of every notebook; the run fills them in."""
SHARED = ("seed", "k")
"""Settings that several notebooks share; they live in study.yml alone."""


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


def nearest(given: str, names: Iterable[str]) -> str:
    """``; did you mean "bootstrap"?``, or the whole list when nothing is near."""
    names = sorted(names)
    near = get_close_matches(given, names, n=1, cutoff=0.5)
    return f'; did you mean "{near[0]}"?' if near else f"; there is: {', '.join(names) or 'nothing'}"


def pick_notebook(given: str, names: Iterable[str]) -> str:
    """``04`` or ``04_personas`` as ``04_personas``. Raises StudyError with the nearest name."""
    names = sorted(names)
    hits = [name for name in names if name == given or name.split("_")[0] == given]
    if len(hits) != 1:
        raise StudyError(f'notebook "{given}" is not known{nearest(given, names)}')
    return hits[0]


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
    parameters = [_parameter(statement, lines, notebook.name) for statement in statements if not _is_text(statement)]
    return {parameter.name: parameter for parameter in parameters}


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _parameter(statement: ast.stmt, lines: list[str], where: str) -> Parameter:
    line = lines[(statement.end_lineno or 1) - 1]
    named = isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    if not named or statement.value is None:
        raise StudyError(f"{where}: parameters are written `name: type = literal  # help`, not `{line.strip()}`")
    name, kind = statement.target.id, ast.unparse(statement.annotation)
    try:
        default = ast.literal_eval(statement.value)
    except ValueError as fault:
        raise StudyError(f"{where}: the default of {name} is not a literal: `{line.strip()}`") from fault
    _check_kind(kind, f"{where}: {name}")
    if not _is_a(default, kind):
        raise StudyError(f"{where}: the default of {name} is {default!r}, which is not {kind}")
    comment = line.encode()[statement.end_col_offset or 0 :].decode().partition("#")[2]
    return Parameter(name, kind, default, comment.strip())


# --- types -------------------------------------------------------------------------------------------------------
# An annotation is one of int, float, bool, str, list[of one of these], each with or without ``| None``.

_PLAIN = ("int", "float", "bool", "str")


def _check_kind(kind: str, where: str) -> None:
    inner = kind.removesuffix(" | None")
    inner = inner.removeprefix("list[").removesuffix("]") if inner.startswith("list[") else inner
    if inner not in _PLAIN:
        raise StudyError(
            f"{where}: the type {kind} is not one that a parameter can have: {', '.join(_PLAIN)}, list[...]"
        )


def _is_a(value: object, kind: str) -> bool:
    """Whether ``value`` has exactly the declared type (a whole number is a float too, a truth value is no number)."""
    if kind.endswith(" | None"):
        return value is None or _is_a(value, kind.removesuffix(" | None"))
    if kind.startswith("list["):
        return isinstance(value, list) and all(_is_a(item, kind[5:-1]) for item in value)
    if kind == "float":
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool if kind == "bool" else str)


def _from_text(text: str, kind: str) -> Value:
    """A value typed on the command line. Raises ValueError when it does not read as ``kind``."""
    if kind.endswith(" | None"):
        return None if text.lower() in ("none", "null") else _from_text(text, kind.removesuffix(" | None"))
    if kind.startswith("list["):
        return [_from_text(item.strip(), kind[5:-1]) for item in text.split(",") if item.strip()]
    if kind == "bool":
        return {"true": True, "false": False}[text.strip().lower()]
    return {"int": int, "float": float, "str": str}[kind](text)


def _settle(notebook: str, parameter: Parameter, given: object, source: str) -> Value:
    """``given`` in the declared type. Raises StudyError that names notebook, parameter, type and what was given."""
    value = given
    if source == "--set" and isinstance(given, str):  # study.yml is typed already
        with suppress(ValueError, KeyError):
            value = _from_text(given, parameter.type)
    if not _is_a(value, parameter.type):
        raise StudyError(
            f"{source}: {notebook}.{parameter.name} must be {parameter.type}, not {given!r}"
            + (f" ({parameter.help})" if parameter.help else "")
        )
    if any(isinstance(text, str) and ".." in text.replace("\\", "/").split("/") for text in _flat(value)):
        raise StudyError(f'{source}: {notebook}.{parameter.name} must not lead out of its folder with "..": {given!r}')
    return float(value) if parameter.type == "float" else value


def _flat(value: Value) -> list[Any]:
    return value if isinstance(value, list) else [value]


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
    declared = read_parameters(notebook)
    own = {name: parameter for name, parameter in declared.items() if name not in GIVEN_BY_RUN}
    values = {name: parameter.default for name, parameter in own.items()}
    for source, given in (("study.yml", study_parameters), ("--set", overrides)):
        for name, value in given.items():
            _refuse_elsewhere(notebook.stem, name, source)
            if name not in own:
                raise StudyError(f'{source}: {notebook.stem} has no parameter "{name}"{nearest(name, own)}')
            values[name] = _settle(notebook.stem, own[name], value, source)
    return values


def _refuse_elsewhere(notebook: str, name: str, source: str) -> None:
    if name in SHARED:
        raise StudyError(
            f"{source}: {notebook}.{name}: {name} is shared by several notebooks; set it in study.yml itself"
        )
    if name in GIVEN_BY_RUN:
        raise StudyError(f"{source}: {notebook}.{name}: {name} is given by the run; use the command's own options")


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


def check(notebook: str, values: Mapping[str, object], folder: Path | None = None) -> None:
    """Check, inside a running notebook, the values its parameters have by now. Raises StudyError for a wrong one."""
    folder = folder or notebooks_folder()
    declared = read_parameters(
        folder / f"{pick_notebook(notebook, (path.stem for path in folder.glob('*.ipynb')))}.ipynb"
    )
    for name, value in values.items():
        if name not in declared:
            raise StudyError(f'{notebook} has no parameter "{name}"{nearest(name, declared)}')
        if not _is_a(value, declared[name].type):
            raise StudyError(f"{notebook}.{name} must be {declared[name].type}, not {value!r}")
