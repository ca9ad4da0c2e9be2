"""How often the interval, or range, of what a loss weighs holds the truth, and what is said where it weighs no more.

Choices of 300 people between the bets of the sample study, or those with three more on losses alone; people who differ
in everything, read chances of losses otherwise, choose as another author has it, or only fear for what they have.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from helpers.designs.gambles import Option, value, weight
from helpers.prospect.hierarchy import bets_of, cautious, fit_people

PEOPLE, LOSS = 300, 1.6
NOTHING: Option = ((0.0, 1.0),)
Bet = tuple[Option, Option]
SAMPLE: list[Bet] = [
    *((((gain, 0.5), (-loss, 0.5)), NOTHING) for gain, loss in
      ((20, 10), (20, 15), (60, 25), (100, 40), (100, 60), (100, 90))),
    (((100, 0.2), (-10, 0.8)), NOTHING),
    *((((100, p), (0, 1 - p)), ((sure, 1),)) for p, sure in ((0.1, 12), (0.5, 40), (0.9, 75))),
]  # fmt: skip
"""The bets of the sample study."""
WITH_LOSSES = [*SAMPLE, *((((-100, p), (0, 1 - p)), ((-sure, 1),)) for p, sure in ((0.1, 12), (0.5, 40), (0.9, 75)))]
KINDS: dict[str, dict[str, Any]] = {
    "people alike": {},
    "people who differ": {"spread": 0.3},
    "who differ, chances of losses read as they are": {"spread": 0.3, "gamma_losses": 0.95},
    "who differ, chances of losses read at .55": {"spread": 0.3, "gamma_losses": 0.55},
    "who differ, bets on losses too": {"spread": 0.3, "bets": WITH_LOSSES},
    "the same, chances of losses read as they are": {"spread": 0.3, "gamma_losses": 0.95, "bets": WITH_LOSSES},
    "Prelec's weights, people who differ": {"spread": 0.3, "prelec": True, "bets": WITH_LOSSES},
    "no loss aversion, people who differ": {"spread": 0.3, "loss": 1.0},
    "no loss aversion, fear for 200 EUR": {"wealth": 200.0},
    "no loss aversion, fear for 500 EUR": {"wealth": 500.0},
}


def chosen(
    rng: np.random.Generator,
    bets: list[Bet],
    *,
    loss: float = LOSS,
    spread: float = 0.0,
    gamma_losses: float = 0.7,
    prelec: bool = False,
    wealth: float | None = None,
) -> np.ndarray:
    """Choices of people x bets, 1 where the bet is taken."""
    middle = {"alpha": 0.9, "loss": loss, "gamma": 0.7, "gamma_losses": gamma_losses, "consistency": 12.0}
    own = {name: m * np.exp(spread * rng.standard_normal(PEOPLE))[:, None] for name, m in middle.items()}

    def read(p: np.ndarray, gamma: np.ndarray) -> np.ndarray:
        return np.exp(-((-np.log(p)) ** gamma)) if prelec else weight(p, gamma)

    ahead = np.zeros((PEOPLE, len(bets)))
    for place, pair in enumerate(bets):
        for sign, option in zip((1, -1), pair, strict=True):
            for x, p in option:
                if x == 0 or p == 0:
                    continue
                felt = value(np.array(x / 100), own["alpha"], own["loss"])
                if wealth is not None:
                    felt = np.full((PEOPLE, 1), wealth / 100 * np.log1p(x / wealth))
                chance = read(np.array(p), own["gamma"] if x > 0 else own["gamma_losses"]) if wealth is None else p
                ahead[:, place] += sign * (chance * felt)[:, 0]
    return (rng.random(ahead.shape) < expit(own["consistency"] * ahead)).astype(float)


def trial(kind: str, seed: int) -> dict[str, Any]:
    """One survey: the estimate, whether interval or range holds the truth, and whether loss aversion is claimed."""
    made = dict(KINDS[kind])
    bets = made.pop("bets", SAMPLE)
    truth = 1.0 if "wealth" in made else made.get("loss", LOSS)
    taken = chosen(np.random.default_rng([seed, 13]), bets, **made)
    fitted = fit_people(taken, bets)
    if fitted is None:
        return {"kind": kind, "estimate": np.nan, "told": False, "held": np.nan, "claimed": False, "ranged": np.nan}
    row = fitted[0].set_index("parameter").loc["lambda"]
    withheld = row["ci_low"] > 1 and cautious(bets_of(taken, bets), fitted[1])
    held = np.nan if withheld else float(row["ci_low"] <= truth <= row["ci_high"])
    return {
        "kind": kind, "estimate": row["estimate"], "told": not withheld, "held": held,
        "claimed": not withheld and row["ci_low"] > 1, "ranged": row["ci_high"] / row["ci_low"],
    }  # fmt: skip


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Per kind: sets, the median estimate, how wide (upper over lower end), share told, of these the share that holds
    the truth, and the share of all in which a loss is said to weigh more."""
    of = rows.groupby("kind", sort=False)
    return pd.DataFrame(
        {
            "sets": of.size(), "median estimate": of["estimate"].median().round(2),
            "upper over lower end": of["ranged"].median().round(2), "told": of["told"].mean().round(2),
            "holds the truth": of["held"].mean().round(2), "said to weigh more": of["claimed"].mean().round(2),
        }
    )  # fmt: skip
