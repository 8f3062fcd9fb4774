"""Months as nobody would invent them: small, crooked, full of ties, debts, rings and odd policies."""

import calendar
import json
from io import BytesIO
from random import Random
from typing import Any

from chalicelib.earnings.rules.policy import EarningsPolicy
from infra.recompute.__main__ import recompute

MONTHS = ("2026-11", "2024-02", "2025-02", "2026-12", "2027-01")
PREFIXES = ("", "a", "Z", "é", "ß", "中", "\U0001f58b", "z-", "\ufb01")
KINDS = ("applause", "highlight", "response", "follow")


def result_of(file: dict[str, Any]) -> dict[str, Any]:
    """What recompute prints for this file."""
    printed = json.dumps(recompute(BytesIO(json.dumps(file).encode())), sort_keys=True)
    result: dict[str, Any] = json.loads(printed)
    return result


def a_random_month(random: Random) -> dict[str, Any]:
    month = random.choice(MONTHS)
    partners = [f"{random.choice(PREFIXES)}p{number}" for number in range(random.randint(1, 5))]
    stories = [_story(random, number, partners) for number in range(random.randint(0, 8))]
    # Some who read also write: none of them is ever a reader of what is theirs.
    ids = [f"{random.choice(PREFIXES)}m{number}" for number in range(random.randint(0, 7))]
    ids += random.sample(partners, random.randint(0, 1))
    members = [_member(random, each) for each in ids]
    readings = [each for member in ids for each in _readings(random, member, stories, month)]
    return {
        "month": month,
        "currency": "usd",
        "policy": a_random_policy(random),
        "members": members,
        "stories": stories,
        "readings": readings,
        "engagements": _engagements(random, ids, stories),
    }


def a_random_policy(random: Random) -> dict[str, Any]:
    policy: dict[str, Any] = dict(EarningsPolicy().as_fields())
    if random.random() < 0.4:
        return policy
    wild = random.random() < 0.3
    policy["partner_share_bps"] = {tier: random.randint(0, 10000) for tier in ("member", "friend")}
    policy["read_floor_s"] = random.choice((1, 2, 30, 31, 200))
    policy["read_cap_bps"] = random.choice((10000, 10001, 15555, 30000))
    policy["read_ratio_floor_bps"] = random.choice((1, 3333, 5000, 9999, 10000))
    for name in ("follower_bonus_bps", "boost_bonus_bps", *(f"{kind}_bps" for kind in KINDS)):
        policy[name] = random.randint(0, 10**30) if wild else random.choice((0, 1, 999, 2500, 20000))
    return policy


def shuffled(random: Random, file: dict[str, Any]) -> dict[str, Any]:
    """The same month, told in another order, keys included."""
    lists = ("members", "stories", "readings", "engagements")
    mixed = {key: random.sample(file[key], len(file[key])) if key in lists else file[key] for key in file}
    mixed["members"] = [
        {**each, "dues_micros": _reordered(random, each["dues_micros"])} for each in mixed["members"]
    ]
    mixed["stories"] = [
        {**each, "shares_bps": _reordered(random, each["shares_bps"])} for each in mixed["stories"]
    ]
    return _reordered(random, mixed)


def with_a_ring(random: Random, file: dict[str, Any]) -> dict[str, Any]:
    """Bots that open every honest story for a second, and read, applaud and boost only each other's."""
    bots = [f"bot{number}" for number in range(random.randint(1, 4))]
    authors = [story["author"] for story in file["stories"]] + ["boss"]
    # Honest authors' names are on some of the ring's stories: to no effect on their others.
    pumped = [
        {"id": f"ring{number}", "author": author, "shares_bps": {author: 10000}}
        for number, author in enumerate(random.choices(authors, k=random.randint(1, 5)))
    ]
    fake = [each for bot in bots for each in _readings(random, bot, pumped, file["month"])]
    glances = _glances(bots, file) if file["policy"]["read_floor_s"] > 1 else []
    everything = file["stories"] + pumped
    return {
        **file,
        "members": file["members"] + [_member(random, bot) for bot in bots],
        "stories": everything,
        "readings": file["readings"] + fake + glances,
        "engagements": file["engagements"] + _engagements(random, bots, everything),
    }


def with_rivals(random: Random, file: dict[str, Any]) -> dict[str, Any]:
    """Rivals who pay and carry, and open every honest story for a second; one is what it takes at least."""
    policy = {**file["policy"], "read_floor_s": max(file["policy"]["read_floor_s"], 2)}
    rivals = [f"rival{number}" for number in range(random.randint(1, 6))]
    return {
        **file,
        "policy": policy,
        "members": file["members"] + [_member(random, rival) for rival in rivals],
        "readings": file["readings"] + _glances(rivals, file),
        "engagements": file["engagements"] + _engagements(random, rivals, file["stories"]),
    }


def _glances(bots: list[str], file: dict[str, Any]) -> list[dict[str, Any]]:
    """One second each: a reading, and never a qualified one."""
    day = f"{file['month']}-01"
    return [
        {
            "member": bot,
            "story": story["id"],
            "day": day,
            "seconds": 1,
            "expected_s": 10,
            "follower": True,
            "boosted": True,
        }
        for bot in bots
        for story in file["stories"]
    ]


def _reordered(random: Random, values: dict[str, Any]) -> dict[str, Any]:
    return {key: values[key] for key in random.sample(list(values), len(values))}


def _story(random: Random, number: int, partners: list[str]) -> dict[str, Any]:
    holders = random.sample(partners, random.randint(1, len(partners)))
    cuts = sorted(random.sample(range(1, 10000), len(holders) - 1))
    if random.random() < 0.3:
        cuts = [10000 * place // len(holders) for place in range(1, len(holders))]
    ends = zip([0, *cuts], [*cuts, 10000], strict=True)
    return {
        "id": f"{random.choice(PREFIXES)}s{number}",
        "author": random.choice(partners),
        "shares_bps": {holder: end - start for holder, (start, end) in zip(holders, ends, strict=True)},
    }


def _member(random: Random, member: str) -> dict[str, Any]:
    amounts = (0, 1, 7, 5_000_000, 15_000_000, -3, -5_000_000, random.randint(-(10**7), 10**8), 10**24 + 1)
    tiers = random.sample(("member", "friend"), random.randint(0, 2))
    return {
        "id": member,
        "dues_micros": {tier: random.choice(amounts) for tier in tiers},
        "carried_micros": random.choice(
            (0, 0, 1, -1, 8_000_000, -9_000_000, random.randint(-(10**7), 10**8))
        ),
    }


def _readings(random: Random, member: str, stories: list[dict[str, Any]], month: str) -> list[dict[str, Any]]:
    length = calendar.monthrange(int(month[:4]), int(month[5:]))[1]
    allowed = [each for each in stories if member != each["author"] and member not in each["shares_bps"]]
    # Alike readings make ties, which the smaller id must win.
    alike = random.random() < 0.3
    read = []
    for story in random.sample(allowed, random.randint(0, len(allowed))):
        for day in random.sample(range(1, length + 1), random.choice((1, 1, 2, 5))):
            read.append(
                {
                    "member": member,
                    "story": story["id"],
                    "day": f"{month}-{day:02}",
                    "seconds": 60 if alike else random.choice((1, 9, 10, 29, 30, random.randint(1, 86400))),
                    "expected_s": 240 if alike else random.choice((10, 11, 29, 240, 1801)),
                    "follower": not alike and random.random() < 0.5,
                    "boosted": not alike and random.random() < 0.3,
                }
            )
    return read


def _engagements(random: Random, members: list[str], stories: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not members or not stories:
        return []
    return [
        {
            "member": random.choice(members),
            "story": random.choice(stories)["id"],
            "kind": random.choice(KINDS),
        }
        for _ in range(random.randint(0, 12))
    ]
