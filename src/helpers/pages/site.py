"""The publication: one page to forward, a file per card, the evidence, the notebooks, and the same facts as JSON."""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.beliefs.verdict import size_in_words
from helpers.cards.naming import structural
from helpers.changed import Drift
from helpers.contracts import (
    SCHEMA,
    Card,
    Claim,
    Coverage,
    FileAccount,
    HypothesisResult,
    Structure,
)
from helpers.customers.customers import Period
from helpers.customers.totals import Totals, as_json, publishable
from helpers.pages.decisions import front, told_effect, what_it_changes, with_names
from helpers.pages.pdf import as_pdf, can_write
from helpers.pages.queue import ready_in_order
from helpers.report.card_formats import card_html, card_markdown
from helpers.report.page import heading, render, script, span_of
from helpers.report.tables import counts_told, rows_told, totals_frame
from helpers.small_cells import shown
from helpers.study import Study
from helpers.words import Words

if TYPE_CHECKING:
    from helpers.report.map import CustomerMap

MESSAGE = ("argument", "tone", "offer", "proof", "channel", "moment")
"""What a message to a group is made of, of the topics of its brief."""
DIGITS = 10
"""Significant digits of published numbers: more than anyone reads, fewer than a machine's last bit."""


@dataclass(frozen=True)
class Report:
    """Everything a publication tells; ``sql`` assigns customers in a warehouse, None where there is no model for it;
    ``changed`` are the parameters of notebooks that were not at their defaults.
    """

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
    changed: str = ""
    customer_map: CustomerMap | None = None


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
        files[f"cards/{card.id}.html"] = card_html(card, words, span_of(report.cards))
        files[f"cards/{card.id}.md"] = card_markdown(card, words)
        files[f"cards/{card.id}.json"] = strict_json(card_json(card))
    values = page_values(report, words)
    files["index.html"] = render("index.html", words, **values)
    files["evidence.html"] = evidence_page(report, words, [(path.stem, heading(path)) for path in executed])
    files |= {f"{name}.json": strict_json(content) for name, content in publication_json(report).items()}
    if report.sql is not None:
        files["assign.sql"] = report.sql.rstrip() + "\n"
    if can_write():
        (build / "report.pdf").write_bytes(as_pdf(report, values, words))
    for name, text in files.items():
        (build / name).write_text(text, encoding="utf-8", newline="\n")


def _page_of(executed: Path, words: Words) -> str:
    kept = executed.with_suffix(".html")
    if not kept.exists():
        from helpers.pages.notebook_page import notebook_page  # seconds to import, and an unchanged run renders none

        kept.write_text(notebook_page(executed, words), encoding="utf-8", newline="\n")
    return kept.read_text(encoding="utf-8")


# --- JSON --------------------------------------------------------------------------------------------------------


def publication_json(report: Report) -> dict[str, Any]:
    """The JSON files of the publication but for the manifest, by name, as contracts.md shapes them."""
    least, words = report.study.privacy.min_cell, Words(report.study.language, report.study.currency)
    first = words.told(front(report.cards, report.hypotheses, report.structure))
    of_run = {"schema": SCHEMA, "study": report.study.study, "run_id": report.run_id}
    personas = {
        **of_run,
        "as_of": None if report.as_of is None else report.as_of.isoformat(),
        "structure": asdict(report.structure),
        "coverage": asdict(report.coverage),
        "personas": [card_json(card) for card in report.cards],
        "ids_used": list(report.ids_used),
        "headline": first.headline,
        "decisions": [asdict(decision) for decision in first.decisions],
        "tests": [card.id for card in ready_in_order(report.cards)],
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


def card_json(card: Card) -> dict[str, Any]:
    """A card as its file and personas.json have it; the other group of an overlap is called ``with``."""
    overlaps = [{"with": one.pop("other")} | one for one in map(asdict, card.overlaps)]
    return asdict(card) | {"overlaps": overlaps}


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


def page_values(report: Report, words: Words) -> dict[str, Any]:
    """What the page is filled with, and the PDF as well."""
    names = {card.id: card.name for card in report.cards}
    ordered = sorted(report.hypotheses, key=what_it_changes)
    values = {
        "report": report,
        "days": _days(report, words),
        "spans": _spans(report, words),
        "unassigned": _without_card(report, words),
        "since": _since(report.drift, names, words),
        "first": words.told(front(report.cards, report.hypotheses, report.structure)),
        "moved": _moved(report.drift, words),
        "coverage": _coverage(report, words),
        "totals": _totals(report, words),
        "facts": _structure_facts(report.structure, words),
        "results": [with_names(result, report.cards) for result in ordered],
        "rows_of": lambda file: {name: words.shown(n) for name, n in counts_told(file).items()},
        "rows_told": lambda issue, file: words.shown(rows_told(issue.rows, file)),
        "counted": lambda result: _counted(result, report.study.privacy.min_cell, words),
        "names": names,
        "limits": _limits(report, words),
        "told_effect": told_effect,
        "drawn": _drawn(report.customer_map, words),
        "span": span_of(report.cards),
        "advised": [card for card in report.cards if card.brief and not structural(card)],
        "message": MESSAGE,
        "on_paper": can_write(),
    }
    return values | {"sure": _how_sure(report, values, words)}


def _days(report: Report, words: Words) -> str:
    """The period of the data, or their last day."""
    if report.period is not None:
        return f"{words.date(report.period.start)} – {words.date(report.period.as_of)}"
    return words.date(report.as_of) if report.as_of else ""


def _spans(report: Report, words: Words) -> str:
    """The spans of time that the page speaks of, by their dates; empty where nothing was kept for tests."""
    at = report.period
    if at is None or not report.cards:
        return ""
    before = at.holdout_from - dt.timedelta(days=1)
    return words.say("report.page.spans", before=before, end=at.as_of)


def _without_card(report: Report, words: Words) -> str:
    """How many customers have no card, and what holds for all shares of the page."""
    covered = report.coverage
    if not covered.unassigned:
        said = words.say("report.page.unassigned_none")
    else:
        share = words.percent(covered.unassigned / covered.customers)
        said = words.say("report.page.unassigned", n=words.number(covered.unassigned), share=share)
    return f"{said} {words.say('report.page.small_print')}"


def _since(drift: Drift, names: dict[str, str], words: Words) -> list[str]:
    """What has changed since the last report, a line a persona."""
    lines = [drift.statement]
    for match in drift.matches:
        if match.previous_share is not None and words.percent(match.share) != words.percent(match.previous_share):
            shares = {"share": words.percent(match.share), "previous": words.percent(match.previous_share)}
            lines.append(words.say("report.drift.match", name=names.get(match.id, match.id), **shares))
    return lines


def _how_sure(report: Report, values: dict[str, Any], words: Words) -> list[dict[str, Any]]:
    """What the page folds away under "How sure", as headings with their lines."""
    kind, say = report.structure.kind.replace(" ", "_"), words.say
    asked = "structure_none" if kind == "not_asked" else "structure"
    period = "" if report.period is None else say(
        "report.page.period_text", start=words.date(report.period.start), end=words.date(report.period.as_of),
        held_out=words.date(report.period.holdout_from),
    )  # fmt: skip
    made = f"{say('report.page.made')} {words.date(report.created)}"
    data = [say("totals.books_note"), say("report.page.quality_note")]
    for file in report.accounts:
        told = (f"{say(f'report.quality.{part}')} {words.shown(n)}" for part, n in counts_told(file).items())
        data.append(f"{words.theirs(file.path)}: {', '.join(told)}")
        for issue in file.issues:
            about = {"column": issue.column} if issue.column else {}
            key = f"report.quality.issue{'' if about else '_plain'}"
            text = say(key, rows=rows_told(issue.rows, file), text=issue.text, **about)
            data.append(f"{say(f'report.quality.severity.{issue.severity}').capitalize()}: {text}")
    terms = ("persona", "segment", "interval", "times", "n", "held_out", "corrected", "open")
    parts = [
        (f"{say(f'report.page.{asked}')} {say(f'report.structure.{kind}')}",
         [report.structure.statement, values["facts"], report.method, report.changed,
          "" if report.customer_map is None else report.customer_map.told, values["coverage"], period, made]),
        (say("report.page.quality"), data),
        (say("report.page.evidence"),
         [say("report.evidence.reading"), say("report.evidence.roles"),
          *(f"{say(f'report.grade.{level}').capitalize()}: {say(f'report.evidence.{level}')}"
            for level in ("strong", "moderate", "weak"))]),
        (say("report.page.limits"), values["limits"]),
        (say("report.page.glossary"),
         [f"{say(f'report.glossary.{term}.term')}: {say(f'report.glossary.{term}.text')}" for term in terms]),
    ]  # fmt: skip
    return [{"title": title, "lines": list(filter(None, lines))} for title, lines in parts]


def _moved(drift: Drift, words: Words) -> dict[str, str]:
    """A mark for each persona whose share changed since the last report, where something changed beyond chance."""
    changed = [match for match in drift.matches if drift.alert and match.previous_share is not None]
    return {
        match.id: words.say("report.drift.mark", share=match.share, previous=match.previous_share)
        for match in changed
        if match.share != match.previous_share
    }


def _drawn(found: CustomerMap | None, words: Words) -> str:
    """The map as a picture inside the page; empty where there is none."""
    if found is None:
        return ""
    from helpers.report.map import plot_map  # seconds to import, and a page without a map needs none
    from helpers.report.style import as_png

    return base64.b64encode(as_png(plot_map(found.parts, words=words))).decode()


def evidence_page(report: Report, words: Words, notebooks: list[tuple[str, str]]) -> str:
    """Every claim of every card with n, interval, grade, source and role; every tested belief with what it compares."""
    names = {card.id: card.name for card in report.cards}

    def compared(claim: Claim) -> str:
        key = f"report.compared.{claim.compared_with}"
        return words.say(key) if words.has(key) else names.get(claim.compared_with, claim.compared_with)

    tested = [with_names(result, report.cards) for result in report.hypotheses if result.verdict != "not testable"]
    shown = {"report": report, "compared": compared, "tested": tested, "size": size_in_words, "notebooks": notebooks}
    return render("evidence.html", words, **shown, **script("evidence.js"))


def _coverage(report: Report, words: Words) -> str:
    """How many customers and answers the report rests on; a study without a period has answers only."""
    coverage = report.coverage
    kind = "text" if coverage.respondents else "alone"
    if report.period is None:
        kind = "survey" if coverage.respondents else "none"
        survey = report.study.tables.survey
        kind = "totals" if survey is not None and survey.rows == "customers" else kind
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
    told = ["association", *(["continuum"] if report.cards else [])]
    survey = report.study.tables.survey
    told += ["answered"] if report.coverage.respondents and (survey is None or survey.rows == "answers") else []
    told += ["quote"] if any(card.quotes for card in report.cards) else []
    least = report.study.privacy.min_cell
    return [words.say(f"report.limits.{name}", least=least) for name in (*told, "small", "past")]
