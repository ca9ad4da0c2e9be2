"""A belief as it is declared, by a wing or by the registry: plain data, so that declaring one imports no test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SESOI_SHARES, SESOI_MEANS = 0.05, 0.20
"""Default smallest effects of interest: five points; a fifth of a standard deviation (Cohen 1988: small)."""


@dataclass(frozen=True)
class Belief:
    """One belief, declared; its title, theory and what is compared stand in the catalogue ``hypotheses`` by its id.

    ``room`` is the family within which p-values are corrected. ``unit`` is what is counted as one. ``sesoi``, the
    smallest effect of interest, is in points of a share, standard deviations or scale points for a mean, relative
    change (0.1: 10 %) for a ratio, and per cent of orders per per cent of price for a slope. ``needs`` are tables and
    columns, one need a word (``a|b``: one of them is enough). ``test`` is the "module:function" that takes Evidence and
    the smallest effect and returns a Finding; without one, only an experiment of the study can test the belief.
    ``directed``: an effect the other way round is "reversed" and not "supported".
    """

    id: str
    room: Literal["framing", "channels", "leads"]
    unit: str
    sesoi: float
    needs: str = ""
    test: str = ""
    directed: bool = True
