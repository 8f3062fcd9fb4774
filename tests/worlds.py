"""A small magazine to count calls in: somebody of every kind, and what each needs to do their deeds."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.earnings import policies, service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import closing, estimating
from chalicelib.earnings.pay import approving, granting, paying, withholding
from chalicelib.earnings.rules.ledger import commons_entry
from chalicelib.earnings.rules.reads import MemberId
from chalicelib.kit import clock, ids, signing
from chalicelib.kit.requests import Credential
from chalicelib.members import giving
from chalicelib.notices import service as notices
from chalicelib.people.service import viewer_of
from chalicelib.reads import gifts, striking
from chalicelib.reads.striking import Wish
from chalicelib.stories import service as stories
from tests import streams
from tests.client import Client
from tests.earnings.a_month import AFTER_DECEMBER, NOVEMBER, a_card, a_payment, reads_it
from tests.feeds.builders import carry
from tests.media.builders import a_file, put
from tests.members.builders import make_member
from tests.members.conftest import Shop
from tests.people.builders import code_for, signed_in
from tests.stripe_stand_in import Json, click

OPERATOR = "keeper@longhand.example"
ADDRESS = "fresh@example.org"
MONTHS = {
    "paid": NOVEMBER.replace(month=10),
    "payable": NOVEMBER,
    "closable": NOVEMBER.replace(month=12),
    "open": NOVEMBER.replace(year=2027, month=1),
}


@dataclass(frozen=True)
class World:
    """Who asks, by a letter: w a writer, r a reader who follows, m a member, o an operator, p a partner.

    Where there is money, n a newcomer who paid for one closed month.
    """

    shop: Shop
    ids: dict[str, Any] = field(default_factory=dict)
    """What a path or a body names: of everything one that is there."""
    clients: dict[str, Client] = field(default_factory=lambda: {"-": Client()})
    csrf: dict[str, str] = field(default_factory=dict)
    events: dict[str, Json] = field(default_factory=dict)
    """What Stripe has to tell and has not told yet, by type."""

    def enter(self, letter: str, address: str) -> Client:
        client = Client(signed_in(address, at=clock.now()).token)
        self.clients[letter] = client
        self.csrf[client.token] = signing.proof("csrf", _session_of(client.token))
        return client


def a_world(shop: Shop) -> World:
    """A writer with stories, a draft and a picture, who has a follower and a member as readers."""
    shop.stripe.clock_file.write_text(str(int((AFTER_DECEMBER - clock.now()).total_seconds())))
    world = World(shop)
    writer, reader = world.enter("w", "w@example.org"), world.enter("r", "r@example.org")
    member = world.enter("m", "m@example.org")
    world.enter("o", OPERATOR)
    me = writer.put("/api/me/handle", {"handle": "maren"}).json()
    reader.put("/api/people/maren/follow")
    shop.join(member.get("/api/me").json()["id"])
    world.ids.update(_stories(writer))
    carry()
    notices.hear(streams.messages("notices"))
    Client().post("/api/sign-in/codes", {"address": ADDRESS})
    world.ids.update(
        handle="maren",
        topic="sea",
        session_id=_session_of(writer.token),
        image_id=_picture(writer, finished=True),
        unfinished=_picture(writer),
        version=str(me["version"]),
        code=code_for(ADDRESS),
        ticket=member.get(f"/api/stories/{world.ids['story_id']}").json()["ticket"],
        notice=reader.get("/api/notices").json()["items"][0]["id"],
        **_links(world, writer),
    )
    return world


def let_money_in(world: World) -> None:
    """A partner who was paid for a month, can be paid for another, and earns in two more; Stripe has news."""
    stripe, who = world.shop.stripe, _a_partner(world)
    reader = _months_read(a_card(who), world.enter("n", "n@example.org").get("/api/me").json()["id"])
    world.ids.update({name: clock.month_of(month) for name, month in MONTHS.items()})
    world.ids["month"] = world.ids["payable"]
    world.ids["entry_id"] = f"close:{world.ids['paid']}:platform"
    now = clock.now()
    withholding.set_rate(who, 3_000, "another", now, authority="us-irs", reference="W-8BEN")
    closing.close(world.ids["paid"], now)
    paying.pay_here(world.ids["paid"], now)
    closing.close(world.ids["payable"], now)
    estimating.estimate_open(now)
    world.ids["person_id"] = who
    world.ids.update(_a_grant(who, now))
    world.ids["digest"] = approving.propose(world.ids["payable"], "another", now).digest
    world.ids["version"] = str(_a_proposal(now))
    world.ids.update(_a_strike(reader, now))
    click(world.shop.checkout(ids.new()), card="own")
    stripe.control("capability", account=service.partner(who).account_id, status="restricted")
    told = stripe.state()
    world.events.update({each["type"]: each for each in [*told["event"], *told["thin_event"]]})


def let_gifts_in(world: World) -> None:
    """The member gave a gift that waits, paid an invoice, and was shown what another plan costs."""
    member, now = world.clients["m"], clock.now()
    gift = member.post("/api/gifts", {"tier": "member", "months": 1, "address": "given@example.org"}).json()
    click(gift["url"], card="own")
    world.shop.settle()
    shown = member.get("/api/membership/plan-change?tier=friend&interval=month").json()
    world.ids.update(
        gift_id=gift["id"],
        gift_code=giving.link(member.get("/api/me").json()["id"], gift["id"], at=now).rsplit("/", 1)[1],
        invoice_id=member.get("/api/membership/invoices").json()["items"][0]["id"],
        due=shown["due"],
        as_of=shown["as_of"],
    )


def let_one_withdraw(world: World) -> None:
    """The member withdrew while the bank disputed the payment; then we won, and Stripe keeps it."""
    shop, member = world.shop, world.clients["m"]
    invoice = member.get("/api/membership/invoices").json()["items"][0]["id"]
    dispute = shop.stripe.control("dispute", invoice=invoice)
    shop.settle()
    member.put("/api/membership/withdrawal", {})
    shop.stripe.control("close_dispute", dispute=dispute["id"], status="won")
    shop.settle()
    world.ids["subscription"] = shop.stripe.state()["subscription"][0]["id"]


def _a_grant(partner: str, at: datetime) -> dict[str, str]:
    """Proposed by another operator, from a commons that holds it."""
    ledger.post(commons_entry(clock.month_of(at), MemberId("nobody"), 9_000_000), at)
    made = granting.propose(
        partner, 100, "For a year of maps.", grant_id=ids.new(), by="another", gains_nothing=True, at=at
    )
    return {"grant_id": made.id}


def _a_proposal(at: datetime) -> int:
    """Another share for writers, tested on the month that was closed last."""
    made = policies.propose(
        {"partner_share_bps.member": 5500},
        from_month=clock.month_of(at + timedelta(days=90)),
        reason="Writers should get more.",
        by="somebody",
        at=at,
    )
    policies.test(made.version, at)
    return made.version


def _a_partner(world: World) -> str:
    partner = world.enter("p", "p@example.org")
    who: str = partner.put("/api/me/handle", {"handle": "wen"}).json()["id"]
    click(partner.post("/api/partner", {"country": "us", "agrees": True}).json()["url"], told="all")
    service.refresh(who)
    world.shop.stripe.control("topup", amount=100_000)
    return who


def _a_strike(reader: str, at: datetime) -> dict[str, str]:
    """Readings of a month that was closed with them, and so to be adjusted; and others that may be struck."""
    read = clock.day_of(MONTHS["payable"] + timedelta(days=1))
    made = striking.strike(Wish(reader, "", read, read, "No reading at all."), by="somebody", at=at)
    return {"strike_id": made.id, "struck_reader": reader, "day": read}


def _months_read(story: Any, newcomer: str) -> str:
    """Somebody reads in every month; a newcomer's first month is held, since the card is young."""
    member = ids.new()
    a_payment(newcomer, month=MONTHS["payable"], first_charged=MONTHS["payable"])
    reads_it(newcomer, story, at=MONTHS["payable"] + timedelta(days=1))
    for month in MONTHS.values():
        a_payment(member, month=month, net=30_000_000)
        reads_it(member, story, at=month + timedelta(days=1))
    return member


def _stories(writer: Client) -> dict[str, str]:
    draft, story, deleted = (_written(writer, title) for title in ("Tides", "Salt", "Gone"))
    out = {"topics": ["sea"], "audience": "members", "preview_words": 100}
    told = writer.put(f"/api/stories/{story}/publication", out, headers={"If-Match": '"1"'}).json()
    writer.delete(f"/api/stories/{deleted}")
    return {"draft": draft, "story_id": story, "deleted": deleted, "slug": told["url"].rsplit("/", 1)[1]}


def _written(writer: Client, title: str) -> str:
    html = f"<p>{'Salt and tide. ' * 100}</p>"
    made: str = writer.post("/api/stories", {"title": title, "html": html}).json()["id"]
    return made


def _links(world: World, writer: Client) -> dict[str, str]:
    """A writer's friend link and a Friend's gift, and the ticket of who has had the gift for a minute."""
    friend, story = world.enter("f", "f@example.org"), world.ids["story_id"]
    who: str = friend.get("/api/me").json()["id"]
    make_member(who, "friend", until=clock.now() + timedelta(days=9))
    links = f"/api/stories/{story}/friend-links"
    own, gift = writer.post(links, {}).json(), friend.post(links, {}).json()
    card, at = stories.cards([story])[story], clock.now() - timedelta(minutes=1)
    ticket = gifts.ticket(who, gift["id"], card, at=at, follower=False, enrolled=True)
    return {"link_id": own["id"], "token": gift["url"].rpartition("/")[2], "gift_ticket": ticket}


def _picture(writer: Client, *, finished: bool = False) -> str:
    data = a_file(size=(400, 300))
    image_id: str = writer.post("/api/images", {"type": "image/jpeg", "bytes": len(data)}).json()["id"]
    put(image_id, data)
    if finished:
        writer.put(f"/api/images/{image_id}")
    return image_id


def _session_of(token: str) -> str:
    viewer = viewer_of(Credential(token, bearer=False), at=clock.now())
    assert viewer
    return viewer.session_id
