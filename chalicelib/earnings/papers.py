"""A partner's months on paper, in ink and in pencil, and how the account stands, all months together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.earnings import partners
from chalicelib.earnings.closing import ESTIMATE, STATEMENT
from chalicelib.earnings.records import ledger as ledger_records
from chalicelib.earnings.records import payouts, sheets, troubles, withholding
from chalicelib.earnings.rules.ledger import held_account, partner_account
from chalicelib.earnings.rules.partners import Partner
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.sheets import Sheet, statement_of
from chalicelib.earnings.rules.statement import Statement
from chalicelib.earnings.rules.troubles import BankTrouble
from chalicelib.earnings.rules.withholding import NOTHING, Withholding
from chalicelib.kit import table
from chalicelib.kit.refusals import NotFound
from chalicelib.kit.settings import settings


@dataclass(frozen=True)
class MonthOnPaper:
    """A partner's month: in ink when closed, else an estimate made at `made_at`."""

    statement: Statement
    readers: int
    is_closed: bool
    made_at: str
    payout: Payout | None


@dataclass(frozen=True)
class Account:
    """How a partner stands with us, all months together; amounts in micros."""

    partner: Partner | None
    balance: int
    on_its_way: int
    held: int
    withholding: Withholding = NOTHING
    trouble: BankTrouble | None = None
    """What the partner's bank sent back."""


def account(person_id: str) -> Account:
    """Balance, what of it is being sent, and what is held; also of one who has not enrolled."""
    return account_of(table.fetch(*wanted_account(person_id)))


def wanted_account(person_id: str) -> list[table.Wanted[Any]]:
    """What `account_of` reads, for a page that fetches all that it wants at once."""
    return [
        partners.wanted_partner(person_id),
        payouts.wanted_reserve(person_id),
        *ledger_records.wanted_balances(partner_account(person_id)),
        *ledger_records.wanted_balances(held_account(person_id)),
        withholding.wanted_withholding(person_id),
        troubles.wanted_trouble(person_id),
    ]


def account_of(found: Sequence[Any]) -> Account:
    who, reserved, balance, held, rate, trouble = found
    return Account(who, -balance, reserved, -held, rate, trouble)


def statements(person_id: str) -> list[Sheet]:
    """Every closed month of a partner, oldest first."""
    return sheets.statements(person_id)


def statement(person_id: str, month: str) -> MonthOnPaper:
    """A closed month of a partner; raises NotFound where nothing was earned or released."""
    found = table.fetch_one(sheets.wanted_sheet(STATEMENT, person_id, month))
    if found is None:
        raise NotFound("There is no statement for this month.", code=4048)
    return _on_paper(found, statements(person_id), is_closed=True)


def estimate(person_id: str, month: str) -> MonthOnPaper | None:
    """What an open month would bring as it stands; None before the first estimate."""
    found = table.fetch_one(sheets.wanted_sheet(ESTIMATE, person_id, month))
    return _on_paper(found, statements(person_id), is_closed=False) if found else None


def wanted_papers(person_id: str, month: str) -> list[table.Wanted[Any]]:
    """What `on_paper` reads: the statement of a month, and its estimate."""
    return [sheets.wanted_sheet(kind, person_id, month) for kind in (STATEMENT, ESTIMATE)]


def on_paper(found: Sequence[Any], stated: Sequence[Sheet]) -> MonthOnPaper | None:
    """A month in ink, or else in pencil, given all statements of its partner; None where there is neither."""
    ink, pencil = found
    if ink:
        return _on_paper(ink, stated, is_closed=True)
    return _on_paper(pencil, stated, is_closed=False) if pencil else None


def wanted_in_pencil(person_id: str, months: Sequence[str]) -> list[table.Wanted[Any]]:
    """What `in_pencil` reads: the estimates of these months."""
    return [sheets.wanted_sheet(ESTIMATE, person_id, month) for month in months]


def in_pencil(found: Sequence[Any]) -> dict[str, int]:
    """What each month was last estimated at, in micros."""
    return {each[0].month: each[0].earned_micros for each in found if each}


def payouts_of(person_id: str) -> list[Payout]:
    return payouts.payouts_of(person_id)


def _on_paper(found: tuple[Sheet, str], stated: Sequence[Sheet], *, is_closed: bool) -> MonthOnPaper:
    sheet, made_at = found
    earlier = [each for each in stated if each.month < sheet.month]
    decided = payouts.payouts_of(sheet.partner)
    paid, withheld = Counter[str](), Counter[str]()
    for each in decided:
        if each.state == "sent":
            paid[each.month] += each.sent_minor - each.reversed_minor
            withheld[each.month] += each.withheld_minor
    payout = next((each for each in decided if each.month == sheet.month), None)
    made = statement_of(
        sheet,
        earlier=earlier,
        paid_minor=paid,
        withheld_minor=withheld,
        currency=settings().currency,
    )
    return MonthOnPaper(made, sheet.readers, is_closed, made_at, payout)
