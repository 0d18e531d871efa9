"""Every verb as a method, errors as classes, connections that are lost."""

import os
import signal
import threading
from datetime import timedelta

import psup as package
import pytest
from psup._errors import CLASSES
from psup._generated import CODES
from psup._values import text_of_send


def test_the_verbs_are_methods(psup, psup_session):
    session = psup_session(["cat"], name="verbs", label={"role": "test"})
    assert psup.has("verbs") and not psup.has("nobody")
    assert [one["id"] for one in psup.list(label={"role": "test"})] == [session.id]
    offset = session.sendline("one")
    assert offset == 0
    held = session.wait(text="^one", since=offset, timeout=60)
    assert held["held"][0]["match"]["text"] == "one"
    session.resize((90, 20))
    assert psup.info("verbs")["size"] == {"cols": 90, "rows": 20}
    assert session.screen().splitlines()[0] == "one"
    session.rename("renamed")
    assert (session.name, session.id.split("#")[0]) == ("renamed", "renamed")
    assert session.output(text=False).startswith("one\r\n")
    first = session.id
    assert session.restart()["id"] != first and session.id != first
    session.signal("TERM")
    assert session.wait(exit=True, timeout=60)["exit"]["signal"] == "TERM"
    assert not session.is_alive()
    session.forget()
    with pytest.raises(package.NoSuchSession):
        session.info()
    assert psup.status()["sessions_live"] >= 0
    assert all(check["severity"] for check in psup.doctor())
    assert psup.targets() == []


def test_hooks_and_events_are_told(psup, psup_session, tmp_path):
    session = psup_session(["cat"], name="hooked")
    hook = psup.hook_add(["hooked", "match", "ready"], ["touch", str(tmp_path / "ran")])
    assert [one["hook"] for one in psup.hook_list(name="hooked")] == [hook["hook"]]
    with session.events(since=0) as events:
        assert next(event for event in events if event["event"] == "started")["id"] == session.id
        session.sendline("ready")
        assert next(event for event in events if event["event"] == "hook-delivered")
    assert (tmp_path / "ran").exists()
    psup.hook_remove(number=hook["hook"])
    assert psup.hook_list(name="hooked") == []


def test_exec_gives_output_and_code_and_streams(shell):
    result = shell.exec("echo out; exit_with() { return $1; }; exit_with 3", timeout=60)
    assert (result.output, result.code, result.ok) == ("out\n", 3, False)
    assert shell.exec(["echo", "a  b", "it's"], timeout=60).output == "a  b it's\n"
    stream = shell.exec_stream("echo first; read word; echo $word; false", timeout=60)
    seen = b""
    for piece in stream:
        seen += piece
        if b"first" in seen and b"second" not in seen:
            # It goes on only if the first piece has come while it runs.
            shell.sendline("second")
            seen += b"second"
    assert b"first" in seen and stream.result.code == 1
    assert shell.exec_stream("echo all").collect().output == "all\n"
    assert shell.exec("tr a-z A-Z", stdin="by stdin", timeout=60).output == "BY STDIN"
    with pytest.raises(package.TimedOut) as caught:
        shell.exec("echo begun; read never", timeout=0.5)
    assert caught.value.items[0].output == "begun\n"
    with pytest.raises(package.Busy):
        shell.exec("echo no", timeout=1)


@pytest.mark.parametrize(
    "text",
    ["plain", "-x", "--enter", "", "a\tb", "é\u4e16", b"\x00\xff\x1b", "nul\0", "Enter", "y" * 200_000, ["a", b"\xfe"]],
)
def test_text_is_typed_as_it_is(psup, psup_session, text):
    session = psup_session(["/bin/sh", "-c", "stty raw -echo; echo ready; exec cat -v"])
    session.expect("ready\r?\n")
    session.send(text, key="C-x")
    whole = text if isinstance(text, (str, bytes)) else b"a\xfe"
    data = whole.encode() if isinstance(whole, str) else whole
    end = session.wait(text=r"\^X", timeout=60)["offset"]
    assert end > 0
    session.expect_exact("^X")
    assert session.before == _as_cat_shows(data)


def _as_cat_shows(data: bytes) -> str:
    shown = ""
    for byte in data:
        meta, byte = ("M-", byte - 128) if byte >= 128 else ("", byte)
        if not meta and byte in (9, 10):
            shown += chr(byte)
        else:
            shown += meta + ("^" + chr(byte + 64) if byte < 32 else "^?" if byte == 127 else chr(byte))
    return shown


def test_every_code_has_a_class():
    assert set(CLASSES) == CODES


def test_errors_have_class_code_hint_and_items(psup, psup_session):
    with pytest.raises(package.NoSuchSession) as caught:
        psup.info("wbe")
    assert (caught.value.code, caught.value.exit) == ("no-such-session", 3)
    assert "psup list" in caught.value.hint
    session = psup_session(["cat"], name="taken")
    with pytest.raises(package.NameTaken):
        psup.spawn("taken", ["cat"])
    with pytest.raises(package.TimedOut) as timed_out:
        session.wait(text="never", timeout=timedelta(milliseconds=50))
    assert timed_out.value.items[0]["verdict"] == "timed-out" and isinstance(timed_out.value, TimeoutError)
    with pytest.raises(package.BadPattern):
        session.wait(text="(", timeout=1)
    with pytest.raises(package.CannotStart):
        psup.spawn("none", ["/does/not/exist"])
    with pytest.raises(TypeError, match="timeot"):
        session.wait(text="x", timeot=1)
    with pytest.raises(package.UsageError):
        psup.request("no-such-method")
    session.stop()
    with pytest.raises(package.NotRunning):
        session.send("late")


def test_a_missing_binary_and_a_bad_target_are_told():
    with pytest.raises(package.Unreachable, match="no program"):
        package.connect(binary="/does/not/exist")
    with pytest.raises(package.Unreachable, match="exit code"):
        package.connect(profile="not a profile!")


def program(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_psup_that_is_silent_or_of_another_version_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("psup._transport.HELLO_TIME", 0.1)
    with pytest.raises(package.Unreachable, match="does not answer"):
        package.connect(binary=program(tmp_path / "silent", "exec cat"))
    monkeypatch.undo()
    other = program(tmp_path / "other", """echo '{"psup":"9","rpc":9,"methods":[]}'; exec cat""")
    with pytest.raises(package.VersionMismatch, match="speaks version 9"):
        package.connect(binary=other)


def test_a_lost_connection_is_told_and_the_next_request_makes_another(psup, psup_session):
    session = psup_session(["cat"])
    lost = psup.pid
    failures = []

    def wait_for_person():
        try:
            psup.ask(session.id, "something")
        except package.ConnectionLost as error:
            failures.append(error)

    with psup.events(since=0) as events:
        asking = threading.Thread(target=wait_for_person)
        asking.start()
        next(event for event in events if event["event"] == "person-asked" and event["id"] == session.id)
        os.kill(lost, signal.SIGKILL)
        asking.join(60)
        # The stream goes on where it was.
        assert psup.has(session.id)
        session.signal("TERM")
        assert next(event for event in events if event["event"] == "exited" and event["id"] == session.id)
    assert "signal 9" in str(failures[0]) and psup.pid != lost


def test_a_question_is_asked_again_when_the_connection_is_lost(psup, psup_session):
    session = psup_session(["cat"])
    held = []
    waiting = threading.Thread(target=lambda: held.append(session.wait(text="^found", timeout=60)))
    waiting.start()
    os.kill(psup.pid, signal.SIGKILL)
    assert psup.has(session.id)
    session.sendline("found")
    waiting.join(60)
    assert held[0]["verdict"] == "held"


def test_a_follower_misses_no_byte_and_gets_none_twice_over_lost_connections(psup, psup_session):
    script = "stty -echo; echo ready; while read from to; do seq $from $to; done"
    session = psup_session(["/bin/sh", "-c", script])
    data, position, block = b"", 0, 0
    for piece in session.read(since=0, follow=True):
        assert piece.offset == position and piece.gap is None
        position = piece.end
        data += piece.data
        if data.endswith(b"%d0000\r\n" % block if block else b"ready\r\n"):
            block += 1
            if block > 6:
                break
            kill(psup)
            # A question is asked until it is answered, over another connection.
            assert psup.has(session.id)
            session.send(f"{block - 1}0001 {block}0000", enter=True, secret=True)
        else:
            kill(psup)
    assert data.decode().split() == ["ready", *[str(n) for n in range(1, 60001)]]


def kill(psup) -> None:
    """Kills `psup rpc`, if it runs."""
    try:
        os.kill(psup.pid, signal.SIGKILL)
    except ProcessLookupError:
        # It has been killed, and there is not another one yet.
        pass


def test_a_stream_that_nobody_reads_keeps_no_more_than_its_limit(psup, psup_session, monkeypatch):
    monkeypatch.setattr("psup._sync._stream.STREAM_LIMIT", 100_000)
    session = psup_session(["/bin/sh", "-c", "seq 1 100000"])
    session.wait(exit=True, timeout=60)
    pieces = session.read(since=0, follow=True)
    first = next(pieces)
    call = pieces._call
    with call._changed:
        assert call._changed.wait_for(lambda: call._end is not None, 60)
    # Others are answered while it fills.
    assert psup.has(session.id) is False
    rest = b"".join(piece.data for piece in pieces)
    assert (first.data + rest).decode().split() == [str(n) for n in range(1, 100001)]
    assert call.is_cut


def test_many_threads_share_a_client(psup, psup_session):
    session = psup_session(["cat"])
    wrong = []

    def talk(number: int) -> None:
        for turn in range(5):
            word = f"w{number}-{turn}-"
            offset = session.sendline(word)
            held = session.wait(text=f"^{word}", since=offset, timeout=60)
            if held["held"][0]["match"]["text"] != word:
                wrong.append(held)

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_close_ends_what_is_open_and_leaves_sessions(psup, psup_session):
    session = psup_session(["cat"])
    dir_flag = next(word for word in psup._transport.argv if word.startswith("--dir="))
    other = package.connect(dir=dir_flag[len("--dir=") :])
    failures = []

    def wait() -> None:
        try:
            other.wait(session.id, text="never")
        except package.Error as error:
            failures.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not other._transport._connection.open:
        pass
    other.close()
    waiting.join(60)
    assert isinstance(failures[0], package.Cancelled) or isinstance(failures[0], package.ConnectionLost)
    assert psup.has(session.id)
    with pytest.raises(package.ConnectionLost, match="closed"):
        other.list()


def test_with_stops_the_session_unless_it_is_kept(psup):
    with package.Session("ends", ["cat"], client=psup):
        assert psup.has("ends")
    assert not psup.has("ends")
    with package.Session("stays", ["cat"], client=psup, keep=True):
        pass
    assert psup.has("stays")
    with psup.session("stays") as again:
        again.sendline("x")
        again.expect("x")
    assert not psup.has("stays")
    assert psup.ensure("there", ["cat"]).id == psup.ensure("there", ["cat"]).id
    psup.stop(["there"])


def test_text_of_a_file_name_that_is_no_unicode_goes_as_bytes():
    params = {}
    text_of_send(params, "a\udcff")
    assert params == {"raw_hex": ["61ff"]}
