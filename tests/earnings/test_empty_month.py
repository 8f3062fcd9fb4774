"""An empty month, clicked through by an operator: it says what it is, closes, and has nothing to pay."""

import re

import pytest

from chalicelib.earnings.month_end import closing
from chalicelib.earnings.pay import paying
from chalicelib.kit import clock
from chalicelib.kit import settings as kit_settings
from tests.client import Client
from tests.earnings.a_month import AFTER_DECEMBER, a_cast, a_november
from tests.earnings.test_paying_pages import ADA, browser, csrf, token_of
from tests.stripe_stand_in import Here


@pytest.fixture
def token(aws: None, here: Here, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("OPERATORS", ADA)
    kit_settings.settings.cache_clear()
    here.clock_file.write_text(str(int((AFTER_DECEMBER - clock.now()).total_seconds())))
    return token_of(ADA)


def main_of(client: Client, path: str) -> str:
    """What somebody reads there."""
    html = client.get(path).text.split("<main", 1)[1].split("</main", 1)[0]
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html))


def test_before_anybody_paid_there_is_nothing_to_close_and_nothing_to_pay(token: str) -> None:
    client = browser(token)
    for page in ("/console/2026-11", "/console/2026-11/payouts"):
        said = main_of(client, page)
        assert "There is nothing to pay in November 2026: nobody had paid for it." in said
        assert "Close November 2026 first" not in said
    assert "There is nothing to close in November 2026" in main_of(client, "/console/2026-11")
    assert "Nothing needs a person" in main_of(client, "/console")
    for deed in ("close", "pay"):
        assert client.form(f"/console/2026-11/{deed}", csrf(token)).status == 409


def test_after_a_month_with_members_it_closes_at_nothing_and_the_next_follows(token: str) -> None:
    client, month = browser(token), "/console/2026-12"
    a_november(a_cast())
    closing.close("2026-11", clock.now())
    paying.pay_here("2026-11", clock.now())
    assert "December 2026 It can be closed." in main_of(client, "/console")
    assert "Close December 2026 first" in main_of(client, f"{month}/payouts")
    assert client.form(f"{month}/close", csrf(token)).status == 303
    closing.close("2026-12", clock.now())
    said = main_of(client, month)
    assert "They agree, to the millionth" in said
    assert "Dues recognised 0.00 0000" in said
    assert "Would be sent 0.00 0000" in main_of(client, f"{month}/payouts")
    assert client.form(f"{month}/pay", csrf(token)).status == 303
    paying.pay_here("2026-12", clock.now())
    assert "Closed and paid: 0 transfers." in main_of(client, month)
    assert "Nothing needs a person" in main_of(client, "/console")
