"""Figures of what follows a bad experience or a message."""

import inspect

import pandas as pd
import pytest

from helpers.after import figures
from helpers.report.style import as_png

INTERVAL = {"ci_low": [0.1, 0.2], "ci_high": [0.3, 0.5]}
FRAMES = {
    "plot_leaving": pd.DataFrame(
        {"after": ["a complaint", "goods sent back"], "share": [0.4, 0.3], "share_others": [0.2, 0.25],
         "share_difference": [0.2, 0.05], "ci_low": [0.1, -0.1], "ci_high": [0.3, 0.2]}
    ),
    "plot_pressure": pd.DataFrame(
        {
            "before": [0, 1],
            "share_opened": [0.5, 0.4],
            "share_opened_low": [0.4, 0.3],
            "share_opened_high": [0.6, 0.5],
        }
    ),
    "plot_not_back": pd.DataFrame(
        {"group": ["complained", "none"], "day": [1.0, 1.0], "share": [0.2, 0.4], **INTERVAL}
    ),
}  # fmt: skip


def test_every_figure_is_tried() -> None:
    assert {name for name, _ in inspect.getmembers(figures, inspect.isfunction) if name.startswith("plot_")} == set(
        FRAMES
    )


@pytest.mark.parametrize("name", FRAMES)
def test_asks_a_question_and_comes_out_the_same_twice(name: str) -> None:
    drawn = [getattr(figures, name)(FRAMES[name]) for _ in range(2)]
    assert drawn[0].get_title(loc="left").endswith("?")
    assert drawn[0].get_xlabel()
    assert as_png(drawn[0]) == as_png(drawn[1])


def test_pressure_ends_with_and_more() -> None:
    ax = figures.plot_pressure(FRAMES["plot_pressure"])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1+"]
