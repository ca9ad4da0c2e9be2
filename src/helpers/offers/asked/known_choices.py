"""Published figures of choices, worths in money, tastes that differ and weights of chances, beside ours."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm, qmc

from helpers.designs.gambles import PUBLISHED, weight
from helpers.offers.asked.mixed_logit import Mixed, fit_mixed, spread_of
from helpers.offers.choice_logit import Tasks, design, fit, levels_worth
from helpers.published import Figure, beside, data_of
from helpers.sources import ConjointSource

MLOGIT = "Croissant 2020, J. Stat. Softw. 95(11), R package mlogit: stated choices of train journeys"
HEATING = "Train & Croissant 2020, Kenneth Train's exercises with mlogit, 1: heating systems"
FISHING = "Cameron & Trivedi 2005, Microeconometrics, table 15.2; R package mlogit: fishing modes"
XLOGIT = "Arteaga, Park, Bhat & Paz 2022, J. Choice Model. 42:100339, package xlogit: fishing modes"
YOGURT = "Helveston 2023, J. Stat. Softw. 105(10), R package logitr: yogurt of Jain, Vilcassim & Chintagunta 1994"
KAHNEMAN = "Tversky & Kahneman 1992, J. Risk Uncertain. 5:297; Kahneman 2011, Thinking, Fast and Slow, table 4"
SIMULATED = "by 100 Halton draws a person, the published ones"
OTHERS = "published by other draws"

CHOICES = [
    Figure("conditional logit", "train_price", MLOGIT, "coefficient of the price of a journey", -0.06735804, 5e-8),
    Figure("conditional logit", "train_likelihood", MLOGIT, "log-likelihood, four attributes", -1724.2, 0.05),
    Figure("conditional logit", "heating_cost", HEATING, "coefficient of installation cost", -0.00623187, 5e-9),
    Figure("conditional logit", "fishing_catch", FISHING, "coefficient of the catch rate", 0.953, 5e-4),
    Figure("worth in money", "train_hour", MLOGIT, "euros for an hour less", 25.54337, 5e-5),
    Figure("worth in money", "yogurt_feature", YOGURT, "cents an ounce for a newspaper feature", 1.340574, 5e-6),
    Figure("worth in money", "yogurt_brand", YOGURT, "cents an ounce for Yoplait instead of Dannon", 2.003825, 5e-6),
    Figure("mixed logit", "mixed_ratio", MLOGIT, "likelihood ratio of tastes that differ", 388.057, 0.005, SIMULATED),
    Figure("mixed logit", "mixed_together", MLOGIT, "likelihood ratio of tastes that go together", 42.621, 0.005,
           SIMULATED),
    Figure("mixed logit", "mixed_hour", MLOGIT, "euros for an hour less, mean of tastes", 33.36759, 0.005, SIMULATED),
    Figure("mixed logit", "mixed_sd", MLOGIT, "standard deviation of the taste for time", 5.352199, 5e-4, SIMULATED),
    Figure("mixed logit, fishing", "mixed_price", XLOGIT, "mean coefficient of the price", -0.0274, 5e-4, OTHERS),
    Figure("mixed logit, fishing", "mixed_catch", XLOGIT, "mean coefficient of the catch rate", 1.3345, 0.02, OTHERS),
    Figure("mixed logit, fishing", "mixed_catch_sd", XLOGIT, "standard deviation of the taste for catch", 1.5857, 0.03,
           OTHERS),
]  # fmt: skip
CHANCES = [
    Figure("weight of a chance", f"chance_{per_cent}", KAHNEMAN, f"weight of a chance of {per_cent} %", value, 0.05)
    for per_cent, value in ((2, 8.1), (50, 42.1), (98, 87.1))
]
TRAIN = ConjointSource(path="", attributes=["price", "time", "change", "comfort"])


def figures() -> list[tuple]:
    """Rows of the proof (`published.beside`)."""
    chances = {f"chance_{per_cent}": 100 * float(weight(np.array(per_cent / 100), PUBLISHED["gamma"]))
               for per_cent in (2, 50, 98)}  # fmt: skip
    return [*beside(CHOICES, _choices), *beside(CHANCES, lambda: chances, needs="")]


def _choices() -> dict[str, float]:
    """Ours, by id."""
    tasks, attributes, _ = design(train_journeys(), TRAIN)
    pooled = fit(tasks)
    money = levels_worth(pooled, attributes, "price", np.random.default_rng(1)).set_index("attribute")["money"]
    found = {
        "train_price": pooled.worth[0],
        "train_likelihood": pooled.log_likelihood,
        "train_hour": -money["time"],
        "heating_cost": fit(_heating()).worth[0],
    }
    apart, together = (of_mlogit(tasks, pooled.worth, own) for own in (False, True))
    mean, spread = spread_of(together.theta, np.eye(4), together)
    found |= {
        "mixed_ratio": 2 * (together.log_likelihood - pooled.log_likelihood),
        "mixed_together": 2 * (together.log_likelihood - apart.log_likelihood),
        "mixed_hour": mean[1] / mean[0],
        "mixed_sd": spread[1],
    }
    fishing = _fishing()
    plain = fit(fishing)
    mixed = fit_mixed(fishing, plain.worth, seed=1, together=False)
    mean, spread = spread_of(mixed.theta, np.eye(2), mixed)
    found |= {"fishing_catch": plain.worth[1]}
    found |= {"mixed_price": mean[0], "mixed_catch": mean[1], "mixed_catch_sd": spread[1]}
    yogurt = fit(_yogurt()).worth
    return found | {"yogurt_feature": -yogurt[1] / yogurt[0], "yogurt_brand": -yogurt[4] / yogurt[0]}


def of_mlogit(tasks: Tasks, start: np.ndarray, together: bool) -> Mixed:
    """The mixed model of journeys as R's mlogit fits it: time, change and comfort differ, Halton's draws.

    The sequence begins at its hundredth point and goes on from person to person; mlogit turns the signs of the
    attributes round, and so the draws are turned round here.
    """
    people = len(np.unique(tasks.respondent))
    points = qmc.Halton(3, scramble=False).fast_forward(100).random(100 * people)
    draws = -norm.ppf(points).reshape(people, 100, 3).transpose(0, 2, 1)
    return fit_mixed(tasks, start, varies=np.array([1, 2, 3]), together=together, draws=draws)


def train_journeys() -> pd.DataFrame:
    """2,929 choices between two journeys by 235 people: prices in euros, time in hours."""
    data = data_of("Ecdat", "Train")
    parts = [
        pd.DataFrame({"respondent_id": data["id"].astype(str), "task": data["choiceid"].astype(str),
                      "alternative": name, "chosen": data["choice"] == f"choice{name}",
                      "price": data[f"price{name}"] / 100 * 2.20371, "time": data[f"time{name}"] / 60,
                      "change": data[f"change{name}"].astype(float), "comfort": data[f"comfort{name}"].astype(float)})
        for name in ("1", "2")
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _wide(data: pd.DataFrame, columns: list[list[str]], chosen: np.ndarray, person: np.ndarray) -> Tasks:
    """Tasks of a table with a row per choice: per attribute its columns, one for each alternative."""
    each = len(columns[0])
    X = np.column_stack([data[names].to_numpy(float).ravel() for names in columns])
    return Tasks(X, chosen.ravel(), np.repeat(np.arange(len(data)), each), np.repeat(person, each))


def _heating() -> Tasks:
    data, systems = data_of("Ecdat", "Heating"), ["gc", "gr", "ec", "er", "hp"]
    chosen = data["depvar"].to_numpy()[:, None] == np.array(systems)
    columns = [[f"{cost}.{name}" for name in systems] for cost in ("ic", "oc")]
    return _wide(data, columns, chosen, np.arange(len(data)))


def _fishing() -> Tasks:
    data, modes = data_of("Ecdat", "Fishing"), ["beach", "pier", "boat", "charter"]
    chosen = data["mode"].to_numpy()[:, None] == np.array(modes)
    return _wide(data, [[f"p{mode}" for mode in modes], [f"c{mode}" for mode in modes]], chosen, np.arange(len(data)))


def _yogurt() -> Tasks:
    data, brands = data_of("Ecdat", "Yogurt"), ["dannon", "hiland", "weight", "yoplait"]
    chosen = data["choice"].to_numpy()[:, None] == np.array(brands)
    columns = [[f"{name}.{brand}" for brand in brands] for name in ("price", "feat")]
    tasks = _wide(data, columns, chosen, pd.factorize(data["id"])[0])
    own = np.tile(np.eye(4)[:, 1:], (len(data), 1))
    return Tasks(np.hstack([tasks.X, own]), tasks.chosen, tasks.task, tasks.respondent)
