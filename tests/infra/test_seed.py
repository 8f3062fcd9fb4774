"""The demonstration magazine: what it holds, and that it is completed however often it is begun."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from PIL import Image

from chalicelib.media.rules import widths_for
from chalicelib.stories import sanitising
from chalicelib.stories.rules.text import count_words
from infra import cloud as local_cloud
from infra import template
from infra.cloud import MiniStack
from infra.faults import Crash, Plan, planted
from infra.seed import cast, dates, pictures
from infra.seed.content import Manuscript, manuscripts, rendered
from infra.seed.living import beats
from tests.conftest import MEDIA_URL, SITE_URL, forget
from tests.stripe_stand_in import Here, stand_in

Keys = set[tuple[str, str, str]]

# At these calls: while people sign in, while stories come out, wherever (it is killed between two steps),
# and while readers read.
KILLED_AT = (100, 500, -1, 1100)


def each_story(name: str) -> Callable[..., None]:
    return pytest.mark.parametrize(name, manuscripts(), ids=lambda each: each.name)


def test_there_are_forty_stories_by_a_dozen_writers() -> None:
    stories = manuscripts()
    assert len(stories) == 40
    assert {each.author for each in stories} == {each.handle for each in cast.WRITERS}
    assert len(cast.WRITERS) == 12
    assert {each.picture for each in stories} == set(pictures.KINDS)
    assert {"ar", "de", "en"} == {each.publication.language for each in stories}


def test_eight_of_them_are_long_and_made_of_everything_that_a_story_may_be_made_of() -> None:
    long = [each for each in manuscripts() if count_words(rendered(each.markdown)) > 700]
    assert len(long) == 8
    together = "".join(rendered(each.markdown) for each in long)
    for made in (
        "<h2>",
        "<ul>",
        "<ol>",
        "<blockquote>",
        'class="pull"',
        "<code",
        "<pre>",
        "<em>",
        "<strong>",
    ):
        assert made in together, made


@each_story("story")
def test_a_story_is_real_reading_that_passes_as_it_is(story: Manuscript) -> None:
    html = rendered(story.markdown)
    story.publication.checked()
    assert 150 <= count_words(html) <= 1200
    assert "&lt;" not in html
    assert story.alt
    kept = sanitising.sanitise(html, media_url=MEDIA_URL, widths_for=widths_for)
    assert count_words(kept) == count_words(html)
    assert _tags(kept) == _tags(html)


@pytest.mark.parametrize("kind", pictures.KINDS)
def test_a_picture_is_always_the_same_for_the_same_story(kind: str) -> None:
    drawn = pictures.draw(kind, "a story")
    assert drawn == pictures.draw(kind, "a story")
    assert drawn != pictures.draw(kind, "another")
    assert Image.open(io.BytesIO(drawn)).size == (960, 640)


@pytest.mark.parametrize("now", ["2026-11-24", "2026-03-31", "2027-03-01", "2028-01-01", "2026-12-31"])
def test_founding_members_have_cards_that_nothing_holds_at_the_next_close(now: str) -> None:
    when = dates.Dates(datetime.fromisoformat(f"{now}T08:00:00").replace(tzinfo=UTC))
    founding = [each for each in cast.MEMBERS if each.since == "founding"]
    assert len(founding) >= 14
    for number, who in enumerate(cast.MEMBERS):
        paid = when.membership(who, number)
        assert when.account(len(cast.EVERYBODY)) < paid <= when.now
        if who in founding:
            assert (when.this_month - paid).days + 2 >= 60


def test_heartbeats_add_up_to_the_seconds_that_were_read() -> None:
    assert [beat.seconds for beat in beats(37)] == [15, 15, 7]
    assert [beat.n for beat in beats(30)] == [1, 2]


@dataclass(frozen=True)
class Seeded:
    """A magazine in a cloud of its own, whose seeding was killed again and again."""

    cloud: MiniStack
    stripe: Here

    def keys(self) -> Keys:
        """Every item that there is, but for the limits, which are of the moment."""
        dynamodb = local_cloud.client("dynamodb", self.cloud.url)
        names = [table["TableName"] for table in template.tables(local_cloud.PREFIX)]
        pages = dynamodb.get_paginator("scan")
        return {
            (name, item["pk"]["S"], item["sk"]["S"])
            for name in names
            if not name.endswith("-limits")
            for page in pages.paginate(TableName=name)
            for item in page["Items"]
        }


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    from infra.seed.magazine import seed

    folder = tmp_path_factory.mktemp("seed")
    own = MiniStack(folder)
    with pytest.MonkeyPatch.context() as patch, stand_in(folder) as stripe:
        try:
            own.start()
            local_cloud.create(own.url, {"Prefix": local_cloud.PREFIX, "SiteUrl": SITE_URL})
            _point_at(patch, own, stripe)
            for at in KILLED_AT:
                with pytest.raises(Crash), planted(Plan("crash after", at=at)):
                    seed(_killed_once_members_are_there)
            assert seed()
            yield Seeded(own, stripe)
        finally:
            own.stop()
    forget()


@pytest.mark.ministack
@pytest.mark.timeout(600)
class TestSeeded:
    """What is there once all is there."""

    def test_it_is_left_as_it_is(self, seeded: Seeded) -> None:
        from infra.seed.magazine import seed

        before = seeded.keys()
        assert not seed()
        assert seeded.keys() == before

    def test_doing_all_of_it_again_does_nothing_twice(self, seeded: Seeded) -> None:
        from infra.seed.magazine import seed

        before, read, paid = seeded.keys(), _seconds_read(), _net_paid()
        found, _ = dates.kept()
        dates.keep(found, complete=False)
        assert seed()
        assert seeded.keys() == before
        assert (_seconds_read(), _net_paid()) == (read, paid)
        assert len(seeded.stripe.state()["subscription"]) == len(cast.MEMBERS)

    def test_latest_and_topics_show_it_at_once(self, seeded: Seeded) -> None:
        from chalicelib.feeds import service as feeds

        latest, _ = feeds.latest()
        assert latest[0].id == manuscripts()[-1].id
        assert feeds.topic("bread")[0]

    def test_last_month_can_be_closed_and_paid_right_away(self, seeded: Seeded) -> None:
        from chalicelib.earnings.month_end import closing
        from chalicelib.earnings.pay import paying
        from chalicelib.kit import clock

        month = clock.month_of(dates.kept()[0].last_month)
        closing.close(month, clock.now())
        assert paying.pay_here(month, clock.now()) == len(cast.PARTNERS)
        assert all(each["amount"] >= 1000 for each in seeded.stripe.state()["transfer"])


def _killed_once_members_are_there(step: str, done: list[str] = []) -> None:  # noqa: B006 - it remembers
    if step == "partners and members" and not done:
        done.append(step)
        raise Crash(step)


def _seconds_read() -> int:
    from chalicelib.people import service as people
    from chalicelib.reads import service as reads

    when, _ = dates.kept()
    months = {when.last_month.strftime("%Y-%m"), when.this_month.strftime("%Y-%m")}
    members = [people.person_by_handle(each.handle).id for each in cast.MEMBERS]
    found = [reading for member in members for month in months for reading in reads.readings(member, month)]
    assert len(found) > 100
    return sum(reading.seconds for reading in found)


def _net_paid() -> int:
    from chalicelib.members import service as members
    from chalicelib.people import service as people

    paid = [line for each in cast.MEMBERS for line in members.lines(people.person_by_handle(each.handle).id)]
    return sum(line.net_micros for line in paid)


def _point_at(patch: pytest.MonkeyPatch, cloud: MiniStack, stripe: Here) -> None:
    wanted = local_cloud.environment(cloud.url, SITE_URL, MEDIA_URL)
    wanted |= {"STRIPE_URL": stripe.url, "CLOCK_FILE": str(stripe.clock_file)}
    for name, value in wanted.items():
        patch.setenv(name, value)
    forget()


def _tags(html: str) -> list[str]:
    return re.findall(r"<([a-z0-9]+)", html)
