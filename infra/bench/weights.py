"""What is sent and what is shipped, in bytes: the story's page, the editor, the Lambda zip."""

import gzip
from pathlib import Path

from chalicelib.web import look
from infra.bench import Figure, amount
from infra.environments import ROOT

EDITOR_MAX, SCRIPT_MAX, ZIP_MAX = 170 * 1024, 4 * 1024, 45_000_000


def figures() -> list[Figure]:
    made = [
        amount("the editor, compressed", _zipped("editor.js"), most=EDITOR_MAX, unit="bytes"),
        amount("a story's script, compressed", _zipped("read.js"), most=SCRIPT_MAX, unit="bytes"),
    ]
    package = ROOT / "build" / "package" / "deployment.zip"
    if package.exists():
        made.append(amount("the Lambda zip", package.stat().st_size, most=ZIP_MAX, unit="bytes"))
    return made


def _zipped(name: str) -> int:
    file = ROOT / "build" / look.static(name).removeprefix("/")
    return len(gzip.compress(Path(file).read_bytes(), 9, mtime=0))
