"""The number of people that `personas plan` says, and how often a test of so many then finds what it was planned for.

Also how often a study that publishes again and again finds something in data without any effect.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import beliefs
import numpy as np
import pandas as pd

from helpers.beliefs.belief import built_in
from helpers.beliefs.plan import Design, plan_test
from helpers.beliefs.registry import put_to_the_test

ALONE = {"exclude": [i for i in built_in() if i != "relative_saving"], "publications": 1}
"""One belief, and no publication after this one."""
OPEN = {"exclude": ALONE["exclude"]}
BASE, RISE, EFFECT = 0.3, 0.1, 0.3
"""Shares of 30 and 40 %; three tenths of a standard deviation."""
DESIGNS: dict[str, tuple[Design, float | None, dict[str, Any]]] = {
    "two shares": (Design(), BASE, ALONE),
    "two means": (Design(), None, ALONE),
    "shares, four arms": (Design(arms=4), BASE, ALONE),
    "means, three arms": (Design(arms=3), None, ALONE),
    "shares of the same people": (Design(within=0.4), BASE, ALONE),
    "means of the same people": (Design(within=0.4), None, ALONE),
    "shares, households of four": (Design(icc=0.2, cluster_size=4), BASE, ALONE),
    "means, households of four": (Design(icc=0.2, cluster_size=4), None, ALONE),
    "shares, no end of publications": (Design(also=0), BASE, OPEN),
    "shares beside three others": (Design(also=3), BASE, OPEN),
    "shares beside fourteen others": (Design(also=14), BASE, OPEN),
    "means, three arms, beside three": (Design(arms=3, also=3), None, OPEN),
    "shares, last of three looks": (Design(looks=3), BASE, ALONE),
}
"""What is planned: the design, today's share (None for a mean), and what the study says of its beliefs."""
PUBLICATIONS = 12


def planned(kind: str) -> tuple[int, float]:
    """People per arm, and the effect that they are to show."""
    design, base, _ = DESIGNS[kind]
    effect = RISE if base is not None else EFFECT
    return plan_test(base, effect=effect, design=design).n, effect


def trial(kind: str, seed: int) -> dict[str, Any]:
    """Whether the test that was planned found the arm that has an effect; the others have none."""
    design, base, hypotheses = DESIGNS[kind]
    n, effect = planned(kind)
    rng = np.random.default_rng([seed, 6])
    frame = (_same_people if design.within is not None else _strangers)(rng, design, base, effect, n)
    test = beliefs.experiment(number=base is None, arms=design.arms, stopping={"looks": design.looks})
    test |= {"design": "within" if design.within is not None else "between"}
    others = []
    for i in range(design.also or 0):
        frame[f"arm{i}"], frame[f"y{i}"] = (
            rng.permutation(np.arange(len(frame)) % 2),
            rng.integers(0, 2, len(frame)) * 1.0,
        )
        arm, outcome = {"column": f"arm{i}", "arms": ["0", "1"]}, {"column": f"y{i}", "success": ["1"]}
        others.append(beliefs.experiment(id=f"null_{i}", arm=arm, outcome=outcome))
    evidence = beliefs.study_of({"survey": frame}, experiments=[test, *others], hypotheses=hypotheses)
    found = put_to_the_test("framing", evidence)[0]
    arms = {arm.label: arm.verdict for arm in found.arms} or {"a1": found.verdict}
    return {"kind": kind, "n": n, "found": arms["a1"] == "supported"}


def _strangers(rng: np.random.Generator, design: Design, base: float | None, effect: float, n: int) -> pd.DataFrame:
    """Different people in every arm, who come in clusters that share a part of what they do."""
    size = int(design.cluster_size)
    cluster = np.arange(design.arms * (n // size * size)) // size
    arm = cluster % design.arms
    share = design.icc
    if base is None:
        own = rng.normal(0, np.sqrt(share), cluster.max() + 1)[cluster]
        y = own + rng.normal(0, np.sqrt(1 - share), len(cluster)) + effect * (arm == 1)
        ids = cluster
    else:
        p = base + effect * (arm == 1)
        apart = rng.beta(p[::size] * (1 / share - 1), (1 - p[::size]) * (1 / share - 1)) if share else p[::size]
        y, ids = (rng.random(len(cluster)) < apart[cluster]).astype(float), cluster
    return pd.DataFrame(
        {"arm": pd.Series(arm).map("a{}".format), "y": y, "customer_id": pd.Series(ids).map("C{}".format)}
    )


def _same_people(rng: np.random.Generator, design: Design, base: float | None, effect: float, n: int) -> pd.DataFrame:
    """Everybody answers under both arms."""
    if base is None:
        own = rng.normal(0, np.sqrt(design.within), n)
        y = np.concatenate([own + rng.normal(0, np.sqrt(1 - design.within), n) + add for add in (0.0, effect)])
    else:
        other = base + effect
        both = base * other + design.within * np.sqrt(base * (1 - base) * other * (1 - other))
        cell = rng.choice(4, n, p=[both, base - both, other - both, 1 - base - other + both])
        y = np.concatenate([np.isin(cell, (0, 1)), np.isin(cell, (0, 2))]).astype(float)
    arm, ids = np.repeat(["a0", "a1"], n), pd.Series(np.tile(np.arange(n), 2)).map("C{}".format)
    return pd.DataFrame({"arm": arm, "y": y, "customer_id": ids})


def power(kinds: list[str], sets: int) -> pd.DataFrame:
    """Per design: people per arm, and the share of studies that found what was planned for (.80 is meant)."""
    found = pd.DataFrame([trial(kind, seed) for kind in kinds for seed in range(sets)])
    by_kind = found.groupby("kind", sort=False)
    columns = {
        "sets": by_kind.size(),
        "people per arm": by_kind["n"].first(),
        "found": by_kind["found"].mean().round(3),
    }
    return pd.DataFrame(columns).rename_axis("plan for a power of .80")


# --- looks -------------------------------------------------------------------------------------------------------


def growing(rng: np.random.Generator, effect: float) -> Callable[[int], pd.DataFrame]:
    """Rows are added to those that were there."""
    n = 200 + 100 * PUBLICATIONS
    arm = np.arange(n) % 2
    y = (rng.random(n) < 0.4 + effect * arm).astype(float)
    frame = pd.DataFrame({"arm": pd.Series(arm).map("a{}".format), "y": y, "customer_id": [f"C{i}" for i in range(n)]})
    return lambda look: frame.head(200 + 100 * look)


def moving(rng: np.random.Generator, effect: float) -> Callable[[int], pd.DataFrame]:
    """A window of 600 people that moves on by 100."""
    n = 600 + 100 * PUBLICATIONS
    arm = np.arange(n) % 2
    y = (rng.random(n) < 0.4 + effect * arm).astype(float)
    frame = pd.DataFrame({"arm": pd.Series(arm).map("a{}".format), "y": y, "customer_id": [f"C{i}" for i in range(n)]})
    return lambda look: frame.iloc[100 * look : 600 + 100 * look]


LOOKS = {
    "rows are added, no effect": (growing, 0.0, OPEN),
    "the window moves on, no effect": (moving, 0.0, OPEN),
    "rows are added, twelve planned, no effect": (growing, 0.0, OPEN | {"publications": PUBLICATIONS}),
    "rows are added, 10 points": (growing, 0.1, OPEN),
    "rows are added, twelve planned, 10 points": (growing, 0.1, OPEN | {"publications": PUBLICATIONS}),
}


def series(kind: str, seed: int) -> dict[str, Any]:
    """Twelve publications of one study: whether any found something, with looks counted and without."""
    draw, effect, hypotheses = LOOKS[kind]
    at, before, found, plain = draw(np.random.default_rng([seed, 7]), effect), None, [], []
    for look in range(PUBLICATIONS):
        tables = {"survey": at(look).reset_index(drop=True)}
        evidence = beliefs.study_of(tables, experiments=[beliefs.experiment()], hypotheses=hypotheses)
        result = put_to_the_test("framing", evidence, before)[0]
        before = {"results": [json.loads(json.dumps(asdict(result), default=str))]}
        found.append(result.verdict in ("supported", "reversed"))
        plain.append(result.p_value <= 0.05)
    return {"kind": kind, "any": any(found), "last": found[-1], "uncounted": any(plain)}


def looks(kinds: list[str], sets: int) -> pd.DataFrame:
    """Per kind: the share of studies of which any publication found something, the last one, and any uncounted."""
    found = pd.DataFrame([series(kind, seed) for kind in kinds for seed in range(sets)])
    by_kind = found.groupby("kind", sort=False)
    names = {"any": "any of twelve found something", "last": "the last did", "uncounted": "any, looks not counted"}
    return by_kind[list(names)].mean().round(3).rename(columns=names).rename_axis("publications").assign(sets=sets)
