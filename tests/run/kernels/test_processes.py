"""Marks, identities and the sweep."""

import os
import subprocess
import sys
import time

import psutil

from helpers.run.kernels.processes import MARK, identity, is_alive, marked, of_run, sweep

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_identity_is_more_than_a_process_number():
    us = identity()
    assert us["pid"] == os.getpid()
    assert is_alive(us)
    assert not is_alive(us | {"created": us["created"] - 60}), "the number was used by an earlier process"
    elsewhere = {"host": "another machine", "pid": 1, "created": 0.0}
    assert is_alive(elsewhere), "nobody here can tell"
    assert is_alive(elsewhere | {"until": time.time() + 60}), "it may still be at work"
    assert not is_alive(elsewhere | {"until": time.time() - 1}), "its time is over"
    assert is_alive(us | {"until": 0.0}), "here it is seen"
    assert not is_alive({})


def test_what_starts_inside_is_marked_and_ends_with_the_block():
    before = os.environ.get("OMP_NUM_THREADS")
    with marked("run-a"):
        assert (os.environ[MARK], os.environ["OMP_NUM_THREADS"]) == ("run-a", "1")
        inside = subprocess.Popen(SLEEP, start_new_session=True)
        bare = subprocess.Popen(["sh", "-c", "env -i sleep 60 & wait"], start_new_session=True)
        until = time.monotonic() + 5  # the environment of a process can be read a moment after it has started
        while not {process.pid for process in of_run("run-a")} >= {inside.pid, bare.pid}:
            assert time.monotonic() < until
            time.sleep(0.02)
        assert of_run("run-b") == []
    assert not psutil.pid_exists(inside.pid)
    assert not psutil.pid_exists(bare.pid)
    assert of_run("run-a") == []
    assert MARK not in os.environ
    assert os.environ.get("OMP_NUM_THREADS") == before


def test_a_sweep_ends_only_its_own_run():
    ours = subprocess.Popen(SLEEP, env={**os.environ, MARK: "run-c"})
    theirs = subprocess.Popen(SLEEP, env={**os.environ, MARK: "run-d"})
    try:
        sweep("run-c")
        assert not psutil.pid_exists(ours.pid)
        assert theirs.poll() is None
    finally:
        theirs.kill()
        theirs.wait()
