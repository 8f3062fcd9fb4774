"""The letters about membership: what each says, as text and as HTML that says the same."""

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from chalicelib.kit.settings import settings
from chalicelib.members.gift_rules import Gift

MONTHS = "January February March April May June July August September October November December".split()
NAMES = {"member": "Member", "friend": "Friend"}


@dataclass(frozen=True)
class Letter:
    """Paragraphs, of which the last may be an address to open."""

    subject: str
    paragraphs: tuple[str, ...]
    says: str = ""
    url: str = ""

    @property
    def text(self) -> str:
        link = [f"{self.says}:\n{self.url}"] if self.url else []
        return "\n\n".join([*self.paragraphs, *link, f"Longhand, {settings().site_url}"]) + "\n"

    @property
    def html(self) -> str:
        body = [f"<p>{escape(each)}</p>" for each in self.paragraphs]
        if self.url:
            body.append(f'<p><a href="{escape(self.url)}">{escape(self.says)}</a></p>')
        site = escape(settings().site_url)
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            f"<title>{escape(self.subject)}</title></head><body>"
            f'{"".join(body)}<p><a href="{site}">Longhand</a></p></body></html>\n'
        )


def payment_failed(due_minor: int, next_try: datetime | None) -> Letter:
    again = (
        f"It is tried again on {day(next_try)}. You need do nothing if that card pays then."
        if next_try
        else "It is not tried again: take another card, or your membership ends."
    )
    return Letter(
        "Your payment for Longhand failed",
        (
            f"The payment of {amount(due_minor)} for your membership failed: the card was declined.",
            again,
            "Until then you read everything as before, and nothing is charged twice.",
        ),
        "Look at your membership, and take another card",
        _page("/membership"),
    )


def ended(*, unpaid: bool) -> Letter:
    why = (
        "Your membership of Longhand has ended: its last payment could not be taken from your card."
        if unpaid
        else "Your membership of Longhand has ended, as was asked for."
    )
    return Letter(
        "Your membership of Longhand has ended",
        (why, "Nothing more is charged. Your account, what you wrote and whom you follow stay as they are."),
        "Become a member again",
        _page("/membership"),
    )


def withdrawn(back_minor: int, credit_minor: int, *, is_whole: bool) -> Letter:
    """`credit_minor` is what is credit again; below zero, the credit that goes with the money behind it."""
    back = (
        f"We have given back {amount(back_minor)}. The card that paid shows it within some days."
        if back_minor
        else "There was nothing left to give back."
    )
    rest = (
        ()
        if is_whole
        else ("A part of it is not back yet: your bank has to decide about it first, or we look after it.",)
    )
    return Letter(
        "You have withdrawn from your membership of Longhand",
        (
            "You have withdrawn from your membership of Longhand, and it has ended.",
            back,
            *_credit(credit_minor),
            *rest,
            "Nothing more is charged. Your account, what you wrote and whom you follow stay as they are.",
        ),
        "Your membership",
        _page("/membership"),
    )


def repaid(back_minor: int, how: str) -> Letter:
    return Letter(
        "What was left of your withdrawal was paid back",
        (
            f"You withdrew from your membership of Longhand, and {amount(back_minor)} of it was with us.",
            f"We have paid it back beside Stripe: {how}",
            "With that all of it is back.",
        ),
        "Your membership",
        _page("/membership"),
    )


def trial_ends(on: datetime, price_minor: int, interval: str) -> Letter:
    return Letter(
        f"Your trial of Longhand ends on {day(on)}",
        (
            f"Your trial ends on {day(on)}. From then on {amount(price_minor)} a {interval} is charged.",
            "To that comes tax, where it is due.",
            "If you do not want that, end it before: you read everything up to that day all the same.",
        ),
        "Keep it or end it",
        _page("/membership"),
    )


def trial_refused() -> Letter:
    return Letter(
        "Your card had its trial of Longhand before",
        (
            "A trial is for a card that never paid here and had none yet. Yours did, so this one has ended.",
            "Nothing was charged. You can become a member without a trial.",
        ),
        "Become a member",
        _page("/membership"),
    )


def gift(given: Gift, code: str) -> Letter:
    who = given.wish.giver_name or "Somebody"
    said = (f"{who} writes: “{given.wish.message}”",) if given.wish.message else ()
    return Letter(
        f"{who} gives you {_time(given)} of Longhand",
        (
            f"{who} has given you {_time(given)} of Longhand as a {NAMES[given.wish.tier]}.",
            "You read every story whole, and those who wrote them are paid.",
            *said,
            "Its time begins when you redeem it. Whoever has this link can, once; so keep it to yourself.",
        ),
        "Redeem it",
        redeem_url(code),
    )


def gift_thanks(given: Gift, amount_minor: int) -> Letter:
    way = (
        f"We have written to {given.wish.address}."
        if given.wish.address
        else "You hand it over by yourself: its link is on the page of your gifts."
    )
    return Letter(
        "Thank you for your gift of Longhand",
        (
            f"You have given {_time(given)} of Longhand as a {NAMES[given.wish.tier]}.",
            f"Its price is {amount(amount_minor)}; what was charged, with tax, is on Stripe's invoice.",
            way,
            "Its time begins when it is redeemed. Until then you can send it again.",
        ),
        "Your gifts",
        _page("/membership/gifts"),
    )


def gift_redeemed(given: Gift, start: datetime, end: datetime) -> Letter:
    return Letter(
        "Your gift of Longhand was redeemed",
        (
            f"The gift that you made, {_time(given)} as a {NAMES[given.wish.tier]}, was redeemed.",
            f"Its time runs from {day(start)} to {day(end)}, and then it ends by itself.",
            "Thank you: it pays the writers whose stories are read with it.",
        ),
        "Your gifts",
        _page("/membership/gifts"),
    )


def gift_back(given: Gift, amount_minor: int) -> Letter:
    return Letter(
        "Your gift of Longhand was taken back",
        (
            f"The gift that you made, {_time(given)} as a {NAMES[given.wish.tier]}, was taken back.",
            f"Its price of {amount(amount_minor)} goes back, with its tax, to the card that paid.",
            "Nobody can redeem it any more.",
        ),
        "Your gifts",
        _page("/membership/gifts"),
    )


def redeem_url(code: str) -> str:
    return _page(f"/gifts/{code}")


def day(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def amount(minor: int) -> str:
    units, rest = divmod(minor, 100)
    return f"{units:,}.{rest:02d} {settings().currency.upper()}"


def _credit(minor: int) -> tuple[str, ...]:
    if minor > 0:
        return (f"You had paid {amount(minor)} with credit. It is credit again, for your next membership.",)
    if minor < 0:
        return (f"The credit of {amount(-minor)} for the plan you gave up is part of that, and ends.",)
    return ()


def _time(given: Gift) -> str:
    return "a year" if given.wish.months == 12 else "a month"


def _page(path: str) -> str:
    return settings().site_url + path
