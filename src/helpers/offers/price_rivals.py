"""What else moves a product's orders with its price: its category's season, offers that follow weak weeks, stocking up.

Prices that were set in answer to sales show by prices yet to come, which cannot have an effect: where they go together
with this week's orders, at equal price now and before, prices were not set apart from demand (strict exogeneity;
Wooldridge 2010, ch. 10.7.1). Who stocks up in an offer is missing in the weeks after it, at an equal remembered price
too (Hendel & Nevo 2003, Rev. Mark. Sci.); and what a remembered price does must show beyond those weeks.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.beliefs.evidence import Evidence
from helpers.beliefs.verdict import ALPHA
from helpers.offers.weekly import slopes

SAME_PRICE = ["price"]
AHEAD = ["price_1_ahead", "price_2_ahead"]
LAGS = 3
AFTER = [f"offer_{lag}_ago" for lag in range(1, LAGS + 1)]
AFTER_ON = [f"{name}_and_now" for name in AFTER[:2]]


def check_answers(evidence: Evidence, weeks: pd.DataFrame, columns: list[str], same: list[str]) -> None:
    """Raise NotTestable where prices yet to come go together with orders, at equal ``columns`` and offers before."""
    found = _fit(weeks.dropna(subset=AHEAD), [*AHEAD, *columns, *AFTER], same)
    if found is not None and _hotelling(found[0][:2], found[1][:2, :2], found[2]) <= ALPHA:
        raise evidence.rivalled("price_answers")


def check_stocks(evidence: Evidence, weeks: pd.DataFrame, columns: list[str], signs: np.ndarray) -> None:
    """Raise NotTestable where the contrast ``signs`` of the slopes on ``columns`` may be customers who stocked up.

    So it may where orders in the weeks after offers differ at equal ``columns``, and where the contrast is not seen
    with those weeks held equal. The same product at the same price is compared.
    """
    found = _fit(weeks, [*columns, *AFTER, *AFTER_ON], SAME_PRICE)
    told = found is not None
    if told:
        beta, covariance, n = found
        k = len(columns)
        estimate, variance = signs @ beta[:k], signs @ covariance[:k, :k] @ signs
        told = variance > 0 and 2 * stats.t.sf(abs(estimate) / math.sqrt(variance), n - 1) <= ALPHA
        told = told and _hotelling(beta[k:], covariance[k:, k:], n) > ALPHA
    if not told:
        raise evidence.rivalled("stocking_up")


def _fit(weeks: pd.DataFrame, columns: list[str], same: list[str]) -> tuple[np.ndarray, np.ndarray, int] | None:
    try:
        return slopes(weeks, columns, same)
    except PerfectSeparationError:
        return None


def _hotelling(beta: np.ndarray, covariance: np.ndarray, products: int) -> float:
    """Hotelling's test that slopes are all nought, with products as the independent units."""
    k = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if not 0 < k < products - 1:
        return 1.0
    squared = float(beta @ np.linalg.pinv(covariance, hermitian=True) @ beta)
    return float(stats.f.sf(squared * (products - k) / (k * (products - 1)), k, products - k))
