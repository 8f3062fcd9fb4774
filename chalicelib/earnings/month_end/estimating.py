"""What partners would get if the open month ended as it stands: a close's steps, without its entries."""

from datetime import datetime

from chalicelib.earnings.dues import booking
from chalicelib.earnings.month_end import line
from chalicelib.earnings.month_end.closing import Tell
from chalicelib.earnings.records import months, runs
from chalicelib.earnings.records.forward import Overtaken
from chalicelib.earnings.rules.chain import open_month
from chalicelib.kit import clock


def estimate_open(at: datetime, tell: Tell = lambda _: None) -> list[str]:
    """Estimate every month that has begun and is not closed, here; which they were."""
    booking.book_payments(at)
    begun = _begun(at)
    for month in begun:
        _estimate(month, at, tell)
    return begun


def ask(at: datetime) -> None:
    """Have them estimated by messages."""
    for month in _begun(at):
        run = line.begin_estimate(month, at)
        if run:
            line.tell_missing(run)


def _begun(at: datetime) -> list[str]:
    present = clock.month_of(at)
    return sorted({open_month(months.all_months(), present), present})


def _estimate(month: str, at: datetime, tell: Tell) -> None:
    """Dues count as if they all came in; reading as far as it has gone. A close that overtakes it wins."""
    run = line.begin_estimate(month, at)
    try:
        if run:
            line.finish_here(run, at, tell)
            runs.forget(run)
    except Overtaken:
        return
