"""Tastes that differ between people: what is planted comes back, with intervals that hold it; offers side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.contracts import StudyError
from helpers.offers.asked import mixed_logit
from helpers.offers.asked.figures import plot_shares
from helpers.offers.asked.market import Tastes, between, described, tastes_of_people
from helpers.offers.asked.mixed_logit import choose, fit_mixed, own_worths, panel_of, shares_of, sobol, spread_of
from helpers.offers.choice_logit import Tasks, design, fit
from helpers.read.load import LoadedTables
from helpers.sources import ConjointSource
from helpers.study import Study, load_study
from helpers.words import Words

OFFER = ConjointSource(
    path="c.csv", attributes=["label", "price"], levels={"label": ["none", "seal"]},
    offers={"plain": {"label": "none", "price": 2}, "sealed": {"label": "seal", "price": 3}},
)  # fmt: skip


def choices(seed: int, people: int = 60, tasks: int = 8, mean=(0.0, -0.5), spread=(2.0, 0.2)) -> pd.DataFrame:
    """Choices between two offers; half of the people want the seal and half do not."""
    rng = np.random.default_rng(seed)
    n = people * tasks * 2
    person = np.repeat(np.arange(people), tasks * 2)
    label, price = rng.integers(0, 2, n), rng.choice([2.0, 3.0, 4.0], n)
    taste = np.array(mean) + np.array(spread) * rng.normal(size=(people, 2))
    liked = (taste[person, 0] * label + taste[person, 1] * price + rng.gumbel(size=n)).reshape(-1, 2)
    return pd.DataFrame(
        {
            "respondent_id": [f"R{p:03d}" for p in person],
            "task": np.tile(np.repeat(np.arange(tasks), 2), people).astype(str),
            "alternative": np.tile(["A", "B"], people * tasks),
            "chosen": (liked == liked.max(axis=1, keepdims=True)).ravel(),
            "label": np.where(label == 1, "seal", "none"),
            "price": price,
        }
    )


def tastes(frame: pd.DataFrame, personas, source: ConjointSource = OFFER) -> Tastes:
    study = Study.model_validate({"study": "by-hand", "currency": "EUR", "tables": {"sales": {"path": "s.csv"}}})
    study = study.model_copy(update={"tables": study.tables.model_copy(update={"conjoint": source})})
    return tastes_of_people(LoadedTables({"conjoint": frame}, ()), None, personas, study)


def test_a_taste_that_half_have_and_half_have_turned_round_is_seen_where_the_mean_shows_nothing(personas_by_hand):
    found = tastes(choices(1, people=120), personas_by_hand({"R000": "p1"}))
    seal = found.spread.set_index("attribute").loc["label"]
    assert seal["ci_low"] < 0 < seal["ci_high"]
    assert seal["spread"] == pytest.approx(2.0, abs=0.5)
    assert seal["want_low"] < 0.5 < seal["want_high"]
    assert [line.key for line in found.told][:2] == ["tastes.level", "tastes.known"]
    own = found.own[found.own["attribute"] == "label"]
    assert len(own) == 120
    assert own["worth"].std() > 1
    assert 0.3 < found.known < 0.9


def test_with_one_taste_for_all_nothing_is_said_to_differ(personas_by_hand):
    found = tastes(choices(2, people=120, mean=(0.8, -0.5), spread=(0, 0)), personas_by_hand({"R000": "p1"}))
    assert found.spread["want"].isna().all()
    assert found.told[0].key == "tastes.alike"


def test_shares_add_up_hold_what_is_planted_and_differ_by_group(personas_by_hand):
    frame = pd.concat([choices(3, mean=(2.0, -0.5), spread=(0.3, 0.2)), choices(4, mean=(-2.0, -0.5), spread=(0.3, 0.2))
                       .assign(respondent_id=lambda f: "S" + f["respondent_id"])])  # fmt: skip
    ids = frame["respondent_id"].unique()
    found = tastes(frame, personas_by_hand({name: "p2" if name.startswith("S") else "p1" for name in ids})).shares
    assert found.groupby("id")["share"].sum().tolist() == pytest.approx([1, 1, 1])
    sealed = found[found["offer"] == "sealed"].set_index("id")
    truth = {"p1": 1 / (1 + np.exp(-1.5)), "p2": 1 / (1 + np.exp(2.5))}  # two for the seal, half for a euro less
    for group, share in truth.items():
        assert sealed.loc[group, "ci_low"] < share < sealed.loc[group, "ci_high"]
    assert sealed["n"].to_dict() == {"all": 120, "p1": 60, "p2": 60}
    assert [label.get_text() for label in plot_shares(found, words=Words()).get_yticklabels()] == ["sealed", "plain"]


@pytest.mark.parametrize(("people", "least"), [(60, 0.87)])
def test_intervals_of_shares_hold_the_truth(people, least):
    """Thirty worlds; the truth is integrated over the planted tastes."""
    rng = np.random.default_rng(0)
    drawn = np.array([0.3, -0.5]) + np.array([1.0, 0.3]) * rng.normal(size=(200_000, 2))
    offers = np.array([[1, 4.0], [0, 3.0]])
    truth = (1 / (1 + np.exp(-drawn @ (offers[0] - offers[1])))).mean()
    inside = []
    for seed in range(30):
        tasks, _, _ = design(choices(seed, people=people, mean=(0.3, -0.5), spread=(1.0, 0.3)), OFFER)
        mixed = fit_mixed(tasks, fit(tasks).worth, seed=seed)
        share, error = shares_of(mixed, offers)
        low, high = between(share[0], error[0])
        inside.append(low < truth < high)
    assert np.mean(inside) >= least


def test_the_slopes_of_the_likelihood_are_those_of_differences():
    tasks, _, _ = design(choices(5, people=12, tasks=3), OFFER)
    mixed = fit_mixed(tasks, fit(tasks).worth, together=True)
    theta = np.array([0.3, -0.4, 0.8, 0.2, 0.5])
    at = mixed_logit._at(theta, mixed.panel, mixed.model, scores=True)
    for place in range(len(theta)):
        step = 1e-6 * np.eye(len(theta))[place]
        up, down = (mixed_logit._at(theta + side * step, mixed.panel, mixed.model).log_likelihood for side in (1, -1))
        assert at.scores[:, place] == pytest.approx((up - down) / 2e-6, abs=1e-6)


def test_many_people_are_taken_part_by_part_and_nothing_changes(monkeypatch):
    frame = choices(5, people=30)
    tasks, _, _ = design(frame[~((frame["respondent_id"] == "R003") & (frame["task"] > "4"))], OFFER)
    whole = fit_mixed(tasks, fit(tasks).worth)
    monkeypatch.setattr(mixed_logit, "MOST", 7 * 16 * 128)  # seven people at a time
    parts = fit_mixed(tasks, fit(tasks).worth)
    assert parts.theta == pytest.approx(whole.theta, abs=1e-9)
    assert parts.influence == pytest.approx(whole.influence, abs=1e-9)
    offers = np.array([[1, 3.0], [0, 2.0]])
    assert choose(parts, offers) == pytest.approx(choose(whole, offers), abs=1e-9)


def test_rows_of_one_person_may_lie_apart_and_people_may_have_fewer():
    frame = choices(6, people=30)
    frame = frame[~((frame["respondent_id"] == "R003") & (frame["task"] > "4"))]
    mixed_up = frame.sample(frac=1, random_state=1)
    fits = [fit_mixed((t := design(part, OFFER)[0]), fit(t).worth) for part in (frame, mixed_up)]
    assert fits[0].log_likelihood == pytest.approx(fits[1].log_likelihood, abs=0.5)  # draws of others than before
    assert panel_of(design(frame, OFFER)[0]).X.shape == (30, 16, 2)


def test_whoever_chose_little_is_known_little():
    frame = choices(7, people=60, tasks=12)
    frame = frame[(frame["respondent_id"] != "R000") | (frame["task"] == "0")]
    tasks, _, _ = design(frame, OFFER)
    mixed = fit_mixed(tasks, fit(tasks).worth)
    _, unsure = own_worths(mixed, np.array([[1.0, 0.0]]))
    assert unsure[0, 0] > 1.3 * np.median(unsure)
    assert unsure[0, 0] < 1.3 * spread_of(mixed.theta, np.array([[1.0, 0.0]]), mixed)[1][0]


def test_draws_are_normal_and_the_same_again():
    draws = sobol(50, 3, seed=1)
    assert draws.shape == (50, 3, 128)
    assert np.abs(draws.mean(axis=2)).max() < 0.1
    assert np.cov(draws.transpose(1, 0, 2).reshape(3, -1)) == pytest.approx(np.eye(3), abs=0.02)
    assert (draws == sobol(50, 3, seed=1)).all()


def test_none_of_these_is_one_of_the_offers_where_it_was_one():
    frame = choices(8, people=40)
    who = pd.DataFrame({"respondent_id": frame["respondent_id"].unique(), "task": "more"})
    rows = [who.assign(alternative="A", chosen=np.arange(40) % 2 == 0, label="seal", price=3.0)]
    rows.append(who.assign(alternative="B", chosen=np.arange(40) % 2 == 1, label=None, price=np.nan))
    tasks, attributes, _ = design(pd.concat([frame, *rows], ignore_index=True), OFFER)
    offers, unknown = described(OFFER, attributes)
    assert list(offers) == ["plain", "sealed", "none of these"]
    assert offers["sealed"].tolist() == [1.0, 3.0, 0.0]
    assert unknown == []
    mixed = fit_mixed(tasks, fit(tasks).worth)
    assert choose(mixed, np.array(list(offers.values()))).sum(axis=1) == pytest.approx(np.ones(40))


def test_an_offer_that_nobody_was_shown_has_no_share(personas_by_hand):
    stamp = {"plain": {"label": "stamp", "price": 2}, "sealed": {"label": "seal", "price": 3}}
    source = OFFER.model_copy(update={"offers": stamp, "levels": {}})
    found = tastes(choices(9), personas_by_hand({"R000": "p1"}), source)
    assert found.shares.empty
    assert "tastes.unknown_offer" in [line.key for line in found.told]
    dear = OFFER.model_copy(update={"offers": OFFER.offers | {"dear": {"label": "seal", "price": 9}}})
    assert "tastes.beyond" in [line.key for line in tastes(choices(9), personas_by_hand({"R000": "p1"}), dear).told]


def test_one_choice_each_tells_no_tastes_apart(personas_by_hand):
    found = tastes(choices(1, people=60, tasks=1), personas_by_hand({"R000": "p1"}))
    assert [line.key for line in found.told] == ["tastes.one_each"]
    assert found.shares.empty


@pytest.mark.parametrize(
    ("offers", "said"),
    [
        ("{a: {label: seal, price: 2}}", "conjoint.offers: give at least two offers"),
        ("{a: {label: seal}, b: {label: none, price: 2}}", "conjoint.offers.a: does not say its price"),
        ("{a: {label: sael, price: 2}, b: {label: none, price: 2}}", "offers.a.label: no level of it; did you mean"),
        ("{a: {lable: seal, label: seal, price: 2}, b: {label: none, price: 2}}", "offers.a.lable: not among"),
        ("{a: {label: seal, price: dear}, b: {label: none, price: 2}}", "offers.a.price: a price is a number"),
    ],
)
def test_faults_of_offers_name_key_and_line(tmp_path: Path, offers, said):
    (tmp_path / "c.csv").write_text("respondent_id,task,alternative,chosen,label,price\nA,1,x,yes,seal,2\n")
    text = "study: a\ntables:\n  conjoint:\n    path: c.csv\n    attributes: [label, price]\n"
    text += f"    levels: {{label: [none, seal]}}\n    offers: {offers}\n"
    (tmp_path / "study.yml").write_text(text)
    with pytest.raises(StudyError) as refused:
        load_study(tmp_path)
    assert said in str(refused.value)
    assert "line 7" in str(refused.value)


def test_tasks_of_several_people_stay_apart():
    """Two people of one task each: both tasks are numbered 0 in the file, and are two."""
    X, chosen = np.array([[1.0], [0.0], [1.0], [0.0]]), np.array([True, False, False, True])
    panel = panel_of(Tasks(X, chosen, np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])))
    assert panel.task_starts.tolist() == [0, 2]
    assert panel.person_starts.tolist() == [0, 1]
