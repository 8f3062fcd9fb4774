"""How templates write dates, money, counts and tallies."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from chalicelib.kit.clock import rfc3339
from chalicelib.kit.settings import settings

MICROS_IN_CENT: Final = 10_000
CENTS_IN_UNIT: Final = 100
TALLY_MAX: Final = 20  # Drawn to twenty; beyond that the words beneath say the number.
TALLY_STEP, TALLY_GROUP = 4, 21
SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£"}
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def money(micros: int) -> Markup:
    """An amount beside others: `$12.34`, and its millionths small, so that columns add up exactly."""
    return _amount(micros, symbol())


def figure(micros: int) -> Markup:
    """As `money`, without the currency's sign: for the cells of a ledger."""
    return _amount(micros, "")


def cents(micros: int) -> str:
    """An amount that stands alone, in whole cents towards zero: never more is promised than there is."""
    return minor(_sign(micros) * (abs(micros) // MICROS_IN_CENT))


def minor(amount: int) -> str:
    """An amount of minor units, as Stripe counts: 1234 is `$12.34`."""
    units, rest = divmod(abs(amount), CENTS_IN_UNIT)
    return f"{'−' if amount < 0 else ''}{symbol()}{units:,}.{rest:02d}"


def price(amount: int) -> str:
    """A price in minor units, without its cents where there are none: 500 is `$5`."""
    return minor(amount).removesuffix(".00")


def count(number: int) -> str:
    return f"{number:,}"


def of(number: int, one: str, many: str) -> str:
    """`1 reader`, `2 readers`."""
    return f"{number:,} {one if number == 1 else many}"


def day(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def moment(at: datetime) -> str:
    """A day with its time, in UTC; a narrow place breaks it between the two."""
    return f"{day(at)}, {at.astimezone(UTC):%H:%M} UTC".replace(" ", "\u00a0").replace(",\u00a0", ", ")


def month(text: str) -> str:
    """`2026-11` is November 2026."""
    year, number = text.split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def month_name(text: str) -> str:
    return month(text).split()[0]


def minutes(number: int) -> str:
    return of(max(number, 1), "minute", "minutes")


def duration(seconds: int) -> str:
    """`9 min 12 s`, `48 s`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def tally(number: int) -> str:
    """Applause as an SVG path, the fifth stroke across the four before it; its number stands beside it."""
    return "".join(_stroke(n) for n in range(min(number, TALLY_MAX)))


def tally_width(number: int) -> int:
    drawn = min(number, TALLY_MAX)
    return (drawn - 1) // 5 * TALLY_GROUP + min((drawn - 1) % 5, 4) * TALLY_STEP + 6 if drawn else 0


def reachable(html: str) -> Markup:
    """Sanitised HTML whose code blocks, which may scroll, can be reached by keyboard."""
    # Without quotation marks: even where "<pre>" stands in somebody's alt text, this ends no attribute.
    # By `str`, for Markup's own `replace` escapes what it puts in.
    return Markup(str.replace(html, "<pre>", "<pre tabindex=0>"))  # noqa: S704 - sanitised when it was written


def with_code(text: str) -> Markup:
    """Our own words, in which what stands between backticks is code."""
    return Markup(re.sub("`(.+?)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just now


def host(address: str) -> str:
    """What a link is called where it has no words of its own."""
    return urlsplit(address).netloc.removeprefix("www.") or address


ALL: dict[str, Callable[..., object]] = {
    f.__name__: f
    for f in (
        cents, count, day, duration, figure, host, minor, minutes, moment, money, month, month_name, of,
        price, reachable, rfc3339, tally, tally_width, with_code,
    )
}  # fmt: skip


def symbol() -> str:
    return SYMBOLS.get(settings().currency, settings().currency.upper() + " ")


def _amount(micros: int, sign: str) -> Markup:
    whole, millionths = divmod(abs(micros), MICROS_IN_CENT)
    units, rest = divmod(whole, CENTS_IN_UNIT)
    minus = "−" if micros < 0 else ""
    return Markup('{}{}{}.{:02d}<small class="u">{:04d}</small>').format(
        minus, escape(sign), f"{units:,}", rest, millionths
    )


def _sign(number: int) -> int:
    return -1 if number < 0 else 1


def _stroke(n: int) -> str:
    group, place = divmod(n, 5)
    if place == 4:
        return f"M{group * TALLY_GROUP} 12l16-8"
    return f"M{group * TALLY_GROUP + 2 + place * TALLY_STEP} 2v12"
