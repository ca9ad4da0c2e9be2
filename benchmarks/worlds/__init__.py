"""Customer bases whose truth is known: what the suite must not be fooled by, and what it must find.

A world is a function of a random generator and a number of people that gives a ``Base``. Each file of this folder holds
one kind of world and lists its worlds in ``WORLDS``: the function, and how many types it holds that a card could show
(0 where people differ by degrees only). A new kind is one more file; nothing else names it.
"""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from helpers.customers.customers import build_customers
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.survey.survey import code_survey
from helpers.types.division import LEAST_ALIKE, judged_pool
from helpers.types.gate import Gate, floor_of, judge, judged_rows
from helpers.types.mixture import as_model, fit_mixture, posterior
from helpers.types.pool import gather
from helpers.types.prepare import gate_matrix
from helpers.types.repeated import LABEL_STARTS, Twice, by_size, divide

WINDOW = {"start": dt.date(2025, 1, 1), "holdout_from": dt.date(2025, 9, 1), "as_of": dt.date(2025, 10, 27)}


@dataclass(frozen=True)
class Base:
    """People, what is known of them, and the truth.

    truth : the type of every person from 0; None where there are none. A type of -1 is too small for a card.
    sales, later : order lines as an export has them, of the window and of the half year after it. answers : a survey as
    an export has it, a row per respondent; ``survey`` what study.yml says of it. shape : a matrix as the gate sees it,
    with ``again``, the same people by two halves of what is known of them, for worlds that are no customers.
    nuisance : who answered as no customer thinks, and must make no type.
    """

    truth: np.ndarray | None
    sales: pd.DataFrame | None = None
    later: pd.DataFrame | None = None
    answers: pd.DataFrame | None = None
    survey: dict | None = None
    shape: np.ndarray | None = None
    again: tuple[np.ndarray, np.ndarray] | None = None
    nuisance: np.ndarray | None = None


@dataclass(frozen=True)
class World:
    """A named world: ``make`` gives a base; ``types`` how many it holds; ``told`` the truth in a sentence."""

    name: str
    kind: str
    types: int
    make: Callable[[np.random.Generator, int], Base]

    @property
    def told(self) -> str:
        """What is true in it."""
        return " ".join((self.make.__doc__ or "").split())


@cache
def every() -> dict[str, World]:
    """All worlds by name, found by their place."""
    return {world.name: world for module in pkgutil.iter_modules(__path__) for world in _of(module.name)}


def _of(kind: str) -> Iterator[World]:
    for make, types in importlib.import_module(f"{__name__}.{kind}").WORLDS.items():
        yield World(make.__name__, kind, types, make)


def study_of(base: Base, seed: int) -> Study:
    """The study.yml that such a base would have."""
    tables = {}
    if base.sales is not None:
        tables["sales"] = {"path": "sales.csv"}
    if base.answers is not None:
        tables["survey"] = {"path": "survey.csv", **base.survey}
    settings = {"study": "world", "tables": tables, "seed": seed}
    return Study.model_validate(settings | ({"window": WINDOW} if base.sales is not None else {}))


def tables_of(base: Base) -> LoadedTables:
    """The tables as they are read."""
    frames = {}
    if base.sales is not None:
        frames["sales"] = base.sales.astype({"is_return": "boolean"})
    if base.answers is not None:
        frames["survey"] = base.answers
    return LoadedTables(frames, ())


def placed(base: Base, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Of everybody in a base with ``k`` types: how sure the model is of the likeliest class, and whether it is right.

    Classes are matched to types so that most people are right.
    """
    study, tables = study_of(base, seed), tables_of(base)
    customers = None if base.sales is None else build_customers(tables, study)
    pool = gather(customers, None if base.answers is None else code_survey(tables, study), study)
    prepared = pool.prepared.at(pool.fit)
    matrix = gate_matrix(prepared)
    first = by_size(divide(matrix, k, seed, LABEL_STARTS).labels_)
    fitted = fit_mixture(prepared, matrix, k, first, smallest=int(floor_of(len(matrix))), seed=seed)
    sure, _ = posterior(as_model(pool.prepared, fitted.mixture, temper=fitted.temper), pool.features, pool.answers)
    people = (pool.answers if customers is None else pool.features).index
    truth = base.truth[people.str[1:].astype(int)]
    counts = np.zeros((base.truth.max() + 1, k))
    np.add.at(counts, (truth, sure.argmax(axis=1)), 1)
    types, classes = linear_sum_assignment(-counts)
    meant = np.full(k, -1)
    meant[classes] = types
    return sure.max(axis=1), meant[sure.argmax(axis=1)] == truth


def gate_of(base: Base, seed: int, *, bootstrap: int = 50, draws: int = 199) -> tuple[Gate | None, np.ndarray | None]:
    """The gate's verdict on a base as the suite reaches it, and the true types of the people whom it judged."""
    gate, who = judged(base, seed, bootstrap=bootstrap, draws=draws)
    return gate, None if gate is None or base.truth is None else base.truth[who]


def judged(base: Base, seed: int, *, bootstrap: int = 50, draws: int = 199) -> tuple[Gate | None, np.ndarray]:
    """The same verdict, and which of the people were judged, by their number in the base."""
    if base.shape is not None:
        rows = judged_rows(len(base.shape), seed)
        every_column = np.arange(base.shape.shape[1])
        both = (base.again[0][rows], base.again[1][rows])
        sights = [Twice(*both, (every_column, every_column), np.arange(len(rows)))]
        gate = judge(
            base.shape,
            seed=seed,
            bootstrap=bootstrap,
            draws=draws,
            sights=sights,
            repeated=LEAST_ALIKE["behaviour"],
        )
        return gate, rows
    study, tables = study_of(base, seed), tables_of(base)
    customers = None if base.sales is None else build_customers(tables, study)
    survey = None if base.answers is None else code_survey(tables, study)
    pool = gather(customers, survey, study)
    gate = judged_pool(pool, customers, study, tables, (2, 4), bootstrap, draws)
    people = (pool.answers if customers is None else pool.features).index
    rows = pool.fit if gate is None else pool.fit[gate.rows]
    return gate, people[rows].str[1:].astype(int).to_numpy()
