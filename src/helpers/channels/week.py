"""When each persona orders, day by day, for its card."""

from __future__ import annotations

import pandas as pd

from helpers.beliefs.evidence import Evidence, orders
from helpers.card_parts import Moment
from helpers.cards.cards import Handed
from helpers.columns import DAYPARTS, DAYS
from helpers.small_cells import withheld


def for_cards(evidence: Evidence) -> Handed:
    """The week of every persona: each day and part of the day, with its share of all their orders in the window.

    Days alone where the orders have dates only. Cells of fewer customers than the study's smallest are without a
    figure, and as many more as subtraction needs; a persona of whom no cell may be told has no week.
    """
    if evidence.customers is None or evidence.personas is None:
        return Handed()
    placed = orders(evidence).merge(evidence.members(), on="customer_id")
    at, timed = placed["ordered_at"], (placed["ordered_at"].dt.normalize() != placed["ordered_at"]).any()
    parts = list(DAYPARTS) if timed else [""]
    hours = pd.cut(at.dt.hour, [*DAYPARTS.values(), 24], right=False, labels=list(DAYPARTS)).astype("str")
    placed = placed.assign(day=at.dt.day_name().str.lower(), part=hours if timed else "")
    keys = ["persona", "day", "part"]
    grid = pd.MultiIndex.from_product([sorted(set(placed["persona"])), DAYS, parts], names=keys)
    counts = placed.groupby(keys).agg(customers=("customer_id", "nunique"), share=("order_id", "size"))
    table = counts.reindex(grid, fill_value=0).reset_index()
    table["share"] = table["share"] / table.groupby("persona")["share"].transform("sum")
    told = withheld(table, ["customers"], evidence.study.privacy.min_cell, values=["share"], margins=[["persona"]])
    return Handed(
        week={
            persona: tuple(
                Moment(row.day, row.part, None if pd.isna(row.share) else float(row.share)) for row in rows.itertuples()
            )
            for persona, rows in told.groupby("persona")
            if rows["share"].notna().any()
        }
    )
