"""Payouts, written before anything is sent, and what of a partner's balance they reserve.

What is on its way is not available to another payout: the reserve moves in the transaction that decides a
payout, on condition that balance and reserve are as they were read, and falls in the one that books it.
"""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.earnings.records import partners, withholding
from chalicelib.earnings.records.ledger import FEATURE, require_balance
from chalicelib.earnings.rules.ledger import partner_account
from chalicelib.earnings.rules.pay import Standing
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit import clock, table

NAMES = frozenset(each.name for each in fields(Payout)) - {"partner", "month", "leaving"}
LEAVING = "leave:"
PENDING = "payouts-pending"
WAITS = "waits"
"""In place of a code of Stripe's: we didn't ask."""


class PayoutRecord(table.Record):
    class Meta:
        feature = FEATURE

    amount_minor = NumberAttribute()
    account_id = UnicodeAttribute()
    decided_at = UnicodeAttribute()
    state = UnicodeAttribute()
    attempt = NumberAttribute()
    tried_at = UnicodeAttribute()
    busy_until = UnicodeAttribute()
    looked_at = UnicodeAttribute()
    transfer_id = UnicodeAttribute()
    sent_at = UnicodeAttribute()
    refusal_code = UnicodeAttribute()
    refusal = UnicodeAttribute()
    withheld_minor = NumberAttribute(default=0)
    authority = UnicodeAttribute(default="")
    reversed_minor = NumberAttribute(default=0)


class MonthsPayoutRecord(table.Record):
    class Meta:
        feature = FEATURE


class PendingPayoutRecord(table.Record):
    class Meta:
        feature = FEATURE


class ReserveRecord(table.Record):
    class Meta:
        feature = FEATURE

    micros = NumberAttribute()


def wanted_payout(month: str, partner: str, *, leaving: bool = False) -> table.Wanted[Payout | None]:
    return table.Wanted(FEATURE, f"partner#{partner}", _sort_key(month, leaving=leaving), _payout)


def wanted_reserve(partner: str) -> table.Wanted[int]:
    read = lambda item: int(item["micros"]) if item else 0  # noqa: E731 - it says what the item means
    return table.Wanted(FEATURE, f"partner#{partner}", "reserve", read)


def payouts_of(partner: str) -> list[Payout]:
    """All that was ever decided for this partner, oldest first: twelve a year."""
    items = table.query_all(FEATURE, f"partner#{partner}", begins="payout#")
    return [found for found in map(_payout, items) if found]


def wanted_payouts_in(
    month: str, *, after: str = "", limit: int = 100
) -> tuple[list[table.Wanted[Payout | None]], str]:
    """A page of the payouts that were decided for this month, to be fetched."""
    items, last = table.query(FEATURE, f"payouts#{month}", after=after, limit=limit, consistent=True)
    return [_wanted_listed(month, item["sk"]) for item in items], last


def wanted_pending(*, after: str = "", limit: int = 100) -> tuple[list[table.Wanted[Payout | None]], str]:
    """A page of the payouts that are not known to be sent, of whatever month, the oldest month first."""
    items, last = table.query(FEATURE, PENDING, after=after, limit=limit, consistent=True)
    names = [each["sk"].partition("#") for each in items]
    return [_wanted_listed(month, listed) for month, _, listed in names], last


def decide(payout: Payout, seen: Standing) -> None:
    """Write it down, and take its amount for it.

    Raises table.Refused when it was decided before, or when anything that decided it is no longer as it was
    read: the balance, what is on its way, the partner, the rate at which is withheld.
    """
    if seen.who is None:
        raise AssertionError("nobody to pay")
    who, reserved = seen.who, seen.reserved_micros

    def build(transaction: TransactWrite) -> None:
        transaction.save(_record(payout), condition=PayoutRecord.amount_minor.does_not_exist())
        transaction.save(MonthsPayoutRecord(f"payouts#{payout.month}", _listed(payout)))
        transaction.save(_pending(payout))
        as_read = ReserveRecord.micros == reserved
        transaction.update(
            _reserve(payout),
            actions=[ReserveRecord.micros.set(reserved + payout.micros)],
            condition=as_read if reserved else (ReserveRecord.micros.does_not_exist() | as_read),
        )
        require_balance(transaction, partner_account(payout.partner), -seen.owed_micros)
        partners.require(transaction, who)
        withholding.require(transaction, payout.partner, seen.withholding.version)

    table.commit(build)


def redirect(payout: Payout, account_id: str) -> bool:
    """Nothing was sent in this attempt yet: let it go to the account that the partner has now."""
    return _changed(payout, [PayoutRecord.account_id.set(account_id)], PayoutRecord.tried_at == "")


def wait(payout: Payout, why: str) -> bool:
    """Note why it isn't tried at all."""
    actions = [PayoutRecord.refusal_code.set(WAITS), PayoutRecord.refusal.set(why)]
    return _changed(payout, actions, PayoutRecord.tried_at == "")


def take(payout: Payout, at: datetime, lasts: timedelta) -> bool:
    """Begin a try: note that this attempt's key is in use, and keep others away while it lasts.

    False when another is at it, or when it is no longer as it was read.
    """
    tried = PayoutRecord.tried_at
    actions = [
        tried.set(payout.tried_at or clock.rfc3339(at)),
        PayoutRecord.busy_until.set(clock.rfc3339(at + lasts)),
    ]
    free = PayoutRecord.busy_until <= clock.rfc3339(at)
    as_read = (tried == payout.tried_at) & (PayoutRecord.account_id == payout.account_id)
    return _changed(payout, actions, free & as_read)


def look(payout: Payout, at: datetime) -> bool:
    """Note that a transfer was looked for and not found, and let others go on."""
    return _changed(payout, [PayoutRecord.looked_at.set(clock.rfc3339(at)), _free()])


def leave(payout: Payout) -> bool:
    """Let others go on: how this try ended is not known."""
    return _changed(payout, [_free()])


def refuse(payout: Payout, *, code: str, why: str) -> bool:
    """Note a definite no; only then may the next try have another key."""
    actions = [
        PayoutRecord.attempt.set(payout.attempt + 1),
        PayoutRecord.tried_at.set(""),
        PayoutRecord.looked_at.set(""),
        PayoutRecord.refusal_code.set(code),
        PayoutRecord.refusal.set(why),
        _free(),
    ]
    return _changed(payout, actions)


def settle(transaction: TransactWrite, payout: Payout, *, transfer_id: str, at: datetime) -> None:
    """The money is known to be sent: no longer reserved."""
    transaction.update(
        PayoutRecord(*_key(payout)),
        actions=[
            PayoutRecord.state.set("sent"),
            PayoutRecord.transfer_id.set(transfer_id),
            PayoutRecord.sent_at.set(clock.rfc3339(at)),
            PayoutRecord.refusal_code.set(""),
            PayoutRecord.refusal.set(""),
            _free(),
        ],
        condition=PayoutRecord.state == "pending",
    )
    transaction.delete(_pending(payout))
    transaction.update(_reserve(payout), actions=[ReserveRecord.micros.add(-payout.micros)])


def note_reversed(transaction: TransactWrite, payout: Payout, amount_minor: int) -> None:
    """Part of what was sent came back."""
    transaction.update(
        PayoutRecord(*_key(payout)),
        actions=[PayoutRecord.reversed_minor.add(amount_minor)],
        condition=PayoutRecord.state == "sent",
    )


def _changed(payout: Payout, actions: Sequence[Action], more: Condition | None = None) -> bool:
    """Change a payout that is pending in the attempt that was read; False when it is not, any more."""
    condition = (PayoutRecord.state == "pending") & (PayoutRecord.attempt == payout.attempt)
    if more is not None:
        condition = condition & more
    return PayoutRecord(*_key(payout)).update_if(condition, actions)


def _free() -> Action:
    return PayoutRecord.busy_until.set("")


def _key(payout: Payout) -> tuple[str, str]:
    return f"partner#{payout.partner}", _sort_key(payout.month, leaving=payout.leaving)


def _sort_key(month: str, *, leaving: bool) -> str:
    """The month first, so that a partner's payouts come by month."""
    return f"payout#{month}{'#leave' if leaving else ''}"


def _listed(payout: Payout) -> str:
    """Its name among a month's payouts."""
    return f"{LEAVING if payout.leaving else ''}{payout.partner}"


def _wanted_listed(month: str, listed: str) -> table.Wanted[Payout | None]:
    return wanted_payout(month, listed.removeprefix(LEAVING), leaving=listed.startswith(LEAVING))


def _pending(payout: Payout) -> PendingPayoutRecord:
    return PendingPayoutRecord(PENDING, f"{payout.month}#{_listed(payout)}")


def _reserve(payout: Payout) -> ReserveRecord:
    return ReserveRecord(f"partner#{payout.partner}", "reserve")


def _record(payout: Payout) -> PayoutRecord:
    values = {name: value for name, value in asdict(payout).items() if name in NAMES}
    return PayoutRecord(*_key(payout), **values)


def _payout(item: table.Item | None) -> Payout | None:
    if item is None:
        return None
    month, _, leave = item["sk"].removeprefix("payout#").partition("#")
    partner = PartnerId(item["pk"].removeprefix("partner#"))
    values = {name: item[name] for name in NAMES & item.keys()}
    return Payout(month=month, partner=partner, leaving=bool(leave), **values)
