"""One sweep over everything that is published: no name and no number that only a few people stand behind."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from rare import PHONE, write_shop

from helpers.contracts import Issue
from helpers.customers.totals import add_up, publishable
from helpers.read import quality
from helpers.run.session import _found, _texts
from helpers.run.stages import Session, answers, call, exhibits
from helpers.run.write_report import write_publication
from helpers.small_cells import binned, named, rounded
from helpers.study import load_study
from helpers.types.prepare import _scored, with_weekend
from helpers.wings import resolve

LEAST = 10
COUNTS = {
    "n", "customers", "respondents", "answered", "brought", "flagged", "assigned", "unassigned", "people", "given",
    "asked", "yes", "no", "sessions", "orders", "visits", "reached", "sent",
}  # fmt: skip
"""Fields that hold numbers of people, or of what people did."""
SPOKEN = re.compile(
    r"(?<![\d.,\u2212-])[1-9] (?:customers?|people|persons?|respondents?|orders?|visits?|leads?|sessions?|answers?)\b"
)
PEOPLE_BARS = ("customers.spend", "personas.posteriors")
"""Figures whose bars are people."""


@dataclass
class Seen:
    """What leaves the house: texts and counts by where they stand, and the bars of figures (x, width, height)."""

    texts: dict[str, str] = field(default_factory=dict)
    counts: dict[str, float] = field(default_factory=dict)
    bars: dict[str, list[tuple[float, float, float]]] = field(default_factory=dict)

    def add(self, place: str, value: Any, name: str = "") -> None:
        if isinstance(value, dict):
            for key, part in value.items():
                self.add(f"{place}.{key}", str(key))
                self.add(f"{place}.{key}", part, "n" if name == "n" else str(key))
        elif isinstance(value, (list, tuple)):
            for i, part in enumerate(value):
                self.add(f"{place}[{i}]", part, name)
        elif isinstance(value, str):
            self.texts[place] = self.texts.get(place, "") + "\n" + value
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and name in COUNTS:
            self.counts[place] = value

    def add_frame(self, place: str, frame: pd.DataFrame) -> None:
        self.add(place, [str(name) for name in frame.columns])
        for name in frame.columns:
            cells = [part.item() if isinstance(part, np.generic) else part for part in frame[name]]
            self.add(f"{place}.{name}", cells, str(name))

    def add_figure(self, place: str, figure: Figure) -> None:
        FigureCanvasAgg(figure).draw()
        self.add(place, [text.get_text() for text in figure.findobj(mpl.text.Text)])
        bars = (bar for ax in figure.axes for bar in ax.patches if isinstance(bar, mpl.patches.Rectangle))
        self.bars[place] = [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in bars]


def published(out: Path) -> Iterator[tuple[str, Any]]:
    """Every file of a publication: JSON as values, workbooks as their cells, everything else as text without the
    escapes of its markup."""
    for file in sorted(path for path in out.rglob("*") if path.is_file()):
        name = file.relative_to(out).as_posix()
        if file.suffix == ".xlsx":
            sheets = openpyxl.load_workbook(file, read_only=True).worksheets
            yield name, [str(cell) for sheet in sheets for row in sheet.values for cell in row if cell is not None]
            continue
        if file.suffix == ".pdf":  # the texts of the page, held equal to it in tests/pages/test_pdf.py
            continue
        text = file.read_text(encoding="utf-8")
        yield name, json.loads(text) if file.suffix == ".json" else html.unescape(text)


def look(session: Session, out: Path) -> Seen:
    """The whole of it: the files, and each exhibit and answer of each notebook as its frames and figures."""
    seen, words = Seen(), session.words
    for name, exhibit in exhibits().items():
        if name.startswith("proof."):  # published figures of others, recomputed
            continue
        found = words.told(_found(session, exhibit))
        if not isinstance(found, pd.DataFrame):
            seen.add(name, [words.tell(text) for text in _texts(found)])
        elif len(found) and (not exhibit.needs or found[exhibit.needs].notna().any()):
            if not exhibit.draw:
                seen.add_frame(name, found.drop(columns=list(exhibit.drop)))
                continue
            for value, part in found.groupby(exhibit.each, sort=False) if exhibit.each else [("", found)]:
                seen.add_figure(f"{name}{value}", resolve(exhibit.draw)(part, words=words).get_figure())
    for notebook, place in answers().items():
        if notebook != "12_proof":
            seen.add(f"answer of {notebook}", [words.tell(text) for text in _texts(call(session, place))])
    out.mkdir()
    write_publication(session.study, session.work, out, "run")
    for name, content in published(out):
        seen.add(name, content)
    return seen


LONG = [pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3)]


@pytest.fixture(scope="module", params=[1, *LONG])
def swept(request, tmp_path_factory) -> SimpleNamespace:
    """A shop with rare values everywhere, and all that it publishes."""
    folder = tmp_path_factory.mktemp(f"rare{request.param}")
    rare = write_shop(folder / "shop", request.param)
    (folder / "work").mkdir()
    session = Session("", load_study(folder / "shop"), folder / "work", {})
    return SimpleNamespace(
        rare=rare, seen=look(session, folder / "out"), session=session, model=folder / "out" / "model.json"
    )


def named_in(texts: dict[str, str], rare: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (column, place)
        for place, text in texts.items()
        for column, value in rare.items()
        if value.casefold() in text.casefold()
    ]


def test_no_value_of_a_few_people_is_named_anywhere(swept):
    assert PHONE in swept.rare.values()
    assert len(swept.seen.texts) > 1000  # else nothing was looked at
    assert named_in(swept.seen.texts, swept.rare) == []


def test_no_count_is_of_a_few_people(swept):
    few = {place: n for place, n in swept.seen.counts.items() if 0 < n < LEAST}
    assert few == {}
    assert len(swept.seen.counts) > 100


def test_no_sentence_counts_a_few_people(swept):
    plain = {place: re.sub(r"<[^>]*>", " ", text) for place, text in swept.seen.texts.items()}
    assert [(place, found) for place, text in plain.items() if (found := SPOKEN.findall(text))] == []


def test_no_bar_is_of_a_few_people_and_no_edge_is_an_extreme(swept):
    spend = swept.session["customers"].features["spend"]
    for name in PEOPLE_BARS:
        bars = swept.seen.bars[name]
        wide = [np.log(x + width) - np.log(x) if name == "customers.spend" else width for x, width, _ in bars]
        people = [bar[2] * steps / min(wide) for bar, steps in zip(bars, wide, strict=True)]
        assert min(n for n in people if n > 0) >= LEAST - 1e-6
    edges = [edge for x, width, _ in swept.seen.bars["customers.spend"] for edge in (x, x + width)]
    assert not np.isclose(np.array(edges)[:, None], [spend.min(), spend.max()], rtol=1e-3).any()


def test_no_limit_of_the_model_is_one_customer_s(swept):
    model = json.loads(swept.model.read_text(encoding="utf-8"))
    features = with_weekend(swept.session["customers"].features)
    assert model["features"] or model["kind"] == "tiers"
    for rule in model["features"]:
        scored = _scored(features, rule)
        inside = scored[np.isfinite(scored)]
        for limit in ("low", "fill", "high"):
            own = int(np.isclose(inside, rule[limit], rtol=1e-7, atol=1e-9).sum())
            assert own == 0 or own >= LEAST, (rule["column"], limit)


@pytest.mark.slow
def test_a_whole_run_names_nobody(tmp_path, cli):
    rare = write_shop(tmp_path / "shop", 5)
    ended = cli("run", tmp_path / "shop", "--out", tmp_path / "out", "--work", tmp_path / "work")
    assert ended.returncode == 0, ended.stderr
    found = dict(published(tmp_path / "out"))
    texts = {
        name: part if isinstance(part, str) else json.dumps(part, ensure_ascii=False) for name, part in found.items()
    }
    assert named_in(texts, rare) == []


# --- two publications that differ by one customer ----------------------------------------------------------------


def totals_without(tables: Any, study: Any, customer: str | None) -> dict[str, Any]:
    sales = tables.frames["sales"]
    frames = tables.frames | {"sales": sales[sales["customer_id"] != customer].reset_index(drop=True)}
    left = SimpleNamespace(frames=frames, accounts=tables.accounts, nobody=tables.nobody)
    found = publishable(add_up(left, study), LEAST)
    told = {name: getattr(found, name) for name in ("customers", "orders", "gross", "returned")}
    monthly = ("orders", "money", "customers")
    return told | {f"{row.month} {name}": getattr(row, name) for row in found.months.itertuples() for name in monthly}


def test_two_publications_that_differ_by_one_customer_do_not_tell_his_orders(swept):
    """Whoever is left out, a total is one of two neighbours, and any part up to the step between them fits both."""
    tables, study = swept.session["tables"], swept.session.study
    spend = swept.session["customers"].features.set_index("customer_id")["spend"].sort_values()
    every = totals_without(tables, study, None)
    without = [totals_without(tables, study, customer) for customer in spend.index[:-3:60]]
    for name, whole in every.items():
        assert len({whole, *(row[name] for row in without)}) <= 2, name


@pytest.mark.parametrize("name", ["aside", "nobody"])
def test_rows_set_aside_or_nobody_s_that_differ_by_one_customer_s_do_not_tell_them(swept, name):
    """Whichever customer's lines are set aside as well, rows and money are one of two neighbours."""
    totals = add_up(swept.session["tables"], swept.session.study)
    lines, money = (
        swept.session["tables"].frames["sales"].groupby("customer_id")["amount"].agg(["size", "sum"]).T.values
    )

    def told(more_rows, more_money):
        rows, worth = getattr(totals, f"{name}_rows") + more_rows, getattr(totals, f"{name}_money") + more_money
        found = publishable(replace(totals, **{f"{name}_rows": rows + 200, f"{name}_money": worth}), LEAST)
        return getattr(found, f"{name}_rows"), getattr(found, f"{name}_money")

    found = [told(0, 0.0), *(told(int(n), m) for n, m in zip(lines, np.clip(money, 0, None), strict=True))]
    for column in zip(*found, strict=True):
        assert len(set(column)) <= 2
    assert found[0][0] % LEAST == 0


def test_rows_of_files_that_differ_by_one_customer_s_do_not_tell_them(swept):
    """Whichever customer's rows are gone, used ones and those of a finding, a count is one of two neighbours."""
    tables = swept.session["tables"]
    sales = next(account for account in tables.accounts if account.table == "sales")
    finding = Issue("future_date", "quarantined", None, 220, (3, 9), "lies in the future", 5000.0)
    sales = replace(sales, rows_quarantined=220, rows_in=sales.rows_used + 220, rows_repaired=220, issues=(finding,))

    def told(gone):
        less = {"rows_used": sales.rows_used - gone, "rows_quarantined": 220 - gone, "rows_repaired": 220 - gone}
        (shown,) = quality.publishable(
            (replace(sales, **less, issues=(replace(finding, rows=220 - gone),)),), tables.frames, LEAST
        )
        assert shown.rows_in == shown.rows_used + shown.rows_quarantined
        assert shown.issues[0].first_rows == ()
        return shown.rows_used, shown.rows_quarantined, shown.rows_repaired, shown.issues[0].rows or 0

    lines = tables.frames["sales"]["customer_id"].value_counts()
    for column in zip(told(0), *map(told, lines), strict=True):
        assert len(set(column)) <= 2


# --- the gate itself ---------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 1000), max_size=60), st.integers(5, 15))
def test_bins_hold_nobody_or_enough_and_lose_nobody(values, least):
    found = binned(pd.Series(values, dtype=float), [0.0, 1.0, 10.0, 100.0, 1000.0], least)
    assert ((found["people"] == 0) | (found["people"] >= least)).all()
    assert found["people"].sum() == (len(values) if len(values) >= least else 0)
    assert len(values) < least or found["steps"].sum() == 4


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from("abcdefg"), max_size=60), st.integers(5, 15))
def test_a_level_is_named_when_enough_people_share_it(levels, least):
    told = named(pd.Series(levels, dtype="str"), least, "others")
    counts = pd.Series(levels, dtype="str").value_counts()
    assert set(told) - {"others"} == set(counts.index[counts >= least])


def test_somebody_who_has_a_level_often_counts_once():
    levels, who = pd.Series(["app"] * 12 + ["web"] * 3), pd.Series(["a"] * 12 + ["b", "c", "d"])
    assert named(levels, 3, "others", who).tolist() == ["others"] * 12 + ["web"] * 3


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=2, max_size=50), st.data())
def test_a_rounded_total_moves_by_one_step_at_most_when_one_person_goes(parts, data):
    gone = data.draw(st.integers(0, len(parts) - 1))
    rest = [part for i, part in enumerate(parts) if i != gone]
    if max(rest) < max(parts):
        return  # the step itself may change with the largest part
    step = min(s for power in range(1, 5) for s in (10**power, 2 * 10**power, 5 * 10**power) if s >= max(10, *parts))
    assert abs(rounded(sum(parts), parts, 10) - rounded(sum(rest), rest, 10)) in (0, step)
    assert abs(rounded(sum(parts), parts, 10) - sum(parts)) <= step / 2
