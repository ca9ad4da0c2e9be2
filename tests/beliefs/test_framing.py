"""Whether an experiment's effect differs between personas."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.stats import chi2

from helpers.beliefs.framing import towards_the_mean
from helpers.beliefs.registry import put_to_the_test
from helpers.contracts import Effect
from helpers.words import ENGLISH, Quantity, say


def survey(**cells: tuple[int, int, int, int]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Respondents per persona: yes and n under cheap, yes and n under dear; and who is which persona."""
    rows = [
        (persona, arm, "yes" if i < yes else "no")
        for persona, (yes1, n1, yes0, n0) in cells.items()
        for arm, yes, n in (("cheap", yes1, n1), ("dear", yes0, n0))
        for i in range(n)
    ]
    frame = pd.DataFrame(rows, columns=["persona", "frame", "would_go"])
    frame = frame.assign(
        customer_id=[f"C{i}" for i in range(len(frame))], respondent_id=[f"R{i}" for i in range(len(frame))]
    )
    return frame.drop(columns="persona"), dict(zip(frame["customer_id"], frame["persona"], strict=True))


def result(evidence):
    return {r.id: r for r in put_to_the_test("framing", evidence)}["framing_by_persona"]


def test_an_effect_in_one_persona_only_is_supported(make_evidence, saving):
    frame, persona_of = survey(hunter=(80, 100, 20, 100), calm=(50, 100, 50, 100))
    found = result(make_evidence({"survey": frame}, persona_of=persona_of, experiments=[saving]))
    assert (found.verdict, found.arm_source) == ("supported", "randomised")
    assert found.n == {"hunter": 200, "calm": 200}
    per_persona = {e.label: e.estimate for e in found.effects if e.measure == "risk difference"}
    assert per_persona["hunter"] == pytest.approx(0.60)
    assert per_persona["calm"] == pytest.approx(0.0)
    assert found.effect.label == "calm - hunter"
    assert found.effect.estimate == pytest.approx(-0.60)
    said = found.sentence.values["parts"][0].values
    assert (said["most"], said["experiment"]) == ("the hunter ones", say("hypotheses.title.relative_saving"))
    assert said["most_difference"] == Quantity(pytest.approx(0.60), "points")
    assert "“the hunter ones”: 60.0 points" in ENGLISH.tell(found.sentence)


def test_the_p_value_is_the_likelihood_ratio_of_the_interaction(make_evidence, saving):
    frame, persona_of = survey(a=(55, 100, 30, 90), b=(45, 80, 40, 85), c=(30, 70, 28, 75))
    found = result(make_evidence({"survey": frame}, persona_of=persona_of, experiments=[saving]))
    data = frame.assign(y=(frame["would_go"] == "yes").astype(int), persona=frame["customer_id"].map(persona_of))
    full = smf.logit("y ~ C(frame) * C(persona)", data).fit(disp=0)
    plain = smf.logit("y ~ C(frame) + C(persona)", data).fit(disp=0)
    assert found.p_value == pytest.approx(chi2.sf(2 * (full.llf - plain.llf), 2), rel=1e-5)
    assert found.p_adjusted >= found.p_value


def test_the_same_effect_in_large_personas_is_equivalent(make_evidence, saving):
    frame, persona_of = survey(a=(600, 1000, 400, 1000), b=(600, 1000, 400, 1000))
    assert result(make_evidence({"survey": frame}, persona_of=persona_of, experiments=[saving])).verdict == "equivalent"


def test_a_persona_under_the_smallest_group_is_not_shown(make_evidence, saving):
    frame, persona_of = survey(a=(55, 100, 30, 90), b=(45, 80, 40, 85), tiny=(5, 9, 5, 9))
    found = result(make_evidence({"survey": frame}, persona_of=persona_of, experiments=[saving]))
    assert set(found.n) == {"a", "b"}
    assert not any("tiny" in ENGLISH.tell(e.label) for e in found.effects)
    assert say("hypotheses.note.personas_left_out", n=1) in found.reason.values["parts"][1].values["parts"]


def test_personas_where_all_say_yes_leave_no_silent_number(make_evidence, saving):
    frame, persona_of = survey(a=(30, 30, 30, 30), b=(30, 30, 30, 30))
    found = result(make_evidence({"survey": frame}, persona_of=persona_of, experiments=[saving]))
    assert (found.p_value, found.verdict) == (1.0, "inconclusive")


def test_the_unassigned_and_strangers_take_no_part(make_evidence, saving):
    frame, persona_of = survey(a=(55, 100, 30, 90), b=(45, 80, 40, 85), unassigned=(40, 50, 10, 50))
    del persona_of["C0"]
    found = result(make_evidence({"survey": frame}, persona_of=persona_of, experiments=[saving]))
    assert found.n == {"a": 189, "b": 165}


@pytest.mark.parametrize(
    ("kwargs", "why"),
    [
        ({"experiments": []}, say("hypotheses.reason.no_experiment", id="relative_saving")),
        ({"defining": ("would_go",)}, say("hypotheses.reason.defining", column="would_go")),
        ({"defining": ("frame",)}, say("hypotheses.reason.defining", column="frame")),
        ({"persona_of": {}}, say("hypotheses.reason.few_personas", least=20)),
    ],
)
def test_what_cannot_be_tested_says_why(make_evidence, saving, kwargs, why):
    frame, persona_of = survey(a=(55, 100, 30, 90), b=(45, 80, 40, 85))
    kwargs = {"persona_of": persona_of, "experiments": [saving]} | kwargs
    found = result(make_evidence({"survey": frame}, **kwargs))
    assert (found.verdict, found.reason) == ("not testable", why)


def test_without_customers_respondents_are_the_people_of_the_personas(make_evidence, saving):
    frame, persona_of = survey(hunter=(80, 100, 20, 100), calm=(50, 100, 50, 100))
    evidence = make_evidence({"survey": frame.assign(customer_id=np.nan)}, experiments=[saving],
                             persona_of={c.replace("C", "R"): p for c, p in persona_of.items()})  # fmt: skip
    assert result(evidence).verdict == "not testable"  # a customer's id that equals a respondent's is somebody else
    assert result(replace(evidence, customers=None)).n == {"hunter": 200, "calm": 200}


def numbers(gap_of: dict[str, float], n: int = 80, arms=("cheap", "dear"), seed: int = 1):
    """What people would pay: the first arms of each persona are higher by its gap; and who is which persona."""
    rng = np.random.default_rng(seed)
    rows = [
        (persona, arm, rng.normal(50 + (gap if arm != arms[-1] else 0), 10))
        for persona, gap in gap_of.items()
        for arm in arms
        for _ in range(n)
    ]
    frame = pd.DataFrame(rows, columns=["persona", "frame", "paid"])
    frame = frame.assign(
        customer_id=[f"C{i}" for i in range(len(frame))], respondent_id=[f"R{i}" for i in range(len(frame))]
    )
    return frame.drop(columns="persona"), dict(zip(frame["customer_id"], frame["persona"], strict=True))


def test_a_number_is_compared_between_personas_in_one_common_standard_deviation(make_evidence, saving):
    frame, persona_of = numbers({"hunter": 12.0, "calm": 0.0, "office": 0.0})
    paid = saving | {"outcome": {"column": "paid"}}
    found = result(make_evidence({"survey": frame}, persona_of=persona_of, experiments=[paid]))
    means = frame.groupby([frame["customer_id"].map(persona_of), "frame"])["paid"].mean().unstack()
    gap = means["cheap"] - means["dear"]
    sd = np.sqrt(frame.groupby([frame["customer_id"].map(persona_of), "frame"])["paid"].var().mean())
    assert (found.verdict, found.effect.measure, found.sesoi) == ("supported", "standardised difference", 0.2)
    assert found.effect.label in ("calm - hunter", "hunter - office")
    one, other = found.effect.label.split(" - ")
    assert found.effect.estimate == pytest.approx((gap[one] - gap[other]) / sd)
    own = {e.label: e.estimate for e in found.effects if e.measure == "mean difference"}
    assert own["hunter"] == pytest.approx(gap["hunter"])
    drawn = {e.label: e.estimate for e in found.effects}[say("hypotheses.label.drawn", persona="hunter")]
    assert gap.mean() < drawn < gap["hunter"]
    assert found.method == say("hypotheses.method.by_persona_other")
    assert found.sentence.values["parts"][0].values["most_difference"] == Quantity(own["hunter"], "number")


def test_three_arms_are_compared_between_personas(make_evidence, saving):
    frame, persona_of = numbers({"hunter": 12.0, "calm": 0.0}, arms=("cheap", "middle", "dear"))
    frame["would_go"] = np.where(frame["paid"] > 52, "yes", "no")
    three = saving | {"arm": {"column": "frame", "arms": ["dear", "cheap", "middle"]}}
    found = result(make_evidence({"survey": frame}, persona_of=persona_of, experiments=[three]))
    assert found.verdict == "supported"
    assert found.n == {"calm": 240, "hunter": 240}
    data = frame.assign(y=(frame["would_go"] == "yes").astype(int), persona=frame["customer_id"].map(persona_of))
    full = smf.logit("y ~ C(frame) * C(persona)", data).fit(disp=0)
    plain = smf.logit("y ~ C(frame) + C(persona)", data).fit(disp=0)
    assert found.p_value == pytest.approx(chi2.sf(2 * (full.llf - plain.llf), 2), rel=1e-5)
    assert {"hunter: cheap", "hunter: middle", "calm: middle"} <= {e.label for e in found.effects}
    paid = three | {"outcome": {"column": "paid"}}
    assert result(make_evidence({"survey": frame}, persona_of=persona_of, experiments=[paid])).verdict == "supported"


def test_answers_of_the_same_people_are_compared_between_personas(make_evidence, saving):
    frame, persona_of = numbers({"hunter": 12.0, "calm": 0.0})
    half = len(frame) // 4
    pairs = np.concatenate([np.tile(np.arange(80), 2), 1000 + np.tile(np.arange(80), 2)])
    frame["customer_id"] = [f"P{i}" for i in pairs]
    persona_of = {f"P{i}": "hunter" if i < 1000 else "calm" for i in pairs}
    within = saving | {"design": "within", "unit": "customer_id", "outcome": {"column": "paid"}}
    found = result(make_evidence({"survey": frame}, persona_of=persona_of, experiments=[within]))
    assert (found.verdict, found.n) == ("supported", {"calm": half, "hunter": half})


def test_effects_that_chance_explains_are_drawn_together_and_unlike_ones_stay():
    """Rubin 1981, eight schools (Gelman et al. 2013, ch. 5): all drawn to the pooled 7.7, standard error 4.1."""
    schools = [(28, 15), (8, 10), (-3, 16), (7, 11), (-1, 9), (1, 11), (18, 10), (12, 18)]
    drawn = towards_the_mean([Effect("mean difference", y, y - 1.959964 * s, y + 1.959964 * s) for y, s in schools])
    assert {round(e.estimate, 1) for e in drawn} == {7.7}
    assert (drawn[0].ci_high - drawn[0].ci_low) / 3.919928 == pytest.approx(4.1, abs=0.05)
    far = towards_the_mean([Effect("", y, y - 0.2, y + 0.2) for y in (-1.0, 0.0, 1.0)])
    assert [e.estimate for e in far] == pytest.approx([-0.99, 0.0, 0.99], abs=0.005)


def test_drawn_effects_err_less_than_raw_ones():
    rng = np.random.default_rng(4)
    truth = rng.normal(0.1, 0.05, (300, 4))
    found = truth + rng.normal(0, 0.08, truth.shape)
    drawn = np.array([[e.estimate for e in towards_the_mean([Effect("", y, y - 0.157, y + 0.157) for y in row])]
                      for row in found])  # fmt: skip
    assert ((drawn - truth) ** 2).mean() < 0.6 * ((found - truth) ** 2).mean()
