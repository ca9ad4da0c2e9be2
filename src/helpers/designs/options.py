"""Choices among several options: the share of each under each arm."""

from __future__ import annotations

import pandas as pd

from helpers.contracts import Effect
from helpers.small_cells import wilson
from helpers.words import Said, say


def option_shares(data: pd.DataFrame, cell: int) -> tuple[Effect, ...]:
    """The share of each option under each arm, with Wilson's interval; a person's first answer counts.

    data : unit, arm, option. cell : the smallest count that may be shown. Options that fewer people took under some arm
    are one (others); where even these are few together, nothing is told, for the rest would tell them.
    """
    once = data.drop_duplicates(["unit", "arm"])
    counts = once.groupby(["option", "arm"]).size().unstack(fill_value=0)
    rare = ((counts > 0) & (counts < cell)).any(axis=1)
    shown = counts[~rare]
    if rare.any():
        others = counts[rare].sum()
        if ((others > 0) & (others < cell)).any():
            return ()
        shown = pd.concat([shown, others.to_frame("").T])
    totals = counts.sum()
    return tuple(
        Effect("share", float(n / totals[arm]), *map(float, wilson(int(n), int(totals[arm]))), _label(option, arm))
        for option, row in shown.iterrows()
        for arm, n in row.items()
        if n or option
    )


def _label(option: str, arm: str) -> Said:
    option = option or say("designs.others")
    return say("designs.option", option=option, arm=arm)
