"""Two halves of every customer's orders, drawn by chance: what other orders of the same people say about them."""

from __future__ import annotations

import pandas as pd

from helpers.customers.customers import Customers
from helpers.customers.facts import as_table, engine
from helpers.customers.features import feature_expression, read_vocabulary
from helpers.read.load import LoadedTables
from helpers.study import Study


def order_halves(
    tables: LoadedTables, customers: Customers, ids: pd.Index, study: Study
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The features of some customers by one half of their orders and by the other, before the held-out part.

    Every second order of a customer, in an order that says nothing about time or size (by a hash of its number), is in
    the one half and the others in the other, so that both are as large as can be. Rows are ``ids``; a customer without
    an order in a half has only gaps there. Columns as in ``Customers.features``.
    """
    sales, period, least = tables.frames["sales"], customers.period, study.privacy.min_cell
    day = sales["ordered_at"]
    inside = (day >= pd.Timestamp(period.start)) & (day < pd.Timestamp(period.holdout_from))
    lines = sales[inside & sales["customer_id"].isin(ids)]
    ordered = lines[["customer_id", "order_id"]].drop_duplicates()
    drawn = ordered.assign(place=pd.util.hash_pandas_object(ordered["order_id"], index=False).to_numpy())
    rank = drawn.sort_values(["customer_id", "place"]).groupby("customer_id", sort=False).cumcount()
    first = (rank % 2 == 0).reindex(drawn.index)
    halves = []
    with engine(study.engine) as backend:
        vocabulary = read_vocabulary(backend, as_table(sales), period.start, period.holdout_from, least)
        for half in (ordered[first], ordered[~first]):
            part = as_table(lines.merge(half, on=["customer_id", "order_id"]))
            features = feature_expression(part, period.start, period.holdout_from, vocabulary)
            frame = backend.to_pyarrow(features).to_pandas().set_index("customer_id")
            halves.append(frame[frame["orders"] > 0].reindex(ids))
    return halves[0], halves[1]
