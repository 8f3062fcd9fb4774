"""Versions of the policy: proposed, tested against a closed month, published; none of them ever changed.

| item | pk | sk |
|---|---|---|
| a version | `policies` | `{version}`, six digits |
| what it would have made of one partner's month | `partner#{person}` | `policy#{version}` |
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

import msgspec
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.earnings.rules.backtest import BackTest, Change
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.proposals import Proposal
from chalicelib.kit import clock, table

POLICIES = "policies"


class PolicyRecord(table.Record):
    class Meta:
        feature = FEATURE

    policy = UnicodeAttribute()
    from_month = UnicodeAttribute()
    reason = UnicodeAttribute()
    proposed_by = UnicodeAttribute()
    proposed_at = UnicodeAttribute()
    test = UnicodeAttribute(default="")
    published_by = UnicodeAttribute(default="")
    published_at = UnicodeAttribute(default="")


class ChangeRecord(table.Record):
    class Meta:
        feature = FEATURE

    before = NumberAttribute()
    after = NumberAttribute()
    month = UnicodeAttribute()


def all_proposals() -> list[Proposal]:
    """Every version after the first, oldest first: a few in a deployment's life."""
    return [_proposal(item) for item in table.query_all(FEATURE, POLICIES)]


def wanted_proposal(version: int) -> table.Wanted[Proposal | None]:
    return table.Wanted(FEATURE, POLICIES, _key(version), lambda item: _proposal(item) if item else None)


def wanted_change(person_id: str, version: int) -> table.Wanted[Change | None]:
    """What a version would have made of this partner's tested month."""
    return table.Wanted(FEATURE, f"partner#{person_id}", f"policy#{_key(version)}", _change)


def add(proposal: Proposal) -> bool:
    """False when another took the version's number."""
    record = PolicyRecord(
        POLICIES,
        _key(proposal.version),
        policy=msgspec.json.encode(proposal.policy.as_fields(), order="sorted").decode(),
        from_month=proposal.from_month,
        reason=proposal.reason,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
    )
    return record.save_if(PolicyRecord.policy.does_not_exist())


def note_test(version: int, test: BackTest) -> None:
    """Keep what the test came to; of a published version only the one that it was published with."""
    packed = msgspec.json.encode(asdict(test)).decode()
    _update(version, [PolicyRecord.test.set(packed)], tested=None)


def note_changes(version: int, month: str, changes: Iterable[Change]) -> None:
    """Tell each partner what it would have made of the month."""
    for each in changes:
        sk = f"policy#{_key(version)}"
        ChangeRecord(f"partner#{each.partner}", sk, before=each.before, after=each.after, month=month).save()


def publish(version: int, *, by: str, at: datetime, tested: str) -> bool:
    """False when it was published before, or was tested again since it was read."""
    actions: list[Action] = [
        PolicyRecord.published_by.set(by),
        PolicyRecord.published_at.set(clock.rfc3339(at)),
    ]
    return _update(version, actions, tested=tested)


def _update(version: int, actions: list[Action], *, tested: str | None) -> bool:
    condition = PolicyRecord.published_at == ""
    if tested is not None:
        condition = condition & PolicyRecord.test.contains(f'"made_at":"{tested}"')
    return PolicyRecord(POLICIES, _key(version)).update_if(condition, actions)


def _key(version: int) -> str:
    return f"{version:06}"


def _proposal(item: table.Item) -> Proposal:
    numbers = msgspec.json.decode(item["policy"])
    return Proposal(
        version=int(item["sk"]),
        policy=EarningsPolicy(**numbers),
        from_month=item["from_month"],
        reason=item["reason"],
        proposed_by=item["proposed_by"],
        proposed_at=item["proposed_at"],
        test=msgspec.json.decode(item["test"], type=BackTest) if item["test"] else None,
        published_by=item["published_by"],
        published_at=item["published_at"],
    )


def _change(item: table.Item | None) -> Change | None:
    if item is None:
        return None
    return Change(item["pk"].removeprefix("partner#"), item["before"], item["after"])
