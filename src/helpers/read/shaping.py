"""The shape of a table, before its columns are read: cells on an order's first line only, day and time apart."""

from __future__ import annotations

import pandas as pd

from helpers.read import cells, dates


def fill_down(frame: pd.DataFrame, headers: list[str]) -> pd.DataFrame:
    """Cells of an order's first line given to its other lines; the first header is the order's own number.

    An order begins where its number is filled; within it each other column is filled down from the line above.
    """
    if not headers or headers[0] not in frame:
        return frame
    number = frame[headers[0]].mask(cells.blank(frame[headers[0]])).ffill()
    filled = {headers[0]: number.fillna("")}
    for header in headers[1:]:
        if header in frame:
            column = frame[header].mask(cells.blank(frame[header]))
            filled[header] = column.groupby(number, sort=False).ffill().fillna("")
    return frame.assign(**filled)


def join_time(frame: pd.DataFrame, date: str, time: str) -> pd.DataFrame:
    """A day and its time of day, which stand in two columns, as one cell."""
    return frame.assign(**{date: dates.joined(frame[date].astype("str"), frame[time].astype("str"))})
