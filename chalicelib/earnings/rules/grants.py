"""A grant from the commons: one person proposes it with a public reason, another approves it."""

from dataclasses import dataclass

from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit.money import micros_of
from chalicelib.kit.refusals import Conflict, Forbidden, Invalid

REASON_CHARS = (10, 500)
AMOUNT_MINOR_MAX = 10_000_000  # a larger one is a slip of the keyboard


@dataclass(frozen=True)
class Grant:
    """To whom, how much and why never change. Times are RFC 3339, "" for what has not happened."""

    id: str
    partner: PartnerId
    amount_minor: int
    reason: str
    """Public, as the amount is, and whom it is for."""
    proposed_by: str
    proposed_at: str
    approved_by: str = ""
    approved_at: str = ""
    month: str = ""
    """In whose statement it is."""
    withdrawn_by: str = ""
    withdrawn_at: str = ""
    version: int = 1

    @property
    def micros(self) -> int:
        return micros_of(self.amount_minor)

    @property
    def is_open(self) -> bool:
        return not self.approved_at and not self.withdrawn_at


def check_wish(amount_minor: int, reason: str) -> str:
    """The reason, trimmed; raises Invalid for an amount or a reason that cannot be."""
    if not 0 < amount_minor <= AMOUNT_MINOR_MAX:
        raise Invalid("Give an amount of more than nothing.", at="body.amount_minor", code=4285)
    least, most = REASON_CHARS
    if not least <= len(reason.strip()) <= most:
        raise Invalid(
            f"Say why, in {least} to {most} characters: everybody may read it.", at="body.reason", code=4286
        )
    return reason.strip()


def check_disinterested(partner: PartnerId, by: str, *, gains_nothing: bool) -> None:
    """Raises Forbidden for whom it is for, Invalid for who does not say that they gain nothing by it."""
    if by == partner:
        raise Forbidden("Two others decide about what is for you.", code=4036)
    if not gains_nothing:
        raise Invalid(
            "Only who gains nothing by it may decide it: say so.", at="body.gains_nothing", code=4287
        )


def check_covered(micros: int, commons_micros: int) -> None:
    """Raises Conflict when there is not so much in the commons."""
    if micros > commons_micros:
        raise Conflict("There is not so much in the commons. It fills at each month's close.", code=40921)


def check_approvable(grant: Grant, by: str) -> None:
    """Raises Forbidden for who proposed it, Conflict for what was withdrawn."""
    if grant.withdrawn_at:
        raise Conflict("This was withdrawn. Propose it anew.", code=40922)
    if grant.proposed_by == by:
        raise Forbidden("Somebody else has to approve what you proposed.", code=4034)


def check_withdrawable(grant: Grant) -> None:
    if grant.approved_at:
        raise Conflict("This was approved, and is in the ledger: it can't be called back.", code=40923)


def newest_first(grants: list[Grant]) -> list[Grant]:
    return sorted(grants, key=lambda each: (each.proposed_at, each.id), reverse=True)
