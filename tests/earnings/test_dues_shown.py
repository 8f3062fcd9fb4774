"""Where my dues went: each member's own split, as the close posts it, to the micro; nobody else's."""

from datetime import timedelta

import pytest

from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import closing
from chalicelib.earnings.papers import dues_shown
from chalicelib.earnings.papers.dues_shown import DuesShown
from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.shapes import dues as dues_shapes
from chalicelib.engagement.records import keep_mark
from chalicelib.engagement.rules import Applause, Mark
from chalicelib.kit import clock, ids
from chalicelib.kit.refusals import NotFound
from tests.earnings.a_month import (
    AFTER_DECEMBER,
    AFTER_NOVEMBER,
    NOVEMBER,
    Cast,
    a_card,
    a_payment,
    reads_it,
)

MID_NOVEMBER = NOVEMBER + timedelta(days=14)
DECEMBER = NOVEMBER.replace(month=12)


def november(member: str) -> DuesShown:
    return dues_shown.dues_of(member, "2026-11", AFTER_NOVEMBER)


def adds_up(found: DuesShown) -> bool:
    split, out = found.split, found.carried_out
    given = sum(each.given.micros for each in found.stories)
    return (
        split.dues_micros == sum(found.dues_by_tier.values()) == found.platform_micros + split.own_micros
        and split.own_micros + split.carried_in_micros == split.pool_micros + split.carried_out_micros
        and given == split.pool_micros
        and split.carried_out_micros == sum(each.micros for each in found.waits) + out.commons - out.ended
        and all(each.causes.micros == each.given.micros for each in found.stories)
    )


def lines(entry_id: str) -> dict[str, int]:
    found = ledger.entry(entry_id)
    return dict(found.lines) if found else {}


def test_a_closed_month_is_shown_story_by_story_to_the_micro(cast: Cast) -> None:
    closing.close("2026-11", AFTER_NOVEMBER)
    found = november(cast.ana)
    assert found.is_closed
    assert (found.split.dues_micros, found.platform_micros) == (30_000_000, 15_000_000)
    assert [each.story for each in found.stories] == [cast.tide.id, cast.fog.id]
    assert [each.author for each in found.stories] == [cast.maren, cast.tom]
    assert sum(each.given.micros for each in found.stories) == 15_000_000
    assert adds_up(found)


def test_what_all_members_are_shown_is_what_the_close_posted(cast: Cast) -> None:
    a_payment(cast.ana, month=DECEMBER)
    idle = ids.new()
    a_payment(idle)
    a_payment(idle, month=DECEMBER)
    closing.close("2026-11", AFTER_NOVEMBER)
    everybody = [november(member) for member in (cast.ana, cast.ben, cast.new, idle)]
    assert all(map(adds_up, everybody))
    for found in everybody:
        out = found.split.carried_out_micros - found.split.carried_in_micros
        posted = lines(f"close:2026-11:member:{found.split.id}")
        assert posted.get(f"carried:{found.split.id}", 0) == -out
    assert lines("close:2026-11:platform")["platform"] == -sum(each.platform_micros for each in everybody)
    for writer in (cast.maren, cast.tom):
        gave = [s.given.micros for each in everybody for s in each.stories if s.author == writer]
        assert -lines(f"close:2026-11:{writer}")["dues:deferred"] == -sum(gave)


def test_what_was_not_read_waits_and_is_said_until_when(aws: None) -> None:
    idle = ids.new()
    a_payment(idle)
    a_payment(idle, month=DECEMBER)
    closing.close("2026-11", AFTER_NOVEMBER)
    found = november(idle)
    assert (found.stories, found.split.pool_micros) == ((), 0)
    (waits,) = found.waits
    assert (waits.since, waits.micros, waits.until) == ("2026-11", 2_500_000, "2027-11")
    closing.close("2026-12", AFTER_DECEMBER)
    later = dues_shown.dues_of(idle, "2026-12", AFTER_DECEMBER)
    assert later.split.carried_in_micros == 2_500_000


def test_what_an_ended_membership_leaves_is_said_to_go_to_the_commons(aws: None) -> None:
    idle = ids.new()
    a_payment(idle)
    closing.close("2026-11", AFTER_NOVEMBER)
    found = november(idle)
    assert (found.waits, found.carried_out.commons) == ((), 2_500_000)
    assert lines(f"commons:2026-11:{idle}")["commons"] == -found.carried_out.commons


def test_what_somebody_did_is_named_beside_what_it_brought(cast: Cast) -> None:
    at = clock.rfc3339(MID_NOVEMBER)
    keep_mark(Mark(cast.tide.id, at, ""), Applause(cast.tide.id, "00", cast.ana, 3, at, at, 1))
    closing.close("2026-11", AFTER_NOVEMBER)
    tide, fog = november(cast.ana).stories
    assert (tide.did, fog.did) == (("applause",), ())
    assert tide.causes.engagement > 0 == fog.causes.engagement


def test_a_story_that_was_opened_and_not_read_got_nothing_and_is_named(cast: Cast) -> None:
    glanced = a_card(cast.tom)
    reads_it(cast.ana, glanced, seconds=10, at=NOVEMBER + timedelta(days=6))
    closing.close("2026-11", AFTER_NOVEMBER)
    found = november(cast.ana)
    assert found.only_opened == (glanced.id,)
    assert glanced.id not in {each.story for each in found.stories}


def test_an_open_month_is_an_estimate_by_the_same_rule(cast: Cast) -> None:
    before = dues_shown.dues_of(cast.ana, "2026-11", MID_NOVEMBER)
    assert not before.is_closed
    assert adds_up(before)
    closing.close("2026-11", AFTER_NOVEMBER)
    after = november(cast.ana)
    assert after.split == before.split
    assert after.is_closed


def test_a_new_card_is_said_to_make_writers_wait(cast: Cast) -> None:
    closing.close("2026-11", AFTER_NOVEMBER)
    assert november(cast.new).is_held
    assert not november(cast.ana).is_held


def test_nobody_finds_anything_in_a_month_without_their_dues(cast: Cast) -> None:
    closing.close("2026-11", AFTER_NOVEMBER)
    for month in ("2026-11", "2026-10"):
        with pytest.raises(NotFound, match="Nothing of yours"):
            dues_shown.dues_of(cast.maren, month, AFTER_NOVEMBER)


@pytest.mark.parametrize("month", ["2027-01", "2026-13", "november", ""])
def test_a_month_that_is_none_or_has_not_come_is_not_found(cast: Cast, month: str) -> None:
    with pytest.raises(NotFound, match="no such month"):
        dues_shown.dues_of(cast.ana, month, AFTER_NOVEMBER)


def test_the_months_of_a_member_go_from_the_first_payment_to_the_last(aws: None) -> None:
    member = ids.new()
    assert dues_shown.months_of(member, AFTER_DECEMBER) == []
    a_payment(member, month=NOVEMBER)
    a_payment(member, month=DECEMBER)
    assert dues_shown.months_of(member, AFTER_DECEMBER) == ["2027-01", "2026-12", "2026-11"]
    assert dues_shown.months_of(member, MID_NOVEMBER) == ["2026-11"]


def test_the_answer_of_the_api_adds_up_by_itself(cast: Cast) -> None:
    closing.close("2026-11", AFTER_NOVEMBER)
    said = dues_shapes.dues_out(november(cast.ben))
    assert said.dues_micros == said.platform_micros + said.own_micros == 15_000_001
    assert said.own_micros + said.carried_in_micros == said.pool_micros + said.carried_out_micros
    assert sum(each.micros for each in said.stories) == said.pool_micros
    assert said.dues_by_tier["friend"] == said.dues_micros
    assert said.stories[0].follower
    assert month_after(said.month, 12) == "2027-11"
