"""Answers grouped by why people come, then by what holds them back, then by what is on their minds and may win them."""

from __future__ import annotations

import pandas as pd

from helpers.people import wilson
from helpers.survey.weights import effective_n

THEN = ("barriers", "mindset")


def by_intent(said: pd.DataFrame, answers: pd.DataFrame, weight: pd.Series, least: int) -> pd.DataFrame:
    """Barriers and mindset of the people who come for the same reason.

    Parameters
    ----------
    said : codes given: respondent_id, about, code. answers : respondent_id, about (of the question), text.
    weight : of each respondent, by respondent_id.

    Returns
    -------
    intent (a code about drivers), about (barriers or mindset), code, n (people with that intent who answered a question
    about it), people (of them, given the code), share (weighted), ci_low, ci_high (Wilson, on the effective number of
    answers). Intents commonest first, and within them codes; cells under ``least`` are left out.
    """
    rows = []
    drivers = said[said["about"] == "drivers"].groupby("code")["respondent_id"].unique()
    for intent in sorted(drivers.index, key=lambda code: (-len(drivers[code]), code)):
        for about in THEN:
            asked = answers.loc[answers["about"] == about, "respondent_id"]
            people = weight[weight.index.isin(drivers[intent]) & weight.index.isin(asked)]
            given = said[(said["about"] == about) & said["respondent_id"].isin(people.index)]
            for code, own in given.groupby("code")["respondent_id"]:
                hit = people.index.isin(own)
                if hit.sum() >= least:
                    share, base = float(people[hit].sum() / people.sum()), effective_n(people)
                    interval = wilson(share * base, base)
                    rows.append((intent, about, code, len(people), int(hit.sum()), share, *interval))
    columns = ["intent", "about", "code", "n", "people", "share", "ci_low", "ci_high"]
    found = pd.DataFrame(rows, columns=columns)
    order = {code: place for place, code in enumerate(dict.fromkeys(found["intent"]))}
    return found.sort_values(
        ["intent", "about", "share", "code"],
        ascending=[True, True, False, True],
        key=lambda column: column.map(order) if column.name == "intent" else column,
        ignore_index=True,
    )
