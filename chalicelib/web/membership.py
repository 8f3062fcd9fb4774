"""The pages of membership: what it costs, what one's own is, and the wait until Stripe has told us."""

from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, Refusal, TooMany, Unavailable
from chalicelib.members import billing, service, withdrawing
from chalicelib.members.rules import PRICES_MINOR, Membership
from chalicelib.web import sheet
from chalicelib.web.forms import inside

SHOWN_S = 60  # for how long a shared cache may keep what anybody may see
SILENT = "silent"
LOOKS_MAX = 40  # two minutes, a look each three seconds; a webhook that takes longer is late

DID = {
    "changed": "Your plan is changed.",
    "ends": "Your membership ends with its period. Until then nothing changes.",
    "kept": "Your membership goes on.",
    "withdrawn": "You have withdrawn, and your membership has ended. What goes back is in your mail.",
    "redeemed": "The gift is yours. Every story is whole for you.",
}

routes = Routes(__name__)


class MembershipQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go on afterwards, and whether one comes from Stripe's page without having paid."""

    next: str = ""
    left: bool = False
    did: str = ""


class JoinForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to become, how it is paid, and where to go on afterwards."""

    tier: str
    interval: str
    next: str = ""


class PortalForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page at Stripe: all, or a new card alone."""

    page: str = "all"


class ThanksQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What Stripe's page said on the way back, and how often this page has looked since."""

    session_id: str = ""
    next: str = ""
    looks: Annotated[int, msgspec.Meta(ge=0, le=LOOKS_MAX)] = 0


@routes.get("/membership", who=Who.ANYONE, page=True, query=MembershipQuery, refuses=(Invalid,))
def show(ask: Ask[Nothing]) -> Page:
    """What membership is, and what mine is"""
    return page(ask, ask.query.next, left=ask.query.left, said=DID.get(ask.query.did, ""))


@routes.post(
    "/membership/join",
    who=Who.SIGNED_IN,
    page=True,
    body=JoinForm,
    api="POST /api/membership/checkout",
    refuses=(Conflict, Invalid, TooMany, Unavailable),
)
def join(ask: Ask[JoinForm]) -> Page | SeeOther:
    """Go to Stripe's page and become a member"""
    wish = ask.body
    then = inside(wish.next)
    try:
        url = service.checkout(ask.me.person_id, wish.tier, wish.interval, then=then, at=clock.now())
    except (Conflict, Invalid, TooMany, Unavailable) as refusal:
        return page(ask, wish.next, refusal)
    return SeeOther(url)


@routes.post(
    "/membership/portal",
    who=Who.SIGNED_IN,
    page=True,
    body=PortalForm,
    api="POST /api/membership/portal",
    refuses=(Conflict, TooMany, Unavailable),
)
def open_portal(ask: Ask[PortalForm]) -> Page | SeeOther:
    """Go to Stripe's page for cards, invoices and the end of a membership"""
    try:
        for_card = ask.body.page == "card"
        return SeeOther(service.portal(ask.me.person_id, at=clock.now(), for_card=for_card))
    except (Conflict, TooMany, Unavailable) as refusal:
        return page(ask, "", refusal)


@routes.get("/membership/thanks", who=Who.SIGNED_IN, page=True, query=ThanksQuery, refuses=(Invalid,))
def thank(ask: Ask[Nothing]) -> Page | SeeOther:
    """Back from Stripe's page: wait until its webhook has made the membership"""
    came = ask.query
    paper, (mine,) = sheet.opened(ask, service.wanted_membership(ask.me.person_id))
    is_member = mine.reads_all(clock.now())
    if not is_member and not came.session_id:
        return SeeOther("/membership")
    return paper.page(
        "thanks.html",
        title="Thank you" if is_member else "One moment",
        here="membership",
        member=is_member,
        next=_next(inside(came.next)),
        again=_again(came, 0 if came.looks == LOOKS_MAX else came.looks + 1),
        last=_again(came, LOOKS_MAX),
        looks=LOOKS_MAX - came.looks,
        gives_up=came.looks == LOOKS_MAX,
    )


def page(
    ask: Ask[Any], then: str, refusal: Refusal | None = None, *, left: bool = False, said: str = ""
) -> Page:
    """The page of membership, and why what was just asked could not be done."""
    who = ask.viewer.person_id if ask.viewer else ""
    paper, found = sheet.opened(ask, *([service.wanted_membership(who)] if who else []))
    mine: Membership | None = found[0] if found else None
    is_silent = isinstance(refusal, Unavailable)  # then nobody waits for Stripe again
    then = inside(then, "")
    return paper.page(
        "membership.html",
        refusal=refusal,
        public_s=SHOWN_S,
        title="Membership",
        here="membership",
        description="Read everything on Longhand, and pay those who wrote it.",
        said=said,
        membership=mine if mine and mine.is_live else None,
        own=_own(mine) if mine else None,
        coming=_coming(mine, is_silent=is_silent) if mine else None,
        withdrawal=withdrawing.offered(mine, clock.now()) if mine else None,
        trial_days=service.trial_days(mine),
        ended=mine.until if mine and mine.state == "ended" else None,
        prices=PRICES_MINOR,
        next=then,
        left=left,
        back="/membership" + (f"?{urlencode({'next': then})}" if then else ""),
    )


def _own(mine: Membership) -> dict[str, Any]:
    """What is there beside the subscription itself: gifts, and what was paid."""
    at = clock.now()
    return {
        "gift": mine.gifts_end(at),
        "reads_as": mine.reads_as(at),
        "paid": billing.paid_by(mine.person_id) if mine.customer else [],
        "plan": f"{mine.tier}_{mine.interval}",
    }


def _coming(mine: Membership, *, is_silent: bool) -> billing.Coming | str | None:
    """What will really be charged, or that Stripe does not say; None where nothing will be."""
    if billing.pays_next(mine) is None:
        return None
    try:
        return SILENT if is_silent else billing.coming(mine)
    except (NotFound, Unavailable):
        return SILENT


def _next(path: str) -> dict[str, str]:
    says = "Read on where you were" if path.startswith("/@") else "See what is new"
    return {"url": path, "says": says}


def _again(came: ThanksQuery, looks: int) -> str:
    """This page once more, as having looked so often; after its last look somebody may have it begin anew."""
    return "/membership/thanks?" + urlencode(
        {"session_id": came.session_id, "next": came.next, "looks": looks}
    )
