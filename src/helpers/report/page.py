"""What every page shares: the template environment, the wording of evidence, and marks that fit into a line."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from helpers.beliefs.verdict import RATIOS, is_lead
from helpers.cards.naming import structural
from helpers.cards.prose import BELIEVED, first_more, repeat_of, twins
from helpers.contracts import Card, Claim, Effect, HypothesisResult, Line
from helpers.report.still_life import still_life
from helpers.words import Quantity, Words, say

CSP = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'"
)
SCRIPTED = CSP + "; script-src 'sha256-{digest}'"
"""The policy of a page that runs one script of ours: that one by its digest, and no other."""
REFERENCE = re.compile(r"\s*\[(\d+)\]")
"""A statement's number as the prose of a card cites it."""


def render(template: str, words: Words, **values: object) -> str:
    """Fill a template of this room; everything is escaped but what is marked as safe."""
    marks = {"claim_strip": claim_strip, "span_of": span_of, "cite": cite, "hue": hue, "still_life": still_life}
    marks |= {"week_map": week_map, "crossed": crossed, "moments_told": moments_told}
    marks |= {
        "twins": twins,
        "first_more": first_more,
        "as_yaml": as_yaml,
        "first_step": first_step,
        "steps_of": steps_of,
        "structural": structural,
        "shares_in": shares_in,
    }
    said = {"say": words.say, "estimate": estimate_text, "interval": interval_text, "effect": effect_text}
    said |= {"effect_told": effect_told, "verdict_shown": verdict_shown, "repeat_told": repeat_told}
    values = {"words": words, "csp": CSP, "topic": topic_name} | marks | said | values
    return _templates().get_template(template).render(values)


def script(name: str) -> dict[str, str]:
    """A script of this room for a page that needs one, and the policy that lets nothing but it run."""
    text = (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return {"script": Markup(text), "csp": SCRIPTED.format(digest=digest)}  # our own file, without a user's word in it


def heading(executed: Path) -> str:
    """The first heading of a notebook, which is its question."""
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    prose = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    lines = (line for text in prose for line in text.splitlines())
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("# ")), executed.stem)


@cache
def _templates() -> Environment:
    """The environment; autoescape is on whatever a template is called."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.tests["of_everybody"] = of_everybody
    return found


def _unbroken(value: object) -> object:
    """Text whose numbers stay on one line with their per cent signs, and ``p < .001`` in one piece."""
    if not isinstance(value, str):
        return value
    return value.replace(" %", "\N{NO-BREAK SPACE}%").replace("p < ", "p\N{NO-BREAK SPACE}<\N{NO-BREAK SPACE}")


# --- evidence in words -------------------------------------------------------------------------------------------

_FORMATS = {"lift": "times", "share": "percent", "percent": "percent", "points": "points", "money": "money"}


def estimate_text(claim: Claim, words: Words) -> str:
    """The estimate in its unit: ``1.8 times``, or ``−116 EUR`` for a difference in money; a bound as one."""
    if claim.bound:
        return words.say(f"report.bound.{claim.bound}", value=Quantity(claim.estimate, "times"))
    unit = _unit(claim)
    if unit in _FORMATS:
        return getattr(words, _FORMATS[unit])(claim.estimate)
    return f"{words.number(claim.estimate)} {unit}".strip()


def interval_text(claim: Claim, words: Words) -> str:
    """The interval that stands behind the estimate; empty where there is none, and of a bound the end towards none."""
    if claim.ci_low is None or claim.ci_high is None:
        return ""
    if claim.bound:
        end = claim.ci_high if claim.bound == "under" else claim.ci_low
        return words.say(f"report.bound.surely_{claim.bound}", value=Quantity(end, "ratio"))
    if claim.unit == "lift":
        return words.interval(claim.ci_low, claim.ci_high, "ratio")
    return words.interval(claim.ci_low, claim.ci_high, _FORMATS.get(_unit(claim), "number"))


def repeat_told(claim: Claim, words: Words) -> str:
    """Whether the weeks kept for tests show the same, with a tick where they do; empty where nobody looked."""
    kind = repeat_of(claim)
    return words.say(f"report.repeated.{kind}") if kind else ""


def _unit(claim: Claim) -> str:
    """What the figures are in; a difference (``difference (money)``) is in the unit of its terms."""
    return claim.unit.removeprefix("difference (").removesuffix(")")


def effect_text(effect: Effect, words: Words) -> str:
    """An effect of a hypothesis, ``risk difference 5.3 points (95 %: 1.2 to 9.4 points)``."""
    unit = "points" if effect.measure == "risk difference" else "ratio" if effect.measure in RATIOS else "number"
    figures = {"estimate": Quantity(effect.estimate, unit), "interval": Quantity((effect.ci_low, effect.ci_high), unit)}
    key = "report.belief.effect_of" if effect.label else "report.belief.effect"
    return words.say(key, label=effect.label, measure=effect.measure, **figures)


def verdict_shown(result: HypothesisResult) -> tuple[str, str]:
    """How a belief's verdict is coloured, and the message that names it: a description has none, and what a screen
    found is a hint."""
    if result.description and result.verdict != "not testable":
        return "description", "report.belief.description"
    if is_lead(result):
        return "lead", "report.belief.lead"
    return result.verdict.replace(" ", ""), f"report.verdict.{result.verdict}"


DIFFERENCES = ("risk difference", "mean difference", "standardised difference", "slope")
IN_MONEY, IN_SCALE_POINTS = ("profit_by_persona",), ("importance_performance",)
"""Beliefs whose means are amounts, and whose means are ratings."""


def effect_told(effect: Effect, words: Words, result: HypothesisResult | None = None) -> str:
    """An effect in words that need no statistics: ``newsletter: 4.4 percentage points more (2.3 to 6.6), of visits end
    in a purchase, compared with “search”``.

    A difference whose interval holds none is told with its sign; a measure without words of its own by its name. What
    is counted, in which unit, and compared with whom, is that of the belief (``result``) which the effect is of.
    """
    told = _size_told(effect, words, result)
    than = "" if result is None else _than(result, effect, words)
    told = words.say("report.effect.than", told=told, than=than) if than else told
    return words.say("report.effect.of", label=effect.label, told=told) if effect.label else told


def _than(result: HypothesisResult, effect: Effect, words: Words) -> str:
    """What is counted and compared with whom; the arm of which no effect is told is the one that others are compared
    with."""
    others = [arm for arm in result.n if arm not in {one.label for one in result.effects}]
    key = f"report.than.{result.id}"
    if not words.has(key):
        if effect.measure not in (*DIFFERENCES, *RATIOS):
            return ""
        mean = "_mean" if effect.measure == "mean difference" else ""
        key = f"report.than.others{mean}" if len(others) == 1 else "report.than.control"
    return words.say(key, other=others[0] if len(others) == 1 else "")


def _size_told(effect: Effect, words: Words, result: HypothesisResult | None) -> str:
    """How large an effect is, in its unit."""
    low, high, kind = effect.ci_low, effect.ci_high, effect.measure
    difference = kind in DIFFERENCES
    side = ("less" if high < 0 else "more" if low > 0 else "open") if difference else "is"
    key = f"report.effect.{kind.replace(' ', '_')}.{side}"
    if not words.has(key):
        return effect_text(replace(effect, label=""), words)
    estimate, ends = effect.estimate, (low, high)
    if side == "less":
        estimate, ends = -estimate, (-high, -low)
    if kind in ("risk difference", "slope"):  # of one; points of a hundred, and per tenth of a price
        times = 100 if kind == "risk difference" else 0.1
        estimate, ends = times * estimate, tuple(times * end for end in ends)
    unit = {"risk difference": "number", "slope": "percent", "share": "percent", "auc": "percent"}.get(kind)
    unit = unit or ("ratio" if kind in RATIOS else "number")
    if kind == "mean difference" and result is not None and result.id in IN_MONEY:
        unit = "money"
    size: Any = Quantity(estimate, unit)
    if kind == "mean difference" and result is not None and result.id in IN_SCALE_POINTS:
        size = words.say("report.than.scale", number=size)
    return words.say(key, estimate=size, interval=Quantity(ends, unit))


def same_fact(same: dict[int, int], number: int, words: Words) -> str:
    """Of a statement that tells an earlier one's fact (``twins``), by its number on the card, which; else nothing."""
    first = same.get(number - 1)
    return "" if first is None else words.say("report.evidence.same_fact", number=first + 1)


_ADDRESS = re.compile(r"\b(https?|ftp|mailto|www)([:.])", re.IGNORECASE)


def plain_markdown(text: str) -> str:
    """Text that Markdown shows as it stands: one line, markup characters escaped, a card's own ``[2]`` left alone."""
    escaped = re.sub(r"([\\`*_{}\[\]()#|~])", r"\\\1", html.escape(" ".join(str(text).split()), quote=False))
    escaped = _ADDRESS.sub(lambda found: f"{found[1]}&#{ord(found[2])};", escaped)  # shown, and no link
    return re.sub(r"\\\[(\d+)\\\]", r"[\1]", escaped)


DECLARED = (
    "id",
    "title",
    "table",
    "arm",
    "randomised",
    "outcome",
    "design",
    "unit",
    "sesoi",
    "guardrails",
    "preregistration",
)
"""What study.yml says of an experiment."""


def as_yaml(experiment: dict[str, Any]) -> str:
    """The lines of study.yml that declare a ready experiment."""
    declared = {name: experiment[name] for name in DECLARED if experiment[name] not in ([], None)}
    return yaml.safe_dump({"experiments": [declared]}, sort_keys=False, allow_unicode=True, width=100)


def steps_of(experiment: dict[str, Any], words: Words) -> list[str]:
    """A ready experiment in steps: who is drawn, what is measured, what it can show, what must not suffer, when it is
    read."""
    arms = words.say("report.experiment.arms", n=experiment["n_per_arm"], weeks=experiment["weeks"])
    return [
        f"{experiment['do']} {arms}",
        experiment["measure"],
        words.say("report.experiment.shows", smallest=experiment["smallest_change"]),
        *(words.say("report.experiment.guard", margin=guard["margin"]) for guard in experiment["guardrails"]),
        experiment["stop"],
    ]


def of_everybody(line: Line) -> bool:
    """Whether a line of a brief says what a belief found of everybody: the same on every card, so told once beside."""
    return line.topic in BELIEVED.values() and not line.because and not line.asks


def shares_in(text: str, claim: Claim, words: Words) -> bool:
    """Whether advice already tells the shares of the claim that it follows from."""
    if claim.shares is None or words.percent(claim.shares[0]) not in text:
        return False
    return repeat_of(claim) == "lost" or words.percent(claim.shares[1]) in text


def first_step(card: Card) -> str:
    """The one thing to do that a tile has room for: the test that is ready, else the first argument, which most of the
    group share; empty where a card advises nothing."""
    told = {action.topic: action.first or action.text for action in card.actions}
    ready = {} if card.experiment is None else {"test": card.experiment["do"]}
    first = ("review", "test", "argument", "offer", "moment", "channel")
    return next((text for topic in first if (text := (told | ready).get(topic))), "")


def crossed(card: Card, words: Words) -> list[str]:
    """Whose people a card's people are, too, and what that means in money where costs are known."""
    told = []
    for one in card.overlaps:
        kind = "reviewed" if card.kind == "negative" else "persona"
        said = words.say(f"report.overlap.{kind}", share=one.share, n=one.n, name=one.name)
        if one.left_each is not None and one.left_rest is not None:
            key = f"report.overlap.left_{kind}"
            said = f"{said} {words.say(key, each=one.left_each, rest=one.left_rest)}"
        told.append(said)
    return told


def moments_told(card: Card, words: Words, most: int = 3) -> list[str]:
    """The parts of the week that hold most of a card's orders, the fullest first: ``Monday morning (38 %)``."""
    known = sorted((one for one in card.week if one.share), key=lambda one: -one.share)[:most]
    return [
        words.say(
            "report.week.moment",
            day=say(f"report.weekday.{one.day}"),
            part=say(f"report.week.{one.part or 'day'}"),
            share=one.share,
        )
        for one in known
    ]


def topic_name(topic: str, words: Words) -> str:
    """The topic of an action as a heading."""
    key = f"report.topic.{topic}"
    return words.say(key) if words.has(key) else topic.capitalize()


def hue(card: Card) -> str:
    """The colour class of a card, which stays with its id from run to run."""
    if card.kind == "negative":
        return "hue-negative"
    found = re.search(r"(\d+)$", card.id)
    return f"hue-{(int(found[1]) - 1) % 5}" if found else "hue-rule"


# --- marks -------------------------------------------------------------------------------------------------------


def cite(text: str, card_id: str, claims: int) -> Markup:
    """Escape prose and turn ``[2]`` into a link to the card's second statement."""

    def link(found: re.Match[str]) -> str:
        number = int(found.group(1))
        known = 1 <= number <= claims
        return f'<a class="ref" href="#{escape(card_id)}-{number}">{number}</a>' if known else found.group(0)

    return Markup(REFERENCE.sub(link, str(escape(text))))  # escaped just above


def claim_strip(claim: Claim, words: Words, span: float = 4.0) -> Markup:
    """The strip of a ratio, whose text alternative tells what it shows; a bound reaches to the end of the scale."""
    low, high = claim.ci_low, claim.ci_high
    side = "open" if low is None or high is None or low <= 1 <= high else "more" if low > 1 else "less"
    alt = words.say(f"report.strip.{side}", estimate=estimate_text(claim, words), interval=interval_text(claim, words))
    low, high = (0.0 if claim.bound == "under" else low), (math.inf if claim.bound == "over" else high)
    return lift_strip(claim.estimate, low, high, alt, span)


def lift_strip(estimate: float, low: float | None, high: float | None, alt: str, span: float = 4.0) -> Markup:
    """A dot with its interval on a log scale from 1/span to span, 1 in the middle; arrows where it leaves the scale."""

    def place(ratio: float) -> float:
        position = math.log(ratio) / math.log(span) if ratio > 0 else -2.0
        return round(100 + 88 * min(max(position, -1.06), 1.06), 1)

    whisker = "" if low is None or high is None else _whisker(place(low), place(high))
    dot = f'<path class="dot" d="M{place(estimate)} 10h0"/>'
    return _picture(alt, f'<path class="zero" d="M100 1V19"/>{whisker}{dot}')


def week_map(card: Card, words: Words) -> Markup:
    """The week of a card's orders as inline SVG: a square for each part of it, the darker the more; empty without."""
    told = moments_told(card, words)
    if not told:
        return Markup("")
    parts, days = (list(dict.fromkeys(getattr(one, name) for one in card.week)) for name in ("part", "day"))
    most, drawn = max(one.share or 0.0 for one in card.week), []
    for at, day in enumerate(days):
        name = escape(words.say(f"report.weekday.{day}")[:2])
        drawn.append(f'<text x="{72 + 27 * at}" y="10" text-anchor="middle">{name}</text>')
    for row, part in enumerate(parts):
        name = escape(words.say(f"report.week.{part or 'day'}"))
        drawn.append(f'<text x="0" y="{29 + 21 * row}">{name}</text>')
    for one in card.week:
        x, y = 59 + 27 * days.index(one.day), 15 + 21 * parts.index(one.part)
        shade = "none" if one.share is None else f"{one.share / most:.2f}"
        drawn.append(f'<rect class="cell" x="{x}" y="{y}" width="25" height="19" rx="3"/>')
        drawn.append("" if shade == "none" else f'<rect class="full" x="{x}" y="{y}" width="25" height="19" rx="3" '
                     f'fill-opacity="{shade}"/>')  # fmt: skip
    alt = words.say("report.week.alt", moments=told)
    return Markup(
        f'<svg class="week" viewBox="0 0 248 {16 + 21 * len(parts)}" role="img" aria-label="{escape(alt)}">'
        f"{''.join(drawn)}</svg>"
    )  # every word of it is escaped just above


def span_of(cards: Iterable[Card]) -> float:
    """The scale that the strips of these cards share: the smallest of 4, 8, 16 and 32 that holds all their lifts."""
    claims = [claim for card in cards for claim in card.claims]
    ratios = [r for c in claims if c.unit == "lift" for r in (c.estimate, c.ci_low, c.ci_high) if r]
    farthest = max((max(ratio, 1 / ratio) for ratio in ratios), default=1.0)
    return next((span for span in (4.0, 8.0, 16.0) if farthest <= span), 32.0)


def _whisker(left: float, right: float) -> str:
    return f'<path class="whisker" d="M{left} 10H{right}M{left} 6.5V13.5M{right} 6.5V13.5"/>'


def _picture(alt: str, inner: str) -> Markup:
    """One strip of 200 by 20 units as inline SVG with its text alternative."""
    return Markup(
        f'<svg class="strip" viewBox="0 0 200 20" preserveAspectRatio="none" role="img" aria-label="{escape(alt)}">'
        f"{inner}</svg>"
    )
