"""The two places where the asyncio client waits."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Optional, TypeVar

from .._transport import Call

T = TypeVar("T")


async def arrival(call: Call, timeout: Optional[float]) -> bool:
    """Whether something arrives in the call within this time."""
    loop = asyncio.get_running_loop()
    arrived = asyncio.Event()

    def listener() -> None:
        try:
            loop.call_soon_threadsafe(arrived.set)
        except RuntimeError:
            # The loop has ended, and nobody waits.
            pass

    if call.listen(listener):
        return True
    try:
        await asyncio.wait_for(arrived.wait(), timeout)
    except asyncio.TimeoutError:
        return False
    finally:
        call.listen(None)
    return True


async def blocking(function: Callable[..., T], *arguments: Any) -> T:
    """Calls what blocks for a moment, such as the start of a child, beside the loop."""
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)
