"""What README and the report say of how often the suite is wrong is what the kept tables say."""

import re
from pathlib import Path

import pytest

from helpers.types.division import SEEN_FROM

ROOT = Path(__file__).parents[2]


def tables_of(file: Path) -> list[list[tuple[str, ...]]]:
    """The cells of every row of every table."""
    found = re.findall(r"(?:^\|.*\n)+", file.read_text(encoding="utf-8"), re.M)
    return [[tuple(map(str.strip, line.strip("|").split("|"))) for line in table.splitlines()] for table in found]


def kept(section: str) -> list[tuple[str, ...]]:
    return tables_of(ROOT / "benchmarks" / "calibration" / f"{section}.md")[0]


@pytest.mark.parametrize("section", ["worlds", "none", "sizes", "seen", "gate", "power"])
def test_every_row_that_readme_shows_of_a_table_is_the_tables(section):
    head, _, *rows = kept(section)
    shown = next(table for table in tables_of(ROOT / "README.md") if table[0] == head)
    assert len(shown) > 6
    assert set(shown[2:]) <= set(rows)


def test_the_report_says_that_it_would_have_seen_what_it_sees_in_four_of_five():
    head, _, *rows = kept("seen")
    seen = {(int(n), float(row[0])): float(value) for row in rows for n, value in zip(head[1:], row[1:], strict=True)}
    said = [(n, sd) for n, sd in seen for people, apart in SEEN_FROM.items() if n >= people and sd >= apart]
    assert len(said) > 10
    assert all(seen[cell] >= 0.8 for cell in said)
