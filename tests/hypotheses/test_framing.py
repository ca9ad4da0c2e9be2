"""Whether an experiment's effect differs between personas."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.stats import chi2

from helpers.hypotheses.registry import put_to_the_test


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
    assert "“the hunter ones”: 60.0 points" in found.sentence


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
    assert not any("tiny" in e.label for e in found.effects)
    assert "left out: 1" in found.reason


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
    ("kwargs", "words"),
    [
        ({"experiments": []}, "no experiment with the id relative_saving"),
        ({"defining": ("would_go",)}, "would_go took part in making the personas"),
        ({"defining": ("frame",)}, "frame took part in making the personas"),
        ({"persona_of": {}}, "at least two groups with 20 people"),
    ],
)
def test_what_cannot_be_tested_says_why(make_evidence, saving, kwargs, words):
    frame, persona_of = survey(a=(55, 100, 30, 90), b=(45, 80, 40, 85))
    kwargs = {"persona_of": persona_of, "experiments": [saving]} | kwargs
    found = result(make_evidence({"survey": frame}, **kwargs))
    assert (found.verdict, words in found.reason) == ("not testable", True)


def test_without_customers_respondents_are_the_people_of_the_personas(make_evidence, saving):
    frame, persona_of = survey(hunter=(80, 100, 20, 100), calm=(50, 100, 50, 100))
    evidence = make_evidence({"survey": frame.assign(customer_id=np.nan)}, experiments=[saving],
                             persona_of={c.replace("C", "R"): p for c, p in persona_of.items()})  # fmt: skip
    assert result(evidence).verdict == "not testable"  # a customer's id that equals a respondent's is somebody else
    assert result(replace(evidence, customers=None)).n == {"hunter": 200, "calm": 200}
