"""The notebooks as they lie in git: they tell and do not compute, and hold no outputs."""

import ast
import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAMES = [
    "00_explore",
    "01_data_quality",
    "02_customers",
    "03_survey",
    "04_personas",
    "05_voice",
    "06_negative_personas",
    "07_framing",
    "08_channels",
    "09_leads",
    "10_cards",
    "11_drift",
    "12_proof",
]


def cells(notebook: Path, kind: str) -> list[dict]:
    document = json.loads(notebook.read_text(encoding="utf-8"))
    return [cell for cell in document["cells"] if cell["cell_type"] == kind]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def test_all_are_there() -> None:
    assert [notebook.stem for notebook in NOTEBOOKS] == NAMES


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
class TestEveryNotebook:
    def test_opens_with_a_question_and_what_would_change_our_mind(self, notebook: Path) -> None:
        title, *rest = source(cells(notebook, "markdown")[0]).splitlines()
        assert re.fullmatch(r"# .+\?", title)
        assert "Why it matters" in "\n".join(rest)
        assert "would change our mind" in "\n".join(rest)

    def test_hand_written_prose_states_no_number(self, notebook: Path) -> None:
        prose = "\n".join(source(cell) for cell in cells(notebook, "markdown"))
        assert not re.findall(r"\d", prose)

    def test_code_is_short_and_defines_nothing(self, notebook: Path) -> None:
        code = [source(cell) for cell in cells(notebook, "code")]
        assert len(code) <= 12
        assert max(len(text.splitlines()) for text in code) <= 8
        defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert not [node for text in code for node in ast.walk(ast.parse(text)) if isinstance(node, defined)]

    def test_holds_no_outputs(self, notebook: Path) -> None:
        document = json.loads(notebook.read_text(encoding="utf-8"))
        assert "papermill" not in document["metadata"]
        assert document["metadata"]["kernelspec"]["name"] == "python3"
        for cell in cells(notebook, "code"):
            assert cell["outputs"] == []
            assert cell["execution_count"] is None

    def test_has_one_parameters_cell_of_flat_literals_with_help(self, notebook: Path) -> None:
        tagged = [cell for cell in cells(notebook, "code") if "parameters" in cell["metadata"].get("tags", [])]
        assert len(tagged) == 1
        lines = source(tagged[0]).splitlines()
        assert all(re.fullmatch(r"\w+: \w+(\[\w+\])? = .+  # .+", line) for line in lines)
        assert lines[0].startswith('study: str = "data/sample/study.yml"')
        assert lines[1].startswith('work: str = "runs/scratch"')
