"""A partner's months on paper, in ink and in pencil, and how the account stands, all months together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from chalicelib.earnings.month_end.closing import ESTIMATE, STATEMENT
from chalicelib.earnings.pay import partners
from chalicelib.earnings.records import ledger as ledger_records
from chalicelib.earnings.records import months as month_records
from chalicelib.earnings.records import payouts, sheets, troubles, withholding
from chalicelib.earnings.rules.ledger import held_account, partner_account
from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.rules.partners import Partner
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.sheets import Sheet, statement_of
from chalicelib.earnings.rules.statement import Statement, StatementStory
from chalicelib.earnings.rules.troubles import BankTrouble
from chalicelib.earnings.rules.withholding import NOTHING, Withholding
from chalicelib.kit import table
from chalicelib.kit.money import micros_of
from chalicelib.kit.refusals import NotFound
from chalicelib.kit.settings import settings
from chalicelib.stories import service as stories
from chalicelib.stories.rules import StoryCard


@dataclass(frozen=True)
class MonthOnPaper:
    """A partner's month: in ink when closed, else an estimate made at `made_at`."""

    statement: Statement
    readers: int
    is_closed: bool
    made_at: str
    payouts: tuple[Payout, ...]
    """What was decided for the month: one, and another where the partner has left since."""


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
    return _on_paper(found, statements(person_id), payouts_of(person_id), is_closed=True)


def estimate(person_id: str, month: str) -> MonthOnPaper | None:
    """What an open month would bring as it stands; None before the first estimate."""
    found = _newest(*table.fetch(*wanted_in_pencil(person_id, [month])))
    if found is None:
        return None
    return _on_paper(found, statements(person_id), payouts_of(person_id), is_closed=False)


def wanted_papers(person_id: str, month: str) -> list[table.Wanted[Any]]:
    """What `on_paper` reads: the statement of a month, and its estimate."""
    return [sheets.wanted_sheet(STATEMENT, person_id, month), *wanted_in_pencil(person_id, [month])]


def on_paper(found: Sequence[Any], stated: Sequence[Sheet], decided: Sequence[Payout]) -> MonthOnPaper | None:
    """A month in ink, or else in pencil, given its partner’s statements and payouts; None for neither."""
    ink, pencil = found[0], _newest(*found[1:])
    if ink:
        return _on_paper(ink, stated, decided, is_closed=True)
    return _on_paper(pencil, stated, decided, is_closed=False) if pencil else None


def wanted_in_pencil(person_id: str, months: Sequence[str]) -> list[table.Wanted[Any]]:
    """What `in_pencil` reads: of each month this partner's estimate, and when it was estimated last."""
    return [
        wanted
        for month in months
        for wanted in (sheets.wanted_sheet(ESTIMATE, person_id, month), month_records.wanted_estimated(month))
    ]


def in_pencil(found: Sequence[Any]) -> list[Sheet]:
    """The newest estimate of each month that has one."""
    newest = map(_newest, found[::2], found[1::2])
    return [each[0] for each in newest if each]


def _newest(found: tuple[Sheet, str] | None, estimated_at: str) -> tuple[Sheet, str] | None:
    """None of an estimate that a later one left out: all that it was made of was struck or given back."""
    return found if found and found[1] >= estimated_at else None


def titles(rows: Sequence[StatementStory]) -> dict[str, StoryCard]:
    """The stories of a statement that are still known, for their titles."""
    cards = table.fetch(*(stories.wanted_card(row.story) for row in rows)) if rows else []
    return {card.id: card for card in cards if card}


def payouts_of(person_id: str) -> list[Payout]:
    return payouts.payouts_of(person_id)


def _on_paper(
    found: tuple[Sheet, str], stated: Sequence[Sheet], decided: Sequence[Payout], *, is_closed: bool
) -> MonthOnPaper:
    sheet, made_at = found
    sent = [each for each in decided if each.state == "sent"]
    earlier = [each for each in stated if each.month < sheet.month]
    made = statement_of(
        sheets.whole(STATEMENT if is_closed else ESTIMATE, sheet),
        earlier=earlier,
        paid_minor=_by_month((each.month, each.sent_minor - each.reversed_minor) for each in sent),
        withheld_minor=_by_month((each.month, each.withheld_minor) for each in sent),
        currency=settings().currency,
    )
    if _was_in_debt([*earlier, sheet], sent):
        made = _with_forgiven(made, min(each.month for each in [*earlier, sheet]))
    of_month = tuple(each for each in decided if each.month == sheet.month)
    return MonthOnPaper(made, sheet.readers, is_closed, made_at, of_month)


def _by_month(amounts: Iterable[tuple[str, int]]) -> Counter[str]:
    summed = Counter[str]()
    for month, amount in amounts:
        summed[month] += amount
    return summed


def _was_in_debt(months: Sequence[Sheet], sent: Sequence[Payout]) -> bool:
    """Whether the balance was ever below 0 at a month's end: only then anything may have been written off."""
    moved = [(each.month, each.balance_micros) for each in months]
    moved += [(each.month, micros_of(each.reversed_minor) - each.micros) for each in sent]
    by_month = _by_month(moved)
    return any(balance < 0 for balance in accumulate(by_month[month] for month in sorted(by_month)))


def _with_forgiven(made: Statement, first: str) -> Statement:
    """With the debts that were written off, in the month and before: they are adjustments."""
    calendar = [first]
    while calendar[-1] < made.month:
        calendar.append(month_after(calendar[-1]))
    names = [f"writeoff:{month}:{made.partner}" for month in calendar]
    account = partner_account(made.partner)
    posted = table.fetch(*map(ledger_records.wanted_entry, names))
    forgiven = [-dict(entry.lines).get(account, 0) if entry else 0 for entry in posted]
    moved = replace(
        made.movements,
        balance_before_micros=made.movements.balance_before_micros + sum(forgiven[:-1]),
        adjustments_micros=made.movements.adjustments_micros + forgiven[-1],
    )
    return replace(made, movements=moved)
