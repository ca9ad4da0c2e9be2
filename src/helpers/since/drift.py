"""What changed between two runs, and whether it is more than a repeat without any change would show.

The question is put to the earlier run's frozen model: where does it place today's customers, once prices are those of
then? Two fits differ in their borders even when no customer does, and comparing raw labels raises an alarm on every
stable pair of runs. An alert needs a test of the margins (Stuart 1955; Maxwell 1970) and a change of share that is
large enough to matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency
from statsmodels.stats.contingency_tables import SquareTable

from helpers.changed import Change, Drift, Match, NegativeMatch, Since
from helpers.contracts import UNASSIGNED
from helpers.customers.customers import Customers
from helpers.since.drift_told import statement
from helpers.since.identity import Cards, Pairs, dividing, in_both, pair_up, with_ids_kept
from helpers.since.shift import ALERT_CHANGE, Shift
from helpers.small_cells import together, wilson
from helpers.survey.survey import Survey
from helpers.types.answer_columns import answers_that_count
from helpers.types.placing import aligned, everybody, ruled
from helpers.types.yardsticks import deflated, distances, moves_by_chance, price_change
from helpers.words import say

ALERT_P = 0.01
NOISE_UNMEASURED = 0.14
"""Share that changes persona between two fits of unchanged customers (simulated), where a run has no figure."""
OUTSIDE = 0.02
"""Share of a persona's members beyond the old radius (1 % of all customers then) above which they are new people."""
OTHER = "other"
"""Where the migrations of too few customers to show are gathered."""


@dataclass(frozen=True)
class Scored:
    """Today's customers by an earlier run's frozen model.

    placed : as ``placing.assign`` gives it (customer_id, persona, p_<id> ...; for tiers, whose edges know no doubt, no
        p_<id>), and outside (bool: farther from every class than 99 % of the people then; absent where the model does
        not know). prices : common change of log order values that was taken out before; None where not known.
    """

    placed: pd.DataFrame
    prices: float | None = None


def score(model: dict[str, Any], customers: Customers | None, survey: Survey | None) -> Scored:
    """Place today's customers by a frozen model, at the prices of its own day.

    Left in, a rise of all prices by half moves customers over the borders and fires the alert in 48 of 200 stable
    pairs; taken out, in 6, as many as with no rise at all (``make calibrate``, section drift).
    """
    features, answers = aligned(None if customers is None else customers.features, answers_that_count(survey))
    sliced = ~ruled(model, features)
    change = price_change(model, features[sliced], answers[sliced])
    if change is not None:
        features = deflated(features, change)
        customers = replace(customers, features=features.reset_index(drop=True))
    placed = everybody(model, customers, survey)
    if model["kind"] == "tiers":
        placed = placed.drop(columns=list(placed.filter(regex="^p_")))
    if model.get("radius") is not None:
        beyond = features.index[sliced][distances(model, features[sliced]) > model["radius"]]
        placed["outside"] = placed["customer_id"].isin(beyond)
    return Scored(placed, change)


def compare(
    previous: dict[str, Any] | None,
    current: dict[str, Any],
    previous_assignments: pd.DataFrame | None,
    assignments: pd.DataFrame | None,
    *,
    frozen: Scored | None,
    shifts: Sequence[Shift] = (),
    since: str | None = None,
    min_cell: int = 10,
    bar: float = ALERT_CHANGE,
) -> Drift:
    """What changed between two publications, and whether it is more than a repeat without any change would show.

    Parameters
    ----------
    previous, current : contents of personas.json, sentences told in one language: by their handles negative personas
        are known again.
    previous_assignments, assignments : customer_id, persona; None where not known: then only shares and profiles are
        compared, and the statement says so.
    frozen : today's customers by the previous model. With it the alert needs Stuart-Maxwell p < .01 and a net share
        change of 3 points. Without it, two fits are compared, whose borders differ even when no customer does: the
        change must then exceed the noise by 3 points.
    shifts : the same people in two windows of equal length by the previous model, the longest first, and ``since`` the
        last day of the earlier ones: where there are any, they alone decide what is news.
    min_cell : migrations of fewer customers are gathered under ``other``. bar : the net change of a share from which
        an alert may fire, these 3 points unless said; ``shifts`` bring their own.
    """
    new = dividing(current)
    if previous is None:
        matches = tuple(Match(name, None, None, card["size"]["share"], None) for name, card in new.items())
        noise = current["structure"].get("would_move")
        return Drift(None, False, matches, (), (), None, noise, say("drift.first"))
    old = dividing(previous)
    pairs = with_ids_kept(pair_up(old, new, previous_assignments, assignments), old, new)
    names = {before: name for name, (before, _) in pairs.items()}
    gone = [name for name in old if name not in names]
    names |= {name: f"{name} (before)" if name in new else name for name in gone}
    shown = next((shift for shift in shifts if shift.told.any()), shifts[0] if shifts else None)
    seen = frozen if shown is None else Scored(shown.now, shown.prices)
    known = previous_assignments if shown is None else shown.then
    moves = _moves(known, assignments, seen, names)
    noise, by_chance = _by_chance(current, known, seen, names)
    changes = tuple(change for shift in shifts for change in _changes(shift, names))
    if shifts:
        net, alert = pd.Series(dtype=float), any(change.told for change in changes)
    else:
        if moves is not None:
            net, p = _net_change(moves, {UNASSIGNED, *(pairs if frozen is None else names.values())})
        else:
            net, p = _sizes_change(previous, current, pairs, frozen, names)
        bar += 0 if frozen is not None else NOISE_UNMEASURED if noise is None else noise
        alert = bool(p < ALERT_P and net.abs().max() >= bar - 1e-12)
    migration = None if moves is None else _migration(moves, min_cell)
    unmatched = [name for name in new if name not in pairs]
    unlike = _unlike(unmatched, assignments, frozen)
    left = _left(gone, old, frozen)
    prices = None if seen is None else seen.prices
    matches = []
    for name, card in new.items():
        before, overlap = pairs.get(name, (None, None))
        share_before = None if before is None else old[before]["size"]["share"]
        matches.append(Match(name, before, overlap, card["size"]["share"], share_before))
    drift = Drift(
        previous=previous["run_id"],
        alert=alert,
        matches=tuple(matches),
        new=tuple(unlike),
        retired=tuple(left),
        migration=migration,
        noise=noise,
        statement="",
        redrawn=tuple(name for name in unmatched if name not in unlike),
        dissolved=tuple(name for name in gone if name not in left),
        by_chance=None if migration is None or by_chance is None else _beside(by_chance, migration),
        prices=None if prices is None else float(np.expm1(prices)),
        negatives=_negatives(previous, current),
        since=None if since is None or not shifts else Since(None, since),
        changes=changes,
        busier=None if shown is None else shown.windows.busier - 1,
    )
    return replace(drift, statement=statement(drift, net, moves, frozen, old, new))


def homogeneity(moves: pd.DataFrame) -> tuple[float, float]:
    """Stuart-Maxwell chi-square and p-value that rows and columns of a square table of counts have equal margins.

    States that nobody entered or left are left out. Where the states that people moved between are not all connected
    the statistic is undefined as it stands, and half a count is added to every cell (which makes the test cautious).
    """
    counts = moves.to_numpy(float)
    moved = counts.sum(axis=0) + counts.sum(axis=1) > 2 * np.diag(counts)
    counts = counts[np.ix_(moved, moved)]
    if len(counts) < 2:
        return 0.0, 1.0
    laplacian = np.diag((counts + counts.T).sum(axis=0)) - (counts + counts.T)
    connected = np.linalg.matrix_rank(laplacian) == len(counts) - 1
    result = SquareTable(counts if connected else counts + 0.5, shift_zeros=False).homogeneity(method="stuart_maxwell")
    return float(result.statistic), float(result.pvalue)


# --- what moved --------------------------------------------------------------------------------------------------


def _moves(
    before: pd.DataFrame | None, after: pd.DataFrame | None, frozen: Scored | None, names: dict[str, str]
) -> pd.DataFrame | None:
    """Square table of counts, from x to, on common customers; None where assignments are not known."""
    if before is None or (after is None and frozen is None):
        return None
    then = before.assign(persona=before["persona"].replace(names))
    now = after if frozen is None else frozen.placed.assign(persona=frozen.placed["persona"].replace(names))
    both = in_both(then, now)
    if both.empty:
        return None
    states = sorted({*both["before"], *both["after"]})
    return pd.crosstab(both["before"], both["after"]).reindex(index=states, columns=states, fill_value=0)


def _net_change(moves: pd.DataFrame, lasting: set[str]) -> tuple[pd.Series, float]:
    """Change of the shares of common customers, for lasting personas (a new name alone changes no mix), and its p."""
    net = (moves.sum(axis=0) - moves.sum(axis=1)) / moves.to_numpy().sum()
    return net[net.index.isin(lasting)], homogeneity(moves)[1]


def _sizes_change(
    previous: dict[str, Any], current: dict[str, Any], pairs: Pairs, frozen: Scored | None, names: dict[str, str]
) -> tuple[pd.Series, float]:
    """Change of the shares that cards state, by a chi-square on the counts of paired cards and of the rest; today's
    counts are those that the frozen model gives where it is known."""
    old, new = dividing(previous), dividing(current)
    if frozen is None:
        counts = {name: [old[was]["size"]["n"], new[name]["size"]["n"]] for name, (was, _) in pairs.items()}
        today = current["coverage"]["customers"]
    else:
        placed, today = frozen.placed["persona"].value_counts(), len(frozen.placed)
        counts = {name: [old[was]["size"]["n"], int(placed.get(was, 0))] for was, name in names.items()}
    totals = np.array([previous["coverage"]["customers"], today])
    table = pd.DataFrame(counts, index=["then", "now"])
    shares = table.div(totals, axis=0)
    table[UNASSIGNED] = np.maximum(totals - table.sum(axis=1).to_numpy(), 0)
    table = table.loc[:, table.sum() > 0]
    p = chi2_contingency(table.to_numpy()).pvalue if table.shape[1] > 1 else 1.0
    return shares.loc["now"] - shares.loc["then"], float(p)


def _by_chance(
    current: dict[str, Any], before: pd.DataFrame | None, frozen: Scored | None, names: dict[str, str]
) -> tuple[float | None, pd.DataFrame | None]:
    """The share that would move if nothing had changed, and the square table behind it.

    By the frozen model's own doubt about the common customers; where two fits are compared, the share that a bootstrap
    of the division moves, without a table.
    """
    if frozen is None or frozen.placed.filter(regex="^p_").empty:
        return current["structure"].get("would_move"), None
    placed = frozen.placed.assign(persona=frozen.placed["persona"].replace(names))
    common = placed if before is None else placed[placed["customer_id"].isin(before["customer_id"])]
    expected = moves_by_chance(placed if common.empty else common)
    return float(1 - np.trace(expected) / expected.to_numpy().sum()), expected


def _changes(shift: Shift, names: dict[str, str]) -> Iterator[Change]:
    for (group, row), told, noise in zip(shift.groups.iterrows(), shift.told, shift.noise, strict=True):
        figures = {"then": float(row["then"]), "now": float(row["now"]), "noise": float(noise), "told": bool(told)}
        yield Change(names.get(group, group), shift.windows.days, len(shift.then), **figures)


def _migration(moves: pd.DataFrame, min_cell: int) -> dict[str, dict[str, float]]:
    """Row shares of the moves. Rows and cells under ``min_cell`` customers are not shown; small cells of a row are
    gathered under ``other``, with its next smallest until they are enough together."""
    told: dict[str, dict[str, float]] = {}
    for name, row in moves.iterrows():
        total = int(row.sum())
        if total < min_cell:
            continue
        cells = row[row > 0]
        few = together(cells, min_cell)
        kept = {str(to): float(cells[to] / total) for to in cells.index.difference(few, sort=False)}
        told[str(name)] = kept | ({OTHER: float(cells[few].sum() / total)} if len(few) else {})
    return told


def _beside(by_chance: pd.DataFrame, migration: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Row shares that chance alone would bring, for the cells of ``migration`` that are shown."""
    rows = by_chance.div(by_chance.sum(axis=1), axis=0)
    return {
        was: {to: float(rows.at[was, to]) for to in cells if to in rows}
        for was, cells in migration.items()
        if was in rows.index
    }


# --- who is new and who is gone ----------------------------------------------------------------------------------


def _unlike(unmatched: list[str], assignments: pd.DataFrame | None, frozen: Scored | None) -> list[str]:
    """Those of today's unmatched personas whose people are unlike all earlier ones: the Wilson lower bound of their
    share outside the old radius exceeds 2 %. All of them where the earlier model holds no radius."""
    if assignments is None or frozen is None or "outside" not in frozen.placed:
        return unmatched
    members = assignments[["customer_id", "persona"]].merge(frozen.placed[["customer_id", "outside"]], on="customer_id")
    told = members.groupby("persona")["outside"].agg(["sum", "size"])
    low = {name: wilson(row["sum"], row["size"])[0] for name, row in told.iterrows()}
    return [name for name in unmatched if low.get(name, 0) > OUTSIDE]


def _left(gone: list[str], old: Cards, frozen: Scored | None) -> list[str]:
    """Those of the unmatched earlier personas whose people are gone too: the upper bound of the share that the frozen
    model still gives them is below half of the old one. All of them where there is no frozen model."""
    if frozen is None:
        return gone
    counts, n = frozen.placed["persona"].value_counts(), len(frozen.placed)
    upper = {name: wilson(int(counts.get(name, 0)), n)[1] for name in gone}
    return [name for name in gone if upper[name] < old[name]["size"]["share"] / 2]


def _negatives(previous: dict[str, Any], current: dict[str, Any]) -> tuple[NegativeMatch, ...]:
    """Negative personas then and now, matched by the traits that their handle names (thresholds move with the data)."""
    then, now = (
        {card["handle"]: card for card in publication["personas"] if card["kind"] == "negative"}
        for publication in (previous, current)
    )
    made = []
    for handle in dict.fromkeys([*then, *now]):
        facts: dict[str, Any] = {}
        for card, ending in ((now.get(handle), ""), (then.get(handle), "_before")):
            size = {} if card is None else card["size"]
            facts |= {f"{name}{ending}": size.get(name) for name in ("share", "ci_low", "ci_high")}
            facts[f"sign{ending}"] = None if card is None else _sign(card)
        made.append(NegativeMatch(handle, **facts))
    return tuple(made)


def _sign(card: dict[str, Any]) -> str:
    """Whether a card's customers cost money (-), bring some (+), or neither for sure (0), before they had to be won."""
    claim = next((claim for claim in card["claims"] if claim["column"] == "before_acquisition"), None)
    if claim is None or claim["ci_low"] is None or claim["ci_high"] is None:
        return "0"
    return "-" if claim["ci_high"] < 0 else "+" if claim["ci_low"] > 0 else "0"
