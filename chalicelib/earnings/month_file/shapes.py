"""The shape of each thing in a month's file, and its value in the rules' own types."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from chalicelib.earnings.month_file.json_stream import Misshapen, NotWhole, RepeatedKey
from chalicelib.earnings.rules.month import Story
from chalicelib.earnings.rules.policy import NUMBERS, TIERS, EarningsPolicy
from chalicelib.earnings.rules.reads import (
    EXPECTED_S_MIN,
    KINDS,
    READING_S_MAX,
    Engagement,
    MemberId,
    PartnerId,
    Reading,
    StoryId,
)
from chalicelib.earnings.rules.split import Member
from chalicelib.kit.money import BPS
from chalicelib.kit.refusals import Invalid

READING = frozenset({"member", "story", "day", "seconds", "expected_s", "follower", "boosted"})
POLICY = frozenset({"partner_share_bps", *NUMBERS})


def read_policy(value: object) -> EarningsPolicy:
    found = _keys(value, POLICY)
    shares = _keys(found["partner_share_bps"], frozenset(TIERS), "partner_share_bps")
    share_bps = {tier: _whole(shares[tier], f"partner_share_bps.{tier}") for tier in TIERS}
    numbers = {name: _whole(found[name], name) for name in NUMBERS}
    try:
        return EarningsPolicy(partner_share_bps=share_bps, **numbers)
    except Invalid as refused:
        raise Misshapen(refused.faults[0].at, refused.message) from refused


def read_member(value: object) -> Member:
    found = _keys(value, frozenset({"id", "dues_micros", "carried_micros"}))
    dues = _object(found["dues_micros"], "dues_micros")
    for tier in dues:
        if tier not in TIERS:
            raise Misshapen(f"dues_micros.{tier}", f"is not a tier: {' or '.join(TIERS)}.")
    return Member(
        MemberId(_id(found["id"], "id")),
        {tier: _whole(dues[tier], f"dues_micros.{tier}") for tier in TIERS if tier in dues},
        _whole(found["carried_micros"], "carried_micros"),
    )


def read_story(value: object) -> Story:
    found = _keys(value, frozenset({"id", "author", "shares_bps"}))
    shares = {
        PartnerId(_id(partner, "shares_bps")): _whole(share, f"shares_bps.{partner}", least=1)
        for partner, share in _object(found["shares_bps"], "shares_bps").items()
    }
    if sum(shares.values()) != BPS:
        raise Misshapen("shares_bps", f"must sum to {BPS}, not to {sum(shares.values())}.")
    return Story(StoryId(_id(found["id"], "id")), PartnerId(_id(found["author"], "author")), shares)


def read_reading(value: object, days: Mapping[str, date]) -> Reading:
    """`days` are those of the month, as they are written."""
    found = _keys(value, READING)
    day = days.get(_text(found["day"], "day"))
    if day is None:
        raise Misshapen("day", f"{found['day']} is not a day of the month.")
    return Reading(
        member=MemberId(_id(found["member"], "member")),
        story=StoryId(_id(found["story"], "story")),
        day=day,
        seconds=_whole(found["seconds"], "seconds", least=1, most=READING_S_MAX),
        expected_s=_whole(found["expected_s"], "expected_s", least=EXPECTED_S_MIN),
        follower=_flag(found["follower"], "follower"),
        boosted=_flag(found["boosted"], "boosted"),
    )


def read_engagement(value: object) -> Engagement:
    found = _keys(value, frozenset({"member", "story", "kind"}))
    kind = _text(found["kind"], "kind")
    if kind not in KINDS:
        raise Misshapen("kind", f"must be one of {', '.join(KINDS)}.")
    # Membership of the tuple has just been checked; mypy does not narrow by it.
    return Engagement(
        MemberId(_id(found["member"], "member")), StoryId(_id(found["story"], "story")), cast(Any, kind)
    )


def read_text(value: object) -> str:
    return _text(value, "")


class Object:
    """One object of a list, at its place, with these keys and no others; raises Misshapen with the place."""

    def __init__(self, value: object, names: frozenset[str], at: str) -> None:
        try:
            self._found = _keys(value, names)
        except Misshapen as wrong:
            raise wrong.under(at) from wrong
        self._at = at

    def text(self, name: str) -> str:
        return _id(self._found[name], _under(self._at, name))

    def flag(self, name: str) -> bool:
        return _flag(self._found[name], _under(self._at, name))

    def whole(self, name: str, least: int | None = None) -> int:
        return _whole(self._found[name], _under(self._at, name), least)


def _keys(value: object, names: frozenset[str], at: str = "") -> dict[str, object]:
    found = _object(value, at)
    if found.keys() == names:
        return found
    for name in found:
        if name not in names:
            raise Misshapen(_under(at, name), "is not a key of the format.")
    missing = min(names - found.keys())
    raise Misshapen(_under(at, missing), "is missing.")


def _object(value: object, at: str) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    if isinstance(value, RepeatedKey):
        raise Misshapen(_under(at, value.key), "is given twice.")
    raise Misshapen(at, "must be an object.")


def _whole(value: object, at: str, least: int | None = None, most: int | None = None) -> int:
    # By exact type: True is an int too.
    if type(value) is not int:
        written = value.text if isinstance(value, NotWhole) else _written(value)
        raise Misshapen(at, f"must be a whole number, not {written}.")
    if least is not None and value < least:
        raise Misshapen(at, f"must be at least {least}, not {value}.")
    if most is not None and value > most:
        raise Misshapen(at, f"must be at most {most}, not {value}.")
    return value


def _flag(value: object, at: str) -> bool:
    if isinstance(value, bool):
        return value
    raise Misshapen(at, "must be true or false.")


def _id(value: object, at: str) -> str:
    text = _text(value, at)
    if not text:
        raise Misshapen(at, "must not be empty.")
    return text


def _text(value: object, at: str) -> str:
    if not isinstance(value, str):
        raise Misshapen(at, "must be text.")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Misshapen(at, "has half of a surrogate pair, which is no character.") from error
    return value


def _written(value: object) -> str:
    names = {bool: str(value).lower(), str: "text", dict: "an object", list: "a list", type(None): "null"}
    return names.get(type(value), "that")


def _under(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
