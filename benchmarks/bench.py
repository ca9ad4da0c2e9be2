"""Paired benchmarks: every figure is a ratio of two things done in turn in one run, the median of several pairs.

``python benchmarks/bench.py [--lines 1000000] [--repeats 5] [ROW ...]`` prints a Markdown table. Each measurement is a
process of its own. CPU time is the system's account of it from the moment that everything is imported; peak memory is
that of the whole process.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
SCANNED = ("customer_id", "order_id", "ordered_at", "quantity", "amount", "channel", "discount", "coupon")


def make_lines(file: Path, n: int) -> None:
    """``n`` order lines of ``n`` / 50 customers, the columns that the features read, as Parquet."""
    rng = np.random.default_rng(1)
    customers, orders = n // 50, n // 3
    order = np.sort(rng.integers(0, orders, n))
    at = np.datetime64("2025-01-01T00:00:00") + rng.integers(0, 365 * 86400, orders).astype("timedelta64[s]")
    quantity = rng.integers(1, 5, n).astype(float)
    frame = pd.DataFrame(
        {
            "customer_id": pd.Series(rng.integers(0, customers, orders)[order]).astype("str"),
            "order_id": pd.Series(order).astype("str"),
            "ordered_at": at[order].astype("datetime64[us]"),
            "quantity": quantity,
            "amount": (quantity * rng.lognormal(2, 0.7, n)).round(2),
            "channel": np.array(["web", "app", "shop"])[rng.integers(0, 3, orders)][order],
            "discount": np.where(rng.random(n) < 0.2, 1.0, 0.0),
            "coupon": np.where(rng.random(n) < 0.1, "SAVE", ""),
        }
    )
    frame.to_parquet(file, index=False)


# --- what is measured, each in a process of its own --------------------------------------------------------------


def features_ibis(file: Path) -> None:
    import datetime as dt

    import ibis

    from helpers.data.features import feature_expression, read_vocabulary

    engine = ibis.duckdb.connect(threads=1)
    start, end = dt.date(2025, 1, 1), dt.date(2026, 1, 1)
    lines = engine.read_parquet(file)
    vocabulary = read_vocabulary(engine, lines, start, end)
    engine.to_pyarrow(feature_expression(lines, start, end, vocabulary))


def features_scan(file: Path) -> None:
    import duckdb

    columns = ", ".join(f"max({name})" for name in SCANNED)
    duckdb.connect(config={"threads": 1}).execute(f"select {columns} from read_parquet('{file}')").fetchall()


def features_pandas(file: Path) -> None:
    """The same measures by hand in pandas; tests/data/test_customers.py holds the two equal."""
    lines = pd.read_parquet(file)
    lines["discounted"] = (lines["discount"] > 0) | (lines["coupon"] != "")
    by_order = lines.groupby(["customer_id", "order_id"])
    orders = by_order.agg(
        ordered_at=("ordered_at", "min"),
        amount=("amount", "sum"),
        lines=("amount", "size"),
        units=("quantity", "sum"),
        discount_lines=("discounted", "sum"),
        coupon=("coupon", "max"),
        channel=("channel", "first"),
    ).reset_index()
    orders["single"] = orders["lines"] == 1
    orders["with_coupon"] = orders["coupon"] != ""
    for day in range(7):
        orders[f"day_{day}"] = orders["ordered_at"].dt.dayofweek == day
    for hour in range(0, 24, 6):
        orders[f"hour_{hour}"] = orders["ordered_at"].dt.hour.between(hour, hour + 5)
    for channel in ("web", "app", "shop"):
        orders[f"channel_{channel}"] = orders["channel"] == channel
    grouped = orders.groupby("customer_id")
    flags = [
        name for name in orders if name.startswith(("day_", "hour_", "channel_")) or name in ("single", "with_coupon")
    ]
    grouped[flags].mean()
    grouped["amount"].agg(["sum", "mean", "min", "max"])
    grouped["amount"].quantile([0.25, 0.5, 0.75])
    grouped["ordered_at"].agg(["min", "max"])
    grouped[["lines", "units", "discount_lines"]].sum()


WORK: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "features_ibis": (features_ibis, ("helpers.data.features", "ibis.backends.duckdb")),
    "features_scan": (features_scan, ("duckdb",)),
    "features_pandas": (features_pandas, ("pyarrow.parquet",)),
}
"""What can be measured, and what it imports beforehand."""


def measure(work: str, file: Path) -> dict[str, float]:
    """CPU seconds and peak MB of one piece of work."""
    command = [sys.executable, __file__, "--one", work, "--file", str(file)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    return json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def wall(command: list[str], folder: Path) -> float:
    """Seconds that a command takes."""
    started = time.monotonic()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.monotonic() - started


# --- the rows ----------------------------------------------------------------------------------------------------


def rows_of_features(folder: Path, lines: int, repeats: int) -> list[tuple[str, str, float, str]]:
    file = folder / "lines.parquet"
    make_lines(file, lines)
    rounds = [{work: measure(work, file) for work in WORK} for _ in range(repeats)]

    def ratio(kind: str, against: str) -> float:
        return statistics.median(found["features_ibis"][kind] / found[against][kind] for found in rounds)

    what = f"features of {lines:,} order lines"
    return [
        (f"{what}, CPU", "DuckDB scanning the same columns", ratio("cpu", "features_scan"), "<= 8"),
        (f"{what}, CPU", "pandas, the same measures", ratio("cpu", "features_pandas"), "<= 0.4"),
        (f"{what}, peak memory", "pandas, the same measures", ratio("peak", "features_pandas"), "<= 0.35"),
    ]


def rows_of_study(folder: Path, lines: int, repeats: int) -> list[tuple[str, str, float, str]]:
    """The whole sample study: against plain papermill, one notebook after the other, and against itself once more."""
    plain, again = [], []
    for attempt in range(repeats):
        work = folder / f"study-{attempt}"
        run = [sys.executable, "-m", "helpers", "run", "data/sample", "--out", str(work / "out")]
        first = wall([*run, "--work", str(work / "work" / "1")], ROOT)
        wall([*run, "--work", str(work / "work" / "2")], ROOT)  # now there is a previous publication to compare with
        again.append(wall([*run, "--work", str(work / "work" / "3")], ROOT) / first)
        row = 0.0
        for notebook in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
            alone = work / "alone" / notebook.stem
            alone.mkdir(parents=True)
            command = [sys.executable, "-m", "papermill", str(notebook), str(alone / "out.ipynb")]
            row += wall([*command, "-p", "work", str(work / "alone" / "work")], ROOT)
        plain.append(first / row)
        shutil.rmtree(work)
    return [
        (
            "whole sample study, wall",
            "plain papermill, the same notebooks in a row",
            statistics.median(plain),
            "<= 0.45",
        ),
        ("the same study again, nothing changed, wall", "the first run", statistics.median(again), "<= 0.05"),
    ]


ROWS = {"features": rows_of_features, "study": rows_of_study}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], help="which rows; all by default")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--one", choices=WORK, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        work, imports = WORK[given.one]
        for name in imports:
            importlib.import_module(name)
        before = time.process_time()
        work(given.file)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"cpu": time.process_time() - before, "peak": peak}))
        return
    print("| work | against | ratio | target |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in given.rows or ROWS:
            for what, against, ratio, target in ROWS[name](Path(folder), given.lines, given.repeats):
                print(f"| {what} | {against} | {ratio:.2f} | {target} |", flush=True)


if __name__ == "__main__":
    main()
