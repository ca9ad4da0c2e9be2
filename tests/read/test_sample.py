"""The sample shop: what the committed files hold is what the generator plants, and no more than that."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers.study import load_study

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
TABLES = sorted(path.name for path in SAMPLE.glob("*.csv"))


def table(name: str) -> pd.DataFrame:
    """A file as text, ragged lines left out."""
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return pd.DataFrame([row for row in rows if len(row) == len(header)], columns=header)


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    return table("sales.csv")


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    return table("survey.csv").drop_duplicates("respondent_id")


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.read_csv(SAMPLE / "truth" / "personas.csv").set_index("customer_id")


@pytest.fixture(scope="module")
def dirt() -> dict[str, dict[str, int]]:
    return json.loads((SAMPLE / "truth" / "dirt.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def customers(truth) -> pd.DataFrame:
    """Customers with what is planted in them, by id."""
    frame = table("customers.csv").drop_duplicates("customer_id")
    return frame.assign(customer_id=frame["customer_id"].str.strip().str.upper()).set_index("customer_id").join(truth)


# --- the files ---------------------------------------------------------------------------------------------------


def test_the_generator_rewrites_the_same_bytes(tmp_path):
    subprocess.run([sys.executable, "-B", SAMPLE / "generate.py", tmp_path], check=True)
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.*"))
    kept = sorted(path.relative_to(SAMPLE) for path in [*SAMPLE.glob("*.csv"), *SAMPLE.glob("truth/*.*")])
    assert written == kept
    assert [path for path in written if (tmp_path / path).read_bytes() != (SAMPLE / path).read_bytes()] == []


def test_the_files_are_small_enough_for_git():
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*.*")) < 6_000_000


def test_the_study_reads_every_table():
    study = load_study(SAMPLE)
    assert sorted(source.path for source in study.tables.given().values()) == TABLES
    assert (study.currency, study.contact, study.privacy.quotes) == ("EUR", "research@example.org", True)
    assert [experiment.id for experiment in study.experiments] == ["relative_saving", "framing_wording", "anchor_price"]


@pytest.mark.parametrize("name", TABLES)
def test_the_dictionary_has_every_column_in_order(name):
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(table(name).columns)


def test_the_questionnaire_asks_for_every_column_of_the_survey(survey):
    text = (SAMPLE / "questionnaire.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"\w+", " ".join(re.findall(r"\[(.*?)\]", text))))
    assert set(survey.columns) - asked == {"respondent_id"}


def test_addresses_are_made_up(customers, survey):
    addresses = pd.concat([customers["email"], survey["email"]]).str.strip().str.lower()
    assert addresses.str.fullmatch(r"[a-z]+(\.[a-z]+)?\d+@example\.org").all()
    assert customers["email"].is_unique


def test_only_tests_read_the_truth():
    readers = [
        *(ROOT / "src").rglob("*.py"),
        *(ROOT / "notebooks").glob("*.ipynb"),
        *(ROOT / "benchmarks").rglob("*.py"),
    ]
    texts = {path.name: path.read_text(encoding="utf-8") for path in readers}
    assert [name for name, text in texts.items() if "sample/truth" in text or "truth/personas" in text] == []


# --- the dirt ----------------------------------------------------------------------------------------------------


def test_dirty_order_lines_are_as_many_as_said(sales, dirt):
    number = pd.to_numeric(sales["quantity"], errors="coerce")
    price = pd.to_numeric(sales["unit_price"], errors="coerce")
    day = pd.to_datetime(sales["ordered_at"], errors="coerce")
    ids = sales["customer_id"]
    assert {
        "missing_id": (ids == "").sum(),
        "loose_id": (ids != ids.str.strip().str.upper()).sum(),
        "bad_number": number.isna().sum(),
        "infinite_number": (price == float("inf")).sum(),
        "bad_date": day.isna().sum(),
        "future_date": (day > "2026").sum(),
        "negative_price": ((price < 0) & (number > 0)).sum(),
        "zero_price": (price == 0).sum(),
        "duplicate_row": sales.duplicated().sum(),
        "ragged_row": len((SAMPLE / "sales.csv").read_text(encoding="utf-8").splitlines()) - 1 - len(sales),
    } == dirt["sales"]


def test_dirty_answers_are_as_many_as_said(survey, customers, dirt):
    likert = load_study(SAMPLE).tables.survey.likert.items
    known = set(customers["email"])
    assert {
        "out_of_range": (~survey[likert].isin(["", "99", *"12345"])).sum().sum(),
        "bad_number": pd.to_numeric(survey["nps"], errors="coerce").isna().sum(),
        "straight_line": (survey[likert] == "3").all(axis=1).sum(),
        "unmatched": (~survey["email"].str.strip().str.lower().isin(known)).sum(),
        "loose_email": (survey["email"] != survey["email"].str.strip().str.lower()).sum(),
        "personal_data": survey["why_first"].str.contains(r"@|\+995").sum(),
        "markup": survey["why_first"].str.contains(r"<script>|^=").sum(),
        "duplicate_row": len(table("survey.csv")) - len(survey),
    } == dirt["survey"]


# --- what is planted ---------------------------------------------------------------------------------------------


def clean_lines(sales: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Readable order lines of known customers before the held-out part, typed, with what is planted."""
    lines = sales.drop_duplicates().join(truth, on="customer_id", how="inner")
    numbers = lines[["quantity", "unit_price", "unit_cost"]].apply(pd.to_numeric, errors="coerce")
    lines = lines.assign(**numbers, at=pd.to_datetime(lines["ordered_at"], errors="coerce")).dropna(subset=["at"])
    return lines[(lines["at"] < "2025-10-13") & lines["quantity"].notna() & lines["unit_price"].between(0, 1e4)]


def test_three_kinds_shop_differently(sales, truth):
    lines = clean_lines(sales, truth)
    orders = lines[lines["quantity"] > 0].groupby("order_id").agg(
        persona=("persona", "first"), at=("at", "min"), coupon=("coupon", "max"), units=("quantity", "sum")
    )  # fmt: skip
    monday = ((orders["at"].dt.day_of_week == 0) & (orders["at"].dt.hour < 12)).groupby(orders["persona"]).mean()
    coupon = (orders["coupon"] != "").groupby(orders["persona"]).mean()
    units = orders["units"].groupby(orders["persona"]).median()
    assert monday["office"] > 0.3 > 0.1 > monday[["values", "coupons"]].max()
    assert coupon["coupons"] > 0.45 > 0.2 > coupon[["values", "office"]].max()
    assert units["office"] >= 2 * units["values"] > 2 * units["coupons"]


def test_the_negative_persona_loses_money_and_nobody_else_does(sales, customers, truth):
    lines = clean_lines(sales, truth)
    margin = (lines["quantity"] * (lines["unit_price"] - lines["unit_cost"])).groupby(lines["customer_id"]).sum()
    service = table("service.csv").assign(cost=lambda t: pd.to_numeric(t["cost"], errors="coerce"))
    spent = service.groupby("customer_id")["cost"].sum() + pd.to_numeric(customers["acquisition_cost"])
    profit = customers.assign(profit=margin.sub(spent, fill_value=0)).query("orders > 1")
    mean = profit.groupby("negative")["profit"].mean()
    assert mean[True] < -30
    assert (profit[~profit["negative"]].groupby("persona")["profit"].mean() > 10).all()
    share = customers["negative"].mean()
    assert 0.08 < share < 0.15
    assert (customers["acquisition_channel"] == "influencer").groupby(customers["negative"]).mean()[True] > 0.5


def test_the_structural_groups_exist(truth):
    assert 60 < (truth["orders"] == 0).sum() < 200
    assert 100 < (truth["orders"] == 1).sum() < 300
    assert len(truth) == 1500


def test_answering_is_not_at_random(survey, customers):
    answered = customers["email"].isin(survey["email"].str.strip().str.lower())
    rate = answered.groupby(customers["persona"]).mean()
    assert 0.3 < answered.mean() < 0.45
    assert rate["values"] > rate["office"] + 0.05
    assert answered.groupby(customers["negative"]).mean()[True] < 0.3


def test_relative_saving_is_real_and_wording_is_not(survey, customers):
    goes = (survey["would_go"] == "yes").groupby(survey["frame"]).mean()
    buys = (survey["would_buy"] == "yes").groupby(survey["wording"]).mean()
    pays = pd.to_numeric(survey["would_pay"]).groupby(survey["anchor"]).median()
    assert goes["cheap"] - goes["dear"] > 0.12
    assert abs(buys["gain"] - buys["loss"]) < 0.05
    assert pays["high"] > pays["low"]
    nearest = survey["email"].str.strip().str.lower().map(customers.set_index("email")["nearest"])
    by_kind = (survey["would_go"] == "yes").groupby([nearest, survey["frame"]]).mean().unstack()
    assert (by_kind["cheap"] - by_kind["dear"]).idxmax() == "coupons"


def test_social_looks_better_than_search_until_place_is_held_fixed():
    visits = table("sessions.csv").query("converted in ['yes', 'no'] and channel in ['social', 'search']")
    converted = visits["converted"] == "yes"
    crude = converted.groupby(visits["channel"]).mean()
    within = converted.groupby([visits["location"], visits["channel"]]).mean().unstack()
    weights = visits["location"].value_counts(normalize=True)
    held_fixed = within.mul(weights, axis=0).sum()
    assert crude["social"] > crude["search"]
    assert held_fixed["social"] < held_fixed["search"] - 0.01


def test_the_codebook_finds_what_was_planted_in_six_languages(survey):
    planted = pd.read_csv(SAMPLE / "truth" / "verbatims.csv")
    codebook = yaml.safe_load((SAMPLE / "codebook.yml").read_text(encoding="utf-8"))
    abouts = {question.column: question.about for question in load_study(SAMPLE).tables.survey.open_ended.values()}
    words = {code: entry.get("words") or entry["asked"] for code, entry in codebook.items()}
    assert all(set(listed) == {"en", "ru", "ka", "kk", "uz", "fa"} for listed in words.values())
    found = [
        (row.respondent_id, question, code)
        for row in survey.itertuples()
        for question, about in abouts.items()
        for code, entry in codebook.items()
        if entry["about"] == about and says(getattr(row, question), words[code])
    ]
    assert set(found) == set(planted.itertuples(index=False, name=None))
    scripts = Counter(unicodedata.name(text[0]).split()[0] for text in survey["how_think"] if text)
    assert min(scripts[name] for name in ("LATIN", "CYRILLIC", "GEORGIAN", "ARABIC")) >= 20


def says(text: str, words: dict[str, list[str]]) -> bool:
    """Whether an answer holds one of the words; a star matches what begins so."""
    tokens = set(re.findall(r"\w+", text.casefold()))
    stems = [word.removesuffix("*") for listed in words.values() for word in listed if word.endswith("*")]
    whole = {word for listed in words.values() for word in listed}
    return bool(tokens & whole) or any(token.startswith(stem) for token in tokens for stem in stems)
