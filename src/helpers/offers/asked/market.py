"""Whose tastes differ, what each person would give up for what, and how many would take which of several offers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.cards.claims import Z
from helpers.cards.personas import Personas
from helpers.offers.asked.mixed_logit import STEP, Mixed, fit_mixed, own_worths, shares_of, spread_of, steps
from helpers.offers.asked.who import ALL, Who, least_of, who_answered
from helpers.offers.choice_logit import NONE, Attribute, Tasks, decided, design, fit, untold
from helpers.offers.tastes import FEWEST_TASKS
from helpers.read.load import LoadedTables
from helpers.sources import ConjointSource
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.text import fold
from helpers.words import Text, say

DRAWS = 999
SPLIT = 0.1
"""Where surely more than so many want a thing and more than so many do not, it is said."""
SPREAD = ["attribute", "level", "instead_of", "worth", "ci_low", "ci_high", "spread", "want", "want_low", "want_high"]
SHARES = ["id", "handle", "offer", "share", "ci_low", "ci_high", "n"]


@dataclass(frozen=True)
class Tastes:
    """How tastes differ from person to person, and what follows for offers side by side.

    spread : attribute, level (of a number one more), instead_of (the first level), worth (mean over people, logits)
        with its interval, spread (standard deviation over people), want (share of people for whom it is above 0) with
        its interval, empty where it is not shown that they differ.
    shares : id, handle, offer, share of those who would take it with its interval, n; empty without offers.
    own : respondent_id, attribute, level, worth, unsure (standard deviation given what the person chose); for the
        analyst, never published.
    known : how much of the differences between people is told by a person's own choices, 0 to 1; None without a model.
    """

    spread: pd.DataFrame
    shares: pd.DataFrame
    own: pd.DataFrame
    told: tuple[Text, ...]
    known: float | None = None


def tastes_of_people(tables: LoadedTables, survey: Survey | None, personas: Personas, study: Study) -> Tastes:
    """Part-worths that vary from person to person, each person's own, and shares of the offers that are described."""
    source = study.tables.conjoint
    if source is None:
        return _nothing()
    frame = tables.frames["conjoint"]
    people = frame["respondent_id"].drop_duplicates()
    if len(people) < least_of(study):
        return _nothing()
    tasks, attributes, _ = design(frame, source)
    if not attributes or untold(tasks) or decided(tasks, attributes):
        return _nothing()
    if tasks.chosen.sum() < FEWEST_TASKS * len(people):
        return _nothing(say("tastes.one_each"))
    mixed = fit_mixed(tasks, fit(tasks).worth, seed=study.seed)
    named = _contrasts(attributes, len(mixed.panel.scale))
    contrasts = np.array([contrast for *_, contrast in named])
    spread = _spread(mixed, named, contrasts, np.random.default_rng(study.seed))
    worth, unsure = own_worths(mixed, contrasts)
    inside = spread["spread"].to_numpy() ** 2
    known = float(1 - (unsure**2).mean(axis=0).sum() / inside.sum()) if inside.sum() > 0 else 0.0
    own = pd.DataFrame(
        {
            "respondent_id": np.repeat(people.to_numpy(), len(named)),
            "attribute": np.tile([name for name, *_ in named], len(people)),
            "level": np.tile([level for _, level, *_ in named], len(people)),
            "worth": worth.ravel(),
            "unsure": unsure.ravel(),
        }
    )
    who = who_answered(people, survey, personas, study)
    shares, notes = _shares(fits_of(mixed, tasks, attributes, who, study.seed), attributes, source, who)
    told = [*_about_tastes(spread, known, tasks, len(people)), *_about_shares(shares), *notes]
    return Tastes(spread, shares, own, tuple(told), known)


def _nothing(*why: Text) -> Tastes:
    """No numbers: what decides between offers says why, where there is none."""
    own = pd.DataFrame(columns=["respondent_id", "attribute", "level", "worth", "unsure"])
    return Tastes(pd.DataFrame(columns=SPREAD), pd.DataFrame(columns=SHARES), own, why)


def own_worths_file(tastes: Tastes) -> pd.DataFrame | None:
    """Each person's part-worths for the analyst; None where there are none."""
    return None if tastes.own.empty else tastes.own


def _contrasts(attributes: list[Attribute], columns: int) -> list[tuple[str, str, str, np.ndarray]]:
    """attribute, level, the first level, and what their difference is in columns; of a number one more."""
    unit = np.eye(columns)
    found = []
    for attribute in attributes:
        if attribute.name == NONE:
            continue
        levels = attribute.levels[1:] or ("+ 1",)
        first = attribute.levels[0] if attribute.levels else ""
        found += [(attribute.name, level, first, unit[at]) for level, at in zip(levels, attribute.columns, strict=True)]
    return found


def _spread(
    mixed: Mixed, named: list[tuple[str, str, str, np.ndarray]], contrasts: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """`Tastes.spread`; intervals by draws of the parameters (Krinsky & Robb 1986)."""
    mean, spread = spread_of(mixed.theta, contrasts, mixed)
    drawn = rng.multivariate_normal(mixed.theta, mixed.covariance, DRAWS)
    means, spreads = (np.array(part) for part in zip(*(spread_of(t, contrasts, mixed) for t in drawn), strict=True))
    half = Z * means.std(axis=0)
    moved = np.array([spread_of(mixed.theta + step, contrasts, mixed)[1] - spread for step in steps(len(mixed.theta))])
    error = np.sqrt(np.einsum("pc,pq,qc->c", moved, mixed.covariance, moved)) / STEP
    shown = spread > Z * np.maximum(error, 1e-2)  # at the edge, where nobody seems to differ, the error says nothing
    want, wants = (norm.cdf(m / np.maximum(s, 1e-9)) for m, s in ((mean, spread), (means, spreads)))
    low, high = np.quantile(wants, [0.025, 0.975], axis=0)
    want, low, high = (np.where(shown, part, np.nan) for part in (want, low, high))
    columns = [[n for n, *_ in named], [x for _, x, *_ in named], [f for _, _, f, _ in named]]
    return pd.DataFrame(
        dict(zip(SPREAD, [*columns, mean, mean - half, mean + half, spread, want, low, high], strict=True))
    )


# --- shares of offers --------------------------------------------------------------------------------------------


def described(source: ConjointSource, attributes: list[Attribute]) -> tuple[dict[str, np.ndarray], list[str]]:
    """The columns of each offer, and the offers with a level that nobody was shown; "none of these" where it was.

    What the tasks could not tell apart is no column, and so the offers do not differ in it either.
    """
    columns = sum(len(attribute.columns) for attribute in attributes)
    found, unknown = {}, []
    for name, levels in source.offers.items():
        row = np.zeros(columns)
        for attribute in (attribute for attribute in attributes if attribute.name != NONE):
            given = levels[attribute.name]
            if not attribute.levels:
                row[attribute.columns[0]] = _number(given)
            elif (place := _place(given, attribute.levels)) is None:
                row[:] = np.nan
            elif place:
                row[attribute.columns[place - 1]] = 1.0
        if np.isfinite(row).all():
            found[name] = row
        else:
            unknown.append(name)
    refused = next((attribute for attribute in attributes if attribute.name == NONE), None)
    if refused is not None and found:
        found[NONE] = np.eye(columns)[refused.columns[0]]
    return found, unknown


def _number(given: str | int | float) -> float:
    try:
        return float(given)
    except ValueError:
        return float("nan")


def _place(given: str | int | float, levels: tuple[str, ...]) -> int | None:
    return next((place for place, level in enumerate(levels) if fold(level) == fold(str(given))), None)


def fits_of(
    mixed: Mixed, tasks: Tasks, attributes: list[Attribute], who: Who, seed: int
) -> list[tuple[str, Text, Mixed | None]]:
    """id, handle and model of all (``mixed``) and of each group with enough people, None where its choices tell none.

    A group has a model of its own: in that of all it would lean towards the others.
    """
    found: list[tuple[str, Text, Mixed | None]] = []
    for name, (handle, inside) in who.groups(say("conjoint.everybody")).items():
        own = tasks.of(inside[tasks.respondent])
        if name == ALL:
            found.append((name, handle, mixed))
        elif untold(own) or decided(own, attributes):
            found.append((name, handle, None))
        else:
            found.append((name, handle, fit_mixed(own, fit(own).worth, seed=seed)))
    return found


def _shares(
    fits: list[tuple[str, Text, Mixed | None]], attributes: list[Attribute], source: ConjointSource, who: Who
) -> tuple[pd.DataFrame, list[Text]]:
    """`Tastes.shares`, and what is to be said of offers that could not be compared."""
    offers, unknown = described(source, attributes)
    notes: list[Text] = [say("tastes.unknown_offer", names=unknown)] if unknown else []
    if len(offers) < 2:
        return pd.DataFrame(columns=SHARES), notes
    rows, silent = [], list(who.silent)
    for i, handle, mixed in fits:
        if mixed is None:
            silent.append(handle)
            continue
        for name, share, error in zip(offers, *shares_of(mixed, np.array(list(offers.values()))), strict=True):
            shown = say("conjoint.none_of_these") if name == NONE else name
            rows.append((i, handle, shown, share, *between(share, error), mixed.panel.X.shape[0]))
    notes += [say("tastes.silent", handles=silent)] if silent else []
    far = [
        attribute.name.replace("_", " ")
        for attribute in attributes
        if attribute.name != NONE and not attribute.levels
        and any(not attribute.low <= _number(o[attribute.name]) <= attribute.high for o in source.offers.values())
    ]  # fmt: skip
    notes += [say("tastes.beyond", names=far)] if far else []
    return pd.DataFrame(rows, columns=SHARES), [*notes, say("tastes.limits")]


def between(share: float, error: float) -> tuple[float, float]:
    """The 95 % interval of a share from its standard error, on the scale of logits, so that it stays a share."""
    at = float(np.clip(share, 1e-9, 1 - 1e-9))
    half = Z * error / (at * (1 - at))
    low, high = (1 / (1 + np.exp(-(np.log(at / (1 - at)) + side * half))) for side in (-1, 1))
    return float(low), float(high)


# --- in words ----------------------------------------------------------------------------------------------------


def _about_tastes(spread: pd.DataFrame, known: float, tasks: Tasks, people: int) -> list[Text]:
    """Of what some want more and others less, and how well a single person is known."""
    told = [
        say(
            f"tastes.{'level' if row.instead_of else 'number'}",
            name=row.attribute.replace("_", " "), level=row.level, first=row.instead_of, want=row.want,
            low=row.want_low, high=row.want_high,
        )
        for row in spread.itertuples()
        if row.want_low > SPLIT and row.want_high < 1 - SPLIT
    ]  # fmt: skip
    told = told or [say("tastes.alike")]
    return [*told, say("tastes.known", known=known, choices=tasks.chosen.sum() / people)]


def _about_shares(shares: pd.DataFrame) -> list[Text]:
    """How many would take each offer, and who clearly takes more of one than all together."""
    whole = shares[shares["id"] == ALL].sort_values("share", ascending=False)
    if whole.empty:
        return []
    parts = [
        say("tastes.share", offer=row.offer, share=row.share, low=row.ci_low, high=row.ci_high)
        for row in whole.itertuples()
    ]
    told = [say("tastes.shares", parts=parts)]
    of_all = whole.set_index("offer")["share"]
    groups = shares[shares["id"] != ALL]
    clear = groups[groups["ci_low"] > groups["offer"].map(of_all).astype(float)]
    told += [
        say("tastes.group", handle=row.handle, offer=row.offer, share=row.share, low=row.ci_low, high=row.ci_high)
        for row in clear.itertuples()
    ]
    return told
