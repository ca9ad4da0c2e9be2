"""What changed between two publications, in sentences."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from helpers.changed import Change, Drift
from helpers.contracts import UNASSIGNED
from helpers.since.identity import Cards
from helpers.words import Said, Text, say, sentences

BUSIER = 0.02
"""From this change of everybody's orders on it is told that it was taken out."""


def statement(drift: Drift, net: pd.Series, moves: pd.DataFrame | None, frozen: Any, old: Cards, new: Cards) -> Text:
    """A few sentences: what changed, how many moved, who is new or gone, and what could not be compared."""
    former = {name: card["handle"] for name, card in old.items()}
    handles = former | {f"{name} (before)": handle for name, handle in former.items()}
    handles |= {name: card["handle"] for name, card in new.items()} | {UNASSIGNED: say("drift.unassigned")}
    told = _changes_told(drift, handles)
    told += _flows_told(drift, moves, handles) if drift.alert and moves is not None and drift.changes else []
    if len(net):
        largest = net.abs().idxmax()
        direction = say("drift.up" if net[largest] > 0 else "drift.down")
        values = {"handle": handles[largest], "change": abs(net[largest]), "direction": direction}
        told.append(say("drift.alert" if drift.alert else "drift.quiet", **values))
    if drift.busier is not None and abs(drift.busier) >= BUSIER:
        direction = say("drift.more_often" if drift.busier > 0 else "drift.less_often")
        told.append(say("drift.busier", change=abs(drift.busier), direction=direction))
    if drift.prices is not None and abs(drift.prices) >= 0.005:
        direction = say("drift.higher" if drift.prices > 0 else "drift.lower")
        told.append(say("drift.prices", change=abs(drift.prices), direction=direction))
    if moves is None:
        told.append(say("drift.shares_only" if frozen is None else "drift.frozen_shares"))
    else:
        n = int(moves.to_numpy().sum())
        share = 1 - np.trace(moves.to_numpy()) / n
        told.append(say("drift.moved", moved=share, n=n))
        if frozen is None:
            told.append(say("drift.two_fits"))
    if drift.by_chance is not None:
        size = "beyond" if share > drift.noise else "balanced" if drift.alert else "within"
        told.append(say(f"drift.{size}", noise=drift.noise, more=share - drift.noise))
    elif drift.noise is not None:
        told.append(say("drift.noise", noise=drift.noise))
    for fate, named in (("new", handles), ("redrawn", handles), ("retired", former), ("dissolved", former)):
        if ids := getattr(drift, fate):
            told.append(say(f"drift.{fate}", names=[named[name] for name in ids]))
    if (drift.new or drift.retired) and (frozen is None or "outside" not in frozen.placed):
        told.append(say("drift.by_members_only"))
    return sentences(*told, *_negatives_told(drift))


def _changes_told(drift: Drift, handles: dict[str, Text]) -> list[Said]:
    """Which groups grew or shrank, by how much against chance, and since when; none where no windows were compared."""
    if not drift.changes or drift.since is None:
        return []
    day = dt.date.fromisoformat(drift.since.as_of)
    news: dict[str, Change] = {}
    for change in sorted(drift.changes, key=lambda c: -abs(c.now - c.then)):
        if change.told:
            news.setdefault(change.id, change)
    if not news:
        top = max(drift.changes, key=lambda c: abs(c.now - c.then) / max(c.noise, 1e-9))
        facts = {"handle": handles.get(top.id, top.id), "change": abs(top.now - top.then), "noise": top.noise}
        return [say("drift.steady", day=day, **facts)]
    parts = []
    for change in news.values():
        fate = "grew" if change.now > change.then else "shrank"
        figures = {"then": change.then, "now": change.now, "change": abs(change.now - change.then)}
        handle = handles.get(change.id, change.id)
        parts.append(say(f"drift.{fate}", handle=handle, noise=change.noise, days=change.days, **figures))
    return [say("drift.changed", day=day, changes=parts)]


def _flows_told(drift: Drift, moves: pd.DataFrame, handles: dict[str, Text]) -> list[Said]:
    """From where to where most people went on balance, among the groups whose change is news; only cells that may be
    shown."""
    news = {change.id for change in drift.changes if change.told}
    balance = moves - moves.T
    best = [
        (int(balance.at[was, to]), was, to)
        for was in moves.index
        for to in moves.columns
        if was != to and {was, to} & news and to in (drift.migration or {}).get(was, {})
    ]
    if not best or max(best)[0] <= 0:
        return []
    _, was, to = max(best)
    shares = drift.migration[was], (drift.migration.get(to) or {})
    told = {"before": handles.get(was, was), "after": handles.get(to, to), "share": shares[0][to]}
    if was not in shares[1]:
        return [say("drift.flow", **told)]
    return [say("drift.flow_back", back=shares[1][was], **told)]


def _negatives_told(drift: Drift) -> list[Said]:
    """A sentence per negative persona, then and now."""
    told = []
    for match in drift.negatives:
        fate = "gone" if match.share is None else "appeared" if match.share_before is None else "stays"
        told.append(say(f"drift.negative.{fate}", **asdict(match)))
        if fate == "stays" and match.sign != match.sign_before:
            told.append(say(f"drift.negative.sign.{ {'-': 'costs', '0': 'open', '+': 'brings'}[match.sign] }"))
    return told
