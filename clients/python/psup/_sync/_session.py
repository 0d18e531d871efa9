"""One session: the verbs of the client, and what is expected of its output."""

# Made from psup/aio by clients/generate: do not edit.

from __future__ import annotations

import os
import re
import secrets
from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence, Type, TypeVar, Union

from .. import _default
from .._errors import Error, NoSuchSession, NotRunning
from .._values import Duration, ExecResult, Since, Size, Words
from ._client import Client
from ._expect import Expect
from ._stream import Events, ExecOutput, Pieces

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .. import _generated as options, types

S = TypeVar("S", bound="Session")
Input = Union[str, bytes, Sequence[Union[str, bytes]], None]


class Session(Expect):
    """A session, and one life of it.

    As `with Session("name", ["bash"]) as s` it is started at the beginning and stopped at the end,
    unless `keep` is set. The options are those of `spawn`. Without a client it uses one that all
    sessions share; `encoding` (`None` is bytes) and `raw` (control sequences stay) are about `expect`.
    """

    def __init__(
        self,
        name: Optional[str] = None,
        command: Optional[Words] = None,
        *,
        client: Optional[Client] = None,
        keep: bool = False,
        encoding: Optional[str] = "utf-8",
        raw: bool = False,
        **opts: Unpack[options.SpawnOptions],
    ) -> None:
        super().__init__(0, encoding, raw)
        self.name = name if name is not None else name_of(command)
        self.id = self.name
        self.keep = keep
        self._given: Optional[Client] = client
        self._command = command
        self._options: Mapping[str, Any] = opts
        self._is_started = False

    @classmethod
    def _of(cls: Type[S], client: Client, item: Mapping[str, Any], offset: int) -> S:
        session = cls(item["name"], client=client)
        session.id = item["id"]
        session._is_started = True
        session._expect_from(offset)
        return session

    @property
    def _client(self) -> Client:  # type: ignore[override]
        if self._given is None:
            self._given = _default.client(Client)
        return self._given

    def __repr__(self) -> str:
        return f"<psup session {self.id}>"

    def start(self: S) -> S:
        """Starts it, if that was not done."""
        if not self._is_started:
            params = {"name": self.name, "command": self._command, **self._options}
            item = self._client._item("spawn", params)
            self.id, self._is_started = item["id"], True
        return self

    def __enter__(self: S) -> S:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self._close_stream()
        if not self.keep:
            try:
                self._client.stop(self.name)
            except (NoSuchSession, NotRunning):
                pass

    # Talk

    def send(self, text: Input = None, **opts: Unpack[options.SendOptions]) -> int:
        """Types text as it is, then keys, then Enter; returns the offset before the input."""
        offset: int = (self._client.send(self.id, text, **opts))["offset"]
        return offset

    def sendline(self, text: Union[str, bytes] = "") -> int:
        """Types text and Enter."""
        return self.send(text, enter=True)

    def sendcontrol(self, char: str) -> int:
        """Presses Ctrl and a key: `sendcontrol("c")`."""
        return self.send(key=f"C-{char}")

    def sendintr(self) -> int:
        """Presses Ctrl-C."""
        return self.sendcontrol("c")

    def sendeof(self) -> int:
        """Presses Ctrl-D, which ends the input of a program at the beginning of a line."""
        return self.sendcontrol("d")

    def wait(self, **opts: Unpack[options.WaitOptions]) -> types.Waited:
        """Waits until a condition holds: `text=`, `prompt=True`, `idle=0.5`, `exit=True` …"""
        return self._client.wait(self.id, **opts)

    def exec(
        self, command: Words, *, stdin: Optional[str] = None, **opts: Unpack[options.ExecOptions]
    ) -> ExecResult:
        """Runs one command in the live shell; its output and its exit code."""
        return self._client.exec(self.id, command, stdin=stdin, **opts)

    def exec_stream(
        self, command: Words, *, stdin: Optional[str] = None, **opts: Unpack[options.ExecOptions]
    ) -> ExecOutput:
        """As `exec`, but the output comes as the command writes it; then `result` is there."""
        return self._client.exec_stream(self.id, command, stdin=stdin, **opts)

    def ask(self, why: str, **opts: Unpack[options.AskOptions]) -> types.Asked:
        """Has a person type something into the session."""
        return self._client.ask(self.id, why, **opts)

    # What it shows and has written

    def capture(self, **opts: Unpack[options.CaptureOptions]) -> types.Capture:
        """The screen, with cursor, colours and offset."""
        return self._client.capture(self.id, **opts)

    def screen(self, **opts: Unpack[options.CaptureOptions]) -> str:
        """The screen as text."""
        lines: Sequence[str] = (self.capture(**opts))["lines"]
        return "\n".join(lines)

    def read(self, **opts: Unpack[options.ReadOptions]) -> Pieces:
        """What it has written, piece by piece; with `follow=True` until it has ended."""
        return self._client.read(self.id, **opts)

    def output(self, since: Optional[Since] = None, *, text: bool = True) -> str:
        """What it has written so far, as clean lines."""
        opts: "options.ReadOptions" = {"text": text}
        if since is not None:
            opts["since"] = since
        return "".join([piece.text for piece in self.read(**opts)])

    def events(self, **opts: Unpack[options.EventsOptions]) -> Events:
        """What happens to it."""
        return self._client.events(self.name, **opts)

    def export(self, **opts: Unpack[options.ExportOptions]) -> Sequence[Any]:
        """Writes what it has printed as a file."""
        return self._client.export(self.id, **opts)

    # Life

    def info(self, **opts: Unpack[options.InfoOptions]) -> types.Info:
        """All there is to know about it."""
        return self._client.info(self.id, **opts)

    def is_alive(self) -> bool:
        """Whether this life runs."""
        return self._client.has(self.id)

    def stop(self, **opts: Unpack[options.StopOptions]) -> types.Stopped:
        """Stops it with all its processes, and tells how it ended."""
        return (self._client.stop(self.id, **opts))[-1]

    def signal(self, signal: Union[str, int], **opts: Unpack[options.SignalOptions]) -> None:
        """Sends one signal to its program."""
        self._client.signal(self.id, signal, **opts)

    def restart(self, **opts: Unpack[options.RestartOptions]) -> types.Spawned:
        """Begins a new life, which this is then."""
        item = self._client.restart(self.id, **opts)
        self.id = item["id"]
        self._expect_from(0)
        return item

    def rename(self, name: str, **opts: Unpack[options.RenameOptions]) -> None:
        """Gives it another name."""
        self._client.rename(self.id, name, **opts)
        info = self._client.info(name)
        self.name, self.id = info["name"], info["id"]
        # The stream that is open asks for the old name if it has to be taken up.
        self._close_stream()

    def resize(self, size: Size, **opts: Unpack[options.ResizeOptions]) -> None:
        """Changes the size of its terminal: `(columns, rows)`."""
        self._client.resize(self.id, size, **opts)

    def forget(self, **opts: Unpack[options.ForgetOptions]) -> None:
        """Drops it with its log, after it has ended."""
        self._close_stream()
        self._client.forget(self.id, **opts)


def name_of(command: Optional[Words]) -> str:
    """A name that nobody else has: the program's, and chance."""
    first = "session" if command is None else command if isinstance(command, (str, os.PathLike)) else next(iter(command), "")
    words = os.path.basename(os.fspath(first)).split()
    word = re.sub(r"[^a-z0-9]+", "-", words[0].lower()).strip("-") if words else ""
    return f"{word[:40] or 'session'}-{secrets.token_hex(4)}"


def spawn(
    name: Optional[str] = None, command: Optional[Words] = None, **opts: Unpack[options.SpawnOptions]
) -> Session:
    """Starts a session over the client that all share; `with` stops it at the end."""
    return _default.client(Client).spawn(name, command, **opts)
