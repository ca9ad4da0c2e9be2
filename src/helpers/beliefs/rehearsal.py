"""How many customers do personas need? The pipeline itself, run on customers made up in the shape of the user's.

Types lie ``apart`` standard deviations from one another in what a customer does and says, half of whose variance within
a type lasts and half is the luck of one answer; the luck of an order comes on top, as orders are drawn one by one.
Beside them stand customers of the same spread without types. All go the way that real data go: order lines and
answers as an export has them, features, coding, the gate with its halves of the orders.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.contracts import StudyError
from helpers.customers.customers import build_customers
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.survey.survey import code_survey
from helpers.types.division import judged_pool
from helpers.types.gate import GATE_ROWS, floor_of
from helpers.types.pool import MIN_RESPONDENTS, gather
from helpers.words import Said, say

START, HELD_OUT, END = dt.date(2025, 1, 1), dt.date(2025, 11, 1), dt.date(2025, 12, 31)
HABITS = 5
"""What orders tell of a customer: coupons, channel, evenings, worth and size of an order."""
CUTS = (-1.3, -0.4, 0.4, 1.3)
DRAWS, REFITS = 39, 12
"""Fewer than a study's own, so that it ends within two minutes."""
FURTHER = 1.0
"""Standard deviations that better questions are thought to add."""
HELPS = 0.25
"""What raises the share of right answers by less than this does not help so that one could count on it."""


@dataclass(frozen=True)
class Shape:
    """What a user has: customers, orders each (0: no sales), questions (0: no survey), the share who answer them,
    the sizes of the types that are thought to be there and how far apart they lie."""

    customers: int
    orders: float = 4.0
    questions: int = 0
    response: float = 1.0
    shares: tuple[float, ...] = (0.6, 0.25, 0.15)
    apart: float = 4.0

    def __post_init__(self) -> None:
        if self.customers < MIN_RESPONDENTS:
            raise StudyError(f"--customers {self.customers}: fewer than {MIN_RESPONDENTS} are never sliced by a model")
        if (self.orders < 1 and not self.questions) or self.orders < 0 or not 0 <= self.questions <= 100:
            raise StudyError("give --orders of at least 1 for each customer, or --questions (at most 100), or both")
        if not 2 <= len(self.shares) <= 4 or min(self.shares) <= 0 or abs(sum(self.shares) - 1) > 0.01:
            raise StudyError("--shares: two to four shares above 0 that add up to 1, such as .7,.2,.1")
        if not 0 < self.response <= 1 or not 0 < self.apart <= 12:
            raise StudyError("--response lies above 0 up to 1, and --apart above 0 up to 12 standard deviations")
        if self.questions and 0 < self.questions < len(self.shares):
            raise StudyError(f"--questions {self.questions}: fewer than there are types cannot tell them apart")

    @property
    def cards(self) -> int:
        """Types that are large enough for a card."""
        looked_at = self.customers * (self.response if self.questions and self.orders else 1)
        return sum(share * looked_at >= floor_of(looked_at) for share in self.shares)


@dataclass(frozen=True)
class Tried:
    """How often, of ``sets``: the right number of types called separate (``right``) or a division of that number that
    repeats itself (``repeats``), and anything called separate (``natural``)."""

    name: str
    shape: Shape
    sets: int
    right: int
    repeats: int
    natural: int


# --- customers of a shape ----------------------------------------------------------------------------------------


def made_up(shape: Shape, types: bool, seed: int) -> tuple[Study, LoadedTables]:
    """A study of such customers, with types or without, and its tables."""
    rng = np.random.default_rng([seed, shape.customers, int(types)])
    dims = (HABITS if shape.orders else 0) + shape.questions
    shares = np.array(shape.shares) / sum(shape.shares)
    corners = np.linalg.qr(rng.standard_normal((dims, dims)))[0][: len(shares)] * shape.apart / np.sqrt(2)
    middle = shares @ corners
    if types:
        places = corners[rng.choice(len(shares), shape.customers, p=shares)] - middle
    else:  # the same spread in the same directions, and no gap anywhere
        places = rng.standard_normal((shape.customers, len(shares))) @ (np.sqrt(shares)[:, None] * (corners - middle))
    lasting = places + np.sqrt(0.5) * rng.standard_normal(places.shape)
    ids = np.char.add("c", np.char.zfill(np.arange(shape.customers).astype(str), 6))
    tables, frames = {}, {}
    if shape.orders:
        frames["sales"] = _lines(rng, lasting[:, :HABITS], shape.orders, ids)
        tables["sales"] = {"path": "sales.csv"}
    if shape.questions:
        items = [f"q{number:03d}" for number in range(1, shape.questions + 1)]
        leaning = lasting[:, dims - shape.questions :]
        marks = np.digitize(leaning + np.sqrt(0.5) * rng.standard_normal(leaning.shape), CUTS) + 1
        survey = pd.DataFrame(marks.astype(str), columns=items).astype("str")
        who = {"customer_id": ids} if shape.orders else {"respondent_id": ids}
        survey = survey.assign(**who)[rng.random(len(survey)) < shape.response]
        frames["survey"] = survey.reset_index(drop=True)
        tables["survey"] = {"path": "survey.csv", "likert": {"items": items, "scale": [1, 5]}}
    settings = {"study": "rehearsal", "tables": tables, "seed": seed}
    window = {"window": {"start": START, "holdout_from": HELD_OUT, "as_of": END}} if shape.orders else {}
    return Study.model_validate(settings | window), LoadedTables(frames, ())


def _lines(rng: np.random.Generator, habits: np.ndarray, orders: float, ids: np.ndarray) -> pd.DataFrame:
    """Order lines of customers with these habits, each with two orders or more before the part that is held out."""
    inside, after = (HELD_OUT - START).days, (END - HELD_OUT).days
    count = np.maximum(rng.poisson(orders, len(habits)), min(2, round(orders)))
    later = rng.poisson(orders * after / inside, len(habits))
    who = np.concatenate([np.repeat(np.arange(len(habits)), number) for number in (count, later)])
    coupon, web, evening, worth, size = habits.T

    def often(leaning: np.ndarray, usual: float) -> np.ndarray:
        return rng.random(len(who)) < (1 / (1 + np.exp(-(usual + leaning))))[who]

    lines = 1 + rng.poisson(np.exp(0.4 * np.clip(size, -4, 4)))[who]
    order = np.repeat(np.arange(len(who)), lines)
    held = np.arange(len(who)) >= count.sum()
    day = np.where(held, rng.integers(inside, inside + after, len(who)), rng.integers(0, inside, len(who)))
    hour = np.where(often(evening, -0.5), rng.integers(18, 23, len(who)), rng.integers(8, 18, len(who)))
    used, online = often(coupon, -1.0), often(web, 0.0)
    at = np.datetime64(START) + day.astype("timedelta64[D]") + hour.astype("timedelta64[h]")
    frame = pd.DataFrame(
        {
            "customer_id": ids[who[order]],
            "order_id": np.char.add("o", order.astype(str)),
            "ordered_at": at[order],
            "quantity": 1.0,
            "amount": np.exp(3 + 0.3 * worth[who[order]] + 0.4 * rng.standard_normal(len(order))).round(2),
            "coupon": np.where(used, "SAVE", "")[order],
            "channel": np.where(online, "web", "shop")[order],
            "is_return": False,
        }
    )
    return frame.astype({"is_return": "boolean"})


# --- what comes out ----------------------------------------------------------------------------------------------


def rehearse(shape: Shape, types: bool, seed: int) -> tuple[str, int]:
    """The label and the number of groups that the pipeline finds among such customers."""
    study, tables = made_up(shape, types, seed)
    customers = build_customers(tables, study) if shape.orders else None
    survey = code_survey(tables, study) if shape.questions else None
    pool = gather(customers, survey, study)
    gate = judged_pool(pool, customers, study, tables, (2, 4), REFITS, DRAWS)
    return ("not supported", 0) if gate is None else (gate.kind, gate.k)


def variants(shape: Shape) -> list[tuple[str, Shape, bool]]:
    """The user's shape; more customers, more orders, better questions; and the shape without types."""
    found = [("now", shape, True)]
    sizes = [min(times * shape.customers, GATE_ROWS) for times in (1, 2, 4)]
    for times, fewer, more in zip((2, 4), sizes[:-1], sizes[1:], strict=True):
        if more > fewer:
            found.append((f"customers_{times}", replace(shape, customers=more), True))
    if shape.orders:
        found.append(("orders", replace(shape, orders=2 * shape.orders), True))
    found.append(("apart", replace(shape, apart=min(shape.apart + FURTHER, 12.0)), True))
    return [*found, ("none", shape, False)]


def how_many(shape: Shape, sets: int, on_tried: Callable[[Tried], None] = lambda tried: None) -> list[Tried]:
    """Try the shape and its variants on so many made-up sets each; ``on_tried`` hears of each as it is done.

    The gate looks at ``GATE_ROWS`` people at most, so that no more are made up. Raises StudyError for no sets.
    """
    if sets < 1:
        raise StudyError(f"--sets {sets}: at least 1 is needed")
    shape, done = replace(shape, customers=min(shape.customers, GATE_ROWS)), []
    for name, tried, types in variants(shape):
        found = [rehearse(tried, types, seed) for seed in range(1, sets + 1)]
        right = [label for label, k in found if k == tried.cards]
        done.append(
            Tried(
                name,
                tried,
                sets,
                right.count("natural"),
                sum(label in ("natural", "reproducible") for label in right),
                sum(label == "natural" for label, _ in found),
            )
        )
        on_tried(done[-1])
    return done


def told(tried: Tried) -> Said:
    """One line on a variant."""
    shape, name = tried.shape, tried.name.split("_")[0]
    if name == "none":
        return say("rehearsal.none", n=shape.customers, sets=tried.sets, natural=tried.natural)
    values = {"orders": {"orders": shape.orders}, "apart": {"apart": shape.apart}}.get(name, {"n": shape.customers})
    counts = {"k": shape.cards, "sets": tried.sets, "right": tried.right, "repeats": tried.repeats}
    return say("rehearsal.line", what=say(f"rehearsal.{name}", **values), **counts)


def advice(found: list[Tried], asked: int) -> list[Said]:
    """What would help: more customers, more orders, only better questions, or nothing that was tried."""
    by_name = {tried.name: tried.right / tried.sets for tried in found}
    now = by_name["now"]
    more = max((rate for name, rate in by_name.items() if name.startswith("customers")), default=now)
    others = [name for name in ("orders", "apart") if by_name.get(name, now) - now >= HELPS]
    said = [say("rehearsal.most", rows=GATE_ROWS)] if asked >= GATE_ROWS else []
    if now >= 0.8:
        return [*said, say("rehearsal.enough")]
    if more - now >= HELPS:
        said.append(say("rehearsal.customers_help", now=now, more=more))
    elif others:
        said.append(say("rehearsal.only", ways=[say(f"rehearsal.way_{name}") for name in others]))
    else:
        said.append(say("rehearsal.nothing"))
    return said
