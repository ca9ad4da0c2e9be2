"""The beliefs that the suite knows how to put to the test, each declared once."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.contracts import HypothesisResult
from helpers.data.customers import Customers
from helpers.data.load import LoadedTables
from helpers.data.survey import Survey
from helpers.personas.model import Personas
from helpers.study import Study
from helpers.wording import Words


@dataclass(frozen=True)
class Evidence:
    """Everything that a test may look at; survey-only and sales-only studies lack parts of it."""

    study: Study
    words: Words
    tables: LoadedTables
    customers: Customers | None
    survey: Survey | None
    personas: Personas


def put_to_the_test(room: str, evidence: Evidence) -> tuple[HypothesisResult, ...]:
    """Results of every built-in hypothesis of one room (framing, channels, leads) and of the study's own experiments."""
    raise NotImplementedError
