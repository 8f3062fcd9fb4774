"""The policy over HTTP: the numbers by which everybody is paid, and how operators change them with notice."""

import msgspec

from chalicelib.earnings import policies
from chalicelib.earnings.shapes import policies as policy_shapes
from chalicelib.earnings.shapes.policies import PoliciesOut, ProposalOut, ProposalsOut
from chalicelib.kit import clock
from chalicelib.kit.http import Answer, Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, TooMany, Unavailable

KEPT_S = 300
VERSION_MAX = 999_999

routes = Routes(__name__)


class NewProposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The numbers that change, by name, from which month on, and why: partners will read it."""

    numbers: dict[str, int]
    from_month: str
    reason: str


@routes.get("/api/policies", who=Who.ANYONE, answer=PoliciesOut)
def published(ask: Ask[Nothing]) -> Answer[PoliciesOut]:
    """Every version of the rule's numbers that ever held or will, with its test on a closed month"""
    return Answer(policy_shapes.policies_out(policies.proposals()), public_s=KEPT_S)


@routes.get("/api/operator/policies", who=Who.OPERATOR, answer=ProposalsOut)
def proposed(ask: Ask[Nothing]) -> ProposalsOut:
    """Every version after the first, published or not, and what its test found"""
    return ProposalsOut([policy_shapes.proposal_out(each) for each in policies.proposals()])


@routes.post(
    "/api/operator/policies",
    who=Who.OPERATOR,
    body=NewProposal,
    answer=ProposalOut,
    status=201,
    refuses=(Conflict, Invalid, TooMany, Unavailable),
)
def propose(ask: Ask[NewProposal]) -> ProposalOut:
    """Propose a change of the numbers; it is tested in the background. The same proposal twice is one"""
    wish = ask.body
    made = policies.propose(
        wish.numbers, from_month=wish.from_month, reason=wish.reason, by=ask.me.person_id, at=clock.now()
    )
    return policy_shapes.proposal_out(made)


@routes.post(
    "/api/operator/policies/{version}/test",
    who=Who.OPERATOR,
    answer=ProposalOut,
    status=202,
    refuses=(Conflict, NotFound, TooMany),
)
def test(ask: Ask[Nothing], version: str) -> ProposalOut:
    """Test a proposal on the last closed month, again: it goes on in the background"""
    return policy_shapes.proposal_out(
        policies.ask_to_test(number(version), by=ask.me.person_id, at=clock.now())
    )


@routes.put(
    "/api/operator/policies/{version}/publication",
    who=Who.OPERATOR,
    answer=ProposalOut,
    refuses=(Conflict, NotFound, TooMany),
)
def publish(ask: Ask[Nothing], version: str) -> ProposalOut:
    """Publish a tested proposal: it holds from its month on, thirty days from now at the earliest"""
    return policy_shapes.proposal_out(
        policies.publish_version(number(version), by=ask.me.person_id, at=clock.now())
    )


def number(version: str) -> int:
    """The version that a path names; raises NotFound for what is no number."""
    if not (version.isascii() and version.isdigit() and int(version) <= VERSION_MAX):
        raise NotFound("There is no such version of the policy.", code=4050)
    return int(version)
