"""How much is held on people, of four kinds and in three blocks, and which missing field would help most.

The four kinds: semantic (who they are), episodic (what happened between us), hypothetical (what they report) and value
(what they hold dear). The three blocks: background (who), interaction (how we are in touch), relationship (what we are
to each other).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.beliefs.evidence import Evidence
from helpers.beliefs.registry import lacking
from helpers.cards.personas import Personas
from helpers.columns import CUSTOMERS
from helpers.customers.customers import Customers
from helpers.read.load import LoadedTables
from helpers.survey.survey import Survey
from helpers.types.answer_columns import by_unit
from helpers.types.questions_to_ask import Questions
from helpers.words import Text, say

EVERYBODY = "all"
EVENTS = {
    **dict.fromkeys(("sessions", "messages", "leads"), "interaction"),
    **dict.fromkeys(("sales", "service"), "relationship"),
}
"""Tables of what happened, and the block of each; all are episodic."""
COMPLETE = ("messages", "service")
"""Tables in which somebody who is not in them is known all the same: nothing was sent, nothing was asked."""
ASKED = {
    **dict.fromkeys(("categorical", "tick", "importance"), ("hypothetical", "background")),
    **dict.fromkeys(("likert", "open"), ("value", "background")),
    **dict.fromkeys(("nps", "performance"), ("hypothetical", "relationship")),
}
"""Kinds of questions, and the kind of knowledge and the block of each."""
KINDS = ("semantic", "episodic", "hypothetical", "value")
BLOCKS = ("background", "interaction", "relationship")


@dataclass(frozen=True)
class Knowledge:
    """What is held, and what would help.

    shares : one row per group x kind or block: id ("all" or a group's), handle, by ("kind" or "block"), name, what (in
        words), fields (how many there could be), share of them held, 0 to 1; empty for groups under the smallest cell.
    missing : one row per field on which something waits, the most helpful first: field, missing (share of people for
        whom it is not held), waiting (how many things wait on it), helps (see ``most_helpful``), what (they, listed).
    told : what is held, and which field would help most.
    """

    shares: pd.DataFrame
    missing: pd.DataFrame
    told: tuple[Text, ...]


def knowledge_held(evidence: Evidence, questions: Questions) -> Knowledge:
    """The share of each kind and block that is held, per group, and the field that would help most.

    questions : those that place a newcomer.
    """
    study, survey, tables = evidence.study, evidence.survey, evidence.tables
    placing = questions.table["question"].iloc[1:-1]
    waiting = waiting_on_fields(survey, tables, placing, study.privacy.protected)
    waiting |= {say("knowledge.waits.belief", title=title): fields for title, fields in lacking(evidence).items()}
    people = pd.Index(evidence.personas.assignments["customer_id"])
    held = fields_held(survey, evidence.customers, tables, people)
    return what_is_held(held, evidence.personas, waiting, study.privacy.min_cell)


def what_is_held(
    held: pd.DataFrame, personas: Personas, waiting: Mapping[Text, Iterable[str]], least: int
) -> Knowledge:
    """``knowledge_held`` from ``fields_held``.

    waiting : what cannot be told for want of fields (a belief, a part of the cards, a question that places newcomers),
        and the fields that it lacks, ``table.column`` each. least : groups and numbers under it are not shown.
    """
    persona = personas.assignments.set_index("customer_id")["persona"]
    handles = {EVERYBODY: say("knowledge.everybody")} | {g.id: g.handle for g in personas.groups}
    members = {i: persona.index if i == EVERYBODY else persona.index[persona == i] for i in handles}
    rows = []
    for by, names in (("kind", KINDS), ("block", BLOCKS)):
        for name in names:
            part = held.loc[:, held.columns.get_level_values(by) == name]
            for i, people in members.items():
                share = (
                    np.nan if len(people) < least else float(part.loc[people].to_numpy().mean()) if part.size else 0.0
                )
                rows.append((i, handles[i], by, name, say(f"knowledge.{name}"), part.shape[1], share))
    shares = pd.DataFrame(rows, columns=["id", "handle", "by", "name", "what", "fields", "share"])
    missing = most_helpful(waiting, _missing(held, least))
    return Knowledge(shares, missing, tuple(_told(shares, missing)))


def fields_held(
    survey: Survey | None, customers: Customers | None, tables: LoadedTables, ids: pd.Index
) -> pd.DataFrame:
    """People x fields: do we hold it? Columns are (field, kind, block); fields that a study lacks are not held."""
    columns: dict[tuple[str, str, str], np.ndarray] = {}
    profile = pd.DataFrame(index=ids) if customers is None else customers.profile.set_index("customer_id").reindex(ids)
    for row in CUSTOMERS:
        if row.block:
            known = profile[row.name].notna().to_numpy() if row.name in profile else np.zeros(len(ids), bool)
            columns[f"customers.{row.name}", "semantic", row.block] = known
    for name, block in EVENTS.items():
        frame = tables.frames.get(name)
        named = frame is not None and "customer_id" in frame
        seen = ids.isin(frame["customer_id"]) if named else np.zeros(len(ids), bool)
        columns[name, "episodic", block] = np.ones(len(ids), bool) if named and name in COMPLETE else seen
    if survey is not None:
        opened = pd.crosstab(survey.open_answers["respondent_id"], survey.open_answers["question"])
        opened = opened.where(opened > 0).drop(columns=list(survey.answers), errors="ignore")
        answers = by_unit(survey.answers.join(opened, on="respondent_id")).reindex(ids)
        for item, kind in zip(survey.items["item"], survey.items["kind"], strict=True):
            name = item.split(": ")[0] if kind == "tick" else item  # a tick list is one field
            if item in answers and kind in ASKED:
                columns.setdefault((f"survey.{name}", *ASKED[kind]), answers[item].notna().to_numpy())
    return pd.DataFrame(columns, index=ids).rename_axis(columns=["field", "kind", "block"])


def waiting_on_fields(
    survey: Survey | None, tables: LoadedTables, asked: Iterable[str], protected: Iterable[str]
) -> dict[Text, list[str]]:
    """What the cards and the placing of newcomers wait on: the thing in words -> the fields that it needs.

    asked : the questions that place a newcomer, as they were asked. Protected attributes are never wished for.
    """
    items = pd.DataFrame(columns=["item", "kind", "question"]) if survey is None else survey.items
    opened = [f"survey.{item}" for item in items.loc[items["kind"] == "open", "item"]]
    placing = items[items["question"].isin([*asked])]
    names = [item.split(": ")[0] if kind == "tick" else item for item, kind in placing[["item", "kind"]].to_numpy()]
    sales = tables.frames.get("sales")
    priced = sales is not None and "unit_cost" in sales and sales["unit_cost"].notna().any()
    waiting = {
        "who": [f"customers.{c.name}" for c in CUSTOMERS if c.block == "background" and c.name not in protected],
        "reach": ["customers.preferred_channel", "customers.contact_hours"],
        "origin": ["customers.acquisition_channel"],
        "mind": opened or ["survey.open_ended"],
        "worth": [] if priced else ["sales.unit_cost"],
        "place": [f"survey.{name}" for name in names],
    }
    return {say(f"knowledge.waits.{thing}"): fields for thing, fields in waiting.items() if fields}


def _missing(held: pd.DataFrame, least: int) -> dict[str, float]:
    """The share of people for whom each field is not held; a few who are fewer than ``least`` are not told."""
    count = held.sum().droplevel(["kind", "block"])
    gaps = len(held) - count
    count = count.mask(gaps.between(1, least - 1), len(held)).mask(count.between(1, least - 1), 0)
    return (1 - count / max(len(held), 1)).to_dict()


def most_helpful(waiting: Mapping[Text, Iterable[str]], missing: Mapping[str, float]) -> pd.DataFrame:
    """Fields by how much they would help: (what waits on it, each shared among all that it lacks) x (share missing).

    A belief that lacks two fields counts one half for each. A field that is in no table is missing for everybody. See
    ``Knowledge.missing``.
    """
    lacks = [
        (thing, [field for field in dict.fromkeys(fields) if missing.get(field, 1.0) > 0])
        for thing, fields in waiting.items()
    ]
    rows = pd.DataFrame(
        [(field, missing.get(field, 1.0), thing, 1 / len(fields)) for thing, fields in lacks for field in fields],
        columns=["field", "missing", "what", "part"],
    )
    rows = rows.assign(helps=rows["part"] * rows["missing"])
    found = rows.groupby("field", sort=False).agg(
        missing=("missing", "first"), waiting=("what", "size"), helps=("helps", "sum"), what=("what", list)
    )
    found = found.sort_values("helps", ascending=False, kind="stable").reset_index()
    return found.assign(what=[say("knowledge.things", things=things) for things in found["what"]])


def _told(shares: pd.DataFrame, missing: pd.DataFrame) -> list[Text]:
    """What is held of each kind and block, where it is, and the most helpful field."""
    told = []
    everybody = shares[(shares["id"] == EVERYBODY) & shares["share"].notna()]
    for by, rows in everybody.groupby("by", sort=False):
        held = rows[["name", "share"]].to_numpy()
        parts = [say("knowledge.part", what=say(f"knowledge.{name}"), share=share) for name, share in held]
        told.append(say(f"knowledge.held_by_{by}", parts=parts))
    if len(missing):
        first = missing.iloc[0]
        key = "most" if first["missing"] < 1 else "most_new"
        table, _, column = first["field"].partition(".")
        named = say("knowledge.column", table=table, column=column.replace("_", " ")) if column else table
        told.append(say(f"knowledge.{key}", field=named, share=first["missing"], what=first["what"]))
    return told
