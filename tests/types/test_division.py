"""From customers and answers to groups: paths, ids, the plain-numpy model, and the wrong versions it must beat."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from simulated import ITEMS, make_study, prepared_shop
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from helpers.contracts import UNASSIGNED, Apart, DataError, Kind, Structure, StudyError
from helpers.previous import Previous
from helpers.types.division import _near_ties, _structure, divide_customers, divided, earlier_verdict, held
from helpers.types.gate import Gate, judge
from helpers.types.mixture import SAME_DIVISION, Fitted, as_model, elsewhere, fit_mixture, measurement, posterior
from helpers.types.placing import assign
from helpers.types.pool import MIN_CUSTOMERS, ONE_ORDER, Pool, gather
from helpers.types.prepare import Prepared, gate_matrix, in_words
from helpers.types.repeated import divide
from helpers.words import Text, Words, say


def said(text: Text) -> tuple[Text, ...]:
    """The sentences of a text."""
    return text.values["parts"] if text.key == "" else (text,)


def repeat(planted) -> pd.DataFrame:
    """Assignments of the customers with more than one order."""
    orders = planted.customers.features.set_index("customer_id")["orders"]
    table = planted.personas.assignments.set_index("customer_id")
    return table[orders.reindex(table.index) > 1]


# --- behaviour and survey together


def test_three_planted_types_become_three_natural_personas(planted):
    structure = planted.personas.structure
    assert (structure.kind, structure.k, structure.supported) == ("natural", 3, True)
    assert planted.personas.model["ids"] == ["persona-1", "persona-2", "persona-3"]
    assert [rule["id"] for rule in planted.personas.model["structural"]] == [ONE_ORDER]
    assert structure.statement.key == "personas.kind.natural"
    assert planted.personas.choice.loc[planted.personas.choice["chosen"], "k"].tolist() == [3]


def test_the_types_are_found_and_beat_k_means_on_raw_z_scores(planted):
    table = repeat(planted)
    truth = planted.truth.reindex(table.index)
    modal = table.filter(regex="^p_").to_numpy().argmax(axis=1)
    features = planted.customers.features.set_index("customer_id").reindex(table.index)
    answers = planted.survey.answers.set_index("customer_id").reindex(table.index)[planted.survey.items["item"][:9]]
    raw = features[list(planted.personas.defining[:6])].join(answers)
    raw = ((raw - raw.mean()) / raw.std()).fillna(0)
    wrong = KMeans(3, n_init=10, random_state=0).fit_predict(raw)
    ours = adjusted_rand_score(truth, modal)
    assert ours >= 0.6
    assert ours >= adjusted_rand_score(truth, wrong) + 0.1


def test_who_answered_is_no_persona(planted):
    table = repeat(planted)
    assert abs(adjusted_rand_score(table["persona"], table["answered"])) <= 0.05
    assert abs(adjusted_rand_score(table.filter(regex="^p_").to_numpy().argmax(axis=1), table["answered"])) <= 0.05


def test_a_persona_needs_a_posterior_of_four_fifths(planted):
    table = repeat(planted)
    posteriors = table.filter(regex="^p_")
    assert posteriors.sum(axis=1).to_numpy() == pytest.approx(1)
    assert table["probability"].to_numpy() == pytest.approx(posteriors.max(axis=1).to_numpy())
    assert ((table["persona"] == UNASSIGNED) == (table["probability"] < 0.8)).all()
    assert 0 < (table["persona"] == UNASSIGNED).mean() < 0.3


def test_customers_with_one_order_are_a_segment_by_rule(planted):
    table = planted.personas.assignments.set_index("customer_id")
    orders = planted.customers.features.set_index("customer_id")["orders"].reindex(table.index)
    assert ((table["persona"] == ONE_ORDER) == (orders == 1)).all()
    assert (table.loc[orders == 1, "probability"] == 1).all()
    assert table.loc[orders == 1].filter(regex="^p_").isna().all(axis=None)


# --- the model as plain values


def test_plain_numpy_gives_the_posterior_of_stepmix(planted, a_study):
    """With behaviour, ratings with gaps, and a categorical item with gaps."""
    rng = np.random.default_rng(0)
    answers = planted.survey.answers.assign(
        diet=pd.Series(rng.choice(["fish", "meat", "vegan"], len(planted.survey.answers))).mask(
            rng.random(len(planted.survey.answers)) < 0.1
        )
    )
    diet = pd.DataFrame([{"item": "diet", "kind": "categorical", "question": "Diet?"}])
    survey = replace(planted.survey, answers=answers, items=pd.concat([planted.survey.items, diet], ignore_index=True))
    pool = gather(planted.customers, survey, a_study())
    prepared = pool.prepared.at(pool.fit)
    matrix = gate_matrix(prepared)
    fitted = fit_mixture(prepared, matrix, 3, divide(matrix, 3, 1).labels_, smallest=5, seed=1)
    assert list(prepared.categories) == ["diet"]
    assert prepared.likert.isna().any(axis=None)
    model = json.loads(json.dumps(as_model(pool.prepared, fitted.mixture), allow_nan=False))
    ours, _ = posterior(model, pool.features.iloc[pool.fit], pool.answers.iloc[pool.fit])
    assert np.abs(ours - fitted.mixture.predict_proba(measurement(prepared)[1])).max() < 1e-8


def fitted_beside_the_judged(types: int, same: float = SAME_DIVISION) -> tuple[np.ndarray, np.ndarray, Fitted]:
    """Columns, the judged division in two, and the mixture, of a shop by behaviour alone."""
    prepared, matrix, _ = prepared_shop(np.random.default_rng(5), 600, types=types, separation=1.4, respondents=0.0)
    judged = divide(matrix, 2, 1, 10).labels_
    return matrix, judged, fit_mixture(prepared, matrix, 2, judged, smallest=30, seed=1, same=same)


def test_on_a_continuum_the_judged_division_is_published_and_not_the_best_likelihood():
    X, judged, best = fitted_beside_the_judged(types=1, same=-1.0)
    _, _, published = fitted_beside_the_judged(types=1)
    assert adjusted_rand_score(judged, best.labels) < 0.3  # what would have been published under the judged label
    assert published.described
    assert adjusted_rand_score(judged, published.labels) > 0.8
    parameters = published.mixture.get_parameters()["measurement"]["behaviour"]
    own = np.array([X[judged == c].mean(axis=0) for c in range(2)])
    within = sum(np.cov(X[judged == c].T, ddof=0) * (judged == c).mean() for c in range(2))
    assert parameters["means"] == pytest.approx(own, abs=1e-6)
    assert parameters["covariances"] == pytest.approx(within, abs=1e-3)
    assert published.mixture.weights_ == pytest.approx(np.bincount(judged) / len(judged))


def test_where_there_are_types_the_likelihood_keeps_the_judged_division():
    _, judged, published = fitted_beside_the_judged(types=2)
    assert not published.described
    assert adjusted_rand_score(judged, published.labels) > 0.8


def test_the_frozen_model_assigns_as_it_did(planted):
    model = json.loads(json.dumps(planted.personas.model, allow_nan=False))
    again = assign(model, planted.customers.features, planted.survey.answers)
    pd.testing.assert_frame_equal(again, planted.personas.assignments, rtol=1e-12)


def test_an_answer_that_drops_out_changes_only_its_owner(planted):
    who = planted.survey.answers["customer_id"].iloc[0]
    without = assign(planted.personas.model, planted.customers.features, planted.survey.answers.iloc[1:])
    changed = (without != planted.personas.assignments).set_axis(without["customer_id"])
    both_missing = without.isna() & planted.personas.assignments.isna()
    changed &= ~both_missing.set_axis(without["customer_id"])
    assert changed.index[changed.any(axis=1)].tolist() == [who]
    assert not without.set_index("customer_id").loc[who, "answered"]


def test_an_answer_never_seen_before_counts_as_none(planted, a_study):
    """An unknown category must not raise (IndexError in StepMix) and must not place anybody."""
    answers = planted.survey.answers.assign(diet=np.resize(["fish", "meat"], len(planted.survey.answers)))
    diet = pd.DataFrame([{"item": "diet", "kind": "categorical", "question": "Diet?"}])
    survey = replace(planted.survey, answers=answers, items=pd.concat([planted.survey.items, diet], ignore_index=True))
    pool = gather(planted.customers, survey, a_study())
    prepared = pool.prepared.at(pool.fit)
    matrix = gate_matrix(prepared)
    fitted = fit_mixture(prepared, matrix, 3, divide(matrix, 3, 1).labels_, smallest=5, seed=1)
    model = as_model(pool.prepared, fitted.mixture)
    unseen, missing = (posterior(model, pool.features, pool.answers.assign(diet=diet))[0] for diet in ("vegan", np.nan))
    assert np.array_equal(unseen, missing)
    assert not np.array_equal(unseen, posterior(model, pool.features, pool.answers)[0])


def test_groups_made_anyway_are_those_that_the_gate_grew(simulate, a_study, monkeypatch):
    customers, _, truth = simulate(5, n=400, separation=1.4)
    pool = gather(customers, None, a_study())
    matrix = gate_matrix(pool.prepared.at(pool.fit))
    people = pool.features.index[pool.fit]
    grown = (truth.reindex(people) == 1).to_numpy().astype(int)  # k-means parts type 2 from the others
    judged = judge(matrix, seed=1, draws=1, bootstrap=2)
    table = judged.table.assign(kind="not supported", grown=judged.table["k"] == 2)
    gate = replace(judged, kind="not supported", k_without_cap=None, table=table, labels=judged.labels | {2: grown})
    monkeypatch.setattr("helpers.types.division.judged_pool", lambda *_: gate)
    assert divide_customers(customers, None, a_study()).model["kind"] == "tiers"
    found = divided(customers, None, a_study(), None, None, 50, 199, anyway=True)
    assert (found.structure.kind, found.model["ids"]) == ("not supported", ["segment-1", "segment-2"])
    likeliest = found.assignments.set_index("customer_id").loc[people].filter(regex="^p_")
    assert adjusted_rand_score(grown, likeliest.to_numpy().argmax(axis=1)) > 0.8
    assert adjusted_rand_score(grown, divide(matrix, 2, 1, 10).labels_) < 0.3


# --- what each label says


def a_gate(free: int) -> Gate:
    table = pd.DataFrame(
        {"k": range(2, 7), "grown": False, "valley_depth": 0.2, "bootstrap_ari": 0.8, "would_move": 0.08}
    )
    table = table.assign(
        bend=0.0, jaccard_min=0.8, smallest=100, repeated_ari=0.5, placed_alike=0.75, alike_by_chance=0.4
    )
    return Gate("natural", 3, free, 0.005, 0.005, table, {}, {}, np.arange(1000))


def structure_of(kind: Kind, gate: Gate | None, k: int | None, groups: int, allowed: tuple[int, int]) -> Structure:
    """The verdict on 1,000 customers of whom 12 % lie between the groups."""
    pool = Pool("behaviour", pd.DataFrame(), pd.DataFrame(), None, np.arange(1000), ())
    return _structure(kind, gate, k, groups, allowed, pool, 0.12, make_study())


ALIKE = say("personas.alike.orders", share=0.75, chance=0.4)
UNSEEN = say("personas.unseen.some", apart=4.0, n=1000)


@pytest.mark.parametrize("kind", ["natural", "reproducible", "constructive"])
def test_a_division_says_its_kind_what_other_orders_say_and_what_could_not_be_seen(kind):
    found = structure_of(kind, a_gate(3), 3, 3, (2, 4))
    key = "natural_near" if kind == "natural" else kind  # the valley is .2: more than few lie between
    first = say(f"personas.kind.{key}", k=3, moved=0.08, between=0.12)
    assert said(found.statement) == (first, ALIKE, *([] if kind == "natural" else [UNSEEN]))
    assert (found.placed_alike, found.seen_from) == (0.75, None if kind == "natural" else 4.0)
    assert found.supported == (kind != "constructive")
    assert found.would_move == 0.08


def test_only_where_half_is_missing_between_two_groups_do_few_lie_there():
    gate = a_gate(3)
    deep = replace(gate, table=gate.table.assign(valley_depth=0.5))
    first = [said(structure_of("natural", found, 3, 3, (2, 4)).statement)[0].key for found in (gate, deep)]
    assert first == ["personas.kind.natural_near", "personas.kind.natural"]


def test_parted_data_whose_people_could_not_be_seen_twice_say_so():
    gate = a_gate(3)
    once = replace(gate, table=gate.table.assign(placed_alike=np.nan))
    assert said(structure_of("reproducible", once, 3, 3, (2, 4)).statement)[1] == say("personas.unseen.once")


def test_small_groups_that_stand_apart_are_named_and_no_small_cell_is():
    found = structure_of("natural", replace(a_gate(3), apart=(21, 7)), 3, 3, (2, 4))
    told = say("personas.apart.people", n=21, needed=50), say("personas.apart.few", n=10, needed=50)
    assert found.apart == (Apart(21, told[0]), Apart(None, told[1]))
    assert said(found.statement)[-2:] == told


def test_a_reader_is_told_the_kind_in_a_sentence():
    told = Words().tell(structure_of("constructive", a_gate(5), 3, 3, (2, 3)).statement)
    assert told == (
        "The 3 groups are a working division that we chose: their borders are arbitrary, and by our estimate another "
        "sample would place 8 % of the customers elsewhere. Use them to organise work, not as facts about people. "
        "By other orders of the same people 75 % would be placed alike (by chance about 40 %). Whether there are types "
        "that lie nearer to one another we cannot tell: among 1,000 people three groups of 70, 20 and 10 % are seen as "
        "separate from about 4.0 standard deviations between them on. We "
        "keep to 3 groups so that a team can act on them; without that limit the data would carry 5."
    )


def test_tiers_say_why_there_are_no_personas():
    unsupported = structure_of("not supported", a_gate(3), None, 2, (2, 4))
    assert said(unsupported.statement) == (say("personas.kind.not_supported", k=2, moved=0.08, between=0.12), UNSEEN)
    assert (unsupported.supported, unsupported.would_move) == (False, None)
    too_few = structure_of("not supported", None, None, 2, (2, 4))
    assert too_few.statement == say("personas.kind.too_few", k=2)
    assert (too_few.bootstrap_ari, too_few.k_without_cap) == (None, None)


def test_a_cap_and_a_k_that_was_asked_for_are_told_apart():
    assert said(structure_of("natural", a_gate(5), 4, 4, (2, 4)).statement)[2] == say("personas.kind.cap", free=5, k=4)
    for asked, free in ((2, 3), (4, 3)):
        told = structure_of("natural", a_gate(free), asked, asked, (asked, asked)).statement
        assert said(told)[2] == say("personas.kind.asked", free=3, k=asked)
    assert len(said(structure_of("natural", a_gate(3), 3, 3, (3, 3)).statement)) == 2


# --- what the last report said


def test_label_and_number_stay_until_they_are_clearly_refused():
    """The table is natural with 3 groups; its figures are then moved to either side of a threshold."""
    table = a_gate(3).table.assign(kind=["natural", "natural", *["reproducible"] * 3], valley_depth=[0.3, 0.3, 0, 0, 0])
    gate = replace(a_gate(3), table=table)
    assert held(gate, ("natural", 3), (2, 4), (0.3, 0.1)) is gate
    assert held(gate, ("reproducible", 4), (2, 4), (0.3, 0.1)) is gate  # p .005 and a valley of .3: clearly better
    barely = replace(gate, p_valley=0.04)
    kept = held(barely, ("reproducible", 4), (2, 4), (0.3, 0.1))
    assert (kept.kind, kept.k, kept.alone) == ("reproducible", 4, ("natural", 3))
    missed = replace(gate, kind="reproducible", k=4, p_valley=0.08, table=table.assign(kind="reproducible"))
    kept = held(missed, ("natural", 3), (2, 4), (0.3, 0.1))
    assert (kept.kind, kept.k, kept.table["kind"].tolist()[1]) == ("natural", 3, "natural")
    refused = replace(missed, p_valley=0.2)
    assert held(refused, ("natural", 3), (2, 4), (0.3, 0.1)) is refused


def test_what_the_last_report_said_counts_only_for_the_same_columns_and_an_allowed_number(tmp_path):
    prepared = Prepared(pd.DataFrame({"spend": [1.0]}), pd.DataFrame(), pd.DataFrame(), [], None, [], {})
    pool = Pool("behaviour", pd.DataFrame(), pd.DataFrame(), prepared, np.arange(1), ())
    model = {"kind": "mixture", "features": [{"column": "spend"}], "likert": None, "categories": []}
    verdict = {"structure": {"kind": "natural", "k": 3}}
    (tmp_path / "personas.json").write_text(json.dumps(verdict))
    (tmp_path / "model.json").write_text(json.dumps(model))
    previous = Previous(tmp_path)
    assert earlier_verdict(previous, pool, (2, 4)) == ("natural", 3)
    assert earlier_verdict(previous, pool, (2, 2)) is None
    assert earlier_verdict(Previous(None), pool, (2, 4)) is None
    (tmp_path / "model.json").write_text(json.dumps(model | {"features": [{"column": "orders"}]}))
    assert earlier_verdict(previous, pool, (2, 4)) is None


# --- near ties


def test_who_would_be_elsewhere_is_known_by_group_after_matching():
    labels = np.array([0, 0, 0, 1, 1, 1])
    same_otherwise_named, one_moved = np.array([1, 1, 1, 0, 0, 0]), np.array([1, 1, 0, 0, 0, 0])
    assert elsewhere(labels, [same_otherwise_named]).tolist() == labels.tolist()
    assert elsewhere(labels, [same_otherwise_named, one_moved]).tolist() == [0, 0, 1, 1, 1, 1]


def test_near_ties_tell_from_where_to_where_and_no_small_cell():
    labels = np.repeat([0, 1, 2], [100, 60, 40])
    moved = labels.copy()
    moved[:20], moved[20:32], moved[100:115] = 1, 2, 0
    ties = _near_ties(["a", "b", "c"], Fitted(None, labels, moved, described=False), least=10)
    assert ties[["id", "n", "moved"]].values.tolist() == [["a", 100, 32], ["b", 60, 15], ["c", 40, 0]]
    assert ties["to"].fillna("").tolist() == ["b", "a", ""]
    moved[107:115] = 1  # of group b only seven would go, and a total would tell them by what is left
    ties = _near_ties(["a", "b", "c"], Fitted(None, labels, moved, described=False), least=10)
    assert ties["moved"].isna().all()
    assert ties["to"].isna().all()
    assert _near_ties(["tier-1"], None, least=10).empty


def one_mark(survey):
    """Who gave all ratings the same mark but for one by a step, which tells nothing: one honest person in a hundred."""
    ratings = survey.answers[survey.items.loc[survey.items["kind"] == "likert", "item"]]
    away = ratings.sub(ratings.median(axis=1), axis=0).abs()
    return ratings.notna().any(axis=1) & (away.sum(axis=1) <= 1)


def test_planted_types_have_a_row_of_near_ties_each(planted):
    ties = planted.personas.near_ties
    assert ties["id"].tolist() == ["persona-1", "persona-2", "persona-3"]
    told = planted.survey.answers["customer_id"][~one_mark(planted.survey)]
    answered = told.isin(repeat(planted).index).sum()
    assert ties["n"].sum() == answered
    assert (ties["moved"] / ties["n"]).max() < 0.1


# --- other paths


def test_the_same_seed_gives_the_same_personas(simulate, a_study):
    customers, _, _ = simulate(seed=8, n=220)
    first, second = (divide_customers(customers, None, a_study(), bootstrap=2, null_draws=3) for _ in range(2))
    pd.testing.assert_frame_equal(first.assignments, second.assignments)
    assert (first.method, first.structure, first.model) == (second.method, second.structure, second.model)
    assert first.stability == second.stability
    assert said(first.method)[0].values["n"] == 220
    keys = [sentence.key.removeprefix("personas.method.") for sentence in said(first.method)]
    assert (keys[:2], keys[-1]) == (["behaviour", "model"], "as_placed")
    assert not first.assignments["answered"].any()


def test_a_survey_without_sales_makes_personas_of_respondents(simulate, a_study):
    _, survey, truth = simulate(seed=8, n=600, separation=1.6)
    anonymous = replace(survey, answers=survey.answers.assign(customer_id=np.nan))
    found = divide_customers(None, anonymous, a_study(), bootstrap=4, null_draws=39)
    labels = found.assignments.set_index("customer_id")["persona"]
    assert labels.index.tolist() == survey.answers["respondent_id"].tolist()
    types = truth.reindex(survey.answers["customer_id"]).set_axis(survey.answers["respondent_id"])
    sure = labels != UNASSIGNED
    assert found.structure.k == 3
    assert adjusted_rand_score(types[sure], labels[sure]) > 0.7
    assert set(found.defining) == set(survey.items["item"][:9])
    assert said(found.method)[0].key == "personas.method.survey"
    judged = said(found.method)[0].values["respondents"]  # but for who gave nearly one mark all the way down
    assert 0.98 * len(survey.answers) <= judged <= (~one_mark(survey)).sum()
    assert "personas.method.nothing_answered_survey" not in [sentence.key for sentence in said(found.method)]


def test_of_too_many_respondents_some_of_all_ids_are_fitted_and_not_the_first(simulate, a_study, monkeypatch):
    _, survey, _ = simulate(seed=8, n=600)
    anonymous = replace(survey, answers=survey.answers.assign(customer_id=np.nan))
    every = gather(None, anonymous, a_study()).fit
    assert (np.diff(every) > 0).all()
    monkeypatch.setattr("helpers.types.pool.FIT_ROWS", 50)
    fit = gather(None, anonymous, a_study()).fit
    assert (len(fit), len(set(fit) - set(every))) == (50, 0)
    assert np.median(fit) == pytest.approx(np.median(every), rel=0.4)


def test_the_method_names_the_path_and_what_was_not_asked_of_whom(planted, simulate, a_study):
    """Behaviour with the survey, with the survey reserved, and without one."""
    told = planted.survey.answers["customer_id"][~one_mark(planted.survey)]
    answered = told.isin(repeat(planted).index).sum()
    first = say("personas.method.behaviour_and_survey", n=len(repeat(planted)), respondents=answered)
    assert said(planted.personas.method)[0] == first
    customers, survey, _ = simulate(seed=8, n=95)
    reserved = divide_customers(customers, survey, a_study(personas={"survey": "none"}))
    assert said(reserved.method)[0].key == "personas.method.behaviour"
    assert said(reserved.method)[1].key == "personas.method.survey_kept"
    alone = divide_customers(customers, None, a_study())
    assert said(alone.method) == (said(reserved.method)[0], *said(reserved.method)[2:])


def test_the_method_names_what_was_left_out_and_why(planted, simulate, a_study):
    assert [s.key.removeprefix("personas.method.") for s in said(planted.personas.method)][2:] == [
        "careless", "model", "kept", "compared", "corrected",
    ]  # fmt: skip
    customers, _, _ = simulate(seed=8, n=220)
    study = a_study(personas={"reserve": ["coupon_orders"]})
    found = divide_customers(customers, None, study, bootstrap=2, null_draws=3)
    reason = say("personas.dropped.column", column=in_words("coupon_share"), reason=say("personas.dropped.reserved"))
    assert said(found.method)[-1] == say("personas.method.left_out", columns=[reason])


def test_respondents_who_left_everything_blank_are_counted_and_not_fitted(simulate, a_study):
    customers, survey, _ = simulate(seed=8, n=400, respondents=0.6)
    items = list(survey.items["item"][:9])
    answers = survey.answers.copy()
    answers.loc[:11, items] = np.nan
    pool = gather(customers, replace(survey, answers=answers), a_study())
    same = one_mark(replace(survey, answers=answers)).sum()
    assert same < 10
    assert len(pool.fit) == len(answers) - 12 - same
    careless = say("personas.method.careless", n=say("format.fewer_than", least=10))
    assert pool.notes == (careless, say("personas.method.nothing_answered_behaviour", n=12))
    alone = replace(survey, answers=answers.assign(customer_id=np.nan))
    found = divide_customers(None, alone, a_study(), bootstrap=2, null_draws=3)
    assert say("personas.method.nothing_answered_survey", n=12) in said(found.method)
    blank = found.assignments["customer_id"].isin(answers["respondent_id"][:12])
    assert (found.assignments.loc[blank, "persona"] == UNASSIGNED).all()


def test_customers_of_whom_nothing_is_known_are_counted_and_not_fitted(simulate, a_study):
    customers, _, _ = simulate(seed=8, n=400, separation=1.6)
    used = ["coupon_share", "average_order_value", "monday_share"]
    features = customers.features.copy()
    features.loc[:14, used] = np.nan
    study = a_study(personas={"features": used})
    found = divide_customers(replace(customers, features=features), None, study, bootstrap=2, null_draws=3)
    assert found.structure.kind != "not supported"
    assert say("personas.method.nothing_known", n=15) in said(found.method)
    assert found.near_ties["n"].sum() == 385
    unknown = found.assignments["customer_id"].isin(features["customer_id"][:15])
    assert (found.assignments.loc[unknown, "persona"] == UNASSIGNED).all()


def test_a_survey_that_nobody_filled_in_leaves_behaviour_alone(simulate, a_study):
    customers, survey, _ = simulate(seed=4, n=300)
    blank = replace(survey, answers=survey.answers.assign(**dict.fromkeys(ITEMS, np.nan)))
    pool = gather(customers, blank, a_study())
    assert (pool.path, pool.prepared.likert.shape[1]) == ("behaviour", 0)


def test_few_respondents_describe_and_do_not_define(simulate, a_study):
    customers, survey, _ = simulate(seed=8, n=260, respondents=0.2)
    found = divide_customers(customers, survey, a_study(), bootstrap=2, null_draws=3)
    assert not set(found.defining) & set(survey.items["item"])
    assert say("personas.method.few_respondents", n=len(survey.answers)) in said(found.method)


def test_too_few_to_cluster_become_value_tiers(simulate, a_study):
    customers, _, _ = simulate(seed=8, n=95)
    found = divide_customers(customers, None, a_study())
    spend = customers.features.set_index("customer_id")["spend"]
    by_tier = spend.groupby(found.assignments.set_index("customer_id")["persona"])
    assert (found.structure.kind, found.structure.p_valley, found.structure.k) == ("not supported", None, 3)
    assert by_tier.min()["tier-1"] > by_tier.max()["tier-2"] > by_tier.max()["tier-3"]
    assert found.defining == ("spend",)
    assert found.stability == {}


def test_structureless_customers_are_never_natural_and_still_get_groups(simulate, a_study):
    for seed in (1, 2):
        customers, survey, _ = simulate(seed=seed, n=300, types=1)
        found = divide_customers(customers, survey, a_study(), bootstrap=4, null_draws=39)
        assert found.structure.kind != "natural"
        assert found.choice["chosen"].sum() == (found.structure.kind != "not supported")
        assert 2 <= len(found.model["ids"]) <= 4


def test_known_customers_without_an_order_stand_apart(simulate, a_study):
    customers, _, _ = simulate(seed=8, n=95)
    waiting = tuple(f"w{i:02d}" for i in range(12))
    found = divide_customers(replace(customers, no_order=waiting), None, a_study())
    labels = found.assignments.set_index("customer_id")["persona"]
    assert set(labels[list(waiting)]) == {"no-order"}
    few = divide_customers(replace(customers, no_order=waiting[:9]), None, a_study())
    assert set(few.assignments.set_index("customer_id")["persona"][list(waiting[:9])]) == {UNASSIGNED}


def test_a_shop_of_one_time_buyers_is_not_split_away(simulate, a_study):
    customers, _, _ = simulate(seed=8, n=120, once=0.85)
    found = divide_customers(customers, None, a_study(), bootstrap=2, null_draws=3)
    n = int((customers.features["orders"] > 1).sum())
    assert n < MIN_CUSTOMERS
    assert say("personas.method.few_repeat", n=n) in said(found.method)
    assert found.model["structural"] == []


def test_too_little_to_slice_is_an_error_that_says_how_many_are_needed(simulate, a_study):
    customers, survey, _ = simulate(seed=8, n=29, respondents=1)
    with pytest.raises(DataError, match=f"29 customers.*need at least {MIN_CUSTOMERS}"):
        divide_customers(customers, survey, a_study())
    with pytest.raises(DataError, match=f"respondents and no sales; need at least {MIN_CUSTOMERS}"):
        divide_customers(None, survey, a_study())


def test_people_who_are_all_alike_are_left_undivided(simulate, a_study):
    flat, _, _ = simulate(seed=8, n=40)
    same = flat.features.assign(spend=10.0, orders=2, recency_days=5.0)
    found = divide_customers(replace(flat, features=same), None, a_study())
    assert (found.structure.kind, found.structure.k, found.model["ids"]) == ("not asked", 0, [])
    assert set(found.assignments["persona"]) == {"unassigned"}
    assert say("personas.not_asked.orders") in said(found.structure.statement)


def test_three_kinds_of_rows_are_tiers_and_no_four_types():
    with pytest.raises(DataError, match="need more than 6 different ones"):
        judge(np.repeat([[0.0, 1], [1, 0], [2, 2]], 100, axis=0), seed=1)


def test_a_reserved_name_that_nothing_knows_is_refused_without_sales_too(simulate, a_study):
    _, survey, _ = simulate(seed=8, n=60, respondents=1)
    with pytest.raises(StudyError, match=r"personas\.reserve: there is no column 'prise'.*price"):
        divide_customers(None, survey, a_study(personas={"reserve": ["prise"]}))


def test_who_is_elsewhere_is_where_the_first_of_the_other_solutions_moves_him():
    judged = np.array([0, 0, 1, 1, 2, 2])
    first, second = np.array([1, 0, 1, 1, 2, 2]), np.array([2, 0, 1, 1, 2, 1])
    renamed = np.array([2, 0, 1])  # the same groups by other numbers
    assert elsewhere(judged, [renamed[first], second]).tolist() == [1, 0, 1, 1, 2, 1]
