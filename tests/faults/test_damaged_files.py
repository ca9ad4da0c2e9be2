"""Files damaged at random (cut, turned, repeated, overwritten): each is read, or refused in a sentence; never more.

`FUZZ=2000 pytest tests/faults/test_damaged_files.py` does it that many times for every kind of file; ``make fuzz`` does
it for a third of its time.
"""

import gzip
import io
import itertools
import json
import os
import random
import shutil
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from as_long import Tally

from helpers.contracts import UserFault
from helpers.customers.customers import Customers
from helpers.files import file_hash, read_json, read_sealed
from helpers.previous import MEMBERS, Previous, table_of
from helpers.read.load import how_to_read, open_table
from helpers.run.comparison import compare_publications
from helpers.run.kept import kept, take_over, verified
from helpers.run.unattended.letter import write_letter
from helpers.run.unattended.prune import needed, work_folders
from helpers.sources import Reading
from helpers.study import load_study
from helpers.survey.survey import Survey
from helpers.voice.codebook import read_codebook

TIMES = int(os.environ.get("FUZZ", "40"))
MINUTES = float(os.environ.get("FUZZ_MINUTES", "0")) / 3
EXAMPLE = Path(__file__).parents[2] / "personas" / "example"
TABLE = pd.DataFrame(
    {"id": [f"C{i:03d}" for i in range(60)], "day": "2025-01-31", "sum": [i + 0.5 for i in range(60)], "say": "ja, né"}
)
STUDY = """study: fuzz
title: "A shop"
seed: 17
window: {start: 2025-01-01, as_of: 2025-08-31}
tables:
  sales: {path: o.csv, columns: {customer_id: id, ordered_at: day, amount: sum}, read: {sep: ","}, nobody: ["0"]}
  survey:
    path: o.csv
    likert: {items: [a, b], scale: [1, 5], labels: {"no": 1}}
    multiple_choice: {why: {column: say, sep: ";"}}
personas: {k: [2, 4]}
hypotheses: {sesoi: {left_digit: 0.1}}
"""
CODEBOOK = "price: {about: barriers, words: {en: [expens*, 'too ... much'], ru: [дорог*]}, says: {en: it is dear}}\n"


def packed(name: str) -> bytes:
    """The table as a file of a kind."""
    out = io.BytesIO()
    csv = TABLE.to_csv(index=False).encode()
    if name.endswith("xlsx"):
        TABLE.to_excel(out, index=False)
    elif name.endswith("parquet"):
        TABLE.to_parquet(out)
    elif name.endswith(".zip"):
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("o.csv", csv)
    elif name.endswith("jsonl"):
        out.write("".join(json.dumps(row) + "\n" for row in TABLE.to_dict("records")).encode())
    elif name.endswith(".dta"):
        TABLE.to_stata(out, write_index=False, version=118)
    else:
        plain = csv.decode().encode("utf-16") if "16" in name else csv
        out.write(gzip.compress(csv) if name.endswith(".gz") else plain)
    return out.getvalue()


def damaged(content: bytes, rng: random.Random) -> bytes:
    """A copy with one to four faults."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        at, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        kind = rng.choice(("cut", "turn", "repeat", "noise", "drop", "bit", "bit", "bit"))
        if kind == "cut":
            del data[max(at, 1) :]
        elif kind == "turn":
            data[at:end] = data[at:end][::-1]
        elif kind == "repeat":
            data[at:at] = data[at:end] * rng.randint(1, 3)
        elif kind == "noise":
            data[at : at + 8] = rng.randbytes(8)
        elif kind == "drop":
            del data[at : at + rng.randint(1, 40)]
        elif at < len(data):
            data[at] ^= 1 << rng.randrange(8)
    return bytes(data[: 1 << 20])


KINDS = ["o.csv", "u16.csv", "o.csv.gz", "o.csv.zip", "o.xlsx", "o.parquet", "o.jsonl", "o.dta", "o.sav"]


def refused(look: Callable[[], object]) -> str:
    """What a user would be told; empty where it was read."""
    try:
        look()
    except UserFault as fault:
        return str(fault)
    return ""


@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_file_is_read_or_refused_in_a_sentence(tmp_path, name):
    rng = random.Random(name)
    for _ in range(TIMES):
        table_is_read_or_refused(tmp_path, rng, name)


def table_is_read_or_refused(folder: Path, rng: random.Random, name: str) -> str:
    """One damaged file of a kind; what was said against it."""
    file = folder / name
    if name.endswith("sav"):
        pyreadstat.write_sav(TABLE, file)
    whole = file.read_bytes() if name.endswith("sav") else packed(name)
    file.write_bytes(damaged(whole, rng))
    told = [refused(look) for look in (partial(open_table, file, name, Reading()), partial(how_to_read, file))]
    assert all(name in said or not said for said in told)
    return "".join(told)


PIECES = ["!!set", "&a", "*a", "- ", "? ", "{", "]", ": ", "\t", "~", "0x1", ".nan", "1e999", "<<: ", "|", "é", "\x00",
          "2025-13-01"]  # fmt: skip
YAML = {"study.yml": (STUDY, load_study), "cb.yml": (CODEBOOK, read_codebook)}


@pytest.mark.parametrize("name", YAML)
def test_what_is_damaged_is_read_when_whole(tmp_path, name):
    """Else nothing behind the first fault would ever be reached."""
    text, reads = YAML[name]
    (tmp_path / "o.csv").write_bytes(packed("o.csv"))
    (tmp_path / name).write_text(text)
    assert refused(partial(reads, tmp_path / name)) == ""


@pytest.mark.parametrize("name", YAML)
def test_a_damaged_study_or_codebook_is_read_or_refused_in_a_sentence(tmp_path, name):
    rng = random.Random(name)
    for _ in range(5 * TIMES):
        yaml_is_read_or_refused(tmp_path, rng, name)


def yaml_is_read_or_refused(folder: Path, rng: random.Random, name: str) -> str:
    """One study or codebook with damaged bytes and up to two odd pieces put in; what was said against it."""
    text, reads = YAML[name]
    (folder / "o.csv").write_bytes(packed("o.csv"))
    content = damaged(text.encode(), rng) if rng.random() < 0.5 else text.encode()
    for _ in range(rng.randint(0, 2)):
        at = rng.randrange(len(content) + 1)
        content = content[:at] + rng.choice(PIECES).encode() + content[at:]
    (folder / name).write_bytes(content)
    told = refused(partial(reads, folder / name))
    assert name in told or not told
    return told


def in_another_shape(content: bytes, rng: random.Random) -> bytes:
    """The same JSON with one to three values replaced by others, or taken out."""
    whole = json.loads(content)
    for _ in range(rng.randint(1, 3)):
        part, at = {"": whole}, ""
        while isinstance(part[at], (dict, list)) and part[at] and rng.random() < 0.8:
            part = part[at]
            at = rng.choice(list(part) if isinstance(part, dict) else range(len(part)))
        other = rng.choice((None, 5, -1.5, "x", "../..", [], {}, [[]], {"a": []}, True, "2026-13-41"))
        if rng.random() < 0.3 and at != "":
            del part[at]
        else:
            part[at] = other
        whole = part[at] if at == "" else whole
    return json.dumps(whole).encode()


def spoilt(file: Path, rng: random.Random) -> None:
    """Damage a JSON file in its bytes or in its shape."""
    how = rng.choice((damaged, in_another_shape))
    file.write_bytes(how(file.read_bytes(), rng))


PUBLISHED = ("personas", "model", "hypotheses", "drift", "manifest")


def test_a_damaged_publication_is_refused_before_anything_is_built_on_it(tmp_path, sample_run):
    """Every file that the next run, ``compare``, ``assign`` and the letter read."""
    rng = random.Random("publication")
    for _ in range(max(2, TIMES // 4)):
        publication_is_used_or_refused(tmp_path, rng, sample_run.out)


def publication_is_used_or_refused(folder: Path, rng: random.Random, whole: Path) -> str:
    """One copy of a publication with one of its files damaged; what was said against it."""
    old = folder / "old"
    shutil.rmtree(old, ignore_errors=True)
    old.mkdir()
    (folder / "study.yml").write_text("study: sample\n")
    for name in PUBLISHED:
        shutil.copy(whole / f"{name}.json", old)
    file = old / f"{rng.choice(PUBLISHED)}.json"
    content = json.loads(file.read_bytes())
    spoilt(file, rng)
    same = read_json(file) == content
    before = Previous(old)
    assert same or before.damaged() == [file.name] or file.name == "manifest.json"
    told = refused(partial(compare_publications, old, whole))
    assert same or file.name in told or file.name == "manifest.json"
    if not before.damaged():
        before.ends(), before.content(), before.table(MEMBERS)
    write_letter(folder, rng.choice((0, 1, 4, None)), None, old, folder / "runs")
    needed(old)
    return told


def test_no_model_where_there_was_one_is_damage(tmp_path):
    """Found by random publications: null is a model where there is none, and only there."""
    for name in PUBLISHED:
        shutil.copy(EXAMPLE / f"{name}.json", tmp_path)
    assert Previous(tmp_path).damaged() == []
    (tmp_path / "model.json").write_text("null")
    assert Previous(tmp_path).damaged() == ["model.json"]
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    manifest["files"]["model.json"] = file_hash(tmp_path / "model.json")
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert Previous(tmp_path).damaged() == []


def test_damaged_neighbours_of_the_work_folder_are_left_alone(tmp_path, sample_run):
    """What other runs left is taken over whole or not at all, and never stops a run."""
    rng = random.Random("neighbours")
    for _ in range(max(2, TIMES // 4)):
        neighbour_is_taken_whole_or_left(tmp_path, rng, sample_run.work)


def neighbour_is_taken_whole_or_left(folder: Path, rng: random.Random, whole: Path) -> str:
    """One copy of a work folder with one of its records damaged; a word where its notebook was left."""
    work, beside = folder / "runs" / "b", folder / "runs" / "a"
    shutil.rmtree(folder / "runs", ignore_errors=True)
    work.mkdir(parents=True)
    shutil.copytree(whole, beside, ignore=shutil.ignore_patterns("*.html", "*.ipynb", "*.lock"))
    file = rng.choice(sorted(beside.rglob("*.json")))
    key = (read_json(file) or {}).get("key", "")
    spoilt(file, rng)
    verified(beside, file.stem, key)
    kept(beside, "customers", Customers)
    kept(beside, "survey", Survey)
    taken = take_over(work, file.stem, key)
    assert not taken or read_sealed(work / "notebooks" / f"{file.stem}.json")
    assert set(work_folders(work.parent, "sample")) <= {beside}
    table_of(beside, MEMBERS)
    return "" if taken else "left alone"


@pytest.mark.skipif(not MINUTES, reason="make fuzz: a third of FUZZ_MINUTES")
def test_damaged_files_for_as_long_as_wanted(tmp_path, request):
    """Tables, studies, codebooks, old publications and, from a minute on, neighbours of the work folder in turn."""
    ways = {name: partial(table_is_read_or_refused, name=name) for name in KINDS}
    ways |= {f"damaged {name}": partial(yaml_is_read_or_refused, name=name) for name in YAML}
    ways["an old publication"] = partial(publication_is_used_or_refused, whole=EXAMPLE)
    if MINUTES > 1:
        whole = request.getfixturevalue("sample_run").work
        ways["a neighbour of the work folder"] = partial(neighbour_is_taken_whole_or_left, whole=whole)
    tally, seeds = Tally(MINUTES), itertools.count(time.time_ns())
    for kind, way in itertools.cycle(ways.items()):
        if not tally.more():
            break
        seed = next(seeds)
        tally.try_one(kind, partial(way, tmp_path, random.Random(seed)), seed)
    tally.end()


def test_a_damaged_name_of_a_column_is_refused(tmp_path):
    """Found by an hour of random files."""
    (tmp_path / "o.parquet").write_bytes(packed("o.parquet").replace(b"day", b"d\xf6y"))
    assert "o.parquet" in refused(partial(open_table, tmp_path / "o.parquet", "o.parquet", Reading()))


@pytest.mark.parametrize("record", ['{"a\\ud95f": "1"}', '{"a": "1\\ud95f"}'])
def test_half_a_letter_in_json_is_refused(tmp_path, record):
    """Found by an hour of random files: an escape that names one half of a pair."""
    (tmp_path / "o.json").write_text(f"[{record}]")
    assert "o.json" in refused(partial(open_table, tmp_path / "o.json", "o.json", Reading()))


@pytest.mark.parametrize("spoilt", ["version", "name"])
def test_a_damaged_entry_of_an_archive_is_refused(tmp_path, spoilt):
    """Found by an hour of random files: a zip of another version than there is, and a name that is no text."""
    content = bytearray(packed("o.csv.zip"))
    place = content.rindex(b"PK\x01\x02")
    if spoilt == "version":
        content[place + 6 : place + 8] = b"\xf0\x00"
    else:  # the name of the local entry, which its flag says is UTF-8
        content[6:8], content[place + 8 : place + 10] = b"\x00\x08", b"\x00\x08"
        content[30] = 0xE7
    file = tmp_path / "o.csv.zip"
    file.write_bytes(bytes(content))
    for look in (partial(open_table, file, file.name, Reading()), partial(how_to_read, file)):
        assert file.name in refused(look)


def test_columns_without_names_are_refused(tmp_path, monkeypatch):
    """Found by random files: the reader of Stata files stumbles over two names that are none."""
    (tmp_path / "o.dta").write_bytes(packed("o.dta"))

    def stumbles(*_, **__):
        raise TypeError("unsupported operand type(s) for +: 'NoneType' and 'str'")

    monkeypatch.setattr(pyreadstat, "read_dta", stumbles)
    told = refused(partial(open_table, tmp_path / "o.dta", "o.dta", Reading()))
    assert "o.dta" in told
    assert "list of columns is damaged" in told


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe", b"null", b"", b"[" * 100_000])
def test_a_torn_record_is_none(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    assert read_json(tmp_path / "manifest.json") is None
