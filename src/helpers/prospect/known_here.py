"""Known experiments in this study: which it made, what came out beside the usual, and how many people each takes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import yaml

from helpers.beliefs.evidence import SMALLEST_GROUP
from helpers.beliefs.plan import plan_means, plan_proportions
from helpers.beliefs.registry import Beliefs
from helpers.contracts import HypothesisResult, StudyError, Usual
from helpers.contradictions import DESIGN_IDS
from helpers.designs.known import KNOWN, questions, says
from helpers.designs.usual import (
    LOGISTIC,
    beside,
    in_deviations,
    published_in_words,
    size_in_words,
    usual_in_deviations,
)
from helpers.prospect.loss_aversion import LossAversion
from helpers.text import nearest
from helpers.words import NOT_KNOWN, Text, say

SCALED = ["id", "experiment", "here", "ci_low", "ci_high", "usual", "usual_low", "usual_high"]


def known_frame(framing: Beliefs, loss_aversion: LossAversion) -> pd.DataFrame:
    """One row per known experiment: experiment, what_is_compared, usually_found, source, people_needed (in each arm, to
    see the usual effect four times in five), here (what this study found) and beside_it."""
    made = {r.usual.design: r for r in framing.results if r.usual is not None}
    rows = []
    for design in KNOWN:
        usual, here, beside_it = beside(design), say("designs.not_asked"), NOT_KNOWN
        if design in made:
            usual = made[design].usual
            here, beside_it = _here(made[design]), _beside(usual)
        elif KNOWN[design].kind == "gambles" and len(loss_aversion.parameters):
            row = loss_aversion.parameters.set_index("parameter").loc["lambda"]
            here = size_in_words(usual.measure, row["estimate"], (row["ci_low"], row["ci_high"]))
            beside_it = say("designs.compared_with_usual." + _of_weight(row))
        rows.append(
            (says(design, "title"), says(design, "estimand"), published_in_words(usual), _source(design),
             people_needed(design), here, beside_it)
        )  # fmt: skip
    names = ["experiment", "what_is_compared", "usually_found", "source", "people_needed", "here", "beside_it"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype({"people_needed": "Int64"}).astype({"people_needed": object})


def _source(design: str) -> Text:
    """Where the usual effect stands, and whether it was held against the source itself."""
    usual = KNOWN[design].usual
    plain = usual.looked_up or usual.measure is None
    return usual.source if plain else say("designs.as_cited", source=usual.source)


def _here(result: HypothesisResult) -> Text:
    """What a study found with a known experiment, in words."""
    ours = result.usual.ours
    if ours is None:
        return say(f"designs.verdict.{result.verdict.replace(' ', '_')}")
    return size_in_words(ours.measure, ours.estimate, (ours.ci_low, ours.ci_high))


def _beside(usual: Usual) -> Text:
    return NOT_KNOWN if usual.compared is None else say("designs.compared_with_usual." + _key(usual.compared))


def _key(compared: str) -> str:
    return compared.replace(" ", "_")


def _of_weight(row: pd.Series) -> str:
    """Where the weight of a loss lies beside the published interval; a range that meets it cannot be told from it."""
    usual = KNOWN["loss_aversion"].usual
    return "smaller" if row["ci_high"] < usual.low else "larger" if row["ci_low"] > usual.high else "alike"


def people_needed(design: str) -> int | None:
    """People in each arm who show the usual effect (the near end of a range) with a power of 80 % at 5 %, looked at
    once and alone, or the fewest of any comparison; None where no figure is sure or it is on another scale."""
    usual = usual_in_deviations(design)
    if usual is None:
        return None
    size = usual[1] if math.isnan(usual[0]) else usual[0]
    known = KNOWN[design]
    if known.numeric:
        return max(plan_means(size).n, SMALLEST_GROUP)
    base = known.usual.base
    odds = math.exp(size / LOGISTIC) * base / (1 - base)
    return max(plan_proportions(base, odds / (1 + odds) - base).n, SMALLEST_GROUP)


def ready(design: str) -> list[Text]:
    """A known experiment to run: what it is, what is usually found, how many people, and its questions.

    Raises StudyError for an unknown one.
    """
    if design not in DESIGN_IDS:
        raise StudyError(f"--design {design}: no known experiment; {nearest(design, DESIGN_IDS)}")
    needed = people_needed(design)
    return [
        *(says(design, part) for part in ("title", "theory")),
        say("designs.first", first=KNOWN[design].first),
        beside(design).says,
        say("designs.needed", n=needed) if needed else say("designs.size_open"),
        *block(design),
    ]


def block(design: str) -> list[Text]:
    """The ready questions of a known experiment: a line for its columns, and one for each version or problem."""
    known = KNOWN[design]
    how = "both" if known.kind == "problems" else "by_lot"
    named = dict(zip(("first", "second"), known.columns, strict=True))
    asked = [say("designs.version", arm=arm, question=question) for arm, question in questions(design)]
    return [say(f"designs.ask_{how}", title=says(design, "title"), id=design, **named), *asked]


def declaration(design: str) -> str:
    """The experiment as study.yml declares it with the ready questions, as YAML."""
    known = KNOWN[design]
    found: dict[str, object] = {"id": design, "design": design, "table": "survey", "unit": "respondent_id"}
    if known.kind == "problems":
        asked = zip(known.arms, known.columns, strict=True)
        found["problems"] = {arm: {"column": column, "success": list(known.success)} for arm, column in asked}
    else:
        control, treatment = known.arms
        found |= {"arm": {"column": known.columns[0], "treatment": treatment, "control": control}}
        answer = {} if known.numeric else {"success": list(known.success)}
        answer |= {"among": list(known.among)} if known.among else {}
        found |= {"randomised": True, "outcome": {"column": known.columns[1], **answer}}
    return yaml.safe_dump({"experiments": [found]}, sort_keys=False, default_flow_style=None, width=110)


def on_one_scale(results: Sequence[HypothesisResult]) -> pd.DataFrame:
    """Known experiments that this study made, in standard deviations beside the usual effect: id, experiment, here,
    ci_low, ci_high, usual, usual_low, usual_high (NaN where none is sure, or on another scale)."""
    rows = []
    for result in results:
        if result.usual is None or (ours := in_deviations(result.effects)) is None:
            continue
        usual = usual_in_deviations(result.usual.design) or (np.nan, np.nan, np.nan)
        rows.append((result.id, result.title, ours.estimate, ours.ci_low, ours.ci_high, *usual))
    return pd.DataFrame(rows, columns=SCALED)
