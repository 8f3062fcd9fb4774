"""Keeps the listening sockets while the serving process is exchanged: requests wait, none is lost."""

import signal
import socket
import subprocess
import sys
import threading
from importlib.util import cache_from_source
from pathlib import Path

from watchfiles import watch

from infra import environments, processes, web
from infra.environments import ROOT

WATCHED = ("app.py", "chalicelib", "infra", "web")
SOURCES = (".py", ".html", ".css", ".js", ".mjs", ".json", ".svg", ".txt", ".yaml")
GENERATED = ("node_modules", "__pycache__", "package-lock.json")
DEBOUNCE_MS, STEP_MS = 100, 30


class Server:
    """The serving process, and its exchange for a fresh one whenever a source has changed."""

    def __init__(self, sockets: list[socket.socket], state: Path, environment: dict[str, str]) -> None:
        self.sockets, self.state, self.environment = sockets, state, environment
        self.log = state / "server.log"
        self.process: subprocess.Popen[bytes]
        self.up = threading.Event()

    def start(self) -> None:
        numbers = tuple(each.fileno() for each in self.sockets)
        command = [sys.executable, "-m", "infra.serve", *map(str, numbers), str(self.state)]
        self.process = processes.start(command, env=self.environment, log=self.log, pass_fds=numbers)

    def stop(self) -> None:
        if hasattr(self, "process"):
            processes.stop(self.process)

    def watching(self, ended: threading.Event) -> threading.Thread:
        """Watches from now on, so that no change is missed; exchanges the process once it is `up`."""
        thread = threading.Thread(target=self._watch, args=(ended,), daemon=True)
        thread.start()
        return thread

    def _watch(self, ended: threading.Event) -> None:
        paths = [ROOT / name for name in WATCHED if (ROOT / name).exists()]
        for changes in watch(
            *paths, debounce=DEBOUNCE_MS, step=STEP_MS, stop_event=ended, raise_interrupt=False
        ):
            changed = [Path(path) for _, path in changes]
            if any(_matters(path) for path in changed) and self.up.wait(processes.STARTING_S):
                self._exchange(changed)

    def _exchange(self, changed: list[Path]) -> None:
        if any(path.is_relative_to(web.WEB) for path in changed):
            try:
                web.build()
            except (subprocess.CalledProcessError, environments.Missing) as error:
                print(f"web/ was not built: {error}", flush=True)
        for path in changed:
            # Compiled code is trusted by second and size, and two edits may fall into one second.
            Path(cache_from_source(str(path))).unlink(missing_ok=True)
        print(f"Reloading for {changed[0].relative_to(ROOT)}", flush=True)
        processes.stop(self.process, signal.SIGHUP)
        self.start()


def _matters(path: Path) -> bool:
    return path.suffix in SOURCES and not any(part in GENERATED for part in path.parts)
