"""Makes the environments of the peers: each its own under `.peers/`, from its lock, and again when the lock changes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
UV = ROOT / ".tools" / "bin" / "uv"
FOLDER = ROOT / ".peers"


class NotInstalled(Exception):
    """A peer's environment cannot be made on this machine; the text says why."""


def environment(name: str) -> Path:
    """The Python of a peer's environment, made where it is missing or older than its lock. Raises NotInstalled."""
    lock, own = ROOT / "requirements" / f"peer-{name}.txt", FOLDER / name
    python, stamp = own / "bin" / "python", own / ".stamp"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return python
    if not UV.exists():
        raise NotInstalled("the installer is missing: make .venv")
    _run("venv", "-q", "--clear", "--python", sys.executable, str(own))
    _run("pip", "sync", "-q", "--python", str(python), "--require-hashes", str(lock))
    stamp.write_text(wanted, "utf-8")
    return python


def _run(*words: str) -> None:
    """Run the installer as the Makefile does: no settings of the machine, no Python from elsewhere."""
    settings = {"UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "true", "UV_NO_PROGRESS": "1"}
    done = subprocess.run(
        [UV, "--no-config", *words], env=os.environ | settings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotInstalled(done.stderr.strip() or f"the installer ended with {done.returncode}")
