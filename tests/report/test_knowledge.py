"""What is held of each kind and block, counted by hand, and which missing field would help most."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.cards.personas import Personas
from helpers.contracts import UNASSIGNED
from helpers.customers.customers import Customers, Period
from helpers.read.load import LoadedTables
from helpers.report.knowledge import Knowledge, fields_held, most_helpful, waiting_on_fields, what_is_held
from helpers.survey.survey import Survey
from helpers.words import Words, say

WORDS = Words()
LABELS = ["a"] * 12 + ["b"] * 4 + [UNASSIGNED] * 4


def customers(**profile: object) -> Customers:
    day = pd.Timestamp("2025-01-01").date()
    ids = [f"c{n}" for n in range(20)]
    frame = pd.DataFrame({"customer_id": ids} | profile)
    return Customers(Period(day, day, day), pd.DataFrame({"customer_id": ids}), pd.DataFrame(), frame, ())


def survey() -> Survey:
    """The first ten customers answered; every second of them left the diet out, and only the first wrote."""
    ids = [f"c{n}" for n in range(10)]
    answers = pd.DataFrame({"respondent_id": [f"r{n}" for n in range(10)], "weight": 1.0, "nps": 9.0})
    answers = answers.assign(
        customer_id=pd.Series(ids, dtype="str"),
        diet=["vegan", None] * 5,
        taste=1.0,
        **{"why: price": 1.0, "why: x": 0.0},
    )
    kinds = {
        "diet": "categorical",
        "taste": "likert",
        "why: price": "tick",
        "why: x": "tick",
        "nps": "nps",
        "own": "open",
    }
    items = pd.DataFrame({"item": list(kinds), "kind": list(kinds.values()), "question": [f"{k}?" for k in kinds]})
    opened = pd.DataFrame({"respondent_id": ["r0"], "question": ["own"], "about": "drivers", "text": "dear"})
    return Survey(answers, items, opened, pd.DataFrame(), 10, 0)


TABLES = LoadedTables(
    {
        "sales": pd.DataFrame({"customer_id": [f"c{n}" for n in range(20)]}),
        "service": pd.DataFrame({"customer_id": ["c0"]}),
        "sessions": pd.DataFrame({"customer_id": [f"c{n}" for n in range(5)]}),
    },
    (),
)


def held_by(asked, known, tables: LoadedTables, personas: Personas, waiting: dict | None = None) -> Knowledge:
    held = fields_held(asked, known, tables, pd.Index(personas.assignments["customer_id"]))
    return what_is_held(held, personas, waiting or {}, 10)


@pytest.fixture(scope="session")
def held(by_label):
    def hold(waiting: dict | None = None, asked: Survey | None = None, tables: LoadedTables = TABLES) -> Knowledge:
        known = customers(language=["en", None] * 10, contact_hours=["9-12"] * 5 + [None] * 15)
        return held_by(asked, known, tables, by_label(LABELS), waiting)

    return hold


def test_shares_are_counted_by_hand(held):
    share = held(asked=survey()).shares.set_index(["id", "name"])["share"]
    assert share["all", "semantic"] == pytest.approx((0.5 + 0.25) / 9)  # language and hours, of nine columns
    assert share["all", "episodic"] == pytest.approx((1 + 1 + 0.25) / 5)  # orders, service, a quarter's visits
    assert share["all", "hypothetical"] == pytest.approx((0.25 + 0.5 + 0.5) / 3)  # diet, ticks as one, mark
    assert share["all", "value"] == pytest.approx((0.5 + 0.05) / 2)  # taste, and one who wrote
    assert share["all", "background"] == pytest.approx((0.5 + 0.25 + 0.5 + 0.5 + 0.05) / 10)
    assert share["all", "interaction"] == pytest.approx((0.25 + 0.25) / 6)  # hours, visits
    assert share["all", "relationship"] == pytest.approx((1 + 1 + 0.5) / 3)  # orders, service, mark


def test_groups_have_their_own_shares_and_small_ones_none(held):
    share = held(asked=survey()).shares.set_index(["id", "name"])["share"]
    assert share["a", "hypothetical"] == pytest.approx((5 + 10 + 10) / 12 / 3)
    assert share["b"].isna().all()


def test_who_is_not_among_the_complaints_is_known_not_to_have_complained(held):
    without = LoadedTables({name: TABLES.frames[name] for name in ("sales", "sessions")}, ())
    share = [
        held(tables=tables).shares.set_index(["id", "name"])["share"]["all", "episodic"] for tables in (TABLES, without)
    ]
    assert share[0] - share[1] == pytest.approx(1 / 5)


def test_a_study_without_a_survey_holds_nothing_of_what_is_asked(held):
    found = held()
    shares = found.shares.set_index(["id", "name"])
    assert shares.loc[("all", "value"), ["share", "fields"]].tolist() == [0, 0]
    assert WORDS.tell(found.told[0]) == (
        "Of what there is to know of people, we hold, by kind: who they are 8 %, what happened between us 45 %, what "
        "they report 0 % and what they hold dear 0 %."
    )
    assert found.told[1].key == "knowledge.held_by_block"
    shares = found.shares.set_index(["id", "name"])["share"]["all"]
    parts = {part.values["what"].key: part.values["share"] for part in found.told[1].values["parts"]}
    assert parts == {f"knowledge.{name}": shares[name] for name in ("background", "interaction", "relationship")}


def test_the_most_helpful_field_by_hand():
    waiting = {"belief": ["x.a", "x.b"], "card": ["x.b"], "tool": ["x.c"], "fine": ["x.d"]}
    found = most_helpful(waiting, {"x.a": 1.0, "x.b": 0.4, "x.c": 0.8, "x.d": 0.0}).set_index("field")
    assert found["helps"].to_dict() == pytest.approx({"x.c": 0.8, "x.b": 0.4 * 1.5, "x.a": 0.5})
    assert found.index.tolist() == ["x.c", "x.b", "x.a"]
    assert found.loc["x.b", "waiting"] == 2
    assert found.loc["x.b", "what"] == say("knowledge.things", things=["belief", "card"])


def test_what_is_held_takes_no_share_of_what_waits():
    found = most_helpful({"belief": ["x.a", "x.held"]}, {"x.held": 0.0})
    assert found[["field", "missing", "helps"]].to_numpy().tolist() == [["x.a", 1.0, 1.0]]


def test_nothing_waits_on_nothing(held):
    assert most_helpful({}, {}).empty
    assert len(held().told) == 2


def test_the_field_that_would_help_most_is_said(held):
    found = held({"a letter": ["customers.language"], "a belief": ["prices.price", "prices.at"]})
    assert WORDS.tell(found.told[-1]) == (
        "What would help most is “language” in the table customers: we lack it for 50 % of them. On it waits: a letter."
    )
    assert held({"a belief": ["prices.price"]}).told[-1].key == "knowledge.most_new"


def test_a_handful_who_hold_a_field_or_lack_it_are_not_told(by_label):
    few = customers(language=["en"] * 3 + [None] * 17, country=["GE"] * 17 + [None] * 3)
    waiting = {"x": ["customers.language"], "y": ["customers.country"]}
    found = held_by(None, few, TABLES, by_label(LABELS), waiting).missing
    assert found[["field", "missing"]].to_numpy().tolist() == [["customers.language", 1.0]]


def test_what_cards_and_newcomers_wait_on():
    waiting = waiting_on_fields(survey(), TABLES, ["why: price?", "taste?"], ["sex", "age", "language"])
    assert {said.key.removeprefix("knowledge.waits."): fields for said, fields in waiting.items()} == {
        "who": ["customers.country", "customers.location", "customers.job_role"],
        "reach": ["customers.preferred_channel", "customers.contact_hours"],
        "origin": ["customers.acquisition_channel"],
        "mind": ["survey.own"],
        "worth": ["sales.unit_cost"],
        "place": ["survey.taste", "survey.why"],
    }
    nothing = waiting_on_fields(None, LoadedTables({"sales": pd.DataFrame({"unit_cost": [1.0]})}, ()), [], [])
    assert nothing[say("knowledge.waits.mind")] == ["survey.open_ended"]
    assert say("knowledge.waits.worth") not in nothing


def test_a_survey_of_strangers_is_known_by_respondent(by_label):
    answers = survey().answers.assign(customer_id=pd.Series(np.nan, index=range(10), dtype="str"))
    alone = Survey(answers, survey().items, survey().open_answers, pd.DataFrame(), 0, 10)
    found = by_label(["a"] * 10)
    found.assignments["customer_id"] = [f"r{n}" for n in range(10)]
    shares = held_by(alone, None, LoadedTables({}, ()), found).shares.set_index(["id", "name"])
    assert shares.loc[("a", "value"), "share"] == pytest.approx((1 + 0.1) / 2)
    assert shares.loc[("a", "semantic"), "share"] == 0
