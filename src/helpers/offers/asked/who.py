"""Who answered: the persona of each respondent, and the groups with enough of them to be told of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.cards.personas import Personas
from helpers.contracts import UNASSIGNED
from helpers.small_cells import withheld
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.types.answer_columns import unit_of
from helpers.words import Text

LEAST = 20
"""Respondents without whom nothing is said of a group (nor of fewer than the study's smallest cell)."""
ALL = "all"


@dataclass(frozen=True)
class Who:
    """persona : of each respondent, in their order. handles : of all groups. enough : ids of those to be told of."""

    persona: pd.Series
    handles: dict[str, Text]
    enough: tuple[str, ...]

    @property
    def silent(self) -> list[Text]:
        """The handles of groups with too few."""
        return [handle for group, handle in self.handles.items() if group not in self.enough]

    def groups(self, everybody: Text) -> dict[str, tuple[Text, np.ndarray]]:
        """id -> handle and whether each respondent is in it: all of them first, then groups with enough."""
        parts = {i: (self.handles[i], (self.persona == i).to_numpy()) for i in self.enough}
        return {ALL: (everybody, np.ones(len(self.persona), dtype=bool))} | parts


def least_of(study: Study) -> int:
    """The fewest respondents of whom anything is said."""
    return max(LEAST, study.privacy.min_cell)


def who_answered(respondents: pd.Series, survey: Survey | None, personas: Personas, study: Study) -> Who:
    """Groups by the personas of customers: respondents are those of the survey, or their ids those of customers.

    A group by rule is none; one that is too small takes the next smallest with it where its size would follow from
    that of all others.
    """
    persona = personas.assignments.set_index("customer_id")["persona"]
    customer = respondents
    if survey is not None:
        unit = unit_of(survey.answers).set_axis(survey.answers["respondent_id"])
        customer = respondents.map(unit[~unit.index.duplicated()]).fillna(respondents)
    persona = customer.map(persona).fillna(UNASSIGNED).reset_index(drop=True)
    handles = {group.id: group.handle for group in personas.groups if not group.structural}
    persona = persona.where(persona.isin(handles), UNASSIGNED)
    counts = persona.value_counts().reindex([*handles, UNASSIGNED], fill_value=0).rename("n").reset_index()
    kept = withheld(counts, ["n"], study.privacy.min_cell).set_index(counts.columns[0])["n"]
    return Who(persona, handles, tuple(group for group in handles if kept[group] >= least_of(study)))
