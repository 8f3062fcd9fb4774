"""A file goes straight to the bucket, and only as it was announced; tried on the local cloud."""

import urllib.error
import urllib.request

import pytest

from chalicelib.kit import ids
from chalicelib.media import service
from chalicelib.media.rules import Upload
from infra.cloud import MiniStack
from tests.media.builders import a_file
from tests.moments import NOON

pytestmark = pytest.mark.ministack


def test_a_file_posted_as_announced_can_be_finished(cloud: MiniStack) -> None:
    owner, data = ids.new(), a_file("PNG")
    upload = service.begin(owner, "image/png", len(data), image_id=ids.new(), at=NOON)
    assert post(cloud, upload, data) in (200, 201, 204)
    assert service.finish(upload.id, owner, at=NOON).width == 800
    assert service.image(upload.id).owner == owner


def test_another_size_key_or_type_is_refused_by_the_bucket(cloud: MiniStack) -> None:
    data = a_file("PNG")
    upload = service.begin(ids.new(), "image/png", len(data), image_id=ids.new(), at=NOON)
    assert post(cloud, upload, data + b"more") >= 400
    assert post(cloud, upload, data, key="i/another/320.webp") >= 400
    assert post(cloud, upload, data, **{"Content-Type": "text/html"}) >= 400


def post(cloud: MiniStack, upload: Upload, data: bytes, **other: str) -> int:
    """The status that the bucket answers to this form."""
    edge = "longhand-edge"
    fields = upload.fields | other
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'.encode()
    body = b"".join([*parts, head, data, f"\r\n--{edge}--\r\n".encode()])
    bucket = "longhand-media-000000000000"
    asked = urllib.request.Request(f"{cloud.url}/{bucket}", data=body, method="POST")
    asked.add_header("Content-Type", f"multipart/form-data; boundary={edge}")
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
