"""Placing people by a frozen model, with plain numpy: who belongs to which group, and what the model needs to know.

The same as a query, computed where the data are, is ``placing_sql``; each is tested against the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.columns import WEEKEND
from helpers.contracts import UNASSIGNED
from helpers.customers.customers import Customers
from helpers.survey.survey import Survey
from helpers.types.answer_columns import answers_that_count, by_unit, matched_answers
from helpers.types.mixture import posterior

# --- what a model reads ------------------------------------------------------------------------------------------


def behaviour_columns(model: dict[str, Any]) -> list[str]:
    """The columns of ``Customers.features`` that a model reads; none for a model of survey answers alone."""
    tiers = model.get("tiers")
    by_tier = [tiers["column"]] if tiers and tiers["table"] == "customers" else []
    named = [rule[part] for rule in model["features"] for part in ("column", "trials") if part in rule] + by_tier
    if named or model["structural"]:
        named = ["orders", *named]
    split = [part for name in named for part in (WEEKEND if name == "weekend_share" else (name,))]
    return list(dict.fromkeys(split))


def rating_columns(model: dict[str, Any]) -> list[str]:
    """The survey items that a model reads as numbers from 0."""
    tiers = model.get("tiers")
    by_tier = [tiers["column"]] if tiers and tiers["table"] == "survey" else []
    return [*(model["likert"]["items"] if model["likert"] else []), *by_tier]


# --- who is placed where -----------------------------------------------------------------------------------------


def assign(
    model: dict[str, Any], features: pd.DataFrame | None, answers: pd.DataFrame | None, no_order: Sequence[str] = ()
) -> pd.DataFrame:
    """Place people by a frozen model, with plain numpy.

    Parameters
    ----------
    model : the content of model.json.
    features : customers.features (one row per customer); None in a survey-only study.
    answers : survey.answers, or None; respondents without a customer are left out unless there are no features.
    no_order : customers without an order, whom no model can place.

    Returns
    -------
    One row per customer, sorted: customer_id, persona (an id or ``unassigned``), probability (of the likeliest; 1 for
    rules, NaN where nothing is known), answered, p_<id> per clustered group (NaN for who was not placed by the model).
    """
    asked = set() if answers is None else set(answers["customer_id"].dropna())
    features, answers = aligned(features, answers)
    ids = model["ids"]
    if model["kind"] == "tiers":
        probabilities, known = _tier_posterior(model["tiers"], features, answers, len(ids))
    else:
        probabilities, known = posterior(model, features, answers)
    probabilities[~known] = np.nan
    best, certain = probabilities.argmax(axis=1), probabilities.max(axis=1)
    placed = known & (certain >= model["label_rule"].get("threshold", 1))
    persona = np.where(placed, np.array(ids)[best], UNASSIGNED).astype(object)
    for rule in model["structural"]:
        if "column" in rule and rule["column"] in features:
            ruled = (features[rule["column"]] <= rule["at_most"]).to_numpy()
            persona[ruled], certain[ruled], probabilities[ruled] = rule["id"], 1.0, np.nan
    found = {"customer_id": features.index, "persona": persona, "probability": certain}
    found["answered"] = answers["respondent_id"].notna().to_numpy()
    found |= {f"p_{group}": probabilities[:, c] for c, group in enumerate(ids)}
    by_rule = next(((rule["id"], 1.0) for rule in model["structural"] if "column" not in rule), (UNASSIGNED, np.nan))
    waiting = pd.DataFrame({"customer_id": list(no_order), "answered": [customer in asked for customer in no_order]})
    waiting["persona"], waiting["probability"] = by_rule
    everybody = pd.concat([pd.DataFrame(found), waiting]) if len(waiting) else pd.DataFrame(found)
    return everybody.astype({"customer_id": "str", "persona": "str"}).sort_values("customer_id", ignore_index=True)


def everybody(model: dict[str, Any], customers: Customers | None, survey: Survey | None) -> pd.DataFrame:
    """``assign`` for all customers, those without an order among them, or for all respondents."""
    features, no_order = (None, ()) if customers is None else (customers.features, customers.no_order)
    return assign(model, features, answers_that_count(survey), no_order)


def aligned(features: pd.DataFrame | None, answers: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables by unit: customers with their answers, or respondents where there are no features."""
    if features is None:
        answers = by_unit(answers)
        return pd.DataFrame(index=answers.index), answers
    features = features.set_index("customer_id", drop=False)
    return features, matched_answers(answers).reindex(features.index)


def ruled(model: dict[str, Any], features: pd.DataFrame) -> np.ndarray:
    """Who is placed by a rule on a column, before anything else is looked at (bool per row)."""
    rules = [rule for rule in model.get("structural", []) if "column" in rule and rule["column"] in features]
    met = [(features[rule["column"]] <= rule["at_most"]).to_numpy() for rule in rules]
    return np.any(met, axis=0) if met else np.zeros(len(features), dtype=bool)


def _tier_posterior(
    tiers: dict[str, Any], features: pd.DataFrame, answers: pd.DataFrame, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """1 for the tier that a value reaches, the highest tier last; who has no value is not known."""
    source = features if tiers["column"] in features else answers
    values = source[tiers["column"]].to_numpy(dtype=float, na_value=np.nan)
    known = ~np.isnan(values)
    reached = np.searchsorted(tiers["edges"], np.where(known, values, -np.inf), side="right")
    return np.eye(k)[reached], known
