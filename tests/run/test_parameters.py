"""The parameters cell: read without running it, settled in order, refused with the nearest name."""

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.contracts import StudyError
from helpers.run.parameters import (
    Parameter,
    changed,
    check,
    injected_names,
    notebooks_folder,
    pick_notebook,
    read_parameters,
    resolve,
    resolve_all,
)

CELL = '''"""Tunables."""
study: str = "data/sample/study.yml"  # the study
work: str = "runs/scratch"
bootstrap: int = 50  # pairs of samples, # more is slower
share: float = 0.5
quick: bool = False
items: list[str] = ["a", "b"]
points: list[float] = []
limit: int | None = None
название: str = "Привет # мир"  # по-русски
'''


def write(folder, name="04_personas", cell=CELL, tags=("parameters",)):
    code = nbformat.v4.new_code_cell(cell, metadata={"tags": list(tags)})
    path = folder / f"{name}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Q"), code]), path)
    return path


@pytest.fixture
def notebook(tmp_path):
    return write(tmp_path)


def test_reads_name_type_default_and_help(notebook):
    found = read_parameters(notebook)
    assert list(found) == ["study", "work", "bootstrap", "share", "quick", "items", "points", "limit", "название"]
    assert found["bootstrap"] == Parameter("bootstrap", "int", 50, "pairs of samples, # more is slower")
    assert found["items"] == Parameter("items", "list[str]", ["a", "b"], "")
    assert found["limit"] == Parameter("limit", "int | None", None, "")
    assert found["название"] == Parameter("название", "str", "Привет # мир", "по-русски")


def test_the_cell_is_never_run(tmp_path):
    with pytest.raises(StudyError, match="the default of n is not a literal"):
        read_parameters(write(tmp_path, cell="n: int = __import__('os').getpid()"))


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("n = 5", "parameters are written"),
        ("import os", "parameters are written"),
        ("n: int", "parameters are written"),
        ("n: dict = {}", "the type dict is not one that a parameter can have"),
        ("n: int = 'five'", "the default of n is 'five', which is not int"),
        ("n: int = ", "is not Python"),
    ],
)
def test_a_cell_that_holds_anything_else_is_refused(tmp_path, cell, message):
    with pytest.raises(StudyError, match=message):
        read_parameters(write(tmp_path, cell=cell))


def test_exactly_one_tagged_cell(tmp_path):
    with pytest.raises(StudyError, match='exactly one cell tagged "parameters", has 0'):
        read_parameters(write(tmp_path, tags=()))
    with pytest.raises(StudyError, match="cannot be read as a notebook"):
        read_parameters(tmp_path / "none.ipynb")


def test_command_line_before_study_before_default(notebook):
    settled = resolve(notebook, {"bootstrap": "200"}, {"bootstrap": 100, "share": 1})
    assert settled["bootstrap"] == 200
    assert settled["share"] == 1.0
    assert isinstance(settled["share"], float)
    assert settled["quick"] is False
    assert set(settled).isdisjoint({"study", "work"})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("bootstrap", "3", 3),
        ("share", "1e-3", 0.001),
        ("quick", "true", True),
        ("quick", "False", False),
        ("items", "a, b c,д", ["a", "b c", "д"]),
        ("items", "", []),
        ("points", "50,150", [50.0, 150.0]),
        ("limit", "none", None),
        ("limit", "7", 7),
        ("название", "5", "5"),
    ],
)
def test_text_is_read_as_the_declared_type(notebook, name, text, value):
    settled = resolve(notebook, {name: text}, {})[name]
    assert settled == value
    assert type(settled) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("bootstrap", "5.0"), ("bootstrap", "true"), ("share", "nan"), ("share", "1e400"), ("quick", "1"), ("limit", "x")],
)
def test_other_text_is_refused(notebook, name, text):
    with pytest.raises(StudyError, match=rf"--set: 04_personas\.{name} must be .*, not '{text}'") as caught:
        resolve(notebook, {name: text}, {})
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"bootstrp": 5}, 'study.yml: 04_personas has no parameter "bootstrp"; did you mean "bootstrap"?'),
        ({"zzz": 5}, "there is: bootstrap, items, limit, points, quick, share"),
        ({"bootstrap": "5"}, "study.yml: 04_personas.bootstrap must be int, not '5' (pairs of samples"),
        ({"bootstrap": True}, "must be int, not True"),
        ({"items": ["a", 5]}, r"must be list[str], not ['a', 5]"),
        ({"seed": 5}, "seed is shared by several notebooks; set it in study.yml itself"),
        ({"work": "x"}, "work is given by the run"),
        ({"название": "../../etc"}, 'must not lead out of its folder with ".."'),
        ({"items": ["fine", "..\\up"]}, 'must not lead out of its folder with ".."'),
    ],
)
def test_study_parameters_are_typed_already(notebook, given, message):
    with pytest.raises(StudyError) as caught:
        resolve(notebook, {}, given)
    assert message in str(caught.value)


def test_settings_of_several_notebooks(tmp_path):
    notebooks = {name: write(tmp_path, name) for name in ("04_personas", "07_framing")}
    settled = resolve_all(notebooks, ["04.bootstrap=7", "07_framing.название=a=b.c"], {"07_framing": {"quick": True}})
    assert settled["04_personas"]["bootstrap"] == 7
    assert settled["07_framing"]["bootstrap"] == 50
    assert settled["07_framing"]["название"] == "a=b.c"
    assert (settled["04_personas"]["quick"], settled["07_framing"]["quick"]) == (False, True)


@pytest.mark.parametrize("setting", ["04_personas.bootstrap", "bootstrap=5", "=", "04_personas.=5"])
def test_a_setting_that_cannot_be_read(tmp_path, setting):
    with pytest.raises(StudyError, match=r"write it as NOTEBOOK\.NAME=VALUE"):
        resolve_all({"04_personas": write(tmp_path)}, [setting], {})


def test_an_unknown_notebook_is_named_with_the_nearest():
    with pytest.raises(StudyError, match='notebook "04_persona" is not known; did you mean "04_personas"'):
        pick_notebook("04_persona", ["04_personas", "07_framing"])
    assert pick_notebook("07", ["04_personas", "07_framing"]) == "07_framing"


def test_check_inside_a_notebook(notebook):
    given = {"study": "../x", "bootstrap": 5, "limit": None, "share": 1, "items": "a, b"}
    settled = check("04_personas", given, notebook.parent)
    assert settled == given | {"share": 1.0, "items": ["a", "b"]}  # papermill -p has no lists
    assert isinstance(settled["share"], float)
    with pytest.raises(StudyError, match=r"04_personas.bootstrap must be int, not '5'"):
        check("04_personas", {"bootstrap": "5"}, notebook.parent)
    with pytest.raises(StudyError, match='has no parameter "boots"; did you mean "bootstrap"'):
        check("04_personas", {"boots": 5}, notebook.parent)


def test_every_notebook_of_the_suite_can_be_read():
    for path in sorted(notebooks_folder().glob("[0-9][0-9]_*.ipynb")):
        assert list(read_parameters(path))[:2] == ["study", "work"], path.name


@given(st.text(max_size=40))
def test_any_text_is_settled_or_refused_in_words(tmp_path_factory, text):
    """No text typed for a parameter comes out as another type or as anything but a StudyError."""
    path = tmp_path_factory.getbasetemp() / "04_personas.ipynb"
    if not path.exists():
        write(path.parent)
    for name, kind in (("bootstrap", int), ("share", float), ("quick", bool), ("items", list), ("название", str)):
        try:
            value = resolve(path, {name: text}, {})[name]
        except StudyError:
            continue
        assert type(value) is kind


@pytest.mark.parametrize("value", ["0", "-5"])
def test_a_count_of_none_is_refused(value):
    with pytest.raises(StudyError, match="bootstrap must be 1 or more"):
        resolve(notebooks_folder() / "04_personas.ipynb", {"bootstrap": value}, {})


# --- what the help says of a value -------------------------------------------------------------------------------


ALLOWED = """grain: str = "month"  # the grain of time (week|month)
kinds: list[str] = []  # kinds to show (tick|open); all where none is named
part: float = 0.2  # part of the customers (0..1)
least: int = 1  # the fewest (1..)
n: int = 0  # how many (see below, 1..9 of them)
"""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"grain": "day"}, "grain must be one of week, month, not 'day'; there is: month, week"),
        ({"grain": "months"}, 'did you mean "month"'),
        ({"kinds": "tick, opn"}, """kinds must be one of tick, open, not 'opn'; did you mean "open"?"""),
        ({"part": "1.5"}, "part must be from 0 to 1, not 1.5"),
        ({"part": "-0.1"}, "part must be from 0 to 1, not -0.1"),
        ({"least": "0"}, "least must be 1 or more, not 0"),
        ({"n": "-1"}, "n must be 0 or more, not -1"),
    ],
)
def test_brackets_in_the_help_say_what_is_allowed(tmp_path, given, message):
    notebook = write(tmp_path, cell=ALLOWED)
    with pytest.raises(StudyError) as caught:
        resolve(notebook, given, {})
    assert message in str(caught.value)
    for name, value in (("grain", "week"), ("kinds", "open,tick"), ("part", "1"), ("least", "1"), ("n", "12")):
        assert name in resolve(notebook, {name: value}, {})


def test_what_is_not_at_its_default(notebook):
    values = resolve(notebook, {"bootstrap": "7", "share": "0.5"}, {}) | {"study": "other", "work": "other"}
    assert changed(notebook, values) == {"bootstrap": (7, 50)}


def test_names_that_papermill_was_given():
    cells = ["", "bootstrap: int = 50", '# Parameters\nstudy = "x"\nbootstrp = 10\nitems = ["a"]\n', "other = 1"]
    assert injected_names(cells) == ["study", "bootstrp", "items"]
    assert injected_names(["bootstrap = 50"]) == []


def test_a_name_that_papermill_was_given_and_nobody_knows_is_refused(notebook):
    with pytest.raises(StudyError, match='04_personas has no parameter "bootstrp"; did you mean "bootstrap"'):
        check("04_personas", {"bootstrap": 50}, notebook.parent, injected=["study", "bootstrp"])


def test_every_notebook_has_two_to_five_parameters_of_its_own_with_help():
    for path in sorted(notebooks_folder().glob("[0-9][0-9]_*.ipynb")):
        own = [found for name, found in read_parameters(path).items() if name not in ("study", "work")]
        assert 2 <= len(own) <= 5, path.name
        assert all(found.help for found in own), path.name


def test_the_readme_tells_every_parameter_as_the_notebooks_have_it():
    told = {
        tuple(cell.strip() for cell in line.strip("|\n").replace("\\|", "/").split("|"))
        for line in (notebooks_folder().parent / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `") and line.split("`")[1].partition(".")[0] in NUMBERED
    }
    there = {
        (f"`{path.stem}.{found.name}`", f"`{found.type}`", f"`{found.default!r}`", found.help.replace("|", "/"))
        for path in notebooks_folder().glob("[0-9][0-9]_*.ipynb")
        for found in read_parameters(path).values()
        if found.name not in ("study", "work") and path.stem in NUMBERED
    }
    assert told == there


NUMBERED = {path.stem for path in notebooks_folder().glob("[0-9][0-9]_*.ipynb")} - {"00_explore"}  # no run asks it
