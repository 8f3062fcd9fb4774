"""Sending what was decided: once, and booked when it is known to be sent.

Whatever interrupts it, the next try finds a payout that is pending. If its key may have been used, a transfer
is looked for first, and what is found is booked; otherwise it is sent, under the same key. Stripe may forget
a key after a day: from 23 hours on two looks, a minute apart, come before it is used again. Only a recorded
definite no lets the key change. One tries at a time: a try lasts no longer than its lease.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.earnings.books import ledger, reversing
from chalicelib.earnings.pay import deciding, partners
from chalicelib.earnings.pay.deciding import units
from chalicelib.earnings.records import payouts as records
from chalicelib.earnings.rules.ledger import leave_entry, pay_entry
from chalicelib.earnings.rules.partners import why_not_paid
from chalicelib.earnings.rules.payouts import Payout, must_look_again
from chalicelib.kit import clock, limits, queues, table, telemetry
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import TooMany, Unavailable
from chalicelib.kit.stripe_bank import BankRefused, BankUnknown, bank

# The function that pays is ended after one minute, the bank gives up earlier.
TRY_LASTS = timedelta(minutes=3)
# All that pay, together: Stripe allows 25 calls a second at an address.
TRANSFERS = limits.Limit("transfers", tokens=1, each_ms=50)
TURN_TRIES = 40  # at most a third of a second apart: some ten seconds
DECIDED = "payout.decided"
LOOK_AGAIN_S = 70

Tell = Callable[[str], None]


class Busy(Unavailable):
    """Another is sending this payout now."""


def quiet(_: str) -> None:
    """Nobody watches."""


def pay_here(month: str, at: datetime, tell: Tell = quiet) -> int:
    """Send in this process what is pending, of earlier months too, then what is newly decided; how many."""
    sent = sum(_told(each, at, tell) for each in deciding.pending())
    reversing.sweep(at)
    return sent + sum(_told(each, at, tell) for each in deciding.decide(month, at))


def pay_by_queue(month: str, at: datetime) -> int:
    """A message for each payout, the pending ones of whatever month again; how many."""
    waiting = go_on(at)
    reversing.sweep(at)
    decided = deciding.decide(month, at)
    _tell_queue(decided, at)
    return waiting + len(decided)


def go_on(at: datetime) -> int:
    """A message for each payout that was decided and is not known to be sent; how many."""
    waiting = list(deciding.pending())
    _tell_queue(waiting, at)
    return len(waiting)


def hear(event: Mapping[str, Any]) -> dict[str, Any]:
    """The queue `payouts`: one message a partner."""
    return queues.each_fact(event, lambda fact: _hear(fact, clock.now()))


def pay(month: str, partner: str, at: datetime, *, leaving: bool = False) -> Payout:
    """Send a payout, or find that it was sent, and book it; the payout as it stands then.

    Raises BankUnknown when nobody knows what became of it, Busy while another try lasts, or while Stripe's
    limit is reached: come again.
    """
    payout = _payout(month, partner, leaving)
    if payout.state == "sent":
        return payout
    if not payout.tried_at and not _is_ready(payout):
        return _again(payout)
    payout = _again(payout)
    _take_turn()
    if not records.take(payout, at, TRY_LASTS):
        return _left_to_another(payout)
    try:
        return _sent_before(payout, at) if payout.tried_at else _send(payout, at)
    except BankUnknown:
        records.leave(payout)
        raise


def _is_ready(payout: Payout) -> bool:
    """Whether the partner can be paid now, and it is bound for the account that they have now.

    Before the first try of an attempt no transfer can exist, so the account may still change.
    """
    who = table.fetch_one(partners.wanted_partner(payout.partner))
    if why_not_paid(who) and who and who.account_id and not who.blocked:
        who = partners.refresh(payout.partner)  # Stripe's message may have been lost
    if why := why_not_paid(who):
        records.wait(payout, f"This partner {why}.")
        return False
    if who and who.account_id != payout.account_id:
        records.redirect(payout, who.account_id)
    return True


def _take_turn() -> None:
    """Wait for one of the calls that all together may make; raises Busy if it takes too long."""
    for attempt in range(TURN_TRIES):
        try:
            limits.spend("stripe", TRANSFERS, clock.now())
        except TooMany:
            table.back_off(attempt)
        else:
            return
    raise Busy("Stripe is asked as often as it allows. This payout comes later.", retry_after_s=10)


def _left_to_another(payout: Payout) -> Payout:
    payout = _again(payout)
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
        return _again(payout)
    return _send(payout, at)


def _send(payout: Payout, at: datetime) -> Payout:
    to = payout.account_id
    try:
        transfer = bank().transfer(payout.sent_minor, to=to, group=payout.group, key=payout.key)
    except BankRefused as refused:
        telemetry.log.warning("a payout was refused", extra={"group": payout.group, "code": refused.code})
        records.refuse(payout, code=refused.code, why=str(refused))
        _look_at_account(payout)
        return _again(payout)
    return _book(payout, transfer.id, at)


def _look_at_account(payout: Payout) -> None:
    """A no is often about the account: know how it stands. Stripe's silence now changes nothing."""
    try:
        partners.refresh(payout.partner)
    except (BankRefused, BankUnknown) as error:
        telemetry.log.warning(
            "an account was not looked at", extra={"group": payout.group, "why": str(error)}
        )


def _book(payout: Payout, transfer_id: str, at: datetime) -> Payout:
    """The transfer exists: entry, state and reserve together."""
    build = leave_entry if payout.leaving else pay_entry
    entry = build(
        payout.month,
        payout.partner,
        payout.amount_minor,
        withheld_minor=payout.withheld_minor,
        authority=payout.authority,
    )
    ledger.post(
        entry, at, lambda transaction: records.settle(transaction, payout, transfer_id=transfer_id, at=at)
    )
    return _again(payout)


def _again(payout: Payout) -> Payout:
    """As it stands now."""
    return _payout(payout.month, payout.partner, payout.leaving)


def _payout(month: str, partner: str, leaving: bool) -> Payout:
    found = table.fetch_one(records.wanted_payout(month, partner, leaving=leaving))
    if found is None:
        raise AssertionError(f"no payout of {month} was decided for {partner}")
    return found


def _tell_queue(payouts: Iterable[Payout], at: datetime) -> None:
    when = clock.rfc3339(at)
    facts = [
        Fact(DECIDED, each.partner, each.attempt, when, about={"month": each.month} | _left(each))
        for each in payouts
    ]
    queues.tell("payouts", facts)


def _left(payout: Payout) -> dict[str, str]:
    return {"leaving": "yes"} if payout.leaving else {}


def _hear(fact: Fact, at: datetime) -> None:
    if fact.fact == reversing.REVERSED:
        reversing.hear(fact.id, at)
        return
    payout = pay(fact.about["month"], fact.id, at, leaving="leaving" in fact.about)
    if payout.state == "pending" and payout.looked_at:
        queues.tell("payouts", [fact], delay_s=LOOK_AGAIN_S)


def _told(payout: Payout, at: datetime, tell: Tell) -> bool:
    try:
        done = pay(payout.month, payout.partner, at, leaving=payout.leaving)
    except (BankUnknown, Busy) as error:
        tell(f"{payout.partner}: {error.message}")
        return False
    tell(f"{payout.partner}: {_said(done)}")
    return done.state == "sent"


def _said(payout: Payout) -> str:
    if payout.state == "sent":
        withheld = f", {units(payout.withheld_minor)} withheld" if payout.withheld_minor else ""
        return f"{units(payout.sent_minor)} sent as {payout.transfer_id}{withheld}"
    if payout.refusal_code == records.WAITS:
        return (
            f"{payout.refusal} Nothing was sent; it is kept, and sent when that is mended and you pay again."
        )
    if payout.looked_at:
        return "Stripe knows no transfer; pay again in a minute, to be sure before it is sent again"
    return f"Stripe refused ({payout.refusal_code}): {payout.refusal} Nothing was sent; pay again later."
