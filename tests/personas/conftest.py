"""Simulated customers and answers with and without types, built to the contract of the tables; one study is shared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from simulated import make_study, shop

from helpers.contracts import UNASSIGNED, Structure
from helpers.data.customers import Customers
from helpers.data.survey import Survey
from helpers.personas.model import Group, Personas, find_personas
from helpers.wording import Words


def make_shop(seed: int, **settings: float) -> tuple[Customers, Survey, pd.Series]:
    """A simulated shop of this seed."""
    return shop(np.random.default_rng(seed), **settings)


@dataclass(frozen=True)
class Planted:
    customers: Customers
    survey: Survey
    truth: pd.Series
    personas: Personas


def one_per_label(labels: list[str], prefix: str = "c") -> Personas:
    """Personas of one customer per label, c0, c1, ...; nobody had to fit them."""
    groups = tuple(
        Group(i, "persona", False, f"the {i}", labels.count(i), 0, 0.5, 0.4, 0.6, None, None, None, (), "", None, ())
        for i in sorted(set(labels) - {UNASSIGNED})
    )
    ids = [f"{prefix}{number}" for number in range(len(labels))]
    frame = pd.DataFrame({"customer_id": ids, "persona": labels}, dtype="str")
    structure = Structure("reproducible", True, None, None, None, None, None, len(groups), None, "")
    return Personas("", structure, groups, frame, pd.DataFrame(), pd.DataFrame(), (), {})


@pytest.fixture(scope="session")
def by_label():
    return one_per_label


@pytest.fixture(scope="session")
def a_study():
    return make_study


@pytest.fixture(scope="session")
def simulate():
    return make_shop


@pytest.fixture(scope="session")
def planted() -> Planted:
    """Three types, 700 customers, one in eight with a single order, two in five answered."""
    customers, survey, truth = make_shop(seed=3, n=700, once=0.12, outliers=0.005)
    personas = find_personas(customers, survey, make_study(), Words(currency="EUR"), bootstrap=8, null_draws=39)
    return Planted(customers, survey, truth, personas)
