"""Features of a study's lines by Spark; says MIDWAY once a task is done and others wait, and waits to be told to go on.

Arguments: study.yml, the Parquet folder to make. Run by ``test_spark_cluster.py``, which kills a worker there.
"""

import sys
import threading
import time

from helpers.customers.facts import engine
from helpers.customers.typed_lines import features_of_lines
from helpers.study import by_engine, load_study


def tell(context) -> None:
    """Say so when some, but not all, tasks of a stage are done."""
    tracker = context.statusTracker()
    while True:
        for stage in map(tracker.getStageInfo, tracker.getActiveStageIds()):
            if stage and 0 < stage.numCompletedTasks < stage.numTasks - 1:
                print("MIDWAY", flush=True)
                return
        time.sleep(0.02)


study = by_engine(load_study(sys.argv[1]), "spark")
with engine(study.engine) as backend:
    context = backend._session.sparkContext
    found, account = features_of_lines(backend, study)
    threading.Thread(target=tell, args=(context,), daemon=True).start()
    backend.to_parquet(found, sys.argv[2])
    print("LEFT", context._jsc.sc().getExecutorMemoryStatus().size() - 1, flush=True)
