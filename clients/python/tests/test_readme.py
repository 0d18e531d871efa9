"""The examples of the README do what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CLIENT = Path(__file__).resolve().parents[1]
EXAMPLES = re.findall(r"```python\n(.*?)```", (CLIENT / "README.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example(number, psup_client, tmp_path):
    example = EXAMPLES[number]
    directory = next(word for word in psup_client._transport.argv if word.startswith("--dir="))[len("--dir=") :]
    environment = {**os.environ, "PYTHONPATH": str(CLIENT), "PSUP_DIR": directory}
    path = tmp_path / "test_example.py"
    path.write_text(example)
    argv = [sys.executable, str(path)]
    if "def test_" in example:
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "psup.pytest_plugin", "-p", "no:cacheprovider", str(path)]
    done = subprocess.run(
        argv, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
    assert done.returncode == 0, done.stdout
    assert psup_client.list() == []
