"""`python -m infra.stripe_stand_in --port 8002 --state FILE --webhook URL --accounts-webhook URL`."""

import argparse
import signal
import threading
from types import FrameType

from infra.stripe_stand_in import KEY, SECRET, SECRET_ACCOUNTS
from infra.stripe_stand_in.start import start, stop


def main() -> None:
    """Serves on loopback until SIGTERM or Ctrl-C, then saves."""
    wish = _arguments()
    server = start(
        wish.port,
        webhooks={
            "account": (wish.webhook, wish.webhook_secret),
            "accounts": (wish.accounts_webhook, wish.accounts_secret),
        },
        state_file=wish.state,
        clock_file=wish.clock_file,
        key=wish.key,
    )
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, end)
    print(f"Stripe stand-in at {server.stand_in.books.url}", flush=True)
    ended.wait()
    stop(server)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.stripe_stand_in", description=__doc__)
    parser.add_argument("--port", type=int, default=8002, help="0 for any free one")
    parser.add_argument("--state", default="", help="a file that keeps everything between two runs")
    parser.add_argument("--webhook", default="", help="where events go")
    parser.add_argument("--accounts-webhook", default="", help="where thin events about accounts go")
    parser.add_argument(
        "--clock-file", default="", help="the app's CLOCK_FILE, so that both clocks move together"
    )
    parser.add_argument("--key", default=KEY, help="the only API key that is accepted")
    parser.add_argument("--webhook-secret", default=SECRET)
    parser.add_argument("--accounts-secret", default=SECRET_ACCOUNTS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
