"""How partners' balances stand before a month's pay, read in one walk, and what was decided for a month."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from chalicelib.earnings import policies
from chalicelib.earnings.books import ledger
from chalicelib.earnings.records import debts, withholding
from chalicelib.earnings.records import partners as partner_records
from chalicelib.earnings.records import payouts as records
from chalicelib.earnings.records.ledger import wanted_balances, wanted_entry
from chalicelib.earnings.rules.ledger import partner_account
from chalicelib.earnings.rules.pay import Standing
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit import table

PAGE = 100
TOGETHER = 14  # partners, of seven items each, in one BatchGetItem

Balances = Iterable[tuple[str, int]]


def standings(month: str, balances: Balances | None = None) -> Iterator[Standing]:
    """Every partner whose balance is not 0; of `balances`, where somebody has read them already."""
    found = ledger.balances("partner:") if balances is None else balances
    partners = (account.removeprefix("partner:") for account, micros in found if micros)
    known, minimum = debts.debts(), _minimum(month)
    while some := list(islice(partners, TOGETHER)):
        read = iter(table.fetch(*(each for partner in some for each in _wanted(month, partner))))
        for partner in some:
            values = [next(read) for _ in _wanted(month, partner)]
            yield _standing(month, partner, values, minimum=minimum, since=known.get(partner, ""))


def standing(month: str, partner: str) -> Standing:
    """One partner's, as it is now; how long a debt lasts is not asked."""
    found = table.fetch(*_wanted(month, partner))
    return _standing(month, partner, found, minimum=_minimum(month), since="")


def payouts(month: str) -> Iterator[Payout]:
    """Every payout that was decided for the month."""
    return _paged(lambda after: records.wanted_payouts_in(month, after=after, limit=PAGE))


def pending() -> Iterator[Payout]:
    """What was decided, for whatever month, and is not known to be sent; the oldest month first."""
    listed = _paged(lambda after: records.wanted_pending(after=after, limit=PAGE))
    return (each for each in listed if each.state == "pending")


def _paged(page: Callable[[str], tuple[list[table.Wanted[Payout | None]], str]]) -> Iterator[Payout]:
    after = ""
    while True:
        wanted, after = page(after)
        yield from (each for each in (table.fetch(*wanted) if wanted else []) if each)
        if not after:
            return


def _minimum(month: str) -> int:
    return policies.in_force(month).policy.minimum_payout_minor


def _wanted(month: str, partner: str) -> list[table.Wanted[Any]]:
    return [
        partner_records.wanted_partner(partner),
        records.wanted_reserve(partner),
        records.wanted_payout(month, partner),
        records.wanted_payout(month, partner, leaving=True),
        withholding.wanted_withholding(partner),
        wanted_entry(f"writeoff:{month}:{partner}"),
        *wanted_balances(partner_account(partner)),
    ]


def _standing(month: str, partner: str, found: list[Any], *, minimum: int, since: str) -> Standing:
    who, reserved, of_month, of_leaving, rate, forgiven, *parts = found
    has_left = bool(who and who.left_at)
    return Standing(
        month=month,
        partner=PartnerId(partner),
        who=who,
        owed_micros=-sum(parts),
        reserved_micros=reserved,
        minimum_minor=minimum,
        decided=of_leaving if has_left else of_month,
        other=of_month if has_left else of_leaving,
        withholding=rate,
        in_debt_since=since,
        was_forgiven=forgiven is not None,
    )
