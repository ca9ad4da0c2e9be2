"""What if: other settings beside those of the study, by hand and tried."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from helpers.cards import trial as room
from helpers.cards.trial import side_by_side, twin_groups, what_if
from helpers.contracts import UNASSIGNED, StudyError
from helpers.words import NOT_KNOWN, Words, say
from helpers.words import few as few_people


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
    few = side_by_side(now, replace(now, assignments=some), {"k": 3, "reserve": ["a", "b"]}, 10)
    rows = few.table.set_index("what")
    assert rows.index[5] == say("trial.group", number=1)
    assert rows.loc[say("trial.changed")].tolist() == [NOT_KNOWN, few_people(3, 10)]
    table = Words().told(few).table.set_index("what")
    assert table.loc["Label"].tolist() == ["natural", "natural"]
    assert table.loc["Groups"].tolist() == ["3", "3"]
    assert table.loc["In no group", "as_it_is"] == f"{100 * (ids == UNASSIGNED).mean():.1f} %"
    assert Words().tell(few.told[0]) == (
        "With k 3 and reserve a, b the label would be “natural”; as the study stands it is “natural”."
    )
    assert rows.iloc[5]["as_it_is"].values["share"] == now.groups[0].share


@pytest.fixture
def asked(planted, a_study):
    """What the notebook gives: customers, survey, personas and study."""
    return planted.customers, planted.survey, planted.personas, a_study()


def test_without_settings_the_reader_is_told_how_to_try(asked):
    trial = what_if(*asked)
    assert trial.table.empty
    assert trial.told[0].key == "trial.how"
    assert "coupon_share" in trial.told[0].values["names"]
    assert "customer_id" not in trial.told[0].values["names"]


def test_other_settings_are_tried_beside_those_of_the_study(asked, monkeypatch):
    monkeypatch.setattr(room, "QUICK_DRAWS", 19)
    settings = {"try_features": "orders, coupon_share,average_order_value", "try_k": 2, "try_reserve": "margin"}
    trial = what_if(*asked, **settings, bootstrap=2, null_draws=199)
    table = Words().told(trial).table.set_index("what")
    assert table.loc["Groups"].tolist() == ["3", "2"]
    assert table.loc["Group 3, and the one most like it", "as_tried"] == NOT_KNOWN
    told = Words().tell(trial.told[0])
    assert "With features orders, coupon_share, average_order_value, reserve margin and k 2" in told
    assert trial.told[2].values["parts"][0].key.startswith("personas.kind.natural")
    assert trial.told[-1] == say("trial.quick", draws=19, all=199)
    assert asked[3].personas.k == (2, 4)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"try_features": "coupn_share"}, r"what if: .*personas\.features.*'coupn_share'. Did you mean coupon_share"),
        ({"try_reserve": "margn"}, r"what if: .*personas\.reserve.*'margn'. Did you mean margin"),
        ({"try_k": 9}, "what if: try_k is 9; allowed are 2 to 6"),
    ],
)
def test_what_cannot_be_is_refused_with_the_nearest_name(asked, settings, message):
    with pytest.raises(StudyError, match=message):
        what_if(*asked, **settings)


def test_in_a_study_without_sales_the_features_are_survey_items(asked):
    with pytest.raises(StudyError, match=r"personas\.survey.*'harms'. Did you mean harm"):
        what_if(None, *asked[1:], try_features="harms")
