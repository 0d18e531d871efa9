"""pexpect's `spawn` over psup: `from psup import expect as pexpect`.

The child is a session of psup: it outlives this program where `close` is not called, `psup list`
shows it, and `psup attach` opens it. Output is bytes, unless an encoding is given, and control
sequences stay in it, as in pexpect. `interact` is not there: `psup attach` is.
"""

from __future__ import annotations

import os
import shlex
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from . import _default
from ._errors import Error, NoSuchSession, NotRunning
from ._output import EOF, TIMEOUT
from ._sync._client import Client
from ._sync._session import Session, name_of

__all__ = ["EOF", "ExceptionPexpect", "TIMEOUT", "run", "runu", "spawn", "spawnu"]

ExceptionPexpect = Error


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
        words = [command, *args] if args else shlex.split(command)
        program = words[0] if words else command
        if not echo:
            words = ["/bin/sh", "-c", 'stty -echo; exec "$@"', "sh", *words]
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
        self.logfile, self.logfile_send, self.logfile_read = logfile, None, logfile
        self.exitstatus: Optional[int] = None
        self.signalstatus: Optional[int] = None
        self.terminated = False
        self.closed = False
        self.linesep: Any = "\r\n" if encoding else b"\r\n"
        self.start()

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

    # Output, as of a file

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
        index = self.expect([self.linesep, EOF])
        return self.before + self.linesep if index == 0 else self.before

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
    state: Dict[str, Any] = {"child": child, "event_count": 0, "extra_args": extra_args}
    with child:
        while True:
            index = child.expect(patterns)
            output.append(child.before)
            if index >= len(pairs):
                break
            output.append(child.after)
            answer = pairs[index][1]
            if callable(answer):
                state["child_result_list"] = output
                answer = answer(state)
                if answer is True:
                    break
            if isinstance(answer, (str, bytes)):
                child.send(answer)
            state["event_count"] += 1
        child.isalive() if index != len(pairs) else child.wait()
        whole = (b"" if child._output.encoding is None else "").join(output)
        return (whole, child.exitstatus) if withexitstatus else whole


def runu(command: str, **kwargs: Any) -> Any:
    """`run` with text instead of bytes."""
    kwargs.setdefault("encoding", "utf-8")
    return run(command, **kwargs)


def _any(size: int, encoding: Optional[str]) -> Any:
    pattern = ".{%d}" % size
    return pattern if encoding else pattern.encode()


def _number(name: Optional[str]) -> Optional[int]:
    import signal

    if name is None:
        return None
    return int(getattr(signal, f"SIG{name}", 0)) or (int(name) if name.isdigit() else None)
