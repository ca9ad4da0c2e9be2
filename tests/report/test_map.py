"""The map: what it shows, what it says, and that nobody can be found on it."""

import numpy as np
import pytest

from helpers.report.map import _areas, _Axes, _cells, map_customers, plot_map
from helpers.report.style import as_png
from helpers.words import ENGLISH


@pytest.fixture(scope="module")
def drawn(planted, a_study):
    return map_customers(planted.customers, planted.survey, planted.personas, a_study())


def test_nothing_is_drawn_of_fewer_people_than_a_cell_may_hold(drawn, a_study):
    cells = drawn.parts[drawn.parts["what"] == "cell"]
    assert (cells["n"] >= a_study().privacy.min_cell).all()
    assert set(drawn.parts["what"]) >= {"area", "group", "axis"}
    assert "customer_id" not in drawn.parts


def test_far_away_people_make_no_island_of_their_own():
    rng = np.random.default_rng(1)
    crowd, few = rng.standard_normal((300, 2)), 30 + 0.01 * rng.standard_normal((4, 2))
    alone, enough = (_areas(np.vstack([crowd, far]), 0, 10) for far in (few, np.tile(few, (30, 1))))
    assert alone["x"].max() < 10
    assert enough["x"].max() > 20


def test_cells_hold_enough_people_and_others_are_left_out():
    heap, lonely = np.zeros((12, 2)), np.array([[50.0, 50.0]])
    found = _cells(np.vstack([heap, lonely]), np.vstack([heap, lonely]), 10)
    assert found["n"].tolist() == [12]
    assert _cells(heap[:9], heap, 10).empty


def test_the_axes_part_what_was_divided_and_say_how_much_they_hold():
    rng = np.random.default_rng(2)
    labels = np.repeat(np.arange(4), 100)
    flat, solid = np.zeros((4, 6)), np.zeros((4, 6))
    flat[:, :2] = [[0, 0], [9, 0], [0, 9], [9, 9]]
    solid[:, :3] = [[0, 0, 0], [9, 0, 0], [0, 9, 0], [0, 0, 9]]
    noise = rng.standard_normal((400, 6))
    assert _Axes(flat[labels] + noise, labels).shown > 0.98
    # the variances of the four centres along their axes are 81/4, 81/4 and 81/16
    assert _Axes(solid[labels] + noise, labels).shown == pytest.approx(8 / 9, abs=0.02)
    two = labels[:200]
    scores = _Axes(flat[two] + noise[:200], two).of(flat[two] + noise[:200])
    assert abs(scores[two == 0, 0].mean() - scores[two == 1, 0].mean()) > 6
    assert abs(scores[two == 0, 1].mean() - scores[two == 1, 1].mean()) < 0.5


def test_what_it_says_is_what_was_found(drawn, planted):
    ids = [group.id for group in planted.personas.groups if not group.structural]
    placed = planted.personas.assignments
    known = placed[placed[f"p_{ids[0]}"].notna()]
    assert drawn.people == len(known)
    assert drawn.between == (known["persona"] == "unassigned").sum()
    assert drawn.shown == pytest.approx(1)  # three groups have two axes
    assert drawn.right > 0.85
    told = ENGLISH.tell(drawn.told)
    assert f"{drawn.people} people" in told
    assert "Nearest to one another" in told


def test_groups_lie_where_their_people_do(drawn):
    centres = drawn.parts[drawn.parts["what"] == "group"].set_index("group")
    areas = drawn.parts[(drawn.parts["what"] == "area") & (drawn.parts["held"] == 0.5)]
    for group, outline in areas.groupby("group"):
        assert outline["x"].min() < centres["x"][group] < outline["x"].max()
        assert outline["y"].min() < centres["y"][group] < outline["y"].max()


def test_the_figure_names_every_group_and_comes_out_the_same_twice(drawn, planted):
    ax = plot_map(drawn.parts)
    legend = " ".join(" ".join(text.get_text().split()) for text in ax.get_legend().get_texts())
    for group in planted.personas.groups:
        assert group.structural or ENGLISH.tell(group.handle)[:20] in legend
    assert as_png(ax) == as_png(plot_map(drawn.parts))


def test_no_model_no_map(planted, a_study, by_label):
    tiers = by_label(["a", "b"])
    tiers.model["kind"] = "tiers"
    assert map_customers(planted.customers, planted.survey, tiers, a_study()) is None
