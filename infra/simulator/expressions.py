"""What DynamoDB's expressions come to, for an item: conditions as functions, operands as values."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from infra.simulator.grammar import Tree, Unknown, condition_tree

Typed = Mapping[str, Any]
"""One value as DynamoDB writes it: `{"S": "text"}`."""
Item = dict[str, Any]
Names = Mapping[str, str]
Values = Mapping[str, Typed]
Test = Callable[[Item, Names, Values], bool]
ORDERED = ("S", "N", "B")


class Invalid(Exception):
    """What DynamoDB answers with a ValidationException."""


@cache
def condition(text: str) -> Test:
    """Whether an item, `{}` where there is none, meets the condition."""
    return _test(condition_tree(text))


def path_of(tree: Tree, names: Names) -> tuple[str, ...]:
    if tree[0] != "path":
        raise Unknown(f"{tree} is no attribute")
    return tuple(names[each] if each.startswith("#") else each for each in tree[1])


def found_at(item: Item, path: tuple[str, ...]) -> Typed | None:
    found: Any = item.get(path[0])
    for name in path[1:]:
        found = found.get("M", {}).get(name) if found is not None else None
    return found  # type: ignore[no-any-return]


def operand(tree: Tree, item: Item, names: Names, values: Values) -> Typed | None:
    """What an operand comes to; None where an attribute is not there."""
    if tree[0] == "value":
        return values[tree[1]]
    if tree[0] == "path":
        return found_at(item, path_of(tree, names))
    if tree[0] == "if_not_exists":
        known = operand(tree[1], item, names, values)
        return known if known is not None else operand(tree[2], item, names, values)
    if tree[0] in ("+", "-"):
        left, right = (operand(each, item, names, values) for each in tree[1:])
        if left is None or right is None:
            raise Invalid("The provided expression refers to an attribute that does not exist in the item")
        return number(number_of(left) + (number_of(right) if tree[0] == "+" else -number_of(right)))
    raise Unknown(f"the operand {tree}")


def number(value: int) -> Typed:
    return {"N": str(value)}


def number_of(typed: Typed) -> int:
    """Money and counts are whole: what is not is refused."""
    if "N" not in typed:
        raise Invalid("An operand in the update expression has an incorrect data type")
    return int(typed["N"])


def same(left: Typed, right: Typed) -> bool:
    ((kind, one),), ((other_kind, other),) = left.items(), right.items()
    if kind != other_kind:
        return False
    if kind == "N":
        return int(one) == int(other)
    if kind in ("SS", "NS", "BS"):
        return set(one) == set(other)
    return bool(one == other)


def less(left: Typed, right: Typed) -> bool:
    """Values of two kinds have no order: DynamoDB says no."""
    ((kind, one),), ((other_kind, other),) = left.items(), right.items()
    if kind != other_kind or kind not in ORDERED:
        return False
    return int(one) < int(other) if kind == "N" else bool(one < other)


def _test(tree: Tree) -> Test:
    kind = tree[0]
    if kind in ("and", "or"):
        left, right = _test(tree[1]), _test(tree[2])
        if kind == "and":
            return lambda item, names, values: left(item, names, values) and right(item, names, values)
        return lambda item, names, values: left(item, names, values) or right(item, names, values)
    if kind == "not":
        inner = _test(tree[1])
        return lambda item, names, values: not inner(item, names, values)
    if kind in ("attribute_exists", "attribute_not_exists"):
        path, wanted = tree[1], kind == "attribute_exists"
        return lambda item, names, values: (found_at(item, path_of(path, names)) is not None) == wanted
    terms, compare = tree[1:], COMPARISONS[kind]

    def test(item: Item, names: Names, values: Values) -> bool:
        found = [operand(each, item, names, values) for each in terms]
        if None in found:
            return kind == "<>" and found != [None, None]
        return compare(*found)

    return test


def _begins(value: Typed, prefix: Typed) -> bool:
    return "S" in value and bool(value["S"].startswith(prefix["S"]))


def _contains(value: Typed, part: Typed) -> bool:
    if "S" in value:
        return "S" in part and part["S"] in value["S"]
    ((kind, members),), ((part_kind, one),) = value.items(), part.items()
    return kind == f"{part_kind}S" and one in members


COMPARISONS: dict[str, Callable[..., bool]] = {
    "=": same,
    "<>": lambda left, right: not same(left, right),
    "<": less,
    ">": lambda left, right: less(right, left),
    "<=": lambda left, right: less(left, right) or same(left, right),
    ">=": lambda left, right: less(right, left) or same(left, right),
    "between": lambda value, low, high: not less(value, low) and not less(high, value),
    "in": lambda value, *choices: any(same(value, each) for each in choices),
    "begins_with": _begins,
    "contains": _contains,
}
