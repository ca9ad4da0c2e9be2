"""Steps of a form: who is counted where, which losses matter, and how often pure chance is called a loss."""

import numpy as np
import pandas as pd
import pytest

from helpers.beliefs.registry import put_to_the_test
from helpers.beliefs.verdict import by_clarity
from helpers.channels.funnel import furthest_steps, loss, step_friction
from helpers.words import ENGLISH, say

START = pd.Timestamp("2025-02-03 10:00")


def result(evidence):
    return {r.id: r for r in put_to_the_test("channels", evidence)}["step_friction"]


def log(*rows: tuple) -> pd.DataFrame:
    """session, step, minute, completed, error"""
    frame = pd.DataFrame(rows, columns=["session_id", "step", "at", "completed", "error"])
    frame["at"] = START + pd.to_timedelta(frame["at"], unit="min")
    return frame.astype({"completed": "boolean", "error": "str"})


def form(rng: np.random.Generator, n: int, **losses: float) -> pd.DataFrame:
    """Sessions that go through the named steps and are lost with the given chances."""
    parts, alive = [], np.arange(n)
    for minute, (step, chance) in enumerate(losses.items()):
        lost = rng.random(len(alive)) < chance
        at = START + pd.Timedelta(minutes=minute)
        parts.append(pd.DataFrame({"session_id": alive, "step": step, "at": at, "completed": ~lost, "error": None}))
        alive = alive[~lost]
    frame = pd.concat(parts).astype({"session_id": "str", "step": "str", "completed": "boolean", "error": "str"})
    return frame.reset_index(drop=True)


def test_everybody_is_lost_once_or_comes_through():
    """A comes through, b at the second try; B fails at a; C completes a and is gone; D skips b; E fails at the end."""
    steps = log(
        ("A", "a", 0, True, None), ("A", "b", 1, False, "no"), ("A", "b", 2, True, None), ("A", "c", 3, True, None),
        ("B", "a", 0, False, "no"),
        ("C", "a", 0, True, None),
        ("D", "a", 0, True, None), ("D", "c", 1, True, None),
        ("E", "a", 0, True, None), ("E", "b", 1, True, None), ("E", "c", 2, None, None),
    )  # fmt: skip
    counts = furthest_steps(steps.sample(frac=1, random_state=1))
    assert counts.to_dict("list") == {
        "step": ["a", "b", "c"], "reached": [5, 2, 3], "lost": [2, 0, 1], "with_error": [1, 0, 0],
    }  # fmt: skip


def test_the_step_that_loses_most_is_named_and_told_from_the_others(make_evidence):
    evidence = make_evidence({"steps": form(np.random.default_rng(1), 900, basket=0.02, account=0.3, pay=0.1)})
    found = result(evidence)
    assert (found.verdict, found.effect.measure) == ("supported", "share")
    assert step_friction(evidence, 0.05).descriptive
    assert ENGLISH.tell(step_friction(evidence, 0.05).sentence) == (
        "Of those who reach the step “account”, 29 % go no further (25 to 33 %; 886 sessions): more than at any other "
        "step. 63 % of all sessions come through to the end."
    )
    assert found.n["basket"] == 900
    assert found.effect.ci_low > 0.05


def test_a_step_that_only_happens_to_lose_most_is_not_set_apart(make_evidence):
    steps = form(np.random.default_rng(1), 300, address=0.2, account=0.21)
    facts, alike = step_friction(make_evidence({"steps": steps}), 0.05).sentence.values["parts"]
    assert (alike.key, len(alike.values["others"])) == ("channels.cannot_tell", 1)
    assert {facts.values["step"], *alike.values["others"]} == {"address", "account"}


def test_the_clearest_loss_is_named_where_another_step_loses_more(make_evidence):
    """Of 900 a third is lost at the account; of 25 who come to an extra step twelve: more, and less clearly."""
    many, few = (
        form(np.random.default_rng(1), 900, account=0.33, end=0.0),
        log(
            *((f"x{i}", "extra", 9, i >= 12, None) for i in range(25)),
            *((f"x{i}", "end", 10, True, None) for i in range(12, 25)),
            *((f"y{i}", "rare", 9, True, None) for i in range(5)),
        ),
    )
    found = step_friction(make_evidence({"steps": pd.concat([many, few], ignore_index=True)}), 0.05)
    facts, _, clearest = found.sentence.values["parts"]
    assert found.notes == say("channels.steps.left_out", n=1)
    assert (facts.values["step"], facts.values["share"]) == ("extra", 12 / 25)
    assert (clearest.key, clearest.values["step"]) == ("channels.steps.clearest", "account")


def test_steps_that_lose_next_to_nobody_are_equivalent_to_no_loss(make_evidence):
    found = result(make_evidence({"steps": form(np.random.default_rng(1), 800, address=0.01, pay=0.01)}))
    assert found.verdict == "equivalent"


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (lambda: form(np.random.default_rng(1), 12, a=0.2), "few_sessions"),
        (lambda: form(np.random.default_rng(1), 40, a=0.2).assign(step=lambda t: t["session_id"]), "many_steps"),
        (lambda: form(np.random.default_rng(1), 40, a=0.2).assign(completed=None), "needs"),
        (lambda: form(np.random.default_rng(1), 40, a=0.2).assign(at=START - pd.Timedelta(days=99)), "few_sessions"),
    ],
)
def test_steps_that_say_nothing_say_why(make_evidence, frame, reason):
    found = result(make_evidence({"steps": frame()}))
    assert (found.verdict, found.reason.key) == ("not testable", f"hypotheses.reason.{reason}")


@pytest.mark.parametrize("loss", [0.0, 1.0])
def test_a_step_that_loses_nobody_or_everybody_has_finite_numbers(make_evidence, loss):
    found = result(make_evidence({"steps": form(np.random.default_rng(1), 200, a=loss)}))
    assert found.verdict == ("equivalent" if loss == 0 else "supported")
    assert np.isfinite([found.effect.ci_low, found.effect.ci_high, found.p_value, found.mde]).all()


def test_an_experiment_of_its_id_is_the_test_and_is_randomised(make_evidence):
    """With a captcha 60 of 100 come through, without it 80."""
    rows = [(f"V{arm}{i}", arm, i < yes) for arm, yes in (("captcha", 60), ("none", 80)) for i in range(100)]
    frame = pd.DataFrame(rows, columns=["visitor_id", "device", "converted"]).astype({"converted": "boolean"})
    experiment = {
        "id": "step_friction", "table": "sessions", "randomised": True, "unit": "visitor_id",
        "arm": {"column": "device", "treatment": "captcha", "control": "none"},
        "outcome": {"column": "converted"}, "title": "A captcha costs purchases",
    }  # fmt: skip
    evidence = make_evidence({"sessions": frame.assign(started_at=START, channel="web")}, experiments=[experiment])
    found = result(evidence)
    assert (found.title, found.arm_source) == ("A captcha costs purchases", "randomised")
    assert next(e for e in found.effects if e.measure == "risk difference").estimate == pytest.approx(-0.2)
    assert found.verdict == "reversed"  # the arm that is called treatment does worse


def test_at_the_smallest_loss_of_interest_chance_alone_is_called_a_loss_in_one_of_twenty():
    """Three steps that lose exactly the smallest loss of interest: the corrected p-value of the clearest one."""
    rng = np.random.default_rng(20)
    draws = rng.binomial(600, 0.05, (400, 3))
    p = [by_clarity([loss(600, int(k), f"step {i}", 0.05) for i, k in enumerate(row)])[1] for row in draws]
    assert 0.03 <= np.mean(np.array(p) <= 0.05) <= 0.07
