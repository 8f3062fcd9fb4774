"""Readings that no honest reader makes are struck by rules that say why; those of honest readers are not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.kit import ids
from chalicelib.kit.refusals import Conflict, Invalid, NotFound
from chalicelib.members.records import dues
from chalicelib.members.rules import DuesLine, Payment
from chalicelib.reads import service, striking, suspicion
from chalicelib.reads.rules import Reading
from chalicelib.reads.striking import Wish
from chalicelib.reads.suspicion import DayRead, Leaning
from infra import faults
from tests.moments import NOON, later
from tests.reads.builders import a_story, a_ticket, beats

DAY, EVE = "2026-11-24", "2026-11-23"
TOMORROW = datetime(2026, 11, 25, 3, tzinfo=UTC)


def a_reading(
    story: str = "s1", *, seconds: int = 200, expected_s: int = 240, author: str = "maren", minute: int = 0
) -> Reading:
    began = f"{DAY}T{8 + minute // 60:02}:{minute % 60:02}:00.000Z"
    terms = {"follower": False, "boosted": False, "enrolled": True, "began_at": began, "version": 1}
    return Reading("ines", story, author, DAY, seconds, expected_s=expected_s, **terms)  # type: ignore[arg-type]


def a_day(*readings: Reading, quarters: range | tuple[int, ...] = (), day: str = DAY) -> DayRead:
    return DayRead("ines", day, readings, frozenset(quarters))


def rules_of(day: DayRead, eve: DayRead | None = None) -> list[str]:
    return [each.rule for each in suspicion.of_day(day, eve or DayRead("ines", EVE))]


def several(count: int, *, seconds: int, minutes: int = 5) -> list[Reading]:
    return [a_reading(f"s{n}", minute=n * minutes, seconds=seconds) for n in range(count)]


def test_a_day_of_an_honest_reader_raises_nothing() -> None:
    seconds = [31, 35, 88, 140, 203, 240, 251, 288, 300, 412, 7, 12, 40, 62, 95]
    read = [a_reading(f"s{n}", seconds=s, minute=9 * n) for n, s in enumerate(seconds)]
    assert rules_of(a_day(*read, quarters=range(30, 50))) == []


def test_who_holds_a_share_of_a_story_is_not_paid_for_reading_it() -> None:
    day = a_day(a_reading("mine"), a_reading("other"))
    (found,) = suspicion.of_day(
        day,
        DayRead("ines", EVE),
        lambda each: frozenset({"ines", "jon"} if each.story == "mine" else {"jon"}),
    )
    assert (found.rule, found.story) == ("own", "mine")
    assert found.reason == "A holder of the story’s share read it."


def test_today_a_story_is_held_by_its_author() -> None:
    assert suspicion.holders_of(a_reading(author="maren")) == {"maren"}
    assert rules_of(a_day(a_reading(author="ines"))) == ["own"]


@pytest.mark.parametrize(("quarters", "found"), [(24, ["awake"]), (23, [])])
def test_nobody_reads_for_six_hours_without_a_pause(quarters: int, found: list[str]) -> None:
    assert rules_of(a_day(a_reading(), quarters=range(30, 30 + quarters))) == found


def test_midnight_is_no_pause() -> None:
    eve = a_day(quarters=range(84, 96), day=EVE)
    assert rules_of(a_day(a_reading(), quarters=range(12)), eve) == ["awake"]
    assert rules_of(a_day(a_reading(), quarters=range(1, 13)), eve) == []


def test_what_was_read_yesterday_alone_is_not_todays_fault() -> None:
    assert rules_of(a_day(a_reading(), quarters=(60,)), a_day(quarters=range(40, 80), day=EVE)) == []


@pytest.mark.parametrize(("stories", "found"), [(8, ["even"]), (7, [])])
def test_stories_that_are_read_equally_long_to_the_second(stories: int, found: list[str]) -> None:
    assert rules_of(a_day(*several(stories, seconds=61))) == found


def test_leaving_many_stories_at_once_is_no_regularity() -> None:
    assert rules_of(a_day(*several(12, seconds=2))) == []


@pytest.mark.parametrize("times", [1, 3])
def test_stories_left_at_the_second_at_which_they_pay_no_more(times: int) -> None:
    read = [a_reading(f"s{n}", seconds=times * (60 + n), expected_s=60 + n, minute=9 * n) for n in range(5)]
    assert rules_of(a_day(*read)) == ["full"]
    assert rules_of(a_day(*read[1:])) == []


def test_twenty_one_stories_are_not_begun_within_a_minute() -> None:
    assert rules_of(a_day(*several(21, minutes=0, seconds=2))) == ["hurry"]
    assert rules_of(a_day(*several(20, minutes=0, seconds=2))) == []


def test_stories_left_just_past_the_floor_too_fast_to_be_read() -> None:
    skimmed = [a_reading(f"s{n}", seconds=30 + n % 5, minute=2 * n) for n in range(20)]
    assert rules_of(a_day(*skimmed)) == ["skim"]
    assert rules_of(a_day(*skimmed[1:])) == []
    short = [replace(each, expected_s=100) for each in skimmed]
    assert rules_of(a_day(*short)) == []


def leaning(member: str, network: str = "", **by_author: int) -> Leaning:
    return Leaning(member, by_author, network)


def test_ten_accounts_on_one_network_that_are_there_for_one_writer() -> None:
    crowd = [leaning(f"m{n}", "home", maren=90, pia=10) for n in range(10)]
    found = list(suspicion.of_crowds([*crowd, leaning("m10", "away", maren=90)]))
    assert {each.member for each in found} == {each.member for each in crowd}
    assert {each.evidence for each in found} == {"10 accounts on network home"}
    assert list(suspicion.of_crowds(crowd[1:])) == []


def test_a_university_that_reads_this_and_that_is_no_crowd() -> None:
    halls = [Leaning(f"m{n}", {f"a{n % 7}": 50, f"b{n % 5}": 50}, "halls") for n in range(200)]
    nowhere = [leaning(f"n{n}", "", maren=100) for n in range(50)]
    assert list(suspicion.of_crowds([*halls, *nowhere])) == []


def circle(*of: Leaning, start: str = "a") -> frozenset[str]:
    known = {each.member: each for each in of}
    return suspicion.circle_of(start, lambda member: known.get(member, Leaning(member, {})))


def test_accounts_that_read_only_each_other_are_a_circle() -> None:
    ring = [leaning("a", b=700, c=300), leaning("b", c=900, x=40), leaning("c", a=800)]
    assert circle(*ring) == {"a", "b", "c"}
    assert len(list(suspicion.of_circle(circle(*ring), bound=False))) == 3


def test_a_reader_of_many_opens_the_circle() -> None:
    others = {f"x{n}": 100 for n in range(9)}
    assert circle(leaning("a", b=900), Leaning("b", {"a": 900} | others)) == frozenset()


def test_the_faithful_reader_of_one_writer_is_no_circle() -> None:
    assert circle(leaning("a", b=5000)) == frozenset()


def test_two_friends_are_a_circle_only_with_one_card_or_one_network() -> None:
    pair = circle(leaning("a", b=900), leaning("b", a=900))
    assert pair == {"a", "b"}
    assert list(suspicion.of_circle(pair, bound=False)) == []
    assert [each.member for each in suspicion.of_circle(pair, bound=True)] == ["a", "b"]


def test_three_accounts_of_one_card_that_read_one_writer() -> None:
    puppets = [leaning(f"m{n}", maren=1000, pia=20) for n in range(3)]
    assert [each.member for each in suspicion.of_purse(puppets)] == ["m0", "m1", "m2"]
    assert list(suspicion.of_purse(puppets[1:])) == []
    assert list(suspicion.of_purse([Leaning(f"m{n}", {f"a{n}": 500}) for n in range(9)])) == []


# What follows goes through the tables.


@pytest.fixture
def ines(aws: None) -> str:
    return ids.new()


def read(reader: str, author: str, *, seconds: int = 45, at: datetime = NOON, network: str = "") -> str:
    """Somebody reads a story of this writer; its id."""
    story = a_story(author=author)
    told = beats(*[15] * (seconds // 15), *([seconds % 15] if seconds % 15 else []))
    ticket = a_ticket(reader, story, at=at)
    service.report(ticket, told, by=reader, at=at + timedelta(seconds=seconds), network=network)
    return story.id


def counted(reader: str, at: datetime | None = None) -> list[str]:
    moment = at or later(days=9)
    return [each.story for each in service.readings(reader, "2026-11", standing_at=moment)]


def struck(reader: str) -> list[str]:
    return [each.rule for each in striking.of_member(reader, "2026-11")]


def a_bot(reader: str) -> None:
    for n in range(8):
        read(reader, f"author{n}", seconds=61, at=later(minutes=10 * n))


def test_a_day_is_looked_through_once_and_leaves_its_reason(ines: str) -> None:
    a_bot(ines)
    honest = ids.new()
    kept = read(honest, "maren")
    assert striking.judge_due(TOMORROW) == [DAY]
    (decision,) = striking.of_member(ines, "2026-11")
    assert (decision.rule, decision.by, decision.story) == ("even", "rule", "")
    assert (decision.first_day, decision.last_day) == (DAY, DAY)
    assert decision.reason == "8 or more stories were each read for the very same number of seconds."
    assert decision.evidence == "8 stories of 61 s"
    assert counted(ines) == []
    assert counted(honest) == [kept]
    assert striking.judge_due(TOMORROW) == []
    assert striking.judge(DAY, TOMORROW) == 0


def test_what_is_struck_is_still_there_and_counted_before_it_was_struck(ines: str) -> None:
    a_bot(ines)
    striking.judge_due(TOMORROW)
    assert len(service.readings(ines, "2026-11")) == 8
    assert len(counted(ines, TOMORROW)) == 8
    assert counted(ines, TOMORROW + timedelta(milliseconds=1)) == []


def test_an_operator_takes_it_back_and_the_rule_lets_that_month_alone(ines: str) -> None:
    a_bot(ines)
    striking.judge_due(TOMORROW)
    (decision,) = striking.of_member(ines, "2026-11")
    striking.take_back(decision.id, by="op", why="A class that reads by the clock.", at=later(days=1))
    assert len(counted(ines)) == 8
    assert striking.judge(DAY, later(days=2)) == 0
    for n in range(8):
        read(ines, f"author{n}", seconds=61, at=later(days=1, minutes=10 * n))
    assert striking.judge("2026-11-25", later(days=2)) == 0
    assert len(counted(ines)) == 16


def test_taking_back_is_done_once_and_says_by_whom_and_why(ines: str) -> None:
    a_bot(ines)
    striking.judge_due(TOMORROW)
    (decision,) = striking.of_member(ines, "2026-11")
    taken = striking.take_back(decision.id, by="op", why="It was a class.", at=later(days=1))
    assert (taken.reversed_by, taken.reversed_why) == ("op", "It was a class.")
    with pytest.raises(Conflict, match="before"):
        striking.take_back(decision.id, by="op", why="Once more, please.", at=later(days=1))
    with pytest.raises(NotFound):
        striking.take_back("nothing", by="op", why="It is not there.", at=later(days=1))


def test_an_operator_strikes_one_story_or_all_of_some_days(ines: str) -> None:
    one, other = read(ines, "maren"), read(ines, "pia", at=later(minutes=10))
    wish = Wish(ines, one, DAY, DAY, "Left open on a shop’s display.")
    made = striking.strike(wish, by="op", at=later(days=1))
    assert (made.rule, made.by, made.reason) == ("operator", "op", "Left open on a shop’s display.")
    assert counted(ines) == [other]
    striking.strike(replace(wish, story=""), by="op", at=later(days=1))
    assert counted(ines) == []
    assert [each.story for each in striking.of_month("2026-11")[0]].count("") == 1


def test_a_strike_by_hand_is_one_however_often_it_is_pressed_while_it_stands(ines: str) -> None:
    read(ines, "maren")
    wish = Wish(ines, "", DAY, DAY, "Left open on a shop’s display.")
    made = striking.strike(wish, by="op", at=later(days=1))
    assert striking.strike(wish, by="op", at=later(days=1, seconds=1)) == made
    striking.take_back(made.id, by="op", why="It was not left open.", at=later(days=2))
    again = striking.strike(wish, by="op", at=later(days=3))
    assert again.id != made.id
    assert counted(ines) == []


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"reason": "short"}, Invalid),
        ({"reason": "x" * 401}, Invalid),
        ({"first_day": "yesterday"}, Invalid),
        ({"first_day": "2026-1-1"}, Invalid),
        ({"last_day": "2026-12-01"}, Invalid),
        ({"first_day": "2026-11-25"}, Invalid),
        ({"story": "another"}, Conflict),
        ({"member": "nobody"}, Conflict),
    ],
)
def test_a_strike_that_makes_no_sense_is_refused(
    ines: str, change: dict[str, str], refusal: type[Exception]
) -> None:
    wish = Wish(ines, read(ines, "maren"), DAY, DAY, "Left open on a display.")
    with pytest.raises(refusal):
        striking.strike(replace(wish, **change), by="op", at=later(days=1))
    assert len(counted(ines)) == 1


def test_one_address_is_found_by_its_network_alone(ines: str) -> None:
    crowd = [ids.new() for _ in range(10)]
    for n, reader in enumerate(crowd):
        read(reader, "maren", network=service.network_of(f"192.0.2.{n}"))
    read(ines, "maren", network=service.network_of("198.51.100.9"))
    striking.judge_due(TOMORROW)
    assert {rule for reader in crowd for rule in struck(reader)} == {"crowd"}
    assert struck(ines) == []


def test_a_circle_of_partners_is_struck_from_the_months_first_day_on(ines: str) -> None:
    ring = [ids.new() for _ in range(3)]
    for n, reader in enumerate(ring):
        service.note_standing(reader, good=True, at=NOON)
        read(reader, ring[(n + 1) % 3], seconds=600, at=later(days=-n))
    striking.judge(DAY, TOMORROW)
    for reader in ring:
        (decision,) = striking.of_member(reader, "2026-11")
        assert (decision.rule, decision.first_day, decision.last_day) == ("circle", "2026-11-01", DAY)
        assert counted(reader) == []


def a_line(member: str, card: str) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    end = at + timedelta(days=30)
    invoice = ids.new()
    line = DuesLine(ids.new(), member, "member", at, end, 5_000_000, invoice, at, card, at)
    dues.keep(Payment(invoice, member, at, 5_000_000, 0, 0, 5_000_000, ids.new(), 0), [line])


def test_accounts_that_one_card_pays_for_and_that_read_one_writer(ines: str) -> None:
    card, puppets = ids.new(), [ids.new() for _ in range(3)]
    for puppet in [*puppets, ines]:
        a_line(puppet, card)
    for puppet in puppets:
        read(puppet, "maren", seconds=60)
    read(ines, "pia")
    striking.judge_due(TOMORROW)
    assert {rule for puppet in puppets for rule in struck(puppet)} == {"purse"}
    assert struck(ines) == []


def test_who_is_struck_changes_nothing_for_any_other_member(ines: str) -> None:
    others = {reader: read(reader, "author0", seconds=61) for reader in [ids.new() for _ in range(5)]}
    a_bot(ines)
    striking.judge_due(TOMORROW)
    assert struck(ines)
    assert {reader: counted(reader) for reader in others} == {r: [story] for r, story in others.items()}


def test_a_day_that_was_missed_is_made_up_for(ines: str) -> None:
    striking.judge_due(datetime(2026, 11, 20, 3, tzinfo=UTC))
    a_bot(ines)
    assert striking.judge_due(TOMORROW)[-1] == DAY
    assert struck(ines) == ["even"]


def test_looking_through_a_day_costs_three_keys_a_reader_and_scans_nothing(ines: str) -> None:
    for _ in range(29):
        read(ids.new(), "maren")
    read(ines, "pia")
    with faults.counting() as watch:
        striking.judge(DAY, TOMORROW)
    calls = [call.operation for call in watch.calls if call.service == "dynamodb"]
    assert calls.count("BatchGetItem") == 1
    assert set(calls) == {"BatchGetItem", "Query"}


def test_a_reader_has_a_name_for_operators_that_is_not_theirs(ines: str) -> None:
    assert striking.pseudonym(ines) == striking.pseudonym(ines) != striking.pseudonym("other")
    assert ines not in striking.pseudonym(ines)


def test_a_crash_anywhere_in_a_look_is_mended_by_looking_again(ines: str) -> None:
    a_bot(ines)
    for plan in faults.every_point(lambda: striking.judge_due(TOMORROW)):
        try:
            with faults.planted(plan):
                striking.judge(DAY, TOMORROW)
        except faults.Crash:
            striking.judge(DAY, TOMORROW)
        assert struck(ines) == ["even"]
        assert len(striking.of_month("2026-11")[0]) == 1
