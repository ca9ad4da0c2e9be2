"""What notebook 05 says and shows of open answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.cards.personas import Personas
from helpers.contracts import StudyError
from helpers.read.load import LoadedTables
from helpers.report.knowledge import Knowledge
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.text import nearest
from helpers.voice.coding import Coding, code_answers
from helpers.voice.interviews import Interviews, hear_interviews
from helpers.voice.voice import Voice, sets_apart
from helpers.words import Text, say


def answer(voice: Voice | None, personas: Personas, study: Study, importance: Any, knowledge: Knowledge) -> list[Text]:
    """Per persona what its answers name most of each kind, with their counts; what to mend; what would help to know.

    importance : the stage of another wing, of which only ``told`` is asked; None where nothing was rated.
    """
    mend = () if importance is None else importance.told
    return [*of_voice(voice, personas, study), *mend, *knowledge.told]


def of_voice(voice: Voice | None, personas: Personas, study: Study) -> list[Text]:
    """Per persona what its answers name most of each kind, with their counts."""
    if voice is None:
        return [say("findings.voice.none")]
    if voice.codes.empty:
        return [say("findings.voice.uncoded")]
    lines = []
    for group in personas.groups:
        told = voice.codes[(voice.codes["id"] == group.id) & voice.codes["share"].notna()]
        if told.empty:
            lines.append(say("findings.voice.silent", handle=group.handle, least=study.privacy.min_cell))
            continue
        parts = []
        for about in ("drivers", "barriers", "mindset"):
            most = told[told["about"] == about].sort_values(["share", "code"], ascending=[False, True])
            for row in most.head(1).itertuples():
                key = f"findings.voice.{about}.{'says' if row.says else 'code'}"
                code = row.code.replace("_", " ")
                parts.append(say(key, says=row.says, code=code, share=row.share, n=row.n_coded))
        lines.append(say("findings.voice.line", handle=group.handle, parts=parts))
    return lines


def of_words(voice: Voice | None, personas: Personas, study: Study) -> list[Text]:
    """Per group the words that set its answers apart, or that none does."""
    if voice is None or voice.codes.empty:
        return []
    if voice.words.empty:
        return [say("findings.words.none", least=study.privacy.min_cell)]
    lines = []
    for group in personas.groups:
        own = voice.words[voice.words["id"] == group.id]
        if counted := [say("findings.words.word", word=row.word, n=row.n) for row in own.itertuples()]:
            lines.append(say("findings.words.line", handle=group.handle, words=counted))
    return lines


def of_coding(coding: Coding | None) -> list[Text]:
    """How the answers were coded, and which files help to do it better."""
    if coding is None or not coding.answers:
        return [] if coding is None else list(coding.told)
    return [*coding.told, say("voice.coding.files", n=coding.answers - coding.coded)]


def coding_sheet(coding: Coding | None) -> pd.DataFrame | None:
    """The sheet for a second reader; None where nothing was asked."""
    return coding.sheet if coding is not None and coding.answers else None


def suggestions(coding: Coding | None) -> pd.DataFrame | None:
    """Suggestions for answers without a code; None where nothing was asked."""
    return coding.topics if coding is not None and coding.answers else None


def of_interviews(interviews: Interviews | None) -> list[Text]:
    """What customers and the sales team say in interviews."""
    return [say("voice.interviews.none")] if interviews is None else list(interviews.told)


def amiss(survey: Survey | None, tables: LoadedTables, study: Study) -> list[Text]:
    """Nothing to say. Raises StudyError or DataError where the codebook or a second coder's sheet cannot be used."""
    code_answers(survey, study)
    hear_interviews(tables, study)
    return []


def codes_by_handle(
    voice: Voice | None,
    personas: Personas,
    *,
    groups: Sequence[str] = (),
    about: Sequence[str] = (),
    themes: int = 0,
) -> pd.DataFrame | None:
    """``Voice.codes`` for readers: handle and says (what people mean by the code, else its name) first, and the id.

    Codes of which people mean the same are told apart by their names behind it. None where there are none.

    groups : only these, by their id. about : only drivers, barriers or mindset. themes : of each kind the codes that
    most people were given, so many; all where nothing is named. Raises StudyError for a group that is not there.
    """
    if voice is None or voice.codes.empty:
        return None
    handle = voice.codes["id"].map({group.id: group.handle for group in personas.groups})
    name, says = voice.codes["code"].str.replace("_", " "), voice.codes["says"]
    says = says.where(says != "", name)
    shared = voice.codes.groupby(says)["code"].transform("nunique") > 1
    codes = voice.codes.assign(handle=handle, says=says.where(~shared, says + " (" + name + ")"))
    numbers = ["n", "n_coded", "share", "share_others", "lift", "ci_low", "ci_high", "p_adjusted"]
    codes = codes[["handle", "about", "says", *numbers, "id"]]
    for unknown in (name for name in groups if name not in set(codes["id"])):
        raise StudyError(f'05_voice.groups: there is no persona "{unknown}"; {nearest(unknown, codes["id"])}')
    kept = codes["id"].isin(groups or codes["id"]) & codes["about"].isin(about or codes["about"])
    if themes:
        people = codes[kept].groupby(["about", "says"])["n"].sum()
        most = people.sort_values(ascending=False, kind="stable").groupby("about").head(themes)
        kept &= pd.MultiIndex.from_frame(codes[["about", "says"]]).isin(most.index)
    return codes[kept]


def codes_frame(
    voice: Voice | None,
    personas: Personas,
    *,
    groups: Sequence[str] = (),
    about: Sequence[str] = (),
    themes: int = 0,
) -> pd.DataFrame | None:
    """The share of every group in which each code was given: about, says, and a column per handle.

    Marked are the shares that set a group apart; too small a cell is a dash.
    """
    codes = codes_by_handle(voice, personas, groups=groups, about=about, themes=themes)
    if codes is None:
        return None
    kinds = np.select([sets_apart(codes) & (codes["lift"] > 1), sets_apart(codes)], ["more", "fewer"], "alike")
    cells = [say(f"findings.codes.{kind}", share=share) for kind, share in zip(kinds, codes["share"], strict=True)]
    rows = codes[["about", "says"]].drop_duplicates()
    wide = codes.assign(cell=cells).pivot(index=["about", "says"], columns="id", values="cell")
    handles = codes.drop_duplicates("id").set_index("id")["handle"]
    return rows.merge(wide[list(handles.index)].rename(columns=handles).reset_index(), on=["about", "says"])


def apart_frame(
    voice: Voice | None, personas: Personas, *, groups: Sequence[str] = (), about: Sequence[str] = ()
) -> pd.DataFrame | None:
    """The codes that set a group apart, group by group, in each the clearest first."""
    codes = codes_by_handle(voice, personas, groups=groups, about=about)
    if codes is None:
        return None
    apart = codes[sets_apart(codes)]
    order = apart.assign(id=pd.Categorical(apart["id"], codes["id"].unique()))
    return apart.loc[order.sort_values(["id", "p_adjusted"], kind="stable").index].drop(columns="id")


def intents_frame(voice: Voice | None) -> pd.DataFrame | None:
    """``Voice.intents`` with what people mean by each code, where the codebook tells, in place of its name."""
    if voice is None or voice.intents.empty:
        return None
    says = voice.codes[voice.codes["says"] != ""].set_index("code")["says"].to_dict()
    return voice.intents.replace({"intent": says, "code": says})
