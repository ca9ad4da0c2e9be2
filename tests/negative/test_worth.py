"""What customers are worth: money counted by hand, intervals of means of skewed money, review from run to run."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t
from shops import three

from helpers.negative.worth import (
    _verdict,
    afterwards,
    contribution,
    mean_of,
    mean_parts,
    measure,
    outcomes,
    reviewed,
    visible_loss,
)
from helpers.words import say


def test_contribution_counted_by_hand():
    balance = contribution(three())
    assert balance.loc["a"].to_dict() == {
        "orders": 3,
        "revenue": 120.0,
        "returned": 5.0,
        "margin": 50.0,
        "cost_of_goods": 65.0,
        "service_cost": 4.0,
        "acquisition_cost": 20.0,
        "before_acquisition": 46.0,
        "contribution": 26.0,
    }
    assert balance.at["b", "before_acquisition"] == 5 - 12
    assert balance.at["b", "contribution"] == 5 - 12 - 3
    assert np.isnan(balance.at["c", "contribution"])


def test_the_parts_add_up_and_customers_of_unknown_costs_are_left_out():
    groups = {"all": pd.Index(["a", "b", "c"]), "only b": pd.Index(["b"]), "unknown": pd.Index(["c"])}
    table = mean_parts(contribution(three()), groups, least=1).set_index("segment")
    assert table["n"].to_dict() == {"all": 2, "only b": 1}
    taken = table[["returned", "cost_of_goods", "service_cost", "acquisition_cost"]].sum(axis=1)
    pd.testing.assert_series_equal(table["revenue"] - taken, table["contribution"], check_names=False)
    assert table.at["all", "contribution"] == (26 - 10) / 2
    assert table.at["only b", "before_acquisition"] == -7
    assert mean_parts(contribution(three()), groups, least=3).empty


def test_bad_reviews_and_the_length_of_the_sales_cycle_are_measured_where_the_tables_tell():
    at = pd.Timestamp("2025-02-01")
    service = pd.DataFrame(
        {"customer_id": ["a", "a", "b", "b"], "at": at, "kind": ["review", "Review", "review", "complaint"]}
    ).assign(rating=[1.0, 2.0, 5.0, 1.0])
    leads = pd.DataFrame({"lead_id": ["l", "l", "m"], "customer_id": ["b", "b", "c"], "activity": "page"})
    leads["at"] = at + pd.to_timedelta([0, 3, 0], unit="D")
    leads["converted_at"] = [pd.NaT, at + pd.Timedelta(days=10), pd.NaT]
    values = outcomes(three(), contribution(three()), {"service": service, "leads": leads})
    assert values["bad_reviews"].to_dict() == {"a": 2.0, "b": 0.0, "c": 0.0}
    assert values["sales_cycle"].dropna().to_dict() == {"b": 10.0}
    assert not {"bad_reviews", "sales_cycle"} & set(outcomes(three(), contribution(three()), {}))


def test_what_came_after_bears_its_part_of_the_cost_of_winning():
    # one of five orders came later: a fifth of the cost of 20
    assert afterwards(three()).loc["a"].to_dict() == {
        "orders": 1,
        "revenue": 30.0,
        "returned": 0.0,
        "margin": 10.0,
        "cost_of_goods": 20.0,
        "service_cost": 4.0,
        "acquisition_cost": 4.0,
        "before_acquisition": 6.0,
        "contribution": 2.0,
    }
    assert afterwards(three()).at["b", "contribution"] == pytest.approx(-3 / 5)


# --- what is measured of a segment ----------------------------------------------------------------------------------


def test_measures_counted_by_hand():
    values = pd.DataFrame({"contribution": [-1.0, -3.0, 4.0, 6.0], "churned": [1.0, 1.0, 0.0, 1.0]}, index=list("abcd"))
    money, left = measure("x", values, pd.Series([True, True, False, False], index=list("abcd")))
    # mean -2, sd sqrt(2), t(.975; 1) = 12.706
    assert (money["n"], money["estimate"], money["unit"]) == (2, -2.0, "money")
    assert (money["ci_low"], money["ci_high"]) == pytest.approx((-14.706, 10.706), abs=0.001)
    assert money["verdict"].key == "negative.verdict.money.few"
    # 1 against .5; the others' variance .5 on 2: error sqrt(.5 / 2 / .25) = 1
    assert (left["estimate"], left["unit"]) == (2.0, "lift")
    assert (left["ci_low"], left["ci_high"]) == pytest.approx((2 / np.exp(1.96), 2 * np.exp(1.96)), rel=0.001)
    assert left["p_value"] == pytest.approx(2 * norm.sf(np.log(2)))


def test_the_interval_of_a_skewed_mean_covers_it_on_both_sides_and_t_does_not():
    """Each of 60 customers brings 5, and one in 20 costs 60 once: a mean of 2, of which t is too sure from above."""
    rng = np.random.default_rng(1)
    drawn = [5 - 60.0 * (rng.random(60) < 0.05) + rng.normal(0, 1, 60) for _ in range(300)]
    mean = 5 - 60 * 0.05
    above, above_by_t = [], []
    for own in drawn:
        estimate, low, high, p = mean_of(own)
        assert low < estimate < high
        assert (p < 0.05) == (low > 0 or high < 0) or 0.02 < p < 0.08
        above.append(low > mean)
        half = 2 * own.std(ddof=1) / np.sqrt(60)
        above_by_t.append(estimate - half > mean)
    assert np.mean(above) < 0.6 * np.mean(above_by_t)


def test_a_mean_does_not_depend_on_the_order_of_rows_and_few_values_are_left_to_t():
    own = np.random.default_rng(2).normal(-1, 3, 40)
    assert mean_of(own) == mean_of(own[::-1])
    few = own[:19]
    half = t.ppf(0.975, 18) * few.std(ddof=1) / np.sqrt(19)
    assert mean_of(few)[1:3] == pytest.approx((few.mean() - half, few.mean() + half))
    assert np.isnan(mean_of(np.ones(30))).all()


def test_the_loss_that_could_be_seen_is_found_in_four_of_five_cases():
    rng = np.random.default_rng(3)
    for tests in (1, 3):
        loss = visible_loss(rng.normal(0, 10, 50_000), 100, tests)
        found = [
            2 * t.sf(-x.mean() / x.std(ddof=1) * 10, 99) * tests <= 0.05 for x in rng.normal(-loss, 10, (2000, 100))
        ]
        assert np.mean(found) == pytest.approx(0.8, abs=0.03)
    assert np.isnan(visible_loss(np.ones(1), 1))


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"unit": "money", "detectable": 9.0, "ci_low": -5.0, "ci_high": 5.0}, "money.few"),
        ({"unit": "money", "detectable": 7.0, "ci_low": -5.0, "ci_high": 5.0}, "money.same"),
        ({"unit": "money", "detectable": 9.0, "ci_low": -5.0, "ci_high": -1.0}, "money.less"),
        ({"unit": "lift", "detectable": np.nan, "ci_low": 0.6, "ci_high": 2.1}, "lift.few"),
        ({"unit": "lift", "detectable": np.nan, "ci_low": 0.4, "ci_high": 1.1}, "lift.few"),
        ({"unit": "lift", "detectable": np.nan, "ci_low": 0.6, "ci_high": 1.9}, "lift.same"),
    ],
)
def test_too_few_to_tell_is_said_where_it_is_so(row, verdict):
    assert _verdict(row, 8.0) == say(f"negative.verdict.{verdict}")


def test_review_is_entered_at_eight_in_ten_and_left_below_five():
    chance = pd.DataFrame({"probability": [0.95, 0.85, 0.79, 0.5, 0.49, 0.79, 0.1]}, index=list("abcdefg"))
    chance["before_acquisition"] = 0.0
    met = {"negative-1": pd.Series([True, True, True, True, True, False, False], index=chance.index)}
    first = reviewed(met, chance).set_index("customer_id")["state"]
    assert first.to_dict() == {"a": "flag", "b": "watch", "c": "", "d": "", "e": ""}
    again = reviewed(met, chance, ["c", "d", "e", "f"]).set_index("customer_id")
    assert again["state"].to_dict() == {
        "a": "flag", "b": "watch", "c": "watch", "d": "watch", "e": "back", "f": "watch",
    }  # fmt: skip
    assert again["negative"].isna().to_dict() == {"a": False, "b": False, "c": False, "d": False, "e": False, "f": True}


def test_the_chances_from_which_customers_are_flagged_and_watched_can_be_moved():
    chance = pd.DataFrame({"probability": [0.75, 0.85], "before_acquisition": 0.1}, index=list("ab"))
    met = {"negative-1": pd.Series(True, index=list("ab"))}
    assert reviewed(met, chance)["state"].tolist() == ["", "watch"]
    assert reviewed(met, chance, flag=0.85, watch=0.7)["state"].tolist() == ["watch", "flag"]
