"""Personas rehearsed: made-up customers of a shape go through the pipeline, and what is said of it."""

import numpy as np
import pytest

from helpers.beliefs.rehearsal import Shape, Tried, advice, how_many, made_up, rehearse, told, variants
from helpers.contracts import StudyError
from helpers.words import ENGLISH

SURVEY = Shape(300, orders=0, questions=15, apart=6.0)


def test_clear_types_are_found_and_none_where_there_are_none():
    assert ("natural", 3) in [rehearse(SURVEY, True, seed) for seed in (1, 2)]
    assert "natural" not in [rehearse(SURVEY, False, seed)[0] for seed in (1, 2)]


def test_every_customer_has_two_orders_before_the_part_that_is_held_out():
    study, tables = made_up(Shape(120, orders=2), True, 1)
    sales = tables.frames["sales"]
    before = sales[sales["ordered_at"] < np.datetime64(study.window.holdout_from)]
    assert (before.groupby("customer_id")["order_id"].nunique().reindex(sales["customer_id"].unique()) >= 2).all()
    assert before["customer_id"].nunique() == 120
    assert len(before) < len(sales)


def test_without_types_people_differ_as_much():
    spreads = [
        made_up(SURVEY, types, 3)[1].frames["survey"].filter(like="q").astype(float).var().sum()
        for types in (True, False)
    ]
    assert spreads[0] == pytest.approx(spreads[1], rel=0.15)


def test_more_customers_are_tried_up_to_those_whom_the_gate_looks_at():
    def sizes(n):
        return {name: shape.customers for name, shape, _ in variants(Shape(n)) if name.startswith("customers")}

    assert sizes(400) == {"customers_2": 800, "customers_4": 1600}
    assert sizes(1500) == {"customers_2": 2000}
    assert sizes(2000) == {}


def test_a_type_under_the_floor_of_a_card_is_not_asked_for():
    assert Shape(500, shares=(0.7, 0.27, 0.03)).cards == 2
    assert Shape(500, shares=(0.7, 0.2, 0.1)).cards == 3


def tried(name, right, sets=8):
    return Tried(name, Shape(400), sets, right, right, right)


@pytest.mark.parametrize(
    ("counts", "key"),
    [
        ({"now": 7}, "enough"),
        ({"now": 2, "customers_4": 5, "orders": 8}, "customers_help"),
        ({"now": 2, "customers_4": 3, "orders": 8}, "only"),
        ({"now": 2, "customers_4": 3, "apart": 3}, "nothing"),
    ],
)
def test_the_advice_follows_from_the_counts(counts, key):
    found = [tried(name, right) for name, right in counts.items()]
    assert [said.key for said in advice(found, 400)] == [f"rehearsal.{key}"]
    assert next(said.key for said in advice(found, 5000)) == "rehearsal.most"


def test_each_line_is_said_with_its_own_figures():
    shape = Shape(400, orders=3, apart=5)
    lines = [ENGLISH.tell(told(Tried(name, shape, 8, 5, 6, 2))) for name in ("now", "customers_2", "orders", "apart")]
    assert all("3 types" in line and "5 of 8 sets" in line and "in 6." in line for line in lines)
    assert "400 customers" in lines[1]
    assert "3 orders" in lines[2]
    assert "5 standard deviations" in lines[3]
    assert "in 2 of 8 sets" in ENGLISH.tell(told(Tried("none", shape, 8, 0, 0, 2)))


def test_the_smallest_rehearsal_tells_as_it_goes():
    heard = []
    found = how_many(Shape(120, orders=0, questions=6, shares=(0.5, 0.5), apart=8), 1, heard.append)
    assert found == heard
    assert [tried.name for tried in found] == ["now", "customers_2", "customers_4", "apart", "none"]
    assert [tried.shape.customers for tried in found] == [120, 240, 480, 120, 120]
    assert all(0 <= tried.right <= tried.repeats <= 1 for tried in found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"customers": 99},
        {"customers": 200, "orders": 0},
        {"customers": 200, "shares": (0.5, 0.6)},
        {"customers": 200, "response": 0.0},
        {"customers": 200, "questions": 2},
        {"customers": 200, "apart": 0.0},
    ],
)
def test_a_shape_that_cannot_be_is_refused(wrong):
    with pytest.raises(StudyError):
        Shape(**wrong)
