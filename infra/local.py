"""`make run`: the whole product on one machine, started in order, reloaded, stopped in order."""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from infra import cloud, environments, processes, web
from infra.cloud import MiniStack
from infra.environments import ROOT
from infra.reload import Server

BACKLOG = 512


class PortTaken(Exception):
    """Somebody else listens there."""


class Local:
    """One running product: MiniStack, the Stripe stand-in, and the server, on four neighbouring ports."""

    def __init__(self, port: int, state: Path) -> None:
        self.port, self.state = port, state
        self.site_url, self.media_url = f"http://localhost:{port}", f"http://localhost:{port + 1}"
        self.cloud = MiniStack(state, port + 2, keeps=True)
        self.stripe_port = port + 3

    def run(self, *, empty: bool, reloads: bool, ended: threading.Event) -> None:
        """Until `ended` is set; whatever was started is stopped in the reverse order."""
        with ExitStack() as stack:
            sockets = [stack.enter_context(_listen(port)) for port in (self.port, self.port + 1)]
            self.state.mkdir(parents=True, exist_ok=True)
            stack.callback(self.cloud.stop)
            self._start_cloud()
            environment = self._environment()
            stack.callback(processes.stop, self._start_stripe(environment))
            if not empty:
                self._seed(environment)
            server = Server(sockets, self.state, environment)
            stack.callback(server.stop)
            if reloads:
                stack.callback(server.watching(ended).join)
                stack.callback(ended.set)
            server.start()
            processes.wait_for(f"{self.site_url}/healthz", server.process, server.log)
            server.up.set()
            self._greet()
            ended.wait()
            print("Stopping ...", flush=True)

    def _start_cloud(self) -> None:
        # The stream's records did not survive the last stop, so the places in them mean nothing now.
        (self.state / "streams.json").unlink(missing_ok=True)
        self.cloud.start()
        cloud.create(self.cloud.url, {"Prefix": cloud.PREFIX, "SiteUrl": self.site_url})

    def _environment(self) -> dict[str, str]:
        made = cloud.environment(self.cloud.url, self.site_url, self.media_url) | {
            "STRIPE_URL": f"http://localhost:{self.stripe_port}",
            "CLOCK_FILE": str(self.state / "clock"),
            "COMMIT": _commit(),
        }
        (self.state / "environment.json").write_text(json.dumps(made, indent=1))
        return processes.bare_environment() | made | {"PYTHONPATH": str(ROOT)}

    def _start_stripe(self, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        log = self.state / "stripe.log"
        options = {
            "--port": str(self.stripe_port),
            "--state": str(self.state / "stripe.json"),
            "--webhook": f"{self.site_url}/hooks/stripe",
            "--accounts-webhook": f"{self.site_url}/hooks/stripe/accounts",
            "--clock-file": environment["CLOCK_FILE"],
        }
        words = [word for option in options.items() for word in option]
        process = processes.start(
            [sys.executable, "-m", "infra.stripe_stand_in", *words], env=environment, log=log
        )
        processes.wait_for(f"http://localhost:{self.stripe_port}/_stand_in/health", process, log)
        return process

    def _seed(self, environment: dict[str, str]) -> None:
        if not (ROOT / "infra" / "seed" / "__main__.py").exists():
            return
        command = [sys.executable, "-m", "infra.seed"]
        if subprocess.run(command, env=environment, cwd=ROOT).returncode:
            raise processes.NotStarted("The magazine could not be seeded; the reason stands above.")

    def _greet(self) -> None:
        print(
            f"\n  Longhand   {self.site_url}\n"
            f"  Mail       {self.site_url}/_local/mail\n"
            f"  Clock      {self.site_url}/_local/clock\n"
            f"  Stripe     http://localhost:{self.stripe_port}/\n"
            f"  Pictures   {self.media_url}\n"
            f"  Logs       {self.state}/*.log\n\n"
            f"  The operator signs in as {cloud.OPERATOR}. Ctrl-C stops everything.\n",
            flush=True,
        )


def main(words: list[str] | None = None) -> int:
    wish = _arguments(words)
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    # SIGHUP: the terminal was closed.
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, end)
    try:
        _check_ports(wish.port)
        if web.WEB.exists():
            web.build()
        Local(wish.port, wish.state.resolve()).run(empty=wish.empty, reloads=wish.reload, ended=ended)
    except (environments.Missing, processes.NotStarted, PortTaken, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument("--state", type=Path, default=ROOT / ".local", help="where everything is kept")
    parser.add_argument("--empty", action="store_true", help="do not seed the magazine")
    parser.add_argument("--no-reload", dest="reload", action="store_false", help="do not watch the sources")
    return parser.parse_args(words)


def _check_ports(port: int) -> None:
    names = ("the site", "its pictures", "the local cloud", "the Stripe stand-in")
    for number, what in enumerate(names, start=port):
        if not processes.is_free(number):
            raise PortTaken(f"Port {number}, for {what}, is taken. Stop what listens there, or use PORT=…")


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(BACKLOG)
    return listening


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return asked.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
