"""The money a second time: written straight from the specification, slowly, knowing nothing of our rules."""

from collections import defaultdict
from fractions import Fraction
from math import floor
from typing import Any

KINDS = {
    "applause": "applause_bps",
    "highlight": "highlight_bps",
    "response": "response_bps",
    "follow": "follow_bps",
}
CAUSES = ("reading", "engagement", "follower_bonus", "boost_bonus")


def share_out(amount: int, weights: dict[str, int]) -> dict[str, int]:
    """Largest remainder, one micro at a time."""
    whole = sum(weights.values())
    exact = {key: Fraction(amount * weight, whole) for key, weight in weights.items()}
    given = {key: floor(part) for key, part in exact.items()}
    while sum(given.values()) < amount:
        owed = {key: exact[key] - given[key] for key in exact}
        most = max(owed.values())
        luckiest = min((key for key in owed if owed[key] == most), key=lambda key: key.encode())
        given[luckiest] += 1
    return given


def what_one_member_read(file: dict[str, Any], member: str) -> dict[str, dict[str, Any]]:
    """Each story the member opened, with what its points and causes follow from."""
    policy = file["policy"]
    days: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for reading in file["readings"]:
        if reading["member"] == member:
            days[reading["story"]].append(reading)
    read: dict[str, dict[str, Any]] = {}
    for story, readings in days.items():
        first = min(readings, key=lambda reading: reading["day"])
        expected = first["expected_s"]
        cap = floor(Fraction(expected * policy["read_cap_bps"], 10000))
        seconds = min(sum(reading["seconds"] for reading in readings), cap)
        read[story] = {
            "seconds": seconds,
            "expected": expected,
            "counts": seconds >= min(policy["read_floor_s"], expected),
            "f": policy["follower_bonus_bps"] if first["follower"] else 0,
            "b": policy["boost_bonus_bps"] if first["boosted"] else 0,
            "kinds": {
                each["kind"]
                for each in file["engagements"]
                if each["member"] == member and each["story"] == story
            },
        }
    return read


def give_points(file: dict[str, Any], read: dict[str, dict[str, Any]]) -> None:
    policy = file["policy"]
    author = {story["id"]: story["author"] for story in file["stories"]}
    least = policy["read_ratio_floor_bps"]
    for story, each in read.items():
        if not each["counts"]:
            continue
        by_same = [other for other in read if author[other] == author[story]]
        good = [other for other in by_same if read[other]["counts"]]
        r = least + floor(Fraction((10000 - least) * len(good), len(by_same)))
        bps = sum(policy[KINDS[kind]] for kind in each["kinds"])
        each["engagement"] = min(each["seconds"], each["expected"]) * bps
        each["base"] = each["seconds"] * 10000 + each["engagement"]
        each["points"] = floor(Fraction(each["base"] * (10000 + each["f"] + each["b"]) * r, 10**8))


def causes_of(micros: int, each: dict[str, Any]) -> dict[str, int]:
    whole = 10000 + each["f"] + each["b"]
    parts = {
        "engagement": floor(Fraction(micros * each["engagement"] * 10000, each["base"] * whole)),
        "follower_bonus": floor(Fraction(micros * each["f"], whole)),
        "boost_bonus": floor(Fraction(micros * each["b"], whole)),
    }
    return {"reading": micros - sum(parts.values()), **parts}


def own_of(policy: dict[str, Any], member: dict[str, Any]) -> int:
    shares = policy["partner_share_bps"]
    return sum(floor(Fraction(dues * shares[tier], 10000)) for tier, dues in member["dues_micros"].items())


def pay_a_month(file: dict[str, Any]) -> dict[str, Any]:
    stories: dict[str, Any] = {}
    carried: dict[str, int] = {}
    opened: dict[str, int] = defaultdict(int)
    for member in file["members"]:
        read = what_one_member_read(file, member["id"])
        give_points(file, read)
        for story in read:
            opened[story] += 1
        good = {story: each for story, each in read.items() if each["counts"]}
        own = own_of(file["policy"], member)
        before = member["carried_micros"]
        available = own + min(before, max(own, 0))
        pool = available if available > 0 and good else 0
        if own + before - pool != 0:
            carried[member["id"]] = own + before - pool
        given = share_out(pool, {story: each["points"] for story, each in good.items()}) if good else {}
        for story, each in good.items():
            total = stories.setdefault(
                story, {"micros": 0, "points": 0, "qualified": 0, "by_cause": dict.fromkeys(CAUSES, 0)}
            )
            total["micros"] += given[story]
            total["points"] += each["points"]
            total["qualified"] += 1
            for cause, micros in causes_of(given[story], each).items():
                total["by_cause"][cause] += micros
    partners: dict[str, int] = defaultdict(int)
    for story in file["stories"]:
        if story["id"] in stories:
            stories[story["id"]]["opened"] = opened[story["id"]]
            for partner, part in share_out(stories[story["id"]]["micros"], story["shares_bps"]).items():
                partners[partner] += part
    dues = sum(sum(member["dues_micros"].values()) for member in file["members"])
    owns = sum(own_of(file["policy"], member) for member in file["members"])
    return {
        "month": file["month"],
        "dues_micros": dues,
        "own_micros": owns,
        "platform_micros": dues - owns,
        "carried_in_micros": sum(member["carried_micros"] for member in file["members"]),
        "carried": carried,
        "stories": stories,
        "partners": dict(partners),
    }
