"""What the questions of a survey are, guessed from their headers and answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from helpers.answers.questions import read_numbers
from helpers.answers.survey_words import survey_words
from helpers.intake.surveys import maxdiff_grids, scales, tick_lists
from helpers.intake.surveys.scales import Rating
from helpers.intake.surveys.survey_columns import (
    about,
    is_id,
    is_one_of,
    is_open,
    kind_of_answer,
    mentions,
    other_weights,
    same_person,
    tool_columns,
)
from helpers.intake.vocabulary import share
from helpers.sources import SurveySource
from helpers.text import fold, folded

MOST_CATEGORIES = 15
"""A closed question has no more answers than this."""
COMMON = (1, 5)
"""The scale of rating items where they do not tell another by their number."""


@dataclass
class Guessed:
    """The survey's keys of study.yml in the making, and a sentence for everything that a person should look at."""

    texts: dict[str, str]
    survey: dict[str, Any] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)
    ratings: dict[str, Rating] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    coded: list[str] = field(default_factory=list)
    grids: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, key: str, header: str) -> None:
        """Put a column into one of the lists of headers."""
        self.survey.setdefault(key, []).append(header)

    def no_answer(self, cells: Iterable[str]) -> None:
        """Put in what stands in cells that nobody filled."""
        known = self.survey.get("no_answer", [])
        if new := [cell for cell in cells if cell not in known]:
            self.survey["no_answer"] = [*known, *new]

    def name(self, header: str) -> str:
        """A short name for a question: its header where that is short, otherwise the next free number."""
        taken = {name for key in ("multiple_choice", "open_ended", "ranks") for name in self.survey.get(key, {})}
        return header if len(header) <= 30 and header not in taken else f"question_{len(taken) + 1}"

    def ticks(self, question: str, listed: dict[str, Any], header: str) -> None:
        """Put in a tick list, with what it is about."""
        name, text = self.name(header), self.texts.get(question, question)
        if "columns" in listed:
            self.texts[name], self.named[name] = text, name
        self.survey.setdefault("multiple_choice", {})[name] = listed | {"about": about(text, "profile")}


def look_at_questions(
    frame: pd.DataFrame, keys: list[str], asked: dict[str, tuple[str, str]] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Sort the columns of a survey into rating items, marks, categories, tick lists and open questions.

    Returns the keys of study.yml that describe them, and a sentence per column that fits none; ``keys`` are the columns
    that tell who answered, ``asked`` the questions as they were asked where they are not the headers.
    """
    parts = tick_lists.split_headers(list(frame), asked or {})
    told = {header: f"{text}: {part}" if part else text for header, (text, part) in (asked or {}).items()}
    out = Guessed({header: told.get(header, header) for header in frame})
    ticked = tick_lists.named_by_cells(frame, [header for header in frame if header not in keys])
    cells = {header for options in ticked.values() for header in options.values()}
    meta = tool_columns(frame, parts, {*keys, *cells})
    weights = [header for header in other_weights(frame) if header not in keys]
    done = {*keys, *meta, *weights}
    frame = _without_placeholders(frame, done, out)
    groups = {
        question: {part: header for part, header in options.items() if header not in done}
        for question, options in tick_lists.groups_of(parts).items()
    }
    groups = {question: options for question, options in groups.items() if len(options) > 1}
    done |= _look_at_groups(frame, groups, ticked, out)
    batteries = _batteries(frame, groups, done)
    for header in frame:
        if header not in done:
            _look_at_column(frame, header, batteries.get(header), out)
    if out.coded:
        out.unclear.append(
            f"{', '.join(map(repr, out.coded))}: numbers that stand for categories as far as can be seen; a mean of "
            "them would say nothing. If they are marks of a scale, name them under likert.items with their scale."
        )
    out.survey["meta"] = [h for h in frame if h in {*meta, *weights, *out.survey.get("meta", [])}]
    _state_ratings(out)
    if profile := same_person(frame[[h for h in frame if h not in done]]):
        out.survey["same_person"] = profile
        people = len(frame[profile].drop_duplicates())
        alike = ", ".join(map(repr, profile[:4]))
        out.unclear.append(
            f"{len(frame)} rows hold {people} people only, by {alike} and other columns that stay the same from row to "
            "row: each is counted once, under same_person; state respondent_id where an id is."
        )
    if not out.survey["meta"]:
        del out.survey["meta"]
    if len(marks := out.survey.get("nps", [])) == 1:
        out.survey["nps"] = marks[0]
    if whole := maxdiff_grids.exercise(out.survey.get("maxdiff", []), out.grids):
        out.survey["maxdiff"] = {maxdiff_grids.NAME: whole}
        out.texts[maxdiff_grids.NAME], out.named[maxdiff_grids.NAME] = next(iter(out.grids)), maxdiff_grids.NAME
    source = SurveySource(path="", **out.survey)
    declared = {name for name, _ in source.declared} | {*source.best_worst, *source.best_worst_columns}
    named = {header: header for header in frame} | out.named
    texts = {name: out.texts[header] for name, header in named.items() if name in declared}
    texts = {name: text for name, text in texts.items() if text != named[name]}
    return out.survey | ({"questions": texts} if texts else {}), out.unclear


def _without_placeholders(frame: pd.DataFrame, done: set[str], out: Guessed) -> pd.DataFrame:
    """The answers without what stands in a cell that nobody filled; it is stated under ``no_answer``."""
    empty = {fold(word) for word in survey_words("placeholders")}
    found: dict[str, None] = {}
    cleaned = frame.copy()
    for header in frame:
        if header not in done:
            hit = folded(frame[header]).isin(empty)
            if hit.any():
                found |= dict.fromkeys(frame.loc[hit, header].str.strip().unique())
                cleaned[header] = frame[header].mask(hit)
    out.no_answer(found)
    return cleaned


# --- questions with several columns ------------------------------------------------------------------------------


def _look_at_groups(
    frame: pd.DataFrame, groups: dict[str, dict[str, str]], ticked: dict[str, dict[str, str]], out: Guessed
) -> set[str]:
    """Ranks, best-and-worst choices and tick lists that are spread over columns; returns the headers they take.

    ticked : tick lists whose columns tell by their cells that they are.
    """
    taken: set[str] = set()
    for question, options in groups.items():
        columns = frame[list(options.values())]
        if (grid := maxdiff_grids.best_and_worst(columns)) or mentions(question, "maxdiff"):
            out.survey.setdefault("maxdiff", []).extend(options.values())
            out.grids |= {question: options} if grid else {}
            taken |= {*options.values()}
            out.named |= {header: header for header in options.values()}
            out.unclear.append(
                f"{question!r}: choices of the best and the worst of several (MaxDiff); they are named as such, and "
                "are no ratings."
            )
        elif _ranked(question, columns):
            name = out.name(_common_start(list(options.values())) or question)
            out.survey.setdefault("ranks", {})[name] = options
            out.texts[name], out.named[name] = question, name
            taken |= {*options.values()}
    left = {question: options for question, options in groups.items() if not taken & {*options.values()}}
    spread = tick_lists.spread_ticks(frame, left)
    spread |= {q: o for q, o in ticked.items() if not any({*o.values()} & {*s.values()} for s in spread.values())}
    twins = tick_lists.joined_twins(frame, spread)
    coded = tick_lists.coded_ticks(frame, {q: o for q, o in left.items() if q not in spread})
    for question, options in (spread | coded).items():
        if chosen := {"chosen": ["2"]} if question in coded else {}:
            out.unclear.append(f"{question!r}: the codes were read as 1 = not chosen, 2 = chosen: please check.")
        out.ticks(question, {"columns": options} | chosen, _common_start(list(options.values())) or question)
        taken |= {*options.values()}
        cells = {cell for header in options.values() for cell in folded(frame[header]).dropna().unique()}
        out.no_answer(cell for cell in tick_lists.EMPTY_TICKS if cell in cells)
        if question in twins and twins[question] not in options.values():
            out.add("meta", twins[question])
            taken.add(twins[question])
            out.unclear.append(f"the column {question!r} holds the ticks of its option columns again; counted once.")
    return taken


def _common_start(headers: list[str]) -> str:
    """What numbered headers share, ``Q3`` of ``Q3_1`` and ``Q3_2``; empty for others."""
    starts = {re.sub(r"_(\d+(_TEXT)?|other|oth)$|\[\w+\]$", "", header) for header in headers}
    return starts.pop() if len(starts) == 1 and headers[0] not in starts else ""


def _ranked(question: str, columns: pd.DataFrame) -> bool:
    """Whether each row gives every column a place of its own from 1 on."""
    places = columns.apply(lambda column: pd.to_numeric(column.str.strip(), errors="coerce"))
    full = places.dropna()
    count = columns.shape[1]
    if count < 2 or not places.stack().dropna().between(1, count).all() or places.notna().sum().min() < 3:
        return False
    if len(full) < 3:
        return mentions(question, "ranked")
    apart = (full.nunique(axis=1) == count).mean()
    return bool(apart > 0.9 and (count > 2 or mentions(question, "ranked")))


def _batteries(
    frame: pd.DataFrame, groups: dict[str, dict[str, str]], done: set[str]
) -> dict[str, tuple[float, float]]:
    """Header -> the lowest and highest mark in all rows of its question, of questions whose rows are marks or codes."""
    found = {}
    for options in groups.values():
        headers = [header for header in options.values() if header not in done]
        if len(headers) < 2:
            continue
        lows, highs = [], []
        for header in headers:
            answers = frame[header].dropna().str.strip()
            answers = answers[(answers != "") & ~answers.map(scales.is_no_answer)]
            numbers = scales.numbers_of(_decoded(answers))
            numbers = numbers[~numbers.isin(scales.missing_codes(numbers, 10))].dropna()
            if len(answers) and len(numbers) > 0.8 * len(answers):
                lows.append(float(numbers.min()))
                highs.append(float(numbers.max()))
        if len(lows) > 1 and max(highs) <= 10:
            found |= dict.fromkeys(headers, (min(lows), max(highs)))
    return found


def _decoded(answers: pd.Series) -> pd.Series:
    """Answers A1 to A9 of LimeSurvey as the numbers in them."""
    return answers.str.replace(r"^A0?(\d{1,2})$", r"\1", regex=True)


# --- questions with one column -----------------------------------------------------------------------------------


def _look_at_column(frame: pd.DataFrame, header: str, battery: tuple[float, float] | None, out: Guessed) -> None:
    """Find out what one column is, and put it where it belongs."""
    answers, text = frame[header].str.strip().replace("", pd.NA).dropna(), out.texts[header]
    if len(answers) < 3:
        if len(answers):
            out.unclear.append(f"the column {header!r} is left out: fewer than three answers.")
        return
    asked, free = kind_of_answer(text), header.endswith("_TEXT")  # what was written beside an option of Qualtrics
    if is_id(answers) and asked != "counted":
        out.add("meta", header)
        return
    recommends = mentions(text, "recommend") and asked != "counted"
    rating = None if free else scales.in_words(answers)
    coded = _decoded(answers)
    if rating is None and battery and (coded != answers).mean() > 0.8:
        rating = scales.in_numbers(coded, text, battery, "rated")
        if rating:
            labels = {answer: int(code) for answer, code in zip(answers, coded, strict=True) if answer != code}
            rating = Rating(rating.scale, dict(sorted(labels.items())), rating.missing)
            out.unclear.append(
                f"the column {header!r} holds codes; {', '.join(sorted(labels))} were taken for marks from low to "
                "high: please check."
            )
    if rating is None and not free and not recommends:
        rating = scales.in_numbers(answers, text, battery, asked)
    if recommends and rating is None and _mark(answers, text):
        out.add("nps", header)
        out.named["nps" if len(out.survey["nps"]) == 1 else header] = header
        none = [answer for answer in answers.unique() if scales.is_no_answer(answer)]
        out.no_answer([*none, *map(str, scales.missing_codes(scales.numbers_of(answers), 10))])
    elif recommends and rating is None and (given := scales.in_numbers(answers, text, battery, "rated")):
        out.ratings[header] = given
    elif rating is not None:
        out.ratings[header] = rating
    elif not free and (ticks := tick_lists.joined_ticks(answers)):
        _add_ticks(answers, header, ticks, out)
    elif share(answers, r"-?\d+([.,]\d+)?") > 0.95 and not free:
        _add_numbers(answers, header, asked, out)
    elif is_one_of(header, "staff"):
        out.add("meta", header)
        out.unclear.append(f"the column {header!r} holds what the staff notes, and no answers; it is left out.")
    elif free or is_open(text, answers, about(text, "mindset")):
        name = out.name(header)
        out.survey.setdefault("open_ended", {})[name] = {"column": header, "about": about(text, "mindset")}
        out.named[name] = header
    elif answers.nunique() <= min(MOST_CATEGORIES, max(3, len(answers) / 3)):
        out.add("categorical", header)
        if known := scales.known_in_part(answers):
            shown = ", ".join(map(repr, known))
            out.unclear.append(
                f"the column {header!r} is taken for categories: {shown} are on a scale that is known here, and "
                "other answers are not or are finer; if it is a rating, state likert.items, scale and labels."
            )
    else:
        out.unclear.append(f"the column {header!r} is left out: neither a scale, nor a choice, nor an open answer.")


def _mark(answers: pd.Series, text: str) -> bool:
    """Whether answers are marks from 0 to 10, and not a rating on a shorter scale."""
    rest = answers[~answers.map(scales.is_no_answer)]
    numbers = scales.numbers_of(rest)
    marks = numbers[numbers.between(0, 10) & (numbers % 1 == 0)]
    if not len(rest) or len(marks) < 0.95 * len(numbers[~numbers.isin(scales.missing_codes(numbers, 10))]):
        return False
    stated = scales.stated_scale(text)
    if stated:
        return stated == (0, 10) and len(marks) > 0
    return bool(len(marks) and (marks.max() > 7 or marks.min() == 0))


def _add_ticks(answers: pd.Series, header: str, found: tuple[str, list[str], bool], out: Guessed) -> None:
    """Put in a tick list whose options stand in one cell."""
    sep, options, own = found
    if tick_lists.ranked_whole(answers, sep, options):
        out.add("meta", header)
        out.unclear.append(
            f"the column {header!r} holds all options in every cell: they were put in order. It is left out; export it "
            "with a column per option to have the ranks read."
        )
        return
    whole = [option for option in options if sep in option]
    listed: dict[str, Any] = {"column": header, "sep": sep}
    if own:
        listed |= {"options": options, "closed": True}
        out.unclear.append(
            f"the column {header!r}: texts of the respondents' own stand beside its {len(options)} options; they are "
            "counted together as other."
        )
    elif whole:
        listed["options"] = whole
    out.ticks(header, listed, header)
    out.unclear += [
        f"the column {header!r}: the parts of {option!r} only ever come together; taken for one option: please check."
        for option in whole
    ]


def _add_numbers(answers: pd.Series, header: str, asked: str, out: Guessed) -> None:
    """Put in a column of numbers: a count or size, or the codes of categories that only a code book tells."""
    numbers = read_numbers(answers)
    codes = scales.missing_codes(numbers, 30)
    kinds = numbers[~numbers.isin(codes)].nunique()
    if asked == "counted" or (asked != "chosen" and kinds > MOST_CATEGORIES):
        out.add("numbers", header)
    elif kinds <= MOST_CATEGORIES:
        out.add("categorical", header)
        out.coded.append(header)
    else:
        out.unclear.append(f"the column {header!r} is left out: numbers that stand for too many categories.")
    counts = header in out.survey.get("numbers", [])
    out.no_answer(str(code) for code in codes if code < 0 or not counts)


# --- all rating items together -----------------------------------------------------------------------------------


def _state_ratings(out: Guessed) -> None:
    """All rating items; what differs from the commonest scale, or labels that contradict others, stands by the item."""
    if not out.ratings:
        return
    lengths = pd.Series([rating.scale for rating in out.ratings.values()]).value_counts(sort=False)
    common = COMMON if COMMON in lengths.index else lengths.idxmax()
    shared: dict[str, int] = {}
    own: dict[str, dict[str, int]] = {}
    missing: dict[str | int, None] = {}
    for header, rating in out.ratings.items():
        missing |= dict.fromkeys(rating.missing)
        contradicts = any(shared.get(answer, step) != step for answer, step in rating.labels.items())
        if rating.scale != common or contradicts:
            if rating.labels:
                own[header] = dict(sorted(rating.labels.items(), key=lambda item: item[1]))
        else:
            shared |= rating.labels
    labelled = {*shared, *(label for labels in own.values() for label in labels)}
    optional = {
        "scales_of": {h: list(r.scale) for h, r in out.ratings.items() if r.scale != common},
        "labels": dict(sorted(shared.items(), key=lambda item: item[1])),
        "labels_of": own,
        "reverse": [header for header, rating in out.ratings.items() if rating.reverse],
        "missing": [answer for answer in missing if answer not in labelled],
    }
    out.survey["likert"] = {"items": list(out.ratings), "scale": list(common)}
    out.survey["likert"] |= {key: value for key, value in optional.items() if value}
    out.unclear += [
        f"the answer {answer!r} means that there is none; it is read as no answer."
        if scales.is_no_answer(str(answer))
        else f"the answer {answer!r} is on no scale that is known here; it is read as no answer."
        for answer in optional["missing"]
    ]
    for scale in lengths.index:
        unsure = [repr(h) for h, rating in out.ratings.items() if rating.scale == scale and not rating.stated]
        if unsure and scale != COMMON:
            low, high = scale
            out.unclear.append(f"marks from {low} to {high} were taken for ratings: {', '.join(unsure)}; please check.")
    out.unclear += [
        f"the column {header!r}: its low numbers are the good ones by the words beside them; it is turned."
        for header in optional["reverse"]
    ]
