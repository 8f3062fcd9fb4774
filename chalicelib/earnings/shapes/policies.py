"""What the API says of policies: numbers by name, and what another version would have made of a month."""

from collections.abc import Sequence

import msgspec

from chalicelib.earnings.rules.backtest import BackTest
from chalicelib.earnings.rules.policy import FIRST_POLICY, policy_for
from chalicelib.earnings.rules.proposals import Proposal, differences, flat, published


class ChangedOut(msgspec.Struct, frozen=True):
    """One number that a version changes."""

    name: str
    before: int
    after: int


class PartnerChangeOut(msgspec.Struct, frozen=True):
    """What one partner earned in the tested month, and would have earned, in micros."""

    partner: str
    before: int
    after: int


class TestOut(msgspec.Struct, frozen=True):
    """A closed month under the version, in micros; month is "" when none was closed yet."""

    month: str
    made_at: str
    partners: int
    more: int
    less: int
    earned_before: int
    earned_after: int
    platform_before: int
    platform_after: int
    carried_before: int
    carried_after: int


class PolicyOut(msgspec.Struct, frozen=True):
    """A published version: all its numbers, in force from the first instant of `from_month`."""

    version: int
    from_month: str
    published_at: str
    reason: str
    numbers: dict[str, int]
    changed: list[ChangedOut]
    test: TestOut | None


class PoliciesOut(msgspec.Struct, frozen=True):
    items: list[PolicyOut]


class ProposalOut(msgspec.Struct, frozen=True):
    """A version as operators see it; `largest` are the largest changes of its test."""

    version: int
    from_month: str
    reason: str
    proposed_by: str
    proposed_at: str
    published_by: str
    published_at: str
    numbers: dict[str, int]
    test: TestOut | None
    largest: list[PartnerChangeOut]


class ProposalsOut(msgspec.Struct, frozen=True):
    items: list[ProposalOut]


def policies_out(proposals: Sequence[Proposal]) -> PoliciesOut:
    """The published versions, the first one first."""
    first = PolicyOut(1, FIRST_POLICY.from_month, "", "", flat(FIRST_POLICY.policy), [], None)
    later = [_policy(each, proposals) for each in proposals if each.is_published]
    return PoliciesOut([first, *later])


def proposal_out(found: Proposal) -> ProposalOut:
    return ProposalOut(
        version=found.version,
        from_month=found.from_month,
        reason=found.reason,
        proposed_by=found.proposed_by,
        proposed_at=found.proposed_at,
        published_by=found.published_by,
        published_at=found.published_at,
        numbers=flat(found.policy),
        test=_test(found.test),
        largest=[
            PartnerChangeOut(each.partner, each.before, each.after)
            for each in (found.test.largest if found.test else ())
        ],
    )


def _policy(found: Proposal, proposals: Sequence[Proposal]) -> PolicyOut:
    before = policy_for(
        found.from_month, published(each for each in proposals if each.version < found.version)
    )
    return PolicyOut(
        version=found.version,
        from_month=found.from_month,
        published_at=found.published_at,
        reason=found.reason,
        numbers=flat(found.policy),
        changed=[ChangedOut(*each) for each in differences(before.policy, found.policy)],
        test=_test(found.test),
    )


def _test(found: BackTest | None) -> TestOut | None:
    return msgspec.convert(found, TestOut, from_attributes=True) if found else None
