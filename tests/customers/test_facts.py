"""What an order, a return, a discount, a coupon and a complaint are."""

import datetime as dt
from functools import partial

import pandas as pd
import pytest

from helpers.customers.customers import orders
from helpers.customers.facts import as_table, asked, discounted, engine, gain, of_kind, returned, with_coupon, within
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
