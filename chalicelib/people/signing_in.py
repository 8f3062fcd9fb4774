"""Signing in by a mailed code, and the sessions that it begins.

No crash takes anything from anybody. A code is kept before it is mailed, so that no mail is out without it;
if the mail cannot be sent the code is taken back, and if we die in between, the next request after a minute
sends another. A try is counted before it is compared, so a crash can cost a try and never give one. The code
is used up, the session begun, and a new person made in one transaction: either all of it is there or nothing.
If that was done and its answer lost, the token is lost with it, since only its digest is kept; the code is
gone too, and because no fresh code stands in the way the person can ask for another at once and get in. The
session that nobody holds is listed to its owner, can be revoked, and ends by itself.
"""

import hmac
from datetime import datetime

from chalicelib.kit import ids, limits, signing, table
from chalicelib.kit.limits import Limit
from chalicelib.kit.operations import Viewer
from chalicelib.kit.refusals import Invalid, NotFound
from chalicelib.kit.requests import Credential
from chalicelib.kit.settings import settings
from chalicelib.people import letters
from chalicelib.people.addresses import account_of, checked
from chalicelib.people.records import person
from chalicelib.people.records import signing_in as records
from chalicelib.people.rules import sessions as rules
from chalicelib.people.rules.sessions import TRIES_MAX, Code, Session, SignedIn

# Enough for somebody whose mail is slow; too little to fill a stranger's mailbox.
CODES_OF_ADDRESS = Limit("codes", tokens=5, each_ms=10 * 60_000)
# An office or a mobile network may stand behind one address.
CODES_OF_SOURCE = Limit("codes", tokens=100, each_ms=30_000)
TRIES_OF_SOURCE = Limit("tries", tokens=100, each_ms=10_000)
REVOCATIONS = Limit("revocations", tokens=60, each_ms=10_000)
SESSIONS_SHOWN_MAX = 200
ID = ids.LENGTH
PURPOSE = "sign-in code"


def request_code(address: str, *, source: str, at: datetime) -> None:
    """Mail six digits, and make the former ones worthless. Answers nothing, whoever the address belongs to.

    Asked again within a minute it does nothing, for the first mail may still be under way. Nothing here looks
    at whether there is an account.
    """
    address = checked(address)
    account = account_of(address)
    limits.spend(_source(source), CODES_OF_SOURCE, at)
    former = table.fetch_one(records.wanted_code(account))
    if former and former.is_too_fresh_to_replace(at):
        return
    limits.spend(f"address#{account}", CODES_OF_ADDRESS, at)
    digits, salt = ids.six_digits(), ids.new()
    code = Code(account, salt, signing.proof(PURPOSE, f"{salt}{digits}"), tries=0, sent=at)
    if records.put_code(code):
        _mail(code, address, digits)


def sign_in(address: str, code: str, *, device: str, source: str, at: datetime) -> SignedIn:
    """Begin a session for whoever can read the address's mail; a new address becomes a person.

    Raises Invalid for a code that is wrong, used, replaced, too old, or tried five times.
    """
    address, digits = checked(address), rules.six_digits(code)
    limits.spend(_source(source), TRIES_OF_SOURCE, at)
    mailed = records.count_try(account_of(address), at)
    if mailed is None:
        raise _is_dead()
    if not signing.proves(PURPOSE, f"{mailed.salt}{digits}", mailed.proof):
        raise _is_wrong(TRIES_MAX - mailed.tries)
    person_id = table.fetch_one(records.wanted_account(mailed.account))
    is_new = not person_id
    # Salted by the code: a person's id is public, and must not tell whose address it was made of.
    person_id = person_id or ids.made_of("person", mailed.account, mailed.salt)
    token = person_id + ids.secret()
    session = _begun(token, 0 if is_new else _era(person_id), device, at)
    try:
        records.spend(mailed, session, new_address=address if is_new else "", at=at)
    except table.Refused as refused:
        # Unless it was this very write, sent twice by the network, another was faster with the same code.
        if table.fetch_one(records.wanted_session(person_id, session.id)) is None:
            raise _is_dead() from refused
    return SignedIn(token, person_id, is_new)


def viewer_of(credential: Credential, *, at: datetime) -> Viewer | None:
    """Whose the token is, by one read; None when it is nobody's or no longer good."""
    token = credential.token
    person_id, digest = token[:ID], ids.digest(token)
    if not ids.is_id(person_id):
        return None
    session, holder = table.fetch(
        records.wanted_session(person_id, _session_id(digest)), records.wanted_holder(person_id)
    )
    if session is None or holder is None or not session.is_good(holder.era, at):
        return None
    if not hmac.compare_digest(session.digest, digest):
        return None
    if session.is_use_to_note(at):
        records.note_use(session, at)
    roles = frozenset({"operator"}) if _is_operator(holder.account) else frozenset()
    return Viewer(person_id, session.id, holder.handle, holder.name, roles)


def sessions(person_id: str, *, at: datetime) -> list[Session]:
    """Where this person is signed in, last used first."""
    era = _era(person_id)
    good = [each for each in records.sessions(person_id, SESSIONS_SHOWN_MAX) if each.is_good(era, at)]
    return sorted(good, key=lambda each: each.used, reverse=True)


def revoke(session_id: str, by: str, *, at: datetime) -> None:
    """End one of one's own sessions; one that has ended already is as good as revoked."""
    if not ids.is_id(session_id):
        raise NotFound("There is no such session of yours.")
    limits.spend(by, REVOCATIONS, at)
    records.end_session(by, session_id)


def sign_out(viewer: Viewer) -> None:
    """End the session that asks. Never refused for being often: each can be ended once."""
    records.end_session(viewer.person_id, viewer.session_id)


def sign_out_everywhere(by: str, *, at: datetime) -> None:
    """End every session of this person at once, by one write."""
    limits.spend(by, REVOCATIONS, at)
    person.begin_new_era(by)


def address_of(person_id: str) -> str:
    """The mail address of a person's account; never shown to others."""
    holder = table.fetch_one(records.wanted_holder(person_id))
    return table.fetch_one(records.wanted_address(holder.account)) if holder else ""


def _mail(code: Code, address: str, digits: str) -> None:
    try:
        letters.send_code(address, digits)
    except Exception:
        records.withdraw(code)
        raise


def _begun(token: str, era: int, device: str, at: datetime) -> Session:
    digest = ids.digest(token)
    return Session(_session_id(digest), token[:ID], digest, device, era, created=at, used=at)


def _session_id(digest: str) -> str:
    return ids.made_of("session", digest)


def _era(person_id: str) -> int:
    holder = table.fetch_one(records.wanted_holder(person_id))
    if holder is None:
        raise NotFound("There is no such person.")
    return holder.era


def _is_operator(account: str) -> bool:
    """Looked up at each request, so that a role ends when the setting does."""
    return any(account == account_of(address) for address in settings().operators)


def _source(address: str) -> str:
    """A limit's key: a digest, for where somebody sits is nobody's business."""
    return f"source#{ids.made_of('source', rules.network(address))}"


def _is_wrong(tries_left: int) -> Invalid:
    left = ("No try is", "One try is", "Two tries are", "Three tries are", "Four tries are")[tries_left]
    what_next = "" if tries_left else " Ask for a new code."
    return Invalid(f"That code is not the one we sent. {left} left.{what_next}", at="body.code", code=4239)


def _is_dead() -> Invalid:
    return Invalid(
        "This code is used up, replaced by a newer one, or over ten minutes old. Ask for a new one.",
        at="body.code",
        code=4240,
    )
