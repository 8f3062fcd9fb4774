"""A month as a map over parts of its members and reduces over stories and partners: pure, and in any order.

What a member gave is known within the member's part. A story's total, and how partners share it, is known
where all its members' gifts come together; a partner's sheet where all its stories do. Nothing else crosses.
"""

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from chalicelib.earnings.rules.forward import Closing, MonthSums
from chalicelib.earnings.rules.held import HeldPart, by_partner
from chalicelib.earnings.rules.ledger import Entry, close_partner_entry, release_entry
from chalicelib.earnings.rules.month import FrozenMonth, StoryMonth, StoryTally, tally
from chalicelib.earnings.rules.reads import MemberId, PartnerId, StoryId
from chalicelib.earnings.rules.runs import Manifest
from chalicelib.earnings.rules.sheets import Found, Sheet, readers_of
from chalicelib.earnings.rules.statement import StatementStory, row_of

NOTHING = MonthSums(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class HeldGift:
    """What a member with a young card gave a story: whose it is, the story's totals decide."""

    part: int
    member: MemberId
    story: StoryId
    micros: int


@dataclass
class ForStories:
    """What one part of the members sends to one bucket of stories."""

    tallies: list[StoryTally] = field(default_factory=list)
    held: list[HeldGift] = field(default_factory=list)


@dataclass
class ForPartners:
    """What goes to one bucket of partners: from members, or from stories."""

    rows: list[tuple[PartnerId, StatementStory]] = field(default_factory=list)
    readers: dict[PartnerId, int] = field(default_factory=dict)
    released: dict[PartnerId, int] = field(default_factory=dict)
    held: dict[PartnerId, int] = field(default_factory=dict)


@dataclass
class FromMembers:
    """All that one part of the members comes to."""

    sums: MonthSums
    stories: dict[int, ForStories]
    partners: dict[int, ForPartners]


@dataclass
class FromStories:
    """All that one bucket of stories comes to; what is held, by the part of the member it is from."""

    sums: MonthSums
    partners: dict[int, ForPartners]
    held: dict[int, list[HeldPart]]


def bucket(name: str, buckets: int) -> int:
    """Where a story or a partner comes together; the same for ever, unlike Python's own hash."""
    return zlib.crc32(name.encode()) % buckets


def split_part(part: int, frozen: FrozenMonth, closing: Closing, buckets: int) -> FromMembers:
    """One part of the members, `closing` being computed from it alone."""
    stories: defaultdict[int, ForStories] = defaultdict(ForStories)
    tallies: dict[StoryId, StoryTally] = {}
    for member in closing.computed.members.values():
        tally(tallies, member, frozen)
    for story in sorted(tallies):
        stories[bucket(story, buckets)].tallies.append(tallies[story])
    for each in closing.forward.held_members:
        for given in closing.computed.members[each].given:
            gift = HeldGift(part, each, given.read.story, given.micros)
            stories[bucket(gift.story, buckets)].held.append(gift)
    partners = _to_partners(buckets, readers=readers_of(closing), released=by_partner(closing.released()))
    return FromMembers(closing.member_sums(), dict(stories), partners)


def share_stories(found: Iterable[ForStories], month: str, buckets: int) -> FromStories:
    """One bucket of stories, from all parts of the members."""
    everything = list(found)
    stories = _totals(each for piece in everything for each in piece.tallies)
    held = _held(stories, (gift for piece in everything for gift in piece.held))
    by_whom = Counter[PartnerId]()
    for (_, _, partner), micros in held.items():
        by_whom[partner] += micros
    partners = _to_partners(buckets, held=by_whom)
    for story in stories.values():
        for partner, micros in story.parts.items():
            rows = partners.setdefault(bucket(partner, buckets), ForPartners()).rows
            rows.append((partner, row_of(story, micros)))
    sums = replace(
        NOTHING,
        earned=sum(story.micros for story in stories.values()),
        held=sum(held.values()),
        stories=len(stories),
    )
    return FromStories(sums, partners, _by_part(held, month))


def sheets_of_bucket(number: int, found: Iterable[ForPartners], manifest: Manifest) -> list[Sheet]:
    """One bucket of partners, from all parts of the members and all buckets of stories."""
    drafts: defaultdict[PartnerId, Found] = defaultdict(Found)
    for piece in found:
        for partner, row in piece.rows:
            drafts[partner].stories.append(row)
        for partner, readers in piece.readers.items():
            drafts[partner].readers += readers
        for partner, micros in piece.released.items():
            drafts[partner].released += micros
        for partner, micros in piece.held.items():
            drafts[partner].held += micros
    for moved, name in ((manifest.adjustments, "adjusted"), (manifest.grants, "granted")):
        for partner, micros in moved.items():
            if bucket(partner, manifest.buckets) == number:
                setattr(drafts[partner], name, micros)
    return [
        drafts[partner].sheet(manifest.month, partner, manifest.policy_version) for partner in sorted(drafts)
    ]


def partner_sums(sheets: Iterable[Sheet]) -> MonthSums:
    """What partners get, added up from their sheets."""
    known = list(sheets)
    return replace(
        NOTHING,
        earned=sum(each.earned_micros for each in known),
        held=sum(each.held_micros for each in known),
        released=sum(_let_go(each) for each in known),
        partners=sum(bool(each.stories) for each in known),
    )


def partner_entries(sheet: Sheet) -> list[Entry]:
    entries = [
        close_partner_entry(sheet.month, sheet.partner, earned=sheet.earned_micros, held=sheet.held_micros),
        release_entry(sheet.month, sheet.partner, _let_go(sheet)),
    ]
    return [each for each in entries if each]


def sums_of_month(members: MonthSums, stories: MonthSums, partners: MonthSums) -> MonthSums:
    """The month's, once those who give and those who get agree; raises AssertionError where they don't."""
    found = replace(
        members,
        earned=partners.earned,
        held=partners.held,
        partners=partners.partners,
        stories=stories.stories,
    )
    agree = (
        found.agree
        and (partners.earned, partners.held) == (stories.earned, stories.held)
        and partners.released == members.released
    )
    if not agree:
        raise AssertionError(f"the parts do not add up: {members}, {stories}, {partners}")
    return found


def _let_go(sheet: Sheet) -> int:
    """What the close released, without what a refund took."""
    return sheet.released_micros + sheet.adjustments_micros


def _totals(tallies: Iterable[StoryTally]) -> dict[StoryId, StoryMonth]:
    joined: dict[StoryId, StoryTally] = {}
    for each in tallies:
        if each.story.id in joined:
            joined[each.story.id].join(each)
        else:
            joined[each.story.id] = each
    return {story: joined[story].shared() for story in sorted(joined) if joined[story].qualified}


def _held(
    stories: Mapping[StoryId, StoryMonth], gifts: Iterable[HeldGift]
) -> dict[tuple[int, MemberId, PartnerId], int]:
    held = Counter[tuple[int, MemberId, PartnerId]]()
    for gift in gifts:
        story = stories[gift.story]
        if story.micros:
            for partner, part in story.parts.items():
                held[gift.part, gift.member, partner] += gift.micros * part // story.micros
    return {key: held[key] for key in sorted(held) if held[key]}


def _by_part(held: Mapping[tuple[int, MemberId, PartnerId], int], month: str) -> dict[int, list[HeldPart]]:
    found: defaultdict[int, list[HeldPart]] = defaultdict(list)
    for (part, member, partner), micros in held.items():
        found[part].append(HeldPart(month, partner, member, micros))
    return dict(found)


def _to_partners(buckets: int, **kinds: Mapping[PartnerId, int]) -> dict[int, ForPartners]:
    found: defaultdict[int, ForPartners] = defaultdict(ForPartners)
    for kind, amounts in kinds.items():
        for partner in sorted(amounts):
            getattr(found[bucket(partner, buckets)], kind)[partner] = amounts[partner]
    return dict(found)
