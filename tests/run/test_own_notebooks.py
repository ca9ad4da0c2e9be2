"""Notebooks of a study's own: found by their parameters cell, run after all others, refused where names clash."""

import json

import pytest

from helpers.contracts import StudyError
from helpers.run.graph import notebook_graph
from helpers.run.parameters import in_a_run, notebooks_folder, own_notebooks


def write(file, *tags):
    cell = {"cell_type": "code", "metadata": {"tags": [*tags]}, "source": ["x: int = 1  # one"]}
    file.write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    return file


def test_those_with_a_parameters_cell_run_last_and_may_ask_for_anything(tmp_path):
    mine = write(tmp_path / "mine.ipynb", "parameters")
    write(tmp_path / "draft.ipynb")
    assert own_notebooks(tmp_path / "study.yml") == [mine]
    graph = notebook_graph(notebooks_folder(), [mine])
    assert list(graph)[-1] == "mine"
    assert graph["mine"] == tuple(file.stem for file in in_a_run(notebooks_folder()))


def test_the_notebook_for_looking_is_in_no_run():
    assert (notebooks_folder() / "00_explore.ipynb").is_file()
    assert "00_explore" not in notebook_graph(notebooks_folder())


@pytest.mark.parametrize("name", ["04_personas.ipynb", "my notes.ipynb", "a.b.ipynb"])
def test_a_name_that_cannot_be_is_refused_with_the_mend(tmp_path, name):
    write(tmp_path / name, "parameters")
    with pytest.raises(StudyError, match="rename it"):
        own_notebooks(tmp_path / "study.yml")


def test_a_broken_one_is_named(tmp_path):
    (tmp_path / "mine.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(StudyError, match=r"mine\.ipynb: cannot be read as a notebook"):
        own_notebooks(tmp_path / "study.yml")
