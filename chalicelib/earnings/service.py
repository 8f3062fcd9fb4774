"""What partners and operators may do and see: enrol, look at the month, close it, pay."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from chalicelib.earnings import closing, deciding, estimating, ledger, partners, paying, store
from chalicelib.earnings.closing import ESTIMATE, STATEMENT
from chalicelib.earnings.deciding import Standing
from chalicelib.earnings.records import ledger as ledger_records
from chalicelib.earnings.records import months, payouts, sheets
from chalicelib.earnings.rules.chain import MonthState, check_payable
from chalicelib.earnings.rules.ledger import held_account, partner_account
from chalicelib.earnings.rules.months import is_month
from chalicelib.earnings.rules.partners import Partner
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.sheets import Sheet, statement_of
from chalicelib.earnings.rules.statement import Statement
from chalicelib.kit import clock, limits, queues, table
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import Conflict, NotFound, Refusal
from chalicelib.kit.settings import settings
from chalicelib.kit.telemetry import log

enrol, refresh, partner, hear_account = (
    partners.enrol,
    partners.refresh,
    partners.partner,
    partners.hear_account,
)
is_partner, wanted_partner = partners.is_partner, partners.wanted_partner

DEEDS = limits.Limit("month", tokens=20, each_ms=30_000)  # an operator who presses again does no harm
SHOWN = 200  # payouts on an operator's page; the command line has all
CLOSE, PAY, ESTIMATED = "month.close", "month.pay", "month.estimate"


@dataclass(frozen=True)
class MonthOnPaper:
    """A partner's month: in ink when closed, else an estimate made at `made_at`."""

    statement: Statement
    readers: int
    is_closed: bool
    made_at: str
    payout: Payout | None


@dataclass(frozen=True)
class MonthLookedAt:
    """A month as its operator sees it."""

    state: MonthState
    payouts: list[Payout]
    waiting: list[Standing]
    """Who could be paid if nothing stood in the way."""
    ledger_sum: int
    why_not_close: str
    why_not_pay: str

    @property
    def difference(self) -> int:
        """Dues less where they went: 0, always."""
        sums = self.state.sums
        return sums.dues - sums.platform - sums.earned - sums.carried_out + sums.carried_in if sums else 0

    @property
    def agree(self) -> bool:
        return not self.difference and not self.ledger_sum


@dataclass(frozen=True)
class Account:
    """How a partner stands with us, all months together; amounts in micros."""

    partner: Partner | None
    balance: int
    on_its_way: int
    held: int


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
    ]


def account_of(found: Sequence[Any]) -> Account:
    who, reserved, balance, held = found
    return Account(who, -balance, reserved, -held)


def statements(person_id: str) -> list[Sheet]:
    """Every closed month of a partner, oldest first."""
    return sheets.statements(person_id)


def statement(person_id: str, month: str) -> MonthOnPaper:
    """A closed month of a partner; raises NotFound where nothing was earned or released."""
    found = table.fetch_one(sheets.wanted_sheet(STATEMENT, person_id, month))
    if found is None:
        raise NotFound("There is no statement for this month.", code=4048)
    return _on_paper(found, is_closed=True)


def estimate(person_id: str, month: str) -> MonthOnPaper | None:
    """What an open month would bring as it stands; None before the first estimate."""
    found = table.fetch_one(sheets.wanted_sheet(ESTIMATE, person_id, month))
    return _on_paper(found, is_closed=False) if found else None


def wanted_papers(person_id: str, month: str) -> list[table.Wanted[Any]]:
    """What `on_paper` reads: the statement of a month, and its estimate."""
    return [sheets.wanted_sheet(kind, person_id, month) for kind in (STATEMENT, ESTIMATE)]


def on_paper(found: Sequence[Any]) -> MonthOnPaper | None:
    """A month in ink, or else in pencil; None where there is neither."""
    stated, estimated = found
    if stated:
        return _on_paper(stated, is_closed=True)
    return _on_paper(estimated, is_closed=False) if estimated else None


def payouts_of(person_id: str) -> list[Payout]:
    return payouts.payouts_of(person_id)


def _on_paper(found: tuple[Sheet, str], *, is_closed: bool) -> MonthOnPaper:
    sheet, made_at = found
    earlier = [each for each in sheets.statements(sheet.partner) if each.month < sheet.month]
    decided = payouts.payouts_of(sheet.partner)
    paid = {each.month: each.amount_minor for each in decided if each.state == "sent"}
    payout = next((each for each in decided if each.month == sheet.month), None)
    made = statement_of(sheet, earlier=earlier, paid_minor=paid, currency=settings().currency)
    return MonthOnPaper(made, sheet.readers, is_closed, made_at, payout)


def months_known() -> dict[str, MonthState]:
    """Every month that anything happened in, by name."""
    return months.all_months()


def month(name: str) -> MonthState:
    if not is_month(name):
        raise NotFound("There is no such month. A month is written like 2026-11.")
    return closing.state_of(name)


def look_at(state: MonthState, at: datetime) -> MonthLookedAt:
    """A month with its books and its payouts, some of them: a page, not a report."""
    known = months.all_months()
    return MonthLookedAt(
        state=state,
        payouts=list(islice(deciding.payouts(state.month), SHOWN)),
        waiting=deciding.obstructed(state.month, of_first=SHOWN) if state.closed_at else [],
        ledger_sum=sum(ledger.trial_balance().values()),
        why_not_close="This month is closed." if state.closed_at else _no(lambda: closing.check(state.month, at)),
        why_not_pay=_no(lambda: check_payable(state.month, known)),
    )


def _no(check: Callable[[], None]) -> str:
    """What a check refuses with, "" if it passes."""
    try:
        check()
    except Refusal as refusal:
        return refusal.message
    return ""


def ask_to_close(name: str, by: str, at: datetime) -> MonthState:
    """Have the month closed, soon and elsewhere; raises Conflict when it can't be."""
    limits.spend(by, DEEDS, at)
    closing.check(name, at)
    _ask(CLOSE, name, at)
    return closing.state_of(name)


def ask_to_pay(name: str, by: str, at: datetime) -> MonthState:
    """Have the partners paid, soon and elsewhere; raises Conflict when they can't be."""
    limits.spend(by, DEEDS, at)
    if not deciding.pending(name):
        check_payable(name, months.all_months())
    _ask(PAY, name, at)
    return closing.state_of(name)


def export(name: str) -> bytes:
    """The file that the month was computed from, byte for byte; raises Conflict before it was frozen."""
    state = month(name)
    if not state.inputs:
        raise Conflict(
            f"{name} is exported when it is closed: until then its inputs still change.", code=4098
        )
    return store.inputs(state.inputs)


def trial_balance() -> dict[str, int]:
    return ledger.trial_balance()


def estimate_all(at: datetime) -> None:
    """Daily: have payments booked and the open months estimated, in the function that has the time for it."""
    _ask(ESTIMATED, clock.month_of(at), at)


def hear(event: Mapping[str, Any]) -> dict[str, Any]:
    """The queue `months`."""
    return queues.each_fact(event, lambda fact: _do(fact, clock.now()))


def _ask(deed: str, name: str, at: datetime) -> None:
    queues.tell("months", [Fact(deed, name, 1, clock.rfc3339(at))])


def _do(fact: Fact, at: datetime) -> None:
    """A refusal that only a person can change is noted with the month; anything else is tried again."""
    try:
        if fact.fact == ESTIMATED:
            estimating.estimate_open(at)
        elif fact.fact == CLOSE:
            closing.close(fact.id, at)
        else:
            paying.pay_by_queue(fact.id, at)
            months.note_trouble(fact.id, "")
    except Refusal as refusal:
        if refusal.status >= 500:
            raise
        log.warning("a month does not go on by itself", extra={"month": fact.id, "why": refusal.message})
        months.note_trouble(fact.id, refusal.message)
