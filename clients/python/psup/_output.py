"""Output on its way to a pattern: text without control sequences that knows its offsets.

Byte k of a session's journal is fed once and taken once: what overlaps with bytes that were fed
before is dropped, and what is missing is a `Gap`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, List, Optional, Pattern, Sequence, Tuple, Type, Union

from ._errors import Gap


class EOF(Exception):
    """The session has ended; as a pattern: its end."""


class TIMEOUT(Exception):
    """The time has passed; as a pattern: its end."""


Text = Union[str, bytes]
OnePattern = Union[str, bytes, "Pattern[Any]", Type[EOF], Type[TIMEOUT]]
Patterns = Union[OnePattern, Sequence[OnePattern]]
Compiled = Union["Pattern[Any]", Type[EOF], Type[TIMEOUT]]

# CSI, OSC, DCS and its like, and the short sequences.
_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\"
    rb"|[ -/]+[0-~]|[0-OQ-WYZ\\`-~])"
)
# The beginning of one, up to the end of what is there.
_BEGINNING = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?|[ -/]*)\Z"
)
# A control sequence that is longer than this is none.
_LONGEST = 4096


class OutputBuffer:
    """What was read and has not been matched yet."""

    def __init__(self, offset: int, encoding: Optional[str] = "utf-8", raw: bool = False) -> None:
        self.encoding = encoding
        self.raw = raw
        # The end of what was fed.
        self.position = offset
        self._held = b""
        self._pieces: List[Text] = []
        self._length = 0
        # Where a run of bytes begins: its place in the text, and its offset.
        self._marks: List[Tuple[int, int]] = []
        # Where the text begins: behind what was taken last.
        self.offset = offset

    def feed(self, at: int, data: bytes) -> Text:
        """Takes bytes of the journal; the text that they add."""
        if at > self.position:
            raise Gap(f"bytes {self.position} to {at} are not kept any more")
        data = data[self.position - at :]
        at = self.position - len(self._held)
        self.position += len(data)
        data, self._held = self._held + data, b""
        return self._add(at, data, is_last=False)

    def finish(self) -> Text:
        """No more is to come: what was held back is text."""
        data, self._held = self._held, b""
        return self._add(self.position - len(data), data, is_last=True)

    @property
    def text(self) -> Text:
        empty: Text = b"" if self.encoding is None else ""
        if len(self._pieces) != 1:
            self._pieces = [empty.join(self._pieces)]  # type: ignore[arg-type]
        return self._pieces[0]

    def take(self, length: int) -> int:
        """Drops so much of the text; the offset at which the rest begins."""
        self.offset = self.offset_of(length)
        rest = self.text[length:]
        # Where no run begins there, the rest of one does.
        marks = [(at - length, begin) for at, begin in self._marks if at >= length]
        if rest and (not marks or marks[0][0] > 0):
            marks.insert(0, (0, self.offset))
        self._pieces, self._length, self._marks = [rest], len(rest), marks
        return self.offset

    def offset_of(self, length: int) -> int:
        """The offset just behind so much of the text."""
        if length == 0:
            return self.offset
        at, begin = next(mark for mark in reversed(self._marks) if mark[0] < length)
        return begin + len(self._bytes(self.text[at:length]))

    def shown(self, text: Text) -> Text:
        """Text as callers see it: what is not of the encoding is replaced."""
        if isinstance(text, bytes) or self.encoding is None:
            return text
        try:
            text.encode(self.encoding)
            return text
        except UnicodeEncodeError:
            return self._bytes(text).decode(self.encoding, "replace")

    def _bytes(self, text: Text) -> bytes:
        if isinstance(text, bytes):
            return text
        return text.encode(self.encoding or "utf-8", "surrogateescape")

    def _add(self, at: int, data: bytes, is_last: bool) -> Text:
        before = len(self._pieces)
        begin = 0
        while not self.raw:
            escape = data.find(b"\x1b", begin)
            if escape < 0:
                break
            self._run(at + begin, data[begin:escape])
            sequence = _SEQUENCE.match(data, escape)
            if sequence is not None:
                begin = sequence.end()
            elif not is_last and len(data) - escape < _LONGEST and _BEGINNING.match(data, escape):
                self._held = data[escape:]
                begin = len(data)
            else:
                begin = escape + 1
        end = len(data)
        if not is_last and self.encoding is not None and not self._held:
            end -= _unfinished(data[begin:])
            self._held = data[end:]
        self._run(at + begin, data[begin:end])
        empty: Text = b"" if self.encoding is None else ""
        return empty.join(self._pieces[before:])  # type: ignore[arg-type]

    def _run(self, at: int, data: bytes) -> None:
        if not data:
            return
        text: Text = data if self.encoding is None else data.decode(self.encoding, "surrogateescape")
        self._marks.append((self._length, at))
        self._pieces.append(text)
        self._length += len(text)


def _unfinished(data: bytes) -> int:
    """So many bytes at the end begin a character of UTF-8 whose rest has not come."""
    for length in range(1, min(4, len(data) + 1)):
        byte = data[-length]
        if byte & 0xC0 == 0x80:
            continue
        wanted = 2 if byte >> 5 == 0b110 else 3 if byte >> 4 == 0b1110 else 4 if byte >> 3 == 0b11110 else 1
        return length if wanted > length else 0
    return 0


@dataclass(frozen=True)
class Found:
    """The first match of the first pattern that matches."""

    index: int
    begin: int
    end: int
    match: Any


class Searcher:
    """Patterns, each with the index by which `expect` tells it."""

    def __init__(self, patterns: Sequence[Compiled]) -> None:
        self.eof = -1
        self.timeout = -1
        self._patterns: List[Tuple[int, Pattern[Any]]] = []
        for index, pattern in enumerate(patterns):
            if pattern is EOF:
                self.eof = index
            elif pattern is TIMEOUT:
                self.timeout = index
            else:
                self._patterns.append((index, pattern))  # type: ignore[arg-type]

    def search(self, text: Text, window: Optional[int]) -> Optional[Found]:
        begin = 0 if not window else max(0, len(text) - window)
        best: Optional[Found] = None
        for index, pattern in self._patterns:
            match = pattern.search(text, begin)
            if match is not None and (best is None or match.start() < best.begin):
                best = Found(index, match.start(), match.end(), match)
        return best


def compile_patterns(patterns: Patterns, encoding: Optional[str], flags: int, exact: bool) -> List[Compiled]:
    """Patterns as pexpect takes them: text is a regular expression in which `.` matches newlines."""
    several = patterns if isinstance(patterns, (list, tuple)) else [patterns]
    compiled: List[Compiled] = []
    for pattern in several:
        if pattern is EOF or pattern is TIMEOUT:
            compiled.append(pattern)
        elif isinstance(pattern, (str, bytes)):
            text = _like(pattern, encoding)
            compiled.append(re.compile(re.escape(text) if exact else text, 0 if exact else flags))
        elif isinstance(pattern, re.Pattern):
            wanted = bytes if encoding is None else str
            if not isinstance(pattern.pattern, wanted):
                pattern = re.compile(_like(pattern.pattern, encoding), pattern.flags & ~re.UNICODE)
            compiled.append(pattern)
        else:
            raise TypeError(f"a pattern is text, a compiled pattern, EOF or TIMEOUT, not {pattern!r}")
    return compiled


def _like(pattern: Text, encoding: Optional[str]) -> Any:
    if encoding is None:
        return pattern.encode() if isinstance(pattern, str) else pattern
    return pattern.decode(encoding) if isinstance(pattern, bytes) else pattern
