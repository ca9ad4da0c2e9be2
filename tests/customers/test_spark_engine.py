"""Spark in this process gives what DuckDB gives: features, totals, windows, halves, lines and who is placed where."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bench import make_customers
from typed_shop import lines_of, study_with

from helpers.contracts import DataError
from helpers.customers.customers import build_customers
from helpers.customers.drawn import draw
from helpers.customers.facts import as_table, discounted, engine, gain, returned, with_coupon
from helpers.customers.halves import order_halves
from helpers.customers.totals import add_up
from helpers.customers.typed_lines import features_of_lines, parquet
from helpers.customers.windows import equal_windows
from helpers.read.load import LoadedTables, load_tables
from helpers.study import Engine, Study, by_engine, load_study
from helpers.types.newcomers import place_table

pytest.importorskip(
    "pyspark", reason="Spark is not installed here: make spark, or pip install -r requirements-spark.txt"
)
if shutil.which("java") is None:
    pytest.skip("there is no Java here: Debian has it as openjdk-17-jre-headless", allow_module_level=True)

ROOT = Path(__file__).parents[2]
SPARK = Engine(name="spark")
QUICK = "--master local[2] --conf spark.sql.shuffle.partitions=2 --driver-java-options -XX:TieredStopAtLevel=1"


@pytest.fixture(scope="module", autouse=True)
def settings() -> None:
    """Two cores and few partitions, as a user would say so; Java that does not work long at being fast."""
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", f"{QUICK} pyspark-shell")


def held_equal(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Equal to 1e-9, gaps and names exactly."""
    pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-9)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, LoadedTables]:
    """A shop with dirty rows, as the front door reads it."""
    frame = lines_of(np.random.default_rng(3)).replace(np.inf, np.nan)
    study = load_study(study_with(tmp_path_factory.mktemp("shop"), frame))
    return study, load_tables(study)


def test_customers_totals_and_halves(shop):
    study, tables = shop
    found = []
    for name in ("duckdb", "spark"):
        chosen = by_engine(study, name)
        customers = build_customers(tables, chosen)
        halves = order_halves(tables, customers, pd.Index(customers.features["customer_id"]), chosen)
        found.append((customers, add_up(tables, chosen), halves))
    (customers, totals, halves), (other, others, other_halves) = found
    assert customers.period == other.period
    assert customers.no_order == other.no_order
    assert len(customers.features) > 30
    held_equal(customers.features, other.features)
    held_equal(customers.held_out, other.held_out)
    held_equal(totals.months, others.months)
    assert totals.gross == others.gross
    assert totals.parts == others.parts
    assert totals.heaviest == others.heaviest
    for half, other_half in zip(halves, other_halves, strict=True):
        held_equal(half, other_half)


def test_the_same_people_are_drawn(tmp_path):
    frame, found = lines_of(np.random.default_rng(3)), []
    study = load_study(study_with(tmp_path, frame))
    for name in ("duckdb", "spark"):
        with engine(Engine(name=name)) as backend:
            drawn = draw(backend, study, 10)
            rows = backend.to_pyarrow(drawn.tables["sales"]).to_pandas()
            found.append((drawn.customers, rows["who"].nunique(), rows["who"].value_counts().to_dict()))
    assert found[0] == found[1]
    customers, people, _ = found[0]
    assert customers == frame["who"].str.extract(r"(c\d\d)")[0].nunique()
    assert 0 < people < 25


def test_windows(shop):
    sales, days = shop[1].frames["sales"], (dt.date(2025, 4, 1), dt.date(2025, 7, 1))
    ours, theirs = (equal_windows(sales, *days, 80, limits) for limits in (Engine(), SPARK))
    held_equal(ours.then, theirs.then)
    held_equal(ours.now, theirs.now)


def test_what_exports_write_is_read_alike():
    """Gaps, signs and spaces of text: a gap must not become the text NaN, and a tab is a space."""
    frame = pd.DataFrame(
        {
            "coupon": ["\tno ", " НЕТ\n", "-", None, "", "NaN", "O'x\\", "null"],
            "amount": [1.0, -1.0, np.nan, 0.1 + 0.2, 1e300, -0.0, 2.0000005, 0.0000015],
            "quantity": [1.0, np.nan, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
            "discount": [0.0, np.nan, -1.0, 0.5, 0.0, 0.0, 0.0, 0.0],
            "unit_cost": [0.5, 0.5, np.nan, 0.1, 1.0, 1.0, 1.0, 1.0],
            "row": range(8),
        }
    )
    found = []
    for limits in (Engine(), SPARK):
        table = as_table(frame)
        facts = {"a": returned(table), "b": discounted(table), "c": with_coupon(table), "d": gain(table)}
        with engine(limits) as backend:
            found.append(backend.to_pyarrow(table.select("row", **facts).order_by("row")).to_pandas())
    pd.testing.assert_frame_equal(*found, check_exact=True)
    assert found[1]["c"].tolist() == [False, False, False, False, False, True, True, True]


def test_lines_that_spark_reads_itself(shop, tmp_path):
    """Lines with every kind of dirty row, infinite amounts among them; the table is written by the executors."""
    lines = lines_of(np.random.default_rng(3))
    lines.loc[13:18, "who"] = ["c\u200b01", "\u00a0c02", "c03\u3000", "c\x0104", "cafe\u0301", "c\u200c06"]
    study = load_study(study_with(tmp_path, lines))
    accounts, frames = [], []
    for limits in (Engine(), SPARK):
        made = tmp_path / limits.name
        with engine(limits) as backend:
            found, account = features_of_lines(backend, study)
            backend.to_parquet(found, str(made))
        accounts.append(account)
        frames.append(pd.read_parquet(made).sort_values("customer_id", ignore_index=True))
    assert accounts[0] == accounts[1]
    assert accounts[0].rows_in == 600
    pd.testing.assert_frame_equal(*frames, check_dtype=False, rtol=1e-9, atol=1e-9)


def test_everybody_is_placed_alike(tmp_path):
    make_customers(tmp_path / "people.parquet", 500)
    model = json.loads((ROOT / "personas" / "example" / "model.json").read_text(encoding="utf-8"))
    found = []
    for limits in (Engine(), SPARK):
        with engine(limits) as backend:
            people = parquet(backend, str(tmp_path / "people.parquet"))
            placed, notes = place_table(model, people, "people.parquet")
            found.append(backend.to_pyarrow(placed).to_pandas().sort_values("customer_id", ignore_index=True))
    assert notes == []
    held_equal(*found)
    assert found[0]["persona"].nunique() > 2


def test_a_session_that_is_there_already_is_taken():
    with engine(SPARK) as backend:
        first = backend
    from helpers.customers.spark_engine import standing  # it asks for Spark

    standing().raw_sql("SET spark.sql.session.timeZone = Asia/Almaty")
    standing.cache_clear()
    moment = as_table(pd.DataFrame({"at": pd.to_datetime(["2025-03-01 23:30"])}))
    with engine(SPARK) as backend:
        assert backend is not first
        assert backend.to_pyarrow(moment.at.truncate("D").epoch_seconds()).to_pylist() == [1740787200]


def test_a_path_that_cannot_be_read_and_one_that_cannot_be_written(shop, tmp_path):
    with (
        pytest.raises(DataError, match=r"cannot be read where Spark runs: .*nothing.parquet"),
        engine(SPARK) as backend,
    ):
        parquet(backend, str(tmp_path / "nothing.parquet"))
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1 no table PAR1")
    with (
        pytest.raises(DataError, match=r"cannot be read where Spark runs: .*damaged.parquet"),
        engine(SPARK) as backend,
    ):
        parquet(backend, str(tmp_path / "damaged.parquet"))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"ParentNotDirectory|Mkdirs failed"), engine(SPARK) as backend:
        backend.to_parquet(as_table(pd.DataFrame({"a": [1]})), str(tmp_path / "file" / "made"))
