"""Figures of offers: titles, axes, and what is drawn where."""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.offers import figures as framing_figures

FRAMES = {
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
    "plot_without_coupons": "What share of revenue would be at risk\nwithout coupons?",
}


@pytest.mark.parametrize("name", TITLES)
def test_title_is_the_question_and_the_axis_says_its_unit(name):
    ax = Figure().add_subplot()
    assert getattr(framing_figures, name)(FRAMES[name], ax=ax) is ax
    assert ax.get_title(loc="left") == TITLES[name]
    assert ax.get_xlabel()


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
