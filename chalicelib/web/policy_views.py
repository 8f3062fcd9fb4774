"""The numbers of the rule in words, what a version changes of them, and what its test found."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.earnings import policies
from chalicelib.earnings.rules.backtest import BackTest, Change
from chalicelib.earnings.rules.policy import FIRST_POLICY, EarningsPolicy, policy_for
from chalicelib.earnings.rules.proposals import Proposal, differences, flat, published
from chalicelib.kit import clock
from chalicelib.web import filters

NAMES = {
    "partner_share_bps.member": "Of a Member’s dues, to writers",
    "partner_share_bps.friend": "Of a Friend’s dues, to writers",
    "read_floor_s": "A reading counts from",
    "read_cap_bps": "Time counts up to, of the expected",
    "read_ratio_floor_bps": "The least that the read ratio leaves",
    "follower_bonus_bps": "Added, where the member follows the writer",
    "boost_bonus_bps": "Added, where the story is boosted",
    "applause_bps": "Added for applause",
    "highlight_bps": "Added for a highlight",
    "response_bps": "Added for a response",
    "follow_bps": "Added for a new follow",
    "minimum_payout_minor": "The smallest balance that is sent",
    "grace_hours": "From a month’s end to its cut-off",
    "hold_days": "A new card’s money is held for",
    "carry_months": "What is not read waits for",
}
UNITS = {"s": "seconds", "hours": "hours", "days": "days", "months": "months"}


def numbers(policy: EarningsPolicy) -> list[dict[str, Any]]:
    return [
        {"name": name, "says": NAMES[name], "value": value, "written": written(name, value)}
        for name, value in flat(policy).items()
    ]


def written(name: str, value: int) -> str:
    """A number as people say it: `66.67 %`, `60 days`."""
    kind = name.partition(".")[0].rpartition("_")[2]
    if kind == "bps":
        return f"{value // 100}.{value % 100:02}".rstrip("0").rstrip(".") + "\u00a0%"
    if kind == "minor":
        return filters.minor(value)
    return f"{value:,}\u00a0{UNITS[kind]}"


def unit(name: str) -> str:
    """What the form's field takes."""
    kind = name.partition(".")[0].rpartition("_")[2]
    return {"bps": "hundredths of a per cent", "minor": "cents"}.get(kind, UNITS.get(kind, ""))


def versions(known: Sequence[Proposal], present: str) -> list[dict[str, Any]]:
    """Every published version, the newest first; the first one was there from the beginning."""
    listed = [version(each, known, present) for each in known if each.is_published]
    return [*reversed(listed), {"version": 1, "from_month": "", "says": "From the beginning"}]


def version(found: Proposal, known: Iterable[Proposal], present: str) -> dict[str, Any]:
    return {
        "version": found.version,
        "from_month": found.from_month,
        "is_coming": found.is_published and found.from_month > present,
        "is_published": found.is_published,
        "published_at": clock.parse(found.published_at) if found.published_at else None,
        "proposed_at": clock.parse(found.proposed_at),
        "reason": found.reason,
        "says": "",
        "changes": changes(found, known),
        "test": tested(found.test),
    }


def changes(found: Proposal, known: Iterable[Proposal]) -> list[dict[str, str]]:
    """What it changes of the version that held before it."""
    earlier = [each for each in known if each.version < found.version]
    before = policy_for(found.from_month, published(earlier)) if earlier else FIRST_POLICY
    return [
        {"says": NAMES[name], "before": written(name, old), "after": written(name, new)}
        for name, old, new in differences(before.policy, found.policy)
    ]


def tested(found: BackTest | None) -> dict[str, Any] | None:
    """What the test found; `month` is "" when no month was closed yet."""
    if found is None:
        return None
    return {
        "month": found.month,
        "made_at": clock.parse(found.made_at),
        "partners": found.partners,
        "more": found.more,
        "less": found.less,
        "same": found.partners - found.more - found.less,
        "sums": [
            _sum("Earned by writers", found.earned_before, found.earned_after),
            _sum("Kept by the site", found.platform_before, found.platform_after),
            _sum("Waiting for members to read", found.carried_before, found.carried_after),
        ],
    }


def largest(found: BackTest | None, names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [_sum(names[each.partner], each.before, each.after) for each in (found.largest if found else ())]


def announced(ahead: Iterable[tuple[Proposal, Change | None]]) -> list[dict[str, Any]]:
    """What a partner is told of changes that come: what it would have made of their last closed month."""
    return [
        {
            "version": each.version,
            "from_month": each.from_month,
            "reason": each.reason,
            "month": each.test.month if each.test and mine else "",
            "before": mine.before if mine else 0,
            "after": mine.after if mine else 0,
        }
        for each, mine in ahead
    ]


def in_force(present: str) -> dict[str, Any]:
    """The version that holds this month."""
    now = policies.in_force(present)
    return {"version": now.version, "numbers": numbers(now.policy)}


def _sum(says: str, before: int, after: int) -> dict[str, Any]:
    return {"says": says, "before": before, "after": after, "more": after - before}
