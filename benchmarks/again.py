"""Real customers placed a second time by other orders of theirs: is the posterior as sure as it should be?

Nobody knows to which group a real customer belongs. But by one half of the orders, or by earlier ones, the model says
how sure it is of a customer, and by the others it says again where. Those err too: of customers who are placed rightly
some are not placed alike. Where fewer are alike than that explains, the posterior is over-sure.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import softmax

from helpers.customers.customers import build_customers
from helpers.customers.halves import order_halves
from helpers.intake.examples import write_example
from helpers.read.load import LoadedTables, load_tables
from helpers.study import Study, load_study
from helpers.types.gate import floor_of
from helpers.types.mixture import as_model, fit_mixture, log_densities
from helpers.types.pool import gather
from helpers.types.prepare import gate_matrix
from helpers.types.repeated import LABEL_STARTS, by_size, divide, in_units

STUDIES = {"complete-journey": 4, "cdnow": 4}
"""Examples that the package can write, and the number of groups that their studies come to."""
BANDS = {".6 to .8": (0.6, 0.8), ".8 to .9": (0.8, 0.9), "over .9": (0.9, 1.01), ".8 or more": (0.8, 1.01)}


def placed_again(name: str, most: int | None) -> list[dict[str, object]]:
    """Rows of one study, of at most so many customers: by other orders of the same weeks, and by those of later weeks;
    with the posterior as the mixture gives it, and tempered."""
    with tempfile.TemporaryDirectory() as folder:
        study = load_study(write_example(name, Path(folder)))
        tables = load_tables(study)
    customers = build_customers(tables, study)
    pool, k = gather(customers, None, study), STUDIES[name]
    rows = pool.fit[:most]
    prepared = pool.prepared.at(rows)
    matrix, ids = gate_matrix(prepared), pool.features.index[rows]
    first = by_size(divide(matrix, k, study.seed, LABEL_STARTS).labels_)
    fitted = fit_mixture(prepared, matrix, k, first, smallest=int(floor_of(len(matrix))), seed=study.seed)
    model, found = as_model(pool.prepared, fitted.mixture), []
    period = customers.period
    middle = period.start + (period.holdout_from - period.start) / 2
    parts = {
        "other orders": order_halves(tables, customers, ids, study),
        "later orders": tuple(
            within(tables, study, *days).reindex(ids)
            for days in ((period.start, middle), (middle, period.holdout_from))
        ),
    }
    for by, (one, other) in parts.items():
        both = np.logical_and(*(part["orders"].fillna(0).to_numpy() > 0 for part in (one, other)))
        densities = [densities_of(model, part[both]) for part in (one, other)]
        alike = np.equal(*(each.argmax(axis=1) for each in densities))
        for temper in (1.0, fitted.temper):
            sure = softmax(densities[0] / temper, axis=1).max(axis=1)
            row = {"study": name, "placed again by": by, "tempered by": round(temper, 2), "customers": len(sure)}
            row["placed at .8 or more"] = (sure >= 0.8).mean()
            for band, (low, high) in BANDS.items():
                inside = (sure >= low) & (sure < high)
                row |= {f"said, {band}": sure[inside].mean(), f"alike, {band}": alike[inside].mean()}
            found.append(row)
    return found


def within(tables: LoadedTables, study: Study, start: object, end: object) -> pd.DataFrame:
    """Features of all customers by the orders of some days."""
    window = {"start": start, "holdout_from": end, "as_of": end}
    shorter = Study.model_validate(study.model_dump() | {"window": window})
    return build_customers(tables, shorter).features.set_index("customer_id")


def densities_of(model: dict, part: pd.DataFrame) -> np.ndarray:
    """Log densities of customers by a part of their orders, each column in standard units of its own."""
    nothing = np.zeros((len(part), 0))
    return log_densities(model, in_units(part, model["features"]), nothing, nothing)


def table(most: int | None) -> pd.DataFrame:
    """All studies."""
    rows = pd.DataFrame([row for name in STUDIES for row in placed_again(name, most)])
    return rows.round(2).set_index("study")
