"""A cluster of two workers on this machine: one is killed midway, all are missing, the master is gone, Java is gone."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typed_shop import lines_of, study_with

from helpers.customers.facts import engine
from helpers.customers.typed_lines import features_of_lines
from helpers.study import load_study

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
QUICK = "-XX:TieredStopAtLevel=1"
CONF = f"""\
spark.driver.host 127.0.0.1
spark.executor.memory 450m
spark.sql.adaptive.enabled false
spark.sql.files.openCostInBytes 1000000000
spark.sql.shuffle.partitions 6
spark.driver.extraJavaOptions {QUICK}
spark.executor.extraJavaOptions {QUICK}
"""
"""What would stand in spark-defaults.conf; each file is a task of its own."""


def settings(folder: Path, master: str, patience: int = 120) -> dict[str, str]:
    """The environment of a user whose Spark is configured in the usual place."""
    (folder / "conf").mkdir(exist_ok=True)
    (folder / "conf" / "spark-defaults.conf").write_text(
        f"spark.master {master}\nspark.personas.patience {patience}\n{CONF}", encoding="utf-8"
    )
    return {**os.environ, "SPARK_CONF_DIR": str(folder / "conf"), "PYSPARK_SUBMIT_ARGS": "pyspark-shell"}


def asked(environment: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command as a user calls it."""
    command = [sys.executable, "-m", "helpers", *map(str, arguments)]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


# --- without Spark, Java or a master -----------------------------------------------------------------------------


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return study_with(tmp_path, lines_of(np.random.default_rng(3)))


@pytest.fixture
def stands(tmp_path: Path) -> Path:
    """A publication that stands."""
    out = tmp_path / "published"
    out.mkdir()
    (out / "manifest.json").write_text('{"run_id": "before", "files": {}}', encoding="utf-8")
    (out / "index.html").write_text("as it was", encoding="utf-8")
    return out


def test_without_pyspark_it_is_told_how_to_get_it(study, stands, tmp_path):
    (tmp_path / "none" / "pyspark").mkdir(parents=True)
    (tmp_path / "none" / "pyspark" / "__init__.py").write_text("raise ModuleNotFoundError('no', name='pyspark')\n")
    path = os.pathsep.join([str(tmp_path / "none"), os.environ.get("PYTHONPATH", "")])
    done = asked({**os.environ, "PYTHONPATH": path}, "run", study, "--engine", "spark", "--out", stands)
    assert done.returncode == 3, done.stderr
    assert "pyspark is missing" in done.stderr
    assert "requirements-spark.txt" in done.stderr
    assert "Traceback" not in done.stderr
    assert (stands / "index.html").read_text(encoding="utf-8") == "as it was"


spark_here = pytest.mark.skipif(
    shutil.which("java") is None or not any(Path(place, "pyspark").is_dir() for place in sys.path),
    reason="Spark or Java is not here: make spark, and openjdk-17-jre-headless",
)


@spark_here
def test_without_java_nothing_starts_and_the_publication_stands(study, stands):
    done = asked({**os.environ, "JAVA_HOME": "/nowhere"}, "run", study, "--engine", "spark", "--out", stands)
    assert done.returncode == 3, done.stderr
    assert "/nowhere/bin/java is not there; install Java 17" in done.stderr
    assert "Traceback" not in done.stderr
    assert (stands / "index.html").read_text(encoding="utf-8") == "as it was"


# --- a cluster ---------------------------------------------------------------------------------------------------


@contextmanager
def daemon(folder: Path, kind: str, *arguments: str, name: str) -> Iterator[tuple[subprocess.Popen, Path]]:
    """A master or a worker in a process group of its own; its log."""
    import pyspark

    home = Path(pyspark.__file__).parent
    log = folder / f"{name}.log"
    environment = {
        **os.environ, "SPARK_HOME": str(home), "SPARK_DAEMON_MEMORY": "200m", "SPARK_DAEMON_JAVA_OPTS": QUICK,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }  # fmt: skip
    command = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}", "--host", "127.0.0.1", *arguments]
    with log.open("w") as stream:
        process = subprocess.Popen(command, env=environment, stdout=stream, stderr=stream, start_new_session=True)
    try:
        yield process, log
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    """Kill a daemon with the executors that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


def logged(log: Path, pattern: str, seconds: float = 90) -> re.Match:
    """Wait until a line is in a log."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := re.search(pattern, log.read_text(errors="replace")):
            return found
        time.sleep(0.1)
    raise AssertionError(f"{pattern} never came:\n{log.read_text(errors='replace')[-2000:]}")


def worker(folder: Path, master: str, name: str):
    return daemon(
        folder, "worker.Worker", "--cores", "1", "--memory", "500m", "--webui-port", "0", "--work-dir",
        str(folder / name), master, name=name,
    )  # fmt: skip


@spark_here
def test_a_worker_that_is_killed_midway_changes_nothing(study, tmp_path):
    frame = pd.concat([pd.read_parquet(tmp_path / "lines" / f"{part}.parquet") for part in "ab"])
    for place in range(12):  # a dozen tasks for two cores
        part = frame.iloc[place::12].assign(order_id=lambda rows, place=place: rows["order_id"] + f"-{place}")
        part.to_parquet(tmp_path / "lines" / f"{place:02d}.parquet", index=False)
    for part in "ab":
        (tmp_path / "lines" / f"{part}.parquet").unlink()
    made = tmp_path / "made.parquet"
    with daemon(tmp_path, "master.Master", "--port", "0", "--webui-port", "0", name="master") as (_, log):
        master = logged(log, r"spark://127\.0\.0\.1:\d+")[0]
        nobody = asked(settings(tmp_path, master, 3), "features", study, "--engine", "spark", "--out", made)
        assert nobody.returncode == 3, nobody.stderr
        assert "the cluster has no worker left that takes work" in nobody.stderr
        assert not made.exists()
        with worker(tmp_path, master, "one") as (first, _), worker(tmp_path, master, "two"):
            logged(log, r"(?s)(Registering worker.*){2}")
            given = settings(tmp_path, master)
            with (tmp_path / "driver.log").open("w") as told, subprocess.Popen(
                [sys.executable, HERE / "spark_midway.py", study, made], env=given, stdout=subprocess.PIPE, stderr=told,
                text=True,
            ) as driver:  # fmt: skip
                said = driver.stdout.readline()
                end(first)
                rest = driver.stdout.read()
            assert (said, rest, driver.returncode) == ("MIDWAY\n", "LEFT 1\n", 0), (tmp_path / "driver.log").read_text()
    with engine() as backend:
        found, _ = features_of_lines(backend, load_study(study))
        expected = backend.to_pyarrow(found).to_pandas().sort_values("customer_id", ignore_index=True)
    ours = pd.read_parquet(made).sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(ours, expected, check_dtype=False, rtol=1e-9, atol=1e-9)
    gone = asked(given, "features", study, "--engine", "spark", "--out", tmp_path / "other.parquet")
    assert gone.returncode == 3, gone.stderr
    assert f"the master {master} does not answer" in gone.stderr
