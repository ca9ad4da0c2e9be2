"""Products by week: posted and remembered prices, orders, and a Poisson model of orders with levels held equal."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.beliefs.estimators import conditional_poisson
from helpers.beliefs.evidence import Evidence

MEMORY = 0.7
"""Weight of the remembered price against last week's, fixed beforehand: fitting it would be one more way to find
something. It lies within what scanner panels gave (Briesch, Krishnamurthi, Mazumdar & Raj 1997)."""
BURN_IN, USUAL, LONGEST = 4, 8, 364
"""Weeks before a product's remembered price counts; weeks whose highest price is the usual one; days before the first
order that prices are looked at, older ones standing as of then."""
AN_OFFER = 0.05
"""By how much a price lies below the usual one, at the least, to be an offer and no mere step by cents."""
LEAST_CHANGES, MOST_PRODUCTS = 2, 500
"""Price changes of a product that takes part, and the most such products (those ordered most often)."""
LEAST_ALIKE, MOST_SEASONS = 5, 400
"""Products without which a category has no weeks of its own, and the most weeks of categories."""
REST = "other"


def price_weeks(evidence: Evidence) -> pd.DataFrame:
    """One row per product and week at one posted price, for products with at least two price changes.

    Returns
    -------
    DataFrame
        product_id, week (number), price (as posted), orders (number of orders with the product), gap (log of the price
        over the remembered one: an exponentially weighted average of the log prices of earlier weeks), offer (the
        price is below the highest of the last eight weeks by `AN_OFFER` or more), season (category and week),
        offer_1_ago, ... (by how much the log price was below that highest one so many weeks ago; ..._and_now the same
        in weeks on offer) and price_1_ahead, price_2_ahead (log price to come less today's; missing at the end). Weeks
        run from the weekday on which prices change most; weeks in which the price changed midway count for memory
        only, and so do a product's first four. A product's rows end with its first and its last order.

    Orders and not units are counted, since one large order is one decision. Weeks and not days, since a product with
    few orders tells nothing from day to day; the honesty of either rests on the products as clusters.
    """
    lines = evidence.bought_lines().dropna(subset=["product_id"])
    posted = evidence.tables.frames["prices"]
    posted = posted[np.isfinite(posted["price"].astype(float)) & (posted["price"] > 0) & posted["at"].notna()]
    posted = posted[posted["product_id"].isin(lines["product_id"])].sort_values("at", kind="stable")
    lags, leads = range(1, 4), range(1, 3)
    columns = ["product_id", "week", "price", "orders", "gap", "offer", "season", *(f"offer_{k}_ago" for k in lags)]
    columns += [*(f"offer_{k}_ago_and_now" for k in lags[:2]), *(f"price_{k}_ahead" for k in leads)]
    if posted.empty:
        return pd.DataFrame(columns=columns)
    first = lines["ordered_at"].min().normalize() - pd.Timedelta(days=LONGEST)
    by_day = posted.assign(day=posted["at"].dt.normalize().clip(lower=first))
    by_day = by_day.pivot_table(index="day", columns="product_id", values="price", aggfunc="last").astype(float)
    start = min(by_day.index[0], lines["ordered_at"].min().normalize())
    by_day = by_day.reindex(pd.date_range(start, lines["ordered_at"].max())).ffill()
    changes = (by_day != by_day.shift()) & by_day.shift().notna()
    weekday = changes.sum(axis=1).groupby(by_day.index.day_of_week).sum().idxmax()
    start = by_day.index[by_day.index.day_of_week == weekday][0]
    weeks = len(by_day[start:]) // 7
    cube = by_day[start:].to_numpy()[: 7 * weeks].reshape(weeks, 7, -1)
    price = pd.DataFrame(cube[:, 0], columns=by_day.columns).rename_axis(index="week")
    log_price = pd.DataFrame(np.log(cube).mean(axis=1), columns=by_day.columns)
    remembered = log_price.ewm(alpha=1 - MEMORY, adjust=False, ignore_na=True).mean().shift()
    sold = lines.assign(week=(lines["ordered_at"] - start).dt.days // 7).groupby(["week", "product_id"])["order_id"]
    sold = sold.nunique().unstack().reindex(index=price.index, columns=price.columns)
    between = sold.bfill().notna() & sold.ffill().notna()
    highest = price.rolling(USUAL, min_periods=1).max()
    offer, depth = price <= highest * (1 - AN_OFFER), np.log(highest / price)
    ago = {f"offer_{k}_ago": depth.shift(k).fillna(0.0) for k in lags}
    parts = ago | {f"offer_{k}_ago_and_now": ago[f"offer_{k}_ago"] * offer for k in lags[:2]}
    parts |= {f"price_{k}_ahead": np.log(price.shift(-k) / price) for k in leads}
    parts |= {
        "price": price, "orders": sold.fillna(0.0).astype(float), "gap": np.log(price) - remembered,
        "offer": offer,
        "kept": between & (cube == cube[:, :1]).all(axis=1) & (log_price.notna().cumsum() > BURN_IN),
    }  # fmt: skip
    most = sold.loc[:, changes.sum() >= LEAST_CHANGES].sum().sort_values(ascending=False, kind="stable")
    names = most.index[most > 0][:MOST_PRODUCTS]
    long = pd.concat({name: part[names].stack(future_stack=True) for name, part in parts.items()}, axis=1)
    long = long[long["kept"].astype(bool)].reset_index()
    return long.assign(season=_seasons(long, lines))[columns]


def _seasons(weeks: pd.DataFrame, lines: pd.DataFrame) -> pd.Series:
    """Category and week of each row; small categories go together, and so do all where there would be too many."""
    if "category" not in lines:
        return weeks["week"].astype("str")
    each = lines.dropna(subset=["category"]).groupby("product_id")["category"].agg(lambda c: c.mode().iloc[0])
    category = weeks["product_id"].map(each).fillna(REST).astype("str")
    size = (
        category.groupby(category)
        .size()
        .where(category.groupby(category).agg(lambda c: weeks.loc[c.index, "product_id"].nunique()) >= LEAST_ALIKE, 0)
    )
    most = max(MOST_SEASONS // max(weeks["week"].nunique(), 1) - 1, 0)
    kept = size[size > 0].sort_values(ascending=False, kind="stable").index[:most]
    category = category.where(category.isin(kept), REST)
    if weeks.loc[category == REST, "product_id"].nunique() < LEAST_ALIKE and len(kept):
        category = category.where(category != REST, kept[0])
    return category + " " + weeks["week"].astype("str")


def fixed_effects_poisson(
    y: np.ndarray, X: np.ndarray, cell: np.ndarray, cluster: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of a Poisson model with one free level per cell, and their covariance clustered by product.

    y : counts, n. X : n x k. cell, cluster : codes from 0; a cell lies within one cluster and has an event.

    The covariance is the linearised cluster jackknife CV3L of MacKinnon, Nielsen & Webb (2024), to be read with t
    quantiles on clusters - 1 degrees of freedom: it stays honest with a dozen products. Raises as
    `conditional_poisson`.
    """
    beta, within, mu = conditional_poisson(y, X, cell)
    clusters = sparse.csr_array((np.ones(len(y)), (cluster, np.arange(len(y)))))
    scores = clusters @ (within * (y - mu)[:, None])
    of_each = [cluster == g for g in range(len(scores))]
    parts = np.stack([within[own].T @ (mu[own, None] * within[own]) for own in of_each])
    without = np.linalg.pinv(parts.sum(axis=0) - parts, rcond=1e-10, hermitian=True)
    left_out = np.einsum("gij,gj->gi", without, scores)
    return beta, left_out.T @ left_out * (len(parts) - 1) / len(parts)


def slopes(
    weeks: pd.DataFrame, columns: list[str], same: list[str] | bool = True
) -> tuple[np.ndarray, np.ndarray, int]:
    """Slopes of log orders on ``columns`` of `price_weeks` at equal week, their covariance, and how many products.

    Compared is the same product at the same price (``same``: columns that are equal besides the product), so that
    whatever a price or the label of an offer does by itself cancels; without it the same product. The week is that of
    the product's category where there is one. Cells and weeks that tell nothing are left out.
    """
    key = ["product_id", *(["price"] if same is True else same or [])]
    season = "season" if "season" in weeks else "week"
    kept = pd.Series([False])
    while not kept.all():
        by_cell, by_week = weeks.groupby(key)["orders"], weeks.groupby(season)["orders"]
        kept = (by_cell.transform("sum") > 0) & (by_cell.transform("size") > 1) & (by_week.transform("sum") > 0)
        weeks = weeks[kept]
        if weeks.empty:
            raise PerfectSeparationError("no product was sold twice at one price")
    product = pd.factorize(weeks["product_id"])[0]
    names = weeks[season].astype("str")
    block = names.str.rpartition(" ")[0] if season == "season" else pd.Series("", weeks.index)
    # one week of each category is what the others are compared with: its products' own levels hold the rest
    first = names.groupby(block).transform("first")
    dummies = pd.get_dummies(names.where(names != first), dtype=float)
    X = np.column_stack([weeks[columns].to_numpy(float), dummies])
    cell = weeks.groupby(key).ngroup().to_numpy()
    beta, within, mu = conditional_poisson(weeks["orders"].to_numpy(float), X, cell)
    residual = weeks["orders"].to_numpy(float) - mu
    k, n = len(columns), int(product.max()) + 1
    of_block = pd.Series(block.to_numpy()).groupby(product).first().to_numpy()
    place = {name: np.arange(k, X.shape[1])[dummies.columns.isin(names[block == name])] for name in set(of_block)}
    return beta[:k], _left_out(within, mu, residual, product, k, [place[name] for name in of_block]), n


def _left_out(
    within: np.ndarray, mu: np.ndarray, residual: np.ndarray, cluster: np.ndarray, k: int, own: list[np.ndarray]
) -> np.ndarray:
    """CV3L of `fixed_effects_poisson` of the first k columns, where a cluster has only the columns ``own`` besides.

    The columns of different categories never meet, so that each step needs only those of one (Schur complement).
    """
    information = within.T @ (mu[:, None] * within)

    def inverse(matrix: np.ndarray) -> np.ndarray:
        return np.linalg.pinv(matrix, rcond=1e-10, hermitian=True)

    blocks = {tuple(columns) for columns in own}
    taken = {
        columns: information[:k, list(columns)] @ inverse(information[np.ix_(columns, columns)])
        @ information[list(columns), :k]
        for columns in blocks
    }  # fmt: skip
    rest = information[:k, :k] - sum(taken.values())
    left_out = np.zeros((len(own), k))
    for g, columns in enumerate(own):
        rows = cluster == g
        x = within[np.ix_(rows, [*range(k), *columns])]
        part, score = x.T @ (mu[rows, None] * x), x.T @ residual[rows]
        cross = information[np.ix_(range(k), columns)] - part[:k, k:]
        through = cross @ inverse(information[np.ix_(columns, columns)] - part[k:, k:])
        schur = rest + taken[tuple(columns)] - part[:k, :k] - through @ cross.T
        left_out[g] = inverse(schur) @ (score[:k] - through @ score[k:])
    return left_out.T @ left_out * (len(own) - 1) / len(own)
