"""Taking a picture in: leave to post it, then drawing it anew within the request that finishes it."""

from datetime import datetime

from chalicelib.kit import ids, limits, table
from chalicelib.kit.limits import Limit
from chalicelib.kit.refusals import Conflict, NotFound, Refusal, TooLarge
from chalicelib.kit.table import Wanted
from chalicelib.media import bucket, drawing, records, rules
from chalicelib.media.rules import BYTES_MAX, Image, Upload

# A story may bring many pictures at once; drawing one is the dearest thing a request does.
UPLOADS = Limit("upload", tokens=60, each_ms=20_000)
DRAWINGS = Limit("drawing", tokens=60, each_ms=20_000)


def begin(by: str, kind: str, size: int, *, image_id: str, at: datetime) -> Upload:
    """Leave for this person to post one file of this type and this many bytes."""
    rules.check_announced(kind, size)
    limits.spend(by, UPLOADS, at)
    try:
        records.begin(image_id, by, at)
    except table.Refused as refused:
        raise NotFound("There is no such picture of yours.") from refused
    return bucket.leave_to_post(image_id, kind, size)


def finish(image_id: str, by: str, *, at: datetime) -> Image:
    """Draw the posted file anew and keep that; again is as good as once.

    Files come first and the item that says they are there comes last, so a crash between them shows nothing
    and the retry draws the same files over. The file as it was sent is erased at the very end; should a
    crash spare it, the retry or, a day later, the bucket's own rule erases it.
    """
    limits.spend(by, DRAWINGS, at)
    if not ids.is_id(image_id) or records.owner_of(image_id) != by:
        raise NotFound("There is no such picture of yours.")
    sent = bucket.sent(image_id)
    finished = table.fetch_one(records.wanted(image_id))
    if sent is None:
        return _that_was_finished(finished)
    data, version = sent
    try:
        finished = finished or _drawn(image_id, by, data)
    except Refusal:
        bucket.forget_sent(image_id, version)
        raise
    bucket.forget_sent(image_id, version)
    return finished


def image(image_id: str) -> Image:
    """A finished picture; raises NotFound for any other."""
    found = table.fetch_one(records.wanted(image_id)) if ids.is_id(image_id) else None
    if found is None:
        raise NotFound("There is no such picture.")
    return found


def wanted_image(image_id: str) -> Wanted[Image | None]:
    return records.wanted(image_id)


def _that_was_finished(finished: Image | None) -> Image:
    if finished is None:
        raise Conflict("Nothing was posted for this picture yet. Post the file first.", code=4091)
    return finished


def _drawn(image_id: str, by: str, data: bytes) -> Image:
    if len(data) > BYTES_MAX:
        raise TooLarge(f"This file is over {BYTES_MAX // 1_000_000} MB.")
    redrawn = drawing.redraw(data)
    for each in redrawn.files:
        bucket.keep(image_id, each)
    finished = Image(image_id, by, redrawn.width, redrawn.height, redrawn.widths)
    records.finish(finished)
    return finished
