"""Published figures of raking, of covariates from before and of experiments whose data anyone can get, beside ours."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

from helpers.beliefs.estimators import two_proportions
from helpers.beliefs.metrics import compare_means, measured
from helpers.published import Figure, beside, data_of
from helpers.survey.weights import rake

SMITH = "Agresti, Categorical Data Analysis, raking a table: attitudes toward abortion by schooling (Smith 1976)"
ATTITUDES = np.array([[209, 101, 237], [151, 126, 426], [16, 21, 138]])
"""Schooling by attitude; raked to margins of 100 each."""
DEHEJIA = "Dehejia & Wahba 1999, J. Am. Stat. Assoc. 94:1053, table 2: National Supported Work, RE74 subset"
ANOREXIA = "Venables & Ripley 2002, Modern Applied Statistics with S, p. 189; R documentation of `glm`: anorexia"
MODERN = "Çetinkaya-Rundel & Hardin 2021, Introduction to Modern Statistics (package openintro)"
FREDERICK = f"Frederick et al. 2009, J. Consum. Res. 36:553; {MODERN}"
MINSON = f"Minson, Ruedy & Schweitzer 2012; {MODERN}"
REGRESSION = "published by regression with a slope within arms; CUPED's is that of all people together"
RAKING = [
    Figure("raking", "rake_low", SMITH, "raked cell, least schooling and first attitude", 49.4, 0.05),
    Figure("raking", "rake_middle", SMITH, "raked cell, middle schooling and middle attitude", 36.6, 0.05),
]
CUPED = "covariate from before (CUPED)"
EXPERIMENTS = [
    Figure("difference of means", "nsw", DEHEJIA, "dollars that training adds, unadjusted", 1794, 0.5),
    Figure(CUPED, "nsw_before", DEHEJIA, "dollars that training adds, earnings before equal", 1750, 5, REGRESSION),
    Figure(CUPED, "anorexia", ANOREXIA, "pounds by therapy, weight before equal", 4.0971, 0.1, REGRESSION),
    Figure("two shares", "opportunity_cost", FREDERICK, "difference of shares who buy, reminded or not", 0.20, 0.005),
    Figure("several shares", "ask", MINSON, "chi-square of three ways to ask", 40.13, 0.005),
]


def from_data() -> list[tuple]:
    """Rows of the proof (`published.beside`)."""
    return [*beside(RAKING, _raking, needs=""), *beside(EXPERIMENTS, _experiments)]


def _raking() -> dict[str, float]:
    """The raked table as weights of people."""
    cells = [(str(i), str(j)) for (i, j), n in np.ndenumerate(ATTITUDES) for _ in range(n)]
    people = pd.DataFrame(cells, columns=["schooling", "attitude"])
    thirds = pd.Series(1 / 3, index=list("012"))
    weight = rake(pd.Series(1.0, people.index), people, dict.fromkeys(people, thirds))
    table = weight.groupby([people["schooling"], people["attitude"]]).sum() * 300 / len(people)
    return {"rake_low": table["0", "0"], "rake_middle": table["1", "1"]}


def _experiments() -> dict[str, float]:
    """Differences between arms, by id."""
    work, diet = data_of("causaldata", "nsw_mixtape"), data_of("MASS", "anorexia")
    arms = work["treat"].map({1: "trained", 0: "not"})
    plain = pd.DataFrame({"arm": arms, "y": work["re78"]})
    weights = pd.DataFrame({"arm": diet["Treat"].astype(str), "y": diet["Postwt"], "before": diet["Prewt"]})
    bought = data_of("openintro", "opportunity_cost")
    buys = pd.crosstab(bought["group"], bought["decision"])
    told = data_of("openintro", "ask")
    shares = two_proportions(
        buys.loc["control", "buy video"], buys.loc["control"].sum(),
        buys.loc["treatment", "buy video"], buys.loc["treatment"].sum(),
    )  # fmt: skip
    return {
        "nsw": _difference(plain, "trained", "not"),
        "nsw_before": _difference(plain.assign(before=work["re75"]), "trained", "not"),
        "anorexia": _difference(weights, "CBT", "Cont"),
        "opportunity_cost": shares.estimate,
        "ask": chi2_contingency(pd.crosstab(told["question_class"], told["response"]), correction=False).statistic,
    }


def _difference(data: pd.DataFrame, treatment: str, control: str) -> float:
    """The difference of two means, as experiments are read."""
    return compare_means(measured(data), treatment, control, None).effects[0].estimate
