"""What model.json remembers of the day it was made, so that later customers can be measured without those of then.

How far people lay from the nearest class, and what an order of each class was worth: with the one, people unlike all
earlier ones are told from a new cut through the same ones; with the other, a change of prices from a change of mix.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.columns import feature
from helpers.types.mixture import posterior
from helpers.types.prepare import behaviour_units

RADIUS = 0.99
LEAST = 30
"""Customers whose median order is a level to compare with."""


def yardsticks(model: dict[str, Any], features: pd.DataFrame, answers: pd.DataFrame) -> dict[str, Any]:
    """The fields ``radius`` and ``order_values`` of model.json, of the people whom the model slices.

    radius : Mahalanobis distance of behaviour to the nearest class within which 99 % lie; None without behaviour.
    order_values : as ``order_values`` gives them.
    """
    far = distances(model, features)
    radius = None if far is None else float(np.quantile(far, RADIUS))
    return {"radius": radius, "order_values": order_values(model, features, answers)}


def distances(model: dict[str, Any], features: pd.DataFrame) -> np.ndarray | None:
    """Mahalanobis distance of everyone's behaviour to the nearest class; None for a model without behaviour.

    Not winsorised: whoever lies beyond the range of then is what is looked for.
    """
    block = model.get("classes", {}).get("behaviour")
    if block is None:
        return None
    open_ended = [rule | {"low": -np.inf, "high": np.inf} for rule in model["features"]]
    values = behaviour_units(features, open_ended).to_numpy()
    root = np.linalg.cholesky(np.array(block["covariance"]))
    away = [(np.linalg.solve(root, (values - mean).T) ** 2).sum(axis=0) for mean in np.array(block["means"])]
    return np.sqrt(np.min(away, axis=0))


def order_values(model: dict[str, Any], features: pd.DataFrame, answers: pd.DataFrame) -> list[dict[str, float] | None]:
    """Per class the median of log average order value and how many know one; None where fewer than 30 do.

    Classes are told by all columns but money, and looked at one by one, so that neither a change of prices nor one of
    the mix is read as the other. Tiers are one class; without orders there is none.
    """
    if "average_order_value" not in features:
        return []
    worth = np.log(features["average_order_value"].where(features["average_order_value"] > 0)).to_numpy(float)
    classes, k = np.zeros(len(worth), dtype=int), 1
    if model["kind"] == "mixture":
        classes, k = posterior(_without_money(model), features, answers)[0].argmax(axis=1), len(model["ids"])
    known = [worth[(classes == c) & ~np.isnan(worth)] for c in range(k)]
    return [{"median": float(np.median(own)), "n": len(own)} if len(own) >= LEAST else None for own in known]


def price_change(model: dict[str, Any], features: pd.DataFrame, answers: pd.DataFrame) -> float | None:
    """Common change of log order values since the model was made: the mean over classes of their medians' change.

    None where the model or the data know no order values. Whatever raised the orders of every class alike counts as
    prices: it is no change of the mix, and from orders alone dearer goods cannot be told from larger baskets.
    """
    pairs = zip(model.get("order_values") or [], order_values(model, features, answers), strict=False)
    both = pd.DataFrame([(now["median"] - then["median"], now["n"]) for then, now in pairs if then and now])
    return None if both.empty else float(np.average(both[0], weights=both[1]))


def deflated(features: pd.DataFrame, change: float) -> pd.DataFrame:
    """``features`` with every column in money at the prices of then."""
    money = [name for name in features if _priced(name)]
    return features.assign(**{name: features[name] / np.exp(change) for name in money})


def _priced(column: str) -> bool:
    """Whether a column holds money that goes with the prices of the shop."""
    row = feature(column)
    return row is not None and row.unit == "money" and row.source == "sales"


def moves_by_chance(placed: pd.DataFrame) -> pd.DataFrame:
    """How many customers would stand in which group if the very same people came again: a square table, from x to.

    Who has the posterior p belongs to class c with p_c, and members of c are given the label l with the probability
    that the model errs so (Vermunt 2010, Political Analysis 18:450): expected[a, l] = sum over those labelled a of
    p_c P(l | c). Placed by a rule, one stays. A bootstrap of the division (``would_move``) answers another question: it
    moves the borders and keeps each customer's orders, while here the model is frozen and new orders come in. In the
    simulated shop it foretells the share that moves to within two points where types are clear and up to nine too many
    where they overlap; the bootstrap foretells a tenth to a half of it (``make calibrate``, section drift).

    Parameters
    ----------
    placed : as ``placing.assign`` gives it: persona, and p_<id> per class.
    """
    states = sorted(placed["persona"].unique())
    labels = pd.get_dummies(placed["persona"]).reindex(columns=states).to_numpy(float)
    posteriors = placed.filter(regex="^p_").to_numpy(float)
    sliced = ~np.isnan(posteriors).all(axis=1) if posteriors.shape[1] else np.zeros(len(placed), dtype=bool)
    given, p = labels[sliced], posteriors[sliced]
    errs = p.T @ given / np.maximum(p.sum(axis=0), 1e-12)[:, None]
    expected = (given.T @ p) @ errs + np.diag(labels[~sliced].sum(axis=0))
    return pd.DataFrame(expected, index=states, columns=states)


def _without_money(model: dict[str, Any]) -> dict[str, Any]:
    """The same model by all columns but those in money."""
    kept = [i for i, rule in enumerate(model["features"]) if not _priced(rule["column"])]
    classes = dict(model["classes"])
    block = classes.pop("behaviour", None)
    if block and kept:
        means, covariance = np.array(block["means"])[:, kept], np.array(block["covariance"])[np.ix_(kept, kept)]
        classes["behaviour"] = {"means": means.tolist(), "covariance": covariance.tolist()}
    return model | {"features": [model["features"][i] for i in kept], "classes": classes}
