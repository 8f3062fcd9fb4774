"""What earnings.html is given of all months: each month, each payout, and when what is held is let go."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.earnings.rules.months import cut_off, month_after
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.sheets import Sheet
from chalicelib.earnings.service import Account
from chalicelib.kit import clock
from chalicelib.kit.money import micros_of
from chalicelib.web import filters

PLOTTED = 12
LATER_MAX = 24  # closes to look ahead to; no hold lasts so long


def by_month(ink: Sequence[Sheet], pencil: Sequence[Sheet]) -> list[dict[str, Any]]:
    """The last twelve months in which something was earned or moved, oldest first."""
    settled = {each.month for each in ink}
    both = {each.month: each for each in [*pencil, *ink]}
    return [_month(both[month], closed=month in settled) for month in sorted(both)[-PLOTTED:]]


def history(payouts: Sequence[Payout]) -> list[dict[str, Any]]:
    """Every payout that was decided, newest first."""
    return [_payout(each) for each in reversed(payouts)]


def account(found: Account, minimum_minor: int) -> dict[str, Any]:
    return {
        "balance": found.balance,
        "on_its_way": found.on_its_way,
        "held": found.held,
        "minimum": micros_of(minimum_minor),
        "withheld": _percent(found.withholding.rate_bps) if found.withholding.rate_bps else "",
    }


def release(
    ink: Sequence[Sheet], pencil: Mapping[str, Sheet], next_close: str, policy: EarningsPolicy
) -> dict[str, Any]:
    """At which closes what is held can be let go: some at the next, all at the last of these.

    `released` is what the estimate expects of the next one, and `last` is None where nothing tells.
    """
    estimate = pencil.get(next_close)
    expected = max(0, estimate.released_micros + estimate.adjustments_micros) if estimate else 0
    held_in = [each.month for each in ink if each.held_micros]
    return {
        "days": policy.hold_days,
        "next": _closes(next_close, policy),
        "expected": expected,
        "last": _last_close(held_in[-1], next_close, policy) if held_in else None,
    }


def _month(sheet: Sheet, *, closed: bool) -> dict[str, Any]:
    return {
        "month": sheet.month,
        "url": f"/earnings/{sheet.month}",
        "closed": closed,
        "readers": sheet.readers,
        "micros": sheet.earned_micros,
        "held": sheet.held_micros,
        "released": sheet.released_micros,
        "balance": sheet.balance_micros,
    }


def _payout(each: Payout) -> dict[str, Any]:
    return {
        "month": each.month,
        "leaving": each.leaving,
        "decided": clock.parse(each.decided_at),
        "micros": each.micros,
        "withheld": micros_of(each.withheld_minor),
        "authority": each.authority,
        "sent": micros_of(each.sent_minor),
        "reversed": micros_of(each.reversed_minor),
        "says": _payout_says(each),
        "transfer": each.transfer_id,
    }


def _payout_says(each: Payout) -> str:
    if each.state == "sent":
        return f"Sent on {filters.day(clock.parse(each.sent_at))}"
    return f"Not sent yet: {each.refusal}" if each.refusal else "On its way to your account at Stripe"


def _percent(bps: int) -> str:
    """Basis points: 3000 is `30 %`, 1250 is `12.5 %`."""
    return f"{bps // 100}.{bps % 100:02}".rstrip("0").rstrip(".") + " %"


def _closes(month: str, policy: EarningsPolicy) -> tuple[str, datetime]:
    return month, cut_off(month, policy.grace_hours)


def _last_close(held_in: str, next_close: str, policy: EarningsPolicy) -> tuple[str, datetime] | None:
    """The first close at which even a card that was new at the end of `held_in` is old enough."""
    young_until = cut_off(held_in, policy.grace_hours).timestamp() + policy.hold_days * 86_400
    coming = (month_after(next_close, later) for later in range(LATER_MAX))
    closes = (_closes(month, policy) for month in coming)
    return next((each for each in closes if each[1].timestamp() >= young_until), None)
