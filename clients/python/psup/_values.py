"""Parameters of Python as `psup rpc` takes them, and results as Python gives them."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from ._generated import DURATIONS, PARAMETERS

# Seconds, a timedelta, or text with a unit: "500ms", "5m".
Duration = Union[float, int, timedelta, str]
# A place in the journal: an offset, so long ago, a moment, or "now".
Since = Union[int, str, timedelta, datetime]
Size = Union[str, Tuple[int, int]]
Words = Union[str, "os.PathLike[str]", Sequence[Union[str, "os.PathLike[str]"]]]

# Text that is longer, or that could be taken for a flag, goes by stdin.
_LONGEST_ARGUMENT = 100_000


def parameters(method: str, given: Mapping[str, Any]) -> Dict[str, Any]:
    """What was given, without what was not; a name that the method does not have is a mistake."""
    known = PARAMETERS.get(method)
    made: Dict[str, Any] = {}
    for spelled, value in given.items():
        # `in_` is `in`, which is a word of Python.
        name = spelled.rstrip("_")
        if known is not None and name not in known:
            raise TypeError(f"{method}() got an unexpected keyword argument {spelled!r}")
        if value is not None and value is not False:
            made[name] = _value(name, value)
    return made


def text_of_send(params: Dict[str, Any], text: Union[str, bytes, Sequence[Union[str, bytes]], None]) -> None:
    """Puts what is to be typed where it is typed as it is, whatever it is."""
    if text is None:
        return
    several = [text] if isinstance(text, (str, bytes)) else list(text)
    if all(isinstance(one, str) for one in several):
        whole = "".join(str(one) for one in several)
        if is_typed_as_it_is(whole):
            is_plain = whole and not whole.startswith("-") and "\0" not in whole
            if is_plain and len(whole.encode()) < _LONGEST_ARGUMENT:
                params["text"] = whole
            elif whole:
                params.update(file="-", stdin=whole)
            return
    data = b"".join(one.encode("utf-8", "surrogateescape") if isinstance(one, str) else one for one in several)
    # Short enough for an argument each; they are typed one after the other.
    step = _LONGEST_ARGUMENT // 2
    params["raw_hex"] = [data[at : at + step].hex() for at in range(0, len(data), step)]


def is_typed_as_it_is(text: str) -> bool:
    """Whether this is text for JSON: file names may have what is none."""
    try:
        text.encode()
        return True
    except UnicodeEncodeError:
        return False


def seconds(duration: Optional[Duration]) -> Optional[float]:
    """A duration that Python itself waits for."""
    if duration is None:
        return None
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    if isinstance(duration, str):
        for unit, factor in (("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86400.0)):
            if duration.endswith(unit):
                return float(duration[: -len(unit)]) * factor
        raise ValueError(f"a duration has a unit: {duration!r}")
    return float(duration)


def _value(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, timedelta):
        return _milliseconds(value.total_seconds())
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, (int, float)):
        return _milliseconds(value) if name in DURATIONS else value
    if name == "size" and isinstance(value, tuple):
        return f"{value[0]}x{value[1]}"
    if isinstance(value, Mapping):
        return {str(key): _value(name, one) for key, one in value.items()}
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    if isinstance(value, bytes):
        return os.fsdecode(value)
    if isinstance(value, Sequence):
        return [_value(name, one) for one in value]
    raise TypeError(f"{name} cannot be {value!r}")


def _milliseconds(value: float) -> str:
    return f"{max(0, round(value * 1000))}ms"


def data_of(item: Mapping[str, Any]) -> bytes:
    """The bytes of an object with `text` or `base64`."""
    text = item.get("text")
    if text is not None:
        return str(text).encode()
    return base64.b64decode(item.get("base64") or "")


@dataclass(frozen=True)
class Piece:
    """A piece of what a session has written, or a gap in it."""

    # Of the first byte; in clean text, the last offset that is certain.
    offset: int
    # Behind the last byte; `None` in clean text.
    end: Optional[int]
    data: bytes = b""
    # Why the bytes from `offset` to `end` are not there.
    gap: Optional[str] = None
    # Lines that `budget` leaves out here.
    left_out: Optional[int] = None

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Piece":
        if "gap" in item:
            gap = item["gap"]
            return cls(gap["from"], gap["to"], gap=gap["reason"])
        if "left_out" in item:
            left_out = item["left_out"]
            return cls(left_out["from"], None, left_out=left_out["lines"])
        return cls(item["from"], item.get("next"), data_of(item))


@dataclass(frozen=True)
class ExecResult:
    """How a command in a live shell ended, and what it printed."""

    # `code` `prompt` `unknown` `running` `session-ended`
    ran: str
    # The exit code, where there is one.
    code: Optional[int]
    data: bytes
    # How it is known: `marks` `kernel` `screen`
    via: str
    # Where the output stands in the journal.
    offset: int
    end: int
    # Bytes that are not in the output.
    left_out: int = 0
    # After a time-out: `program` and `blocked`.
    doing: Optional[Mapping[str, Any]] = None
    item: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def output(self) -> str:
        return self.data.decode("utf-8", "replace")

    @property
    def ok(self) -> bool:
        """It ended, with exit code 0 where there is one."""
        return self.ran == "prompt" or self.code == 0

    @classmethod
    def of(cls, item: Mapping[str, Any], pieces: List[bytes]) -> "ExecResult":
        return cls(
            ran=item["ran"],
            code=item.get("code"),
            data=b"".join(pieces) + data_of(item),
            via=item.get("via", ""),
            offset=item["from"],
            end=item["to"],
            left_out=item.get("left_out", 0),
            doing=item.get("doing"),
            item=item,
        )
