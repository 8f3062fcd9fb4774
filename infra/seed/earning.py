"""Writers become partners, the founding month is closed, and the open ones are estimated."""

import urllib.parse
import urllib.request
from datetime import timedelta

from chalicelib.earnings.month_end import closing, estimating
from chalicelib.earnings.pay import partners as programme
from chalicelib.earnings.rules.months import cut_off
from chalicelib.earnings.rules.policy import policy_for
from chalicelib.kit import clock, table
from chalicelib.kit.settings import settings
from chalicelib.people.rules import Person
from infra.seed.cast import PARTNERS, UNFINISHED_PARTNERS
from infra.seed.dates import Dates
from infra.seed.signing_in import viewer

ASK_S = 30


def enrol(cast: dict[str, Person], dates: Dates) -> None:
    """Four accept the terms before the first member reads; three of them tell Stripe everything."""
    at = dates.founding_month + timedelta(minutes=1)
    for number, (handle, country) in enumerate((PARTNERS | UNFINISHED_PARTNERS).items()):
        known = table.fetch_one(programme.wanted_partner(cast[handle].id))
        if known and (known.can_be_paid or handle in UNFINISHED_PARTNERS):
            continue
        moment = at + timedelta(seconds=number)
        page = programme.enrol(viewer(cast[handle]), country=country, agrees=True, at=moment)
        if handle in PARTNERS:
            _tell_stripe_everything(page)
            programme.refresh(cast[handle].id)


def close_founding_month(dates: Dates) -> None:
    """Nobody could read anything for members in it: all dues are carried into the month that is ready now."""
    month = clock.month_of(dates.founding_month)
    shut = cut_off(month, policy_for(month).policy.grace_hours)
    closing.close(month, shut + timedelta(hours=6))


def estimate() -> None:
    estimating.estimate_open(clock.now())


def _tell_stripe_everything(page: str) -> None:
    """Fill in the stand-in's form; it leads back to our site, where nobody may be at home yet."""
    if not page.startswith(settings().stripe_url):
        raise AssertionError(f"enrolling led to {page}")
    form = urllib.parse.urlencode({"told": "all"}).encode()
    opener = urllib.request.build_opener(_StayHere)
    try:
        opener.open(page, data=form, timeout=ASK_S).close()
    except urllib.error.HTTPError as answer:
        if answer.code not in (302, 303):
            raise


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_: object) -> None:
        return None
