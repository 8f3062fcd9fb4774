"""What no sequence of reports can do, whatever it claims: tried on many made by chance."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.reads import rules
from chalicelib.reads.rules import DAY_S_MAX, Beat, Day, Ticket

MIDNIGHT_MS = 1_800_000_000_000
BEGIN_MS = MIDNIGHT_MS - 3_600_000

tickets = st.integers(0, 3)
claims = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 200)), min_size=1, max_size=40)
reports = st.lists(st.tuples(tickets, claims, st.integers(0, 400_000)), max_size=40)


class Books:
    """A member's two days, settled report by report as the records do it."""

    def __init__(self) -> None:
        self.now_ms = BEGIN_MS
        self.days = {"yesterday": Day(), "today": Day()}
        self.last_beats: dict[tuple[str, str], int] = {}
        self.counted_s = 0

    def report(self, ticket: Ticket, beats: list[Beat]) -> int:
        is_today = self.now_ms >= MIDNIGHT_MS
        names = ("yesterday", "today") if is_today else ("before", "yesterday")
        days = tuple(
            replace(self.days.get(name, Day()), last_beat=self.last_beats.get((name, ticket.id), 0))
            for name in names
        )
        midnight_ms = MIDNIGHT_MS if is_today else MIDNIGHT_MS - 86_400_000
        credit = rules.credit(
            ticket, beats, days=(days[0], days[1]), now_ms=self.now_ms, midnight_ms=midnight_ms
        )
        if credit is None:
            return 0
        self._settle(names[1], credit.today_s, self.now_ms)
        if credit.yesterday_s:
            self._settle(names[0], credit.yesterday_s, midnight_ms)
        self.last_beats[names[1], ticket.id] = credit.last_beat
        self.counted_s += credit.seconds
        return credit.seconds

    def _settle(self, name: str, seconds: int, until_ms: int) -> None:
        day = self.days.get(name, Day())
        self.days[name] = Day(max(day.until_ms, until_ms), day.seconds + seconds, is_begun=True)


def a_ticket(number: int) -> Ticket:
    return Ticket(
        f"t{number}",
        "reader",
        f"s{number}",
        "author",
        version=1,
        expected_s=60,
        follower=False,
        enrolled=True,
        issued_ms=BEGIN_MS + number * 60_000,
    )


def told(
    books: Books, reports: list[tuple[int, list[tuple[int, int]], int]]
) -> list[tuple[Ticket, list[Beat]]]:
    """Make the reports one after the other, each so many milliseconds later; gives what was sent."""
    sent = []
    for number, claims, later_ms in reports:
        books.now_ms += later_ms
        report = (a_ticket(number), [Beat(n, seconds) for n, seconds in claims])
        books.report(*report)
        sent.append(report)
    return sent


@given(reports)
@settings(max_examples=300, deadline=None)
def test_all_that_is_counted_has_passed(reports: list[tuple[int, list[tuple[int, int]], int]]) -> None:
    books = Books()
    told(books, reports)
    assert books.counted_s <= (books.now_ms - BEGIN_MS) // 1000
    assert all(day.seconds <= DAY_S_MAX for day in books.days.values())
    if "today" in books.days:
        assert books.days["today"].seconds <= max(0, books.now_ms - MIDNIGHT_MS) // 1000


@given(reports, st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_nothing_that_was_told_before_is_counted_again(
    reports: list[tuple[int, list[tuple[int, int]], int]], chance: object
) -> None:
    books = Books()
    sent = told(books, reports)
    before = books.counted_s
    chance.shuffle(sent)  # type: ignore[attr-defined]
    for report in sent:
        books.now_ms += 600_000
        assert books.report(*report) == 0
    assert books.counted_s == before
