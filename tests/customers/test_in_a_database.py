"""The same expressions where the data are: features and assignments of a DuckDB file and of PostgreSQL, to 1e-9."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import ibis
import pandas as pd
import pyarrow as pa
import pytest
from postgres_server import PASSWORD, Server, postgres  # noqa: F401 - the server is a fixture

from helpers.customers.customers import resolve_period
from helpers.customers.facts import as_table, engine
from helpers.customers.features import feature_expression, read_vocabulary, service_expression
from helpers.pages.site import strict_json
from helpers.read.load import load_tables
from helpers.study import Study, load_study
from helpers.types.placing import assign
from helpers.types.placing_sql import as_sql, placed

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


Held = Callable[[str, pd.DataFrame], tuple[ibis.BaseBackend, ibis.Table]]
"""Puts a frame into a database under a name, and gives it as a table of the engine that computes there."""


@pytest.fixture
def in_file(tmp_path: Path) -> Held:
    def keep(name: str, frame: pd.DataFrame) -> tuple[ibis.BaseBackend, ibis.Table]:
        file, rows = str(tmp_path / f"{name}.duckdb"), pa.Table.from_pandas(frame, preserve_index=False)
        with duckdb.connect(file) as handle:
            handle.register("rows", rows)
            handle.execute(f"CREATE TABLE {name} AS SELECT * FROM rows")
        backend = ibis.duckdb.connect(file, read_only=True)
        return backend, backend.table(name)

    return keep


@pytest.fixture
def on_server(postgres: Server) -> Iterator[Held]:  # noqa: F811
    import psycopg

    with psycopg.connect(postgres.url(), password=PASSWORD, autocommit=True) as handle:
        backend = ibis.postgres.from_connection(handle)

        def keep(name: str, frame: pd.DataFrame) -> tuple[ibis.BaseBackend, ibis.Table]:
            backend.create_table(name, schema=as_table(frame).schema())
            text = io.StringIO()
            frame.to_csv(text, index=False, header=False)
            with handle.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copied:
                copied.write(text.getvalue())
            return backend, backend.table(name)

        yield keep


@pytest.fixture(params=["in_file", "on_server"])
def held(request: pytest.FixtureRequest) -> Held:
    return request.getfixturevalue(request.param)


def by_customer(backend: ibis.BaseBackend, expression: ibis.Table) -> pd.DataFrame:
    return backend.to_pyarrow(expression).to_pandas().sort_values("customer_id", ignore_index=True)


@pytest.fixture(scope="module")
def sample() -> tuple[Study, dict[str, pd.DataFrame]]:
    study = load_study(SAMPLE)
    return study, load_tables(study).frames


def test_features_of_a_database_are_those_of_memory(held, sample):
    study, frames = sample
    period = resolve_period(frames["sales"]["ordered_at"], study)
    with engine() as memory:
        lines = as_table(frames["sales"])
        words = read_vocabulary(memory, lines, period.start, period.holdout_from, 10)
        ours = by_customer(memory, feature_expression(lines, period.start, period.holdout_from, words))
        contacts = by_customer(memory, service_expression(as_table(frames["service"]), period.start, period.as_of))
    assert {"order_value_q25", "days_between_orders_median", "margin", "coupon_share"} <= set(ours)
    backend, table = held("sales", frames["sales"])
    assert read_vocabulary(backend, table, period.start, period.holdout_from, 10) == words
    theirs = by_customer(backend, feature_expression(table, period.start, period.holdout_from, words))
    pd.testing.assert_frame_equal(theirs, ours, rtol=0, atol=1e-9, check_dtype=False)
    backend, table = held("service", frames["service"])
    theirs = by_customer(backend, service_expression(table, period.start, period.as_of))
    pd.testing.assert_frame_equal(theirs, contacts, rtol=0, atol=1e-9, check_dtype=False)


def test_assignments_of_a_database_are_those_of_numpy(held, planted):
    model = json.loads(strict_json(planted.personas.model))
    answers = planted.survey.answers
    ours = assign(model, planted.customers.features, answers, ("w1",)).drop(columns="answered")
    people = pd.concat([planted.customers.features, pd.DataFrame({"customer_id": ["w1"]})], ignore_index=True)
    people = people.merge(answers.drop(columns="respondent_id"), on="customer_id", how="left")
    backend, table = held("customers", people)
    by_expression = by_customer(backend, placed(model, table, apart=backend.name == "postgres"))
    rows = backend.raw_sql(as_sql(model, dialect=backend.name)).fetchall()
    for theirs in (by_expression, pd.DataFrame(rows, columns=list(ours)).sort_values("customer_id", ignore_index=True)):
        assert theirs["persona"].tolist() == ours["persona"].tolist()
        numbers = [name for name in ours if name not in ("customer_id", "persona")]
        pd.testing.assert_frame_equal(theirs[numbers].astype(float), ours[numbers], rtol=0, atol=1e-9)
