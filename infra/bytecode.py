"""Bytecode for the package: Lambda keeps none that it makes, so each cold start would compile it all."""

import subprocess
import tempfile
import zipfile
from pathlib import Path

from infra import environments

STAMP = (2026, 1, 1, 0, 0, 0)  # the same content is the same zip
UNPACKED_AT = "/var/task"  # where Lambda puts the package, and what a traceback names
# What few requests or none import, left as source so that the zip stays small.
RARE = r"/(reportlab|dns)/"


def add(archive: Path) -> None:
    """Compile the sources in this zip beside them, for the packaging Python; nothing is checked later."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(archive, "a") as content:
        content.extractall(folder)
        _compile(folder)
        for path in sorted(Path(folder).rglob("*.pyc")):
            entry = zipfile.ZipInfo(str(path.relative_to(folder)), STAMP)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            content.writestr(entry, path.read_bytes())


def _compile(folder: str) -> None:
    told = ("--invalidation-mode", "unchecked-hash", "-s", folder, "-p", UNPACKED_AT, "-x", RARE)
    command = [str(environments.packaging()), "-m", "compileall", "-q", *told, folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
