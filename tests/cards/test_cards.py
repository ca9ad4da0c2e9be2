"""Cards: what they say, what they withhold, and that every format says the same."""

from dataclasses import asdict, replace
from types import SimpleNamespace

import pandas as pd
import pytest

from helpers.cards.cards import _quotes, build_cards, card_html, card_markdown, median_grade, structure_label
from helpers.cards.prose import advise, key_claims, summarise
from helpers.contracts import Claim
from helpers.report.page import estimate_text, interval_text
from helpers.words import Words

WORDS = Words("en", "EUR")


@pytest.fixture(scope="module")
def cards(sample):
    return {card.id: card for card in sample.make_report().cards}


def _build(sample, groups, kind="reproducible", **given):
    parts = {"customers": sample.make_customers(), "voice": None, "negative": None, "hypotheses": ()} | given
    return build_cards(sample.make_personas(groups, kind), study=sample.make_study(), words=WORDS, **parts)


def test_order_is_clustered_by_size_then_by_rule_then_negative(cards):
    assert list(cards) == ["p2", "p1", "p3", "one-order", "n1"]


def test_names_are_neutral_and_follow_the_id(cards):
    assert [card.name for card in cards.values()] == ["Persona 2", "Persona 1", "Persona 3", "Segment 4", "To review 1"]


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
    assert cards["p2"].summary.startswith("“\u2068کیفیت و سازگاری با محیط زیست\u2069” is a reason for 52 % of them")


def test_without_a_firm_claim_nothing_is_said():
    assert summarise((), WORDS) == "Nothing that we can measure sets these customers clearly apart from the others."


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
    assert advise(weak, WORDS) == ()


def test_advice_names_the_three_largest_of_a_kind_in_the_users_words(sample):
    said = tuple(
        sample.claim("barriers", "x", column, lift, lift - 0.2, lift + 0.2, source="survey")
        for column, lift in (("doubts: too_dear", 1.5), ("slow", 3.0), ("сложно", 2.0), ("ugly", 1.3))
    )
    assert [(action.topic, action.text, action.because) for action in advise(said, WORDS)] == [
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
    assert summarise((less, later, more), WORDS) == (
        "They use a coupon less often than others. [1] Later. [2] They come back more often than others. [3]"
    )
    assert summarise((replace(less, section="value"), later, more, replace(more, section="moments")), WORDS) == (
        "They use a coupon less often than others. [1] They come back more often than others. [3] "
        "They come back more often than others. [4]"
    )


def test_a_card_shows_what_it_names_and_the_first_of_each_section_and_folds_the_rest(sample):
    group = sample.make_groups()[2]
    extra = tuple(sample.claim("habits", f"Detail {i}.", f"detail_{i}", 1.3, 1.2, 1.4) for i in range(9))
    card = _build(sample, (replace(group, claims=(*group.claims, *extra)),))[0]
    assert key_claims(card) == [0, 1, 11, 12]
    page = card_html(card, WORDS)
    shown, folded = page.split("<details")
    assert "Detail 3." not in shown
    assert "Detail 3." in folded
    assert "More statements (9)" in folded


def test_an_action_never_points_outside_the_claims(cards):
    for card in cards.values():
        assert all(0 <= index < len(card.claims) for action in card.actions for index in action.because)
        assert all(action.because for action in card.actions)


def test_a_claim_of_less_gives_the_advice_for_less(sample):
    less = sample.claim("habits", "Few coupons.", "coupon_share", 0.22, 0.15, 0.31)
    assert [action.text for action in advise((less,), WORDS)] == [
        "Speak of the product itself; they use coupons less often than others.",
        "Hold coupons back from a few of them and see whether anything changes.",
    ]


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
    assert card.label == "A group by rule, not found by the analysis: its members share one plain fact."


def test_every_kind_of_structure_has_its_label(sample):
    structure = sample.make_structure("reproducible")
    assert structure_label(structure, WORDS) == (
        "A repeatable division of a continuum, not types; by our estimate another sample would move 12 % of customers."
    )
    assert (
        structure_label(replace(structure, would_move=None), WORDS)
        == "A repeatable division of a continuum, not types."
    )
    assert (
        structure_label(replace(structure, kind="natural"), WORDS) == "Separate groups: few customers lie between them."
    )
    assert "borders are arbitrary" in structure_label(replace(structure, kind="constructive"), WORDS)
    assert "do not support personas" in structure_label(replace(structure, kind="not supported"), WORDS)


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


def test_a_negative_card_is_sorted_and_its_advice_follows_its_claims(sample, cards):
    assert [claim.column for claim in cards["n1"].claims] == ["complaints", "margin", "return_share"]
    assert cards["n1"].actions[0].because == (1, 2), "margin and return_share, which were 0 and 2"
    assert cards["n1"].label.startswith("A group to review")
    few = replace(sample.make_negative().cards[0], size=replace(cards["n1"].size, n=9))
    assert _build(sample, (), negative=replace(sample.make_negative(), cards=(few,))) == ()


def test_json_has_the_contracts_shape(cards):
    card = asdict(cards["p1"])
    assert list(card)[:13] == [
        "id", "kind", "name", "handle", "summary", "size", "stability", "prevalence", "grade", "claims", "rule",
        "quotes", "actions",
    ]  # fmt: skip
    assert set(card["claims"][0]) == {
        "section", "statement", "source", "column", "role", "n", "estimate", "unit", "ci_low", "ci_high",
        "compared_with", "p_adjusted", "grade",
    }  # fmt: skip
    assert set(card["size"]) == {"n", "share", "ci_low", "ci_high", "revenue_share"}
    assert all(claim["p_adjusted"] is None for claim in card["claims"] if claim["role"] == "defining")


def test_every_format_tells_the_same_facts(cards):
    for card in cards.values():
        page = card_html(card, WORDS).replace("\u00a0", " ")
        text = card_markdown(card, WORDS)
        shown = [WORDS.percent(card.size.share), card.handle, card.label]
        shown += (
            [claim.statement for claim in card.claims] + [action.text for action in card.actions] + list(card.unknowns)
        )
        for fact in shown:
            assert fact in page
            assert fact in text.replace("\\", "")


def test_markdown_keeps_a_users_markup_as_text(cards):
    hostile = replace(cards["p1"], handle="<script>x</script> [a](javascript:b) | *c*", unknowns=("a\n# b",))
    text = card_markdown(hostile, WORDS)
    assert "<script>" not in text
    assert "\\[a\\]\\(javascript:b\\) \\| \\*c\\*" in text
    assert "- a \\# b" in text


def test_a_claim_in_money_has_its_currency(cards):
    claim: Claim = cards["n1"].claims[1]
    assert claim.unit == "money"
    assert "−23 EUR</b> (−31 to −14 EUR)" in card_html(cards["n1"], WORDS)


def test_a_difference_is_in_the_unit_of_its_terms(sample):
    less = sample.claim("value", "Less.", "margin", -115.9, -140.2, -90.4, unit="difference (money)")
    assert (estimate_text(less, WORDS), interval_text(less, WORDS)) == ("−116 EUR", "−140 to −90.40 EUR")
    assert summarise((less,), WORDS) == "They leave less margin than others. [1]"


def test_a_card_quotes_real_words_for_what_it_says_more_of_and_no_others(sample):
    """Quotes follow the claims of the answers; of what fewer of a group say there is none."""
    claim = next(claim for card in sample.make_report().cards for claim in card.claims)
    more = replace(claim, source="survey", column="price", estimate=2.0)
    less = replace(claim, source="survey", column="late", estimate=0.5)
    rows = [("p1", "price", "It is dear."), ("p1", "late", "It is late."), ("p2", "price", "So dear.")]
    voice = SimpleNamespace(quotes=pd.DataFrame(rows, columns=["id", "code", "text"]))
    quoted = _quotes(SimpleNamespace(id="p1"), (less, more), voice)
    assert [(quote.text, quote.code) for quote in quoted] == [("It is dear.", "price")]
    assert _quotes(SimpleNamespace(id="p1"), (more,), SimpleNamespace(quotes=pd.DataFrame())) == ()
