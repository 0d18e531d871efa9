"""The two places where the client waits."""

from __future__ import annotations

from typing import Any, Callable, Optional, TypeVar

from .._transport import Call

T = TypeVar("T")


def arrival(call: Call, timeout: Optional[float]) -> bool:
    """Whether something arrives in the call within this time."""
    return call.wait(timeout)


def blocking(function: Callable[..., T], *arguments: Any) -> T:
    """Calls what blocks for a moment, such as the start of a child."""
    return function(*arguments)
