"""`psup rpc` as a child process: lines out, lines in, from any thread.

```text
caller -- request -- writer thread -- stdin --> psup rpc -- stdout -- reader thread -- Call
```
A `Call` is one open request. What has arrived lies in it until its asker takes it; a stream that
nobody reads is cancelled at a limit, for its asker can ask again from an offset. When the child
ends, every open call ends with `ConnectionLost`, and the next request starts another child.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import tempfile
import threading
from collections import deque
from typing import IO, Any, Callable, Deque, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ._errors import Cancelled, ConnectionLost, Error, Unreachable, VersionMismatch, error_of

VERSION = 1
# Bytes of items that wait in a stream for a reader.
STREAM_LIMIT = 8 << 20
# Seconds in which psup has to say its first line, also from another machine.
HELLO_TIME = 30.0


class End(NamedTuple):
    """The last line of a request."""

    exit: Optional[int]
    error: Optional[Error]


class Call:
    """One request: its items, and its end."""

    def __init__(self, transport: "Transport", number: int, method: str, limit: Optional[int]) -> None:
        self.method = method
        self.number = number
        self.connection: Optional[_Connection] = None
        # True where items were dropped since nobody took them.
        self.is_cut = False
        self._transport = transport
        self._limit = limit
        self._changed = threading.Condition()
        self._items: Deque[Tuple[Any, int]] = deque()
        self._waiting = 0
        self._end: Optional[End] = None
        self._listener: Optional[Callable[[], None]] = None

    def take(self) -> Optional[Tuple[Any, Optional[End]]]:
        """An item, or the end; `None` if neither is there yet."""
        with self._changed:
            if self._items:
                item, size = self._items.popleft()
                self._waiting -= size
                return item, None
            return (None, self._end) if self._end else None

    def wait(self, timeout: Optional[float]) -> bool:
        """Whether there is something to take, after at most this time."""
        with self._changed:
            return self._changed.wait_for(self._is_ready, timeout)

    def listen(self, listener: Optional[Callable[[], None]]) -> bool:
        """Calls `listener` from another thread when something arrives; true if it is there already."""
        with self._changed:
            self._listener = listener
            return self._is_ready()

    def cancel(self) -> None:
        """Ends the request, if it is open. What was typed or started before stays so."""
        if self._finish(End(None, Cancelled(f"the {self.method} was cancelled"))):
            self._transport.cancel(self)

    def _is_ready(self) -> bool:
        return bool(self._items) or self._end is not None

    def _add(self, item: Any, size: int) -> None:
        with self._changed:
            if self._end is not None:
                return
            self._items.append((item, size))
            self._waiting += size
            is_full = self._limit is not None and self._waiting > self._limit
        if is_full:
            self.is_cut = True
            self.cancel()
        else:
            self._notify()

    def _finish(self, end: End) -> bool:
        with self._changed:
            if self._end is not None:
                return False
            self._end = end
        self._notify()
        return True

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()
            listener = self._listener
        if listener is not None:
            listener()


class _Connection:
    """One child, with its two threads."""

    def __init__(self, argv: Sequence[str], env: Optional[Mapping[str, str]]) -> None:
        self.open: Dict[int, Call] = {}
        self.lock = threading.Lock()
        self.hello: "queue.Queue[Optional[Dict[str, Any]]]" = queue.Queue()
        self.is_dead = False
        self._outgoing: "queue.SimpleQueue[Optional[bytes]]" = queue.SimpleQueue()
        self._stderr: IO[bytes] = tempfile.TemporaryFile()
        try:
            # In a session of its own: Ctrl-C is for the caller, who decides what to cancel.
            self.process = subprocess.Popen(
                list(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env=None if env is None else {**os.environ, **env},
                start_new_session=True,
            )
        except OSError as error:
            self._stderr.close()
            raise Unreachable(f"cannot start {argv[0]}: {error}") from error
        for work in (self._read, self._write):
            threading.Thread(target=work, name=f"psup {work.__name__}", daemon=True).start()

    def begin(self, call: Call, line: bytes) -> bool:
        with self.lock:
            if self.is_dead:
                return False
            self.open[call.number] = call
            call.connection = self
        self._outgoing.put(line)
        return True

    def send(self, line: bytes) -> None:
        self._outgoing.put(line)

    def close(self) -> None:
        with self.lock:
            calls = list(self.open.values())
        for call in calls:
            call.cancel()
        self._outgoing.put(None)
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _write(self) -> None:
        pipe = self.process.stdin
        assert pipe is not None
        try:
            while (line := self._outgoing.get()) is not None:
                pipe.write(line)
                pipe.flush()
        except (OSError, ValueError):
            # The reader sees the end, and tells it.
            pass
        finally:
            try:
                pipe.close()
            except OSError:
                pass

    def _read(self) -> None:
        pipe = self.process.stdout
        assert pipe is not None
        try:
            for line in pipe:
                self._line(line)
        except (OSError, ValueError):
            pass
        self._end()

    def _line(self, line: bytes) -> None:
        try:
            told = json.loads(line)
        except ValueError:
            return
        if not isinstance(told, dict):
            return
        if "rpc" in told and "id" not in told:
            self.hello.put(told)
            return
        number = told.get("id")
        with self.lock:
            call = self.open.get(number) if isinstance(number, int) else None
            if call is not None and told.get("end"):
                del self.open[call.number]
        if call is None:
            return
        if told.get("end"):
            error = told.get("error")
            call._finish(End(told.get("exit"), error_of(error, told.get("exit"), []) if error else None))
        elif "item" in told:
            call._add(told["item"], len(line))

    def _end(self) -> None:
        self._outgoing.put(None)
        code = self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        message, hint = self._last_words(code)
        with self.lock:
            self.is_dead = True
            calls = list(self.open.values())
            self.open.clear()
        self.lost = ConnectionLost(message, hint)
        self.hello.put(None)
        for call in calls:
            call._finish(End(None, ConnectionLost(message, hint)))

    def _last_words(self, code: int) -> Tuple[str, Optional[str]]:
        self._stderr.seek(0)
        said = self._stderr.read()[-4096:].decode("utf-8", "replace").strip()
        self._stderr.close()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        lines = [line for line in said.splitlines() if line]
        hint = next((line[6:] for line in lines if line.startswith("hint: ")), None)
        told = "; ".join(line for line in lines if not line.startswith("hint: "))
        return f"`psup rpc` {how}" + (f": {told}" if told else ""), hint


class Transport:
    """Requests to one psup, by one child at a time."""

    def __init__(self, argv: Sequence[str], env: Optional[Mapping[str, str]] = None) -> None:
        self.argv = list(argv)
        self.methods: List[str] = []
        self.build = ""
        self._env = env
        self._lock = threading.RLock()
        self._connection: Optional[_Connection] = None
        self._numbers = 0
        self._pid = os.getpid()
        self._is_closed = False

    @property
    def pid(self) -> Optional[int]:
        """The process id of `psup rpc`."""
        connection = self._connection
        return connection.process.pid if connection is not None else None

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    @property
    def is_connected(self) -> bool:
        """Whether a request would be sent at once."""
        connection = self._connection
        if connection is None or connection.is_dead or self._pid != os.getpid():
            return False
        return connection.process.poll() is None

    def start(self) -> None:
        """Starts the child, if none runs, and hears its first line."""
        with self._lock:
            self._connected()

    def request(self, method: str, params: Mapping[str, Any], limit: Optional[int] = None) -> Call:
        with self._lock:
            while True:
                connection = self._connected()
                self._numbers += 1
                call = Call(self, self._numbers, method, limit)
                if connection.begin(call, _line(call.number, method, params)):
                    return call

    def cancel(self, call: Call) -> None:
        """Tells psup that the answer is not wanted any more."""
        connection = call.connection
        if connection is None or connection.is_dead:
            return
        with self._lock:
            self._numbers += 1
            number = self._numbers
        connection.send(_line(number, "cancel", {"id": call.number}))

    def close(self) -> None:
        """Cancels what is open, and ends the child. Sessions go on."""
        with self._lock:
            connection, self._connection = self._connection, None
            self._is_closed = True
        if connection is not None and self._pid == os.getpid():
            connection.close()

    def _connected(self) -> _Connection:
        if self._is_closed:
            raise ConnectionLost("this client is closed", "`psup.connect()` makes another")
        connection = self._connection
        # A forked process has no part in its parent's child and threads.
        if connection is not None and self.is_connected:
            return connection
        connection = _Connection(self.argv, self._env)
        try:
            hello = connection.hello.get(timeout=HELLO_TIME)
        except BaseException as error:
            # Nothing of a start that is given up goes on.
            connection.process.kill()
            if not isinstance(error, queue.Empty):
                raise
            raise Unreachable(f"psup does not answer within {HELLO_TIME:.0f} s") from None
        if hello is None:
            lost = connection.lost
            raise Unreachable(lost.message, lost.hint)
        if hello.get("rpc") != VERSION:
            connection.close()
            raise VersionMismatch(
                f"psup {hello.get('psup')} speaks version {hello.get('rpc')} of rpc, this client {VERSION}",
                "`pip install --upgrade psup`",
            )
        self.methods = list(hello.get("methods", ()))
        self.build = str(hello.get("psup", ""))
        self._connection = connection
        self._pid = os.getpid()
        return connection


def _line(number: int, method: str, params: Mapping[str, Any]) -> bytes:
    request = {"id": number, "method": method, "params": params}
    # Lone surrogates, as file names may have them, are no JSON for psup: they are refused there.
    return json.dumps(request, separators=(",", ":")).encode() + b"\n"
