"""The graph of the notebooks follows from what their cells name."""

import nbformat
import pytest

from helpers.run.graph import notebook_graph, stages_of, written_by
from helpers.run.parameters import notebooks_folder
from helpers.run.stages import follows_from, places
from helpers.wings import arguments, merged, resolve

FOLDER = notebooks_folder()


def test_every_notebook_needs_only_earlier_ones():
    graph = notebook_graph(FOLDER)
    assert len(graph) == 12
    assert all(need < name for name, needs in graph.items() for need in needs)
    assert graph["01_data_quality"] == graph["12_proof"] == ()
    assert set(graph["10_cards"]) >= {"04_personas", "05_voice", "06_negative_personas", "07_framing", "09_leads"}
    assert "05_voice" not in graph["06_negative_personas"]


def test_a_notebook_comes_to_what_its_cells_name_and_all_before():
    assert stages_of(FOLDER / "06_negative_personas.ipynb") >= {"ideal", "negative", "personas", "customers", "tables"}
    assert "voice" not in stages_of(FOLDER / "06_negative_personas.ipynb")
    assert written_by(FOLDER / "09_leads.ipynb") == ("open_leads.csv",)


def test_a_new_notebook_finds_its_place(tmp_path):
    """Nothing else is edited: its cells say what it needs."""
    code = {
        "01_first": 'show(session, "data.accounts")',
        "02_second": 'session["customers"].features',
        "03_third": 'tell(session, "ideal.statement")',
    }
    for name, cell in code.items():
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)]), tmp_path / f"{name}.ipynb")
    assert notebook_graph(tmp_path) == {
        "01_first": (), "02_second": ("01_first",), "03_third": ("01_first", "02_second")
    }  # fmt: skip


def test_the_stages_before_a_stage_are_the_names_of_its_parameters():
    assert follows_from("customers") == {"tables", "customers"}
    assert {"division", "described"} <= follows_from("personas")


@pytest.mark.parametrize("place", sorted({*places().values(), *merged("ANSWERS").values()}))
def test_every_declared_function_is_there_and_takes_only_what_can_be_given(place):
    assert callable(resolve(place))
    known = {"study", "previous", "evidence", "handed", "hypotheses", *places()}
    assert set(arguments(place).needs) <= known
