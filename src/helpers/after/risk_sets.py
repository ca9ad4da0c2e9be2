"""Cases beside others of their risk set, and the difference in what share of them leaves.

Whoever complains must have stayed until then, so customers with and without a complaint cannot simply be compared: the
time until the complaint cannot hold a departure (immortal time; Suissa 2008, Am. J. Epidemiol. 167). Here each case is
set beside others of its risk set: people who at the same time had ordered last as long ago, had not ordered again and
had not had the experience yet, whatever came later (Prentice & Breslow 1978, Biometrika 65; Li, Propert & Rosenbaum
2001, JASA 96). What is compared begins at that moment, and only where it can be seen to its end. How often, how many
times and how lately before the others had ordered is held equal by regression within the sets (Abadie & Imbens 2011,
J. Bus. Econ. Stat. 29). How often each of these comparisons errs: ``benchmarks/calibration/leaving.md``.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import polygamma
from scipy.stats import t
from statsmodels.duration.hazard_regression import PHReg

AROUND = np.timedelta64(7, "D")
"""Comparable others are from within a week before or after."""
OTHERS, POOL, MOST = 20, 2000, 5000
"""Others to a case, candidates among whom they are, and cases; where there are more, they are drawn by lot."""
HORIZON, LEAST_GAPS = 0.9, 50
"""Leaving is no order for longer than this share of the gaps between orders, where there are so many."""
SETS = ["case", "customer_id", "exposed", "left"]
HISTORY = ["rate", "number", "gap", "usual", "since"]
"""What is held equal where the sets hold it, each a logarithm."""
ALIKE = 20.0
"""The most that one person's rate is known beforehand, in orders: with more, people are as good as equal."""
LIKELY = 1.0
"""How far an experience is likely to be a sign of frequency, in orders, before the data are seen (standard deviation):
with one order its chance is proportional to the rate."""
DAY = pd.Timedelta(days=1)


def horizon(bought: pd.DataFrame) -> int | None:
    """Days within which nine in ten of those who order again do so (customer_id, ordered_at); None with few gaps."""
    each = bought.drop_duplicates().sort_values(["customer_id", "ordered_at"])
    gaps = each.groupby("customer_id")["ordered_at"].diff().dropna() / DAY
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
    ``days`` of the moment at which as much time had passed since the last order as for the case at its experience),
    wait (days from then to the next order; infinite where there is none), and what `history` says of the last order.
    Left out are cases whose ``days`` run beyond ``end``, who had not ordered before, or to whom nobody compares.
    """
    ahead, spells = np.timedelta64(days, "D"), history(bought)
    first = events.groupby("customer_id", as_index=False)["at"].min().sort_values(["at", "customer_id"])
    spells["event"] = spells["customer_id"].map(first.set_index("customer_id")["at"])
    place = spells[["customer_id", "ordered_at"]].assign(row=np.arange(len(spells)))
    cases = pd.merge_asof(first, place, left_on="at", right_on="ordered_at", by="customer_id").dropna(subset=["row"])
    cases = by_lot(cases[cases["at"] + ahead <= end], MOST, rng)
    ids, began, following, event = (spells[name].to_numpy() for name in ("customer_id", "ordered_at", "next", "event"))
    free = np.fmin(np.fmin(following, event), end.to_numpy() + 2 * ahead)
    sets = []
    for row, at in zip(cases["row"].astype(int), cases["at"].to_numpy(), strict=True):
        near = _near(began, began[row], rng)
        moment = began[near] + (at - began[row])
        alike = (free[near] > moment) & (moment + ahead <= end.to_numpy()) & (ids[near] != ids[row])
        chosen = by_lot(np.flatnonzero(alike), OTHERS, rng)
        sets.append((row, at, near[chosen], moment[chosen]))
    rows = _numbered(sets, spells)
    wait = (rows["next"] - rows.pop("moment")) / DAY
    rows = rows.assign(left=~(wait <= days), wait=wait.fillna(np.inf))
    return rows[[*SETS, "wait", "rate", "number", "gap", "one_more"]]


def history(bought: pd.DataFrame) -> pd.DataFrame:
    """Each order with the customer's next one and what was known of them then.

    Returns
    -------
    customer_id, ordered_at, next (NaT: none yet), and as logarithms number (orders so far), gap (days since the order
    before; the usual gap of all at the first) and rate (orders a day so far). Rate and number are drawn to those of all
    as far as one person's gaps resemble one another (gamma-Poisson; the covariance of the logarithms of neighbouring
    gaps is the trigamma function of the prior's weight). one_more : by what part both would grow with one order more.
    """
    each = bought.drop_duplicates().sort_values(["customer_id", "ordered_at"], ignore_index=True)
    by_customer = each.groupby("customer_id")["ordered_at"]
    number, gap = by_customer.cumcount() + 1, by_customer.diff() / DAY
    usual = max(gap.median(), 0.5) if gap.notna().any() else 1.0
    logs = np.log(gap.clip(lower=0.5))
    pairs = pd.concat([logs, logs.groupby(each["customer_id"]).shift(-1)], axis=1).dropna()
    alike = pairs.cov().iloc[0, 1] if len(pairs) >= LEAST_GAPS else 0.0
    lightest = polygamma(1, ALIKE)
    prior = brentq(lambda weight: polygamma(1, weight) - max(alike, lightest), 0.05, ALIKE + 1)
    since = (each["ordered_at"] - by_customer.transform("min")) / DAY
    known = prior + number - 1
    each = each.assign(
        next=by_customer.shift(-1), number=np.log(known), gap=np.log1p(gap.fillna(usual)),
        rate=np.log(known / (since + prior * usual / np.log(2))), one_more=1 / known,
    )  # fmt: skip
    return each.sort_values(["ordered_at", "customer_id"], ignore_index=True)


def after_a_message(
    sent: pd.DataFrame, exposed: pd.Series, others: pd.Series, rng: np.random.Generator
) -> pd.DataFrame:
    """Messages of one sort beside those of another to other people within a week that are alike in ``band``.

    sent : customer_id, at, left (bool: unsubscribed with it), band, and columns of HISTORY; exposed and others mark
    its rows. Rows as of `after_an_experience`, a case being a message.
    """
    cases = by_lot(np.flatnonzero(exposed), MOST, rng)
    pool = sent.assign(row=np.arange(len(sent)))[others].sort_values(["at", "customer_id"])
    places, ids, at, band = (pool[name].to_numpy() for name in ("row", "customer_id", "at", "band"))
    sets = []
    of_case = (sent[name].to_numpy()[cases] for name in ("customer_id", "at", "band"))
    for row, customer, moment, own in zip(cases, *of_case, strict=True):
        near = _near(at, moment, rng)
        chosen = near[by_lot(np.flatnonzero((band[near] == own) & (ids[near] != customer)), OTHERS, rng)]
        sets.append((row, moment, places[chosen], at[chosen]))
    rows = _numbered(sets, sent).astype({"left": bool})
    return rows[[*SETS, *(name for name in HISTORY if name in rows)]]


def _near(times: np.ndarray, moment: np.datetime64, rng: np.random.Generator) -> np.ndarray:
    """Places in sorted times within a week of a moment."""
    ends = np.searchsorted(times, moment - AROUND), np.searchsorted(times, moment + AROUND, side="right")
    return by_lot(np.arange(*ends), POOL, rng)


def by_lot(rows: pd.DataFrame | np.ndarray, most: int, rng: np.random.Generator) -> pd.DataFrame | np.ndarray:
    """All rows, or so many of them drawn by lot, in their order."""
    if len(rows) <= most:
        return rows
    drawn = np.sort(rng.choice(len(rows), most, replace=False))
    return rows[drawn] if isinstance(rows, np.ndarray) else rows.iloc[drawn]


def _numbered(sets: Iterable[tuple[int, np.datetime64, np.ndarray, np.ndarray]], of: pd.DataFrame) -> pd.DataFrame:
    """Rows of each case and its others with case, exposed and moment; cases to whom nobody compares are left out."""
    sets = [each for each in sets if len(each[2])]
    rows = [np.r_[row, others] for row, _, others, _ in sets]
    size = np.array([len(each) for each in rows], dtype=int)
    first = np.r_[0, np.cumsum(size)[:-1]] if sets else size
    frame = of.iloc[np.concatenate(rows).astype(int) if sets else []].reset_index(drop=True)
    moments = [np.r_[at, others] for _, at, _, others in sets]
    return frame.assign(
        case=np.repeat(np.arange(len(sets)), size),
        exposed=np.isin(np.arange(len(frame)), first),
        moment=np.concatenate(moments) if sets else pd.Series(dtype="datetime64[us]"),
    )


# --- the difference ----------------------------------------------------------------------------------------------


def contrast(sets: pd.DataFrame, sign: tuple[float, float] | None = None) -> dict[str, float]:
    """people, times (cases), share (left), share_others (of others of the same history), share_difference, ci_low,
    ci_high, p_value, and the errors share_error, others_error, error (of the difference) and ratio_error (of the
    logarithm of their ratio); t quantiles with people - 1 degrees of freedom.

    Every set counts alike. Slopes of leaving on history come from the others, within sets. An experience may itself
    be a sign of frequency: ``sign``, by default `sign_of_frequency`, says of how many orders, and a case's history is
    read with so many more. The error is clustered by person, who may be a case once and another's comparison often:
    the sum per person of what each row adds (Liang & Zeger 1986). NaN where nobody or everybody left.
    """
    sets = sets.sort_values(["case", "exposed"], ascending=[True, False], kind="stable")
    exposed, y = sets["exposed"].to_numpy(), sets["left"].to_numpy(float)
    own, others = np.flatnonzero(exposed), np.flatnonzero(~exposed)
    n, of = len(own), np.cumsum(exposed)[others] - 1
    weight = 1 / np.bincount(of, minlength=n)[of]
    orders, doubt = sign_of_frequency(sets) if sign is None else sign
    x = _history(sets)
    means = _means(np.column_stack([y, x])[others], of, weight, n)
    apart, rest = x[others] - means[of, 1:], y[others] - means[of, 0]
    curvature = (apart * weight[:, None]).T @ apart
    slopes = np.linalg.lstsq(curvature, apart.T @ (weight * rest), rcond=1e-10)[0]
    ahead = x[own] - means[:, 1:]
    grows = 0.0
    if orders or doubt:
        one_more, read = sets["one_more"].to_numpy()[own], [name in ("rate", "number") for name in _names(sets)]
        ahead[:, read] += np.log1p(orders * one_more)[:, None]
        grows = slopes[read].sum() * (one_more / (1 + orders * one_more)).mean()
    expected = means[:, 0] + ahead @ slopes
    share, comparable = y[own].mean(), expected.mean()
    pull = np.linalg.lstsq(curvature, ahead.mean(axis=0), rcond=1e-10)[0]
    residual = rest - apart @ slopes
    adds = np.zeros((len(sets), 2))
    adds[own] = np.column_stack([y[own] - share, expected - comparable]) / n
    adds[others, 1] = weight * residual * (1 / n + apart @ pull)
    by_person = pd.DataFrame(adds).groupby(sets["customer_id"].to_numpy()).sum().to_numpy()
    people = sets["customer_id"].iloc[own].nunique()
    spread = by_person.T @ by_person * people / max(people - 1, 1)
    spread[1, 1] += grows**2 * doubt
    difference, error = share - comparable, _error(spread, np.array([1.0, -1.0]))
    made = {"people": people, "times": n, "share": share, "share_others": comparable}
    keys = ("share_difference", "ci_low", "ci_high", "p_value", "share_error", "others_error", "error", "ratio_error")
    if not error > 1e-12 or people < 2:
        return made | dict.fromkeys(keys, np.nan)
    half = t.ppf(0.975, people - 1) * error
    p = float(2 * t.sf(abs(difference) / error, people - 1))
    ratio = _error(spread, np.array([1 / share, -1 / comparable])) if min(share, comparable) > 0 else np.nan
    numbers = (difference, difference - half, difference + half, p, *np.sqrt(np.diag(spread)), error, ratio)
    return made | dict(zip(keys, map(float, numbers), strict=True))


def sign_of_frequency(sets: pd.DataFrame) -> tuple[float, float]:
    """Of how many further orders an experience is a sign, beyond the orders seen, and the variance of that number.

    If the chance of it grows as the rate to the power a, a person's rate given their orders and the experience is
    distributed as with a orders more. How cases differ in rate from others of their set with equal number and gap tells
    a: conditional logit (Breslow 1978), drawn to 0 as far as the data leave it open (normal prior, LIKELY). (0, 0)
    where the sets know no rate.
    """
    names = _names(sets)
    if "one_more" not in sets or "rate" not in names or sets["case"].nunique() < 2:
        return 0.0, 0.0
    x, strata = _history(sets), sets["case"].to_numpy()
    fit = PHReg(np.ones(len(sets)), x, status=sets["exposed"].to_numpy(int), strata=strata).fit(disp=0)
    place = names.index("rate")
    kept = LIKELY**2 / (LIKELY**2 + fit.bse[place] ** 2)
    least = -0.5 / sets.loc[sets["exposed"], "one_more"].max()
    return float(max(kept * fit.params[place], least)), float((1 - kept) * LIKELY**2)


def _names(sets: pd.DataFrame) -> list[str]:
    """The columns of history that vary."""
    return [name for name in HISTORY if name in sets and np.ptp(sets[name].to_numpy()) > 1e-9]


def _history(sets: pd.DataFrame) -> np.ndarray:
    """The history that varies, rows x columns."""
    return sets[_names(sets)].to_numpy(float)


def _means(rows: np.ndarray, of: np.ndarray, weight: np.ndarray, n: int) -> np.ndarray:
    """Means of the others of each case."""
    return np.column_stack([np.bincount(of, weight * column, minlength=n) for column in rows.T])


def _error(spread: np.ndarray, by: np.ndarray) -> float:
    return float(np.sqrt(max(by @ spread @ by, 0.0)))
