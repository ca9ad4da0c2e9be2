"""Shares of people, how sure they are, and which numbers of few people may be told.

What may be named at all ``nameable`` says. There are two policies for small cells. ``shown``: a count with no total
beside it is told or it is not; where kinds may be put together, ``together`` says which. ``withheld``: of a table whose
totals a reader knows, further cells go with the small ones, until nothing that can be worked out from the rest says
that a cell is small. Totals that two publications could be compared by are ``rounded``; figures show people ``binned``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
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


def nameable(levels: pd.Series, least: int, people: pd.Series | None = None) -> pd.Index:
    """The values that ``least`` people or more stand behind: no other is ever named, wherever it would stand.

    people : whose row it is, where somebody has several; each counts once.
    """
    known = levels.dropna()
    counts = known.value_counts() if people is None else people[known.index].groupby(known).nunique()
    return counts.index[counts >= least]


def named(levels: pd.Series, least: int, others: object = None, people: pd.Series | None = None) -> pd.Series:
    """The same values, ``others`` (or none) in the place of those that are not ``nameable``."""
    small = levels.notna() & ~levels.isin(nameable(levels, least, people))
    return levels.mask(small, np.nan if others is None else others)


def binned(values: pd.Series, edges: Sequence[float], least: int) -> pd.DataFrame:
    """People by bins that each hold nobody or ``least`` of them: low, high (of the given edges), steps, people.

    A bin of fewer is put together with its smaller neighbour, which makes it several steps wide, until it is enough.
    Values beyond the edges are in the first and the last bin, so that edges tell of no extreme; where all are fewer
    there is no bin.
    """
    inside = np.clip(np.searchsorted(edges, values.dropna(), side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(inside, minlength=len(edges) - 1).tolist()
    starts = list(range(len(counts)))
    while (small := next((i for i, n in enumerate(counts) if 0 < n < least), None)) is not None and len(counts) > 1:
        beside = min((i for i in (small - 1, small + 1) if 0 <= i < len(counts)), key=lambda i: counts[i])
        first = min(small, beside)
        counts[first : first + 2] = [counts[first] + counts[first + 1]]
        del starts[first + 1]
    ends = [*starts[1:], len(edges) - 1]
    rows = [(edges[a], edges[b], b - a, n) for a, b, n in zip(starts, ends, counts, strict=True)]
    frame = pd.DataFrame(rows, columns=["low", "high", "steps", "people"])
    return frame if sum(counts) >= least else frame.iloc[:0]


def coarse(value: float, digits: int = 3) -> float:
    """A number that one person may have given, to so many significant digits: no longer anybody's own."""
    return float(f"{value:.{digits}g}")


def rounded(total: float, each: Iterable[float], least: int) -> float:
    """A total in steps that nobody's part exceeds, so that two totals that differ by one person tell nothing of it.

    The step is the first of 1, 2, 5, 10, 20, 50, ... that is neither less than the largest part nor than ``least``.
    """
    step = step_of(each, least)
    return round(total / step) * step


def step_of(each: Iterable[float], least: int) -> float:
    """The step in which a total of these parts is ``rounded``."""
    largest = max([float(least), *(abs(part) for part in each)])
    power = 10.0 ** math.floor(math.log10(largest))
    return next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= largest)


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
