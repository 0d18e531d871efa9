"""Where the psup binary is: an argument, `PSUP_BIN`, the one of this wheel, or the `PATH`."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Optional, Union

from ._errors import Unreachable


def find(binary: Optional[Union[str, "os.PathLike[str]"]] = None) -> str:
    """The path of the binary; `Unreachable` where there is none."""
    named = os.fspath(binary) if binary is not None else os.environ.get("PSUP_BIN")
    if named:
        found = shutil.which(named)
        if found is None:
            raise Unreachable(f"there is no program {named!r}", "`PSUP_BIN` names the psup binary")
        return found
    # A wheel puts it beside the interpreter's own scripts, which need not be in PATH.
    for directory in (sysconfig.get_path("scripts"), _user_scripts(), str(Path(sys.executable).parent)):
        if directory and (found := shutil.which("psup", path=directory)):
            return found
    found = shutil.which("psup")
    if found is None:
        raise Unreachable("psup is not in PATH", "`pip install psup`, or set PSUP_BIN")
    return found


def _user_scripts() -> Optional[str]:
    scheme = f"{os.name}_user"
    return sysconfig.get_path("scripts", scheme) if scheme in sysconfig.get_scheme_names() else None
