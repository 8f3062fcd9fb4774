"""What the ledger's pages are given: sums and accounts, entries in words, how all of it is sealed."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from chalicelib.earnings.books import auditing
from chalicelib.earnings.books.auditing import Seals
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
ACCOUNTS = "/console/ledger/accounts"


def accounts(sums: Mapping[str, int], month: str) -> list[dict[str, Any]]:
    """First what is held, then what is owed; a kind of account that nothing ever moved is left out."""
    listed = []
    for words in (HELD, OWED):
        rows = [_kind(name, says, sums[name], month) for name, says in words.items() if name in sums]
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


def older(asked: Any, month: str, cursor: str) -> str:
    """Where the list goes on; "" at its end."""
    if not cursor:
        return ""
    return _address(month=month, account=asked.account, begins=asked.begins, cursor=cursor)


def listed(found: Iterable[tuple[str, int]], month: str) -> list[dict[str, Any]]:
    """Accounts by name, each with the way to its entries of this month."""
    return [
        {"account": name, "micros": micros, "url": _address(month=month, account=name)}
        for name, micros in found
    ]


def further(begins: str, cursor: str) -> str:
    """Where the list of accounts goes on; "" at its end."""
    return f"{ACCOUNTS}?{urlencode({'begins': begins, 'cursor': cursor})}" if cursor else ""


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


def _kind(name: str, says: str, micros: int, month: str) -> dict[str, Any]:
    """A shared account leads to its entries, a kind of many to the list of them."""
    begins = name.removesuffix("*")
    of_many = f"{ACCOUNTS}?{urlencode({'begins': begins})}"
    url = of_many if begins != name else _address(month=month, account=name)
    return {"says": says, "micros": micros, "url": url}


def _address(**asked: str) -> str:
    return f"/console/ledger?{urlencode({name: said for name, said in asked.items() if said})}#entries"


def _moment(at: str) -> Any:
    """None of a time that cannot be read, which only a damaged entry has."""
    try:
        return clock.parse(at)
    except ValueError:
        return None
