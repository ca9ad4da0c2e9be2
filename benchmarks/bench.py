"""Paired benchmarks: every figure is a ratio of two things done in turn in one run, the median of several pairs.

``python benchmarks/bench.py [--lines 10000000] [--repeats 5] [ROW ...]`` prints a Markdown table. Each measurement is a
process of its own. CPU time is the system's account of it from the moment that everything is imported; peak memory is
that of the whole process (Linux's VmHWM: getrusage counts what the parent held before the start, too).
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import itertools
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
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import simulated
from scipy.stats import gaussian_kde
from sklearn.cluster import KMeans
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import adjusted_rand_score

ROOT = Path(__file__).parents[1]
START, END = dt.date(2025, 1, 1), dt.date(2026, 1, 1)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
QUARTERS = ("night", "morning", "afternoon", "evening")
SCANNED = ("customer_id", "order_id", "ordered_at", "quantity", "amount", "channel", "discount", "coupon")


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
    vocabulary = read_vocabulary(engine, lines, START, END)
    return engine.to_pyarrow(feature_expression(lines, START, END, vocabulary))


def features_scan(file: Path) -> None:
    """Every value is read: without this setting DuckDB answers from the file's footer, and reads nothing at all."""
    import duckdb

    columns = ", ".join(f"max({name})" for name in SCANNED)
    engine = duckdb.connect(config={"threads": 1, "disabled_optimizers": "statistics_propagation"})
    engine.execute(f"select {columns} from read_parquet('{file}')").fetchall()


def features_pandas(file: Path) -> pd.DataFrame:
    """The same features by hand in pandas."""
    lines = pd.read_parquet(file)
    within = lines["ordered_at"].between(pd.Timestamp(START), pd.Timestamp(END), inclusive="left")
    returned = (lines["amount"] < 0) | (lines["quantity"] < 0)
    returns = lines[within & returned].groupby("customer_id")["amount"].agg(["size", "sum"])
    lines = lines[within & ~returned]
    lines["discounted"] = lines["discount"] != 0
    lines["coupon"] = ~lines["coupon"].str.strip().str.lower().isin(["", "-", "0", "no", "none", "false", "нет"])
    orders = lines.groupby(["customer_id", "order_id"], sort=False, as_index=False).agg(
        ordered_at=("ordered_at", "min"),
        amount=("amount", "sum"),
        lines=("amount", "size"),
        units=("quantity", "sum"),
        channel=("channel", "min"),
        discount_lines=("discounted", "sum"),
        coupon=("coupon", "any"),
    )
    at = orders["ordered_at"].dt
    shares = {"single_item": orders["lines"] == 1, "coupon": orders["coupon"]}
    shares |= {day: at.day_of_week == i for i, day in enumerate(DAYS)}
    shares |= {quarter: at.hour // 6 == i for i, quarter in enumerate(QUARTERS)}
    shares |= {f"channel_{name}": orders["channel"] == name for name in orders["channel"].unique()}
    orders = orders.assign(**{f"{name}_share": condition for name, condition in shares.items()})
    grouped = orders.groupby("customer_id")
    totals = grouped[["lines", "amount", "units", "discount_lines", "coupon"]].sum()
    features = totals.rename(columns={"amount": "spend", "coupon": "coupon_orders"})
    features["orders"] = grouped.size()
    features["average_order_value"] = features["spend"] / features["orders"]
    features["basket_size"] = features["units"] / features["orders"]
    features["discount_share"] = features["discount_lines"] / features["lines"]
    features[["order_value_min", "order_value_max"]] = grouped["amount"].agg(["min", "max"])
    quartiles = grouped["amount"].quantile([0.25, 0.5, 0.75]).unstack()
    features[["order_value_q25", "order_value_median", "order_value_q75"]] = quartiles
    for name, moment in (("recency_days", "max"), ("tenure_days", "min")):
        features[name] = (pd.Timestamp(END) - grouped["ordered_at"].agg(moment).dt.normalize()).dt.days
    features = features.join(grouped[[f"{name}_share" for name in shares]].mean())
    features["return_lines"] = returns["size"].reindex(features.index, fill_value=0)
    features["returned"] = returns["sum"].abs().reindex(features.index, fill_value=0)
    features["return_share"] = features["return_lines"] / (features["lines"] + features["return_lines"])
    return features


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


def stability(X: np.ndarray) -> list[float]:
    """Mean agreement of 100 bootstrap refits with the division, k = 2..6, as the gate computes it."""
    from helpers.types.gate import LABEL_STARTS, bootstrap_agreement, by_size, divide

    labels = (by_size(divide(X, k, 1, LABEL_STARTS).labels_) for k in range(2, 7))
    return [bootstrap_agreement(X, found, 100, 1)[0] for found in labels]


def stability_plain(X: np.ndarray) -> list[float]:
    """The same by a plain loop over scikit-learn's k-means with ten starts."""
    rng, found = np.random.default_rng(1), []
    for k in range(2, 7):
        labels = KMeans(k, n_init=10, random_state=1).fit_predict(X)
        samples = [rng.integers(0, len(X), len(X)) for _ in range(100)]
        refits = (KMeans(k, n_init=10, random_state=i).fit(X[rows]).predict(X) for i, rows in enumerate(samples))
        found.append(float(np.mean([adjusted_rand_score(labels, refit) for refit in refits])))
    return found


def gate(X: np.ndarray) -> bool:
    """Whether both statistics of the gate exceed data without types, as the gate computes it."""
    from helpers.types.gate import ALPHA, GATE_RANGE, rank_against_null, statistics

    return max(rank_against_null(X, *statistics(X, GATE_RANGE, 1), 199, 1)[:2]) <= ALPHA


def gate_plain(X: np.ndarray) -> bool:
    """The same written plainly: k-means with ten starts, a kernel density, every one of the 199 draws to its end."""
    from helpers.types.gate import ALPHA, GATE_RANGE, PILOTS, null_draws

    def valley(X: np.ndarray, labels: np.ndarray) -> float:
        depths = []
        for i, j in itertools.combinations(range(labels.max() + 1), 2):
            pair, of = X[(labels == i) | (labels == j)], labels[(labels == i) | (labels == j)]
            on = LinearDiscriminantAnalysis().fit_transform(pair, of)[:, 0]
            means = sorted(on[of == cluster].mean() for cluster in (i, j))
            points = np.linspace(on.min(), on.max(), 64)
            spread = np.sqrt(np.mean([on[of == cluster].var() for cluster in (i, j)]))
            density = gaussian_kde(on, 0.9 * spread * len(on) ** -0.2 / on.std()).evaluate(points)
            between = np.flatnonzero((points >= means[0]) & (points <= means[1]))
            lowest = between[density[between].argmin()]
            depths.append(1 - density[lowest] / min(density[: lowest + 1].max(), density[lowest:].max()))
        return min(depths)

    def both(X: np.ndarray) -> tuple[np.ndarray, float]:
        fits = [KMeans(k, n_init=10, random_state=1).fit(X) for k in GATE_RANGE]
        total = ((X - X.mean(axis=0)) ** 2).sum()
        return np.array([-np.log(fit.inertia_ / total) for fit in fits]), max(valley(X, fit.labels_) for fit in fits)

    null = null_draws(X, np.random.default_rng(1))
    pilots = np.array([both(next(null))[0] for _ in range(PILOTS)])
    centre, spread = pilots.mean(axis=0), pilots.std(axis=0, ddof=1)

    def scores(X: np.ndarray) -> np.ndarray:
        clustering, depth = both(X)
        return np.array([((clustering - centre) / spread).max(), depth])

    observed = scores(X)
    exceeded = sum(scores(next(null)) >= observed for _ in range(199))
    return bool(((exceeded + 1) / 200).max() <= ALPHA)


WORK: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "features_ibis": (features_ibis, ("helpers.customers.features", "ibis.backends.duckdb")),
    "features_scan": (features_scan, ("duckdb",)),
    "features_pandas": (features_pandas, ("pyarrow.parquet",)),
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


def rows_of_features(folder: Path, lines: int, repeats: int) -> list[tuple[str, str, float, str]]:
    few, file = folder / "few.parquet", folder / "lines.parquet"
    make_lines(few, 100_000)
    ours, plain = features_ibis(few).to_pandas().set_index("customer_id"), features_pandas(few)
    pd.testing.assert_frame_equal(
        ours.loc[plain.index, plain.columns].astype(float), plain.astype(float), rtol=1e-9, check_index_type=False
    )
    make_lines(file, lines)
    rounds = [{work: measure(work, file) for work in WORK} for _ in range(repeats)]

    def ratio(kind: str, against: str) -> float:
        return statistics.median(found["features_ibis"][kind] / found[against][kind] for found in rounds)

    what = f"features of {lines:,} order lines"
    return [
        (f"{what}, CPU", "DuckDB scanning the same columns", ratio("cpu", "features_scan"), "<= 8"),
        (f"{what}, CPU", "pandas, the same features", ratio("cpu", "features_pandas"), "<= 0.4"),
        (f"{what}, peak memory", "pandas, the same features", ratio("peak", "features_pandas"), "<= 0.35"),
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


def rows_of_growth(folder: Path, lines: int, repeats: int) -> list[tuple[str, str, float, str]]:
    """Ten times as many order lines, and five times as many again; the last are also held against a memory limit."""
    few, file, many = folder / "tenth.parquet", folder / "once.parquet", folder / "many"
    make_lines(few, lines // 10)
    make_lines(file, lines)
    many.mkdir()
    for part in range(5):
        make_lines(many / f"{part}.parquet", lines, part)
    once, tenth = ([measure("features_ibis", f)["cpu"] for _ in range(3)] for f in (file, few))
    five = measure("features_ibis", many / "*.parquet")
    linear, gigabytes = "linear growth", five["peak"] / 1024
    return [
        (
            f"{lines // 10:,} to {lines:,} order lines, CPU",
            linear,
            statistics.median(once) / statistics.median(tenth) / 10,
            "<= 1.2",
        ),
        (f"{lines:,} to {5 * lines:,} order lines, CPU", linear, five["cpu"] / statistics.median(once) / 5, "<= 1.2"),
        (f"{5 * lines:,} order lines, peak memory", "4 GB", gigabytes / 4, "<= 1"),
    ]


def rows_of_assigning(folder: Path, lines: int, repeats: int) -> list[tuple[str, str, float, str]]:
    file = folder / "customers.parquet"
    make_customers(file, lines // 10)
    ratios = [measure("assign_sql", file)["cpu"] / measure("assign_scan", file)["cpu"] for _ in range(repeats)]
    what = f"assigning {lines // 10:,} customers by SQL, CPU"
    return [(what, "DuckDB scanning their features", statistics.median(ratios), "<= 3")]


def rows_of_gate(folder: Path, lines: int, repeats: int) -> list[tuple[str, str, float, str]]:
    """Stability and gate of 2,000 customers with types, and of a continuum; both ways must come to the same verdict."""
    rng = np.random.default_rng(1)
    ratios, lower = {stability: [], gate: []}, []
    for X in (simulated.planted(rng, 2000, 3)[0], simulated.one_factor(rng, 2000)):
        for ours, plain in ((stability, stability_plain), (gate, gate_plain)):
            (mine, fast), (theirs, slow) = timed(ours, X), timed(plain, X)
            if np.argmax(mine) != np.argmax(theirs) or (ours is gate and mine != theirs):
                raise SystemExit(f"{ours.__name__}: {mine}; written plainly: {theirs}")
            ratios[ours].append(fast / slow)
            if ours is stability:
                lower.append(float(np.median(np.subtract(theirs, mine))))
    stable, judged = (statistics.mean(found) for found in ratios.values())
    plain = "plain k-means with ten starts"
    return [
        ("stability, 2,000 customers, k 2..6, 100 refits, CPU", plain, stable, "<= 0.25"),
        ("the same, by how much its ARI is lower (median over k)", plain, statistics.mean(lower), "<= 0.03"),
        ("gate, 2,000 customers, 199 draws, CPU", "the same gate written plainly", judged, "<= 0.2"),
    ]


def timed(work: Callable[[np.ndarray], object], X: np.ndarray) -> tuple[object, float]:
    """What the work gives, and the CPU seconds that it takes."""
    started = time.process_time()
    return work(X), time.process_time() - started


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
    parser.add_argument("--lines", type=int, default=10_000_000)
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
        peak = int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
        print(json.dumps({"cpu": time.process_time() - before, "peak": peak}))
        return
    print("| work | against | ratio | target |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in given.rows or ROWS:
            for what, against, ratio, target in ROWS[name](Path(folder), given.lines, given.repeats):
                print(f"| {what} | {against} | {ratio:.2f} | {target} |", flush=True)


if __name__ == "__main__":
    main()
