"""Figures of gains, losses and coupons: titles, axes, and what is drawn where."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.offers import figures as framing_figures

FRAMES = {
    "plot_value": pd.DataFrame(
        {
            "parameter": ["alpha", "lambda", "gamma"],
            "estimate": [1.0, 2.0, 0.7],
            "ci_low": [0.9, 1.5, 0.6],
            "ci_high": [1.1, 2.5, 0.8],
            "published": [0.88, 2.25, 0.61],
        }
    ),
    "plot_loss_weights": pd.DataFrame(
        {
            "label": ["gambles", "published"],
            "estimate": [1.6, 1.955],
            "ci_low": [1.5, 1.82],
            "ci_high": [1.7, 2.102],
            "ours": [True, False],
        }
    ),
    "plot_without_coupons": pd.DataFrame(
        {
            "group": ["all customers", "all customers", "A", "A"],
            "assumption": ["drop", "leave"] * 2,
            "share": [0.1, 0.2, 0.5, 0.7],
            "ci_low": [0.05, 0.15, 0.4, 0.6],
            "ci_high": [0.15, 0.25, 0.6, 0.8],
        }
    ),
}
TITLES = {
    "plot_value": "How does a loss feel beside a gain?",
    "plot_loss_weights": "How much more does a loss weigh than a gain?",
    "plot_without_coupons": "What share of revenue would be at risk\nwithout coupons?",
}


@pytest.mark.parametrize("name", TITLES)
def test_title_is_the_question_and_the_axis_says_its_unit(name):
    ax = Figure().add_subplot()
    assert getattr(framing_figures, name)(FRAMES[name], ax=ax) is ax
    assert ax.get_title(loc="left") == TITLES[name]
    assert ax.get_xlabel()


def test_value_is_steeper_below_nothing_and_the_published_curve_is_dashed():
    ax = framing_figures.plot_value(FRAMES["plot_value"])
    ours, published = (line for line in ax.lines if line.get_label()[0] != "_")
    assert (ours.get_linestyle(), published.get_linestyle()) == ("-", "--")
    assert np.interp([-1, -0.5, 0.5, 1], *ours.get_data()) == pytest.approx([-2, -1, 0.5, 1])
    assert np.interp([-1, 1], *published.get_data()) == pytest.approx([-2.25, 1])
    band = ax.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == pytest.approx((-2.5, 1.0))


def test_published_weights_are_hollow_and_no_difference_is_marked():
    ax = framing_figures.plot_loss_weights(FRAMES["plot_loss_weights"])
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [(dot.get_xdata()[0], dot.get_markerfacecolor() == "white") for dot in dots] == [(1.955, True), (1.6, False)]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["published", "gambles"]
    assert 1.0 in [line.get_xdata()[0] for line in ax.lines]


def test_each_group_shows_both_assumptions_in_words():
    ax = framing_figures.plot_without_coupons(FRAMES["plot_without_coupons"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["A", "all customers"]
    points = [
        collection.get_offsets()[:, 0].tolist() for collection in ax.collections if len(collection.get_offsets()) == 2
    ]
    assert [sorted(each) for each in points] == [[0.1, 0.5], [0.2, 0.7]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "they drop only orders with a\ncoupon", "they stay away altogether",
    ]  # fmt: skip
