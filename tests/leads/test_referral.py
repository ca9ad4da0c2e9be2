"""Recommendation: scores with their intervals, who brings whom, and what is said of bad news."""

import numpy as np
import pandas as pd
import pytest

from helpers.beliefs.registry import put_to_the_test
from helpers.leads.referral import (
    bad_news,
    for_cards,
    net_promoter,
    nps_by_persona,
    referral_satisfaction,
    who_recommends,
    who_was_brought,
)
from helpers.words import ENGLISH, say

START = pd.Timestamp("2025-02-03")


def promoters_and_others(make_evidence, promoters: tuple[int, int], others: tuple[int, int]):
    """Evidence of so many who brought somebody, of so many who answered: of promoters and of all others."""
    groups = ((9, 2, promoters), (0, 9, others))
    rows = [(first + i % answers, i < k) for first, answers, (k, n) in groups for i in range(n)]
    answers = pd.DataFrame(rows, columns=["nps", "refers"])
    answers["customer_id"] = [f"C{i}" for i in range(len(answers))]
    brought = answers.loc[answers["refers"], "customer_id"].tolist()
    customers = pd.DataFrame({"customer_id": [f"N{i}" for i in range(len(brought))], "referred_by": brought})
    days = np.random.default_rng(1).integers(30, 900, len(answers))
    theirs = pd.DataFrame({"customer_id": answers["customer_id"]})
    theirs["signed_up_at"] = pd.Timestamp("2025-01-06") - pd.to_timedelta(days, unit="D")
    customers = pd.concat([theirs, customers], ignore_index=True)
    return make_evidence({"survey": answers.drop(columns="refers"), "customers": customers})


def test_the_score_of_each_persona_stands_beside_that_of_all_others_on_its_card(make_evidence):
    """Of a 30 of 50 are promoters and 10 detractors (+40), of b 10 and 30 (-40)."""
    scores = {"a": [9] * 30 + [8] * 10 + [0] * 10, "b": [9] * 10 + [8] * 10 + [0] * 30}
    rows = [(f"{persona}{i}", persona, score) for persona, given in scores.items() for i, score in enumerate(given)]
    answers = pd.DataFrame(rows, columns=["customer_id", "persona", "nps"])
    persona_of = dict(zip(answers["customer_id"], answers["persona"], strict=True))
    evidence = make_evidence({"survey": answers.drop(columns="persona")}, persona_of=persona_of)
    claims = for_cards(evidence).claims
    assert {persona: claim.estimate for persona, (claim,) in claims.items()} == pytest.approx({"a": 0.8, "b": -0.8})
    (claim,) = claims["a"]
    assert (claim.column, claim.grade) == ("nps", "moderate")
    assert ENGLISH.tell(claim.statement).startswith("Net promoter score of the 50 who answered: 40 (")
    assert ENGLISH.tell(claim.statement).endswith("; of all others who answered −40.")


def judged(evidence):
    return {r.id: r for r in put_to_the_test("leads", evidence)}["referral_satisfaction"]


def test_promoters_refer_more(make_evidence):
    evidence = promoters_and_others(make_evidence, (60, 150), (20, 250))
    found = judged(evidence)
    assert (found.verdict, found.arm_source) == ("supported", "observational")
    assert found.effect.estimate == pytest.approx(60 / 150 - 20 / 250, abs=0.01)  # time with us tells nothing here
    assert found.n == {say("hypotheses.label.promoters"): 150, say("hypotheses.label.not_promoters"): 250}
    assert ENGLISH.tell(referral_satisfaction(evidence, 0.05).sentence) == (
        "40 % of those who would gladly recommend us (9 or 10 of 10) have brought us somebody, and 8 % of all others "
        "who answered: a difference of 31.8 points (22.9 to 40.6 points)."
    )


def test_few_promoters_are_not_compared(make_evidence):
    found = judged(promoters_and_others(make_evidence, (5, 12), (20, 250)))
    assert (found.verdict, found.n, found.reason.key) == ("not testable", {}, "hypotheses.reason.few_answers")


def test_the_score_and_its_interval():
    """Ten answers: five promoters, three passives, two detractors. With three more (3/4, 3/2, 3/4), the middle is
    3 / 13 and its standard error sqrt((8.5 / 13 - (3 / 13) ** 2) / 13)."""
    score, low, high = net_promoter(np.array([10, 9, 9, 10, 9, 8, 7, 7, 6, 0]))
    half = 1.95996 * np.sqrt((8.5 / 13 - (3 / 13) ** 2) / 13)
    assert score == pytest.approx(30)
    assert (low, high) == (
        pytest.approx(100 * (3 / 13 - half), abs=0.01),
        pytest.approx(100 * (3 / 13 + half), abs=0.01),
    )


def test_the_interval_holds_the_truth_in_95_of_100():
    rng = np.random.default_rng(1)
    draws = (net_promoter(rng.choice([10, 8, 3], 60, p=[0.5, 0.3, 0.2])) for _ in range(1000))
    assert 0.93 <= np.mean([low <= 30 <= high for _, low, high in draws]) <= 0.98


@pytest.fixture
def evidence(make_evidence):
    """90 respondents, 30 of each kind; 12 promoters bring two customers each, 3 detractors one; home and office."""
    answers = pd.DataFrame({"customer_id": [f"C{i}" for i in range(90)], "nps": np.repeat([3.0, 7.0, 10.0], 30)})
    brought = [f"C{i}" for i in (0, 1, 2)] + [f"C{i}" for i in range(60, 72)] * 2
    new = pd.DataFrame({"customer_id": [f"N{i}" for i in range(27)], "referred_by": brought})
    customers = pd.concat([answers[["customer_id"]], new], ignore_index=True)
    persona_of = {f"C{i}": "home" if i % 2 else "office" for i in range(90)} | {f"N{i}": "home" for i in range(27)}
    return make_evidence({"survey": answers, "customers": customers}, persona_of=persona_of)


def test_scores_of_all_and_per_persona_with_enough_answers(evidence):
    table = nps_by_persona(evidence)
    assert table["group"].tolist() == [say("leads.label.answered"), "the home ones", "the office ones"]
    assert table["respondents"].tolist() == [90, 45, 45]
    assert table["nps"].tolist() == pytest.approx([0, 0, 0])


def test_who_recommends_and_how_many_they_bring(evidence):
    table = who_recommends(evidence)
    assert table["respondents"].tolist() == [30, 30, 30]
    assert table["share"].tolist() == pytest.approx([np.nan, 0, 0.4], nan_ok=True)  # three people
    assert table["brought_share"].isna().tolist() == [True, False, True]  # three, and what would give them away


def test_what_a_group_of_few_brought_cannot_be_had_from_the_others(make_evidence):
    """Fifteen detractors, who are not told, brought 3 of the 33: the other shares would leave 3 of 33."""
    nps = [2.0] * 15 + [8.0] * 30 + [10.0] * 30
    ids = [f"C{i}" for i in range(75)]
    by = ids[:3] + ids[15:25] + ids[45:65]
    customers = pd.DataFrame({"customer_id": ids + [f"N{i}" for i in range(33)], "referred_by": [None] * 75 + by})
    table = who_recommends(
        make_evidence({"survey": pd.DataFrame({"customer_id": ids, "nps": nps}), "customers": customers})
    )
    assert table["respondents"].tolist() == [30, 30]
    assert table["brought_share"].tolist() == pytest.approx([np.nan, 20 / 33], nan_ok=True)


def test_who_was_brought(evidence):
    table = who_was_brought(evidence).set_index("group")
    assert table.loc["the home ones", "share"] == pytest.approx(27 / 72)
    assert table.loc["the office ones", "share"] == 0


def service(rng, more: float) -> dict[str, pd.DataFrame]:
    """200 customers with one to four orders; a third complain; of reviews those write ``more`` times as many."""
    rows, orders = [], []
    for i in range(200):
        n = 1 + i % 4
        orders += [(f"C{i}", f"O{i}-{k}", START, 10.0) for k in range(n)]
        rows += [(f"C{i}", "complaint")] if i % 3 == 0 else []
        if rng.random() < 0.08 * n * (more if i % 3 == 0 else 1):
            rows.append((f"C{i}", "review"))
    sales = pd.DataFrame(orders, columns=["customer_id", "order_id", "ordered_at", "amount"])
    return {"sales": sales, "service": pd.DataFrame(rows, columns=["customer_id", "kind"]).assign(at=START)}


def test_bad_news_beside_the_figure_that_is_quoted(make_evidence):
    effect, said = bad_news(make_evidence(service(np.random.default_rng(2), 2.5)))
    assert effect.ci_low < 2.5 < effect.ci_high
    assert effect.ci_low > 1
    assert said.values["times"] == effect.estimate
    assert "Bad news is said to travel 2.5 times as far as good news;" in ENGLISH.tell(said)


def test_bad_news_without_reviews_is_unknown(make_evidence):
    frames = service(np.random.default_rng(2), 2.5)
    frames["service"] = frames["service"][frames["service"]["kind"] == "complaint"]
    effect, said = bad_news(make_evidence(frames))
    assert effect is None
    assert said == say("leads.bad_news.unknown", quoted=2.5)
    assert bad_news(make_evidence({"sales": frames["sales"]}))[0] is None


def test_a_study_without_the_question_or_without_referrals_has_empty_tables(make_evidence):
    evidence = make_evidence({"survey": pd.DataFrame({"respondent_id": ["R1"], "q": [1.0]})})
    assert nps_by_persona(evidence).empty
    assert who_recommends(evidence).empty
    assert who_was_brought(evidence).empty
