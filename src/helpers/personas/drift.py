"""Which persona is which from run to run, and what changed beyond noise.

A refit deals its labels anew, so personas are first matched by evidence (their members, or else their profiles) and
only then compared. Comparing raw labels raises an alarm on every stable pair of runs; here an alarm needs a test of the
margins (Stuart 1955; Maxwell 1970) and a change of share that is large enough to matter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.stats import chi2_contingency
from sklearn.metrics.pairwise import cosine_similarity
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


Cards = dict[str, dict[str, Any]]
"""By id, a card of personas.json, or at least the ``size`` and ``claims`` that are compared."""
Pairs = dict[str, tuple[str, float | None]]
"""Today's id: the earlier one, and the overlap of members where those are known."""


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
        group.id: {"size": {"share": group.share}, "claims": [asdict(claim) for claim in group.claims]}
        for group in personas.groups
        if not group.structural
    }
    old = {name: card for name, card in _cards(previous).items() if name not in fixed}
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
    noise, new = current["structure"].get("would_move"), _cards(current)
    if previous is None:
        matches = tuple(Match(name, None, None, card["size"]["share"], None) for name, card in new.items())
        return Drift(None, False, matches, (), (), None, noise, words.say("drift.first"))
    old = _cards(previous)
    pairs = _pair(old, new, previous_assignments, assignments)
    names = {before: name for name, (before, _) in pairs.items()}
    retired = tuple(name for name in old if name not in names)
    names |= {name: f"{name} (before)" if name in new else name for name in retired}
    moves = _moves(previous_assignments, assignments, frozen, names)
    if moves is None:
        net, p = _sizes_change(previous, current, pairs)
    else:
        net, p = _net_change(moves, {UNASSIGNED, *(pairs if frozen is None else names.values())})
    least = ALERT_CHANGE + (0 if frozen is not None else NOISE_UNMEASURED if noise is None else noise)
    matches = []
    for name, card in new.items():
        before, overlap = pairs.get(name, (None, None))
        share_before = None if before is None else old[before]["size"]["share"]
        matches.append(Match(name, before, overlap, card["size"]["share"], share_before))
    drift = Drift(
        previous=previous["run_id"],
        alert=bool(p < ALERT_P and net.abs().max() >= least - 1e-12),
        matches=tuple(matches),
        new=tuple(name for name in new if name not in pairs),
        retired=retired,
        migration=None if moves is None else _migration(moves, min_cell),
        noise=noise,
        statement="",
    )
    return replace(drift, statement=_statement(drift, net, moves, old, new, words))


def compare_publications(old: Path, new: Path, words: Words) -> tuple[Drift, list[str]]:
    """Compare two published folders; also the lines that ``personas compare`` prints.

    Assignments are taken from the work folders that the manifests name, where they still exist. Raises StudyError when
    a folder is not a publication.
    """
    before, after = _publication(old), _publication(new)
    drift = compare(before, after, _assignments(old), _assignments(new), frozen=None, words=words)
    then, now = _cards(before), _cards(after)
    lines = [drift.statement]
    for match in drift.matches:
        shares = {"share": words.percent(match.share), "previous": words.percent(match.previous_share)}
        key = "drift.line.new" if match.previous_id is None else "drift.line.match"
        lines.append(words.say(key, handle=now[match.id]["handle"], id=match.id, **shares))
    lines += [words.say("drift.line.retired", handle=then[name]["handle"], id=name) for name in drift.retired]
    return drift, lines


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


# --- matching ----------------------------------------------------------------------------------------------------


def _pair(old: Cards, new: Cards, before: pd.DataFrame | None, after: pd.DataFrame | None) -> Pairs:
    """The best one-to-one matching of today's personas with earlier ones, without pairs that are too unlike.

    Ids without a number are names of rules: they are paired with themselves alone.
    """
    jaccard = None if before is None or after is None else _jaccard(before, after, list(old), list(new))
    found = [(name, name) for name in new if name in old and not _NUMBERED.fullmatch(name)]
    rows, columns = ([name for name in cards if _NUMBERED.fullmatch(name)] for cards in (old, new))
    if rows and columns:
        if jaccard is not None:
            score, least = jaccard.loc[rows, columns].to_numpy(), SAME_JACCARD
        else:
            score, least = _likeness([old[name] for name in rows], [new[name] for name in columns])
        best = zip(*linear_sum_assignment(-score), strict=True)
        found += [(rows[row], columns[column]) for row, column in best if score[row, column] >= least]
    return {name: (was, None if jaccard is None else float(jaccard.at[was, name])) for was, name in found}


def _jaccard(before: pd.DataFrame, after: pd.DataFrame, old: list[str], new: list[str]) -> pd.DataFrame:
    """Overlap of members, old ids x new ids, among customers who have a persona in both runs."""
    both = _common(before, after)
    together = pd.crosstab(both["before"], both["after"]).reindex(index=old, columns=new, fill_value=0)
    union = together.sum(axis=1).to_numpy()[:, None] + together.sum(axis=0).to_numpy()[None, :] - together
    return (together / union.where(union > 0, 1)).astype(float)


def _likeness(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> tuple[np.ndarray, float]:
    """How alike cards are whose members are not known, old x new, and the least that counts as the same.

    The cosine between the log lifts of their claims (0 for a column that only one states), shares breaking ties; where
    no lifts are known either, the shares alone.
    """
    apart = np.abs(np.subtract.outer(*([card["size"]["share"] for card in cards] for cards in (old, new))))
    then, now = ([_lifts(card["claims"]) for card in cards] for cards in (old, new))
    if not any(then) or not any(now):
        return 1 - apart, SAME_SHARE
    lifts = pd.DataFrame([*then, *now]).fillna(0.0).to_numpy()
    return cosine_similarity(lifts[: len(old)], lifts[len(old) :]) - 0.001 * apart, SAME_PROFILE


def _lifts(claims: list[dict[str, Any]]) -> dict[str, float]:
    """Log lifts by column, of the claims that state a lift above zero."""
    stated = [claim for claim in claims if claim["unit"] == "lift" and claim["estimate"] > 0]
    return {claim["column"]: float(np.log(claim["estimate"])) for claim in stated}


def _common(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Customers of both runs: customer_id, before, after (personas)."""
    then, now = (
        frame[["customer_id", "persona"]].rename(columns={"persona": name})
        for frame, name in ((before, "before"), (after, "after"))
    )
    return then.merge(now, on="customer_id", validate="1:1")


def _unused(name: str, taken: set[str]) -> str:
    """``persona-5`` when 4 is the highest number that personas ever had."""
    numbered = _NUMBERED.fullmatch(name)
    stem = numbered[1] if numbered else f"{name}-"
    numbers = [int(found[2]) for other in taken if (found := _NUMBERED.fullmatch(other)) and found[1] == stem]
    return f"{stem}{max(numbers, default=0) + 1}"


# --- what moved --------------------------------------------------------------------------------------------------


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


def _net_change(moves: pd.DataFrame, lasting: set[str]) -> tuple[pd.Series, float]:
    """Change of the shares of common customers, for lasting personas (a new name alone changes no mix), and its p."""
    net = (moves.sum(axis=0) - moves.sum(axis=1)) / moves.to_numpy().sum()
    return net[net.index.isin(lasting)], homogeneity(moves)[1]


def _sizes_change(previous: dict[str, Any], current: dict[str, Any], pairs: Pairs) -> tuple[pd.Series, float]:
    """Change of the shares that the cards state, by a chi-square on the counts of paired cards and of the rest."""
    old, new = _cards(previous), _cards(current)
    totals = np.array([previous["coverage"]["customers"], current["coverage"]["customers"]])
    counts = {name: [old[was]["size"]["n"], new[name]["size"]["n"]] for name, (was, _) in pairs.items()}
    table = pd.DataFrame(counts, index=["then", "now"])
    shares = table.div(totals, axis=0)
    table[UNASSIGNED] = np.maximum(totals - table.sum(axis=1).to_numpy(), 0)
    table = table.loc[:, table.sum() > 0]
    p = chi2_contingency(table.to_numpy()).pvalue if table.shape[1] > 1 else 1.0
    return shares.loc["now"] - shares.loc["then"], float(p)


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


def _cards(publication: dict[str, Any]) -> Cards:
    """The cards that divide the customers; negative personas lie across them."""
    return {card["id"]: card for card in publication["personas"] if card["kind"] != "negative"}


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


def _statement(drift: Drift, net: pd.Series, moves: pd.DataFrame | None, old: Cards, new: Cards, words: Words) -> str:
    """A few sentences: what changed, how many moved, new and retired personas, and what could not be compared."""
    former = {name: card["handle"] for name, card in old.items()}
    handles = former | {f"{name} (before)": handle for name, handle in former.items()}
    handles |= {name: card["handle"] for name, card in new.items()} | {UNASSIGNED: words.say("drift.unassigned")}
    parts = []
    if len(net):
        largest = net.abs().idxmax()
        direction = words.say("drift.up" if net[largest] > 0 else "drift.down")
        values = {"handle": handles[largest], "change": words.points(abs(net[largest])), "direction": direction}
        parts.append(words.say("drift.alert" if drift.alert else "drift.quiet", **values))
    if moves is None:
        parts.append(words.say("drift.shares_only"))
    else:
        n = int(moves.to_numpy().sum())
        moved = words.percent(1 - np.trace(moves.to_numpy()) / n)
        parts.append(words.say("drift.moved", moved=moved, n=words.number(n)))
    if drift.noise is not None:
        parts.append(words.say("drift.noise", noise=words.percent(drift.noise)))
    if drift.new:
        parts.append(words.say("drift.new", names=words.listing([handles[name] for name in drift.new])))
    if drift.retired:
        parts.append(words.say("drift.retired", names=words.listing([former[name] for name in drift.retired])))
    return " ".join(parts)
