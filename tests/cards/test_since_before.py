"""A publication and the one before: personas keep their ids, and what changed is told of what is published."""

from __future__ import annotations

from dataclasses import asdict, replace

import pandas as pd
import pytest

from helpers.cards.cards import Cards
from helpers.cards.personas import Personas, rename
from helpers.cards.since_before import changes, under_earlier_ids
from helpers.contracts import Card, Coverage, Rule, Size, Stability
from helpers.previous import MEMBERS, Previous
from helpers.report.site import strict_json
from helpers.types.pool import ONE_ORDER
from helpers.words import Words, say

DEALT = {"persona-1": "persona-3", "persona-2": "persona-1", "persona-3": "persona-2"}
"""Ids of the earlier publication."""


def cards_of(personas: Personas) -> Cards:
    """A card of each group with its size and claims, and a negative one whose handle is a message."""
    cards = [
        Card(g.id, "segment" if g.structural else "persona", "", g.handle, "", Size(g.n, g.share, g.ci_low, g.ci_high,
             None), Stability(None, None), (), "weak", g.claims, Rule("", None))
        for g in personas.groups
    ]  # fmt: skip
    size = Size(50, 0.07, 0.05, 0.09, None)
    negative = replace(cards[0], id="negative-1", kind="negative", handle=say("format.just", n=1), size=size, claims=())
    n = len(personas.assignments)
    return Cards((*cards, negative), Coverage(n, 0, n, 0))


@pytest.fixture
def publish(tmp_path, a_study):
    """Writes what a run leaves behind: the publication, and where it is asked for the work folder."""

    def write(personas: Personas, members: pd.DataFrame | None) -> Previous:
        cards = Words("en", a_study().currency).told(cards_of(personas))
        content = {"run_id": "r1", "structure": {"would_move": 0.1}, "coverage": asdict(cards.coverage)}
        content["personas"] = [asdict(card) for card in cards.cards]
        found = {"personas": content, "model": personas.model, "manifest": {"work": str(tmp_path / "work")}}
        for name, value in found.items():
            (tmp_path / f"{name}.json").write_text(strict_json(value), encoding="utf-8")
        if members is not None:
            (tmp_path / "work" / "tables").mkdir(parents=True)
            members.to_parquet(tmp_path / "work" / f"{MEMBERS}.parquet")
        return Previous(tmp_path)

    return write


def ids(personas: Personas) -> list[str]:
    return [group.id for group in personas.groups]


@pytest.mark.parametrize("with_members", [True, False])
def test_ids_of_the_previous_publication_come_back(planted, publish, with_members):
    """Members known or not: by whom the groups hold, or by their lifts."""
    earlier = rename(planted.personas, DEALT)
    found = under_earlier_ids(planted.personas, publish(earlier, earlier.assignments if with_members else None))
    assert ids(found) == ["persona-3", "persona-1", "persona-2", ONE_ORDER]


def test_on_a_first_run_every_group_keeps_its_own_id(planted):
    assert ids(under_earlier_ids(planted.personas, Previous(None))) == ids(planted.personas)


def test_the_same_customers_again_are_no_change(planted, publish, a_study):
    found, people = planted.personas, (planted.customers, planted.survey)
    drift = changes(cards_of(found), found, *people, publish(found, found.assignments), a_study())
    assert not drift.alert
    assert drift.prices == pytest.approx(0, abs=1e-8)
    assert all(row[name] == 1 for name, row in drift.migration.items())
    assert [(match.handle, match.share, match.share_before) for match in drift.negatives] == [("1", 0.07, 0.07)]
    assert Words().tell(drift.statement).startswith("No change in the mix of customers")


def test_all_that_became_dearer_is_told_as_prices(planted, publish, a_study):
    features = planted.customers.features
    dear = features.assign(**{name: 2 * features[name] for name in ("spend", "average_order_value")})
    found, people = planted.personas, (replace(planted.customers, features=dear), planted.survey)
    drift = changes(cards_of(found), found, *people, publish(found, found.assignments), a_study())
    assert drift.prices == pytest.approx(1.0)
    assert not drift.alert


def test_a_first_run_has_nothing_to_compare(planted, a_study):
    drift = changes(cards_of(planted.personas), planted.personas, None, None, Previous(None), a_study())
    assert drift.statement == say("drift.first")
    assert drift.noise == planted.personas.structure.would_move
