"""Whose customers those to review are: cells counted by hand, small ones left out."""

from types import SimpleNamespace

import pandas as pd
import pytest
from shops import PERIOD, personas, study

from helpers.customers.customers import Customers
from helpers.negative.crossed import crossed, for_cards
from helpers.words import Words

WORDS = Words(currency="EUR")


def found_of(counts, sample, margin=10.0):
    """Customers by persona and whether they are to be reviewed: those bring ``margin`` less than nothing."""
    rows = [(f"{persona}{i}", persona, i < inside) for persona, (inside, n) in counts.items() for i in range(n)]
    table = pd.DataFrame(rows, columns=["customer_id", "persona", "inside"])
    own = pd.DataFrame({"customer_id": table["customer_id"], "orders": 1, "spend": 20.0, "returned": 0.0})
    later = own.assign(margin=[-margin if inside else margin for inside in table["inside"]])
    customers = Customers(PERIOD, own.assign(margin=1.0), later, own[["customer_id"]], ())
    placed = personas(customers, *counts)
    placed.assignments["persona"] = table["persona"].to_numpy()
    (card,) = sample.make_handed().cards
    members = table.loc[table["inside"], ["customer_id"]].assign(negative=card.id)
    return SimpleNamespace(cards=(card,), members=members), placed, customers


def test_shares_and_money_of_those_who_are_both(sample):
    negative, placed, customers = found_of({"persona-1": (30, 100), "persona-2": (58, 200)}, sample)
    cells = crossed(negative, placed, customers, 10).set_index("persona")
    assert cells["n"].to_dict() == {"persona-2": 58, "persona-1": 30}
    assert cells.loc["persona-1", ["of_negative", "of_persona"]].tolist() == [pytest.approx(30 / 88), 0.3]
    assert cells.loc["persona-1", ["left_each", "left_rest"]].tolist() == [-10.0, 10.0]


def test_a_small_cell_is_left_out_and_nothing_gives_it_away(sample):
    negative, placed, customers = found_of({"persona-1": (4, 100), "persona-2": (84, 200)}, sample)
    assert crossed(negative, placed, customers, 10).empty  # 88 in all, so 84 would tell the 4


def test_each_card_knows_the_other(sample):
    negative, placed, customers = found_of({"persona-1": (30, 100), "persona-2": (58, 200)}, sample)
    handed = for_cards(negative, placed, customers, study())
    assert [(one.other, one.n) for one in handed.cards[0].overlaps] == [("persona-2", 58), ("persona-1", 30)]
    (one,) = handed.overlaps["persona-1"]
    assert (one.other, one.share) == ("n1", 0.3)
