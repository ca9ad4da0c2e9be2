"""What people value in an offer and what they would give for it, from choices between offers; and who differs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.cards.claims import Z
from helpers.cards.personas import Personas
from helpers.contracts import UNASSIGNED
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
from helpers.privacy import suppress
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.answer_columns import unit_of
from helpers.words import Words

LEAST = 20
"""Respondents without whom nothing is said of a group (nor of fewer than the study's smallest cell)."""
ALL = "all"
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
    """

    importance: pd.DataFrame
    worths: pd.DataFrame
    told: tuple[str, ...]
    p_personas: float | None = None


def what_decides(
    tables: LoadedTables, survey: Survey | None, personas: Personas, study: Study, words: Words
) -> Choices:
    """Weights of the attributes, part-worths and willingness to pay: of everybody, and per persona."""
    source = study.tables.conjoint
    if source is None:
        return _nothing(words.say("conjoint.none"))
    frame, least = tables.frames["conjoint"], max(LEAST, study.privacy.min_cell)
    if frame["respondent_id"].nunique() < least:
        return _nothing(words.say("conjoint.few", least=least))
    tasks, attributes, left_out = design(frame, source)
    notes = []
    if left_out:
        notes.append(words.say("conjoint.left_out", names=_named(left_out, words)))
    if not attributes:
        return _nothing(*notes, words.say("conjoint.nothing_varies"))
    persona = _persona_of(frame["respondent_id"].drop_duplicates(), survey, personas)
    handles = {group.id: group.handle for group in personas.groups if not group.structural}
    persona = persona.where(persona.isin(handles), UNASSIGNED)
    counts = persona.value_counts().reindex([*handles, UNASSIGNED], fill_value=0).rename("n").reset_index()
    enough = suppress(counts, "n", study.privacy.min_cell).set_index(counts.columns[0])["n"] >= least
    rng, weights, worths, compared = np.random.default_rng(study.seed), [], [], []
    for name in [ALL, *(group for group in handles if enough[group])]:
        own = tasks if name == ALL else tasks.of((persona == name).to_numpy()[tasks.respondent])
        handle = words.say("conjoint.everybody") if name == ALL else handles[name]
        if untold(own):
            notes.append(words.say("conjoint.untold", handle=handle))
            continue
        if found := decided(own, attributes):
            notes.append(words.say("conjoint.decided", handle=handle, names=_named(found, words)))
            if name == ALL:
                return _nothing(*notes)
            continue
        fitted, who = fit(own), {"id": name, "handle": handle}
        weights.append(importance(fitted, attributes, rng).assign(**who, n=len(np.unique(own.respondent))))
        worths.append(levels_worth(fitted, attributes, source.paid_in, rng).assign(**who))
        compared += [name] * (name != ALL)
    p = None
    if len(compared) > 1:
        _, p = by_group(tasks, pd.Index(compared).get_indexer(persona), rng)
    made = [pd.concat(parts, ignore_index=True) for parts in (weights, worths)]
    made = [part[["id", "handle", *part.columns.drop(["id", "handle"])]] for part in made]
    silent = [handle for group, handle in handles.items() if not enough[group]]
    told = [*_about_all(made[0], tasks, words), *_about_money(made[1], source.paid_in, words)]
    told += _about_groups(made[0], p, silent, words)
    return Choices(*made, (*told, *notes, words.say("conjoint.limits")), p)


def _nothing(*reasons: str) -> Choices:
    """No numbers, and why."""
    columns = ["id", "handle", "attribute", "share", "ci_low", "ci_high", "p_adjusted", "n"]
    return Choices(pd.DataFrame(columns=columns), pd.DataFrame(columns=["id", "handle", "attribute"]), reasons)


def _persona_of(respondents: pd.Series, survey: Survey | None, personas: Personas) -> pd.Series:
    """The persona of each respondent: as customer of the survey's answer, or where the ids are those of customers."""
    persona = personas.assignments.set_index("customer_id")["persona"]
    customer = respondents
    if survey is not None:
        unit = unit_of(survey.answers).set_axis(survey.answers["respondent_id"])
        customer = respondents.map(unit[~unit.index.duplicated()]).fillna(respondents)
    return customer.map(persona).fillna(UNASSIGNED).reset_index(drop=True)


# --- in words ----------------------------------------------------------------------------------------------------


def _about_all(weights: pd.DataFrame, tasks: Tasks, words: Words) -> list[str]:
    """Who chose, and what weighs how much."""
    people, choices = len(np.unique(tasks.respondent)), int(tasks.chosen.sum())
    counts = {"n": words.number(people), "choices": words.number(choices)}
    told = [words.say("conjoint.who", offers=words.number(len(tasks.chosen) / choices), **counts)]
    whole = weights[weights["id"] == ALL].sort_values("share", ascending=False)
    clear = whole[whole["p_adjusted"] <= 0.05]
    parts = [
        words.say(
            "conjoint.weight",
            name=_shown(row.attribute, words),
            share=words.percent(row.share),
            interval=words.interval(row.ci_low, row.ci_high, "percent"),
        )
        for row in clear.itertuples()
    ]
    told += [words.say("conjoint.weights", parts=words.listing(parts))] if parts else []
    unclear = whole.loc[whole["p_adjusted"] > 0.05, "attribute"].tolist()
    return told + ([words.say("conjoint.unclear", names=_named(unclear, words))] if unclear else [])


def _about_money(worths: pd.DataFrame, paid_in: str | None, words: Words) -> list[str]:
    """What the levels are worth in money to the average respondent, the clearest ones, or why that is not said."""
    if paid_in not in set(worths["attribute"]):
        return [words.say("conjoint.no_price")]
    worths = worths[~worths["attribute"].isin([paid_in, NONE])]
    whole = worths[worths["id"] == ALL]
    if whole["money"].isna().all():
        return [words.say("conjoint.price_open")] if len(whole) else []
    clear = whole[(whole["money_low"] > 0) | (whole["money_high"] < 0)]
    told = []
    for row in clear.loc[clear["money"].abs().sort_values(ascending=False).index].head(TOLD).itertuples():
        low, high = sorted((abs(row.money_low), abs(row.money_high)))
        told.append(
            words.say(
                f"conjoint.{'more' if row.money > 0 else 'less'}.{'unit' if row.level == ONE_MORE else 'level'}",
                name=_shown(row.attribute, words),
                level=words.theirs(row.level),
                first=words.theirs(row.instead_of),
                money=words.money(abs(row.money)),
                interval=words.interval(low, high, "money"),
            )
        )
    unsure = worths[worths["money"].isna().groupby(worths["id"]).transform("all")]["handle"].unique().tolist()
    return told + ([words.say("conjoint.price_open_for", handles=words.listing(unsure))] if unsure else [])


def _about_groups(weights: pd.DataFrame, p: float | None, silent: list[str], words: Words) -> list[str]:
    """Whether the groups choose differently, and which attribute weighs more for one than for all together."""
    told = []
    if p is not None:
        told.append(words.say(f"conjoint.{'groups_differ' if p <= 0.05 else 'groups_open'}", p=words.p_value(p)))
    if p is not None and p <= 0.05:
        whole = weights[weights["id"] == ALL].set_index("attribute")["share"]
        groups = weights.assign(whole=weights["attribute"].map(whole))
        looked_at = max(int((groups["id"] != ALL).sum()), 1)  # every group and attribute: Bonferroni
        wider = norm.ppf(1 - 0.025 / looked_at) / Z
        above = groups[groups["share"] - wider * (groups["share"] - groups["ci_low"]) > groups["whole"]]
        most = above.loc[(above["share"] - above["whole"]).groupby(above["id"], sort=False).idxmax()]
        told += [
            words.say(
                "conjoint.group",
                handle=row.handle,
                name=_shown(row.attribute, words),
                share=words.percent(row.share),
                interval=words.interval(row.ci_low, row.ci_high, "percent"),
                whole=words.percent(row.whole),
            )
            for row in most.itertuples()
        ]
    return told + ([words.say("conjoint.silent", handles=words.listing(silent))] if silent else [])


def _shown(name: str, words: Words) -> str:
    return words.theirs(name.replace("_", " "))


def _named(names: list[str], words: Words) -> str:
    return words.listing([f"“{_shown(name, words)}”" for name in names])
