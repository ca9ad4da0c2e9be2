"""A study in an analyst's hands: comparisons with intervals, small cells withheld, no test on what made the groups."""

from types import SimpleNamespace

import pandas as pd
import pytest
from scipy.stats import ttest_ind

from helpers.contracts import StudyError
from helpers.desk.open_study import FEW, MADE, OpenStudy, ShownCard
from helpers.words import Words


@pytest.fixture
def held():
    """Sixty customers of two personas and three channels, one channel with four people only."""

    def hold(defining=()):
        rows = pd.DataFrame(
            {
                "customer_id": [f"c{n:02}" for n in range(60)],
                "persona": ["p1"] * 30 + ["p2"] * 30,
                "acquisition_channel": (["web"] * 14 + ["shop"] * 14 + ["fair"] * 2) * 2,
                "return_share": [0.1, 0.3] * 15 + [0.0, 0.1] * 15,
                "churned": [1.0] * 20 + [0.0] * 40,
            }
        )
        session = SimpleNamespace(study=SimpleNamespace(privacy=SimpleNamespace(min_cell=10), own_files=list))
        session = type(
            "S", (), {"study": session.study, "__getitem__": lambda self, name: SimpleNamespace(defining=defining)}
        )()
        study = OpenStudy(session)
        study.__dict__["customers"], study.__dict__["personas"] = rows, (SimpleNamespace(id="p1", name="The one"),)
        return study

    return hold


def test_each_group_stands_beside_all_others(held):
    table = held().compare("return_share", by="persona").set_index("group")
    assert table.loc["p1", "value"] == pytest.approx(0.2)
    assert table.loc["p1", "others"] == pytest.approx(0.05)
    assert table.loc["p1", "ci_low"] < 0.2 < table.loc["p1", "ci_high"]
    p = ttest_ind([0.1, 0.3] * 15, [0.0, 0.1] * 15, equal_var=False).pvalue
    assert table["p_adjusted"].tolist() == pytest.approx([2 * p, 2 * p])  # two groups, two comparisons


def test_what_made_the_groups_is_described_and_never_tested(held):
    table = held(defining=("return_share",)).compare("return_share", by="persona")
    assert table["p_adjusted"].isna().all()
    assert set(table["note"]) == {MADE}
    elsewhere = held(defining=("return_share",)).compare("return_share", by="acquisition_channel")
    assert elsewhere["p_adjusted"].notna().any()


def test_a_group_of_few_is_named_without_figures(held):
    table = held().compare("return_share", by="acquisition_channel").set_index("group")
    assert table.loc["fair", "note"] == FEW
    assert table.loc["fair", ["n", "value", "ci_low", "others"]].isna().all()


def test_a_yes_no_column_has_wilsons_interval_and_no_small_cell(held):
    table = held().compare("churned", by="persona").set_index("group")
    assert table.loc["p1", "value"] == pytest.approx(20 / 30)
    assert (table.loc["p1", "ci_low"], table.loc["p1", "ci_high"]) == pytest.approx((0.4878, 0.8077), abs=1e-4)


def test_within_a_persona_by_its_name(held):
    table = held().compare("return_share", by="acquisition_channel", within="The one")
    assert table["n"].dropna().tolist() == [14, 14]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"column": "return_shar"}, "no column 'return_shar'; did you mean 'return_share'?"),
        (
            {"column": "return_share", "by": "acquisition"},
            "no column 'acquisition'; did you mean 'acquisition_channel'?",
        ),
        ({"column": "return_share", "within": "The two"}, "no persona 'The two'; did you mean 'The one'?"),
        ({"column": "acquisition_channel"}, "holds no numbers"),
        ({"column": "return_share", "by": "customer_id"}, "has 60 different values"),
    ],
)
def test_what_was_typed_is_named(held, asked, told):
    with pytest.raises(StudyError, match=told.replace("?", r"\?")):
        held().compare(**asked)


def test_a_card_shows_itself(sample):
    card = ShownCard(sample.make_report().cards[0], Words("en", "EUR"))
    assert card.id == "p2"
    assert card._repr_html_().startswith('<iframe srcdoc="&lt;!doctype html&gt;')
