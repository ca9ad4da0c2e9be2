"""A belief as it is declared, by a wing or here where only an experiment tells: plain data, so that declaring one
imports no test."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Literal

from helpers.contracts import BELIEF_IDS
from helpers.wings import declared
from helpers.words import Said, say

SESOI_SHARES, SESOI_MEANS = 0.05, 0.20
"""Default smallest effects of interest: five points; a fifth of a standard deviation (Cohen 1988: small)."""


Role = Literal["confirmatory", "screen", "description"]


@dataclass(frozen=True)
class Belief:
    """One belief, declared; its title, theory and what is compared (estimand) stand in a catalogue by its id.

    ``catalogue`` is the file of them: ``<catalogue>.title.<id>``; a wing may bring them in its own.
    ``room`` is the notebook that shows it. ``unit`` is what is counted as one. ``sesoi``, the
    smallest effect of interest, is in points of a share, standard deviations or scale points for a mean, relative
    change (0.1: 10 %) for a ratio, and per cent of orders per per cent of price for a slope. ``needs`` are tables and
    columns, one need a word (``a|b``: one of them is enough). ``test`` is the "module:function" that takes Evidence and
    the smallest effect and returns a Finding; without one, only an experiment of the study can test the belief.
    ``directed``: an effect the other way round is "reversed" and not "supported". ``role``: a belief that says
    beforehand what to expect where is confirmatory; one that looks through groups for whatever differs is a screen; one
    that could hardly fail is a description, and counts for nothing.
    """

    id: str
    room: Literal["framing", "channels", "leads"]
    unit: str
    sesoi: float
    needs: str = ""
    test: str = ""
    directed: bool = True
    catalogue: str = "hypotheses"
    role: Role = "confirmatory"

    def says(self, part: Literal["title", "theory", "estimand"]) -> Said:
        """What the catalogue has of it."""
        return say(f"{self.catalogue}.{part}.{self.id}")


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
