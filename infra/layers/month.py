"""The layer of the month: DuckDB, for the functions that compute one; wheels for Lambda's own machine."""

import shutil
import zipfile
from pathlib import Path

from infra import environments
from infra.environments import ROOT

WANTED = Path(__file__).with_name("month") / "requirements.txt"
BUILT = ROOT / "build" / "layers" / "month"
NAME = "layer-month.zip"
STAMP = (2026, 1, 1, 0, 0, 0)  # the same content is the same zip
PLATFORM = "x86_64-manylinux_2_28"  # Amazon Linux 2023 has glibc 2.34


def build(out: Path) -> Path:
    """The layer's zip in this folder; raises Missing without a Python to package with."""
    shutil.rmtree(BUILT, ignore_errors=True)
    environments.lay_down(BUILT / "python", WANTED, platform=PLATFORM)
    archive = out / NAME
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as content:
        for path in sorted(path for path in BUILT.rglob("*") if path.is_file() and path.name != ".lock"):
            entry = zipfile.ZipInfo(str(path.relative_to(BUILT)), STAMP)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            content.writestr(entry, path.read_bytes())
    return archive
