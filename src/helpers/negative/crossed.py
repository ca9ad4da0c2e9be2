"""Whose customers those to review are: their groups crossed with the personas, as cards of their own."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.card_parts import Overlap
from helpers.cards.cards import Handed
from helpers.cards.personas import Personas
from helpers.customers.customers import Customers
from helpers.negative.segments import Negative
from helpers.negative.worth import afterwards
from helpers.small_cells import withheld
from helpers.study import Study


def for_cards(negative: Negative | None, personas: Personas, customers: Customers | None, study: Study) -> Handed:
    """The negative personas as cards of their own; each, and each persona, knows how many people the two share."""
    if negative is None or customers is None:
        return Handed()
    cells = crossed(negative, personas, customers, study.privacy.min_cell)
    cards = tuple(
        replace(card, overlaps=tuple(_overlap(row, row.persona, row.of_negative) for row in rows.itertuples()))
        for card in negative.cards
        for rows in [cells[cells["negative"] == card.id]]
    )
    shared = {
        persona: tuple(_overlap(row, row.negative, row.of_persona) for row in rows.itertuples())
        for persona, rows in cells.groupby("persona", sort=False)
    }
    return Handed(cards=cards, overlaps=shared)


def crossed(negative: Negative, personas: Personas, customers: Customers, least: int) -> pd.DataFrame:
    """Who is to be reviewed, by persona.

    Returns
    -------
    One row per negative persona and group that share people: negative, persona, n, of_negative, of_persona (parts of
    either), left_each, left_rest (money after all costs in the held-out weeks, of those of the persona who are shared,
    and of its others; NaN where costs are not known). Small cells and what would give one away are left out.
    """
    left = afterwards(customers)["contribution"]
    placed = personas.assignments[["customer_id", "persona"]].merge(negative.members, on="customer_id", how="left")
    rows = []
    for card in negative.cards:
        for persona, own in placed.groupby("persona"):  # those of no persona among them: a total must not be found
            inside = own["negative"] == card.id
            brought = left.reindex(own["customer_id"]).to_numpy()
            means = (pd.Series(brought[who]).mean() for who in (inside, ~inside))
            rows.append((card.id, persona, int(inside.sum()), int((~inside).sum()), *means))
    names = ["negative", "persona", "n", "rest", "left_each", "left_rest"]
    table = withheld(
        pd.DataFrame(rows, columns=names),
        ["n", "rest"],
        least,
        values=["left_each", "left_rest"],
        margins=[["negative"]],
    )
    table = table[(table["n"] > 0) & table["persona"].isin([group.id for group in personas.groups])]
    table, sizes = table.sort_values("n", ascending=False), {card.id: card.size.n for card in negative.cards}
    return table.assign(
        of_negative=table["n"] / table["negative"].map(sizes).astype(float),
        of_persona=table["n"] / (table["n"] + table["rest"]),
    )


def _overlap(row: tuple, other: str, share: float) -> Overlap:
    """One row of ``crossed`` as a card tells it."""
    left, rest = (None if pd.isna(value) else float(value) for value in (row.left_each, row.left_rest))
    return Overlap(other, int(row.n), float(share), left, rest)
