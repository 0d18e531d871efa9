"""Makes the wheel: wheel.py TREE OUT

It holds the binary, for `pip`, `pipx` and `uv tool install`, as maturin's `bindings = "bin"` would; made here because
the binary exists already. The Python client, the package `psup`, is inside, too.
"""

import base64
import hashlib
import os
import re
import sys
import time
import zipfile
from pathlib import Path

tree, out = map(Path, sys.argv[1:])
root, version, arch = Path(os.environ["root"]), os.environ["version"], os.environ["arch"]
moment = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
# Static: it needs neither a glibc nor a musl, so it fits both.
tags = [f"manylinux2014_{arch}", f"musllinux_1_1_{arch}"]
info = f"psup-{version}.dist-info"

METADATA = f"""\
Metadata-Version: 2.4
Name: psup
Version: {version}
Summary: Keep terminal programs alive, and within reach of programs
License-Expression: MIT OR Apache-2.0
Requires-Python: >=3.9
Description-Content-Type: text/markdown

A session supervisor for AI agents, scripts and people: `psup help`.

"""
# The client's README, without links that lead into the repository.
METADATA += re.sub(r"\[([^]]+)\]\(\.\./[^)]*\)", r"\1", (root / "clients/python/README.md").read_text())
# pytest finds the fixtures by this.
ENTRY_POINTS = "[pytest11]\npsup = psup.pytest_plugin\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: psup\nRoot-Is-Purelib: false\n" + "".join(f"Tag: py3-none-{t}\n" for t in tags)

files = {f"psup-{version}.data/scripts/psup": ((tree / "bin/psup").read_bytes(), 0o755)}
for path in sorted((tree / "share").rglob("*")):
    if path.is_file() and "doc" not in path.parts:
        files[f"psup-{version}.data/data/{path.relative_to(tree)}"] = (path.read_bytes(), 0o644)
client = root / "clients/python"
for path in sorted((client / "psup").rglob("*")):
    if path.suffix in (".py", ".pyi") or path.name == "py.typed":
        files[str(path.relative_to(client))] = (path.read_bytes(), 0o644)
for name in ("LICENSE-MIT", "LICENSE-APACHE"):
    files[f"{info}/licenses/{name}"] = ((root / name).read_bytes(), 0o644)
files[f"{info}/entry_points.txt"] = (ENTRY_POINTS.encode(), 0o644)
files[f"{info}/METADATA"] = (METADATA.encode(), 0o644)
files[f"{info}/WHEEL"] = (WHEEL.encode(), 0o644)

record = ""
for name, (data, _) in files.items():
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    record += f"{name},sha256={digest},{len(data)}\n"
files[f"{info}/RECORD"] = ((record + f"{info}/RECORD,,\n").encode(), 0o644)

with zipfile.ZipFile(out / f"psup-{version}-py3-none-{'.'.join(tags)}.whl", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
    for name, (data, mode) in files.items():
        entry = zipfile.ZipInfo(name, moment)
        entry.external_attr = (0o100000 | mode) << 16
        entry.create_system = 3
        entry.compress_type = zipfile.ZIP_DEFLATED
        wheel.writestr(entry, data)
