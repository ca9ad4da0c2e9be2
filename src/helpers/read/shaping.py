"""The shape of a table, before its columns are read: a day and its time that stand apart."""

from __future__ import annotations

import pandas as pd

from helpers.read import dates


def join_time(frame: pd.DataFrame, date: str, time: str) -> pd.DataFrame:
    """A day and its time of day, which stand in two columns, as one cell."""
    return frame.assign(**{date: dates.joined(frame[date].astype("str"), frame[time].astype("str"))})
