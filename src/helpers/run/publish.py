"""Writes a publication: built beside its place, then switched in one atomic step, so that a reader sees old or new.

``<out>`` is a link to ``.<name>-versions/<run_id>``. A publication that stands there as a plain folder (the example
that is kept in git) is exchanged as a whole and stays a folder. The last few versions are kept.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from helpers.contracts import StudyError, UserFault
from helpers.files import read_json, to_text, write_text
from helpers.previous import WORKED_IN, manifest_of
from helpers.run.kernels.processes import identity
from helpers.run.manifest import now

KEEP = 3
NO_WRITING = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the operating system says where nothing can be written: no leave, read-only, no room, too long a file."""
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


class CannotWrite(UserFault):
    """The publication's or the work folder's place cannot be written."""

    exit_code = 73


class Busy(UserFault):
    """Another run holds the lock."""

    exit_code = 75


def place_of(out: Path) -> Path:
    """Where a publication goes: ``out`` itself, or what a link of the user's own at ``out`` points at.

    A link that a run has made, to a version, is the publication and not its place.
    """
    out = Path(os.path.abspath(out))
    made_by_a_run = out.is_symlink() and re.fullmatch(r"\..+-versions", out.resolve().parent.name)
    return out if made_by_a_run else out.resolve() if out.is_symlink() else out


def versions_folder(out: Path) -> Path:
    """Where the versions of a publication lie: a hidden folder beside it."""
    return out.parent / f".{out.name}-versions"


def current(out: Path) -> Path | None:
    """The folder of the publication that stands at ``out`` now; None when there is none."""
    return out.resolve() if (out / "manifest.json").is_file() else None


@contextmanager
def hold(folder: Path, run_id: str) -> Iterator[None]:
    """Hold a folder's lock. Raises Busy naming the holder; the system frees the lock of a process that has ended."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=0)
        lock.acquire()
    except Timeout as fault:
        unknown = dict.fromkeys(("run_id", "pid", "started_at"), "unknown")
        holder = unknown | (read_json(folder / ".holder.json") or {})
        raise Busy(
            f"another run ({holder['run_id']}) works here: process {holder['pid']}, started {holder['started_at']}. "
            "Wait for it, or end that process."
        ) from fault
    except OSError as fault:
        raise CannotWrite(f"{folder}: cannot be written ({fault.strerror})") from fault
    try:
        started = now().isoformat(timespec="seconds")
        write_text(folder / ".holder.json", to_text({**identity(), "run_id": run_id, "started_at": started}))
        yield
    finally:
        (folder / ".holder.json").unlink(missing_ok=True)
        lock.release()


def check_place(out: Path) -> None:
    """Make sure, before any work, that a publication can be written at ``out``.

    Raises CannotWrite when the place refuses, StudyError when something else than a publication stands there.
    """
    if out.exists() and not out.is_dir():
        raise CannotWrite(f"{out}: a file stands where the publication should go")
    if out.is_dir() and current(out) is None and any(out.iterdir()):
        raise StudyError(f"{out}: holds other files and no publication; choose another --out or empty it")
    try:
        for folder in (out.parent, versions_folder(out)):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder, prefix=".probe-") as probe:
                write_text(Path(probe) / "probe", "can be written")
    except OSError as fault:
        raise CannotWrite(f"{out}: cannot be written ({fault.strerror}); choose another --out") from fault


def check_file(file: Path) -> None:
    """Make sure, before any work, that a file can be written. Raises CannotWrite."""
    try:
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".probe-"):
            pass
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if file.exists():
            file.open("ab").close()
    except OSError as fault:
        raise CannotWrite(f"--out {file}: cannot be written ({fault.strerror}); choose another") from fault


def new_build(out: Path, run_id: str) -> Path:
    """An empty folder to build the next publication in; what runs that were killed left half-built is cleared."""
    for left in versions_folder(out).glob("*.partial"):
        shutil.rmtree(left)
    build = versions_folder(out) / f"{run_id}.partial"
    build.mkdir(parents=True)
    return build


def publish(build: Path, out: Path) -> None:
    """Make the finished ``build`` the publication at ``out`` in one step.

    Everything is on the disk before the switch. Raises OSError, and then the publication is the one that was.
    """
    _to_disk(build)
    version = build.with_name(build.name.removesuffix(".partial"))
    plain = out.is_dir() and not out.is_symlink()
    if plain:
        _exchange(build, out)
    else:
        os.replace(build, version)
        _link(version, out)
    with suppress(OSError):  # it is published: tidying up cannot make it otherwise
        _sync(out.parent)
        if plain:
            _put_away(build)
        _prune(out)


def _link(version: Path, out: Path) -> None:
    """Point ``out`` at ``version``: a new link over the old one; a rename where there are no links."""
    link = versions_folder(out) / ".next"
    link.unlink(missing_ok=True)
    try:
        os.symlink(os.path.relpath(version, out.parent), link, target_is_directory=True)
    except (OSError, NotImplementedError):
        if out.exists():
            raise
        os.replace(version, out)
        return
    os.replace(link, out)


def _exchange(build: Path, out: Path) -> None:
    """Swap two folders: in one step on Linux; elsewhere by two renames, with a moment in which ``out`` is away."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.renameat2(_AT_FDCWD, os.fsencode(build), _AT_FDCWD, os.fsencode(out), _RENAME_EXCHANGE) == 0:
            return
        if ctypes.get_errno() not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(out))
    away = build.with_name(f"{build.name}.away")
    os.replace(out, away)
    os.replace(build, out)
    os.replace(away, build)


def _put_away(old: Path) -> None:
    """Keep the publication that was exchanged under its own run id; an empty folder is no publication."""
    made = manifest_of(old)
    if made is None or not made.get("run_id") or (old.parent / made["run_id"]).exists():
        shutil.rmtree(old)
    else:
        os.replace(old, old.parent / made["run_id"])


def _prune(out: Path) -> None:
    """Keep the newest versions (by their run ids, never by file times) and always the one that is published."""
    versions = sorted(folder for folder in versions_folder(out).iterdir() if folder.is_dir())
    for folder in versions[:-KEEP]:
        if folder.resolve() != current(out):
            shutil.rmtree(folder)
            folder.with_name(f"{folder.name}{WORKED_IN}").unlink(missing_ok=True)


def _to_disk(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        _sync(path)


def _sync(path: Path) -> None:
    """Force a file's bytes or a folder's entries to the disk; Windows can do it for files only, opened for writing."""
    if sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
