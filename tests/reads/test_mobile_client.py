"""A mobile client that follows CLIENTS.md to the letter is counted exactly as that document promises."""

import time
from collections.abc import Iterator
from itertools import count

import pytest

from chalicelib.kit import clock, ids
from chalicelib.kit.refusals import TooMany
from chalicelib.reads import rules, service
from tests.conftest import Site, forget
from tests.journeys.hands import Somebody, a_writer, refused, signs_in
from tests.journeys.test_reading_counted import pay, time_passes
from tests.journeys.world import soon
from tests.reads.phone import SAYS, Phone


@pytest.fixture
def seen_from_outside(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process looks into the site's own cloud."""
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    forget()
    yield
    forget()


@pytest.fixture(scope="module")
def story(site: Site) -> str:
    written = a_writer(site).publishes(f"For members {ids.new()}", words=2_000, audience="members")
    return str(written["id"])


@pytest.fixture
def phone(site: Site, seen_from_outside: None) -> Phone:
    reader = signs_in(site)
    wish = {"tier": "member", "interval": "month", "next": "/"}
    pay(reader.ask("POST", "/api/membership/checkout", wish)["url"])
    soon(lambda: reader.get("/api/membership")["reads_all"], "the webhook makes the membership")
    return Phone(reader)


def seconds_of(reader: Somebody) -> int:
    return sum(each.seconds for each in service.readings(reader.person_id, clock.month_of(clock.now())))


def test_the_documents_numbers_are_the_sites() -> None:
    assert SAYS["beat_s"] == rules.BEAT_S_MAX
    assert SAYS["beats_max"] == rules.BEATS_MAX
    assert SAYS["ticket_hours"] * 3600 == rules.TICKET_S_MAX
    assert {"beats_a_report", "idle_s", "patience_s"} < set(SAYS)


def test_it_opens_reads_and_closes_and_every_second_counts(site: Site, phone: Phone, story: str) -> None:
    phone.open(story)
    time_passes(site, 180)
    phone.read(180)
    assert phone.reports == [SAYS["beats_a_report"]]
    time_passes(site, 10)
    phone.read(10)
    phone.pause()
    assert seconds_of(phone.owner) == 190
    assert phone.reports == [12, 1]


def test_what_it_counts_stops_in_the_background_and_when_nobody_moves(
    site: Site, phone: Phone, story: str
) -> None:
    phone.open(story)
    time_passes(site, 20)
    phone.read(20)
    phone.pause()
    time_passes(site, 1_000)
    phone.read(30)
    phone.read(500, moves=False)
    phone.pause()
    assert seconds_of(phone.owner) == 20 + 30 + SAYS["idle_s"] - 1


def test_without_a_line_it_keeps_ten_minutes_and_sends_them_when_it_is_back(
    site: Site, phone: Phone, story: str
) -> None:
    phone.open(story)
    phone.has_line = False
    time_passes(site, 2_000)
    phone.read(900)
    phone.pause()
    assert seconds_of(phone.owner) == 0
    phone.has_line = True
    phone.send_all()
    assert seconds_of(phone.owner) == SAYS["beats_max"] * SAYS["beat_s"]
    assert phone.store == {}


def test_what_an_ended_app_had_kept_is_sent_at_its_next_start(site: Site, phone: Phone, story: str) -> None:
    phone.open(story)
    phone.has_line = False
    time_passes(site, 300)
    phone.read(100)
    phone.pause()
    again = phone.reborn()
    again.open(story)
    assert seconds_of(phone.owner) == 100
    time_passes(site, 60)
    again.read(45)
    again.pause()
    assert seconds_of(phone.owner) == 145


def test_an_answer_that_was_lost_is_asked_for_again_and_counts_nothing_twice(
    site: Site, phone: Phone, story: str
) -> None:
    phone.open(story)
    time_passes(site, 600)
    phone.read(50)
    twin = phone.reborn()
    phone.pause()
    twin.store = {phone.ticket: [{"n": n, "seconds": 15} for n in (1, 2, 3)]}
    twin.send_all()
    assert twin.store == {}
    assert seconds_of(phone.owner) == 50


def test_reading_without_a_line_earns_no_more_than_the_time_that_passed(
    site: Site, phone: Phone, story: str
) -> None:
    """Its own clock may run as it likes."""
    began_s = time.monotonic()
    phone.open(story)
    time_passes(site, 60)
    phone.read(600)
    phone.pause()
    assert 60 <= seconds_of(phone.owner) <= 60 + time.monotonic() - began_s


def test_a_ticket_of_yesterday_is_forgotten(site: Site, phone: Phone, story: str) -> None:
    phone.open(story)
    phone.has_line = False
    phone.read(100)
    phone.pause()
    time_passes(site, SAYS["ticket_hours"] * 3600)
    phone.has_line = True
    sent = {"ticket": phone.ticket, "beats": phone.store[phone.ticket]}
    assert refused(lambda: phone.owner.ask("POST", "/api/readings", sent)) == 422
    phone.send_all()
    assert phone.store == {}
    assert seconds_of(phone.owner) == 0


def test_who_does_not_batch_is_told_to_wait_and_loses_nothing_by_waiting(
    site: Site, phone: Phone, story: str
) -> None:
    phone.open(story)
    with pytest.raises(TooMany):
        reports_each_second_singly(phone)
    before = seconds_of(phone.owner)
    phone.number = 1_000
    phone.read(15)
    phone.pause()
    assert phone.store, "the site said 429"
    time_passes(site, 60)
    phone.send_all()
    assert phone.store == {}
    assert seconds_of(phone.owner) == before + 15


def reports_each_second_singly(phone: Phone) -> None:
    for n in count(1):
        service.report(phone.ticket, [rules.Beat(n, 1)], by=phone.owner.person_id, at=clock.now())
