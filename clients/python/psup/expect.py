"""pexpect's `spawn` over psup: `from psup import expect as pexpect`.

The child is a session of psup: `psup list` shows it, and `psup attach` opens it. As in pexpect it is
stopped by `close`, and when this program ends or has no use for it any more. Output is bytes, unless an encoding is given, and control
sequences stay in it, as in pexpect. `interact` is not there: `psup attach` is.
"""

from __future__ import annotations

import atexit
import os
import shlex
from collections import deque
from typing import Any, Deque, Dict, List, Mapping, Optional, Tuple, Union

from . import _default
from ._errors import Error, NoSuchSession, NotRunning
from ._output import EOF, TIMEOUT
from ._sync._client import Client
from ._sync._session import Session, name_of

__all__ = ["EOF", "ExceptionPexpect", "TIMEOUT", "run", "runu", "spawn", "spawnu", "split_command_line"]

ExceptionPexpect = Error
split_command_line = shlex.split

# Children that are not closed, by name; and those that nobody refers to any more, to be stopped.
_children: Dict[str, Client] = {}
_abandoned: Deque[str] = deque()


class spawn(Session):  # noqa: N801 - it is what pexpect calls it
    """A program in a terminal, as pexpect's class of that name has it."""

    def __init__(
        self,
        command: str,
        args: Optional[List[str]] = None,
        timeout: Optional[float] = 30,
        maxread: int = 2000,
        searchwindowsize: Optional[int] = None,
        logfile: Any = None,
        cwd: Optional[Union[str, "os.PathLike[str]"]] = None,
        env: Optional[Mapping[str, str]] = None,
        ignore_sighup: bool = False,
        echo: bool = True,
        preexec_fn: Any = None,
        encoding: Optional[str] = None,
        codec_errors: str = "strict",
        dimensions: Optional[Tuple[int, int]] = None,
        use_poll: bool = False,
        *,
        name: Optional[str] = None,
        client: Optional[Client] = None,
    ) -> None:
        if preexec_fn is not None:
            raise TypeError("psup starts the program in another process: there is no preexec_fn")
        _stop_abandoned()
        words = [command, *args] if args else shlex.split(command)
        program = words[0] if words else command
        before = ("trap '' HUP; " if ignore_sighup else "") + ("" if echo else "stty -echo; ")
        if before:
            words = ["/bin/sh", "-c", f'{before}exec "$@"', "sh", *words]
        rows, columns = dimensions or (24, 80)
        options: Dict[str, Any] = {"size": (columns, rows), "cwd": os.fspath(cwd or os.getcwd())}
        if env is not None:
            options.update(clear_env=True, env=dict(env))
        super().__init__(
            name or name_of([program]),
            words,
            client=client,
            encoding=encoding,
            raw=True,
            no_integration=True,
            **options,
        )
        self.command, self.args = program, words
        self.timeout, self.searchwindowsize = timeout, searchwindowsize
        # Taken, and without a use here: psup reads what there is, and types when it is told to.
        self.maxread, self.delaybeforesend = maxread, None
        self.logfile, self.logfile_send, self.logfile_read = logfile, None, None
        self.exitstatus: Optional[int] = None
        self.signalstatus: Optional[int] = None
        self.terminated = False
        self.closed = False
        self.linesep: Any = os.linesep if encoding else os.linesep.encode()
        self.crlf: Any = "\r\n" if encoding else b"\r\n"
        self.start()
        _children[self.name] = self._client

    def __del__(self) -> None:
        # Whoever collects garbage may hold a lock: it is stopped later.
        if not getattr(self, "closed", True):
            _abandoned.append(self.name)

    @property
    def pid(self) -> Optional[int]:
        """The process id of the program."""
        pid: Optional[int] = self.info()["pid"]
        return pid

    # Input

    def send(self, text: Any = None, **opts: Any) -> int:
        """Types text, also where a password is asked for, and returns how much that is."""
        self._log_sent(text)
        opts.setdefault("secret", True)
        super().send(text, **opts)
        return len(text or "")

    def sendline(self, text: Union[str, bytes] = "") -> int:
        """Types text and a newline."""
        data = text.encode() if isinstance(text, str) else text
        return self.send(data + os.linesep.encode())

    def sendcontrol(self, char: str) -> int:
        """Presses Ctrl and a key, and returns 1."""
        char = char.lower()
        code = {"@": 0, "`": 0, "[": 27, "{": 27, "\\": 28, "|": 28, "]": 29, "}": 29, "^": 30, "~": 30, "_": 31, "?": 127}
        if char not in code and not ("a" <= char <= "z" and len(char) == 1):
            return 0
        return self.send(bytes([code[char] if char in code else ord(char) - 96]))

    def write(self, text: Union[str, bytes]) -> None:
        self.send(text)

    def writelines(self, sequence: Any) -> None:
        for text in sequence:
            self.send(text)

    def _log_sent(self, text: Any) -> None:
        encoding = self._output.encoding
        if encoding is not None and isinstance(text, bytes):
            text = text.decode(encoding, "replace")
        elif encoding is None and isinstance(text, str):
            text = text.encode()
        for log in (self.logfile, self.logfile_send):
            if log is not None and text:
                log.write(text)

    def _log(self, text: Any) -> None:
        super()._log(text)
        if self.logfile is not None and text:
            self.logfile.write(self._output.shown(text))

    # Output, as of a file

    def expect_list(self, *args: Any, **kwargs: Any) -> int:
        """As of a session; at the end of the output, `exitstatus` and `signalstatus` are there."""
        self._check_open()
        try:
            return super().expect_list(*args, **kwargs)
        finally:
            if self._has_ended:
                self.isalive()

    def read_nonblocking(self, *args: Any, **kwargs: Any) -> Any:
        """At most so many bytes of what is there, or what comes first; raises `EOF` and `TIMEOUT`."""
        self._check_open()
        return super().read_nonblocking(*args, **kwargs)

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file.")

    def read(self, size: int = -1) -> Any:  # type: ignore[override]
        """So much of the output, or all of it up to the end."""
        if size == 0:
            return self.before[:0] if self.before is not None else (b"" if self._output.encoding is None else "")
        if size < 0:
            self.expect(EOF)
            return self.before
        index = self.expect([_any(size, self._output.encoding), EOF])
        return self.after if index == 0 else self.before

    def readline(self, size: int = -1) -> Any:
        """A line with its `\\r\\n`, or what is left at the end."""
        if size == 0:
            return self.read(0)
        index = self.expect([self.crlf, EOF])
        return self.before + self.crlf if index == 0 else self.before

    def readlines(self, sizehint: int = -1) -> List[Any]:
        return [line for line in self]

    def __iter__(self) -> Any:
        return iter(self.readline, b"" if self._output.encoding is None else "")

    # Life

    def isalive(self) -> bool:
        """Whether the program runs; if not, `exitstatus` and `signalstatus` say how it ended."""
        if self.terminated:
            return False
        try:
            info = self.info()
        except NoSuchSession:
            self.terminated = True
            return False
        exit = info["exit"]
        if exit is None:
            return True
        self.terminated = True
        self.exitstatus = exit["code"]
        self.signalstatus = _number(exit["signal"])
        return False

    def wait(self, **opts: Any) -> Any:
        """Waits for the end of the program, and returns its exit code; with options, as of a session."""
        if opts:
            return super().wait(**opts)
        if not self.terminated:
            super().wait(exit=True)
            self.isalive()
        return self.exitstatus

    def kill(self, sig: int) -> None:
        """Sends a signal to the program."""
        try:
            self.signal(int(sig))
        except NotRunning:
            pass

    def terminate(self, force: bool = False) -> bool:
        """Stops the program; true, for none is left then."""
        try:
            self.stop()
        except NoSuchSession:
            pass
        return not self.isalive()

    def close(self, force: bool = True) -> None:
        """Stops the program, and drops the session."""
        if self.closed:
            return
        self.closed = True
        _children.pop(self.name, None)
        try:
            self.terminate(force)
            self.forget()
        except NoSuchSession:
            pass

    def eof(self) -> bool:
        """Whether the end of the output has been read."""
        return self._has_ended and not self._output.text

    def __enter__(self) -> "spawn":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The terminal

    def setwinsize(self, rows: int, cols: int) -> None:
        self.resize((cols, rows))

    def getwinsize(self) -> Tuple[int, int]:
        size = self.info()["size"]
        return size["rows"], size["cols"]

    def isatty(self) -> bool:
        return True

    def waitnoecho(self, timeout: Any = -1) -> bool:
        """Waits until the program asks for a password."""
        seconds = self.timeout if timeout == -1 else timeout
        options: Any = {} if seconds is None else {"timeout": seconds}
        try:
            super().wait(input=True, **options)
        except TimeoutError:
            return False
        blocked = self.info()["blocked"]
        return blocked is not None and blocked["on"] == "password"


class spawnu(spawn):  # noqa: N801
    """`spawn` with text instead of bytes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("encoding", "utf-8")
        super().__init__(*args, **kwargs)


def run(
    command: str,
    timeout: Optional[float] = 30,
    withexitstatus: bool = False,
    events: Any = None,
    extra_args: Any = None,
    logfile: Any = None,
    cwd: Any = None,
    env: Any = None,
    **kwargs: Any,
) -> Any:
    """Runs a command to its end, answering what `events` expects, and returns its output."""
    child = spawn(command, timeout=timeout, logfile=logfile, cwd=cwd, env=env, **kwargs)
    pairs = list(events.items() if isinstance(events, dict) else events or [])
    patterns = [pattern for pattern, _ in pairs] + [EOF, TIMEOUT]
    output: List[Any] = []
    empty: Any = b"" if child._output.encoding is None else ""
    state: Dict[str, Any] = {"child": child, "event_count": 0, "extra_args": extra_args, "child_result_list": output}
    with child:
        index = -1
        while True:
            index = child.expect(patterns)
            if index >= len(pairs):
                output.append(child.before)
                break
            output.append(child.before + child.after)
            answer = pairs[index][1]
            if callable(answer):
                answer = answer(state)
                if answer and not isinstance(answer, (str, bytes)):
                    break
            elif not isinstance(answer, (str, bytes)):
                raise TypeError(f"an event is answered by text or a function, not by {answer!r}")
            if answer:
                child.send(answer)
            state["event_count"] += 1
        if index == len(pairs):
            child.wait()
    whole = empty.join(output)
    return (whole, child.exitstatus) if withexitstatus else whole


def runu(command: str, **kwargs: Any) -> Any:
    """`run` with text instead of bytes."""
    kwargs.setdefault("encoding", "utf-8")
    return run(command, **kwargs)


def _stop_abandoned() -> None:
    while _abandoned:
        name = _abandoned.popleft()
        client = _children.pop(name, None)
        if client is not None:
            _stop(client, name)


@atexit.register
def _stop_children() -> None:
    while _children:
        name, client = _children.popitem()
        _stop(client, name)


def _stop(client: Client, name: str) -> None:
    try:
        client.stop(name)
        client.forget(name)
    except Error:
        # It has gone, or psup has.
        pass


def _any(size: int, encoding: Optional[str]) -> Any:
    pattern = ".{%d}" % size
    return pattern if encoding else pattern.encode()


def _number(name: Optional[str]) -> Optional[int]:
    import signal

    if name is None:
        return None
    return int(getattr(signal, f"SIG{name}", 0)) or (int(name) if name.isdigit() else None)
