"""Programs written for pexpect, over `psup.expect`."""

import io
import sys

import pytest
from psup import expect as pexpect


@pytest.fixture(autouse=True)
def shared(psup_client, monkeypatch):
    """The client that is used where none is named is that of this test run."""
    from psup import _default
    from psup._sync._client import Client

    monkeypatch.setitem(_default._clients, Client, psup_client)


def test_a_password_is_asked_for_and_typed():
    script = "import getpass; name = input('name: '); word = getpass.getpass(); print('hello', name, len(word))"
    child = pexpect.spawn(sys.executable, ["-c", script], encoding="utf-8", timeout=60)
    child.logfile_read = io.StringIO()
    child.expect("name: ")
    child.sendline("ada")
    child.expect("(?i)password: ")
    assert child.waitnoecho()
    child.sendline("secret")
    child.expect(["denied", r"hello (\w+) (\d)"])
    assert child.match.groups() == ("ada", "6")
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, child.signalstatus) == (0, None)
    assert "secret" not in child.logfile_read.getvalue()


def test_bytes_are_the_default_and_files_are_read():
    with pexpect.spawn("/bin/sh -c 'printf \"one\\ntwo\\nthree\"; exit 7'", timeout=60) as child:
        assert child.readline() == b"one\r\n"
        assert child.read(2) == b"tw"
        assert child.read() == b"o\r\nthree"
        assert child.wait() == 7 and not child.isalive()
    assert pexpect.run("echo 'a b'") == b"a b\r\n"
    answered = pexpect.run("sh -c 'printf \"why? \"; read x; echo got $x; exit 2'", events=[("why", "so\n")], withexitstatus=True)
    assert answered[1] == 2 and b"got so\r\n" in answered[0]


def test_signals_sizes_and_echo():
    child = pexpect.spawn("cat", echo=False, dimensions=(30, 100), timeout=60)
    assert child.getwinsize() == (30, 100)
    child.setwinsize(20, 60)
    assert child.getwinsize() == (20, 60)
    child.expect(pexpect.TIMEOUT, timeout=0)
    assert child.isalive() and child.pid > 0
    child.kill(15)
    child.expect(pexpect.EOF)
    child.wait()
    assert child.signalstatus == 15 and child.exitstatus is None
    child.close()
    with pytest.raises(ValueError):
        child.expect("more")


def test_a_child_that_nobody_refers_to_is_stopped(psup_client):
    first, second = pexpect.spawn("cat"), pexpect.spawn("cat")
    name = first.name
    del first
    with pexpect.spawn("cat"):
        assert not psup_client.has(name) and psup_client.has(second.name)
    second.close()
    # Stopped, and forgotten.
    assert not {name, second.name} & {one["name"] for one in psup_client.list(all=True)}


def test_logs_control_characters_and_run():
    child = pexpect.spawn("cat", encoding="utf-8", timeout=60)
    child.logfile = io.StringIO()
    child.sendline("word")
    child.expect("word\r\nword\r\n")
    assert (child.sendcontrol("d"), child.sendcontrol("1")) == (1, 0)
    assert child.read() == "" and child.exitstatus == 0, "the end of the output is the end of the program"
    assert child.logfile.getvalue().replace("\x04", "").replace("^D\b\b", "") == "word\nword\r\nword\r\n"
    child.close()
    with pytest.raises(TypeError):
        pexpect.run("cat", events=[("", -1)])
    answers = []
    pexpect.run("sh -c 'printf \"why? \"; read x; echo got $x'", events={"why": lambda state: answers.append(state["child_result_list"][-1]) or "so\n"})
    assert answers == [b"why"]
