"""Starting and stopping the stand-in, in its own process or inside a test."""

import threading

from infra.stripe_stand_in import KEY, SECRET, SECRET_ACCOUNTS
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.catalogue import stock
from infra.stripe_stand_in.clock import Clock
from infra.stripe_stand_in.server import Handler, Server, StandIn
from infra.stripe_stand_in.webhooks import Endpoint, Post

# How soon it notices that it is to stop.
POLL_S = 0.05
NOWHERE = {"account": ("", SECRET), "accounts": ("", SECRET_ACCOUNTS)}


def start(
    port: int = 0,
    *,
    webhooks: dict[str, tuple[str, str]] | None = None,
    state_file: str = "",
    clock_file: str = "",
    key: str = KEY,
) -> Server:
    """A server on loopback, answering when this returns; port 0 takes any free one."""
    server = Server(("127.0.0.1", port), Handler)
    books = Books(Clock(clock_file), url=f"http://localhost:{server.server_address[1]}")
    if state_file:
        books.load(state_file)
    stock(books)
    endpoints = {name: Endpoint(*each) for name, each in (webhooks or NOWHERE).items()}
    server.stand_in = StandIn(books, Post(books, endpoints), key, state_file)
    server.stand_in.post.start()
    threading.Thread(target=server.serve_forever, args=(POLL_S,), name="stand-in", daemon=True).start()
    return server


def stop(server: Server) -> None:
    """No more requests, no more deliveries, everything saved."""
    server.stand_in.stopping.set()
    server.shutdown()
    server.stand_in.post.stop()
    server.stand_in.save()
    server.server_close()
