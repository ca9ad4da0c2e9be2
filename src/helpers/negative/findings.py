"""What notebook 06 says."""

from __future__ import annotations

import pandas as pd

from helpers.negative.segments import Negative
from helpers.words import Text, say


def answer(negative: Negative | None) -> list[Text]:
    """Whom not to court, where the data say so."""
    return [say("findings.customers.none") if negative is None else negative.statement]


def in_money(segments: pd.DataFrame, *, money: str = "contribution") -> pd.DataFrame:
    """The rows of ``Negative.segments`` of one measure in money, of all such measures where it is not among them."""
    rows = segments[segments["unit"] == "money"]
    return rows[rows["measure"] == money] if (rows["measure"] == money).any() else rows
