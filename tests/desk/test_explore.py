"""Groups that were asked for: shown also where the data do not hold them, and marked so."""

import numpy as np
import pytest

from helpers.cards.profile import find_personas
from helpers.contracts import StudyError
from helpers.desk.explore import explore, groups_asked
from helpers.desk.open_study import OpenStudy
from helpers.words import Words


@pytest.fixture(scope="module")
def without_types(simulate, a_study):
    """Customers without types: every feature dealt out anew."""
    customers, _, _ = simulate(5, n=400, once=0.0)
    rng, features = np.random.default_rng(1), customers.features.copy()
    for name in features.columns.drop(["customer_id", "orders"]):
        features[name] = rng.permutation(features[name].to_numpy())
    customers = customers.__class__(**{**vars(customers), "features": features})
    personas = find_personas(customers, None, a_study(), bootstrap=4, null_draws=19)
    made = {"customers": customers, "survey": None, "tables": None, "personas": personas}
    session = type("Made", (), {"study": a_study(), "words": Words(), "__getitem__": lambda self, name: made[name]})()
    return OpenStudy(session)


def test_groups_that_the_data_do_not_hold_are_shown_and_marked(without_types):
    assert without_types.session["personas"].structure.kind == "not supported"
    found = groups_asked(without_types, 3, bootstrap=4, null_draws=19)
    assert not found.supported
    assert found.told[0].startswith("NOT SUPPORTED: these data do not hold these 3 groups.")
    assert len(found.groups) == 3
    assert found.groups["customers"].min() >= 10
    assert found._repr_html_().index("NOT SUPPORTED") < found._repr_html_().index("<table")


def test_what_cannot_be_is_said(without_types):
    with pytest.raises(StudyError, match="try_k is 9; allowed are 2 to 6"):
        groups_asked(without_types, 9)
    with pytest.raises(StudyError, match="no_such_column"):
        groups_asked(without_types, 2, ["no_such_column"], bootstrap=4, null_draws=19)


def test_widgets_wait_for_the_button(without_types):
    pytest.importorskip("ipywidgets")
    boxes, button, shown = explore(without_types, bootstrap=4, null_draws=19).children
    k, features, reserve = (column.children[1] for column in boxes.children)
    assert k.options[0] == ("as many as the data hold", 0)
    assert "coupon_share" in features.options
    assert reserve.value == ()
    assert shown.outputs == ()
    assert button.description == "Show the groups"
