"""`expect`, as users of pexpect know it, over the offsets of a session's journal."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Union

from .._errors import Gap, TimedOut
from .._output import EOF, TIMEOUT, Compiled, OutputBuffer, Patterns, Searcher, Text, compile_patterns
from .._values import Duration, Piece, Since, seconds
from ._stream import Pieces

if TYPE_CHECKING:
    from ._client import Client

# Stands for the timeout of the session itself, as in pexpect.
_OWN = -1


class Expect:
    """What is expected of a session's output. Each byte is matched at most once, and none is missed.

    `before` is what came before the match, `after` what matched, `match` the match itself (or `EOF`,
    `TIMEOUT`), `match_index` its place among the patterns. Lines end with `\\r\\n`, as terminals have it.
    """

    _client: "Client"
    id: str

    def __init__(self, offset: int, encoding: Optional[str], raw: bool) -> None:
        self.timeout: Optional[float] = 30
        self.before: Any = None
        self.after: Any = None
        self.match: Any = None
        self.match_index: Optional[int] = None
        self.searchwindowsize: Optional[int] = None
        self.ignorecase = False
        # What has been read from the session is written here, too.
        self.logfile_read: Any = None
        self._output = OutputBuffer(offset, encoding, raw)
        self._pieces: Optional[Pieces] = None
        self._has_ended = False

    @property
    def offset(self) -> int:
        """The offset behind what was matched last: `since` of a `wait` or a `read` that goes on there."""
        return self._output.offset

    @property
    def buffer(self) -> Any:
        """What was read and not matched."""
        return self._output.shown(self._output.text)

    async def seek(self, since: Union[int, str] = "now") -> None:
        """Goes on at an offset, or at the end of what there is; what was read is dropped."""
        offset = since if isinstance(since, int) else (await self._client.info(self.id))["offset"]
        self._expect_from(offset)

    async def expect(
        self, pattern: Patterns, timeout: Optional[Duration] = _OWN, searchwindowsize: Optional[int] = _OWN
    ) -> int:
        """Waits until a pattern matches, and tells which: the one whose match begins first.

        Patterns are regular expressions in which `.` matches newlines, compiled ones, `EOF` and
        `TIMEOUT`; the last two are raised where they are not among the patterns.
        """
        flags = re.DOTALL | (re.IGNORECASE if self.ignorecase else 0)
        compiled = compile_patterns(pattern, self._output.encoding, flags, exact=False)
        return await self.expect_list(compiled, timeout, searchwindowsize)

    async def expect_exact(
        self, pattern: Patterns, timeout: Optional[Duration] = _OWN, searchwindowsize: Optional[int] = _OWN
    ) -> int:
        """As `expect`, but text stands for itself."""
        compiled = compile_patterns(pattern, self._output.encoding, 0, exact=True)
        return await self.expect_list(compiled, timeout, searchwindowsize)

    def compile_pattern_list(self, patterns: Patterns) -> List[Compiled]:
        """Patterns for `expect_list`."""
        flags = re.DOTALL | (re.IGNORECASE if self.ignorecase else 0)
        return compile_patterns(patterns, self._output.encoding, flags, exact=False)

    async def expect_list(
        self,
        patterns: Sequence[Compiled],
        timeout: Optional[Duration] = _OWN,
        searchwindowsize: Optional[int] = _OWN,
    ) -> int:
        """As `expect`, with patterns of `compile_pattern_list`."""
        wanted = self.timeout if timeout == _OWN else seconds(timeout)
        deadline = None if wanted is None else time.monotonic() + wanted
        window = self.searchwindowsize if searchwindowsize == _OWN else searchwindowsize
        searcher = Searcher(patterns)
        while True:
            found = searcher.search(self._output.text, window)
            if found is not None:
                text = self._output.text
                self._output.take(found.end)
                shown = self._output.shown
                self.before, self.after = shown(text[: found.begin]), shown(text[found.begin : found.end])
                self.match, self.match_index = found.match, found.index
                return found.index
            if self._has_ended:
                return self._no_match(EOF, searcher.eof, "the session has ended")
            if await self._has_more(deadline):
                continue
            if self._has_ended or searcher.search(self._output.text, window) is not None:
                continue
            return self._no_match(TIMEOUT, searcher.timeout, f"no match within {wanted} s")

    async def read_nonblocking(self, size: int = 1, timeout: Optional[Duration] = _OWN) -> Any:
        """At most so many characters of what is there, or what comes first; raises `EOF` and `TIMEOUT`."""
        wanted = self.timeout if timeout == _OWN else seconds(timeout)
        deadline = None if wanted is None else time.monotonic() + wanted
        while not self._output.text:
            if self._has_ended:
                raise EOF("the session has ended")
            if not await self._has_more(deadline) and not self._output.text and not self._has_ended:
                raise TIMEOUT(f"nothing was written within {wanted} s")
        text = self._output.text[:size]
        self._output.take(len(text))
        return self._output.shown(text)

    async def _has_more(self, deadline: Optional[float]) -> bool:
        """Reads a piece; false where the time is over, and all that was written by then is read."""
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if self._pieces is None:
            self._pieces = self._client.read(self.id, since=self._output.position, follow=True)
        try:
            piece = await self._pieces.next(left)
        except TimedOut:
            # What was written in time counts, however late it is on its way.
            async for late in self._client.read(self.id, since=self._output.position):
                self._feed(late)
            return False
        if piece is None:
            self._has_ended = True
            self._log(self._output.finish())
        else:
            self._feed(piece)
        return True

    def _feed(self, piece: Piece) -> None:
        if piece.gap is None:
            self._log(self._output.feed(piece.offset, piece.data))
        elif piece.end is not None and piece.end > self._output.position:
            # Told once; what is expected next stands behind it.
            begin = self._output.position
            self._output = OutputBuffer(piece.end, self._output.encoding, self._output.raw)
            raise Gap(f"bytes {begin} to {piece.end} are not kept any more: {piece.gap}")

    def _log(self, text: Text) -> None:
        if self.logfile_read is not None and text:
            self.logfile_read.write(self._output.shown(text))

    def _no_match(self, kind: Any, index: int, why: str) -> int:
        text = self._output.text
        self.before, self.after, self.match = self._output.shown(text), kind, kind
        if kind is EOF:
            self._output.take(len(text))
        if index >= 0:
            self.match_index = index
            return index
        self.match, self.match_index = None, None
        tail = text[-200:]
        raise kind(f"{why}\nsession: {self.id}\nnot matched: {tail!r}")

    def _expect_from(self, offset: int) -> None:
        self._close_stream()
        self._output = OutputBuffer(offset, self._output.encoding, self._output.raw)
        self._has_ended = False

    def _close_stream(self) -> None:
        if self._pieces is not None:
            self._pieces.close()
            self._pieces = None
