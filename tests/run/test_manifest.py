"""manifest.json: its shape, its hashes, and that it is written whole."""

import hashlib
import json
import re

import pytest

from helpers.run import manifest
from helpers.run.manifest import Fault, InputRecord, Manifest, NotebookRecord


def a_manifest(**changes):
    content = {
        "study": "green-home",
        "run_id": "20251231T101500Z-ab12cd",
        "status": "failed",
        "exit_code": 1,
        "reason": "Причина",
        "started_at": "2025-12-31T10:15:00+00:00",
        "finished_at": "2025-12-31T10:16:00+00:00",
        "seconds": 60.0,
        "seed": 7,
        "engine": "duckdb",
        "versions": {"python": "3.11"},
        "work": "runs/x",
        "inputs": (InputRecord("sales", "sales.csv", "0" * 64, 12),),
        "notebooks": (NotebookRecord("04_personas", "failed", 1.5, {"n": 5}, Fault(3, "ValueError", "no")),),
        "process": {"pid": 1, "created": 2.0},
    }
    return Manifest(**(content | changes))


def test_the_file_has_the_contract_s_keys_in_its_order(tmp_path):
    manifest.write_manifest(tmp_path / "manifest.json", a_manifest())
    written = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert list(written) == [
        "schema", "study", "run_id", "status", "exit_code", "reason", "started_at", "finished_at", "seconds", "seed",
        "engine", "versions", "work", "inputs", "notebooks",
    ]  # fmt: skip
    assert written["inputs"] == [{"table": "sales", "path": "sales.csv", "sha256": "0" * 64, "rows": 12}]
    assert written["notebooks"] == [
        {"name": "04_personas", "status": "failed", "seconds": 1.5, "parameters": {"n": 5},
         "error": {"cell": 3, "type": "ValueError", "message": "no"}}
    ]  # fmt: skip
    assert "Причина" in (tmp_path / "manifest.json").read_text(encoding="utf-8")


def test_only_a_living_run_names_its_process(tmp_path):
    manifest.write_manifest(tmp_path / "manifest.json", a_manifest(status="running"))
    assert json.loads((tmp_path / "manifest.json").read_text())["process"] == {"pid": 1, "created": 2.0}


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    place = tmp_path / "manifest.json"
    manifest.write_text(place, "old")
    with pytest.raises(UnicodeEncodeError):
        manifest.write_text(place, "half \ud800 torn")
    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]


def test_run_ids_are_utc_with_a_nonce():
    first, second = manifest.new_run_id(), manifest.new_run_id()
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", first)
    assert first != second


def test_hash_of_a_file_and_of_a_folder(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "1.parquet").write_bytes(b"abc")
    assert manifest.file_hash(tmp_path / "part" / "1.parquet") == hashlib.sha256(b"abc").hexdigest()
    before = manifest.file_hash(tmp_path / "part")
    (tmp_path / "part" / "1.parquet").rename(tmp_path / "part" / "2.parquet")
    assert manifest.file_hash(tmp_path / "part") != before


def test_a_torn_json_reads_as_none(tmp_path):
    (tmp_path / "torn.json").write_text('{"a": 1')
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "good.json").write_text('{"a": 1}')
    found = [manifest.read_json(tmp_path / f"{name}.json") for name in ("torn", "list", "none", "good")]
    assert found == [None, None, None, {"a": 1}]


def test_not_a_number_is_not_json():
    with pytest.raises(ValueError, match="not JSON compliant"):
        manifest.to_text({"x": float("nan")})


def test_versions_name_what_computes():
    found = manifest.versions()
    assert {"python", "persona-notebooks", "pandas", "scikit-learn", "stepmix"} <= set(found)
    assert "pytest" not in found
