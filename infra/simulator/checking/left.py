"""What a history leaves behind: items as plain values, the frozen files, and all that Stripe knows."""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

Item = dict[str, Any]
Lines = dict[str, int]
CENT = 10_000  # micros
GRACE = timedelta(hours=48)
HOLD = timedelta(days=60)


@dataclass(frozen=True)
class Left:
    """Read once, after a history's end."""

    earnings: list[Item]
    members: list[Item]
    files: Mapping[str, bytes]
    stripe: Mapping[str, list[dict[str, Any]]]
    now: datetime
    messages: list[str] = field(default_factory=list)
    """What still lies in a queue."""

    def of(self, begins: str) -> Iterator[Item]:
        """Items of the earnings table by how their partition's name begins."""
        return (each for each in self.earnings if each["pk"].startswith(begins))

    def things(self, kind: str) -> list[dict[str, Any]]:
        return self.stripe.get(kind, [])

    @cached_property
    def entries(self) -> dict[str, Lines]:
        """By id."""
        found = {}
        for each in self.of("entry#"):
            lines = json.loads(each["lines"])
            found[each["pk"].removeprefix("entry#")] = {account: int(micros) for account, micros in lines}
        return found

    @cached_property
    def posted_at(self) -> dict[str, str]:
        """When each entry was posted."""
        return {each["pk"].removeprefix("entry#"): str(each["at"]) for each in self.of("entry#")}

    @cached_property
    def balances(self) -> Counter[str]:
        """As they are kept, all parts of a shared account together."""
        found: Counter[str] = Counter()
        for each in self.of("balances#"):
            found[each["sk"]] += each["micros"]
        return found

    @cached_property
    def months(self) -> dict[str, Item]:
        return {each["sk"]: each for each in sorted(self.of("months"), key=lambda each: str(each["sk"]))}

    @cached_property
    def closed(self) -> list[str]:
        return [name for name, each in self.months.items() if each.get("closed_at")]

    @cached_property
    def lines(self) -> dict[str, list[Item]]:
        """What each invoice brings in, as members keep it."""
        found: dict[str, list[Item]] = defaultdict(list)
        for each in self.members:
            if each["pk"].startswith("invoice#") and each["sk"] == "lines":
                found[each["invoice"]] += json.loads(each["lines"])
        return found

    @cached_property
    def returned(self) -> dict[str, list[Item]]:
        """By invoice what went back: each thing that happened, once."""
        found: dict[str, list[Item]] = defaultdict(list)
        for each in self.members:
            if each["pk"].startswith("invoice#") and each["sk"].startswith("back#"):
                found[each["invoice"]].append(each)
        return found

    @cached_property
    def paid_by(self) -> dict[str, str]:
        """By invoice the payment that paid it."""
        return {
            each["invoice"]: each["payment"]["payment_intent"]
            for each in self.things("invoice_payment")
            if each["status"] == "paid"
        }

    def with_us(self, invoice: str, *, or_tried: bool = False) -> int:
        """Cents of this invoice that neither went back (or were tried to) nor lie with a bank."""
        intent = self.paid_by.get(invoice, "")
        charged = sum(
            e["amount"] for e in self.things("charge") if e["payment_intent"] == intent and e["paid"]
        )
        back = sum(
            each["amount"]
            for each in self.things("refund")
            if each["payment_intent"] == intent and (or_tried or each["status"] in ("succeeded", "pending"))
        )
        taken = sum(each["amount"] for each in self.disputes_of(invoice) if each["status"] != "won")
        return max(charged - back - taken, 0) if intent else 0

    def disputes_of(self, invoice: str) -> list[dict[str, Any]]:
        intent = self.paid_by.get(invoice, "")
        return [each for each in self.things("dispute") if intent and each["payment_intent"] == intent]

    def frozen(self, month: str) -> dict[str, Any]:
        """The file from which a month was computed, whether it lies in one piece or in parts."""
        file: dict[str, Any] = json.loads(self.files[self.months[month]["inputs"]])
        if "parts" not in file:
            return file
        parts = [json.loads(gzip.decompress(self.files[each["key"]])) for each in file["parts"]]
        stories = {each["id"]: each for part in parts for each in part["stories"]}
        lists = {
            kind: [each for part in parts for each in part[kind]]
            for kind in ("members", "readings", "engagements")
        }
        head = {name: file[name] for name in ("month", "currency", "policy")}
        return head | lists | {"stories": list(stories.values())}


def read(
    tables: Mapping[str, list[Item]],
    files: Mapping[str, bytes],
    stripe: Mapping[str, dict[str, Any]],
    *,
    now: datetime,
    messages: list[str],
) -> Left:
    """`tables` by feature, as DynamoDB writes items; `stripe` its objects by kind and id."""
    return Left(
        [_plain(each) for each in tables["earnings"]],
        [_plain(each) for each in tables["members"]],
        files,
        {kind: list(things.values()) for kind, things in stripe.items()},
        now,
        messages,
    )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def first_day(month: str) -> datetime:
    return datetime.fromisoformat(f"{month}-01T00:00:00+00:00")


def after(month: str) -> str:
    return f"{first_day(month) + timedelta(days=32):%Y-%m}"


def before(month: str) -> str:
    return f"{first_day(month) - timedelta(days=1):%Y-%m}"


def cut_off(month: str) -> datetime:
    return first_day(after(month)) + GRACE


def first_open(recorded: datetime) -> str:
    """The first month whose cut-off had not passed."""
    month = f"{recorded:%Y-%m}"
    return before(month) if recorded < cut_off(before(month)) else month


def _plain(item: Mapping[str, Mapping[str, Any]]) -> Item:
    return {name: _value(*next(iter(typed.items()))) for name, typed in item.items()}


def _value(kind: str, value: Any) -> Any:
    if kind == "N":
        return int(value)
    if kind == "M":
        return _plain(value)
    return [_value(*next(iter(each.items()))) for each in value] if kind == "L" else value
