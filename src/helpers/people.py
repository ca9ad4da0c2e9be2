"""Shares of people, and how sure they are."""

from __future__ import annotations

from statsmodels.stats.proportion import proportion_confint


def wilson(yes: float, n: float, alpha: float = 0.05) -> tuple[float, float]:
    """Wilson's interval of the share ``yes`` of ``n``, where weights differ of the effective numbers of people.

    Source: Wilson (1927), as Newcombe (1998) recommends it.
    """
    low, high = proportion_confint(yes, n, alpha, method="wilson")
    return float(low), float(high)
