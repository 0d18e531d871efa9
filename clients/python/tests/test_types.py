"""The package is typed, and what is generated is what psup tells."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CLIENT = Path(__file__).resolve().parents[1]

USER = """
import asyncio
import psup
from psup import aio
from psup.types import Info


def sync() -> None:
    with psup.connect(dir="/tmp/x") as p, psup.Session("a", ["cat"], client=p, restart="always") as s:
        info: Info = s.info()
        code: int | None = info["exit"]["code"] if info["exit"] else None
        held = s.wait(text="x", timeout=1.5, in_="screen")["held"]
        if held and held[0]["match"]:
            print(held[0]["match"]["groups"], code)
        for piece in s.read(follow=True):
            print(piece.offset + 1, piece.text)
        index: int = s.expect(["a", psup.EOF])
        print(s.exec("ls").code, index, [event["seq"] for event in p.events()])


async def later() -> None:
    async with await aio.connect() as p:
        async for event in p.events(since=0):
            print(event["event"], (await p.status())["survival"])


asyncio.run(later())
"""


def test_the_package_and_a_program_that_uses_it_pass_mypy(tmp_path):
    pytest.importorskip("mypy")
    program = tmp_path / "program.py"
    program.write_text(USER)
    argv = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "-p", "psup", "-m", "program"]
    environment = {**os.environ, "MYPYPATH": str(tmp_path)}
    # From the client's directory, where the package is found.
    done = _run(argv, environment, CLIENT)
    assert done.returncode == 0, done.stdout


def test_what_is_generated_is_up_to_date():
    done = _run([sys.executable, str(CLIENT.parent / "generate"), "--check"], dict(os.environ), CLIENT)
    assert done.returncode == 0, done.stdout


def _run(argv, environment, directory):
    return subprocess.run(
        argv, cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
