"""The client that is used where none is named: one of each kind, ended with the program."""

from __future__ import annotations

import atexit
import threading
from typing import Any, Callable, Dict, TypeVar

C = TypeVar("C")

_lock = threading.Lock()
_clients: Dict[Any, Any] = {}


def client(kind: Callable[[], C]) -> C:
    """The one client of a kind."""
    with _lock:
        found: C = _clients.get(kind) or _clients.setdefault(kind, kind())
        return found


@atexit.register
def _close() -> None:
    for each in _clients.values():
        each._transport.close()
