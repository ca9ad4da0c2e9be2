"""A card's name is a phrase of two facts, its essence at most thirty words."""

from dataclasses import replace

import pytest

from helpers.cards.cards import build_cards
from helpers.cards.naming import essence, named
from helpers.words import Words

WORDS = Words("en", "EUR")


@pytest.fixture
def called(sample):
    """The told name and essence of a card with these claims."""

    def call(*claims):
        card = replace(sample.make_report().cards[0], claims=claims, handle="A handle")
        (card,) = named([card])
        return WORDS.tell(card.name), WORDS.tell(essence(claims))

    return call


def lift(sample, section, column, estimate, **more):
    return sample.claim(section, f"About {column}.", column, estimate, estimate * 0.9, estimate * 1.1, **more)


def test_when_and_how_make_the_name(sample, called):
    coupon, evening = lift(sample, "habits", "coupon_share", 4.4), lift(sample, "moments", "evening_share", 2.2)
    app = lift(sample, "channels", "channel_app_share", 2.8)
    name, told = called(coupon, evening, app)
    assert name == "The evening coupon shopper"
    assert told == "Buys with a coupon, through “app” and in the evening."


def test_a_day_has_its_own_name(sample, called):
    name, _ = called(lift(sample, "moments", "monday_share", 3.0), lift(sample, "habits", "basket_size", 2.0))
    assert name == "The Monday full-basket buyer"


def test_what_hardly_differs_or_is_weak_names_nobody(sample, called):
    near, weak = (
        lift(sample, "habits", "coupon_share", 1.2),
        lift(sample, "moments", "evening_share", 2.0, grade="weak"),
    )
    assert called(near, weak) == ("A handle", "")


def test_a_fact_and_its_mirror_are_told_once(sample, called):
    """A daypart is one fact: evenings more often and mornings less often are not two ways of buying."""
    _, told = called(
        lift(sample, "moments", "evening_share", 2.2), lift(sample, "value", "average_order_value", 0.4),
        lift(sample, "value", "order_value_median", 0.3), lift(sample, "moments", "later_evening_share", 2.5),
    )  # fmt: skip
    assert told in ("Buys in small orders and in the evening.", "Buys in the evening and in small orders.")


def test_two_groups_are_never_called_alike(sample):
    coupon = (lift(sample, "habits", "coupon_share", 4.4),)
    first, second = (replace(card, claims=coupon) for card in sample.make_report().cards[:2])
    one, other = (WORDS.tell(card.name) for card in named([first, second]))
    assert one == "The coupon shopper"
    assert other.startswith("The coupon shopper (")


def test_groups_by_rule_are_called_by_it(sample):
    made = build_cards(sample.make_personas(), sample.make_customers(), None, (), (), sample.make_study())
    for card in WORDS.told(made.cards):
        assert len(card.essence.split()) <= 30
        if card.id in ("one-order", "no-order"):
            assert card.name == card.handle
