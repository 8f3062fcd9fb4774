"""The serving process: the application and its pumps, on sockets that its parent keeps over a reload.

SIGTERM ends it once streams and queues are empty; SIGHUP at once, since the next process goes on with them.

`python -m infra.serve SITE_FD MEDIA_FD STATE_FOLDER`, with the application's settings in the environment.
"""

import logging
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from waitress.server import create_server

from chalicelib.kit.aws import client
from infra import cloud, environments, guard, origins
from infra.adapter import Environ, Reply, StartResponse, Wsgi, gateway, raw_target, send
from infra.local_pages import LocalPages
from infra.pumps import Clients, Pumps

THREADS = 8
DRAINING_S = 15
FINISHING_S, LOOK_EVERY_S, QUIET_LOOKS = 10, 0.02, 4
BUFFERED_BYTES_MAX = 64_000_000


def main(site_fd: int, media_fd: int, folder: Path) -> None:
    endpoint, site_url = os.environ["AWS_ENDPOINT_URL"], os.environ["SITE_URL"]
    guard.install(os.environ)
    module = _application()
    pages = LocalPages(
        module=module,
        endpoint=endpoint,
        clock_file=Path(os.environ["CLOCK_FILE"]),
        stripe_url=os.environ["STRIPE_URL"],
    )
    picture = origins.media(lambda: client("s3"), endpoint, os.environ["MEDIA_BUCKET"], site_url)
    servers = [_server(_site(module, pages), site_fd), _server(picture, media_fd)]
    ended, exchanged = threading.Event(), threading.Event()

    def end(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            exchanged.set()
        ended.set()

    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, end)
    for server in servers:
        threading.Thread(target=server.run, daemon=True).start()
    pumps = _pumps(module, endpoint, folder)
    ended.wait()
    _finish(servers)
    if pumps:
        pumps.stop(0 if exchanged.is_set() else DRAINING_S)


class Broken:
    """Stands in for an application that could not be imported: it says why, until the next change."""

    def __init__(self, why: str) -> None:
        self.why = why

    def app(self, _event: dict[str, Any], _context: Any) -> dict[str, Any]:
        return {"statusCode": 500, "headers": {"Content-Type": "text/plain; charset=utf-8"}, "body": self.why}


def _application() -> Any:
    try:
        import app

        app.app.open()  # what cannot be imported is said at once, not when it is first asked for
    except Exception:
        why = traceback.format_exc()
        print(why, file=sys.stderr, flush=True)
        return Broken(why)
    return app


def _site(module: Any, pages: LocalPages) -> Wsgi:
    files, local, application = (
        origins.static_files(environments.ROOT / "build" / "static"),
        pages.wsgi(),
        gateway(module.app),
    )

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = raw_target(environ)
        try:
            if path.startswith("/static/"):
                return files(environ, start_response)
            if path == "/_local" or path.startswith("/_local/"):
                return local(environ, start_response)
            return application(environ, start_response)
        except Exception:
            why = traceback.format_exc()
            print(why, file=sys.stderr, flush=True)
            return send(Reply(502, [("Content-Type", "text/plain")], why.encode()), environ, start_response)

    return answer


def _server(wsgi: Wsgi, fd: int) -> Any:
    listening = socket.socket(fileno=fd)
    return create_server(
        wsgi,
        sockets=[listening],
        threads=THREADS,
        ident="",
        max_request_body_size=BUFFERED_BYTES_MAX,
        clear_untrusted_proxy_headers=True,
    )


def _finish(servers: list[Any]) -> None:
    """Accept no more, and answer what has been accepted: who comes now waits for the next process."""
    for server in servers:
        server.trigger.pull_trigger(server.del_channel)
    deadline, quiet = time.monotonic() + FINISHING_S, 0
    while quiet < QUIET_LOOKS and time.monotonic() < deadline:
        busy = any(
            _is_busy(channel) for server in servers for channel in list(server.active_channels.values())
        )
        quiet = 0 if busy else quiet + 1
        time.sleep(LOOK_EVERY_S)


def _is_busy(channel: Any) -> bool:
    return bool(channel.requests or channel.request or channel.total_outbufs_len)


def _pumps(module: Any, endpoint: str, folder: Path) -> Pumps | None:
    if isinstance(module, Broken):
        return None
    clients = Clients(*(cloud.client(name, endpoint) for name in ("dynamodb", "dynamodbstreams", "sqs")))
    pumps = Pumps(module, clients, os.environ["TABLE_PREFIX"], folder)
    pumps.start()
    return pumps


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
