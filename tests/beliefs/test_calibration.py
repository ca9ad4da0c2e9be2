"""How often the suite supports a belief that is false: a small version of ``make calibrate hypotheses``."""

import pytest
from beliefs import FOURTEEN, KINDS, NULLS, SIZES, several

from helpers.beliefs.belief import built_in

pytestmark = pytest.mark.filterwarnings("error")


def test_every_built_in_test_is_among_the_simulated_nulls():
    ours = {kind.partition(":")[0] for kind in NULLS}
    assert {b.id for b in built_in().values() if b.test} <= ours <= built_in().keys()


def test_false_beliefs_are_rejected_at_their_level():
    found = several(list(NULLS), 16)
    assert (found["not testable"] <= 2 / 16).all()  # what looks for a rival errs now and then
    level = found["p <= .05"]
    assert 0.03 <= level.mean() <= 0.07
    assert level.max() <= 0.20
    assert (found["supported"] + found["reversed"]).mean() <= 0.06


def test_what_does_not_matter_is_told_from_what_does():
    kinds = [kind for kind in KINDS if kind not in NULLS and kind.startswith(("relative_saving", "order_value"))]
    found = several(kinds, 20)
    none, real = (found[found.index.str.endswith(amount)] for amount in ("no effect", "twice what matters"))
    assert len(none) == len(real) == 3 <= len(SIZES)
    assert none["supported"].mean() <= 0.05
    assert none["equivalent"].mean() >= 0.5
    assert (real["equivalent"] == 0).all()
    assert (real["supported"] >= 0.9).all()


def test_fourteen_false_beliefs_at_once_seldom_give_a_finding():
    found = several([FOURTEEN], 25).loc[FOURTEEN]
    assert found["p <= .05"] >= 0.35  # 1 - .95^14 = .51
    assert found["supported"] <= 0.10
