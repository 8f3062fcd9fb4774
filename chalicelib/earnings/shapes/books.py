"""What the API says of the books: accounts, entries, and each night's comparison with Stripe."""

import msgspec

from chalicelib.earnings.books import auditing
from chalicelib.earnings.rules.reconciling import Difference, Report
from chalicelib.earnings.rules.seals import Head, Posted


class LedgerOut(msgspec.Struct, frozen=True):
    """What was posted until the newest seal, summed by kind of account; together it is nothing.

    People's accounts are one kind each: `partner:*`, `held:*`, `carried:*`.
    """

    kinds: dict[str, int]
    sum_micros: int
    sealed_at: str
    batches: int


class AccountOut(msgspec.Struct, frozen=True):
    """An account and what it holds at this moment; what is owed is below 0."""

    account: str
    micros: int


class AccountsOut(msgspec.Struct, frozen=True):
    """Accounts by name; `next` is the cursor for those that follow, "" after the last."""

    items: list[AccountOut]
    next: str


class EntryOut(msgspec.Struct, frozen=True):
    """Money that moved: `lines` are micros by account, and sum to nothing."""

    id: str
    at: str
    means: str
    lines: dict[str, int]


class EntriesOut(msgspec.Struct, frozen=True):
    """Entries of a month; `next` is the cursor for those that follow, "" after the last.

    A page for one account may be short, or empty, and yet be followed by more.
    """

    items: list[EntryOut]
    next: str


class DifferenceOut(msgspec.Struct, frozen=True):
    """Where both differ: `no entry`, `no movement`, `another amount`, or `not listed` by Stripe."""

    why: str
    transaction: str
    entry: str
    stripe_micros: int
    ledger_micros: int


class BooksOut(msgspec.Struct, frozen=True):
    """A night's comparison of the ledger's `stripe` with Stripe's balance, available and pending."""

    day: str
    made_at: str
    agrees: bool
    ledger_micros: int
    stripe_micros: int
    unexplained_micros: int
    """What the ledger has more than Stripe, beyond all that is named."""
    differences: list[DifferenceOut]


class BooksListOut(msgspec.Struct, frozen=True):
    """The newest night first, the last month of them."""

    items: list[BooksOut]


def ledger_out(head: Head) -> LedgerOut:
    return LedgerOut(dict(head.sums), sum(head.sums.values()), head.at, head.number)


def accounts_out(page: auditing.AccountsPage, following: str) -> AccountsOut:
    return AccountsOut([AccountOut(name, micros) for name, micros in page.accounts], following)


def entry_out(posted: Posted) -> EntryOut:
    return EntryOut(posted.id, posted.at, auditing.means(posted), dict(auditing.lines(posted)))


def books_out(report: Report) -> BooksOut:
    return BooksOut(
        day=report.day,
        made_at=report.made_at,
        agrees=report.agrees,
        ledger_micros=report.ledger_micros,
        stripe_micros=report.stripe_micros,
        unexplained_micros=report.unexplained_micros,
        differences=[_difference(each) for each in report.differences],
    )


def _difference(found: Difference) -> DifferenceOut:
    return DifferenceOut(found.why, found.transaction, found.entry, found.stripe_micros, found.ledger_micros)
