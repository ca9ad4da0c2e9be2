"""What an order, a return, a discount, a coupon and a complaint are."""

import datetime as dt
from functools import partial

import pandas as pd
import pytest

from helpers.beliefs import evidence as beliefs
from helpers.customers.customers import build_customers, orders
from helpers.customers.facts import as_table, asked, discounted, engine, gain, of_kind, returned, with_coupon, within
from helpers.offers.coupons import coupon_counts
from helpers.read.load import LoadedTables


def lines(**columns: list) -> pd.DataFrame:
    """Order lines of one customer, one order a line unless said otherwise."""
    n = len(next(iter(columns.values())))
    plain = {"customer_id": ["c"] * n, "order_id": list(map(str, range(n))), "ordered_at": pd.Timestamp("2025-03-05"),
             "amount": [10.0] * n}  # fmt: skip
    return pd.DataFrame(plain | columns)


@pytest.mark.parametrize(
    ("columns", "back"),
    [
        ({"amount": [5.0, -5.0, 0.0]}, [False, True, False]),
        ({"quantity": [1.0, -1.0, None]}, [False, True, False]),
        ({"is_return": pd.array([False, True, None], dtype="boolean")}, [False, True, False]),
    ],
)
def test_a_return_is_marked_or_negative(columns, back):
    assert asked(lines(**columns), returned)[0].tolist() == back


def test_a_discount_is_one_whatever_its_sign():
    found = asked(lines(discount=[0.0, 2.0, -2.0, None]), discounted)[0]
    assert found.tolist() == [False, True, True, False]


def test_without_a_discount_column_the_list_price_tells():
    frame = lines(amount=[10.0, 9.0, 9.996, -18.0], quantity=[1.0, 1.0, 1.0, -2.0], list_price=[10.0] * 4)
    assert asked(frame, discounted)[0].tolist() == [False, True, False, True]


def test_what_exports_write_for_no_coupon_is_none():
    found = asked(lines(coupon=["SAVE10", " - ", "No", "нет", None, "0", "false"]), with_coupon)[0]
    assert found.tolist() == [True, False, False, False, False, False, False]


def test_facts_that_no_column_tells_are_not_known():
    with_none = as_table(lines(amount=[1.0]))
    assert discounted(with_none) is None
    assert with_coupon(with_none) is None
    assert gain(with_none) is None


def test_a_return_gives_back_its_money_and_its_goods():
    frame = lines(amount=[10.0, -10.0], quantity=[2.0, -2.0], unit_cost=[3.0, 3.0])
    assert asked(frame, gain)[0].tolist() == [4_000_000, -4_000_000]


def test_kinds_of_contacts_are_read_however_they_are_typed():
    service = pd.DataFrame({"kind": ["complaint", " Complaint ", "return", None]})
    found = asked(service, partial(of_kind, kind="complaint"))[0]
    assert found.tolist() == [True, True, False, False]


def test_an_order_of_two_channels_has_the_first_of_the_alphabet_and_its_first_moment():
    frame = lines(
        customer_id=["c"] * 3, order_id=["1"] * 3, channel=["web", "app", "web"], discount=[0.0, -1.0, 0.0],
        amount=[10.0, 5.0, -3.0],
        ordered_at=pd.to_datetime(["2025-03-05 10:00", "2025-03-05 09:00", "2025-03-06 00:00"]),
    )  # fmt: skip
    (order,) = orders(LoadedTables({"sales": frame}, ())).to_dict("records")
    assert (order["channel"], order["lines"], order["amount"], order["discounted"]) == ("app", 2, 15.0, True)
    assert order["ordered_at"] == pd.Timestamp("2025-03-05 09:00")


def test_a_period_has_its_first_moment_and_not_its_last():
    frame = lines(
        ordered_at=pd.to_datetime(["2025-03-04 23:59", "2025-03-05 00:00", "2025-03-06 00:00", "2025-03-05 23:59"])
    )
    with engine() as backend:
        found = within(as_table(frame), "ordered_at", dt.date(2025, 3, 5), dt.date(2025, 3, 6))
        assert backend.to_pyarrow(found.order_id.collect()).as_py() == ["1", "3"]


WINDOW = {"start": dt.date(2025, 1, 6), "holdout_from": dt.date(2025, 8, 18), "as_of": dt.date(2025, 10, 12)}
"""The window of evidence made by hand."""


def with_a_later_order(frame: pd.DataFrame) -> pd.DataFrame:
    """The lines, and one after the making period, which customers cannot be built without."""
    later = frame.tail(1).assign(order_id="later", ordered_at=pd.Timestamp("2025-10-12 23:59"))
    return pd.concat([frame, later], ignore_index=True)


def test_negative_discounts_are_discounts_for_the_personas_and_for_the_belief(make_evidence):
    """An export that writes what was taken off as a negative number, one line an order."""
    frame = lines(customer_id=["a", "a", "a", "b", "b"], discount=[-2.0, 0.0, -1.0, None, 0.0])
    evidence = make_evidence({"sales": with_a_later_order(frame)}, window=WINDOW)
    counts = coupon_counts(evidence)
    features = build_customers(evidence.tables, evidence.study).features
    assert counts["with_coupon"].tolist() == features["discount_lines"].tolist() == [2, 0]
    assert features["discount_share"].tolist() == (counts["with_coupon"] / counts["orders"]).tolist()


def test_an_order_of_two_channels_is_of_one_channel_everywhere(make_evidence):
    frame = lines(
        customer_id=["a"] * 3 + ["b"] * 2, order_id=["1"] * 3 + ["2"] * 2, channel=["web", "app", "web", "shop", "web"],
        amount=[10.0, 5.0, 1.0, 7.0, 7.0],
    )  # fmt: skip
    evidence = make_evidence({"sales": with_a_later_order(frame)}, window=WINDOW)
    believed, told = beliefs.orders(evidence).head(2), orders(evidence.tables, dt.date(2025, 8, 18))
    few = evidence.study.privacy.model_copy(update={"min_cell": 1})  # channels of one customer
    features = build_customers(evidence.tables, evidence.study.model_copy(update={"privacy": few})).features
    assert believed["channel"].tolist() == told["channel"].tolist() == ["app", "shop"]
    assert features[["channel_app_share", "channel_shop_share", "channel_web_share"]].to_numpy().tolist() == [
        [1, 0, 0], [0, 1, 0]
    ]  # fmt: skip
    assert believed["value"].tolist() == told["amount"].tolist() == features["spend"].tolist() == [16.0, 14.0]


def test_the_last_moment_of_the_window_is_in_it_and_the_next_is_not(make_evidence):
    frame = lines(
        ordered_at=pd.to_datetime(["2025-01-05 23:59", "2025-01-06 00:00", "2025-10-12 23:59", "2025-10-13 00:00"])
    )
    evidence = make_evidence({"sales": frame})
    assert evidence.in_window("sales", "ordered_at")["order_id"].tolist() == ["1", "2"]
    assert evidence.end_after(frame["ordered_at"]) == pd.Timestamp("2025-10-13")


def test_an_order_is_discounted_and_has_a_coupon_as_soon_as_a_line_has():
    frame = lines(order_id=["1", "1"], discount=[1.0, 0.0], coupon=["SAVE", "no"], quantity=[2.0, 1.0])
    (order,) = orders(LoadedTables({"sales": frame}, ())).to_dict("records")
    assert (order["discounted"], order["coupon"], order["units"]) == (True, True, 3.0)
