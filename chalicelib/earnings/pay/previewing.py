"""The dry run: what paying a month would do now, by the same decisions, and without doing it."""

from collections import defaultdict

from chalicelib.earnings.pay.standings import pending, standings
from chalicelib.earnings.records import months
from chalicelib.earnings.rules.chain import check_payable
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.preview import Preview, Row, by_partner, row_of
from chalicelib.kit.refusals import Conflict
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import bank

ROWS_MAX = 5_000  # within the thirty seconds that a request has


def preview(month: str, *, rows_max: int | None = None) -> Preview:
    """Raises Conflict when the month can't be paid, or has more partners than may be asked for at once."""
    check_payable(month, months.all_months())
    rows: list[Row] = []
    waiting: dict[str, list[Payout]] = defaultdict(list)
    for each in pending():
        waiting[each.partner].append(each)
    for seen in standings(month):
        rows.append(row_of(seen, waiting[seen.partner]))
        if rows_max and len(rows) > rows_max:
            raise Conflict(
                f"More than {rows_max:,} partners have a balance: `python -m infra.month pay {month} "
                "--dry-run` prints them all, `propose` proposes them.",
                code=40911,
            )
    balance = bank().balance()
    return Preview(
        month=month,
        currency=settings().currency,
        rows=by_partner(rows),
        available_minor=balance.available_minor,
        pending_minor=balance.pending_minor,
    )
