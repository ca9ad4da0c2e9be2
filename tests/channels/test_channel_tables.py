"""The tables of visits for studies that lack this or that, or hold what nobody meant."""

import warnings

import numpy as np
import pandas as pd
import pytest
from spoiled import a_little_of_everything

from helpers.beliefs.registry import put_to_the_test
from helpers.channels.tables import channel_tables, losses
from helpers.words import ENGLISH

START = pd.Timestamp("2025-02-03 10:00")


def test_whatever_comes_gives_tables_and_verdicts_and_no_warning(spoiled):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        view, results = channel_tables(spoiled), put_to_the_test("channels", spoiled)
    assert all(result.verdict != "not testable" or result.reason for result in results)
    told = ENGLISH.told([*view.told.values()])
    assert all("nan" not in sentence and "inf " not in sentence for part in told for sentence in part)
    assert view.mix.empty or view.mix["people"].min() >= 20


def test_a_study_of_one_table_has_what_that_table_gives(one_table):
    assert channel_tables(one_table).told


def test_losses_tell_no_share_of_few(make_evidence):
    steps = a_little_of_everything()["steps"].assign(error="no")
    table = losses(make_evidence({"steps": steps}))
    assert table["reached"].tolist() == [80]
    few = losses(make_evidence({"steps": steps[steps["session_id"].isin(["C1", "C2"])]}))
    assert few.empty


@pytest.mark.parametrize(("errors", "share"), [(12, 0.6), (3, np.nan), (0, 0.0)])
def test_errors_of_few_are_not_told(make_evidence, errors, share):
    """Of forty sessions twenty are lost at the one step."""
    rows = [(f"s{i}", "pay", START, i >= 20, "declined" if i < errors else None) for i in range(40)]
    steps = pd.DataFrame(rows, columns=["session_id", "step", "at", "completed", "error"])
    steps = steps.astype({"session_id": "str", "step": "str", "completed": "boolean", "error": "str"})
    table = losses(make_evidence({"steps": steps}))
    assert table["share"].tolist() == [0.5]
    assert table["error_share"].tolist() == pytest.approx([share], nan_ok=True)
