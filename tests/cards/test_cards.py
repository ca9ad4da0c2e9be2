"""Cards: what they say, what they withhold, and what wings hand in."""

from dataclasses import replace

import pandas as pd
import pytest

from helpers.card_parts import Overlap
from helpers.cards.cards import Handed, Trial, build_cards, median_grade, structure_label
from helpers.cards.prose import advise, summarise
from helpers.contracts import Coverage, Quote
from helpers.words import Words, say

WORDS = Words("en", "EUR")


@pytest.fixture(scope="module")
def cards(sample):
    return {card.id: card for card in sample.make_report().cards}


def _build(sample, groups, kind="reproducible", **given):
    parts = {"customers": sample.make_customers(), "survey": None, "hypotheses": (), "handed": ()} | given
    return WORDS.told(build_cards(sample.make_personas(groups, kind), study=sample.make_study(), **parts).cards)


def test_order_is_clustered_by_size_then_by_rule_then_negative(cards):
    assert list(cards) == ["p2", "p1", "p3", "one-order", "n1"]


def test_names_are_phrases_and_never_of_a_person(cards):
    assert {name: card.name for name, card in cards.items()} == {
        "p2": cards["p2"].handle, "p1": "The Monday full-basket buyer", "p3": "The evening coupon shopper",
        "one-order": cards["one-order"].handle, "n1": cards["n1"].handle,
    }  # fmt: skip


def test_a_group_under_the_smallest_cell_has_no_card(sample, cards):
    assert "no-order" in {group.id for group in sample.make_groups()}
    assert "no-order" not in cards


def test_claims_counts_and_prevalence_of_few_people_are_withheld(sample):
    group = sample.make_groups()[2]
    few = replace(group.claims[0], n=9)
    card = _build(sample, (replace(group, claims=(few, group.claims[1]), prevalence=(0.9, 0.3, 0.02)),))[0]
    assert [claim.n for claim in card.claims] == [377]
    assert card.answered is None, "6 answered"
    assert card.prevalence == (0.9, 0.3), "2 % of 377 are fewer than 10"


def test_claims_stand_in_the_order_of_the_sections(cards):
    assert [claim.section for claim in cards["p1"].claims] == [
        "drivers",
        "habits",
        "moments",
        "moments",
        "channels",
        "value",
    ]


def test_summary_is_from_the_firmest_claims_of_different_sections_and_names_them(cards):
    assert cards["p1"].summary == (
        "They take more items per order than others. [2] They buy on a Monday more often than others. [3] "
        "They come through “sales call” more often than others. [5]"
    )


def test_summary_uses_the_statement_where_the_catalogue_has_no_sentence(cards):
    assert cards["p2"].summary.startswith(
        "“\u2068کیفیت و سازگاری با محیط زیست\u2069” brings them to us: 52 % of the 171 who"
    )


def test_without_a_firm_claim_nothing_is_said():
    assert summarise(()) == say("report.nothing_stands_out")


def test_actions_follow_from_firm_claims_only(cards):
    told = {action.topic: (action.text, action.because) for action in cards["p1"].actions}
    assert told["channel"] == (
        "Be there, too, where they come to us more often than others: sales call.",
        (4,),
    )
    assert told["moment"] == (
        "Write to them ahead of Monday, when they buy more often than others. "
        "Reach them in the morning, when they buy more often than others.", (2, 3)
    )  # fmt: skip
    weak = tuple(replace(claim, grade="weak") for claim in cards["p1"].claims)
    assert advise(weak) == ()


def test_a_wish_is_advice_only_where_most_have_it_and_goes_before_what_they_do(sample):
    web = sample.claim("channels", "x", "channel_web_share", 1.6, 1.4, 1.8)
    phone = sample.claim("channels", "x", "preferred_channel: phone", 1.4, 1.2, 1.6, source="customers")
    most, few = (replace(phone, shares=(share, share / 1.4)) for share in (0.6, 0.4))
    (action,) = WORDS.told(advise((web, most)))
    assert action.first == "Write and speak to them by phone, as many of them ask."
    assert action.text == f"{action.first} Be there, too, where they come to us more often than others: web."
    (action,) = WORDS.told(advise((web, few)))
    assert (action.text, action.first) == (
        "Be there, too, where they come to us more often than others: web.", ""
    )  # fmt: skip


def test_one_fact_is_one_advice(sample):
    """Saturdays and weekends are one; what is in a basket and whether it is a single thing are one."""
    lifts = {"saturday_share": 3.0, "weekend_share": 2.0, "single_item_share": 2.0}
    claims = [sample.claim("moments", "x", column, lift, lift - 0.1, lift + 0.1) for column, lift in lifts.items()]
    claims.append(sample.claim("habits", "x", "basket_size", 0.6, 0.5, 0.7))
    assert [action.text.key for action in advise(tuple(claims))] == [
        "report.action.moment.weekday.more", "report.action.offer.single_item_share.more"
    ]  # fmt: skip


def test_a_test_is_ready_only_where_a_claim_asks_for_it(sample):
    """p1 has a firm driver, p3 coupons and no driver; p2 may try nothing for want of people."""
    trials = tuple(Trial(name, {"title": name}) for name in ("coupon_share", "drivers"))
    handed = Handed(experiment={"p1": trials, "p2": (), "p3": trials[1:]})
    by_id = {card.id: card for card in _build(sample, sample.make_groups(), handed=(handed,))}
    assert by_id["p1"].experiment["title"] == "drivers"
    assert "opens with “доставка точно в срок”" in by_id["p1"].experiment["do"]
    assert by_id["p2"].experiment is None
    assert by_id["p3"].experiment is None
    assert any("too small for a test" in text for text in by_id["p2"].unknowns)
    assert any("no test is ready" in text for text in by_id["p3"].unknowns)
    assert not any("test" in text for text in by_id["one-order"].unknowns)


def test_groups_that_share_people_are_told_by_name_where_both_have_a_card(sample):
    handed = Handed(overlaps={"p1": (Overlap("p3", 40, 0.1), Overlap("no-order", 12, 0.03))})
    by_id = {card.id: card for card in _build(sample, sample.make_groups(), handed=(handed,))}
    (one,) = by_id["p1"].overlaps
    assert (one.other, one.name) == ("p3", by_id["p3"].name)


def test_advice_names_the_three_largest_of_a_kind_in_the_users_words(sample):
    said = tuple(
        sample.claim("barriers", "x", column, lift, lift - 0.2, lift + 0.2, source="survey")
        for column, lift in (("doubts: too_dear", 1.5), ("slow", 3.0), ("сложно", 2.0), ("ugly", 1.3))
    )
    assert [(action.topic, WORDS.tell(action.text), action.because) for action in advise(said)] == [
        (
            "objections",
            "Expect to hear: “slow”, “сложно” and “too dear”. Have the answer ready before they ask.",
            (0, 1, 2),
        )
    ]


def test_more_of_something_is_said_before_less_and_now_before_later(sample):
    less = sample.claim("habits", "Less.", "coupon_share", 0.1, 0.05, 0.2)
    later = sample.claim("habits", "Later.", "later_orders", 9.0, 8.0, 10.0)
    more = sample.claim("habits", "More.", "orders", 1.5, 1.3, 1.7)
    assert WORDS.tell(summarise((less, later, more))) == (
        "They use a coupon less often than others. [1] Later. [2] They come back more often than others. [3]"
    )
    told = summarise((replace(less, section="value"), later, more, replace(more, section="moments")))
    assert [part.values["number"] for part in told.values["parts"]] == [1, 3, 4]


def test_an_action_never_points_outside_the_claims(cards):
    for card in cards.values():
        assert all(0 <= index < len(card.claims) for action in card.actions for index in action.because)
        assert all(action.because for action in card.actions)


def test_a_claim_of_less_gives_the_advice_for_less(sample):
    less = sample.claim("habits", "Few coupons.", "coupon_share", 0.22, 0.15, 0.31)
    assert [action.text.key for action in advise((less,))] == ["report.action.argument.coupon_share.less"]


def test_two_columns_that_call_for_the_same_give_it_once(sample):
    saving = (sample.claim("habits", "x", name, 2.0, 1.6, 2.4) for name in ("coupon_share", "discount_share"))
    (argument,) = (action for action in advise(tuple(saving)) if action.topic == "argument")
    assert (WORDS.tell(argument.text), argument.because) == ("Speak of what they save, in figures.", (0, 1))


@pytest.mark.parametrize(
    ("grades", "median"),
    [([], "weak"), (["strong"], "strong"), (["weak", "strong"], "weak"), (["weak", "moderate", "strong"], "moderate"),
     (["moderate", "strong", "strong", "weak"], "moderate"), (["strong", "strong", "weak"], "strong")],
)  # fmt: skip
def test_median_grade_takes_the_lower_of_two(grades, median):
    assert median_grade(grades) == median


@pytest.mark.parametrize(
    ("kind", "grade"),
    [("natural", "strong"), ("reproducible", "strong"), ("constructive", "moderate"), ("not supported", "moderate")],
)
def test_a_division_that_we_chose_is_never_strong(sample, kind, grade):
    assert _build(sample, (sample.make_groups()[0],), kind)[0].grade == grade


def test_a_group_by_rule_keeps_its_grade_and_says_that_it_is_by_rule(sample):
    group = sample.make_groups()[3]
    claims = tuple(replace(claim, grade="strong") for claim in group.claims)
    card = _build(sample, (replace(group, claims=claims),), "constructive")[0]
    assert (card.grade, card.kind) == ("strong", "segment")
    assert card.label.startswith("A group by rule: its members share one plain fact. ")


def test_groups_between_which_more_than_few_lie_are_said_to_overlap(sample):
    structure = sample.make_structure("natural")
    labels = [structure_label(replace(structure, valley_depth=depth)).key for depth in (0.49, 0.5)]
    assert labels == ["report.label.natural_near", "report.label.natural"]


@pytest.mark.parametrize(
    ("kind", "would_move", "key", "row"),
    [
        ("reproducible", 0.12, "reproducible", {"moved": 0.12}),
        ("reproducible", None, "reproducible_unmeasured", {}),
        ("constructive", 0.12, "constructive", {"moved": 0.12}),
        ("natural", 0.12, "natural", {}),
        ("not supported", None, "not_supported", {}),
    ],
)
def test_every_kind_of_structure_has_its_label(sample, kind, would_move, key, row):
    structure = replace(sample.make_structure(kind), would_move=would_move, valley_depth=0.6)
    assert structure_label(structure) == say(f"report.label.{key}", **row)


def test_unknowns_name_what_the_data_do_not_hold(sample, cards):
    assert cards["p3"].unknowns == (
        "What they want, fear and expect: fewer than 10 of them answered the survey.",
        "At what hours they buy: the orders carry dates only.",
        "Whether wording an offer as a gain or a loss moves them: these data could not test it.",
    )
    assert cards["p2"].unknowns[0] == "How the 62 % who did not answer the survey think: those who answered may differ."
    alone = _build(sample, (replace(sample.make_groups()[2], answered=0),), customers=None)[0]
    assert alone.unknowns == (
        "What they want, fear and expect: nobody was asked.",
        "What they buy, when, through which channel, and what they are worth: there are no sales to see it in.",
    )


@pytest.mark.parametrize(("asked", "key"), [(True, "no_answers"), (False, "no_survey")])
def test_who_was_asked_and_did_not_answer_is_told_from_who_was_not_asked(sample, asked, key):
    personas = sample.make_personas((replace(sample.make_groups()[2], answered=0),))
    survey = sample.make_survey() if asked else None
    (card,) = build_cards(personas, sample.make_customers(), survey, (), (), sample.make_study()).cards
    assert card.unknowns[0] == say(f"report.unknown.{key}")


@pytest.mark.parametrize(
    ("statement", "quoted"),
    [
        (say("voice.drivers.says.more", says="it is dear", code="price"), "it is dear"),
        (say("voice.drivers.code.more", says="", code="too dear"), "too dear"),
        (say("personas.trait.tick.says", name="Low price"), "Low price"),
        (say("personas.trait.answer.says", name=say("personas.trait.said", value="vegan", question="Diet?")), "vegan"),
        ("A wing's own words.", "the code"),
    ],
)
def test_advice_quotes_what_the_statement_quotes(sample, statement, quoted):
    (action,) = advise((sample.claim("drivers", statement, "asked: the_code", 2.0, 1.5, 2.5),))
    assert action.text.values["names"] == (say("report.quoted", words=quoted),)


def test_a_negative_card_is_sorted_and_its_advice_follows_its_claims(sample, cards):
    assert [claim.column for claim in cards["n1"].claims] == ["complaints", "margin", "return_share"]
    assert cards["n1"].actions[0].because == (1, 2), "margin and return_share, which were 0 and 2"
    assert cards["n1"].label.startswith("A group to review")
    few = replace(sample.make_handed().cards[0], size=replace(cards["n1"].size, n=9))
    assert _build(sample, (), handed=(Handed(cards=(few,)),)) == ()


def test_a_card_says_and_quotes_what_any_wing_hands_in(sample):
    """Quotes follow the wing's own claims on the card; of what fewer of a group say there is none."""
    said = (("dear", 2.0), ("late", 0.5))
    more, less = (sample.claim("mindset", "x.", code, lift, 0.4, 3.0) for code, lift in said)
    few = replace(more, column="rare", n=9)
    quotes = tuple(Quote(f"It is {code}.", code) for code in ("late", "dear", "rare", "coupon_share"))
    handed = (Handed({"p3": (more, less, few)}, {"p3": quotes}), Handed(quotes={"p3": (Quote("Not ours.", "dear"),)}))
    first, second = _build(sample, sample.make_groups()[1:3], handed=handed)
    assert {"dear", "late"} < {claim.column for claim in second.claims}
    assert "rare" not in {claim.column for claim in second.claims}
    assert second.quotes == (Quote("It is dear.", "dear"),)
    assert first.quotes == ()


def test_members_of_a_group_without_a_card_count_as_unassigned(sample):
    personas = sample.make_personas()
    ids = [f"c{i}" for i in range(43)]
    people = pd.DataFrame({"customer_id": ids, "persona": ["p1", "no-order", "unassigned", "p2"] * 10 + ["p2"] * 3})
    found = build_cards(replace(personas, assignments=people), None, sample.make_survey(), (), (), sample.make_study())
    assert found.coverage == Coverage(40, 520, 20, 20)  # 43, 20, 23: in tens


@pytest.mark.parametrize(
    ("since", "told"),
    [(0, "0 have"), (9, "fewer than 10 have"), (10, "10 have"), (21, "all but fewer than 10 have"), (30, "30 have")],
)
def test_a_group_by_rule_says_as_of_when_and_how_many_have_ordered_since(sample, since, told):
    """Thirty people with one order each, some of whom ordered again in the held-out part."""
    people = [f"c{i:02d}" for i in range(30)]
    held_out = pd.DataFrame({"customer_id": people, "churned": [i >= since for i in range(30)]})
    once = next(replace(group, n=30) for group in sample.make_groups() if group.id == "one-order")
    personas = sample.make_personas((once,))
    personas = replace(personas, assignments=pd.DataFrame({"customer_id": people, "persona": "one-order"}))
    customers = replace(sample.make_customers(), held_out=held_out)
    (card,) = WORDS.told(build_cards(personas, customers, None, (), (), sample.make_study())).cards
    assert f"as of 1 October 2025; of these 30, {told} ordered since then, up to 31 December 2025." in card.label
