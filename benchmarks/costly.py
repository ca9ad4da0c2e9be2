"""Negative personas and the chance of a loss against shops whose truth is known (``worlds.costly_customers``)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from worlds.costly_customers import ALIKE, PLANTED, SHOPS

from helpers.cards.personas import Personas
from helpers.contracts import Structure
from helpers.negative.chance import chance_of_loss
from helpers.negative.segments import UnderReview, negative_personas
from helpers.negative.worth import contribution

BANDS = {".5 to .8": (0.5, 0.8), ".8 to .9": (0.8, 0.9), "over .9": (0.9, 1.01)}
KINDS = list(SHOPS)


def trial(kind: str, seed: int, people: int = 1500) -> dict[str, Any]:
    """One shop: whether a negative persona is found and of whom, and how likely losses are said and are."""
    made = SHOPS[kind](np.random.default_rng([seed, 7]), people)
    ids = made.customers.features["customer_id"]
    found = {"kind": kind}
    if kind in ALIKE or kind in PLANTED:
        nobody = Structure("not supported", False, None, None, None, None, None, 0, None, "")
        frame = pd.DataFrame({"customer_id": ids, "persona": pd.Series(pd.NA, index=ids.index, dtype="str")})
        personas = Personas("", nobody, (), frame, pd.DataFrame(), pd.DataFrame(), (), {})
        negative = negative_personas(made.customers, made.tables, personas, made.study, UnderReview())
        members = negative.members.loc[negative.members["negative"].notna(), "customer_id"]
        planted = made.planted.reindex(ids)
        found |= {
            "persona": bool(negative.cards),
            "precise": planted[members].mean() if len(members) else np.nan,
            "caught": planted[members].sum() / planted.sum() if len(members) and planted.any() else np.nan,
        }
    chance = chance_of_loss(made.customers.period, contribution(made.customers), made.tables.frames)
    said, true = chance["before_acquisition"], made.worth.reindex(chance.index) < 0
    found |= {"losing": true.mean()}
    for name, (low, high) in BANDS.items():
        inside = (said >= low) & (said < high)
        found |= {f"n {name}": inside.sum(), f"said {name}": said[inside].sum(), f"true {name}": true[inside].sum()}
    return found


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """A row per kind of shop."""
    by_kind = found.groupby("kind", sort=False)
    total = by_kind.sum()
    table = {
        "shops": by_kind.size(),
        "truly lose": by_kind["losing"].mean().round(2),
        "with a negative persona": by_kind["persona"].sum(min_count=1),
        "planted, of its members": by_kind["precise"].mean().round(2),
        "members, of the planted": by_kind["caught"].mean().round(2),
    }
    for name in BANDS:
        n = total[f"n {name}"].astype(int)
        table |= {f"customers, said {name}": n}
        table |= {f"{what}, {name}": (total[f"{what} {name}"] / n.where(n > 0)).round(2) for what in ("said", "true")}
    return pd.DataFrame(table)
