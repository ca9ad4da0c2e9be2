"""How open answers were coded: a sheet for a second reader, agreement with it, and what the codebook does not catch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.contracts import DataError
from helpers.harmless import neutralise
from helpers.read.load import open_table
from helpers.sources import Reading
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.text import fold
from helpers.voice.codebook import Code, apply_codebook, codebook_of
from helpers.voice.topics import suggest
from helpers.words import Text, say

SHEET = 200
"""Answers that a second reader is asked to code, drawn at random."""
NONE = "none of these"
RELIABLE = 0.667
"""Under this alpha a code serves exploration only (Krippendorff 2004, Reliability in content analysis)."""
_NO = ("", "0", "no", "n", "-", "false")


@dataclass(frozen=True)
class Coding:
    """The coding of the open answers of a survey. For the work folder: it holds answers.

    codes : code, about, says, answers (that were given it).
    answers, coded : how many answers there are, and how many of them were given a code.
    sheet : answer, text, one empty column per code, and one for answers that none of them fits.
    agreement : code ("all" for all of them together), n (answers coded by both), codebook, second (answers given the
        code by each), alpha. Numbers are empty where fewer than the smallest cell were given the code by both together.
    topics : suggestions for answers without a code: helpers.voice.topics.
    told : what a reader should know of all that.
    """

    codes: pd.DataFrame
    answers: int
    coded: int
    sheet: pd.DataFrame
    agreement: pd.DataFrame
    topics: pd.DataFrame
    told: tuple[Text, ...]


def code_answers(survey: Survey | None, study: Study) -> Coding | None:
    """Code the open answers, compare with a second coder where the study names one, and look at the uncoded rest.

    None without a survey. Raises StudyError or DataError for a codebook or a second coder's sheet that cannot be used.
    """
    if survey is None:
        return None
    answers = survey.open_answers.assign(
        answer=survey.open_answers["respondent_id"] + ": " + survey.open_answers["question"]
    )
    codebook = codebook_of(study) if len(answers) else ()
    said = apply_codebook(answers, codebook)
    said = said.assign(answer=said["respondent_id"] + ": " + said["question"])
    given = pd.crosstab(said["answer"], said["code"]).clip(upper=1)
    given = given.reindex(index=answers["answer"], columns=[code.name for code in codebook], fill_value=0)
    uncoded = answers[~answers["answer"].isin(said["answer"])]
    least, second = study.privacy.min_cell, study.tables.survey.second_coder
    agreement = pd.DataFrame(columns=["code", "n", "codebook", "second", "alpha"])
    left = 0
    if second and len(answers):
        read, left = read_sheet(study.folder / second, second, given)
        agreement = agree(given, read, least)
    rows = [(code.name, code.about, code.meant(study)) for code in codebook]
    codes = pd.DataFrame(rows, columns=["code", "about", "says"], dtype="str")
    coded = int((given.sum(axis=1) > 0).sum())
    return Coding(
        codes=codes.assign(answers=codes["code"].map(given.sum()).astype("int64")),
        answers=len(answers),
        coded=coded,
        sheet=_sheet(answers, codebook, study.seed),
        agreement=agreement,
        topics=suggest(uncoded["text"], seed=study.seed),
        told=(
            *_told(study, len(answers), coded, agreement),
            *([say("voice.coding.left_empty", n=left, none=NONE)] if left else []),
        ),
    )


def _told(study: Study, answers: int, coded: int, agreement: pd.DataFrame) -> tuple[Text, ...]:
    """Which codebook was used, how much it caught, and how far two coders agree."""
    if not answers:
        return (say("voice.coding.no_answers"),)
    source = "own" if study.tables.survey.codebook else "start"
    told = [say(f"voice.coding.{source}", coded=coded / answers, n=answers)]
    overall = agreement.loc[agreement["code"] == "all", "alpha"]
    if overall.isna().all():
        return (*told, say("voice.coding.one_coder" if agreement.empty else "voice.coding.too_few"))
    alpha = float(overall.iloc[0])
    weak = agreement[(agreement["alpha"] < RELIABLE) & (agreement["code"] != "all")]
    key = f"voice.coding.{'agreed' if alpha >= RELIABLE else 'exploratory'}"
    told.append(say(key, alpha=alpha, n=agreement["n"].iloc[0]))
    if len(weak):
        told.append(say("voice.coding.weak", codes=weak["code"].str.replace("_", " ")))
    return tuple(told)


# --- a second coder ----------------------------------------------------------------------------------------------


def _sheet(answers: pd.DataFrame, codebook: tuple[Code, ...], seed: int) -> pd.DataFrame:
    """Answers drawn at random, in an order that tells nothing, for somebody who has not seen how they were coded."""
    drawn = answers.sample(min(SHEET, len(answers)), random_state=seed)[["answer", "text"]]
    return drawn.assign(**dict.fromkeys([*(code.name for code in codebook), NONE], "")).reset_index(drop=True)


def read_sheet(file: Path, shown: str, given: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """A filled coding sheet: answers x codes, 0 or 1; and how many rows were left wholly empty: those were not coded.

    given : the codebook's own coding, answers x codes. Any mark but 0, no, n or - is a yes. Raises DataError where the
    sheet lacks the answers' column or a code's, or has no answer of this survey.
    """
    raw = open_table(file, shown, Reading())
    frame = raw.frame.fillna("").map(fold)
    if missing := [name for name in ("answer", *given.columns) if name not in frame]:
        raise DataError(say("voice.refused.sheet_columns", path=shown, columns=len(missing), names=missing))
    by_name = {fold(neutralise(name)): name for name in given.index}
    frame = frame.set_index(frame["answer"].map(by_name)).drop(columns="answer")
    frame = frame[frame.index.notna() & ~frame.index.duplicated()]
    marks = frame.reindex(columns=[*given.columns, NONE], fill_value="")
    read = marks[(marks != "").any(axis=1)]
    if read.empty:
        raise DataError(say("voice.refused.sheet_empty", path=shown))
    return (~read[given.columns].isin(_NO)).astype(int), len(marks) - len(read)


def agree(given: pd.DataFrame, second: pd.DataFrame, least: int) -> pd.DataFrame:
    """``Coding.agreement``: per code and over all codes, from two codings of answers x codes (0 or 1).

    Over all codes the pairs that differ are set against those that would by chance within each code: chance over the
    heap of all codes would count it as agreement that two readers know which codes are rare.
    """
    first = given.loc[second.index, second.columns]
    pairs = {code: np.array([first[code], second[code]], dtype=float) for code in first}
    differ = {code: disagreement(ratings) for code, ratings in pairs.items()}
    rows = [(code, *ratings.sum(axis=1), *differ[code]) for code, ratings in pairs.items()]
    rows.append(("all", *np.sum([row[1:] for row in rows], axis=0)))
    found = []
    for code, a, b, unlike, by_chance in rows:
        shown = min(a, b) >= least
        alpha = 1 - unlike / by_chance if by_chance > 0 else np.nan
        found.append((code, len(first), *((a, b, alpha) if shown else (np.nan,) * 3)))
    return pd.DataFrame(found, columns=["code", "n", "codebook", "second", "alpha"]).astype({"n": "int64"})


def disagreement(ratings: np.ndarray) -> tuple[float, float]:
    """Unlike pairs within units, and those that chance would bring; one minus their ratio is Krippendorff's alpha.

    ratings : coders x units of categories, NaN where a coder did not rate. Source: Krippendorff (2011), Computing
    Krippendorff's alpha-reliability.
    """
    values = np.unique(ratings[~np.isnan(ratings)])
    counts = np.array([(ratings == value).sum(axis=0) for value in values], dtype=float).reshape(-1, ratings.shape[1])
    counts = counts[:, counts.sum(axis=0) >= 2]  # a value that stands alone in its unit pairs with none
    per_unit, total = counts.sum(axis=0), counts.sum()
    unlike = ((per_unit**2 - (counts**2).sum(axis=0)) / (per_unit - 1)).sum()
    by_chance = (total**2 - (counts.sum(axis=1) ** 2).sum()) / (total - 1) if total > 1 else 0.0
    return float(unlike), float(by_chance)
