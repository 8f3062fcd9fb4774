"""What a month's file holds, as msgspec decodes it strictly, and the bounds of what is computed."""

from typing import Annotated

import msgspec

from chalicelib.earnings.rules.reads import EXPECTED_S_MIN, READING_S_MAX

# Within these every product below fits in 128 bits; whatever is beyond them is computed by the rules.
MICROS_MAX = 10**15
BPS_MAX = 10**6
EXPECTED_S_MAX = 2**31 - 1

Id = Annotated[str, msgspec.Meta(min_length=1)]
Micros = Annotated[int, msgspec.Meta(ge=-MICROS_MAX, le=MICROS_MAX)]


class Dues(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    member: Micros | msgspec.UnsetType = msgspec.UNSET
    friend: Micros | msgspec.UnsetType = msgspec.UNSET

    @property
    def tiers(self) -> int:
        return (self.member is not msgspec.UNSET) + (self.friend is not msgspec.UNSET)


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Id
    dues_micros: Dues
    carried_micros: Micros

    @property
    def texts(self) -> int:
        """How many keys and values of it stand in quotation marks."""
        return 4 + self.dues_micros.tiers


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Id
    author: Id
    shares_bps: dict[Id, int]

    @property
    def texts(self) -> int:
        return 5 + len(self.shares_bps)


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    member: Id
    story: Id
    day: Annotated[str, msgspec.Meta(min_length=10, max_length=10)]
    seconds: Annotated[int, msgspec.Meta(ge=1, le=READING_S_MAX)]
    expected_s: Annotated[int, msgspec.Meta(ge=EXPECTED_S_MIN, le=EXPECTED_S_MAX)]
    follower: bool
    boosted: bool

    texts = 10


class Engagement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    member: Id
    story: Id
    kind: str

    texts = 6
