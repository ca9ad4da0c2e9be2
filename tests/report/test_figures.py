"""Figures: what they are called, what they show, and that they come out the same twice."""

import inspect

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.report import figures
from helpers.report.style import as_png
from helpers.words import Words


def _labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def _dots(ax):
    """Positions of the dots of an interval figure, from the bottom."""
    return [float(line.get_xdata()[0]) for line in ax.lines if line.get_marker() == "o"]


def _ranges(ax):
    return [
        tuple(map(float, line.get_xdata())) for line in ax.lines if len(line.get_xdata()) == 2 and line.get_lw() == 1.8
    ]


FRAMES = {
    "plot_accounts": pd.DataFrame(
        {"table": ["sales"], "rows_in": [100], "rows_used": [90], "rows_repaired": [30], "rows_quarantined": [10]}
    ),
    "plot_spend": pd.DataFrame(
        {
            "low": [10.0, 20.0],
            "high": [20.0, 80.0],
            "steps": [1, 2],
            "people": [12, 30],
            "q1": 20.0,
            "median": 40.0,
            "q3": 80.0,
        }
    ),
    "plot_moments": pd.DataFrame(
        np.eye(7, 24, dtype=int), index=["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    ),
    "plot_channels": pd.DataFrame({"channel_web_share": [1.0, 0.5], "channel_fair_share": [0.0, 0.5]}),
    "plot_choice": pd.DataFrame(
        {
            "k": [2, 3],
            "bootstrap_ari": [0.9, 0.8],
            "jaccard_min": [0.9, 0.7],
            "valley_depth": [0.1, 0.05],
            "repeated_ari": [0.5, 0.4],
            "chosen": [False, True],
        }
    ),
    "plot_sizes": pd.DataFrame(
        {
            "handle": ["A", "B"],
            "share": [0.6, 0.4],
            "ci_low": [0.5, 0.3],
            "ci_high": [0.7, 0.5],
            "kind": ["persona", "segment"],
        }
    ),
    "plot_stability": pd.DataFrame(
        {"handle": ["A", "B", "One order so far"], "within": [0.9, 0.8, np.nan], "across": [0.7, 0.85, np.nan]}
    ),
    "plot_ties": pd.DataFrame({"handle": ["A", "B", "C"], "share": [0.2, 0.0, np.nan], "to": ["B", None, None]}),
    "plot_between": pd.DataFrame({"between": ["A / B", "A / C"], "share": [0.05, np.nan]}),
    "plot_prevalence": pd.DataFrame({"handle": ["A", "A", "B"], "matched": [1, 2, 1], "share": [1.0, 0.3, 0.8]}),
    "plot_lifts": pd.DataFrame(
        {
            "handle": ["Coupon users"] * 3,
            "column": ["coupon_share", "spend", "broken"],
            "lift": [2.0, 0.5, np.nan],
            "ci_low": [1.5, 0.4, 1.0],
            "ci_high": [2.5, 0.7, 2.0],
            "role": ["defining", "held out", "defining"],
        }
    ),
    "plot_posteriors": pd.DataFrame({"low": [0.0, 0.95], "high": [0.95, 1.0], "steps": [19, 1], "people": [19, 12]}),
    "plot_questions": pd.DataFrame(
        {
            "question": ["a guess", "Why?", "all 9"],
            "balanced_accuracy": [0.5, 0.7, 0.9],
            "ci_low": [0.5, 0.6, 0.85],
            "ci_high": [0.5, 0.8, 0.95],
        }
    ),
    "plot_codes": pd.DataFrame({"handle": ["p1", "p2"], "says": ["цена", "цена"], "n": [10, 20], "share": [0.2, 0.5]}),
    "plot_margins": pd.DataFrame(
        {
            "segment": ["x", "y", "z"],
            "measure": ["margin", "margin", "complaints"],
            "unit": ["money", "money", "lift"],
            "estimate": [5.0, -3.0, 9.0],
            "ci_low": [4.0, -5.0, 8.0],
            "ci_high": [6.0, -1.0, 10.0],
        }
    ),
    "plot_parts": pd.DataFrame(
        {
            "segment": ["all", "x"],
            "revenue": [200.0, 100.0],
            "cost_of_goods": [100.0, 60.0],
            "returned": [20.0, 30.0],
            "service_cost": [10.0, 20.0],
            "acquisition_cost": [10.0, 10.0],
            "contribution": [60.0, -20.0],
        }
    ),
    "plot_ideal": pd.DataFrame(
        {
            "attribute": ["job role", "place", "sex"],
            "value": ["director", "Berlin", "all"],
            "lift": [3.0, 0.5, np.nan],
            "ci_low": [2.0, 0.4, np.nan],
            "ci_high": [4.5, 0.7, np.nan],
        }
    ),
    "plot_effects": pd.DataFrame(
        {
            "id": ["a_b", "c"],
            "label": ["", "web"],
            "measure": ["odds ratio", "risk difference"],
            "estimate": [2.0, 0.1],
            "ci_low": [1.5, 0.0],
            "ci_high": [2.5, 0.2],
            "verdict": ["supported", "inconclusive"],
        }
    ),
    "plot_drift": pd.DataFrame({"id": ["p1", "p2"], "share": [0.5, 0.3], "previous_share": [0.4, np.nan]}),
    "plot_migration": pd.DataFrame(
        {
            "was": ["p1", "p1", "p2", "p2"],
            "to": ["p1", "other", "p2", "p3"],
            "share": [0.75, 0.25, 0.6, 0.4],
            "by_chance": [0.9, np.nan, 0.85, np.nan],
        }
    ),
    "plot_negatives": pd.DataFrame(
        {
            "handle": ["Many returns", "Dear to win"],
            "share": [0.1, np.nan],
            "ci_low": [0.08, np.nan],
            "ci_high": [0.13, np.nan],
            "share_before": [0.2, 0.05],
            "ci_low_before": [0.17, 0.04],
            "ci_high_before": [0.23, 0.07],
        }
    ),
    "plot_proof": pd.DataFrame(
        {
            "method": ["BG/NBD", "BG/NBD", "sample size", "skipped"],
            "published": [0.243, 4.414, 64, 1.0],
            "ours": [0.2435, 4.6, 65, np.nan],
            "tolerance": [0.001, 0.01, 0, 0.1],
        }
    ),
}
TITLES = {
    "plot_accounts": "How much of each file could be used?",
    "plot_spend": "How much does a customer spend?",
    "plot_moments": "When do orders come in?",
    "plot_channels": "Through which channels do customers buy?",
    "plot_choice": "How many groups come back when samples are drawn again?",
    "plot_sizes": "How large is each group?",
    "plot_stability": "How reliably does each group come back?",
    "plot_ties": "Who would be somebody else\nunder an equally good solution?",
    "plot_between": "Between which groups do people lie?",
    "plot_prevalence": "How many members fit the picture?",
    "plot_lifts": "Coupon users\nIn what do they differ from the others?",
    "plot_posteriors": "How clearly does each customer belong to one group?",
    "plot_questions": "How many questions place a newcomer?",
    "plot_codes": "What does each group speak of?",
    "plot_margins": "Which segments cost more than they bring?",
    "plot_parts": "What of each customer's revenue is used up?",
    "plot_ideal": "What do the best customers have in common?",
    "plot_effects": "How large is the difference behind each belief?",
    "plot_drift": "Which groups have grown or shrunk?",
    "plot_migration": "Where are the customers of each earlier group now?",
    "plot_negatives": "Have those to review become more or fewer?",
    "plot_proof": "How close are our figures?",
}


def _draw(name):
    return getattr(figures, name)(FRAMES[name])


def test_every_figure_is_tested():
    assert set(TITLES) == {
        name for name, _ in inspect.getmembers(figures, inspect.isfunction) if name.startswith("plot_")
    }


@pytest.mark.parametrize("name", sorted(TITLES))
def test_title_is_the_question_and_the_axis_says_its_unit(name):
    ax = _draw(name)
    assert ax.get_title(loc="left") == TITLES[name]
    assert ax.get_xlabel()


@pytest.mark.parametrize("name", ["plot_sizes", "plot_moments"])
def test_a_given_axes_is_drawn_on(name):
    ax = Figure().add_subplot()
    assert getattr(figures, name)(FRAMES[name], ax=ax) is ax


def test_pictures_are_equal_and_carry_no_date_or_software():
    one, two = as_png(_draw("plot_sizes")), as_png(_draw("plot_sizes"))
    assert one == two
    assert one.startswith(b"\x89PNG")
    assert b"Software" not in one
    assert b"tIME" not in one


def test_accounts_add_up_to_the_file():
    widths = [patch.get_width() for patch in _draw("plot_accounts").patches]
    assert widths == pytest.approx([0.6, 0.3, 0.1])


def test_spend_marks_the_quartiles():
    lines = [float(line.get_xdata()[0]) for line in _draw("plot_spend").lines]
    assert lines == [20.0, 40.0, 80.0]
    assert [text.get_text() for text in figures.plot_spend(FRAMES["plot_spend"], words=Words("en", "EUR")).texts] == [
        "20 EUR", "40 EUR", "80 EUR",
    ]  # fmt: skip


def test_moments_show_every_cell_by_name():
    ax = _draw("plot_moments")
    assert _labels(ax)[0] == "Monday"
    assert ax.collections[0].get_array().sum() == 7


def test_channels_are_means_over_customers():
    ax = _draw("plot_channels")
    assert _labels(ax) == ["fair", "web"]
    assert [patch.get_width() for patch in ax.patches] == [0.25, 0.75]


def test_intervals_are_where_they_belong():
    ax = _draw("plot_sizes")
    assert _labels(ax) == ["B", "A"]
    assert _dots(ax) == [0.4, 0.6]
    assert _ranges(ax) == [(0.3, 0.5), (0.5, 0.7)]


def test_lifts_leave_out_what_has_none_and_hollow_what_was_held_out():
    ax = _draw("plot_lifts")
    assert _labels(ax) == ["spend", "coupon share"]
    assert _dots(ax) == [0.5, 2.0]
    assert ax.get_xscale() == "log"
    fills = [line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "o"]
    assert fills[0] == "white" != fills[1]


def test_no_title_is_drawn_over_another_or_cut_off():
    """The name of a group stood over the question once; a long one is wrapped and stays inside the figure."""
    frame = FRAMES["plot_lifts"].assign(
        handle="Buyers through the shop at weekends who ordered lately and pay full price"
    )
    for ax in (figures.plot_lifts(frame), *(_draw(name) for name in ("plot_ties", "plot_between", "plot_stability"))):
        figure = ax.get_figure()
        figure.draw_without_rendering()
        assert [ax.get_title(loc=loc) for loc in ("center", "right")] == ["", ""]
        title = ax._left_title.get_window_extent()
        assert 0 <= title.x0 < title.x1 <= figure.bbox.width


def test_stability_shows_both_measures_of_the_groups_that_have_them():
    ax = _draw("plot_stability")
    assert _labels(ax) == ["B", "A"]
    within, across = (dots.get_offsets()[:, 0].tolist() for dots in ax.collections[1:])
    assert (within, across) == ([0.8, 0.9], [0.85, 0.7])
    assert len(ax.get_legend().get_texts()) == 2


def test_ties_say_where_to_and_withhold_small_cells():
    ax = _draw("plot_ties")
    assert _labels(ax) == ["C", "B", "A"]
    assert [patch.get_width() for patch in ax.patches] == [0, 0, 0.2]
    assert [text.get_text() for text in ax.texts] == ["too few to be counted", "nobody", "20 %, most to “B”"]


def test_pairs_too_small_to_be_shown_have_no_bar():
    ax = _draw("plot_between")
    assert _labels(ax) == ["A / B"]
    assert [patch.get_width() for patch in ax.patches] == [0.05]


def test_prevalence_is_a_falling_line_per_group():
    ax = _draw("plot_prevalence")
    assert [list(line.get_ydata()) for line in ax.lines] == [[1.0, 0.3], [0.8]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["A", "B"]
    assert list(ax.get_xticks()) == [1, 2]


def test_a_bar_of_several_steps_is_as_high_as_one_of_them_on_average():
    assert [patch.get_height() for patch in _draw("plot_posteriors").patches] == [19 / 19, 12]


def test_questions_stand_in_their_order_between_a_guess_and_all_of_them():
    ax = _draw("plot_questions")
    assert _labels(ax) == ["all 9", "1. Why?", "a guess"]
    assert _dots(ax) == [0.9, 0.7, 0.5]
    fills = [line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "o"]
    assert fills == ["white", figures.BLUE, "white"]


def test_margins_show_money_only_and_mark_what_lies_below_zero():
    ax = _draw("plot_margins")
    assert _labels(ax) == ["x", "y"]
    colours = [line.get_color() for line in ax.lines if line.get_marker() == "o"]
    assert colours[1] == figures.VERMILION != colours[0]


def test_parts_are_stacked_as_shares_of_revenue_with_what_is_left_beside_the_name():
    ax = _draw("plot_parts")
    assert _labels(ax) == ["x\n−20 left", "all\n60 left"]
    ends = [round(patch.get_x() + patch.get_width(), 2) for patch in ax.patches]
    assert ends == [0.6, 0.5, 0.9, 0.6, 1.1, 0.65, 1.2, 0.7]
    assert ax.get_legend() is not None


def test_the_ideal_shows_what_is_known_and_marks_the_side():
    ax = _draw("plot_ideal")
    assert _labels(ax) == ["place: Berlin", "job role: director"]
    assert [line.get_color() for line in ax.lines if line.get_marker() == "o"] == [figures.VERMILION, figures.BLUE]


def test_effects_never_mix_ratios_with_differences():
    ax = _draw("plot_effects")
    assert _labels(ax) == ["a b (odds ratio)"]
    ax = figures.plot_effects(FRAMES["plot_effects"].iloc[1:])
    assert _labels(ax) == ["web (risk difference)"]
    assert ax.get_xlabel() == "Difference, 95 % interval (0 is no difference)"


def test_proof_crosses_out_what_misses_and_leaves_out_what_was_skipped():
    ax = _draw("plot_proof")
    assert _labels(ax) == ["sample size", "BG/NBD"]
    assert [line.get_marker() for line in ax.lines] == ["X", "X", "o"]


def test_a_users_words_are_wrapped_and_dollars_are_no_formula():
    frame = FRAMES["plot_sizes"].assign(handle=["price in $ or $€", "очень " * 30])
    ax = figures.plot_sizes(frame)
    long, dollars = _labels(ax)
    assert dollars == r"price in \$ or \$€"
    assert long.count("\n") == 2
    assert max(map(len, long.split("\n"))) <= 34
    assert as_png(ax)


def test_migration_shows_chance_in_brackets_and_nothing_of_small_cells():
    ax = _draw("plot_migration")
    assert [text.get_text() for text in ax.texts] == ["75 %\n(90 %)", "25 %", "60 %\n(85 %)", "40 %"]
    assert _labels(ax) == ["p1", "p2"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["p1", "p2", "other", "p3"]
    assert ax.collections[0].get_array().count() == 4


def test_a_negative_persona_that_is_gone_keeps_its_earlier_dot():
    before, now = _draw("plot_negatives").collections[1::2]
    assert before.get_offsets()[:, 0].tolist() == [0.2, 0.05]
    assert now.get_offsets().count() == 2  # one dot, both coordinates
    assert now.get_offsets()[0, 0] == 0.1
