"""Survey answers coded for analysis: rating items, categories, tick lists, and who answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.contracts import DataError
from helpers.data.load import LoadedTables
from helpers.data.questions import Item, code_questions, column_of, fold, trimmed
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
        and every column that an experiment names, as str (a column that is an item too stays as that item is coded).
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
    named = {name: frame[name] for name in _experiment_columns(frame, study) if name not in coded}
    answers = people[["respondent_id", "customer_id"]].assign(weight=weight)
    answers = pd.concat([answers, pd.DataFrame(coded | named, index=people.index)], axis=1).reset_index(drop=True)
    words = Words(study.language, study.currency)
    checks = [
        *_reach(people, len(everybody) - len(people), len(_known(tables)), words),
        *_gaps(items, words),
        *_faults(items, words),
        *_scales(items, source.likert, words),
        *_weighting(weight, absent, source, words),
    ]
    return Survey(
        answers=answers,
        items=_item_table(items),
        open_answers=_open_answers(items, people, source),
        checks=pd.DataFrame(checks, columns=["check", "value", "n", "text"]).astype({"value": float, "n": "int64"}),
        matched=matched,
        unmatched=len(people) - matched,
    )


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
    parts = [
        pd.DataFrame(
            {
                "respondent_id": people["respondent_id"].reindex(items[f"open: {name}"].values.index),
                "question": name,
                "about": question.about,
                "text": items[f"open: {name}"].values,
            }
        ).dropna(subset="text")
        for name, question in source.open_ended.items()
    ]
    empty = pd.DataFrame({name: pd.Series(dtype="str") for name in ("respondent_id", "question", "about", "text")})
    return pd.concat(parts, ignore_index=True) if parts else empty


def _experiment_columns(frame: pd.DataFrame, study: Study) -> list[str]:
    """Columns of the survey that an experiment names, each once."""
    named = [
        name for test in study.experiments if test.table == "survey" for name in (test.arm.column, test.outcome.column)
    ]
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
    key = trimmed(frame[column_of(frame, source, name)]).map(fold, na_action="ignore").astype("str")
    customers = tables.frames.get("customers")
    if name != "customer_id" and customers is not None and name in customers:
        look_up = customers[["customer_id"]].assign(key=customers[name])
    else:
        look_up = pd.DataFrame({"customer_id": (ids := _known(tables)), "key": ids})
    look_up = look_up.dropna().assign(key=lambda pairs: pairs["key"].map(fold).astype("str")).drop_duplicates()
    several = look_up.loc[look_up["key"].duplicated(keep=False), "key"]
    unique = look_up[~look_up["key"].isin(several)].set_index("key")["customer_id"]
    return people.assign(key=key, customer_id=key.map(unique).astype("str"), ambiguous=key.isin(several))


def _known(tables: LoadedTables) -> pd.Series:
    """Every customer id of the sales and the customers table, once."""
    ids = [tables.frames[name]["customer_id"] for name in ("customers", "sales") if name in tables.frames]
    return pd.concat(ids).drop_duplicates() if ids else pd.Series(dtype="str")


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
    if (
        share <= study.unmatched_respondents
        or people["key"].isna().all()
        or (study.tables.given().keys() == {"survey"})
    ):
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


def _finding(words: Words, check: str, n: int, of: int, **values: object) -> tuple[str, float, int, str]:
    """A check whose value is the share ``n`` of ``of``."""
    share = n / max(of, 1)
    values = {"n": words.number(n), "all": words.number(of), "share": words.percent(share), **values}
    return check, share, n, words.say(f"survey.checks.{check}", **values)


def _reach(people: pd.DataFrame, repeated: int, known: int, words: Words) -> list[tuple]:
    """How many answered, how many of them are known customers, and how many customers answered."""
    n, matched = len(people), int(people["customer_id"].notna().sum())
    rows = [_finding(words, "respondents", n, n)]
    if known and people["key"].notna().any():
        rows.append(_finding(words, "matched", matched, n))
        if matched < n:
            rows.append(_finding(words, "unmatched", n - matched, n))
        rows.append(_finding(words, "answered", matched, known))
    elif known:
        rows.append(_finding(words, "anonymous", n, n))
    if people["ambiguous"].any():
        rows.append(_finding(words, "ambiguous", int(people["ambiguous"].sum()), n))
    return [*rows, _finding(words, "repeated", repeated, n + repeated)] if repeated else rows


def _gaps(items: dict[str, Item], words: Words) -> list[tuple]:
    """Closed questions left empty, and respondents who answered nothing at all."""
    answered = pd.DataFrame({item.question: item.values.notna() for item in items.values() if item.kind != "open"})
    if answered.empty:
        return []
    missing = 1 - answered.mean()
    worst, mean = missing.idxmax(), float(missing.mean())
    texts = {"share": words.percent(mean), "item": worst, "most": words.percent(missing[worst])}
    rows = [("missing", mean, int((~answered).to_numpy().sum()), words.say("survey.checks.missing", **texts))]
    spoke = pd.DataFrame({name: item.values.notna() for name, item in items.items()}).any(axis=1)
    return [*rows, _finding(words, "empty", int((~spoke).sum()), len(spoke))] if not spoke.all() else rows


def _faults(items: dict[str, Item], words: Words) -> list[tuple]:
    """Ratings that could not be used, by reason."""
    rows = []
    ratings = {name: item for name, item in items.items() if item.faults}
    given = sum(
        int(item.values.notna().sum() + sum(flag.sum() for flag in item.faults.values())) for item in ratings.values()
    )
    for fault in ("missing_codes", "out_of_range", "unknown_answers"):
        counts = {name: int(item.faults[fault].sum()) for name, item in ratings.items()}
        if total := sum(counts.values()):
            named = words.listing([name for name, n in counts.items() if n])
            rows.append(_finding(words, fault, total, given, items=named))
    return rows


def _scales(items: dict[str, Item], likert: Likert | None, words: Words) -> list[tuple]:
    """Straight-lining and Cronbach's alpha of the rating items."""
    ratings = pd.DataFrame({name: item.values for name, item in items.items() if item.kind == "likert"})
    rows = []
    if ratings.shape[1] >= LEAST_ITEMS:
        enough = ratings.count(axis=1) >= LEAST_ITEMS
        given = ratings.assign(
            **{name: np.ptp(likert.scale) - ratings[name] for name in likert.reverse if name in ratings}
        )
        same = enough & (given.nunique(axis=1) == 1)
        check = "straight_lining" if same.any() else "no_straight_lining"
        rows.append(("straight_lining", *_finding(words, check, int(same.sum()), int(enough.sum()))[1:]))
    complete = ratings.dropna()
    alpha = cronbach_alpha(complete) if complete.shape[1] >= 2 and len(complete) >= 3 else np.nan
    if np.isfinite(alpha):
        check = "alpha_good" if alpha >= GOOD_ALPHA else "alpha_mixed"
        n = words.number(len(complete))
        rows.append(
            ("alpha", alpha, len(complete), words.say(f"survey.checks.{check}", alpha=words.number(alpha, 2), n=n))
        )
    return rows


def _weighting(weight: pd.Series, absent: dict[str, list[str]], source: SurveySource, words: Words) -> list[tuple]:
    """What weighting costs in precision, and whom nobody in the survey stands for."""
    if weight.nunique() == 1 and not source.raking:
        return []
    effective = effective_n(weight)
    texts = {
        "n": words.number(len(weight)),
        "effective": words.number(effective, 0),
        "most": words.number(weight.max(), 1),
    }
    check = "raking" if source.raking else "weights"
    text = words.say(f"survey.checks.{check}", columns=words.listing(list(source.raking)), **texts)
    rows = [("weights", effective / len(weight), len(weight), text)]
    for name, values in absent.items():
        text = words.say("survey.checks.not_heard", column=name, values=words.listing(values))
        rows.append(("not_heard", float(len(values)), len(values), text))
    return rows


def cronbach_alpha(ratings: pd.DataFrame) -> float:
    """Internal consistency of complete ratings, one column per item; NaN when the sums do not vary.

    Source: Cronbach (1951), k / (k - 1) * (1 - sum of item variances / variance of the sums).
    """
    k, total = ratings.shape[1], ratings.sum(axis=1).var()
    return float(k / (k - 1) * (1 - ratings.var().sum() / total)) if total > 0 else np.nan
