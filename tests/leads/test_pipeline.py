"""From lead to customer who stays: open leads are not taken for slow or lost ones."""

import numpy as np
import pandas as pd
import pytest

from helpers.leads.pipeline import lead_times, sales_cycle, stages
from helpers.words import ENGLISH, say

START = pd.Timestamp("2025-01-06")


def leads(days: list[float | None], first: float = 0.0) -> pd.DataFrame:
    """Leads of this first day with the days until they became customers."""
    frame = pd.DataFrame({"lead_id": [f"L{i:03d}" for i in range(len(days))], "activity": "page"})
    frame["at"] = START + pd.Timedelta(days=first)
    return frame.assign(converted_at=frame["at"] + pd.to_timedelta(pd.Series(days, dtype=float), unit="D"))


def test_open_leads_are_watched_to_the_end_of_the_window(make_evidence):
    """280 days; the second one converts after the window and is still open."""
    table = lead_times(make_evidence({"leads": leads([10, 300, None])}))
    assert table["days"].tolist() == [10, 280, 280]
    assert table["won"].tolist() == [True, False, False]


def test_the_median_of_all_counts_open_leads_as_open(make_evidence):
    """Sixty convert after 1, 2, ... 60 days and 39 never do: half of all by day 50, half of the converts by 30."""
    table, said = sales_cycle(make_evidence({"leads": leads([*map(float, range(1, 61)), *[None] * 39])}))
    assert table["median_days"].tolist() == [50, 30]
    assert table["n"].tolist() == [99, 60]
    assert table["ci_low"].iloc[0] < 50 < table["ci_high"].iloc[0]
    assert ENGLISH.tell(said[0]).startswith(
        "Half of all leads have become customers 50 days after their first activity ("
    )
    assert (said[1].key, said[1].values["median"]) == ("leads.cycle.won", 30)


def test_a_median_that_is_not_reached_is_said_to_be_unknown(make_evidence):
    table, said = sales_cycle(make_evidence({"leads": leads([*map(float, range(1, 31)), *[None] * 70])}))
    assert np.isnan(table["median_days"].iloc[0])
    assert said[0] == say("leads.cycle.all_open", n=100)
    assert sales_cycle(make_evidence({"leads": leads([1.0] * 5)}))[1] == [say("leads.cycle.unknown")]


def test_one_day_is_one_and_an_end_beyond_the_data_is_left_open(make_evidence):
    """Forty-five of eighty convert within a day, so that the upper limit of the median lies among those still open."""
    _, said = sales_cycle(make_evidence({"leads": leads([*[1.0] * 45, *[None] * 35])}))
    assert ENGLISH.tell(said[0]).startswith(
        "Half of all leads have become customers 1 day after their first activity (1 day or more; 80 leads, "
    )


def test_the_stages_and_the_customers_that_leads_became(make_evidence):
    """100 leads, 40 customers, of whom 30 come back on another day; the others' orders do not count."""
    frame = leads([*[5.0] * 40, *[None] * 60])
    orders = [(f"C{i}", d) for i in range(40) for d in ((10, 20) if i < 30 else (10,))] + [("X", 1), ("X", 2)]
    sales = pd.DataFrame(orders, columns=["customer_id", "day"]).assign(
        amount=1.0, order_id=lambda t: t.index.astype(str)
    )
    sales["ordered_at"] = START + pd.to_timedelta(sales["day"], unit="D")
    frame["customer_id"] = [f"C{i}" if i < 40 else None for i in range(100)]
    table = stages(make_evidence({"leads": frame, "sales": sales}))
    assert table["n"].tolist() == [100, 40, 30]
    assert table["share"].tolist()[1:] == pytest.approx([0.4, 0.75])
    assert table["of"].tolist()[1:] == [say("leads.stage.of_leads"), say("leads.stage.of_won")]
    of_all = stages(make_evidence({"leads": frame.drop(columns="customer_id"), "sales": sales}))
    assert of_all["share"].iloc[2] == pytest.approx(31 / 41)


def test_small_stages_are_left_out(make_evidence):
    table = stages(make_evidence({"leads": leads([*[5.0] * 4, *[None] * 60])}))
    assert table["stage"].tolist() == [say("leads.stage.attract")]


def test_customers_of_before_are_no_leads(make_evidence):
    frame = leads([10.0] * 30).assign(converted_at=START - pd.Timedelta(days=100))
    assert lead_times(make_evidence({"leads": frame})).empty
