"""A card's name is a phrase of two facts, its essence at most thirty words."""

from dataclasses import replace

import pytest

from helpers.cards.cards import build_cards
from helpers.cards.naming import essence, named
from helpers.contracts import Claim
from helpers.words import Words, say

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


ROLES = say(
    "personas.trait.attribute.says",
    name=say("personas.trait.any_of", attribute="job role", values=[say("personas.trait.quoted", value="assistant"),
                                                                    say("personas.trait.quoted", value="director")]),
    value=0.9, others=0.1,
)  # fmt: skip


def of_customers(section, column, lift, share, statement="About them."):
    return Claim(section, statement, "customers", column, "held out", 200, lift, "lift", lift * 0.9, lift * 1.1,
                 "all others", 0.001, "strong", shares=(share, share / lift))  # fmt: skip


def test_who_most_of_them_are_and_how_they_ask_to_be_reached_is_told(sample, called):
    role = of_customers("profile", "job_role: assistant, director", 9.0, 0.9, ROLES)
    wishes = (of_customers("channels", "preferred_channel: phone", 1.4, 0.8),
              of_customers("moments", "contact_hours: morning", 3.0, 0.55))  # fmt: skip
    monday = lift(sample, "moments", "monday_share", 3.0)
    assert called(role, *wishes, monday)[1] == (
        "Mostly: assistant and director. Buys on Mondays. Reached by phone, in the morning."
    )


def test_what_fewer_than_half_are_or_want_and_what_is_protected_is_not_said_of_all(called):
    few = of_customers("profile", "job_role: nurse", 9.0, 0.49)
    near = of_customers("profile", "job_role: nurse", 1.9, 0.9)
    sex = of_customers("profile", "sex: f", 9.0, 0.9)
    wish = of_customers("channels", "preferred_channel: phone", 1.5, 0.43)
    for claim in (few, near, sex, wish):
        assert called(claim)[1] == ""


def test_an_essence_leaves_out_what_would_be_too_long(sample, called):
    role = of_customers("profile", f"job_role: {' '.join(['word'] * 28)}", 9.0, 0.9)
    told = called(role, lift(sample, "moments", "monday_share", 3.0))[1]
    assert len(told.split()) == 29
    assert "Monday" not in told


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
