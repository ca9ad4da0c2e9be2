"""The publication: one page to forward, a file per card, the evidence, the notebooks, and the same facts as JSON."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from helpers.beliefs.verdict import size_in_words
from helpers.contracts import SCHEMA, Card, Claim, Coverage, Drift, FileAccount, HypothesisResult, Structure, Verdict
from helpers.customers.customers import Period
from helpers.customers.totals import Totals, as_json, publishable
from helpers.people import shown
from helpers.report.card_formats import card_html, card_markdown
from helpers.report.page import heading, render
from helpers.report.tables import totals_frame
from helpers.study import Study
from helpers.words import Words

VERDICTS = get_args(Verdict)
DIGITS = 10
"""Significant digits of published numbers: more than anyone reads, fewer than a machine's last bit."""


@dataclass(frozen=True)
class Report:
    """Everything a publication tells; ``sql`` assigns customers in a warehouse, None where there is no model for it."""

    study: Study
    run_id: str
    as_of: dt.date | None
    created: dt.date
    structure: Structure
    method: str
    coverage: Coverage
    cards: tuple[Card, ...]
    hypotheses: tuple[HypothesisResult, ...]
    accounts: tuple[FileAccount, ...]
    drift: Drift
    model: dict[str, Any]
    sql: str | None
    period: Period | None
    totals: Totals | None = None
    ids_used: tuple[str, ...] = ()


def write_site(report: Report, executed: list[Path], build: Path) -> None:
    """Write the publication into ``build``: pages, cards, rendered notebooks, JSON; the manifest is the runner's.

    ``executed`` are notebooks that have run; their code and their warnings are left out. The page of each is kept
    beside it, where an unchanged run finds it.
    """
    words = Words(report.study.language, report.study.currency)
    for folder in ("cards", "notebooks"):
        (build / folder).mkdir(parents=True, exist_ok=True)
    files = {f"notebooks/{path.stem}.html": _page_of(path, words) for path in executed}
    for card in report.cards:
        files[f"cards/{card.id}.html"] = card_html(card, words)
        files[f"cards/{card.id}.md"] = card_markdown(card, words)
        files[f"cards/{card.id}.json"] = strict_json(asdict(card))
    files["index.html"] = index_page(report, words, [(path.stem, heading(path)) for path in executed])
    files["evidence.html"] = evidence_page(report, words)
    files |= {f"{name}.json": strict_json(content) for name, content in publication_json(report).items()}
    if report.sql is not None:
        files["assign.sql"] = report.sql.rstrip() + "\n"
    for name, text in files.items():
        (build / name).write_text(text, encoding="utf-8", newline="\n")


def _page_of(executed: Path, words: Words) -> str:
    kept = executed.with_suffix(".html")
    if not kept.exists():
        from helpers.report.notebook_page import notebook_page  # seconds to import, and an unchanged run renders none

        kept.write_text(notebook_page(executed, words), encoding="utf-8", newline="\n")
    return kept.read_text(encoding="utf-8")


# --- JSON --------------------------------------------------------------------------------------------------------


def publication_json(report: Report) -> dict[str, Any]:
    """The JSON files of the publication but for the manifest, by name, as contracts.md shapes them."""
    least = report.study.privacy.min_cell
    of_run = {"schema": SCHEMA, "study": report.study.study, "run_id": report.run_id}
    personas = {
        **of_run,
        "as_of": None if report.as_of is None else report.as_of.isoformat(),
        "structure": asdict(report.structure),
        "coverage": asdict(report.coverage),
        "personas": [asdict(card) for card in report.cards],
        "ids_used": list(report.ids_used),
        "totals": None if report.totals is None else as_json(publishable(report.totals, least)),
    }
    results = [asdict(result) for result in report.hypotheses]
    for result in results:  # counts of people under the smallest cell are withheld; 0 stays: it tells of nobody
        result["n"] = {arm: n if shown(n, least) else None for arm, n in result["n"].items()}
    return {
        "personas": personas,
        "hypotheses": {**of_run, "results": results},
        "data_quality": {"schema": SCHEMA, "files": [asdict(account) for account in report.accounts]},
        "drift": {"schema": SCHEMA, **asdict(report.drift)},
        "model": report.model,
    }


def strict_json(content: Any, digits: int = DIGITS) -> str:
    """JSON that every reader takes: no NaN, readable in any script, equal for equal facts, a newline at the end."""
    return json.dumps(_plain(content, digits), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _plain(value: Any, digits: int) -> Any:
    """Numpy values as Python's own, numbers that are none as null."""
    if isinstance(value, dict):
        return {str(key): _plain(item, digits) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(item, digits) for item in value]
    value = value.item() if isinstance(value, np.generic) else value
    if value is pd.NA:
        return None
    if isinstance(value, float):
        return float(f"{value:.{digits}g}") if math.isfinite(value) else None
    return value


# --- pages -------------------------------------------------------------------------------------------------------


def index_page(report: Report, words: Words, notebooks: list[tuple[str, str]]) -> str:
    """The page to forward."""
    names = {card.id: f"{card.name}, {words.theirs(card.handle)}" for card in report.cards}
    ordered = sorted(report.hypotheses, key=lambda result: VERDICTS.index(result.verdict))
    return render(
        "index.html",
        words,
        report=report,
        lines=so_what(report, words),
        coverage=_coverage(report, words),
        totals=_totals(report, words),
        facts=_structure_facts(report.structure, words),
        widest=max((card.size.ci_high for card in report.cards), default=1.0),
        results=[_in_words(result, report.cards) for result in ordered],
        counted=lambda result: _counted(result, report.study.privacy.min_cell, words),
        names=names,
        new=[names.get(name, name) for name in report.drift.new],
        limits=_limits(report, words),
        notebooks=notebooks,
    )


def _in_words(result: HypothesisResult, cards: tuple[Card, ...]) -> HypothesisResult:
    """A result whose arms and effect are named by the handles of personas, where programs read their ids."""

    def named(label: str) -> str:
        for card in cards:
            label = label.replace(card.id, card.handle)
        return label

    effect = None if result.effect is None else replace(result.effect, label=named(result.effect.label))
    return replace(result, effect=effect, n={named(arm): count for arm, count in result.n.items()})


def evidence_page(report: Report, words: Words) -> str:
    """Every claim of every card with n, interval, grade, source and role; every tested belief with what it compares."""
    names = {card.id: card.name for card in report.cards}

    def compared(claim: Claim) -> str:
        key = f"report.compared.{claim.compared_with}"
        return words.say(key) if words.has(key) else names.get(claim.compared_with, claim.compared_with)

    tested = [_in_words(result, report.cards) for result in report.hypotheses if result.verdict != "not testable"]
    return render("evidence.html", words, report=report, compared=compared, tested=tested, size=size_in_words)


def so_what(report: Report, words: Words) -> list[str]:
    """Three lines: what kind of groups there are, with whom to begin and whom to look at again, what beliefs held."""
    found = [card for card in report.cards if card.kind != "negative"]
    kind = report.structure.kind.replace(" ", "_")
    return [
        words.say(f"report.so_what.{kind}", k=words.number(report.structure.k)),
        *([_whom(found, report.cards, words)] if found else []),
        _beliefs(report.hypotheses, words),
    ]


def _whom(found: list[Card], cards: tuple[Card, ...], words: Words) -> str:
    """The group that brings most of the revenue (the largest where revenue is not known), and the first to review."""
    paying = [card for card in found if card.size.revenue_share]
    first = max(paying or found, key=lambda card: card.size.revenue_share or card.size.share)
    values = {"handle": f"{first.name} ({words.theirs(first.handle)})", "share": words.percent(first.size.share)}
    if paying:
        said = [words.say("report.so_what.first", revenue=words.percent(first.size.revenue_share), **values)]
    else:
        said = [words.say("report.so_what.largest", **values)]
    for card in [card for card in cards if card.kind == "negative"][:1]:
        share, handle = words.percent(card.size.share), words.theirs(card.handle)
        said.append(words.say("report.so_what.review", handle=handle, share=share))
    return " ".join(said)


def _beliefs(results: tuple[HypothesisResult, ...], words: Words) -> str:
    """How the verdicts fall, and what would come out if nothing were true; descriptions count for nothing."""
    results = tuple(result for result in results if not result.description)
    if not results:
        return words.say("report.so_what.no_beliefs")
    counts = Counter(result.verdict for result in results)
    parts = [words.say(f"report.so_what.counts.{v}", n=words.number(counts[v])) for v in VERDICTS if counts[v]]
    said = [words.say("report.so_what.beliefs", total=words.number(len(results)), verdicts=words.listing(parts))]
    tested = [result for result in results if result.p_value is not None]
    confirmatory = sum(result.confirmatory for result in tested)
    if tested:
        chance = words.number(0.05 * len(tested), 1 if len(tested) < 100 else 0)
        said.append(words.say("report.so_what.by_chance", n=words.number(len(tested)), chance=chance))
    for name, n in (("confirmatory", confirmatory), ("screens", len(tested) - confirmatory)):
        if n:
            said.append(words.say(f"report.so_what.{name}", n=words.number(n)))
    return " ".join(said)


def _coverage(report: Report, words: Words) -> str:
    """How many customers and answers the report rests on; a study without a period has answers only."""
    coverage = report.coverage
    kind = "survey" if report.period is None else "text" if coverage.respondents else "alone"
    counts = {"customers": words.number(coverage.customers), "respondents": words.number(coverage.respondents)}
    return words.say(f"report.page.coverage_{kind}", **counts)


def _totals(report: Report, words: Words) -> list[tuple[str, str]]:
    """What a shop compares with its books: what and how much."""
    frame = totals_frame(report.totals, report.study)
    rows = [] if frame is None else frame.itertuples(index=False)
    return [(words.tell(row.what), words.shown(row.how_much)) for row in rows]


def _structure_facts(structure: Structure, words: Words) -> str:
    """The valley and the agreement behind the label, and what the cap of four leaves out."""
    said = []
    if structure.valley_depth is not None and structure.bootstrap_ari is not None:
        depth, agreement = words.percent(structure.valley_depth), words.number(structure.bootstrap_ari, 2)
        p = words.p_value(max(structure.p_clustering, structure.p_valley))
        said.append(words.say("report.structure.facts", valley=depth, p=p, agreement=agreement))
    if structure.k_without_cap is not None and structure.k_without_cap > structure.k:
        said.append(words.say("report.structure.cap", k=structure.k_without_cap))
    return " ".join(said)


def _counted(result: HypothesisResult, least: int, words: Words) -> str:
    """The people in each arm, small counts withheld."""
    under = words.say("report.under", least=least)
    parts = [f"{words.theirs(arm)} {words.number(n) if shown(n, least) else under}" for arm, n in result.n.items()]
    return words.say("report.belief.n", counts=", ".join(parts))


def _limits(report: Report, words: Words) -> list[str]:
    """What the page cannot tell, by what it holds."""
    told = ["association", "continuum", *(["answered"] if report.coverage.respondents else [])]
    told += ["quote"] if any(card.quotes for card in report.cards) else []
    least = report.study.privacy.min_cell
    return [words.say(f"report.limits.{name}", least=least) for name in (*told, "small", "past")]
