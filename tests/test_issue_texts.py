"""What is found in a file, and why it is refused, is a message of the catalogue wherever it is built."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "helpers"
ROOMS = ("opening", "written", "read")
"""The rooms in which a finding is one of a file; elsewhere issues and errors of the data are looked at."""
TEXT = {"Issue": 5, "Finding": 3, "note": 4, "tell": 3, "without": 2, "told": 2, "set_aside": 2, "not_opened": 2,
        "DataError": 0, "Unsliced": 0}  # fmt: skip
"""What builds an issue or carries one's text, and which argument that is."""


def texts(call: ast.Call) -> list[ast.expr]:
    """The argument of a call that is the text of an issue; none for any other call."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name not in TEXT or (name in ("told", "tell") and len(call.args) < 3):  # of a voice
        return []
    return [*call.args[TEXT[name] : TEXT[name] + 1], *(word.value for word in call.keywords if word.arg == "text")]


def is_say(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say"


def written_out(text: ast.AST, given: dict[str, list[ast.expr]]) -> list[ast.AST]:
    """The literals and f-strings that a text is made of, through the names of its function, but for what is said."""
    if is_say(text) or isinstance(text, (ast.Dict, ast.Subscript, ast.Attribute, ast.comprehension)):
        return []
    if isinstance(text, ast.JoinedStr) or (isinstance(text, ast.Constant) and isinstance(text.value, str)):
        return [] if getattr(text, "value", True) == "" else [text]
    if isinstance(text, ast.Name):
        values = given.get(text.id, [])
        return [found for value in values for found in written_out(value, {**given, text.id: []})]
    if isinstance(text, ast.Call):
        method = isinstance(text.func, ast.Attribute)
        parts = [text.func.value] if method else text.args if text.func.id == "str" else [text.func]
    else:
        parts = ast.iter_child_nodes(text)
    return [found for part in parts for found in written_out(part, given)]


def assigned(function: ast.AST) -> dict[str, list[ast.expr]]:
    """What each name of a function is given."""
    given: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                alike = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                values = node.value.elts if alike else [node.value] * len(names)
                for name, value in zip(names, values, strict=False):
                    given.setdefault(getattr(name, "id", ""), []).append(value)
        elif isinstance(node, (ast.AugAssign, ast.NamedExpr)):
            given.setdefault(getattr(node.target, "id", ""), []).append(node.value)
    return given


def returned(function: ast.FunctionDef) -> list[ast.expr]:
    return [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]


def glued(code: str, only: tuple[str, ...] = tuple(TEXT)) -> list[int]:
    """The lines of a module in which the text of an issue is written out instead of said."""
    tree = ast.parse(code)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    outside = assigned(ast.Module([node for node in tree.body if isinstance(node, ast.Assign)], []))
    outside |= {function.name: returned(function) for function in functions}
    found = set()
    for function in functions:
        given = outside | assigned(function)
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if getattr(call.func, "id", getattr(call.func, "attr", "")) in only:
                found |= {part.lineno for text in texts(call) for part in written_out(text, given)}
    return sorted(found)


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_text_of_an_issue_is_written_out(file):
    only = tuple(TEXT) if file.parent.name in ROOMS else ("Issue", "set_aside", "not_opened", "DataError", "Unsliced")
    assert glued(file.read_text(encoding="utf-8"), only) == []


@pytest.mark.parametrize(
    "line",
    [
        'check.note("code", "warning", None, rows, f"{n} rows")',
        'check.tell("code", "error", None, "no such column")',
        'text = "a" if n else say("b")\n    check.note("code", "warning", None, rows, text)',
        'raise DataError(f"{path}: empty")',
        'issues = [Issue("code", "error", None, 0, (), LONG)]',
        'return Finding("code", "error", bad, text="not a number")',
        'return raw.without(rows, "code", "a total")',
        'raise DataError(_why(n))\n\ndef _why(n):\n    return f"{n} rows"',
        'told = _MEND.format(1)\n    told += "more"\n    return raw.told("code", "warning", told, rows)',
    ],
)
def test_one_that_is_put_back_is_found(line):
    assert glued(f'LONG = "long"\ndef check(n):\n    {line}\n') != []


def test_one_that_is_said_is_none():
    said = 'key = "a" if n else "b"\n    check.note("code", "warning", None, rows, say(key, name="x"))'
    assert glued(f"def check(n):\n    {said}\n") == []
