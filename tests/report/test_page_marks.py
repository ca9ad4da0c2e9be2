"""Marks and words of the pages: effects without statistics, the week, whose people a group's people are, too."""

from dataclasses import replace

import pytest

from helpers.contracts import BELIEF_IDS, Effect, Line, Repeated
from helpers.report.page import (
    claim_strip,
    crossed,
    effect_told,
    estimate_text,
    first_step,
    interval_text,
    moments_told,
    of_everybody,
    repeat_told,
    span_of,
    verdict_shown,
    week_map,
)
from helpers.report.still_life import still_life
from helpers.words import Words

WORDS = Words("en", "EUR")


@pytest.fixture
def card(sample):
    return next(card for card in sample.make_report().cards if card.id == "p1")


@pytest.mark.parametrize(
    ("effect", "told"),
    [
        (Effect("risk difference", 0.044, 0.023, 0.066, "letter"), "letter: 4.4 percentage points more (2.3 to 6.6)"),
        (Effect("risk difference", -0.044, -0.066, -0.023), "4.4 percentage points fewer (2.3 to 6.6)"),
        (Effect("risk difference", 0.026, -0.055, 0.107), "2.6 percentage points (−5.5 to 10.7; may be none)"),
        (Effect("mean difference", -41.5, -48.7, -34.2), "41.5 less on average (34.2 to 48.7)"),
        (Effect("risk ratio", 0.88, 0.83, 0.94), "0.88 times as often (0.83 to 0.94)"),
        (Effect("share", 0.36, 0.19, 0.45), "36 % (19 to 45 %)"),
        (Effect("auc", 0.76, 0.62, 0.86), "right in 76 % of pairs (62 to 86 %); chance 50 %"),
        (Effect("slope", -0.24, -1.38, 0.9), "−2 % per 10 % of price (−14 to 9 %; may be none)"),
    ],
)
def test_an_effect_is_told_in_words(effect, told):
    assert effect_told(effect, WORDS) == told


def test_a_belief_says_the_unit_of_its_effect_and_against_whom(sample):
    def told(name, effect, n):
        result = replace(sample.make_hypotheses()[0], id=name, effect=effect, effects=(effect,), n=n)
        return effect_told(effect, WORDS, result)

    visits = Effect("risk difference", 0.044, 0.023, 0.066, "letter")
    assert told("conversion_by_channel", visits, {"letter": 100, "search": 200}) == (
        "letter: 4.4 percentage points more (2.3 to 6.6) · visits that end in a purchase, against “search”"
    )
    money = Effect("mean difference", -41.5, -48.7, -34.2, "A")
    assert told("profit_by_persona", money, {"A": 9}).startswith("A: 41.50 EUR less on average (34.20 to 48.70 EUR) · ")
    ratings = told("importance_performance", replace(money, estimate=0.71, ci_low=0.59, ci_high=0.83), {"A": 9})
    assert ratings.startswith("A: 0.71 scale points more on average (0.59 to 0.83) · how much it matters")
    own = replace(visits, label="b")
    assert told("ours", own, {"a": 9, "b": 9}).endswith(" · against “a”")
    assert told("ours", own, {"a": 9, "b": 9, "c": 9}).endswith(" · against those left as they were")


@pytest.mark.parametrize("name", BELIEF_IDS)
def test_every_built_in_belief_says_against_whom(name):
    assert WORDS.say(f"report.than.{name}", other="x")


def test_a_ratio_of_a_bounded_share_is_a_bound(sample):
    under = sample.claim("profile", "x", "for: work", 0.14, 0.08, 0.27, bound="under")
    assert (estimate_text(under, WORDS), interval_text(under, WORDS)) == ("at most 0.14 times", "up to 0.27")
    over = sample.claim("profile", "x", "for: work", 9.1, 4.9, 17.0, bound="over")
    assert (estimate_text(over, WORDS), interval_text(over, WORDS)) == ("at least 9.1 times", "from 4.9")
    assert estimate_text(replace(over, bound=None), WORDS) == "9.1 times"
    assert "M193.3 10" not in str(claim_strip(replace(over, bound=None), WORDS, 32.0))
    assert "H193.3" in str(claim_strip(over, WORDS, 32.0)), "its line runs to the end of the scale"


@pytest.mark.parametrize(("ends", "says"), [((1.5, 2.4), "More than"), ((0.4, 0.7), "Less than"), ((0.8, 1.3), "open")])
def test_the_words_of_a_strip_tell_what_it_shows(sample, ends, says):
    claim = sample.claim("habits", "x", "y", sum(ends) / 2, *ends)
    assert says in str(claim_strip(claim, WORDS))


def test_what_was_seen_again_has_a_tick(sample):
    claim = sample.claim("habits", "x", "y", 2.0, 1.5, 2.5, repeated=Repeated(1.8, 0.01))
    assert repeat_told(claim, WORDS) == "✓ again later"
    assert repeat_told(replace(claim, repeated=Repeated(1.0, 0.9)), WORDS) == "not seen again later"
    assert repeat_told(replace(claim, repeated=None), WORDS) == ""


def test_what_a_screen_finds_is_a_lead_and_no_verdict(sample):
    found = next(result for result in sample.make_hypotheses() if result.verdict == "supported")
    assert verdict_shown(found) == ("supported", "report.verdict.supported")
    assert verdict_shown(replace(found, confirmatory=False)) == ("lead", "report.belief.lead")
    assert verdict_shown(replace(found, confirmatory=False, verdict="inconclusive"))[0] == "inconclusive"
    assert verdict_shown(replace(found, description=True))[0] == "description"
    assert verdict_shown(replace(found, description=True, verdict="not testable"))[0] == "nottestable"


def test_a_tile_says_the_test_that_is_ready_else_the_first_argument(card):
    argument = next(action for action in card.actions if action.topic == "argument")
    assert first_step(replace(card, experiment=None)) == (argument.first or argument.text)
    assert first_step(replace(card, experiment={"do": "Half of them."})) == "Half of them."


def test_the_week_is_drawn_and_told_from_its_fullest_part(card):
    assert moments_told(card, WORDS)[0] == "Monday morning (38 %)"
    drawn = str(week_map(card, WORDS))
    assert drawn.count('class="cell"') == 28
    assert drawn.count('class="full"') == 21  # seven nights of too few people have no shade
    assert "Monday morning (38 %)" in drawn
    assert week_map(replace(card, week=()), WORDS) == ""


def test_a_week_without_hours_has_one_row(card):
    days = tuple(replace(one, part="") for one in card.week if one.part == "morning")
    assert moments_told(replace(card, week=days), WORDS)[0] == "Monday all day (38 %)"
    assert str(week_map(replace(card, week=days), WORDS)).count('class="cell"') == 7


def test_who_is_both_is_told_with_what_they_leave(card):
    assert crossed(card, WORDS) == [
        "10 % of them (40 people) are “Frequent returns, many complaints, dear to win”, too. "
        "In the weeks kept for tests those brought −3 EUR each after all costs, the others 9 EUR."
    ]
    unknown = replace(card.overlaps[0], left_each=None)
    assert crossed(replace(card, overlaps=(unknown,)), WORDS) == [
        "10 % of them (40 people) are “Frequent returns, many complaints, dear to win”, too."
    ]


def test_all_strips_of_a_page_share_the_scale_that_holds_the_farthest(card):
    near, far = (
        replace(card, claims=(replace(card.claims[0], estimate=top, ci_low=1.1, ci_high=top),)) for top in (3.0, 9.0)
    )
    assert (span_of([near]), span_of([near, far])) == (4.0, 16.0)


def test_a_day_and_a_time_of_day_and_the_goods_stand_in_one_picture(sample, card):
    def told(*columns):
        claims = tuple(sample.claim("habits", f"About {name}.", name, 3.0, 2.5, 3.5) for name in columns)
        return str(still_life(replace(card, claims=claims), WORDS))

    picture = told("saturday_share", "afternoon_share", "category_refills_share")
    assert all(name in picture for name in ("leaf of a calendar", "the sun", "a shopping bag"))
    assert "shopping bag" not in told("category_refills_share", "channel_app_share")


def test_what_was_found_of_everybody_is_no_line_of_a_card():
    """Its own reason, or a question that is open, makes it the card's."""
    line = Line("frequency", "Try fewer messages.")
    others = (replace(line, because=(0,)), replace(line, asks="How often?"), replace(line, topic="offer"))
    assert [of_everybody(one) for one in (line, *others)] == [True, False, False, False]
