"""Whatever is brought comes in, or is refused in words: random files through ``init`` and ``check``.

``make fuzz`` runs the same for a third of its time (``MINUTES=60``).
"""

import gzip
import io
import json
import os
import random
import tempfile
from functools import partial
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from as_long import Tally
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.contracts import UserFault
from helpers.intake.guess import write_study
from helpers.read.load import load_tables
from helpers.study import load_study

MINUTES = float(os.environ.get("FUZZ_MINUTES", "0")) / 3
EXAMPLES = 12
HEADERS = [
    "Email", "Customer ID", "Order ID", "Order date", "Дата", "Клиент", "Сумма", "Amount", "Total", "Quantity",
    "Price", "Status", "Currency", "Refunded", "Lineitem name", "Financial Status", "Timestamp",
    "How likely are you to recommend us?", "Why do you buy? [Price]", "Why do you buy? [Smell]", "Response ID",
    "StartDate", "Q1_1", "Q1_2", "", "Comments", "Comments", "مبلغ", "تاریخ", "Betrag", "Total spent", "Orders",
    "Last order", "submitdate", "weight", "Phone",
]  # fmt: skip
CELLS = [
    "", "a@b.ge", "guest@shop.ge", "1001", "1002", "2024-01-05", "05.01.2024", "01/02/2024 10:30 PM",
    "1403/02/11", "20240105", "1704412800", "45296", "0000-00-00", "12,50", "1.234,56 €", "($5.00)", "-3",
    "1e400", "nan", "∞", "۱۲۳", "1 200", "paid", "voided", "Итого", "Total", "Grand total", "USD", "JPY",
    "Strongly agree", "Disagree", "★★★", "5 - good", "10", "1", "0", "99", "Price; Smell", "Price, Smell",
    "yes", "no", "#REF!", "#N/A", '{"ImportId":"QID1"}', "=1+1", "\ufeff", "\u200f", "i̇", "a\nb", '"', ";",
    "\t", "x" * 300, "Я", "ß", "İ", "\x00", "{}", "<b>", "%s", "{name}",
]  # fmt: skip
ENDINGS = [
    "csv",
    "csv",
    "tsv",
    "txt",
    "xlsx",
    "xlsx",
    "xls",
    "csv.gz",
    "jsonl",
    "json",
    "parquet",
    "ods",
    "sav",
    "dta",
    "zip",
    "pdf",
]
ENCODINGS = ["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251", "cp1252", "koi8-r", "cp932"]


@st.composite
def tables(draw) -> list[list[str]]:
    """A header of known and unknown words over columns of one kind of cell or of any."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    width, height = chance.choice([1, 2, 4, 6, 9]), chance.choice([0, 1, 3, 30, 60])
    kinds = [chance.sample(CELLS, chance.choice([1, 2, 3, 5, len(CELLS)])) for _ in range(width)]
    text = st.text(max_size=8)
    odd = [draw(text) for _ in range(3)]
    rows = [[chance.choice([*kind, *odd] if chance.random() < 0.05 else kind) for kind in kinds] for _ in range(height)]
    if chance.random() < 0.5:  # ids and days that a shop could have
        for place in range(min(width, 3)):
            for at, row in enumerate(rows):
                row[place] = [f"c{at % 9}@x.ge", f"2024-{at % 12 + 1:02d}-{at % 27 + 1:02d}", f"{at}.50"][place]
    for _ in range(chance.choice([0, 0, 1, 3])):
        rows.insert(0, [chance.choice([*CELLS, "", ""]) for _ in range(width)])
    head = [chance.choice([*HEADERS, *odd]) for _ in range(width)]
    if chance.random() < 0.5 and width > 2:
        head[:3] = ["Email", "Order date", "Amount"]
    rows.insert(chance.choice([0, 0, 0, 1, 2]), head)
    for row in rows:
        if chance.random() < 0.02:
            row.append("too many")
    return rows


def as_bytes(rows: list[list[str]], ending: str, encoding: str, sep: str) -> bytes:
    """The table as a file of a kind; as text where that kind cannot hold it."""
    if ending == "xlsx":
        book, target = openpyxl.Workbook(), io.BytesIO()
        for row in rows:
            book.active.append([openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])
        book.save(target)
        return target.getvalue()
    if ending in ("jsonl", "json"):
        records = [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
        return ("\n".join(map(json.dumps, records)) if ending == "jsonl" else json.dumps(records)).encode()
    if ending == "parquet" and len(set(rows[0])) == len(rows[0]):
        target = io.BytesIO()
        wide = len(rows[0])
        whole = [[*row, *[""] * wide][:wide] for row in rows[1:]]
        pd.DataFrame(whole, columns=rows[0]).to_parquet(target)
        return target.getvalue()
    quoted = [
        ['"' + cell.replace('"', '""') + '"' if set(cell) & set(f'{sep}"\n\r') else cell for cell in row]
        for row in rows
    ]
    text = "\n".join(map(sep.join, quoted)) + "\n"
    packed = text.encode(encoding, "replace")
    return gzip.compress(packed) if ending.endswith("gz") else packed


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Bytes with some changed, cut off, or put in, once in three."""
    if not content or chance.random() > 0.34:
        return content
    if (how := chance.random()) < 0.4:
        return content[: chance.randrange(len(content))]
    at = [chance.randrange(len(content)) for _ in range(chance.choice([1, 3, 30]))]
    changed = bytearray(content)
    for place in at:
        changed[place] = chance.randrange(256)
    return bytes(changed) if how < 0.8 else bytes(changed[: at[0]] + b"\x00\xff\r" + changed[at[0] :])


@st.composite
def files(draw) -> tuple[str, bytes]:
    """A file's name and content."""
    rows, chance = draw(tables()), random.Random(draw(st.integers(0, 2**32)))
    ending = chance.choice(ENDINGS)
    content = as_bytes(rows, ending, chance.choice(ENCODINGS), chance.choice(",;\t|"))
    name = chance.choice(["orders", "survey", "customers", "sales", "data", "leads"])
    return f"{name}.{ending}", damaged(content, chance)


def through_the_door(name: str, content: bytes) -> str:
    """Guess a study and read it: in words for people where it cannot be (returned), and no row unaccounted for."""
    told = ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, name)
        file.write_bytes(content)
        try:
            study, _ = write_study([file], Path(folder, "out"))
            accounts = load_tables(load_study(study)).accounts
        except UserFault as fault:
            told, accounts = str(fault), getattr(fault, "accounts", None) or []
        for account in accounts:
            assert account.rows_in == account.rows_used + account.rows_quarantined
            assert 0 <= account.rows_repaired <= account.rows_used
            aside = sum(issue.rows for issue in account.issues if issue.severity == "quarantined")
            assert any(issue.severity == "error" for issue in account.issues) or aside == account.rows_quarantined
    return told


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(files())
def test_any_file_comes_in_or_is_refused_in_words(file):
    through_the_door(*file)


@pytest.mark.skipif(not MINUTES, reason="make fuzz: a third of FUZZ_MINUTES")
def test_any_file_for_as_long_as_wanted(tmp_path):
    tally = Tally(MINUTES)

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(files())
    def run(file):
        if tally.more() and not tally.try_one("any file", partial(through_the_door, *file), f"{file[0]} {hash(file)}"):
            (tmp_path / f"{hash(file)}-{file[0]}").write_bytes(file[1])

    while tally.more():
        run()
    tally.end()
