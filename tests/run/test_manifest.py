"""What runs write: whole files, honest hashes, JSON that every reader can read."""

import hashlib
import json
import re
import subprocess
import sys

import pytest

from helpers import files
from helpers.run import manifest
from helpers.run.manifest import Fault


def test_json_keeps_every_script_as_it_is_written(tmp_path):
    files.write_text(tmp_path / "a.json", files.to_text({"reason": "Причина"}))
    assert '"Причина"' in (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(files.to_text(Fault(3, "E", "no"))) == {"cell": 3, "type": "E", "message": "no"}


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    place = tmp_path / "manifest.json"
    files.write_text(place, "old")
    with pytest.raises(UnicodeEncodeError):
        files.write_text(place, "half \ud800 torn")
    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]


def test_run_ids_are_utc_with_a_nonce():
    first, second = manifest.new_run_id(), manifest.new_run_id()
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", first)
    assert first != second


def test_hash_of_a_file_and_of_a_folder(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "1.parquet").write_bytes(b"abc")
    assert files.file_hash(tmp_path / "part" / "1.parquet") == hashlib.sha256(b"abc").hexdigest()
    before = files.file_hash(tmp_path / "part")
    (tmp_path / "part" / "1.parquet").rename(tmp_path / "part" / "2.parquet")
    assert files.file_hash(tmp_path / "part") != before


def test_a_torn_json_reads_as_none(tmp_path):
    (tmp_path / "torn.json").write_text('{"a": 1')
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "good.json").write_text('{"a": 1}')
    found = [files.read_json(tmp_path / f"{name}.json") for name in ("torn", "list", "none", "good")]
    assert found == [None, None, None, {"a": 1}]


def test_not_a_number_is_not_json():
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.to_text({"x": float("nan")})


def test_versions_name_what_computes():
    found = manifest.versions()
    assert {"python", "persona-notebooks", "pandas", "scikit-learn", "stepmix"} <= set(found)
    assert "pytest" not in found


def test_cost_counts_processes_that_have_ended_and_those_that_live():
    before = manifest.cost(0, 0)
    burn = "import time; end = time.process_time() + 1.0\nwhile time.process_time() < end: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)
    living = subprocess.Popen([sys.executable, "-c", f"{burn}\nprint(1, flush=True)\ninput()"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    with living:
        living.stdout.readline()
        after = manifest.cost(3 * 2**20, 500_000, [manifest.NotebookRecord("a", "done", peak_mb=1e6)])
        living.communicate(b"\n")
    assert before["per_million_lines"] is None
    assert 2.0 <= after["cpu_seconds"] - before["cpu_seconds"] < 4.0
    assert (after["read_mb"], after["per_million_lines"]["read_mb"]) == (3.0, 6.0)
    assert after["peak_mb"] == 1e6
