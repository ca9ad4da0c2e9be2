"""Real words for the cards: exact parts of real answers, by leave of who gave them and of the study."""

from __future__ import annotations

import pandas as pd

from helpers.customers.customers import Customers
from helpers.study import Study

LONGEST, SHORTEST = 25, 3
"""Words of a quote: answers are cut after so many, and shorter ones tell nothing."""


def quotes(
    said: pd.DataFrame, answers: pd.DataFrame, members: pd.DataFrame, customers: Customers | None, study: Study
) -> pd.DataFrame:
    """One answer per group and code, the shortest, in the language of the report where there is one.

    Parameters
    ----------
    said : codes given: respondent_id, question, code (``verbatims.apply_codebook``).
    answers : respondent_id, question, text (scrubbed); members : respondent_id, customer_id, id (of the group).

    Returns
    -------
    id, code, text: exact parts of the scrubbed answers. None of an answer of which something was scrubbed, of customers
    who did not consent (``quotes_consent``) and of codes that fewer of the group were given than the smallest cell; no
    rows at all unless the study allows quotes.
    """
    empty = pd.DataFrame(columns=["id", "code", "text"], dtype="str")
    if not study.privacy.quotes or customers is None or "quotes_consent" not in customers.profile:
        return empty
    willing = customers.profile.loc[customers.profile["quotes_consent"].fillna(False).astype(bool), "customer_id"]
    given = said.merge(members, on="respondent_id").merge(answers[["respondent_id", "question", "text"]])
    enough = given.groupby(["id", "code"])["respondent_id"].transform("nunique") >= study.privacy.min_cell
    given = given[enough & given["customer_id"].isin(willing) & ~given["text"].str.contains(r"\[[\w-]+\]")]
    text = given["text"].str.extract(rf"^\s*((?:\S+\s+){{0,{LONGEST - 1}}}\S+)", expand=False)
    foreign = True
    if "language" in customers.profile:
        foreign = given["customer_id"].map(customers.profile.set_index("customer_id")["language"]) != study.language
    told = given.assign(text=text, words=text.str.split().str.len(), foreign=foreign)
    told = told[told["words"] >= SHORTEST].sort_values(["id", "code", "foreign", "words", "text"], kind="stable")
    told = told.drop_duplicates(["id", "text"]).drop_duplicates(["id", "code"])
    return pd.concat([empty, told[["id", "code", "text"]]], ignore_index=True)
