"""Two nights at once, on tables that really let two write: all is booked once, and both say the same."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.earnings.books import ledger, reconciling
from chalicelib.kit import clock
from tests.stripe_stand_in import Here

pytestmark = pytest.mark.ministack


def test_two_at_once_book_once_and_agree(afresh: Callable[[], None], here: Here, few_buckets: None) -> None:
    for cents in range(1, 8):
        here.control("topup", amount=cents * 100)
    here.control("payout_fails", payout=here.control("payout", amount=300)["id"])
    here.control("fee", amount=5)
    at = clock.now()
    with ThreadPoolExecutor(4) as pool:
        nights = list(pool.map(lambda _: reconciling.reconcile(at), range(4)))
    assert reconciling.reconcile(at).agrees
    assert {each.stripe_micros for each in nights} == {(2800 - 5) * 10_000}
    assert ledger.balance_micros("stripe") == (2800 - 5) * 10_000
    assert ledger.balance_micros("bank") == -2800 * 10_000
    assert ledger.differences([clock.month_of(at)]) == []
