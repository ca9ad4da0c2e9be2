"""A study as an analyst holds it: its tables, its cards that show themselves, and comparisons of one's own."""

from __future__ import annotations

import functools
import html
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.weightstats import DescrStatsW, ttest_ind

from helpers.cards.claims import adjusted
from helpers.columns import circular
from helpers.contracts import BELIEF_ROOMS, UNASSIGNED, Card, StudyError
from helpers.own import own_of
from helpers.report.card_formats import card_html
from helpers.run.session import root
from helpers.run.stages import Session
from helpers.small_cells import shown, wilson
from helpers.study import load_study
from helpers.text import nearest
from helpers.words import Words

COMPARED = ["group", "n", "value", "ci_low", "ci_high", "others", "p_adjusted", "note"]
MADE = "made the groups, so it is described and not tested"
FEW = "fewer people than may be shown"
MOST_GROUPS = 30
"""A column of more different values than this is no grouping."""


@dataclass(frozen=True)
class ShownCard:
    """A card that shows itself in a notebook, as its own page does."""

    card: Card
    words: Words

    def __getattr__(self, name: str) -> Any:
        return getattr(self.card, name)

    def _repr_html_(self) -> str:
        page = html.escape(card_html(self.card, self.words), quote=True)
        return f'<iframe srcdoc="{page}" title="{html.escape(str(self.card.name))}" width="100%" height="900"></iframe>'


@dataclass(frozen=True)
class OpenStudy:
    """A study whose results are computed when they are asked for, and kept in its work folder like a run's."""

    session: Session

    @functools.cached_property
    def customers(self) -> pd.DataFrame:
        """One row per customer: features before ``holdout_from``, attributes, persona and probability.

        Raises StudyError in a study without sales or customers.
        """
        known, found = self.session["customers"], self.session["personas"]
        if known is None:
            raise StudyError(f"{self.session.study.path}: no sales and no customers, so there are no rows of customers")
        rows = known.profile.merge(known.features, on="customer_id", how="outer", suffixes=("", "_made"))
        rows = rows.merge(known.own, on="customer_id", how="left")
        placed = found.assignments if found is not None else pd.DataFrame({"customer_id": []})
        chance = placed.filter(regex="^p_").max(axis=1)
        placed = placed.reindex(columns=["customer_id", "persona"]).assign(probability=chance)
        return rows.merge(placed, on="customer_id", how="left").sort_values("customer_id", ignore_index=True)

    @functools.cached_property
    def answers(self) -> pd.DataFrame | None:
        """One row per respondent, coded as the personas see it; None in a study without a survey."""
        survey = self.session["survey"]
        return None if survey is None else survey.answers

    @functools.cached_property
    def personas(self) -> tuple[ShownCard, ...]:
        """Every card of the report."""
        words = self.session.words
        return tuple(ShownCard(card, words) for card in words.told(self.session["cards"].cards))

    @functools.cached_property
    def claims(self) -> pd.DataFrame:
        """One row per statement of every card: card, name, and the fields of a claim of personas.json."""
        rows = [{"card": one.id, "name": one.name} | vars(claim) for one in self.personas for claim in one.claims]
        return pd.DataFrame(rows)

    @functools.cached_property
    def beliefs(self) -> pd.DataFrame:
        """One row per belief: id, title, verdict, estimate with its interval, p_adjusted and the sentence."""
        told = self.session.words.told([result for room in BELIEF_ROOMS for result in self.session[room].results])
        kept = ("id", "title", "verdict", "p_value", "p_adjusted", "sentence", "reason")
        effects = [
            {}
            if result.effect is None
            else {name: getattr(result.effect, name) for name in ("measure", "estimate", "ci_low", "ci_high")}
            for result in told
        ]
        rows = [{name: getattr(result, name) for name in kept} for result in told]
        return pd.DataFrame(rows).join(pd.DataFrame(effects))

    def compare(self, column: str, by: str = "persona", within: str | None = None) -> pd.DataFrame:
        """The mean (or share) of a column in each group of another, with 95 % intervals; each group beside all others.

        within : a persona (its id or its name) to stay inside.

        Returns
        -------
        group, n (people with a value), value, ci_low, ci_high (Wilson's for a yes/no column, else Student's t), others
        (the value among all others), p_adjusted (Welch's t, Holm over the groups; missing where nothing may be tested),
        note. Groups under ``privacy.min_cell`` people are named without figures. A column that made the personas is
        described between them and never tested. Raises StudyError for a column that is not there.
        """
        rows = self._rows(within)
        for name in (column, by):
            if name not in rows:
                raise StudyError(f"compare: no column {name!r}; {nearest(name, rows.columns)}")
        values = pd.to_numeric(rows[column].replace({True: 1.0, False: 0.0}), errors="coerce")
        if values.notna().sum() == 0:
            raise StudyError(
                f"compare: {column!r} holds no numbers; give one of {', '.join(rows.select_dtypes('number'))}"
            )
        groups = rows[by][rows[by] != UNASSIGNED].dropna()
        if groups.nunique() > MOST_GROUPS:
            raise StudyError(
                f"compare: {by!r} has {groups.nunique()} different values; at most {MOST_GROUPS} are compared"
            )
        defining = self.session["personas"].defining if by == "persona" else ()
        own = next((one for one in own_of(self.session.study).features if one.name == column), None)
        tested = not circular(column, defining) and (own is None or by != "persona" or own.role(defining) == "held out")
        table = pd.DataFrame(_compared(values, groups, self.session.study.privacy.min_cell), columns=COMPARED)
        known = table["p_adjusted"].notna()
        if not tested:
            table.loc[:, "p_adjusted"], table.loc[known, "note"] = np.nan, MADE
            return table
        return table.assign(p_adjusted=adjusted(table["p_adjusted"].astype(float), "holm"))

    def _rows(self, within: str | None) -> pd.DataFrame:
        if within is None:
            return self.customers
        ids = {one.name: one.id for one in self.personas} | {one.id: one.id for one in self.personas}
        if within not in ids:
            raise StudyError(f"compare: no persona {within!r}; {nearest(within, ids)}")
        return self.customers[self.customers["persona"] == ids[within]]


def open_study(study: str | Path = "data/sample", work: str | Path = "runs/scratch") -> OpenStudy:
    """Open a study: a study.yml, or the folder that holds one. Raises StudyError for one that cannot be read.

    Relative paths start at the nearest folder upwards that holds the notebooks. ``work`` keeps results, so that what a
    run or a notebook has computed there is taken from it.
    """
    here = root()
    return OpenStudy(Session("", load_study(here / study), here / work, {}))


def _compared(values: pd.Series, groups: pd.Series, least: int) -> Iterable[tuple[Any, ...]]:
    """The rows of ``OpenStudy.compare``, the largest group first; p as it stands, before any correction."""
    known = pd.DataFrame({"value": values, "group": groups}).dropna()
    yes_no = known["value"].isin([0, 1]).all()
    for group, own in known.groupby("group")["value"]:
        others = known.loc[known["group"] != group, "value"]
        cells = [len(own), *([int(own.sum()), int(len(own) - own.sum())] if yes_no else [])]
        if not all(shown(cell, least) for cell in cells) or len(own) < 2:
            yield (group, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, FEW)
            continue
        low, high = wilson(own.sum(), len(own)) if yes_no else DescrStatsW(own).tconfint_mean()
        enough = len(others) >= max(least, 2)
        varies = enough and own.var() + others.var() > 0
        p = float(ttest_ind(own, others, usevar="unequal")[1]) if varies else np.nan
        yield (group, len(own), own.mean(), low, high, others.mean() if enough else np.nan, p, "")
