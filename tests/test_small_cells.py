"""Small cells: what is told of few people, what goes with it, and that nobody works out the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from helpers.negative.worksheet import _pooled
from helpers.since.drift import _migration
from helpers.small_cells import shown, together, withheld
from helpers.words import few

LEAST = 10
COUNTS = st.one_of(st.integers(0, 12), st.integers(0, 60))


def cells(*counts: int) -> pd.DataFrame:
    return pd.DataFrame({"n": counts, "share": np.arange(len(counts)) / 10})


def told(frame: pd.DataFrame) -> list[int | None]:
    return [None if pd.isna(n) else int(n) for n in frame["n"]]


# --- the two policies --------------------------------------------------------------------------------------------


def test_a_count_is_told_of_nobody_and_of_enough():
    assert [shown(n, 10) for n in (0, 1, 9, 10, 50)] == [True, False, False, True, True]
    assert shown(pd.Series([0, 9, 10]), 10).tolist() == [True, False, True]
    assert [few(n, 10).key for n in (0, 1, 9, 10)] == [
        f"format.{'just' if shown(n, 10) else 'fewer_than'}" for n in (0, 1, 9, 10)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "joined"),
    [((12, 10), ""), ((12, 3, 20), "ab"), ((3, 4, 30, 20), "abd"), ((6, 7, 30), "ab"), ((3, 4), "ab"), ((), "")],
)
def test_small_cells_are_put_together_until_they_are_enough(counts, joined):
    assert sorted(together(pd.Series(counts, index=list("abcd")[: len(counts)], dtype=int), 10)) == list(joined)


def test_a_small_cell_takes_the_next_smallest_with_it_and_its_values():
    frame = withheld(cells(3, 40, 25, 0), ["n"], 10, values=["share"])
    assert told(frame) == [None, 40, None, 0]
    assert frame["share"].isna().tolist() == [True, False, True, False]


def test_two_small_cells_need_no_third_when_they_hold_enough_together():
    assert told(withheld(cells(6, 7, 50), ["n"], 10)) == [None, None, 50]
    assert told(withheld(cells(3, 4, 50), ["n"], 10)) == [None] * 3


def test_a_total_that_is_a_small_cell_itself_goes_whole():
    assert told(withheld(cells(4, 0, 0), ["n"], 10)) == [None] * 3


def test_nothing_is_withheld_without_need():
    frame = cells(10, 11, 0).set_axis([7, 8, 9])
    pd.testing.assert_frame_equal(withheld(frame, ["n"], 10), frame.astype({"n": float}))


def test_a_row_of_which_one_count_is_small_loses_both():
    frame = cells(30, 30, 30).assign(rest=[2, 20, 40])
    found = withheld(frame, ["n", "rest"], 10, values=["share"])
    assert found[["n", "rest", "share"]].isna().to_numpy().tolist() == [[True] * 3, [True] * 3, [False] * 3]


def test_lines_that_cross_are_looked_at_together():
    """Line by line two hidden cells are enough; all lines together tell that the 1 and the 2 are 3 at most."""
    frame = crossed([[0, 40, 1], [2, 20, 40], [40, 20, 20]])
    line_by_line = frame.index.isin([1, 2, 3, 4, 6, 8])
    assert most(frame, line_by_line, ["row", "column"])[[2, 3]].astype(int).tolist() == [3, 3]
    hidden = withheld(frame, ["n"], LEAST, margins=[["row"], ["column"]])["n"].isna().to_numpy()
    assert (most(frame, hidden, ["row", "column"])[[2, 3]] >= LEAST).all()
    assert not hidden.all()


def test_no_more_goes_than_two_lines_that_cross_need():
    """Who stays and who moves of three groups: the 3 takes its row, the next smallest mover, and that one's row."""
    frame = crossed([[97, 3], [48, 12], [60, 40]])
    hidden = withheld(frame, ["n"], LEAST, margins=[["row"], ["column"]])["n"].isna()
    assert hidden.tolist() == [True] * 4 + [False] * 2


# --- that nobody works out the rest ------------------------------------------------------------------------------


def crossed(table: list[list[int]]) -> pd.DataFrame:
    rows = [(i, j, n) for i, line in enumerate(table) for j, n in enumerate(line)]
    return pd.DataFrame(rows, columns=["row", "column", "n"]).assign(all=0)


def most(frame: pd.DataFrame, hidden: np.ndarray, margins: list[str]) -> np.ndarray:
    """The most people that each cell can hold, for one who knows what is shown and the total of every line."""
    system = np.vstack([pd.get_dummies(frame[margin]).to_numpy(float).T for margin in margins])
    people = frame["n"].to_numpy(float)
    bounds = [(0, None) if gone else (n, n) for gone, n in zip(hidden, people, strict=True)]
    ends = [linprog(-row, A_eq=system, b_eq=system @ people, bounds=bounds) for row in np.eye(len(frame))]
    return np.array([-end.fun for end in ends]) + 1e-6


def small_totals(frame: pd.DataFrame, margins: list[str]) -> np.ndarray:
    """The cells of a line that is a small cell itself: its total is not to be printed at all."""
    return np.any([frame.groupby(margin)["n"].transform("sum") < LEAST for margin in margins], axis=0)


@settings(max_examples=150, deadline=None)
@given(st.lists(COUNTS, min_size=1, max_size=10))
def test_no_small_cell_can_be_had_from_a_total(counts):
    frame = cells(*counts).assign(all=0)
    hidden = withheld(frame, ["n"], LEAST)["n"].isna().to_numpy()
    small = frame["n"].between(1, LEAST - 1).to_numpy()
    assert hidden[small].all()
    if frame["n"].sum() >= LEAST:
        assert (most(frame, hidden, ["all"])[small] >= LEAST).all()
    else:
        assert hidden.all() or not frame["n"].any()


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 4), st.integers(2, 4), st.data())
def test_no_small_cell_can_be_had_from_rows_and_columns(rows, columns, data):
    frame = crossed(data.draw(st.lists(st.lists(COUNTS, min_size=columns, max_size=columns),
                                       min_size=rows, max_size=rows)))  # fmt: skip
    hidden = withheld(frame, ["n"], LEAST, margins=[["row"], ["column"]])["n"].isna().to_numpy()
    small = frame["n"].between(1, LEAST - 1).to_numpy()
    assert hidden[small].all()
    open_ = small & ~small_totals(frame, ["row", "column"])
    assert (most(frame, hidden, ["row", "column"])[open_] >= LEAST).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(COUNTS, COUNTS).filter(lambda pair: sum(pair) >= LEAST), min_size=1, max_size=6))
def test_no_small_cell_can_be_had_from_groups_whose_size_is_told(pairs):
    """Groups of two counts each, as prospects, fairness and the ideal are: the size of every group is printed too."""
    wide = pd.DataFrame(pairs, columns=["yes", "no"])
    found = withheld(wide, ["yes", "no"], LEAST)
    assert (found["yes"].isna() == found["no"].isna()).all()
    frame = crossed([list(pair) for pair in pairs])
    hidden = np.repeat(found["yes"].isna().to_numpy(), 2)
    open_ = frame["n"].between(1, LEAST - 1).to_numpy() & ~small_totals(frame, ["row", "column"])
    assert (most(frame, hidden, ["row", "column"])[open_] >= LEAST).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(COUNTS, min_size=1, max_size=8))
def test_no_small_cell_can_be_had_from_what_was_put_together(counts):
    """Of groups and of moves: what is put together is of two or more, and enough, or is not told."""
    people = pd.Series([f"g{i}" for i, n in enumerate(counts) for _ in range(n)], dtype="str")
    pooled = _pooled(people, LEAST)
    assert (pooled.value_counts() >= LEAST).all()
    assert people[pooled.notna() & (pooled != people)].nunique() != 1
    moves = pd.DataFrame([counts], index=["was"], columns=[f"g{i}" for i in range(len(counts))])
    for line in _migration(moves, LEAST).values():
        assert sum(line.values()) == pytest.approx(1)
        assert min(line.values()) * sum(counts) >= LEAST - 1e-6
        assert sum(n > 0 for n in counts) - len(line) != 0 or min(n for n in counts if n) >= LEAST
