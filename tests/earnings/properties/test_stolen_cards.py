"""Cards of any month turn out to be stolen: what is taken back is the thieves' alone, to the micro."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from random import Random

from chalicelib.earnings.month_file.reading import read_month
from chalicelib.earnings.rules.carry import CarriedPart
from chalicelib.earnings.rules.dues import DuesLine
from chalicelib.earnings.rules.held import HeldPart, by_partner, held_parts
from chalicelib.earnings.rules.ledger import sums_of
from chalicelib.earnings.rules.month import ComputedMonth, FrozenMonth, compute
from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.rules.reads import MemberId, StoryId
from chalicelib.earnings.rules.taking import Found, Returned, TakenBack, take_back
from chalicelib.earnings.rules.takings import taken_pieces
from tests.earnings.builders import a_line
from tests.earnings.properties.random_months import a_random_month
from tests.earnings.properties.test_months import COUNT, REPLAY, SEED


@dataclass(frozen=True)
class Theft:
    """A closed month, whose cards were stolen, and what was taken back of each in the month after."""

    frozen: FrozenMonth
    computed: ComputedMonth
    thieves: list[MemberId]
    held: list[HeldPart]
    taken: dict[MemberId, TakenBack]


def a_theft(number: int) -> Theft:
    random = Random(f"{SEED}/stolen/{number}")
    frozen = read_month(BytesIO(json.dumps(a_random_month(random)).encode()))
    computed = compute(frozen)
    members = [each.id for each in frozen.members]
    thieves = random.sample(members, random.randint(0, len(members)))
    held = held_parts(computed, thieves)
    taken = {each: _taken(random, each, computed, held) for each in thieves}
    return Theft(frozen, computed, thieves, held, taken)


def _taken(random: Random, thief: MemberId, computed: ComputedMonth, held: Iterable[HeldPart]) -> TakenBack:
    """All that the card paid, or part of it, comes back once the month is closed."""
    month = computed.members[thief]
    line = _line(computed.month, max(month.dues_micros, 1))
    amount = random.choice((line.net_micros, random.randint(1, line.net_micros)))
    out = month.carried_out_micros
    carried = [CarriedPart(computed.month, out)] if out else []
    mine = [part for part in held if part.member == thief]
    share = {line.id: random.choice((0, 5_000, 6_667, 10_000))}
    found = Found([line], [], share, carried, mine)
    returned = Returned(f"dispute:du_{thief}:lost", thief, amount)
    return take_back(returned, window=month_after(computed.month), found=found)


def _line(month: str, net: int) -> DuesLine:
    return a_line(f"{month}-01", f"{month_after(month)}-01", net=net)


def test_what_is_taken_back_is_of_the_thief_and_never_more_than_is_there() -> None:
    for number in range(COUNT):
        theft = a_theft(number)
        for thief, taken in theft.taken.items():
            held = {part.partner: part.micros for part in theft.held if part.member == thief}
            assert {part.member for part in taken.held} <= {thief}, (number, REPLAY)
            for part in taken.held:
                assert 0 < part.micros <= held[part.partner], (number, REPLAY)
            there = max(theft.computed.members[thief].carried_out_micros, 0)
            assert 0 <= taken.carried_micros <= there, (number, REPLAY)
            assert taken.micros == taken.returned.micros, (number, REPLAY)
            assert min(taken.deferred, taken.platform, taken.loss) >= 0, (number, REPLAY)


def test_in_the_ledger_nobody_elses_account_moves() -> None:
    for number in range(COUNT):
        for thief, taken in a_theft(number).taken.items():
            ours = {"stripe", "disputed", "tax:payable", "dues:deferred", "platform", "loss"}
            theirs = {f"carried:{thief}", *(f"held:{part.partner}" for part in taken.held)}
            moved = sums_of(piece.entry for piece in taken_pieces(taken))
            assert set(moved) <= ours | theirs, (number, REPLAY)
            assert sum(moved.values()) == 0, (number, REPLAY)


def test_when_all_that_is_held_was_taken_each_partner_has_what_the_others_gave() -> None:
    """And of what thieves gave at most the parts of a micro that nobody could hold, one a story and thief."""
    for number in range(COUNT):
        theft = a_theft(number)
        month, totals = theft.computed, theft.computed.totals
        honest = _given_by(month, [each for each in month.members if each not in theft.thieves])
        stolen = _given_by(month, theft.thieves)
        for story, of_month in totals.stories.items():
            assert of_month.micros == honest.get(story, 0) + stolen.get(story, 0), (number, REPLAY)
        held = by_partner(theft.held)
        for partner, micros in held.items():
            assert 0 < micros <= totals.partners[partner], (number, REPLAY)
        left = sum(totals.partners.values()) - sum(held.values()) - sum(honest.values())
        most = sum(len(story.parts) for story in totals.stories.values()) * len(theft.thieves)
        assert 0 <= left <= most, (number, REPLAY)


def _given_by(computed: ComputedMonth, members: Iterable[MemberId]) -> dict[StoryId, int]:
    given: dict[StoryId, int] = {}
    for member in members:
        for each in computed.members[member].given:
            given[each.read.story] = given.get(each.read.story, 0) + each.micros
    return given


def test_what_others_give_and_carry_is_as_if_the_thieves_had_never_been() -> None:
    for number in range(COUNT):
        theft = a_theft(number)
        others = [each for each in theft.frozen.members if each.id not in theft.thieves]
        without = FrozenMonth(
            theft.frozen.month,
            theft.frozen.currency,
            theft.frozen.policy,
            others,
            theft.frozen.stories,
            theft.frozen.reads,
        )
        for member, month in compute(without).members.items():
            assert theft.computed.members[member] == month, (number, REPLAY)


def test_the_thefts_are_worth_trying() -> None:
    thefts = [a_theft(number) for number in range(300)]
    taken = [each for theft in thefts for each in theft.taken.values()]
    assert sum(each.held_micros > 0 for each in taken) > 50
    assert any(each.carried_micros for each in taken)
    assert any(each.loss for each in taken)
    assert any(theft.held and len(theft.thieves) < len(theft.frozen.members) for theft in thefts)
