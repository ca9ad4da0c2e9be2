"""Prospect theory from gambles: planted parameters come back, and where nothing can be told it is said."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from helpers.beliefs.registry import Beliefs
from helpers.offers.gambles import (
    amiss,
    fit_choices,
    from_gambles,
    loss_aversion,
    measured_here,
    value,
    weight,
    worth,
)
from helpers.study import load_study
from helpers.words import ENGLISH, few, say

SAMPLE = Path(__file__).parents[2] / "data" / "sample"

NOTHING = ((0.0, 1.0),)
GAMBLES = [
    (((gain, 0.5), (-loss, 0.5)), NOTHING)
    for gain, loss in ((20, 10), (20, 15), (60, 25), (100, 40), (100, 60), (100, 90))
]
GAMBLES += [(((100, p), (0, 1 - p)), ((sure, 1),)) for p, sure in ((0.1, 12), (0.5, 40), (0.9, 75))]
GAMBLES += [(((100, 0.2), (-10, 0.8)), NOTHING)]
TRUTH = {"alpha": 0.9, "lambda": 1.6, "gamma": 0.7, "consistency": 12.0}


def choices(people: int, seed: int, alpha=0.9, loss=1.6, gamma=0.7, consistency=12.0) -> np.ndarray:
    """People by gambles, 1 where a is taken; amounts count in hundreds."""
    lead = [worth(a, alpha, loss, gamma) - worth(b, alpha, loss, gamma) for a, b in GAMBLES]
    chance = expit(consistency * np.array(lead) / 100**alpha)
    return (np.random.default_rng(seed).random((people, len(GAMBLES))) < chance).astype(int)


def fitted(taken: np.ndarray, gambles=GAMBLES):
    people, many = taken.shape
    found = fit_choices(taken.ravel(), np.tile(np.arange(many), people), np.repeat(np.arange(people), many), gambles)
    return found if found is None else found.set_index("parameter")


def survey_of(taken: np.ndarray) -> tuple[dict, dict]:
    """The survey table and its keys in study.yml."""
    names = [f"bet{i}" for i in range(taken.shape[1])]
    frame = pd.DataFrame(np.where(taken == 1, " Accept", "decline"), columns=names).astype("str")
    frame = frame.assign(respondent_id=[f"R{i}" for i in range(len(frame))])
    declared = {
        n: {"a": [*a], "b": [*b], "chose_a": ["accept"], "chose_b": ["decline"]}
        for n, (a, b) in zip(names, GAMBLES, strict=False)
    }
    return {"survey": frame}, {"gambles": declared}


def test_who_does_not_know_takes_neither_side(make_evidence):
    frames, keys = survey_of(choices(200, 3))
    asked = frames["survey"].filter(like="bet").columns
    unsure = frames["survey"].assign(
        **{n: frames["survey"][n].mask(frames["survey"].index % 4 == 0, "?") for n in asked}
    )
    sure = frames["survey"][frames["survey"].index % 4 != 0]
    (found, said), (same, _) = (from_gambles(make_evidence({"survey": t}, survey_keys=keys)) for t in (unsure, sure))
    pd.testing.assert_frame_equal(found, same)
    assert said[0].values["parts"][1] == say("hypotheses.gambles.neither", n=few(500, 10))


def test_value_and_weight_are_those_of_the_paper():
    """Tversky & Kahneman (1992): w(.1) about .19, w(.5) .42, w(.9) .71 at gamma .61; a loss of 1 is worth -2.25."""
    assert weight(np.array([0.1, 0.5, 0.9, 0.0, 1.0]), 0.61) == pytest.approx([0.186, 0.421, 0.712, 0.0, 1.0], abs=1e-3)
    assert value(np.array([-1.0, 0.0, 100.0]), 0.88, 2.25) == pytest.approx([-2.25, 0.0, 57.544], abs=1e-3)
    assert worth(((20, 0.5), (-10, 0.5)), 1.0, 1.5, 1.0) == pytest.approx(2.5)


def test_planted_parameters_come_back_and_intervals_hold_them():
    """Over 120 surveys the intervals hold the truth, and are as wide as the estimates scatter."""
    found = [fitted(choices(150, seed)) for seed in range(120)]
    held = [(f["ci_low"] <= pd.Series(TRUTH)) & (f["ci_high"] >= pd.Series(TRUTH)) for f in found]
    assert (pd.concat(held, axis=1).mean(axis=1) >= 0.90).all()
    scatter = np.log(pd.concat([f["estimate"] for f in found], axis=1)).std(axis=1)
    width = np.log(pd.concat([f["ci_high"] / f["ci_low"] for f in found], axis=1)).mean(axis=1)
    assert (width / (2 * 1.96 * scatter)).to_numpy() == pytest.approx(1, abs=0.25)
    assert fitted(choices(600, 1))["estimate"].to_dict() == pytest.approx(TRUTH, rel=0.1)


def test_a_respondent_counted_twice_brings_no_precision():
    """Errors are clustered by person: a copy of every answer of a person is no further knowledge."""
    taken = choices(150, 2)
    once, many = fitted(taken), len(GAMBLES)
    twice = fit_choices(
        np.tile(taken, 2).ravel(), np.tile(np.arange(many), 300), np.repeat(np.arange(150), 2 * many), GAMBLES
    ).set_index("parameter")
    assert twice["estimate"].to_numpy() == pytest.approx(once["estimate"].to_numpy(), rel=1e-3)
    assert twice["ci_low"].to_numpy() == pytest.approx(once["ci_low"].to_numpy(), rel=0.01)


def test_chances_are_taken_as_they_are_where_only_one_was_asked():
    even = GAMBLES[:6]
    found = fitted(choices(400, 3, gamma=1.0)[:, :6], even)
    assert list(found.index) == ["alpha", "lambda", "consistency"]
    assert found.loc["lambda", "ci_low"] < 1.6 < found.loc["lambda", "ci_high"]


def test_a_survey_is_read_and_told_in_plain_words(make_evidence):
    taken = choices(400, 4)
    frames, keys = survey_of(taken)
    evidence = make_evidence(frames, survey_keys=keys)
    found = loss_aversion(evidence, Beliefs(()))
    frame, sentences = found.parameters, [ENGLISH.tell(said) for said in found.told]
    assert amiss(evidence) == ()
    assert frame["parameter"].tolist() == list(TRUTH)
    assert frame["published"].tolist()[:3] == [0.88, 2.25, 0.61]
    assert sentences[0] == "400 respondents made 4,000 choices between gambles that were only imagined."
    assert sentences[1].startswith("A loss weighs 1.6")
    assert "published studies give 1.96 (1.82 to 2.10)" in sentences[1]
    assert sentences[2].startswith("Twice the amount is worth 1.8")
    assert sentences[3].startswith("A chance of 10 % weighs like one of 1")
    assert found.weights["ours"].tolist() == [True, False, False]
    assert found.weights["estimate"].tolist()[1:] == [1.955, 2.25]
    assert measured_here(found.weights) is found.weights
    assert measured_here(found.weights[1:]).empty


def test_missing_answers_are_left_out(make_evidence):
    frames, keys = survey_of(choices(100, 5))
    frames["survey"].loc[:9, "bet0"] = None
    _, sentences = from_gambles(make_evidence(frames, survey_keys=keys))
    assert sentences[0] == say("hypotheses.gambles.asked", n=100, choices=990)


@pytest.mark.parametrize(
    ("taken", "why"),
    [
        (choices(15, 6), say("hypotheses.gambles.few", least=20, gambles=5)),
        (choices(100, 6)[:, :4], say("hypotheses.gambles.few", least=20, gambles=5)),
        (np.ones((100, 10), dtype=int), say("hypotheses.gambles.alike", least=20)),
        (np.random.default_rng(1).integers(0, 2, (100, 10)), say("hypotheses.gambles.bounds")),
        (1 - choices(300, 6, consistency=40.0), say("hypotheses.gambles.bounds")),
    ],
    ids=["few people", "few gambles", "all alike", "coins tossed", "answers turned round"],
)
def test_where_nothing_can_be_told_it_is_said_and_no_number_given(make_evidence, taken, why):
    frames, keys = survey_of(taken)
    evidence = make_evidence(frames, survey_keys=keys)
    frame, sentences = from_gambles(evidence)
    assert frame.empty
    assert sentences == amiss(evidence) == (why,)


def test_gains_alone_say_nothing_of_losses(make_evidence):
    frames, keys = survey_of(choices(100, 7))
    for gamble in keys["gambles"].values():
        gamble["a"] = [(abs(x), p) for x, p in gamble["a"][:1]] + [(0, 1 - gamble["a"][0][1])]
    frame, sentences = from_gambles(make_evidence(frames, survey_keys=keys))
    assert frame.empty
    assert sentences == (say("hypotheses.gambles.one_sided"),)


def test_without_gambles_it_is_said_how_to_ask(make_evidence):
    assert from_gambles(make_evidence())[1] == (say("hypotheses.gambles.none"),)
    assert amiss(make_evidence()) == ()


def test_the_sample_survey_gives_back_what_was_planted(make_evidence):
    answers = pd.read_csv(SAMPLE / "survey.csv", dtype="str").drop_duplicates("respondent_id")
    keys = {"gambles": {name: g.model_dump() for name, g in load_study(SAMPLE).tables.survey.gambles.items()}}
    frame, _ = from_gambles(make_evidence({"survey": answers}, survey_keys=keys))
    planted = json.loads((SAMPLE / "truth" / "effects.json").read_text(encoding="utf-8"))["gambles"]
    found = frame.set_index("parameter")
    assert set(planted) == {"alpha", "lambda", "gamma"}
    for name, true in planted.items():
        assert found.loc[name, "ci_low"] <= true <= found.loc[name, "ci_high"]
