"""A kernel that begins with its imports made: forked from a process that has made them, and nothing else.

A fifth of the CPU of the sample study went into imports of the same packages by each kernel. Python's own fork server
keeps a process that made them and has run nothing; each kernel is a copy of it, with a session and an environment of
its own. Where there is no fork server to trust (macOS, Windows), kernels start as everywhere.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from helpers.run.kernels.processes import die_with_parent

IMPORTED = "helpers.run.kernels.imported"


class ForkedProcess:
    """A forked process as the provisioner looks at one: the part of ``subprocess.Popen`` that it asks for."""

    stdin = stdout = stderr = None

    def __init__(self, arguments: list[str], cwd: str, env: dict[str, str]) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([IMPORTED])
        self._process = context.Process(target=_become_kernel, args=(arguments, cwd, env))
        self._process.start()
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()


class ForkedProvisioner(LocalProvisioner):
    """Starts this interpreter's own kernel by forking."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        self.cwd = options.get("cwd") or Path.cwd()
        self.process = ForkedProcess(cmd[cmd.index("-f") :], str(self.cwd), options["env"])
        self.pid = self.pgid = self.process.pid  # it begins a session of its own
        return self.connection_info


def _become_kernel(arguments: list[str], cwd: str, env: dict[str, str]) -> None:
    """In the forked process: a session of its own, the folder and environment of its notebook, then ipykernel."""
    from ipykernel import kernelapp

    die_with_parent(os.getppid())
    os.setsid()
    os.chdir(cwd)
    os.environ.update(env)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parent = f"--IPKernelApp.parent_handle={os.getppid()}"  # one that has none prints how to end it into the run's log
    kernelapp.launch_new_instance(argv=[*arguments, parent])
