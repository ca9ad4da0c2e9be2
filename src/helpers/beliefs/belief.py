"""A belief as it is declared, by a wing or here where only an experiment tells: plain data, so that declaring one
imports no test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from helpers.contracts import BELIEF_IDS, BELIEF_ROOMS, StudyError
from helpers.own import own_of
from helpers.study import Study
from helpers.wings import declared
from helpers.words import Text, say

SESOI_SHARES, SESOI_MEANS = 0.05, 0.20
"""Default smallest effects of interest: five points; a fifth of a standard deviation (Cohen 1988: small)."""


Role = Literal["confirmatory", "screen", "description"]


@dataclass(frozen=True)
class Belief:
    """One belief, declared; its title, theory and what is compared (estimand) stand in a catalogue by its id, or here.

    ``catalogue`` is the file of them: ``<catalogue>.title.<id>``; a wing may bring them in its own.
    ``room`` is the notebook that shows it. ``unit`` is what is counted as one. ``sesoi``, the
    smallest effect of interest, is in points of a share, standard deviations or scale points for a mean, relative
    change (0.1: 10 %) for a ratio, and per cent of orders per per cent of price for a slope. ``needs`` are tables and
    columns, one need a word (``a|b``: one of them is enough). ``test`` is the "module:function" that takes Evidence and
    the smallest effect and returns a Finding (in a study's own file the function itself); without one, only an
    experiment of the study can test the belief.
    ``directed``: an effect the other way round is "reversed" and not "supported". ``role``: a belief that says
    beforehand what to expect where is confirmatory; one that looks through groups for whatever differs is a screen; one
    that could hardly fail is a description, and counts for nothing.
    """

    id: str
    room: Literal["framing", "channels", "leads"]
    unit: str
    sesoi: float
    needs: str = ""
    test: str | Callable[..., Any] = ""
    directed: bool = True
    catalogue: str = "hypotheses"
    role: Role = "confirmatory"
    title: str = ""
    theory: str = ""
    estimand: str = ""

    def says(self, part: Literal["title", "theory", "estimand"]) -> Text:
        """What it says itself, else what the catalogue has of it."""
        return getattr(self, part) or say(f"{self.catalogue}.{part}.{self.id}")


BY_PERSONA = "framing_by_persona"
OF_EXPERIMENTS = (
    Belief("relative_saving", "framing", "respondent", SESOI_SHARES),
    Belief("framing_wording", "framing", "respondent", SESOI_SHARES),
    Belief(
        BY_PERSONA,
        "framing",
        "respondent",
        0.10,
        test="helpers.beliefs.framing:by_persona",
        directed=False,
        role="screen",
    ),
)
"""The beliefs of no wing: only an experiment tells."""


@cache
def built_in() -> dict[str, Belief]:
    """Every belief by its id, in the order of the report. Raises ValueError where one is declared twice."""
    every = [*OF_EXPERIMENTS, *(belief for beliefs in declared("BELIEFS") for belief in beliefs)]
    if twice := {id_ for id_, n in Counter(belief.id for belief in every).items() if n > 1}:
        raise ValueError(f"two wings declare {', '.join(sorted(twice))}")
    place = {id_: n for n, id_ in enumerate(BELIEF_IDS)}
    return {b.id: b for b in sorted(every, key=lambda b: (place.get(b.id, len(place)), b.id))}


def beliefs_of(study: Study) -> dict[str, Belief]:
    """The built-in beliefs and those of the study's own folder, by id. Raises StudyError for what is no belief."""
    every = dict(built_in())
    for belief in own_of(study).beliefs:
        texts = isinstance(belief, Belief) and all((belief.title, belief.theory, belief.estimand))
        if not texts or not callable(belief.test) or belief.room not in BELIEF_ROOMS:
            raise StudyError(
                f"{study.own}: BELIEFS holds {belief!r}, where each must be a Belief with a test (a function), a "
                f"title, a theory, an estimand and one of the rooms {', '.join(BELIEF_ROOMS)}"
            )
        if belief.id in every or belief.id in {experiment.id for experiment in study.experiments}:
            raise StudyError(f"{study.own}: there is a belief {belief.id!r} already; give it another id")
        every[belief.id] = belief
    return every
