"""Interviews and polls: what customers, visitors and the sales team say, coded alike and kept apart.

An interview represents nobody but the speaker: there are counts and shares of those who spoke, no intervals, no tests,
and nothing of it becomes a claim on a card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.read.load import LoadedTables
from helpers.small_cells import named, shown
from helpers.study import Study
from helpers.text import fold, folded
from helpers.voice.codebook import apply_codebook, codebook_of
from helpers.words import Said, Text, few, say

SPEAKERS = ("customer", "visitor", "sales")
"""Customers, visitors of the shop or site who answered a poll there, and the team that sells to them."""
TOLD, APART = 3, 0.1
"""Codes named per kind of speaker, and from which difference of shares on two kinds are set against each other."""


@dataclass(frozen=True)
class Interviews:
    """What speakers of each kind say.

    codes : one row per code: about, code, and per kind of speaker who was heard ``people_<kind>`` (speakers given the
        code) and ``share_<kind>`` (of the speakers of that kind); empty where fewer than the smallest cell said so, or
        where they were not asked about it.
    heard : speaker, people, answers; empty numbers for fewer people than that.
    told : what it comes to, in sentences.
    """

    codes: pd.DataFrame
    heard: pd.DataFrame
    told: tuple[Text, ...]


def hear_interviews(tables: LoadedTables, study: Study) -> Interviews | None:
    """Code the interviews of a study; None where there is no answer of a known kind of speaker.

    The table interviews is scrubbed, with speaker, question, text, and respondent_id where answers of one speaker
    belong together. A question that the survey asks openly is coded as there, by its name or its text; what another one
    is about, study.yml can tell. Where nothing tells, the words of all codes count, which is less sure and said.
    """
    frame = tables.frames.get("interviews")
    if frame is None:
        return None
    speaker = folded(frame["speaker"])
    answers = frame.assign(speaker=speaker)[speaker.isin(SPEAKERS) & frame["text"].notna()]
    if answers.empty:
        return None
    own = pd.Series([f"row {row}" for row in answers.index], index=answers.index, dtype="str")
    who = answers["respondent_id"].fillna(own) if "respondent_id" in answers else own
    asked = _asked(study)
    about = answers["question"].map(lambda question: asked.get(fold(str(question)), ""))
    answers = answers.assign(respondent_id=answers["speaker"] + ": " + who, about=about)
    codebook, least = codebook_of(study), study.privacy.min_cell
    said = apply_codebook(answers, codebook)
    table = pd.DataFrame([(code.about, code.name) for code in codebook], columns=["about", "code"], dtype="str")
    heard = []
    for kind in SPEAKERS:
        theirs = answers[answers["speaker"] == kind]
        people = theirs["respondent_id"].nunique()
        if people:
            hits = said[said["respondent_id"].isin(theirs["respondent_id"])]
            counts = table["code"].map(hits.groupby("code")["respondent_id"].nunique()).fillna(0.0)
            unasked = (counts == 0) & ~table["about"].isin(theirs["about"])
            counts = counts.where(shown(counts, least) & (people >= least) & ~unasked)
            table = table.assign(**{f"people_{kind}": counts, f"share_{kind}": counts / people})
            heard.append((kind, *((people, len(theirs)) if people >= least else (np.nan, np.nan))))
    kinds = pd.DataFrame(heard, columns=["speaker", "people", "answers"])
    declared = study.tables.interviews.about if study.tables.interviews else {}
    spoken, others = set(answers["question"].map(fold, na_action="ignore")), int((~speaker.isin(SPEAKERS)).sum())
    unsure = answers.loc[about == "", "question"]
    faults = {
        "unsure": list(dict.fromkeys(named(unsure, least, people=answers["respondent_id"]).dropna())),
        "unasked": [name for name in declared if fold(name) not in spoken],
    }
    noted = [say(f"voice.interviews.{key}", questions=_quoted(asked)) for key, asked in faults.items() if asked]
    if others:  # a speaker may be a name, so none is quoted
        noted.append(say("voice.interviews.left_out", n=few(others, least)))
    return Interviews(table, kinds, (*_told(table, kinds, least), *noted))


def _quoted(questions: Sequence[str]) -> list[Text]:
    """The first few questions, in quotation marks."""
    named = [say("format.quoted", text=question) for question in questions[:TOLD]]
    return [*named, "…"] if len(questions) > TOLD else named


def _asked(study: Study) -> dict[str, str]:
    """What each question is about, by its name and, of the survey's, by its text as they are compared."""
    survey, declared = study.tables.survey, study.tables.interviews.about if study.tables.interviews else {}
    opened = survey.open_ended if survey else {}
    texts = {survey.questions[name]: question for name, question in opened.items() if name in survey.questions}
    known = {name: question.about for name, question in {**opened, **texts}.items()} | declared
    return {fold(name): about for name, about in known.items()}


def _told(table: pd.DataFrame, heard: pd.DataFrame, least: int) -> tuple[Said, ...]:
    """Who was heard, what they speak of most, and what customers and the sales team see differently."""
    named = {code: code.replace("_", " ") for code in table["code"]}
    told = [say("voice.interviews.alone")]
    for row in heard.itertuples():
        if np.isnan(row.people):
            told.append(say(f"voice.interviews.few.{row.speaker}", least=least))
            continue
        share = table.set_index("code")[f"share_{row.speaker}"]
        most = share[share > 0].sort_values(ascending=False, kind="stable").head(TOLD)
        if codes := [say("voice.interviews.code", code=named[code], share=part) for code, part in most.items()]:
            told.append(say(f"voice.interviews.most.{row.speaker}", n=row.people, codes=codes))
    if {"share_customer", "share_sales"} <= set(table):
        both = table[(table["share_customer"] > 0) & (table["share_sales"] > 0)]
        gap = (both["share_sales"] - both["share_customer"]).sort_values(kind="stable")
        apart = [("sales_more", gap[gap >= APART].tail(1)), ("sales_less", gap[gap <= -APART].head(1))]
        for key, place in apart:
            for row in both.loc[place.index].itertuples():
                shares = {"sales": row.share_sales, "customers": row.share_customer}
                told.append(say(f"voice.interviews.{key}", code=named[row.code], **shares))
    return tuple(told)
