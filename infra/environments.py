"""Makes the virtual environments that running, testing and packaging need. Standard library only.

`.venv` is ours; MiniStack, packaging and linting have their own, because each pins what it needs.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.9"
MINISTACK = ("ministack==1.5.33", "aws-sam-translator==1.115.0", "cryptography==50.0.2")
PACKAGING = ("chalice==1.34.0", "pip==26.2.1", "-r", "requirements.txt")
LINTING = ("cfn-lint==1.58.0",)
# No Python is downloaded behind anybody's back, and a company's own certificates are good.
UV_SETTINGS = {"UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "true"}
REQUIREMENTS = ("requirements.txt", "tests/requirements.txt", "infra/layers/month/requirements.txt")
NODE_MIN = 20
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Missing(Exception):
    """Something that we cannot install ourselves; the message says how to get it."""


def development() -> Path:
    """The Python of `.venv`, made with the Python that runs this."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is what tells people so
        raise Missing("Longhand needs Python 3.11 or newer.")
    return _environment(".venv", sys.executable, ("-r", "tests/requirements.txt"))


def ministack() -> Path:
    """Made with the packaging Python where there is one: MiniStack runs functions on its own interpreter."""
    try:
        interpreter = packaging_python()
    except Missing:
        interpreter = sys.executable
    return _environment(".venv-mini", interpreter, MINISTACK)


def packaging() -> Path:
    return _environment(".venv-pack", packaging_python(), PACKAGING)


def linting() -> Path:
    return _environment(".venv-lint", sys.executable, LINTING)


def packaging_python() -> str:
    """A Python 3.13 or 3.12 that really runs: a pyenv shim may be there and exit 127. Raises Missing."""
    for candidate in _candidates():
        if _version(candidate) in ("3.13", "3.12"):
            return candidate
    raise Missing(
        "Packaging needs Python 3.13 or 3.12 (Lambda's, with ready wheels for all we ship). "
        "Get one by `apt-get install python3.13`, `brew install python@3.13` or `pyenv install 3.13`."
    )


def packaging_version() -> str:
    """`3.13` or `3.12`; raises Missing."""
    return _version(packaging_python())


def lay_down(target: Path, requirements: Path, *, platform: str) -> None:
    """Put these requirements, as wheels of that platform for the packaging Python, into a folder."""
    where = ("--target", str(target), "--python-platform", platform, "--only-binary", ":all:")
    _run(
        _uv(),
        "pip",
        "install",
        "-q",
        "--python-version",
        packaging_version(),
        *where,
        "-r",
        str(requirements),
    )


def node() -> str:
    """npm's path; raises Missing."""
    npm, binary = shutil.which("npm"), shutil.which("node")
    if not npm or not binary:
        raise Missing(
            f"Building the editor needs Node {NODE_MIN} or newer, with npm. Get it from nodejs.org."
        )
    found = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    if int(found.lstrip("v").split(".")[0]) < NODE_MIN:
        raise Missing(f"Building the editor needs Node {NODE_MIN} or newer; here is {found.strip()}.")
    return npm


def chromium() -> str:
    """Chromium's path; raises Missing. Nothing here downloads a browser."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise Missing("The browser's tests need Chromium: `apt-get install chromium`.")


def _candidates() -> Iterator[str]:
    for version in ("3.13", "3.12"):
        yield f"python{version}"
        for home in filter(None, (os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv"))):
            yield from map(str, sorted(Path(home).glob(f"versions/{version}*/bin/python"), reverse=True))


def _version(interpreter: str) -> str:
    """`3.13`, or nothing when it does not run."""
    ask = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([interpreter, "-c", ask], capture_output=True, text=True, timeout=20)
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _environment(name: str, interpreter: str, wants: tuple[str, ...]) -> Path:
    """Made once, and again whenever what it wants has changed."""
    folder, python, stamp = ROOT / name, ROOT / name / "bin" / "python", ROOT / name / ".wants"
    wanted = _digest(wants)
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"Making {name} ...", file=sys.stderr, flush=True)
    uv = _uv()
    if not python.exists():
        _run(uv, "venv", "-q", "-p", _real(interpreter), str(folder))
    _run(uv, "pip", "install", "-q", "-p", str(python), *wants)
    stamp.write_text(wanted)
    return python


def _digest(wants: tuple[str, ...]) -> str:
    files = [ROOT / name for name in REQUIREMENTS] if "-r" in wants else []
    content = "".join(wants) + "".join(file.read_text(encoding="utf-8") for file in files)
    return hashlib.sha256(content.encode()).hexdigest()


def _uv() -> str:
    """uv from `.venv`, PATH or PyPI, in this order; pip alone takes 16 times as long."""
    ours = ROOT / ".venv" / "bin" / "uv"
    if ours.exists():
        return str(ours)
    bootstrap = ROOT / ".local" / "uv" / "bin"
    if not (bootstrap / "uv").exists():
        if found := shutil.which("uv"):
            return found
        try:
            subprocess.run([sys.executable, "-m", "venv", str(bootstrap.parent)], check=True)
        except subprocess.CalledProcessError as error:
            raise Missing("This Python cannot make environments: `apt-get install python3-venv`.") from error
        subprocess.run([str(bootstrap / "python"), "-m", "pip", "install", "-q", UV], check=True)
    return str(bootstrap / "uv")


def _real(interpreter: str) -> str:
    """uv itself asks shims for their version and fails; the interpreter knows where it really is."""
    ask = "import sys; print(sys._base_executable if sys.prefix != sys.base_prefix else sys.executable)"
    return subprocess.run([interpreter, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, env=os.environ | UV_SETTINGS, check=True)


if __name__ == "__main__":
    try:
        for name in sys.argv[1:] or ["development"]:
            print(globals()[name]())
    except (Missing, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
