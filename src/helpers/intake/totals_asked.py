"""What is asked once the orders were read: who bought too much, months too empty, days far from the others."""

from __future__ import annotations

import pandas as pd

from helpers.customers.totals import Totals, bulk_of
from helpers.guesses import TO_FILL, Answer, Question
from helpers.intake.export import Export

ENDS_TO_FILL = {"start": TO_FILL, "as_of": TO_FILL}


def questions_of(totals: Totals, asked: dict[str, str], sales: Export) -> list[Question]:
    """A question with its possible answers for each of ``asked`` (code: sentence) that was not asked before.

    A customer who has both too many orders and too much of the money is asked about once.
    """
    found: list[Question] = []
    named = {
        key for question in sales.questions for answer in question.answers for key in answer.table.get("nobody", ())
    }
    for code, text in asked.items():
        of = code.removeprefix("large_customer_")
        if of != code:
            customer = totals.heaviest[of][0]
            if customer in named:
                continue
            named.add(customer)
            answers = [
                Answer("nobody: guests, a till, the shop itself; the orders count and are no customer's",
                       {"nobody": [customer]}),
                Answer("a person or firm like the others"),
            ]  # fmt: skip
            if (number := sales.columns.get("customer_id")) is not None:
                answers.insert(1, Answer("somebody whose orders shall not count, such as a reseller or a test",
                                         {"not_goods": {number: {"test": [customer]}}}))  # fmt: skip
        elif code == "stray_date":
            first, last = (pd.Period(month, "M") for month in bulk_of(totals))
            window = {"start": first.start_time.date(), "as_of": last.end_time.date()}
            answers = [
                Answer("read wrongly, or mistyped: only the days of all the others count", {}, {"window": window}),
                Answer("another column is the order's day", {"columns": {"ordered_at": TO_FILL}}),
                Answer("read rightly"),
            ]
        elif code == "far_date":
            answers = [
                Answer("slips of the pen: they stay set aside"),
                Answer("right: write the first and the last day that count", {}, {"window": dict(ENDS_TO_FILL)}),
            ]
        else:
            inside = totals.months[totals.months["month"].between(*bulk_of(totals))]
            after = pd.Period(inside.loc[inside["orders"] == 0, "month"].iloc[-1], "M") + 1
            answers = [
                Answer("the shop was closed, or sold nothing"),
                Answer("a file is missing: give all files to personas init at once"),
                Answer("only what came after counts", {}, {"window": {"start": after.start_time.date()}}),
            ]
        found.append(Question(code, text, tuple(answers)))
    return found
