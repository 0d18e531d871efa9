"""Fixtures for tests of terminal programs: `psup_session` and `psup_client`.

    def test_greeting(psup_session):
        s = psup_session(["python3", "greet.py"])
        s.expect("name\\\\? ")
        s.sendline("Ada")
        s.expect("hello, Ada")

The supervisor is private to the test run, in a directory of its own; each test's sessions are
stopped at its end. A test that fails shows the screens of its sessions.
"""

from __future__ import annotations

import shutil
import tempfile
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest

from ._errors import Error
from ._sync._client import Client, connect
from ._sync._session import Session, name_of
from ._values import Words

_SESSIONS = "_psup_sessions"


@pytest.fixture(scope="session")
def psup_client() -> Iterator[Client]:
    """A client of a supervisor that is there for this test run alone."""
    # Not pytest's own directory: the path of a socket has to fit in 107 bytes.
    directory = tempfile.mkdtemp(prefix="psup-")
    try:
        with connect(dir=directory) as client:
            try:
                yield client
            finally:
                client.shutdown(force=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def psup_session(psup_client: Client, request: pytest.FixtureRequest) -> Iterator[Callable[..., Session]]:
    """Starts sessions: `psup_session(["bash"], name=None, **options of spawn)`."""
    sessions: List[Session] = []
    setattr(request.node, _SESSIONS, sessions)

    def start(command: Optional[Words] = None, name: Optional[str] = None, **options: Any) -> Session:
        session = Session(name or name_of(command), command, client=psup_client, **options).start()
        sessions.append(session)
        return session

    yield start
    for session in sessions:
        session.__exit__()
        try:
            psup_client.forget(session.name)
        except Error:
            # The test has dropped it.
            pass


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Iterator[None]:
    """Puts the screens of its sessions into the report of a test that fails."""
    outcome: Any = yield
    report = outcome.get_result()
    if not report.failed or call.when != "call":
        return
    screens: Dict[str, str] = {}
    for session in getattr(item, _SESSIONS, []):
        try:
            screens[session.id] = session.screen(last=50)
        except Error as error:
            screens[session.id] = f"({error})"
    for name, screen in screens.items():
        report.sections.append((f"psup screen of {name}", screen))
