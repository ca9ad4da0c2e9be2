"""Personas that a test names."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from helpers.cards.personas import Group, Personas


@pytest.fixture
def personas_by_hand() -> Callable[[dict[str, str]], Personas]:
    """Personas from customer_id: persona, under the handle `the <id> ones`."""

    def make(persona_of: dict[str, str]) -> Personas:
        frame = pd.DataFrame({"customer_id": list(persona_of), "persona": list(persona_of.values())})
        groups = tuple(
            Group(name, "persona", False, f"the {name} ones", 9, 0, 0.5, 0.4, 0.6, None, None, None, (), "", None, ())
            for name in sorted(set(persona_of.values()))
        )
        return Personas("by hand", None, groups, frame, pd.DataFrame(), pd.DataFrame(), (), {})

    return make
