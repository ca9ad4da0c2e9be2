"""Figures of notebook 08: what they are called and what they show."""

import inspect

import pandas as pd
import pytest

from helpers.channels import figures as channel_figures
from helpers.report.style import as_png

INTERVAL = {"ci_low": [0.1, 0.2], "ci_high": [0.3, 0.5]}
FRAMES = {
    "plot_mix": pd.DataFrame(
        {
            "group": ["social", "قم"],
            "reference": ["search"] * 2,
            "raw_points": [2.0, 3.0],
            "points": [-1.0, 3.1],
            "points_low": [-2.0, 1.0],
            "points_high": [-0.5, 5.0],
            "shift": [-3.0, 0.1],
            "turned": [True, False],
        }
    ),
    "plot_intent": pd.DataFrame({"place": ["a", "b"], "raw_share": [0.1, 0.4], "share": [0.2, 0.3], **INTERVAL}),
    "plot_week": pd.DataFrame(
        {"persona": "Mondays", "weekday": ["monday", "monday"], "hour": [0, 3], "share": [0.4, float("nan")]}
    ),
    "plot_steps": pd.DataFrame({"step": ["basket", "pay"], "reached": [100, 80], "share": [0.2, 0.3], **INTERVAL}),
}


def test_every_figure_is_tried() -> None:
    plots = {name for name, _ in inspect.getmembers(channel_figures, inspect.isfunction) if name.startswith("plot_")}
    assert plots == set(FRAMES)


@pytest.mark.parametrize("name", FRAMES)
def test_asks_a_question_and_comes_out_the_same_twice(name: str) -> None:
    drawn = [getattr(channel_figures, name)(FRAMES[name]) for _ in range(2)]
    assert drawn[0].get_title(loc="left").endswith("?")
    assert drawn[0].get_xlabel()
    assert as_png(drawn[0]) == as_png(drawn[1])


def test_a_turned_sign_is_marked_and_rows_read_from_the_top() -> None:
    ax = channel_figures.plot_mix(FRAMES["plot_mix"])
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "\u2068قم\u2069 against search",
        "social against search",
    ]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == [3.1, -1.0]
    assert dots[1].get_color() != dots[0].get_color()


def test_withheld_cells_stay_empty() -> None:
    mesh = channel_figures.plot_week(FRAMES["plot_week"]).collections[0]
    assert mesh.get_array().mask.ravel().tolist() == [False, True]
