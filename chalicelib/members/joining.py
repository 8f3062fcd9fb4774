"""One page to pay on at a time: a second click leads to the same one, and a new wish closes the old one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

from chalicelib.kit import clock, table
from chalicelib.kit.refusals import Unavailable
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import BankRefused, bank
from chalicelib.kit.stripe_values import Offer
from chalicelib.members.records import checkouts
from chalicelib.members.records.checkouts import Attempt

LASTS = timedelta(hours=1)  # Stripe allows half an hour to a day
LEFT = timedelta(minutes=10)  # a page that closes sooner is not offered again
RACES_MAX = 8  # whoever loses a race looks again


def address(
    person_id: str, wish: Attempt, *, customer: str, at: datetime, check: Callable[[], object]
) -> str:
    """The address of the page: the one that is open for this very wish, or a new one.

    `check` raises when the person has paid after all: on an old page, just before it was closed.
    """
    for _ in range(RACES_MAX):
        before = checkouts.attempt_of(person_id)
        if before and _is_same(before, wish, at):
            return _page(person_id, before, customer)
        if before and at < before.ends and not _closed(person_id, before, customer):
            check()
        attempt = replace(wish, number=before.number + 1 if before else 1, ends=at + LASTS)
        try:
            checkouts.keep_attempt(person_id, attempt)
        except table.Refused:
            continue
        return _page(person_id, attempt, customer)
    raise Unavailable("You have opened this several times at once. Try again in a moment.", retry_after_s=1)


def _page(person_id: str, attempt: Attempt, customer: str) -> str:
    """Stripe's page for this attempt: asked again under the same key, it is the same page."""
    page = bank().checkout(
        customer,
        Offer(attempt.price, attempt.trial_days, attempt.codes),
        success_url=_thanks(attempt.then),
        cancel_url=_left(attempt.then),
        expires=clock.epoch(attempt.ends),
        key=f"checkout:{person_id}:{attempt.number}",
    )
    if page.id != attempt.session:
        checkouts.keep_session(person_id, attempt.number, page.id)
    return page.url


def _is_same(before: Attempt, wish: Attempt, at: datetime) -> bool:
    opened = replace(before, number=wish.number, ends=wish.ends, session=wish.session)
    return opened == wish and at < before.ends - LEFT


def _closed(person_id: str, before: Attempt, customer: str) -> bool:
    """Sees to it that nobody pays on the old page any more; False when it was no longer open."""
    try:
        if not before.session:  # a crash may have come between the page and its note
            _page(person_id, before, customer)
            before = checkouts.attempt_of(person_id) or before
        bank().end_checkout(before.session)
    except BankRefused:
        return False
    return True


def _left(then: str) -> str:
    """Where Stripe's page leads whoever does not pay: they may still, and go on where they were."""
    return f"{settings().site_url}/membership?left=true&next={quote(then, safe='')}"


def _thanks(then: str) -> str:
    where = f"{settings().site_url}/membership/thanks"
    return f"{where}?session_id={{CHECKOUT_SESSION_ID}}&next={quote(then, safe='')}"
