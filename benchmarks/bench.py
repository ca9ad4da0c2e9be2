"""Paired benchmarks: every figure is a ratio of two things done in turn in one run, the median of several pairs.

``python benchmarks/bench.py [--lines 10000000] [--repeats 5] [ROW ...]`` prints a Markdown table; ``--help`` names what
else can be made smaller. Each measurement is a process of its own. CPU time is the system's account of it from the
moment that everything is imported; peak memory is that of the whole process (Linux's VmHWM: getrusage counts what the
parent held before the start, too).
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import simulated
import written_plainly
from written_plainly import END, START

ROOT = Path(__file__).parents[1]
FEATURES = ("features_ibis", "features_scan", "features_pandas")
"""The pieces of work that read order lines; the others read customers."""
SCANNED = ("customer_id", "order_id", "ordered_at", "quantity", "amount", "channel", "discount", "coupon")
Row = tuple[str, str, float, str]
"""What was done, what it is held against, their ratio, and the target."""


@dataclass(frozen=True)
class Size:
    """How much is done; the published table's size unless the caller asks for less."""

    lines: int = 10_000_000
    repeats: int = 5
    customers: int = 2_000
    draws: int = 199
    refits: int = 100
    only: str | None = None
    figure: Path | None = None


def make_lines(file: Path, n: int, part: int = 0) -> None:
    """``n`` order lines (3 % returns) of ``n`` / 50 customers, the columns that the features read, as Parquet.

    Each ``part`` has other customers and orders.
    """
    rng = np.random.default_rng([1, part])
    customers, orders = n // 50, n // 3
    order = np.sort(rng.integers(0, orders, n))
    at = np.datetime64("2025-01-01T00:00:00") + rng.integers(0, 365 * 86400, orders).astype("timedelta64[s]")
    quantity = rng.integers(1, 5, n) * np.where(rng.random(n) < 0.03, -1.0, 1.0)
    frame = pd.DataFrame(
        {
            "customer_id": pd.Series(rng.integers(0, customers, orders)[order] + part * customers).astype("str"),
            "order_id": pd.Series(order + part * orders).astype("str"),
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


def features_ibis(file: Path) -> pa.Table:
    import ibis

    from helpers.customers.features import feature_expression, read_vocabulary

    engine = ibis.duckdb.connect(threads=1)
    lines = engine.read_parquet(file)
    vocabulary = read_vocabulary(engine, lines, START, END, 10)
    return engine.to_pyarrow(feature_expression(lines, START, END, vocabulary))


def features_scan(file: Path) -> None:
    """Every value is read: without this setting DuckDB answers from the file's footer, and reads nothing at all."""
    import duckdb

    columns = ", ".join(f"max({name})" for name in SCANNED)
    engine = duckdb.connect(config={"threads": 1, "disabled_optimizers": "statistics_propagation"})
    engine.execute(f"select {columns} from read_parquet('{file}')").fetchall()


def make_customers(file: Path, n: int) -> None:
    """``n`` customers with the columns that the sample study's frozen model reads, four in ten with answers."""
    from helpers.types.placing import behaviour_columns, rating_columns

    model, rng = frozen_model(), np.random.default_rng(1)
    frame = {"customer_id": np.arange(n).astype(str), "orders": rng.poisson(6, n).astype(float)}
    for name in behaviour_columns(model):
        values = rng.beta(1, 4, n) if name.endswith("_share") else rng.lognormal(2, 1, n)
        frame.setdefault(name, values)
    silent = rng.random(n) < 0.6
    frame |= {item: np.where(silent, np.nan, rng.integers(0, 5, n)) for item in rating_columns(model)}
    for rule in model["categories"]:
        picked = np.array(rule["categories"], dtype=object)[rng.integers(0, len(rule["categories"]), n)]
        frame[rule["item"]] = np.where(silent, None, picked)
    pd.DataFrame(frame).to_parquet(file, index=False)


def frozen_model() -> dict:
    return json.loads((ROOT / "personas" / "example" / "model.json").read_text())


def assign_sql(file: Path) -> None:
    """Everybody's persona and probabilities by the query that the report hands out, summed up so that all are made."""
    import duckdb

    from helpers.types.placing_sql import as_sql

    query = as_sql(frozen_model()).rstrip().rstrip(";")
    engine = duckdb.connect(config={"threads": 1})
    engine.execute(f"create view customers as from read_parquet('{file}')")
    engine.execute(f"select persona, sum(probability) from ({query}) group by persona").fetchall()


def assign_scan(file: Path) -> None:
    """Every value of the same columns is read."""
    import duckdb

    engine = duckdb.connect(config={"threads": 1, "disabled_optimizers": "statistics_propagation"})
    names = engine.execute(f"describe from read_parquet('{file}')").fetchall()
    columns = ", ".join(f'max("{name}")' for name, *_ in names)
    engine.execute(f"select {columns} from read_parquet('{file}')").fetchall()


def stability(X: np.ndarray, refits: int) -> list[float]:
    """Mean agreement of bootstrap refits with the division, k = 2..6, as the gate computes it."""
    from helpers.types.repeated import LABEL_STARTS, bootstrap_agreement, by_size, divide

    labels = (by_size(divide(X, k, 1, LABEL_STARTS).labels_) for k in range(2, 7))
    return [bootstrap_agreement(X, found, refits, 1)[0] for found in labels]


def gate(X: np.ndarray, draws: int) -> bool:
    """Whether both statistics of the gate exceed data without types, as the gate computes it."""
    from helpers.types.gate import ALPHA, GATE_RANGE, rank_against_null, statistics
    from helpers.types.repeated import divide

    observed = statistics(X, [divide(X, k, 1) for k in GATE_RANGE])
    return max(rank_against_null(X, *observed, draws, 1)[:2]) <= ALPHA


WORK: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "features_ibis": (features_ibis, ("helpers.customers.features", "ibis.backends.duckdb")),
    "features_scan": (features_scan, ("duckdb",)),
    "features_pandas": (written_plainly.features, ("pyarrow.parquet",)),
    "assign_sql": (assign_sql, ("duckdb", "helpers.types.placing_sql")),
    "assign_scan": (assign_scan, ("duckdb",)),
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


def rows_of_features(folder: Path, size: Size) -> list[Row]:
    few, file = folder / "few.parquet", folder / "lines.parquet"
    make_lines(few, min(size.lines, 100_000))
    ours, plain = features_ibis(few).to_pandas().set_index("customer_id"), written_plainly.features(few)
    pd.testing.assert_frame_equal(
        ours.loc[plain.index, plain.columns].astype(float), plain.astype(float), rtol=1e-9, check_index_type=False
    )
    make_lines(file, size.lines)
    rounds = [{work: measure(work, file) for work in FEATURES} for _ in range(size.repeats)]

    def ratio(kind: str, against: str) -> float:
        return statistics.median(found["features_ibis"][kind] / found[against][kind] for found in rounds)

    what = f"features of {size.lines:,} order lines"
    return [
        (f"{what}, CPU", "DuckDB scanning the same columns", ratio("cpu", "features_scan"), "<= 5"),
        (f"{what}, CPU", "pandas, the same features", ratio("cpu", "features_pandas"), "<= 0.3"),
        (f"{what}, peak memory", "pandas, the same features", ratio("peak", "features_pandas"), "<= 0.25"),
    ]


def rows_of_study(folder: Path, size: Size) -> list[Row]:
    """The sample study: against plain papermill, one notebook after the other, and against itself once more.

    With ``size.only`` it ends with that notebook, and publishes nothing.
    """
    plain, again = [], []
    only = ["--only", size.only] if size.only else []
    for attempt in range(size.repeats):
        work = folder / f"study-{attempt}"
        run = [sys.executable, "-m", "helpers", "run", "data/sample", "--out", str(work / "out"), *only]
        first = wall([*run, "--work", str(work / "work" / "1")], ROOT)
        wall([*run, "--work", str(work / "work" / "2")], ROOT)  # now there is a previous publication to compare with
        again.append(wall([*run, "--work", str(work / "work" / "3")], ROOT) / first)
        row = 0.0
        for ran in sorted((work / "work" / "1" / "notebooks").glob("*.ipynb")):
            alone = work / "alone" / ran.stem
            alone.mkdir(parents=True)
            command = [sys.executable, "-m", "papermill", str(ROOT / "notebooks" / ran.name), str(alone / "out.ipynb")]
            row += wall([*command, "-p", "work", str(work / "alone" / "work")], ROOT)
        plain.append(first / row)
        shutil.rmtree(work)
    what = f"sample study as far as {size.only}, wall" if size.only else "whole sample study, wall"
    return [
        (what, "plain papermill, the same notebooks in a row", statistics.median(plain), "<= 0.35"),
        ("the same study again, nothing changed, wall", "the first run", statistics.median(again), "<= 0.03"),
    ]


def grown(folder: Path, size: Size) -> pd.DataFrame:
    """CPU seconds and peak MB of the features of a tenth of the order lines, of three tenths, all, and five times as
    many (lines, cpu, peak); medians of three but for the last."""
    points = {lines: folder / f"{lines}.parquet" for lines in (size.lines // 10, size.lines * 3 // 10, size.lines)}
    for lines, file in points.items():
        make_lines(file, lines)
    many = folder / "many"
    many.mkdir()
    for part in range(5):
        make_lines(many / f"{part}.parquet", size.lines, part)
    rounds = [
        {"lines": lines} | measure("features_ibis", file)
        for lines, file in points.items()
        for _ in range(min(size.repeats, 3))
    ]
    rounds.append({"lines": 5 * size.lines} | measure("features_ibis", many / "*.parquet"))
    return pd.DataFrame(rounds).groupby("lines").median().reset_index()


def rows_of_growth(folder: Path, size: Size) -> list[Row]:
    """Ten times as many order lines, and five times as many again; the last are also held against a memory limit."""
    points = grown(folder, size)
    if size.figure:  # imported here, or every process that is measured would hold what draws
        from growth import plot_growth

        from helpers.report.style import as_png

        size.figure.write_bytes(as_png(plot_growth(points)))
    few, _, once, many = points.itertuples()
    return [
        (f"{a.lines:,} to {b.lines:,} order lines, CPU", "linear growth", b.cpu / a.cpu / (b.lines / a.lines), "<= 1.2")
        for a, b in ((few, once), (once, many))
    ] + [(f"{many.lines:,} order lines, peak memory", "4 GB", many.peak / 1024 / 4, "<= 1")]


def rows_of_assigning(folder: Path, size: Size) -> list[Row]:
    file, customers = folder / "customers.parquet", size.lines // 10
    make_customers(file, customers)
    ratios = [measure("assign_sql", file)["cpu"] / measure("assign_scan", file)["cpu"] for _ in range(size.repeats)]
    what = f"assigning {customers:,} customers by SQL, CPU"
    return [(what, "DuckDB scanning their features", statistics.median(ratios), "<= 4")]


def rows_of_gate(folder: Path, size: Size) -> list[Row]:
    """Stability and gate of customers with types, and of a continuum; both ways must come to the same verdict."""
    rng = np.random.default_rng(1)
    ratios, lower = {stability: [], gate: []}, []
    for X in (simulated.planted(rng, size.customers, 3)[0], simulated.one_factor(rng, size.customers)):
        for ours, plain, times in (
            (stability, written_plainly.stability, size.refits),
            (gate, written_plainly.gate, size.draws),
        ):
            (mine, fast), (theirs, slow) = timed(ours, X, times), timed(plain, X, times)
            if np.argmax(mine) != np.argmax(theirs) or (ours is gate and mine != theirs):
                raise SystemExit(f"{ours.__name__}: {mine}; written plainly: {theirs}")
            ratios[ours].append(fast / slow)
            if ours is stability:
                lower.append(float(np.median(np.subtract(theirs, mine))))
    stable, judged = (statistics.mean(found) for found in ratios.values())
    plain, people = "plain k-means with ten starts", f"{size.customers:,} customers"
    return [
        (f"stability, {people}, k 2..6, {size.refits} refits, CPU", plain, stable, "<= 0.2"),
        ("the same, by how much its ARI is lower (median over k)", plain, statistics.mean(lower), "<= 0.01"),
        (f"gate, {people}, {size.draws} draws, CPU", "the same gate written plainly", judged, "<= 0.06"),
    ]


def timed(work: Callable[[np.ndarray, int], object], X: np.ndarray, times: int) -> tuple[object, float]:
    """What the work gives, and the CPU seconds that it takes."""
    started = time.process_time()
    return work(X, times), time.process_time() - started


ROWS = {
    "features": rows_of_features,
    "growth": rows_of_growth,
    "assigning": rows_of_assigning,
    "gate": rows_of_gate,
    "study": rows_of_study,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], help="which rows; all by default")
    parser.add_argument("--lines", type=int, default=Size.lines, help="order lines; a tenth of it, customers assigned")
    parser.add_argument("--repeats", type=int, default=Size.repeats, help="pairs; growth makes three at most")
    parser.add_argument("--customers", type=int, default=Size.customers, help="of the gate")
    parser.add_argument("--draws", type=int, default=Size.draws, help="of the gate, data without types")
    parser.add_argument("--refits", type=int, default=Size.refits, help="of the gate, samples drawn again")
    parser.add_argument("--only", metavar="NOTEBOOK", help="end the study with this one")
    parser.add_argument("--figure", type=Path, metavar="PNG", help="draw growth into this file")
    parser.add_argument("--one", choices=WORK, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        work, imports = WORK[given.one]
        for name in imports:
            importlib.import_module(name)
        before = time.process_time()
        work(given.file)
        peak = int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
        print(json.dumps({"cpu": time.process_time() - before, "peak": peak}))
        return
    size = Size(**{field.name: getattr(given, field.name) for field in fields(Size)})
    print("| work | against | ratio | target |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in given.rows or ROWS:
            for what, against, ratio, target in ROWS[name](Path(folder), size):
                print(f"| {what} | {against} | {ratio:.2f} | {target} |", flush=True)


if __name__ == "__main__":
    main()
