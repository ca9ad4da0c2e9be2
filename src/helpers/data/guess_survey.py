"""What the questions of a survey are, guessed from their headers and answers."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from helpers.data.vocabulary import listed_words, plain, says, share, vocabulary


def look_at_questions(
    frame: pd.DataFrame, keys: list[str], asked: dict[str, tuple[str, str]] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Sort the columns of a survey into rating items, marks, categories, tick lists and open questions.

    Returns the keys of study.yml that describe them, and a sentence per column that fits none; ``keys`` are the columns
    that tell who answered, ``asked`` the questions as they were asked where they are not the headers.
    """
    asked = {header: (header, "") for header in frame} | (asked or {})
    texts = {header: f"{text}: {part}" if part else text for header, (text, part) in asked.items()}
    survey: dict[str, Any] = {}
    unclear: list[str] = []
    ratings: dict[str, tuple[dict[str, int], list[str]]] = {}
    named = {header: header for header in frame}
    spread = _spread_ticks(frame, asked)
    for question, options in spread.items():
        name = _name(_common_start(list(options.values())) or question, survey)
        survey.setdefault("multiple_choice", {})[name] = {"columns": options}
        texts[name], named[name] = question, name
    done = {*keys, *(header for options in spread.values() for header in options.values())}
    for header in frame:
        answers, text = frame[header].str.strip().replace("", pd.NA).dropna(), texts[header]
        private = any(says(name, vocabulary()[key]) for key in ("asked_at", "personal") for name in (header, text))
        private = private or says(header, vocabulary()["answering"]) == 2 or header.endswith("_NPS_GROUP")
        if header in done or private or len(answers) < 3:
            continue
        if share(answers, r"10|\d") > 0.95 and _holds(text, "recommend"):
            survey["nps"] = header
            named["nps"] = header
        elif (labels := _rating(answers)) is not None:
            ratings[header] = labels
        elif (sep := _tick_separator(answers)) is not None:
            name = _name(header, survey)
            survey.setdefault("multiple_choice", {})[name] = {"column": header, "sep": sep}
            named[name] = header
        elif _is_open(text, answers):
            name = _name(header, survey)
            survey.setdefault("open_ended", {})[name] = {"column": header, "about": _about(text)}
            named[name] = header
        elif answers.nunique() <= min(15, max(3, len(answers) / 3)):
            survey.setdefault("categorical", []).append(header)
        else:
            unclear.append(f"the column {header!r} is left out: neither a scale, nor a choice, nor an open answer.")
    if ratings:
        survey["likert"] = _likert(ratings, survey)
        beside = survey["likert"].get("missing", [])
        unclear += [
            f"the answer {answer!r} is on no scale that is known here; it is read as no answer." for answer in beside
        ]
    declared = {*_declared(survey)}
    told = {name: texts[header] for name, header in named.items() if name in declared and texts[header] != header}
    return survey | ({"questions": told} if told else {}), unclear


def _declared(survey: dict[str, Any]) -> list[str]:
    """The names under which study.yml declares questions."""
    lists = (survey.get("likert", {}).get("items", []), survey.get("categorical", []), ["nps"])
    return [
        name for names in (*lists, survey.get("multiple_choice", {}), survey.get("open_ended", {})) for name in names
    ]


def _spread_ticks(frame: pd.DataFrame, asked: dict[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Tick lists that are spread over columns, question -> option -> header.

    Every column but one ("other, please specify") holds nothing but a tick: one answer, or 0 and 1.
    """
    groups: dict[str, dict[str, str]] = {}
    for header in frame:
        question, part = asked[header]
        if part:
            groups.setdefault(question, {}).setdefault(part, header)
    found = {}
    for question, options in groups.items():
        given = [set(frame[header].str.strip().replace("", pd.NA).dropna()) for header in options.values()]
        ticks = [len(answers) <= 1 or answers == {"0", "1"} for answers in given]
        if len(options) > 1 and sum(ticks) >= max(2, len(ticks) - 1) and any(given):
            found[question] = options
    return found


def _common_start(headers: list[str]) -> str:
    """What numbered headers share, ``Q3`` of ``Q3_1`` and ``Q3_2``; empty for others."""
    starts = {re.sub(r"_\d+(_TEXT)?$", "", header) for header in headers}
    return starts.pop() if len(starts) == 1 and headers[0] not in starts else ""


def _is_open(header: str, answers: pd.Series) -> bool:
    """Whether people answered in their own words: sentences that differ, or any sentences to a why or what."""
    if _about(header) != "mindset" and answers.str.split().str.len().mean() >= 3:
        return True
    return answers.nunique() > 0.5 * len(answers) and answers.str.len().mean() > 12


def _rating(answers: pd.Series) -> tuple[dict[str, int], list[str]] | None:
    """The labels of a rating item, none for whole numbers 1 to 5, and its answers off the scale; None for other items.

    A few answers may stand beside the scale ("do not know"), as long as most are on it.
    """
    if share(answers, "[1-5]") > 0.95 and answers.nunique() > 2:
        return {}, []
    given = [answer for answer in answers.unique().tolist() if re.search(r"\w", answer)]
    for scale in vocabulary()["scales"]:
        steps = {wording: step for step, wordings in enumerate(scale, start=1) for wording in wordings.split("|")}
        labels = {answer: steps[folded] for answer in given if (folded := plain(answer)) in steps}
        known = answers.isin(list(labels)).mean()
        if len(labels) > 1 and (known > 0.9 or (known > 0.6 and len(labels) > 2 and len(given) <= len(labels) + 2)):
            return labels, [answer for answer in given if answer not in labels]
    return None


def _likert(ratings: dict[str, tuple[dict[str, int], list[str]]], survey: dict[str, Any]) -> dict[str, Any]:
    """All rating items with the labels of all; an item whose labels contradict earlier ones becomes a category."""
    items, labels, missing = [], {}, {}
    for header, (steps, beside) in ratings.items():
        if any(labels.get(answer, step) != step for answer, step in steps.items()):
            survey.setdefault("categorical", []).append(header)
        else:
            items.append(header)
            labels |= steps
            missing |= dict.fromkeys(beside)
    ordered = dict(sorted(labels.items(), key=lambda item: item[1]))
    optional = {"labels": ordered, "missing": [answer for answer in missing if answer not in labels]}
    return {"items": items, "scale": [1, 5]} | {key: value for key, value in optional.items() if value}


def _tick_separator(answers: pd.Series) -> str | None:
    """The mark between the options of a tick list: few options, which come again and again in several company."""
    for sep in (";", ",", "|"):
        options = answers.str.split(sep).explode().str.strip()
        several = answers.str.contains(sep, regex=False).mean()
        if several > 0.1 and options.nunique() <= 20 and len(options) >= 3 * options.nunique():
            return sep
    return None


def _about(header: str) -> str:
    """What an open question is about: what holds people back, what moves them, or how they think."""
    asked = (about for about in ("barriers", "drivers") if _holds(header, about))
    return next(asked, "mindset")


def _holds(header: str, key: str) -> bool:
    """Whether one of the listed words is in a header."""
    return any(word in plain(header) for word in listed_words(key))


def _name(header: str, survey: dict[str, Any]) -> str:
    """A short name for a question: its header where that is short, otherwise the next free number."""
    taken = {*survey.get("multiple_choice", {}), *survey.get("open_ended", {})}
    return header if len(header) <= 30 and header not in taken else f"question_{len(taken) + 1}"
