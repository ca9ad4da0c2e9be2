"""The week of a card: shares of its orders by day and part of the day, small cells without a figure."""

from dataclasses import replace

import pandas as pd
import pytest

from helpers.channels.week import for_cards


def orders(hours: bool) -> tuple[pd.DataFrame, dict[str, str]]:
    """12 customers with a Monday morning and a Friday evening each, and 3 of them on a Sunday, too."""
    days = [("2025-02-03", 9, 12), ("2025-02-07", 19, 12), ("2025-02-09", 9, 3)]
    rows = [
        (f"c{i:02d}", f"c{i:02d}-{day}", pd.Timestamp(day) + pd.Timedelta(hours=hour if hours else 0), 10.0)
        for day, hour, people in days
        for i in range(people)
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "ordered_at", "amount"])
    return frame, {f"c{i:02d}": "persona-1" for i in range(12)}


@pytest.mark.parametrize(("hours", "cells"), [(True, 28), (False, 7)])
def test_shares_are_of_all_orders_and_three_people_are_withheld(make_evidence, hours, cells):
    frame, persona_of = orders(hours)
    week = for_cards(make_evidence({"sales": frame}, persona_of=persona_of)).week["persona-1"]
    assert len(week) == cells
    told = {(one.day, one.part): one.share for one in week}
    parts = ("morning", "evening") if hours else ("", "")
    assert told["friday", parts[1]] is None or told["monday", parts[0]] is None  # one more, or the three would be told
    assert told["sunday", parts[0]] is None
    known = [share for share in told.values() if share]
    assert known == [pytest.approx(12 / 27)]


def test_without_customers_there_is_no_week(make_evidence):
    assert for_cards(replace(make_evidence({"sales": orders(True)[0]}), customers=None)).week == {}
