"""Giving a membership: bought at Stripe, sent or handed over, redeemed once, and taken back by the operator.

A gift is noted before it can be paid, and whoever acts on one that is not known to be paid asks Stripe. Its
code is random and only its digest is kept, so sending it again makes a new one, and the old one is dead.
"""

import re
from datetime import datetime

from chalicelib.kit import ids, limits, table
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, Unavailable
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.stripe_plan_values import GiftWish as AtStripe
from chalicelib.kit.telemetry import log
from chalicelib.members import gift_rules, keeping, letters, posting
from chalicelib.members.gift_rules import MESSAGE_MAX, Gift, GiftWish
from chalicelib.members.records import dues as paid
from chalicelib.members.records import gifts, redeeming, standing
from chalicelib.members.rules import Membership

GIVEN = limits.Limit("gift", tokens=10, each_ms=60_000)
REDEMPTIONS = limits.Limit("redeem", tokens=10, each_ms=60_000)
# Each writes to an address that somebody typed: a stranger's mailbox must not be filled by it.
LETTERS = limits.Limit("gift-letter", tokens=5, each_ms=3_600_000)
RACES_MAX = 8  # whoever loses a race looks again
LISTED = 20
PERIODS_MAX = 40  # that one person has at once: they stand in one item, read on every page
ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,180}\.[^@\s,;<>\".]{2,60}")


def buy(by: str, wish: GiftWish, *, gift_id: str, at: datetime) -> Gift:
    """A gift with the page to pay for it on; asked again under the same id, it is the same page."""
    amount = gift_rules.price_minor(wish.tier, wish.months)
    _check(wish)
    limits.spend(by, GIVEN, at)
    customer = keeping.customer_of(by)
    _make(Gift(gift_id, by, wish, "open", at))
    gift = own(by, gift_id)
    if gift.wish != wish:
        raise Conflict("Under this key another gift was begun. Begin a new one.", code=4101)
    if gift.state != "open" or gift.url:
        return gift
    time = "A year" if wish.months == 12 else "A month"
    page = bank().gift_checkout(
        AtStripe(gift_id, customer, f"{time} of Longhand, for somebody else", amount, settings().currency),
        success_url=f"{settings().site_url}/membership/gifts/{gift_id}?paid=true",
        cancel_url=f"{settings().site_url}/membership/gifts?left=true",
        key=f"gift:{gift_id}",
    )
    gifts.keep_page(gift_id, page.id, page.url)
    return own(by, gift_id)


def paid_for(place: str = "") -> tuple[list[Gift], str]:
    """The operator's: everybody's gifts that were paid, the last first."""
    return gifts.paid_for(place, LISTED)


def given_by(by: str, before: str = "") -> tuple[list[Gift], str]:
    """What somebody gave, the newest first."""
    return gifts.given_by(by, before, LISTED)


def gift(by: str, gift_id: str, *, at: datetime) -> Gift:
    """One's own gift; of one that is not known to be paid, as Stripe says."""
    return settle(own(by, gift_id), at)


def settle(gift: Gift, at: datetime) -> Gift:
    """Asks Stripe whether it was paid, and then keeps that and sends what is to be sent; once."""
    if gift.state == "open" and gift.session:
        page = bank().gift_session(gift.session)
        if page.status != "complete" or not page.invoice or not keeping.payment(page.invoice, at):
            return gift
        gift = known(gift.id)
        _tell(gift, at)
    return gift


def hear_paid(session: str, at: datetime) -> None:
    """Stripe tells that a page was paid on: if it was a gift's, all that follows from that is done."""
    page = bank().gift_session(session)
    gift = table.fetch_one(gifts.wanted(page.gift)) if page.gift else None
    if gift and page.invoice and keeping.payment(page.invoice, at):
        _tell(known(gift.id), at)


def link(by: str, gift_id: str, *, at: datetime) -> str:
    """A new address that redeems it, for the giver to hand over; the one before is dead."""
    gift = _waiting(gift_id, by, at)
    limits.spend(by, GIVEN, at)
    return letters.redeem_url(_new_code(gift))


def send(by: str, gift_id: str, address: str, *, at: datetime) -> Gift:
    """Sends it, again or at last, with a new code; to another address, if one is given."""
    gift = _waiting(gift_id, by, at)
    to = address or gift.wish.address
    _check_address(to)
    limits.spend(by, LETTERS, at)
    return _send(gift, to, at)


def send_again(gift_id: str, *, by: str, at: datetime) -> Gift:
    """The operator's: to the address that the giver named."""
    gift = _waiting(gift_id, "", at)
    _check_address(gift.wish.address)
    log.info("an operator sends a gift again", extra={"gift": gift_id, "operator": by})
    return _send(gift, gift.wish.address, at)


def offered(code: str) -> Gift:
    """The gift that this code redeems, or has redeemed; raises NotFound."""
    found = gifts.gift_of_code(ids.digest(code)) if ids.is_id(code) else None
    if found is None:
        raise NotFound("This is no gift's link, or a newer one was made for it. Ask who gave it to you.")
    return found


def redeem(code: str, *, by: str, at: datetime) -> Membership:
    """Begins its time for this person, once; asked again by the same, it is as it was."""
    limits.spend(by, REDEMPTIONS, at)
    for _ in range(RACES_MAX):
        gift = offered(code)
        mine = table.fetch_one(standing.wanted_membership(by))
        if gift.redeemer == by:
            _thank(gift, at)
            return mine
        _check_redeemable(gift, mine, at)
        try:
            _redeem(gift, mine, at)
        except table.Refused:
            continue
        _thank(known(gift.id), at)
        return table.fetch_one(standing.wanted_membership(by))
    raise Unavailable("Your membership is changing just now. Try again in a moment.", retry_after_s=1)


def _redeem(gift: Gift, mine: Membership, at: datetime) -> None:
    booked = paid.payment_of(gift.invoice)
    if booked is None:
        raise AssertionError(f"gift {gift.id} is bought without a payment")
    given = gift_rules.period(gift, mine.gifts, at)
    line = gift_rules.line(gift, booked, given, person_id=mine.person_id, at=at)
    redeeming.keep_redeemed(gift, mine, gift_rules.with_period(mine.gifts, given, at), line)


def _thank(gift: Gift, at: datetime) -> None:
    """Once: the giver hears that it was redeemed, though not by whom; who redeems an own gift knows."""
    if gift.giver != gift.redeemer and gift.start and gift.end:
        letter = letters.gift_redeemed(gift, gift.start, gift.end)
        posting.to_person(gift.giver, letter, about=f"gift-redeemed:{gift.id}", at=at)


def _check_redeemable(gift: Gift, mine: Membership, at: datetime) -> None:
    if gift.state == "redeemed":
        raise Conflict("This gift has been redeemed.", code=4104)
    if gift.void or gift.state != "bought":
        raise Conflict("This gift was paid back, so it gives nothing any more.", code=4105)
    if sum(each.end > at for each in mine.gifts) >= PERIODS_MAX:
        raise Conflict("You have as many gifts as fit. Redeem this one when one has ended.", code=4106)


def _tell(gift: Gift, at: datetime) -> None:
    """Once: thanks to the giver, and the gift to whom it is for."""
    amount = gift_rules.price_minor(gift.wish.tier, gift.wish.months)
    thanks = letters.gift_thanks(gift, amount)
    posting.to_person(gift.giver, thanks, about=f"gift-thanks:{gift.id}", at=at)
    if gift.wish.address and gift.letters == 0 and gift.waits:
        _send(gift, gift.wish.address, at)


def _send(gift: Gift, address: str, at: datetime) -> Gift:
    """One letter for each number; whoever comes second finds the number taken, and sends nothing."""
    if not gifts.next_letter(gift):
        return known(gift.id)
    letter = letters.gift(gift, _new_code(gift))
    if posting.to_address(address, letter, about=f"gift:{gift.id}:{gift.letters + 1}", at=at):
        gifts.mark_sent(gift.id, address, at)
    return known(gift.id)


def _new_code(gift: Gift) -> str:
    code = ids.new()
    try:
        gifts.keep_code(gift, ids.digest(code))
    except table.Refused as lost:
        raise Conflict("This gift was redeemed just now.", code=4104) from lost
    return code


def _waiting(gift_id: str, by: str, at: datetime) -> Gift:
    """A gift that is paid and not redeemed; of this giver, where one is named."""
    gift = settle(own(by, gift_id) if by else known(gift_id), at)
    if gift.state == "open":
        raise Conflict("This gift is not paid yet.", code=4107)
    if not gift.waits:
        raise Conflict("This gift was redeemed, or paid back.", code=4104)
    return gift


def _make(gift: Gift) -> None:
    try:
        gifts.make(gift)
    except table.Refused:
        log.info("this gift was begun before", extra={"gift": gift.id})


def own(by: str, gift_id: str) -> Gift:
    gift = known(gift_id)
    if gift.giver != by:
        raise NotFound("There is no such gift.")
    return gift


def known(gift_id: str) -> Gift:
    found = table.fetch_one(gifts.wanted(gift_id))
    if found is None:
        raise NotFound("There is no such gift.")
    return found


def _check(wish: GiftWish) -> None:
    if wish.address:
        _check_address(wish.address)
    if len(wish.message) > MESSAGE_MAX:
        raise Invalid(f"Write at most {MESSAGE_MAX} characters.", at="body.message", code=4236)


def _check_address(address: str) -> None:
    if not ADDRESS.fullmatch(address):
        raise Invalid(
            "Give an address that mail reaches, such as ada@example.org.", at="body.address", code=4235
        )
