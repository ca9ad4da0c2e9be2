"""What messages return: which orders count after which message, and what customers order anyway."""

import numpy as np
import pandas as pd
import pytest

from helpers.after.tailored import after_messages, tailored_return
from helpers.words import Said

START = pd.Timestamp("2025-01-06")  # the window of the tests has 280 days


def frames(messages: list[tuple], orders: list[tuple]) -> dict[str, pd.DataFrame]:
    """messages: customer, day, kind; orders: customer, day, value"""
    sent = pd.DataFrame(messages, columns=["customer_id", "at", "kind"])
    sales = pd.DataFrame(orders, columns=["customer_id", "ordered_at", "amount"]).astype({"customer_id": "str"})
    sent["at"], sales["ordered_at"] = (START + pd.to_timedelta(c, unit="D") for c in (sent["at"], sales["ordered_at"]))
    sales["order_id"] = [f"O{i}" for i in range(len(sales))]
    return {"messages": sent.assign(channel="email", cost=0.5), "sales": sales}


def keys(said: Said) -> list[str]:
    """What is said of one kind of message, without the catalogue's ``channels.returns``."""
    return [
        part.key.removeprefix("channels.returns.") for part in (said.values["parts"] if said.key == "" else (said,))
    ]


def test_an_order_counts_for_the_message_before_it_and_for_seven_days(make_evidence):
    """C1: messages on days 10 and 13, orders on 9 (before), 12, 14, 19.9 and 20.1 (too late).

    Those since the first message, 46 in 270 days, are the usual.
    """
    made = frames(
        [("C1", 10, "news"), ("C1", 13, "offer"), ("C2", 279, "news")],
        [("C1", 9, 10.0), ("C1", 12, 6.0), ("C1", 14, 20.0), ("C1", 19.9, 10.0), ("C1", 20.1, 10.0)],
    )
    rows = after_messages(make_evidence(made))
    assert rows["ordered"].tolist() == [6, 30, 0]
    assert rows["usual"].tolist() == pytest.approx([3 * 46 / 270, 7 * 46 / 270, 0])


def shop(effect: float) -> dict[str, pd.DataFrame]:
    """Sixty customers with an order of about 20 every ten days and a message every 30; after offers some order more."""
    rng, messages, orders = np.random.default_rng(2), [], []
    for i in range(60):
        orders += [(f"C{i}", float(d), 20 * rng.uniform(0.5, 1.5)) for d in np.arange(rng.uniform(0, 10), 279, 10)]
        for k, day in enumerate(range(20, 270, 30)):
            kind = "offer" if k % 2 else "news"
            messages.append((f"C{i}", day, kind))
            if kind == "offer" and rng.random() < effect:
                orders.append((f"C{i}", day + 2.5, 40.0))
    return frames(messages, orders)


def test_a_kind_that_goes_with_more_orders_is_told_from_one_that_does_not(make_evidence):
    table, said = tailored_return(make_evidence(shop(0.5)))
    table = table.set_index("kind")
    assert table.loc["offer", "ci_low"] > 10
    assert table.loc["news", "ci_high"] < 5
    assert table.loc["offer", "beyond_per_spent"] == pytest.approx(2 * table.loc["offer", "beyond"])
    assert [keys(each) for each in said] == [["facts", "none"], ["facts", "some", "spent"], ["hypotheses.no_cause"]]
    facts, some, spent = (part.values for part in said[1].values["parts"])
    assert (facts["kind"], facts["ordered"]) == ("offer", table.loc["offer", "ordered"])
    assert (some["beyond"], some["interval"]) == (
        table.loc["offer", "beyond"], (table.loc["offer", "ci_low"], table.loc["offer", "ci_high"])
    )  # fmt: skip
    assert (spent["currency"], spent["spent"]) == ("EUR", table.loc["offer", "beyond_per_spent"])


def test_orders_that_come_anyway_are_no_return(make_evidence):
    table, said = tailored_return(make_evidence(shop(0.0)))
    assert ((table["ci_low"] < 0) & (table["ci_high"] > 0)).all()
    assert [keys(each) for each in said[:2]] == [["facts", "none"]] * 2


def test_without_cost_nothing_is_said_per_money_spent(make_evidence):
    made = shop(0.5)
    table, said = tailored_return(make_evidence(made | {"messages": made["messages"].drop(columns="cost")}))
    assert table["beyond_per_spent"].isna().all()
    assert keys(said[1]) == ["facts", "some"]


def test_without_kinds_or_with_few_customers_it_is_said_to_be_unknown(make_evidence):
    made = shop(0.5)
    _, said = tailored_return(make_evidence(made | {"messages": made["messages"].drop(columns="kind")}))
    assert [keys(each) for each in said] == [["unknown"]]
    few = made["messages"][made["messages"]["customer_id"].isin(["C1", "C2"])]
    table, said = tailored_return(make_evidence(made | {"messages": few}))
    assert table.empty
    assert [(keys(each), each.values) for each in said] == [(["few"], {"least": 20})]


def test_customers_who_join_late_make_no_return(make_evidence):
    """Orders come at one rate from the day of joining, messages after it: the days before are no usual days."""
    rng, messages, orders = np.random.default_rng(5), [], []
    for i in range(80):
        joined = rng.uniform(0, 200)
        orders += [(f"C{i}", d, 20.0) for d in joined + np.cumsum(rng.exponential(10, 30)) if d < 279]
        messages += [(f"C{i}", d, "news") for d in np.arange(joined + rng.uniform(0, 30), 270, 30)]
    table, said = tailored_return(make_evidence(frames(messages, orders)))
    assert table["ci_low"].item() < 0 < table["ci_high"].item()
    assert keys(said[0]) == ["facts", "none"]
