"""Whom not to court: segments grown on one half of the customers, held to the other, and told with their doubts."""

import json

import numpy as np
import pandas as pd
import pytest
from shops import PERIOD, loaded, personas, sales, shop, study

from helpers.customers.customers import Customers
from helpers.negative.findings import answer, in_money
from helpers.negative.segments import (
    Negative,
    UnderReview,
    _is_negative,
    _Segment,
    for_cards,
    negative_personas,
    under_review,
)
from helpers.negative.signs import halves
from helpers.negative.worth import contribution
from helpers.previous import Previous
from helpers.words import Said, Words, say

WORDS = Words(currency="EUR")


def judged(customers: Customers, *labels: str, before: tuple[str, ...] = (), **frames: pd.DataFrame) -> Negative:
    return negative_personas(customers, loaded(**frames), personas(customers, *labels), study(), UnderReview(before))


def keys(statement: Said) -> list[str]:
    """The sentences of a statement."""
    return [statement.key] if statement.key else [part.key for part in statement.values["parts"]]


def test_a_planted_group_becomes_a_card_measured_on_the_unseen_half():
    customers, is_bad = shop()
    found = judged(customers, "persona-1", "persona-2")
    (card,) = found.cards
    assert (card.id, card.kind, WORDS.tell(card.handle)) == ("negative-1", "negative", "Many returns")
    assert for_cards(found).cards == found.cards
    inside = set(found.members["customer_id"])
    assert len(inside & set(is_bad.index[is_bad])) / is_bad.sum() > 0.9
    assert card.size.n == len(inside) == len(found.members)
    assert card.size.share == card.size.n / 800
    assert card.rule.held_out_balanced_accuracy > 0.7
    claims = {claim.column: claim for claim in card.claims}
    # planted: -9 per order on 4 orders, and -5 later
    assert claims["contribution"].ci_low < -9 * 4 - 5 < claims["contribution"].ci_high < 0
    assert claims["contribution"].compared_with == "zero"
    balance = contribution(customers)
    _, unseen = halves(balance.index, study().seed)
    measured = balance["contribution"][[name for name in unseen if name in inside]]
    assert (claims["contribution"].n, claims["contribution"].estimate) == (
        len(measured),
        pytest.approx(measured.mean()),
    )
    assert claims["complaints"].ci_low < 1.5 / 0.2 < claims["complaints"].ci_high
    assert claims["return_share"].ci_low > 5
    assert claims["churned"].grade == "weak"
    assert all(claim.role == "held out" and claim.p_adjusted is not None for claim in card.claims)
    assert [action.topic for action in card.actions[:2]] == ["review", "cost of being wrong"]
    assert card.summary.values == {"share": card.size.share, "loss": claims["contribution"].statement}
    verdicts = found.segments.set_index(["segment", "measure"])["verdict"][card.rule.text]
    assert [verdicts[name].key for name in ("contribution", "complaints", "churned")] == [
        f"negative.verdict.{verdict}" for verdict in ("money.less", "lift.more", "lift.same")
    ]
    wrong = card.actions[1].text
    assert (wrong.key, wrong.values["n"]) == ("negative.action.few", len(measured))
    assert WORDS.tell(claims["contribution"].statement) == (
        "After all known costs each of them brings −41.97 EUR on average (−47.36 to −36.58 EUR): less than nothing."
    )
    assert keys(found.statement) == ["negative.statement.found", "negative.statement.few_flagged"]
    assert answer(found) == [found.statement]
    (sign,) = found.early_signs.to_dict("records")
    assert sign["sign"] in card.rule.text.values["conditions"]
    assert sign["known"] == say("negative.known.after_orders")
    assert say("negative.unknown.sign") in card.unknowns
    parts = found.parts.set_index("segment")
    assert list(parts.index) == [say("negative.everybody"), card.handle, "The persona-1", "The persona-2"]
    assert parts["contribution"].iloc[1] == pytest.approx(claims["contribution"].estimate)
    assert set(found.segments["segment"]) == {card.rule.text, "The persona-1", "The persona-2"}
    assert in_money(found.segments) is found.segments


@pytest.mark.parametrize(
    ("high", "p_adjusted", "n", "negative"),
    [(-0.1, 0.05, 30, True), (0.1, 0.05, 30, False), (-0.1, 0.06, 30, False), (-0.1, 0.05, 29, False)],
)
def test_a_loss_counts_when_clear_after_correction_and_on_enough_people(high, p_adjusted, n, negative):
    row = {"measure": "contribution", "n": n, "ci_high": high, "p_adjusted": p_adjusted}
    segment = _Segment((), "", pd.Series(dtype=bool), pd.DataFrame([row]))
    assert _is_negative(segment, study()) is negative


def test_the_acquisition_cost_of_a_rule_made_of_it_is_described_and_not_tested():
    customers, is_bad = shop()
    rng = np.random.default_rng(1)
    features = customers.features.assign(margin=20.0 + rng.normal(0, 1, 800), return_share=0.1)
    held_out = customers.held_out.assign(margin=0.0)
    profile = customers.profile.assign(acquisition_cost=np.where(is_bad, 60.0, 5.0) + rng.normal(0, 1, 800))
    dear = Customers(PERIOD, features, held_out, profile, ())
    (card,) = judged(dear).cards
    claims = {claim.column: claim for claim in card.claims}
    assert (claims["acquisition_cost"].role, claims["acquisition_cost"].p_adjusted) == ("defining", None)
    assert claims["acquisition_cost"].estimate == pytest.approx(60 / 5, rel=0.05)
    assert claims["contribution"].estimate == pytest.approx(-40, abs=1)
    assert claims["before_acquisition"].estimate == pytest.approx(20, abs=1)


def test_a_rule_that_falls_on_one_sex_says_so_on_the_card():
    customers, is_bad = shop()
    rng = np.random.default_rng(2)
    sex = np.where(rng.random(800) < np.where(is_bad, 0.9, 0.4), "f", "m")
    skewed = Customers(PERIOD, customers.features, customers.held_out, customers.profile.assign(sex=sex), ())
    found = judged(skewed)
    assert found.fairness.set_index("value").loc[["f", "m"], "warning"].tolist() == [True, False]
    (warning,) = [action.text for action in found.cards[0].actions if action.topic == "fairness"]
    assert warning.values["groups"] == (say("negative.who", attribute="sex", value="f"),)
    assert {"age", "sex"} <= set(found.fairness["attribute"])
    assert not any("sex" in condition.key for condition in found.cards[0].rule.text.values["conditions"])


def test_luck_alone_makes_no_card():
    """Nobody loses money but by luck; of six such shops at most one may give a card."""
    cards = 0
    for seed in range(6):
        customers, _ = shop(400, bad=0.0, seed=seed)
        luck = np.random.default_rng(seed).normal(0, 30, 400)
        shops = Customers(
            PERIOD, customers.features.assign(margin=luck), customers.held_out.assign(margin=0.0), customers.profile, ()
        )
        cards += bool(judged(shops).cards)
    assert cards <= 1


def test_without_costs_there_is_no_margin_claim_and_the_reason_is_said():
    customers, _ = shop(300)
    features, held_out = (frame.drop(columns="margin") for frame in (customers.features, customers.held_out))
    found = judged(Customers(PERIOD, features, held_out, customers.profile, ()), "persona-1", "persona-2")
    assert found.cards == ()
    assert found.members.empty
    assert found.statement == say("negative.statement.no_costs")
    # returns, complaints and leaving are still told per persona, money is not
    assert set(found.segments["measure"]) == {"return_share", "complaints", "churned"}
    assert set(found.segments["segment"]) == {"The persona-1", "The persona-2"}
    assert in_money(found.segments).empty


def test_too_few_customers_are_not_cut_into_segments():
    found = judged(shop(199)[0])
    assert found.cards == ()
    assert found.statement == say("negative.statement.too_few", n=199, least=200)
    assert [gap.key.rpartition(".")[2] for gap in found.unknowns] == [
        "service_cost", "acquisition_cost", "reviews", "leads", "team",
    ]  # fmt: skip


def test_without_sales_nobody_is_judged():
    customers, _ = shop(200)
    assert negative_personas(None, loaded(), personas(customers), study(), UnderReview()) is None
    assert for_cards(None).cards == ()
    assert answer(None) == [say("findings.customers.none")]


def test_the_same_customers_in_another_order_give_the_same_cards():
    customers, _ = shop(400)
    mixed = customers.profile.sample(frac=1, random_state=1)
    first = judged(customers)
    second = judged(Customers(PERIOD, customers.features, customers.held_out, mixed, ()))
    assert first.cards == second.cards
    assert len(first.cards) == 1
    pd.testing.assert_frame_equal(first.segments, second.segments)


# --- review from run to run --------------------------------------------------------------------------------------


def test_the_statement_says_how_many_came_back_without_small_counts():
    customers, is_bad = shop()
    good = list(is_bad.index[~is_bad])
    # two orders each, 15 more and 15 less than usual: variance 450
    bought = sales([(name, f"{name}{k}", 1 + k, 1, 15.0 * (-1) ** k, 0.0) for name in good[:50] for k in range(2)])
    for n, key in ((30, "format.just"), (3, "format.fewer_than")):
        found = judged(customers, before=tuple(good[:n]), sales=bought)
        back = found.members.loc[found.members["state"] == "back", "customer_id"]
        assert 0 < len(back) <= n
        assert set(back) <= set(good[:n])
        said = found.statement.values["parts"][1]
        assert (said.key, said.values["n"].key) == ("negative.statement.back", key)
    assert "negative.statement.back" not in keys(judged(customers, sales=bought).statement)


def test_who_was_under_review_is_read_from_the_work_folder_of_the_last_publication(tmp_path):
    old, published = tmp_path / "old", tmp_path / "published"
    for folder in (old / "tables", published):
        folder.mkdir(parents=True)
    assert under_review(Previous(None)).customers == ()
    (published / "manifest.json").write_text(json.dumps({"work": str(old)}), encoding="utf-8")
    assert under_review(Previous(published)).customers == ()  # its table is gone
    members = pd.DataFrame({"customer_id": list("dcba"), "state": ["watch", "", "back", "flag"]})
    members.to_parquet(old / "tables" / "negative.members.parquet")
    assert under_review(Previous(published)).customers == ("a", "d")
