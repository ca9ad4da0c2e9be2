"""Why a column that made the personas is never tested: what an honest-looking analysis of pure noise would find."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import f_oneway
from sklearn.cluster import KMeans

from helpers.beliefs.estimators import share_interval
from helpers.words import say

WAYS = ("made", "split", "aside")
"""What the tested column did."""
SETS, ROWS, COLUMNS = 200, 1_000, 4


def false_findings(seed: int = 1, sets: int = SETS) -> pd.DataFrame:
    """Noise without any groups, divided by k-means and then tested: how often something is "significant" at 5 %.

    Of each of ``sets`` data sets, 1,000 people with four columns of independent noise, three columns make two groups.

    Returns
    -------
    One row per kind of column tested by ANOVA: tested (it made the groups; it made them, tested on the half of the
    sample that did not, placed by the nearest centre; it was kept aside), share (of data sets with p < .05), ci_low,
    ci_high.
    """
    rng, p = np.random.default_rng(seed), {way: [] for way in WAYS}
    for _ in range(sets):
        X = rng.standard_normal((ROWS, COLUMNS))
        half = ROWS // 2
        whole = KMeans(2, n_init=1, random_state=seed).fit_predict(X[:, :-1])
        placed = KMeans(2, n_init=1, random_state=seed).fit(X[:half, :-1]).predict(X[half:, :-1])
        p[WAYS[0]].append(_anova(X[:, 0], whole))
        p[WAYS[1]].append(_anova(X[half:, 0], placed))
        p[WAYS[2]].append(_anova(X[:, -1], whole))
    found = {way: share_interval(int((np.array(values) < 0.05).sum()), sets, way) for way, values in p.items()}
    rows = [(say(f"proof.tested.{way}"), share.estimate, share.low, share.high) for way, share in found.items()]
    return pd.DataFrame(rows, columns=["tested", "share", "ci_low", "ci_high"])


def _anova(values: np.ndarray, groups: np.ndarray) -> float:
    return f_oneway(values[groups == 0], values[groups == 1]).pvalue
