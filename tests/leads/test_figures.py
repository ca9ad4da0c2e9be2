"""Figures of notebook 09: what they are called and what they show."""

import inspect

import pandas as pd
import pytest

from helpers.leads import figures
from helpers.report.style import as_png

INTERVAL = {"ci_low": [0.1, 0.2], "ci_high": [0.3, 0.5]}
FRAMES = {
    "plot_classes": pd.DataFrame(
        {
            "borders": ["given"] * 2,
            "class": ["weak", "strong"],
            "share": [0.2, 0.4],
            "expected_share": [0.2, 0.5],
            **INTERVAL,
        }
    ),
    "plot_referrers": pd.DataFrame({"answer": ["0 to 6", "9 to 10"], "share": [0.2, 0.4], **INTERVAL}),
}


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


def test_classes_are_named_with_their_borders_and_stand_beside_what_was_foretold() -> None:
    ax = figures.plot_classes(FRAMES["plot_classes"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["strong, given", "weak, given"]
    hollow = next(marks for marks in ax.collections if marks.get_label() == "foretold from earlier leads")
    assert hollow.get_offsets()[:, 0].tolist() == [0.5, 0.2]
