"""Prints the skill of a release: skill.py PACKAGES

With PSUP_URL, the address at which the release's files lie, OpenClaw can also download the tarball of this machine's
architecture, whose checksum is in the skill then. Without it the skill is as it stands in the repository.
"""

import hashlib
import os
import sys
from pathlib import Path

skill = Path(os.environ["root"], "skills/psup/SKILL.md").read_text()
url = os.environ.get("PSUP_URL")
if url:
    name = f"psup-{os.environ['version']}-{os.environ['arch']}-linux.tar.gz"
    digest = hashlib.sha256(Path(sys.argv[1], name).read_bytes()).hexdigest()
    entry = f"""\
      - id: download
        kind: download
        url: {url}/{name}
        sha256: {digest}
        archive: tar.gz
        stripComponents: 1
        bins:
          - psup
        label: Download psup (Linux {os.environ['arch']})
"""
    head, body = skill.split("\n---\n", 1)
    skill = f"{head}\n{entry}---\n{body}"
print(skill, end="")
