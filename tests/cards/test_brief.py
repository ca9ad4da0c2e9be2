"""What a card advises: from what half of its people share, never against its own effects or against itself."""

from dataclasses import replace

import pytest

from helpers.cards.cards import Counsel, Handed, Trial, build_cards
from helpers.cards.naming import essence
from helpers.cards.prose import advise, brief_of, of_many, repeat_of, twins
from helpers.contracts import Effect, Line, Repeated
from helpers.words import Words

WORDS = Words("en", "EUR")


@pytest.fixture
def card(sample):
    return replace(next(card for card in sample.make_report().cards if card.id == "p1"), claims=(), actions=())


@pytest.fixture
def saving(sample):
    """The belief that a saving on a cheap item moves more people: 17 points."""
    return replace(sample.make_hypotheses()[2], effect=Effect("risk difference", 0.17, 0.08, 0.26))


def price(card, *results, handed=()):
    return WORDS.told(next(line for line in brief_of(card, results, handed) if line.topic == "price"))


def own(sample, estimate, grade):
    said = {"unit": "points", "compared_with": "zero", "source": "survey", "role": "held out", "grade": grade}
    return sample.claim("framing", "x", "relative_saving", estimate, estimate - 0.1, estimate + 0.1, **said)


def test_what_moved_everybody_is_no_advice_where_the_groups_own_effect_is_open_or_opposite(card, sample, saving):
    assert saving.id == "relative_saving"
    assert price(card, saving).text.startswith("Show a saving beside a small price")
    for estimate, grade in ((0.05, "weak"), (-0.2, "strong")):
        told = price(replace(card, claims=(own(sample, estimate, grade),)), saving)
        assert (told.text, bool(told.asks)) == ("Not known yet.", True)


def test_an_effect_of_its_own_is_told_as_its_own_and_names_its_claim(card, sample, saving):
    told = price(replace(card, claims=(own(sample, 0.35, "strong"),)), saving)
    assert told.because == (0,)
    assert "35.0 points more" in told.text
    assert "Where you reduce" in told.text, "it stands beside advice not to open with a reduction"


def test_a_saving_is_not_advised_to_those_who_pay_the_full_price(card, sample, saving):
    full = sample.claim("habits", "x", "discount_share", 0.4, 0.3, 0.5, shares=(0.3, 0.6))
    assert price(replace(card, claims=(full,)), saving).text == "Not known yet."
    assert price(replace(card, claims=(replace(full, shares=(0.6, 0.9)),)), saving).text != "Not known yet."


@pytest.mark.parametrize(
    ("shares", "lift", "half"), [((0.44, 0.2), 2.2, False), ((0.46, 0.2), 2.2, True), ((0.54, 0.9), 0.6, True),
                                 ((0.6, 0.9), 0.6, False), (None, 2.2, True)]
)  # fmt: skip
def test_half_is_half_to_the_nearest_tenth_and_of_less_what_they_leave_out(sample, shares, lift, half):
    assert of_many(sample.claim("habits", "x", "y", lift, lift - 0.1, lift + 0.1, shares=shares)) is half


def test_what_a_minority_does_is_neither_advice_nor_essence(sample):
    saturday = sample.claim("moments", "x", "saturday_share", 2.4, 2.1, 2.7, shares=(0.27, 0.11))
    few = replace(saturday, shares=(0.22, 0.1))
    assert (advise((few,)), essence((saturday,))) == ((), "")
    (action,) = WORDS.told(advise((saturday,)))
    assert action.text == (
        "Write to some of them ahead of Saturday: 27 % of their orders come then, 11 % of those of others."
    )
    most = (replace(saturday, shares=(0.55, 0.11)),)
    assert [action.topic for action in advise(most)] == ["moment"]
    assert WORDS.tell(essence(most)) == "Buys on Saturdays."


def test_an_objection_of_some_is_told_as_that_of_some(sample):
    slow = sample.claim("barriers", "x", "delivery", 2.1, 1.4, 3.2, source="survey", shares=(0.42, 0.2), about="slow")
    (action,) = WORDS.told(advise((slow,)))
    assert action.text == "Some of them will say: “slow”. Have the answer ready for those."
    driver = replace(slow, section="drivers")
    assert advise((driver,)) == (), "what brings a minority leads no message"


def test_nothing_is_advised_that_was_not_seen_again(sample):
    web = sample.claim("channels", "x", "channel_web_share", 1.2, 1.1, 1.3, shares=(0.65, 0.58))
    held, gone = (replace(web, repeated=Repeated(1.2, p)) for p in (0.01, 0.6))
    turned = replace(web, repeated=Repeated(0.8, 0.01))
    assert [repeat_of(claim) for claim in (web, held, gone, turned)] == ["", "held", "lost", "lost"]
    told = [WORDS.told(advise((claim,)))[0].text for claim in (web, held, gone, turned)]
    assert told[:2] == ["Be there, too, where they come to us more often than others: web."] * 2
    assert told[2:] == ["No channel stands out: 65 % of their orders come through web, much as those of others."] * 2
    assert advise((replace(gone, shares=(0.4, 0.3)),)) == ()


def test_one_thing_that_is_asked_for_and_done_is_told_once(sample):
    asked = sample.claim("moments", "x", "contact_hours: morning", 3.0, 2.5, 3.6, source="customers", shares=(0.6, 0.2))
    done = sample.claim("moments", "x", "morning_share", 2.4, 2.2, 2.6, shares=(0.64, 0.27))
    monday = sample.claim("moments", "x", "monday_share", 3.5, 3.2, 3.8, shares=(0.54, 0.16))
    (action,) = WORDS.told(advise((asked, done, monday)))
    assert action.text == (
        "Get in touch in the morning, as many of them ask and when more of their orders come. "
        "Write to them ahead of Monday, when they buy more often than others."
    )
    assert action.because == (0, 1, 2)
    (other,) = WORDS.told(advise((asked, replace(done, column="evening_share"))))
    assert other.text.count(". ") == 1, "the evening is another thing than the morning"


def test_not_known_is_only_what_no_claim_tells(sample):
    beside = {"source": "customers", "compared_with": "persona-3", "shares": (0.5, 0.09)}
    evening = sample.claim("moments", "x", "contact_hours: evening", 5.6, 3.7, 8.3, **beside)
    (action,) = WORDS.told(advise((evening,)))
    assert action.text == "50 % of them ask to be reached in the evening, not clearly more than of others."
    assert advise((replace(evening, shares=(0.4, 0.09)),)) == ()


def test_the_same_fact_by_another_column_is_known_as_one(sample):
    columns = (
        "average_order_value", "order_value_median", "complaints", "complaints_per_order", "weekend_share",
        "saturday_share", "monday_share", "buys_for: work, both", "buys_for: work", "reasons: price",
    )  # fmt: skip
    claims = tuple(sample.claim("habits", "x", column, 2.0, 1.6, 2.4) for column in columns)
    assert twins(claims) == {1: 0, 3: 2, 5: 4, 8: 7}
    fewer = (*claims[:3], replace(claims[3], estimate=0.5))
    assert twins(fewer) == {1: 0}, "more of the one and less of the other are two facts"


def test_one_thing_that_was_asked_twice_is_named_once(sample):
    told = ("less harm", "less waste and less harm")
    claims = tuple(
        sample.claim("drivers", "x", name, 2.0, 1.6, 2.4, source="survey", shares=(0.6, 0.3), about=name)
        for name in told
    )
    (action,) = WORDS.told(advise(claims))
    assert action.text == "Lead with what brings them by their own account: “less waste and less harm”."
    assert action.because == (0, 1)


def test_a_line_that_a_wing_hands_in_names_its_claims(sample):
    claim = sample.claim("framing", "Prices from 4 to 6.", "acceptable price", 5, 4, 6, unit="money", grade="weak")
    handed = Handed({"p1": (claim,)}, advice={"p1": (Counsel(Line("price", "Stay within."), ("acceptable price",)),)})
    parts = {"customers": sample.make_customers(), "survey": None, "hypotheses": (), "study": sample.make_study()}
    made = build_cards(sample.make_personas(sample.make_groups()), handed=(handed,), **parts).cards
    card = next(card for card in made if card.id == "p1")
    (index,) = next(line for line in card.brief if line.topic == "price").because
    assert card.claims[index].column == "acceptable price"


def test_a_claim_that_a_wing_tells_better_takes_the_place_of_the_groups(sample):
    better = sample.claim("moments", "Better.", "monday_share", 3.0, 2.7, 3.6)
    parts = {"customers": sample.make_customers(), "survey": None, "hypotheses": (), "study": sample.make_study()}
    made = build_cards(sample.make_personas(sample.make_groups()), handed=(Handed({"p1": (better,)}),), **parts).cards
    told = next(card for card in made if card.id == "p1").claims
    assert [claim.statement for claim in told if claim.column == "monday_share"] == ["Better."]


def test_a_group_by_rule_may_try_what_needs_no_claim(sample):
    handed = Handed(experiment={"one-order": (Trial("", {"title": "come back"}),)})
    parts = {"customers": sample.make_customers(), "survey": None, "hypotheses": (), "study": sample.make_study()}
    made = build_cards(sample.make_personas(sample.make_groups()), handed=(handed,), **parts).cards
    assert next(card for card in made if card.id == "one-order").experiment == {"title": "come back"}
