"""The operator's pages of the rule's numbers: propose a change, see what it would have done, publish it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib.earnings import policies
from chalicelib.earnings.routes.policies import number
from chalicelib.earnings.rules.policy import earliest_month
from chalicelib.earnings.rules.proposals import Proposal, flat
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, TooMany, Unavailable
from chalicelib.people import service as people
from chalicelib.web import policy_views as views
from chalicelib.web import sheet
from chalicelib.web.forms import Confirmation

UNCONFIRMED = {"confirmed": "Say that you mean it: once published, a version is never changed."}
LAST = "9999-12"  # by when every version that is published holds
NO_FAULTS: Mapping[str, str] = {}

routes = Routes(__name__)


class ProposalForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each number as it shall be, from which month on, and why; one that is as it was changes nothing."""

    from_month: str = ""
    reason: str = ""
    member_share: str = msgspec.field(default="", name="partner_share_bps.member")
    friend_share: str = msgspec.field(default="", name="partner_share_bps.friend")
    read_floor_s: str = ""
    read_cap_bps: str = ""
    read_ratio_floor_bps: str = ""
    follower_bonus_bps: str = ""
    boost_bonus_bps: str = ""
    applause_bps: str = ""
    highlight_bps: str = ""
    response_bps: str = ""
    follow_bps: str = ""
    minimum_payout_minor: str = ""
    grace_hours: str = ""
    hold_days: str = ""
    carry_months: str = ""

    def numbers(self) -> dict[str, str]:
        """What was filled in, by the number's name."""
        sent: dict[str, str] = msgspec.to_builtins(self)
        return {name: sent[name].strip() for name in views.NAMES if sent[name].strip()}


@routes.get("/console/policies", who=Who.OPERATOR, page=True, api="GET /api/operator/policies")
def show(ask: Ask[Nothing]) -> Page:
    """Every version of the rule's numbers, and a form to propose another"""
    return _list(ask, ProposalForm(), NO_FAULTS)


@routes.post(
    "/console/policies",
    who=Who.OPERATOR,
    page=True,
    body=ProposalForm,
    api="POST /api/operator/policies",
    refuses=(Conflict, Invalid, TooMany, Unavailable),
)
def propose(ask: Ask[ProposalForm]) -> Page | SeeOther:
    """Propose a change of the numbers"""
    form, at = ask.body, clock.now()
    try:
        made = policies.propose(
            _whole(form.numbers()),
            from_month=form.from_month.strip(),
            reason=form.reason,
            by=ask.me.person_id,
            at=at,
        )
    except (Conflict, Invalid) as refusal:
        return _list(ask, form, {_field(fault.at): fault.message for fault in refusal.faults})
    return SeeOther(f"/console/policies/{made.version}")


@routes.get(
    "/console/policies/{version}",
    who=Who.OPERATOR,
    page=True,
    api="GET /api/operator/policies",
    refuses=(NotFound,),
)
def look(ask: Ask[Nothing], version: str) -> Page:
    """One version: what it changes, what its test found, and whether it may be published"""
    return _one(ask, policies.proposal(number(version)), NO_FAULTS)


@routes.post(
    "/console/policies/{version}/test",
    who=Who.OPERATOR,
    page=True,
    api="POST /api/operator/policies/{version}/test",
    refuses=(Conflict, NotFound, TooMany),
)
def test(ask: Ask[Nothing], version: str) -> SeeOther:
    """Test it on the last closed month, again"""
    policies.ask_to_test(number(version), by=ask.me.person_id, at=clock.now())
    return SeeOther(f"/console/policies/{number(version)}")


@routes.post(
    "/console/policies/{version}/publish",
    who=Who.OPERATOR,
    page=True,
    body=Confirmation,
    api="PUT /api/operator/policies/{version}/publication",
    refuses=(Conflict, NotFound, TooMany),
)
def publish(ask: Ask[Confirmation], version: str) -> Page | SeeOther:
    """Publish it: from its month on everybody is paid by it"""
    wanted = policies.proposal(number(version))
    if not ask.body.is_given:
        return _one(ask, wanted, UNCONFIRMED)
    try:
        policies.publish_version(wanted.version, by=ask.me.person_id, at=clock.now())
    except Conflict as refusal:
        return _one(ask, wanted, {"confirmed": refusal.message})
    return SeeOther(f"/console/policies/{wanted.version}")


def _list(ask: Ask[Any], form: ProposalForm, faults: Mapping[str, str]) -> Page:
    at = clock.now()
    known, present = policies.proposals(), clock.month_of(at)
    paper, _ = sheet.opened(ask)
    now = views.in_force(present)
    filled, last = form.numbers(), flat(policies.in_force(LAST).policy)
    return paper.page(
        "policies.html",
        status=422 if faults else 200,
        title="The rule’s numbers",
        here="console",
        now=now,
        present=present,
        versions=[_row(each, known, present) for each in reversed(known)],
        fields=[_form_field(each, last[each["name"]], filled) for each in now["numbers"]],
        from_month=form.from_month or earliest_month(at),
        earliest=earliest_month(at),
        reason=form.reason,
        faults=faults,
    )


def _one(ask: Ask[Any], found: Proposal, faults: Mapping[str, str]) -> Page:
    known, present = policies.proposals(), clock.month_of(clock.now())
    paper, _ = sheet.opened(ask)
    partners = [each.partner for each in found.test.largest] if found.test else []
    names = people.names([*partners, found.proposed_by, found.published_by])
    return paper.page(
        "policy.html",
        status=422 if faults else 200,
        title=f"Version {found.version} of the rule’s numbers",
        here="console",
        policy=views.version(found, known, present),
        proposed_by=names[found.proposed_by],
        published_by=names[found.published_by],
        largest=views.largest(found.test, names),
        faults=faults,
    )


def _whole(filled: Mapping[str, str]) -> dict[str, int]:
    """The numbers that differ from the last published; raises Invalid at the first that is no whole one."""
    last, wanted = flat(policies.in_force(LAST).policy), {}
    for name, text in filled.items():
        if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 9:
            raise Invalid("Write a whole number.", at=name)
        if int(text) != last[name]:
            wanted[name] = int(text)
    return wanted


def _field(at: str) -> str:
    name = at.removeprefix("body.")
    return name if name in views.NAMES or name in ("from_month", "reason") else "from_month"


def _row(found: Proposal, known: list[Proposal], present: str) -> dict[str, Any]:
    state = "published" if found.is_published else "tested" if found.test else "being tested"
    return views.version(found, known, present) | {
        "url": f"/console/policies/{found.version}",
        "state": "coming" if found.is_published and found.from_month > present else state,
    }


def _form_field(number: Mapping[str, Any], last: int, filled: Mapping[str, str]) -> dict[str, str]:
    name = number["name"]
    return {
        "name": name,
        "says": number["says"],
        "value": filled.get(name, str(last)),
        "hint": f"{views.unit(name)}; now {number['written']}",
    }
