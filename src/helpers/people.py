"""Shares of people, how sure they are, and which numbers of few people may be told.

There are two policies for small cells. ``shown``: a count with no total beside it is told or it is not; where kinds may
be put together, ``together`` says which. ``withheld``: of a table whose totals a reader knows, further cells go with
the small ones, until nothing that can be worked out from the rest says that a cell is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from statsmodels.stats.proportion import proportion_confint


def wilson(yes: float, n: float, alpha: float = 0.05) -> tuple[float, float]:
    """Wilson's interval of the share ``yes`` of ``n``, where weights differ of the effective numbers of people.

    Source: Wilson (1927), as Newcombe (1998) recommends it.
    """
    low, high = proportion_confint(yes, n, alpha, method="wilson")
    return float(low), float(high)


# --- small cells -------------------------------------------------------------------------------------------------


def shown(count: Any, least: int) -> Any:
    """Whether a count, or each of many, may be told: nobody, or ``least`` people or more."""
    return (count == 0) | (count >= least)


def together(counts: pd.Series, least: int) -> pd.Index:
    """The cells to be put together: those under ``least`` people and the next smallest, until they are enough.

    None where no cell is small, all where all together are not enough.
    """
    ranked = counts.sort_values(kind="stable")
    small = int((ranked < least).sum())
    while small < len(ranked) and 0 < ranked.iloc[:small].sum() < least:
        small += 1
    return ranked.index[:small]


def withheld(
    frame: pd.DataFrame,
    counts: Sequence[str],
    least: int,
    *,
    values: Sequence[str] = (),
    margins: Sequence[Sequence[str]] = ((),),
) -> pd.DataFrame:
    """The same rows without the cells of fewer than ``least`` people, and without those that would give one away.

    Parameters
    ----------
    frame : one row per cell; each of ``counts`` holds people (0 is told: it describes nobody). A row in which one of
        them is withheld loses them all, and its ``values`` (shares, means, extremes), which were computed from them.
    margins : the totals of each count that a reader can know, as the columns they are given by; ``()`` is the grand
        total. ``[["persona"], ["answer"]]`` protects a table printed with its row and its column totals.

    Returns
    -------
    Withheld numbers are NaN. In each line the withheld cells hold at least ``least`` people and are at least two; of
    lines that cross, all taken together leave open that each small cell holds ``least`` or more. Where a line's total
    is itself a small cell, all of the line is withheld. Source: complementary suppression, Hundepool et al.,
    Statistical Disclosure Control (2012), ch. 4.
    """
    cells = frame.reset_index(drop=True)
    lines = [
        [part.index for _, part in cells.groupby(list(margin), sort=False, dropna=False)] if margin else [cells.index]
        for margin in margins
    ]
    hidden = np.logical_or.reduce([_hidden(cells[count], lines, least) for count in counts])
    return frame.assign(**{name: frame[name].astype("float64").mask(hidden) for name in [*counts, *values]})


def _hidden(counts: pd.Series, margins: list[list[pd.Index]], least: int) -> np.ndarray:
    """Which cells of one count are withheld."""
    hidden, lines = ~shown(counts, least), [line for margin in margins for line in margin]
    while True:
        before = hidden.copy()
        for line in lines:
            _complete(hidden, counts, line, least)
        if len(margins) > 1 and hidden.equals(before):
            _open_up(hidden, counts, lines, least)
        if hidden.equals(before):
            return hidden.to_numpy()


def _complete(hidden: pd.Series, counts: pd.Series, line: pd.Index, least: int) -> None:
    """Hide the smallest further cells of one line until the hidden ones cannot be told apart by subtraction."""
    own, open_cells = hidden[line], counts[line][~hidden[line]]
    for cell in open_cells.sort_values(kind="stable").index:
        people = counts[line][own]
        if people.empty or ((people > 0).sum() >= 2 and people.sum() >= least):
            break
        if counts[cell] > 0 or not (open_cells > 0).any():
            own[cell] = hidden[cell] = True


def _open_up(hidden: pd.Series, counts: pd.Series, lines: list[pd.Index], least: int) -> None:
    """Hide one more cell, beside a small one of which all lines together say that it is small, if there is such a one.

    What can be worked out: the most that the cell can hold, none being under zero and every line keeping its total.
    """
    places = np.flatnonzero(hidden)
    system = np.array([np.isin(places, line).astype(float) for line in lines])
    totals = system @ counts.to_numpy(float)[places]
    for place, cell in enumerate(places):
        own = [line for line in lines if cell in line]
        if shown(counts[cell], least) or min(counts[line].sum() for line in own) < least:
            continue
        most = -linprog(-np.eye(len(places))[place], A_eq=system, b_eq=totals).fun
        if most < least - 1e-6 and not hidden.all():
            beside = ~hidden & counts.index.isin(np.concatenate(own))
            left = counts[beside if beside.any() else ~hidden]
            hidden[left.where(left > 0, np.inf).idxmin()] = True
            return
