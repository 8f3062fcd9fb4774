"""DynamoDB's capacity units, counted as AWS bills them, from the sizes of the items that calls really touch.

Rules and roundings are those of the developer guide, "Read and write operations" and "Item sizes": a strongly
consistent read takes a unit for each 4 KB, an eventually consistent one half of it; a write a unit for each
KB of the larger of the item before and after; inside a transaction both count twice.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

READ_BYTES, WRITE_BYTES = 4096, 1024
TWICE = 2
T = TypeVar("T")
Typed = Mapping[str, Any]


@dataclass
class Meter:
    """What was used while it watched; reads in halves, so that all are whole numbers."""

    half_reads: int = 0
    writes: int = 0
    calls: dict[str, int] = field(default_factory=dict)
    elsewhere_ns: int = 0
    """Processor time here that a cloud would not take: of an emulator in this process, and of the meter."""

    def apart(self, deed: Callable[[], T]) -> T:
        """Do it, and don't count its processor time; what is apart within what is apart counts once."""
        began, noted = time.process_time_ns(), self.elsewhere_ns
        try:
            return deed()
        finally:
            self.elsewhere_ns = noted + time.process_time_ns() - began

    def note(self, name: str, more: int = 1) -> None:
        self.calls[name] = self.calls.get(name, 0) + more


@contextmanager
def metering() -> Iterator[Meter]:
    """Meter every call to AWS made in this block."""
    from botocore.client import BaseClient
    from botocore.hooks import HierarchicalEmitter

    real, meter = BaseClient._make_api_call, Meter()
    send = HierarchicalEmitter.emit_until_response

    def call(self: Any, operation: str, asked: dict[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        meter.note(f"{service}.{operation}" if service != "sqs" else "sqs.requests")
        if service != "dynamodb":
            return real(self, operation, asked)
        look = _looking(real, self)
        before = meter.apart(lambda: _touched(operation, asked, look))
        try:
            answer = real(self, operation, asked)
        finally:
            meter.apart(lambda: _count_writes(meter, _targets(operation, asked), before, look))
        meter.apart(lambda: _count_reads(meter, operation, asked, answer))
        return answer

    def emit(self: Any, event_name: str, **more: Any) -> Any:
        if event_name.startswith("before-send"):  # where an emulator within the process answers
            return meter.apart(lambda: send(self, event_name, **more))
        return send(self, event_name, **more)

    BaseClient._make_api_call, HierarchicalEmitter.emit_until_response = call, emit
    try:
        yield meter
    finally:
        BaseClient._make_api_call, HierarchicalEmitter.emit_until_response = real, send


def bytes_of(item: Typed) -> int:
    """An item's size as DynamoDB counts it, in its own JSON."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(typed: Typed) -> int:
    ((kind, value),) = typed.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        return len(value.lstrip("-").strip("0")) // 2 + 2
    if kind == "B":
        return len(value)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_bytes(each) for name, each in value.items())
    if kind == "L":
        return 3 + sum(1 + _value_bytes(each) for each in value)
    if kind in ("SS", "NS", "BS"):
        return sum(len(each) for each in value)
    return 1


Look = Callable[[str, Typed], Typed]


def _looking(real: Callable[..., Any], client: Any) -> Look:
    """Looks at an item beside the meter."""

    def look(table: str, key: Typed) -> Typed:
        found: Typed = real(client, "GetItem", {"TableName": table, "Key": key, "ConsistentRead": True})
        item: Typed = found.get("Item", {})
        return item

    return look


Target = tuple[str, Typed, int]


def _targets(operation: str, asked: Typed) -> list[Target]:
    """Table, key and weight of each item that a call writes, or checks inside a transaction."""
    if operation == "TransactWriteItems":
        return [
            (each["TableName"], _key(each.get("Key") or each["Item"]), TWICE)
            for wish in asked["TransactItems"]
            for each in wish.values()
        ]
    if operation == "BatchWriteItem":
        return [
            (table, _key(each.get("Key") or each["Item"]), 1)
            for table, wishes in asked["RequestItems"].items()
            for wish in wishes
            for each in wish.values()
        ]
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        return [(asked["TableName"], _key(asked.get("Key") or asked["Item"]), 1)]
    return []


def _key(item: Typed) -> Typed:
    return {"pk": item["pk"], "sk": item["sk"]}


def _touched(operation: str, asked: Typed, look: Look) -> list[int]:
    return [bytes_of(look(table, key)) for table, key, _ in _targets(operation, asked)]


def _count_writes(meter: Meter, targets: list[Target], before: list[int], look: Look) -> None:
    for (table, key, weight), old in zip(targets, before, strict=True):
        size = max(old, bytes_of(look(table, key)), 1)
        meter.writes += -(-size // WRITE_BYTES) * weight


def _count_reads(meter: Meter, operation: str, asked: Typed, answer: Typed) -> None:
    if operation == "GetItem":
        meter.half_reads += _read(bytes_of(answer.get("Item", {})), asked.get("ConsistentRead"))
    elif operation == "Query":
        meter.half_reads += _read(sum(map(bytes_of, answer["Items"])), asked.get("ConsistentRead"))
    elif operation == "BatchGetItem":
        for table, wish in asked["RequestItems"].items():
            found = answer["Responses"].get(table, [])
            absent = len(wish["Keys"]) - len(found)
            sizes = [*map(bytes_of, found), *[0] * absent]
            meter.half_reads += sum(_read(size, wish.get("ConsistentRead")) for size in sizes)


def _read(size: int, consistent: object) -> int:
    return max(1, -(-size // READ_BYTES)) * (2 if consistent else 1)
