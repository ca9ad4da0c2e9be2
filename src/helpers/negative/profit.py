"""Money: what each persona brings, and whether profit differs from one to another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.beliefs.estimators import RESAMPLES
from helpers.beliefs.evidence import Evidence
from helpers.beliefs.verdict import Finding, by_clarity, wald
from helpers.cards.cards import Handed
from helpers.cards.claims import bch_weights
from helpers.cards.personas import Personas
from helpers.contracts import Worth
from helpers.customers.customers import Customers
from helpers.negative.worth import contribution
from helpers.words import say


def profit_by_persona(evidence: Evidence, sesoi: float) -> Finding:
    """Held-out margin of each persona against all others, corrected for uncertain assignment, bootstrapped.

    Margin after holdout_from took no part in making the personas. Judged in standard deviations of the margin.
    """
    if evidence.customers is None or "margin" not in evidence.customers.held_out:
        raise evidence.not_testable("needs", missing=["sales.unit_cost"])
    margin, weights, groups = _margins(evidence)
    spread = float(margin.std(ddof=1))
    if spread == 0:
        raise evidence.not_testable("all_alike")
    estimates = _against_others(margin, weights)
    rng = np.random.default_rng(evidence.study.seed)
    picks = (rng.integers(0, len(margin), len(margin)) for _ in range(RESAMPLES))
    se = np.std([_against_others(margin[i], weights[i]) for i in picks], axis=0, ddof=1)
    contrasts = []
    for group, estimate, error in zip(groups, estimates, se, strict=True):
        money = wald(group, "mean difference", float(estimate), float(error)).effects
        scaled = wald(group, "standardised difference", float(estimate / spread), float(error / spread))
        contrasts.append(replace(scaled, effects=(*money, *scaled.effects)))
    ordered, p = by_clarity(contrasts)
    first = ordered[0].effects[0]
    interval = first.ci_low, first.ci_high
    persona = evidence.handles[first.label]
    sentence = say("hypotheses.facts.profit", persona=persona, difference=first.estimate, interval=interval)
    n = dict(zip(groups, np.bincount(weights.argmax(axis=1), minlength=len(groups)).tolist(), strict=True))
    notes = say("hypotheses.note.likeliest", n=int(sum(n.values())))
    return Finding(ordered, p, n, say("hypotheses.method.profit"), sentence, notes=notes)


def _margins(evidence: Evidence) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Held-out margin, BCH weights and group ids of customers in a compared group (at least two groups)."""
    groups = list(evidence.handles)
    margins = evidence.customers.held_out[["customer_id", "margin"]].dropna()
    rows = evidence.personas.assignments.merge(margins, on="customer_id")
    posterior = rows.reindex(columns=[f"p_{g}" for g in groups]).astype(float)
    clustered = posterior.notna().all(axis=1) & (posterior.sum(axis=1) > 0.5)
    if clustered.any():
        rows, posterior = rows[clustered], posterior[clustered]
    else:  # tiers by rule: everybody is in one group for certain
        rows = rows[rows["persona"].isin(groups)]
        posterior = pd.DataFrame({f"p_{g}": (rows["persona"] == g).astype(float) for g in groups})
    modal = posterior.to_numpy().argmax(axis=1) if groups else np.array([])
    kept = [k for k in range(len(groups)) if (modal == k).sum() >= evidence.least]
    if len(kept) < 2:
        raise evidence.not_testable("few_personas", least=evidence.least)
    inside = np.isin(modal, kept)
    share = posterior.to_numpy()[inside][:, kept]
    share = share / share.sum(axis=1, keepdims=True)
    return rows["margin"].to_numpy(float)[inside], bch_weights(share), [groups[k] for k in kept]


def _against_others(margin: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean of each class minus that of all other classes together."""
    sums, totals = weights.T @ margin, weights.sum(axis=0)
    return sums / totals - (sums.sum() - sums) / (totals.sum() - totals)


def worth_of_groups(customers: Customers | None, personas: Personas) -> Handed:
    """What every group brings after all known costs, for its card: nothing where costs are not known.

    The share is that of what all customers bring together, and is left out where together they bring nothing.
    """
    if customers is None:
        return Handed()
    left = contribution(customers)["contribution"].dropna()
    total, worth = float(left.sum()), {}
    persona = personas.assignments.set_index("customer_id")["persona"].reindex(left.index)
    for group in personas.groups:
        own = left[persona == group.id]
        if len(own):
            worth[group.id] = Worth(float(own.sum()) / total if total > 0 else None, float(own.mean()))
    return Handed(worth=worth)
