"""Whom not to court: margin, returns, complaints and cost per group as tested claims; the output is "review"."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.contracts import Card


@dataclass(frozen=True)
class Negative:
    """Negative personas and the worksheet behind them.

    cards : one negative Card per tested claim that holds; empty when no segment's interval lies below zero.
    segments : one row per segment looked at: segment, n, measure, estimate, ci_low, ci_high, verdict.
    members : customer_id, negative (card id), probability.
    worksheet : the six questions: question, answer, source ("" and "left blank: ..." where data are silent).
    fairness : attribute, value, n, flagged_share, ratio, warning (bool).
    statement : one sentence that sums up.
    """

    cards: tuple[Card, ...]
    segments: pd.DataFrame
    members: pd.DataFrame
    worksheet: pd.DataFrame
    fairness: pd.DataFrame
    statement: str
