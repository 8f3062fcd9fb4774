"""Which policy holds when, and how it changes: proposed, tested, published, each by its own deed.

What is published is known to a process for a minute: a change comes into force thirty days later at least.
"""

from datetime import datetime

from chalicelib.earnings.month_file import computing, frozen
from chalicelib.earnings.records import months
from chalicelib.earnings.records import policies as records
from chalicelib.earnings.rules import proposals as rules
from chalicelib.earnings.rules.backtest import BackTest, Change, back_test, changes
from chalicelib.earnings.rules.policy import EarningsPolicy, PublishedPolicy, policy_for, publish
from chalicelib.earnings.rules.proposals import Proposal
from chalicelib.kit import clock, limits, queues, table
from chalicelib.kit.kept import Kept
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import Conflict, NotFound, Unavailable
from chalicelib.kit.telemetry import log

TEST = "policy.test"
DEEDS = limits.Limit("policies", tokens=20, each_ms=30_000)  # an operator who presses again does no harm
NUMBER_TRIES = 5  # two operators who propose at once take two numbers
_kept: Kept[list[PublishedPolicy]] = Kept(60)


def in_force(month: str) -> PublishedPolicy:
    """The version by which this month is computed."""
    return policy_for(month, _kept.get("published", lambda: rules.published(proposals())))


def proposals() -> list[Proposal]:
    """Every version after the first, oldest first."""
    return records.all_proposals()


def proposal(version: int) -> Proposal:
    found = table.fetch_one(records.wanted_proposal(version))
    if found is None:
        raise NotFound("There is no such version of the policy.", code=4050)
    return found


def propose(numbers: dict[str, int], *, from_month: str, reason: str, by: str, at: datetime) -> Proposal:
    """A new version: the one then in force with these numbers changed; raises Invalid, Conflict.

    The same proposal made again is found, not made anew.
    """
    limits.spend(by, DEEDS, at)
    rules.check_month(from_month, at)
    known = proposals()
    base = policy_for(from_month, rules.published(known)).policy
    policy = rules.changed(base, numbers)
    if policy == base:
        raise Conflict("Nothing would change: these numbers are in force then already.", code=4102)
    publish(0, policy, from_month=from_month, at=at)
    for each in known:
        if not each.is_published and (each.policy, each.from_month) == (policy, from_month):
            _tell(each.version, at)
            return each
    for version in range(len(known) + 2, len(known) + 2 + NUMBER_TRIES):
        when = clock.rfc3339(at)
        made = Proposal(version, policy, from_month, rules.check_reason(reason), by, when)
        if records.add(made):
            _tell(version, at)
            log.info("an operator proposes a policy", extra={"version": version, "by": by})
            return made
    raise Unavailable("Others are proposing too. Try again in a moment.", retry_after_s=1)


def ask_to_test(version: int, *, by: str, at: datetime) -> Proposal:
    """Have it tested, soon and elsewhere; raises Conflict when it is published."""
    limits.spend(by, DEEDS, at)
    wanted = proposal(version)
    if wanted.is_published:
        raise Conflict("This version is published already. Propose another to change it.", code=4099)
    _tell(version, at)
    return wanted


def test(version: int, at: datetime) -> BackTest:
    """Compute the last closed month by this version, and keep what it would have changed for whom."""
    wanted, month = proposal(version), _last_closed()
    made_at = clock.rfc3339(at)
    if not month:
        found = BackTest("", made_at)
    else:
        with frozen.opened(table.fetch_one(months.wanted_month(month))) as inputs:
            _, before = computing.computed(inputs)
            _, after = computing.computed(inputs, wanted.policy)
        records.note_changes(version, month, changes(before, after))
        found = back_test(month, made_at, before, after)
    records.note_test(version, found)
    return found


def publish_version(version: int, *, by: str, at: datetime) -> Proposal:
    """Give notice: from its month on it holds. Raises Conflict when it is untested, or notice too short."""
    limits.spend(by, DEEDS, at)
    wanted = proposal(version)
    rules.check_publishable(wanted, _last_closed())
    publish(version, wanted.policy, from_month=wanted.from_month, at=at)
    assert wanted.test is not None  # It is publishable.
    if not records.publish(version, by=by, at=at, tested=wanted.test.made_at):
        raise Conflict("Somebody else has just tested or published it. Look again.", code=4103)
    log.info("an operator publishes a policy", extra={"version": version, "by": by})
    _kept.forget()
    return proposal(version)


def coming(at: datetime) -> list[Proposal]:
    """What is published and does not hold yet, the next first."""
    present = clock.month_of(at)
    ahead = [each for each in proposals() if each.is_published and each.from_month > present]
    return sorted(ahead, key=lambda each: each.from_month)


def coming_for(person_id: str, at: datetime) -> list[tuple[Proposal, Change | None]]:
    """Those that come, each with what it would have made of this partner's tested month."""
    ahead = coming(at)
    found = table.fetch(*(records.wanted_change(person_id, each.version) for each in ahead)) if ahead else []
    return list(zip(ahead, found, strict=True))


def numbers_of(version: int) -> EarningsPolicy:
    """The numbers of a published version, the first one too; raises NotFound."""
    found = {each.version: each.policy for each in rules.published(proposals())}
    if version not in found:
        raise NotFound("There is no such version of the policy.", code=4050)
    return found[version]


def _tell(version: int, at: datetime) -> None:
    queues.tell("months", [Fact(TEST, str(version), 1, clock.rfc3339(at))])


def _last_closed() -> str:
    closed = [each.month for each in months.all_months().values() if each.closed_at and each.inputs]
    return max(closed, default="")
