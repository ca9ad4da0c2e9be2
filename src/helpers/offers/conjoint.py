"""What people value in an offer and what they would give for it, from choices between offers; and who differs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.cards.claims import Z
from helpers.cards.personas import Personas
from helpers.offers.asked.who import ALL, least_of, who_answered
from helpers.offers.choice_logit import (
    NONE,
    ONE_MORE,
    Tasks,
    by_group,
    decided,
    design,
    fit,
    importance,
    levels_worth,
    untold,
)
from helpers.offers.tastes import differing, taste_or_scale
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.words import Said, Text, say

TOLD = 3
"""Levels whose worth in money is said in a sentence; the table holds all."""


@dataclass(frozen=True)
class Choices:
    """What decides the choices, of all respondents (id ``all``) and of each persona with enough of them.

    importance : id, handle, attribute, share, ci_low, ci_high, p_adjusted, n (respondents): `choice_model.importance`.
    worths : id, handle, attribute, level, worth, ci_low, ci_high (logits), money, money_low, money_high (currency of
        the price), instead_of: `choice_model.levels_worth`.
    told : the findings in sentences, or the reason why there are none.
    p_personas : whether personas choose differently (`choice_model.by_group`); None where fewer than two are compared.
    p_taste : whether they do otherwise than by choosing more or less surely (`tastes.taste_or_scale`).
    differing : attribute, p_adjusted (`tastes.differing`): below .05 respondents want different things of it.
    """

    importance: pd.DataFrame
    worths: pd.DataFrame
    told: tuple[Text, ...]
    p_personas: float | None = None
    p_taste: float | None = None
    differing: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["attribute", "p_adjusted"]))


def what_decides(tables: LoadedTables, survey: Survey | None, personas: Personas, study: Study) -> Choices:
    """Weights of the attributes, part-worths and willingness to pay: of everybody, and per persona."""
    source = study.tables.conjoint
    if source is None:
        return _nothing(say("conjoint.none"))
    frame, least = tables.frames["conjoint"], least_of(study)
    if frame["respondent_id"].nunique() < least:
        return _nothing(say("conjoint.few", least=least))
    tasks, attributes, left_out = design(frame, source)
    notes = []
    if left_out:
        notes.append(say("conjoint.left_out", names=_named(left_out)))
    if not attributes:
        return _nothing(*notes, say("conjoint.nothing_varies"))
    who = who_answered(frame["respondent_id"].drop_duplicates(), survey, personas, study)
    rng, weights, worths, compared, fits = np.random.default_rng(study.seed), [], [], [], []
    for name, (handle, inside) in who.groups(say("conjoint.everybody")).items():
        own = tasks if name == ALL else tasks.of(inside[tasks.respondent])
        if untold(own):
            notes.append(say("conjoint.untold", handle=handle))
            continue
        if found := decided(own, attributes):
            notes.append(say("conjoint.decided", handle=handle, names=_named(found)))
            if name == ALL:
                return _nothing(*notes)
            continue
        fitted, named = fit(own), {"id": name, "handle": handle}
        weights.append(importance(fitted, attributes, rng).assign(**named, n=len(np.unique(own.respondent))))
        worths.append(levels_worth(fitted, attributes, source.paid_in, rng).assign(**named))
        compared += [name] * (name != ALL)
        fits.append(fitted)
    p = p_taste = None
    if len(compared) > 1:
        _, p = by_group(tasks, pd.Index(compared).get_indexer(who.persona), rng)
        p_taste, _ = taste_or_scale(fits[1:])
    unlike = differing(tasks, fits[0], attributes) if fits else pd.Series(dtype=float)
    made = [pd.concat(parts, ignore_index=True) for parts in (weights, worths)]
    made = [part[["id", "handle", *part.columns.drop(["id", "handle"])]] for part in made]
    told = [*_about_all(made[0], tasks, unlike), *_about_money(made[1], source.paid_in)]
    told += _about_groups(made[0], p, p_taste, who.silent)
    chosen_none = made[1]["attribute"] == NONE
    made[1]["attribute"] = made[1]["attribute"].astype(object).mask(chosen_none, say("conjoint.none_of_these"))
    return Choices(
        *made,
        (*told, *notes, say("conjoint.limits")),
        p,
        p_taste,
        unlike.rename_axis("attribute").rename("p_adjusted").reset_index(),
    )


def _nothing(*reasons: Said) -> Choices:
    """No numbers, and why."""
    columns = ["id", "handle", "attribute", "share", "ci_low", "ci_high", "p_adjusted", "n"]
    return Choices(pd.DataFrame(columns=columns), pd.DataFrame(columns=["id", "handle", "attribute"]), reasons)


# --- in words ----------------------------------------------------------------------------------------------------


def _about_all(weights: pd.DataFrame, tasks: Tasks, unlike: pd.Series) -> list[Said]:
    """Who chose, what weighs how much, and of what people want different things: there a mean says little."""
    people, choices = len(np.unique(tasks.respondent)), int(tasks.chosen.sum())
    told = [say("conjoint.who", n=people, choices=choices, offers=len(tasks.chosen) / choices)]
    whole = weights[weights["id"] == ALL].sort_values("share", ascending=False)
    clear = whole[whole["p_adjusted"] <= 0.05]
    parts = [
        say("conjoint.weight", name=_shown(row.attribute), share=row.share, low=row.ci_low, high=row.ci_high)
        for row in clear.itertuples()
    ]
    told += [say("conjoint.weights", parts=parts)] if parts else []
    open_mean = whole.loc[
        whole["p_adjusted"] > 0.05, "attribute"
    ].tolist()  # of others people may differ in degree only
    apart = [name for name in open_mean if unlike.get(name, 1.0) <= 0.05]
    told += [say("conjoint.people_differ", names=_named(apart))] if apart else []
    unclear = [name for name in open_mean if name not in apart]
    return told + ([say("conjoint.unclear", names=_named(unclear))] if unclear else [])


def _about_money(worths: pd.DataFrame, paid_in: str | None) -> list[Said]:
    """What the levels are worth in money to the average respondent, the clearest ones, or why that is not said."""
    if paid_in not in set(worths["attribute"]):
        return [say("conjoint.no_price")]
    worths = worths[~worths["attribute"].isin([paid_in, NONE])]
    whole = worths[worths["id"] == ALL]
    if whole["money"].isna().all():
        return [say("conjoint.price_open")] if len(whole) else []
    clear = whole[(whole["money_low"] > 0) | (whole["money_high"] < 0)]
    told = []
    for row in clear.loc[clear["money"].abs().sort_values(ascending=False).index].head(TOLD).itertuples():
        low, high = sorted((abs(row.money_low), abs(row.money_high)))
        told.append(
            say(
                f"conjoint.{'more' if row.money > 0 else 'less'}.{'unit' if row.level == ONE_MORE else 'level'}",
                name=_shown(row.attribute),
                level=row.level,
                first=row.instead_of,
                money=abs(row.money),
                low=low,
                high=high,
            )
        )
    unsure = worths[worths["money"].isna().groupby(worths["id"]).transform("all")]["handle"].unique().tolist()
    return told + ([say("conjoint.price_open_for", handles=unsure)] if unsure else [])


def _about_groups(weights: pd.DataFrame, p: float | None, p_taste: float | None, silent: list[Text]) -> list[Said]:
    """Whether the groups choose differently, and which attribute weighs more for one than for all together."""
    told = []
    if p is not None:
        way = "groups_open" if p > 0.05 else "groups_differ" if p_taste <= 0.05 else "groups_scale"
        told.append(say(f"conjoint.{way}", p=p))
    if p is not None and p <= 0.05 and p_taste <= 0.05:
        whole = weights[weights["id"] == ALL].set_index("attribute")["share"]
        groups = weights.assign(whole=weights["attribute"].map(whole))
        looked_at = max(int((groups["id"] != ALL).sum()), 1)  # every group and attribute: Bonferroni
        wider = norm.ppf(1 - 0.025 / looked_at) / Z
        above = groups[groups["share"] - wider * (groups["share"] - groups["ci_low"]) > groups["whole"]]
        most = above.loc[(above["share"] - above["whole"]).groupby(above["id"], sort=False).idxmax()]
        told += [
            say(
                "conjoint.group",
                handle=row.handle,
                name=_shown(row.attribute),
                share=row.share,
                low=row.ci_low,
                high=row.ci_high,
                whole=row.whole,
            )
            for row in most.itertuples()
        ]
    return told + ([say("conjoint.silent", handles=silent)] if silent else [])


def _shown(name: str) -> str:
    return name.replace("_", " ")


def _named(names: list[str]) -> list[Said]:
    return [say("format.quoted", text=_shown(name)) for name in names]
