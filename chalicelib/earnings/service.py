"""What partners and operators may do and see: enrol, look at the month, close it, pay."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from chalicelib.earnings import policies
from chalicelib.earnings.books import sealing
from chalicelib.earnings.books.auditing import AccountsPage, EntriesPage, seals_now, sums_sealed
from chalicelib.earnings.books.auditing import accounts as ledger_accounts
from chalicelib.earnings.books.auditing import entries as ledger_entries
from chalicelib.earnings.books.auditing import entry as ledger_entry
from chalicelib.earnings.books.reconciling import COMPARE, ask_to_compare, reconcile
from chalicelib.earnings.month_end import closing, estimating, line
from chalicelib.earnings.month_file import frozen
from chalicelib.earnings.papers import downloads
from chalicelib.earnings.papers.downloads import Lines, Readiness, readiness, wanted_readiness
from chalicelib.earnings.papers.downloads import filename as lines_filename
from chalicelib.earnings.papers.prints.csv_sheet import as_csv
from chalicelib.earnings.papers.prints.printed import printed
from chalicelib.earnings.papers.statements import (
    Account,
    MonthOnPaper,
    account,
    account_of,
    estimate,
    in_pencil,
    on_paper,
    payouts_of,
    statement,
    statements,
    titles,
    wanted_account,
    wanted_in_pencil,
    wanted_papers,
)  # fmt: skip
from chalicelib.earnings.pay import approving, deciding, partners, paying, previewing
from chalicelib.earnings.pay.deciding import Standing
from chalicelib.earnings.pay.partners import enrol, hear_account, is_partner, partner, refresh, wanted_partner
from chalicelib.earnings.pay.standings import standings
from chalicelib.earnings.records import months
from chalicelib.earnings.records.forward import Overtaken
from chalicelib.earnings.rules.chain import MonthState, check_payable, without_gaps
from chalicelib.earnings.rules.consent import Proposal
from chalicelib.earnings.rules.months import is_month, month_after
from chalicelib.earnings.rules.partners import Partner
from chalicelib.earnings.rules.pay import anything_due
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.kit import clock, limits, queues
from chalicelib.kit.operations import Viewer
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import Conflict, NotFound, Refusal
from chalicelib.kit.telemetry import log

__all__ = [
    "Account",
    "AccountsPage",
    "EntriesPage",
    "Lines",
    "MonthLookedAt",
    "MonthOnPaper",
    "Readiness",
    "account",
    "account_of",
    "ask_to_close",
    "ask_to_pay",
    "enrol",
    "estimate",
    "estimate_all",
    "export",
    "hear",
    "hear_account",
    "in_pencil",
    "is_partner",
    "ledger_accounts",
    "ledger_entries",
    "ledger_entry",
    "lines_filename",
    "look_at",
    "month",
    "months_known",
    "on_paper",
    "partner",
    "payouts_of",
    "readiness",
    "refresh",
    "seals_now",
    "statement",
    "statements",
    "sums_sealed",
    "titles",
    "wanted_account",
    "wanted_in_pencil",
    "wanted_papers",
    "wanted_partner",
    "wanted_readiness",
]  # fmt: skip

DEEDS = limits.Limit("month", tokens=20, each_ms=30_000)  # an operator who presses again does no harm
DOWNLOADS = limits.Limit("lines", tokens=10, each_ms=30_000)  # a whole month is computed for each
LEAVING = limits.Limit("leave", tokens=5, each_ms=60_000)
SHOWN = 200  # payouts on an operator's page; the command line has all
CLOSE, PAY, ESTIMATED, GO_ON = "month.close", "month.pay", "month.estimate", "payouts.go-on"


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


def months_known() -> dict[str, MonthState]:
    """Every month by name, from the first that was paid for until the last one: each is closed in turn."""
    return without_gaps(months.all_months(), month_after(clock.month_of(clock.now()), -1))


def month(name: str) -> MonthState:
    if not is_month(name):
        raise NotFound("There is no such month. A month is written like 2026-11.")
    return closing.state_of(name)


def look_at(state: MonthState, at: datetime) -> MonthLookedAt:
    """A month with its books and its payouts, some of them: a page, not a report."""
    known, sums = months.all_months(), sums_sealed().sums
    payouts = list(islice(deciding.payouts(state.month), SHOWN))
    seen = list(islice(standings(state.month), SHOWN)) if state.closed_at else []
    why_not_pay = _no(lambda: check_payable(state.month, known))
    if not why_not_pay and len(seen) < SHOWN and not anything_due(seen, deciding.pending()):
        why_not_pay = "Everybody who can be paid is paid."
    return MonthLookedAt(
        state=state,
        payouts=payouts,
        waiting=[each for each in seen if each.payable_minor and each.obstacle],
        ledger_sum=sum(sums.values()),
        why_not_close="This month is closed."
        if state.closed_at
        else _no(lambda: closing.check(state.month, at)),
        why_not_pay=why_not_pay,
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
    log.info("an operator closes a month", extra={"month": name, "by": by})
    _ask(CLOSE, name, at)
    return closing.state_of(name)


def ask_to_pay(name: str, by: str, at: datetime) -> MonthState:
    """Have the partners paid, soon and elsewhere; raises Conflict when they can't be."""
    limits.spend(by, DEEDS, at)
    check_payable(name, months.all_months())
    if not any(each.month == name for each in deciding.pending()):
        approving.approved_plan(name)
    log.info("an operator pays a month", extra={"month": name, "by": by})
    _ask(PAY, name, at)
    return closing.state_of(name)


def propose_to_pay(name: str, by: str, at: datetime) -> Proposal:
    """One of two people: keep what a dry run shows now, for another to approve."""
    limits.spend(by, DEEDS, at)
    month(name)
    return approving.propose(name, by, at, rows_max=previewing.ROWS_MAX)


def approve_pay(name: str, digest: str, by: str, at: datetime) -> Proposal:
    """The other: let exactly that be paid."""
    limits.spend(by, DEEDS, at)
    month(name)
    return approving.approve(name, digest, by, at, rows_max=previewing.ROWS_MAX)


def leave(person_id: str, *, confirmed: bool, at: datetime) -> Partner:
    """Leave the programme; once more is as good as once."""
    limits.spend(person_id, LEAVING, at)
    return partners.leave(person_id, confirmed=confirmed, at=at)


def export(name: str) -> Iterator[bytes]:
    """The file that the month was computed from, in pieces; raises Conflict before it was frozen."""
    state = month(name)
    if not state.inputs:
        raise Conflict(
            f"{name} is exported when it is closed: until then its inputs still change.", code=4098
        )
    return frozen.file_of(state)


def lines(person_id: str, month: str, at: datetime) -> Lines:
    """The lines behind a statement, to recompute."""
    limits.spend(person_id, DOWNLOADS, at)
    return downloads.lines(person_id, month, at)


def ask_for_lines(person_id: str, month: str, at: datetime) -> Readiness:
    """Have them made where they are many; once more is as good as once."""
    limits.spend(person_id, DOWNLOADS, at)
    return downloads.ask(person_id, month, at)


def statement_csv(by: Viewer, month: str) -> str:
    """A closed month's statement for a spreadsheet; raises NotFound where there is none."""
    return as_csv(printed(by, month))


def statement_pdf(by: Viewer, month: str) -> bytes:
    """The same to print."""
    # Here, where it is first used: the library takes long to load.
    from chalicelib.earnings.papers.prints.pdf_sheet import as_pdf

    return as_pdf(printed(by, month))


def estimate_all(at: datetime) -> None:
    """Daily, where there is time for it: book payments, estimate open months, seal, and see pay through."""
    _ask(ESTIMATED, clock.month_of(at), at)
    _ask(GO_ON, clock.month_of(at), at)
    sealing.ask_to_seal(at)


def hear(event: Mapping[str, Any]) -> dict[str, Any]:
    """The queue `months`."""
    return queues.each_fact(event, lambda fact: _do(fact, clock.now()))


def _do_part(fact: Fact, at: datetime) -> None:
    """One part of a close or an estimate. What a close posted is sealed; what the day booked is compared."""
    try:
        ended = line.hear(fact, at)
    except Overtaken:
        return
    if ended and ended.is_close:
        sealing.ask_to_seal(at)
    elif ended and ended.month == clock.month_of(ended.at):
        ask_to_compare(at)


def _ask(deed: str, name: str, at: datetime) -> None:
    queues.tell("months", [Fact(deed, name, 1, clock.rfc3339(at))])


def _pay(fact: Fact, at: datetime) -> None:
    paying.pay_by_queue(fact.id, at)
    months.note_trouble(fact.id, "")


HEARD: Mapping[str, Callable[[Fact, datetime], object]] = {
    ESTIMATED: lambda fact, _: estimating.ask(clock.parse(fact.at)),
    COMPARE: lambda _, at: reconcile(at),
    GO_ON: lambda _, at: paying.go_on(at),
    sealing.SEAL: lambda fact, at: sealing.seal_by_queue(int(fact.id), at),
    downloads.LINES: lambda fact, _: downloads.make(fact.id),
    policies.TEST: lambda fact, at: policies.test(int(fact.id), at),
    CLOSE: lambda fact, at: closing.ask(fact.id, at),
    line.PART: _do_part,
    PAY: _pay,
}


def _do(fact: Fact, at: datetime) -> None:
    """A refusal that only a person can change is noted with the month; anything else is tried again."""
    try:
        HEARD[fact.fact](fact, at)
    except Refusal as refusal:
        if refusal.status >= 500:
            raise
        log.warning("a month does not go on by itself", extra={"month": fact.id, "why": refusal.message})
        months.note_trouble(fact.id, refusal.message)
