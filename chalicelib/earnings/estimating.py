"""What partners would get if the open month ended as it stands: the same rules, on what is known so far."""

from datetime import datetime

from chalicelib.earnings import booking, gathering, policies, taking
from chalicelib.earnings.closing import ESTIMATE, Tell
from chalicelib.earnings.records import months, sheets
from chalicelib.earnings.records.forward import Overtaken
from chalicelib.earnings.rules.chain import open_month
from chalicelib.earnings.rules.forward import Closing
from chalicelib.earnings.rules.month import compute
from chalicelib.earnings.rules.sheets import sheets_of
from chalicelib.kit import clock


def estimate_open(at: datetime, tell: Tell = lambda _: None) -> list[str]:
    """Estimate every month that has begun and is not closed; which they were."""
    booking.book_payments(at)
    taking.book_money_back(at)
    present = clock.month_of(at)
    known = months.all_months()
    begun = sorted({open_month(known, present), present})
    for month in begun:
        _estimate(month, at, tell)
    return begun


def _estimate(month: str, at: datetime, tell: Tell) -> None:
    """Dues count as if they all came in; reading as far as it has gone. A close that overtakes it wins."""
    published = policies.in_force(month)
    try:
        inputs, forward = gathering.gather(month, published, at)
    except Overtaken:
        return
    made = sheets_of(Closing(compute(inputs.frozen()), forward))
    for sheet in made:
        sheets.keep(ESTIMATE, sheet, clock.rfc3339(at))
    tell(f"{month}: {len(made)} partners, by version {published.version} of the rule")
