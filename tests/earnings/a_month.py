"""A small month to close: members who paid, partners who wrote, and readings as the site counts them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.kit import ids
from chalicelib.members.records import dues as dues_records
from chalicelib.members.rules import DuesLine, Payment
from chalicelib.people.rules import Card
from chalicelib.reads import service as reads
from chalicelib.reads.rules import Beat
from chalicelib.stories.rules import MEMBERS, PUBLISHED, StoryCard

OLD_CARD = datetime(2026, 1, 1, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
AFTER_NOVEMBER = datetime(2026, 12, 3, 8, tzinfo=UTC)
AFTER_DECEMBER = datetime(2027, 1, 3, 8, tzinfo=UTC)


def a_payment(
    member: str,
    *,
    month: datetime = NOVEMBER,
    tier: str = "member",
    net: int = 5_000_000,
    first_charged: datetime = OLD_CARD,
    recorded: datetime | None = None,
    tax: int = 0,
) -> str:
    """A whole month's dues, paid at its beginning; its invoice."""
    end = (month + timedelta(days=32)).replace(day=1)
    invoice, method, known = f"in_{ids.new()}", f"card-of-{member}", recorded or month + timedelta(hours=1)
    line = DuesLine(ids.new(), member, tier, month, end, net, invoice, known, method)
    dues_records.note_charge(method, first_charged)
    paid = Payment(
        invoice,
        member,
        known,
        cash_micros=net + tax,
        tax_micros=tax,
        credit_micros=0,
        net_micros=net,
        transaction=f"txn_{invoice}",
        fee_micros=450_000,
    )
    dues_records.keep(paid, [line])
    return invoice


def a_card(author: str, story: str = "") -> StoryCard:
    """A members-only story that takes four minutes."""
    who = Card(author, author, author.title(), "")
    return StoryCard(
        story or ids.new(),
        who,
        PUBLISHED,
        version=1,
        words=920,
        audience=MEMBERS,
        live_version=1,
        published_at=NOVEMBER,
    )


def reads_it(
    member: str, card: StoryCard, *, seconds: int = 120, at: datetime | None = None, follower: bool = False
) -> None:
    """As the page reports it, fifteen seconds a beat."""
    began = at or NOVEMBER + timedelta(days=2)
    ticket = reads.ticket(member, card, at=began, follower=follower, enrolled=True)
    beats = [Beat(n, min(15, seconds - at_s)) for n, at_s in enumerate(range(0, seconds, 15), 1)]
    reads.report(ticket, beats, by=member, at=began + timedelta(seconds=seconds))


@dataclass(frozen=True)
class Cast:
    """Who is in the small month: two readers with old cards, one with a new one, two writers."""

    ana: str
    ben: str
    new: str
    maren: str
    tom: str
    tide: StoryCard
    fog: StoryCard


def a_cast() -> Cast:
    ana, ben, new, maren, tom = (ids.new() for _ in range(5))
    return Cast(ana, ben, new, maren, tom, a_card(maren), a_card(tom))


def a_november(cast: Cast) -> None:
    """Ana reads both, Ben one, the newcomer one; each has paid."""
    a_payment(cast.ana, net=30_000_000)
    a_payment(cast.ben, tier="friend", net=15_000_001)
    a_payment(cast.new, first_charged=NOVEMBER)
    reads_it(cast.ana, cast.tide, seconds=240)
    reads_it(cast.ana, cast.fog, seconds=60, at=NOVEMBER + timedelta(days=3))
    reads_it(cast.ben, cast.tide, seconds=90, follower=True)
    reads_it(cast.new, cast.tide)
