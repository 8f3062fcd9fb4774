"""What a notice is about, and where it stands among a person's others."""

import re
from dataclasses import dataclass
from typing import Literal

from chalicelib.kit.refusals import Invalid

Kind = Literal["story", "follower"]
STORY: Kind = "story"
FOLLOWER: Kind = "follower"
PLACE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-z]{16}")


@dataclass(frozen=True)
class Notice:
    """That an author published a story (`subject`), or that a person (`subject`) began to follow.

    `place` is where it stands among its owner's: its time, and what it is about. Made of its meaning alone,
    it is the same however often it is told.
    """

    owner: str
    kind: Kind
    subject: str
    author: str
    at: str

    @property
    def place(self) -> str:
        return f"{self.at}#{self.subject}"

    @property
    def is_story(self) -> bool:
        return self.kind == STORY


def check_place(text: str) -> None:
    if not PLACE.fullmatch(text):
        raise Invalid("Name the newest notice that was read, by its id.", at="body.to", code=4275)


def place_of_moment(at: str) -> str:
    """After all notices of this moment, and before all later ones."""
    return f"{at}#~"
