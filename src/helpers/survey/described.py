"""What every column of a survey is and what was answered to it, as plain values (`personas check --json`)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.answers.questions import Item, given, read_numbers, uncoded
from helpers.read.load import LoadedTables
from helpers.sources import SurveySource
from helpers.study import Study
from helpers.survey.survey import Survey, coded_items

SCALED = ("likert", "importance", "performance", "nps")


def describe_survey(survey: Survey | None, tables: LoadedTables, study: Study) -> dict[str, Any] | None:
    """What was asked and answered; None where a study has no survey.

    Returns
    -------
    dict
        respondents, matched (known customers), set_aside (rows of the file that do not count) and questions: a list of
        name, question (as it was asked), kind (likert, nps, tick, categorical, number, rank, open, weight, maxdiff or
        meta), n (who answered), mean (of numbers, on the scale as it was asked) and shares (of options or marks). Means
        and shares are weighted where the respondents have weights.
    """
    source = study.tables.survey
    if survey is None or source is None:
        return None
    frame, items = coded_items(survey, tables, study)
    weight = survey.answers["weight"].set_axis(frame.index)
    aside = sum(account.rows_quarantined for account in tables.accounts if account.table == "survey")
    questions = [*_lists(items, weight, source.multiple_choice), *_ranks(items, weight, source.ranks)]
    questions += [_question(name, item, weight) for name, item in items.items() if item.kind not in ("tick", "rank")]
    if "weight" in frame:
        header = source.columns.get("weight", "weight")
        known = frame["weight"].dropna()
        mean = float(known.mean()) if len(known) else None
        questions.append(_row(header, header, "weight", len(known), mean))
    for kind, names in (("maxdiff", source.best_worst_columns), ("meta", source.meta)):
        given = [name for name in names if name in frame]
        questions += [_row(name, source.questions.get(name, name), kind, _filled(frame[name])) for name in given]
    questions += _prices(frame, source, weight, {row["name"] for row in questions})
    repeated = len(tables.frames["survey"]) - len(frame)
    return {
        "respondents": len(frame),
        "matched": survey.matched,
        "set_aside": aside + repeated,
        "questions": questions,
    }


def _prices(frame: pd.DataFrame, source: SurveySource, weight: pd.Series, done: set[str]) -> list[dict[str, Any]]:
    """Questions about prices: amounts that people named, and answers to whether they would buy."""
    rows = []
    for name in (name for name in source.price_columns if name in frame and name not in done):
        question = source.questions.get(name, name)
        if source.van_westendorp and name in source.van_westendorp.headers:
            values = read_numbers(uncoded(frame[name], source))
            rows.append(_row(name, question, "number", int(values.notna().sum()), _mean(values, weight)))
        else:
            answers = given(frame[name], source).replace("", None)
            shares = _shares(answers.dropna(), weight[answers.notna()])
            rows.append(_row(name, question, "categorical", int(answers.notna().sum()), None, shares))
    return rows


def _row(
    name: str, question: str, kind: str, n: int, mean: float | None = None, shares: dict[str, float] | None = None
) -> dict[str, Any]:
    return {"name": name, "question": question, "kind": kind, "n": n, "mean": mean, "shares": shares}


def _filled(cells: pd.Series) -> int:
    return int((cells.astype("str").fillna("").str.strip() != "").sum())


def _mean(values: pd.Series, weight: pd.Series) -> float | None:
    """The weighted mean of the answers that there are; None where nobody with a weight answered."""
    heavy = weight.where(values.notna(), 0.0)
    return float((values * heavy).sum() / heavy.sum()) if heavy.sum() > 0 else None


def _shares(answers: pd.Series, weight: pd.Series) -> dict[str, float]:
    """The weighted share of each answer among those given, the commonest first; marks of a scale in their order."""
    sums = weight.groupby(answers).sum()
    total = sums.sum()
    numeric = pd.api.types.is_numeric_dtype(answers)
    ordered = sums.sort_index() if numeric else sums.sort_index().sort_values(ascending=False, kind="stable")
    return {f"{value:g}" if numeric else str(value): float(part / total) for value, part in ordered.items() if total}


def _question(name: str, item: Item, weight: pd.Series) -> dict[str, Any]:
    """One closed or open question with its answers."""
    n = int(item.values.notna().sum())
    if item.kind == "open":
        return _row(name.removeprefix("open: "), item.question, "open", n)
    if item.kind == "categorical":
        return _row(name, item.question, "categorical", n, None, _shares(item.values, weight))
    mean = _mean(item.values, weight)
    kind = "nps" if item.kind == "nps" else "likert" if item.kind in SCALED else item.kind
    marks = (item.low + (item.values / item.step)).round(6)
    shares = _shares(marks, weight) if item.kind in SCALED else None
    return _row(name, item.question, kind, n, None if mean is None else item.told(mean), shares)


def _options(items: dict[str, Item], name: str, kind: str) -> dict[str, Item]:
    """The coded options of one question."""
    start = f"{name}: "
    return {key.removeprefix(start): item for key, item in items.items() if item.kind == kind and key.startswith(start)}


def _lists(items: dict[str, Item], weight: pd.Series, names: dict[str, Any]) -> list[dict[str, Any]]:
    """Tick lists: the share of those who answered the question that ticked each option."""
    rows = []
    for name in names:
        options = _options(items, name, "tick")
        means = {option: _mean(item.values, weight) for option, item in options.items()}
        shares = {option: mean for option, mean in means.items() if mean is not None}
        n = max((int(item.values.notna().sum()) for item in options.values()), default=0)
        text = next((item.question for item in options.values()), name)
        rows.append(_row(name, text, "tick", n, None, shares))
    return rows


def _ranks(items: dict[str, Item], weight: pd.Series, names: dict[str, Any]) -> list[dict[str, Any]]:
    """Ranked options: one row per option, its mean place and how often it came at each."""
    return [
        _row(f"{name}: {option}", f"{item.question}: {option}", "rank", int(item.values.notna().sum()),
             _mean(item.values, weight), _shares(item.values, weight))
        for name in names
        for option, item in _options(items, name, "rank").items()
    ]  # fmt: skip
