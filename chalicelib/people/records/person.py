"""Persons and their handles: kept, found, and changed under conditions."""

from datetime import datetime

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.people.rules import Person, Profile


class PersonRecord(Record):
    """One person."""

    class Meta(Record.Meta):
        feature = "people"

    handle = UnicodeAttribute(default="")
    name = UnicodeAttribute(default="")
    bio = UnicodeAttribute(default="")
    picture = UnicodeAttribute(default="")
    links = ListAttribute[str](default=list)
    created = UnicodeAttribute()
    version = NumberAttribute(default=1)
    account = UnicodeAttribute()
    era = NumberAttribute(default=0)


class HandleRecord(Record):
    """A handle that belongs to somebody."""

    class Meta(Record.Meta):
        feature = "people"

    person_id = UnicodeAttribute()
    created = UnicodeAttribute()


def key(person_id: str) -> str:
    return f"person#{person_id}"


def add(transaction: TransactWrite, person_id: str, *, account: str, at: datetime) -> None:
    record = PersonRecord(key(person_id), "person", account=account, created=clock.rfc3339(at))
    transaction.save(record, condition=PersonRecord.pk.does_not_exist())


def wanted(person_id: str) -> Wanted[Person | None]:
    return Wanted("people", key(person_id), "person", read)


def wanted_owner(handle: str) -> Wanted[str]:
    """The id of whom a handle belongs to, or `""`."""
    return Wanted("people", f"handle#{handle}", "handle", lambda item: str((item or {}).get("person_id", "")))


def read(item: Item | None) -> Person | None:
    """A person as the table and its stream have them."""
    if item is None:
        return None
    return Person(
        id=item["pk"].removeprefix("person#"),
        handle=item["handle"],
        name=item["name"],
        bio=item["bio"],
        picture=item["picture"],
        links=tuple(item["links"]),
        created=item["created"],
        version=item["version"],
    )


def claim_handle(person_id: str, handle: str, at: datetime) -> None:
    """Give a free handle to a person without one. Raises Refused: reason 1 is the handle, 2 the person."""

    def build(transaction: TransactWrite) -> None:
        record = HandleRecord(f"handle#{handle}", "handle", person_id=person_id, created=clock.rfc3339(at))
        transaction.save(record, condition=HandleRecord.pk.does_not_exist())
        transaction.update(
            PersonRecord(key(person_id), "person"),
            actions=[PersonRecord.handle.set(handle), PersonRecord.version.add(1)],
            condition=PersonRecord.pk.exists() & (PersonRecord.handle == ""),
        )

    table.commit(build)


def change(person_id: str, profile: Profile, *, version: int) -> Person:
    """Raises Refused when this is no longer the person's version."""
    record = PersonRecord(key(person_id), "person")
    if not record.update_if(
        PersonRecord.version == version,
        [
            PersonRecord.name.set(profile.name),
            PersonRecord.bio.set(profile.bio),
            PersonRecord.picture.set(profile.picture),
            PersonRecord.links.set(list(profile.links)),
            PersonRecord.version.add(1),
        ],
    ):
        raise table.Refused(["ConditionalCheckFailed"])
    return Person(
        person_id, record.handle, record.name, record.bio, record.picture, profile.links, record.created,
        int(record.version),
    )  # fmt: skip


def begin_new_era(person_id: str) -> None:
    """From this write on, every session that began before it is nobody's."""
    PersonRecord(key(person_id), "person").update(
        actions=[PersonRecord.era.add(1)], condition=PersonRecord.pk.exists()
    )
