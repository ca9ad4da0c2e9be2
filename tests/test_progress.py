"""How far a long reading has come: told as it goes, shown as a bar on a terminal and as a line a minute in a pipe."""

import gzip

import pytest

from helpers import cli_reading
from helpers.cli_reading import a_line_a_minute, told_of
from helpers.opening import text_files
from helpers.progress import Come, come, heard_by
from helpers.read.load import open_table
from helpers.sources import Reading
from helpers.words import Words

ORDERS = "customer_id,order_id,amount\n" + "".join(f"c{i},{i},1\n" for i in range(2000))  # 2,001 lines


@pytest.fixture
def heard(monkeypatch):
    monkeypatch.setattr(text_files, "STEP", 600)  # more than are looked at for the separator
    told: list[Come] = []
    with heard_by(told.append):
        yield told


def test_a_file_tells_its_rows_and_its_share(tmp_path, heard):
    (tmp_path / "orders.csv").write_text(ORDERS)
    open_table(tmp_path / "orders.csv", "orders.csv", Reading(), None)
    assert [(one.path, one.rows) for one in heard] == [("orders.csv", rows) for rows in (600, 1200, 1800)]
    shares = [one.share for one in heard]
    assert shares == sorted(shares)
    assert 0.2 < shares[0] < shares[-1] <= 1


def test_of_a_packed_file_only_the_rows_are_known(tmp_path, heard):
    with gzip.open(tmp_path / "orders.csv.gz", "wt") as file:
        file.write(ORDERS)
    open_table(tmp_path / "orders.csv.gz", "orders.csv.gz", Reading(), None)
    assert [one.share for one in heard] == [None] * 3


def test_nobody_need_listen_and_who_has_left_is_told_nothing(heard):
    come("a.csv", 1)
    with heard_by(lambda one: heard.append("second")):
        come("a.csv", 2)
    come("a.csv", 3)
    assert [one if one == "second" else one.rows for one in heard] == [1, 2, "second", 3]


def test_the_time_left_follows_from_the_share():
    words = Words()
    assert words.tell(told_of(Come("a.csv", 500_000, 0.25), 10.0)) == (
        "a.csv: 500,000 rows read, 25 %; about 30 s left to read"
    )
    assert words.tell(told_of(Come("a.csv", 500_000), 10.0)) == "a.csv: 500,000 rows read"
    assert words.tell(told_of(Come("a.csv", 500_000, doing="check"), 10.0)) == "a.csv: 500,000 rows, being checked"


def test_a_pipe_gets_a_line_a_minute(monkeypatch):
    clock, lines = [0.0], []
    monkeypatch.setattr(cli_reading.time, "monotonic", lambda: clock[0])
    listener = a_line_a_minute(Words(), lines.append)
    for second in range(10, 190, 10):  # up to 180
        clock[0] = float(second)
        listener(Come("a.csv", second * 1000, second / 200))
    assert [line.partition("  ")[2] for line in lines] == [
        "a.csv: 60,000 rows read, 30 %; about 140 s left to read",
        "a.csv: 120,000 rows read, 60 %; about 80 s left to read",
        "a.csv: 180,000 rows read, 90 %; about 20 s left to read",
    ]
