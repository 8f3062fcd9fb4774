"""The open month in pencil: by the same rules, each day anew, until the close writes it in ink."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import closing, estimating, line, splitting
from chalicelib.earnings.records import runs
from chalicelib.earnings.records.forward import Overtaken
from chalicelib.kit import table
from tests.earnings.a_month import AFTER_NOVEMBER, NOVEMBER, a_cast, a_november, a_payment, reads_it
from tests.earnings.messages import Queue

IN_NOVEMBER = datetime(2026, 11, 20, 6, tzinfo=UTC)


def test_an_estimate_is_what_the_close_would_find(aws: None) -> None:
    cast = a_cast()
    a_november(cast)
    estimating.estimate_open(IN_NOVEMBER)
    pencil = service.estimate(cast.maren, "2026-11")
    closing.close("2026-11", AFTER_NOVEMBER)
    ink = service.statement(cast.maren, "2026-11")
    assert pencil is not None
    assert (pencil.is_closed, ink.is_closed) == (False, True)
    assert pencil.statement.stories == ink.statement.stories
    assert pencil.statement.earned_micros == ink.statement.earned_micros > 0


def test_an_estimate_says_why(aws: None) -> None:
    cast = a_cast()
    a_november(cast)
    estimating.estimate_open(IN_NOVEMBER)
    pencil = service.estimate(cast.maren, "2026-11")
    assert pencil is not None
    (row,) = pencil.statement.stories
    assert row.causes.follower_bonus > 0
    assert row.causes.micros == row.micros
    assert pencil.readers == 3


def test_it_changes_as_the_month_goes_on_and_posts_nothing(aws: None) -> None:
    cast = a_cast()
    a_payment(cast.ana)
    reads_it(cast.ana, cast.tide)
    estimating.estimate_open(IN_NOVEMBER)
    before = service.estimate(cast.maren, "2026-11")
    reads_it(cast.ana, cast.fog, at=NOVEMBER + timedelta(days=5))
    estimating.estimate_open(IN_NOVEMBER + timedelta(days=1))
    after = service.estimate(cast.maren, "2026-11")
    assert before is not None
    assert after is not None
    assert before.statement.earned_micros > after.statement.earned_micros > 0
    assert ledger.balance_micros(f"partner:{cast.maren}") == 0


def test_a_payment_is_booked_by_the_day(aws: None) -> None:
    cast = a_cast()
    a_payment(cast.ana, net=5_000_000)
    estimating.estimate_open(IN_NOVEMBER)
    estimating.estimate_open(IN_NOVEMBER + timedelta(days=1))
    assert ledger.trial_balance() == {"dues:deferred": -5_000_000, "fees": 450_000, "stripe": 4_550_000}


@pytest.mark.parametrize("day", [1, 2])
def test_in_grace_both_months_are_estimated(aws: None, day: int) -> None:
    cast = a_cast()
    a_november(cast)
    begun = estimating.estimate_open(datetime(2026, 12, day, 6, tzinfo=UTC))
    assert begun == ["2026-11", "2026-12"]


def test_who_does_the_last_part_while_another_ends_the_estimate_is_late(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(monkeypatch)
    a_november(a_cast())
    estimating.ask(IN_NOVEMBER)
    while queue.facts[0].about["step"] != "partners":
        line.hear(queue.take(), IN_NOVEMBER)
    last = queue.take()
    as_both_saw_it = table.fetch_one(runs.wanted_run(last.id))
    line.hear(last, IN_NOVEMBER)
    assert as_both_saw_it is not None
    with pytest.raises(Overtaken):
        splitting.sheets_in(as_both_saw_it, *last.about["part"].split("."))
