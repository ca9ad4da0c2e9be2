"""Keys, and taking over what an earlier run left only when every byte of it holds."""

import json

import pytest

from helpers.run.kept import forget, keep_record, keys_of, take_over
from helpers.run.kernels.notebooks import closure

GRAPH = {"01_a": (), "02_b": ("01_a",), "03_c": ("02_b",), "04_d": ()}


@pytest.fixture
def notebooks(tmp_path):
    for name in GRAPH:
        (tmp_path / f"{name}.ipynb").write_text(name)
    return {name: tmp_path / f"{name}.ipynb" for name in GRAPH}


def changed(before, after):
    return [name for name in GRAPH if before[name] != after[name]]


def test_a_key_changes_with_what_the_notebook_depends_on(notebooks):
    parameters = {name: {"n": 1} for name in GRAPH}
    read = dict.fromkeys(GRAPH) | {"02_b": {"n": 1}}

    def keys(parameters=parameters, inputs="data", previous=None, read=read):
        return keys_of(notebooks, GRAPH, parameters, read, inputs, previous or {"03_c": "p1"})

    before = keys()
    assert changed(before, keys()) == []
    assert changed(before, keys(inputs="other data")) == list(GRAPH)
    assert changed(before, keys(parameters | {"02_b": {"n": 2}})) == ["02_b"]  # it is only shown
    assert changed(before, keys(read=read | {"02_b": {"n": 2}})) == ["02_b", "03_c"]
    assert changed(before, keys(previous={"03_c": "p2"})) == ["03_c"]
    notebooks["01_a"].write_text("another cell")
    assert changed(before, keys()) == ["01_a", "02_b", "03_c"]


def test_closure_is_what_is_needed_in_the_graph_s_order():
    assert closure(GRAPH, ("03_c",)) == ("01_a", "02_b", "03_c")
    assert closure(GRAPH, ("04_d", "01_a")) == ("01_a", "04_d")


def a_run(runs, run_id, key="k", text="executed"):
    """A work folder in which one notebook is done and has left a table."""
    work = runs / run_id
    (work / "notebooks").mkdir(parents=True)
    (work / "notebooks" / "01_a.ipynb").write_text(text)
    (work / "answers").mkdir()
    (work / "answers" / "01_a.json").write_text("answer")
    (work / "answers" / "01_a.json.7.part").write_text("half")
    (work / "answers" / "02_b.json").write_text("somebody else's")
    (work / "crm.csv").write_bytes(b"rows")
    (work / ".lock").touch()
    keep_record(work, "01_a", key, ("crm.csv",))
    return work


def new(runs):
    (runs / "r9" / "notebooks").mkdir(parents=True, exist_ok=True)
    return runs / "r9"


def test_a_notebook_is_taken_over_with_the_files_it_left(tmp_path):
    a_run(tmp_path, "r1")
    work = new(tmp_path)
    assert take_over(work, "01_a", "k")
    assert sorted(path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file()) == [
        "answers/01_a.json", "crm.csv", "notebooks/01_a.ipynb", "notebooks/01_a.json",
    ]  # fmt: skip
    assert (work / "crm.csv").read_bytes() == b"rows"


def test_the_newest_is_taken_and_a_copy_can_be_taken_again(tmp_path):
    a_run(tmp_path, "r1", text="first")
    a_run(tmp_path, "r2", text="second")
    assert take_over(new(tmp_path), "01_a", "k")
    assert (tmp_path / "r9" / "notebooks" / "01_a.ipynb").read_text() == "second"
    assert take_over(tmp_path / "r9", "01_a", "k")


@pytest.mark.parametrize("broken", ["notebooks/01_a.ipynb", "crm.csv", "notebooks/01_a.json"])
def test_half_written_or_missing_files_are_not_taken(tmp_path, broken):
    work = a_run(tmp_path, "r1")
    file = work / broken
    file.write_bytes(file.read_bytes()[:2])
    assert not take_over(new(tmp_path), "01_a", "k")
    file.unlink()
    assert not take_over(new(tmp_path), "01_a", "k")
    assert list((tmp_path / "r9" / "notebooks").iterdir()) == []


def test_another_key_is_not_taken(tmp_path):
    a_run(tmp_path, "r1")
    assert not take_over(new(tmp_path), "01_a", "other")


def test_forget_removes_only_what_the_notebook_left(tmp_path):
    work = a_run(tmp_path, "r1")
    forget(work, "01_a")
    assert sorted(path.name for path in work.rglob("*") if path.is_file()) == [
        ".lock", "01_a.json.7.part", "02_b.json",
    ]  # fmt: skip
    forget(work, "01_a")  # nothing is left to forget


def test_the_record_names_every_file_with_its_hash(tmp_path):
    record = json.loads((a_run(tmp_path, "r1") / "notebooks" / "01_a.json").read_text())
    assert record["key"] == "k"
    assert sorted(record["files"]) == ["answers/01_a.json", "crm.csv", "notebooks/01_a.ipynb"]
