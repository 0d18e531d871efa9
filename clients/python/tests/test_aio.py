"""The same with asyncio."""

import asyncio
import os
import signal

import psup as package
import pytest
from psup import aio


@pytest.fixture
def run(psup_client):
    """Runs a test with a client of its own loop."""
    directory = next(word for word in psup_client._transport.argv if word.startswith("--dir="))[len("--dir=") :]

    def run(test):
        async def main():
            async with await aio.connect(dir=directory) as client:
                await asyncio.wait_for(test(client), 60)

        asyncio.run(main())

    return run


def test_a_session_talks(run):
    async def test(client):
        async with aio.Session("aio", ["bash", "--norc"], client=client) as s:
            await s.wait(prompt=True)
            result = await s.exec("echo hi; (exit 4)")
            assert (result.output, result.code) == ("hi\n", 4)
            stream = s.exec_stream("echo a; echo b")
            assert b"".join([piece async for piece in stream]) == b"a\nb\n" and stream.result.code == 0
            async for event in s.events(since=0):
                if event["event"] == "started":
                    break
        async with aio.Session(None, ["cat"], client=client) as s:
            await s.sendline("hello")
            assert await s.expect(["nothing", "hello\r\nhello"]) == 1
            with pytest.raises(package.TIMEOUT):
                await s.expect("never", timeout=0.05)
        assert not await client.has("aio")

    run(test)


def test_many_wait_beside_each_other_and_one_that_is_cancelled_ends(run):
    async def test(client):
        sessions = [await client.spawn(None, ["cat"]) for _ in range(5)]
        waits = [asyncio.create_task(s.wait(text=f"^word {n}")) for n, s in enumerate(sessions)]
        never = asyncio.create_task(sessions[0].wait(text="never"))
        for number, session in enumerate(sessions):
            await session.sendline(f"word {number}")
        assert [held["verdict"] for held in await asyncio.gather(*waits)] == ["held"] * 5
        assert client._transport._connection.open
        never.cancel()
        with pytest.raises(asyncio.CancelledError):
            await never
        # psup ended it, too.
        while client._transport._connection.open:
            await asyncio.sleep(0)
        await client.stop([session.name for session in sessions])

    run(test)


def test_a_lost_connection_is_taken_up(run):
    async def test(client):
        async with aio.Session(None, ["/bin/sh", "-c", "read go; seq 1 20000"], client=client) as s:
            await s.sendline("go")
            data, killed = b"", False
            async for piece in s.read(since=0, follow=True):
                data += piece.data
                if not killed:
                    killed = True
                    os.kill(client.pid, signal.SIGKILL)
            assert data.decode().split()[1:] == [str(n) for n in range(1, 20001)]
            ask = asyncio.create_task(client.spawn("x", ["cat"]))
            await ask
            await client.stop("x")

    run(test)
