"""Tables of the spine's notebooks."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from helpers.changed import Drift, NegativeMatch
from helpers.contracts import (
    Effect,
    FileAccount,
    HypothesisResult,
    Issue,
    StudyError,
)
from helpers.customers.customers import Customers, Period
from helpers.customers.totals import Totals
from helpers.read.load import LoadedTables
from helpers.read.quality import publishable
from helpers.report import tables
from helpers.report.knowledge import Knowledge
from helpers.report.tables import accounts_frame, issues_frame
from helpers.words import ENGLISH, NOT_KNOWN, Quantity, few, say

ACCOUNTS = (
    FileAccount(
        "sales", "s.csv", 1200, 1190, 3, 10,
        (Issue("x", "quarantined", "amount", 10, (2, 3), "not a number"), Issue("y", "warning", None, 0, (), "look")),
    ),
    FileAccount("customers", "c.csv", 5, 5, 0, 0),
)  # fmt: skip


def test_the_quality_report_as_tables(sample):
    read_in, study = LoadedTables({}, ACCOUNTS), sample.make_study()
    files = accounts_frame(read_in, study)
    assert files["rows_in"].tolist() == [1200, 0]  # five rows are no step of ten
    assert (files["rows_in"] == files["rows_used"] + files["rows_quarantined"]).all()
    issues = issues_frame(read_in, study)
    assert issues[["table", "severity", "rows"]].to_numpy().tolist() == [
        ["sales", "quarantined", 10],
        ["sales", "warning", 0],
    ]
    assert list(issues_frame(LoadedTables({}, ()), study)) == list(issues)
    assert accounts_frame(LoadedTables({}, ()), study).empty
    assert tables.accounts_told(read_in, study)["rows_in"].tolist() == [1200, few(1, 10)]
    assert list(tables.accounts_told(LoadedTables({}, ()), study)) == list(files)


def test_findings_about_few_people_are_published_without_their_money():
    few, many = (
        Issue("unreadable_time", "quarantined", "day", 9, (2,), "no date", 900.0),
        Issue("unreadable_time", "quarantined", "day", 10, (2,), "no date", 1000.0),
    )
    (shown,) = publishable((FileAccount("sales", "s.csv", 100, 81, 0, 19, (few, many)),), {}, 10)
    assert [issue.money for issue in shown.issues] == [None, 1000.0]


def test_texts_of_findings_are_published_without_exact_counts_shares_and_places():
    """Twelve records lack a field and one line is worth 4.19 %: steps of ten, and a round share that it is under."""
    where = [say("opening.where.part", name="a.csv", rows=["3", "4"])]
    spelt = say("opening.where.parts", text=say("reading.id.spelling", n=12), parts=where)
    issues = (
        Issue("missing_fields", "warning", None, 0, (), say("opening.missing_fields", n=12, fields=7)),
        Issue("no_person", "quarantined", "Client", 1, (2,), say("reading.sales.nobody", share=0.0419)),
        Issue("id_spelling", "repaired", "Client", 12, (3, 4), spelt),
        Issue("extra_columns", "warning", None, 0, (), say("reading.column.extra", n=12, names=["x"])),
    )
    (shown,) = publishable((FileAccount("sales", "s.csv", 100, 99, 12, 1, issues),), {}, 10)
    assert [ENGLISH.tell(issue.text) for issue in shown.issues] == [
        "10 records lack some of the 7 fields; these cells are empty",
        "no customer, or a word for none: nobody's lines, under 5 % of the money; they count in orders and money",
        "ids that differ from another in upper and lower case only were read as one with it (10)",
        "columns that the study does not use were left out (12): x",
    ]


def test_rows_are_published_in_steps_that_nobody_s_rows_exceed_and_none_is_named():
    """The largest customer has 14 lines, so the step is 20; nine rows are fewer, and a text says so, too."""
    spelt = Issue("id_spelling", "repaired", "customer_id", 9, (7, 8), say("reading.id.spelling", n=9))
    late = Issue("future_date", "quarantined", "day", 44, (2, 3), "lies in the future", 100.0)
    frame = pd.DataFrame({"customer_id": ["a"] * 14 + ["b"] * 5})
    (shown,) = publishable((FileAccount("sales", "s.csv", 1234, 1190, 9, 44, (spelt, late)),), {"sales": frame}, 10)
    assert (shown.rows_in, shown.rows_used, shown.rows_repaired, shown.rows_quarantined) == (1240, 1200, 0, 40)
    assert [(issue.rows, issue.first_rows) for issue in shown.issues] == [(None, ()), (40, ())]
    assert ENGLISH.tell(shown.issues[0].text).endswith("(fewer than 20)")
    assert tables.counts_told(shown)["repaired"] == few(1, 20)
    assert tables.counts_told(shown)["quarantined"] == 40
    assert tables.counts_told(replace(shown, issues=()))["repaired"] == 0


def test_totals_are_shown_as_they_may_be_published(sample):
    """Forty customers with an order of 10.25 each in January; three of them had 4 back, and one row was set aside."""
    months = pd.DataFrame({"month": ["2025-01"], "orders": [40], "customers": [40], "money": [410.0]})
    found = Totals(40, 40, 43, 410.0, -12.0, 398.0, "", dt.date(2025, 1, 1), dt.date(2025, 1, 31), 0.0258, 1, 7.0,
                   0, 0.0, months, 3, {})  # fmt: skip
    shown = tables.totals_frame(found, sample.make_study())
    rows = {row.what.key.removeprefix("totals.row."): row.how_much for row in shown.itertuples()}
    assert rows["gross"] == Quantity(410, "money")
    assert rows["net"].key == rows["aside_money"].key == "totals.row.few"
    assert rows["largest"].values == {"bound": 0.05}
    assert rows["aside_rows"] == few(1, 10), "one row was set aside, and none would be wrong"
    assert rows["currency"].key == "totals.row.no_currency"
    assert "nobody_rows" not in rows
    assert tables.months_frame(found, sample.make_study()).to_dict("records") == [
        {"month": "2025-01", "orders": 40, "money": Quantity(410.0, "money")}
    ]
    assert tables.totals_frame(None, sample.make_study()) is None


def belief(name: str, verdict: str, effect: Effect | None = None) -> HypothesisResult:
    return HypothesisResult(
        name, f"{name}?", "", "", "observational", verdict, "no table", effect, (effect,) if effect else (),
        n={"a": 30, "b": 12}, sentence="" if verdict == "not testable" else f"{name} said.",
    )  # fmt: skip


def test_the_effects_table_holds_each_effect_once_and_no_risk_ratio_beside_an_odds_ratio():
    odds = Effect("odds ratio", 2.0, 1.5, 2.7, "cheap")
    same_again = Effect("risk ratio", 1.6, 1.3, 2.0, "cheap")
    both = replace(belief("one", "supported", odds), effects=(odds, same_again))
    frame = tables.effects_frame([both, belief("two", "not testable"), belief("three", "supported", same_again)])
    assert frame[["id", "measure", "estimate"]].to_numpy().tolist() == [
        ["one", "odds ratio", 2.0], ["three", "risk ratio", 1.6]
    ]  # fmt: skip


def test_the_verdicts_table_gives_the_reason_where_there_is_no_sentence():
    frame = tables.verdicts_frame([belief("one", "supported"), belief("two", "not testable")])
    assert frame["answer"].tolist() == ["one said.", "no table"]
    assert frame["n"].tolist() == [42, 42]
    assert frame["smallest_that_matters"].tolist() == [NOT_KNOWN] * 2
    sized = replace(belief("one", "supported"), scale="risk difference", sesoi=0.05, mde=0.081, estimand="a minus b")
    row = tables.verdicts_frame([sized]).iloc[0]
    assert row[["what_is_compared", "smallest_that_matters", "smallest_that_would_show"]].tolist() == [
        "a minus b", Quantity(0.05, "points"), Quantity(0.081, "points")
    ]  # fmt: skip


def test_drift_is_told_in_rows_and_a_first_run_has_none():
    moves, chance = {"p1": {"p1": 0.75, "other": 0.25}}, {"p1": {"p1": 0.9}}
    returns = NegativeMatch("Many returns", None, None, None, None, 0.2, 0.17, 0.23, "-")
    drift = Drift("a", False, (), (), (), moves, 0.1, "", by_chance=chance, negatives=(returns,))
    frame = tables.migration_frame(drift)
    assert frame.fillna(-1).to_numpy().tolist() == [["p1", "p1", 0.75, 0.9], ["p1", "other", 0.25, -1]]
    negatives = tables.negatives_frame(drift)
    assert negatives[["handle", "share_before", "ci_high_before"]].to_numpy().tolist() == [["Many returns", 0.2, 0.23]]
    assert negatives["share"].isna().all()
    first = Drift(None, False, (), (), (), None, None, "")
    assert tables.migration_frame(first).empty
    assert tables.negatives_frame(first).empty


def test_habits_are_told_of_each_group_that_may_be_shown(sample):
    ids = [f"c{i}" for i in range(30)]
    numbers = {"spend": [10.0] * 12 + [40.0] * 18, "orders": [1] * 12 + [4] * 18, "single_item_share": [0.5] * 30}
    features = pd.DataFrame({"customer_id": ids} | numbers)
    period = Period(dt.date(2025, 1, 1), dt.date(2025, 10, 1), dt.date(2025, 12, 31))
    customers = Customers(period, features, features, features, ("waiting",))
    assignments = pd.DataFrame({"customer_id": ids, "persona": ["a"] * 12 + ["b"] * 9 + ["unassigned"] * 9})
    groups = [SimpleNamespace(id=name, handle=f"Group {name}") for name in ("a", "b")]
    personas = SimpleNamespace(assignments=assignments, groups=groups)
    table = tables.habits_frame(customers, personas, sample.make_study()).set_index("measure")
    assert list(table.columns) == ["all", "Group a"]  # nine people in b
    assert table.loc["orders"].tolist() == [80, 10]  # 84 and 12 in steps of the smallest cell
    assert table.loc["spend per customer, median"].tolist() == [40, 10]
    assert tables.habits_frame(None, personas, sample.make_study()) is None


def test_knowledge_stands_with_a_column_per_group_in_their_order():
    shares = pd.DataFrame(
        {
            "id": ["all", "p1"] * 2, "handle": ["everybody", "Coupon users"] * 2, "by": ["kind"] * 4,
            "name": ["semantic"] * 2 + ["value"] * 2, "what": ["who they are"] * 2 + ["what they hold dear"] * 2,
            "fields": [9] * 2 + [3] * 2, "share": [0.5, None, 0.25, 0.1],
        }
    )  # fmt: skip
    frame = tables.knowledge_frame(Knowledge(shares, pd.DataFrame(), ()))
    assert list(frame) == ["by", "what", "fields", "everybody", "Coupon users"]
    assert frame[["by", "what", "fields"]].to_numpy().tolist() == [
        ["kind", "who they are", 9], ["kind", "what they hold dear", 3]
    ]  # fmt: skip
    assert frame["everybody"].tolist() == [Quantity(0.5, "percent"), Quantity(0.25, "percent")]
    assert pd.isna(frame["Coupon users"][0].value)
    assert frame["Coupon users"][1] == Quantity(0.1, "percent")


def forty_orders() -> LoadedTables:
    """Twenty customers order by app on 6 January, twenty others by web on the 13th and in February."""
    rows = [
        (f"c{n}", f"{n}-{day}", pd.Timestamp(day), 10.0, channel)
        for first, days, channel in ((0, ["2025-01-06"], "app"), (20, ["2025-01-13", "2025-02-03"], "web"))
        for n in range(first, first + 20)
        for day in days
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "ordered_at", "amount", "channel"])
    return LoadedTables({"sales": frame}, ())


def test_orders_stand_by_month_or_week_and_through_the_channels_asked_for(sample):
    known = Customers(Period(dt.date(2025, 1, 1), dt.date(2025, 3, 1), dt.date(2025, 3, 31)), *[pd.DataFrame()] * 3, ())
    study = sample.make_study()

    def course(**asked):
        frame = tables.course_frame(forty_orders(), known, study, **asked)
        return [(r.start.values["day"].isoformat(), r.customers, r.money.value) for r in frame.itertuples()]

    assert course() == [("2025-01-01", 40, 400), ("2025-02-01", 20, 200)]
    weeks = [("2025-01-06", 20, 200), ("2025-01-13", 20, 200), ("2025-02-03", 20, 200)]
    assert course(grain="week") == weeks
    assert course(grain="week", channels=["web"]) == weeks[1:]
    assert tables.orders_by_hour(forty_orders(), known, study, channels=["app"]).to_numpy().sum() == 20
    with pytest.raises(StudyError, match=r"02_customers\.channels: no order came through \"ap\"; did you mean 'app'"):
        course(channels=["ap"])


def test_questions_with_few_answers_can_be_left_out():
    items = pd.DataFrame({"item": ["a", "b", "c"], "n": pd.array([5, 50, None], dtype="Int64")})
    assert tables.enough_answers(items)["item"].tolist() == ["a", "b", "c"]
    assert tables.enough_answers(items, least_answers=6)["item"].tolist() == ["b", "c"]
