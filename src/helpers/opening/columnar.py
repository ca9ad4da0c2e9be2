"""Parquet: typed columns stay typed where their kind needs it; all else becomes exact text."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset

from helpers.contracts import DataError
from helpers.opening.raw import RawTable, wanted
from helpers.text import header
from helpers.words import say


def open_parquet(file: Path, shown: str, needed: dict[str, str] | None) -> RawTable:
    """Read a Parquet file or folder; numbers, times and flags keep their type, all else becomes text."""
    try:
        parts = pa.dataset.dataset(file, format="parquet", partitioning="hive")
        headers = [header(name) for name in parts.schema.names]
        places = wanted(headers, needed)
        if len(set(parts.schema.names)) < len(headers):
            twice = Counter(parts.schema.names).most_common(1)[0][0]
            raise DataError(say("opening.refused.parquet_twice", path=shown, column=twice))
        table = parts.to_table(columns=[parts.schema.names[place] for place in places.values()])
        table.validate(full=True)  # damaged text is found here, and not by whoever reads its letters
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # the last: a damaged name of a column
        raise DataError(say("opening.refused.parquet", path=shown, fault=str(error)[:200])) from None
    columns = {
        name: typed_column(column, (needed or {}).get(name, "text"), {"path": shown, "column": name})
        for name, column in zip(places, table.columns, strict=True)
    }
    frame = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
    return RawTable(shown, tuple(headers), frame, np.arange(1, table.num_rows + 1))


def typed_column(column: pa.ChunkedArray, kind: str, where: dict[str, str]) -> pd.Series:
    """A column as what its kind needs: typed where it is typed, otherwise exact text."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    of = column.type
    if pa.types.is_nested(of) or pa.types.is_binary(of) or pa.types.is_large_binary(of):
        raise DataError(say("opening.refused.nested", **where, kind=str(of)))
    if kind == "number" and (pa.types.is_integer(of) or pa.types.is_floating(of) or pa.types.is_decimal(of)):
        return column.cast(pa.float64(), safe=False).to_pandas()
    if kind == "time" and (pa.types.is_timestamp(of) or pa.types.is_date(of)):
        return (column if pa.types.is_timestamp(of) else column.cast(pa.timestamp("us"))).to_pandas()
    if pa.types.is_floating(of):  # what is no number is no text either: it is missing
        column = pc.if_else(pc.is_finite(column), column, None)
    if pa.types.is_floating(of) and pc.all(pc.equal(column, pc.round(column))).as_py():
        column = column.cast(pa.int64(), safe=False)  # whole numbers beside gaps: 123.0 is 123
    return pd.Series(column.cast(pa.large_string()).to_pandas(), dtype="str")
