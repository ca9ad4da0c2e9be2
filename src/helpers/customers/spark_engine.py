"""Spark as the engine: the expressions that DuckDB runs, run where the usual Spark configuration says.

Master, memory, cores and the leave to read a store come from ``spark-defaults.conf`` (in SPARK_CONF_DIR) or from
PYSPARK_SUBMIT_ARGS, as for any Spark program; what they leave open is set here. Tables go to Spark and come back as
Arrow, so that a gap stays a gap and a whole number a whole number.
"""

from __future__ import annotations

import errno
import functools
import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import ibis
import ibis.expr.operations as ops
import pyarrow as pa

from helpers.contracts import DataError
from helpers.words import Said, say

try:
    import ibis.backends.pyspark as ibis_pyspark
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession
except ImportError as missing:  # whoever asks for this engine is told how to get it
    raise DataError(say("engine.refused.not_installed", missing=str(missing.name))) from None

UNLESS_CONFIGURED = {
    "spark.app.name": "personas",
    "spark.ui.enabled": "false",
    "spark.log.level": "WARN",
    "spark.sql.catalogImplementation": "in-memory",
}
"""Settings that the user's configuration may override."""
ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}
"""Settings on which results depend."""
PATIENCE, DEFAULT_PATIENCE = "spark.personas.patience", "60"
"""Seconds that work may wait without any executor, before it is given up."""
REACHED_WITHIN = 10.0
"""Seconds in which a master must answer."""
_MASTER = re.compile(r"([\w.-]+|\[[0-9a-fA-F:]+\]):(\d+)")
_NO_WRITING = re.compile(
    "Mkdirs failed|ParentNotDirectory|No space left|Read-only file system|Permission denied.*[Ww]rit"
)
_NO_PATH = ("PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA", "CANNOT_READ_FILE_FOOTER", "FAILED_READ_FILE",
            "FileNotFoundException", "AccessControlException")  # fmt: skip


class ByArrow(ibis_pyspark.Backend):
    """Ibis's own backend, but that tables in memory and results pass as Arrow: by pandas a gap of a text column becomes
    the text ``NaN``."""

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        self._session.createDataFrame(op.data.to_pyarrow(op.schema)).createOrReplaceTempView(op.name)

    def to_pyarrow(self, expr: ibis.Expr, /, **_: object) -> pa.Table | pa.Scalar:
        """The result of an expression."""
        table = expr.as_table()
        self._run_pre_execute_hooks(table)
        return expr.__pyarrow_result__(self._session.sql(self.compile(table)).toArrow())

    def to_parquet(self, expr: ibis.Table, /, path: str, **_: object) -> None:
        """Write a table from the executors. Raises OSError for a place that cannot be written."""
        try:
            super().to_parquet(expr, path)
        except (PySparkException, Py4JError) as fault:
            if _NO_WRITING.search(str(fault)):
                raise OSError(errno.EACCES, _first_line(fault)) from fault
            raise


@contextmanager
def spark() -> Iterator[ByArrow]:
    """The process's Spark, started at the first call; it ends with the process.

    Raises DataError for a Spark that is not here, does not answer, or cannot read what it is to read.
    """
    backend = standing()
    try:
        with _watched(backend) as gone:
            yield backend
    except (PySparkException, Py4JError, ConnectionError) as fault:
        raise DataError(_told(fault, gone.is_set())) from fault


@functools.cache
def standing() -> ByArrow:
    """Spark as the configuration has it; it stands for the many questions of a process.

    Raises DataError where there is no Java that runs it, or a master that does not answer.
    """
    active = SparkSession.getActiveSession()
    if active is not None:  # of a notebook that runs within Spark
        return _backend(active.newSession())
    found = java()
    try:
        gateway = launch_gateway(popen_kwargs={"stdout": 2})  # the last line of our own output is a path
        conf = SparkConf(_jvm=gateway.jvm)
        conf.set("spark.ui.showConsoleProgress", "false")  # it would draw over ours
        for name, value in UNLESS_CONFIGURED.items():
            conf.setIfMissing(name, value)
        _reach(conf.get("spark.master", ""))
        session = SparkSession(SparkContext(conf=conf, gateway=gateway))
    except (PySparkException, Py4JError, OSError) as fault:
        if not isinstance(fault, Py4JError):
            raise DataError(say("engine.refused.java", java=found, fault=_first_line(fault))) from fault
        raise DataError(say("engine.refused.start", fault=_first_line(fault))) from fault
    return _backend(session)


def _backend(session: SparkSession) -> ByArrow:
    """Ibis over a session, with the settings on which results depend."""
    for name, value in ALWAYS.items():
        session.conf.set(name, value)
    ibis.pyspark  # noqa: B018 - the name alone registers the options that the compiler asks for
    backend = ByArrow()
    backend.do_connect(session)
    return backend


def java() -> str:
    """The Java that Spark will take. Raises DataError where there is none."""
    home = os.environ.get("JAVA_HOME")
    program = os.path.join(home, "bin", "java") if home else "java"
    if shutil.which(program) is None:
        raise DataError(say("engine.refused.no_java", java=program))
    return program


def _reach(master: str) -> None:
    """Refuse a master of which no address answers: Spark itself would ask again for minutes."""
    if not master.startswith("spark://"):
        return
    faults = []
    for host, port in _MASTER.findall(master):
        try:
            socket.create_connection((host.strip("[]"), int(port)), REACHED_WITHIN).close()
        except OSError as fault:
            faults.append(fault.strerror or str(fault))
        else:
            return
    raise DataError(say("engine.refused.no_master", master=master, fault="; ".join(faults)))


@contextmanager
def _watched(backend: ByArrow) -> Iterator[threading.Event]:
    """Give up work that has been without an executor for too long; the event tells that it was."""
    context = backend._session.sparkContext
    gone, over = threading.Event(), threading.Event()
    if context.master.startswith("local"):
        yield gone
        return
    patience, tracker = float(context.getConf().get(PATIENCE, DEFAULT_PATIENCE)), context.statusTracker()

    def watch() -> None:
        waited, step = 0.0, min(1.0, patience / 4)
        while not over.wait(step):
            try:
                workers = context._jsc.sc().getExecutorMemoryStatus().size() - 1  # the driver is one of them
                waited = 0.0 if workers or not tracker.getActiveJobsIds() else waited + step
            except (Py4JError, ConnectionError):  # whoever waits for the work hears of it
                return
            if waited >= patience:
                gone.set()
                context.cancelAllJobs()
                return

    watcher = threading.Thread(target=watch, name="executors", daemon=True)
    watcher.start()
    try:
        yield gone
    finally:
        over.set()
        watcher.join()


def _told(fault: Exception, gone: bool) -> Said:
    """What Spark refused, and the mend."""
    text = _first_line(fault)
    if gone:
        return say("engine.refused.no_worker")
    code = (fault.getCondition() or "") if isinstance(fault, PySparkException) else ""
    if code.startswith(_NO_PATH) or any(name in text for name in _NO_PATH):
        return say("engine.refused.no_path", fault=text)
    return say("engine.refused.failed", fault=text)


def _first_line(fault: Exception) -> str:
    """What a fault says, without the stack that Java puts below it."""
    java = getattr(fault, "java_exception", None)
    lines = [line.strip() for line in str(java.toString() if java is not None else fault).splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ") and "[" in line]
    return (causes or lines or [type(fault).__name__])[0][:300]
