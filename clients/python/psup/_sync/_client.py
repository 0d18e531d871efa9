"""The client: every method of `psup rpc`, over one child process."""

# Made from psup/aio by clients/generate: do not edit.

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, TypeVar, Union

from .. import _binary
from .._errors import ConnectionLost, NoSuchSession, TimedOut
from .._transport import Call, Transport
from .._values import ExecResult, Size, Words, parameters, text_of_send
from ._stream import Events, ExecOutput, Items, Pieces
from ._waiting import arrival, blocking

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .. import _generated as options, types
    from ._session import Session

C = TypeVar("C", bound="Client")
Json = Dict[str, Any]
Targets = Union[str, Sequence[str]]

# Methods that only ask, or come to the same when they are asked twice: what a lost connection leaves open
# of them is asked again.
_REPEATABLE = frozenset(
    "has list info capture read wait status logs events targets hook.list service.status ensure stop".split()
)


class Answer(NamedTuple):
    """All that one request has answered."""

    items: List[Any]
    # The exit code of the verb.
    exit: Optional[int]


class Client:
    """One `psup rpc`, which is started with the first request and may be used from any thread.

    `on` is a target of psup (another machine or container), `dir` and `profile` choose a
    supervisor, and `env` is added to the environment. `close` ends the child, and no session.
    """

    def __init__(
        self,
        *,
        binary: Optional[Union[str, "os.PathLike[str]"]] = None,
        on: Optional[str] = None,
        dir: Optional[Union[str, "os.PathLike[str]"]] = None,
        profile: Optional[str] = None,
        env: Optional[Mapping[str, str]] = None,
    ) -> None:
        argv = [_binary.find(binary)]
        for flag, value in (("--on", on), ("--dir", dir), ("--profile", profile)):
            if value is not None:
                argv.append(f"{flag}={os.fspath(value)}")
        self._transport = Transport([*argv, "rpc"], env)

    # The connection

    def start(self) -> None:
        """Starts `psup rpc`, if it does not run, and hears its first line."""
        blocking(self._transport.start)

    def close(self) -> None:
        """Cancels what is open, and ends `psup rpc`. Sessions go on."""
        blocking(self._transport.close)

    def __enter__(self: C) -> C:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def methods(self) -> List[str]:
        """What this psup can do; empty before the first request."""
        return list(self._transport.methods)

    @property
    def version(self) -> str:
        """The build of psup; empty before the first request."""
        return self._transport.build

    @property
    def pid(self) -> Optional[int]:
        """The process id of `psup rpc`, if it was started."""
        return self._transport.pid

    def request(self, method: str, params: Optional[Mapping[str, Any]] = None) -> Answer:
        """Asks any method with parameters as `psup rpc --schema` has them, and collects the answer.

        An error that psup tells is raised, and has the items that came before it.
        """
        tries = 2 if method in _REPEATABLE else 1
        while True:
            tries -= 1
            try:
                return self._answer(self._begin(method, params or {}))
            except ConnectionLost:
                if tries == 0 or self._transport.is_closed:
                    raise

    def stream(self, method: str, params: Optional[Mapping[str, Any]] = None) -> Items:
        """As `request`, but the items come one by one."""
        return Items(self, method, params or {})

    # Sessions

    def spawn(
        self, name: Optional[str] = None, command: Optional[Words] = None, **opts: Unpack[options.SpawnOptions]
    ) -> Session:
        """Starts a session; without a name it is given one."""
        return self._session("spawn", name, command, opts)

    def ensure(
        self, name: str, command: Optional[Words] = None, **opts: Unpack[options.EnsureOptions]
    ) -> Session:
        """Has a session running, whether or not it runs already."""
        return self._session("ensure", name, command, opts)

    def session(self, target: str) -> Session:
        """A session that runs already, or has ended. What it writes from now on is to be expected."""
        from ._session import Session

        info = self.info(target)
        return Session._of(self, info, info["offset"])

    def has(self, target: str, **opts: Unpack[options.HasOptions]) -> bool:
        """Whether a session lives."""
        try:
            items = self._items("has", {"target": target, **opts})
        except NoSuchSession:
            return False
        return any(item["live"] for item in items)

    def list(self, **opts: Unpack[options.ListOptions]) -> List[types.Session]:
        """Sessions; with `all=True` also those that have ended."""
        return self._items("list", opts)

    def info(self, target: str, **opts: Unpack[options.InfoOptions]) -> types.Info:
        """All there is to know about a session."""
        item: types.Info = self._item("info", {"target": target, **opts})
        return item

    def stop(self, targets: Targets = (), **opts: Unpack[options.StopOptions]) -> List[types.Stopped]:
        """Stops sessions with all their processes."""
        return self._items("stop", {"targets": _several(targets), **opts})

    def signal(self, target: str, signal: Union[str, int], **opts: Unpack[options.SignalOptions]) -> None:
        """Sends one signal to the program of a session."""
        self._items("signal", {"target": target, "signal": _signal(signal), **opts})

    def restart(self, target: str, **opts: Unpack[options.RestartOptions]) -> types.Spawned:
        """Begins a new life of a session from the same spec."""
        item: types.Spawned = self._item("restart", {"target": target, **opts})
        return item

    def rename(self, target: str, name: str, **opts: Unpack[options.RenameOptions]) -> None:
        """Gives a session another name."""
        self._items("rename", {"target": target, "name": name, **opts})

    def resize(self, target: str, size: Size, **opts: Unpack[options.ResizeOptions]) -> None:
        """Changes the size of a session's terminal: `(columns, rows)`, or text such as `80x24`."""
        self._items("resize", {"target": target, "size": size, **opts})

    def forget(self, targets: Targets = (), **opts: Unpack[options.ForgetOptions]) -> List[types.Forgotten]:
        """Drops ended sessions with their logs."""
        return self._items("forget", {"targets": _several(targets), **opts})

    # Talk

    def send(
        self,
        target: str,
        text: Union[str, bytes, Sequence[Union[str, bytes]], None] = None,
        **opts: Unpack[options.SendOptions],
    ) -> types.Sent:
        """Types text as it is, then keys, then Enter; tells the offset before the input."""
        params = parameters("send", {"target": target, **opts})
        text_of_send(params, text)
        sent: types.Sent = (self.request("send", params)).items[-1]
        return sent

    def wait(self, targets: Targets = (), **opts: Unpack[options.WaitOptions]) -> types.Waited:
        """Waits until something is true of a session: `text=`, `prompt=True`, `idle=0.5`, `exit=True` …

        `TimedOut`, `Ended` and `FailMatched` say that it is not, and have the answer in `items`.
        """
        item: types.Waited = self._item("wait", {"targets": _several(targets), **opts})
        return item

    def ask(self, target: str, why: str, **opts: Unpack[options.AskOptions]) -> types.Asked:
        """Has a person type something into a session, and tells who did, and up to which offset."""
        item: types.Asked = self._item("ask", {"target": target, "why": why, **opts})
        return item

    def exec(
        self, target: str, command: Words, *, stdin: Optional[str] = None, **opts: Unpack[options.ExecOptions]
    ) -> ExecResult:
        """Runs one command in the live shell of a session.

        One text is taken as it would be typed; of several words each is quoted. `TimedOut` leaves
        the command running, and has the result in `items`.
        """
        params = parameters("exec", {"target": target, "command": _words(command), "stdin": stdin, **opts})
        result = ExecResult.of((self.request("exec", params)).items[-1], [])
        if result.ran == "running":
            raise TimedOut(
                "timed out; the command runs on", f"`psup wait {target} --prompt` waits for its end",
                exit=124, items=[result],
            )
        return result

    def exec_stream(
        self, target: str, command: Words, *, stdin: Optional[str] = None, **opts: Unpack[options.ExecOptions]
    ) -> ExecOutput:
        """As `exec`, but the output comes as the command writes it; then `result` is there."""
        params = {"target": target, "command": _words(command), "stdin": stdin, "pieces": True, **opts}
        return ExecOutput(self, parameters("exec", params))

    def capture(self, target: str, **opts: Unpack[options.CaptureOptions]) -> types.Capture:
        """The screen of a session as a person would see it: `lines`, `cursor`, `offset` …

        With `changed_since` it is a `types.ChangedRows`.
        """
        item: types.Capture = self._item("capture", {"target": target, **opts})
        return item

    def read(self, target: str, **opts: Unpack[options.ReadOptions]) -> Pieces:
        """What a session has written, piece by piece; with `follow=True` until it has ended."""
        return Pieces(self, "read", parameters("read", {"target": target, **opts}))

    def events(self, targets: Targets = (), **opts: Unpack[options.EventsOptions]) -> Events:
        """What happens to sessions from now on, or from the number `since`."""
        return Events(self, "events", parameters("events", {"targets": _several(targets), **opts}))

    def export(self, source: str, **opts: Unpack[options.ExportOptions]) -> List[Any]:
        """Writes what a session has printed as a file."""
        return self._items("export", {"source": source, **opts})

    # Hooks

    def hook_add(
        self, words: Words, command: Words, **opts: Unpack[options.HookAddOptions]
    ) -> types.Hook:
        """Adds a hook: `words` are NAME EVENT [REGEX]."""
        item: types.Hook = self._item("hook.add", {"words": _words(words), "command": _words(command), **opts})
        return item

    def hook_list(self, **opts: Unpack[options.HookListOptions]) -> List[types.Hook]:
        """Hooks, and how their deliveries went."""
        return self._items("hook.list", opts)

    def hook_remove(self, words: Words = (), **opts: Unpack[options.HookRemoveOptions]) -> List[types.Hook]:
        """Removes hooks, and what they have not delivered."""
        return self._items("hook.remove", {"words": _words(words), **opts})

    # Care

    def status(self, **opts: Unpack[options.StatusOptions]) -> types.Status:
        """How the supervisor is, and which kills it outlives."""
        item: types.Status = self._item("status", opts)
        return item

    def doctor(self, **opts: Unpack[options.DoctorOptions]) -> List[types.Check]:
        """Looks for what is wrong, and tells how to mend it."""
        return self._items("doctor", opts)

    def logs(self, **opts: Unpack[options.LogsOptions]) -> Items:
        """The supervisor's own log, line by line."""
        return Items(self, "logs", parameters("logs", opts))

    def targets(self, **opts: Unpack[options.TargetsOptions]) -> List[types.Target]:
        """The targets of `on`."""
        return self._items("targets", opts)

    def upgrade(self, **opts: Unpack[options.UpgradeOptions]) -> types.Upgraded:
        """Replaces the running supervisor by another build."""
        item: types.Upgraded = self._item("upgrade", opts)
        return item

    def install(self, **opts: Unpack[options.InstallOptions]) -> types.Installed:
        """Puts this psup on a target."""
        item: types.Installed = self._item("install", opts)
        return item

    def shutdown(self, **opts: Unpack[options.ShutdownOptions]) -> List[types.Stopped]:
        """Stops the supervisor; with `force=True` also sessions that run."""
        return self._items("shutdown", opts)

    def service(self, action: str, **opts: Any) -> types.Service:
        """`install` `uninstall` `start` `stop` `restart` or `status` of the service."""
        item: types.Service = self._item(f"service.{action}", opts)
        return item

    def skill(self, action: str, **opts: Any) -> List[types.Skill]:
        """`install` or `uninstall` of the skill for agents."""
        return self._items(f"skill.{action}", opts)

    # One request

    def _session(
        self, method: str, name: Optional[str], command: Optional[Words], opts: Mapping[str, Any]
    ) -> Session:
        from ._session import Session, name_of

        params = {"name": name if name is not None else name_of(command), **opts}
        if command is not None:
            params["command"] = _words(command)
        item = self._item(method, params)
        # One that ran before has written before.
        return Session._of(self, item, item["offset"] if item["done"] == "unchanged" else 0)

    def _items(self, method: str, given: Mapping[str, Any]) -> List[Any]:
        return (self.request(method, parameters(method, given))).items

    def _item(self, method: str, given: Mapping[str, Any]) -> Any:
        items = self._items(method, given)
        return items[-1] if items else {}

    def _begin(self, method: str, params: Mapping[str, Any], limit: Optional[int] = None) -> Call:
        if not self._transport.is_connected:
            self.start()
        return self._transport.request(method, params, limit)

    def _answer(self, call: Call) -> Answer:
        items: List[Any] = []
        try:
            while True:
                taken = call.take()
                if taken is None:
                    arrival(call, None)
                    continue
                item, end = taken
                if end is None:
                    items.append(item)
                    continue
                if end.error is not None:
                    end.error.items = items
                    raise end.error
                return Answer(items, end.exit)
        finally:
            # Of what is interrupted or cancelled, nothing goes on.
            call.cancel()


def connect(
    *,
    binary: Optional[Union[str, "os.PathLike[str]"]] = None,
    on: Optional[str] = None,
    dir: Optional[Union[str, "os.PathLike[str]"]] = None,
    profile: Optional[str] = None,
    env: Optional[Mapping[str, str]] = None,
) -> Client:
    """A client whose `psup rpc` runs. Close it, or use it with `with`."""
    client = Client(binary=binary, on=on, dir=dir, profile=profile, env=env)
    client.start()
    return client


def _several(targets: Targets) -> List[str]:
    return [targets] if isinstance(targets, str) else list(targets)


def _words(words: Words) -> List[str]:
    return [os.fspath(words)] if isinstance(words, (str, os.PathLike)) else [os.fspath(word) for word in words]


def _signal(signal: Union[str, int]) -> str:
    return str(int(signal)) if isinstance(signal, int) else signal
