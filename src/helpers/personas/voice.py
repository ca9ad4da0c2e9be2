"""What each persona wants, fears and expects, from coded open answers and survey items held out of the model."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Voice:
    """Drivers, barriers and mindset per persona.

    codes : one row per persona x code: id, about, code, n (answers), n_coded, share, share_others, lift, ci_low, ci_high.
    words : one row per persona x distinctive word: id, word, z, threshold, n.
    importance : attribute, importance, performance, gap, ci_low, ci_high, n (0 .. scale width, means).
    knowledge : id ("all" or a persona), kind (semantic, episodic, hypothetical, value), share of fields held.
    answered : id, n respondents.
    """

    codes: pd.DataFrame
    words: pd.DataFrame
    importance: pd.DataFrame
    knowledge: pd.DataFrame
    answered: pd.DataFrame
