"""What people do with their account: choose a handle, say who they are, and be found."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from chalicelib.kit import clock, ids, limits, queues, table
from chalicelib.kit.limits import Limit
from chalicelib.kit.queues import Change, Fact
from chalicelib.kit.refusals import Conflict, Fault, Invalid, LostRace, NotFound
from chalicelib.kit.table import Wanted
from chalicelib.media import service as media
from chalicelib.people.records import person as records
from chalicelib.people.rules import Person, Profile, handles
from chalicelib.people.rules import person as rules
from chalicelib.people.signing_in import (
    address_of,
    request_code,
    revoke,
    sessions,
    sign_in,
    sign_out,
    sign_out_everywhere,
    viewer_of,
)

__all__ = [
    "address_of",
    "edit_profile",
    "id_of",
    "introduce",
    "people",
    "person",
    "person_by_handle",
    "request_code",
    "revoke",
    "sessions",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "spread",
    "take_handle",
    "viewer_of",
    "wanted_person",
]

CLAIMS = Limit("handles", tokens=20, each_ms=30_000)  # a few looks at what is free, and no harvest of names
EDITS = Limit("profile", tokens=30, each_ms=10_000)


def person(person_id: str) -> Person:
    found = table.fetch_one(records.wanted(person_id))
    if found is None:
        raise NotFound("There is no such person.")
    return found


def person_by_handle(handle: str) -> Person:
    """Raises NotFound for a handle that is nobody's; a leading @ and capitals are forgiven."""
    return person(id_of(handle))


def id_of(handle: str) -> str:
    """The id of whom a handle belongs to, for whoever reads the person with other things at once."""
    name = handle.removeprefix("@").lower()
    owner = table.fetch_one(records.wanted_owner(name)) if handles.is_handle(name) else ""
    if not owner:
        raise NotFound(f"Nobody is called @{name} here.")
    return owner


def people(person_ids: Iterable[str]) -> dict[str, Person]:
    """Those who exist, by id."""
    found = table.fetch(*(records.wanted(each) for each in dict.fromkeys(person_ids)))
    return {each.id: each for each in found if each}


def names(person_ids: Iterable[str]) -> dict[str, str]:
    """How each is called: by their @handle, or by the id itself where nobody has one."""
    wanted = list(dict.fromkeys(person_ids))
    known = people(each for each in wanted if each)
    handles = {each.id: f"@{each.handle}" for each in known.values() if each.handle}
    return {each: handles.get(each, each) for each in wanted}


def wanted_person(person_id: str) -> Wanted[Person | None]:
    return records.wanted(person_id)


def take_handle(handle: str, by: str, *, at: datetime, name: str = "") -> Person:
    """Give a person the handle they choose, once; again is as good as once.

    Raises Conflict when it is taken, naming some that are free (made of `name`), or when the person has one.
    """
    handle = handles.handle(handle)
    limits.spend(by, CLAIMS, at)
    try:
        records.claim_handle(by, handle, at)
    except table.Refused as refused:
        owner, me = table.fetch(records.wanted_owner(handle), records.wanted(by))
        if me and me.handle == handle:
            return me  # type: ignore[no-any-return]
        if me and me.handle:
            said = f"You are @{me.handle} already, and a handle stays as it is."
            raise Conflict(said, at="body.handle", code=4093) from refused
        if not owner:
            raise NotFound("There is no such person.") from refused
        raise _taken(handle, name or (me.name if me else "")) from refused
    return person(by)


def introduce(by: str, *, handle: str, name: str, at: datetime) -> Person:
    """Take a handle and a name together, as newcomers do; nothing is taken while either is wrong."""
    faults = [*_wrong(lambda: rules.profile(name, "", "", ())), *_wrong(lambda: handles.handle(handle))]
    if faults:
        raise Invalid(faults[0].message, faults=tuple(faults))
    me = take_handle(handle, by, at=at, name=name)
    if me.name == rules.one_line(name):
        return me
    return edit_profile(
        by, name=name, bio=me.bio, picture=me.picture, links=me.links, version=me.version, at=at
    )


def edit_profile(
    by: str, *, name: str, bio: str, picture: str, links: tuple[str, ...], version: int, at: datetime
) -> Person:
    """Change what a person says of themselves; raises LostRace, with what stands, if `version` is old."""
    wished = rules.profile(name, bio, picture, links)
    limits.spend(by, EDITS, at)
    _check_picture(wished.picture, by)
    try:
        return records.change(by, wished, version=version)
    except table.Refused as refused:
        present = person(by)
        if present.version == version + 1 and _profile_of(present) == wished:
            return present  # the same edit, whose first answer was lost
        raise LostRace(
            "Your profile was changed elsewhere meanwhile. Nothing of it was overwritten.",
            known=_known(present),
        ) from refused


def spread(event: dict[str, Any]) -> dict[str, Any]:
    """The people table's stream: whoever changed their card is to be shown so beside their stories."""
    persons = [each for each in event["Records"] if each["dynamodb"]["Keys"]["sk"]["S"] == "person"]
    return queues.each_change({"Records": persons}, _tell)


def _tell(change: Change) -> None:
    before, after = records.read(change.old), records.read(change.new)
    if before is None or after is None or not before.handle or before.card == after.card:
        return
    about = {"handle": after.handle, "name": after.card.name, "picture": after.picture}
    at = clock.rfc3339(clock.now())
    queues.tell("cards", [Fact("person.changed", after.id, after.version, at, about=about)])


def _wrong(checked: Callable[[], object]) -> tuple[Fault, ...]:
    try:
        checked()
    except Invalid as refusal:
        return refusal.faults
    return ()


def _taken(handle: str, name: str) -> Conflict:
    candidates = handles.instead_of(handle, name)
    owners = table.fetch(*(records.wanted_owner(each) for each in candidates))
    free = [each for each, owner in zip(candidates, owners, strict=True) if not owner][: handles.OFFERED_MAX]
    said = f"@{handle} is taken."
    if free:
        said += f" {_listed(free)} {'is' if len(free) == 1 else 'are'} free."
    return Conflict(said, at="body.handle", code=4092, known={"free": free})


def _listed(free: list[str]) -> str:
    names = [f"@{each}" for each in free]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _check_picture(picture: str, by: str) -> None:
    if not picture:
        return
    found = table.fetch_one(media.wanted_image(picture)) if ids.is_id(picture) else None
    if found is None or found.owner != by:
        raise Invalid("Choose a picture that you sent yourself.", at="body.picture", code=4233)


def _profile_of(person: Person) -> Profile:
    return Profile(person.name, person.bio, person.picture, person.links)


def _known(present: Person) -> dict[str, object]:
    return {
        "version": present.version,
        "name": present.name,
        "bio": present.bio,
        "picture": present.picture,
        "links": present.links,
    }
