"""Figures of losses and of known experiments: titles, axes, and what is drawn where."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.prospect import figures

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
    "plot_loss_by_persona": pd.DataFrame(
        {
            "handle": ["A", "B"],
            "estimate": [2.0, 1.2],
            "ci_low": [1.7, 1.0],
            "ci_high": [2.4, 1.5],
            "drawn": [1.8, 1.3],
        }
    ),
    "plot_beside": pd.DataFrame(
        {
            "experiment": ["saving", "stock"],
            "here": [0.5, 0.1],
            "ci_low": [0.3, -0.1],
            "ci_high": [0.7, 0.3],
            "usual": [0.4, np.nan],
            "usual_low": [0.35, np.nan],
            "usual_high": [0.45, np.nan],
        }
    ),
}
TITLES = {
    "plot_value": "How does a loss feel beside a gain?",
    "plot_loss_weights": "How much more does a loss weigh than a gain?",
    "plot_loss_by_persona": "For whom does a loss weigh more?",
    "plot_beside": "How large are known effects here?",
}


@pytest.mark.parametrize("name", TITLES)
def test_title_is_the_question_and_the_axis_says_its_unit(name):
    ax = Figure().add_subplot()
    assert getattr(figures, name)(FRAMES[name], ax=ax) is ax
    assert ax.get_title(loc="left") == TITLES[name]
    assert ax.get_xlabel()


def test_usual_effects_are_hollow_beside_ours_and_missing_where_none_is_sure():
    ax = figures.plot_beside(FRAMES["plot_beside"])
    usual = ax.collections[-1].get_offsets()
    assert np.ma.filled(usual[:, 0], np.nan).tolist()[-1] == 0.4
    assert np.isnan(np.ma.filled(usual[:, 0], np.nan)[0])
    assert [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"] == [0.1, 0.5]


def test_value_is_drawn_where_its_bend_is_not_told():
    ax = figures.plot_value(FRAMES["plot_value"][1:])
    ours, _ = (line for line in ax.lines if line.get_label()[0] != "_")
    assert np.interp([-1, -0.5, 0.5], *ours.get_data()) == pytest.approx([-2, -1, 0.5])


def test_value_is_steeper_below_nothing_and_the_published_curve_is_dashed():
    ax = figures.plot_value(FRAMES["plot_value"])
    ours, published = (line for line in ax.lines if line.get_label()[0] != "_")
    assert (ours.get_linestyle(), published.get_linestyle()) == ("-", "--")
    assert np.interp([-1, -0.5, 0.5, 1], *ours.get_data()) == pytest.approx([-2, -1, 0.5, 1])
    assert np.interp([-1, 1], *published.get_data()) == pytest.approx([-2.25, 1])
    band = ax.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == pytest.approx((-2.5, 1.0))


def test_published_weights_are_hollow_and_no_difference_is_marked():
    ax = figures.plot_loss_weights(FRAMES["plot_loss_weights"])
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [(dot.get_xdata()[0], dot.get_markerfacecolor() == "white") for dot in dots] == [(1.955, True), (1.6, False)]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["published", "gambles"]
    assert 1.0 in [line.get_xdata()[0] for line in ax.lines]
