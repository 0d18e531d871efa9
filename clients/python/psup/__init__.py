"""psup: terminal programs that stay alive, and within reach of programs.

    import psup

    with psup.Session("sh", ["bash"]) as s:
        print(s.exec("make").output)
        s.sendline("python3")
        s.expect(">>> ")

`psup.aio` is the same for asyncio, `psup.expect` takes the place of pexpect.
"""

from . import aio, types
from ._errors import *  # noqa: F403
from ._errors import __all__ as _errors
from ._output import EOF, TIMEOUT
from ._sync._client import Answer, Client, connect
from ._sync._session import Session, spawn
from ._sync._stream import Events, ExecOutput, Items, Pieces, Stream
from ._values import ExecResult, Piece

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
    "aio",
    "connect",
    "spawn",
    "types",
]
