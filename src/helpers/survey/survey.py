"""Survey answers coded for analysis: rating items, categories, tick lists, and who answered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from helpers.answers.questions import Item, code_questions, column_of, trials
from helpers.contracts import DataError
from helpers.read.load import LoadedTables
from helpers.read.quality import publishable
from helpers.read.who_answered import comparable, join
from helpers.sources import Likert, SurveySource
from helpers.study import Study
from helpers.survey import answering
from helpers.survey.checks import Checks, first_few
from helpers.survey.weights import survey_weights
from helpers.text import folded
from helpers.words import Said, say

LEAST_ROWS = 20
"""In so many rows a key that most share is no person's."""
NAMED = 3
"""So many questions that are left out together are named."""


@dataclass(frozen=True)
class Survey:
    """Coded answers of a survey; all frames have one row per respondent, sorted by respondent_id, or per item.

    answers : respondent_id, customer_id (str, NaN when the respondent matches no customer), weight (mean 1), and one
        column per item: rating items as float 0 .. scale width (reversed items turned), categories as str, tick-list
        options as ``<question>: <option>`` float 0/1 (NaN when the question was left empty), ``nps`` float 0..10,
        and every column that an experiment, a gamble, best and worst or a price question names, as str (one that is an
        item too stays as it is coded).
    items : one row per item: item, kind (likert, categorical, tick, importance, performance, nps, rank,
        number, open), question (text
        as asked), n (answers), missing (share), mean (weighted, of numeric items, on the scale as it was asked), turned
        (whether the item is reversed, and its mean that of the reversed answers). n, missing and mean of an item that
        fewer than ``privacy.min_cell`` answered are missing, and so is the mean where so few ticked an option or did
        not.
    open_answers : respondent_id, question, about (drivers, barriers, mindset), text (scrubbed of personal data).
    checks : one row per finding on the quality of answering: check, value, n (both missing where n is a small cell),
        text.
    behaviour : respondent_id, row (the respondent's place in the table), how each went through the rating items (see
        ``answering.behaviour``), hurried, and left_out (why the answers make no persona: trial, straight_lining,
        stopped or hurried; missing where they may). Not for publication.
    patterns : left_out (the closed questions left out together, in words), n, share of respondents.
    of_totals : whether the rows are customers with their totals, and nobody was asked.
    matched : respondents whose customer is known; unmatched : those whose customer is not.
    """

    answers: pd.DataFrame
    items: pd.DataFrame
    open_answers: pd.DataFrame
    checks: pd.DataFrame
    matched: int
    unmatched: int
    behaviour: pd.DataFrame = field(default_factory=pd.DataFrame)
    patterns: pd.DataFrame = field(default_factory=pd.DataFrame)
    of_totals: bool = False


def code_survey(tables: LoadedTables, study: Study) -> Survey | None:
    """Code the survey of a study; None where there is none.

    Raises DataError when too few respondents match a customer, when weights cannot be used or when most answers to a
    rating item cannot be read; StudyError when study.yml names a question that the file does not have, or shares to
    rake to that most answers are not in.
    """
    source, least = study.tables.survey, study.privacy.min_cell
    if source is None or "survey" not in tables.frames:
        return None
    frame = tables.frames["survey"].reset_index(drop=True)
    everybody = _people(frame, tables, study)
    items = dict(code_questions(frame, source))
    kept = _first_complete(everybody, pd.DataFrame({name: item.values.notna() for name, item in items.items()}))
    _refuse_few_keys(everybody, kept, source)
    people = everybody.loc[kept].sort_values("respondent_id")
    frame, items = frame.loc[people.index], _of_rows(items, people.index)
    matched = int(people["customer_id"].notna().sum())
    _refuse_unmatched(people, matched, tables, study)
    weight, raked = survey_weights(frame, people["customer_id"], tables, source)
    coded = {name: item.values for name, item in items.items() if item.kind != "open"}
    named = {name: frame[name] for name in _kept_columns(frame, study) if name not in coded}
    answers = people[["respondent_id", "customer_id"]].assign(weight=weight)
    answers = pd.concat([answers, pd.DataFrame(coded | named, index=people.index)], axis=1).reset_index(drop=True)
    ratings = _as_asked(items, source.likert, frame)
    gone_through = answering.behaviour(ratings)
    answered = _answered(items, frame)
    choices = {item.question: item.values for item in items.values() if item.kind == "categorical"}
    noted = answering.noted_by_the_tool(answered, choices, least)
    reasons = {
        "trial": trials(frame, source),
        "straight_lining": gone_through["straight_lining"],
        "stopped": pd.Series(
            frame.index.isin(answering.stopped_after(answered.drop(columns=noted)).index), frame.index
        ),
        "hurried": answering.hurried(frame, source),
    }
    gone_through = gone_through.assign(hurried=reasons["hurried"], left_out=answering.left_out(reasons))
    checks = Checks(least)
    checks.set_aside(publishable(tables.accounts, tables.frames, least))
    heard = not items or any(item.values.notna().any() for item in items.values())
    checks.reach(people, len(everybody) - len(people), len(_known(tables)), heard, source.rows == "answers")
    if source.rows == "answers":
        checks.gaps(items, answered)
    checks.faults(items)
    checks.straight_lining(gone_through)
    checks.trials(reasons["trial"])
    checks.hurry(reasons["hurried"])
    checks.scales(items, source.likert)
    checks.weighting(weight, raked)
    frame = pd.DataFrame(checks.rows, columns=["check", "value", "n", "text"]).astype({"value": float, "n": "Int64"})
    return Survey(
        answers=answers,
        items=_item_table(items, weight, source.likert, least),
        open_answers=_open_answers(items, people, source),
        checks=frame,
        matched=matched,
        unmatched=len(people) - matched,
        behaviour=people[["respondent_id"]].assign(row=people.index).join(gone_through).reset_index(drop=True),
        patterns=_patterns(answered, least),
        of_totals=source.rows == "customers",
    )


def coded_items(survey: Survey, tables: LoadedTables, study: Study) -> tuple[pd.DataFrame, dict[str, Item]]:
    """The rows of the file that a coded survey kept, in its order, and every question of them coded."""
    frame = tables.frames["survey"].reset_index(drop=True)
    rows = pd.Index(survey.behaviour["row"])
    return frame.loc[rows], _of_rows(dict(code_questions(frame, study.tables.survey)), rows)


def _of_rows(items: dict[str, Item], rows: pd.Index) -> dict[str, Item]:
    """Coded questions for the respondents who are kept."""

    def of(item: Item) -> Item:
        return replace(item, values=item.values[rows], faults={name: flag[rows] for name, flag in item.faults.items()})

    return {name: of(item) for name, item in items.items()}


def _item_table(items: dict[str, Item], weight: pd.Series, likert: Likert | None, least: int) -> pd.DataFrame:
    """Survey.items."""
    reverse = likert.reverse if likert else ()
    rows = []
    for name, item in items.items():
        n, values = int(item.values.notna().sum()), item.values
        ticked = int(values.sum()) if item.kind == "tick" else n
        withheld, small = 0 < n < least, any(0 < count < least for count in (n, ticked, n - ticked))
        rows.append(
            {
                "item": name.removeprefix("open: ") if item.kind == "open" else name,
                "kind": item.kind,
                "question": item.question,
                "n": None if withheld else n,
                "missing": np.nan if withheld else float(values.isna().mean()),
                "mean": np.nan if small or values.dtype != "float64" else item.told(_mean(values, weight)),
                "turned": name in reverse,
            }
        )
    columns = ["item", "kind", "question", "n", "missing", "mean", "turned"]
    return pd.DataFrame(rows, columns=columns).astype({"n": "Int64"})


def _mean(values: pd.Series, weight: pd.Series) -> float:
    """The weighted mean of the answers that there are."""
    heavy = weight.where(values.notna(), 0.0)
    return float((values * heavy).sum() / heavy.sum()) if heavy.sum() > 0 else np.nan


def _as_asked(items: dict[str, Item], likert: Likert | None, frame: pd.DataFrame) -> pd.DataFrame:
    """The rating items of the common scale in the order of the file, those that were turned turned back."""
    ratings = {
        name: item.values for name, item in items.items() if item.kind == "likert" and name not in likert.scales_of
    }
    ratings |= {
        name: np.ptp(likert.scale) - ratings[name] for name in (likert.reverse if likert else ()) if name in ratings
    }
    order = sorted(ratings, key=lambda name: frame.columns.get_loc(items[name].column))
    return pd.DataFrame(ratings, columns=order, index=frame.index, dtype=float)


def _answered(items: dict[str, Item], frame: pd.DataFrame) -> pd.DataFrame:
    """Respondents x closed questions in the order of the file: was it answered? A tick list is one question."""
    closed = {item.column: item for item in items.values() if item.kind != "open"}
    order = sorted(closed, key=frame.columns.get_loc)
    answered = pd.DataFrame({column: closed[column].values.notna() for column in order}, index=frame.index, dtype=bool)
    return answered.set_axis([closed[column].question for column in order], axis=1)


def _patterns(answered: pd.DataFrame, least: int) -> pd.DataFrame:
    """Survey.patterns."""
    found = answering.patterns(answered, least)

    def told(left_out: tuple[str, ...] | None) -> Said:
        if left_out is None:
            return say("survey.patterns.rest")
        if len(left_out) in (0, answered.shape[1]):
            return say("survey.patterns.everything" if left_out else "survey.patterns.nothing")
        return say("survey.patterns.these", questions=first_few(left_out, NAMED))

    return found.assign(left_out=[told(left_out) for left_out in found["left_out"]])


def _open_answers(items: dict[str, Item], people: pd.DataFrame, source: SurveySource) -> pd.DataFrame:
    """Survey.open_answers, question by question."""
    names = ["respondent_id", "question", "about", "text"]
    parts = [
        people[["respondent_id"]].assign(question=name, about=question.about, text=items[f"open: {name}"].values)
        for name, question in source.open_ended.items()
    ]
    return pd.concat([pd.DataFrame(columns=names, dtype="str"), *parts]).dropna(subset="text").reset_index(drop=True)


def _kept_columns(frame: pd.DataFrame, study: Study) -> list[str]:
    """Columns of the survey that an experiment, a gamble, best and worst or a price question names, each once."""
    named = [name for e in study.experiments if e.table == "survey" for name in (*e.tested, *e.beside)]
    source = study.tables.survey
    named += [*source.gambles, *(source.best_worst_columns if source.best_worst else ()), *source.price_columns]
    return [name for name in dict.fromkeys(named) if name in frame and name not in ("respondent_id", "customer_id")]


# --- people ------------------------------------------------------------------------------------------------------


def _people(frame: pd.DataFrame, tables: LoadedTables, study: Study) -> pd.DataFrame:
    """Per row of the file: respondent_id, key (as compared, NaN where none was given), customer_id, ambiguous."""
    numbered = pd.Series([f"r{row + 1}" for row in range(len(frame))], index=frame.index, dtype="str")
    people = pd.DataFrame(
        {"respondent_id": frame["respondent_id"].fillna(numbered) if "respondent_id" in frame else numbered}
    )
    source = study.tables.survey
    by = source.join_by or ("customer_id",)
    if not source.join_by and "customer_id" not in frame:
        nobody = pd.Series(np.nan, index=frame.index, dtype="str")
        key = _person(frame, source) if source.same_person else nobody
        return people.assign(key=key, customer_id=nobody, ambiguous=False)
    customers = tables.frames.get("customers")
    if by != ("customer_id",) and customers is not None and set(by) <= set(customers):
        ids, known = customers["customer_id"], [customers[name] for name in by]
    else:
        ids, known = _known(tables), [_known(tables)] * len(by)
    found = join([frame[column_of(frame, source, name)] for name in by], ids, known, source.nobody)
    return people.assign(key=found.key, customer_id=found.customer_id, ambiguous=found.ambiguous)


def _person(frame: pd.DataFrame, source: SurveySource) -> pd.Series:
    """Which rows are one person's: by a key, which may be nobody's, or by several columns that are alike together."""
    columns = [frame[column_of(frame, source, name)] for name in source.same_person]
    if len(columns) == 1:
        return comparable(columns, source.nobody)
    texts = [folded(column).fillna("") for column in columns]
    return texts[0].str.cat(texts[1:], sep="\0")


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


def _refuse_few_keys(everybody: pd.DataFrame, kept: pd.Index, source: SurveySource) -> None:
    """Raise DataError where most rows would go because they share a key: then it is no key of a person."""
    if source.same_person or len(everybody) < LEAST_ROWS or len(kept) >= len(everybody) / 2:
        return
    by = " and ".join(source.join_by or ("customer_id",))
    told = {"path": source.shown, "column": by, "n": len(everybody), "keys": everybody["key"].nunique()}
    raise DataError(say("survey.refused.few_keys", **told, lost=len(everybody) - len(kept)))


def _refuse_unmatched(people: pd.DataFrame, matched: int, tables: LoadedTables, study: Study) -> None:
    """Raise DataError when more respondents than the study allows have no customer.

    A survey that names nobody, or that has no sales and no customers beside it, has nothing to match.
    """
    share = 1 - matched / max(len(people), 1)
    alone = study.tables.given().keys() == {"survey"}
    if share <= study.unmatched_respondents or people["key"].isna().all() or alone:
        return
    source = study.tables.survey
    without, by = people["customer_id"].isna(), " and ".join(source.join_by or ("customer_id",))
    told = {"path": source.shown, "column": by, "n": without.sum(), "all": len(people)}
    told |= {"silent": people["key"].isna().sum(), "unheard": len(_known(tables)) - matched}
    told |= {"rows": [str(row + 1) for row in sorted(people.index[without])[:5]]}
    raise DataError(say("survey.refused.unmatched", **told, allowed=f"{study.unmatched_respondents:g}"))
