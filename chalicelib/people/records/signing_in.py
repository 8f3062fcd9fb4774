"""Accounts by address, codes and sessions: each deed one conditional write."""

from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.people.records import person
from chalicelib.people.rules.sessions import (
    CODE_AGAIN_AFTER,
    CODE_LASTS,
    SESSION_LASTS,
    TRIES_MAX,
    Code,
    Session,
)


class AccountRecord(Record):
    """Whose address it is."""

    class Meta(Record.Meta):
        feature = "people"

    person_id = UnicodeAttribute()
    address = UnicodeAttribute()


class CodeRecord(Record):
    """The one code that an address may use now."""

    class Meta(Record.Meta):
        feature = "people"

    salt = UnicodeAttribute()
    proof = UnicodeAttribute()
    tries = NumberAttribute(default=0)
    sent = UnicodeAttribute()
    expires = NumberAttribute()


class SessionRecord(Record):
    """One browser or app that is signed in."""

    class Meta(Record.Meta):
        feature = "people"

    digest = UnicodeAttribute()
    device = UnicodeAttribute()
    era = NumberAttribute()
    created = UnicodeAttribute()
    used = UnicodeAttribute()
    expires = NumberAttribute()


@dataclass(frozen=True)
class Holder:
    """What of a person decides whether a session is good, and what it may do."""

    account: str
    era: int
    handle: str
    name: str


def put_code(code: Code) -> bool:
    """Replace the address's code; False, and nothing done, while the one before is too fresh."""
    record = CodeRecord(
        _of_address(code.account),
        "code",
        salt=code.salt,
        proof=code.proof,
        sent=clock.rfc3339(code.sent),
        expires=clock.epoch(code.expires),
    )
    replaceable = CodeRecord.pk.does_not_exist() | (
        CodeRecord.sent <= clock.rfc3339(code.sent - CODE_AGAIN_AFTER)
    )
    return record.save_if(replaceable)


def withdraw(code: Code) -> None:
    """Take back a code whose mail could not be sent, so that the next request sends another at once."""
    CodeRecord(_of_address(code.account), "code").delete_if(CodeRecord.proof == code.proof)


def wanted_code(account: str) -> Wanted[Code | None]:
    return Wanted("people", _of_address(account), "code", lambda item: _read_code(account, item))


def count_try(account: str, at: datetime) -> Code | None:
    """Count one more try and give the code to compare with; None when no code may be tried any more."""
    record = CodeRecord(_of_address(account), "code")
    may_be_tried = (CodeRecord.tries < TRIES_MAX) & (CodeRecord.sent > clock.rfc3339(at - CODE_LASTS))
    if not record.update_if(may_be_tried, [CodeRecord.tries.add(1)]):
        return None
    return Code(account, record.salt, record.proof, int(record.tries), clock.parse(record.sent))


def wanted_account(account: str) -> Wanted[str]:
    """The id of whom an address belongs to, or `""`."""
    return Wanted(
        "people", _of_address(account), "account", lambda item: str((item or {}).get("person_id", ""))
    )


def wanted_address(account: str) -> Wanted[str]:
    return Wanted(
        "people", _of_address(account), "account", lambda item: str((item or {}).get("address", ""))
    )


def spend(code: Code, session: Session, *, new_address: str, at: datetime) -> None:
    """Use the code up and begin the session it was for, and the person too when the address is new.

    Raises Refused when the code is no longer there, or the address turned out to be somebody's.
    """

    def build(transaction: TransactWrite) -> None:
        transaction.delete(
            CodeRecord(_of_address(code.account), "code"), condition=CodeRecord.proof == code.proof
        )
        transaction.save(_record_of(session), condition=SessionRecord.pk.does_not_exist())
        if new_address:
            account = AccountRecord(
                _of_address(code.account), "account", person_id=session.person_id, address=new_address
            )
            transaction.save(account, condition=AccountRecord.pk.does_not_exist())
            person.add(transaction, session.person_id, account=code.account, at=at)

    table.commit(build, token=session.digest[:36])


def wanted_session(person_id: str, session_id: str) -> Wanted[Session | None]:
    return Wanted("people", person.key(person_id), f"session#{session_id}", read_session)


def wanted_holder(person_id: str) -> Wanted[Holder | None]:
    return Wanted("people", person.key(person_id), "person", _read_holder)


def sessions(person_id: str, at_most: int) -> list[Session]:
    items, _ = table.query("people", person.key(person_id), begins="session#", limit=at_most, consistent=True)
    return [found for item in items if (found := read_session(item))]


def note_use(session: Session, at: datetime) -> None:
    """A session that was revoked meanwhile stays revoked."""
    SessionRecord(person.key(session.person_id), f"session#{session.id}").update_if(
        SessionRecord.pk.exists(),
        [
            SessionRecord.used.set(clock.rfc3339(at)),
            SessionRecord.expires.set(clock.epoch(at + SESSION_LASTS)),
        ],
    )


def end_session(person_id: str, session_id: str) -> None:
    SessionRecord(person.key(person_id), f"session#{session_id}").delete()


def read_session(item: Item | None) -> Session | None:
    if item is None:
        return None
    return Session(
        id=item["sk"].removeprefix("session#"),
        person_id=item["pk"].removeprefix("person#"),
        digest=item["digest"],
        device=item["device"],
        era=item["era"],
        created=clock.parse(item["created"]),
        used=clock.parse(item["used"]),
    )


def _read_code(account: str, item: Item | None) -> Code | None:
    if item is None:
        return None
    return Code(account, item["salt"], item["proof"], item["tries"], clock.parse(item["sent"]))


def _read_holder(item: Item | None) -> Holder | None:
    return Holder(item["account"], item["era"], item["handle"], item["name"]) if item else None


def _record_of(session: Session) -> SessionRecord:
    return SessionRecord(
        person.key(session.person_id),
        f"session#{session.id}",
        digest=session.digest,
        device=session.device,
        era=session.era,
        created=clock.rfc3339(session.created),
        used=clock.rfc3339(session.used),
        expires=clock.epoch(session.used + SESSION_LASTS),
    )


def _of_address(account: str) -> str:
    return f"address#{account}"
