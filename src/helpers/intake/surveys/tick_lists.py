"""Tick lists: a column per option in the layouts of ten survey tools, options joined in one cell, or both at once."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise

import pandas as pd

from helpers.answers.questions import LEAST_TICKS, says_no
from helpers.answers.survey_words import survey_words
from helpers.text import fold, folded

SEPARATORS = (";", "|", "\n", "؛", " / ", "/", ",", "،", " ")
"""What stands between the options of one cell, the surer marks first."""
MOST_OPTIONS = 40
EMPTY_TICKS = ("-99", "-999", "-88", "-77", "-9")
"""What tools write into the column of an option that was seen and not ticked."""
SOSCI = ({"case", "questnnr"}, {"serial", "questnnr"}, {"questnnr", "lastdata"}, {"lastdata", "finished", "maxpage"})
"""Headers that SoSci Survey alone writes together."""
GLUED = 0.98
"""Share of the uses of a part that are followed by its continuation, for the two to be one option torn apart."""
PARTS = (
    re.compile(r"(?P<question>.*\S)\s*\[(?P<part>[^\[\]]+)\]"),  # Google Forms, LimeSurvey
    re.compile(r"(?P<question>.*\S)\s*/\s*(?P<part>[^/]+)"),  # KoboToolbox, Yandex Forms
    re.compile(r"(?P<question>.*\S)\s*\((?P<part>.+)\)"),  # Tally
    re.compile(r"(?P<part>[^:]+):(?P<question>.*\S)"),  # Alchemer
    re.compile(r"(?P<question>[^:]+):\s*(?P<part>.*\S)"),
    re.compile(r"(?P<question>.*\S)\s+[-–—]\s+(?P<part>.*\S)"),
    re.compile(r"(?P<question>[A-Za-z]{1,12}\d+[a-z]?)_(?P<part>\d+(?:_TEXT)?|other|oth)"),
)
"""How the headers of option columns and of the rows of a grid are made up, the surer forms first."""


def split_headers(headers: list[str], asked: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Header -> the question and the option or row that it is about (empty where there is none).

    What a tool's header rows told is kept; of other headers a form is believed where several share the question.
    """
    found = {header: told for header, told in asked.items() if told[1] or not told[0]}
    texts = {header: asked.get(header, (header, ""))[0] for header in headers}
    for form in PARTS:
        groups: dict[str, dict[str, str]] = defaultdict(dict)
        for header in headers:
            if header not in found and (match := form.fullmatch(texts[header])):
                groups[match["question"].strip()][header] = match["part"].strip()
        for question, parts in groups.items():
            if len(parts) > 1 and len(set(parts.values())) == len(parts):
                found |= {header: (question, part.removeprefix("choice=")) for header, part in parts.items()}
    return {header: found.get(header, asked.get(header, (header, ""))) for header in headers}


def groups_of(asked: dict[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Question -> part -> header, of questions that have several columns; asked again it bears a number."""
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    times: Counter[str] = Counter()
    for header, (question, part) in asked.items():
        if part:
            name = f"{question} ({times[question] + 1})" if times[question] else question
            if part in groups[name]:
                times[question] += 1
                name = f"{question} ({times[question] + 1})"
            groups[name][part] = header
    return {question: parts for question, parts in groups.items() if len(parts) > 1}


def spread_ticks(frame: pd.DataFrame, groups: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The groups that are tick lists: every column but one ("other") holds nothing but a tick, or a word for no."""
    found = {}
    for question, options in groups.items():
        given = {part: folded(frame[header]).drop_duplicates().dropna() for part, header in options.items()}
        ticks = [_is_tick(answers) for answers in given.values()]
        if sum(ticks) >= max(2, len(ticks) - 1) and any(map(len, given.values())):
            found[question] = options
    return found


def coded_ticks(frame: pd.DataFrame, groups: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The groups that are tick lists by the codes of SoSci: 1 not chosen, 2 chosen, in every column."""
    headers = {fold(header) for header in frame}
    if not any(sign <= headers for sign in SOSCI):
        return {}
    found = {}
    for question, options in groups.items():
        given = [set(folded(frame[header]).dropna().unique()) - {*EMPTY_TICKS, "-1"} for header in options.values()]
        if set().union(*given) == {"1", "2"} and sum("1" in codes for codes in given) > 0.5 * len(given):
            found[question] = options
    return found


def _is_tick(answers: pd.Series) -> bool:
    answers = answers[~answers.isin(EMPTY_TICKS)]
    return len(answers) <= 1 or (len(answers) == 2 and bool(says_no(answers).any()))


def named_by_cells(frame: pd.DataFrame, headers: list[str]) -> dict[str, dict[str, str]]:
    """Option columns of Typeform: neighbours whose cells hold their own header or nothing, ``Other`` behind them."""
    found: dict[str, dict[str, str]] = {}
    run: list[str] = []

    def close(other: str = "") -> None:
        if len(run) > 1:
            found[", ".join(run)] = {option: option for option in [*run, *([other] if other else [])]}
        run.clear()

    for header in headers:
        cells = set(folded(frame[header]).dropna().unique())
        if cells and cells == {fold(header)}:
            run.append(header)
        elif run:
            close(header if fold(header) in survey_words("others") else "")
    close()
    return found


def joined_twins(frame: pd.DataFrame, spread: dict[str, dict[str, str]]) -> dict[str, str]:
    """Columns that hold the same ticks again, joined in one cell: question -> header."""
    found = {}
    for question, options in spread.items():
        if question not in frame:
            continue
        ticked = sum((folded(frame[h]).notna() & ~says_no(folded(frame[h]))).astype(int) for h in options.values())
        filled = folded(frame[question])
        if (filled.notna() == (ticked > 0)).mean() > 0.9:
            found[question] = question
    return found


def joined_ticks(answers: pd.Series) -> tuple[str, list[str], bool] | None:
    """The mark between the options of a tick list, its options, and whether people wrote texts of their own beside.

    Returns None where answers are no tick list: no options that come again in several company.
    """
    best = None
    for sep in SEPARATORS:
        leading = sep == " / " and answers.str.startswith("/").any()  # Typeform writes it before the first one too
        if leading or not answers.str.contains(sep, regex=False).any():
            continue
        lists = whole_options(answers, sep)
        uses = Counter(option for given in lists for option in set(given))
        common = {option for option, n in uses.items() if n >= max(3, 0.01 * len(answers))}
        several = sum(sum(option in common for option in given) > 1 for given in lists) / len(lists)
        mostly = sum(bool(given) and sum(o not in common for o in given) <= 1 for given in lists) / len(lists)
        with_one = sum(any(option in common for option in given) for given in lists) / len(lists)
        if several <= 0.1 or mostly < 0.9 or with_one < 0.6 or not 2 <= len(common) <= MOST_OPTIONS:
            continue
        if sep == " " and not _names_of_options(answers, common, len(uses)):
            continue
        if _decimals(answers) or max(map(len, common)) > 120:
            continue
        if sum(uses[option] for option in common) < 3 * len(common):
            continue
        rank = (several > 0.1, sum(uses[option] for option in common))
        if best is None or rank > best[0]:
            own = len(common) < len(uses)
            best = rank, (sep, sorted(common, key=lambda option: (-uses[option], option)), own)
    return best and best[1]


def _names_of_options(answers: pd.Series, common: set[str], uses: int) -> bool:
    """Whether blanks stand between the names of options, as in ODK: known ones, once each, most of them alone too."""
    if sum(option in {*answers} for option in common) < 0.5 * len(common):
        return False  # words of sentences
    whole = len(common) == uses and all(re.fullmatch(r"[^\W\d][\w-]*", option) for option in common)
    return whole and answers.str.split(" ").map(lambda names: len(set(names)) == len(names)).all() and uses <= 20


def ranked_whole(answers: pd.Series, sep: str, options: list[str]) -> bool:
    """Whether every answer holds all options, or numbers them: then they were put in order and not ticked."""
    if all(re.match(r"\d+[:.)] ", option) for option in options):
        return True
    lists = [{option for option in given if option in options} for given in whole_options(answers, sep)]
    return len(options) > 2 and sum(len(given) == len(options) for given in lists) > 0.9 * len(lists)


def _decimals(answers: pd.Series) -> bool:
    """Whether the commas are those of decimal numbers."""
    return bool(answers.str.fullmatch(r"-?\d+([.,]\d+)?").all())


def whole_options(answers: pd.Series, sep: str) -> list[list[str]]:
    """The options of every answer; parts that were torn out of one option are put together again.

    Two neighbours are one option where the second comes behind the first only, and the first (nearly) never comes
    without such a second: ``Delivery, by courier`` and ``Delivery, to a locker``.
    """
    lists = [[part.strip() for part in answer.split(sep)] for answer in answers]
    lists = [[part for part in parts if part] for parts in lists]
    spaced = answers.str.contains(f"{sep} ", regex=False).sum() > 0.5 * answers.str.contains(sep, regex=False).sum()
    inner = f"{sep} " if spaced else sep
    while torn := _torn(lists):
        whole = []
        for parts in lists:
            options = parts[:1]
            for left, right in pairwise(parts):
                if (left, right) in torn:
                    options[-1] += inner + right
                else:
                    options.append(right)
            whole.append(options)
        if whole == lists:
            break
        lists = whole
    return lists


def _torn(lists: list[list[str]]) -> set[tuple[str, str]]:
    """Pairs of neighbours that are one option."""
    uses = Counter(part for parts in lists for part in parts)
    pairs = Counter(pair for parts in lists for pair in pairwise(parts))
    behind = {pair: n for pair, n in pairs.items() if n == uses[pair[1]] and n >= LEAST_TICKS}
    followed: Counter[str] = Counter()
    for (left, _), n in behind.items():
        followed[left] += n
    whole = {left for left, n in followed.items() if n >= GLUED * uses[left]}
    return {pair for pair in behind if pair[0] in whole}
