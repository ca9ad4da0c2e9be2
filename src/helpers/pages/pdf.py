"""The report as a tagged PDF with bookmarks, where the extra ``pdf`` (typst) is installed: the page's main facts."""

from __future__ import annotations

import datetime as dt
import html
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

from helpers.cards.naming import structural
from helpers.cards.prose import first_more, twins
from helpers.contracts import Card, HypothesisResult
from helpers.pages.decisions import told_effect
from helpers.report import page as shared
from helpers.report.still_life import still_life
from helpers.words import Words

TEMPLATES = Path(shared.__file__).parent / "templates"
VARIABLE = re.compile(r"\.(hue-\w+)\{--hue:(#\w{6})")
"""The colour of a card's class in the style of the pages; the light ones stand first."""


def can_write() -> bool:
    """Whether typst is here."""
    return importlib.util.find_spec("typst") is not None


def as_pdf(report: Any, page: dict[str, Any], words: Words) -> bytes:
    """The report as PDF/UA-1: tagged, titled, with bookmarks; texts are data for typst and never its markup.

    report : `helpers.pages.site.Report`, as it is told. page : what the page is filled with (``site.page_values``).
    The fonts are those of matplotlib, which has Latin, Cyrillic, Georgian and Persian, so that every machine writes
    the same file; a day stands in the place of the moment of its making.
    """
    import matplotlib as mpl  # a second to import, and typst is an extra
    import typst

    data = json.dumps(_told(report, page, words), ensure_ascii=False)
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(Path(mpl.get_data_path()) / "fonts" / "ttf")],
    )
    made = dt.datetime.combine(report.created, dt.time(), dt.UTC)
    source = (TEMPLATES / "report.typ").read_bytes()
    return typst.compile(
        source, sys_inputs={"data": data}, font_paths=fonts, timestamp=made, pdf_standards="ua-1", format="pdf"
    )


def _told(report: Any, page: dict[str, Any], words: Words) -> dict[str, Any]:
    """Every text of the PDF, by where it stands."""
    first, study, say = page["first"], report.study, words.say
    names, result_of = page["names"], [_belief(result, words) for result in page["results"]]
    title = study.title or study.study
    hues = dict(reversed(VARIABLE.findall((TEMPLATES / "style.css").read_text(encoding="utf-8"))))
    return {
        "language": words.language,
        "title": f"{title} · {say('report.page.kicker')}",
        "contact": study.contact or "",
        "footer": f"{study.study} · {say('report.page.run')} {report.run_id}",
        "hues": hues,
        "kicker": " · ".join(filter(None, [title, page["days"], study.contact])),
        "headline": first.headline,
        "lead": f"{first.kind} {first.groups}".strip(),
        "alert": say("report.so_what.drift", statement=report.drift.statement) if report.drift.alert else "",
        "decisions_heading": say(f"report.decision.heading{'' if len(first.decisions) == 3 else '_fewer'}"),
        "decisions": [
            {
                "text": one.text,
                "sure": say(f"report.sure.{one.sure}"),
                "card": one.card or "",
                "name": names.get(one.card, ""),
            }
            for one in first.decisions
        ],
        "ask": first.ask,
        "tests": first.tests,
        "tests_note": say("report.queue.note"),
        "levels": " ".join(
            say(f"report.sure_means.{level}")
            for level in ("sure", "likely", "open")
            if any(one.sure == level for one in first.decisions)
        ),
        "tile_heads": [
            say("report.evidence.card"),
            "",
            say("report.card.customers"),
            say("report.card.brings"),
        ],
        "unassigned": page["unassigned"],
        "cards": [_card(card, words) for card in report.cards],
        "claim_heads": ["", *(say(f"report.evidence.{head}") for head in ("statement", "estimate")), "n",
                        say("report.evidence.grade")],
        "beliefs": result_of,
        "counted": first.beliefs,
        "judged": first.judged,
        "changed": page["since"],
        "totals": page["totals"],
        "sure": page["sure"],
        "words": {
            "tests": say("report.queue.title"),
            "groups": say("report.page.groups"),
            "do": say("report.card.do"),
            "each": say("report.page.each"),
            "beliefs": say("report.page.hypotheses"),
            "changed": say("report.page.changed"),
            "books": say("report.page.books"),
            "how_sure": say("report.page.how_sure"),
            **{part: say(f"report.card.{part}") for part in ("actions", "evidence", "unknowns", "rule")},
        },
    }  # fmt: skip


def _card(card: Card, words: Words) -> dict[str, Any]:
    """One card."""
    say, size = words.say, card.size
    interval = words.interval(size.ci_low, size.ci_high, "percent")
    people = say("report.card.size_interval", interval=interval, n=words.number(size.n))
    worth = [(words.percent(size.share), f"{say('report.card.of_customers')} ({people})")]
    if size.revenue_share is not None:
        worth.append((words.percent(size.revenue_share), say("report.card.of_revenue")))
    if card.worth is not None and card.worth.profit_share is not None:
        worth.append((words.percent(card.worth.profit_share), say("report.card.of_profit")))
    if card.worth is not None:
        worth.append((words.money(card.worth.left_each), say("report.card.left")))
    of_profit = None if card.worth is None else card.worth.profit_share
    brings = (of_profit if of_profit is not None else size.revenue_share) if card.kind != "negative" else None
    kind = "revenue" if of_profit is None else "profit"
    loss = card.claims[0].statement if card.kind == "negative" and card.claims else ""
    accuracy = card.rule.held_out_balanced_accuracy
    rule = [f"{card.rule.text[:1].upper()}{card.rule.text[1:].rstrip('. ')}."] if card.rule.text else []
    rule += [say("report.card.rule_accuracy", share=words.percent(accuracy))] if rule and accuracy is not None else []
    moments, same = shared.moments_told(card, words), twins(card.claims)
    return {
        "id": card.id,
        "hue": shared.hue(card),
        "kind": say(f"report.card.kind.{card.kind}"),
        "follows": structural(card) or card.kind == "negative",
        "label": card.label,
        "name": card.name,
        "handle": "" if card.handle == card.name else card.handle,
        "picture": _picture(card, words),
        "essence": card.essence or loss,
        "line": card.essence or loss or card.label,
        "do": shared.first_step(card),
        "share": words.percent(size.share),
        "brings": "" if brings is None else f"{words.percent(brings)} {say(f'report.card.of_{kind}')}",
        "worth": [{"figure": figure, "what": what} for figure, what in worth],
        "crossed": shared.crossed(card, words),
        "minds": [part for section in ("drivers", "barriers", "mindset") if (part := _mind(card, section, words))],
        "week": say("report.week.alt", moments=moments) if moments else "",
        "brief": [
            {
                "topic": shared.topic_name(line.topic, words),
                "text": line.text,
                "refs": [index + 1 for index in line.because],
                "asks": say("report.card.ask", question=asks) if (asks := getattr(line, "asks", None)) else "",
            }
            for line in card.brief or card.actions
        ],
        "test": None if card.experiment is None else {
            "title": f"{say('report.experiment.ready')}: {card.experiment['title']}",
            "steps": shared.steps_of(card.experiment, words),
        },
        "unknowns": list(card.unknowns),
        "rule": " ".join(rule),
        "claims": [
            {
                "number": str(number),
                "statement": f"{claim.statement} {shared.same_fact(same, number, words)}".rstrip(),
                "figure": " ".join(filter(None, [
                    shared.estimate_text(claim, words),
                    f"({told})" if (told := shared.interval_text(claim, words)) else "",
                ])),
                "n": words.number(claim.n),
                "grade": ", ".join(filter(None, [
                    say(f"report.grade.{claim.grade}"), say(f"report.role.{claim.role}"),
                    "" if claim.p_adjusted is None else words.p_value(claim.p_adjusted),
                    shared.repeat_told(claim, words),
                ])),
            }
            for number, claim in enumerate(card.claims, 1)
        ],
    }  # fmt: skip


def _picture(card: Card, words: Words) -> dict[str, str] | None:
    """The still life as an SVG that stands alone, in the light colours of the pages, and what it shows in words."""
    drawn = str(still_life(card, words))
    if not drawn:
        return None
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"(--[\w-]+):(#\w+)", re.search(rf"\.{shared.hue(card)}\{{([^}}]*)\}}", style)[1]))
    rules = "".join(f"{name}{{{rule}}}" for name, rule in re.findall(r"(\.still[^{}]*)\{([^}]*)\}", style))
    rules = re.sub(r"var\((--[\w-]+)\)", lambda found: colours.get(found[1], "#56626a"), rules)
    told = html.unescape(re.search(r'aria-label="([^"]*)"', drawn)[1])
    start = '<svg xmlns="http://www.w3.org/2000/svg" '
    return {"svg": drawn.replace("<svg ", start, 1).replace(">", f"><style>{rules}</style>", 1), "told": told}


def _mind(card: Card, section: str, words: Words) -> dict[str, Any] | None:
    """What most sets a card's people apart in what draws or holds them, or is on their minds."""
    at = first_more(card, section)
    if at is None:
        return None
    claim = card.claims[at]
    sides = zip(("they", "others"), claim.shares or (), strict=False)
    return {
        "title": words.say(f"report.section.{section}"),
        "says": claim.about if claim.shares and claim.about else claim.statement,
        "shares": [
            {
                "what": words.say(f"report.card.{side}"),
                "share": share,
                "told": words.percent(share),
                "own": side == "they",
            }
            for side, share in sides
        ],
        "quotes": [quote.text for quote in card.quotes if quote.code == claim.column],
    }


def _belief(result: HypothesisResult, words: Words) -> dict[str, str]:
    """One belief: its verdict, its effect in words, what was found or why nothing could be."""
    tested = result.verdict != "not testable"
    effect = shared.effect_told(told_effect(result), words, result) if tested and result.effect else ""
    says = result.sentence if tested else result.reason
    verdict = words.say(shared.verdict_shown(result)[1])
    return {"verdict": verdict, "title": result.title, "effect": effect, "says": says}
