"""Ids, clock, settings, signatures and cursors: the small things that everything stands on."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kit import clock, cursors, ids, settings, signing
from chalicelib.kit.operations import Ask, Nothing, Operation, Viewer, Who
from chalicelib.kit.refusals import Malformed
from tests.conftest import MEDIA_URL, SITE_URL

ENVIRONMENT = {
    "STAGE": "test",
    "SITE_URL": SITE_URL,
    "MEDIA_URL": MEDIA_URL,
    "TABLE_PREFIX": "longhand",
    "MEDIA_BUCKET": "m",
    "STORE_BUCKET": "s",
    "QUEUE_URL_PREFIX": "https://queues/longhand-",
    "MAIL_FROM": "post@longhand.example",
    "SECRETS_PATH": "/longhand/test",
}


def ask(path: str = "/api/feeds/latest", viewer: str = "") -> Ask[Nothing]:
    operation = Operation(verb="GET", path=path, who=Who.ANYONE, name="x", summary="x")
    return Ask(operation, Viewer(viewer, "s") if viewer else None, Nothing(), Nothing(), b"", {}, {})


def test_an_id_is_sixteen_characters_that_people_can_tell_apart() -> None:
    made = {ids.new() for _ in range(1000)}
    assert len(made) == 1000
    assert all(ids.is_id(each) and not set(each) & set("ilou") for each in made)


@given(st.text(), st.text())
def test_an_id_made_of_meaning_is_always_the_same_and_parts_do_not_run_together(a: str, b: str) -> None:
    assert ids.made_of(a, b) == ids.made_of(a, b)
    if a and "\x1f" not in a + b:
        assert ids.made_of(a, b) != ids.made_of(a + b)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_a_moment_reads_back_and_sorts_as_text(moment: datetime) -> None:
    at = clock.to_the_millisecond(moment.replace(tzinfo=UTC))
    text = clock.rfc3339(at)
    assert clock.parse(text) == at
    assert text < clock.rfc3339(at.replace(year=at.year + 1, day=min(at.day, 28)))


def test_a_moment_without_a_zone_is_no_moment() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        clock.parse("2026-11-24T08:00:00")


def test_the_clock_of_a_developers_machine_can_be_moved(
    aws: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "clock"
    monkeypatch.setenv("CLOCK_FILE", str(file))
    settings.settings.cache_clear()
    before = clock.now()
    file.write_text("86400")
    assert 86_000 < (clock.now() - before).total_seconds() < 87_000


def test_all_missing_settings_are_named_at_once() -> None:
    with pytest.raises(settings.MissingSetting, match=r"STAGE.*MAIL_FROM"):
        settings.read(
            {name: value for name, value in ENVIRONMENT.items() if name not in {"STAGE", "MAIL_FROM"}}
        )


@pytest.mark.parametrize("currency", ["jpy", "kwd"])
def test_a_currency_without_cents_is_refused_at_start(currency: str) -> None:
    with pytest.raises(ValueError, match="two decimals"):
        settings.read(ENVIRONMENT | {"CURRENCY": currency})


def test_operators_are_compared_in_lower_case() -> None:
    read = settings.read(ENVIRONMENT | {"OPERATORS": "Keeper@Longhand.example, "})
    assert read.operators == {"keeper@longhand.example"}


def test_a_seal_holds_for_its_purpose_and_its_every_byte(aws: None) -> None:
    sealed = signing.seal("ticket", "ines")
    assert signing.unseal("ticket", sealed) == "ines"
    with pytest.raises(ValueError, match="not sealed"):
        signing.unseal("cursor", sealed)
    for place in range(len(sealed)):
        for other in "A.z":
            if sealed[place] != other:
                forged = sealed[:place] + other + sealed[place + 1 :]
                with pytest.raises(ValueError, match="not"):
                    signing.unseal("ticket", forged)


def test_a_seal_of_yesterdays_key_still_opens(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    old = signing.seal("ticket", "ines")
    kept = signing.secret("signing-keys")
    monkeypatch.setattr(signing, "secret", lambda name: "ab" * 32 + "," + kept)
    assert signing.unseal("ticket", old) == "ines"
    assert signing.seal("ticket", "ines") != old


def test_a_cursor_holds_for_its_list_and_viewer_alone(aws: None) -> None:
    cursor = cursors.sealed(ask(), "2026-11-24")
    assert cursors.opened(ask(), cursor) == "2026-11-24"
    assert cursors.opened(ask(), "") == ""
    for other in (ask(viewer="ines"), ask(path="/api/drafts")):
        with pytest.raises(Malformed):
            cursors.opened(other, cursor)
    with pytest.raises(Malformed):
        cursors.opened(ask(), cursor[:-1])
