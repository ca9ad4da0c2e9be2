"""Cases beside comparable others from their risk set, and the difference in what share of them leaves.

Whoever complains must have stayed until then, so customers with and without a complaint cannot simply be compared: the
time until the complaint cannot hold a departure (immortal time; Suissa 2008, Am. J. Epidemiol. 167). Here each case is
set beside others of its risk set: people who at the same time had ordered last as long ago and lately as often, had not
ordered again and had not had the experience yet, whatever came later (Prentice & Breslow 1978, Biometrika 65; Li,
Propert & Rosenbaum 2001, JASA 96). What is compared begins at that moment, and only where it can be seen to its end.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.stats import t

AROUND = np.timedelta64(7, "D")
"""Comparable others are from within a week before or after."""
OTHERS, POOL, MOST = 20, 2000, 5000
"""Others to a case, candidates among whom they are, and cases; where there are more, they are drawn by lot."""
HORIZON, LEAST_GAPS = 0.9, 50
"""Leaving is no order for longer than this share of the gaps between orders, where there are so many."""
SETS = ["case", "customer_id", "exposed", "left"]


def horizon(bought: pd.DataFrame) -> int | None:
    """Days within which nine in ten of those who order again do so (customer_id, ordered_at); None with few gaps."""
    each = bought.drop_duplicates().sort_values(["customer_id", "ordered_at"])
    gaps = each.groupby("customer_id")["ordered_at"].diff().dropna() / pd.Timedelta(days=1)
    return int(np.ceil(np.quantile(gaps, HORIZON, method="inverted_cdf"))) if len(gaps) >= LEAST_GAPS else None


def after_an_experience(
    events: pd.DataFrame, bought: pd.DataFrame, end: pd.Timestamp, days: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Each customer's first experience beside others of its risk set.

    Parameters
    ----------
    events : customer_id, at. bought : customer_id, ordered_at, one row per order. end : until when all is seen.

    Returns
    -------
    One row per case and per other of it: case (number), customer_id, exposed (the case itself), left (no order within
    ``days`` of the moment at which as much time had passed since the last order as for the case at its experience).
    Left out are cases whose ``days`` run beyond ``end``, who had not ordered before, or to whom nobody compares.
    """
    ahead, spells = pd.Timedelta(days=days), _spells(bought, days)
    first = events.groupby("customer_id", as_index=False)["at"].min().sort_values(["at", "customer_id"])
    cases = pd.merge_asof(first, spells, left_on="at", right_on="ordered_at", by="customer_id")
    cases = by_lot(cases[cases["ordered_at"].notna() & (cases["at"] + ahead <= end)], MOST, rng)
    free = spells.assign(event=spells["customer_id"].map(first.set_index("customer_id")["at"]))
    free = free[["next", "event"]].min(axis=1).fillna(end + 2 * ahead).to_numpy()
    ids, began, following, band = (spells[name].to_numpy() for name in ("customer_id", "ordered_at", "next", "band"))
    sets = []
    for case in cases.itertuples():
        near = _near(began, case.ordered_at, rng)
        moment = began[near] + (case.at - case.ordered_at).to_numpy()
        alike = (free[near] > moment) & (moment + ahead.to_numpy() <= end.to_numpy())
        alike &= (band[near] == case.band) & (ids[near] != case.customer_id)
        stays = following[near] <= moment + ahead.to_numpy()  # no next order (NaT) is none in time
        chosen = by_lot(np.flatnonzero(alike), OTHERS, rng)
        sets.append((case.customer_id, not case.next <= case.at + ahead, ids[near[chosen]], ~stays[chosen]))
    return _rows(sets)


def _spells(bought: pd.DataFrame, days: int) -> pd.DataFrame:
    """Each order with the customer's next one (NaT: none yet) and a band of how often they ordered lately."""
    each = bought.drop_duplicates().sort_values(["customer_id", "ordered_at"], ignore_index=True)
    lately = each.assign(n=1.0).set_index("ordered_at").groupby("customer_id")["n"].rolling(f"{2 * days}D").sum()
    band = np.searchsorted([1, 2, 3, 5, 8], lately.to_numpy())
    each = each.assign(next=each.groupby("customer_id")["ordered_at"].shift(-1), band=band)
    return each.sort_values(["ordered_at", "customer_id"], ignore_index=True)


def after_a_message(
    sent: pd.DataFrame, exposed: pd.Series, others: pd.Series, rng: np.random.Generator
) -> pd.DataFrame:
    """Messages of one sort beside those of another to other people within a week that are alike in ``band``.

    sent : customer_id, at, left (bool: unsubscribed with it), band; exposed and others mark its rows. Rows as of
    `after_an_experience`, a case being a message.
    """
    cases = by_lot(sent[exposed], MOST, rng)
    pool = sent[others].sort_values(["at", "customer_id"])
    ids, at, left, band = (pool[name].to_numpy() for name in ("customer_id", "at", "left", "band"))
    sets = []
    for case in cases.itertuples():
        near = _near(at, case.at, rng)
        alike = (band[near] == case.band) & (ids[near] != case.customer_id)
        chosen = near[by_lot(np.flatnonzero(alike), OTHERS, rng)]
        sets.append((case.customer_id, case.left, ids[chosen], left[chosen]))
    return _rows(sets)


def _near(times: np.ndarray, moment: pd.Timestamp, rng: np.random.Generator) -> np.ndarray:
    """Places in sorted times within a week of a moment."""
    at = moment.to_numpy()
    ends = np.searchsorted(times, at - AROUND), np.searchsorted(times, at + AROUND, side="right")
    return by_lot(np.arange(*ends), POOL, rng)


def by_lot(rows: pd.DataFrame | np.ndarray, most: int, rng: np.random.Generator) -> pd.DataFrame | np.ndarray:
    """All rows, or so many of them drawn by lot, in their order."""
    if len(rows) <= most:
        return rows
    drawn = np.sort(rng.choice(len(rows), most, replace=False))
    return rows[drawn] if isinstance(rows, np.ndarray) else rows.iloc[drawn]


def _rows(sets: Iterable[tuple[str, bool, np.ndarray, np.ndarray]]) -> pd.DataFrame:
    """One row per case and per other of it; cases to whom nobody compares are left out."""
    rows = []
    for number, (customer, gone, others, left) in enumerate(sets):
        if len(others):
            rows.append((number, customer, True, gone))
            rows += [(number, other, False, went) for other, went in zip(others, left, strict=True)]
    return pd.DataFrame(rows, columns=SETS).astype({"exposed": bool, "left": bool})


def contrast(sets: pd.DataFrame) -> dict[str, float]:
    """people, times (cases), share (left), share_others (mean of the sets), share_difference, ci_low, ci_high, p_value.

    The error is clustered by person, who may be a case once and another's comparison often: the sum per person of what
    each row adds to the difference (Liang & Zeger 1986). NaN where nobody or everybody left: then nothing varies.
    """
    own, others = sets[sets["exposed"]].set_index("case"), sets[~sets["exposed"]]
    y, mean = own["left"].astype(float), others.groupby("case")["left"].mean()
    size = others.groupby("case").size()
    difference, n, people = float((y - mean).mean()), len(own), own["customer_id"].nunique()
    spread = (others["left"] - others["case"].map(mean)) / (n * others["case"].map(size))
    as_case, as_other = (y - mean - difference) / n, -spread
    parts = pd.concat([as_case.set_axis(own["customer_id"]), as_other.set_axis(others["customer_id"])])
    by_person = parts.groupby(level=0).sum()
    error = float(np.sqrt((by_person**2).sum() * people / max(people - 1, 1)))
    made = {"people": people, "times": n, "share": float(y.mean()), "share_others": float(mean.mean())}
    if not error > 1e-12 or people < 2:
        return made | dict.fromkeys(("share_difference", "ci_low", "ci_high", "p_value"), np.nan)
    half = t.ppf(0.975, people - 1) * error
    p = float(2 * t.sf(abs(difference) / error, people - 1))
    return made | {
        "share_difference": difference,
        "ci_low": difference - half,
        "ci_high": difference + half,
        "p_value": p,
    }
