"""What ledger.html is given: the accounts and what they hold, entries in words, how all of it is sealed."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from chalicelib.earnings.books import auditing
from chalicelib.earnings.books.auditing import Seals
from chalicelib.earnings.books.ledger import Group
from chalicelib.earnings.rules.seals import Posted
from chalicelib.kit import clock
from chalicelib.web import filters

HELD = {
    "stripe": "At Stripe",
    "bank": "At the bank",
    "disputed": "Taken until a dispute is decided",
    "fees": "Stripe’s fees",
    "loss": "Losses",
}
OWED = {
    "tax:payable": "Taxes",
    "withheld:*": "Withheld for tax authorities",
    "dues:deferred": "Dues not recognised yet",
    "credit:*": "Members’ credit",
    "carried:*": "Carried by members",
    "held:*": "Held for partners",
    "partner:*": "Owed to partners",
    "commons": "The commons",
    "platform": "The site’s own share",
}
MONTHS_LISTED = 24


def accounts(groups: Iterable[Group], month: str) -> list[dict[str, Any]]:
    """First what is held, then what is owed; an account that nothing ever moved is left out."""
    found = {group.name: group for group in groups}
    listed = []
    for words in (HELD, OWED):
        rows = [_account(found[name], says, month) for name, says in words.items() if name in found]
        listed.append({"says": "Held" if words is HELD else "Owed, and so below nothing", "rows": rows})
    return [each for each in listed if each["rows"]]


def months(known: Iterable[str], shown: str, present: str) -> list[dict[str, Any]]:
    names = sorted({*known, shown, present}, reverse=True)[:MONTHS_LISTED]
    return [{"month": name, "current": name == shown} for name in names]


def entries(found: Iterable[Posted], month: str) -> list[dict[str, Any]]:
    return [
        {
            "id": each.id,
            "url": _address(month=month, entry=each.id),
            "at": _moment(each.at),
            "means": auditing.means(each),
            "lines": [
                {"account": account, "url": _address(month=month, account=account), "micros": micros}
                for account, micros in auditing.lines(each)
            ],
        }
        for each in found
    ]


def older(month: str, account: str, cursor: str) -> str:
    """Where the list goes on; "" at its end."""
    return _address(month=month, account=account, cursor=cursor) if cursor else ""


def seals(found: Seals) -> dict[str, Any]:
    newest, proven = found.newest, found.proven
    return {
        "sealed": _moment(newest.at) if newest else None,
        "number": newest.number if newest else 0,
        "root": newest.root if newest else "",
        "proven": _moment(proven.at) if proven else None,
        "entries": proven.entries if proven else 0,
        "faults": proven.faults if proven else 0,
    }


def says(month: str, account: str, entry: str) -> str:
    """What the list below is of."""
    if entry:
        return "One entry, by its id."
    posted = f"Posted in {filters.month(month)}"
    return f"{posted}, of the account {account}." if account else f"{posted}."


def _account(group: Group, says: str, month: str) -> dict[str, Any]:
    is_shared = not group.name.endswith(":*")
    return {
        "says": says,
        "account": group.name if is_shared else "",
        "count": group.accounts,
        "micros": group.micros,
        "url": _address(month=month, account=group.name) if is_shared else "",
    }


def _address(**asked: str) -> str:
    return f"/console/ledger?{urlencode({name: said for name, said in asked.items() if said})}#entries"


def _moment(at: str) -> Any:
    """None of a time that cannot be read, which only a damaged entry has."""
    try:
        return clock.parse(at)
    except ValueError:
        return None
