"""Taking a picture in: posted exactly as announced, finished once, erased as it was sent."""

import contextlib

import pytest

from chalicelib.kit import ids
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, TooLarge
from chalicelib.media import addresses, bucket, service
from infra import faults
from tests.media.builders import a_file, a_photograph_held_sideways, is_still_there_as_sent, kept, posted, put
from tests.moments import NOON

pytestmark = pytest.mark.usefixtures("aws")
INES = "1nes000000000000"
TOM = "t0m0000000000000"


def test_a_finished_picture_is_found_in_all_its_widths() -> None:
    image = service.finish(posted(a_file(size=(700, 500)), by=INES), INES, at=NOON)
    assert service.image(image.id) == image
    assert image.widths == (320, 640, 960)
    assert [width for width, _ in addresses.sources(image)] == [320, 640, 700]
    assert addresses.fitting(image, 500) == f"http://localhost:8001/i/{image.id}/640.webp"
    for name in ("320.webp", "640.webp", "960.webp", "1200.jpg"):
        assert kept(image.id, name)


def test_the_file_as_it_was_sent_is_erased() -> None:
    image_id = posted(a_photograph_held_sideways(), by=INES)
    service.finish(image_id, INES, at=NOON)
    assert not is_still_there_as_sent(image_id)


def test_finishing_again_changes_nothing() -> None:
    image_id = posted(a_file(), by=INES)
    first = service.finish(image_id, INES, at=NOON)
    before = kept(image_id, "320.webp")
    assert service.finish(image_id, INES, at=NOON) == first
    assert kept(image_id, "320.webp") == before


def test_a_second_file_never_replaces_a_finished_picture() -> None:
    image_id = posted(a_file(size=(640, 480)), by=INES)
    first = service.finish(image_id, INES, at=NOON)
    put(image_id, a_file(size=(100, 100)))
    assert service.finish(image_id, INES, at=NOON) == first
    assert not is_still_there_as_sent(image_id)


def test_what_is_no_picture_is_refused_and_erased() -> None:
    image_id = posted(b"<svg onload='alert(1)'/>", by=INES)
    with pytest.raises(Invalid, match="SVG"):
        service.finish(image_id, INES, at=NOON)
    assert not is_still_there_as_sent(image_id)
    with pytest.raises(NotFound):
        service.image(image_id)


def test_a_picture_is_finished_by_its_owner_alone() -> None:
    image_id = posted(a_file(), by=INES)
    with pytest.raises(NotFound):
        service.finish(image_id, TOM, at=NOON)
    with pytest.raises(NotFound):
        service.finish("../../etc/passwd", TOM, at=NOON)
    assert service.finish(image_id, INES, at=NOON).owner == INES


def test_nothing_is_finished_before_it_is_posted() -> None:
    upload = service.begin(INES, "image/png", 70, image_id=ids.new(), at=NOON)
    with pytest.raises(Conflict, match="Post the file first"):
        service.finish(upload.id, INES, at=NOON)


def test_leave_is_given_again_under_the_same_key_but_never_to_another() -> None:
    image_id = ids.new()
    first = service.begin(INES, "image/png", 70, image_id=image_id, at=NOON)
    assert service.begin(INES, "image/png", 70, image_id=image_id, at=NOON).id == first.id
    with pytest.raises(NotFound):
        service.begin(TOM, "image/png", 70, image_id=image_id, at=NOON)


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", "image/avif", ""])
def test_other_kinds_are_refused_before_they_are_sent(kind: str) -> None:
    with pytest.raises(Invalid, match="JPEG, PNG, WebP or GIF"):
        service.begin(INES, kind, 100, image_id=ids.new(), at=NOON)


def test_a_file_over_ten_megabytes_is_refused_with_its_size() -> None:
    with pytest.raises(TooLarge, match=r"12\.5 MB"):
        service.begin(INES, "image/png", 12_500_000, image_id=ids.new(), at=NOON)


def test_a_crash_at_any_call_is_mended_by_finishing_again() -> None:
    counted = posted(a_file(size=(400, 300)), by=INES)
    kinds = ("crash before", "crash after", "duplicate")
    for plan in faults.every_point(lambda: service.finish(counted, INES, at=NOON), faults=kinds):
        image_id = posted(a_file(size=(400, 300)), by=INES)
        with faults.planted(plan), contextlib.suppress(faults.Crash):
            service.finish(image_id, INES, at=NOON)
        image = service.finish(image_id, INES, at=NOON)
        assert service.image(image_id) == image, plan
        assert kept(image_id, "640.webp"), plan
        assert bucket.sent(image_id) is None, plan
