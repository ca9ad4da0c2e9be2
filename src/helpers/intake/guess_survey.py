"""What the questions of a survey are, guessed from their headers and answers."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pandas as pd

from helpers.intake.vocabulary import listed_words, plain, says, share, vocabulary
from helpers.names import TYPED_ALIKE
from helpers.read.questions import LEAST_TICKS, says_no
from helpers.sources import SurveySource
from helpers.text import folded

MOST_CATEGORIES = 15
"""A closed question has no more answers than this."""
NO_ANSWER = "-?9|-?99|-?999|-[18]|[78][78]|9[78]"
"""Numbers that questionnaires use for "no answer", where they are beside the scale."""


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
    ratings: dict[str, tuple[dict[str, int], list[str | int]]] = {}
    named = {header: header for header in frame}
    spread, scales = _spread_ticks(frame, asked), _scales(frame)
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
        free = header.endswith("_TEXT")  # what was written beside an option of Qualtrics
        labels, ticks = (None, None) if free else (_rating(answers, scales), _tick_list(answers))
        if share(answers, r"10|\d") > 0.95 and _holds(text, "recommend"):
            survey["nps"] = header
            named["nps"] = header
        elif labels is not None:
            ratings[header] = labels
        elif ticks is not None:
            name, (sep, whole) = _name(header, survey), ticks
            listed = {"options": whole} if whole else {}
            survey.setdefault("multiple_choice", {})[name] = {"column": header, "sep": sep} | listed
            named[name] = header
            unclear += [
                f"the column {header!r}: the parts of {option!r} only ever come together; taken for one option: please "
                "check."
                for option in whole
            ]
        elif free or _is_open(text, answers):
            name = _name(header, survey)
            survey.setdefault("open_ended", {})[name] = {"column": header, "about": _about(text)}
            named[name] = header
        elif answers.nunique() <= min(MOST_CATEGORIES, max(3, len(answers) / 3)):
            survey.setdefault("categorical", []).append(header)
            if len(known := max((_labels(answers, steps) for steps in scales), key=len)) > 1:
                shown = ", ".join(map(repr, known))
                unclear.append(
                    f"the column {header!r} is taken for categories: {shown} are on a scale that is known here, and "
                    "other answers are not or are finer; if it is a rating, state likert.items, scale and labels."
                )
        else:
            unclear.append(f"the column {header!r} is left out: neither a scale, nor a choice, nor an open answer.")
    if ratings:
        survey["likert"] = _likert(ratings, survey)
        unclear += [
            f"the column {header!r} is taken for categories: another question gives its labels other numbers."
            for header in ratings
            if header not in survey["likert"]["items"]
        ]
        beside = survey["likert"].get("missing", [])
        unclear += [
            f"the answer {answer!r} is on no scale that is known here; it is read as no answer." for answer in beside
        ]
    declared = {name for name, _ in SurveySource(path="", **survey).declared}
    told = {name: texts[header] for name, header in named.items() if name in declared and texts[header] != header}
    return survey | ({"questions": told} if told else {}), unclear


def _spread_ticks(frame: pd.DataFrame, asked: dict[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Tick lists that are spread over columns, question -> option -> header.

    Every column but one ("other, please specify") holds nothing but a tick: one answer, or one and a word for no.
    """
    groups: dict[str, dict[str, str]] = {}
    for header in frame:
        question, part = asked[header]
        if part:
            groups.setdefault(question, {}).setdefault(part, header)
    found = {}
    for question, options in groups.items():
        given = [folded(frame[header]).drop_duplicates().dropna() for header in options.values()]
        ticks = [len(answers) <= 1 or (len(answers) == 2 and says_no(answers).sum() == 1) for answers in given]
        if len(options) > 1 and sum(ticks) >= max(2, len(ticks) - 1) and any(map(len, given)):
            found[question] = options
    return found


def _common_start(headers: list[str]) -> str:
    """What numbered headers share, ``Q3`` of ``Q3_1`` and ``Q3_2``; empty for others."""
    starts = {re.sub(r"_\d+(_TEXT)?$", "", header) for header in headers}
    return starts.pop() if len(starts) == 1 and headers[0] not in starts else ""


def _is_open(header: str, answers: pd.Series) -> bool:
    """Whether people answered in their own words: sentences that differ, or any sentences to a why or what."""
    words = answers.str.split().str.len().mean()
    if words >= 3 and (_about(header) != "mindset" or answers.nunique() > MOST_CATEGORIES):
        return True
    return answers.nunique() > 0.5 * len(answers) and answers.str.len().mean() > 12


def _scales(frame: pd.DataFrame) -> list[dict[str, int]]:
    """Wording -> step of every answer scale that is known; milder wordings that some column has are among them."""
    given = (frame[name].dropna().unique() for name in frame)
    columns = [set(map(_wording, answers)) for answers in given if len(answers) <= MOST_CATEGORIES]
    scales = []
    for scale in vocabulary()["scales"]:
        steps = {_wording(w): step for step, words in enumerate(scale, start=1) for w in words.split("|")}
        for answers in columns:
            steps = steps | _milder(steps, answers)
        scales.append(steps)
    return scales


def _milder(steps: dict[str, int], answers: set[str]) -> dict[str, int]:
    """The steps of "somewhat agree" and "somewhat disagree", where they stand in place of "agree" and "disagree"."""
    inner = sorted((wording for wording, step in steps.items() if step in (2, 4)), key=len)
    if answers & {*inner} or not {1, 5} & {steps.get(answer) for answer in answers}:
        return {}
    found = {answer: wording for wording in inner for answer in answers - {*steps} if answer.endswith(f" {wording}")}
    pair = len(found) == 2 and len({answer.removesuffix(wording) for answer, wording in found.items()}) == 1
    return {answer: steps[wording] for answer, wording in found.items()} if pair else {}


def _wording(answer: str) -> str:
    return plain(answer).translate(TYPED_ALIKE)


def _labels(answers: pd.Series, steps: dict[str, int]) -> dict[str, int]:
    """The answers that are on a scale, with their steps."""
    return {answer: steps[wording] for answer in answers.unique() if (wording := _wording(answer)) in steps}


def _rating(answers: pd.Series, scales: list[dict[str, int]]) -> tuple[dict[str, int], list[str | int]] | None:
    """The labels of a rating item, none for whole numbers 1 to 5, and its answers off the scale; None for other items.

    A few answers may stand beside the scale ("do not know", 99), as long as most are on it.
    """
    if share(answers, "[1-5]") > 0.95 and answers.nunique() > 2:
        return {}, [int(answer) for answer in answers.unique() if re.fullmatch(NO_ANSWER, answer)]
    given = [answer for answer in answers.unique().tolist() if re.search(r"\w", answer)]
    said = set(map(_wording, given))
    for steps in scales:
        labels = _labels(answers, steps)
        finer = any(  # "somewhat agree" beside "agree"
            answer.endswith(f" {wording}") and steps.get(answer, step) == step
            for wording, step in steps.items()
            for answer in said
            if wording in said or answer not in steps
        )
        known = answers.isin(list(labels)).mean()
        if (
            len(labels) > 1
            and not finer
            and (known > 0.9 or (known > 0.6 and len(labels) > 2 and len(given) <= len(labels) + 2))
        ):
            return labels, [answer for answer in given if answer not in labels]
    return None


def _likert(ratings: dict[str, tuple[dict[str, int], list[str | int]]], survey: dict[str, Any]) -> dict[str, Any]:
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


def _tick_list(answers: pd.Series) -> tuple[str, list[str]] | None:
    """The mark between the options of a tick list, which come again in several company, and those that hold it."""
    for sep in (";", ",", "|"):
        lists = _whole_options(answers, sep)
        options = [option for given in lists for option in given]
        several = sum(len(given) > 1 for given in lists) / len(lists)
        if several > 0.1 and len(set(options)) <= 20 and len(options) >= 3 * len(set(options)):
            return sep, [option for option in dict.fromkeys(options) if sep in option]
    return None


def _whole_options(answers: pd.Series, sep: str) -> list[list[str]]:
    """The options of every answer; parts that only ever come together, in one order, are one option torn apart."""
    lists = [answer.split(sep) for answer in answers]
    bare = [[part.strip() for part in parts] for parts in lists]
    uses = Counter(part for parts in bare for part in parts)
    pairs = Counter(pair for parts in bare for pair in pairwise(parts))
    torn = {pair for pair, n in pairs.items() if n == uses[pair[0]] == uses[pair[1]] and n >= LEAST_TICKS}
    whole = []
    for parts in lists:
        options = parts[:1]
        for left, right in pairwise(parts):
            if (left.strip(), right.strip()) in torn:
                options[-1] += sep + right
            else:
                options.append(right)
        whole.append([option.strip() for option in options])
    return whole


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
