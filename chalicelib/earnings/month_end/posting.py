"""The last half: entries and statements of partners, then what members carry and what is held, each once."""

from datetime import datetime

from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import splitting
from chalicelib.earnings.records import forward, sheets
from chalicelib.earnings.rules import parts as rules
from chalicelib.earnings.rules.held import HeldPart
from chalicelib.earnings.rules.runs import Done, Run
from chalicelib.kit import clock


def partners(run: Run, part: str, place: str, at: datetime) -> Done:
    """Some of a bucket's partners; an estimate writes their sheets alone."""
    bucket, chunk = part.split(".")
    found = splitting.sheets_in(run, bucket, chunk)
    for sheet in found:
        for entry in rules.partner_entries(sheet) if run.is_close else ():
            ledger.post(entry, at)
        sheets.keep(run.kind, sheet, clock.rfc3339(run.at))
    return Done(sums=rules.partner_sums(found))


def members(run: Run, part: str, place: str, at: datetime) -> Done:
    """One frozen part of the members. None of it can undo what a later close has written."""
    closing = splitting.closing_of(run, int(part))
    for entry in closing.member_entries():
        ledger.post(entry, at)
    for held in splitting.pieces(run, "stories", f"m{int(part)}", list[HeldPart]):
        forward.hold(held)
    forward.let_go(closing.released(), run.month)
    for member, out in closing.carried_out().items():
        forward.carry(member, out.parts, run.month)
    return Done(sums=closing.member_sums())
