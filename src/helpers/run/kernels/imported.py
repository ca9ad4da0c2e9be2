"""What every kernel imports, imported once: loaded by the process that kernels are forked from, and by nothing else.

To import this module is to do that: the process ends with the worker that started it, and its imports are made.
"""

import gc
import os
from contextlib import suppress

from helpers.run.kernels.processes import die_with_parent

die_with_parent(os.getppid())
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as a kernel sets it

import ipykernel.kernelapp  # noqa: E402, F401
import seaborn  # noqa: E402, F401

import helpers.run.session  # noqa: E402, F401
from helpers.run.stages import answers, exhibits, files, places  # noqa: E402
from helpers.wings import resolve  # noqa: E402
from helpers.words import catalogue, languages  # noqa: E402

drawn = (one.draw for one in exhibits().values())
for place in {*places().values(), *answers().values(), *files().values(), *drawn}:
    with suppress(ImportError, AttributeError, SyntaxError):  # the fault of the notebook that asks for it, told there
        if ":" in place:  # and no way to a stage's field
            resolve(place)
for language in languages():
    catalogue(language)
gc.collect()
gc.freeze()  # what was imported stays: a kernel's collections need not look at it again, nor copy its pages
