"""People drawn by lot from typed Parquet: whole, the same in every table, at any time, and whatever they spend."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from helpers.contracts import StudyError
from helpers.customers.drawn import draw
from helpers.customers.facts import engine
from helpers.study import load_study

PEOPLE = 2000


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Path:
    """2,000 customers of whom number n spends n; two lines each, a message, a complaint of some, visits and steps."""
    folder, n = tmp_path_factory.mktemp("large"), np.arange(1, PEOPLE + 1)
    day = np.datetime64("2025-01-01T10:00", "us") + (n % 300) * np.timedelta64(1, "D")
    key = pd.Series(n)
    sales = pd.concat(
        [
            pd.DataFrame({"customer_id": key, "order_id": n * 2 + half, "ordered_at": day, "amount": n + 1.0})
            for half in (0, 1)
        ]
    )
    nobody = pd.DataFrame({"order_id": 9000 + n[:500], "ordered_at": day[:500], "amount": 1.0})
    pd.concat([sales, nobody]).to_parquet(folder / "sales.parquet", index=False)
    text = key.map(" C{} ".format)
    mail = pd.DataFrame({"customer_id": key.astype(float), "at": day, "channel": "mail"})
    mail.to_parquet(folder / "messages.parquet")
    complaints = pd.DataFrame({"customer_id": n, "at": day, "kind": "complaint"})[n % 7 == 0]
    complaints.to_parquet(folder / "service.parquet")
    met = pd.DataFrame({"started_at": day, "channel": "web", "converted": True, "visitor_id": text})
    unknown = met.assign(converted=False, customer_id=pd.array([None] * PEOPLE, "Int64"))
    visits = pd.concat([met.assign(customer_id=key.astype("Int64")), unknown])
    visits.to_parquet(folder / "sessions.parquet")
    pd.DataFrame({"product_id": ["a"], "at": day[:1], "price": [2.0]}).to_parquet(folder / "prices.parquet")
    (folder / "customers.csv").write_text("customer_id,age\n1,30\n", encoding="utf-8")
    tables = {name: {"path": f"{name}.parquet"} for name in ("sales", "messages", "service", "sessions", "prices")}
    given = {"study": "large", "seed": 4, "window": {"as_of": pd.Timestamp("2025-12-31").date()}, "tables": tables}
    given["tables"]["customers"] = {"path": "customers.csv", "attributes": ["age"]}
    (folder / "study.yml").write_text(yaml.safe_dump(given), encoding="utf-8")
    return folder


def drawn_of(shop: Path, people: int, seed: int = 4) -> tuple[dict[str, pd.DataFrame], float, tuple[str, ...]]:
    study = load_study(shop).model_copy(update={"seed": seed})
    with engine() as backend:
        found = draw(backend, study, people)
        return {name: backend.to_pyarrow(t).to_pandas() for name, t in found.tables.items()}, found.share, found.whole


def test_people_are_whole_and_the_same_in_every_table(shop):
    tables, share, whole = drawn_of(shop, 400)
    assert share == 400 / PEOPLE
    assert whole == ("customers", "prices")
    bought = tables["sales"].dropna(subset="customer_id")
    people = set(bought["customer_id"].astype(int))
    assert abs(len(people) - 400) < 3 * np.sqrt(400 * 0.8)
    assert (bought.groupby("customer_id").size() == 2).all()
    assert set(tables["messages"]["customer_id"].astype(int)) == people
    assert set(tables["service"]["customer_id"]) == {one for one in people if one % 7 == 0}
    assert set(tables["sessions"]["visitor_id"].str.strip(" C").astype(int)) == people
    assert len(tables["sessions"]) == 2 * len(people)  # of the second visit the visitor alone is known


def test_nobody_s_orders_are_drawn_one_by_one(shop):
    nobodys = drawn_of(shop, 400)[0]["sales"]["customer_id"].isna().sum()
    assert abs(nobodys - 100) < 3 * np.sqrt(100 * 0.8)


def test_the_lot_knows_the_seed_and_not_the_money(shop):
    one, again, other = (drawn_of(shop, 500, seed)[0]["sales"].dropna() for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(*(frame.sort_values("order_id", ignore_index=True) for frame in (one, again)))
    shared = len(set(one["customer_id"]) & set(other["customer_id"]))
    assert abs(shared - 125) < 4 * np.sqrt(125)
    spread = PEOPLE / np.sqrt(12 * 500)
    assert abs(one["amount"].mean() - PEOPLE / 2) < 3 * spread
    assert abs(other["amount"].mean() - PEOPLE / 2) < 3 * spread


def test_fewer_people_are_some_of_more_and_all_are_all(shop):
    few, more, every = (set(drawn_of(shop, people)[0]["sales"]["customer_id"].dropna()) for people in (100, 700, 9999))
    assert few < more < every
    assert len(every) == PEOPLE


def test_the_sample_is_a_study_of_its_own(shop, tmp_path, cli):
    made = cli("sample", shop, "--people", "400", "--out", tmp_path / "few")
    assert made.returncode == 0, made.stderr
    assert "of 2,000 customers 20.0 % were drawn" in made.stderr
    assert "taken over whole: customers, prices" in made.stderr
    assert made.stdout.splitlines()[-1] == str(tmp_path / "few")
    few = load_study(tmp_path / "few")
    assert (few.study, few.title) == ("large-sample", "large: a sample of 20.0 % of the customers")
    checked = cli("check", tmp_path / "few")
    assert checked.returncode == 0, checked.stderr + checked.stdout
    again = cli("sample", shop, "--people", "400", "--out", tmp_path / "few")
    assert again.returncode == 2
    assert "stands there already" in again.stderr


def test_sales_that_are_no_parquet_are_refused(tmp_path):
    study = tmp_path / "study.yml"
    (tmp_path / "sales.csv").write_text("customer_id,order_id,ordered_at,amount\n", encoding="utf-8")
    study.write_text("study: small\ntables: {sales: {path: sales.csv}}\n", encoding="utf-8")
    with engine() as backend, pytest.raises(StudyError, match="typed Parquet"):
        draw(backend, load_study(study), 10)


def test_guests_are_drawn_order_by_order_and_a_key_is_one_in_any_spelling(tmp_path):
    n = np.arange(1000)
    day = np.full(1000, np.datetime64("2025-01-01", "us"))
    keys = np.where(n % 2, "Guest", np.where(n % 4, " K", "k") + (n // 4).astype(str))
    sales = pd.DataFrame({"customer_id": keys, "order_id": n.astype(str), "ordered_at": day, "amount": 1.0})
    sales.to_parquet(tmp_path / "sales.parquet")
    (tmp_path / "study.yml").write_text("study: few\ntables: {sales: {path: sales.parquet}}\n", encoding="utf-8")
    tables, share, _ = drawn_of(tmp_path, 125)
    drawn = tables["sales"]["customer_id"].str.strip().str.lower()
    assert share == 0.5
    assert 200 < (drawn == "guest").sum() < 300
    assert (drawn[drawn != "guest"].value_counts() == 2).all()
