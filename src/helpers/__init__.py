"""Research notebooks' helpers: one way from a study to persona cards.

study -> tables -> customers and survey -> types -> cards -> report; ``open_study`` holds one in JupyterLab,
and the rest of ``PUBLIC`` is what a study's own files are written with (``own.py``).
"""

import importlib
from typing import Any

PUBLIC = {
    "open_study": "helpers.desk.open_study",
    "OwnFeature": "helpers.own",
    "Belief": "helpers.beliefs.belief",
    "Finding": "helpers.beliefs.verdict",
    "two_means": "helpers.beliefs.estimators",
    "share_claims": "helpers.desk.own_claims",
}
"""What notebooks and a study's own files take from here, and where it lives."""
__all__ = sorted(PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(PUBLIC[name]), name)  # seconds of imports that a command line does not need
