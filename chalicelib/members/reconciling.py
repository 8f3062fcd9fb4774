"""Where Stripe and we disagree: named in a report that is kept, and mended where that is safe."""

from datetime import datetime

from chalicelib.kit.telemetry import count, log
from chalicelib.members.from_stripe import Odd
from chalicelib.members.records import reports
from chalicelib.members.rules import Difference


def note_odd(odd: Odd, at: datetime) -> None:
    """Names what only a person can judge, and calls for one."""
    log.error("Stripe says what cannot be kept", extra={"kind": odd.kind, "thing": odd.thing})
    count("OddThingsAtStripe")
    reports.note(Difference(odd.kind, odd.thing, odd.ours, odd.theirs, mended=False, found_at=at))
