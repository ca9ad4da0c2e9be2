"""What if: other settings beside those of the study, by hand and through the notebook's own call."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from helpers.contracts import UNASSIGNED, StudyError
from helpers.run import stages
from helpers.types.trial import side_by_side, twin_groups
from helpers.words import Words

WORDS = Words(currency="EUR")


def placed(*personas: str) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": [f"c{i}" for i in range(len(personas))], "persona": personas})


def test_groups_are_matched_by_whom_they_share_and_who_is_elsewhere_is_counted():
    now = placed("a", "a", "a", "b", "b", UNASSIGNED, UNASSIGNED)
    tried = placed("x", "x", "y", "y", "y", UNASSIGNED, "x")
    assert twin_groups(now, tried) == ({"a": "x", "b": "y"}, 2)
    assert twin_groups(now, now) == ({"a": "a", "b": "b"}, 0)


def test_a_group_without_a_twin_has_moved_whole():
    twins, changed = twin_groups(placed("a", "a", "a", "b"), placed("x", "x", "x", "x"))
    assert (twins, changed) == ({"a": "x"}, 1)


def test_figures_stand_side_by_side_and_few_movers_are_not_counted(planted):
    now, ids = planted.personas, planted.personas.assignments["persona"]
    some = now.assignments.assign(persona=ids.where(ids.cumsum().index >= 7, "one-order"))
    few = side_by_side(now, replace(now, assignments=some), {"k": 3}, 10, WORDS)
    table = few.table.set_index("what")
    assert table.loc["Label"].tolist() == ["natural", "natural"]
    assert table.loc["Groups"].tolist() == ["3", "3"]
    assert table.loc["Customers who change group", "as_tried"] == "fewer than 10"
    assert few.told[0] == "With k 3 the label would be “natural”; as the study stands it is “natural”."
    assert f"of {now.groups[0].handle}"[3:] in table.iloc[5]["as_it_is"]


# --- as the notebook calls it


@pytest.fixture
def session(planted, a_study, tmp_path, monkeypatch):
    """A session that holds its customers, survey and personas already."""
    monkeypatch.setattr(stages, "QUICK_DRAWS", 19)
    stages.write_json(tmp_path / "parameters" / "04_personas.json", {"bootstrap": 2, "null_draws": 199})
    made = {"customers": planted.customers, "survey": planted.survey, "personas": planted.personas}
    return stages.Session("04_personas", a_study(), tmp_path, {}, made)


def test_without_settings_the_cell_says_how_to_try(session):
    trial = stages.what_if(session)
    assert trial.table.empty
    assert "coupon_share" in trial.told[0]
    assert "customer_id" not in trial.told[0]


def test_other_settings_are_tried_and_nothing_is_kept(session, planted):
    trial = stages.what_if(session, features="orders, coupon_share,average_order_value", k=2, reserve="margin")
    table = trial.table.set_index("what")
    assert table.loc["Groups"].tolist() == ["3", "2"]
    assert table.loc["Group 3, and the one most like it", "as_tried"] == "–"
    assert "With features orders, coupon_share, average_order_value, reserve margin and k 2" in trial.told[0]
    assert trial.told[2].endswith("What you see instead are 2 plain tiers by value.")
    assert trial.told[-1].endswith("against 19 data sets without types; the study itself takes 199.")
    assert [path.name for path in session.work.iterdir()] == ["parameters"]
    assert session.study.personas.k == (2, 4)
    assert stages.personas(session) is planted.personas


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"features": "coupn_share"}, r"what if: .*personas\.features.*'coupn_share'. Did you mean coupon_share"),
        ({"reserve": "margn"}, r"what if: .*personas\.reserve.*'margn'. Did you mean margin"),
        ({"k": 9}, "what if: .*personas.k is 9; allowed are"),
        ({"k": "two"}, "try_k must be int"),
    ],
)
def test_what_cannot_be_is_refused_with_the_nearest_name(session, settings, message):
    with pytest.raises(StudyError, match=message):
        stages.what_if(session, **settings)


def test_no_result_depends_on_what_is_tried(session):
    """A stage's key must be the same with and without them, or every later notebook would compute the personas anew."""
    stages.write_json(session.work / "parameters" / "04_personas.json", {"bootstrap": 9, "null_draws": 39, "try_k": 3})
    assert stages._tunables(session, "04_personas") == {"bootstrap": 9, "null_draws": 39}


def test_the_notebooks_own_parameters_for_looking_are_left_out_too(session):
    (session.work / "parameters" / "04_personas.json").unlink()
    assert stages._tunables(session, "04_personas") == {"bootstrap": 50, "null_draws": 199}


def test_in_a_study_without_sales_the_features_are_survey_items(session, planted):
    made = {"customers": None, "survey": planted.survey, "personas": planted.personas}
    with pytest.raises(StudyError, match=r"personas\.survey.*'harms'. Did you mean harm"):
        stages.what_if(replace(session, made=made), features="harms")
