"""What each persona wants, fears and expects, from coded open answers and survey items held out of the model."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer
from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

from helpers.cards.cards import Handed
from helpers.cards.claims import SURELY, adjusted, claim_of, direction, undone, weights_of
from helpers.cards.personas import Personas
from helpers.contracts import UNASSIGNED, Claim, Quote
from helpers.customers.customers import Customers
from helpers.small_cells import wilson
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.survey.weights import effective_n
from helpers.text import fold
from helpers.types.answer_columns import unit_of
from helpers.voice.codebook import apply_codebook, codebook_of
from helpers.voice.quotes import quotes
from helpers.words import say

PERMUTATIONS = 199
CLAIMS_PER_SECTION = 3

_WORD = re.compile(r"[^\W\d_]+(?:['’\u200c-][^\W\d_]+)*")
"""Letters of any script; apostrophes, hyphens and the Persian zero-width non-joiner stay inside a word."""


@dataclass(frozen=True)
class Voice:
    """Drivers, barriers and mindset per persona.

    codes : one row per persona x code: id, about, code, n (respondents given the code), n_coded (those who answered an
        open question about the same), share (weighted), share_others, lift, ci_low, ci_high, p_value, p_adjusted. Empty
        numbers where fewer than the study's smallest cell answered or were given the code; where that few of the others
        were given it, they count as just that many, so that share_others is an upper and lift a lower bound. says: what
        people with this code say, in the report's language, else in English; empty where the codebook does not tell.
    words : one row per persona x distinctive word: id, word, z, threshold, n.
    answered : id, n respondents.
    quotes : id, code, text: helpers.voice.quotes. intents : what those who come for one reason say beside it, as of
        ``by_intent``.
    """

    codes: pd.DataFrame
    words: pd.DataFrame
    answered: pd.DataFrame
    quotes: pd.DataFrame = field(default_factory=pd.DataFrame)
    intents: pd.DataFrame = field(default_factory=pd.DataFrame)


def hear(survey: Survey | None, customers: Customers | None, personas: Personas, study: Study) -> Voice | None:
    """What the respondents of each persona say; None without a survey.

    Raises StudyError or DataError (from reading the codebook) where the study names one that cannot be used.
    """
    if survey is None:
        return None
    persona = personas.assignments.set_index("customer_id")["persona"]
    respondents = survey.answers[["respondent_id", "weight"]]
    unit = unit_of(survey.answers)
    respondents = respondents.assign(id=unit.map(persona).fillna(UNASSIGNED))
    ids = [group.id for group in personas.groups]
    least = study.privacy.min_cell
    answers = survey.open_answers.dropna(subset=["text"])
    wrote = respondents[respondents["respondent_id"].isin(answers["respondent_id"])]
    codebook = codebook_of(study)
    said = apply_codebook(answers, codebook)
    everybody = weights_of(personas.assignments.set_index("customer_id"), personas.model, personas.structure.kind)
    placed = everybody.reindex(unit.loc[wrote.index]).set_axis(wrote.index)
    codes = compare_codes(said, wrote, ids, least=least, placed=placed.dropna(), asked=answers)
    says = {code.name: code.meant(study) for code in codebook}
    return Voice(
        codes=codes.assign(says=codes["code"].map(says).astype("str")),
        words=distinctive_words(answers.merge(wrote, on="respondent_id"), ids, least=least, seed=study.seed),
        quotes=quotes(said, answers, wrote.assign(customer_id=survey.answers["customer_id"]), customers, study),
        intents=by_intent(said, answers, wrote.set_index("respondent_id")["weight"], least),
        answered=pd.DataFrame({"id": ids, "n": [int((respondents["id"] == name).sum()) for name in ids]}),
    )


def voice_claims(voice: Voice, personas: Personas) -> dict[str, tuple[Claim, ...]]:
    """Per group the claims that its coded answers carry, at most three per section, the clearest difference first.

    Open answers never define a persona, so every claim is held out. Where nothing sets a group apart, the code that it
    gives most often is said, with no word on whether it is more common than elsewhere.
    """
    claims: dict[str, tuple[Claim, ...]] = {}
    for group in personas.groups:
        told = voice.codes[(voice.codes["id"] == group.id) & voice.codes["lift"].notna()]
        chosen: list[Claim] = []
        for _, section in told.groupby("about", sort=True):
            apart = section[sets_apart(section)]
            apart = apart.iloc[np.argsort(-np.abs(np.log(apart["lift"].to_numpy())), kind="stable")]
            rows = apart if len(apart) else section.sort_values(["share", "code"], ascending=[False, True]).head(1)
            chosen += [_claim(row) for row in rows.head(CLAIMS_PER_SECTION).to_dict("records")]
        claims[group.id] = tuple(chosen)
    return claims


# --- codes -------------------------------------------------------------------------------------------------------


def sets_apart(codes: pd.DataFrame) -> pd.Series:
    """Which rows of ``Voice.codes`` set their group apart from the others, corrected for all codes and groups."""
    return (codes["p_adjusted"] <= SURELY) & ((codes["ci_low"] > 1) | (codes["ci_high"] < 1))


def compare_codes(
    said: pd.DataFrame,
    respondents: pd.DataFrame,
    ids: list[str],
    *,
    least: int,
    placed: pd.DataFrame | None = None,
    asked: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Share of each code per persona against all other respondents, among those who answered a question about it.

    Parameters
    ----------
    said : one row per code given: respondent_id, about, code.
    respondents : those who answered an open question: respondent_id, id (persona or ``unassigned``), weight.
    least : smallest count that is shown.
    placed : BCH weights of respondents (same index) whom a model placed, one column per group that it made. These
        groups are compared with all others whom it placed, errors of assignment undone (``claims.undone``); groups by
        rule, and codes that few of the others were given, are compared as assigned with everybody else.

    asked : respondent_id, about (of the question) of every open answer: who left the question about drivers open tells
        nothing of drivers. A code counts among all respondents where no question is about its kind, or none is given.

    Returns
    -------
    ``Voice.codes`` but for ``says``. As assigned, the ratio of shares has the log interval of Katz et al. (1978), with
    weights through Kish's effective number of answers. p-values are corrected over the whole table (Benjamini &
    Hochberg 1995).
    """
    placed = pd.DataFrame() if placed is None else placed
    rows = []
    for (about, code), given in said.groupby(["about", "code"], sort=True):
        answered = [] if asked is None else asked.loc[asked["about"] == about, "respondent_id"]
        person = respondents[respondents["respondent_id"].isin(answered)] if len(answered) else respondents
        person = person.assign(hit=person["respondent_id"].isin(given["respondent_id"]))
        made, plain, alike = {}, False, person["weight"].nunique() == 1
        for name in ids:
            found = _compared(person, name, least)
            better = None
            if name in placed and found.get("share_others", 0) > 0 and not found["bounded"]:
                among = person.loc[person.index.intersection(placed.index)]
                weight = placed.loc[among.index, name]
                better = undone(found, among["hit"], weight, among["weight"], binary=True, least=least)
            if better:
                found |= better | {
                    "share": better["mean"],
                    "share_others": better["mean_others"],
                    "p_value": better["p"],
                }
            made[name] = found
            plain |= alike and "share" in found and not found["bounded"] and not better
        for name in _giving_away(made, int(person["hit"].sum()), least) if plain else ():
            made[name] = {"n_coded": made[name]["n_coded"]}
        rows += [{"id": name, "about": about, "code": code} | found for name, found in made.items()]
    columns = ["id", "about", "code", "n", "n_coded", "share", "share_others", "lift", "ci_low", "ci_high", "p_value"]
    codes = pd.DataFrame(rows, columns=columns)
    return codes.assign(p_adjusted=adjusted(codes["p_value"]))


def _giving_away(found: dict[str, dict[str, float]], everybody: int, least: int) -> list[str]:
    """Groups whose numbers go too, the smallest: one that is told beside the plain share of its others tells how many
    gave a code in all, and all that are told then tell how few gave it of those of whom nothing is."""
    told = sorted((numbers["n"], name) for name, numbers in found.items() if "n" in numbers)
    left, gone = everybody - sum(n for n, _ in told), []
    while 0 < left < least and len(gone) < len(told) - 1:
        n, name = told[len(gone)]
        left, gone = left + int(n), [*gone, name]
    return gone


def _compared(person: pd.DataFrame, name: str, least: int) -> dict[str, float]:
    """n, shares, lift, interval and p-value of one code in one persona; empty where a cell is too small to show."""
    own, others = person[person["id"] == name], person[person["id"] != name]
    if len(own) < least or len(others) < least or own["hit"].sum() < least:
        return {"n_coded": len(own) if len(own) >= least else np.nan}
    share, share_others = (float(np.average(part["hit"], weights=part["weight"])) for part in (own, others))
    base, base_others = effective_n(own["weight"]), effective_n(others["weight"])
    bounded = bool(others["hit"].sum() < least)
    if bounded:
        share_others = least / len(others)
    counts = (share * base, base, share_others * base_others, base_others)
    low, high = confint_proportions_2indep(*counts, compare="ratio", method="log")
    p = test_proportions_2indep(*counts, compare="ratio", method="log").pvalue if share < 1 or share_others < 1 else 1.0
    return {
        "measure": "lift",
        "bounded": bounded,
        "n": int(own["hit"].sum()),
        "n_coded": len(own),
        "share": share,
        "share_others": share_others,
        "lift": share / share_others,
        "ci_low": float(low),
        "ci_high": float(high),
        "p_value": float(p),
    }


def by_intent(said: pd.DataFrame, answers: pd.DataFrame, weight: pd.Series, least: int) -> pd.DataFrame:
    """Barriers and mindset of the people who come for the same reason.

    Parameters
    ----------
    said : codes given: respondent_id, about, code. answers : respondent_id, about (of the question), text.
    weight : of each respondent, by respondent_id.

    Returns
    -------
    intent (a code about drivers), about (barriers or mindset), code, n (people with that intent who answered a question
    about it), people (of them, given the code), share (weighted), ci_low, ci_high (Wilson, on the effective number of
    answers). Intents commonest first, and within them codes; cells under ``least`` are left out.
    """
    rows = []
    drivers = said[said["about"] == "drivers"].groupby("code")["respondent_id"].unique()
    for intent in sorted(drivers.index, key=lambda code: (-len(drivers[code]), code)):
        for about in ("barriers", "mindset"):
            asked = answers.loc[answers["about"] == about, "respondent_id"]
            people = weight[weight.index.isin(drivers[intent]) & weight.index.isin(asked)]
            given = said[(said["about"] == about) & said["respondent_id"].isin(people.index)]
            for code, own in given.groupby("code")["respondent_id"]:
                hit = people.index.isin(own)
                if hit.sum() >= least:
                    share, base = float(people[hit].sum() / people.sum()), effective_n(people)
                    interval = wilson(share * base, base)
                    rows.append((intent, about, code, len(people), int(hit.sum()), share, *interval))
    columns = ["intent", "about", "code", "n", "people", "share", "ci_low", "ci_high"]
    found = pd.DataFrame(rows, columns=columns)
    order = {code: place for place, code in enumerate(dict.fromkeys(found["intent"]))}
    return found.sort_values(
        ["intent", "about", "share", "code"],
        ascending=[True, True, False, True],
        key=lambda column: column.map(order) if column.name == "intent" else column,
        ignore_index=True,
    )


def _claim(row: dict) -> Claim:
    """The claim of one row of ``Voice.codes``."""
    said = "says" if row["says"] else "code"
    return claim_of(
        row | {"measure": "lift", "n": row["n_coded"]},
        "held out",
        section=row["about"],
        statement=say(
            f"voice.{row['about']}.{said}.{direction(row, 1.0) if row['p_adjusted'] <= SURELY else 'same'}",
            says=row["says"],
            code=row["code"].replace("_", " "),
            share=row["share"],
            n=row["n_coded"],
            others=row["share_others"],
        ),
        source="survey",
        column=row["code"],
        shares=(float(row["share"]), float(row["share_others"])),
    )


# --- words -------------------------------------------------------------------------------------------------------


def distinctive_words(
    answers: pd.DataFrame, ids: list[str], *, least: int, seed: int, draws: int = PERMUTATIONS
) -> pd.DataFrame:
    """Words that a persona's respondents use more than all others do, beyond what dealing them anew would show.

    Parameters
    ----------
    answers : one row per open answer: respondent_id, id (persona or ``unassigned``), text.
    least : respondents of the persona who must have used a word for it to be shown.

    Returns
    -------
    id, word, z, threshold, n (respondents who used it). z is the weighted log-odds ratio with an informative Dirichlet
    prior (Monroe, Colaresi & Quinn 2008, eq. 22); the prior is the words' overall frequency, as heavy as one persona of
    average length. The threshold is the 95 % point of the largest z over all personas and words when the personas are
    dealt anew to RESPONDENTS: one talkative respondent is one piece of evidence.
    """
    kinds = {"id": "str", "word": "str", "z": float, "threshold": float, "n": int}
    people = answers.groupby("respondent_id", sort=True).agg(id=("id", "first"), text=("text", "\n".join))
    different = {word for text in people["text"] for word in _words(text)}
    if people["id"].isin(ids).sum() < least or len(different) < 2:  # of one word none is more distinctive
        return pd.DataFrame(columns=list(kinds)).astype(kinds)
    vectorizer = CountVectorizer(analyzer=_words)
    counts = vectorizer.fit_transform(people["text"])
    vocabulary = vectorizer.get_feature_names_out()
    labels = people["id"].to_numpy()
    frequent = np.asarray((counts > 0).sum(axis=0)).ravel() >= least
    rest = csr_matrix(counts[:, ~frequent].sum(axis=1))  # rare words count as words, but not one by one
    counts, vocabulary = hstack([counts[:, frequent], rest]).tocsr(), vocabulary[frequent]
    z = _z(counts, labels, ids)
    rng = np.random.default_rng(seed)
    largest = [_z(counts, rng.permutation(labels), ids).max(initial=0) for _ in range(draws)]
    threshold = float(np.quantile(largest, 0.95, method="higher"))
    rows = []
    for name, scores in zip(ids, z, strict=True):
        users = np.asarray((counts[labels == name] > 0).sum(axis=0)).ravel()[:-1]
        for place in np.flatnonzero((scores > threshold) & (users >= least)):
            rows.append((name, vocabulary[place], float(scores[place]), threshold, int(users[place])))
    found = pd.DataFrame(rows, columns=list(kinds)).astype(kinds)
    return found.sort_values(["id", "z", "word"], ascending=[True, False, True], ignore_index=True)


def weighted_log_odds(counts: np.ndarray, others: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """z of each word: counts in a group, in the others, and prior counts (Monroe et al. 2008, eq. 16, 20 and 22)."""

    def log_odds(y: np.ndarray) -> np.ndarray:
        return np.log((y + prior) / (y.sum() + prior.sum() - y - prior))

    return (log_odds(counts) - log_odds(others)) / np.sqrt(1 / (counts + prior) + 1 / (others + prior))


def _z(counts: csr_matrix, labels: np.ndarray, ids: list[str]) -> np.ndarray:
    """z of every persona (row) and word (column) but the last, which stands for the rest, against all others."""
    members = csr_matrix((labels[None, :] == np.array(ids)[:, None]).astype(float))
    own = np.asarray((members @ counts).todense(), dtype=float)
    total = np.asarray(counts.sum(axis=0), dtype=float).ravel()
    shown, prior = total > 0, total / len(ids)
    z = [weighted_log_odds(row[shown], (total - row)[shown], prior[shown]) for row in own]
    return np.array(z)[:, : len(total) - 1]


def _words(text: str) -> list[str]:
    """Words of three letters or more, case folded."""
    return [word for word in _WORD.findall(fold(text)) if len(word) >= 3]


# --- on the cards ------------------------------------------------------------------------------------------------


def for_cards(voice: Voice | None, personas: Personas) -> Handed:
    """What the groups say, and in whose words."""
    if voice is None:
        return Handed()
    quoted: dict[str, list[Quote]] = {}
    for row in voice.quotes.itertuples():
        quoted.setdefault(row.id, []).append(Quote(row.text, row.code))
    return Handed(voice_claims(voice, personas), {group: tuple(own) for group, own in quoted.items()})
