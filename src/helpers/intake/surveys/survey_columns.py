"""Which columns of a survey are no questions (a tool's own, keys, weights, notes), and what the others ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import pandas as pd

from helpers.answers.survey_words import survey_lists, survey_words
from helpers.intake.vocabulary import EMAIL, SAMPLE, plain, says, share, vocabulary
from helpers.names import TYPED_ALIKE
from helpers.read.nobody import nobody
from helpers.read.who_answered import PHONE
from helpers.text import fold, folded

MOMENT = (
    r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[ T,]+\d{1,2}:\d{2}.*)?|[a-z]{3,9}\.? \d{1,2}, \d{4}(?: \d{1,2}:\d{2}.*)?|"
    r"\d{1,2}\.? [^\W\d]{3,9} \d{4}.*"
)
"""How a tool writes a moment, folded."""
MACHINE = r"[0-9a-f]{8}-[0-9a-f-]{20,}|[0-9a-f]{20,}|(?:uuid:?)[\w-]+|r_\w{10,}|\d{1,3}(?:\.\d{1,3}){3}|https?://\S+|mozilla/.*"
"""Ids, addresses of machines and pages, and what a browser says of itself, folded."""


LEAST_ALIKE = 20
"""So many rows that all say the same are no answers to a question."""
LEAST_PROFILE = 5
"""So many columns must stay the same together for rows to be one person's."""


def header_words(text: str) -> str:
    return plain(text).translate(TYPED_ALIKE)


def is_one_of(header: str, key: str) -> bool:
    """Whether a header is one of a list's words."""
    return any(form in _plain_words(key) for form in (header_words(header), fold(header)))


@cache
def _plain_words(key: str) -> frozenset[str]:
    return frozenset({*(header_words(word) for word in survey_words(key)), *survey_words(key)})


def mentions(text: str, key: str) -> bool:
    """Whether one of a list's beginnings of words stands in a text; words of three letters count whole only."""
    return bool(_beginnings(key).search(header_words(text)))


@cache
def _beginnings(key: str) -> re.Pattern[str]:
    words = [word.translate(TYPED_ALIKE) for word in survey_words(key)]
    whole = (re.escape(word) + (r"(?![^\W\d_])" if len(word) <= 3 else "") for word in words)
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(whole)})")


def tool_shows(headers: Iterable[str]) -> bool:
    """Whether headers that only a survey tool writes together are among them."""
    given = {form for header in headers for form in (header_words(header), fold(header))}
    return any(
        all(fold(word) in given or header_words(word) in given for word in listed.split(";"))
        for listed in survey_lists()["fingerprints"]
    )


def tool_columns(frame: pd.DataFrame, asked: dict[str, tuple[str, str]], keys: set[str]) -> list[str]:
    """Headers of what the tool wrote, of ids, moments, addresses and personal data; none of them is a question.

    Words that may be questions too ("Country", "Status") count where the tool shows by two of its own headers.
    """
    texts = {header: asked.get(header, (header, ""))[0] for header in frame}
    sure = [
        header
        for header in frame
        if header not in keys
        and (
            any(
                is_one_of(name, key)
                for name in (header, texts[header])
                for key in ("meta", "personal", "respondent_ids")
            )
            or says(header, vocabulary()["headers"]["email"])
            or _starts_or_ends(header)
            or _starts_or_ends(texts[header])
            or _machine_made(frame[header])
            or (
                _says_one_thing(frame[header])
                and list(texts.values()).count(texts[header]) == 1
                and not mentions(texts[header], "free_text")
            )
        )
    ]
    exports = sum(any(is_one_of(name, "meta") for name in (header, texts[header])) for header in frame)
    also = [h for h in frame if h not in (*keys, *sure) and exports >= 2 and is_one_of(h, "meta_of_tools")]
    # a tool's own columns hold no whole question
    return [header for header in frame if header in {*sure, *also}]


def _starts_or_ends(header: str) -> bool:
    given = header_words(header)
    starts = tuple(header_words(word) for word in survey_words("meta_starts"))
    raw = fold(header)
    return (
        raw.startswith(survey_words("meta_starts"))
        or (len(given) > 3 and given.startswith(tuple(word for word in starts if len(word) > 3)))
        or raw.endswith(survey_words("meta_ends"))
    )


def _says_one_thing(column: pd.Series) -> bool:
    """Whether a column has the same words in every row: what a tool notes, and not what people answer."""
    same = len(column) >= LEAST_ALIKE and column.nunique() == 1 and not folded(column).isna().any()
    return bool(same and re.search(r"[^\W\d]", str(column.iloc[0])))


def _machine_made(column: pd.Series) -> bool:
    """Whether cells are moments, ids, addresses of machines or keys of people, and no answers."""
    filled = folded(column.head(SAMPLE)).dropna()
    if len(filled) < 3:
        return False
    if max(filled.str.fullmatch(MOMENT).mean(), filled.str.fullmatch(MACHINE).mean()) > 0.9:
        return True
    known = filled[~nobody(filled)]
    if len(known) < 3:
        return False
    if known.str.fullmatch(EMAIL).mean() > 0.8:
        return True
    phones = known.str.fullmatch(PHONE).mean() > 0.8 and known.nunique() > 0.9 * len(known)
    return bool(phones and known.str.count(r"\d").between(9, 14).mean() > 0.8)


def survey_keys(frame: pd.DataFrame, guessed: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Our columns of a survey, ours: theirs: who answered and how much he counts; and sentences to be looked at.

    An e-mail that was asked in the form is taken before one that the tool fills with "anonymous".
    """
    columns = {key: guessed[key] for key in ("respondent_id", "customer_id") if key in guessed}
    if (key := columns.get("customer_id")) and not _tells_apart(frame[key]):
        del columns["customer_id"]
    notes = []
    emails = {header: n for header in frame if (n := _filled_with(frame[header], EMAIL)) >= 3}
    if emails:
        columns["email"] = max(emails, key=lambda header: (emails[header], header == guessed.get("email")))
        if columns.get("customer_id") == columns["email"]:
            del columns["customer_id"]
    for header in frame:
        if is_one_of(header, "respondent_ids") and frame[header].nunique() > max(3, 0.02 * len(frame)):
            columns.setdefault("respondent_id", header)
    weights = [header for header in frame if is_one_of(header, "weights") and _weighs(frame[header])]
    if weights:
        columns["weight"] = weights[0]
        notes.append(f"the column {weights[0]!r} holds weights of respondents; every share and mean uses them.")
        notes += [f"the column {other!r} holds weights too; {weights[0]!r} was taken." for other in weights[1:]]
    return columns, notes


def _tells_apart(column: pd.Series) -> bool:
    """Whether most of those who filled a column in are told apart by it, as they are by a key."""
    filled = folded(column).dropna()
    filled = filled[~nobody(filled)]
    return len(filled) > 2 and filled.nunique() > 0.5 * len(filled)


def other_weights(frame: pd.DataFrame) -> list[str]:
    """Every column of weights."""
    return [header for header in frame if is_one_of(header, "weights") and _weighs(frame[header])]


def _weighs(column: pd.Series) -> bool:
    """Whether cells are numbers above zero that differ."""
    filled = folded(column).dropna().str.replace(",", ".")
    numbers = pd.to_numeric(filled, errors="coerce")
    return bool(len(filled) > 2 and (numbers >= 0).mean() > 0.95 and numbers.nunique() > 2 and numbers.mean() < 1000)


def _filled_with(column: pd.Series, pattern: str) -> int:
    """How many cells look like a pattern, where most of those that are filled with something do."""
    filled = folded(column).dropna()
    known = filled[~nobody(filled)]
    hits = int(known.str.fullmatch(pattern).sum())
    return hits if hits > 0.8 * len(known) else 0


def same_person(frame: pd.DataFrame) -> list[str]:
    """Columns that tell which rows are one person's, where people fill several rows, one behind the other.

    Their cells hardly ever change from row to row, though they differ between people, and other columns' do; at least
    ``LEAST_PROFILE`` of them together have far fewer combinations than there are rows. Empty where none are found.
    """
    profile, others = [], 0
    for header in frame:
        cells = folded(frame[header]).fillna("")
        shares = cells.value_counts(normalize=True)
        if not 2 <= len(shares) <= 60:
            continue
        by_chance = 1 - float((shares**2).sum())
        changes = float((cells != cells.shift()).iloc[1:].mean())
        if changes < 0.3 * by_chance:
            profile.append(header)
        else:
            others += 1
    if len(frame) < 100 or len(profile) < LEAST_PROFILE or not others:
        return []
    combinations = len(frame[profile].drop_duplicates())
    return profile if 10 < combinations < len(frame) / 3 else []


def kind_of_answer(text: str) -> str:
    """What a question asks for: a mark (rated), how many (counted), one of several (chosen); empty where unclear."""
    if mentions(text, "rated_though_how_much"):
        return "rated"
    for kind in ("counted", "rated", "chosen"):
        if mentions(text, kind):
            return kind
    return ""


def about(text: str, otherwise: str) -> str:
    """What a question is about: what holds people back, what draws them, how they think, or otherwise."""
    return next((key for key in ("barriers", "drivers") if mentions(text, key)), otherwise)


def is_open(text: str, answers: pd.Series, asked_about: str) -> bool:
    """Whether people answered in their own words: sentences that differ, or any sentences to a why or what."""
    if mentions(text, "free_text") and share(answers, r"-?\d+") < 0.5:
        return True
    words = answers.str.split().str.len().mean()
    several = answers.nunique() / len(answers)
    if words >= 3 and (asked_about != "mindset" or answers.nunique() > 15):
        return True
    return several > 0.5 and answers.str.len().mean() > 12


def is_id(answers: pd.Series) -> bool:
    """Whether every row has a short code of its own: letters and digits without a blank, or numbers in a row."""
    if len(answers) < 10 or answers.nunique() < 0.98 * len(answers):
        return False
    if share(answers, r"\d+") > 0.98:
        return bool(
            answers.str.len().median() >= 4
            or pd.to_numeric(answers, errors="coerce").diff().dropna().eq(1).mean() > 0.9
        )
    return share(answers, r"(?=\S*\d)[\w:.-]{4,40}") > 0.95
