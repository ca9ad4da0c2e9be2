"""The stages between two publications: ids that personas keep, and what has changed since the previous one."""

from __future__ import annotations

from dataclasses import asdict, replace

from helpers.cards.cards import Cards
from helpers.cards.personas import Personas, rename
from helpers.changed import Drift
from helpers.customers.customers import Customers
from helpers.previous import MEMBERS, Previous
from helpers.read.load import LoadedTables
from helpers.since.drift import compare, score
from helpers.since.identity import match_ids
from helpers.since.shift import ALERT_CHANGE, earliest
from helpers.study import Study
from helpers.survey.survey import Survey
from helpers.words import Words


def under_earlier_ids(described: Personas, previous: Previous) -> Personas:
    """The same personas under the ids that they had in the previous publication, new ones under ids never used."""
    groups = {
        group.id: {"size": {"share": group.share}, "claims": [vars(claim) for claim in group.claims]}
        for group in described.groups
    }
    before = previous.published("personas"), groups, previous.table(MEMBERS)
    return rename(described, match_ids(*before, described.assignments))


def changes(
    cards: Cards,
    personas: Personas,
    customers: Customers | None,
    survey: Survey | None,
    tables: LoadedTables,
    previous: Previous,
    study: Study,
    *,
    alarm: float = ALERT_CHANGE,
    since_last: bool = False,
) -> Drift:
    """What changed since the previous publication, whose run id the publication adds.

    alarm : the change of a share from which it is news. since_last : count from the last report, and not from the one
    since which nothing was told.

    Today's cards are compared as they will be published, in the report's language: by their handles negative personas
    are known again.
    """
    told = Words(study.language, study.currency).told(cards)
    model = previous.published("model")
    until = None if customers is None else customers.period.as_of
    ends = previous.ends()[-1:] if since_last else previous.ends()
    since, found = earliest(model, tables.frames.get("sales"), ends, until, study.engine)
    return compare(
        previous.published("personas"),
        {
            "structure": {"would_move": personas.structure.would_move},
            "coverage": asdict(told.coverage),
            "personas": [asdict(card) for card in told.cards],
        },
        previous.table(MEMBERS),
        personas.assignments,
        frozen=None if model is None or not model["ids"] else score(model, customers, survey),
        shifts=[replace(shift, bar=alarm) for shift in found],
        since=since,
        min_cell=study.privacy.min_cell,
        bar=alarm,
    )
