"""Which questions place a newcomer: the telling ones first, no more than needed, honest about what they are worth."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import CategoricalNB

from helpers.survey.survey import Survey
from helpers.types import questions_to_ask as room
from helpers.types.questions_to_ask import choose, held_out, questions_to_ask
from helpers.words import Words, say

KINDS = {"home": "categorical", "price": "likert", "noise": "likert", "why: taste": "tick", "why: speed": "tick"}
KINDS |= {"nps": "nps", "sex": "categorical"}


def asked(n: int, groups: int = 3, structural: int = 0, seed: int = 1) -> tuple[SimpleNamespace, Survey]:
    """Three groups: home tells the first from the rest, price the second from the third, everything else nothing.

    ``nps`` and ``sex`` would tell all, and may not be asked.
    """
    rng = np.random.default_rng(seed)
    group = np.arange(n) % groups
    wrong = rng.random((n, 2)) < 0.1
    answers = pd.DataFrame({"respondent_id": [f"r{i:04d}" for i in range(n)], "customer_id": np.nan, "weight": 1.0})
    answers["home"] = np.where((group == 0) ^ wrong[:, 0], "flat", "house")
    answers["price"] = np.where((group == 1) ^ wrong[:, 1], 4.0, 1.0) - rng.integers(0, 2, n)
    answers["noise"] = rng.integers(0, 5, n).astype(float)
    answers["why: taste"], answers["why: speed"] = rng.integers(0, 2, (2, n)).astype(float)
    answers["nps"], answers["sex"] = group.astype(float), pd.Series(group).map(str)
    answers[["home", "price"]] = answers[["home", "price"]].mask(rng.random((n, 2)) < 0.05)
    items = pd.DataFrame({"item": list(KINDS), "kind": list(KINDS.values())})
    items["question"] = [f"About {item.split(': ')[0]}?" for item in items["item"]]
    persona = pd.Series([f"persona-{g + 1}" for g in group])
    persona[:structural] = "one-order"
    ids = [f"persona-{g + 1}" for g in range(groups)]
    assignments = pd.DataFrame({"customer_id": answers["respondent_id"], "persona": persona})
    empty = pd.DataFrame()
    division = SimpleNamespace(assignments=assignments, model={"ids": ids})
    return division, Survey(answers, items, empty, empty, 0, n)


def test_the_telling_questions_come_first_and_no_others(a_study):
    found = questions_to_ask(*asked(400), a_study())
    assert found.table["question"].tolist()[0] == say("questions.guess")
    assert set(found.table["question"][1:3]) == {"About home?", "About price?"}
    assert found.table["question"].tolist()[3:] == [say("questions.all", n=4)]  # the tick list is one
    assert found.table["n_questions"].tolist() == [0, 1, 2, 4]
    guess, first, second, everything = found.table["balanced_accuracy"]
    assert guess == pytest.approx(1 / 3)
    # home alone: .9 of the first group and all of one other; both: .9 (home right) and .9 * .9 of the two others
    assert first == pytest.approx((0.9 + 0.9) / 3, abs=0.06)
    assert second == pytest.approx((0.9 + 0.81 + 0.81) / 3, abs=0.06)
    assert everything == pytest.approx(second, abs=0.04)
    assert (found.table["ci_low"] <= found.table["balanced_accuracy"]).all()
    assert found.table["ci_high"][2] - found.table["ci_low"][2] == pytest.approx(
        2 * 1.96 * np.sqrt(0.13 / 400), rel=0.2
    )
    low, high = found.statement.values["interval"]
    assert low < second == found.statement.values["right"] < high
    told = Words().tell(found.statement)
    assert "in one of the 3 groups, ask in this order: “About " in told
    assert "Measured on 400 respondents" in told


def test_who_is_placed_by_rule_does_not_count(a_study):
    found = questions_to_ask(*asked(400, structural=100), a_study())
    assert (found.statement.key, found.statement.values["n"]) == ("questions.answer", 300)


def test_too_few_respondents_are_told_so(a_study):
    found = questions_to_ask(*asked(120, structural=21), a_study())
    assert found.table.empty
    assert found.statement == say("questions.few", n=99, least=room.LEAST)
    one = questions_to_ask(*asked(120, groups=1), a_study())
    assert one.table.empty
    assert questions_to_ask(asked(120)[0], None, a_study()).table.empty


def test_nothing_told_by_chance_is_put_forward(a_study):
    """Sixty questions without any meaning, 120 people: the best of them look good to whoever chose them."""
    rng = np.random.default_rng(5)
    truth, codes = np.arange(120) % 3, {f"q{i:02d}": rng.integers(0, 4, (120, 1)) for i in range(60)}
    order, right = held_out(codes, truth, seed=1)
    seen = room._cross_fitted(codes, truth, 1)
    to_those_who_chose = (sum(seen[q] for q in order[:5]).argmax(axis=1) == truth).mean()
    assert to_those_who_chose > 0.45
    assert all(abs(accuracy - 1 / 3) < 0.12 for accuracy, _ in right)
    assert room._enough(right) == 0


def test_the_evidence_is_that_of_naive_bayes_on_those_who_answered():
    rng = np.random.default_rng(2)
    truth, column = rng.integers(0, 3, 90), rng.integers(-1, 4, 90)
    train, test = np.arange(60), np.arange(60, 90)
    ours = room._evidence({"q": column[:, None]}, truth, train, test)["q"]
    known = train[column[train] >= 0]
    theirs = CategoricalNB(min_categories=4, fit_prior=False).fit(column[known, None], truth[known])
    spoke = column[test] >= 0
    joint = theirs.predict_joint_log_proba(column[test[spoke], None]) + np.log(3)
    assert ours[spoke] == pytest.approx(joint, abs=1e-12)
    assert (ours[~spoke] == 0).all()


def test_the_order_is_that_of_what_each_question_adds():
    truth = np.array([0, 0, 1, 1, 2, 2])
    sees = {"first": [0], "all but the last": [0, 1], "the last": [2]}
    evidence = {
        name: np.array([[float(g in groups and g == t) for g in range(3)] for t in truth])
        for name, groups in sees.items()
    }
    assert choose(evidence, truth, 2) == ["all but the last", "the last"]
