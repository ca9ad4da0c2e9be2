"""Which persona is which from run to run, and what changed beyond noise.

A refit deals its labels anew, so personas are first matched by evidence (their members, or else their profiles) and
only then compared. Comparing raw labels raises an alarm on every stable pair of runs; here an alarm needs a test of the
margins (Stuart 1955; Maxwell 1970) and a change of share that is large enough to matter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.stats import chi2_contingency
from statsmodels.stats.contingency_tables import SquareTable

from helpers.contracts import UNASSIGNED, Drift, Match, StudyError
from helpers.personas.model import Personas
from helpers.wording import Words

SAME_JACCARD = 0.5
"""Below this overlap of members a persona counts as new; that its people are unlike all earlier ones is not tested."""
SAME_PROFILE = 0.5
"""The same for the cosine between log lifts, where members are not known."""
SAME_SHARE = 0.95
"""The same for 1 - |difference of shares|, where no lifts are known either."""
ALERT_P = 0.01
ALERT_CHANGE = 0.03
NOISE_UNMEASURED = 0.14
"""Share that changes persona between two fits of unchanged customers (simulated), where a run has no figure."""
OTHER = "other"
"""Where the migrations of too few customers to show are gathered."""

_NUMBERED = re.compile(r"(.*?)(\d+)")


@dataclass(frozen=True)
class _Portrait:
    """What is compared of one persona: its share and the lifts that its claims state, by column."""

    share: float
    lifts: dict[str, float]


@dataclass(frozen=True)
class _Change:
    """Counts of moves between personas on common customers (None where only sizes are known), the net change of each
    share, under today's ids, and the p-value that there is none."""

    moves: pd.DataFrame | None
    net: pd.Series
    p: float


def match_ids(
    previous: dict[str, Any] | None, personas: Personas, previous_assignments: pd.DataFrame | None
) -> dict[str, str]:
    """The stable id of every group: that of the persona it was in the previous publication, else one never used.

    Parameters
    ----------
    previous : content of the previous personas.json; None on a first run, when every group keeps its own id. Ids that
        older publications used are read from its ``ids_used`` where it has them.
    previous_assignments : customer_id, persona of the previous run; None compares shares and lifts instead.

    Returns
    -------
    ``{group id: stable id}`` for every group. Structural groups are rules and keep their names.
    """
    if previous is None:
        return {group.id: group.id for group in personas.groups}
    fixed = {group.id for group in personas.groups if group.structural}
    new = {
        group.id: _Portrait(group.share, _lifts((claim.column, claim.unit, claim.estimate) for claim in group.claims))
        for group in personas.groups
        if not group.structural
    }
    old = {name: portrait for name, portrait in _portraits(previous).items() if name not in fixed}
    pairs = _pair(old, new, previous_assignments, personas.assignments)
    taken = set(ids_used(previous)) | fixed
    stable = {name: name for name in fixed}
    for name in new:
        stable[name] = pairs[name][0] if name in pairs else _unused(name, taken)
        taken.add(stable[name])
    return stable


def ids_used(publication: dict[str, Any] | None, ids: Iterable[str] = ()) -> list[str]:
    """Every id that a publication and those before it have used, and ``ids``, sorted: so that none is dealt twice."""
    if publication is None:
        return sorted(set(ids))
    return sorted({*publication.get("ids_used", ()), *(card["id"] for card in publication["personas"]), *ids})


def compare(
    previous: dict[str, Any] | None,
    current: dict[str, Any],
    previous_assignments: pd.DataFrame | None,
    assignments: pd.DataFrame | None,
    *,
    frozen: pd.DataFrame | None,
    words: Words,
    min_cell: int = 10,
) -> Drift:
    """What changed between two publications, and whether it is more than a repeat without any change would show.

    Parameters
    ----------
    previous, current : contents of personas.json.
    previous_assignments, assignments : customer_id, persona; None where not known: then only shares and profiles are
        compared, and the statement says so.
    frozen : customer_id, persona of today's customers by the previous model. With it the alert needs Stuart-Maxwell
        p < .01 and a net share change of 3 points. Without it, two fits are compared, whose borders differ even when
        no customer does: the change must then exceed the noise by 3 points.
    min_cell : migrations of fewer customers are gathered under ``other``.
    """
    noise = current["structure"].get("would_move")
    if previous is None:
        matches = tuple(Match(card["id"], None, None, card["size"]["share"], None) for card in _cards(current))
        return Drift(None, False, matches, (), (), None, noise, words.say("drift.first"))
    old, new = _portraits(previous), _portraits(current)
    pairs = _pair(old, new, previous_assignments, assignments)
    arrived = tuple(name for name in new if name not in pairs)
    retired = tuple(name for name in old if name not in {pair[0] for pair in pairs.values()})
    names = _todays_names(pairs, retired, new)
    moves = _moves(previous_assignments, assignments, frozen, names)
    lasting = {UNASSIGNED, *(pairs if frozen is None else names.values())}
    change = _sizes_change(previous, current, pairs) if moves is None else _net_change(moves, lasting)
    least = ALERT_CHANGE + (0 if frozen is not None else NOISE_UNMEASURED if noise is None else noise)
    drift = Drift(
        previous=previous["run_id"],
        alert=bool(change.p < ALERT_P and change.net.abs().max() >= least - 1e-12),
        matches=tuple(_match(name, new[name], pairs.get(name), old) for name in new),
        new=arrived,
        retired=retired,
        migration=None if moves is None else _migration(moves, min_cell),
        noise=noise,
        statement="",
    )
    return replace(drift, statement=_statement(drift, change, previous, current, words))


def _match(name: str, portrait: _Portrait, pair: tuple[str, float | None] | None, old: dict[str, _Portrait]) -> Match:
    """A persona of today beside the one it was."""
    if pair is None:
        return Match(name, None, None, portrait.share, None)
    return Match(name, *pair, portrait.share, old[pair[0]].share)


def compare_publications(old: Path, new: Path, words: Words) -> tuple[Drift, list[str]]:
    """Compare two published folders; also the lines that ``personas compare`` prints.

    Assignments are taken from the work folders that the manifests name, where they still exist. Raises StudyError when
    a folder is not a publication.
    """
    before, after = _publication(old), _publication(new)
    drift = compare(before, after, _assignments(old), _assignments(new), frozen=None, words=words)
    handles = {card["id"]: card["handle"] for card in _cards(after)}
    lines = [drift.statement]
    for match in drift.matches:
        shares = {"share": words.percent(match.share), "previous": words.percent(match.previous_share)}
        key = "drift.line.new" if match.previous_id is None else "drift.line.match"
        lines.append(words.say(key, handle=handles[match.id], id=match.id, **shares))
    for card in _cards(before):
        if card["id"] in drift.retired:
            lines.append(words.say("drift.line.retired", handle=card["handle"], id=card["id"]))
    return drift, lines


def homogeneity(moves: pd.DataFrame) -> tuple[float, float]:
    """Stuart-Maxwell chi-square and p-value that rows and columns of a square table of counts have equal margins.

    States that nobody entered or left are left out. Where the states that people moved between are not all connected
    the statistic is undefined as it stands, and half a count is added to every cell (which makes the test cautious).
    """
    counts = moves.to_numpy(float)
    stays = (counts - np.diag(np.diag(counts))).sum(axis=0) + (counts - np.diag(np.diag(counts))).sum(axis=1) == 0
    counts = counts[np.ix_(~stays, ~stays)]
    if len(counts) < 2:
        return 0.0, 1.0
    laplacian = np.diag((counts + counts.T).sum(axis=0)) - (counts + counts.T)
    connected = np.linalg.matrix_rank(laplacian) == len(counts) - 1
    result = SquareTable(counts if connected else counts + 0.5, shift_zeros=False).homogeneity(method="stuart_maxwell")
    return float(result.statistic), float(result.pvalue)


# --- matching ----------------------------------------------------------------------------------------------------


def _pair(
    old: dict[str, _Portrait],
    new: dict[str, _Portrait],
    before: pd.DataFrame | None,
    after: pd.DataFrame | None,
) -> dict[str, tuple[str, float | None]]:
    """``{new id: (old id, Jaccard or None)}`` of the best one-to-one matching, without pairs that are too unlike.

    Ids without a number are names of rules: they are paired with themselves.
    """
    pairs: dict[str, tuple[str, float | None]] = {}
    jaccard = None if before is None or after is None else _jaccard(before, after, list(old), list(new))
    for name in new:
        if name in old and not _NUMBERED.fullmatch(name):
            pairs[name] = (name, None if jaccard is None else float(jaccard.at[name, name]))
    rows, columns = [name for name in old if name not in pairs], [name for name in new if name not in pairs]
    if not rows or not columns:
        return pairs
    if jaccard is not None:
        score, least = jaccard.loc[rows, columns].to_numpy(), SAME_JACCARD
    elif any(old[row].lifts for row in rows) and any(new[column].lifts for column in columns):
        score, least = np.array([[_alike(old[row], new[column]) for column in columns] for row in rows]), SAME_PROFILE
    else:
        score = np.array([[1 - abs(old[row].share - new[column].share) for column in columns] for row in rows])
        least = SAME_SHARE
    for row, column in zip(*linear_sum_assignment(-score), strict=True):
        if score[row, column] >= least:
            pairs[columns[column]] = (rows[row], None if jaccard is None else float(score[row, column]))
    return pairs


def _jaccard(before: pd.DataFrame, after: pd.DataFrame, old: list[str], new: list[str]) -> pd.DataFrame:
    """Overlap of members, old ids x new ids, among customers who have a persona in both runs."""
    both = _common(before, after)
    together = pd.crosstab(both["before"], both["after"]).reindex(index=old, columns=new, fill_value=0)
    union = together.sum(axis=1).to_numpy()[:, None] + together.sum(axis=0).to_numpy()[None, :] - together
    return (together / union.where(union > 0, 1)).astype(float)


def _alike(one: _Portrait, other: _Portrait) -> float:
    """Cosine between two personas' log lifts; a column that only one states has a lift of 1. Shares break ties."""
    columns = sorted(one.lifts.keys() | other.lifts.keys())
    a = np.array([one.lifts.get(column, 0.0) for column in columns])
    b = np.array([other.lifts.get(column, 0.0) for column in columns])
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return (float(a @ b / size) if size > 0 else 0.0) - 0.001 * abs(one.share - other.share)


def _common(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Customers of both runs: customer_id, before, after (personas)."""
    names = ["customer_id", "persona"]
    both = before[names].merge(after[names], on="customer_id", suffixes=("_before", "_after"), validate="1:1")
    return both.rename(columns={"persona_before": "before", "persona_after": "after"})


def _unused(name: str, taken: set[str]) -> str:
    """``persona-5`` when 4 is the highest number that personas ever had."""
    numbered = _NUMBERED.fullmatch(name)
    stem = numbered[1] if numbered else f"{name}-"
    numbers = [int(found[2]) for other in taken if (found := _NUMBERED.fullmatch(other)) and found[1] == stem]
    return f"{stem}{max(numbers, default=0) + 1}"


# --- what moved --------------------------------------------------------------------------------------------------


def _todays_names(
    pairs: dict[str, tuple[str, float | None]], retired: tuple[str, ...], new: dict[str, _Portrait]
) -> dict[str, str]:
    """Earlier id to today's; a retired id that somebody else has today is marked."""
    names = {pair[0]: name for name, pair in pairs.items()}
    return names | {name: f"{name} (before)" if name in new else name for name in retired}


def _moves(
    before: pd.DataFrame | None, after: pd.DataFrame | None, frozen: pd.DataFrame | None, names: dict[str, str]
) -> pd.DataFrame | None:
    """Square table of counts, from x to, on common customers; None where assignments are not known."""
    if before is None or (after is None and frozen is None):
        return None
    then = before.assign(persona=before["persona"].replace(names))
    now = after if frozen is None else frozen.assign(persona=frozen["persona"].replace(names))
    both = _common(then, now)
    if both.empty:
        return None
    states = sorted({*both["before"], *both["after"]})
    return pd.crosstab(both["before"], both["after"]).reindex(index=states, columns=states, fill_value=0)


def _net_change(moves: pd.DataFrame, lasting: set[str]) -> _Change:
    """Change of the shares of common customers, for lasting personas: a new name alone changes no mix."""
    net = (moves.sum(axis=0) - moves.sum(axis=1)) / moves.to_numpy().sum()
    return _Change(moves, net[net.index.isin(lasting)], homogeneity(moves)[1])


def _sizes_change(
    previous: dict[str, Any], current: dict[str, Any], pairs: dict[str, tuple[str, float | None]]
) -> _Change:
    """Change of the shares that the cards state, by a chi-square on the counts of paired cards and of the rest."""
    then = {card["id"]: card["size"]["n"] for card in _cards(previous)}
    now = {card["id"]: card["size"]["n"] for card in _cards(current)}
    totals = np.array([previous["coverage"]["customers"], current["coverage"]["customers"]])
    table = pd.DataFrame({name: [then[pair[0]], now[name]] for name, pair in pairs.items()}, index=["then", "now"])
    shares = table.div(totals, axis=0)
    table[UNASSIGNED] = np.maximum(totals - table.sum(axis=1).to_numpy(), 0)
    table = table.loc[:, table.sum() > 0]
    p = chi2_contingency(table.to_numpy()).pvalue if table.shape[1] > 1 else 1.0
    return _Change(None, shares.loc["now"] - shares.loc["then"], float(p))


def _migration(moves: pd.DataFrame, min_cell: int) -> dict[str, dict[str, float]]:
    """Row shares of the moves. Rows and cells under ``min_cell`` customers are not shown; small cells of a row are
    gathered under ``other``, with its next smallest until they are enough together."""
    shown: dict[str, dict[str, float]] = {}
    for name, row in moves.iterrows():
        total = int(row.sum())
        if total < min_cell:
            continue
        cells = row[row > 0].sort_values(kind="stable")
        hidden = int((cells < min_cell).sum())
        while 0 < cells.iloc[:hidden].sum() < min_cell:
            hidden += 1
        kept = {str(to): float(cells[to] / total) for to in row.index if to in cells.index[hidden:]}
        shown[str(name)] = kept | ({OTHER: float(cells.iloc[:hidden].sum() / total)} if hidden else {})
    return shown


# --- publications and words --------------------------------------------------------------------------------------


def _cards(publication: dict[str, Any]) -> list[dict[str, Any]]:
    """The cards that divide the customers; negative personas lie across them."""
    return [card for card in publication["personas"] if card["kind"] != "negative"]


def _portraits(publication: dict[str, Any]) -> dict[str, _Portrait]:
    """What is compared of every card."""
    return {
        card["id"]: _Portrait(
            card["size"]["share"],
            _lifts((claim["column"], claim["unit"], claim["estimate"]) for claim in card["claims"]),
        )
        for card in _cards(publication)
    }


def _lifts(claims: Iterable[tuple[str, str, float]]) -> dict[str, float]:
    """Log lifts by column, of the claims that state a lift above zero."""
    return {column: float(np.log(value)) for column, unit, value in claims if unit == "lift" and value > 0}


def _publication(folder: Path) -> dict[str, Any]:
    """personas.json of a published folder."""
    file = folder / "personas.json"
    if not file.is_file():
        raise StudyError(
            f"{folder}: not a publication (no personas.json); give the folder that `personas run` published"
        )
    return json.loads(file.read_text(encoding="utf-8"))


def _assignments(folder: Path) -> pd.DataFrame | None:
    """Who had which persona in a publication, from the work folder its manifest names; None where that is gone."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return None
    work = json.loads(manifest.read_text(encoding="utf-8")).get("work")
    file = Path(work or "") / "assignments.parquet"
    return pd.read_parquet(file) if work and file.is_file() else None


def _statement(drift: Drift, change: _Change, previous: dict[str, Any], current: dict[str, Any], words: Words) -> str:
    """A few sentences: what changed, how many moved, new and retired personas, and what could not be compared."""
    former = {card["id"]: card["handle"] for card in _cards(previous)}
    handles = former | {f"{name} (before)": handle for name, handle in former.items()}
    handles |= {card["id"]: card["handle"] for card in _cards(current)} | {UNASSIGNED: words.say("drift.unassigned")}
    parts = []
    if len(change.net):
        largest = change.net.abs().idxmax()
        size = float(change.net[largest])
        direction = words.say("drift.up" if size > 0 else "drift.down")
        values = {"handle": handles[largest], "change": words.points(abs(size)), "direction": direction}
        parts.append(words.say("drift.alert" if drift.alert else "drift.quiet", **values))
    if change.moves is None:
        parts.append(words.say("drift.shares_only"))
    else:
        n = int(change.moves.to_numpy().sum())
        moved = words.percent(1 - np.trace(change.moves.to_numpy()) / n)
        parts.append(words.say("drift.moved", moved=moved, n=words.number(n)))
    if drift.noise is not None:
        parts.append(words.say("drift.noise", noise=words.percent(drift.noise)))
    if drift.new:
        parts.append(words.say("drift.new", names=words.listing([handles[name] for name in drift.new])))
    if drift.retired:
        parts.append(words.say("drift.retired", names=words.listing([former[name] for name in drift.retired])))
    return " ".join(parts)
