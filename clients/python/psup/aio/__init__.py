"""psup for asyncio: what `psup` has, with `await`.

    async with psup.aio.Session("sh", ["bash"]) as s:
        result = await s.exec("make")
"""

from .._errors import *  # noqa: F403
from .._errors import __all__ as _errors
from .._output import EOF, TIMEOUT
from .._values import ExecResult, Piece
from ._client import Answer, Client, connect
from ._session import Session, spawn
from ._stream import Events, ExecOutput, Items, Pieces, Stream

__all__ = [
    *_errors,
    "Answer",
    "Client",
    "EOF",
    "Events",
    "ExecOutput",
    "ExecResult",
    "Items",
    "Piece",
    "Pieces",
    "Session",
    "Stream",
    "TIMEOUT",
    "connect",
    "spawn",
]
