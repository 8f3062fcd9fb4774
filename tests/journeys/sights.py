"""Every page of the magazine: where it is, who looks at it, and what state it shows."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from chalicelib.kit import ids
from infra import cloud
from infra.seed.cast import DOMAIN
from tests.conftest import Site
from tests.journeys.world import Guest, fill_in, soon

NOBODY, NEWCOMER, OPERATOR = "", "newcomer", "operator"
NEW_MEMBER = "new-member"
WRITER, UNFINISHED, READER, MEMBER = "maren", "tomas", "marta-quill", "noor-adeline"


@dataclass(frozen=True)
class Sight:
    """A page as somebody sees it.

    `path` may name what `Cast.places` knows, `status` is what it answers, and `types` what is typed into it
    and sent before one looks.
    """

    name: str
    route: str
    path: str
    who: str = NOBODY
    status: int = 200
    types: str = ""


STORY, DESK, THANKS = "/{handle}/{slug}", "/drafts/{story_id}", "/membership/thanks"
GIFT, LINKS = "/p/{story_id}/friend/{token}", "/p/{story_id}/links"
INVOICE = "/membership/invoices/{invoice_id}"
SIGHTS = (
    Sight("home", "/", "/"),
    Sight("home-member", "/", "/", MEMBER),
    Sight("following", "/following", "/following", MEMBER),
    Sight("following-nobody", "/following", "/following", NEWCOMER),
    Sight("topic", "/topic/{topic}", "/topic/sea"),
    Sight("topic-empty", "/topic/{topic}", "/topic/nothing-yet"),
    Sight("profile", "/{handle}", "/@maren"),
    Sight("profile-own", "/{handle}", "/@maren", WRITER),
    Sight("profile-signed-in", "/{handle}", "/@pia", MEMBER),
    Sight("profile-arabic", "/{handle}", "/@yusra"),
    Sight("story", STORY, "{the-map-that-left-out-the-mountain}"),
    Sight("story-german", STORY, "{die-uhr-im-treppenhaus}"),
    Sight("story-arabic", STORY, "{arabic}"),
    Sight("story-cut", STORY, "{the-little-motor}"),
    Sight("story-cut-reader", STORY, "{the-little-motor}", READER),
    Sight("story-whole", STORY, "{the-little-motor}", MEMBER),
    Sight("story-own", STORY, "{the-sound-a-buoy-makes}", WRITER),
    Sight("story-given", GIFT, "{gift}"),
    Sight("story-given-reader", GIFT, "{gift}", READER),
    Sight("story-given-no-more", GIFT, "{gift_no_more}"),
    Sight("links", LINKS, "/p/{given}/links", WRITER),
    Sight("links-member", LINKS, "/p/{given}/links", MEMBER),
    Sight("story-by-id", "/p/{story_id}", "/p/{id}"),
    Sight("signin", "/signin", "/signin?next=/write"),
    Sight("signin-wrong", "/signin", "/signin?next=/write", status=422, types="somebody@nowhere"),
    Sight("code", "/signin/code", "/signin", types=f"nobody@{DOMAIN}"),
    Sight("signin-first", "/drafts", "/drafts", status=401),
    Sight("welcome", "/welcome", "/welcome?next=/write", NEWCOMER),
    Sight("you", "/you", "/you", WRITER),
    Sight("you-operator", "/you", "/you", OPERATOR),
    Sight("settings-profile", "/settings/profile", "/settings/profile", WRITER),
    Sight("settings-sessions", "/settings/sessions", "/settings/sessions", WRITER),
    Sight("notices", "/notices", "/notices", MEMBER),
    Sight("notices-none", "/notices", "/notices", NEWCOMER),
    Sight("write", "/write", "/write", WRITER),
    Sight("drafts", "/drafts", "/drafts", WRITER),
    Sight("drafts-none", "/drafts", "/drafts", NEWCOMER),
    Sight("desk", DESK, "/drafts/{draft}", WRITER),
    Sight("desk-published", DESK, "/drafts/{id}", WRITER),
    Sight("membership-anybody", "/membership", "/membership?next=/@maren"),
    Sight("membership-reader", "/membership", "/membership?left=true", READER),
    Sight("membership-member", "/membership", "/membership", MEMBER),
    Sight("membership-plan", "/membership/plan", "/membership/plan?tier={plan}&interval=year", MEMBER),
    Sight("membership-withdrawal", "/membership/withdrawal", "/membership/withdrawal", NEW_MEMBER),
    Sight("membership-new", "/membership", "/membership", NEW_MEMBER),
    Sight("membership-withdrawal-late", "/membership/withdrawal", "/membership/withdrawal", MEMBER, 409),
    Sight("membership-invoice", INVOICE, "/membership/invoices/none", READER, 404),
    Sight("gifts", "/membership/gifts", "/membership/gifts?left=true", READER),
    Sight("gift-given", "/membership/gifts/{gift_id}", "/membership/gifts/{given_gift}", READER),
    Sight("gift-anybody", "/gifts/{gift_code}", "{gift_to_redeem}"),
    Sight("gift-member", "/gifts/{gift_code}", "{gift_to_redeem}", MEMBER),
    Sight("thanks", THANKS, "/membership/thanks?session_id=cs_1&next=/@maren", MEMBER),
    Sight("thanks-late", THANKS, "/membership/thanks?session_id=cs_1&looks=40", READER),
    Sight("dues", "/membership/dues", "/membership/dues", MEMBER),
    Sight("dues-none", "/membership/dues", "/membership/dues", READER),
    Sight("dues-estimated", "/membership/dues/{month}", "/membership/dues/{last_month}", MEMBER),
    Sight("earnings", "/earnings", "/earnings", WRITER),
    Sight("earnings-month", "/earnings/{month}", "/earnings/{last_month}", WRITER),
    Sight("earnings-unfinished", "/earnings", "/earnings", UNFINISHED),
    Sight("earnings-none", "/earnings", "/earnings", READER),
    Sight("earnings-back-from-stripe", "/earnings/return", "/earnings/return", WRITER),
    Sight("console", "/console", "/console", OPERATOR),
    Sight("console-memberships", "/console/memberships", "/console/memberships", OPERATOR),
    Sight("console-gifts", "/console/gifts", "/console/gifts", OPERATOR),
    Sight("console-gift", "/console/gifts/{gift_id}", "/console/gifts/{given_gift}", OPERATOR),
    Sight("console-withdrawals", "/console/withdrawals", "/console/withdrawals", OPERATOR),
    Sight("console-policies", "/console/policies", "/console/policies", OPERATOR),
    Sight("console-policy", "/console/policies/{version}", "/console/policies/{policy}", OPERATOR),
    Sight("rules", "/rules", "/rules"),
    Sight("commons", "/commons", "/commons"),
    Sight("console-commons", "/console/commons", "/console/commons", OPERATOR),
    Sight("rules-signed-in", "/rules", "/rules", WRITER),
    Sight("console-last-month", "/console/{month}", "/console/{last_month}", OPERATOR),
    Sight("console-founding", "/console/{month}", "/console/{founding}", OPERATOR),
    Sight("console-ledger", "/console/ledger", "/console/ledger?month={last_month}", OPERATOR),
    Sight("console-accounts", "/console/ledger/accounts", "/console/ledger/accounts?begins=p", OPERATOR),
    Sight("console-books", "/console/books", "/console/books", OPERATOR),
    Sight("console-payouts", "/console/{month}/payouts", "/console/{founding}/payouts", OPERATOR),
    Sight("console-readings", "/console/readings", "/console/readings?month={last_month}", OPERATOR),
    Sight("console-strike", "/console/readings/{strike_id}", "/console/readings/{strike}", OPERATOR),
    Sight("console-for-operators", "/console", "/console", READER, 404),
    Sight("docs", "/docs", "/docs"),
    Sight("missing", "/{handle}", "/@nobody-at-all", status=404),
    Sight("missing-story", STORY, "/@maren/nothing-0000000000000000", MEMBER, 404),
)


@dataclass
class Cast:
    """Who looks, each signed in once, and the addresses that sights speak of."""

    site: Site
    guests: dict[str, Guest] = field(default_factory=dict)

    def guest(self, who: str) -> Guest:
        if who not in self.guests:
            new = f"{ids.new()}@example.org"
            special = {NEWCOMER: new, NEW_MEMBER: new, OPERATOR: cloud.OPERATOR}
            guest = Guest(self.site)
            self.guests[who] = guest.sign_in(special.get(who, f"{who}@{DOMAIN}")) if who else guest
            if who == NEW_MEMBER:
                _join(guest)
        return self.guests[who]

    def path(self, sight: Sight) -> str:
        return sight.path.format_map(self.places)

    @cached_property
    def places(self) -> dict[str, str]:
        """Addresses of stories by their titles, a draft, one thrown away, and months."""
        now = datetime.now(UTC)
        ago = [now.year * 12 + now.month - 1 - months for months in (1, 2)]
        last_month, founding = (f"{month // 12:04}-{month % 12 + 1:02}" for month in ago)
        strike = self._strike(f"{now:%Y-%m}") or self._strike(last_month)
        months = {"last_month": last_month, "founding": founding}
        stories = {**self._stories(), **self._drafts(), **self._gifts(), **self._presents()}
        policy = self._policy(now.year + 1)
        return {**stories, **months, "strike": strike, "policy": policy}

    def _stories(self) -> dict[str, str]:
        found = {}
        for handle in ("maren", "tomas", "hanne", "yusra", "wen"):
            for story in self.guest(NOBODY).done("GET", f"/api/people/{handle}/stories")["items"]:
                path = story["url"].removeprefix(self.site.url)
                found[path.split("/")[2].rpartition("-")[0]] = path
                if story["language"] == "ar":
                    found["arabic"] = path
                if handle == WRITER:
                    found["id"] = story["id"]
        return found

    def _drafts(self) -> dict[str, str]:
        writer = self.guest(WRITER)
        kept, thrown = (writer.write(title, TEXT, "What it left behind") for title in ("Low water", "Fog"))
        writer.done("DELETE", f"/api/stories/{thrown['id']}")
        return {"draft": kept["id"]}

    def _gifts(self) -> dict[str, str]:
        """A members-only story of the writer's, a link that opens it, and one that was taken back."""
        writer = self.guest(WRITER)
        stories = writer.done("GET", f"/api/people/{WRITER}/stories")["items"]
        story = next(each["id"] for each in stories if each["audience"] == "members")
        links = f"/api/stories/{story}/friend-links"
        gift, over = (writer.done("POST", links, {"note": note}) for note in ("The harbour master", ""))
        writer.done("DELETE", f"{links}/{over['id']}")
        paths = [each["url"].removeprefix(self.site.url) for each in (gift, over)]
        return {"given": story, "gift": paths[0], "gift_no_more": paths[1]}

    def _presents(self) -> dict[str, str]:
        """A membership that a reader gave, paid and not redeemed, and another plan than the member's."""
        giver, wish = self.guest(READER), {"tier": "friend", "months": 12, "message": "For the evenings."}
        gift = giver.done("POST", "/api/gifts", wish)
        fill_in(gift["url"], card="own")
        link = giver.done("POST", f"/api/gifts/{gift['id']}/link", {})["url"]
        tier = self.guest(MEMBER).done("GET", "/api/membership")["tier"]
        return {
            "given_gift": gift["id"],
            "gift_to_redeem": link.removeprefix(self.site.url),
            "plan": "member" if tier == "friend" else "friend",
        }

    def _policy(self, year: int) -> str:
        """A change of the rule's numbers that is tested and waits to be published."""
        keeper, policies = self.guest(OPERATOR), "/api/operator/policies"
        wish = {"numbers": {"hold_days": 90}, "from_month": f"{year}-06", "reason": "Disputes come later."}
        made = keeper.done("POST", policies, wish)["version"]

        def is_tested() -> bool:
            items = keeper.done("GET", policies)["items"]
            return any(each["version"] == made and each["test"] for each in items)

        soon(is_tested, "the test of a policy")
        return str(made)

    def _strike(self, month: str) -> str:
        """A decision about a member's readings in this month; "" where there are none yet."""
        days = {"first_day": f"{month}-01", "last_day": f"{month}-28"}
        wish = {"reader": f"@{MEMBER}", "reason": "Left open on a display.", **days}
        heard = self.guest(OPERATOR).ask("POST", "/api/operator/strikes", wish)
        return heard.json()["id"] if heard.status == 201 else ""


TEXT = (
    "<p>The flats lie <strong>bare</strong> for an hour, and <a href='https://example.org'>somebody</a> "
    "counts.</p><h2>What is counted</h2><ul><li>Ropes</li><li>Shoes</li></ul><blockquote><p>One of each."
    "</p></blockquote><pre><code>07:40  1.2 m</code></pre><p>Then it comes back.</p>"
)


def _join(guest: Guest) -> None:
    """Pays for a first month, and waits until that is known."""
    wish = {"tier": "member", "interval": "month"}
    fill_in(guest.done("POST", "/api/membership/checkout", wish)["url"], card="own", deed="pay")
    soon(lambda: guest.done("GET", "/api/membership")["reads_all"], "the webhook makes a member")
    soon(lambda: guest.done("GET", "/api/membership/invoices")["items"], "and then its payment is heard of")
