"""Two halves of every customer's orders, counted by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.customers.customers import build_customers
from helpers.customers.halves import order_halves
from helpers.read.load import LoadedTables
from helpers.study import Study


def test_every_second_order_of_a_customer_is_in_each_half_and_later_orders_in_none():
    """Ann has five orders and one held out, Bob one, Cid two of which one has two lines."""
    sales = pd.DataFrame(
        [
            ("ann", "a1", "2025-01-10", 10.0),
            ("ann", "a2", "2025-02-10", 20.0),
            ("ann", "a3", "2025-03-10", 40.0),
            ("ann", "a4", "2025-04-10", 80.0),
            ("ann", "a5", "2025-05-10", 160.0),
            ("ann", "a6", "2025-09-10", 1000.0),
            ("bob", "b1", "2025-02-01", 5.0),
            ("cid", "c1", "2025-02-01", 3.0),
            ("cid", "c1", "2025-02-01", 4.0),
            ("cid", "c2", "2025-03-01", 50.0),
        ],
        columns=["customer_id", "order_id", "ordered_at", "amount"],
    ).assign(is_return=pd.array([False] * 10, dtype="boolean"))
    sales["ordered_at"] = pd.to_datetime(sales["ordered_at"]).astype("datetime64[us]")
    window = {"start": dt.date(2025, 1, 1), "holdout_from": dt.date(2025, 7, 1), "as_of": dt.date(2025, 12, 31)}
    study = Study.model_validate({"study": "s", "tables": {"sales": {"path": "s.csv"}}, "window": window})
    tables = LoadedTables({"sales": sales}, ())
    halves = order_halves(tables, build_customers(tables, study), pd.Index(["cid", "bob", "ann"]), study)
    assert [half.index.tolist() for half in halves] == [["cid", "bob", "ann"]] * 2
    orders = pd.concat([half["orders"].fillna(0) for half in halves], axis=1)
    assert orders.loc["ann"].tolist() == [3, 2]  # the sixth is held out
    assert sorted(orders.loc["cid"]) == [1, 1]
    assert sorted(orders.loc["bob"]) == [0, 1]
    spent = pd.concat([half["spend"].fillna(0) for half in halves], axis=1)
    assert spent.sum(axis=1).to_dict() == {"cid": 57.0, "bob": 5.0, "ann": 310.0}
    assert sorted(spent.loc["cid"]) == [7.0, 50.0]
    again = order_halves(tables, build_customers(tables, study), pd.Index(["ann"]), study)
    assert again[0]["spend"].tolist() == halves[0].loc[["ann"], "spend"].tolist()
