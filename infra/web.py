"""Builds for pages: `npm ci` when the lock file changed, `npm run build` when a source did, the rule."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from infra import environments, rule_page
from infra.environments import ROOT

WEB = ROOT / "web"
BUILT = ROOT / "build" / "static"
MANIFEST = ROOT / "chalicelib" / "web" / "manifest.json"
LETTERS = ROOT / "chalicelib" / "earnings" / "papers" / "prints" / "letters.ttf"
INSTALLED = WEB / "node_modules" / ".installed"
STAMP = ROOT / "build" / ".built"


def build() -> bool:
    """Whether anything had to be built; raises Missing without Node, CalledProcessError when npm fails."""
    has_new_rule = rule_page.build()
    _install()
    wanted = _digest(path for path in WEB.rglob("*") if "node_modules" not in path.parts)
    built = all(path.exists() for path in (MANIFEST, LETTERS, BUILT, STAMP))
    if built and STAMP.read_text() == wanted:
        return has_new_rule
    _npm("run", "build", "--silent")
    STAMP.write_text(wanted)
    return True


def _install() -> None:
    wanted = _digest([WEB / "package-lock.json"])
    if INSTALLED.exists() and INSTALLED.read_text() == wanted:
        return
    print("Installing web/node_modules ...", flush=True)
    _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
    INSTALLED.write_text(wanted)


def _npm(*arguments: str) -> None:
    npm = environments.node()
    subprocess.run([npm, *arguments], cwd=WEB, env=os.environ | {"PYTHON": sys.executable}, check=True)


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        if file.is_file():
            digest.update(str(file.relative_to(WEB)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        print("Built." if build() else "Nothing to build.")
    except environments.Missing as missing:
        sys.exit(str(missing))
