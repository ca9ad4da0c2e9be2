"""By which columns a survey's respondents are known as customers, found by what the cells of both files share."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.intake.surveys.survey_columns import is_one_of
from helpers.intake.vocabulary import EMAIL, SAMPLE, share
from helpers.read.who_answered import PHONE, join

LEAST_SHARED = 0.2
"""A column joins two files where this share of the respondents who filled it in is known by it."""


def shared_key(answers: pd.DataFrame, people: pd.DataFrame, ids: pd.Series) -> dict[str, tuple[str, str]]:
    """Our name of each column of the key -> its header in the survey and among the customers; empty where none is.

    One column is tried first (an e-mail, a phone in any writing, a number), then a name together with a birth date.
    ``ids`` are the customers' ids, one per row of ``people``.
    """
    best: tuple[float, dict[str, tuple[str, str]]] = (0.0, {})
    for theirs in _keys(answers):
        for ours in _keys(people):
            found = _share(answers, [theirs], people, [ours], ids)
            if found > max(best[0], LEAST_SHARED):
                best = found, {_called(people[ours]): (theirs, ours)}
    if best[1]:
        return best[1]
    for parts in (("names", "births"), ("first_names", "surnames", "births")):
        pair = [(_one(answers, key), _one(people, key)) for key in parts]
        if all(theirs and ours for theirs, ours in pair):
            given, known = [theirs for theirs, _ in pair], [ours for _, ours in pair]
            if _share(answers, given, people, known, ids) > LEAST_SHARED:
                ours = {"names": "name", "first_names": "first_name", "surnames": "surname", "births": "birth_date"}
                return {ours[key]: headers for key, headers in zip(parts, pair, strict=True)}
    return {}


def _keys(frame: pd.DataFrame) -> list[str]:
    """Columns whose cells tell most rows apart."""
    filled = {header: frame[header].str.strip().replace("", pd.NA).dropna() for header in frame}
    return [header for header, cells in filled.items() if len(cells) > 2 and cells.nunique() > 0.6 * len(cells)]


def _share(
    answers: pd.DataFrame, given: Sequence[str], people: pd.DataFrame, known: Sequence[str], ids: pd.Series
) -> float:
    """The share of the respondents with a key whose key is one customer's; 0 for fewer than three."""
    sample = answers.head(SAMPLE)
    found = join([sample[header] for header in given], ids, [people[header] for header in known])
    matched, filled = int(found.customer_id.notna().sum()), int(found.key.notna().sum())
    return matched / filled if matched >= 3 else 0.0


def _called(column: pd.Series) -> str:
    """What a key is called in study.yml."""
    return "email" if share(column, EMAIL) > 0.5 else "phone" if share(column, PHONE) > 0.5 else "known_as"


def _one(frame: pd.DataFrame, key: str) -> str | None:
    """The first header that is one of a list's words."""
    return next((header for header in frame if is_one_of(header, key)), None)
