"""How the frame of an offer moves each persona, and what a loss weighs for it, as claims of its card."""

from __future__ import annotations

import math

import pandas as pd
from scipy.stats import norm

from helpers.beliefs.belief import BY_PERSONA
from helpers.beliefs.experiments import arm_names, title_of
from helpers.beliefs.framing import experiment_by_persona
from helpers.beliefs.registry import Beliefs
from helpers.beliefs.verdict import ALPHA, Z95
from helpers.cards.cards import Counsel, Handed
from helpers.cards.claims import adjusted, claim_of, direction
from helpers.contracts import Claim, Effect, Line
from helpers.prospect.loss_aversion import LossAversion
from helpers.study import Experiment, Study
from helpers.words import say


def for_cards(framing: Beliefs, study: Study) -> Handed:
    """A claim for each persona whose own effect is known: a yes or no, two arms.

    Open ones are told, too: what moved everybody must not be advised where it may move nobody. p is corrected for the
    number of personas (Holm).
    """
    result = next((one for one in framing.results if one.id == BY_PERSONA), None)
    experiment = experiment_by_persona(study)
    if result is None or experiment is None or len(arm_names(experiment)) != 2:
        return Handed()
    own = {e.label: e for e in result.effects if e.measure == "risk difference" and e.label in result.n}
    z = pd.Series({persona: 2 * Z95 * e.estimate / (e.ci_high - e.ci_low) for persona, e in own.items()}, dtype=float)
    p = adjusted(pd.Series(2 * norm.sf(z.abs()), z.index), "holm")
    return Handed({i: (_claim(e, result.n[i], float(p[i]), experiment),) for i, e in own.items()})


def losses_for_cards(loss_aversion: LossAversion) -> Handed:
    """What a loss weighs for a persona, where that clearly differs from what it weighs for all who took the bets.

    Clear is what lies beyond the common weight with an interval for all personas at once; told is the weight with the
    allowance for chance. Nothing where the bets cannot tell the common weight but over a range. Bets are no purchases:
    a hint.
    """
    common = loss_aversion.parameters[loss_aversion.parameters.get("parameter") == "lambda"]
    rows = loss_aversion.by_persona
    if common.empty or bool(common["ranged"].iloc[0]) or rows.empty:
        return Handed()
    of_all, claims, advice = float(common["estimate"].iloc[0]), {}, {}
    for row in rows.to_dict("records"):
        error = math.log(row["ci_high"] / row["ci_low"]) / (2 * Z95)
        apart = math.log(row["estimate"] / of_all)
        if abs(apart) <= norm.isf(ALPHA / 2 / len(rows)) * error:
            continue
        told = {"weight": row["drawn"], "interval": (row["drawn_low"], row["drawn_high"]), "all": of_all}
        claim = Claim(
            "framing", say("framing.loss.card", n=int(row["n"]), **told), "survey", "loss_weight", "held out",
            int(row["n"]), float(row["drawn"]), "times", float(row["drawn_low"]), float(row["drawn_high"]), "zero",
            None, "weak",
        )  # fmt: skip
        claims[row["id"]] = (claim,)
        if apart > 0 and row["drawn_low"] > 1:
            line = Line("offer", say("framing.loss.offer"))
            advice[row["id"]] = (Counsel(line, (claim.column,)),)
    return Handed(claims, advice=advice)


def _claim(effect: Effect, n: int, p: float, experiment: Experiment) -> Claim:
    control, treatment = arm_names(experiment)
    low, high = effect.ci_low, effect.ci_high
    row = {"n": n, "measure": "difference", "lift": effect.estimate, "ci_low": low, "ci_high": high, "p_adjusted": p}
    shown = {"title": title_of(experiment), "treatment": treatment, "control": control, "interval": (low, high)}
    return claim_of(
        row,
        "held out",
        section="framing",
        statement=say(f"framing.card.{direction(row, 0.0)}", estimate=effect.estimate, n=n, **shown),
        source=experiment.table,
        column=experiment.id,
        unit="points",
        compared_with="zero",
    )
