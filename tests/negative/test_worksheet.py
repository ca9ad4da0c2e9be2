"""The worksheet: fairness and prospects counted by hand, six questions answered from what there is."""

import numpy as np
import pandas as pd
import pytest
from shops import PERIOD, loaded, people_of, personas, sales, study

from helpers.customers.customers import Customers
from helpers.negative.worksheet import fairness, missing, prospects, said_by_sales, worksheet
from helpers.words import Words, say

WORDS = Words(currency="EUR")
OTHERS = say("negative.others")
START = pd.Timestamp("2025-01-01")


def test_a_group_flagged_more_than_a_quarter_more_often_is_warned_of():
    customers = people_of(["f"] * 40 + ["m"] * 80 + ["x"] * 4 + ["y"] * 7)
    flagged = pd.Series([f"c{number:03d}" for number in [*range(20), *range(40, 56), *range(120, 130)]])
    table = fairness(customers, flagged, study()).set_index("value")
    assert table["n"].to_dict() == {"f": 40, "m": 80, OTHERS: 11}
    assert table["flagged_share"].to_dict() == pytest.approx({"f": 0.5, "m": 0.2, OTHERS: 10 / 11})
    assert table.at["f", "ratio"] == pytest.approx((26 / 91) / 0.5)
    assert table["warning"].to_dict() == {"f": True, "m": False, OTHERS: True}


def test_exactly_four_fifths_is_no_warning():
    flagged = pd.Series([f"c{number:03d}" for number in [*range(50), *range(100, 140)]])
    table = fairness(people_of(["f"] * 100 + ["m"] * 100), flagged, study()).set_index("value")
    assert table["ratio"].to_dict() == pytest.approx({"f": 0.8, "m": 1.25})
    half = 1.959964 * np.sqrt(1 / 40 - 1 / 100 + 1 / 50 - 1 / 100)  # Katz: on the log scale, by hand
    ends = [0.8 * np.exp(-half), 0.8 * np.exp(half)]
    assert table.loc["f", ["ci_low", "ci_high"]].tolist() == pytest.approx(ends, rel=1e-6)
    assert not table["warning"].any()


def test_shares_of_few_flagged_customers_are_withheld_and_cannot_be_worked_out():
    customers = people_of(["f"] * 60 + ["m"] * 60 + ["x"] * 60)
    flagged = pd.Series([f"c{number:03d}" for number in [*range(30), *range(60, 75), *range(120, 123)]])
    table = fairness(customers, flagged, study()).set_index("value")
    assert table["flagged_share"].isna().to_dict() == {"f": False, "m": True, "x": True}
    assert table["ratio"].isna().to_dict() == {"f": False, "m": True, "x": True}


def test_a_small_group_that_cannot_be_hidden_is_joined_to_the_next():
    table = fairness(people_of(["f"] * 40 + ["m"] * 20 + ["x"] * 3), pd.Series(["c000"]), study())
    assert dict(zip(table["value"], table["n"], strict=True)) == {"f": 40, OTHERS: 23}


def test_ages_are_told_in_bands():
    ages = [29.0] * 10 + [30.0] * 12 + [60.0] * 14 + [np.nan] * 9
    table = fairness(people_of(["f"] * 45, age=ages), pd.Series(["c000"]), study())
    found = table[table["attribute"] == "age"]
    bands = {"from_30": 12, "from_60": 14, "under_30": 10}
    assert list(found["value"]) == [say(f"negative.age.{band}") for band in bands]
    assert list(found["n"]) == list(bands.values())


def test_nobody_flagged_gives_no_fairness_table():
    assert fairness(people_of(["f"] * 40), pd.Series([], dtype="str"), study()).empty


def sheet_of(customers, *labels, cards=(), privacy=None, **frames) -> pd.DataFrame:
    return worksheet(customers, loaded(**frames), personas(customers, *labels), cards, study(**privacy or {}))


def test_the_worksheet_says_what_is_blank():
    sheet = sheet_of(people_of(["f"] * 5))
    assert [answer.key for answer in sheet["answer"]] == [
        f"negative.blank.{name}" for name in ("team", "deal", "left", "reviews", "profit", "cost")
    ]
    assert (sheet["source"] == "").all()
    assert sheet["answer"][1].values["least"] == 20


def test_the_worksheet_answered_from_data():
    n = 60
    customers = people_of(
        ["f"] * n, acquisition_channel=["ads"] * 20 + ["friends"] * 40, acquisition_cost=[30.0] * 20 + [6.0] * 40
    )
    held_out = customers.held_out.assign(churned=[True] * 27 + [False] * 33, margin=[-5.0] * 30 + [5.0] * 30)
    held_out["margin"] += np.tile([-1.0, 1.0], 30)
    customers = Customers(PERIOD, customers.features.assign(margin=0.0), held_out, customers.profile, ())
    leads = pd.DataFrame({"lead_id": [f"l{i}" for i in range(20)] * 2})
    leads["at"] = [START] * 20 + [START + pd.Timedelta(days=1)] * 20
    leads["converted_at"] = START + pd.to_timedelta(np.tile(np.r_[np.full(10, 4), np.full(10, 30)], 2), unit="D")
    reviews = pd.DataFrame({"customer_id": "c000", "at": START, "kind": [" Review"] * 40 + ["complaint"]})
    reviews["rating"] = [1.0] * 10 + [5.0] * 30 + [1.0]
    bought = sales([(f"c{i:03d}", f"o{i}", 1, 1, 5.0, 1.0) for i in range(40)])
    sheet = sheet_of(customers, "persona-1", "persona-2", sales=bought, leads=leads, service=reviews)
    assert [WORDS.tell(answer) for answer in sheet["answer"]] == [
        "left blank: no interview with the sales team answers this (table interviews, speaker sales)",
        "The 10 slowest of 20 deals took 30 days on average; half of all took no more than 17.",
        "45 % of customers placed no later order, most often “The persona-1” (90 %). Why they left is for them to say.",
        "25 % of 40 reviews give a rating of 2 or less. Who tells others to stay away is not known.",
        "“The persona-1” brought the least in the weeks kept aside for tests: "
        "−5 EUR per customer, against 0 EUR over all.",
        "Those who came through ads: 30 EUR each, against 14 EUR over all. "
        "Of 60 known people 33 % never ordered, after 6 EUR each was spent on winning and serving them.",
    ]
    assert sheet["source"].tolist() == ["", "leads", "sales", "service", "sales", "customers"]


def test_where_no_group_is_clearly_worse_none_is_named_and_few_bad_reviews_are_bounded():
    customers = people_of(["f"] * 60, acquisition_cost=[30.0] * 60)
    held_out = customers.held_out.assign(churned=[True, False] * 30, margin=[5.0, -5.0] * 30)
    customers = Customers(PERIOD, customers.features.assign(margin=1.0), held_out, customers.profile, ())
    reviews = pd.DataFrame({"customer_id": "c000", "at": START, "kind": "review", "rating": [1.0] * 9 + [5.0] * 31})
    answers = sheet_of(customers, "persona-1", "persona-2", service=reviews)["answer"]
    assert answers[2] == say("negative.answer.churned_alike", all=0.5)
    assert answers[3].values["share"] == say("negative.under", share=10 / 40)
    assert answers[4] == say("negative.answer.contribution_alike", all=0.0)  # no order came later
    assert answers[5].values["parts"][0] == say("negative.answer.cost", all=30.0)


def test_of_several_groups_that_are_clearly_worse_the_worst_is_named():
    customers = people_of(["f"] * 90)
    left = [person % 30 < stay for stay, persons in ((24, 30), (28, 30), (2, 30)) for person in range(persons)]
    held_out = customers.held_out.assign(churned=left, margin=np.where(left, -9.0, 1.0))
    customers = Customers(PERIOD, customers.features.assign(margin=0.0), held_out, customers.profile, ())
    answers = sheet_of(customers, "persona-1", "persona-2", "persona-3")["answer"]
    assert answers[2] == say("negative.answer.churned", all=54 / 90, worst="The persona-2", mean=28 / 30)
    assert answers[4].values["worst"] == "The persona-2"


SAID = pd.DataFrame(
    [
        ("sales", "Whom does the team like least to work with,  AND why", "Those who call +995 599 123 456 daily"),
        ("Sales ", " team ", "x " * 30),
        ("sales", "deal", "A year, with an office"),
        ("sales", "What else?", "Nothing"),
        ("customer", "team", "Nobody asked me"),
    ],
    columns=["speaker", "question", "text"],
)


def test_the_sales_team_answers_where_the_data_are_silent():
    answers = sheet_of(people_of(["f"] * 5), privacy={"quotes": True}, interviews=SAID)
    assert answers["source"].tolist() == ["interviews", "interviews", "", "", "", ""]
    cut = " ".join(["x"] * 25) + " …"
    assert WORDS.tell(answers["answer"][0]) == (
        f"The sales team (2 answers, each for its speaker alone): “Those who call [phone] daily” and “{cut}”."
    )
    assert "(1 answer, " in WORDS.tell(answers["answer"][1])
    counted = sheet_of(people_of(["f"] * 5), interviews=SAID)
    assert counted["answer"][0] == say("negative.team.counted", n=2)
    assert said_by_sales(SAID)["other"] == ["Nothing"]


def test_prospects_who_never_bought_counted_by_hand():
    n = 40
    customers = people_of(["f"] * n, acquisition_channel=["ads"] * n, acquisition_cost=[10.0] * n)
    bought = sales([(f"c{i:03d}", f"o{i}", 1, 1, 5.0, 1.0) for i in range(25)])
    messages = pd.DataFrame({"customer_id": ["c030"] * 3, "cost": [5.0] * 3})
    leads = pd.DataFrame({"lead_id": [f"l{i}" for i in range(60)], "at": START, "activity": "page"})
    leads["job_role"] = ["chef"] * 30 + ["clerk"] * 30
    leads["converted_at"] = (
        [START + pd.Timedelta(days=5)] * 12 + [pd.NaT] * 18 + [START + pd.Timedelta(days=5)] * 4 + [pd.NaT] * 26
    )
    late = leads.tail(1).assign(lead_id="late", at=START + pd.Timedelta(days=6))  # may still buy
    more = leads.iloc[[20]]  # a second activity of one lead
    table = prospects(customers, {"sales": bought, "messages": messages, "leads": pd.concat([leads, more, late])}, 10)
    everybody = say("negative.all")
    rows = {(row.table, row.value): row for row in table.itertuples()}
    assert (rows["leads", everybody].n, rows["leads", everybody].share_never) == (60, 44 / 60)
    assert rows["leads", everybody].activities == pytest.approx(45 / 44)
    assert np.isnan([rows["leads", "chef"].share_never, rows["leads", "clerk"].share_never]).all()  # four clerks bought
    assert (rows["customers", "ads"].n, rows["customers", "ads"].share_never) == (40, 15 / 40)
    assert rows["customers", "ads"].cost == pytest.approx(10 + 15 / 15)
    assert prospects(people_of(["f"] * 5), {"sales": sales([])}, 10).empty


def test_what_is_missing_is_known():
    gaps = ["margin", "service_cost", "acquisition_cost", "reviews", "leads", "team"]
    assert missing(people_of(["f"]), {}) == gaps
    assert missing(people_of(["f"], acquisition_cost=[1.0]), {"interviews": SAID}) == [
        "margin",
        "service_cost",
        *gaps[3:5],
    ]
