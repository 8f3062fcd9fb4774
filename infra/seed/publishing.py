"""Bringing the stories out: the picture is drawn, posted and finished, the text written and published."""

import os
import urllib.request
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.kit.settings import settings
from chalicelib.media import service as media
from chalicelib.media.rules import Image, Upload
from chalicelib.people.rules import Person
from chalicelib.stories import service as stories
from chalicelib.stories.rules import StoryCard
from infra.seed import pictures
from infra.seed.content import Manuscript
from infra.seed.dates import Dates
from infra.seed.hands import each_of
from infra.seed.signing_in import viewer

JPEG = "image/jpeg"
POST_S = 20


def publish(wanted: Sequence[Manuscript], cast: dict[str, Person], dates: Dates) -> list[StoryCard]:
    """Each writer brings out what is not out yet, the oldest first; all of them as they stand in lists."""
    out = stories.cards([each.id for each in wanted])
    waiting = [each for each in wanted if each.id not in out]
    drawn = dict(zip(waiting, each_of(waiting, lambda each: _illustrate(each, cast, dates)), strict=True))

    def bring_out(author: str) -> None:
        for each in waiting:
            if each.author == author:
                _bring_out(each, drawn[each], cast[author], published_at(each, dates))

    each_of(sorted({each.author for each in waiting}), bring_out)
    out = stories.cards([each.id for each in wanted])
    return [out[each.id] for each in wanted]


def published_at(manuscript: Manuscript, dates: Dates) -> datetime:
    """Somewhere in the day, and never in the future."""
    minutes = int(manuscript.id, 36) % 540
    return dates.now - timedelta(days=manuscript.days_ago, minutes=minutes)


def _illustrate(each: Manuscript, cast: dict[str, Person], dates: Dates) -> Image:
    drawn = pictures.draw(each.picture, each.picture_id)
    owner = cast[each.author].id
    upload = media.begin(owner, JPEG, len(drawn), image_id=each.picture_id, at=dates.now)
    _post(upload, drawn)
    return media.finish(each.picture_id, owner, at=dates.now)


def _bring_out(each: Manuscript, picture: Image, author: Person, at: datetime) -> None:
    by = viewer(author)
    draft = stories.create(each.words(picture), by=by, story_id=each.id, at=at)
    stories.publish(each.id, each.publication, by=by, version=draft.version, at=at)


def _post(upload: Upload, drawn: bytes) -> None:
    """As a browser does, but straight to the bucket: the server that hands it on may not be up yet."""
    boundary = uuid.UUID(int=int(upload.id, 36)).hex
    fields = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in upload.fields.items()
    )
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="picture.jpg"\r\n'
    head = f"{fields}{file}Content-Type: {JPEG}\r\n\r\n".encode()
    request = urllib.request.Request(  # noqa: S310 - the local cloud, on loopback
        f"{os.environ['AWS_ENDPOINT_URL']}/{settings().media_bucket}",
        data=head + drawn + f"\r\n--{boundary}--\r\n".encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    with urllib.request.urlopen(request, timeout=POST_S):  # noqa: S310 - as above
        return
