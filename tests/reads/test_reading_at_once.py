"""Many reports of one member at the same moment, in a cloud that has real races."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.kit import ids
from chalicelib.kit.refusals import Unavailable
from chalicelib.reads import service
from chalicelib.reads.rules import Beat
from tests.moments import later
from tests.reads.builders import a_ticket, beats, read_s

pytestmark = [pytest.mark.ministack, pytest.mark.usefixtures("cloud")]
WORKERS = 8


def test_one_report_sent_eight_times_at_once_counts_once() -> None:
    reader = ids.new()
    ticket = a_ticket(reader)
    with ThreadPoolExecutor(WORKERS) as workers:
        credited = list(
            workers.map(
                lambda _: service.report(ticket, beats(15, 15), by=reader, at=later(seconds=45)),
                range(WORKERS),
            )
        )
    assert sorted(credited) == [0] * 7 + [30]
    assert read_s(reader) == 30


def test_eight_pages_that_report_at_once_share_the_time_that_passed() -> None:
    reader = ids.new()
    tickets = [a_ticket(reader) for _ in range(WORKERS)]

    def read(page: int) -> int:
        """Six reports of a full minute, one each ten seconds, in the name of every page."""
        credited = 0
        for turn in range(6):
            told: list[Beat] = beats(15, 15, 15, 15, after=4 * turn)
            try:
                at = later(seconds=10 * (turn + 1))
                credited += service.report(tickets[page], told, by=reader, at=at)
            except Unavailable:
                continue
        return credited

    with ThreadPoolExecutor(WORKERS) as workers:
        credited_s = sum(workers.map(read, range(WORKERS)))
    assert credited_s == read_s(reader) <= 60


def test_midnight_struck_while_eight_pages_report_is_split_once() -> None:
    reader = ids.new()
    eve = later(hours=11, minutes=59, seconds=30)
    tickets = [a_ticket(reader, at=eve) for _ in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as workers:
        credited = list(
            workers.map(
                lambda ticket: service.report(
                    ticket, beats(15, 15, 15), by=reader, at=later(hours=12, seconds=10)
                ),
                tickets,
            )
        )
    assert sorted(credited) == [0] * 7 + [40]
    assert [each.seconds for each in service.readings(reader, "2026-11")] == [30, 10]
