"""`make package`: the one zip and the template that CloudFormation deploys, checked; in build/package/."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import yaml

from infra import bytecode, environments, greedy, web
from infra.environments import ROOT
from infra.layers import month

OUT = ROOT / "build" / "package"
SOURCE = ROOT / "build" / "source"
ZIP, TEMPLATE = OUT / "deployment.zip", OUT / "template.json"
ZIP_BYTES_MAX = 45_000_000
UNPACKED_BYTES_MAX = 250_000_000  # Lambda's own
SHOWN_SHARES = 12


class Unfit(Exception):
    """The package would not run, or not be taken, in the cloud."""


def package() -> Path:
    """Builds and checks; returns the folder with deployment.zip and template.json."""
    if web.WEB.exists():
        web.build()
    _export()
    shutil.rmtree(OUT, ignore_errors=True)
    _chalice()
    bytecode.add(ZIP)
    merged = yaml.safe_load((OUT / "sam.yaml").read_text(encoding="utf-8"))
    TEMPLATE.write_text(json.dumps(greedy.rewrite(merged), indent=1), encoding="utf-8")
    layer = month.build(OUT)
    check_wheels(layer)
    check_wheels(ZIP, beside=_unpacked(layer))
    return OUT


def check_wheels(archive: Path, *, beside: int = 0) -> None:
    """Raises Unfit when something in the zip was built for this machine alone, or it is too large.

    `beside` are the unpacked bytes of the layers that a function has with it.
    """
    with zipfile.ZipFile(archive) as content:
        for name in content.namelist():
            if name.endswith(".dist-info/WHEEL"):
                tags = content.read(name).decode().splitlines()
                if any(tag.startswith("Tag:") and "-linux_" in tag for tag in tags):
                    raise Unfit(
                        f"{name.split('/')[0]} was built from source for this machine, not for Lambda."
                    )
    unpacked = _unpacked(archive) + beside
    if archive.stat().st_size > ZIP_BYTES_MAX or unpacked > UNPACKED_BYTES_MAX:
        raise Unfit(f"The zip has {archive.stat().st_size:,} bytes, {unpacked:,} unpacked: too large.")


def _unpacked(archive: Path) -> int:
    with zipfile.ZipFile(archive) as content:
        return sum(entry.file_size for entry in content.infolist())


def lint(template: Path = TEMPLATE) -> None:
    """Raises Unfit with cfn-lint's findings."""
    cfn_lint = environments.linting().parent / "cfn-lint"
    found = subprocess.run([cfn_lint, str(template)], capture_output=True, text=True)
    if found.returncode:
        raise Unfit(found.stdout + found.stderr)


def shares(archive: Path) -> list[tuple[str, int]]:
    """The largest parts of the zip, in bytes as zipped."""
    sizes: Counter[str] = Counter()
    with zipfile.ZipFile(archive) as content:
        for entry in content.infolist():
            top = entry.filename.split("/")[0].removesuffix(".libs").partition("-")[0]
            sizes[top] += entry.compress_size
    return sizes.most_common(SHOWN_SHARES)


def _export() -> None:
    """Only what is shipped, without what Python or an editor left behind; kept, so that wheels are reused."""
    for name in ("chalicelib", "app.py", "requirements.txt"):
        target = SOURCE / name
        if target.is_dir():
            shutil.rmtree(target)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            SOURCE.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    shutil.copytree(
        ROOT / ".chalice", SOURCE / ".chalice", dirs_exist_ok=True, ignore=shutil.ignore_patterns("deploy*")
    )


def _chalice() -> None:
    """Chalice asks for a region, though it calls no cloud; caches stay out of the zip."""
    python = environments.packaging()
    resources = ROOT / "infra" / "resources.yaml"
    environment = os.environ | {"AWS_DEFAULT_REGION": "us-east-1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(python.parent / "chalice"), "--project-dir", str(SOURCE), "package", "--stage", "main"]
    command += ["--merge-template", str(resources), str(OUT)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise Unfit(done.stdout + done.stderr)


def main() -> int:
    try:
        package()
        lint()
    except (Unfit, environments.Missing) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{ZIP.relative_to(ROOT)}: {ZIP.stat().st_size:,} bytes; cfn-lint finds nothing")
    layer = OUT / month.NAME
    print(f"{layer.relative_to(ROOT)}: {layer.stat().st_size:,} bytes, for the month's functions alone")
    for name, size in shares(ZIP):
        print(f"{size:>12,}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
