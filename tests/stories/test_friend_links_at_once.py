"""Links that are given many at once, and gifts that crash at any call: as many as were wished, no more."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.kit import clock, ids, table
from chalicelib.kit.operations import Viewer
from chalicelib.kit.refusals import Refusal
from chalicelib.stories import friend_links
from chalicelib.stories.records import links as kept
from chalicelib.stories.rules import StoryCard
from chalicelib.stories.rules.links import LINKS_MAX, Wish
from infra import faults
from tests.members.builders import make_member
from tests.moments import NOON, later
from tests.stories.builders import a_story, a_writer, many_words, words

pytestmark = [pytest.mark.ministack, pytest.mark.usefixtures("cloud")]
WORKERS = 8


def a_members_story(by: Viewer) -> StoryCard:
    return a_story(by, words(html=many_words(400)), audience="members")


def a_friend() -> Viewer:
    friend = a_writer()
    make_member(friend.person_id, "friend", until=NOON + timedelta(days=365))
    return friend


def given(card: StoryCard, by: Viewer) -> list[friend_links.Given]:
    return friend_links.giving(card.id, by=by.person_id, at=later(hours=1)).given


def gifts(by: Viewer) -> int:
    return table.fetch_one(kept.wanted_gifts(by.person_id, clock.month_of(NOON)))


def test_one_gift_sent_eight_times_at_once_is_one() -> None:
    card, friend, link_id = a_members_story(a_writer()), a_friend(), ids.new()

    def give(_: int) -> str:
        return friend_links.give(card.id, Wish(), by=friend, link_id=link_id, at=NOON).url

    with ThreadPoolExecutor(WORKERS) as workers:
        assert len(set(workers.map(give, range(WORKERS)))) == 1
    assert (len(given(card, friend)), gifts(friend)) == (1, 1)


def test_eight_at_once_never_open_more_than_fifty() -> None:
    maren = a_writer()
    card = a_members_story(maren)
    for n in range(LINKS_MAX - 3):
        friend_links.give(card.id, Wish(), by=maren, link_id=ids.new(), at=later(minutes=2 * n))

    def give(_: int) -> bool:
        with contextlib.suppress(Refusal):
            friend_links.give(card.id, Wish(), by=maren, link_id=ids.new(), at=later(hours=3))
            return True
        return False

    with ThreadPoolExecutor(WORKERS) as workers:
        assert sum(workers.map(give, range(WORKERS))) == 3
    assert len(given(card, maren)) == LINKS_MAX


def test_readers_who_come_at_once_are_all_counted_and_each_once() -> None:
    maren = a_writer()
    card = a_members_story(maren)
    link = friend_links.give(card.id, Wish(), by=maren, link_id=ids.new(), at=NOON).link
    (links,) = table.fetch(friend_links.wanted_links(card.id, maren.person_id))

    def come(n: int) -> None:
        friend_links.note_opening(links, link.id, who=f"reader {n % 12}", at=NOON)

    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(come, range(48)))
    assert given(card, maren)[0].link.opens == 12


def test_a_crash_at_any_call_and_the_repetition_leave_one_gift() -> None:
    card, link_id = a_members_story(a_writer()), ids.new()
    first = a_friend()

    def give(by: Viewer) -> None:
        friend_links.give(card.id, Wish("Ines", 7), by=by, link_id=link_id, at=NOON)

    give(a_friend())  # from now on the keys that links are made with are known
    for plan in faults.every_point(lambda: give(first), faults=("crash before", "crash after", "throttle")):
        friend = a_friend()
        with faults.planted(plan) as watch, contextlib.suppress(faults.Crash, Exception):
            give(friend)
        assert watch.struck, plan
        give(friend)
        give(friend)
        assert (len(given(card, friend)), gifts(friend)) == (1, 1), plan
