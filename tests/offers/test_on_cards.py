"""Choices and prices on a card: a group's own, and only where groups choose differently."""

import pandas as pd
import pytest

from helpers.offers.asked.best_worst import Scores
from helpers.offers.asked.market import Tastes
from helpers.offers.asked.on_cards import best_for_cards, for_cards
from helpers.offers.asked.price_questions import Prices
from helpers.offers.conjoint import Choices
from helpers.words import Words

WORDS = Words("en", "EUR")
WEIGHTS = pd.DataFrame(
    [("all", "label", 0.3, 0.25, 0.35, 90), ("all", "price", 0.7, 0.65, 0.75, 90),
     ("a", "label", 0.6, 0.5, 0.7, 40), ("a", "price", 0.4, 0.3, 0.5, 40),
     ("b", "label", 0.2, 0.1, 0.3, 50), ("b", "price", 0.8, 0.69, 0.9, 50)],
    columns=["id", "attribute", "share", "ci_low", "ci_high", "n"],
)  # fmt: skip
SHARES = pd.DataFrame(
    [("all", "seal", 0.5, 0.4, 0.6, 90), ("a", "seal", 0.7, 0.6, 0.8, 40), ("a", "plain", 0.3, 0.2, 0.4, 40)],
    columns=["id", "offer", "share", "ci_low", "ci_high", "n"],
)
NOBODY = Prices(pd.DataFrame(columns=["id"]), pd.DataFrame(columns=["id", "earned"]), ())


def told(p=0.01, p_taste=0.01, prices=NOBODY):
    choices = Choices(WEIGHTS, pd.DataFrame(), (), p, p_taste)
    return for_cards(choices, Tastes(pd.DataFrame(), SHARES, pd.DataFrame(), ()), prices)


def test_what_weighs_beyond_all_is_told_and_advised():
    handed = told()
    weighs, takes = handed.claims["a"]
    assert WORDS.tell(weighs.statement) == (
        "In choices between offers 60 % of the weight falls on “label” (50 to 70 %; 40 people); "
        "among all who chose 30 %."
    )
    assert WORDS.tell(takes.statement).startswith("Of the offers side by side 70 % of them would take “seal”")
    (line,) = handed.advice["a"]
    assert (line.line.topic, line.columns) == ("offer", ("weight of label",))
    assert "b" not in handed.claims, "its weight of the price reaches down to that of all"


@pytest.mark.parametrize(("p", "p_taste"), [(0.2, 0.01), (0.01, 0.2), (None, None)])
def test_where_groups_do_not_choose_differently_nothing_is_their_own(p, p_taste):
    assert told(p, p_taste).claims == {}


def test_prices_are_each_groups_own_account():
    rows = [
        ("a", point, price, price - 0.5, price + 0.5, 40) for point, price in (("l", 4), ("o", 5), ("i", 5.5), ("h", 7))
    ]
    named = pd.DataFrame(rows, columns=["id", "point", "price", "ci_low", "ci_high", "n"])
    handed = told(None, None, Prices(named, NOBODY.buying, ()))
    (claim,), (line,) = handed.claims["a"], handed.advice["a"]
    assert "from 4 EUR to 7 EUR acceptable" in WORDS.tell(claim.statement).replace("4.00", "4").replace("7.00", "7")
    assert (claim.unit, claim.estimate, claim.grade) == ("money", 5.0, "weak")
    assert line.line.topic == "price"


def test_without_four_prices_the_one_that_earns_most_is_told():
    buying = pd.DataFrame(
        [("a", 4.0, 0.8, 0.7, 0.9, 3.2, 40), ("a", 6.0, 0.6, 0.5, 0.7, 3.6, 40)],
        columns=["id", "price", "share", "ci_low", "ci_high", "earned", "n"],
    )
    (claim,) = told(None, None, Prices(NOBODY.named, buying, ())).claims["a"]
    assert (claim.column, claim.estimate) == ("price that earns most", 0.6)


def best(first: tuple[float, float, float]) -> dict:
    """Scores of three things among all and in one group, which takes the first so often."""
    rows = [("all", "soap", 0.4, 0.35, 0.45), ("all", "oil", 0.35, 0.3, 0.4), ("all", "salt", 0.25, 0.2, 0.3),
            ("a", "soap", *first), ("a", "oil", 0.2, 0.1, 0.3), ("a", "salt", 0.15, 0.05, 0.25)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["id", "item", "score", "ci_low", "ci_high"])
    scores = Scores(table.assign(exercise="What matters?", handle="", balance=0.0, n=60), pd.DataFrame(), ())
    return best_for_cards(scores)


def test_what_comes_first_for_a_group_is_told_where_it_goes_beyond_all():
    handed = best((0.65, 0.55, 0.75))
    (claim,), (line,) = handed.claims["a"], handed.advice["a"]
    assert WORDS.tell(claim.statement) == (
        "Asked “What matters?”, 65 % of them would take “soap” as the best of all (55 to 75 %; 60 people); "
        "of all who were asked 40 %."
    )
    assert (claim.grade, line.line.topic, line.columns) == ("weak", "argument", (claim.column,))


def test_what_chance_may_have_put_first_is_not_told():
    """.52 (.42 to .62) lies beyond .40 alone; with three things looked at its interval is .40 to .64."""
    assert best((0.52, 0.42, 0.62)).claims == {}
