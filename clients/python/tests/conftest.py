"""The plugin under test is the one of this directory, installed or not."""

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
os.environ.setdefault("PSUP_BIN", str(HERE.parents[2] / "target/debug/psup"))


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.hasplugin("psup"):
        from psup import pytest_plugin

        config.pluginmanager.register(pytest_plugin, "psup")


@pytest.fixture
def psup(psup_client):
    """A client of the supervisor of this test run."""
    return psup_client


@pytest.fixture
def shell(psup_session):
    """A shell at its prompt."""
    session = psup_session(["bash", "--norc"], env={"PS1": "$ "})
    session.wait(prompt=True, timeout=60)
    return session
