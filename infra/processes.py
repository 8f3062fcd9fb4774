"""Processes that we start, and end by their own id: never by name, never all at once."""

import http.client
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

STOPPING_S = 20
STARTING_S = 60
# Below the ports that the system hands out by itself: there, a client asking a dead port may reach itself.
OURS = (20_000, 31_000)


class NotStarted(Exception):
    """A process ended, or did not answer in time; the message says where its log is."""


def start(
    command: list[str],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path | None = None,
    pass_fds: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """The process, in a session of its own, so that Ctrl-C reaches us alone and we choose the order."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            pass_fds=pass_fds,
            start_new_session=True,
        )


def stop(process: subprocess.Popen[bytes] | None, how: int = signal.SIGTERM) -> None:
    """Asks it to end, and waits; kills what does not listen."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(STOPPING_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = STARTING_S) -> None:
    """Returns once `url` answers below 500; raises NotStarted when the process ends or time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotStarted(f"It ended with {process.returncode}. Its log is {log}:\n{_tail(log)}")
        if answers(url):
            return
        time.sleep(0.05)
    raise NotStarted(f"It did not answer at {url} within {seconds:.0f} s. Its log is {log}:\n{_tail(log)}")


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - always our own http address
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, http.client.HTTPException):
        return False


def free_port() -> int:
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of `count` neighbouring ports that are all free."""
    while True:
        port = random.randint(*OURS)  # noqa: S311 - any free one will do
        if all(is_free(port + n) for n in range(count)):
            return port


def is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def bare_environment() -> dict[str, str]:
    """Only what a process needs of ours: MiniStack hands its own environment to every function."""
    return {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SSL_CERT_FILE") if name in os.environ
    }


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:] if log.exists() else ""
