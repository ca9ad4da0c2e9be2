"""What ``bench.py`` holds the suite against: the same things by hand, as one would write them without it."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import gaussian_kde
from sklearn.cluster import KMeans
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import adjusted_rand_score

START, END = dt.date(2025, 1, 1), dt.date(2026, 1, 1)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
QUARTERS = ("night", "morning", "afternoon", "evening")


def features(file: Path) -> pd.DataFrame:
    """The customer features of ``features_ibis`` in pandas."""
    lines = pd.read_parquet(file)
    within = lines["ordered_at"].between(pd.Timestamp(START), pd.Timestamp(END), inclusive="left")
    returned = (lines["amount"] < 0) | (lines["quantity"] < 0)
    returns = lines[within & returned].groupby("customer_id")["amount"].agg(["size", "sum"])
    lines = lines[within & ~returned]
    lines["discounted"] = lines["discount"] != 0
    lines["coupon"] = ~lines["coupon"].str.strip().str.lower().isin(["", "-", "0", "no", "none", "false", "нет"])
    orders = lines.groupby(["customer_id", "order_id"], sort=False, as_index=False).agg(
        ordered_at=("ordered_at", "min"),
        amount=("amount", "sum"),
        lines=("amount", "size"),
        units=("quantity", "sum"),
        channel=("channel", "min"),
        discount_lines=("discounted", "sum"),
        coupon=("coupon", "any"),
    )
    at = orders["ordered_at"].dt
    shares = {"single_item": orders["lines"] == 1, "coupon": orders["coupon"]}
    shares |= {day: at.day_of_week == i for i, day in enumerate(DAYS)}
    shares |= {quarter: at.hour // 6 == i for i, quarter in enumerate(QUARTERS)}
    shares |= {f"channel_{name}": orders["channel"] == name for name in orders["channel"].unique()}
    orders = orders.assign(**{f"{name}_share": condition for name, condition in shares.items()})
    grouped = orders.groupby("customer_id")
    totals = grouped[["lines", "amount", "units", "discount_lines", "coupon"]].sum()
    features = totals.rename(columns={"amount": "spend", "coupon": "coupon_orders"})
    features["orders"] = grouped.size()
    features["average_order_value"] = features["spend"] / features["orders"]
    features["basket_size"] = features["units"] / features["orders"]
    features["discount_share"] = features["discount_lines"] / features["lines"]
    features[["order_value_min", "order_value_max"]] = grouped["amount"].agg(["min", "max"])
    quartiles = grouped["amount"].quantile([0.25, 0.5, 0.75]).unstack()
    features[["order_value_q25", "order_value_median", "order_value_q75"]] = quartiles
    for name, moment in (("recency_days", "max"), ("tenure_days", "min")):
        features[name] = (pd.Timestamp(END) - grouped["ordered_at"].agg(moment).dt.normalize()).dt.days
    features = features.join(grouped[[f"{name}_share" for name in shares]].mean())
    features["return_lines"] = returns["size"].reindex(features.index, fill_value=0)
    features["returned"] = returns["sum"].abs().reindex(features.index, fill_value=0)
    features["return_share"] = features["return_lines"] / (features["lines"] + features["return_lines"])
    return features


def stability(X: np.ndarray, refits: int) -> list[float]:
    """Mean agreement of pairs of bootstrap refits, k = 2..6, by a plain loop over k-means with ten starts."""
    rng, found = np.random.default_rng(1), []
    for k in range(2, 7):
        samples = [rng.integers(0, len(X), len(X)) for _ in range(refits)]
        again = [KMeans(k, n_init=10, random_state=i).fit(X[rows]).predict(X) for i, rows in enumerate(samples)]
        pairs = zip(again[::2], again[1::2], strict=False)
        found.append(float(np.mean([adjusted_rand_score(one, other) for one, other in pairs])))
    return found


def gate(X: np.ndarray, draws: int) -> bool:
    """Whether both statistics exceed data without types: k-means with ten starts, a kernel density, every draw made."""
    from helpers.types.gate import ALPHA, GATE_RANGE, PILOTS, null_draws

    def valley(X: np.ndarray, labels: np.ndarray) -> float:
        depths = []
        for i, j in itertools.combinations(range(labels.max() + 1), 2):
            pair, of = X[(labels == i) | (labels == j)], labels[(labels == i) | (labels == j)]
            on = LinearDiscriminantAnalysis().fit_transform(pair, of)[:, 0]
            means = sorted(on[of == cluster].mean() for cluster in (i, j))
            points = np.linspace(on.min(), on.max(), 64)
            spread = np.sqrt(np.mean([on[of == cluster].var() for cluster in (i, j)]))
            density = gaussian_kde(on, 0.9 * spread * len(on) ** -0.2 / on.std()).evaluate(points)
            between = np.flatnonzero((points >= means[0]) & (points <= means[1]))
            lowest = between[density[between].argmin()]
            depths.append(1 - density[lowest] / min(density[: lowest + 1].max(), density[lowest:].max()))
        return min(depths)

    def both(X: np.ndarray) -> tuple[np.ndarray, float]:
        fits = [KMeans(k, n_init=10, random_state=1).fit(X) for k in GATE_RANGE]
        total = ((X - X.mean(axis=0)) ** 2).sum()
        return np.array([-np.log(fit.inertia_ / total) for fit in fits]), max(valley(X, fit.labels_) for fit in fits)

    null = null_draws(X, np.random.default_rng(1))
    pilots = np.array([both(next(null))[0] for _ in range(PILOTS)])
    centre, spread = pilots.mean(axis=0), pilots.std(axis=0, ddof=1)

    def scores(X: np.ndarray) -> np.ndarray:
        clustering, depth = both(X)
        return np.array([((clustering - centre) / spread).max(), depth])

    observed = scores(X)
    exceeded = sum(scores(next(null)) >= observed for _ in range(draws))
    return bool(((exceeded + 1) / (draws + 1)).max() <= ALPHA)
