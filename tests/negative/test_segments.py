"""Whom not to court: segments found on the first part, held to what came after, and told with their doubts."""

import json

import numpy as np
import pandas as pd
import pytest
from shops import PERIOD, loaded, personas, sales, shop, study

from helpers.customers.customers import Customers
from helpers.negative.crossed import for_cards
from helpers.negative.findings import answer, in_money
from helpers.negative.search import Segment, _apart, candidates, is_negative
from helpers.negative.search import tested as put_to_the_test
from helpers.negative.segments import (
    Negative,
    UnderReview,
    negative_personas,
    under_review,
)
from helpers.negative.signs import Condition
from helpers.negative.worth import afterwards
from helpers.previous import Previous
from helpers.words import Said, Words, say

WORDS = Words(currency="EUR")


def judged(customers: Customers, *labels: str, before: tuple[str, ...] = (), **frames: pd.DataFrame) -> Negative:
    return negative_personas(customers, loaded(**frames), personas(customers, *labels), study(), UnderReview(before))


def keys(statement: Said) -> list[str]:
    """The sentences of a statement."""
    return [statement.key] if statement.key else [part.key for part in statement.values["parts"]]


def test_whoever_is_told_of_already_is_not_told_again():
    def met(first: int, last: int) -> Segment:
        inside = pd.Series([first <= i < last for i in range(10)])
        return Segment((), f"{first} to {last}", inside, pd.DataFrame(), True, "contribution")

    told = [met(0, 4), met(1, 4), met(2, 6), met(4, 9)]  # all, half and two of five of the later ones stand above
    assert [segment.text for segment in _apart(told)] == ["0 to 4", "2 to 6", "4 to 9"]


def test_a_planted_group_becomes_a_card_measured_on_what_came_after():
    customers, is_bad = shop()
    found = judged(customers, "persona-1", "persona-2")
    (card,) = found.cards
    assert (card.id, card.kind, WORDS.tell(card.handle)) == ("negative-1", "negative", "Many returns")
    inside = set(found.members["customer_id"])
    assert len(inside & set(is_bad.index[is_bad])) / is_bad.sum() > 0.9
    assert card.size.n == len(inside) == len(found.members)
    assert card.size.share == card.size.n / 800
    assert card.rule.held_out_balanced_accuracy > 0.6
    claims = {claim.column: claim for claim in card.claims}
    # planted: -9 per order on 4 orders at first, which found them, and -5 later
    assert claims["contribution"].ci_low < -5 < claims["contribution"].ci_high < 0
    assert claims["contribution"].compared_with == "zero"
    measured = afterwards(customers)["contribution"][sorted(inside)]
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
    assert (wrong.key, wrong.values["n"]) == ("negative.action.wrong", len(measured))
    assert WORDS.tell(claims["contribution"].statement).startswith(
        "In the 92 days from 1 October 2025 on each of them brought −"
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
    assert set(in_money(found.segments)["measure"]) == {"contribution"}
    assert set(in_money(found.segments, money="before_acquisition")["measure"]) == {"before_acquisition"}


@pytest.mark.parametrize(
    ("high", "p_adjusted", "n", "worse", "negative"),
    [
        (-0.1, 0.05, 30, True, True),
        (0.1, 0.05, 30, True, False),
        (-0.1, 0.06, 30, True, False),
        (-0.1, 0.05, 29, True, False),
        (-0.1, 0.05, 30, False, False),
    ],
)
def test_a_loss_counts_when_clear_after_correction_on_enough_people_and_larger_than_others(
    high, p_adjusted, n, worse, negative
):
    row = {"measure": "before_acquisition", "n": n, "ci_high": high, "p_adjusted": p_adjusted}
    other = row | {"measure": "contribution", "ci_high": -high}
    measured = pd.DataFrame([other, row])
    segment = Segment((), "", pd.Series(dtype=bool), measured, worse, "before_acquisition")
    assert is_negative(segment, study()) is negative


def test_what_was_lost_before_the_weeks_of_the_test_is_no_loss():
    """Those who sent much back lost much at first, as they must have, and bring what others bring later."""
    customers, _ = shop()
    later = customers.held_out.assign(margin=4 + np.random.default_rng(1).normal(0, 5, 800))
    found = judged(Customers(PERIOD, customers.features, later, customers.profile, ()))
    assert found.cards == ()
    looked = found.segments.query("measure == 'before_acquisition' and p_adjusted == p_adjusted")
    assert len(looked) == 1
    assert keys(found.statement)[:2] == ["negative.statement.none", "negative.statement.power"]


def test_where_everybody_loses_alike_nobody_is_a_negative_persona():
    customers, _ = shop()
    later = customers.held_out.assign(margin=-9 + np.random.default_rng(1).normal(0, 10, 800))
    found = judged(Customers(PERIOD, customers.features, later, customers.profile, ()))
    assert found.cards == ()
    assert (found.segments.query("measure == 'contribution'")["ci_high"] < 0).all()


def test_a_loss_that_so_few_could_not_have_shown_is_said_to_be_so():
    customers, _ = shop()
    later = customers.held_out.assign(margin=4 + np.random.default_rng(1).normal(0, 100, 800))
    found = judged(Customers(PERIOD, customers.features, later, customers.profile, ()))
    few = found.statement.values["parts"][1]
    assert (few.key, few.values["n"]) == ("negative.statement.few", 50)
    spread = later["margin"].std()
    assert few.values["loss"] == pytest.approx((1.96 + 0.84) * spread / np.sqrt(50), rel=0.03)
    row = found.segments.query("measure == 'contribution'").iloc[0]
    assert row["verdict"] == say("negative.verdict.money.few")
    assert row["detectable"] > 4


def test_the_cost_of_winning_counts_only_where_the_rule_was_known_before_it_was_paid():
    _, is_bad = shop()
    traits = pd.DataFrame({"return_share": is_bad.astype(float), "acquisition_channel=ads": is_bad.astype(float)})
    values = pd.DataFrame({"contribution": -3.0, "before_acquisition": np.where(is_bad, 2.0, 5.0)}, index=is_bad.index)
    values += np.random.default_rng(1).normal(0, 1, (800, 1))
    rules = tuple((Condition(name, True, 0.5),) for name in traits)
    by_orders, by_channel = put_to_the_test(rules, traits, values)
    assert (by_orders.judged, by_channel.judged) == ("before_acquisition", "contribution")
    assert not is_negative(by_orders, study())
    both = (*rules[0], *rules[1])
    assert put_to_the_test((both,), traits, values)[0].judged == "before_acquisition"


def test_only_descriptions_that_are_expected_to_lose_are_put_to_the_test_and_each_once():
    _, is_bad = shop()
    rng = np.random.default_rng(3)
    traits = pd.DataFrame({"return_share": is_bad * 0.5 + rng.uniform(0, 0.2, 800), "complaints": is_bad * 1.0})
    traits["coupon_share"] = rng.random(800)
    brings = pd.DataFrame({name: np.where(is_bad, -20.0, 20.0) for name in ("contribution", "before_acquisition")})
    brings = brings.set_axis(is_bad.index)
    assert len(candidates(traits, brings, 1)) == 1
    assert candidates(traits, brings + 21, 1) == ()


def test_the_acquisition_cost_of_a_rule_made_of_it_is_described_and_not_tested():
    customers, is_bad = shop()
    rng = np.random.default_rng(1)
    features = customers.features.assign(margin=20.0 + rng.normal(0, 1, 800), return_share=0.1)
    part = customers.held_out["orders"].sum() / (features["orders"].sum() + customers.held_out["orders"].sum())
    held_out = customers.held_out.assign(margin=20.0 * part + rng.normal(0, 1, 800))
    profile = customers.profile.assign(acquisition_cost=np.where(is_bad, 60.0, 5.0) + rng.normal(0, 1, 800))
    dear = Customers(PERIOD, features, held_out, profile, ())
    (card,) = judged(dear).cards
    claims = {claim.column: claim for claim in card.claims}
    assert (claims["acquisition_cost"].role, claims["acquisition_cost"].p_adjusted) == ("defining", None)
    assert claims["acquisition_cost"].estimate == pytest.approx(60 / 5, rel=0.05)
    # a fifth of all orders came later: they bear a fifth of the 60 that it cost to win one
    assert claims["contribution"].estimate == pytest.approx(-40 * part, abs=0.5)
    assert claims["before_acquisition"].estimate == pytest.approx(20 * part, abs=0.5)
    assert card.summary.values["loss"] == claims["contribution"].statement


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
            PERIOD,
            customers.features.assign(margin=luck),
            customers.held_out.assign(margin=np.random.default_rng(seed + 10).normal(0, 30, 400)),
            customers.profile,
            (),
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
    assert for_cards(None, personas(customers), customers, study()).cards == ()
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
    # two orders each, which leave 65 and 35
    bought = sales([(name, f"{name}{k}", 1 + k, 1, 100 + 15.0 * (-1) ** k, 50.0) for name in good[:50] for k in (0, 1)])
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
