"""What psup prints, as types: `psup.types.Info` and the others, for annotations.

The types themselves are in types.pyi. At run time each of them is a `dict`, or what JSON has.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    return dict
