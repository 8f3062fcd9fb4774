"""The sheet that every page is written on: who looks at it, what the masthead says, and what the page needs.

A page names what it wants of the tables; that, and what the masthead says of the viewer, come by one call.
"""

from dataclasses import dataclass
from typing import Any

from chalicelib.kit import clock, table
from chalicelib.kit.http import Ask, Page, Viewer
from chalicelib.kit.refusals import Refusal
from chalicelib.kit.requests import csrf_of
from chalicelib.kit.settings import settings
from chalicelib.web import look


@dataclass(frozen=True)
class Masthead:
    """What the masthead says of the viewer."""

    name: str
    handle: str
    roles: frozenset[str]
    notices: int
    partner: bool
    member: bool
    owes: bool
    """Whether a payment failed and is asked for still."""


@dataclass(frozen=True)
class Sheet:
    """A page about to be written for somebody."""

    viewer: Masthead | None
    csrf: str

    def page(
        self,
        template: str,
        *,
        status: int = 200,
        refusal: Refusal | None = None,
        public_s: int = 0,
        style_hash: str = "",
        is_secret: bool = False,
        **model: Any,
    ) -> Page:
        """The template with this model; shared caches may keep it only when nobody is signed in.

        With a refusal it is the page to try again on: it has the refusal's status, and as `fault` its words.
        """
        status, fault = (refusal.status, refusal.message) if refusal else (status, "")
        common = {"viewer": self.viewer, "csrf": self.csrf, "seeded": is_demonstration(), "fault": fault}
        model = common | model
        html = look.render(template, **model)
        return Page(html, status=status, style_hash=style_hash, public_s=public_s, is_secret=is_secret)


def opened(ask: Ask[Any], *wanted: table.Wanted[Any]) -> tuple[Sheet, list[Any]]:
    """The sheet for whoever asks, and what each of `wanted` reads, gathered by one call."""
    viewer = ask.viewer
    if viewer is None:
        return Sheet(None, ""), table.fetch(*wanted) if wanted else []
    *found, unread, partner, member = table.fetch(*wanted, *_of_masthead(viewer))
    masthead = Masthead(
        viewer.name,
        viewer.handle,
        viewer.roles,
        unread,
        partner=bool(partner),
        member=member.reads_all(clock.now()),
        owes=member.state == "past_due",
    )
    return Sheet(masthead, csrf_of(viewer)), found


def is_demonstration() -> bool:
    """One's own machine holds the seeded magazine, and every page's foot says that it is invented."""
    return settings().stage == "local"


def _of_masthead(viewer: Viewer) -> tuple[table.Wanted[Any], ...]:
    from chalicelib.earnings.pay.partners import wanted_partner
    from chalicelib.members.service import wanted_membership
    from chalicelib.notices.service import wanted_unread

    who = viewer.person_id
    return wanted_unread(who), wanted_partner(who), wanted_membership(who)
