"""Prospect theory of choices between gambles: how steeply value bends, how much losses weigh, how chances are read.

Value of an outcome x: x^alpha for a gain, -lambda (-x)^alpha for a loss. Weight of a chance p: p^gamma / (p^gamma +
(1 - p)^gamma)^(1 / gamma), of each outcome for itself, with a gamma of its own for losses (Tversky & Kahneman 1992;
gambles of two outcomes of unlike sign, or of one). Option a is taken with probability logistic(consistency x (value of
a - value of b)).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Option = Sequence[tuple[float, float]]

PARAMETERS = ("alpha", "lambda", "gamma", "gamma_losses", "consistency")
PUBLISHED = {"alpha": 0.88, "lambda": 2.25, "gamma": 0.61, "gamma_losses": 0.69}
"""Medians of Tversky & Kahneman (1992)."""
BOUNDS = {
    "alpha": (0.2, 3.0), "lambda": (0.1, 10.0), "gamma": (0.3, 2.0), "gamma_losses": (0.3, 2.0),
    "consistency": (0.05, 500.0),
}  # fmt: skip
"""Beyond these no weight or value makes sense (below .28 more chance would weigh less); an estimate there is none."""


def value(x: np.ndarray, alpha: float, loss: float) -> np.ndarray:
    """Value of outcomes: bent by alpha, losses weighed by ``loss``."""
    return np.where(x < 0, -loss, 1.0) * np.abs(x) ** alpha


def weight(p: np.ndarray, gamma: float) -> np.ndarray:
    """Weight of chances; gamma 1 leaves them as they are."""
    return p**gamma / (p**gamma + (1 - p) ** gamma) ** (1 / gamma)


def worth(gamble: Option, alpha: float, loss: float, gamma: float) -> float:
    """Worth of a gamble of (outcome, chance) pairs."""
    x, p = np.array(gamble, dtype=float).T
    return float(weight(p, gamma) @ value(x, alpha, loss))
