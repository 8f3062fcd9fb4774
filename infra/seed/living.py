"""What people did since: whom they followed, what they read, what they applauded, each at its time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from chalicelib.engagement import service as engagement
from chalicelib.follows import service as follows
from chalicelib.kit import table
from chalicelib.people.rules import Person
from chalicelib.reads import service as reads
from chalicelib.reads.rules import BEAT_S_MAX, Beat
from chalicelib.stories.rules import StoryCard
from infra.seed.cast import EVERYBODY, MEMBERS, WRITERS, Someone
from infra.seed.dates import Dates
from infra.seed.hands import each_of

FOLLOWED = (3, 6)  # writers whom one follows from their profiles, fewest and most
APPLAUDED = (4, 8)  # free stories
SITTINGS = (7, 10)  # days of the last month on which a member read something that is for members
SITTINGS_NOW = (3, 5)  # and of the present one, if so many have passed
AGAIN = 0.1  # of all sittings: with a story that was read before
SHALLOW = 0.15  # of all openings: a look, and gone
APPLAUDS = 0.6  # of all who read a story whole
FOLLOWS = 0.12
CLAPS = (1, 1, 2, 3, 3, 5, 5, 8, 10, 12, 20, 50)

Do = Callable[[], None]


@dataclass
class Life:
    """One person's deeds, planned by a chance of their own, so that they are the same each time."""

    who: Person
    dates: Dates
    library: list[StoryCard]
    earning: frozenset[str]
    chance: Random
    followed: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    deeds: list[tuple[datetime, Do]] = field(default_factory=list)

    def live(self) -> None:
        for _, do in sorted(self.deeds, key=lambda deed: deed[0]):
            do()

    def plan_followings(self, writers: list[Person], since: datetime) -> None:
        others = [each for each in writers if each.id != self.who.id]
        for each in self.chance.sample(others, self.chance.randint(*FOLLOWED)):
            self._follow(each.id, since + timedelta(hours=self.chance.uniform(1, 60)))

    def plan_applause(self) -> None:
        """Of free stories, soon after they came out."""
        others = [each for each in self.library if not each.is_members_only and each.author.id != self.who.id]
        for card in self.chance.sample(others, self.chance.randint(*APPLAUDED)):
            self._applaud(card, _came_out(card) + timedelta(hours=self.chance.uniform(0.2, 70)))

    def plan_readings(self, first: datetime, end: datetime, sittings: tuple[int, int]) -> None:
        """On so many days from `first` to before `end`, one story that is for members."""
        days = max(0, (end - first).days)
        for day in sorted(self.chance.sample(range(days), min(days, self.chance.randint(*sittings)))):
            at = first + timedelta(days=day, hours=self.chance.uniform(6, 21))
            there = [each for each in self.library if each.is_members_only and _came_out(each) < at]
            fresh = [each for each in there if each.id not in self.read]
            if there and at < end:
                again = not fresh or self.chance.random() < AGAIN
                self._read(self.chance.choice(there if again else fresh), at)

    def _read(self, card: StoryCard, at: datetime) -> None:
        self.read.add(card.id)
        is_shallow = self.chance.random() < SHALLOW
        seconds = int(card.expected_s * self.chance.uniform(0.7, 1.2))
        seconds = self.chance.randint(4, 20) if is_shallow else max(seconds, 31)
        follower = card.author.id in self.followed
        self._at(at, lambda: self._open_and_read(card, at, seconds=seconds, follower=follower))
        after = at + timedelta(seconds=seconds + 20)
        if not is_shallow and self.chance.random() < APPLAUDS:
            self._applaud(card, after)
        if not is_shallow and not follower and self.chance.random() < FOLLOWS:
            self._follow(card.author.id, after, from_story=card.id)

    def _open_and_read(self, card: StoryCard, at: datetime, *, seconds: int, follower: bool) -> None:
        """As the story's page does: a ticket when it is opened, and what its heartbeats say at the end."""
        enrolled = card.author.id in self.earning
        sealed = reads.ticket(self.who.id, card, at=at, follower=follower, enrolled=enrolled)
        if sealed:
            reads.report(sealed, beats(seconds), by=self.who.id, at=at + timedelta(seconds=seconds + 5))

    def _applaud(self, card: StoryCard, at: datetime) -> None:
        claps = self.chance.choice(CLAPS)
        self._at(at, lambda: engagement.applaud(card.id, claps, by=self.who.id, at=at))

    def _follow(self, author: str, at: datetime, from_story: str = "") -> None:
        self.followed.add(author)
        self._at(at, lambda: follows.follow(self.who.id, author, from_story=from_story, at=at))

    def _at(self, at: datetime, do: Do) -> None:
        if at < self.dates.now:
            self.deeds.append((at, do))


def live(cast: dict[str, Person], library: list[StoryCard], dates: Dates) -> None:
    """Everybody does what they did; whoever does it again has done it once."""
    writers = [cast[each.handle] for each in WRITERS]
    earning = _earning(writers)
    lives = []
    for number, who in enumerate(EVERYBODY):
        chance = Random(who.handle)  # noqa: S311 - it decides what invented people read
        life = Life(cast[who.handle], dates, library, earning, chance)
        life.plan_followings(writers, since=dates.account(number))
        life.plan_applause()
        if who in MEMBERS:
            _plan_membership(life, who, dates)
        lives.append(life)
    each_of(lives, Life.live)


def beats(seconds: int) -> list[Beat]:
    """The heartbeats of so many seconds, numbered from one."""
    whole, rest = divmod(seconds, BEAT_S_MAX)
    lengths = [BEAT_S_MAX] * whole + [rest] * bool(rest)
    return [Beat(n, length) for n, length in enumerate(lengths, start=1)]


def _plan_membership(life: Life, who: Someone, dates: Dates) -> None:
    since = dates.membership(who, MEMBERS.index(who))
    first = max(dates.last_month, since)
    life.plan_readings(first, dates.this_month, SITTINGS)
    life.plan_readings(max(dates.this_month, since), dates.now, SITTINGS_NOW)


def _earning(writers: list[Person]) -> frozenset[str]:
    """Those whose members-only stories bring them something."""
    good = table.fetch(*(reads.wanted_standing(each.id) for each in writers))
    return frozenset(each.id for each, is_good in zip(writers, good, strict=True) if is_good)


def _came_out(card: StoryCard) -> datetime:
    if card.published_at is None:
        raise AssertionError(f"{card.id} is not out")
    return card.published_at
