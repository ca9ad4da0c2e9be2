"""Survey answers coded for analysis: rating items, categories, tick lists, and who answered."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.data.load import LoadedTables
from helpers.study import Study


@dataclass(frozen=True)
class Survey:
    """Coded answers of a survey; all frames have one row per respondent, sorted by respondent_id, or per item.

    answers : respondent_id, customer_id (str, NaN when the respondent matches no customer), weight (mean 1), and one
        column per item: rating items as float 0 .. scale width (reversed items turned), categories as str, tick-list
        options as ``<question>: <option>`` float 0/1 (NaN when the question was left empty), ``nps`` float 0..10,
        and every column that an experiment names, as str.
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
    """Code the survey of a study; None where there is none. Raises DataError when too few respondents match."""
    raise NotImplementedError
