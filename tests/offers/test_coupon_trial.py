"""The trial without coupons: sized from later spend, for everybody and for each persona, with what it could show."""

import math

import numpy as np
import pandas as pd
import pytest

from helpers.beliefs.plan import Design, plan_means, plan_test
from helpers.beliefs.registry import confirmatory_beside
from helpers.offers.coupon_trial import coupon_trial
from helpers.offers.coupons import WithoutCoupons
from helpers.offers.figures import plot_coupon_trial
from helpers.words import ENGLISH

ALL = "all customers"


def trial(make_evidence, n=400, same=0.0, at_risk=((ALL, 0.1, 0.3), ("the a ones", 0.6, 0.9)), tables=()):
    rng = np.random.default_rng(3)
    ids = [f"C{i:04d}" for i in range(n)]
    before = rng.normal(100, 20, n)
    after = 100 + same * (before - 100) + math.sqrt(1 - same**2) * rng.normal(0, 20, n)
    frames = [pd.DataFrame({"customer_id": ids, "spend": spend}) for spend in (before, after)]
    evidence = make_evidence(
        {name: pd.DataFrame() for name in tables},
        persona_of={c: "a" if i % 4 == 0 else "b" for i, c in enumerate(ids)},
        features=frames[0],
        held_out=frames[1],
    )
    rows = [(group, n, name, share, 0.0, 1.0) for group, *shares in at_risk
            for name, share in zip(("drop", "leave"), shares, strict=True)]  # fmt: skip
    columns = ["group", "n", "assumption", "share", "ci_low", "ci_high"]
    without = WithoutCoupons(pd.DataFrame(rows, columns=columns), ())
    return coupon_trial(without, evidence.customers, evidence.personas, evidence.study)


def test_each_group_has_the_smallest_loss_it_can_show_and_the_people_it_takes(make_evidence):
    """Spread a fifth of the mean: 200 in each half show .28 standard deviations, which is 5.6 % of the spend."""
    found = trial(make_evidence)
    everybody, persona = (found.groups.iloc[i] for i in (0, 1))
    assert (everybody["customers"], everybody["in_each_half"], persona["customers"]) == (400, 200, 100)
    assert everybody["smallest_loss_share"] == pytest.approx(plan_means(n=200).effect * 0.2, rel=0.1)
    assert everybody["needed_if_they_drop"] == pytest.approx(plan_means(0.5).n, rel=0.25)
    assert ENGLISH.tell(everybody["could_show"]) == "So it would show either."


def test_it_is_sized_for_the_level_that_its_verdict_will_have(make_evidence):
    """Beside other confirmatory beliefs of the page fewer can show less."""
    tables = ["sessions", "leads", "messages"]
    beside = confirmatory_beside(make_evidence({name: pd.DataFrame() for name in tables}).study, "coupon_dependence")
    alone, crowded = (trial(make_evidence, tables=given).groups.iloc[0] for given in ((), tables))
    own = [plan_test(None, n=200, design=Design(also=also)).effect for also in (0, beside)]
    assert beside > 1
    assert crowded["smallest_loss_share"] / alone["smallest_loss_share"] == pytest.approx(own[1] / own[0])
    assert crowded["needed_if_they_drop"] > alone["needed_if_they_drop"]


def test_what_was_spent_before_takes_out_what_was_there_already(make_evidence):
    plain, same = (trial(make_evidence, same=s).groups.loc[0, "smallest_loss_share"] for s in (0.0, 0.8))
    assert same / plain == pytest.approx(0.6, abs=0.08)


def test_where_it_cannot_show_what_is_expected_it_says_so_and_where_to_begin(make_evidence):
    found = trial(make_evidence, at_risk=((ALL, 0.01, 0.02), ("the a ones", 0.05, 0.3)))
    assert [said.key.rsplit(".")[-1] for said in found.groups["could_show"]] == ["neither", "leave"]
    told = " ".join(map(ENGLISH.tell, found.told))
    assert "Begin where it can show something: the a ones." in told
    assert "coupon_dependence" in told


@pytest.mark.parametrize(
    ("n", "at_risk", "rows"), [(400, (), 0), (30, ((ALL, 0.1, 0.3),), 0), (100, ((ALL, 0.0, 0.0),), 1)]
)
def test_too_little_to_size_is_no_trial(make_evidence, n, at_risk, rows):
    found = trial(make_evidence, n=n, at_risk=at_risk)
    assert len(found.groups) == rows
    assert bool(found.told) == bool(at_risk)


def test_nobody_who_spent_anything_is_no_trial(make_evidence):
    ids = [f"C{i:04d}" for i in range(100)]
    nothing = pd.DataFrame({"customer_id": ids, "spend": 0.0})
    evidence = make_evidence(persona_of=dict.fromkeys(ids, "a"), features=nothing, held_out=nothing)
    shares = pd.DataFrame(
        {"group": [ALL] * 2, "assumption": ["drop", "leave"], "share": [0.1, 0.2], "ci_low": 0.0, "ci_high": 1.0}
    )
    found = coupon_trial(WithoutCoupons(shares, ()), evidence.customers, evidence.personas, evidence.study)
    assert found.groups.empty
    assert [said.key for said in found.told] == ["hypotheses.coupon_trial.few"]
    assert coupon_trial(WithoutCoupons(shares, ()), None, evidence.personas, evidence.study).told == ()


def test_the_figure_sets_the_smallest_loss_beside_the_expected_one(make_evidence):
    groups = ENGLISH.told(trial(make_evidence).groups)
    ax = plot_coupon_trial(groups)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["the a ones", ALL]
    marks = ax.collections[-1].get_offsets()[:, 0]
    assert marks.tolist() == groups["smallest_loss_share"].tolist()[::-1]
