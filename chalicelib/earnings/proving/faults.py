"""What a proof finds: which thing is not as it has to be, and what was expected of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.earnings.rules.ledger import kind_of
from chalicelib.earnings.rules.seals import Posted, lines_of

# Far beyond all money, and within what a database's whole number holds when many are summed.
MICROS_MAX = 10**15


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that was changed, is missing, or should not be there."""

    what: str
    """An entry's id, or the name of a balance, a batch, a link or a month."""
    says: str
    account: str = ""
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        about = f"{self.account}: " if self.account else ""
        figures = f" ({about}expected {self.expected}, found {self.found})" if self.expected else ""
        return f"{self.what}: {self.says}{figures}"


def unlike(expected: Posted, found: Posted, says: str) -> Iterator[Fault]:
    """Where two copies of an entry differ: account by account, or in their time, or to the letter alone."""
    named = 0
    for account, (right, wrong) in _differing(_amounts(expected), _amounts(found)).items():
        named += 1
        yield Fault(expected.id, says, account, right, wrong)
    if expected.at != found.at:
        named += 1
        yield Fault(expected.id, says, "posted at", expected.at, found.at)
    if not named and expected.lines != found.lines:
        yield Fault(expected.id, says, "lines", expected.lines, found.lines)


def unlawful(posted: Posted) -> str:
    """Why this is no entry of the ledger; "" when it is one."""
    try:
        entry = posted.entry()
    except ValueError as error:
        return str(error)
    if any(abs(micros) > MICROS_MAX for _, micros in entry.lines):
        return "moves more money than there is"
    return "" if kind_of(posted.id) else "is of no kind that the ledger has"


def _amounts(posted: Posted) -> dict[str, int]:
    try:
        return dict(lines_of(posted.lines))
    except ValueError:
        return {}


def _differing(expected: dict[str, int], found: dict[str, int]) -> dict[str, tuple[str, str]]:
    return {
        account: (str(expected.get(account, 0)), str(found.get(account, 0)))
        for account in sorted(expected.keys() | found.keys())
        if expected.get(account, 0) != found.get(account, 0)
    }
