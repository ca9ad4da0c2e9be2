"""Figures of the survey: their questions, what they show and what they leave out."""

import inspect

import numpy as np
import pandas as pd
import pytest

from helpers.report import survey_figures
from helpers.report.style import as_png

GAPS = pd.DataFrame(
    {
        "id": ["all", "all", "p1", "p1", "p2", "p2"],
        "handle": ["everybody who answered"] * 2 + ["Coupon users"] * 2 + ["ოფისი"] * 2,
        "attribute": ["quality", "price"] * 3,
        "importance": [4.0, 2.0, 4.1, 2.2, np.nan, np.nan],
        "performance": [2.0, 4.0, 2.0, 4.0, np.nan, np.nan],
        "gap": [2.0, -2.0, 2.1, -1.8, np.nan, np.nan],
        "ci_low": [1.8, -2.2, 1.6, -2.3, np.nan, np.nan],
        "ci_high": [2.2, -1.8, 2.6, -1.3, np.nan, np.nan],
        "settled": [True, False, None, None, None, None],
    }
)
FRAMES = {
    "plot_survey_items": pd.DataFrame({"item": ["q1", "اهمیت"], "missing": [0.1, 0.4], "mean": [3.2, np.nan]}),
    "plot_importance": GAPS[GAPS["id"] == "all"],
    "plot_gaps": GAPS,
    "plot_wishes": pd.DataFrame({"field": ["prices.price", "survey.own"], "helps": [2.0, 0.5]}),
}
TITLES = {
    "plot_survey_items": "Which questions were left unanswered?",
    "plot_importance": "Where do we fall short of what matters?",
    "plot_gaps": "What falls short, and for whom?",
    "plot_wishes": "Which missing field would help most?",
}


def drawn(name):
    return getattr(survey_figures, name)(FRAMES[name])


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def test_every_figure_is_tested():
    made = [name for name, _ in inspect.getmembers(survey_figures, inspect.isfunction) if name.startswith("plot_")]
    assert set(TITLES) == set(made)


@pytest.mark.parametrize("name", TITLES)
def test_title_is_the_question_and_the_axis_says_its_unit(name):
    ax = drawn(name)
    assert ax.get_title(loc="left") == TITLES[name]
    assert ax.get_xlabel()
    assert as_png(ax)


def test_quadrants_are_named_and_what_is_not_settled_is_hollow():
    ax = drawn("plot_importance")
    texts = [text.get_text() for text in ax.texts]
    assert texts == [
        "quality", "price", "concentrate here", "keep it up", "low priority", "possibly too much effort",
    ]  # fmt: skip
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [(float(dot.get_xdata()[0]), float(dot.get_ydata()[0])) for dot in dots] == [(2.0, 4.0), (4.0, 2.0)]
    assert [dot.get_markerfacecolor() for dot in dots] == [survey_figures.BLUE, "white"]
    lines = [line for line in ax.lines if line.get_marker() != "o"]
    assert (lines[0].get_xdata()[0], lines[1].get_ydata()[0]) == (3.0, 3.0)  # the means
    assert "means over all attributes" in ax.get_xlabel()


def test_gaps_stand_largest_on_top_by_group_and_small_groups_are_left_out():
    ax = drawn("plot_gaps")
    assert labels(ax) == ["price", "quality"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["everybody who answered", "Coupon users"]
    everybody, coupons = ax.collections[1::2]  # the dots; before each their intervals
    assert everybody.get_offsets()[:, 0].tolist() == [2.0, -2.0]
    assert [line[:, 0].tolist() for line in ax.collections[0].get_segments()] == [[1.8, 2.2], [-2.2, -1.8]]
    assert everybody.get_paths()[0].vertices.shape != coupons.get_paths()[0].vertices.shape  # circle and square
    assert (everybody.get_offsets()[:, 1] > coupons.get_offsets()[:, 1]).all()
    assert (everybody.get_offsets()[:, 1] + coupons.get_offsets()[:, 1]).tolist() == [2, 0]  # about the rows 1 and 0


def test_wishes_are_ordered():
    ax = drawn("plot_wishes")
    assert labels(ax) == ["survey.own", "prices.price"]
    assert [bar.get_width() for bar in ax.patches] == [0.5, 2.0]
