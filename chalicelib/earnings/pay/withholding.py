"""Withholding a partner's taxes: the rate that an operator sets by a document, and what is handed on."""

from datetime import datetime

from chalicelib.earnings.books import ledger
from chalicelib.earnings.pay import partners as who
from chalicelib.earnings.pay.deciding import units
from chalicelib.earnings.records import withholding as records
from chalicelib.earnings.rules import withholding as rules
from chalicelib.earnings.rules.ledger import TAX, remit_entry, withheld_account
from chalicelib.earnings.rules.withholding import Remittance, Withholding
from chalicelib.kit import clock, table
from chalicelib.kit.money import micros_of, whole_minor
from chalicelib.kit.refusals import Conflict, Invalid
from chalicelib.kit.telemetry import log

wanted_withholding = records.wanted_withholding
history = records.history


def set_rate(
    partner: str, rate_bps: int, by: str, at: datetime, *, authority: str, reference: str
) -> Withholding:
    """From now on so much of what this partner is paid is withheld; raises Conflict in a race."""
    rules.check(rate_bps, authority, reference)
    who.partner(partner)
    known = table.fetch_one(records.wanted_withholding(partner))
    wish = (rate_bps, authority, reference)
    if (known.rate_bps, known.authority, known.reference) == wish and known.version:
        return known
    made = Withholding(*wish, set_by=by, set_at=clock.rfc3339(at), version=known.version + 1)
    try:
        records.change(partner, made)
    except table.Refused as refused:
        raise Conflict(
            "Somebody else changed this at this moment. Look at it first.", code=40916
        ) from refused
    log.info("an operator sets what is withheld", extra={"partner": partner, "rate_bps": rate_bps, "by": by})
    return made


def withheld(authority: str) -> int:
    """What lies with us for an authority, in micros; the members' own taxes where it names none."""
    return -ledger.balance_micros(withheld_account(authority) if authority else TAX)


def remit(
    name: str, amount_minor: int, by: str, at: datetime, *, authority: str, reference: str
) -> Remittance:
    """Book taxes that were paid from the bank, once for each `name`; raises Conflict above what is owed."""
    if authority:
        rules.check_authority(authority)
    if amount_minor < 1:
        raise Invalid("Give what was paid, in minor units.", at="body.amount_minor")
    made = Remittance(name, amount_minor, authority, reference, by, clock.rfc3339(at))
    known, count = table.fetch(records.wanted_remittance(name), records.wanted_count(authority))
    if known:
        return _same(known, made)
    # Read after the count: of two who hand on at once the slower is refused, and looks again.
    if micros_of(amount_minor) > withheld(authority):
        raise Conflict(_too_much(authority), code=40917)
    _post(made, at, after=count)
    log.info("an operator remits taxes", extra={"remittance": name, "amount_minor": amount_minor, "by": by})
    return made


def _post(made: Remittance, at: datetime, *, after: int) -> None:
    entry = remit_entry(made.id, made.amount_minor, authority=made.authority)
    try:
        ledger.post(entry, at, lambda transaction: records.note(transaction, made, after=after))
    except table.Refused as refused:
        says = "Taxes are being handed on to the same authority at this moment. Look at it, then try again."
        raise Conflict(says, code=40935) from refused


def _too_much(authority: str) -> str:
    found = units(whole_minor(withheld(authority)))
    return f"Only {found} is owed {f'to {authority}' if authority else 'of the members’ own taxes'}."


def _same(known: Remittance, made: Remittance) -> Remittance:
    if (known.amount_minor, known.authority, known.reference) != (
        made.amount_minor,
        made.authority,
        made.reference,
    ):
        raise Conflict("Something else was remitted under this key. Use another.", code=40918)
    return known
