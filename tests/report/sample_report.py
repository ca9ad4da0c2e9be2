"""A made-up report with every kind of card, in several scripts, for the tests of pages and for looking at."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace
from pathlib import Path

import nbformat
import pandas as pd

from helpers.contracts import (
    Action,
    Card,
    Claim,
    Coverage,
    Drift,
    Effect,
    FileAccount,
    HypothesisResult,
    Issue,
    Match,
    Rule,
    Size,
    Stability,
    Structure,
)
from helpers.data.customers import Customers, Period
from helpers.personas.model import Group, Personas
from helpers.personas.negative import Negative
from helpers.personas.voice import Voice
from helpers.report.cards import build_cards
from helpers.report.site import Report
from helpers.study import Study
from helpers.wording import Words

HOSTILE = "<script>alert(1)</script><b>&\"'<img src=x onerror=alert(2)>"
PERIOD = Period(dt.date(2025, 1, 6), dt.date(2025, 10, 1), dt.date(2025, 12, 31))
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


def make_study(title: str = "Green Home, 2025", contact: str = "research@example.org") -> Study:
    """A study with sales and nothing else declared."""
    return Study.model_validate(
        {
            "study": "green-home",
            "title": title,
            "contact": contact,
            "currency": "EUR",
            "tables": {"sales": {"path": "sales.csv"}},
        }
    )


def claim(section: str, statement: str, column: str, lift: float, low: float, high: float, **other: object) -> Claim:
    """A claim with what most of them have in common."""
    values = {"source": "sales", "role": "defining", "n": 412, "unit": "lift", "compared_with": "all others"}
    values |= {"p_adjusted": None, "grade": "strong"} | other
    return Claim(section, statement, column=column, estimate=lift, ci_low=low, ci_high=high, **values)


def make_groups() -> tuple[Group, ...]:
    """Three clustered groups and two by rule."""
    office = (
        claim(
            "moments",
            "Monday holds 41 % of their orders, against 13 % among the others.",
            "monday_share",
            3.1,
            2.7,
            3.6,
        ),
        claim("moments", "They place 58 % of their orders in the morning.", "morning_share", 1.9, 1.7, 2.2),
        claim("habits", "An order holds 9.2 items, against 3.1 among the others.", "basket_size", 2.9, 2.5, 3.3),
        claim("channels", "A sales person takes 37 % of their orders.", "channel_sales_call_share", 2.4, 1.9, 3.0),
        claim(
            "value",
            "They leave 164 EUR of profit each, after what the goods cost.",
            "margin",
            1.8,
            1.4,
            2.3,
            role="held out",
            p_adjusted=0.0004,
        ),
        claim(
            "drivers",
            "Among the reasons for buying, “доставка точно в срок” is named by 44 % of them.",
            "доставка точно в срок",
            2.2,
            1.5,
            3.2,
            source="survey",
            n=96,
            role="held out",
            grade="moderate",
        ),
    )
    values = (
        claim(
            "drivers",
            "“\u2068کیفیت و سازگاری با محیط زیست\u2069” is a reason for 52 % of them, against 21 % of the others.",
            "کیفیت و سازگاری با محیط زیست",
            2.5,
            1.9,
            3.2,
            source="survey",
            n=171,
            role="held out",
            p_adjusted=0.002,
        ),
        claim(
            "barriers",
            "“Не верю составу на этикетке” holds back 31 % of them, against 12 % of the others.",
            "Не верю составу на этикетке",
            2.6,
            1.7,
            3.9,
            source="survey",
            n=171,
            role="held out",
            p_adjusted=0.006,
        ),
        claim(
            "habits",
            "A coupon comes with 4 % of their orders, against 19 % among the others.",
            "coupon_share",
            0.22,
            0.15,
            0.31,
            n=538,
        ),
        claim("habits", "They return 2 % of what they buy.", "return_share", 0.71, 0.48, 1.04, n=538, grade="weak"),
        claim("value", "Their usual order is worth 61 EUR.", "order_value_median", 1.4, 1.2, 1.6, n=538),
        claim(
            "mindset",
            "“Would rather buy one good thing than three cheap ones”: 4.4 of 5, against 3.6.",
            "Would rather buy one good thing than three cheap ones",
            1.22,
            1.1,
            1.35,
            source="survey",
            n=205,
            grade="moderate",
        ),
    )
    coupons = (
        claim("habits", "A coupon comes with 63 % of their orders.", "coupon_share", 5.6, 4.8, 6.6, n=377),
        claim("habits", "They buy reduced goods in 71 % of order lines.", "discount_share", 2.8, 2.4, 3.2, n=377),
        claim("moments", "They buy in the evening in 49 % of cases.", "evening_share", 1.5, 1.3, 1.8, n=377),
        claim(
            "value",
            "They leave 11 EUR of profit each.",
            "margin",
            0.31,
            0.12,
            0.6,
            n=377,
            role="held out",
            p_adjusted=0.003,
            grade="moderate",
        ),
    )
    once = (
        claim("value", "Their one order was worth 28 EUR.", "spend", 0.24, 0.2, 0.29, n=214),
        claim(
            "channels",
            "They came through search in 61 % of cases.",
            "channel_search_share",
            1.7,
            1.4,
            2.0,
            n=214,
            grade="moderate",
        ),
    )
    common = {"kind": "persona", "structural": False, "within": 0.84, "across": 0.79, "prevalence": (0.96, 0.71, 0.32)}
    return (
        Group(
            id="p1",
            handle="Monday-morning buyers for the office",
            n=412,
            answered=96,
            share=0.262,
            ci_low=0.241,
            ci_high=0.285,
            revenue_share=0.47,
            rule="monday_share above 0.25 and basket_size above 5",
            held_out_balanced_accuracy=0.88,
            claims=office,
            **common,
        ),
        Group(
            id="p2",
            handle="Full-price buyers who read the list of ingredients and doubt it",
            n=538,
            answered=205,
            share=0.343,
            ci_low=0.32,
            ci_high=0.367,
            revenue_share=0.35,
            rule="coupon_share under 0.1",
            held_out_balanced_accuracy=0.81,
            claims=values,
            **common,
        ),
        Group(
            id="p3",
            handle="Coupon-led evening buyers",
            n=377,
            answered=6,
            share=0.24,
            ci_low=0.22,
            ci_high=0.262,
            revenue_share=0.15,
            rule="coupon_share above 0.4",
            held_out_balanced_accuracy=0.9,
            claims=coupons,
            **common,
        ),
        Group(
            id="one-order",
            kind="segment",
            structural=True,
            handle="One order so far",
            n=214,
            answered=0,
            share=0.136,
            ci_low=0.12,
            ci_high=0.154,
            revenue_share=0.03,
            within=None,
            across=None,
            prevalence=(),
            rule="exactly one order before 1 October 2025",
            held_out_balanced_accuracy=None,
            claims=once,
        ),
        Group(
            id="no-order",
            kind="segment",
            structural=True,
            handle="No order yet",
            n=7,
            answered=0,
            share=0.004,
            ci_low=0.002,
            ci_high=0.009,
            revenue_share=0.0,
            within=None,
            across=None,
            prevalence=(),
            rule="no order",
            held_out_balanced_accuracy=None,
            claims=(),
        ),
    )


def make_structure(kind: str = "reproducible") -> Structure:
    """The gate's verdict."""
    statement = "The same three groups come back in other samples, though nothing separates them sharply."
    return Structure(kind, kind in ("natural", "reproducible"), 0.01, 0.31, 0.04, 0.81, 0.12, 3, 5, statement)


def make_personas(groups: tuple[Group, ...] | None = None, kind: str = "reproducible") -> Personas:
    """Personas without tables: cards need none of them."""
    none = pd.DataFrame()
    method = "behaviour of 1,327 customers with two orders or more and answers of 307 respondents"
    structure = make_structure(kind)
    return Personas(
        method, structure, make_groups() if groups is None else groups, none, none, none, (), {"version": 1}
    )


def make_negative() -> Negative:
    """One group to review."""
    claims = (
        claim(
            "risk",
            "Each of them cost us 23 EUR more than they brought.",
            "margin",
            -23.0,
            -31.0,
            -14.0,
            n=88,
            unit="money",
            role="held out",
            p_adjusted=0.0002,
            grade="moderate",
            compared_with="average",
        ),
        claim(
            "service",
            "They complain 4.1 times as often as others.",
            "complaints",
            4.1,
            2.9,
            5.8,
            n=88,
            source="service",
            role="held out",
            p_adjusted=0.0001,
            grade="moderate",
        ),
        claim(
            "risk",
            "They send back 38 % of what they order.",
            "return_share",
            5.2,
            4.0,
            6.8,
            n=88,
            role="held out",
            p_adjusted=0.001,
            grade="moderate",
        ),
    )
    card = Card(
        id="n1",
        kind="negative",
        name="To review 1",
        handle="Frequent returns, many complaints, dear to win",
        summary="",
        size=Size(88, 0.056, 0.046, 0.069, 0.04),
        stability=Stability(None, None),
        prevalence=(),
        grade="moderate",
        claims=claims,
        rule=Rule("return_share above 0.3 and acquired through paid social", 0.74),
        actions=(
            Action("offer", "Check delivery and product descriptions before spending to win more of them.", (0, 2)),
        ),
    )
    frames = {field.name: pd.DataFrame() for field in fields(Negative)}
    return Negative(**frames | {"cards": (card,), "unknowns": (), "statement": "One group costs more than it brings."})


def make_voice() -> Voice:
    """No coded answers beyond the claims above."""
    codes = pd.DataFrame(
        columns=["id", "about", "code", "n", "n_coded", "share", "share_others", "lift", "ci_low", "ci_high"]
    )
    none = pd.DataFrame()
    return Voice(codes, none, none)


def make_customers() -> Customers:
    """Features by name only: no hours, and costs are known."""
    features = pd.DataFrame(columns=["customer_id", "channel_search_share", "margin"])
    return Customers(PERIOD, features, pd.DataFrame(), pd.DataFrame(columns=["customer_id", "country"]), ())


def make_hypotheses() -> tuple[HypothesisResult, ...]:
    """One result of every verdict."""
    untested = HypothesisResult(
        "step_friction",
        "Does some step of a form lose many of those who reach it?",
        "Effort loses buyers.",
        "leads",
        "observational",
        "not testable",
        "This cannot be tested with these data: there is no table of steps.",
    )
    return (
        untested,
        replace(
            untested,
            id="framing_by_persona",
            title="Does the way an offer is put move some personas more than others?",
            reason="This cannot be tested with these data: only 41 people in one arm, about 180 are needed.",
        ),
        HypothesisResult(
            "relative_saving",
            "Does the same saving move more people on a cheap item than on a dear one?",
            "People judge a saving against the price of the item (Tversky and Kahneman 1981).",
            "framing",
            "randomised",
            "supported",
            "The 95 % interval (1.4 to 3.0) excludes no effect, and it holds after correction.",
            Effect("odds ratio", 2.06, 1.42, 2.99),
            (Effect("odds ratio", 2.06, 1.42, 2.99), Effect("risk difference", 0.171, 0.083, 0.256)),
            {"cheap": 231, "dear": 228},
            0.0001,
            0.0004,
            0.05,
            0.13,
            "two proportions",
            "54 % would cross town to save on the cheap item, 37 % on the dear one.",
            "share who go, cheap minus dear",
            "risk difference",
        ),
        HypothesisResult(
            "conversion_by_channel",
            "Do visits from some channels end in a purchase more often?",
            "Channels bring people with different intent.",
            "channels",
            "observational",
            "inconclusive",
            "Neither an effect nor its absence is shown.",
            Effect("risk difference", 0.011, -0.004, 0.026, "newsletter"),
            (Effect("risk difference", 0.011, -0.004, 0.026, "newsletter"),),
            {"newsletter": 912, "поиск": 2210, "fair": 4},
            0.15,
            0.44,
            0.01,
            0.021,
            "clustered",
            "3.4 % of newsletter visits end in an order, 2.3 % of search visits.",
        ),
        HypothesisResult(
            "new_vs_returning",
            "Do returning visitors buy more often than new ones?",
            "People buy from those they know.",
            "channels",
            "observational",
            "equivalent",
            "The 90 % interval lies within the smallest effect of interest.",
            Effect("risk difference", 0.002, -0.006, 0.01),
            (),
            {"new": 3011, "returning": 1944},
            0.6,
            0.6,
            0.02,
            0.01,
            "clustered",
            "New and returning visitors order equally often.",
        ),
        HypothesisResult(
            "our_test",
            "آیا پیام «سازگار با طبیعت» بهتر از «ارزان‌تر» است؟",
            "An experiment that this study declares.",
            "framing",
            "randomised",
            "reversed",
            "The interval lies wholly on the other side.",
            Effect("odds ratio", 0.62, 0.43, 0.9),
            (),
            {"طبیعت": 180, "ارزان‌تر": 176},
            0.01,
            0.03,
            0.05,
            0.12,
            "two",
            "The cheaper wording moved more people.",
        ),
    )


def make_report(**changes: object) -> Report:
    """The whole report; ``changes`` replace its fields."""
    study, words = make_study(), Words("en", "EUR")
    found, beliefs = make_personas(), make_hypotheses()
    cards = build_cards(found, make_customers(), make_voice(), make_negative(), beliefs, study, words)
    issues = (
        Issue(
            "ids_differ_in_case", "repaired", "customer_id", 41, (12, 80, 81, 90, 101), "written in two ways, joined"
        ),
        Issue("price_missing", "quarantined", "Сумма", 6, (44, 45, 300, 812, 900), "no amount can be read"),
    )
    accounts = (
        FileAccount("sales", "продажи 2025.csv", 18244, 18238, 41, 6, issues),
        FileAccount("survey", "نظرسنجی.csv", 520, 520, 0, 0),
    )
    matches = (
        Match("p1", "p1", 0.91, 0.262, 0.24),
        Match("p2", "p2", 0.88, 0.343, 0.36),
        Match("p3", None, None, 0.24, None),
    )
    drift = Drift("20251001-a1", True, matches, ("p3",), ("p4",), None, 0.14, "one group is new and one is gone.")
    report = Report(
        study=study,
        run_id="20260105-b2",
        as_of=PERIOD.as_of,
        created=dt.date(2026, 1, 5),
        structure=found.structure,
        method=found.method,
        coverage=Coverage(1571, 520, 1548, 23),
        cards=cards,
        hypotheses=beliefs,
        accounts=accounts,
        drift=drift,
        model=found.model,
        sql="select customer_id from features",
        period=PERIOD,
    )
    return replace(report, **changes)


def hostile_report() -> Report:
    """The same with markup wherever a user's text can come in."""
    report = make_report()
    first = report.cards[0]
    bad = replace(first.claims[0], statement=HOSTILE, column=HOSTILE, source=HOSTILE, compared_with=HOSTILE)
    card = replace(
        first,
        handle=HOSTILE,
        claims=(bad,),
        summary=f"{HOSTILE} [1].",
        unknowns=(HOSTILE,),
        actions=(Action(HOSTILE, HOSTILE, (0,)),),
        rule=Rule(HOSTILE, 0.7),
    )
    belief = replace(
        report.hypotheses[2],
        title=HOSTILE,
        sentence=HOSTILE,
        reason=HOSTILE,
        n={HOSTILE: 50},
        effect=Effect("odds ratio", 2.0, 1.5, 2.5, HOSTILE),
    )
    issue = Issue("x", "warning", HOSTILE, 1, (1,), HOSTILE)
    return replace(
        report,
        study=make_study(HOSTILE, HOSTILE),
        cards=(card,),
        hypotheses=(belief,),
        method=HOSTILE,
        structure=replace(report.structure, statement=HOSTILE),
        drift=replace(report.drift, statement=HOSTILE),
        accounts=(FileAccount("sales", HOSTILE, 1, 1, 0, 0, (issue,)),),
        run_id=HOSTILE,
    )


def make_notebook(path: Path, hostile: bool = False) -> Path:
    """An executed notebook with prose, code, a warning, a table and a figure."""
    table = '<figure class="table"><table class="data"><tr><td dir="auto">دو</td></tr></table></figure>'
    evil = '<script>document.title="ran"</script><img src="https://example.org/x.png">'
    evil += '<iframe src="//example.org"></iframe>'
    figure = nbformat.v4.new_output(
        "display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": "Spend per customer", "width": 400}}
    )
    outputs = [
        nbformat.v4.new_output("stream", name="stderr", text="/home/someone/secret.py: UserWarning"),
        nbformat.v4.new_output("display_data", {"text/html": table + (evil if hostile else "")}),
        figure,
    ]
    if hostile:
        outputs.append(nbformat.v4.new_output("display_data", {"application/javascript": "document.title='ran'"}))
    prose = "# Who buys <b>what</b>?\n\nSome **prose** & more." + (f"\n\n{evil}" if hostile else "")
    cells = [
        nbformat.v4.new_markdown_cell(prose),
        nbformat.v4.new_code_cell("secret_code = 1", outputs=outputs, execution_count=1),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path
