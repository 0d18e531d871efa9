"""The pytest plugin: a supervisor for the run, sessions for the test, screens for failures."""

import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).resolve().parents[1]
TESTS = '''
import os

def test_one(psup_session, psup_client):
    s = psup_session(["cat"], name="one")
    s.sendline("seen")
    s.expect("seen")
    assert psup_client.has("one")

def test_two(psup_client):
    assert not psup_client.list()

def test_three(psup_session):
    s = psup_session(["cat"])
    s.sendline("on the screen")
    s.expect("on the screen")
    assert False
'''


def test_fixtures_clean_up_and_failures_show_screens(tmp_path):
    (tmp_path / "test_inner.py").write_text(TESTS)
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "psup.pytest_plugin", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(argv, cwd=tmp_path, env=_environment(), stdout=subprocess.PIPE, universal_newlines=True)
    assert "1 failed, 2 passed" in done.stdout, done.stdout
    assert "psup screen of cat-" in done.stdout and "on the screen" in done.stdout


def _environment():
    import os

    return {**os.environ, "PYTHONPATH": str(CLIENT)}
