"""Survey answers coded for analysis: rating items, categories, tick lists, and who answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.contracts import DataError
from helpers.data.load import LoadedTables
from helpers.data.questions import Item, code_questions, column_of, customers_by_key, folded
from helpers.data.weights import effective_n, survey_weights
from helpers.study import Likert, Study, SurveySource
from helpers.wording import Words

LEAST_ITEMS = 4
"""With fewer rating items, equal answers to all of them mean nothing."""
GOOD_ALPHA = 0.7
"""Usual bound for reading items as one scale (Nunnally & Bernstein 1994)."""


@dataclass(frozen=True)
class Survey:
    """Coded answers of a survey; all frames have one row per respondent, sorted by respondent_id, or per item.

    answers : respondent_id, customer_id (str, NaN when the respondent matches no customer), weight (mean 1), and one
        column per item: rating items as float 0 .. scale width (reversed items turned), categories as str, tick-list
        options as ``<question>: <option>`` float 0/1 (NaN when the question was left empty), ``nps`` float 0..10,
        and every column that an experiment or a gamble names, as str (one that is an item too stays as it is coded).
    items : one row per item: item, kind (likert, categorical, tick, importance, performance, nps, open), question (text
        as asked), n (answers), missing (share), mean (of numeric items), straight_liners is told in ``checks``.
    open_answers : respondent_id, question, about (drivers, barriers, mindset), text (scrubbed of personal data).
    checks : one row per finding on the quality of answering: check, value, n, text.
    matched : respondents whose customer is known; unmatched : those whose customer is not.
    """

    answers: pd.DataFrame
    items: pd.DataFrame
    open_answers: pd.DataFrame
    checks: pd.DataFrame
    matched: int
    unmatched: int


def code_survey(tables: LoadedTables, study: Study) -> Survey | None:
    """Code the survey of a study; None where there is none.

    Raises DataError when too few respondents match a customer, when weights cannot be used or when most answers to a
    rating item cannot be read; StudyError when study.yml names a question that the file does not have.
    """
    source = study.tables.survey
    if source is None or "survey" not in tables.frames:
        return None
    frame = tables.frames["survey"].reset_index(drop=True)
    items = dict(code_questions(frame, source))
    everybody = _people(frame, tables, study)
    kept = _first_complete(everybody, pd.DataFrame({name: item.values.notna() for name, item in items.items()}))
    people = everybody.loc[kept].sort_values("respondent_id")
    frame, items = frame.loc[people.index], {name: _of(item, people.index) for name, item in items.items()}
    matched = int(people["customer_id"].notna().sum())
    _refuse_unmatched(people, matched, tables, study)
    weight, absent = survey_weights(frame, people["customer_id"], tables, source)
    coded = {name: item.values for name, item in items.items() if item.kind != "open"}
    named = {name: frame[name] for name in _kept_columns(frame, study) if name not in coded}
    answers = people[["respondent_id", "customer_id"]].assign(weight=weight)
    answers = pd.concat([answers, pd.DataFrame(coded | named, index=people.index)], axis=1).reset_index(drop=True)
    checks = _Checks(Words(study.language, study.currency))
    checks.reach(people, len(everybody) - len(people), len(_known(tables)))
    checks.gaps(items)
    checks.faults(items)
    checks.scales(items, source.likert)
    checks.weighting(weight, absent, source)
    frame = pd.DataFrame(checks.rows, columns=["check", "value", "n", "text"]).astype({"value": float, "n": "int64"})
    opened = _open_answers(items, people, source)
    return Survey(answers, _item_table(items), opened, frame, matched, len(people) - matched)


def _of(item: Item, rows: pd.Index) -> Item:
    """An item for the respondents who are kept."""
    return Item(item.kind, item.question, item.values[rows], {name: flag[rows] for name, flag in item.faults.items()})


def _item_table(items: dict[str, Item]) -> pd.DataFrame:
    """Survey.items."""
    rows = [
        {
            "item": name.removeprefix("open: ") if item.kind == "open" else name,
            "kind": item.kind,
            "question": item.question,
            "n": int(item.values.notna().sum()),
            "missing": float(item.values.isna().mean()),
            "mean": float(item.values.mean()) if item.values.dtype == "float64" else np.nan,
        }
        for name, item in items.items()
    ]
    return pd.DataFrame(rows, columns=["item", "kind", "question", "n", "missing", "mean"])


def _open_answers(items: dict[str, Item], people: pd.DataFrame, source: SurveySource) -> pd.DataFrame:
    """Survey.open_answers, question by question."""
    names = ["respondent_id", "question", "about", "text"]
    parts = [
        people[["respondent_id"]].assign(question=name, about=question.about, text=items[f"open: {name}"].values)
        for name, question in source.open_ended.items()
    ]
    return pd.concat([pd.DataFrame(columns=names, dtype="str"), *parts]).dropna(subset="text").reset_index(drop=True)


def _kept_columns(frame: pd.DataFrame, study: Study) -> list[str]:
    """Columns of the survey that an experiment or a gamble names, each once."""
    named = [
        name for test in study.experiments if test.table == "survey" for name in (test.arm.column, test.outcome.column)
    ]
    named += study.tables.survey.gambles
    return [name for name in dict.fromkeys(named) if name in frame and name not in ("respondent_id", "customer_id")]


# --- people ------------------------------------------------------------------------------------------------------


def _people(frame: pd.DataFrame, tables: LoadedTables, study: Study) -> pd.DataFrame:
    """Per row of the file: respondent_id, key (as compared, NaN where none was given), customer_id, ambiguous."""
    numbered = pd.Series([f"r{row + 1}" for row in range(len(frame))], index=frame.index, dtype="str")
    people = pd.DataFrame(
        {"respondent_id": frame["respondent_id"].fillna(numbered) if "respondent_id" in frame else numbered}
    )
    source = study.tables.survey
    name = source.join.get("customers", "customer_id")
    if "customers" not in source.join and name not in frame:
        nobody = pd.Series(np.nan, index=frame.index, dtype="str")
        return people.assign(key=nobody, customer_id=nobody, ambiguous=False)
    customers = tables.frames.get("customers")
    if name != "customer_id" and customers is not None and name in customers:
        by_key, shared = customers_by_key(customers["customer_id"], customers[name])
    else:
        by_key, shared = customers_by_key(_known(tables), _known(tables))
    key = folded(frame[column_of(frame, source, name)])
    return people.assign(key=key, customer_id=key.map(by_key).astype("str"), ambiguous=key.isin(shared))


def _known(tables: LoadedTables) -> pd.Series:
    """Every customer id of the sales and the customers table, once."""
    ids = [tables.frames[name]["customer_id"] for name in ("customers", "sales") if name in tables.frames]
    return pd.concat([pd.Series(dtype="str"), *ids]).drop_duplicates()


def _first_complete(people: pd.DataFrame, answered: pd.DataFrame) -> pd.Index:
    """One row per person: the one with most answers, the first of equals."""
    order = answered.sum(axis=1).reindex(people.index, fill_value=0).sort_values(ascending=False, kind="stable").index
    ranked = people.loc[order].assign(person=people["customer_id"].fillna(people["key"]))
    ranked = ranked[~ranked.duplicated("respondent_id")]
    return ranked.index[ranked["person"].isna() | ~ranked.duplicated("person")].sort_values()


def _refuse_unmatched(people: pd.DataFrame, matched: int, tables: LoadedTables, study: Study) -> None:
    """Raise DataError when more respondents than the study allows have no customer.

    A survey that names nobody, or that has no sales and no customers beside it, has nothing to match.
    """
    share = 1 - matched / max(len(people), 1)
    alone = study.tables.given().keys() == {"survey"}
    if share <= study.unmatched_respondents or people["key"].isna().all() or alone:
        return
    source = study.tables.survey
    without = people["customer_id"].isna()
    first = ", ".join(str(row + 1) for row in sorted(people.index[without])[:5])
    raise DataError(
        f"{source.path}: column {source.join.get('customers', 'customer_id')!r}: {without.sum()} of {len(people)} "
        f"respondents match no customer ({people['key'].isna().sum()} gave nothing; first in answers {first}); "
        f"customers without an answer: {len(_known(tables)) - matched}. Allowed is a share of "
        f"{study.unmatched_respondents:g}. Name the right column under survey: join: in study.yml, or raise "
        f"unmatched_respondents."
    )


# --- checks ------------------------------------------------------------------------------------------------------


class _Checks:
    """Rows of Survey.checks in the making."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.rows: list[tuple[str, float, int, str]] = []

    def add(self, check: str, value: float, count: int, key: str | None = None, **values: object) -> None:
        """A check with its sentence, which is ``key`` of the catalogue where it is not the check's own."""
        texts = {"n": self.words.number(count)} | values
        self.rows.append((check, value, count, self.words.say(f"survey.checks.{key or check}", **texts)))

    def share(self, check: str, count: int, of: int, key: str | None = None, **values: object) -> None:
        """A check whose value is the share ``count`` of ``of``."""
        share = count / max(of, 1)
        self.add(check, share, count, key, all=self.words.number(of), share=self.words.percent(share), **values)

    def reach(self, people: pd.DataFrame, repeated: int, known: int) -> None:
        """How many answered, how many of them are known customers, and how many customers answered."""
        n, matched, ambiguous = len(people), int(people["customer_id"].notna().sum()), int(people["ambiguous"].sum())
        self.share("respondents", n, n)
        if known and people["key"].notna().any():
            self.share("matched", matched, n)
            if matched < n:
                self.share("unmatched", n - matched, n)
            self.share("answered", matched, known)
        elif known:
            self.share("anonymous", n, n)
        if ambiguous:
            self.share("ambiguous", ambiguous, n)
        if repeated:
            self.share("repeated", repeated, n + repeated)

    def gaps(self, items: dict[str, Item]) -> None:
        """Closed questions left empty, and respondents who answered nothing at all."""
        closed = {item.question: item.values.notna() for item in items.values() if item.kind != "open"}
        if not closed:
            return
        answered = pd.DataFrame(closed)
        missing = 1 - answered.mean()
        worst, mean = missing.idxmax(), float(missing.mean())
        texts = {"share": self.words.percent(mean), "item": worst, "most": self.words.percent(missing[worst])}
        self.add("missing", mean, int((~answered).to_numpy().sum()), **texts)
        silent = pd.DataFrame({name: item.values.isna() for name, item in items.items()}).all(axis=1)
        if silent.any():
            self.share("empty", int(silent.sum()), len(silent))

    def faults(self, items: dict[str, Item]) -> None:
        """Ratings that could not be used, by reason."""
        ratings = {name: item for name, item in items.items() if item.faults}
        given = sum(item.values.notna().sum() + sum(map(sum, item.faults.values())) for item in ratings.values())
        for fault in ("missing_codes", "out_of_range", "unknown_answers"):
            counts = {name: int(item.faults[fault].sum()) for name, item in ratings.items()}
            if total := sum(counts.values()):
                self.share(fault, total, given, items=self.words.listing([name for name, n in counts.items() if n]))

    def scales(self, items: dict[str, Item], likert: Likert | None) -> None:
        """Straight-lining and Cronbach's alpha of the rating items."""
        ratings = pd.DataFrame({name: item.values for name, item in items.items() if item.kind == "likert"})
        if ratings.shape[1] >= LEAST_ITEMS:
            turned = {name: np.ptp(likert.scale) - ratings[name] for name in likert.reverse if name in ratings}
            given = ratings.assign(**turned)[ratings.count(axis=1) >= LEAST_ITEMS]
            same = int((given.nunique(axis=1) == 1).sum())
            key = "straight_lining" if same else "no_straight_lining"
            self.share("straight_lining", same, len(given), key)
        complete = ratings.dropna()
        alpha = cronbach_alpha(complete) if complete.shape[1] >= 2 and len(complete) >= 3 else np.nan
        if np.isfinite(alpha):
            key = "alpha_good" if alpha >= GOOD_ALPHA else "alpha_mixed"
            self.add("alpha", alpha, len(complete), key, alpha=self.words.number(alpha, 2))

    def weighting(self, weight: pd.Series, absent: dict[str, list[str]], source: SurveySource) -> None:
        """What weighting costs in precision, and whom nobody in the survey stands for."""
        if weight.nunique() == 1 and not source.raking:
            return
        effective, number = effective_n(weight), self.words.number
        texts = {"effective": number(effective, 0), "most": number(weight.max(), 1)}
        texts["columns"] = self.words.listing(list(source.raking))
        self.add("weights", effective / len(weight), len(weight), "raking" if source.raking else "weights", **texts)
        for name, values in absent.items():
            listed = self.words.listing(values)
            self.add("not_heard", float(len(values)), len(values), column=name, values=listed)


def cronbach_alpha(ratings: pd.DataFrame) -> float:
    """Internal consistency of complete ratings, one column per item; NaN when the sums do not vary.

    Source: Cronbach (1951), k / (k - 1) * (1 - sum of item variances / variance of the sums).
    """
    k, total = ratings.shape[1], ratings.sum(axis=1).var()
    return float(k / (k - 1) * (1 - ratings.var().sum() / total)) if total > 0 else np.nan
