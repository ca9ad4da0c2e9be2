"""The proof table: every figure within its tolerance, and honest about what was skipped."""

import importlib.util

import pandas as pd
import pytest

from helpers.hypotheses import proof


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return proof.reproduce()


def test_every_figure_that_was_computed_agrees(table):
    computed = table[table["ours"].notna()]
    assert len(computed) >= 30
    assert computed.loc[~computed["passed"].astype(bool), "id"].tolist() == []


def test_the_columns_and_the_sources(table):
    assert table.columns.tolist() == [
        "id", "source", "quantity", "published", "ours", "tolerance", "passed", "note"
    ]  # fmt: skip
    assert table["id"].is_unique
    assert (table["source"].str.contains(r"\d{4}|replication|Agresti")).all()
    assert (table["tolerance"] <= 0.05 * table["published"].abs() + 0.011).all()


def test_the_jacket_problem_is_bracketed(table):
    ours = table.set_index("id")["ours"]
    assert ours["jacket_1"] == pytest.approx(63 * 62 / (30 * 26))
    assert ours["jacket_2"] == pytest.approx(60 * 66 / (28 * 27))
    assert ours["jacket_n"] == 175


@pytest.mark.skipif(importlib.util.find_spec("lifetimes") is None, reason="needs the data of the extra `real`")
def test_cdnow_is_reproduced(table):
    ours = table.set_index("id").loc[["bgnbd_r", "bgnbd_alpha", "bgnbd_a", "bgnbd_b"], "ours"]
    assert ours.round(3).tolist() == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=1.5e-3)


def test_without_the_data_the_figures_are_skipped_with_a_word(monkeypatch):
    monkeypatch.setattr(proof.importlib.util, "find_spec", lambda name: None)
    rows = proof._cdnow()
    assert [row[4] for row in rows] == [None] * 4
    assert all("not installed" in row[6] for row in rows)
