"""Totals against hand counts, what is asked about, and what of them may be published."""

import numpy as np
import pandas as pd
import pytest

from helpers.contracts import FileAccount, Issue
from helpers.customers.totals import add_up, as_json, asked_about, publishable, told
from helpers.read.load import LoadedTables
from helpers.study import Study

STUDY = Study.model_validate({"study": "shop", "currency": "EUR", "tables": {"sales": {"path": "sales.csv"}}})


def totals(rows, aside=0, study=STUDY):
    """customer (None: nobody), order, day, amount (below 0: given back); rows set aside are of 7.5 each."""
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "ordered_at", "amount"])
    frame = frame.astype({"customer_id": "str", "order_id": "str", "ordered_at": "datetime64[us]", "amount": float})
    frame["is_return"] = (frame["amount"] < 0).astype("boolean")
    nobody = frame[frame["customer_id"].isna()]
    issues = (
        Issue("no_person", "quarantined", None, len(nobody), (), "", float(nobody["amount"].sum())),
        Issue("unreadable_time", "quarantined", None, aside, (), "", 7.5 * aside),
    )
    used, out = len(frame) - len(nobody), len(nobody) + aside
    account = FileAccount("sales", "sales.csv", used + out, used, 0, out, issues)
    return add_up(LoadedTables({"sales": frame.dropna(subset="customer_id")}, (account,), nobody=nobody), study)


BOOKS = [
    ("ann", "1", "2025-01-30", 10.0),
    ("ann", "1", "2025-01-30", 5.0),
    ("ann", "2", "2025-02-01", 25.0),
    ("bob", "3", "2025-04-03", 60.0),
    ("bob", "3", "2025-04-05", -20.0),
    (None, "4", "2025-04-07", 20.0),
]


def test_a_shop_of_two_customers_adds_up_as_by_hand():
    found = as_json(totals(BOOKS, aside=2))
    assert found == {
        "customers": 2, "orders": 4, "lines": 6, "gross": 120.0, "returned": -20.0, "net": 100.0, "currency": "EUR",
        "first": "2025-01-30", "last": "2025-04-07", "largest_customer_share": 0.4,
        "set_aside": {"rows": 2, "money": 15.0}, "nobody": {"rows": 1, "money": 20.0},
        "orders_by_month": {"2025-01": 1, "2025-02": 1, "2025-03": 0, "2025-04": 2},
    }  # fmt: skip


def test_a_study_without_sales_has_no_totals():
    study = Study.model_validate({"study": "asked", "tables": {"survey": {"path": "survey.csv"}}})
    assert add_up(LoadedTables({}, ()), study) is None


def test_the_totals_are_told_with_what_they_lack():
    keys = [line.key for line in told(totals(BOOKS, study=STUDY.model_copy(update={"currency": ""})))]
    assert keys == ["totals.counts", "totals.money", "totals.no_currency", "totals.months", "totals.largest",
                    "totals.nobody", "totals.nothing_aside"]  # fmt: skip


def shop(n=40, months=8):
    """n customers with one order of 10 each month from January 2025."""
    days = [f"2025-{month:02d}-10" for month in range(1, months + 1)]
    return [(f"c{i:02d}", f"{i}-{day}", day, 10.0) for i in range(n) for day in days]


def test_an_even_shop_asks_nothing():
    assert asked_about(totals(shop())) == {}


@pytest.mark.parametrize(
    ("code", "named", "rows"),
    [
        ("large_customer_money", {"customer": "till"}, [("till", "x", "2025-03-01", 4000.0)]),
        ("large_customer_orders", {"customer": "till"}, [("till", f"x{i}", "2025-03-01", 1.0) for i in range(60)]),
        ("stray_date", {"months": ("2021-05",), "n": 1}, [("c01", "x", "2021-05-01", 10.0)]),
        ("empty_month", {"months": ("2025-05",), "n": 1}, None),
    ],
)
def test_what_cannot_be_is_asked_about_by_name(code, named, rows):
    gap = [row for row in shop() if not row[2].startswith("2025-05")]
    asked = asked_about(totals(gap if rows is None else shop() + rows))
    assert code in asked
    assert named.items() <= asked[code].values.items()


def test_what_is_published_tells_of_no_single_customer():
    found = publishable(totals([*shop(), ("c01", "x", "2025-09-01", 70.4), ("c02", "2", "2025-09-02", -6.2)], 3), 10)
    assert found.largest_customer_share == 0.05  # 150.4 of 3,264.2 is 4.6 %
    assert found.gross == 3200  # 3,270.4 in steps of 200: nobody bought for more
    assert np.isnan(found.returned)
    assert np.isnan(found.net)
    hidden = found.months.set_index("month")["orders"].isna()
    assert hidden["2025-09"]
    assert hidden.sum() == 2, "the total of all orders would tell of the one month"


def test_money_that_many_got_back_is_published():
    back = [(f"c{i:02d}", f"b{i}", "2025-06-10", -2.0) for i in range(12)]
    found = publishable(totals(shop() + back), 10)
    assert (found.returned, found.net) == (-20, 3180)  # in steps of 10 and 100
