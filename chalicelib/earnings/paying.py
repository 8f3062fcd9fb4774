"""Sending what was decided: once, and booked when it is known to be sent.

Whatever interrupts it, the next try finds a payout that is pending. If its key may have been used, a transfer
is looked for first, and what is found is booked; otherwise it is sent, under the same key. Stripe may forget
a key after a day: from 23 hours on two looks, a minute apart, come before it is used again. Only a recorded
definite no lets the key change. One tries at a time: a try lasts no longer than its lease.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.earnings import deciding, ledger
from chalicelib.earnings.deciding import units
from chalicelib.earnings.records import payouts as records
from chalicelib.earnings.rules.ledger import pay_entry
from chalicelib.earnings.rules.payouts import Payout, must_look_again
from chalicelib.kit import clock, queues, table, telemetry
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import Unavailable
from chalicelib.kit.stripe_bank import BankRefused, BankUnknown, bank

TRY_LASTS = timedelta(
    minutes=3
)  # the function that pays is ended after one minute, the bank gives up earlier
LOOK_AGAIN_S = 70

Tell = Callable[[str], None]


class Busy(Unavailable):
    """Another is sending this payout now."""


def quiet(_: str) -> None:
    """Nobody watches."""


def pay_here(month: str, at: datetime, tell: Tell = quiet) -> int:
    """Send in this process what is pending, then what is newly decided; how many were sent."""
    sent = sum(_told(each, at, tell) for each in deciding.pending(month))
    return sent + sum(_told(each, at, tell) for each in deciding.decide(month, at))


def pay_by_queue(month: str, at: datetime) -> int:
    """A message for each payout, the pending ones again; how many."""
    waiting = deciding.pending(month)
    _tell_queue(waiting, at)
    decided = deciding.decide(month, at)
    _tell_queue(decided, at)
    return len(waiting) + len(decided)


def hear(event: Mapping[str, Any]) -> dict[str, Any]:
    """The queue `payouts`: one message a partner."""
    return queues.each_fact(event, lambda fact: _hear(fact, clock.now()))


def pay(month: str, partner: str, at: datetime) -> Payout:
    """Send a payout, or find that it was sent, and book it; the payout as it stands then.

    Raises BankUnknown when nobody knows what became of it, Busy while another try lasts: come again.
    """
    payout = _payout(month, partner)
    if payout.state == "sent":
        return payout
    if not records.take(payout, at, TRY_LASTS):
        return _left_to_another(month, partner)
    try:
        return _sent_before(payout, at) if payout.tried_at else _send(payout, at)
    except BankUnknown:
        records.leave(payout)
        raise


def _left_to_another(month: str, partner: str) -> Payout:
    payout = _payout(month, partner)
    if payout.state == "sent":
        return payout
    raise Busy("This payout is being sent at this moment.", retry_after_s=int(TRY_LASTS.total_seconds()))


def _sent_before(payout: Payout, at: datetime) -> Payout:
    """An earlier try may have reached Stripe: look first."""
    found = bank().find_transfers(payout.group, to=payout.account_id)
    if found:
        return _book(payout, found[0].id, at)
    if must_look_again(payout, at):
        records.look(payout, at)
        return _payout(payout.month, payout.partner)
    return _send(payout, at)


def _send(payout: Payout, at: datetime) -> Payout:
    to = payout.account_id
    try:
        transfer = bank().transfer(payout.amount_minor, to=to, group=payout.group, key=payout.key)
    except BankRefused as refused:
        telemetry.log.warning("a payout was refused", extra={"group": payout.group, "code": refused.code})
        records.refuse(payout, code=refused.code, why=str(refused))
        return _payout(payout.month, payout.partner)
    return _book(payout, transfer.id, at)


def _book(payout: Payout, transfer_id: str, at: datetime) -> Payout:
    """The transfer exists: entry, state and reserve together."""
    entry = pay_entry(payout.month, payout.partner, payout.amount_minor)
    ledger.post(
        entry, at, lambda transaction: records.settle(transaction, payout, transfer_id=transfer_id, at=at)
    )
    return _payout(payout.month, payout.partner)


def _payout(month: str, partner: str) -> Payout:
    found = table.fetch_one(records.wanted_payout(month, partner))
    if found is None:
        raise AssertionError(f"no payout of {month} was decided for {partner}")
    return found


def _tell_queue(payouts: Iterable[Payout], at: datetime) -> None:
    when = clock.rfc3339(at)
    facts = [
        Fact("payout.decided", each.partner, each.attempt, when, about={"month": each.month})
        for each in payouts
    ]
    queues.tell("payouts", facts)


def _hear(fact: Fact, at: datetime) -> None:
    payout = pay(fact.about["month"], fact.id, at)
    if payout.state == "pending" and payout.looked_at:
        queues.tell("payouts", [fact], delay_s=LOOK_AGAIN_S)


def _told(payout: Payout, at: datetime, tell: Tell) -> bool:
    try:
        done = pay(payout.month, payout.partner, at)
    except (BankUnknown, Busy) as error:
        tell(f"{payout.partner}: {error.message}")
        return False
    tell(f"{payout.partner}: {_said(done)}")
    return done.state == "sent"


def _said(payout: Payout) -> str:
    if payout.state == "sent":
        return f"{units(payout.amount_minor)} sent as {payout.transfer_id}"
    if payout.looked_at:
        return "Stripe knows no transfer; pay again in a minute, to be sure before it is sent again"
    return f"Stripe refused ({payout.refusal_code}): {payout.refusal} Nothing was sent; pay again later."
