"""Known experiments: each is named, estimated and held against what is usually found, and refuses bad data in words."""

import numpy as np
import pandas as pd
import pytest

from helpers.beliefs.estimators import two_proportions
from helpers.beliefs.registry import put_to_the_test
from helpers.contracts import Effect
from helpers.contradictions import DESIGN_IDS
from helpers.designs.known import KNOWN, questions, says
from helpers.designs.options import option_shares
from helpers.designs.usual import beside
from helpers.words import ENGLISH

EXPERIMENTS = [known for known in KNOWN.values() if known.kind != "gambles"]
each = pytest.mark.parametrize("known", EXPERIMENTS, ids=lambda known: known.id)


def declared(known, **more) -> dict:
    """The experiment as study.yml declares it with the ready questions."""
    control, treatment = known.arms
    own = {"id": f"our_{known.id}", "design": known.id, "table": "survey", "unit": "respondent_id", "randomised": True}
    if known.kind == "problems":
        asked = dict(zip(known.arms, known.columns, strict=True))
        return own | {"problems": {a: {"column": c, "success": [*known.success]} for a, c in asked.items()}} | more
    outcome = {"column": known.columns[1]} | ({} if known.numeric else {"success": [*known.success]})
    arm = {"column": known.columns[0], "control": control, "treatment": treatment}
    return own | {"arm": arm, "outcome": outcome} | more


def survey(known, shares=(0.3, 0.6), n=200) -> pd.DataFrame:
    """``n`` people an arm (or for both problems), of whom so many say yes, or whose numbers average ten times that."""
    yes, no = known.success[0], "small" if known.kind == "choice" else "a"
    columns = []
    for place, share in enumerate(shares):
        taken = np.arange(n) < round(share * n)
        answer = np.where(taken, yes, no)
        if known.numeric:
            answer = np.random.default_rng(place).normal(10 * share, 2, n).round(2)
        columns.append(answer)
    if known.kind == "problems":
        frame = pd.DataFrame(dict(zip(known.columns, columns, strict=True)))
    else:
        arm = np.repeat(known.arms, n)
        frame = pd.DataFrame({known.columns[0]: arm, known.columns[1]: np.concatenate(columns)})
    ids = [f"{i:04d}" for i in range(len(frame))]
    frame = frame.assign(respondent_id=[f"R{i}" for i in ids], customer_id=[f"C{i}" for i in ids])
    return frame if known.numeric else frame.astype("str")


def found(evidence, known):
    return next(r for r in put_to_the_test("framing", evidence) if r.id == f"our_{known.id}")


def test_every_design_that_a_study_may_name_has_a_row_and_its_words():
    assert {known.id for known in EXPERIMENTS} == set(DESIGN_IDS)
    for known in KNOWN.values():
        told = [says(known.id, part) for part in ("title", "theory", "estimand")]
        told += [question for _, question in questions(known.id)]
        assert all(len(ENGLISH.tell(text)) > 20 for text in told)


@each
def test_a_named_design_is_named_tested_and_held_against_the_usual_effect(make_evidence, known):
    evidence = make_evidence({"survey": survey(known)}, experiments=[declared(known)])
    result = found(evidence, known)
    assert result.verdict == "supported"
    assert (result.title, result.theory) == (says(known.id, "title"), says(known.id, "theory"))
    assert result.usual.source == known.usual.source
    assert result.usual.compared in ("alike", "smaller", "larger", "same direction")
    assert ENGLISH.tell(result.usual.says) in ENGLISH.tell(result.sentence)


@each
def test_the_other_way_round_is_told_as_the_opposite(make_evidence, known):
    evidence = make_evidence({"survey": survey(known, (0.6, 0.3))}, experiments=[declared(known)])
    result = found(evidence, known)
    assert (result.verdict, result.usual.compared) == ("reversed", "opposite")


# --- bad data --------------------------------------------------------------------------------------------------------


def an_arm_empty(known, frame):
    if known.kind == "problems":
        return frame.assign(**{known.columns[0]: np.nan}), {}
    return frame[frame[known.columns[0]] == known.arms[0]], {}


def all_alike(known, frame):
    answers = known.columns if known.kind == "problems" else known.columns[1:]
    return frame.assign(**dict.fromkeys(answers, 3.0 if known.numeric else known.success[0])), {}


def nobody_says_yes(known, frame):
    answers = known.columns if known.kind == "problems" else known.columns[1:]
    return frame.assign(**dict.fromkeys(answers, "x")), {}


def one_person(known, frame):
    return frame.assign(respondent_id="R1"), {}


def no_answers(known, frame):
    return frame.assign(**{known.columns[-1]: np.nan}), {}


def no_such_column(known, frame):
    return frame.drop(columns=known.columns[0]), {}


def an_empty_covariate(known, frame):
    return frame.assign(before=np.nan), {"covariate": "before"}


def few_people(known, frame):
    return pd.concat([frame.head(5), frame.tail(5)]), {}


def lopsided(known, frame):
    return pd.concat([frame.head(200), frame.tail(60)]), {}


def answered_twice(known, frame):
    return pd.concat([frame, frame]), {}


SPOILED = (an_arm_empty, all_alike, nobody_says_yes, one_person, no_answers, no_such_column, an_empty_covariate,
           few_people, lopsided, answered_twice)  # fmt: skip
REFUSED = {an_arm_empty, nobody_says_yes, one_person, no_answers, no_such_column, few_people}


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
@each
def test_bad_data_end_in_a_verdict_or_a_reason(make_evidence, known, spoil):
    frame, more = spoil(known, survey(known))
    result = found(make_evidence({"survey": frame}, experiments=[declared(known, **more)]), known)
    told = ENGLISH.tell(result.sentence)
    assert told
    assert "nan" not in told.lower()
    if spoil in REFUSED or (spoil is lopsided and known.kind != "problems"):
        assert result.verdict == "not testable"
        assert len(ENGLISH.tell(result.reason)) > 20
        assert result.usual.ours is None
    elif spoil is all_alike:
        assert result.verdict in ("not testable", "inconclusive", "equivalent")
    else:
        assert (result.verdict == "not testable") == (result.p_value is None)


# --- beside the literature -------------------------------------------------------------------------------------------


def risk(estimate, low, high):
    return Effect("risk difference", estimate, low, high)


@pytest.mark.parametrize(
    ("design", "effect", "compared"),
    [
        ("decoy", risk(0.09, 0.02, 0.16), "alike"),
        ("decoy", risk(0.03, -0.02, 0.08), "smaller"),
        ("decoy", risk(0.20, 0.12, 0.28), "larger"),
        ("decoy", risk(-0.10, -0.15, -0.05), "opposite"),
        ("scarcity", risk(0.10, 0.05, 0.15), "same direction"),
        ("scarcity", risk(0.02, -0.03, 0.07), "open"),
        ("endowment", Effect("ratio of means", 2.0, 1.5, 2.6), "alike"),
        ("endowment", Effect("ratio of means", 1.2, 1.1, 1.3), "smaller"),
        ("default", Effect("odds ratio", 1.2, 1.1, 1.3), "smaller"),
        ("default", Effect("odds ratio", 3.4, 2.6, 4.5), "alike"),
        ("default", Effect("hazard ratio", 3.4, 2.6, 4.5), None),
        ("relative_saving", Effect("standardised difference", 0.4, 0.3, 0.5), "alike"),
    ],
)
def test_the_usual_effect_beside_ours(design, effect, compared):
    assert beside(design, [effect]).compared == compared


def test_an_odds_ratio_becomes_standard_deviations_as_published():
    """Chinn (2000): an odds ratio of 2.06 is d = .40, as Many Labs 2 says of the jacket and calculator problem."""
    ours = beside("framing_wording", [Effect("odds ratio", 2.06, 1.87, 2.27)]).ours
    assert (ours.estimate, ours.ci_low, ours.ci_high) == pytest.approx((0.40, 0.35, 0.45), abs=0.006)


def test_published_intervals_are_those_of_the_published_counts():
    """88 % of 183 and 46 % of 200 (Tversky and Kahneman 1981); 49 % and 31.8 % of 7,228 (Klein and others 2018)."""
    tickets, jacket = KNOWN["mental_accounting"].usual, KNOWN["relative_saving"].usual
    again = two_proportions(161, 183, 92, 200).effects[1]
    assert (again.estimate, again.ci_low, again.ci_high) == pytest.approx(
        (tickets.estimate, tickets.low, tickets.high), abs=0.001
    )
    odds = two_proportions(1771, 3614, 1149, 3614).effects[0]
    assert (odds.estimate, odds.ci_low, odds.ci_high) == pytest.approx(
        (jacket.estimate, jacket.low, jacket.high), abs=0.01
    )


# --- choices among options -------------------------------------------------------------------------------------------


def chosen(**arms: dict[str, int]) -> pd.DataFrame:
    rows = [(arm, option) for arm, options in arms.items() for option, n in options.items() for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["offer_set", "chose_offer"]).astype("str")
    return frame.assign(respondent_id=[f"R{i:04d}" for i in range(len(frame))])


def test_the_shares_of_all_options_are_told(make_evidence):
    frame = chosen(two={"small": 120, "large": 80}, with_decoy={"small": 80, "large": 100, "decoy": 20})
    result = found(make_evidence({"survey": frame}, experiments=[declared(KNOWN["decoy"])]), KNOWN["decoy"])
    shares = {ENGLISH.tell(e.label): e.estimate for e in result.effects if e.measure == "share"}
    assert shares == {
        "decoy, under “with_decoy”": 0.1, "decoy, under “two”": 0.0,
        "small, under “two”": 0.6, "small, under “with_decoy”": 0.4,
        "large, under “two”": 0.4, "large, under “with_decoy”": 0.5,
    }  # fmt: skip
    difference = next(e for e in result.effects if e.measure == "risk difference")
    assert difference.estimate == pytest.approx(0.1)
    assert result.usual.compared == "alike"


def test_among_two_options_the_third_does_not_count_and_is_no_mismatch(make_evidence):
    """60 of 200 took the middle one; with an extreme that draws 100 of 200, 60 of the 100 others did."""
    frame = chosen(two={"plain": 140, "middle": 60}, with_extreme={"plain": 40, "middle": 60, "best": 100})
    own = declared(KNOWN["compromise"])
    own["arm"]["column"], own["outcome"] = "offer_set", {"column": "chose_offer", "success": ["middle"]}
    own["outcome"]["among"] = ["plain", "middle"]
    result = found(make_evidence({"survey": frame}, experiments=[own]), KNOWN["compromise"])
    difference = next(e for e in result.effects if e.measure == "risk difference")
    assert difference.estimate == pytest.approx(0.6 - 0.3)
    assert result.n == {"two": 200, "with_extreme": 100}
    assert result.usual.compared == "same direction"


def test_options_that_few_took_are_told_together_or_not_at_all():
    data = chosen(a={"x": 50, "y": 6, "z": 6}, b={"x": 50, "y": 12, "z": 12}).rename(
        columns={"offer_set": "arm", "chose_offer": "option", "respondent_id": "unit"}
    )
    told = [ENGLISH.tell(e.label) for e in option_shares(data, 10)]
    assert told == ["x, under “a”", "x, under “b”", "all other options, under “a”", "all other options, under “b”"]
    assert option_shares(data[data["option"] != "z"], 10) == ()


def test_two_problems_of_the_same_people_are_paired(make_evidence):
    """Of 100 people 60 take b only where it is sure, 10 only where both are risky."""
    known = KNOWN["certainty"]
    both = [("b", "b")] * 20 + [("b", "a")] * 10 + [("a", "b")] * 60 + [("a", "a")] * 10
    frame = pd.DataFrame(both, columns=known.columns).assign(respondent_id=[f"R{i}" for i in range(100)])
    result = found(make_evidence({"survey": frame}, experiments=[declared(known)]), known)
    assert result.n == {"both_risky": 100, "one_sure": 100}
    difference = next(e for e in result.effects if e.measure == "risk difference")
    assert difference.estimate == pytest.approx(0.5)
    assert "McNemar" in ENGLISH.tell(result.method)
