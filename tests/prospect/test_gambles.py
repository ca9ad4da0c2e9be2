"""Prospect theory from gambles: planted parameters come back, and where nothing can be told it is said."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from helpers.beliefs.registry import Beliefs
from helpers.designs.gambles import value, weight, worth
from helpers.prospect.hierarchy import bets_of, fit_people, leads, of_groups, told_by, turns
from helpers.prospect.loss_aversion import amiss, from_gambles, loss_aversion, measured_here
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
WITH_LOSSES = GAMBLES + [(((-100, p), (0, 1 - p)), ((-sure, 1),)) for p, sure in ((0.1, 12), (0.5, 40), (0.9, 75))]
TRUTH = {"alpha": 0.9, "lambda": 1.6, "gamma": 0.7, "consistency": 12.0}


def choices(people: int, seed: int, alpha=0.9, loss=1.6, gamma=0.7, consistency=12.0) -> np.ndarray:
    """People by gambles, 1 where a is taken; amounts count in hundreds."""
    lead = [worth(a, alpha, loss, gamma) - worth(b, alpha, loss, gamma) for a, b in GAMBLES]
    chance = expit(consistency * np.array(lead) / 100**alpha)
    return (np.random.default_rng(seed).random((people, len(GAMBLES))) < chance).astype(int)


def fitted(taken: np.ndarray, gambles=GAMBLES):
    found = fit_people(taken.astype(float), gambles)
    return found if found is None else found[0].set_index("parameter")


def of_people(people: int, seed: int, gambles=GAMBLES, gamma_losses=0.7, spread=0.3, **truth) -> np.ndarray:
    """Choices of people who differ: every parameter lognormal about the planted one."""
    rng, planted = np.random.default_rng(seed), TRUTH | truth
    own = {name: middle * np.exp(spread * rng.standard_normal(people)) for name, middle in planted.items()}
    read = gamma_losses * np.exp(spread * rng.standard_normal(people))
    return np.array(
        [
            [
                rng.random() < expit(c * sum(
                    sign * (weight(np.array(p), g if x > 0 else r) * value(np.array(x / 100), a, loss))
                    for sign, option in zip((1, -1), pair, strict=True) for x, p in option if x and p
                ))
                for pair in gambles
            ]
            for a, loss, g, c, r in zip(*own.values(), read, strict=True)
        ]
    ).astype(float)  # fmt: skip


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
    both = [from_gambles(make_evidence({"survey": table}, survey_keys=keys)) for table in (unsure, sure)]
    (found, _, said), (same, *_) = both
    pd.testing.assert_frame_equal(found, same)
    assert said[0].values["parts"][1] == say("hypotheses.gambles.neither", n=few(500, 10))


def test_value_and_weight_are_those_of_the_paper():
    """Tversky & Kahneman (1992): w(.1) about .19, w(.5) .42, w(.9) .71 at gamma .61; a loss of 1 is worth -2.25."""
    assert weight(np.array([0.1, 0.5, 0.9, 0.0, 1.0]), 0.61) == pytest.approx([0.186, 0.421, 0.712, 0.0, 1.0], abs=1e-3)
    assert value(np.array([-1.0, 0.0, 100.0]), 0.88, 2.25) == pytest.approx([-2.25, 0.0, 57.544], abs=1e-3)
    assert worth(((20, 0.5), (-10, 0.5)), 1.0, 1.5, 1.0) == pytest.approx(2.5)


def test_planted_values_of_people_who_differ_come_back_and_intervals_hold_them():
    """Over 8 surveys with bets on losses alone, which tell how chances of losses are read."""
    found = [fitted(of_people(300, seed, WITH_LOSSES, spread=0.2), WITH_LOSSES) for seed in range(8)]
    assert all(list(f.index) == ["alpha", "lambda", "gamma", "gamma_losses", "consistency"] for f in found)
    truth = pd.Series(TRUTH | {"gamma_losses": 0.7})
    found = [f.loc[truth.index] for f in found]
    held = pd.concat([(f["ci_low"] <= truth) & (f["ci_high"] >= truth) for f in found], axis=1)
    assert held.loc[["alpha", "lambda", "gamma", "gamma_losses"]].to_numpy().mean() >= 0.85
    middle = np.exp(np.log(pd.concat([f["estimate"] for f in found], axis=1)).mean(axis=1))
    assert middle["lambda"] == pytest.approx(1.6, rel=0.05)
    assert not any(f["ranged"].any() for f in found)


def test_another_authors_parametrisation_gives_back_its_loss_weight():
    """Sokol-Hessner et al. (2009), as hBayesDM has it: even chances, u = .5 g^rho - .5 lambda l^rho against a sure
    s^rho, softmax tau; amounts as they are, rho 0.9, lambda lognormal about 1.4, 70 bets on such a grid."""
    rng = np.random.default_rng(8)
    pairs = [(g, loss) for g in (2, 4, 5, 6, 8, 9, 10, 12) for loss in (1, 2, 3, 4, 5, 6, 8, 10)]
    gambles = [(((g, 0.5), (-loss, 0.5)), NOTHING) for g, loss in pairs]
    gambles += [(((g, 0.5), (0, 0.5)), ((s, 1),)) for g, s in ((2, 1), (4, 1.4), (8, 3), (12, 5), (12, 6), (22, 8))]
    people = 120
    rho, weights, tau = rng.normal(0.9, 0.05, people), 1.4 * np.exp(0.3 * rng.standard_normal(people)), 2.0
    lead = np.array([[0.5 * g**r - 0.5 * w * loss**r for g, loss in pairs] for r, w in zip(rho, weights, strict=True)])
    sure = np.array([[0.5 * a[0][0] ** r - b[0][0] ** r for a, b in gambles[len(pairs) :]] for r in rho])
    taken = (rng.random((people, len(gambles))) < expit(tau * np.hstack([lead, sure]))).astype(float)
    found = fitted(taken, gambles)
    assert found.loc["lambda", "estimate"] == pytest.approx(1.4, rel=0.08)
    assert found.loc["alpha", "ci_low"] - 0.02 <= 0.9 <= found.loc["alpha", "ci_high"] + 0.02
    half = np.log(found.loc["lambda", "half_high"] / found.loc["lambda", "half_low"]) / (2 * 0.6745)
    assert half == pytest.approx(0.3, abs=0.08)


@pytest.mark.parametrize(
    ("gambles", "told"),
    [
        (GAMBLES, ("alpha", "gamma")),
        (WITH_LOSSES, ("alpha", "gamma", "gamma_losses")),
        (GAMBLES[:6], ("alpha",)),
        ([(((10, 0.5), (-10, 0.5)), NOTHING), (((10, 0.9), (-10, 0.1)), NOTHING)] * 3, ()),
    ],
    ids=["the sample's", "with losses alone", "even chances", "one amount"],
)
def test_what_bets_can_tell(gambles, told):
    taken = np.random.default_rng(2).integers(0, 2, (300, len(gambles))).astype(float)
    assert told_by(bets_of(taken, gambles)) == told


@pytest.mark.parametrize("gamma_losses", [0.55, 0.7, 0.95])
def test_where_bets_cannot_tell_the_range_holds_the_truth(gamma_losses):
    """A weight of chances of its own for losses leaves a figure that assumes one for both far from the truth."""
    found = fitted(of_people(400, 11, gamma_losses=gamma_losses, spread=0.2)).loc["lambda"]
    assert found["ranged"]
    assert found["ci_low"] < 1.6 < found["ci_high"]
    assert found["ci_high"] / found["ci_low"] < 2


def test_personas_whose_losses_weigh_more_are_told(make_evidence):
    taken = np.vstack([of_people(200, 1, **{"lambda": 1.2}), of_people(200, 2, **{"lambda": 2.2})])
    frames, keys = survey_of(taken)
    customers = [f"C{i:04d}" for i in range(400)]
    frames["survey"]["customer_id"] = customers
    persona_of = {c: "persona-1" if i < 200 else "persona-2" for i, c in enumerate(customers)}
    _, found, told = from_gambles(make_evidence(frames, survey_keys=keys, persona_of=persona_of))
    assert found["n"].tolist() == [200, 200]
    assert found["estimate"].tolist() == pytest.approx([1.2, 2.2], rel=0.15)
    assert (found["ci_low"] < found["estimate"]).all()
    assert (found["ci_high"] > found["estimate"]).all()
    assert found.loc[0, "estimate"] < found.loc[0, "drawn"] < found.loc[1, "drawn"] < found.loc[1, "estimate"]
    assert "largest for “the persona-2 ones”" in ENGLISH.tell(told[-1])
    assert "People differ: for half of them it lies within 1." in " ".join(map(ENGLISH.tell, told))
    made_of = make_evidence(frames, survey_keys=keys, persona_of=persona_of, defining=("bet0",))
    assert from_gambles(made_of)[1].empty


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
    assert "Published studies give 1.96 (1.82 to 2.10)" in sentences[1]
    assert sentences[2] == "These choices do not show that people differ in it."
    assert sentences[3].startswith("Twice the amount is worth 1.8")
    assert sentences[4].startswith("A chance of 10 % to win weighs like one of 1")
    assert found.weights["ours"].tolist() == [True, False, False]
    assert found.weights["estimate"].tolist()[1:] == [1.955, 2.25]
    assert measured_here(found.weights) is found.weights
    assert measured_here(found.weights[1:]).empty


def test_missing_answers_are_left_out(make_evidence):
    frames, keys = survey_of(choices(100, 5))
    frames["survey"].loc[:9, "bet0"] = None
    _, _, sentences = from_gambles(make_evidence(frames, survey_keys=keys))
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
    frame, _, sentences = from_gambles(evidence)
    assert frame.empty
    assert sentences == amiss(evidence) == (why,)


def test_gains_alone_say_nothing_of_losses(make_evidence):
    frames, keys = survey_of(choices(100, 7))
    for gamble in keys["gambles"].values():
        gamble["a"] = [(abs(x), p) for x, p in gamble["a"][:1]] + [(0, 1 - gamble["a"][0][1])]
    frame, _, sentences = from_gambles(make_evidence(frames, survey_keys=keys))
    assert frame.empty
    assert sentences == (say("hypotheses.gambles.one_sided"),)


def test_without_gambles_it_is_said_how_to_ask(make_evidence):
    assert from_gambles(make_evidence())[2] == (say("hypotheses.gambles.none"),)
    assert amiss(make_evidence()) == ()


def test_the_sample_survey_gives_back_what_was_planted(make_evidence):
    answers = pd.read_csv(SAMPLE / "survey.csv", dtype="str").drop_duplicates("respondent_id")
    keys = {"gambles": {name: g.model_dump() for name, g in load_study(SAMPLE).tables.survey.gambles.items()}}
    frame, *_ = from_gambles(make_evidence({"survey": answers}, survey_keys=keys))
    planted = json.loads((SAMPLE / "truth" / "effects.json").read_text(encoding="utf-8"))["gambles"]
    found = frame.set_index("parameter")
    assert set(planted) == {"alpha", "lambda", "gamma"}
    for name, true in planted.items():
        assert found.loc[name, "ci_low"] <= true <= found.loc[name, "ci_high"]


def test_fear_for_what_one_has_is_not_taken_for_loss_aversion(make_evidence):
    """Logarithms of wealth (200 EUR), no loss weighs more: the curve of prospect theory would say that it does."""
    worths = [
        sum(s * p * 2 * np.log1p(x / 200) for s, option in zip((1, -1), pair, strict=True) for x, p in option)
        for pair in GAMBLES
    ]
    taken = (np.random.default_rng(5).random((300, len(GAMBLES))) < expit(12 * np.array(worths))).astype(int)
    assert fitted(taken).loc["lambda", "ci_low"] > 1
    frames, keys = survey_of(taken)
    frame, _, told = from_gambles(make_evidence(frames, survey_keys=keys))
    assert frame.empty
    assert told == (say("hypotheses.gambles.cautious"),)


@pytest.mark.parametrize("own", [{"alpha": 0.9, "lambda": 1.6}, {"wealth": 3.0}])
def test_how_the_lead_moves_is_its_slope(own):
    """Sure outcomes, losses and gains; against differences of the lead itself."""
    bets = bets_of(np.ones((1, len(WITH_LOSSES))), WITH_LOSSES)
    at = {"gamma": 0.7, "gamma_losses": 0.6, "consistency": 9.0} | own
    ahead, moved = turns(bets, at)
    assert ahead == pytest.approx(leads(bets, at))
    assert set(moved) == set(at)
    for name, slope in moved.items():
        up, down = (leads(bets, at | {name: at[name] * np.exp(step)}) for step in (1e-6, -1e-6))
        assert slope == pytest.approx((up - down) / 2e-6, abs=1e-6)
    beyond = turns(bets, at | {"consistency": 600.0})[1]
    assert not beyond["consistency"].any()


def test_the_interval_of_a_group_allows_for_what_it_shares_with_all():
    """It holds the common value in 94 % of 58 sets of people who differ; with all else held it did in 90 %."""
    held = []
    for seed in range(5):
        taken = of_people(300, seed, WITH_LOSSES)
        found = of_groups(bets_of(taken, WITH_LOSSES), fit_people(taken, WITH_LOSSES)[1], np.arange(300) % 3)
        held += ((found["ci_low"] < TRUTH["lambda"]) & (TRUTH["lambda"] < found["ci_high"])).tolist()
    assert np.mean(held) >= 0.8


def test_a_check_of_gambles_fits_no_personas(make_evidence, monkeypatch):
    def refuse(*_):
        raise AssertionError("personas are not looked at in a check")

    monkeypatch.setattr("helpers.prospect.loss_aversion.of_groups", refuse)
    frames, keys = survey_of(choices(300, 1))
    assert amiss(make_evidence(frames, survey_keys=keys)) == ()
