"""DynamoDB in memory, exact in what we ask of it: items by their two keys, and its every refusal."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.simulator.expressions import (
    Invalid,
    Item,
    Names,
    Typed,
    Values,
    condition,
    found_at,
    number,
    number_of,
    operand,
    path_of,
)
from infra.simulator.grammar import Tree, Unknown, condition_tree, update_tree

Asked = Mapping[str, Any]
Answer = dict[str, Any]
Key = tuple[str, str]
SETS = ("SS", "NS", "BS")


class Held(Exception):
    """A condition did not hold; `old` is what stood there."""

    def __init__(self, old: Item | None) -> None:
        super().__init__("The conditional request failed")
        self.old = old


@dataclass
class Table:
    """Items by partition, and each partition's sort keys in their order."""

    name: str
    parts: dict[str, dict[str, Item]] = field(default_factory=dict)
    order: dict[str, list[str]] = field(default_factory=dict)

    def get(self, key: Key) -> Item | None:
        part = self.parts.get(key[0])
        return part.get(key[1]) if part else None

    def put(self, key: Key, item: Item) -> None:
        part = self.parts.setdefault(key[0], {})
        if key[1] not in part:
            insort(self.order.setdefault(key[0], []), key[1])
        part[key[1]] = item

    def drop(self, key: Key) -> None:
        if self.parts.get(key[0], {}).pop(key[1], None) is not None:
            self.order[key[0]].remove(key[1])

    def items(self) -> Iterator[Item]:
        for part in self.parts.values():
            yield from part.values()


def key_of(thing: Mapping[str, Typed]) -> Key:
    """Keys are texts in all our tables."""
    pk, sk = thing["pk"]["S"], thing["sk"]["S"]
    if not pk or not sk:
        raise Invalid(
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            f"cannot contain an empty string value. Key: {'sk' if pk else 'pk'}"
        )
    return pk, sk


def check(asked: Asked, old: Item | None) -> None:
    """Raises Held where the condition that was asked does not hold."""
    text = asked.get("ConditionExpression")
    if text and not condition(text)(old or {}, _names(asked), _values(asked)):
        raise Held(old)


def updated(asked: Asked, old: Item | None) -> Item:
    """The item after an update: every operand is read from what stood before."""
    names, before = _names(asked), old or dict(asked["Key"])
    after = dict(before)
    for clause, assignments in update_tree(asked["UpdateExpression"]).items():
        for each in assignments:
            path = path_of(each[0], names)
            if path[0] in ("pk", "sk"):
                raise Invalid(f"Cannot update attribute {path[0]}. This attribute is part of the key")
            _assign(after, path, _changed(clause, each, before, asked))
    return after


def page(table: Table, asked: Asked) -> Answer:
    """What Query answers: a page of a partition, in the order of its sort keys."""
    pk, low, high = _span(condition_tree(asked["KeyConditionExpression"]), _names(asked), _values(asked))
    keys = table.order.get(pk, [])
    first = bisect_left(keys, low)
    last = len(keys) if high is None else bisect_right(keys, high)
    forward, start = asked.get("ScanIndexForward", True), asked.get("ExclusiveStartKey")
    if start:
        place = start["sk"]["S"]
        if place < low or (high is not None and place > high):
            raise Invalid(
                "The provided starting key is outside query boundaries based on provided conditions"
            )
        first, last = (
            (max(first, bisect_right(keys, place)), last)
            if forward
            else (first, min(last, bisect_left(keys, place)))
        )
    chosen = keys[first:last] if forward else keys[first:last][::-1]
    limit = asked.get("Limit")
    answer: Answer = {}
    if limit and len(chosen) >= limit:
        chosen = chosen[:limit]
        answer["LastEvaluatedKey"] = {"pk": {"S": pk}, "sk": {"S": chosen[-1]}}
    found = [table.parts[pk][each] for each in chosen]
    return {"Items": found, "Count": len(found), "ScannedCount": len(found)} | answer


def filtered(table: Table, asked: Asked) -> list[Item]:
    """All that a scan finds, in one page."""
    text = asked.get("FilterExpression")
    wanted = condition(text) if text else None
    names, values = _names(asked), _values(asked)
    return [each for each in table.items() if not wanted or wanted(each, names, values)]


def changed_part(before: Item, after: Item, names: Iterable[str]) -> Item:
    """Of `after` the attributes of these names: what UPDATED_OLD and UPDATED_NEW tell."""
    return {name: after[name] for name in names if name in after}


def touched(asked: Asked) -> list[str]:
    trees = update_tree(asked["UpdateExpression"])
    return [path_of(each[0], _names(asked))[0] for assigned in trees.values() for each in assigned]


def _span(tree: Tree, names: Names, values: Values) -> tuple[str, str, str | None]:
    """The partition, and the sort keys from and to which it is asked for."""
    own, rest = (tree[1], tree[2]) if tree[0] == "and" else (tree, None)
    if own[0] != "=" or path_of(own[1], names) != ("pk",):
        raise Unknown(f"the key condition {tree}")
    pk = values[own[2][1]]["S"]
    if rest is None:
        return pk, "", None
    if path_of(rest[1], names) != ("sk",):
        raise Unknown(f"the key condition {tree}")
    texts = [values[each[1]]["S"] for each in rest[2:]]
    if rest[0] == "begins_with":
        return pk, texts[0], texts[0] + chr(0x10FFFF)
    if rest[0] == "between":
        return pk, texts[0], texts[1]
    if rest[0] == "=":
        return pk, texts[0], texts[0]
    raise Unknown(f"the key condition {tree}")


def _changed(clause: str, each: Tree, before: Item, asked: Asked) -> Typed | None:
    """What becomes of one attribute; None where it goes."""
    names, values = _names(asked), _values(asked)
    if clause == "REMOVE":
        return None
    if clause == "SET":
        found = operand(each[1], before, names, values)
        if found is None:
            raise Invalid("The provided expression refers to an attribute that does not exist in the item")
        return found
    known = found_at(before, path_of(each[0], names))
    given = operand(each[1], before, names, values)
    if given is None:
        raise Unknown(f"{clause} of an attribute")
    return _added(known, given) if clause == "ADD" else _taken(known, given)


def _added(known: Typed | None, given: Typed) -> Typed:
    ((kind, value),) = given.items()
    if kind == "N":
        return number((number_of(known) if known else 0) + int(value))
    if kind not in SETS or (known is not None and kind not in known):
        raise Invalid("Type mismatch for attribute to update")
    return {kind: sorted({*(known[kind] if known else ()), *value})}


def _taken(known: Typed | None, given: Typed) -> Typed | None:
    ((kind, value),) = given.items()
    if kind not in SETS:
        raise Invalid("Type mismatch for attribute to update")
    left = sorted(set(known[kind]) - set(value)) if known else []
    return {kind: left} if left else None


def _assign(item: Item, path: tuple[str, ...], value: Typed | None) -> None:
    if len(path) > 1:
        inner = item.get(path[0])
        if inner is None or "M" not in inner:
            raise Invalid("The document path provided in the update expression is invalid for update")
        fields = dict(inner["M"])
        _assign(fields, path[1:], value)
        item[path[0]] = {"M": fields}
    elif value is None:
        item.pop(path[0], None)
    else:
        item[path[0]] = value


def _names(asked: Asked) -> Names:
    return asked.get("ExpressionAttributeNames") or {}


def _values(asked: Asked) -> Values:
    return asked.get("ExpressionAttributeValues") or {}
