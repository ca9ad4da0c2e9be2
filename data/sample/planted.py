"""What is planted in the sample shop: its kinds of customer and their habits, places, channels, and true effects."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

import numpy as np

SEED = 20250106
START, HOLDOUT, END = dt.datetime(2025, 1, 6), dt.datetime(2025, 8, 18), dt.datetime(2025, 10, 13)
WEEKS = (END - START).days // 7
N_CUSTOMERS = 1_500

CATEGORIES = ("refills", "cleaning", "paper", "kitchen", "body care", "textiles")
CHANNELS = ("web", "app", "shop")
YES_NO = ("no", "yes")
COUPONS = {"GREEN10": 0.10, "SPRING15": 0.15, "WELCOME20": 0.20}
TOWNS = {  # town: country, share of customers, shares of languages
    "Tbilisi": ("Georgia", 0.24, {"ka": 0.60, "ru": 0.20, "en": 0.12, "fa": 0.08}),
    "Batumi": ("Georgia", 0.08, {"ka": 0.70, "ru": 0.20, "en": 0.10}),
    "Almaty": ("Kazakhstan", 0.22, {"kk": 0.50, "ru": 0.45, "en": 0.05}),
    "Astana": ("Kazakhstan", 0.10, {"kk": 0.60, "ru": 0.40}),
    "Tashkent": ("Uzbekistan", 0.14, {"uz": 0.70, "ru": 0.30}),
    "Berlin": ("Germany", 0.15, {"en": 0.60, "fa": 0.25, "ru": 0.15}),
    "Hamburg": ("Germany", 0.07, {"en": 0.55, "fa": 0.45}),
}
SHOP_TOWNS = ("Tbilisi", "Almaty")
ACQUISITION = {"search": 7.0, "social": 14.0, "referral": 4.0, "newsletter": 2.5, "shop window": 1.0, "influencer": 34}
"""Where a customer came from, and what winning one costs on average (EUR)."""

LIKERT = ("origin", "ingredients", "pay_more", "packaging", "wait_sale", "compare", "coupon_first", "little_time",
          "fixed_day", "doubt_labels")  # fmt: skip
ATTRIBUTES = ("quality", "price", "delivery", "information")
OPEN = {
    "why_first": ("less_harm", "safe_home", "saving", "convenience"),
    "what_stops": ("doubts_claims", "too_dear", "delivery", "paperwork"),
    "how_think": ("small_steps", "good_deal", "no_fuss"),
}
REASONS = ("less harm to nature", "price", "quality", "fast delivery", "smell", "invoice")


@dataclass(frozen=True)
class Habit:
    """How one kind of customer shops and answers. Arrays are shares in the order of the constants above, or means."""

    rate: float  # orders per week
    lines: float  # order lines beyond the first
    units: float  # units per line beyond the first
    coupon: float  # share of orders with a coupon
    promo: float  # how strongly a lowered price attracts
    dear: float  # how strongly a high price attracts
    categories: np.ndarray
    channels: np.ndarray
    weekdays: np.ndarray
    hours: np.ndarray  # night 0-6, morning 6-12, afternoon 12-18, evening 18-24
    likert: np.ndarray  # mean answers, 1 to 5
    importance: np.ndarray
    satisfaction: float  # standard deviations
    answers: float  # share that answers the survey
    saves_cheap: float  # share that would go for the saving on the cheap item ...
    saves_dear: float  # ... and on the dear one
    codes: np.ndarray  # shares of the codes of OPEN, question by question


def habit(*numbers: float, **arrays: list[float]) -> Habit:
    """Make a Habit from its numbers, in the order of the fields, and its arrays by name."""
    names = [f.name for f in fields(Habit) if f.type == "float"]
    return Habit(**dict(zip(names, numbers, strict=True)), **{k: np.array(v) for k, v in arrays.items()})


HABITS = {
    # driven by values: refills at full price, at weekends, reads the label and doubts it
    "values": habit(
        0.31, 2.1, 0.25, 0.07, 0.3, 0.2, 0.5, 0.50, 0.42, 0.35,
        categories=[0.38, 0.18, 0.10, 0.08, 0.20, 0.06],
        channels=[0.50, 0.14, 0.36],
        weekdays=[0.08, 0.10, 0.11, 0.12, 0.13, 0.26, 0.20],
        hours=[0.02, 0.28, 0.42, 0.28],
        likert=[4.3, 4.3, 3.9, 1.8, 2.3, 2.8, 1.9, 2.8, 2.1, 3.8],
        importance=[4.4, 3.0, 3.3, 4.5],
        codes=[0.60, 0.28, 0.04, 0.08, 0.55, 0.20, 0.20, 0.05, 0.72, 0.10, 0.18],
    ),
    # lives on coupons: small baskets from the telephone in the evening, waits for the sale
    "coupons": habit(
        0.30, 0.7, 0.15, 0.85, 2.2, -0.3, -0.1, 0.40, 0.76, 0.34,
        categories=[0.10, 0.24, 0.18, 0.16, 0.22, 0.10],
        channels=[0.26, 0.68, 0.06],
        weekdays=[0.10, 0.11, 0.11, 0.25, 0.19, 0.13, 0.11],
        hours=[0.08, 0.10, 0.24, 0.58],
        likert=[2.7, 2.6, 2.1, 3.2, 4.3, 4.2, 4.3, 3.0, 2.1, 3.1],
        importance=[3.5, 4.7, 3.4, 2.9],
        codes=[0.08, 0.14, 0.68, 0.10, 0.10, 0.60, 0.25, 0.05, 0.12, 0.72, 0.16],
    ),
    # buys for an office on Monday mornings: large orders of paper and cleaning goods, wants an invoice and no fuss
    "office": habit(
        0.36, 2.6, 3.0, 0.08, 0.4, 0.0, 0.2, 0.36, 0.36, 0.28,
        categories=[0.16, 0.32, 0.34, 0.14, 0.03, 0.01],
        channels=[0.86, 0.09, 0.05],
        weekdays=[0.58, 0.13, 0.10, 0.09, 0.08, 0.01, 0.01],
        hours=[0.01, 0.72, 0.25, 0.02],
        likert=[2.8, 2.6, 2.9, 2.9, 2.5, 2.9, 2.2, 4.4, 4.3, 2.8],
        importance=[3.8, 3.4, 4.7, 3.3],
        codes=[0.14, 0.06, 0.10, 0.70, 0.10, 0.14, 0.38, 0.38, 0.14, 0.10, 0.76],
    ),
}  # fmt: skip
SHARES = {"values": 0.34, "coupons": 0.34, "office": 0.20, "between": 0.12}
NEGATIVE = {"values": 0.05, "coupons": 0.27, "office": 0.0, "between": 0.10}
"""Share of each kind who also belong to the negative persona: dear to win, send half of it back, complain."""
AGE_ANSWERS = 0.012
"""By how much one more year of age raises the chance to answer the survey (relative)."""


def blend(a: Habit, b: Habit, weight: float) -> Habit:
    """A customer in between two kinds."""
    return Habit(**{f.name: weight * getattr(a, f.name) + (1 - weight) * getattr(b, f.name) for f in fields(Habit)})


def stream(table: str) -> np.random.Generator:
    """The random stream of one table."""
    return np.random.default_rng([SEED, *table.encode()])


# --- people

NATURE = ("birch", "clover", "fern", "hazel", "heather", "ivy", "juniper", "linden", "maple", "mint", "moss", "nettle",
          "oak", "olive", "pine", "reed", "rowan", "sage", "thyme", "willow")  # fmt: skip
THINGS = ("basket", "bell", "boat", "bridge", "button", "candle", "cloud", "cup", "feather", "garden", "harbour",
          "kettle", "ladder", "lamp", "lantern", "meadow", "mirror", "paper", "pebble", "pencil", "river", "roof",
          "spoon", "stone", "story", "table", "thread", "tower", "window", "wool")  # fmt: skip
OFFICE_ROLES = ("office manager", "office manager", "purchasing", "assistant", "facility manager", "director")
HOME_ROLES = ("teacher", "engineer", "nurse", "designer", "student", "retired", "assistant", "sales")
ORDINARY = (0.34, 0.20, 0.18, 0.13, 0.10, 0.05)
INFLUENCED = (0.14, 0.18, 0.02, 0.03, 0.02, 0.61)
"""How the negative persona came, and how everybody else did, in the order of ACQUISITION."""
USUAL_AGE = {"values": 43, "coupons": 35, "office": 44, "between": 40}
SHARE_FEMALE = {"values": 0.64, "coupons": 0.56, "office": 0.52, "between": 0.56}

# --- gambles

LOSS_AVERSION, CURVATURE, CHANCES, CONSISTENCY = 1.6, 0.9, 0.7, 12.0
"""Prospect theory as planted in everybody: lambda, alpha, gamma, and how surely the better option is taken."""
BETS = {  # column: what may be won, with what chance, what is lost otherwise, and what is sure without the bet (EUR)
    "bet_20_10": (20, 0.5, 10, 0), "bet_20_15": (20, 0.5, 15, 0), "bet_60_25": (60, 0.5, 25, 0),
    "bet_100_40": (100, 0.5, 40, 0), "bet_100_60": (100, 0.5, 60, 0), "bet_100_90": (100, 0.5, 90, 0),
    "bet_rare_10": (100, 0.2, 10, 0), "sure_12": (100, 0.1, 0, 12), "sure_40": (100, 0.5, 0, 40),
    "sure_75": (100, 0.9, 0, 75),
}  # fmt: skip


# --- visits, check-out, leads

VISIT_CHANNELS = ("search", "social", "newsletter", "direct", "referral")
CHANNEL_LOGIT = dict(zip(VISIT_CHANNELS, (0.0, -0.5, 0.7, 0.1, 0.5), strict=True))
PLACE_LOGIT = dict(zip(TOWNS, (0.0, -0.2, 1.1, 0.1, 0.0, -0.4, -0.4), strict=True))
STAGE_LOGIT = {"awareness": -1.6, "consideration": -0.3, "decision": 0.9}
DEVICES = ("phone", "computer", "tablet")
SESSIONS = ["started_at", "channel", "converted", "customer_id", "visitor_id", "location", "language", "funnel_stage",
            "is_new", "order_value", "device"]  # fmt: skip

STEPS = {"basket": 0.97, "address": 0.90, "account": 0.80, "captcha": 0.85, "payment": 0.94}
"""The steps of the check-out, and the share of those who reach each that completes it."""

POINTS = {"page": 5, "newsletter": 10, "video": 15, "download": 20, "form": 50, "unsubscribe": -30}
ROLE_POINTS = {"office manager": 30, "purchasing": 40, "director": 50, "student": -20}

# --- choices between offers of a refill

CHOOSERS, TASKS, OFFERS = 200, 8, 3
"""Respondents who were asked, tasks each, offers a task."""
REFILL = {
    "size": ("half a litre", "one litre", "two litres"),
    "label": ("none", "seal", "ingredients"),
    "delivery": ("any day", "fixed day"),
}
REFILL_PRICES = (3.5, 4.5, 5.5, 6.5)
WORTH = {  # part-worths in logits against the first level, and of one EUR more
    "values": {"one litre": 0.2, "two litres": 0.1, "seal": 0.4, "ingredients": 1.2, "fixed day": 0.1, "price": -0.35},
    "coupons": {"one litre": 0.3, "two litres": 0.4, "seal": 0.1, "ingredients": 0.1, "fixed day": 0.0, "price": -0.95},
    "office": {"one litre": 0.5, "two litres": 1.1, "seal": 0.1, "ingredients": 0.2, "fixed day": 1.0, "price": -0.45},
}
WORTH_VARIES = 0.2
"""Standard deviation of each part-worth from person to person."""
