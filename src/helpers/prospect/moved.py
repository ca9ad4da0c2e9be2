"""How the frame of an offer moves each persona: its own effect in the study's experiment, as a claim of its card."""

from __future__ import annotations

import pandas as pd
from scipy.stats import norm

from helpers.beliefs.belief import BY_PERSONA
from helpers.beliefs.experiments import arm_names, title_of
from helpers.beliefs.framing import experiment_by_persona
from helpers.beliefs.registry import Beliefs
from helpers.beliefs.verdict import Z95
from helpers.cards.cards import Handed
from helpers.cards.claims import adjusted, claim_of, direction
from helpers.contracts import Claim, Effect
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
