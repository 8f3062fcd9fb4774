"""What is written of a gift and of its recipient at once: redeemed, or worth nothing any more, or again."""

from collections.abc import Sequence

from pynamodb.transactions import TransactWrite

from chalicelib.kit import table
from chalicelib.members.gift_rules import Gift
from chalicelib.members.records import dues, gifts, standing
from chalicelib.members.rules import DuesLine, GiftPeriod, Membership, Payment


def keep_bought(gift: Gift, payment: Payment, method: str) -> None:
    """That it was paid; raises Refused when that was kept before."""
    dues.keep(
        payment,
        (),
        lambda write: gifts.mark_bought(
            write, gift, invoice=payment.invoice_id, method=method, at=payment.recorded_at
        ),
    )


def keep_redeemed(gift: Gift, mine: Membership, periods: Sequence[GiftPeriod], line: DuesLine) -> None:
    """Its time, and what that brings in; raises Refused when the gift or the membership changed meanwhile."""
    (given,) = (each for each in periods if each.id == gift.id)

    def write(transaction: TransactWrite) -> None:
        gifts.mark_redeemed(transaction, gift, given, mine.person_id)
        standing.keep_gifts(transaction, mine, periods)
        dues.keep_lines(transaction, [line])

    table.commit(write)


def keep_void(gift: Gift, void: bool, mine: Membership | None, periods: Sequence[GiftPeriod]) -> None:
    """Whether it is void, on the gift and in the membership of whoever redeemed it; raises Refused."""

    def write(transaction: TransactWrite) -> None:
        gifts.mark_void(transaction, gift, void=void)
        if mine:
            standing.keep_gifts(transaction, mine, periods)

    table.commit(write)
