"""Research notebooks' helpers: one way from a study to persona cards.

study -> tables -> customers and survey -> types -> cards -> report; ``open_study`` holds one in JupyterLab.
"""

from typing import Any

__all__ = ["open_study"]


def __getattr__(name: str) -> Any:
    if name != "open_study":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from helpers.desk.open_study import open_study  # seconds of imports that a command line does not need

    return open_study
