"""What notebook 06 says."""

from __future__ import annotations

import pandas as pd

from helpers.negative.segments import Negative
from helpers.words import Text, say


def answer(negative: Negative | None) -> list[Text]:
    """Whom not to court, where the data say so."""
    return [say("findings.customers.none") if negative is None else negative.statement]


def in_money(segments: pd.DataFrame) -> pd.DataFrame:
    """``Negative.segments`` where a measure in money is among them; else no rows."""
    return segments if (segments["unit"] == "money").any() else segments.head(0)
