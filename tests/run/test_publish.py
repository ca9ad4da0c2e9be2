"""The switch from one publication to the next, its lock, and what may not be overwritten."""

import errno
import json
import os
import shutil
import threading

import pytest

from helpers.contracts import StudyError
from helpers.run import publish as room
from helpers.run.publish import (
    Busy,
    CannotWrite,
    check_place,
    current,
    hold,
    new_build,
    place_of,
    publish,
    versions_folder,
)


def build(out, run_id, text="text"):
    """A finished build of two files that say the same."""
    folder = new_build(out, run_id)
    (folder / "cards").mkdir()
    (folder / "cards" / "one.html").write_text(text)
    (folder / "index.html").write_text(text)
    (folder / "manifest.json").write_text(json.dumps({"run_id": run_id}))
    return folder


def contents(out):
    return {str(file.relative_to(out)): file.read_text() for file in out.rglob("*") if file.is_file()}


def test_publications_follow_one_another_as_a_link(tmp_path):
    out = tmp_path / "personas" / "green"
    for run_id in ("r1", "r2"):
        publish(build(out, run_id, run_id), out)
        assert out.is_symlink()
        assert os.readlink(out) == f".green-versions/{run_id}"
        assert (out / "index.html").read_text() == (out / "cards" / "one.html").read_text() == run_id
    assert sorted(path.name for path in versions_folder(out).iterdir()) == ["r1", "r2"]


def test_the_last_three_are_kept(tmp_path):
    out = tmp_path / "green"
    for run_id in ("r1", "r2", "r3", "r4", "r5"):
        publish(build(out, run_id), out)
    assert sorted(path.name for path in versions_folder(out).iterdir()) == ["r3", "r4", "r5"]


def test_a_clock_set_back_does_not_prune_what_is_published(tmp_path):
    out = tmp_path / "green"
    for run_id in ("r7", "r8", "r9", "r1"):
        publish(build(out, run_id, run_id), out)
    assert (out / "index.html").read_text() == "r1"


def test_a_publication_that_is_a_folder_stays_one(tmp_path):
    out = tmp_path / "example"
    out.mkdir()
    for run_id, old in (("r1", None), ("r2", "r1"), ("r3", "r2")):
        publish(build(out, run_id, run_id), out)
        assert out.is_dir()
        assert not out.is_symlink()
        assert contents(out)["index.html"] == run_id
        if old:
            assert contents(versions_folder(out) / old)["index.html"] == old


def test_a_link_that_became_a_folder_is_exchanged_too(tmp_path):
    """Its run id is among the kept versions already, as after a copy of the folder that a link pointed to."""
    out = tmp_path / "example"
    publish(build(out, "r1", "r1"), out)
    out.unlink()
    shutil.copytree(versions_folder(out) / "r1", out)
    publish(build(out, "r2", "r2"), out)
    assert not out.is_symlink()
    assert contents(out)["index.html"] == "r2"
    assert sorted(path.name for path in versions_folder(out).iterdir()) == ["r1"]


def test_folders_are_exchanged_by_renames_where_the_system_cannot(tmp_path, monkeypatch):
    monkeypatch.setattr(room.sys, "platform", "darwin")
    out = tmp_path / "example"
    out.mkdir()
    for run_id in ("r1", "r2"):
        publish(build(out, run_id, run_id), out)
    assert contents(out)["index.html"] == "r2"
    assert contents(versions_folder(out) / "r1")["index.html"] == "r1"


def test_a_reader_never_sees_a_half(tmp_path):
    """Two files that always say the same are read through one open folder, over and over, while runs publish."""
    out = tmp_path / "green"
    publish(build(out, "r00", "r00"), out)
    seen, torn, stop = set(), [], threading.Event()

    def read():
        while not stop.is_set():
            folder = os.open(out, os.O_RDONLY)
            texts = []
            for name in ("index.html", "cards/one.html"):
                with open(os.open(name, os.O_RDONLY, dir_fd=folder), encoding="utf-8") as file:
                    texts.append(file.read())
            os.close(folder)
            seen.add(texts[0])
            torn.extend([texts] if len(set(texts)) != 1 else [])

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 3):
        publish(build(out, f"r{number:02}", f"r{number:02}"), out)
        while f"r{number:02}" not in seen and reader.is_alive():
            pass
    stop.set()
    reader.join()
    assert torn == []
    assert seen == {"r00", "r01", "r02"}


def test_a_switch_that_fails_leaves_the_old_one(tmp_path, monkeypatch):
    out = tmp_path / "green"
    publish(build(out, "r1", "old"), out)
    before = contents(out)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    for broken in ("_to_disk", "_link"):
        with monkeypatch.context() as patch:
            patch.setattr(room, broken, full)
            with pytest.raises(OSError, match="No space"):
                publish(build(out, f"r2{broken}", "new"), out)
        assert contents(out) == before


def test_half_built_ones_of_killed_runs_are_cleared(tmp_path):
    out = tmp_path / "green"
    (build(out, "dead") / "index.html").write_text("half")
    new_build(out, "r2")
    assert [path.name for path in versions_folder(out).iterdir()] == ["r2.partial"]


def test_check_place(tmp_path):
    check_place(tmp_path / "new" / "green")
    assert not (tmp_path / "new" / "green").exists()
    assert list((tmp_path / "new" / ".green-versions").iterdir()) == []
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file", tmp_path / "file" / "green"):
        with pytest.raises(CannotWrite) as caught:
            check_place(out)
        assert caught.value.exit_code == 73
    (tmp_path / "empty").mkdir()
    check_place(tmp_path / "empty")


def test_other_people_s_files_are_not_taken_for_a_publication(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.txt").write_text("years of work")
    with pytest.raises(StudyError, match="holds other files and no publication"):
        check_place(tmp_path / "thesis")
    assert current(tmp_path / "thesis") is None


def test_the_lock_names_its_holder_and_is_freed(tmp_path):
    with hold(tmp_path / "lock", "r1"):
        with pytest.raises(Busy, match=rf"another run \(r1\) works here: process {os.getpid()}, started 20") as caught:
            hold(tmp_path / "lock", "r2").__enter__()
        assert caught.value.exit_code == 75
    with hold(tmp_path / "lock", "r3"):
        assert json.loads((tmp_path / "lock" / ".holder.json").read_text())["run_id"] == "r3"
    assert not (tmp_path / "lock" / ".holder.json").exists()  # else the next one would be taken for this
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotWrite):
        hold(tmp_path / "file" / "lock", "r4").__enter__()


def test_a_link_of_the_user_s_own_is_followed_and_one_that_a_run_made_is_the_publication(tmp_path):
    (tmp_path / "www").mkdir()
    (tmp_path / "own").symlink_to(tmp_path / "www")
    (tmp_path / "new").symlink_to(tmp_path / "not" / "yet")
    (tmp_path / "made").symlink_to(".made-versions/20261201T050000Z-1")
    (tmp_path / "moved").symlink_to(".made-versions/20261201T050000Z-1")
    places = {name: place_of(tmp_path / name) for name in ("own", "new", "made", "moved", "none")}
    assert places == {
        "own": tmp_path / "www",
        "new": tmp_path / "not" / "yet",
        **{name: tmp_path / name for name in ("made", "moved", "none")},
    }
