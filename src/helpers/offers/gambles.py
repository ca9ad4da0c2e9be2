"""Prospect theory from choices between gambles: how steeply value bends, how much losses weigh, how chances are read.

Value of an outcome x: x^alpha for a gain, -lambda (-x)^alpha for a loss. Weight of a chance p: p^gamma / (p^gamma +
(1 - p)^gamma)^(1 / gamma), of each outcome for itself (Tversky & Kahneman 1992; gambles of two outcomes of unlike sign,
or of one). Option a is taken with probability logistic(consistency x (value of a - value of b)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize
from scipy.special import log_expit
from statsmodels.tools.numdiff import approx_fprime, approx_hess

from helpers.beliefs.evidence import Evidence
from helpers.beliefs.experiments import comparable
from helpers.beliefs.registry import Beliefs
from helpers.beliefs.verdict import Z95
from helpers.contracts import HypothesisResult
from helpers.offers.prices import YARDSTICK
from helpers.text import fold
from helpers.words import Text, say, sentences

Option = Sequence[tuple[float, float]]

PARAMETERS = ("alpha", "lambda", "gamma", "consistency")
PUBLISHED = {"alpha": 0.88, "lambda": 2.25, "gamma": 0.61}
"""Medians of Tversky & Kahneman (1992); their gamma for losses was .69, and one serves for both here."""
BOUNDS = {"alpha": (0.2, 3.0), "lambda": (0.1, 10.0), "gamma": (0.3, 2.0), "consistency": (0.05, 500.0)}
"""Beyond these no weight or value makes sense (below .28 more chance would weigh less); an estimate there is none."""
COLUMNS = ["parameter", "estimate", "ci_low", "ci_high", "published"]
LEAST_GAMBLES, LEAST_OF_EACH = 5, 20
"""Fewer different gambles, or fewer answers of either kind, than this carry no estimate."""


@dataclass(frozen=True)
class LossAversion:
    """How much losses weigh against gains.

    parameters : as `fit_choices`, empty where nothing can be estimated. weights : label, estimate, ci_low, ci_high,
        ours; from the survey's gambles and from posted prices, where they tell, and published figures beside them
        (``ours`` False). told : what respondents' choices say, or why they say nothing.
    """

    parameters: pd.DataFrame
    weights: pd.DataFrame
    told: tuple[Text, ...]


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


def fit_choices(
    chose_a: np.ndarray, gamble: np.ndarray, person: np.ndarray, gambles: list[tuple[Option, Option]]
) -> pd.DataFrame | None:
    """Maximum-likelihood parameters of prospect theory from choices, intervals clustered by person.

    chose_a : 0/1, one per choice. gamble : index into ``gambles``, pairs of options a and b, each of (outcome, chance)
    pairs. person : codes from 0.

    Returns
    -------
    DataFrame
        parameter, estimate, ci_low, ci_high (on the log scale), published (NaN for consistency); gamma is left out
        (chances taken as they are) where all gambles have one uncertain chance. None where there is no estimate inside
        `BOUNDS`.
    """
    size = max(abs(x) for pair in gambles for option in pair for x, _ in option)
    scaled = [[tuple((x / size, p) for x, p in option) for option in pair] for pair in gambles]
    chances = {p for pair in gambles for option in pair for _, p in option} - {0.0, 1.0}
    names = [name for name in PARAMETERS if name != "gamma" or len(chances) > 1]
    sign = np.where(chose_a == 1, 1.0, -1.0)

    def log_likelihood(logs: np.ndarray) -> np.ndarray:
        at = {"gamma": 1.0} | dict(zip(names, np.exp(logs), strict=True))
        shape = at["alpha"], at["lambda"], at["gamma"]
        lead = np.array([worth(a, *shape) - worth(b, *shape) for a, b in scaled])
        return log_expit(sign * at["consistency"] * lead[gamble])

    bounds = [tuple(np.log(BOUNDS[name])) for name in names]
    start = np.log([{"consistency": 5.0, "lambda": 1.5}.get(name, 0.9) for name in names])
    found = optimize.minimize(lambda logs: -log_likelihood(logs).sum(), start, method="L-BFGS-B", bounds=bounds)
    inside = [low + 0.01 < at < high - 0.01 for at, (low, high) in zip(found.x, bounds, strict=True)]
    bread = approx_hess(found.x, lambda logs: -log_likelihood(logs).sum())
    if not all(inside) or np.linalg.eigvalsh(bread).min() <= 1e-6 * len(chose_a) ** 0.5:
        return None
    scores = pd.DataFrame(approx_fprime(found.x, log_likelihood, centered=True)).groupby(person).sum().to_numpy()
    people = len(scores)
    inverse = np.linalg.inv(bread)
    half = Z95 * np.sqrt(np.diag(inverse @ scores.T @ scores @ inverse) * people / (people - 1))
    ends = np.exp([found.x, found.x - half, found.x + half])
    rows = [(name, *each, PUBLISHED.get(name, np.nan)) for name, each in zip(names, ends.T, strict=True)]
    return pd.DataFrame(rows, columns=COLUMNS)


def loss_aversion(evidence: Evidence, framing: Beliefs) -> LossAversion:
    """How much losses weigh against gains, by the survey's gambles and by posted prices."""
    parameters, told = from_gambles(evidence)
    return LossAversion(parameters, loss_weights(parameters, framing.results), told)


def amiss(evidence: Evidence) -> tuple[Text, ...]:
    """Why gambles that the study declares would tell nothing; empty where they do."""
    survey = evidence.study.tables.survey
    if survey is None or not survey.gambles:
        return ()
    parameters, told = from_gambles(evidence)
    return told if parameters.empty else ()


def from_gambles(evidence: Evidence) -> tuple[pd.DataFrame, tuple[Text, ...]]:
    """The parameters of all respondents together, from the gambles that study.yml declares, and it in sentences.

    The frame is that of `fit_choices`, empty where nothing can be estimated: then the sentence says why.
    """
    source = evidence.study.tables.survey
    if source is None or not source.gambles or evidence.survey is None:
        return _nothing(say("hypotheses.gambles.none"))
    gambles = [(g.a, g.b) for g in source.gambles.values()]
    outcomes = [x for pair in gambles for option in pair for x, _ in option]
    answers = evidence.survey.answers
    said = pd.concat(
        {i: comparable(answers[name].dropna()) for i, name in enumerate(source.gambles)}, names=["gamble", "row"]
    )
    sides = [
        dict.fromkeys(map(fold, g.chose_b), 0) | dict.fromkeys(map(fold, g.chose_a), 1) for g in source.gambles.values()
    ]
    said = said.rename("answer").reset_index()
    said["chose_a"] = [sides[i].get(answer, math.nan) for i, answer in zip(said["gamble"], said["answer"], strict=True)]
    neither = int(said["chose_a"].isna().sum())
    note = [say("hypotheses.gambles.neither", n=evidence.counted(neither))] if neither else []
    said = said.dropna(subset="chose_a")
    chose_a = said["chose_a"].to_numpy(dtype=int)
    people = said["row"].nunique()
    if people < evidence.least or said["gamble"].nunique() < LEAST_GAMBLES:
        few = say("hypotheses.gambles.few", least=evidence.least, gambles=LEAST_GAMBLES)
        return _nothing(few, *note)
    if min(chose_a.sum(), (1 - chose_a).sum()) < LEAST_OF_EACH:
        return _nothing(say("hypotheses.gambles.alike", least=LEAST_OF_EACH), *note)
    if not min(outcomes) < 0 < max(outcomes):
        return _nothing(say("hypotheses.gambles.one_sided"))
    found = fit_choices(chose_a, said["gamble"].to_numpy(), pd.factorize(said["row"])[0], gambles)
    if found is None:
        return _nothing(say("hypotheses.gambles.bounds"))
    asked = sentences(say("hypotheses.gambles.asked", n=people, choices=len(said)), *note)
    return found, (asked, *_told(found))


def _nothing(*why: Text) -> tuple[pd.DataFrame, tuple[Text, ...]]:
    """No parameters, and why."""
    return pd.DataFrame(columns=COLUMNS), why


def _told(found: pd.DataFrame) -> list[Text]:
    """What the parameters mean, in amounts and chances."""
    at = {row.parameter: np.array([row.estimate, row.ci_low, row.ci_high]) for row in found.itertuples()}
    loss, twice = at["lambda"], 2 ** at["alpha"]
    yardstick = {"yardstick": YARDSTICK[0], "published": YARDSTICK[1:]}
    lines = [
        say("hypotheses.gambles.losses", weight=loss[0], interval=loss[1:], **yardstick),
        say("hypotheses.gambles.amounts", times=twice[0], interval=twice[1:]),
    ]
    if "gamma" in at:
        chance, *ends = 100 * weight(np.array(0.1), at["gamma"])
        lines.append(say("hypotheses.gambles.chances", chance=chance, interval=sorted(ends)))
    return lines


def loss_weights(found: pd.DataFrame, results: Sequence[HypothesisResult]) -> pd.DataFrame:
    """How much more losses weigh than gains, by every source (`LossAversion.weights`)."""
    own = found[found["parameter"] == "lambda"]
    rows = [("gambles", row.estimate, row.ci_low, row.ci_high, True) for row in own.itertuples()]
    effects = (effect for result in results for effect in result.effects if effect.measure == "ratio of slopes")
    rows += [("prices", effect.estimate, effect.ci_low, effect.ci_high, True) for effect in effects]
    rows += [("published", *YARDSTICK, False), ("classic", PUBLISHED["lambda"], np.nan, np.nan, False)]
    frame = pd.DataFrame(rows, columns=["label", "estimate", "ci_low", "ci_high", "ours"])
    return frame.assign(label=[say(f"hypotheses.gambles.from_{name}") for name in frame["label"]])


def measured_here(weights: pd.DataFrame) -> pd.DataFrame:
    """The weights of losses, none where this study measured none."""
    return weights if weights["ours"].any() else weights.head(0)
