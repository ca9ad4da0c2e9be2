"""What each way of winning customers brought, counted by hand, and when its money is told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shops import PERIOD

from helpers.contracts import Action
from helpers.customers.customers import Customers
from helpers.negative.segments import _with_way
from helpers.negative.won import costly_way, ways_of_winning
from helpers.negative.worth import mean_of
from helpers.words import Words

WORDS = Words(currency="EUR")


def won(**brought: np.ndarray) -> pd.DataFrame:
    """Customers won in each way, what each brought, and 45 EUR that winning each cost."""
    way = np.repeat(list(brought), [len(part) for part in brought.values()])
    ids = pd.Index([f"c{number:04d}" for number in range(len(way))], name="customer_id")
    profile = pd.DataFrame({"customer_id": ids, "acquisition_channel": way, "acquisition_cost": 45.0})
    customers = Customers(PERIOD, pd.DataFrame({"customer_id": ids}), pd.DataFrame(), profile, ())
    balance = pd.DataFrame({"contribution": np.concatenate(list(brought.values())), "acquisition_cost": 45.0}, ids)
    return ways_of_winning(customers, balance)


def test_a_way_that_costs_more_than_it_brings_is_told_with_its_money():
    """100 x -40, 100 x 10 and 60 x 60: of the others (100 x 10 + 60 x 60) / 160 = 28.75."""
    table = won(ads=np.tile([-50.0, -30.0], 50), search=np.tile([0.0, 20.0], 50), friends=np.tile([50.0, 70.0], 30))
    assert list(table["way"]) == ["ads", "search", "friends"]
    first = table.iloc[0]
    assert (first["n"], first["each"], first["cost"], first["others"]) == (100, -40.0, 45.0, 28.75)
    alone = mean_of(np.tile([-50.0, -30.0], 50))
    assert first["low"] < alone[1] < alone[2] < first["high"], "wider, since three ways were looked at"
    claim = costly_way(table)
    assert (claim.column, claim.unit, claim.grade) == ("acquisition_channel: ads", "money", "strong")
    assert WORDS.tell(claim.statement).startswith("Each of the 100 who first came through “ads” brought −40 EUR so far")
    assert WORDS.tell(claim.statement).endswith(
        "winning one cost 45 EUR. Those won in other ways brought 28.75 EUR each."
    )


def test_a_loss_that_chance_may_make_is_told_as_not_certain():
    wild = np.tile([-260.0, 240.0], 50)  # -10 on average
    claim = costly_way(won(ads=wild, search=np.tile([190.0, 210.0], 50)))
    assert claim.grade == "weak"
    assert "a loss is not certain" in WORDS.tell(claim.statement)


@pytest.mark.parametrize("each", [[10.0, 30.0], [-410.0, 390.0]])
def test_no_way_is_named_that_brings_something_or_hardly_less_than_others(each):
    assert costly_way(won(ads=np.tile(each, 50), search=np.tile([30.0, 50.0], 50))) is None


def test_a_card_tells_the_money_of_the_way_beside_its_early_sign(sample):
    way = costly_way(won(ads=np.tile([-50.0, -30.0], 50), search=np.tile([0.0, 20.0], 50)))
    card = next(card for card in sample.make_report().cards if card.kind == "negative")
    card = replace(card, actions=(Action("review", "Look.", (0,)), Action("early sign", "Seen early.", (0,))))
    told = _with_way(card, way)
    assert told.claims[-1] == way
    assert told.actions[0] == card.actions[0]
    assert WORDS.tell(told.actions[1].text).startswith("Seen early. Each of the 100 who first came through “ads”")
    assert told.actions[1].because == (0, len(card.claims))


def test_ways_of_few_are_not_looked_at():
    assert won(ads=np.full(49, -40.0) + np.arange(49), search=np.tile([0.0, 20.0], 50))["way"].tolist() == ["search"]
