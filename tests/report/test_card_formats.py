"""Every format of a card says the same, and users' words cannot become markup."""

from dataclasses import asdict, replace

import pytest

from helpers.cards.cards import build_cards
from helpers.contracts import Line
from helpers.report.card_formats import as_markdown, card_html, card_markdown
from helpers.report.page import estimate_text, interval_text
from helpers.words import Words

WORDS = Words("en", "EUR")


@pytest.fixture(scope="module")
def cards(sample):
    return {card.id: card for card in sample.make_report().cards}


def test_a_card_folds_its_evidence(sample):
    group = sample.make_groups()[2]
    extra = tuple(sample.claim("habits", f"Detail {i}.", f"detail_{i}", 1.3, 1.2, 1.4) for i in range(9))
    personas = sample.make_personas((replace(group, claims=(*group.claims, *extra)),))
    (card,) = WORDS.told(build_cards(personas, sample.make_customers(), None, (), (), sample.make_study()).cards)
    shown, folded, *_ = card_html(card, WORDS).split("<details")
    assert "Detail 3." not in shown
    assert "Detail 3." in folded
    assert "All 13 statements" in folded


def test_the_notebook_shows_every_card_as_the_publication_does(sample):
    made = build_cards(sample.make_personas(), sample.make_customers(), None, (), (), sample.make_study())
    assert as_markdown(made, sample.make_study()) == [card_markdown(card, WORDS) for card in WORDS.told(made.cards)]


def test_json_has_the_contracts_shape(cards):
    card = asdict(cards["p1"])
    assert list(card)[:13] == [
        "id", "kind", "name", "handle", "summary", "size", "stability", "prevalence", "grade", "claims", "rule",
        "quotes", "actions",
    ]  # fmt: skip
    assert set(card["claims"][0]) == {
        "section", "statement", "source", "column", "role", "n", "estimate", "unit", "ci_low", "ci_high",
        "compared_with", "p_adjusted", "grade", "shares", "about", "bound", "repeated", "of_most",
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
    claim = cards["n1"].claims[1]
    assert claim.unit == "money"
    assert "−23 EUR</b> (−31 to −14 EUR)" in card_html(cards["n1"], WORDS)


def test_a_difference_is_in_the_unit_of_its_terms(sample):
    less = sample.claim("value", "Less.", "margin", -115.9, -140.2, -90.4, unit="difference (money)")
    assert (estimate_text(less, WORDS), interval_text(less, WORDS)) == ("−116 EUR", "−140 to −90.40 EUR")


def test_a_statement_that_the_advice_tells_itself_is_not_told_again_below_it(sample):
    card = next(card for card in sample.make_report().cards if card.id == "p1")
    said = "Most of them want it."
    card = replace(card, claims=(sample.claim("habits", said, "orders", 1.3, 1.2, 1.4),))
    for text in ("Do it.", f"Do it. {said}"):
        told = card_html(replace(card, brief=(Line("offer", text, (0,)),)), WORDS).partition("<details")[0]
        assert told.count(said) == 1, text
