"""Answers that go on: an iterator each, which takes a lost connection up where it was."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, AsyncIterator, Dict, Generic, List, Mapping, Optional, TypeVar

from .._errors import ConnectionLost, TimedOut
from .._transport import STREAM_LIMIT, Call
from .._values import ExecResult, Piece, data_of
from ._waiting import arrival

if TYPE_CHECKING:
    from .. import types
    from ._client import Client

T = TypeVar("T")

# So often in a row a connection may be lost before anything has come over it.
_LOSSES = 3


class Stream(Generic[T]):
    """Items of one request, as they come. `close` ends it, from any thread."""

    def __init__(self, client: "Client", method: str, params: Mapping[str, Any]) -> None:
        self.exit: Optional[int] = None
        self._client = client
        self._method = method
        self._params: Dict[str, Any] = dict(params)
        self._call: Optional[Call] = None
        self._losses = 0
        self._is_over = False

    async def next(self, timeout: Optional[float] = None) -> Optional[T]:
        """The next item; `None` at the end, `TimedOut` when there is none in so many seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._is_over:
            if self._call is None:
                limit = STREAM_LIMIT if self._can_resume() else None
                self._call = await self._client._begin(self._method, self._params, limit)
            call = self._call
            taken = call.take()
            if taken is None:
                left = None if deadline is None else deadline - time.monotonic()
                if not await arrival(call, left if left is None else max(0.0, left)):
                    raise TimedOut(f"nothing came within {timeout} s")
                continue
            item, end = taken
            if end is None:
                self._losses = 0
                return self._take(item)
            if self._is_over:
                break
            is_lost = isinstance(end.error, ConnectionLost)
            self._losses += is_lost
            if self._can_resume() and (call.is_cut or (is_lost and self._losses <= _LOSSES)):
                self._call = None
                continue
            self._is_over = True
            self.exit = end.exit
            if end.error is not None:
                raise end.error
        return None

    def close(self) -> None:
        """Ends the request; an iteration that goes on ends, too."""
        self._is_over = True
        if self._call is not None:
            self._call.cancel()

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        item = await self.next()
        if item is None:
            raise StopAsyncIteration
        return item

    async def __aenter__(self: S) -> S:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def _take(self, item: Any) -> T:
        taken: T = item
        return taken

    def _can_resume(self) -> bool:
        """Whether the request can be asked again for what comes next."""
        return False


S = TypeVar("S", bound="Stream[Any]")


class Items(Stream[Dict[str, Any]]):
    """Objects as psup prints them."""


class Events(Stream["types.Event"]):
    """Events, each once: every one has its number."""

    def _take(self, item: Any) -> types.Event:
        self._params["since"] = item["seq"] + 1
        event: types.Event = item
        return event

    def _can_resume(self) -> bool:
        return "since" in self._params


class Pieces(Stream[Piece]):
    """What a session has written, each byte once: every piece has its offset."""

    def _take(self, item: Any) -> Piece:
        piece = Piece.of(item)
        if piece.end is not None:
            self._params["since"] = piece.end
        return piece

    def _can_resume(self) -> bool:
        return not any(self._params.get(name) for name in ("text", "grep", "tail", "budget", "context"))


class ExecOutput(Stream[bytes]):
    """The output of a command as it comes; then `result` tells how the command ended."""

    def __init__(self, client: "Client", params: Mapping[str, Any]) -> None:
        super().__init__(client, "exec", params)
        self._ended: Optional[Mapping[str, Any]] = None

    @property
    def result(self) -> Optional[ExecResult]:
        """How the command ended; `None` before it has. The output is what the iteration gave."""
        return None if self._ended is None else ExecResult.of(self._ended, [])

    def _take(self, item: Any) -> bytes:
        if "ran" in item:
            self._ended = item
        return data_of(item)

    async def __anext__(self) -> bytes:
        while True:
            data = await self.next()
            if data is None:
                raise StopAsyncIteration
            if data:
                return data

    async def collect(self) -> ExecResult:
        """Reads the output to its end."""
        pieces: List[bytes] = []
        async for data in self:
            pieces.append(data)
        assert self._ended is not None
        # Of a psup that does not know pieces, the output stands in the object.
        last = {name: value for name, value in self._ended.items() if name not in ("text", "base64")}
        return ExecResult.of(last, pieces)
