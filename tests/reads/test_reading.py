"""Reading that is counted: what a report of heartbeats brings, and what it doesn't."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.kit import clock, ids, table
from chalicelib.kit.refusals import Forbidden, Invalid, Malformed, TooMany
from chalicelib.reads import service
from chalicelib.reads.records import listed
from chalicelib.reads.rules import BEAT_S_MAX, BEATS_MAX, DAY_S_MAX, REPORTS_A_DAY_MAX, Reading
from chalicelib.stories import service as stories
from infra import faults
from tests.moments import NOON, later
from tests.reads.builders import a_story, a_ticket, beats, read_s
from tests.stories.builders import a_story as a_published_story
from tests.stories.builders import a_writer

ROOT = Path(__file__).parents[2]
BEATS_A_REPORT = 12
pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def ines() -> str:
    return ids.new()


def test_a_reading_has_the_seconds_and_the_terms_it_began_with(ines: str) -> None:
    story = a_story()
    ticket = a_ticket(ines, story, follower=True)
    assert service.report(ticket, beats(15, 15), by=ines, at=later(seconds=31)) == 30
    assert service.report(ticket, beats(15, 7, after=2), by=ines, at=later(seconds=62)) == 22
    (reading,) = service.readings(ines, "2026-11")
    assert reading == Reading(
        ines,
        story.id,
        "maren",
        "2026-11-24",
        seconds=52,
        expected_s=240,
        follower=True,
        boosted=False,
        enrolled=True,
        began_at="2026-11-24T12:00:31.000Z",
        version=3,
    )


def test_the_terms_of_a_day_are_those_of_its_first_report(ines: str) -> None:
    story = a_story()
    first = a_ticket(ines, story, enrolled=False)
    service.report(first, beats(10), by=ines, at=later(seconds=10))
    second = a_ticket(ines, story, at=later(minutes=5), enrolled=True, follower=True)
    service.report(second, beats(10), by=ines, at=later(minutes=6))
    next_day = a_ticket(ines, story, at=later(days=1), follower=True)
    service.report(next_day, beats(10), by=ines, at=later(days=1, seconds=10))
    days = [(each.seconds, each.enrolled, each.follower) for each in service.readings(ines, "2026-11")]
    assert days == [(20, False, False), (10, True, True)]


def test_no_ticket_is_given_for_a_free_story_or_ones_own(ines: str) -> None:
    assert a_ticket(ines, a_story(audience="everyone")) == ""
    assert a_ticket("maren", a_story(author="maren")) == ""


def test_a_beat_is_worth_fifteen_seconds_at_most(ines: str) -> None:
    assert service.report(a_ticket(ines), beats(3600), by=ines, at=later(hours=1)) == 15


def test_never_more_than_the_time_since_the_ticket(ines: str) -> None:
    ticket = a_ticket(ines)
    assert service.report(ticket, beats(15, 15, 15, 15), by=ines, at=later(seconds=20)) == 20


def test_never_more_than_the_time_since_the_last_report(ines: str) -> None:
    ticket = a_ticket(ines)
    service.report(ticket, beats(15), by=ines, at=later(minutes=10))
    assert service.report(ticket, beats(15, 15, after=1), by=ines, at=later(minutes=10, seconds=12)) == 12


def test_a_report_told_again_brings_nothing(ines: str) -> None:
    ticket = a_ticket(ines)
    service.report(ticket, beats(15, 15), by=ines, at=later(minutes=1))
    assert service.report(ticket, beats(15, 15), by=ines, at=later(minutes=5)) == 0
    assert read_s(ines) == 30


def test_of_a_report_that_repeats_some_beats_the_new_ones_count(ines: str) -> None:
    ticket = a_ticket(ines)
    service.report(ticket, beats(15, 15), by=ines, at=later(minutes=1))
    assert service.report(ticket, beats(15, 15, 10), by=ines, at=later(minutes=2)) == 10


def test_a_beat_that_brought_nothing_brings_nothing_later(ines: str) -> None:
    ticket, other = a_ticket(ines), a_ticket(ines)
    service.report(ticket, beats(15, 15), by=ines, at=later(seconds=30))
    assert service.report(other, beats(15, 15), by=ines, at=later(seconds=30)) == 0
    assert service.report(other, beats(15, 15), by=ines, at=later(minutes=5)) == 0
    assert read_s(ines) == 30


def test_invented_numbers_bring_no_more_than_the_time_that_passed(ines: str) -> None:
    ticket = a_ticket(ines)
    jumping = [*beats(15, after=5), *beats(15, after=900), *beats(15, after=70_000)]
    assert service.report(ticket, jumping, by=ines, at=later(seconds=20)) == 20
    assert service.report(ticket, beats(15, after=3), by=ines, at=later(minutes=9)) == 0


def test_the_same_number_twice_in_a_report_is_one_beat(ines: str) -> None:
    assert service.report(a_ticket(ines), beats(15) * 4, by=ines, at=later(minutes=9)) == 15


def test_stories_read_side_by_side_share_the_time_that_passed(ines: str) -> None:
    tickets = [a_ticket(ines) for _ in range(4)]
    for minute in range(1, 6):
        for second, ticket in enumerate(tickets):
            told = beats(15, 15, 15, 15, after=4 * minute)
            service.report(ticket, told, by=ines, at=later(minutes=minute, seconds=second))
    assert read_s(ines) <= 5 * 60 + 3


def test_another_readers_ticket_is_refused(ines: str) -> None:
    with pytest.raises(Forbidden, match="somebody else"):
        service.report(a_ticket("jon"), beats(15), by=ines, at=later(minutes=1))
    assert read_s("jon") == 0


def test_a_forged_ticket_is_refused(ines: str) -> None:
    ticket = a_ticket(ines)
    body, proof = ticket.split(".")
    for forged in ["", "x", body, f"{body}.{proof[:-2]}AA", f"{body[:-4]}AAAA.{proof}", ticket + "A"]:
        with pytest.raises(Malformed, match="ticket"):
            service.report(forged, beats(15), by=ines, at=later(minutes=1))


def test_a_ticket_ends_after_twelve_hours(ines: str) -> None:
    ticket = a_ticket(ines)
    service.report(ticket, beats(15), by=ines, at=later(hours=12))
    with pytest.raises(Invalid, match="Open the story anew"):
        service.report(ticket, beats(15, after=1), by=ines, at=later(hours=12, seconds=1))
    assert read_s(ines) == 15


def test_a_clock_that_is_behind_brings_nothing(ines: str) -> None:
    assert service.report(a_ticket(ines), beats(15), by=ines, at=later(seconds=-20)) == 0


def test_eight_hours_are_a_day(ines: str) -> None:
    morning = datetime.fromisoformat("2026-11-24T00:00:00+00:00")
    for ten_minutes in range(6 * 9):
        begin = morning.replace(hour=ten_minutes // 6, minute=ten_minutes % 6 * 10)
        end = begin.replace(minute=begin.minute + 9, second=59)
        service.report(a_ticket(ines, at=begin), beats(*[15] * 40), by=ines, at=end)
    assert read_s(ines) == DAY_S_MAX


def test_past_midnight_the_seconds_are_split_by_our_clock(ines: str) -> None:
    eve = datetime.fromisoformat("2026-11-30T23:59:40+00:00")
    ticket = a_ticket(ines, at=eve)
    assert service.report(ticket, beats(15, 15), by=ines, at=later(days=6, hours=12, seconds=25)) == 30
    split = [(e.day, e.seconds) for month in ("2026-11", "2026-12") for e in service.readings(ines, month)]
    assert split == [("2026-11-30", 5), ("2026-12-01", 25)]


def test_a_report_of_yesterday_told_again_today_brings_nothing(ines: str) -> None:
    ticket = a_ticket(ines, at=later(hours=11, minutes=50))
    service.report(ticket, beats(15, 15), by=ines, at=later(hours=11, minutes=59))
    assert service.report(ticket, beats(15, 15), by=ines, at=later(hours=12, minutes=9)) == 0
    assert service.report(ticket, beats(15, after=2), by=ines, at=later(hours=12, minutes=10)) == 15
    assert service.report(ticket, beats(15, 15), by=ines, at=later(hours=12, minutes=20)) == 0
    assert read_s(ines) == 45


def test_a_page_left_open_at_midnight_gains_nothing_beside_another(ines: str) -> None:
    old, new = a_ticket(ines, at=later(hours=11)), a_ticket(ines, at=later(hours=11))
    service.report(old, beats(*[15] * 30), by=ines, at=later(hours=12, minutes=1))
    assert service.report(new, beats(*[15] * 40), by=ines, at=later(hours=12, minutes=2)) == 60
    assert read_s(ines) == 450 + 60


def test_an_hour_of_reading_costs_a_tenth_of_a_write_and_a_call_for_each_heartbeat(ines: str) -> None:
    """Against one call and one write a heartbeat: what the page batches, and the first of the day."""
    ticket, told = a_ticket(ines), 0
    with faults.counting() as watch:
        while told < 240:
            report = beats(*[BEAT_S_MAX] * BEATS_A_REPORT, after=told)
            told += len(report)
            service.report(ticket, report, by=ines, at=later(seconds=told * BEAT_S_MAX))
    assert read_s(ines) == 3600
    calls = [call.operation for call in watch.calls]
    assert set(calls) <= {"UpdateItem", "PutItem"}
    assert len(calls) * 10 <= told


def test_the_page_reports_as_many_beats_at_once_as_the_count_above_says() -> None:
    script = (ROOT / "web" / "src" / "read.js").read_text()
    says = {name: int(number) for name, number in re.findall(r"const (\w+) = (\d+);", script)}
    assert says["BEATS_A_REPORT"] == BEATS_A_REPORT
    assert (says["BEAT_S"], says["BEATS_MAX"]) == (BEAT_S_MAX, BEATS_MAX)


def test_a_report_that_is_plainly_right_is_one_write_and_no_read(ines: str) -> None:
    ticket = a_ticket(ines)
    service.report(ticket, beats(15), by=ines, at=later(seconds=30))
    with faults.counting() as watch:
        service.report(ticket, beats(15, 15, after=1), by=ines, at=later(hours=1))
    assert [call.operation for call in watch.calls] == ["UpdateItem"]


def test_whoever_reports_without_end_is_told_to_wait(ines: str) -> None:
    ticket = a_ticket(ines)
    for n in range(service.REPORTING.tokens):
        service.report(ticket, beats(1, after=n), by=ines, at=NOON)
    with pytest.raises(TooMany):
        service.report(ticket, beats(1, after=99), by=ines, at=NOON)


def test_who_has_a_story_open_that_is_taken_down_may_finish_it(ines: str) -> None:
    writer = a_writer()
    story = a_published_story(writer, audience="members")
    ticket = a_ticket(ines, story)
    stories.unpublish(story.id, by=writer.person_id, at=NOON)
    assert service.report(ticket, beats(15), by=ines, at=later(minutes=1)) == 15


def test_a_day_of_as_many_reports_as_may_be_made_fits_in_one_item(ines: str) -> None:
    """400 KB is an item's end; each report may be of another story, under another ticket."""
    service.report(a_ticket(ines), beats(15), by=ines, at=later(minutes=1))
    (day,) = table.query_all("reads", f"{ines}#2026-11")
    day["quarters"] = set(range(96))
    once = {name: value for name, value in day.items() if name[1] != "_"}
    each_time = {name: value for name, value in day.items() if name[1] == "_"}
    assert len(each_time) == 3
    assert stored_bytes(once) + stored_bytes(each_time) * REPORTS_A_DAY_MAX < 400 * 1024


def test_nobody_makes_more_reports_a_day_than_the_item_has_room_for(
    ines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.reads.service.REPORTS_A_DAY_MAX", 3)
    monkeypatch.setattr("chalicelib.reads.records.days.REPORTS_A_DAY_MAX", 3)
    ticket = a_ticket(ines)
    for n in range(3):
        service.report(ticket, beats(15, after=n), by=ines, at=later(minutes=n + 1))
    with pytest.raises(TooMany) as refusal:
        service.report(ticket, beats(15, after=3), by=ines, at=later(minutes=4))
    assert refusal.value.retry_after_s == 12 * 3600 - 4 * 60 + 1
    assert read_s(ines) == 45
    tomorrow = a_ticket(ines, at=later(days=1))
    assert service.report(tomorrow, beats(15), by=ines, at=later(days=1, minutes=1)) == 15


def test_who_read_on_a_day_is_listed_once_with_a_network_that_names_no_address(ines: str) -> None:
    home, neighbour = (service.network_of(address) for address in ("192.0.2.7", "192.0.2.250"))
    away = service.network_of("198.51.100.7")
    assert home == neighbour != away
    assert "192" not in home
    assert service.network_of("unknown") == ""
    ticket = a_ticket(ines)
    for n, network in enumerate([home, away]):
        service.report(ticket, beats(15, after=n), by=ines, at=later(minutes=n + 1), network=network)
    assert list(listed.who_read("2026-11-24")) == [listed.Listed(ines, home)]
    assert list(listed.who_read("2026-11-25")) == []


def test_a_network_is_forgotten_after_ninety_days(ines: str) -> None:
    service.report(a_ticket(ines), beats(15), by=ines, at=later(minutes=1), network="home")
    shards = [table.query_all("reads", f"read#2026-11-24#{n:02}") for n in range(listed.SHARDS)]
    (item,) = (item for shard in shards for item in shard)
    assert item["expires"] == clock.epoch(later(days=90, minutes=1))
    (day,) = table.query_all("reads", f"{ines}#2026-11")
    assert "home" not in str(day)


def stored_bytes(value: Any) -> int:
    """What DynamoDB counts, by its documentation on item sizes."""
    if isinstance(value, dict):
        return 3 + sum(1 + len(name) + stored_bytes(each) for name, each in value.items())
    if isinstance(value, bool):
        return 1
    if isinstance(value, set):
        return 3 + sum(1 + stored_bytes(each) for each in value)
    return len(str(value)) // 2 + 2 if isinstance(value, int) else len(value)


def test_whether_an_author_is_in_good_standing_is_what_was_said_last(ines: str) -> None:
    def standing() -> bool:
        return table.fetch_one(service.wanted_standing(ines))

    assert not standing()
    service.note_standing(ines, good=True, at=later(days=1))
    assert standing()
    service.note_standing(ines, good=False, at=NOON)
    assert standing()
    service.note_standing(ines, good=False, at=later(days=2))
    assert not standing()


@pytest.mark.parametrize("moment", [later(hours=11, minutes=59), later(hours=12, seconds=10)])
def test_a_crash_anywhere_in_a_report_is_mended_by_telling_it_again(moment: datetime) -> None:
    """Before midnight, which is one write, and over it, which is two together."""

    def deed(reader: str = "", ticket: str = "") -> None:
        reader = reader or ids.new()
        ticket = ticket or a_ticket(reader, at=later(hours=11, minutes=58))
        service.report(ticket, beats(15, 10), by=reader, at=moment)

    for plan in faults.every_point(deed):
        reader = ids.new()
        ticket = a_ticket(reader, at=later(hours=11, minutes=58))
        try:
            with faults.planted(plan):
                deed(reader, ticket)
        except faults.Crash:
            deed(reader, ticket)
        assert read_s(reader) == 25
        assert reader in {each.member for each in listed.who_read("2026-11-24")}
