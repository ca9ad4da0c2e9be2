"""Exports of twenty tools, thought of after the door was built: what is read of each, or why it is refused."""

import csv
import datetime as dt
import io
import random
import re
from pathlib import Path

import pytest
import yaml

from helpers.contracts import UserFault
from helpers.customers.totals import add_up
from helpers.guesses import read_questions
from helpers.intake.guess import write_study
from helpers.read.load import load_tables
from helpers.study import load_study
from helpers.survey.survey import code_survey

TOOLS = yaml.safe_load((Path(__file__).parent / "unseen_tools.yml").read_text(encoding="utf-8"))
PRICES = {"Green tea": 4.5, "Blue mug": 12.25, "Large pot": 31.9}
WORDS = [
    "late again and again",
    "too dear for me now",
    "a nice shop it is",
    "nothing at all to change",
    "my sister told me",
]


def columns(tool):
    """Headers with the kinds of their cells: (header, kind, what stands in its brackets)."""
    for pair in tool["columns"].split(" | "):
        header, mark, spec = re.fullmatch(r"(.+?)([:=])((?:\w+\([^()]*\)|[^:=]*)|[^=]*)", pair).groups()
        kind, inside = re.fullmatch(r"(\w+)\((.*)\)", spec).groups() if mark == ":" and "(" in spec else (spec, "")
        yield header, ("same" if mark == "=" else kind), inside if mark == ":" else spec


def file_of(tool, rows, folder):
    out = io.StringIO()
    headers = [header for header, *_ in columns(tool)]
    csv.writer(out, delimiter=tool.get("sep", ","), lineterminator="\n").writerows([headers, *rows])
    file = folder / "export.csv"
    file.write_bytes(out.getvalue().encode(tool.get("encoding", "utf-8")))
    return file


def orders(tool):
    """Rows of 120 orders of 40 people, each tenth of which did not come about, and what those that did add up to."""
    chance, rows, kept, net = random.Random(9), [], set(), 0.0
    ends = any(kind in ("status", "flag") for _, kind, _ in columns(tool))

    def money(value):
        return f"{value:.2f}".replace(".", "," if tool.get("comma") else ".")

    for number in range(120):
        who, at = chance.randrange(40), dt.datetime(2024, 1, 8, 9, 5) + dt.timedelta(hours=71 * number)
        goods = chance.sample(list(PRICES), chance.randint(1, 2) if tool.get("lines") else 1)
        pieces = {thing: 1 if tool.get("one_piece") else chance.randint(1, 3) for thing in goods}
        total = sum(PRICES[thing] * pieces[thing] for thing in goods)
        bad = ends and number % 10 == 3
        for thing in goods:
            cells = {
                "order": f"A-{10_000 + number}", "order2": f"T{77_000 + number}", "seq": len(rows) + 1,
                "person": f"K{500 + who}", "name": f"Ann Moss{chr(97 + who % 26)}", "mail": f"p{who}@example.org",
                "phone": f"+7701{1_000_000 + who}", "thing": thing, "sku": thing[:5].upper(), "pieces": pieces[thing],
                "price": money(PRICES[thing]), "double": money(2 * PRICES[thing]), "blank": "",
                "sum": money(PRICES[thing] * pieces[thing]), "total": money(total),
            }  # fmt: skip
            row = []
            for _, kind, inside in columns(tool):
                good, _, ill = inside.partition(" / ")
                said = {"day": at.strftime(inside) if kind == "day" else "", "same": inside} | cells
                said |= dict.fromkeys(
                    ("status", "flag"), ill if bad else good.split(", ")[number % len(good.split(", "))]
                )
                row.append(said[kind])
            rows.append(row)
        if not bad:
            kept.add((number, who))
            net += total
    return rows, {"customers": len({who for _, who in kept}), "orders": len(kept), "net": round(net, 2)}


def answers(tool):
    """Rows of 120 respondents."""
    chance = random.Random(9)

    def cell(kind, inside, number):
        options = inside.split(", ")
        return {
            "meta_id": lambda: 700_000 + number, "mail": lambda: f"p{number}@example.org", "same": lambda: inside,
            "name": lambda: f"Ann {chr(97 + number % 26)}oss", "nps": lambda: chance.randint(2, 10),
            "open": lambda: f"{chance.choice(WORDS)} {number % 9}", "pick": lambda: chance.choice(options),
            "number": lambda: chance.randint(18, 70), "mark5": lambda: chance.randint(1, 5),
            "mark7": lambda: chance.randint(1, 7),
            "day": lambda: (dt.datetime(2025, 3, 1, 9, 5) + dt.timedelta(hours=7 * number)).strftime(inside),
            "ticks": lambda: "\n".join(chance.sample(["Price", "Quality", "Smell"], chance.randint(1, 2))),
        }[kind]()  # fmt: skip

    return [[cell(kind, inside, number) for _, kind, inside in columns(tool)] for number in range(120)]


@pytest.mark.parametrize("name", TOOLS["sales"])
def test_orders_add_up_or_are_refused_with_what_is_missing(tmp_path, name):
    tool = TOOLS["sales"][name]
    rows, right = orders(tool)
    file = file_of(tool, rows, tmp_path)
    if isinstance(tool["read"], str):
        with pytest.raises(UserFault) as fault:
            load_tables(load_study(write_study([file], tmp_path / "out")[0]))
        path = tmp_path / "out" / "study.yml"
        told = [str(fault.value), *(read_questions(path) if path.exists() else [])]
        assert any(tool["read"] in text for text in told)
        return
    study = load_study(write_study([file], tmp_path / "out")[0])
    totals = add_up(load_tables(study), study)
    assert {of: getattr(totals, of) for of in tool["read"]} == right


@pytest.mark.parametrize("name", TOOLS["surveys"])
def test_questions_are_known_and_what_the_tool_wrote_is_none(tmp_path, name):
    tool = TOOLS["surveys"][name]
    study = load_study(write_study([file_of(tool, answers(tool), tmp_path)], tmp_path / "out")[0])
    survey = code_survey(load_tables(study), study)
    found: dict[str, list[str]] = {}
    for kind, question in survey.items[["kind", "question"]].drop_duplicates().itertuples(index=False):
        found.setdefault(kind, []).append(question)
    assert {kind: sorted(asked) for kind, asked in found.items()} == {
        kind: sorted(asked) for kind, asked in tool["read"].items()
    }
