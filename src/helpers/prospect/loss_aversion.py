"""How much losses weigh against gains: by the survey's bets, of people who differ and per persona, and by prices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.beliefs.estimators import drawn_together
from helpers.beliefs.evidence import Evidence
from helpers.beliefs.experiments import comparable
from helpers.beliefs.registry import Beliefs
from helpers.beliefs.verdict import Z95
from helpers.contracts import HypothesisResult
from helpers.designs.gambles import PUBLISHED, weight
from helpers.designs.known import LOSS_WEIGHT
from helpers.prospect.hierarchy import ALIKE, COLUMNS, HALF, Bets, Fitted, bets_of, cautious, fit_people, of_groups
from helpers.text import fold
from helpers.words import Text, say, sentences

LEAST_GAMBLES, LEAST_OF_EACH = 5, 20
"""Fewer different gambles, or fewer answers of either kind, than this carry no estimate."""
OF_PERSONAS = ["id", "handle", "n", "estimate", "ci_low", "ci_high", "drawn", "drawn_low", "drawn_high"]


@dataclass(frozen=True)
class LossAversion:
    """How much losses weigh against gains.

    parameters : as `hierarchy.fit_people`, empty where nothing can be estimated. by_persona : id, handle, n (people),
    estimate, ci_low, ci_high, and drawn, drawn_low, drawn_high, which allow for chance; empty where personas cannot be
    told apart. weights : label, estimate, ci_low, ci_high, ours; from the survey's gambles and from posted prices,
    where they tell, and published figures beside them (``ours`` False). told : what respondents' choices say, or why
    they say nothing.
    """

    parameters: pd.DataFrame
    by_persona: pd.DataFrame
    weights: pd.DataFrame
    told: tuple[Text, ...]


def loss_aversion(evidence: Evidence, framing: Beliefs) -> LossAversion:
    """How much losses weigh against gains, by the survey's gambles and by posted prices."""
    parameters, by_persona, told = from_gambles(evidence)
    return LossAversion(parameters, by_persona, loss_weights(parameters, framing.results), told)


def amiss(evidence: Evidence) -> tuple[Text, ...]:
    """Why gambles that the study declares would tell nothing; empty where they do."""
    survey = evidence.study.tables.survey
    if survey is None or not survey.gambles:
        return ()
    found = _of_all(evidence)
    return () if isinstance(found, _OfAll) else found


def from_gambles(evidence: Evidence) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Text, ...]]:
    """The parameters of all respondents and the loss weight per persona, from the gambles of study.yml, and it told.

    The frames are those of `LossAversion`, empty where nothing can be estimated: then the sentence says why.
    """
    found = _of_all(evidence)
    if not isinstance(found, _OfAll):
        return pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=OF_PERSONAS), found
    by_persona = _by_persona(evidence, of_groups(found.bets, found.fitted, _personas(evidence)))
    told = (found.asked, *_told(found.parameters), *_personas_told(by_persona))
    return found.parameters, by_persona, told


@dataclass(frozen=True)
class _OfAll:
    """What all respondents' choices tell: the bets, parameters with the fit behind them, and how many were asked."""

    bets: Bets
    parameters: pd.DataFrame
    fitted: Fitted
    asked: Text


def _of_all(evidence: Evidence) -> _OfAll | tuple[Text, ...]:
    """What all respondents' choices tell, or why they tell nothing."""
    source = evidence.study.tables.survey
    if source is None or not source.gambles or evidence.survey is None:
        return (say("hypotheses.gambles.none"),)
    chosen = _choices(evidence)
    if why := _unusable(evidence, chosen):
        return why
    gambles = [(g.a, g.b) for g in source.gambles.values()]
    taken = chosen.taken[np.isfinite(chosen.taken).any(axis=1)]
    fitted = fit_people(taken, gambles)
    if fitted is None:
        return (say("hypotheses.gambles.bounds"),)
    parameters, found = fitted
    loss = parameters.set_index("parameter").loc["lambda"]
    if loss["ci_low"] > 1 and cautious(bets_of(taken, gambles), found):
        return (say("hypotheses.gambles.cautious"), *chosen.note)
    n = int(np.isfinite(taken).sum())
    asked = sentences(say("hypotheses.gambles.asked", n=len(taken), choices=n), *chosen.note)
    return _OfAll(bets_of(chosen.taken, gambles), parameters, found, asked)


@dataclass(frozen=True)
class _Choices:
    """People x bets: 1 where a was taken, 0 where b was, NaN where neither; and how many answers take neither side."""

    taken: np.ndarray
    note: tuple[Text, ...]


def _choices(evidence: Evidence) -> _Choices:
    answers, columns, neither = evidence.survey.answers, [], 0
    for name, gamble in evidence.study.tables.survey.gambles.items():
        sides = dict.fromkeys(map(fold, gamble.chose_b), 0.0) | dict.fromkeys(map(fold, gamble.chose_a), 1.0)
        said = comparable(answers[name])
        side = said.map(sides)
        neither += int((said.notna() & side.isna()).sum())
        columns.append(side.to_numpy(dtype=float, na_value=math.nan))
    note = (say("hypotheses.gambles.neither", n=evidence.counted(neither)),) if neither else ()
    return _Choices(np.column_stack(columns), note)


def _unusable(evidence: Evidence, chosen: _Choices) -> tuple[Text, ...]:
    """Why the choices carry no estimate; empty where they may."""
    gambles = evidence.study.tables.survey.gambles.values()
    outcomes = [x for g in gambles for option in (g.a, g.b) for x, _ in option]
    answered = np.isfinite(chosen.taken)
    if answered.any(axis=1).sum() < evidence.least or answered.any(axis=0).sum() < LEAST_GAMBLES:
        few = say("hypotheses.gambles.few", least=evidence.least, gambles=LEAST_GAMBLES)
        return (few, *chosen.note)
    if min((chosen.taken == 1).sum(), (chosen.taken == 0).sum()) < LEAST_OF_EACH:
        return (say("hypotheses.gambles.alike", least=LEAST_OF_EACH), *chosen.note)
    if not min(outcomes) < 0 < max(outcomes):
        return (say("hypotheses.gambles.one_sided"),)
    return ()


def _personas(evidence: Evidence) -> np.ndarray:
    """The persona of each respondent, None where there is none or where the bets took part in making them."""
    answers = evidence.survey.answers
    key = "respondent_id" if evidence.customers is None else "customer_id"
    made_of = set(evidence.study.tables.survey.gambles) & set(evidence.personas.defining if evidence.personas else ())
    if evidence.personas is None or made_of or key not in answers:
        return np.full(len(answers), None, dtype=object)
    return answers[key].map(evidence.members().set_index("customer_id")["persona"]).to_numpy(dtype=object)


def _by_persona(evidence: Evidence, found: pd.DataFrame) -> pd.DataFrame:
    """Loss weights of personas with enough people, and drawn to their common value as far as chance explains them."""
    kept = found[found["n"] >= evidence.least]
    if len(kept) < 2:
        return pd.DataFrame(columns=OF_PERSONAS)
    logs = np.log(kept[["estimate", "ci_low", "ci_high"]].to_numpy(float))
    centre, spread, _ = drawn_together(logs[:, 0], ((logs[:, 2] - logs[:, 1]) / (2 * Z95)) ** 2)
    drawn = np.exp(np.column_stack([centre, centre - Z95 * spread, centre + Z95 * spread]))
    rows = kept.rename(columns={"group": "id"}).assign(
        handle=[evidence.handles[name] for name in kept["group"]],
        **dict(zip(("drawn", "drawn_low", "drawn_high"), drawn.T, strict=True)),
    )
    return rows[OF_PERSONAS].reset_index(drop=True)


def _told(found: pd.DataFrame) -> list[Text]:
    """What the parameters mean, in amounts and chances."""
    at = {row.parameter: np.array([row.estimate, row.ci_low, row.ci_high]) for row in found.itertuples()}
    loss = found.set_index("parameter").loc["lambda"]
    yardstick = {"yardstick": LOSS_WEIGHT.estimate, "published": (LOSS_WEIGHT.low, LOSS_WEIGHT.high)}
    told = "losses_ranged" if loss["ranged"] else "losses"
    ends = {"low": loss["ci_low"], "high": loss["ci_high"]} if loss["ranged"] else {"interval": at["lambda"][1:]}
    lines = [say(f"hypotheses.gambles.{told}", weight=loss["estimate"], **ends, **yardstick)]
    half = (loss["half_low"], loss["half_high"])
    alike = math.log(half[1] / half[0]) < HALF * ALIKE
    lines.append(say("hypotheses.gambles.people_alike") if alike else say("hypotheses.gambles.people", half=half))
    if "alpha" in at:
        twice = 2 ** at["alpha"]
        lines.append(say("hypotheses.gambles.amounts", times=twice[0], interval=twice[1:]))
    for name, key in (("gamma", "chances"), ("gamma_losses", "chances_of_losses")):
        if name in at:
            chance, *ends = 100 * weight(np.array(0.1), at[name])
            lines.append(say(f"hypotheses.gambles.{key}", chance=chance, interval=sorted(ends)))
    return lines


def _personas_told(by_persona: pd.DataFrame) -> list[Text]:
    """Where a loss weighs most and least; and whether that is more than chance."""
    if by_persona.empty:
        return []
    ordered = by_persona.sort_values("estimate", kind="stable")
    values = {}
    for which, row in (("least", ordered.iloc[0]), ("most", ordered.iloc[-1])):
        values |= {which: row["handle"], f"{which}_weight": row["estimate"], f"{which}_drawn": row["drawn"]}
        values |= {f"{which}_interval": (row["ci_low"], row["ci_high"])}
    return [say("hypotheses.gambles.by_persona", **values)]


def loss_weights(found: pd.DataFrame, results: Sequence[HypothesisResult]) -> pd.DataFrame:
    """How much more losses weigh than gains, by every source (`LossAversion.weights`)."""
    own = found[found["parameter"] == "lambda"]
    rows = [
        ("gambles_ranged" if row.ranged else "gambles", row.estimate, row.ci_low, row.ci_high, True)
        for row in own.itertuples()
    ]
    effects = (effect for result in results for effect in result.effects if effect.measure == "ratio of slopes")
    rows += [("prices", effect.estimate, effect.ci_low, effect.ci_high, True) for effect in effects]
    rows += [("published", LOSS_WEIGHT.estimate, LOSS_WEIGHT.low, LOSS_WEIGHT.high, False)]
    rows += [("classic", PUBLISHED["lambda"], np.nan, np.nan, False)]
    frame = pd.DataFrame(rows, columns=["label", "estimate", "ci_low", "ci_high", "ours"])
    return frame.assign(label=[say(f"hypotheses.gambles.from_{name}") for name in frame["label"]])


def measured_here(weights: pd.DataFrame) -> pd.DataFrame:
    """The weights of losses, none where this study measured none."""
    return weights if weights["ours"].any() else weights.head(0)
